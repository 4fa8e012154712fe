"""Every statement of every policy: its actions exist, take its resources and conditions, and are needed."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from covidlake.base import project
from tests.facts import handler_requests, needs, reference, templates
from tests.facts.evaluator import Statement, applies, listed, matches
from tests.facts.templates import BOOTSTRAP, CASES, Policy

# What the calls of the CLI need is recorded: tests/e2e/test_calls.py.
OF_THE_CLI = {"PlanRole", "DeployRole", "OpsRole", "PreviewPolicy"}
# The roles of CloudFormation and of drift, with what is attached to them and to nobody else.
OF_CLOUDFORMATION = {
    "CatalogPolicy",
    "CloudFormationRole",
    "DatabasePolicy",
    "DriftRole",
    "QuickSightPolicy",
    "ReadDatabasePolicy",
    "ReadPolicy",
}
# The IdP's own keys; the provider is in the template.
PROVIDER_KEYS = {f"token.actions.githubusercontent.com:{claim}" for claim in ("aud", "sub")}


def everything() -> Iterator[Policy]:
    for case in CASES:
        for module in templates.builders():
            yield from templates.policies(templates.render(module, case))


def statements() -> dict[str, tuple[Policy, Statement]]:
    """One of each text, by where it stands."""
    found = {}
    for policy in everything():
        for one in policy.statements:
            place = f"{policy.module} {policy.logical_id} {policy.kind} {one.get('Sid', '')}"
            found[f"{place} {json.dumps(one, sort_keys=True)}"] = (policy, one)
    return found


STATEMENTS = statements()


@functools.cache
def expand(pattern: str) -> list[reference.Action]:
    return [one for name, one in reference.actions().items() if matches(pattern.lower(), name)]


def actions_of(statement: Statement) -> Iterator[tuple[str, list[reference.Action]]]:
    for pattern in listed(statement["Action"]):
        yield pattern, expand(pattern)


def test_every_action_exists() -> None:
    unknown = {
        pattern
        for _, statement in STATEMENTS.values()
        for pattern, found in actions_of(statement)
        if not found
    }
    assert unknown == set()


def resources_of(action: reference.Action) -> list[reference.ResourceType]:
    return [reference.resource_types()[action.service, one] for one in action.resources]


def takes(action: reference.Action, arn: str) -> bool:
    """`arn` may be a pattern, which stands for one type: see `ResourceType.matches`."""
    if arn == "*":
        return not action.resources or action.name in needs.EVERYWHERE
    return any(kind.matches(arn) for kind in resources_of(action))


def that_name_resources() -> Iterator[tuple[str, Statement]]:
    for place, (policy, statement) in STATEMENTS.items():
        # In the policy of a key, * is that key.
        names_resources = policy.kind in {"identity", "boundary"} or statement.get("Resource") not in (
            None,
            "*",
        )
        if statement["Effect"] == "Allow" and names_resources:
            yield place.partition(" {")[0], statement


def test_every_action_takes_a_resource_that_it_is_written_with() -> None:
    """Else the statement looks as if it allowed something, and does not."""
    useless = {
        f"{place}: {pattern}"
        for place, statement in that_name_resources()
        for pattern, found in actions_of(statement)
        if not any(takes(action, arn) for action in found for arn in listed(statement["Resource"]))
    }
    assert useless == set()


def test_every_resource_is_taken_by_an_action_that_it_is_written_with() -> None:
    useless = {
        f"{place}: {arn}"
        for place, statement in that_name_resources()
        for arn in listed(statement["Resource"])
        if not any(takes(action, arn) for _, found in actions_of(statement) for action in found)
    }
    assert useless == set()


def test_all_resources_are_named_where_an_action_takes_resources() -> None:
    wide = {
        action.name
        for _, statement in that_name_resources()
        if "*" in listed(statement["Resource"])
        for _, found in actions_of(statement)
        for action in found
        if action.resources
    }
    assert wide == {name for name in needs.EVERYWHERE if (reference.action(name) or NONE).resources}


NONE = reference.Action("", "", {}, frozenset())


def test_every_required_resource_type_is_covered() -> None:
    """An action that checks several resources is refused when the policy leaves out one of them."""
    missing = {
        f"{policy.module} {policy.logical_id}: {name} {kind}"
        for policy in everything()
        if policy.kind in {"identity", "boundary"}
        for name, resources in allowed_resources(policy).items()
        for kind in lacking(reference.actions()[name], resources)
    }
    assert missing == set()


def allowed_resources(policy: Policy) -> dict[str, set[str]]:
    """By action, in lower case: all resources that the policy allows it on."""
    found: dict[str, set[str]] = {}
    for statement in policy.statements:
        for _, actions in actions_of(statement):
            for action in actions if statement["Effect"] == "Allow" else ():
                found.setdefault(action.name.lower(), set()).update(listed(statement["Resource"]))
    return found


def lacking(action: reference.Action, resources: set[str]) -> list[str]:
    if "*" in resources:
        return []
    types = reference.resource_types()
    required = {kind for kind, needed in action.resources.items() if needed}
    covered = {
        kind for kind in required if any(types[action.service, kind].matches(arn) for arn in resources)
    }
    if action.name in handler_requests.ALTERNATIVES and covered:
        return []
    return sorted(required - covered)


def test_every_alternative_is_one_and_has_a_source() -> None:
    for name, source in handler_requests.ALTERNATIVES.items():
        action = reference.action(name)
        assert (action or NONE).name == name
        assert sum((action or NONE).resources.values()) > 1, name
        assert "https://docs.aws.amazon.com/" in source


def test_every_condition_key_is_one_that_each_of_its_actions_has() -> None:
    """Else the key is absent: of an action that lacks it, the statement holds always or never."""
    unknown = {
        (str(statement.get("Sid")), action.name, key)
        for _, statement in STATEMENTS.values()
        for key in keys_of(statement)
        for _, found in actions_of(statement)
        for action in found
        if not has_key(action, key)
    }
    assert unknown == set(needs.KEYLESS)


def keys_of(statement: Statement) -> list[str]:
    return [key for keys in statement.get("Condition", {}).values() for key in keys]


def has_key(action: reference.Action, key: str) -> bool:
    if key in reference.GLOBAL_KEYS or (key in PROVIDER_KEYS and action.service == "sts"):
        return True
    known = {*action.keys, *(one for kind in resources_of(action) for one in kind.keys)}
    return any(re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(one)), key) for one in known)


def names_of(is_main: bool, kind: str) -> dict[str, set[str]]:
    """By logical id: the actions that policies of this kind allow in any case."""
    found: dict[str, set[str]] = {}
    for policy, statement in STATEMENTS.values():
        if (policy.kind, policy.module != BOOTSTRAP, statement["Effect"]) == (kind, is_main, "Allow"):
            found.setdefault(policy.logical_id, set()).update(listed(statement["Action"]))
    return found


def needed_by(holder: str) -> set[str]:
    found = [need.actions for need in needs.NEEDS if matches(need.holder, holder)]
    return {action for actions in found for action in actions}


def integrations() -> set[str]:
    definitions = [
        json.dumps(one["Definition"])
        for module in templates.main_modules()
        for one in templates.render(module, CASES[0]).of_type("AWS::StepFunctions::StateMachine").values()
    ]
    found = re.findall(r'"Resource": "arn:[^:]*:states:::([^"]+)"', " ".join(definitions))
    return {re.sub(r"\.sync:\d$", ".sync", one) for one in found}


def test_the_table_of_integrations_is_that_of_the_state_machines() -> None:
    assert integrations() == set(needs.INTEGRATIONS)


@pytest.mark.parametrize("kind", ["identity", "resource"])
def test_every_allowed_action_of_a_main_template_is_needed_and_every_need_is_met(kind: str) -> None:
    tasks = {action for actions, _ in needs.INTEGRATIONS.values() for action in actions.split()}
    for holder, allowed in names_of(True, kind).items():
        needed = needed_by(holder) | (tasks if holder == "StateMachineRole" else set())
        assert (sorted(allowed - needed), sorted(needed - allowed)) == ([], []), holder


def test_every_need_has_a_holder_and_a_source() -> None:
    holders = {policy.logical_id for policy, _ in STATEMENTS.values()}
    assert [need for need in needs.NEEDS if not any(matches(need.holder, one) for one in holders)] == []
    assert all(need.who and need.source for need in needs.NEEDS)
    files = {need.source for need in needs.NEEDS if not need.source.startswith("https://")}
    assert [one for one in sorted(files) if not (project.ROOT / one).is_file()] == []


def handled(role: str, handlers: set[str]) -> dict[int, set[str]]:
    """By statement: the actions for which a handler's request of any case reaches it."""
    found: dict[int, set[str]] = {}
    for module in templates.main_modules():
        for case in CASES:
            own = templates.role_statements(case, role)
            for request in settled_requests(module, case, handlers):
                for index, statement in enumerate(own):
                    if statement["Effect"] == "Allow" and applies(statement, request):
                        found.setdefault(index, set()).add(request.action)
    return found


def settled_requests(module: str, case: templates.Case, handlers: set[str]) -> Iterator[Any]:
    """As `calls` gives them, and for keys again once the alias counts."""
    alias = {"kms:ResourceAliases": [f"alias/{case.stack}"]}
    for call in handler_requests.calls(templates.render(module, case)):
        for request in call.requests if call.handler in handlers else ():
            yield request
            if request.action.startswith("kms:"):
                settled = {**request.context, **alias}
                yield handler_requests.Request(request.action, request.resource, settled, request.principal)


@pytest.mark.parametrize(
    ("role", "handlers"),
    [("cloudformation", {*reference.HANDLERS} - {"list"}), ("drift", {"read", "tagging"})],
)
def test_cloudformations_roles_may_do_nothing_that_no_handler_does(role: str, handlers: set[str]) -> None:
    reached, surplus = handled(role, handlers), {}
    needed = needed_by("CloudFormationRole") if role == "cloudformation" else set()
    for index, statement in enumerate(templates.role_statements(CASES[0], role)):
        done = [one.lower() for one in reached.get(index, set())]
        if statement["Effect"] == "Allow":
            unused = {one for one in listed(statement["Action"]) if not any_matches(one, done)}
            surplus[statement["Sid"]] = unused - needed - DETECTION
    assert {sid: actions for sid, actions in surplus.items() if actions} == {}


def any_matches(pattern: str, names: list[str]) -> bool:
    return any(matches(pattern.lower(), name) for name in names)


# The drift role's own calls, which are recorded.
DETECTION = {
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DescribeStacks",
    "cloudformation:DetectStackDrift",
    "cloudformation:DetectStackResourceDrift",
    "cloudformation:ListStackResources",
}


def test_the_boundary_allows_only_what_a_role_of_a_main_template_does() -> None:
    used = {action for actions in names_of(True, "identity").values() for action in actions}
    for boundary in names_of(False, "boundary").values():
        assert sorted(boundary - used) == []


def test_whoever_is_trusted_has_a_reason() -> None:
    trusted = set()
    for policy, statement in STATEMENTS.values():
        if policy.kind == "trust":
            names = [name for one in statement["Principal"].values() for name in listed(one)]
            trusted |= {name.rpartition("/")[2] for name in names}
    assert trusted == set(needs.TRUSTED)


def test_every_denial_has_a_reason() -> None:
    denied = {one["Sid"] for _, one in STATEMENTS.values() if one["Effect"] == "Deny"}
    assert denied == set(needs.DENIED)


def test_the_roles_of_the_cli_are_those_whose_calls_are_recorded() -> None:
    bootstrap = set(names_of(False, "identity"))
    assert bootstrap - OF_CLOUDFORMATION == OF_THE_CLI
    rendered = templates.bootstrap(CASES[0])
    for role in OF_THE_CLI - {"PreviewPolicy"}:
        attached = set(rendered.resources[role]["Properties"].get("ManagedPolicyArns", []))
        assert not attached & OF_CLOUDFORMATION, role
