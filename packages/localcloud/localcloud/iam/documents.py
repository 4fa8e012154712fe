"""What IAM refuses of policy documents and attachments, through its API and in a stack; ministack takes it.

A role on the laptop could otherwise be made of a policy that is not there, or of a document AWS refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud import plugin
from localcloud.plugin import stacks

Statement = Mapping[str, Any]
_SYNTAX = "Syntax errors in policy."
_NO_JSON = "This policy contains invalid Json"
_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_NOT_STS = "AssumeRole policy may only specify STS AssumeRole actions."
_NO_ARN = "Invalid ARN:  Could not be parsed!"
_ABSENT = "Policy {} does not exist or is not attachable."
_ATTACHING = ("AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy")


def install(_app: Any) -> None:
    from ministack.core import iam_evaluator
    from ministack.services import iam

    known = plugin.require(iam_evaluator, "validate_policy_document", ["doc"])
    no_principal = plugin.require(iam, "_trust_policy_not_principal_error", ["doc"])

    iam_evaluator.validate_policy_document = lambda doc: known(doc) or identity_problem(doc)
    iam._trust_policy_not_principal_error = lambda doc: trust_problem(doc) or no_principal(doc)
    _check_attachments(iam)
    stacks.look_at("AWS::IAM::Role", _inline_problem)


def _check_attachments(iam: Any) -> None:
    attach = plugin.require(iam, "attach_managed_policy", ["entity", "policy_arn"])
    plugin.require(iam, "_policy_exists", ["arn"])
    value, error = plugin.require(iam, "_p", ["params"]), plugin.require(iam, "_error", ["status", "code"])

    def refusal(arn: str) -> tuple[int, str, str] | None:
        if not arn.startswith("arn:"):
            return 400, "ValidationError", _NO_ARN
        return None if iam._policy_exists(arn) else (404, "NoSuchEntity", _ABSENT.format(arn))

    def attached(entity: Any, policy_arn: str) -> None:
        """Of a stack, whose resource fails with the reason."""
        if refused := refusal(policy_arn):
            raise ValueError(f"{refused[2]} (Service: Iam, Status Code: {refused[0]})")
        attach(entity, policy_arn)

    def checked(original: Any) -> Any:
        def attached_by_api(params: Any) -> Any:
            refused = refusal(str(value(params, "PolicyArn")))
            return error(*refused, ns="iam") if refused else original(params)

        return attached_by_api

    iam.attach_managed_policy = attached
    for name in _ATTACHING:
        iam._IAM_HANDLERS[name] = checked(iam._IAM_HANDLERS[name])


def _inline_problem(role: Mapping[str, Any]) -> str | None:
    """What is wrong with the inline policies of a stack's role, or nothing."""
    from ministack.core import iam_evaluator

    for policy in role.get("Policies") or ():
        if wrong := iam_evaluator.validate_policy_document(policy.get("PolicyDocument", {})):
            return f"{wrong} (Service: Iam, Status Code: 400)"
    return None


def identity_problem(document: str | Mapping[str, Any]) -> str | None:
    """What is wrong with the statements of a policy of an identity, or nothing."""
    for statement in _statements(document):
        if "Principal" in statement or "NotPrincipal" in statement:
            return "Policy document should not specify a principal."
        actions = [*_listed(statement, "Action"), *_listed(statement, "NotAction")]
        if any(action != "*" and ":" not in action for action in actions):
            return _VENDOR
        for resource in (*_listed(statement, "Resource"), *_listed(statement, "NotResource")):
            if resource != "*" and not resource.startswith("arn:"):
                return f'Resource {resource} must be in ARN format or "*".'
    return None


def trust_problem(document: str | Mapping[str, Any]) -> str | None:
    """What is wrong with a role's trust policy, or nothing."""
    try:
        given = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return _NO_JSON
    if not isinstance(given, dict) or not given.get("Statement"):
        return _SYNTAX
    for statement in _statements(given):
        if statement.get("Effect") not in ("Allow", "Deny"):
            return _SYNTAX
        if "Resource" in statement or "NotResource" in statement:
            return "Has prohibited field Resource"
        if "Principal" not in statement and "NotPrincipal" not in statement:
            return "Missing required field Principal"
        actions = _listed(statement, "Action")
        if not actions and "NotAction" not in statement:
            return "Missing required field Action"
        if any(action != "*" and not action.lower().startswith("sts:") for action in actions):
            return _NOT_STS
    return None


def _statements(document: str | Mapping[str, Any]) -> Iterator[Statement]:
    given = json.loads(document) if isinstance(document, str) else document
    listed = given.get("Statement", [])
    yield from [listed] if isinstance(listed, dict) else listed


def _listed(statement: Statement, name: str) -> list[str]:
    value = statement.get(name, [])
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
