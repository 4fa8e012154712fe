"""No role gets more than it was given: as properties of every policy of every template."""

from __future__ import annotations

import json

import pytest

from infra.bootstrap.names import ROLES
from tests.facts import handler_requests, reference, templates
from tests.facts.evaluator import Request, Statement, allows, decision, key_allows
from tests.facts.templates import ACCOUNT, CASES, Case

# What gives rights, or gives code or data to somebody who has them.
GIVES_RIGHTS = {
    *("iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"),
    *("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:CreateRole"),
    *("iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
    *("iam:PassRole", "iam:PutGroupPolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
    *("iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy"),
    *("kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "s3:PutBucketPolicy"),
    *("s3:DeleteBucketPolicy", "sns:AddPermission", "sqs:AddPermission", "lambda:AddPermission"),
    *("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "glue:UpdateJob", "glue:CreateJob"),
    *("states:UpdateStateMachine", "cloudformation:CreateStack", "cloudformation:UpdateStack"),
    *(
        "cloudformation:ExecuteChangeSet",
        "sts:AssumeRole",
        "logs:PutResourcePolicy",
        "glue:PutResourcePolicy",
    ),
}
WITHIN_BOUNDARY = {
    *("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
    *("iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
}
CHANGES_ROLE = {
    *WITHIN_BOUNDARY,
    *("iam:DeleteRole", "iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"),
}
CHANGES_POLICY = {
    *(
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ),
}
OTHERS = ["covid-lake-prod", "covid-lake-private", "some-other-team"]
SERVICES = ("cloudformation", "ec2", "ecs-tasks", "events", "glue", "lambda", "sagemaker", "states")


def test_every_action_named_here_exists() -> None:
    named = GIVES_RIGHTS | CHANGES_ROLE | CHANGES_POLICY
    assert sorted(one for one in named if reference.action(one) is None) == []


def ask(case: Case, action: str, arn: str, **context: object) -> Request:
    """With the tags, the alias and the boundary that ask for most: a condition may not be what saves us."""
    own = {
        **case.tags("Request"),
        **case.tags("Resource"),
        "aws:PrincipalArn": case.role_arn("cloudformation"),
    }
    return Request(action, arn, {**own, **context})


def service(case: Case) -> list[Statement]:
    return templates.service_statements(case)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("action", sorted(WITHIN_BOUNDARY))
def test_a_role_gets_rights_only_under_the_environments_boundary(case: Case, action: str) -> None:
    role = case.arn("iam", f"role/{case.stack}-JobRole-1A2B3C")
    other = case.boundary_arn.replace(case.environment, "prod")
    bounds = {None: False, other: False, case.arn("iam", "policy/x"): False, case.boundary_arn: True}
    for bound, expected in bounds.items():
        context = {"iam:PermissionsBoundary": bound} if bound else {}
        request = ask(case, action, role, **context)
        assert allows(service(case), request) is expected, bound


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_role_loses_the_boundary_and_nobody_changes_what_it_says(case: Case) -> None:
    role = case.arn("iam", f"role/{case.stack}-JobRole-1A2B3C")
    for name in ROLES:
        statements = templates.role_statements(case, name)
        request = ask(case, "iam:DeleteRolePermissionsBoundary", role)
        assert not allows(statements, request)
        for action in CHANGES_POLICY:
            request = ask(case, action, case.boundary_arn)
            assert not allows(statements, request), (name, action)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_role_of_the_bootstrap_is_changed_by_any_of_them(case: Case) -> None:
    for actor in ROLES:
        statements = templates.role_statements(case, actor)
        for target in ROLES:
            for action in CHANGES_ROLE:
                bound = {"iam:PermissionsBoundary": case.boundary_arn}
                request = ask(case, action, case.role_arn(target), **bound)
                assert not allows(statements, request), (actor, action, target)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_roles_of_others_are_out_of_reach(case: Case) -> None:
    bound = {"iam:PermissionsBoundary": case.boundary_arn, "iam:PassedToService": "glue.amazonaws.com"}
    for name in [f"{one}-JobRole-1" for one in OTHERS] + ["Administrator"]:
        for action in CHANGES_ROLE | {"iam:PassRole"}:
            request = ask(case, action, case.arn("iam", f"role/{name}"), **bound)
            assert not allows(service(case), request), (action, name)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_role_is_passed_to_its_own_services_only(case: Case) -> None:
    passed = {
        "deploy": (case.role_arn("cloudformation"), {"cloudformation.amazonaws.com"}),
        "cloudformation": (
            case.arn("iam", f"role/{case.stack}-JobRole-1"),
            {f"{one}.amazonaws.com" for one in ("events", "glue", "lambda", "states")},
        ),
    }
    for actor in ROLES:
        own, services = passed.get(actor, ("", set()))
        for role in [*map(case.role_arn, ROLES), case.arn("iam", f"role/{case.stack}-JobRole-1")]:
            for to in (f"{name}.amazonaws.com" for name in SERVICES):
                request = ask(case, "iam:PassRole", role, **{"iam:PassedToService": to})
                allowed = allows(templates.role_statements(case, actor), request)
                assert allowed is (role == own and to in services), (actor, role, to)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_alarm_of_the_stack_does_nothing_but_publish_to_its_own_topics(case: Case) -> None:
    alarm, own = (
        case.arn("cloudwatch", f"alarm:{case.stack}-x"),
        case.arn("sns", f"{case.stack}-notifications"),
    )
    automate = f"arn:{case.partition}:automate:{case.region}:ec2"
    others = [f"{automate}:{one}" for one in ("terminate", "stop", "reboot", "recover")]
    others += [case.arn("sns", f"{name}-notifications") for name in OTHERS]
    others += [case.arn("lambda", f"function:{case.stack}-x"), own.replace(ACCOUNT, "999900001111")]
    lists = {(): True, (own,): True, **dict.fromkeys(((one,) for one in others), False)}
    lists |= dict.fromkeys(((own, one) for one in others), False)
    for actions, expected in lists.items():
        context = {"cloudwatch:AlarmActions": actions} if actions else {}
        request = ask(case, "cloudwatch:PutMetricAlarm", alarm, **context)
        assert allows(service(case), request) is expected, actions


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_boundary_gives_no_right_that_gives_rights(case: Case) -> None:
    """Whatever policy a pull request writes for a role of its stack, it stays below this."""
    for policy in templates.policies(templates.bootstrap(case)):
        if policy.kind != "boundary":
            continue
        for action in GIVES_RIGHTS - {"logs:PutResourcePolicy"}:
            for arn in ["*", *everything_of(case)]:
                request = ask(case, action, arn)
                assert decision(policy.statements, request) != "Allow", (action, arn)


def everything_of(case: Case) -> list[str]:
    arns = [
        arn for module in templates.main_modules() for arn in templates.render(module, case).arns.values()
    ]
    return [*arns, *map(case.role_arn, ROLES), case.boundary_arn]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("role", ["plan", "ops", "drift"])
def test_only_the_deploy_and_the_service_role_have_a_right_that_gives_rights(case: Case, role: str) -> None:
    for action in GIVES_RIGHTS:
        for arn in ["*", *everything_of(case), case.arn("cloudformation", f"stack/{case.stack}/1")]:
            request = ask(case, action, arn, **{"cloudformation:ChangeSetName": "plan-1"})
            assert not allows(templates.role_statements(case, role), request), (role, action, arn)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_service_role_may_change_is_its_environments_own(case: Case) -> None:
    """The same resources of other environments and teams, by their names."""
    for arn in everything_of(case):
        for other in OTHERS:
            foreign = arn.replace(case.stack, other).replace(case.stack.replace("-", "_"), other)
            if foreign == arn or ":key/" in arn:
                continue
            for action in GIVES_RIGHTS:
                request = ask(case, action, foreign)
                assert not allows(service(case), request), (action, foreign)


KEYED = [case for case in CASES if case.encryption == "SSE-KMS"]
MANAGES_KEY = {
    *(
        "kms:CreateAlias",
        "kms:DisableKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:UntagResource",
    ),
    *("kms:Decrypt", "kms:GenerateDataKey", "kms:UpdateAlias", "kms:CreateGrant"),
}
ACCOUNT_KEY = [
    {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
]


@pytest.mark.parametrize("case", KEYED, ids=str)
@pytest.mark.parametrize("aliases", [None, ["alias/covid-lake-prod"], ["alias/some-other-team"]], ids=str)
@pytest.mark.parametrize("tagged", [False, True], ids=["untagged", "tagged as ours"])
def test_a_foreign_key_gives_nothing_whatever_its_tags_say(
    case: Case, aliases: list[str] | None, tagged: bool
) -> None:
    """Its policy leaves it to the account's policies, as by default, which is where ours could reach it."""
    foreign = case.arn("kms", "key/ffffffff-0000-0000-0000-000000000000")
    context = {**case.tags("Request"), **(case.tags("Resource") if tagged else {})}
    context |= {"kms:ResourceAliases": aliases} if aliases else {}
    boundary = [policy.statements for policy in templates.policies(templates.bootstrap(case))]
    for statements in [*(templates.role_statements(case, role) for role in ROLES), *boundary]:
        allowing = [one for one in statements if "Principal" not in one]
        for action in MANAGES_KEY:
            assert not key_allows(allowing, ACCOUNT_KEY, Request(action, foreign, context)), action


@pytest.mark.parametrize("case", KEYED, ids=str)
def test_a_foreign_key_that_has_a_name_or_an_owner_is_not_even_tagged(case: Case) -> None:
    foreign = case.arn("kms", "key/ffffffff-0000-0000-0000-000000000000")
    others = [
        {"kms:ResourceAliases": ["alias/some-other-team"]},
        {"aws:ResourceTag/Application": "other"},
        {**case.tags("Resource"), "aws:ResourceTag/Environment": "prod"},
    ]
    for other in others:
        request = Request("kms:TagResource", foreign, {**case.tags("Request"), **other})
        assert not key_allows(service(case), ACCOUNT_KEY, request), other


@pytest.mark.parametrize("case", KEYED, ids=str)
def test_the_key_is_managed_from_its_first_moment_and_by_no_other_environment(case: Case) -> None:
    for module in templates.main_modules():
        rendered = templates.render(module, case)
        own = handler_requests.key_policy(rendered)
        for arn in [arn for arn in rendered.arns.values() if ":key/" in arn]:
            for role, action, expected in [
                ("cloudformation", "kms:PutKeyPolicy", True),
                ("deploy", "kms:PutKeyPolicy", False),
                ("ops", "kms:PutKeyPolicy", False),
                ("deploy", "kms:ScheduleKeyDeletion", case.preview),
                ("ops", "kms:ScheduleKeyDeletion", False),
            ]:
                caller = case.role_arn(role)
                request = Request(action, arn, {"aws:PrincipalArn": caller}, caller)
                allowed = key_allows(templates.role_statements(case, role), own, request)
                assert allowed is expected, (role, action)
            other = case.role_arn("cloudformation").replace(case.environment, "prod")
            assert not key_allows(
                [], own, Request("kms:PutKeyPolicy", arn, {"aws:PrincipalArn": other}, other)
            )


@pytest.mark.parametrize("bounded", [True, False])
def test_without_a_bootstrap_the_accounts_policies_decide_on_the_key(bounded: bool) -> None:
    case = Case(encryption="SSE-KMS", bounded=bounded)
    rendered = [templates.render(module, case) for module in templates.main_modules()]
    keyed = [one for one in rendered if one.of_type("AWS::KMS::Key")]
    assert keyed
    for policy in map(handler_requests.key_policy, keyed):
        assert any(one.get("Sid") == "Deployments" for one in policy) is bounded
        admin = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
        assert key_allows(admin, policy, Request("kms:PutKeyPolicy", "key", {}, "admin"))


@pytest.mark.parametrize("case", KEYED, ids=str)
def test_the_key_is_used_for_the_lake_and_the_topic_and_for_nothing_else(case: Case) -> None:
    """By what S3 and SNS say in the encryption context, which counts at once."""
    key = case.arn("kms", "key/1234")
    bucket = f"arn:{case.partition}:s3:::{case.stack}-lakebucket-1a2b3c"
    s3, sns = "kms:EncryptionContext:aws:s3:arn", "kms:EncryptionContext:aws:sns:topicArn"
    contexts = {
        json.dumps({s3: bucket}): True,
        json.dumps({s3: f"{bucket}/clean/x"}): True,
        json.dumps({sns: case.arn("sns", f"{case.stack}-notifications")}): True,
        json.dumps({}): False,
        json.dumps({s3: f"arn:{case.partition}:s3:::some-other-team/x"}): False,
        json.dumps({s3: f"arn:{case.partition}:s3:::covid-lake-prod-lakebucket-1/x"}): False,
        json.dumps({sns: case.arn("sns", "some-other-team")}): False,
    }
    (boundary,) = [one for one in templates.policies(templates.bootstrap(case)) if one.kind == "boundary"]
    for context, expected in contexts.items():
        request = Request("kms:Decrypt", key, json.loads(context))
        assert allows(boundary.statements, request) is expected, context
