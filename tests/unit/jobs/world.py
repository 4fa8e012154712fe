"""A source and a lake in folders, which Spark and boto3's calls both see, and the job between them."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyspark.sql
from botocore.exceptions import ClientError

from ingestion import job
from ingestion.record import RunRecord
from ingestion.storage import Storage


class Killed(BaseException):
    """What a test raises in the place of a process that is gone: nothing catches it."""


class NoSuchKey(ClientError):  # noqa: N818
    """As boto3 names it."""


class FolderS3:
    """The part of boto3's S3 client that the job calls, on folders: a bucket is `root/<bucket>`.

    `before` is called with operation and key before every write: a test counts or kills there.
    """

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def __init__(self, root: Path) -> None:
        self._root = root
        self.before: Callable[[str, str], None] = lambda _operation, _key: None

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=lambda **where: [{"Contents": list(self._list(**where))}])

    def _list(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        root = self._root / Bucket
        for path in sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".crc"):
            key = path.relative_to(root).as_posix()
            if key.startswith(Prefix):
                yield {"Key": key, "ETag": _etag(path), "Size": path.stat().st_size}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        path = self._root / Bucket / Key
        if not path.is_file():
            raise NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(path.read_bytes()), "ETag": _etag(path)}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **options: str) -> dict[str, str]:  # noqa: N803
        self.before("put", Key)
        path = self._root / Bucket / Key
        current = _etag(path) if path.is_file() else ""
        if options.get("IfMatch", current) != current or ("IfNoneMatch" in options and current):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {"ETag": _etag(path)}

    def copy_object(self, *, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:  # noqa: N803
        self.before("copy", Key)
        path = self._root / Bucket / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        source = self._root / CopySource["Bucket"] / CopySource["Key"]
        if not source.is_file():
            raise NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "CopyObject")
        shutil.copyfile(source, path)

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        for item in Delete["Objects"]:
            self.before("delete", item["Key"])
            (self._root / Bucket / item["Key"]).unlink(missing_ok=True)
        return {}


def _etag(path: Path) -> str:
    return f'"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"'


ENGLAND, SCOTLAND, WALES = "E92000001", "S92000003", "W92000004"
NAMES = {ENGLAND: "England", SCOTLAND: "Scotland", WALES: "Wales"}


def record(code: str = ENGLAND, date: str = "2022-12-07", **fields: Any) -> dict[str, Any]:
    """One record of uk_covid as its publisher writes it: only what is known."""
    name = NAMES.get(code, "London")
    return {"areaType": "nation", "areaName": name, "areaCode": code, "date": date, **fields}


def hospital(code: str, cases: int, date: str = "2022-12-07") -> dict[str, Any]:
    return record(code, date, hospitalCases=cases)


@dataclass
class World:
    """The surroundings of one job: `source` and `lake` are folders laid out like the buckets."""

    source: Path
    lake: Path
    roots: dict[str, str]
    client: FolderS3
    runs: int = 0

    def publish(self, name: str, records: Iterable[dict[str, Any] | str]) -> Path:
        """Put an object at the source; a record that is text already is written as it is."""
        path = self.source / "uk_covid" / "json" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (item if isinstance(item, str) else json.dumps(item) for item in records)
        path.write_text("\n".join(lines))
        return path

    def withdraw(self, name: str) -> None:
        (self.source / "uk_covid" / "json" / name).unlink()

    def run(self, **arguments: str) -> RunRecord:
        """Run the job and hold it to what must be true after every run."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        options = {"dataset": "uk_covid", "run_id": run_id, "load_mode": "incremental", "areas": "*"}
        options |= {"from_date": "any", "to_date": "any"}
        result = job.run({**options, **self.roots, **arguments}, storage=Storage(self.client))  # type: ignore[arg-type]
        accounted = result.rows_kept + result.rows_filtered_out + result.rows_rejected + result.rows_duplicate
        assert result.rows_read == accounted
        written = json.loads((self.lake / "runs" / "uk_covid" / f"{result.run_id}.json").read_text())
        assert written == vars(result)
        assert result.table_rows == sum(self.state()["partitions"].values())
        if result.status == "LOADED":
            assert not list((self.lake / "state" / "uk_covid").glob("staging/**/*.parquet"))
        return result

    def state(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.lake / "state" / "uk_covid" / "ledger.json").read_text())
        return document

    def verify(self) -> None:
        """What the state machine does once Athena has counted the rows."""
        document = {"revision": self.state()["revision"]}
        (self.lake / "state" / "uk_covid" / "published.json").write_text(json.dumps(document))

    def partitions(self) -> dict[str, int]:
        """The published partitions, and how many files each has."""
        table = self.lake / "clean" / "uk_covid"
        files = [path.parent.name for path in table.rglob("*.parquet")]
        return {name.removeprefix("month="): files.count(name) for name in sorted(set(files))}

    def quarantine(self, run_id: str) -> list[dict[str, str]]:
        folder = self.lake / "quarantine" / "uk_covid" / f"run_id={run_id}"
        lines = (line for path in folder.glob("*.json") for line in path.read_text().splitlines())
        return sorted((json.loads(line) for line in lines), key=lambda row: row["raw"])

    def table(self) -> pyspark.sql.DataFrame:
        spark = pyspark.sql.SparkSession.getActiveSession()
        assert spark
        return spark.read.parquet(self.roots["lake_root"] + "clean/uk_covid/")

    def rows(self, *columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Rows of the published table, sorted; by default area code, day and hospital cases."""
        chosen = columns or ("areacode", "cast(date as string)", "hospitalcases")
        return sorted(map(tuple, self.table().where(where).selectExpr(*chosen).collect()))
