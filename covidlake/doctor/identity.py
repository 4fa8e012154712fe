"""What doctor examines of the bootstrap stack: the provider, the roles, their trust, the boundary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.doctor.check import Check, Subject, fail, ok, skip
from covidlake.environment import environment_names
from covidlake.ship.bootstrap import bootstrap as bootstrapping
from covidlake.ship.bootstrap.bootstrap import ISSUER, ROLE_OUTPUTS
from covidlake.ship.bootstrap.repository import Repository
from covidlake.ship.stack import permissions_boundary as boundary
from covidlake.ship.stack import stack

AUDIENCE = "sts.amazonaws.com"
GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
SERVICE_ROLE = "cloudformation"


def _hint(subject: Subject) -> str:
    return f"covidlake bootstrap {subject.bootstrapped} --repository ORG/REPO --repository-id N --owner-id N"


def bootstrap_stack(subject: Subject) -> Iterator[Check]:
    name = bootstrapping.stack_name(subject.bootstrapped)
    found = stack.describe(name)
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        if subject.repository is None:
            yield skip("bootstrap stack", f"{name} is absent: only GitHub needs it; {_hint(subject)}")
        else:
            yield fail("bootstrap stack", f"{name} is absent", _hint(subject))
    elif found["StackStatus"] in GOOD and not _is_current(name):
        yield fail("bootstrap stack", f"{name} was made by another version of its template", _hint(subject))
    elif found["StackStatus"] in GOOD:
        yield ok("bootstrap stack", f"{name} is {found['StackStatus']}")
    else:
        yield fail("bootstrap stack", f"{name} is {found['StackStatus']}", _hint(subject))


def _is_current(name: str) -> bool:
    """Whether the stack was made from the template that `covidlake bootstrap` would send now."""
    body: Any = aws.client("cloudformation").get_template(StackName=name, TemplateStage="Original")[
        "TemplateBody"
    ]
    deployed = json.loads(body) if isinstance(body, str) else body
    return bool(deployed == json.loads(bootstrapping.template()))


def oidc_provider(subject: Subject) -> Iterator[Check]:
    if not _bootstrapped(subject):
        return
    arn = bootstrapping.provider_arn()
    try:
        found = bootstrapping.iam().get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        yield fail("OIDC provider", f"{arn} does not exist", _recreate(subject, "OidcProvider"))
        return
    url = found["Url"].removeprefix("https://")
    if url != ISSUER:
        yield fail("OIDC provider", f"url {url}, expected {ISSUER}", _recreate(subject, "OidcProvider"))
    elif AUDIENCE not in found["ClientIDList"]:
        hint = (
            "aws iam add-client-id-to-open-id-connect-provider "
            f"--open-id-connect-provider-arn {arn} --client-id {AUDIENCE}"
        )
        yield fail("OIDC provider", f"audiences {', '.join(found['ClientIDList']) or 'none'}", hint)
    else:
        yield ok("OIDC provider", f"{url}, audience {AUDIENCE}")


def _recreate(subject: Subject, what: str) -> str:
    name = bootstrapping.stack_name(subject.bootstrapped)
    return f"{what} was deleted beside its stack {name}: delete that stack, then {_hint(subject)}"


def roles(subject: Subject) -> Iterator[Check]:
    """Each role is there and trusts exactly the one subject that it should."""
    if not _bootstrapped(subject):
        return
    parameters = bootstrapping.parameters_of(subject.bootstrapped)
    repository = subject.repository or bootstrapping.repository_of(parameters)
    operations = parameters.get("OperationsEnvironment") or subject.bootstrapped
    for role in ROLE_OUTPUTS:
        yield _role(subject, role, _trust(role, subject.bootstrapped, operations, repository))


def _role(subject: Subject, role: str, expected: dict[str, Any]) -> Check:
    title, name = f"role {role}", f"{project.stack_name(subject.bootstrapped)}-{role}"
    document = _trust_document(name)
    if document is None:
        return fail(title, f"{name} does not exist", _recreate(subject, name))
    actual, wanted = _trusted(document), _trusted({"Statement": [expected]})
    if document.get("Statement") != [expected]:
        shown = f"{name} trusts {actual or 'nobody'}, expected {wanted}"
        extra = "" if actual != wanted else " and nothing else"
        return fail(title, shown + extra, _hint(subject))
    return ok(title, f"{name} trusts {wanted}")


def _trust_document(role: str) -> dict[str, Any] | None:
    try:
        document: Any = bootstrapping.iam().get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise
    return dict(document)


def _trust(role: str, environment: str, operations: str, repository: Repository) -> dict[str, Any]:
    """The one statement that the trust policy of a role has."""
    if role == SERVICE_ROLE:
        service = "cloudformation.amazonaws.com"
        return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    claim = {"plan": "pull_request", "deploy": f"environment:{environment}"}.get(
        role, f"environment:{operations}"
    )
    return {
        "Effect": "Allow",
        "Principal": {"Federated": bootstrapping.provider_arn()},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": repository.subject(claim)}
        },
    }


def _trusted(document: dict[str, Any]) -> str:
    """Whom a trust policy names: subjects where it has conditions on them, else principals."""
    found = []
    for statement in document.get("Statement", []):
        conditions = statement.get("Condition", {})
        subjects = [keys[f"{ISSUER}:sub"] for keys in conditions.values() if f"{ISSUER}:sub" in keys]
        principal = statement.get("Principal", {})
        services = principal.get("Service", "*") if isinstance(principal, dict) else principal
        found += [str(one) for one in subjects or [services]]
    return ", ".join(found)


def permissions_boundary(subject: Subject) -> Iterator[Check]:
    """The policy is there, and every role of the stack is held to it."""
    if not _bootstrapped(subject):
        return
    name = boundary.policy_name(subject.bootstrapped)
    if not boundary.find(subject.bootstrapped):
        yield fail("permissions boundary", f"{name} does not exist", _recreate(subject, name))
        return
    free, held = _roles_by_boundary(subject.environment, boundary.policy_arn(subject.bootstrapped))
    if free:
        hint = f"covidlake deploy {subject.environment}"
        yield fail("permissions boundary", f"{name} does not hold {', '.join(free)}", hint)
    else:
        yield ok("permissions boundary", f"{name} holds {held} roles of the stack")


def _roles_by_boundary(environment: str, arn: str) -> tuple[list[str], int]:
    """The stack's roles that the boundary does not hold, and how many it holds."""
    name = project.stack_name(environment)
    if stack.describe(name) is None:
        return [], 0
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    ids = [
        item["PhysicalResourceId"]
        for page in pages
        for item in page["StackResourceSummaries"]
        if item["ResourceType"] == "AWS::IAM::Role" and "PhysicalResourceId" in item
    ]
    iam, free = bootstrapping.iam(), []
    for role in ids:
        held = iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary", {})
        if held.get("PermissionsBoundaryArn") != arn:
            free.append(role)
    return sorted(free), len(ids) - len(free)


def shared_account(subject: Subject) -> Iterator[Check]:
    """Which other environments the account has, and what keeping to one's own name does not separate."""
    title = "account shared with"
    if not _bootstrapped(subject):
        return
    others = [one for one in bootstrapping.environments_of_account() if one != subject.bootstrapped]
    pairs = environment_names.overlapping({subject.bootstrapped, *others})
    if found := {one for pair in pairs if subject.bootstrapped in pair for one in pair}:
        shown = ", ".join(sorted(found - {subject.bootstrapped}))
        hint = "bootstrap and deploy one of them under another name, then delete its two old stacks"
        yield fail(title, f"{shown}: the roles of one would reach what the other owns", hint)
    elif others:
        yield ok(
            title,
            f"{', '.join(others)}: each reaches its own resources only, but quotas, log delivery, Glue's "
            "shared log groups and the default event bus, where a rule of one reads the others' events, are "
            "the account's; an account of its own for prod is safer",
        )
    else:
        yield ok(title, "no other environment")


def _bootstrapped(subject: Subject) -> bool:
    return bool(bootstrapping.outputs_of(subject.bootstrapped))


EXAMINATIONS = (bootstrap_stack, oidc_provider, roles, permissions_boundary, shared_account)
