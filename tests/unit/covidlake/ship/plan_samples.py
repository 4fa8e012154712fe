"""Change sets in the shapes of AWS's answers, and bundles to plan with."""

import hashlib
import json
from pathlib import Path
from typing import Any

from covidlake.bundle.manifest import Bundle
from covidlake.environment.environment_file import Environment
from covidlake.ship.plan import builder
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.stack_inputs import StackInputs

NAME = "covid-lake-dev"


def make_bundle(folder: Path, template: dict[str, Any]) -> Bundle:
    text = json.dumps(template)
    (folder / "template.json").write_text(text)
    return Bundle(folder, {"template.json": hashlib.sha256(text.encode()).hexdigest()})


def inputs_of(bundle: Bundle, tags: dict[str, str] | None = None) -> StackInputs:
    """The bundle for an environment `dev` whose file the bundle need not hold."""
    return StackInputs(Environment("dev", bundle.environments / "dev.yaml", {}, tags or {}), bundle)


def context(**properties: Any) -> str:
    return json.dumps({"Properties": properties})


def detail(name: str, recreation: str = "Never", **more: Any) -> dict[str, Any]:
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    target |= {key: more.pop(key) for key in ("Path", "BeforeValue", "AfterValue") if key in more}
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification", **more}


def change(logical_id: str, kind: str, action: str = "Modify", **more: Any) -> dict[str, Any]:
    given = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind, **more}
    if action == "Modify":
        given = {"Replacement": "False", "Scope": ["Properties"], "Details": [], **given}
    return {"Type": "Resource", "ResourceChange": given}


def previous(parameters: dict[str, str], tags: dict[str, str]) -> Any:
    return {
        "StackName": NAME,
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def plan_of(
    folder: Path,
    *changes: dict[str, Any],
    template: dict[str, Any] | None = None,
    parameters: tuple[dict[str, str], dict[str, str]] = ({}, {}),
    tags: tuple[dict[str, str], dict[str, str]] = ({}, {}),
) -> Plan:
    """The plan of an update; parameters and tags are given as before and after."""
    created = ChangeSet(
        NAME,
        "plan-1",
        "UPDATE",
        list(changes),  # type: ignore[arg-type]
        parameters[1],
        tags[1],
        previous(parameters[0], tags[0]),
    )
    return builder.build(created, inputs_of(make_bundle(folder, template or {})))


def own_tags(digest: str) -> dict[str, str]:
    """The tags that older stacks have, of which the next deploy takes each away."""
    return {"covidlake:bundle": digest, "covidlake:commit": f"commit of {digest}"}
