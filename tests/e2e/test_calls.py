"""Each role of the command line allows what the verbs call under it, and nothing else.

The verbs run on a local cloud as the roles that `covidlake bootstrap` made, each call judged by IAM.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from covidlake.base import project
from covidlake.bundle.manifest import Bundle
from covidlake.bundle.package import package
from covidlake.cost import month_cost, run_cost
from covidlake.dataset import descriptions
from covidlake.laptop import local
from covidlake.laptop.source.from_description import generate
from covidlake.laptop.source.mirror import mirror
from covidlake.report import ingestion_report
from covidlake.run import ingest, logs, quarantine, query, status
from covidlake.run.pipelines import ingestion
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.deploy import deploy, history, preview_stack, rollback
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.drift import drift
from covidlake.ship.plan import plan
from covidlake.ship.stack import stack, stack_events
from localcloud.cloud import ACCOUNT, LocalCloud
from tests.e2e import bootstrap_rig as rig
from tests.e2e.recorded_calls import Recorder, actions_of
from tests.e2e.releases import ignore
from tests.e2e.role_sessions import acting_with, take_on
from tests.facts import reference, templates
from tests.facts.evaluator import listed, matches
from tests.facts.templates import Case

CASE = Case(rig.ENVIRONMENT, rig.STACK, "SSE-KMS")
PREVIEW = Case("preview", "covid-lake-pr-8", "SSE-KMS")
NUMBER = 8
DATA_SET = "country_codes"  # the smallest

# What a service does on behalf of who calls it; see NEEDS of tests/facts/needs.py for the pages.
BEHIND = {
    "cloudformation:CreateChangeSet": "s3:GetObject s3:GetObjectVersion",  # of the template
    "cloudformation:DetectStackDrift": "cloudformation:DetectStackResourceDrift",
    "athena:StartQueryExecution": (
        "athena:GetDataCatalog glue:BatchGetPartition glue:GetDatabase glue:GetPartition "
        "glue:GetPartitions glue:GetTable glue:GetTables s3:AbortMultipartUpload s3:GetBucketLocation "
        "s3:GetObject s3:ListBucket s3:ListMultipartUploadParts s3:PutObject kms:Decrypt kms:GenerateDataKey*"
    ),
}
_RECOVERY = {
    "cloudformation:ContinueUpdateRollback": "covidlake/ship/deploy/recovery.py::_continue_rollback",
    "cloudformation:DescribeStackResources": "covidlake/ship/stack/change_set_removal.py::_delete_ghost",
    "cloudformation:GetStackPolicy": "covidlake/ship/deploy/stack_policy.py::protect",
    "cloudformation:RollbackStack": "covidlake/ship/deploy/recovery.py::_roll_back",
    "cloudformation:SetStackPolicy": "covidlake/ship/deploy/stack_policy.py::protect",
    "cloudformation:UntagResource": "covidlake/ship/deploy/reviewed_change_set.py::make",
    "cloudformation:UpdateTerminationProtection": "covidlake/ship/deploy/stack_policy.py::protect",
    "cloudformation:ListChangeSets": "covidlake/ship/stack/change_set_removal.py::_other_change_sets",
    "glue:GetCrawler": "covidlake/ship/deploy/crawls.py::_state",
}
# What a role may do and no verb does here, and who does it: for the states of a stack that the local cloud
# cannot be in, and for protected environments. tests/unit/covidlake and tests/e2e/test_deploy.py call these.
RARE: dict[str, dict[str, str]] = {
    "staging plan": {
        "cloudformation:DescribeStackEvents": "covidlake/ship/stack/stack_events.py::follow",
    },
    "staging deploy": _RECOVERY,
    "preview deploy": {
        **_RECOVERY,
        "cloudformation:DeleteChangeSet": "covidlake/ship/stack/change_set_removal.py::discard",
        "cloudformation:GetTemplate": "covidlake/ship/deploy/deploy.py::_is_deployed",
        "glue:GetTables": "covidlake/ship/deploy/bucket_contents.py::_tables",
        "sqs:DeleteQueue": "covidlake/ship/deploy/reader_queue.py::delete",
        "states:StopExecution": "covidlake/ship/deploy/running_executions.py::_stop_all",
    },
    "staging ops": {
        "states:StopExecution": "tests/e2e/test_bootstrap.py::test_the_ops_role_starts_follows_and_stops",
    },
}
# What a verb tries although its role may not, and says so when it is refused.
TRIED = {
    "staging plan": {
        "cloudformation:DeleteStack": "covidlake/ship/stack/change_set_removal.py::_delete_ghost"
    },
    "staging deploy": {"s3:DeleteBucket": "covidlake/ship/deploy/bucket_contents.py::delete_empty"},
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One of its own: what the account has is what these verbs made."""
    with LocalCloud.ephemeral(wait_scale=0.02) as running, local.attached(running):
        yield running


@contextmanager
def acting_as(cloud: LocalCloud, recorder: Recorder, case: Case, role: str) -> Iterator[None]:
    subject = rig.SUBJECTS[role] if case == CASE else "repo:acme@77/lake@99:environment:preview"
    credentials = take_on(cloud, f"{case.prefix}-{role}", subject)
    with acting_with(credentials), recorder.acting_as(f"{case.environment} {role}"):
        yield


@pytest.fixture(scope="module")
def calls(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """By environment and role: what all verbs together ask IAM for."""
    folder, recorder = tmp_path_factory.mktemp("calls"), Recorder()
    region: Any = {"LocationConstraint": cloud.region}
    cloud.client("s3").create_bucket(Bucket=project.SOURCE_BUCKET, CreateBucketConfiguration=region)
    for environment in (rig.ENVIRONMENT, "preview"):
        bootstrap.bootstrap(environment, rig.REPOSITORY, progress=ignore)
    with recorder.installed():
        _plan_and_deploy(cloud, recorder, folder)
        _operate(cloud, recorder, folder)
        with acting_as(cloud, recorder, CASE, "drift"):
            drift.drift(rig.ENVIRONMENT, ignore)
        _preview(cloud, recorder, folder)
    return recorder.calls


def _plan_and_deploy(cloud: LocalCloud, recorder: Recorder, folder: Path) -> None:
    first, second = _bundles(folder)
    with acting_as(cloud, recorder, CASE, "plan"):
        plan.plan(rig.ENVIRONMENT, first, ignore)
    _fail_a_first_deployment(cloud)
    with acting_as(cloud, recorder, CASE, "deploy"):
        deploy.deploy(rig.ENVIRONMENT, first, ignore)
    with acting_as(cloud, recorder, CASE, "plan"):
        reviewed = plan.plan(rig.ENVIRONMENT, second, ignore)
    with acting_as(cloud, recorder, CASE, "deploy"):
        deploy.deploy(rig.ENVIRONMENT, second, ignore, DeployOptions(reviewed=reviewed))
        history.history(rig.ENVIRONMENT)
        rollback.rollback(rig.ENVIRONMENT, ignore)
        assert deploy.deploy(rig.ENVIRONMENT, first, ignore).status == "NO_CHANGE"


def _bundles(folder: Path) -> tuple[Bundle, Bundle]:
    lambdas = folder / "lambdas"
    shutil.copytree(project.LAMBDAS, lambdas, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "LAMBDAS", lambdas)
        first = package(folder / "first")
        handler = lambdas / "check_crawler" / "handler.py"
        handler.write_text(handler.read_text() + "\nRELEASE = 2\n")
        return first, package(folder / "second")


def _fail_a_first_deployment(cloud: LocalCloud) -> None:
    """A stack that never came up, with an empty bucket and database: deploy makes it anew."""
    broken = {
        "FunctionName": f"{rig.STACK}-broken",
        "Runtime": "cobol85",
        "Handler": "x",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/x",
        "Code": {"ZipFile": "x"},
    }
    database = {"CatalogId": ACCOUNT, "DatabaseInput": {"Name": "covid_lake_staging"}}
    resources = {
        "Lake": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
        "Database": {"Type": "AWS::Glue::Database", "Properties": database},
        "Broken": {
            "Type": "AWS::Lambda::Function",
            "Properties": broken,
            "DependsOn": ["Lake", "Database"],
        },
    }
    client = cloud.client("cloudformation")
    client.delete_stack(StackName=rig.STACK)  # the empty one that the plan left
    body = json.dumps({"Resources": resources})
    client.create_stack(StackName=rig.STACK, TemplateBody=body, OnFailure="DO_NOTHING")
    assert stack_events.Follower(rig.STACK, ignore).follow() == "CREATE_FAILED"


def _operate(cloud: LocalCloud, recorder: Recorder, folder: Path) -> None:
    generate(descriptions.load(DATA_SET), folder / "source")
    mirror(folder / "source", project.SOURCE_BUCKET)
    request = ingestion.Request((DATA_SET,))
    with acting_as(cloud, recorder, CASE, "ops"):
        name = ingest.daily_name(rig.ENVIRONMENT, request)
        ended = ingest.ingest(rig.ENVIRONMENT, ignore, request, name)
        ingest.outcomes(ended)
        ingestion_report.report(rig.ENVIRONMENT, ended, [stack.find(rig.ENVIRONMENT).outputs["JobName"]])
        query.query(rig.ENVIRONMENT, "SELECT count(*) FROM country_codes")
        quarantine.rejected_rows(rig.ENVIRONMENT)
        status.status(rig.ENVIRONMENT)
        assert list(logs.logs(rig.ENVIRONMENT, None, 10))
        assert run_cost.of_execution(rig.ENVIRONMENT, name).unknown == ()
        assert month_cost.of_month(rig.ENVIRONMENT).standing.unknown == ()


def _encrypted(folder: Path) -> Bundle:
    """With the parameter file that previews are made after, but for a key of the stack's own."""
    environments = folder / "environments"
    shutil.copytree(project.ENVIRONMENTS, environments)
    path = environments / "dev.yaml"
    path.write_text(path.read_text().replace('"SSE-S3"', '"SSE-KMS"'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "ENVIRONMENTS", environments)
        return package(folder / "preview")


def _preview(cloud: LocalCloud, recorder: Recorder, folder: Path) -> None:
    bundle = _encrypted(folder)
    with acting_as(cloud, recorder, PREVIEW, "deploy"):
        preview_stack.deploy(NUMBER, bundle, -1.0, ignore)
    lake = stack.find(project.preview_environment(NUMBER)).outputs["LakeBucketName"]
    cloud.client("s3").put_object(Bucket=lake, Key="clean/x", Body=b"x")
    with acting_as(cloud, recorder, PREVIEW, "deploy"):
        swept = list(preview_stack.sweep(ignore, None))
        assert [(one.stack_name, one.error) for one in swept] == [(PREVIEW.stack, "")]
        preview_stack.delete(NUMBER, ignore)


ROLES = {
    "staging plan": (CASE, "plan"),
    "staging deploy": (CASE, "deploy"),
    "staging ops": (CASE, "ops"),
    "staging drift": (CASE, "drift"),
    "preview deploy": (PREVIEW, "deploy"),
}


def allowed(name: str) -> set[str]:
    case, role = ROLES[name]
    statements = templates.role_statements(case, role)
    actions = {one for it in statements if it["Effect"] == "Allow" for one in listed(it["Action"])}
    if case.preview and role == "deploy":  # by the policy of the stack's key
        actions.add("kms:ScheduleKeyDeletion")
    return actions - _reading() if role == "drift" else actions


def _reading() -> set[str]:
    """What CloudFormation reads as the drift role: tests/facts/test_statements.py holds it."""
    statements = templates.role_statements(CASE, "drift")
    return {one for it in statements for one in listed(it["Action"]) if not one.startswith("cloudformation:")}


@pytest.mark.parametrize("name", ROLES)
def test_a_role_allows_what_the_verbs_call(calls: dict[str, set[str]], name: str) -> None:
    refused = {one for one in calls[name] if not any(matches(it, one) for it in allowed(name))}
    assert refused == set(TRIED.get(name, {}))


@pytest.mark.parametrize("name", ROLES)
def test_a_role_allows_nothing_that_no_verb_calls(calls: dict[str, set[str]], name: str) -> None:
    behind = {one for call, text in BEHIND.items() if call in calls[name] for one in text.split()}
    assert sorted(allowed(name) - calls[name] - behind - set(RARE.get(name, {}))) == []


@pytest.mark.parametrize("name", sorted(RARE))
def test_what_is_rare_is_still_allowed_and_still_not_called(calls: dict[str, set[str]], name: str) -> None:
    rare = set(RARE[name])
    assert sorted(rare & calls[name]) == []
    assert sorted(rare - allowed(name)) == []


@pytest.mark.parametrize("name", sorted(RARE))
def test_who_calls_what_is_rare_exists(name: str) -> None:
    for action, who in {**RARE[name], **TRIED.get(name, {})}.items():
        path, _, function = who.partition("::")
        text = (project.ROOT / path).read_text()
        assert f"def {function}" in text, (action, who)


def test_every_recorded_action_exists(calls: dict[str, set[str]]) -> None:
    named = {one for actions in calls.values() for one in actions}
    assert sorted(one for one in named if reference.action(one) is None) == []


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        ("s3 HeadBucket", {}, {"s3:ListBucket"}),
        ("s3 GetObject", {"VersionId": "1"}, {"s3:GetObjectVersion"}),
        ("stepfunctions StartExecution", {}, {"states:StartExecution"}),
        ("sts GetCallerIdentity", {}, set()),
        (
            "cloudformation CreateChangeSet",
            {"RoleARN": "x", "Tags": [{}]},
            {"cloudformation:CreateChangeSet", "iam:PassRole", "cloudformation:TagResource"},
        ),
    ],
)
def test_operations_are_asked_for_by_the_right_action(
    call: str, parameters: dict[str, Any], expected: set[str]
) -> None:
    service, operation = call.split()
    assert actions_of(service, operation, parameters) == expected
