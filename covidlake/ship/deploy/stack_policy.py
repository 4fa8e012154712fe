"""Termination protection and the stack policy of protected environments.

An environment is protected when its parameter file has the tag `covidlake:protected: "true"`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from covidlake import aws
from covidlake.base.progress import Progress
from covidlake.ship.plan.plan_risks import STATEFUL

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


def stack_policy(allowed: Collection[str] = ()) -> str:
    """The policy that denies replacing and deleting what is stateful, but for the logical ids allowed."""
    everything = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    deny: dict[str, Any] = {
        "Effect": "Deny",
        "Action": ["Update:Replace", "Update:Delete"],
        "Principal": "*",
        "Condition": {"StringEquals": {"ResourceType": sorted(STATEFUL)}},
    }
    if allowed:
        deny["NotResource"] = [f"LogicalResourceId/{name}" for name in sorted(allowed)]
    else:
        deny["Resource"] = "*"
    return json.dumps({"Statement": [everything, deny]}, sort_keys=True)


def protect(name: str, found: StackTypeDef, progress: Progress) -> None:
    """Turn on what is off: termination protection, and the stack policy."""
    client = aws.client("cloudformation")
    if not found.get("EnableTerminationProtection"):
        client.update_termination_protection(StackName=name, EnableTerminationProtection=True)
        progress(f"termination protection of stack {name} is on")
    if not _same(client.get_stack_policy(StackName=name).get("StackPolicyBody"), stack_policy()):
        client.set_stack_policy(StackName=name, StackPolicyBody=stack_policy())
        progress(f"stack policy of {name} is set: nothing that holds data is replaced or deleted")


@contextmanager
def lifted(name: str, allowed: Collection[str], progress: Progress) -> Iterator[None]:
    """Exempt logical ids from the stack policy while an update runs.

    A change set takes no policy of its own, so the stack's is changed before and restored after, failed
    or not. After Ctrl-C the update still runs and needs the exemption: the next deploy restores it.
    """
    if not allowed:
        yield
        return
    client = aws.client("cloudformation")
    client.set_stack_policy(StackName=name, StackPolicyBody=stack_policy(allowed))
    progress(f"stack policy of {name} exempts {', '.join(sorted(allowed))} for this update")
    try:
        yield
    except KeyboardInterrupt:
        progress(f"the exemption stays until the next covidlake deploy of stack {name}")
        raise
    except BaseException:
        client.set_stack_policy(StackName=name, StackPolicyBody=stack_policy())
        raise
    client.set_stack_policy(StackName=name, StackPolicyBody=stack_policy())


def _same(one: str | None, other: str) -> bool:
    return one is not None and bool(json.loads(one) == json.loads(other))
