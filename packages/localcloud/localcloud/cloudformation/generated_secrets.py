"""AWS::SecretsManager::Secret: GenerateSecretString does what it says, and a reference is the ARN."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from localcloud import plugin

Properties = Mapping[str, Any]
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type
_SHAPING = {
    *("ExcludeCharacters", "ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase"),
    *("IncludeSpace", "PasswordLength", "RequireEachIncludedType"),
}


def install(handlers: MutableMapping[str, MutableMapping[str, Any]]) -> None:
    """Make passwords by the service's own GetRandomPassword."""
    from ministack.services import secretsmanager
    from ministack.services.cloudformation import provisioners

    plugin.require(secretsmanager, "_get_random_password", ["data"])
    plugin.require(secretsmanager, "_resolve", ["secret_id"])
    plugin.require(provisioners, "_sm_secret_string", ["props"])
    provisioners._sm_secret_string = secret_string
    handler = handlers[SECRET]
    handler["create"] = _by_arn(handler["create"])
    handler["update"] = _updating(handler["update"])
    handler["delete"] = _deleting(handler["delete"])


def secret_string(properties: Properties) -> str:
    """The value of a new secret. Raises `ValueError` for one that cannot be made."""
    given, how = properties.get("SecretString"), properties.get("GenerateSecretString")
    if given and how is not None:
        raise ValueError("SecretString and GenerateSecretString cannot both be specified")
    if how is None:
        return str(given or "")
    from ministack.services import secretsmanager

    request = {name: _typed(how[name]) for name in _SHAPING if name in how}
    status, _, body = secretsmanager._get_random_password(request)
    answer = json.loads(body)
    if status >= 400:
        raise ValueError(f"{answer.get('message', answer)} (Service: SecretsManager, Status Code: {status})")
    password = str(answer["RandomPassword"])
    template, key = how.get("SecretStringTemplate"), how.get("GenerateStringKey")
    if (template is None) != (key is None):
        raise ValueError("SecretStringTemplate and GenerateStringKey must be specified together")
    if template is None:
        return password
    try:
        return json.dumps({**json.loads(template), key: password})
    except (ValueError, TypeError) as error:
        raise ValueError(f"Could not parse SecretStringTemplate JSON: {error}") from error


def _typed(value: Any) -> Any:
    """A parameter of the template arrives as text."""
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    return int(value) if str(value).isdigit() else value


def _by_arn(create: Callable[..., Any]) -> Callable[..., Any]:
    def created(logical_id: str, properties: Properties, stack_name: str) -> Any:
        _, attributes = create(logical_id, properties, stack_name)
        return attributes["Arn"], attributes

    return created


def _updating(update: Callable[..., Any]) -> Callable[..., Any]:
    def updated(physical_id: str, *rest: Any, **named: Any) -> Any:
        _, attributes = update(_name(physical_id), *rest, **named)
        return attributes["Arn"], attributes

    return updated


def _deleting(delete: Callable[..., Any]) -> Callable[..., Any]:
    def deleted(physical_id: str, properties: Properties) -> None:
        delete(_name(physical_id), properties)

    return deleted


def _name(arn: str) -> str:
    """The name that ministack keeps a secret by."""
    from ministack.services import secretsmanager

    name, secret = secretsmanager._resolve(arn)
    return str(name) if secret else arn
