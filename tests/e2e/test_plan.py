"""Plans against real stacks of the local cloud; none leaves a trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
from botocore.exceptions import ClientError, WaiterError
from typer.testing import CliRunner

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import BundleError, DeployError, EnvironmentFileError, StackBusyError
from covidlake.bundle.manifest import Bundle, manifest_bytes, open_bundle
from covidlake.bundle.package import package
from covidlake.commands import plan as commands_plan
from covidlake.environment import environment_file
from covidlake.laptop import local
from covidlake.ship.deploy import deploy
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.plan import builder, plan, plan_file, plan_risks, plan_table
from covidlake.ship.plan.model import Plan, ValueChange
from covidlake.ship.stack import artifacts, change_set, change_set_removal, change_set_request, stack
from covidlake.ship.stack.stack_inputs import StackInputs
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore

ENVIRONMENT = "plan-test"
STACK = f"covid-lake-{ENVIRONMENT}"
ABSENT = "plan-absent"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A fresh bundle with the environments of these tests beside the real ones."""
    made = package(tmp_path_factory.mktemp("package") / "bundle")

    def add_environments(folder: Path) -> None:
        for name in (ENVIRONMENT, ABSENT):
            text = (folder / "environments" / "dev.yaml").read_text()
            text = text.replace('Environment: "dev"', f'Environment: "{name}"')
            text = text.replace("Environment: dev\n", f"Environment: {name}\n")
            (folder / "environments" / f"{name}.yaml").write_text(text)

    return variant(made, tmp_path_factory.mktemp("variant"), add_environments)


def variant(bundle: Bundle, folder: Path, change: Callable[[Path], None]) -> Bundle:
    """Another bundle: a copy, changed, its manifest made anew."""
    import hashlib

    copied = folder / "bundle"
    shutil.copytree(bundle.folder, copied)
    change(copied)
    files = {
        path.relative_to(copied).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(copied.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
    (copied / "manifest.json").write_bytes(manifest_bytes(files, "a-variant"))
    return open_bundle(copied)


def with_template(bundle: Bundle, folder: Path, edit: Callable[[dict[str, Any]], None]) -> Bundle:
    def change(copied: Path) -> None:
        path = copied / "template.json"
        template = json.loads(path.read_text())
        edit(template)
        path.write_text(json.dumps(template))

    return variant(bundle, folder, change)


@pytest.fixture(scope="module", autouse=True)
def deployed(cloud: LocalCloud, bundle: Bundle) -> Iterator[None]:
    with local.attached(cloud):
        deploy.deploy(ENVIRONMENT, bundle, ignore)
        yield


@pytest.fixture(autouse=True)
def traceless() -> Iterator[None]:
    """No test may leave a change set or an empty stack."""
    yield
    left = aws.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    assert [one["ChangeSetName"] for one in left if one["ChangeSetName"].startswith("plan-")] == []
    assert stack.describe(f"covid-lake-{ABSENT}") is None


def planned(bundle: Bundle, environment: str = ENVIRONMENT) -> Plan:
    lines: list[str] = []
    made = plan.plan(environment, bundle, lines.append)
    assert lines == []
    assert plan_file.from_json(plan_file.to_json(made)) == made
    return made


def by_verb(made: Plan, verb: str) -> list[str]:
    return [one.logical_id for one in made.resources if one.verb == verb]


def test_an_absent_stack_is_planned_whole_and_stays_absent(bundle: Bundle) -> None:
    made = planned(bundle, ABSENT)
    assert made.kind == "CREATE"
    assert {one.verb for one in made.resources} == {"add"}
    assert "LakeBucket" in by_verb(made, "add")
    assert {one.name for one in made.parameters} == set(environment_of(bundle, ABSENT).parameters)


def environment_of(bundle: Bundle, name: str) -> environment_file.Environment:
    return environment_file.load(name, bundle.environments)


def test_what_a_condition_keeps_out_is_not_planned(bundle: Bundle) -> None:
    assert not {"Key", "KeyAlias", "EmailSubscription"} & set(by_verb(planned(bundle, ABSENT), "add"))


def test_a_plan_is_the_same_each_time(bundle: Bundle) -> None:
    assert planned(bundle, ABSENT).fingerprint() == planned(bundle, ABSENT).fingerprint()


def test_nothing_to_do_is_no_change(bundle: Bundle) -> None:
    made = planned(bundle)
    assert made.is_empty
    assert made.kind == "UPDATE"


def test_one_changed_lambda_line_modifies_one_function(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "LAMBDAS", shutil.copytree(project.LAMBDAS, tmp_path / "lambdas"))
    handler = tmp_path / "lambdas" / "start_crawler" / "handler.py"
    handler.write_text(handler.read_text() + "\n# One line more.\n")
    fresh = package(tmp_path / "fresh")

    def replace_code(copied: Path) -> None:
        shutil.rmtree(copied / "artifacts")
        shutil.copytree(fresh.folder / "artifacts", copied / "artifacts")
        shutil.copy(fresh.folder / "template.json", copied / "template.json")

    changed = variant(bundle, tmp_path, replace_code)
    made = planned(changed)
    assert by_verb(made, "modify") == ["StartCrawlerFunction"]
    assert not {"add", "remove", "replace", "may replace"} & {one.verb for one in made.resources}
    assert [one.path for one in made.resources if one.verb == "modify" for one in one.properties] == [
        "Code.S3Key"
    ]
    assert plan_risks.risks(made) == []


def test_a_changed_parameter_is_reported_with_what_it_changes(bundle: Bundle, tmp_path: Path) -> None:
    def change(copied: Path) -> None:
        path = copied / "environments" / f"{ENVIRONMENT}.yaml"
        path.write_text(path.read_text().replace('GlueTimeoutMinutes: "15"', 'GlueTimeoutMinutes: "20"'))

    made = planned(variant(bundle, tmp_path, change))
    assert made.parameters == (ValueChange("GlueTimeoutMinutes", "15", "20"),)
    (job,) = (one for one in made.resources if one.logical_id == "Job")
    assert [(one.path, one.before, one.after) for one in job.properties] == [("Timeout", "15", "20")]


def test_a_replaced_log_group_is_called_out(bundle: Bundle, tmp_path: Path) -> None:
    def rename(template: dict[str, Any]) -> None:
        template["Resources"]["Extra"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": "plan-extra"},
        }
        del template["Resources"]["StateMachineLogGroup"]["Properties"]["LogGroupName"]

    made = planned(with_template(bundle, tmp_path, rename))
    assert by_verb(made, "add") == ["Extra"]
    (risk,) = (one for one in plan_risks.destructive(made) if one.logical_id == "StateMachineLogGroup")
    assert "replaced by a new, empty one" in risk.text


@pytest.mark.parametrize(("policy", "expected"), [("Delete", "deleted"), ("Retain", "its data stay")])
def test_a_removed_log_group_is_called_out(
    bundle: Bundle, tmp_path: Path, policy: str, expected: str
) -> None:
    """Whether its data stay follows from the deployed template, so that one is deployed first."""

    def keep(template: dict[str, Any]) -> None:
        template["Resources"]["JobErrorLogGroup"]["DeletionPolicy"] = policy

    def remove(template: dict[str, Any]) -> None:
        del template["Resources"]["JobErrorLogGroup"]

    (tmp_path / "kept").mkdir()
    deploy.deploy(ENVIRONMENT, with_template(bundle, tmp_path / "kept", keep), ignore)
    made = planned(with_template(bundle, tmp_path, remove))
    (risk,) = plan_risks.destructive(made)
    assert by_verb(made, "remove") == [risk.logical_id] == ["JobErrorLogGroup"]
    assert expected in risk.text
    deploy.deploy(ENVIRONMENT, bundle, ignore)


def test_an_opened_bucket_and_a_wider_role_are_called_out(bundle: Bundle, tmp_path: Path) -> None:
    def open_up(template: dict[str, Any]) -> None:
        everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
        resources = template["Resources"]
        resources["LakeBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"].append(everybody)
        wide = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policies = resources["JobRole"]["Properties"]["Policies"]
        policies[0]["PolicyDocument"]["Statement"].append(wide)

    texts = [risk.text for risk in plan_risks.risks(planned(with_template(bundle, tmp_path, open_up)))]
    assert "access added, PUBLIC: Allow s3:GetObject on * for *" in texts
    assert "statement added: Allow s3:* on *" in texts


def test_deploys_own_change_set_has_the_plans_fingerprint(bundle: Bundle, tmp_path: Path) -> None:
    def change(template: dict[str, Any]) -> None:
        template["Resources"]["Topic"]["Properties"]["DisplayName"] = "another"

    changed = with_template(bundle, tmp_path, change)
    reviewed = planned(changed)
    inputs, found = StackInputs.checked(ENVIRONMENT, changed), stack.describe(STACK)
    key = f"{plan.PLANS_PREFIX}{STACK}/{changed.manifest['template.json']}.json"
    template = change_set.template_url(inputs.bucket, key)
    created = change_set_request.create(STACK, template, inputs.parameters(found), inputs.tags, found=found)
    assert created is not None
    try:
        assert builder.build(created, inputs).fingerprint() == reviewed.fingerprint()
    finally:
        change_set_removal.discard(created)


def test_a_broken_template_leaves_nothing(bundle: Bundle, tmp_path: Path) -> None:
    def break_it(template: dict[str, Any]) -> None:
        template["Resources"]["Wrong"] = {"Type": "AWS::No::Such"}

    with pytest.raises(DeployError) as caught:
        planned(with_template(bundle, tmp_path, break_it), ABSENT)
    assert "\n" not in str(caught.value)


def test_an_interrupt_leaves_nothing(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(builder, "build", interrupt)
    with pytest.raises(KeyboardInterrupt):
        planned(bundle, ABSENT)


def test_a_ghost_of_an_earlier_run_is_cleaned(bundle: Bundle) -> None:
    ghost(bundle, "forgotten")
    aws.client("cloudformation").delete_change_set(
        StackName=f"covid-lake-{ABSENT}", ChangeSetName="forgotten"
    )
    planned(bundle, ABSENT)


def test_a_ghost_with_somebodys_change_set_stays(bundle: Bundle) -> None:
    ghost(bundle, "in-use")
    lines: list[str] = []
    try:
        plan.plan(ABSENT, bundle, lines.append)
        assert lines == [
            f"stack covid-lake-{ABSENT} stays in REVIEW_IN_PROGRESS: it has the change set in-use"
        ]
    finally:
        change_set_removal.discard(change_set.ChangeSet(f"covid-lake-{ABSENT}", "in-use", "CREATE"))


def ghost(bundle: Bundle, name: str) -> None:
    """What somebody's unfinished review leaves: an empty stack with a change set."""
    aws.client("cloudformation").create_change_set(
        StackName=f"covid-lake-{ABSENT}",
        ChangeSetName=name,
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}),
    )


def test_a_failed_creation_is_one_line(bundle: Bundle) -> None:
    name = f"covid-lake-{ABSENT}"
    broken = {"Type": "AWS::S3::Bucket", "Properties": {"NoSuchProperty": "x"}}
    aws.client("cloudformation").create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": {"B": broken}})
    )
    quickly: Any = {"Delay": 1, "MaxAttempts": 20}
    try:
        with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
            aws.client("cloudformation").get_waiter("stack_create_complete").wait(
                StackName=name, WaiterConfig=quickly
            )
        with pytest.raises(DeployError, match=f"stack {name} is ROLLBACK_COMPLETE: its creation failed"):
            planned(bundle, ABSENT)
    finally:
        aws.client("cloudformation").delete_stack(StackName=name)
        aws.client("cloudformation").get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig=quickly
        )


def test_an_unknown_environment_is_one_line(bundle: Bundle) -> None:
    with pytest.raises(EnvironmentFileError, match=r"nowhere\.yaml: no such environment"):
        planned(bundle, "nowhere")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("table", f"{STACK}: no change"), ("markdown", "**no change**"), ("json", '"fingerprint"')],
)
def test_the_command_shows_or_writes_the_plan(
    bundle: Bundle, tmp_path: Path, shown: str, expected: str
) -> None:
    app = typer.Typer()
    commands_plan.register(app)
    arguments = ["plan", ENVIRONMENT, "--bundle", str(bundle.folder), "--format", shown]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert expected in result.stdout
    written = tmp_path / "plans" / "plan"
    assert CliRunner().invoke(app, [*arguments, "--output", str(written)]).exit_code == 0
    assert expected in written.read_text()


def topic_arn() -> str:
    return next(
        str(one["PhysicalResourceId"])
        for one in aws.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        if one["LogicalResourceId"] == "Topic"
    )


def rename_by_hand(cloud: LocalCloud) -> None:
    """Somebody gives the topic another display name, which the template of these tests sets."""
    cloud.client("sns").set_topic_attributes(
        TopicArn=topic_arn(), AttributeName="DisplayName", AttributeValue="by hand"
    )


def set_topic(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    def edit(template: dict[str, Any]) -> None:
        template["Resources"]["Topic"]["Properties"]["DisplayName"] = "as deployed"
        template["Resources"]["Topic"]["Properties"][name] = value

    return edit


@pytest.fixture
def named_topic(bundle: Bundle, tmp_path: Path) -> Iterator[Bundle]:
    (tmp_path / "named").mkdir()
    named = with_template(bundle, tmp_path / "named", set_topic("DisplayName", "as deployed"))
    deploy.deploy(ENVIRONMENT, named, ignore)
    yield named
    deploy.deploy(ENVIRONMENT, bundle, ignore)


def drift_of(made: Plan) -> list[tuple[str, str, str, str, str]]:
    assert made.drift is not None
    return [(one.logical_id, one.path, one.deployed, one.live, one.effect) for one in made.drift]


@pytest.mark.usefixtures("named_topic")
@pytest.mark.parametrize(
    ("name", "effect"), [("DisplayName", "overwritten"), ("TracingConfig", "may be overwritten")]
)
def test_what_was_changed_by_hand_is_shown_before_it_is_lost(
    bundle: Bundle, tmp_path: Path, cloud: LocalCloud, name: str, effect: str
) -> None:
    rename_by_hand(cloud)
    made = planned(with_template(bundle, tmp_path, set_topic(name, "PassThrough")))
    assert drift_of(made) == [("Topic", "DisplayName", "as deployed", "by hand", effect)]
    assert "1 live value changed by hand and not kept" in plan_table.title(made)


@pytest.mark.usefixtures("named_topic")
def test_a_deploy_says_what_it_takes_away_and_refuses_what_the_review_did_not_show(
    bundle: Bundle, tmp_path: Path, cloud: LocalCloud
) -> None:
    changed = with_template(bundle, tmp_path, set_topic("DisplayName", "another"))
    reviewed = planned(changed)
    rename_by_hand(cloud)
    with pytest.raises(DeployError, match=r"not what was reviewed: Topic.DisplayName was changed by hand"):
        deploy.deploy(ENVIRONMENT, changed, ignore, DeployOptions(reviewed=reviewed))
    lines: list[str] = []
    deploy.deploy(ENVIRONMENT, changed, lines.append, DeployOptions(reviewed=planned(changed)))
    assert (
        "changed by hand: Topic.DisplayName: deployed as deployed, now by hand, overwritten with another"
        in lines
    )


@pytest.mark.prove
@pytest.mark.usefixtures("named_topic")
def test_drift_that_the_environment_lets_pass_does_not_count(
    bundle: Bundle, tmp_path: Path, cloud: LocalCloud
) -> None:
    rename_by_hand(cloud)

    def change(copied: Path) -> None:
        path = copied / "environments" / f"{ENVIRONMENT}.yaml"
        path.write_text(path.read_text() + "# drift-ignore: Topic:/DisplayName -- the incident of 3 May\n")

    (tmp_path / "let-pass").mkdir()
    changed = with_template(bundle, tmp_path, set_topic("DisplayName", "another"))
    made = planned(variant(changed, tmp_path / "let-pass", change))
    assert made.drift is not None
    assert [(one.path, one.ignored) for one in made.drift] == [("DisplayName", "the incident of 3 May")]
    assert "by hand" not in plan_table.title(made)


@pytest.mark.prove
def test_a_plan_that_reverts_drift_is_reviewed_and_executed_as_such(
    bundle: Bundle, named_topic: Bundle, cloud: LocalCloud
) -> None:
    """The local cloud shows such a change set and refuses to execute it."""
    rename_by_hand(cloud)
    made = plan.plan(ENVIRONMENT, named_topic, ignore, mode="REVERT_DRIFT")
    assert by_verb(made, "modify") == ["Topic"]
    assert drift_of(made) == [("Topic", "DisplayName", "as deployed", "by hand", "overwritten")]
    assert made.fingerprint() != planned(bundle).fingerprint()
    reviewed = plan_file.from_json(plan_file.to_json(made))
    with pytest.raises(ClientError, match="localcloud does not support executing a drift-aware change set"):
        deploy.deploy(ENVIRONMENT, named_topic, ignore, DeployOptions(reviewed=reviewed))
    left = aws.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    for one in left:
        aws.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName=one["ChangeSetName"])


def test_a_bucket_name_that_is_taken_fails_the_plan_with_its_cause(
    bundle: Bundle, tmp_path: Path, cloud: LocalCloud
) -> None:
    here: Any = {"LocationConstraint": aws.region()}
    cloud.client("s3").create_bucket(Bucket="taken-before-the-plan", CreateBucketConfiguration=here)

    def add(template: dict[str, Any]) -> None:
        taken = {"BucketName": "taken-before-the-plan"}
        template["Resources"]["Second"] = {"Type": "AWS::S3::Bucket", "Properties": taken}

    with pytest.raises(
        DeployError, match=r"validation failed: Second \(AWS::S3::Bucket\): NAME_CONFLICT_VALIDATION"
    ):
        planned(with_template(bundle, tmp_path, add))


def test_a_bucket_that_is_to_go_and_holds_something_is_a_warning(
    bundle: Bundle, tmp_path: Path, cloud: LocalCloud
) -> None:
    def add(template: dict[str, Any]) -> None:
        properties = {"BucketName": "soon-to-go"}
        template["Resources"]["Second"] = {"Type": "AWS::S3::Bucket", "Properties": properties}

    deploy.deploy(ENVIRONMENT, with_template(bundle, tmp_path, add), ignore)
    s3 = cloud.client("s3")
    s3.put_object(Bucket="soon-to-go", Key="x", Body=b"x")
    made = planned(bundle)
    (warning,) = made.validations
    assert (warning.outcome, warning.logical_id, warning.name) == (
        "warning",
        "Second",
        "BUCKET_EMPTINESS_VALIDATION",
    )
    s3.delete_object(Bucket="soon-to-go", Key="x")
    deploy.deploy(ENVIRONMENT, bundle, ignore, DeployOptions(allow_destructive=["Second"]))


def test_what_is_planned_is_the_version_that_was_sent(
    bundle: Bundle, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody swaps the object between the upload and CreateChangeSet."""
    s3, create = cloud.client("s3"), change_set_request.create
    addresses: list[str] = []

    def swapped(name: str, template: str, *rest: Any, **options: Any) -> Any:
        bucket, _, key = urlsplit(template).path.lstrip("/").partition("/")
        s3.put_object(Bucket=bucket, Key=key, Body=b'{"Resources": {"Evil": {"Type": "AWS::SQS::Queue"}}}')
        addresses.append(key)
        return create(name, template, *rest, **options)

    monkeypatch.setattr(change_set_request, "create", swapped)
    made = planned(bundle, ABSENT)
    assert "Evil" not in by_verb(made, "add")
    assert addresses == [f"plans/covid-lake-{ABSENT}/{bundle.manifest['template.json']}.json"]
    monkeypatch.undo()
    with pytest.raises(BundleError, match="somebody else put it there"):
        planned(bundle, ABSENT)
    s3.delete_object(Bucket=artifact_bucket(), Key=addresses[0])
    assert by_verb(planned(bundle, ABSENT), "add") == by_verb(made, "add")


def artifact_bucket() -> str:
    return project.artifact_bucket(aws.account(), aws.region())


@pytest.mark.prove
def test_a_plan_waits_for_a_deploy_that_is_under_way(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "LOOK_EVERY_SECONDS", 0.05)
    changed = with_template(bundle, tmp_path, set_topic("DisplayName", "under way"))
    inputs, found = StackInputs.checked(ENVIRONMENT, changed), stack.describe(STACK)
    artifacts.upload(changed, inputs.bucket, STACK, ignore)
    template = change_set.template_url(inputs.bucket, inputs.template_key)
    created = change_set_request.create(STACK, template, inputs.parameters(found), inputs.tags, found=found)
    assert created is not None
    aws.client("cloudformation").execute_change_set(StackName=STACK, ChangeSetName=created.name)
    with pytest.raises(StackBusyError, match=f"stack {STACK} is UPDATE_IN_PROGRESS: wait until it ends"):
        plan.plan(ENVIRONMENT, bundle, ignore, wait_minutes=0)
    lines: list[str] = []
    assert by_verb(plan.plan(ENVIRONMENT, bundle, lines.append), "modify")
    assert lines == [
        f"stack {STACK} is UPDATE_IN_PROGRESS: wait until it ends, then try again: waiting up to 10 minutes"
    ]
    deploy.deploy(ENVIRONMENT, bundle, ignore)


@pytest.mark.prove
def test_express_mode_is_asked_for_and_done_without_here(bundle: Bundle, tmp_path: Path) -> None:
    lines: list[str] = []
    changed = with_template(bundle, tmp_path, set_topic("DisplayName", "express"))
    deploy.deploy(ENVIRONMENT, changed, lines.append, DeployOptions(express=True))
    assert [line for line in lines if "Express" in line] == [
        "no Express mode here, the standard one is used: "
        "localcloud does not support DeploymentConfig Mode EXPRESS: nothing here becomes ready later"
    ]
    deploy.deploy(ENVIRONMENT, bundle, ignore)
