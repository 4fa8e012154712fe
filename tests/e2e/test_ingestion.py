"""The whole loop on the local cloud, IAM enforced: deploy, ingest, ask Athena, and what breaks it.

The tests run in order on one stack: each starts from what the one before left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError, IngestionError, QueryError
from covidlake.bundle.package import Bundle, package
from covidlake.commands import quarantine as commands_quarantine
from covidlake.cost import month_cost, run_cost
from covidlake.dataset import descriptions
from covidlake.laptop import local
from covidlake.live.watch import Watcher
from covidlake.report.page import charts, report
from covidlake.run import ingest, notifications, quarantine, query, status
from covidlake.run.pipelines import ingestion
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack
from infra.common.declared_tables import TABLES
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore

AREAS = 21  # records of one day in the real object and in the sample
SAMPLE_DAYS = 12


@pytest.fixture(scope="module", autouse=True)
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    """The dev stack from a fresh bundle, its topic's reader subscribed, a short sample as its source."""
    from covidlake.laptop.source.mirror import mirror
    from covidlake.laptop.source.uk_sample import generate

    bundle = package(tmp_path_factory.mktemp("package") / "bundle")
    sample = tmp_path_factory.mktemp("sample")
    generate(sample, days=SAMPLE_DAYS)
    with local.attached(cloud):
        mirror(sample, project.SOURCE_BUCKET)
        deploy.deploy("dev", bundle, ignore)
        notifications.subscribe("dev")
        yield bundle


def outputs() -> dict[str, str]:
    return stack.find("dev").outputs


def run_ingestion(name: str, **options: Any) -> dict[str, Any]:
    options.setdefault("datasets", ("uk_covid",))
    ended = ingest.ingest("dev", ignore, ingestion.Request(**options), name)
    (outcome,) = ingest.outcomes(ended)
    return outcome


def failure_of(name: str, **options: Any) -> str:
    with pytest.raises(IngestionError) as caught:
        run_ingestion(name, **options)
    text = str(caught.value)
    assert "\n" not in text
    return text


def notification() -> notifications.Notification:
    """The message of the state machine itself; the status change of EventBridge comes beside it."""
    received = notifications.receive("dev", wait_seconds=10)
    (own,) = [message for message in received if "failed in" in message.subject]
    return own


def count() -> int:
    return int(query.query("dev", "SELECT count(*) FROM uk_covid").rows[0][0] or 0)


def test_the_first_ingestion_loads_and_verifies() -> None:
    outcome = run_ingestion("first")
    assert outcome["outcome"] == "LOADED"
    assert outcome["rows_read"] == sum(outcome[f"rows_{part}"] for part in ingestion.ACCOUNTS)
    assert outcome["rows_quarantined"] > 0
    assert outcome["table_rows"] == count() == SAMPLE_DAYS * AREAS


def test_the_question_of_the_data_set_has_an_answer() -> None:
    answer = query.query("dev", descriptions.load("uk_covid").queries[0].sql)
    assert len(answer.rows) == min(14, SAMPLE_DAYS)
    united_kingdom, *nations = (int(cell or 0) for cell in answer.rows[0][1:])
    assert united_kingdom == sum(nations) > 0
    assert answer.bytes_scanned > 0


def test_the_first_ingestion_has_a_price_line_by_line_and_so_has_the_month() -> None:
    found = run_cost.of_execution("dev", "first")
    lines = {line.price.name: line for line in found.lines}
    assert found.unknown == ()
    assert lines["glue_dpu_hour"].usage >= 2 * 60 / 3600  # two workers, a minute at least
    assert lines["glue_crawler_dpu_hour"].usage == pytest.approx(2 * 600 / 3600)
    assert lines["athena_terabyte"].usage >= 10e6 / 1e12
    assert not lines["lambda_arm_gb_second"].estimated, "Lambda's log says what it bills"
    assert lines["states_transition"].usage > 15
    month = month_cost.of_month("dev")
    assert "first" in [run.name for run in month.runs]
    assert {line.price.name for line in month.standing.lines} == {"alarm_month"}
    assert month.standing.unknown == ()


def test_the_first_ingestion_is_a_tree_with_its_rows() -> None:
    watcher = Watcher(ignore)
    ingest.follow("dev", watcher, "first", 60.0)
    (root,) = watcher.tree.roots
    assert {node.status for node in root.walk()} == {"succeeded"}
    assert {"FindWork", "RunJobs", "StartCrawler", "VerifyTables"} <= {node.title for node in root.children}
    assert watcher.tree.nodes["first/RunJobs[0]"].title == "uk_covid"
    assert " read, " in watcher.tree.nodes["first/=uk_covid"].note


def test_the_report_has_every_part_and_its_rows_add_up() -> None:
    found = report.found("dev", "first")
    assert found.gaps == []
    (uk_covid,) = found.data_sets
    assert (uk_covid.unaccounted, uk_covid.table_rows) == (0, SAMPLE_DAYS * AREAS)
    assert uk_covid.rules
    assert {visit.state for visit in found.timeline.visits} >= {"RunJob", "CheckCrawler", "Ingested"}
    assert {one["reason"] for one in found.collected.quarantine}
    (chart,) = found.charts
    assert len(charts.points(chart.drawing)) == SAMPLE_DAYS * 4
    assert found.costs.total


def test_the_second_ingestion_finds_nothing_new_and_does_not_crawl(cloud: LocalCloud) -> None:
    crawler = outputs()["CrawlerName"]
    before = cloud.client("glue").get_crawler(Name=crawler)["Crawler"]["LastCrawl"]["StartTime"]
    assert run_ingestion("second")["outcome"] == "NOTHING_NEW"
    assert cloud.client("glue").get_crawler(Name=crawler)["Crawler"]["LastCrawl"]["StartTime"] == before


def test_a_table_that_somebody_dropped_is_registered_again_without_a_job(cloud: LocalCloud) -> None:
    glue, names = cloud.client("glue"), outputs()
    runs = len(glue.get_job_runs(JobName=names["JobName"])["JobRuns"])
    glue.delete_table(DatabaseName=names["DatabaseName"], Name="uk_covid")
    outcome = run_ingestion("dropped")
    assert (outcome["outcome"], outcome["rows_read"]) == ("LOADED", 0)
    assert outcome["findings"] == "table uk_covid was gone from the Data Catalog"
    assert count() == SAMPLE_DAYS * AREAS
    assert len(glue.get_job_runs(JobName=names["JobName"])["JobRuns"]) == runs
    assert run_ingestion("dropped-no-more")["outcome"] == "NOTHING_NEW"


def test_a_second_start_under_the_same_name_finds_the_first() -> None:
    assert run_ingestion("first")["outcome"] == "LOADED"


@pytest.mark.prove
def test_a_replay_reads_what_stands_in_quarantine_again(deployed: Bundle) -> None:
    before = quarantine.rejected_rows("dev", "uk_covid")
    assert {row[0] for row in before.rows} == {"uk_covid"}
    app = typer.Typer()
    commands_quarantine.register(app)
    app.callback()(lambda: None)
    ended = CliRunner().invoke(app, ["quarantine", "replay", "dev"], catch_exceptions=False)
    rejected = sum(int(row[2] or 0) for row in before.rows)
    assert f"uk_covid: 0 rows loaded, {rejected} left in quarantine" in ended.output
    after = quarantine.rejected_rows("dev", "uk_covid")
    assert [row[:5] for row in after.rows] == [row[:5] for row in before.rows]
    assert {row[5] for row in after.rows}.isdisjoint({row[5] for row in before.rows})


def test_deploying_the_same_again_changes_nothing(deployed: Bundle) -> None:
    again = deploy.deploy("dev", deployed, ignore)
    assert (again.status, again.uploaded, again.changes) == ("NO_CHANGE", 0, [])


def test_status_shows_stack_executions_and_tables() -> None:
    found = status.status("dev")
    assert found.stack.status == "CREATE_COMPLETE"
    assert {row[0]: row[1] for row in found.executions}["second"] == "SUCCEEDED"
    tables = {row[0] for row in found.tables}
    assert tables == {"uk_covid", "uk_covid_by_age", "uk_covid_quarantine", *TABLES.values()}
    assert "SUCCEEDED" in found.crawler


def test_bad_input_is_refused_before_anything_runs(cloud: LocalCloud) -> None:
    runs = cloud.client("glue").get_job_runs(JobName=outputs()["JobName"])["JobRuns"]
    text = failure_of("bad-input", datasets=("us_covid",))
    assert "InvalidInput" in text
    assert "us_covid" in text
    assert len(cloud.client("glue").get_job_runs(JobName=outputs()["JobName"])["JobRuns"]) == len(runs)
    notifications.receive("dev", wait_seconds=3)


def test_bad_sql_is_one_line() -> None:
    with pytest.raises(QueryError, match="no_such_table") as caught:
        query.query("dev", "SELECT * FROM no_such_table")
    assert "\n" not in str(caught.value)


def test_a_crawler_that_fails_is_reported_and_repaired_by_the_next_run(cloud: LocalCloud) -> None:
    aws.client("s3").delete_object(Bucket=outputs()["LakeBucketName"], Key="state/uk_covid/published.json")
    with withheld(cloud, "CrawlerRole", "s3:GetObject"):
        text = failure_of("crawl-denied")
    assert "uk_covid in CheckCrawler" in text
    assert "AccessDenied" in text
    message = notification()
    assert message.subject == "covid-lake-dev: uk_covid failed in CheckCrawler"
    assert "executions/details/" in message.message
    # Nothing is new, but the table of the failed run was never verified: the catalog is crawled again.
    assert run_ingestion("crawl-repaired")["outcome"] == "LOADED"


def test_a_role_without_a_permission_fails_the_run_by_name(cloud: LocalCloud) -> None:
    with withheld(cloud, "JobRole", "s3:ListBucket"):
        text = failure_of("job-denied", mode="full")
    assert "uk_covid in RunJob" in text
    assert "AccessDenied" in text
    assert notification().subject == "covid-lake-dev: uk_covid failed in RunJob"


def test_a_source_without_objects_is_an_error_that_names_it(cloud: LocalCloud) -> None:
    held = take_all(project.SOURCE_BUCKET)
    try:
        text = failure_of("no-source")
    finally:
        for key, body in held.items():
            aws.client("s3").put_object(Bucket=project.SOURCE_BUCKET, Key=key, Body=body)
    assert "SourceNotFoundError" in text
    assert "s3://covid19-lake/uk_covid/json/" in text
    assert notification().subject == "covid-lake-dev: uk_covid failed in FindWork"


def test_a_job_script_that_raises_fails_with_its_own_words(cloud: LocalCloud) -> None:
    script = cloud.client("glue").get_job(JobName=outputs()["JobName"])["Job"]["Command"]["ScriptLocation"]
    bucket, key = script.removeprefix("s3://").split("/", 1)
    good = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    aws.client("s3").put_object(
        Bucket=bucket, Key=key, Body=b"raise ValueError('day 2022-12-07 is broken')\n"
    )
    try:
        text = failure_of("script-raises", mode="full")
    finally:
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=good)
    assert "day 2022-12-07 is broken" in text
    message = notification()
    assert "day 2022-12-07 is broken" in message.message
    assert "covid-lake-dev" in message.message


def test_a_malformed_parameter_file_stops_before_any_call(deployed: Bundle, tmp_path: Path) -> None:
    environments = tmp_path / "environments"
    environments.mkdir()
    good = (deployed.environments / "dev.yaml").read_text()
    (environments / "dev.yaml").write_text(good.replace('GlueWorkerType: "G.1X"', 'GlueWorkerType: "G.7X"'))
    (tmp_path / "template.json").write_bytes((deployed.folder / "template.json").read_bytes())
    with pytest.raises(EnvironmentFileError, match=r"parameter GlueWorkerType = 'G\.7X': allowed are"):
        deploy.deploy("dev", Bundle(tmp_path, deployed.manifest), ignore)


def test_after_all_that_the_table_is_whole() -> None:
    assert count() == SAMPLE_DAYS * AREAS


def test_the_real_object_comes_out_exactly(real_data: Path) -> None:
    from covidlake.laptop.source.mirror import mirror

    mirror(real_data / "covid19-lake", project.SOURCE_BUCKET)
    refused = failure_of("real-refused")
    assert "231 of the 252 rows of uk_covid would be removed, over 20%" in refused
    assert count() == SAMPLE_DAYS * AREAS
    outcome = run_ingestion("real", allow_removal=True)
    assert (outcome["rows_read"], outcome["rows_restated"], outcome["table_rows"]) == (AREAS, AREAS, AREAS)
    assert (outcome["findings"], outcome["quarantine_rows"]) == ("", 0)
    answer = query.query("dev", descriptions.load("uk_covid").queries[0].sql)
    assert [row[0] for row in answer.rows] == ["2022-12-07"]
    united_kingdom, *nations = (int(cell or 0) for cell in answer.rows[0][1:])
    assert united_kingdom == 6681 == sum(nations)


@contextmanager
def withheld(cloud: LocalCloud, logical_id: str, action: str) -> Iterator[None]:
    """Take an action out of a role's policies, and give it back."""
    iam = cloud.client("iam")
    resource = aws.client("cloudformation").describe_stack_resource(
        StackName="covid-lake-dev", LogicalResourceId=logical_id
    )
    role = resource["StackResourceDetail"]["PhysicalResourceId"]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    before = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    after = {name: without(document, action) for name, document in before.items()}
    assert after != before, f"{role} does not have {action}"
    for name, document in after.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    yield
    for name, document in before.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    statements = [dict(statement) for statement in document["Statement"]]
    for statement in statements:
        given = statement["Action"]
        actions = [given] if isinstance(given, str) else given
        statement["Action"] = [item for item in actions if item != action]
    return {**document, "Statement": [statement for statement in statements if statement["Action"]]}


def take_all(bucket: str) -> dict[str, bytes]:
    s3, held = aws.client("s3"), dict[str, bytes]()
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        held[item["Key"]] = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    return held
