"""The JSONata of the state machine, evaluated: the input's validation and the causes that people read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonata
import pytest

from tests.unit.infra.conftest import states

VALUES = {
    "CheckCrawlerFunction": "arn:check",
    "Console": "console.aws.amazon.com",
    "CrawlerName": "lake-crawler",
    "DataSets": "uk_covid,us_states",
    "Database": "covid_lake_dev",
    "DescribedDataSets": "uk_covid,country_codes",
    "Environment": "dev",
    "FindWorkFunction": "arn:find",
    "JobLogGroup": "/aws-glue/jobs/covid-lake-dev",
    "JobName": "lake-ingest",
    "LakeBucket": "lake",
    "Region": "us-east-2",
    "StackName": "covid-lake-dev",
    "StartCrawlerFunction": "arn:start",
    "StateMachineLogGroup": "/aws/vendedlogs/states/covid-lake-dev-ingestion",
    "Topic": "arn:topic",
    "WorkGroup": "covid-lake-dev",
}
EXECUTION = "arn:aws:states:us-east-2:000000000000:execution:covid-lake-dev-ingestion:run-1"


@pytest.fixture(scope="module")
def deployed(machine: dict[str, Any]) -> dict[str, Any]:
    """The definition as CloudFormation hands it to Step Functions."""
    text = re.sub(r"\$\{(\w+)\}", lambda match: VALUES[match[1]], json.dumps(machine))
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def evaluate(expression: str, **variables: Any) -> Any:
    compiled = jsonata.Jsonata(expression.removeprefix("{% ").removesuffix(" %}"))
    for name, value in variables.items():
        compiled.assign(name, value)
    return compiled.evaluate(None)


def expressions(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from expressions(item)
    elif isinstance(value, str) and value.startswith("{%"):
        yield value


def test_every_expression_is_well_formed_and_uses_no_reserved_name(deployed: dict[str, Any]) -> None:
    found = list(expressions(deployed))
    assert len(found) > 60
    for expression in found:
        assert re.fullmatch(r"\{% .+ %\}", expression), expression
        jsonata.Jsonata(expression[3:-3])
        assert not re.search(r"\$\$|\$(?![A-Za-z])", re.sub(r"'[^']*'|/.*?/[,)]", "", expression)), expression


def rejection(deployed: dict[str, Any], given: Any) -> dict[str, Any] | None:
    """What ValidateInput says of an input, None when it accepts it."""
    for choice in deployed["States"]["ValidateInput"]["Choices"]:
        if evaluate(choice["Condition"], states={"input": given}) is True:
            assert choice["Next"] == "NotifyExecutionFailed"
            problem = choice["Assign"]["problem"]
            return {
                key: evaluate(value, states={"input": given}) if value.startswith("{%") else value
                for key, value in problem.items()
            }
    return None


@pytest.mark.parametrize(
    ("given", "datasets", "mode"),
    [
        ({}, ["uk_covid", "us_states"], "incremental"),
        ({"datasets": ["us_states"]}, ["us_states"], "incremental"),
        ({"mode": "full"}, ["uk_covid", "us_states"], "full"),
        (
            {"datasets": ["us_states", "uk_covid"], "mode": "incremental"},
            ["us_states", "uk_covid"],
            "incremental",
        ),
    ],
)
def test_a_good_input_is_completed(
    deployed: dict[str, Any], given: Any, datasets: list[str], mode: str
) -> None:
    assert rejection(deployed, given) is None
    assign = deployed["States"]["CompleteInput"]["Assign"]
    assert evaluate(assign["datasets"], states={"input": given}) == datasets
    assert evaluate(assign["mode"], states={"input": given}) == mode
    assert [evaluate(assign[key], states={"input": given}) for key in ("from", "to")] == ["any", "any"]


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ({"from": "2022-12-01", "to": "2022-12-07"}, "2022-12-01", "2022-12-07"),
        ({"from": "2022-12-07", "to": "2022-12-07"}, "2022-12-07", "2022-12-07"),
        ({"to": "2022-12-07"}, "any", "2022-12-07"),
        ({"from": "2000-02-29", "to": "2024-02-29"}, "2000-02-29", "2024-02-29"),
        ({"from": "latest"}, "latest", "any"),
    ],
)
def test_a_range_of_days_is_handed_on(deployed: dict[str, Any], given: Any, first: str, last: str) -> None:
    assert rejection(deployed, given) is None
    assign = deployed["States"]["CompleteInput"]["Assign"]
    assert [evaluate(assign[key], states={"input": given}) for key in ("from", "to")] == [first, last]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "the input is of type array: expected a JSON object"),
        (["uk_covid"], "the input is of type array"),
        ("uk_covid", "the input is of type string"),
        (7, "the input is of type number"),
        (True, "the input is of type boolean"),
        ({"dataset": "uk_covid"}, "unknown key in the input: dataset: expected"),
        ({"datasets": ["uk_covid"], "Mode": "full", "x": 1}, "unknown key in the input: Mode, x"),
        (
            {"datasets": "uk_covid"},
            "datasets is of type string, not a list of names; allowed: uk_covid, us_states",
        ),
        ({"datasets": {"uk_covid": 1}}, "datasets is of type object"),
        ({"datasets": 1}, "datasets is of type number"),
        ({"datasets": []}, "datasets is empty"),
        ({"datasets": [1]}, "datasets holds something that is not a name: 1"),
        ({"datasets": ["uk_covid", {"a": 1}]}, "datasets holds something that is not a name"),
        ({"datasets": [["uk_covid"]]}, "datasets holds something that is not a name"),
        ({"datasets": [None]}, "unknown data set|not a name"),
        ({"datasets": ["uk_covid", "us"]}, "unknown data set: us; allowed: uk_covid, us_states"),
        ({"datasets": ["UK_COVID"]}, "unknown data set: UK_COVID"),
        ({"datasets": [""]}, "unknown data set"),
        ({"datasets": ['uk_covid"; DROP']}, "unknown data set"),
        ({"datasets": ["uk_covid", "uk_covid"]}, "datasets names one more than once"),
        ({"mode": "Full"}, "unknown mode: Full; allowed: incremental, full"),
        ({"mode": 1}, "unknown mode: 1"),
        ({"mode": ["full"]}, "unknown mode"),
        ({"mode": {}}, "unknown mode"),
        ({"from": "7.12.2022"}, "from is no day: 7.12.2022; give YYYY-MM-DD or latest"),
        ({"from": "2022-13-01"}, "from is no day"),
        ({"from": "2022-06-31"}, "from is no day: 2022-06-31"),
        ({"to": "2022-02-29"}, "to is no day: 2022-02-29"),
        ({"to": "2100-02-29"}, "to is no day"),
        ({"to": "0000-01-01"}, "to is no day"),
        ({"from": 20221207}, "from is no day"),
        ({"from": ""}, "from is no day"),
        ({"from": None}, "from is no day"),
        ({"to": "latest"}, "to is no day: latest"),
        ({"to": ["2022-12-07"]}, "to is no day"),
        ({"from": "latest", "to": "2022-12-07"}, "from latest is one day and takes no to"),
        ({"from": "2022-12-08", "to": "2022-12-07"}, "from is after to: 2022-12-08 > 2022-12-07"),
    ],
)
def test_a_bad_input_is_refused_with_the_reason(deployed: dict[str, Any], given: Any, says: str) -> None:
    said = rejection(deployed, given)
    assert said is not None
    assert said["error"] == "InvalidInput"
    assert re.search(says, said["cause"]), said["cause"]


def test_a_huge_bad_input_gives_a_short_reason(deployed: dict[str, Any]) -> None:
    said = rejection(deployed, {"datasets": ["x" * 10_000 + str(index) for index in range(500)]})
    assert said is not None
    assert len(said["cause"]) < 700


def caught(deployed: dict[str, Any], state: str, output: dict[str, Any]) -> dict[str, Any]:
    catcher = dict(states(deployed))[state]["Catch"][-1]
    failure = catcher.get("Output", {}).get("failure") or catcher["Assign"]["failure"]
    return {
        key: evaluate(v, states={"errorOutput": output}) if "{%" in v else v for key, v in failure.items()
    }


@pytest.mark.parametrize(
    ("cause", "read"),
    [
        ('{"Attempt":0,"ErrorMessage":"ValueError: no","JobRunState":"FAILED"}', "ValueError: no"),
        ('{"ErrorMessage": "with \\"quotes\\", commas\\nand lines"}', 'with "quotes", commas and lines'),
        (
            '{"QueryExecution":{"Status":{"State":"FAILED","StateChangeReason":"TABLE_NOT_FOUND: x"}}}',
            "TABLE_NOT_FOUND: x",
        ),
        (
            '{"errorMessage":"there is no crawler x","errorType":"CrawlerNotFoundError"}',
            "there is no crawler x",
        ),
        (
            "User is not authorized to perform: glue:StartJobRun",
            "User is not authorized to perform: glue:StartJobRun",
        ),
        ('{"ErrorMessage": "cut off in the mid', '{"ErrorMessage": "cut off in the mid'),
        ("", "AWS gave no cause"),
        (None, "AWS gave no cause"),
    ],
)
def test_people_read_the_sentence_that_matters(
    deployed: dict[str, Any], cause: str | None, read: str
) -> None:
    output = {"Error": "States.TaskFailed", **({} if cause is None else {"Cause": cause})}
    assert caught(deployed, "RunJob", output)["cause"] == read


def test_a_long_cause_is_shortened(deployed: dict[str, Any]) -> None:
    cause = caught(deployed, "RunJob", {"Error": "E", "Cause": "x" * 32_768})["cause"]
    assert len(cause) == 500
    assert cause.endswith("x...")


def test_the_message_says_what_failed_where_why_and_where_to_look(deployed: dict[str, Any]) -> None:
    notify = dict(states(deployed))["NotifyDataSetFailed"]["Arguments"]
    failure = caught(deployed, "RunJob", {"Error": "States.TaskFailed", "Cause": "boom"})
    item = {"dataset": "uk_covid", "failure": failure}
    known = {"states": {"input": item, "context": {"Execution": {"Id": EXECUTION}}}}
    assert evaluate(notify["Subject"], **known) == "covid-lake-dev: uk_covid failed in RunJob"
    assert evaluate(notify["Message"], **known).splitlines() == [
        "The data set uk_covid was not ingested.",
        "",
        "Environment: dev (covid-lake-dev)",
        "State:       RunJob",
        "Error:       States.TaskFailed",
        "Cause:       boom",
        "Logs:        CloudWatch Logs groups /aws-glue/jobs/covid-lake-dev/error and "
        "/aws-glue/jobs/covid-lake-dev/output",
        "Execution:   https://us-east-2.console.aws.amazon.com/states/home?region=us-east-2"
        f"#/v2/executions/details/{EXECUTION}",
    ]


def test_the_longest_subject_fits_into_what_sns_takes(deployed: dict[str, Any]) -> None:
    subject = dict(states(deployed))["NotifyDataSetFailed"]["Arguments"]["Subject"]
    item = {"dataset": "d" * 64, "failure": {"state": "ReadVerification"}}
    text = evaluate(subject, states={"input": item})
    assert len(text) == 99
    assert text.isascii()


def test_the_end_names_every_data_set_that_failed(deployed: dict[str, Any]) -> None:
    failed = {"outcome": "FAILED", "state": "RunJob", "error": "States.TaskFailed", "cause": "boom"}
    choice = deployed["States"]["EveryDataSetIngested"]["Choices"][0]
    for outcomes, cause in (
        ([{"dataset": "a", **failed}], "a in RunJob: States.TaskFailed: boom"),
        (
            [{"dataset": "a", **failed}, {"dataset": "b", "outcome": "LOADED"}, {"dataset": "c", **failed}],
            "a, c in RunJob: States.TaskFailed: boom",
        ),
        (
            [{"dataset": "a", **failed}, {"dataset": "b", **failed, "cause": "no"}],
            "a in RunJob: States.TaskFailed: boom; b in RunJob: States.TaskFailed: no",
        ),
    ):
        assert evaluate(choice["Condition"], outcomes=outcomes) is True
        assert evaluate(choice["Assign"]["problem"]["cause"], outcomes=outcomes) == cause
    assert evaluate(choice["Condition"], outcomes=[{"dataset": "b", "outcome": "LOADED"}]) is False
