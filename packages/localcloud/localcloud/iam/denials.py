"""A denial says which kind of policy denies: the boundary of a role or the policy of a session, as on AWS.

ministack judges all of them and says of each that it was an identity-based policy.
"""

from __future__ import annotations

import contextvars
from typing import Any

from localcloud import plugin

_IDENTITY = "identity-based policy"
_denier: contextvars.ContextVar[str] = contextvars.ContextVar("denier", default=_IDENTITY)


class _Limit(list[Any]):
    """The parsed documents of a limit, with the name of its kind."""

    kind = ""


def install() -> None:
    """Mark the limits of a principal, find the one that denies, and name it in the answer."""
    from ministack.core import iam_actions, iam_evaluator

    _mark(iam_evaluator, "_permissions_boundary", ["store", "name", "account_id"], "permissions boundary")
    _mark(iam_evaluator, "_session_policy_limits", ["session", "account_id"], "session policy")
    _find(iam_evaluator)
    _note(iam_evaluator)
    _word(iam_actions)
    _answer(iam_actions)


def _mark(evaluator: Any, name: str, arguments: list[str], kind: str) -> None:
    original = plugin.require(evaluator, name, arguments)

    def limits(*given: Any) -> list[_Limit]:
        found = [_Limit(one) for one in original(*given)]
        for one in found:
            one.kind = kind
        return found

    setattr(evaluator, name, limits)


def _find(evaluator: Any) -> None:
    """The first that alone decides as all together do is the one that denies."""
    original = plugin.require(evaluator, "evaluate", ["ctx", "policies", "limits"])

    def evaluate(context: Any, policies: Any, *limits: Any) -> Any:
        result = original(context, policies, *limits)
        if limits and result.decision != "Allow":
            all_of_them = (policies, *limits)
            denying = (one for one in all_of_them if original(context, one).decision == result.decision)
            result.denier = getattr(next(denying, policies), "kind", _IDENTITY)
        return result

    evaluator.evaluate = evaluate


def _note(evaluator: Any) -> None:
    """Remember who denied for the answer, which is made in the same request."""
    original = plugin.require(evaluator, "enforce", ["access_key_id", "iam_action", "service", "region"])

    def enforce(*given: Any, **more: Any) -> Any:
        result = original(*given, **more)
        _denier.set(getattr(result, "denier", _IDENTITY))
        return result

    evaluator.enforce = enforce


def _word(actions: Any) -> None:
    arguments = ["action", "principal_arn", "resource", "explicit_deny"]
    original = plugin.require(actions, "identity_denial_message", arguments)

    def message(*given: Any, **more: Any) -> str:
        kind, text = _denier.get(), str(original(*given, **more))
        if kind == _IDENTITY:
            return text
        allows = text.replace(f"no {_IDENTITY} allows", f"no {kind} allows")
        return allows.replace(f"in an {_IDENTITY}", f"in a {kind}")

    actions.identity_denial_message = message


def _answer(actions: Any) -> None:
    """Where an answer has no text of its own, it is that of `_word`, which names the resource, too."""
    arguments = ["service", "action", "principal_arn", "request_id"]
    original = plugin.require(actions, "access_denied_response", arguments)

    def answer(service: str, action: str, principal_arn: str, *rest: Any, **more: Any) -> Any:
        has_text = any(more.get(name) for name in ("error_code", "message", "resource_policy_arn"))
        if _denier.get() != _IDENTITY and not has_text:
            resource, explicit = more.get("resource_arn", "*"), more.get("explicit_deny", False)
            more["message"] = actions.identity_denial_message(action, principal_arn, resource, explicit)
        return original(service, action, principal_arn, *rest, **more)

    actions.access_denied_response = answer
