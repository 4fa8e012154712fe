"""Bundles, deploys, recoveries and rollbacks on the local cloud, IAM enforced.

The project's own bundle is promoted through environments of this module's own, in order; what needs a
particular template uses a small one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base import project
from covidlake.base.errors import BundleError, CloudError, DeployError, EnvironmentFileError
from covidlake.bundle import package
from covidlake.bundle.manifest import MANIFEST, TEMPLATE, Bundle, manifest_bytes, open_bundle
from covidlake.doctor import stack as doctor_stack
from covidlake.doctor.check import Subject
from covidlake.ship.deploy import deploy, destroy, rollback
from covidlake.ship.deploy.history import history
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.deploy.stack_policy import stack_policy
from covidlake.ship.plan import plan
from covidlake.ship.stack import stack, stack_events
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore, own_sources

STAGES = ("alpha", "beta", "gamma")
ALPHA = "covid-lake-alpha"


pytestmark = pytest.mark.usefixtures("attached")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what changes from release to release, with environments of our own."""
    with own_sources(tmp_path_factory.mktemp("sources"), "LAMBDAS", *STAGES) as folder:
        yield folder


@pytest.fixture(scope="module")
def first(sources: Path) -> Bundle:
    return package.package(sources / "first")


@pytest.fixture(scope="module")
def second(sources: Path, first: Bundle) -> Bundle:
    """The next release: one line of one Lambda function differs."""
    handler = sources / "lambdas" / "check_crawler" / "handler.py"
    handler.write_text(handler.read_text() + "\nRELEASE = 2\n")
    return package.package(sources / "second")


def outputs(environment: str) -> dict[str, str]:
    return stack.find(environment).outputs


def status_of(environment: str) -> str:
    found = stack.describe(project.stack_name(environment))
    return found["StackStatus"] if found else "ABSENT"


def change_sets(environment: str) -> list[Any]:
    return aws.client("cloudformation").list_change_sets(StackName=project.stack_name(environment))[
        "Summaries"
    ]


def code_of(cloud: LocalCloud, environment: str) -> dict[str, str]:
    lambdas = cloud.client("lambda")
    names = [f"{project.stack_name(environment)}-{folder}-crawler" for folder in ("start", "check")]
    return {name: lambdas.get_function_configuration(FunctionName=name)["CodeSha256"] for name in names}


def test_one_bundle_is_promoted_through_three_environments(first: Bundle) -> None:
    deployed = [deploy.deploy(name, first, ignore) for name in STAGES]
    assert [one.status for one in deployed] == ["CREATE_COMPLETE"] * 3
    assert [one.uploaded for one in deployed] == [len(first.artifacts())] * 3  # each stack has its own
    assert {outputs(name)["BundleDigest"] for name in STAGES} == {first.digest}
    assert {outputs(name)["BundleCommit"] for name in STAGES} == {first.commit}


@pytest.fixture(scope="module")
def later(sources: Path, first: Bundle) -> Bundle:
    """The same files, packaged from another commit."""
    shutil.copytree(first.folder, sources / "later")
    (sources / "later" / "manifest.json").write_bytes(manifest_bytes(first.manifest, "a-later-commit"))
    return open_bundle(sources / "later")


def test_another_commit_of_the_same_files_is_named_and_touches_nothing(later: Bundle) -> None:
    named = deploy.deploy("alpha", later, ignore)
    assert (named.status, named.uploaded, named.changes) == ("UPDATE_COMPLETE", 0, [])
    assert outputs("alpha")["BundleDigest"] == later.digest


def test_no_change_is_a_success_that_sends_and_leaves_nothing(later: Bundle) -> None:
    again = deploy.deploy("alpha", later, ignore)
    assert (again.status, again.uploaded, again.changes) == ("NO_CHANGE", 0, [])
    assert not [one for one in change_sets("alpha") if one["ExecutionStatus"] != "EXECUTE_COMPLETE"]


def test_one_changed_line_sends_one_artifact_and_modifies_one_function(
    cloud: LocalCloud, second: Bundle
) -> None:
    before = code_of(cloud, "alpha")
    reviewed = plan.plan("alpha", second, ignore)
    modified = [one.logical_id for one in reviewed.resources if one.verb == "modify"]
    # What refers to the function's ARN may change, says CloudFormation, and does not.
    others = {one.verb for one in reviewed.resources if one.logical_id not in modified}
    assert (modified, others) == (["CheckCrawlerFunction"], {"may modify"})
    deployed = deploy.deploy("alpha", second, ignore, DeployOptions(reviewed=reviewed))
    assert (deployed.status, deployed.uploaded) == ("UPDATE_COMPLETE", 1)
    functions = [line.split() for line in deployed.changes if "AWS::Lambda::Function" in line]
    assert functions == [["Modify", "AWS::Lambda::Function", "CheckCrawlerFunction"]]
    after = code_of(cloud, "alpha")
    assert [name for name in after if after[name] != before[name]] == ["covid-lake-alpha-check-crawler"]


def test_rollback_returns_to_the_bundle_before(cloud: LocalCloud, later: Bundle, second: Bundle) -> None:
    back = rollback.rollback("alpha", ignore)
    assert (back.status, back.digest) == ("UPDATE_COMPLETE", later.digest)
    assert code_of(cloud, "alpha").values() != code_of(cloud, "beta").values()
    assert list(code_of(cloud, "alpha").values()) == list(code_of(cloud, "beta").values())
    assert outputs("alpha")["BundleDigest"] == later.digest


def test_rollback_goes_to_the_bundle_that_is_named(second: Bundle) -> None:
    assert rollback.rollback("alpha", ignore, to=second.digest[:12]).digest == second.digest
    for wrong in ("0" * 12, second.digest[:3], "zz" * 8):
        with pytest.raises(DeployError, match=rf"good bundles begin with '{wrong}'"):
            rollback.rollback("alpha", ignore, to=wrong)
    with pytest.raises(DeployError, match="no other bundle was deployed there"):
        rollback.rollback("beta", ignore)


def test_history_tells_what_was_deployed_by_whom(first: Bundle, later: Bundle, second: Bundle) -> None:
    records = history("alpha")
    assert [(one.outcome, one.digest) for one in records] == [
        ("DEPLOYED", second.digest),
        ("DEPLOYED", later.digest),
        ("DEPLOYED", second.digest),
        ("NO_CHANGE", later.digest),
        ("DEPLOYED", later.digest),
        ("DEPLOYED", first.digest),
    ]
    assert {one.by for one in records} == {"arn:aws:iam::000000000000:root"}
    assert all(one.started_at[:19] <= one.ended_at[:19] for one in records)
    assert records[0].commit == second.commit
    assert history("alpha", limit=2) == records[:2]
    assert history("nowhere") == []


def test_a_bundle_that_was_tampered_with_in_the_bucket_is_not_rolled_back_to(first: Bundle) -> None:
    bucket = project.artifact_bucket(aws.account(), aws.region())
    template, manifest = first.template_key(ALPHA), f"{first.prefix(ALPHA)}{MANIFEST}"
    held = aws.client("s3").get_object(Bucket=bucket, Key=template)["Body"].read()
    aws.client("s3").put_object(Bucket=bucket, Key=template, Body=b"{}")
    try:
        with pytest.raises(BundleError, match=r"changed: template\.json"):
            rollback.rollback("alpha", ignore, to=first.digest)
        aws.client("s3").put_object(Bucket=bucket, Key=manifest, Body=b'{"files": {}}')
        with pytest.raises(BundleError, match=r"manifest\.json was changed"):
            rollback.rollback("alpha", ignore, to=first.digest)
        aws.client("s3").delete_object(Bucket=bucket, Key=manifest)
        with pytest.raises(BundleError, match=r"manifest\.json is missing"):
            rollback.rollback("alpha", ignore, to=first.digest)
    finally:
        aws.client("s3").put_object(Bucket=bucket, Key=template, Body=held)


def test_a_tampered_bundle_is_refused(first: Bundle, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(first.folder, tmp_path / "bundle"))
    (folder / next(iter(first.artifacts()))).write_bytes(b"something else")
    with pytest.raises(BundleError, match="is not as it was packaged: changed: artifacts/"):
        open_bundle(folder)


# --- small templates, for what the project's own never does -------------------------------------------


TOPIC = {"Type": "AWS::SNS::Topic"}
QUEUE = {"Type": "AWS::SQS::Queue"}
# A function without a runtime: the cloud refuses to make it.
BROKEN = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {}, "Role": "arn:aws:iam::0:role/none"}}
THROW_AWAY = {"covidlake:throw-away": "true"}
PROTECTED = {"covidlake:protected": "true"}


def small(folder: Path, environment: str, tags: dict[str, str] | None = None, **resources: Any) -> Bundle:
    """A bundle with one environment and these resources."""
    folder.mkdir(parents=True, exist_ok=True)
    template = {"Resources": resources}
    parameters = {"template-file-path": "x", "parameters": {}, "tags": tags or {}}
    files = {
        TEMPLATE: json.dumps(template).encode(),
        f"environments/{environment}.yaml": json.dumps(parameters).encode(),
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    manifest = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    (folder / MANIFEST).write_bytes(manifest_bytes(manifest, "unknown"))
    return open_bundle(folder)


def test_a_destructive_change_is_refused_and_then_allowed_by_name(tmp_path: Path) -> None:
    deploy.deploy("loses", small(tmp_path / "1", "loses", Topic=TOPIC, Queue=QUEUE), ignore)
    without = small(tmp_path / "2", "loses", Topic=TOPIC)
    with pytest.raises(DeployError, match=r"Queue \(AWS::SQS::Queue\): deleted .*--allow-destructive Queue$"):
        deploy.deploy("loses", without, ignore)
    assert (status_of("loses"), len(change_sets("loses"))) == ("CREATE_COMPLETE", 1)
    with pytest.raises(DeployError, match=r"--allow-destructive Queue$"):
        deploy.deploy("loses", without, ignore, DeployOptions(allow_destructive=["Topic"]))
    allowed = deploy.deploy("loses", without, ignore, DeployOptions(allow_destructive=["Queue"]))
    assert allowed.status == "UPDATE_COMPLETE"
    assert [one.outcome for one in history("loses")] == ["DEPLOYED", "DEPLOYED"]


def test_a_refused_first_deploy_leaves_no_empty_stack(tmp_path: Path) -> None:
    bundle = small(tmp_path, "refused", Topic=TOPIC)
    reviewed = plan.plan("refused", bundle, ignore)
    other = small(tmp_path / "other", "refused", Topic=TOPIC, Queue=QUEUE)
    with pytest.raises(DeployError, match="resource Queue changes and was not in the plan"):
        deploy.deploy("refused", other, ignore, DeployOptions(reviewed=reviewed))
    assert status_of("refused") == "ABSENT"
    assert (
        deploy.deploy("refused", bundle, ignore, DeployOptions(reviewed=reviewed)).status == "CREATE_COMPLETE"
    )


def test_a_protected_stack_keeps_its_policy_also_when_a_change_was_allowed(tmp_path: Path) -> None:
    deploy.deploy("guarded", small(tmp_path / "1", "guarded", PROTECTED, Topic=TOPIC, Queue=QUEUE), ignore)
    name = project.stack_name("guarded")
    found = stack.describe(name)
    assert found is not None
    assert found["EnableTerminationProtection"]
    lines: list[str] = []
    without = small(tmp_path / "2", "guarded", PROTECTED, Topic=TOPIC)
    deploy.deploy("guarded", without, lines.append, DeployOptions(allow_destructive=["Queue"]))
    assert f"stack policy of {name} exempts Queue for this update" in lines
    body = aws.client("cloudformation").get_stack_policy(StackName=name)["StackPolicyBody"]
    assert json.loads(body) == json.loads(stack_policy())
    with pytest.raises(DeployError, match="has no tag covidlake:throw-away"):
        destroy.destroy("guarded", ignore)


def test_a_failing_update_is_rolled_back_with_its_first_cause(tmp_path: Path) -> None:
    good = small(tmp_path / "1", "fails", Topic=TOPIC)
    deploy.deploy("fails", good, ignore)
    lines: list[str] = []
    cause = r"ended UPDATE_ROLLBACK_COMPLETE: Broken: .*does not support runtime"
    with pytest.raises(DeployError, match=cause):
        deploy.deploy("fails", small(tmp_path / "2", "fails", Topic=TOPIC, Broken=BROKEN), lines.append)
    assert any("UPDATE_ROLLBACK_IN_PROGRESS" in line for line in lines)
    assert status_of("fails") == "UPDATE_ROLLBACK_COMPLETE"
    (failed, _) = history("fails")
    assert (failed.outcome, failed.status) == ("FAILED", "UPDATE_ROLLBACK_COMPLETE")
    assert "does not support runtime" in failed.cause
    assert deploy.deploy("fails", good, ignore).status == "NO_CHANGE"


def test_what_is_refused_before_any_resource_is_touched_is_reported_too(tmp_path: Path) -> None:
    buckets.create("taken-by-somebody")
    lake = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken-by-somebody"}}
    with pytest.raises(DeployError, match=r"validation failed: Lake .*taken-by-somebody"):
        deploy.deploy("conflict", small(tmp_path, "conflict", Lake=lake), ignore)
    assert stack.describe(project.stack_name("conflict")) is None


def test_an_interrupted_deploy_is_in_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> str:
        raise KeyboardInterrupt

    bundle = small(tmp_path, "broken-off", Topic=TOPIC)
    with monkeypatch.context() as patched:
        patched.setattr(stack_events.Follower, "_follow", interrupt)
        with pytest.raises(KeyboardInterrupt):
            deploy.deploy("broken-off", bundle, ignore)
    (record,) = history("broken-off")
    assert (record.outcome, record.digest) == ("INTERRUPTED", bundle.digest)
    stack_events.Follower(project.stack_name("broken-off"), ignore).follow()
    assert deploy.deploy("broken-off", bundle, ignore).status == "NO_CHANGE"
    assert history("broken-off")[0].outcome == "NO_CHANGE"


def test_an_empty_stack_left_by_a_review_is_used(tmp_path: Path) -> None:
    body = json.dumps({"Resources": {"Topic": TOPIC}})
    name = project.stack_name("reviewed")
    aws.client("cloudformation").create_change_set(
        StackName=name, ChangeSetName="left", ChangeSetType="CREATE", TemplateBody=body
    )
    assert status_of("reviewed") == "REVIEW_IN_PROGRESS"
    bundle = small(tmp_path, "reviewed", Queue=QUEUE)
    assert deploy.deploy("reviewed", bundle, ignore).status == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("on_failure", "status"), [("ROLLBACK", "ROLLBACK_COMPLETE"), ("DO_NOTHING", "CREATE_FAILED")]
)
def test_a_failed_creation_is_made_anew(tmp_path: Path, on_failure: Any, status: str) -> None:
    environment = on_failure.lower().replace("_", "-")
    body = json.dumps({"Resources": {"Topic": TOPIC, "Broken": {**BROKEN, "DependsOn": "Topic"}}})
    create(environment, body, OnFailure=on_failure)
    assert status_of(environment) == status
    bundle = small(tmp_path, environment, Topic=TOPIC)
    assert deploy.deploy(environment, bundle, ignore).status == "CREATE_COMPLETE"


def create(environment: str, body: str, **options: Any) -> str:
    """A stack made by hand, followed to its end: its status."""
    name = project.stack_name(environment)
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=body, **options)
    return stack_events.Follower(name, ignore).follow()


def test_a_failed_creation_whose_bucket_holds_data_is_refused(tmp_path: Path) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "holds-data-of-a-failed-stack"}}
    body = json.dumps({"Resources": {"Lake": bucket, "Broken": {**BROKEN, "DependsOn": "Lake"}}})
    create("holds", body, OnFailure="DO_NOTHING")
    aws.client("s3").put_object(Bucket="holds-data-of-a-failed-stack", Key="only/copy", Body=b"x")
    bundle = small(tmp_path, "holds", Topic=TOPIC)
    with pytest.raises(DeployError, match=r"is CREATE_FAILED and Lake \(holds-data-.*\) holds objects: save"):
        deploy.deploy("holds", bundle, ignore)
    aws.client("s3").delete_object(Bucket="holds-data-of-a-failed-stack", Key="only/copy")
    assert deploy.deploy("holds", bundle, ignore).status == "CREATE_COMPLETE"


def test_a_failed_update_is_rolled_back_first(tmp_path: Path) -> None:
    name = project.stack_name("stuck")
    create("stuck", json.dumps({"Resources": {"Topic": TOPIC}}))
    body = json.dumps({"Resources": {"Topic": TOPIC, "Broken": BROKEN}})
    aws.client("cloudformation").update_stack(StackName=name, TemplateBody=body, DisableRollback=True)
    assert stack_events.Follower(name, ignore).follow() == "UPDATE_FAILED"
    lines: list[str] = []
    bundle = small(tmp_path, "stuck", Topic=TOPIC, Queue=QUEUE)
    assert deploy.deploy("stuck", bundle, lines.append).status == "UPDATE_COMPLETE"
    assert lines[0] == f"stack {name} is UPDATE_FAILED: it is rolled back to what it was"


def test_another_operation_is_waited_for_only_when_asked(tmp_path: Path) -> None:
    waiting = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Condition": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "2", "Count": 1},
        },
    }
    name = project.stack_name("busy")
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps({"Resources": waiting}))
    bundle = small(tmp_path, "busy", Topic=TOPIC)
    with pytest.raises(DeployError, match="is CREATE_IN_PROGRESS: something else runs; wait"):
        deploy.deploy("busy", bundle, ignore)
    lines: list[str] = []
    assert (
        deploy.deploy("busy", bundle, lines.append, DeployOptions(wait_for_other=True)).status
        == "CREATE_COMPLETE"
    )
    assert f"stack {name} is CREATE_IN_PROGRESS: waiting for its end" in lines


def test_a_failed_deletion_names_what_holds_it(tmp_path: Path) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "holds-a-deletion"}}
    create("undeletable", json.dumps({"Resources": {"Lake": bucket}}))
    aws.client("s3").put_object(Bucket="holds-a-deletion", Key="k", Body=b"x")
    name = project.stack_name("undeletable")
    aws.client("cloudformation").delete_stack(StackName=name)
    assert stack_events.Follower(name, ignore).follow() == "DELETE_FAILED"
    with pytest.raises(DeployError, match=r"is DELETE_FAILED: Lake \(holds-a-deletion\) .*not empty"):
        deploy.deploy("undeletable", small(tmp_path, "undeletable", Topic=TOPIC), ignore)


@pytest.mark.parametrize("policy", ["RetainExceptOnCreate", "Delete"])
def test_a_throw_away_stack_goes_with_all_it_holds(tmp_path: Path, policy: str) -> None:
    lake = {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": policy,
        "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
    }
    environment = f"gone-{policy[:6].lower()}"
    deploy.deploy(environment, small(tmp_path, environment, THROW_AWAY, Lake=lake), ignore)
    resource = aws.client("cloudformation").describe_stack_resource(
        StackName=project.stack_name(environment), LogicalResourceId="Lake"
    )
    bucket = resource["StackResourceDetail"]["PhysicalResourceId"]
    for body in (b"1", b"2"):
        aws.client("s3").put_object(Bucket=bucket, Key="k", Body=body)
    aws.client("s3").delete_object(Bucket=bucket, Key="k")
    gone = destroy.destroy(environment, ignore)
    assert (gone.status, gone.buckets, gone.objects) == ("DELETE_COMPLETE", [bucket], 3)
    assert not buckets.exists(bucket)
    with pytest.raises(EnvironmentFileError, match="no such environment"):  # neither a stack nor a file
        destroy.destroy(environment, ignore)
    assert [one.outcome for one in history(environment)] == ["DESTROYED", "DEPLOYED"]


def test_an_artifact_that_somebody_deleted_is_noticed_and_sent_again(
    tmp_path: Path, first: Bundle, sources: Path
) -> None:
    deploy.deploy("beta", first, ignore)
    bucket = project.artifact_bucket(aws.account(), aws.region())
    script = next(name for name in first.artifacts() if name.endswith("/ingest.py"))
    aws.client("s3").delete_object(Bucket=bucket, Key=f"{project.stack_name('beta')}/{script}")

    assert plan.plan("beta", first, ignore).absent == (script,)
    (check,) = doctor_stack.artifacts(Subject("beta"))
    assert (check.status, "ingest.py" in check.found) == ("FAIL", True)

    lines: list[str] = []
    again = deploy.deploy("beta", first, lines.append)
    assert (again.status, again.uploaded) == ("NO_CHANGE", 1)
    assert any("ingest.py: missing in s3://" in line for line in lines)
    assert plan.plan("beta", first, ignore).absent == ()
    (check,) = doctor_stack.artifacts(Subject("beta"))
    assert check.status == "OK"


def test_an_artifact_that_somebody_exchanged_is_refused(first: Bundle) -> None:
    deploy.deploy("gamma", first, ignore)
    bucket = project.artifact_bucket(aws.account(), aws.region())
    script = next(name for name in first.artifacts() if name.endswith("/ingest.py"))
    key = f"{project.stack_name('gamma')}/{script}"
    aws.client("s3").delete_object(Bucket=bucket, Key=key)
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"evil", IfNoneMatch="*")
    with pytest.raises(BundleError, match="holds something else than"):
        deploy.deploy("gamma", first, ignore)
    aws.client("s3").delete_object(Bucket=bucket, Key=key)
    assert deploy.deploy("gamma", first, ignore).uploaded == 1


def test_a_destroy_that_is_broken_off_says_which_buckets_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> str:
        raise KeyboardInterrupt

    lake = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
    deploy.deploy("half-gone", small(tmp_path, "half-gone", THROW_AWAY, Lake=lake), ignore)
    monkeypatch.setattr(destroy, "_delete", interrupt)
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        destroy.destroy("half-gone", lines.append)
    assert "these buckets stay" in lines[-1]
    assert "half-gone" in lines[-1]


def test_the_parameter_file_must_agree_that_a_stack_is_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = small(tmp_path, "kept", THROW_AWAY, Topic=TOPIC)
    deploy.deploy("kept", bundle, ignore)
    environments = tmp_path / "now"
    environments.mkdir()
    (environments / "kept.yaml").write_text("tags: {}")
    monkeypatch.setattr(project, "ENVIRONMENTS", environments)
    with pytest.raises(DeployError, match=r"kept\.yaml has no tag covidlake:throw-away"):
        destroy.destroy("kept", ignore)
    assert status_of("kept") == "CREATE_COMPLETE"


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    bucket = project.artifact_bucket(aws.account(), aws.region())
    aws.client("s3").put_object(Bucket=bucket, Key="covid-lake-broken/deployments/1.json", Body=b"{}")
    with pytest.raises(CloudError, match=r"covid-lake-broken/deployments/1\.json is no deployment record"):
        history("broken")
