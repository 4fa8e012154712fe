"""What Secrets Manager refuses as the name of a secret; ministack takes any."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud import plugin
from localcloud.plugin import stacks

_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]+")
_LONGEST = 512
_CHARACTERS = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
)


def install(_app: Any) -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import secretsmanager

    create = plugin.require(secretsmanager, "_create_secret", ["data"])

    def created(data: Mapping[str, Any]) -> Any:
        wrong = name_problem(str(data.get("Name") or ""))
        return error_response_json("ValidationException", wrong, 400) if wrong else create(data)

    secretsmanager._create_secret = created
    stacks.look_at("AWS::SecretsManager::Secret", lambda given: name_problem(str(given.get("Name") or "")))


def name_problem(name: str) -> str:
    """What is wrong with a name, or nothing; ministack refuses an absent one."""
    if len(name) > _LONGEST:
        return (
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_LONGEST}"
        )
    return _CHARACTERS if name and not _NAME.fullmatch(name) else ""
