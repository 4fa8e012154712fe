"""What there is to do, found out without Spark, and how it is parted into job runs."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import datasets
from ingestion import work
from ingestion.description import WARN, Fresh
from ingestion.state.ledger import Ledger, LoadedObject
from ingestion.state.verification import digest
from ingestion.work import Found, Search

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 28, tzinfo=UTC)
DATASET = datasets.load("country_codes")
KEY = f"{DATASET.source.prefix.rstrip('/')}/codes.csv"
OPTIONS = {
    "run_id": "run-2",
    "load_mode": "incremental",
    "from_date": "any",
    "to_date": "any",
    "allow_removal": "false",
    "areas": "*",
    "source_root": "s3://source/",
    "lake_root": "s3://lake/",
}
TABLES = {"country_codes"}


def search(s3: Any, tables: set[str] | None = None, **options: Any) -> Search:
    known = {
        name: options.pop(name) for name in ("out_of_time", "is_transient", "max_objects") if name in options
    }
    return Search({**OPTIONS, **options}, s3, TABLES if tables is None else tables, NOW, **known)


def found(s3: Any, tables: set[str] | None = None, **options: Any) -> Found:
    return search(s3, tables, **options).of_one("country_codes")


@pytest.fixture
def done(s3: Any) -> str:
    """A lake where the one object is loaded and verified; the ETag of the object."""
    etag: str = s3.put_object(Bucket="source", Key=KEY, Body=b"code,name\n")["ETag"].strip('"')
    save(s3, Ledger(revision="run-1", objects={KEY: LoadedObject(etag, 10, ("",), 3)}, partitions={"": 3}))
    return etag


def save(s3: Any, ledger: Ledger, published: bool = True) -> None:
    document = {**ledger.document(), "fingerprint": DATASET.fingerprint(())}
    s3.put_object(Bucket="lake", Key="state/country_codes/ledger.json", Body=json.dumps(document))
    if published:
        content = {"revision": ledger.revision, "catalog": digest(DATASET, ledger)}
        s3.put_object(Bucket="lake", Key="state/country_codes/published.json", Body=json.dumps(content))


@pytest.mark.usefixtures("done")
def test_nothing_new_needs_no_job_and_says_what_a_run_record_says(s3: Any) -> None:
    one = found(s3)
    assert not one.needs_job
    assert one.run
    assert (one.run["status"], one.run["table_rows"], one.run["revision"]) == ("NOTHING_NEW", 3, "run-1")
    assert (one.run["crawl_needed"], one.run["verify_needed"], one.run["findings"]) == (False, False, "")
    assert "failure" not in one.as_json()
    assert "Contents" not in s3.list_objects_v2(Bucket="lake", Prefix="runs/"), "it only looks"


def test_the_first_run_has_everything_to_read(s3: Any) -> None:
    s3.put_object(Bucket="source", Key=KEY, Body=b"code,name\n")
    assert found(s3) == Found("country_codes", size=10, reason="1 objects to read, 0 vanished")


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize("change", ["new", "changed", "vanished"])
def test_what_is_new_changed_or_gone_needs_the_job(s3: Any, change: str) -> None:
    if change == "vanished":
        s3.delete_object(Bucket="source", Key=KEY)
        s3.put_object(Bucket="source", Key=KEY + ".csv", Body=b"code,name\n")
    else:
        s3.put_object(Bucket="source", Key=KEY if change == "changed" else KEY + "x.csv", Body=b"code\n")
    assert found(s3).needs_job


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize("mode", ["full", "smoke"])
def test_a_mode_that_reads_again_needs_the_job(s3: Any, mode: str) -> None:
    assert found(s3, load_mode=mode).needs_job


def test_a_killed_run_is_finished_by_the_job(s3: Any, done: str) -> None:
    save(s3, Ledger(revision="run-1", objects={KEY: LoadedObject(done, 10, ("",))}, pending="run-1"))
    one = found(s3)
    assert (one.needs_job, one.size, one.reason) == (True, None, "run run-1 was killed while it published")


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize(
    "content",
    ['{"version": 2}', '{"version": 2, "objects": []}', "[]", "garbage", '{"version": 3}', "VALID+more"],
)
def test_a_ledger_that_nobody_can_read_fails_its_data_set_and_says_where(s3: Any, content: str) -> None:
    key = "state/country_codes/ledger.json"
    if content == "VALID+more":
        valid = json.loads(s3.get_object(Bucket="lake", Key=key)["Body"].read())
        content = json.dumps({**valid, "partitions": ["2022-12"]})
    s3.put_object(Bucket="lake", Key=key, Body=content)
    s3.put_object(Bucket="source", Key="uk_covid/json/2022-12-07.json", Body=b"{}")
    ours, other = search(s3).of(["country_codes", "uk_covid"])
    assert ours.failure
    assert ours.failure.error == "UnreadableStateError"
    assert ours.failure.cause.startswith("s3://lake/state/country_codes/ledger.json: ")
    assert ours.failure.cause.endswith("; delete it to rebuild the table")
    assert other.needs_job


def test_a_defect_fails_its_data_set_alone(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put_object(Bucket="source", Key=KEY, Body=b"code,name\n")
    load = datasets.load
    monkeypatch.setattr(datasets, "load", lambda name: 1 / 0 if name == "uk_covid" else load(name))
    ours, broken = search(s3).of(["country_codes", "uk_covid"])
    assert ours.needs_job
    assert broken.as_json()["failure"] == {"error": "ZeroDivisionError", "cause": "division by zero"}


def test_a_lost_connection_is_worth_another_attempt(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(datasets, "load", lost)
    with pytest.raises(EndpointConnectionError):
        found(s3)


@pytest.mark.usefixtures("done")
def test_objects_that_are_not_read_are_said_where_nothing_is_new(s3: Any) -> None:
    s3.put_object(Bucket="source", Key=KEY + ".later.csv", Body=b"")
    one = found(s3)
    assert one.run
    assert one.run["status"] == "NOTHING_NEW"
    assert one.run["findings"].startswith("1 objects skipped, empty or with a hidden name, as ")


def test_partitions_that_two_runs_may_have_touched_are_rebuilt(s3: Any, done: str) -> None:
    save(s3, Ledger(objects={KEY: LoadedObject(done, 10, ("",))}, unpublished=("",)))
    assert found(s3).needs_job


@pytest.mark.usefixtures("done")
def test_a_table_that_somebody_dropped_is_crawled_again_without_a_job(s3: Any) -> None:
    one = found(s3, tables=set())
    assert one.run
    assert (one.run["crawl_needed"], one.run["verify_needed"]) == (True, True)
    assert one.run["findings"] == "table country_codes was gone from the Data Catalog"


def test_a_revision_that_was_never_verified_is_crawled_without_a_job(s3: Any, done: str) -> None:
    save(s3, Ledger(revision="run-2", objects={KEY: LoadedObject(done, 10, ("",))}), published=False)
    one = found(s3)
    assert one.run
    assert (one.run["crawl_needed"], one.run["verify_needed"]) == (True, True)


def test_data_that_grow_old_are_said_although_nothing_is_new(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = replace(datasets.load("uk_covid"), rules=(Fresh("date", days=7, severity=WARN),))
    monkeypatch.setattr(datasets, "load", lambda _: watched)
    key = "uk_covid/json/2022-12-07.json"
    etag = s3.put_object(Bucket="source", Key=key, Body=b"{}")["ETag"].strip('"')
    ledger = Ledger(objects={key: LoadedObject(etag, 2, ("2022-12",))}, newest={"date": "2022-12-07"})
    document = {**ledger.document(), "fingerprint": watched.fingerprint(())}
    s3.put_object(Bucket="lake", Key="state/uk_covid/ledger.json", Body=json.dumps(document))
    one = search(s3).of_one("uk_covid")
    assert one.run
    assert "2022-12-07, older than 7 days" in one.run["findings"]


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("country_codes", "SourceNotFoundError", "no object under s3://source/"),
        ("unheard_of", "UnknownDataSetError", "no data set `unheard_of`"),
    ],
)
def test_what_the_job_would_refuse_is_a_failure(s3: Any, name: str, error: str, words: str) -> None:
    one = search(s3).of_one(name)
    assert one.failure
    assert (one.failure.error, one.needs_job) == (error, False)
    assert words in one.failure.cause
    assert one.as_json()["failure"]["error"] == error


class Answers:
    """S3, which answers everything with an error."""

    def __init__(self, code: str) -> None:
        self.code = code

    def _refuse(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "ListObjectsV2")

    exceptions = type("exceptions", (), {"NoSuchKey": KeyError})
    get_object = _refuse


@pytest.mark.parametrize("where", ["ledger", "listing"])
def test_errors_of_aws_are_failures_but_for_those_worth_another_attempt(
    s3: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def refused(code: str) -> Any:
        def paginate(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "ListObjectsV2")
            yield

        pages = type("Pages", (), {"paginate": staticmethod(paginate)})
        if where == "listing":
            monkeypatch.setattr(s3, "get_paginator", lambda _: pages)
            return s3
        return Answers(code)

    denied = found(refused("AccessDenied"), is_transient=lambda error: "Slow" in str(error))
    assert denied.failure
    assert denied.failure.error in ("AccessDenied", "SourceNotFoundError")
    assert "AccessDenied" in denied.failure.cause
    with pytest.raises(ClientError, match="SlowDown"):
        found(refused("SlowDown"), is_transient=lambda error: "Slow" in str(error))


@pytest.mark.usefixtures("done")
def test_a_source_too_long_to_list_is_left_to_the_job(s3: Any) -> None:
    for number in range(5):
        s3.put_object(Bucket="source", Key=f"{KEY}{number}", Body=b"x")
    many = found(s3, max_objects=3)
    assert (many.needs_job, many.size) == (True, None)
    assert many.reason.endswith("has more than 3 objects: the job looks")
    late = found(s3, out_of_time=lambda: True)
    assert (late.needs_job, late.size) == (True, None)
    assert "takes too long to list" in late.reason


def test_ten_thousand_objects_are_compared_in_the_lambda(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By pages of a thousand, as S3 gives them."""
    items = [{"Key": f"{KEY}{n:06}", "ETag": '"e"', "Size": 10} for n in range(12_345)]

    def paginate(Bucket: str, Prefix: str) -> Any:  # noqa: N803
        for start in range(0, len(items), 1000):
            yield {"Contents": items[start : start + 1000] if Bucket == "source" else []}

    loaded = {item["Key"]: LoadedObject("e", 10, ("",)) for item in items}
    save(s3, Ledger(revision="run-1", objects=loaded, partitions={"": 3}))
    monkeypatch.setattr(
        s3, "get_paginator", lambda _: type("Pages", (), {"paginate": staticmethod(paginate)})
    )
    assert found(s3).run
    items.append({"Key": f"{KEY}zz", "ETag": '"e"', "Size": 7})
    assert found(s3).size == 7


def sized(*sizes: int | None) -> list[Found]:
    return [Found(f"d{number}", size=size) for number, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ((1, 2, 3), [["d2", "d1", "d0"]]),
        ((100, 1, 2), [["d0"], ["d2", "d1"]]),
        ((60, 50, 40), [["d0", "d2"], ["d1"]]),
        ((None, 1), [["d0"], ["d1"]]),
        ((1, 1, 1, 1, 1), [["d0", "d1", "d2", "d3"], ["d4"]]),
        ((), []),
    ],
)
def test_small_data_sets_share_a_job_run_and_large_ones_have_their_own(
    sizes: tuple[int | None, ...], groups: list[list[str]]
) -> None:
    assert work.grouped(sized(*sizes), max_bytes=100, max_data_sets=4) == groups


def test_what_needs_no_job_is_in_no_group() -> None:
    others = [Found("a", run={"x": 1}), Found("b", failure=work.Failure("E", "c")), Found("c", size=1)]
    assert work.grouped(others, 100, 4) == [["c"]]


def test_what_the_function_carries_is_enough_and_knows_no_spark(tmp_path: Path) -> None:
    """In a process that has nothing else of jobs/, and no pyspark."""
    from covidlake.bundle import function_code

    for name, content in function_code.files(ROOT / "lambdas" / "find_work"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    program = """
        import sys
        sys.path = [sys.argv[1]] + [path for path in sys.path if "jobs" not in path]
        sys.modules["pyspark"] = None
        import handler, datasets, ingestion
        assert ingestion.__file__.startswith(sys.argv[1]), ingestion.__file__
        assert [datasets.load(name) for name in datasets.names()]
        print(len(datasets.names()))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) == len(datasets.names())
