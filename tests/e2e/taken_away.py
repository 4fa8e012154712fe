"""Roles without some of their statements, for the length of a block: what then fails needs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from covidlake.bundle.template import local_template
from localcloud.cloud import LocalCloud

# The schedule starts an execution; the watch, tested in ingestion/test_watch.py, begins after it.
NO_PART = {"ScheduleRole", "WatchFunctionRole", "WatchRuleRole"}


def statements_of(pipeline: str) -> list[tuple[str, str]]:
    """Role and Sid in a pipeline's template, for the roles that take part in an execution."""
    template = json.loads(local_template(pipeline))
    return [
        (name, statement.get("Fn::If", [None, statement])[1]["Sid"])
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role" and name not in NO_PART
        for statement in resource["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    ]


@contextmanager
def without(cloud: LocalCloud, stack: str, *statements: tuple[str, str]) -> Iterator[None]:
    """Take statements, by role and Sid, out of the roles' policies, and give them back."""
    iam = cloud.client("iam")
    with ExitStack() as back:
        for role, statement in statements:
            described = cloud.client("cloudformation").describe_stack_resource(
                StackName=stack, LogicalResourceId=role
            )
            name = described["StackResourceDetail"]["PhysicalResourceId"]
            (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
            before = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            kept = [one for one in before["Statement"] if one.get("Sid") != statement]
            assert len(kept) < len(before["Statement"])
            put = partial(iam.put_role_policy, RoleName=name, PolicyName=policy)
            put(PolicyDocument=json.dumps({**before, "Statement": kept}))
            back.callback(put, PolicyDocument=json.dumps(before))
        yield
