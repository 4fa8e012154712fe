"""A source and a lake in folders, which Spark and boto3's calls both see, and the job between them."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import duckdb
import pyspark.sql
from botocore.exceptions import ClientError

from datasets import load
from datasets.uk_covid import DATASET as UK_COVID
from ingestion import batch
from ingestion.description import DataSet
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import RunRecord
from ingestion.state.storage import Storage


class Killed(BaseException):
    """What a test raises in the place of a process that is gone: nothing catches it."""


class NoSuchKey(ClientError):  # noqa: N818
    """As boto3 names it."""


def md5(path: Path) -> str:
    return f'"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"'


class FolderS3:
    """The part of boto3's S3 client that the job calls, on folders: a bucket is `root/<bucket>`.

    `etag` makes the ETag of a file. `before` is called with operation and key before every write: a test
    counts or kills there.
    """

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def __init__(self, root: Path, etag: Callable[[Path], str] = md5) -> None:
        self._root = root
        self._etag = etag
        self.before: Callable[[str, str], None] = lambda _operation, _key: None

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=lambda **where: [{"Contents": list(self._list(**where))}])

    def _list(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        root = self._root / Bucket
        folder = root / Prefix.rpartition("/")[0]  # the bucket holds what all other tests have left, too
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            key = path.relative_to(root).as_posix()
            if key.startswith(Prefix):
                yield {"Key": key, "ETag": self._etag(path), "Size": path.stat().st_size}

    def get_object(self, *, Bucket: str, Key: str, Range: str = "bytes=0-") -> dict[str, Any]:  # noqa: N803
        path = self._root / Bucket / Key
        if not path.is_file():
            raise NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        last = Range.rpartition("-")[2]
        content = path.read_bytes()[: int(last) + 1 if last else None]
        return {"Body": io.BytesIO(content), "ETag": self._etag(path)}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **options: str) -> dict[str, str]:  # noqa: N803
        self.before("put", Key)
        path = self._root / Bucket / Key
        current = self._etag(path) if path.is_file() else ""
        if options.get("IfMatch", current) != current or ("IfNoneMatch" in options and current):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {"ETag": self._etag(path)}

    def copy_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        CopySource: dict[str, str],  # noqa: N803
        CopySourceIfMatch: str = "",  # noqa: N803
    ) -> None:
        self.before("copy", Key)
        path = self._root / Bucket / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        source = self._root / CopySource["Bucket"] / CopySource["Key"]
        if not source.is_file():
            raise NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "CopyObject")
        if CopySourceIfMatch not in ("", self._etag(source)):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "CopyObject")
        shutil.copyfile(source, path)

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        for item in Delete["Objects"]:
            self.before("delete", item["Key"])
            (self._root / Bucket / item["Key"]).unlink(missing_ok=True)
        return {}


ENGLAND, SCOTLAND, WALES = "E92000001", "S92000003", "W92000004"
NAMES = {ENGLAND: "England", SCOTLAND: "Scotland", WALES: "Wales"}


def record(code: str = ENGLAND, date: str = "2022-12-07", **fields: Any) -> dict[str, Any]:
    """One record of uk_covid as its publisher writes it: only what is known."""
    name = NAMES.get(code, "London")
    return {"areaType": "nation", "areaName": name, "areaCode": code, "date": date, **fields}


def hospital(code: str, cases: int, date: str = "2022-12-07") -> dict[str, Any]:
    return record(code, date, hospitalCases=cases)


FULL = replace(UK_COVID, max_rejected=1.0, max_removed=1.0)
FIELDS = (
    "areaType", "areaName", "areaCode", "date", "hospitalCases", "covidOccupiedMVBeds",
    "plannedCapacityByPublishDate", "cumAdmissions", "maleCases",
)  # fmt: skip
# Fewer columns and tables: what most tests are about does not depend on them, and Spark plans it much faster.
SMALL = replace(FULL, columns=tuple(map(UK_COVID.column, FIELDS)), rules=(), unnested=(), history=False)
DEFAULT = ("areacode", "cast(date as string)", "hospitalcases")


class GoneJobRuns(JobRuns):
    """Glue, where no run but the one that asks still goes."""

    def __init__(self) -> None:
        super().__init__("ingest", mock.Mock())

    def is_running(self, job_run: str) -> bool:
        assert job_run.startswith("jr_")
        return False

    def check(self, job_run: str) -> float:
        assert job_run.startswith("jr_")
        return 900.0


@dataclass
class World:
    """The surroundings of one job: `source` and `lake` are folders laid out like the buckets."""

    source: Path
    lake: Path
    roots: dict[str, str]
    client: FolderS3
    runs: int = 0
    dataset: DataSet = SMALL
    catalog: str = ""
    job_runs: JobRuns = field(default_factory=GoneJobRuns)

    def publish(self, name: str, records: Iterable[dict[str, Any] | str]) -> Path:
        """Put an object at the source; a record that is text already is written as it is."""
        path = self.source / self.dataset.source.prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (item if isinstance(item, str) else json.dumps(item) for item in records)
        path.write_text("\n".join(lines))
        return path

    def withdraw(self, name: str) -> None:
        (self.source / self.dataset.source.prefix / name).unlink()

    def run(self, **arguments: str) -> RunRecord:
        """Run the job and hold it to what must be true after every run."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        (result,) = self.run_batch([self.dataset], run_id, **arguments)
        self.catalog = result.catalog
        assert result.rows_read == result.rows_accounted_for
        written = json.loads((self.lake / "runs" / self.dataset.name / f"{result.run_id}.json").read_text())
        assert written == json.loads(json.dumps(vars(result)))
        assert result.table_rows == sum(self.state()["partitions"].values())
        if result.status == "LOADED":
            staging = (self.lake / "state" / self.dataset.name).glob("staging/**/*")
            assert [path for path in staging if path.suffix in (".parquet", ".json")] == []
        return result

    def run_batch(self, described: Sequence[DataSet], run_id: str, **arguments: str) -> list[RunRecord]:
        """Run the job for several data sets, as Glue does."""
        options = {"run_id": run_id, "load_mode": "incremental", "areas": "*"}
        options |= {"from_date": "any", "to_date": "any", "allow_removal": "false"}
        by_name = {one.name: one for one in described}
        options["datasets"] = arguments.pop("dataset", ",".join(by_name))
        storage = Storage(self.client)  # type: ignore[arg-type]
        with mock.patch("datasets.load", lambda name: by_name[name] if name in by_name else load(name)):
            return batch.run(
                {**options, **self.roots, **arguments}, "ingest", f"jr_{run_id}", storage, self.job_runs
            )

    def state(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(
            (self.lake / "state" / self.dataset.name / "ledger.json").read_text()
        )
        return document

    def loaded(self) -> dict[str, Any]:
        """What the ledger says is loaded, but for who did it."""
        ledger = self.state()
        objects = {key: item[:-1] for key, item in ledger["objects"].items()}
        return {**ledger, "objects": objects, "revision": ""}

    def verify(self) -> None:
        """What the state machine does once Athena has counted the rows."""
        document = {"revision": self.state()["revision"], "catalog": self.catalog}
        (self.lake / "state" / self.dataset.name / "published.json").write_text(json.dumps(document))

    def partitions(self) -> dict[str, int]:
        """The published partitions, and how many files each has."""
        table = self.lake / "clean" / self.dataset.name
        files = [path.parent.name for path in table.rglob("*.parquet")]
        return {name.removeprefix("month="): files.count(name) for name in sorted(set(files))}

    def quarantine(self) -> list[dict[str, Any]]:
        """What stands rejected, in the order of objects and lines."""
        path = self.lake / "quarantine" / f"{self.dataset.name}_quarantine"
        if not any(path.glob("*.parquet")):
            return []
        names = ("source_object", "line", "reason", "raw", "run_id")
        return [
            dict(zip(names, row, strict=True)) for row in sorted(_read(path, *names), key=lambda row: row[:2])
        ]

    @staticmethod
    def _spark() -> pyspark.sql.SparkSession:
        spark = pyspark.sql.SparkSession.getActiveSession()
        assert spark
        return spark

    def table(self, name: str = "") -> pyspark.sql.DataFrame:
        """The main table, or another one of the data set."""
        return self._spark().read.parquet(f"{self.roots['lake_root']}clean/{name or self.dataset.name}/")

    def rows(self, *columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Rows of the published table, sorted; by default area code, day and hospital cases.

        These are read by DuckDB, in a tenth of the time; named columns are expressions of Spark's.
        """
        if columns or where != "true":
            chosen = columns or DEFAULT
            return sorted(map(tuple, self.table().where(where).selectExpr(*chosen).collect()))
        return sorted(_read(self.lake / "clean" / self.dataset.name, *DEFAULT))


def _read(folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        found = connection.read_parquet(f"{folder}/**/*.parquet", union_by_name=True)
        return found.project(", ".join(columns)).fetchall()
