"""CloudFormation's roles against what the handlers of our resource types declare to call."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.facts import handler_requests, reference, templates
from tests.facts.evaluator import Request, Statement, allows, key_allows, listed
from tests.facts.handler_exceptions import DRIFT_ROLE, SERVICE_ROLE, Left
from tests.facts.handler_requests import Call
from tests.facts.templates import CASES, Case, Rendered

Key = tuple[str, str]
EVERY_HANDLER = frozenset(reference.HANDLERS)


@functools.cache
def uncovered(role: str, handlers: frozenset[str]) -> dict[Key, list[str]]:
    """By type and action: where the role is refused; an action that is asked of nothing of ours is too."""
    asked: dict[Key, int] = {}
    refused: dict[Key, list[str]] = {}
    for rendered in everything():
        statements = templates.role_statements(rendered.case, role)
        for call in calls_of(rendered.module, rendered.case):
            if call.handler not in handlers:
                continue
            key = (call.kind, call.action)
            asked[key] = asked.get(key, 0) + len(call.requests)
            for request in call.requests:
                if not permitted(rendered, statements, request):
                    where = f"{rendered.case}: {call.logical_id} {call.handler} on {request.resource}"
                    refused.setdefault(key, []).append(where)
    nothing = {key: ["no ARN of ours is known for it"] for key, count in asked.items() if not count}
    return {**nothing, **refused}


def everything() -> Iterator[Rendered]:
    for module in templates.main_modules():
        for case in CASES:
            yield templates.render(module, case)


@functools.cache
def calls_of(module: str, case: Case) -> tuple[Call, ...]:
    return tuple(handler_requests.calls(templates.render(module, case)))


def permitted(rendered: Rendered, statements: list[Statement], request: Request) -> bool:
    if request.action.startswith("kms:") and ":key/" in request.resource:
        return key_allows(statements, handler_requests.key_policy(rendered), request)
    return allows(statements, request)


ROLES = [
    pytest.param("cloudformation", EVERY_HANDLER, SERVICE_ROLE, id="service-role"),
    pytest.param("drift", frozenset({"read"}), DRIFT_ROLE, id="drift-role"),
]


@pytest.mark.parametrize(("role", "handlers", "exceptions"), ROLES)
def test_a_role_may_make_every_call_of_the_handlers_but_the_listed(
    role: str, handlers: frozenset[str], exceptions: list[Left]
) -> None:
    listed = {(left.kind, action) for left in exceptions for action in left.actions}
    missing = {key: where[:3] for key, where in uncovered(role, handlers).items() if key not in listed}
    assert missing == {}


@pytest.mark.parametrize(("role", "handlers", "exceptions"), ROLES)
def test_every_exception_is_still_needed(role: str, handlers: frozenset[str], exceptions: list[Left]) -> None:
    listed = [(left.kind, action) for left in exceptions for action in left.actions]
    assert len(listed) == len(set(listed))
    assert sorted(set(listed) - set(uncovered(role, handlers))) == []


@pytest.mark.parametrize("exceptions", [SERVICE_ROLE, DRIFT_ROLE], ids=["service-role", "drift-role"])
def test_no_template_sets_a_property_whose_calls_are_left_out(exceptions: list[Left]) -> None:
    for rendered in everything():
        for left in exceptions:
            for properties in rendered.of_type(left.kind).values():
                used = set(property_names(properties)) & set(left.unset)
                assert not used, f"{left.kind} sets {sorted(used)}: allow {left.actions}"


def property_names(value: Any) -> Iterator[str]:
    """Every key in a resource's properties, but those of policies and definitions."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            if name not in {"Definition", "DefinitionSubstitutions", "DefaultArguments"}:
                yield from property_names(one)
    elif isinstance(value, list):
        for one in value:
            yield from property_names(one)


def test_a_crawler_is_made_whether_or_not_its_request_has_tags() -> None:
    crawling = [one for one in everything() if one.of_type("AWS::Glue::Crawler")]
    assert {one.case for one in crawling} == {one.case for one in everything()}
    for rendered in crawling:
        statements = templates.service_statements(rendered.case)
        requests = creations(rendered, "AWS::Glue::Crawler", "glue:CreateCrawler")
        assert {bool(tags_of(request)) for request in requests} == {True, False}
        assert all(allows(statements, request) for request in requests)
        foreign = {**requests[0].context, "aws:RequestTag/Environment": "other"}
        assert not allows(statements, replace(requests[0], context=foreign))


def creations(rendered: Rendered, kind: str, action: str) -> list[Request]:
    return [
        request
        for call in calls_of(rendered.module, rendered.case)
        if (call.kind, call.handler, call.action) == (kind, "create", action)
        for request in call.requests
    ]


def tags_of(request: Request) -> dict[str, Any]:
    return {key: value for key, value in request.context.items() if key.startswith("aws:RequestTag/")}


@pytest.mark.parametrize(("kind", "handler", "action"), handler_requests.SENT_WITH_TAGS)
def test_tags_are_taken_for_granted_only_where_the_role_needs_them(
    kind: str, handler: str, action: str
) -> None:
    assert handler == "create"
    found = [(one, request) for one in everything() for request in creations(one, kind, action)]
    assert found
    for rendered, request in found:
        bare = {key: value for key, value in request.context.items() if key not in tags_of(request)}
        statements = templates.service_statements(rendered.case)
        assert not allows(statements, replace(request, context=bare))


@pytest.mark.parametrize("kind", handler_requests.TAGGED_WHEN_MADE)
def test_what_is_there_has_its_tags_only_where_the_role_needs_them(kind: str) -> None:
    """And only of types that CloudFormation tags. A part of another environment is not ours to delete."""
    assert "tagging" in reference.handlers()[kind]
    requests = [
        (one, request)
        for one in everything()
        for call in calls_of(one.module, one.case)
        if (call.kind, call.handler) == (kind, "delete") and call.action.startswith("ec2:Delete")
        for request in call.requests
    ]
    assert requests
    for rendered, request in requests:
        statements = templates.service_statements(rendered.case)
        foreign = {**request.context, "aws:ResourceTag/Environment": "other"}
        bare = {key: value for key, value in request.context.items() if "ResourceTag" not in key}
        assert allows(statements, request)
        assert not allows(statements, replace(request, context=foreign))
        assert not allows(statements, replace(request, context=bare))


def test_a_service_linked_role_is_made_for_rds_only() -> None:
    for rendered in everything():
        statements = templates.service_statements(rendered.case)
        for kind in ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBSubnetGroup"):
            for request in creations(rendered, kind, "iam:CreateServiceLinkedRole"):
                other = {**request.context, "iam:AWSServiceName": "ec2.amazonaws.com"}
                assert allows(statements, request)
                assert not allows(statements, replace(request, context=other))


def test_only_actions_that_exist_are_on_the_resource_itself() -> None:
    known = {one.name for one in reference.actions().values()}
    assert set(handler_requests.ON_ITSELF) <= known
    assert set(handler_requests.CHECKS_ALL) <= reference.services()


def test_the_boundary_is_taken_for_granted_only_where_the_role_needs_it() -> None:
    """And only of actions for which AWS knows its condition key."""
    key, needing = "iam:PermissionsBoundary", set()
    for statement in templates.service_statements(CASES[0]):
        if any(key in keys for keys in statement.get("Condition", {}).values()):
            needing |= set(listed(statement["Action"]))
    assert needing == set(handler_requests.SENT_WITH_BOUNDARY)
    assert all(key in reference.actions()[one.lower()].keys for one in needing)


def test_every_type_of_every_template_has_its_handlers_here() -> None:
    """A type without them would pass unchecked: tests/facts/refresh.py adds it."""
    used = {one["Type"] for rendered in everything() for one in rendered.resources.values()}
    assert used == set(reference.handlers())


def test_every_exception_has_a_reason() -> None:
    assert all(len(left.reason) > 20 for left in (*SERVICE_ROLE, *DRIFT_ROLE))
