"""`covidlake dataset sample`: what objects would become, tried on a local cloud of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake import aws
from covidlake.base.errors import IngestionError, SourceError
from covidlake.base.nearest import nearest
from covidlake.base.progress import Progress
from covidlake.bundle import package
from covidlake.dataset import descriptions
from covidlake.laptop import local
from covidlake.laptop.sample_places import places
from covidlake.laptop.source import objects
from covidlake.run import ingest, quarantine, query, status
from covidlake.run.pipelines.ingestion import PIPELINE, Request
from covidlake.run.query import Answer
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack

if TYPE_CHECKING:
    from ingestion.description import DataSet

ENVIRONMENT = "dev"
ROWS = 10  # of each table that are shown


@dataclass(frozen=True)
class Outcome:
    """What the objects became: counts, the first rows of each table, and what was rejected.

    `error` is set when the job refused the objects; `rejected` then shows whether it was for too many rows.
    """

    counts: dict[str, Any]
    tables: dict[str, Answer]
    rejected: Answer
    error: IngestionError | None = None


def sample(name: str, paths: Sequence[Path], progress: Progress, rows: int = ROWS) -> Outcome:
    """Ingest the objects, and nothing else, with the real job, crawler and Athena; nothing is kept.

    Raises `DataSetError` for an unknown name, `SourceError` for a path that is not there.
    """
    described = descriptions.load(name)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "source")
        fill(source, described, paths)
        with local.ephemeral() as cloud, local.attached(cloud):
            local.fill_source(str(source), progress)
            deploy.deploy(ENVIRONMENT, package.package(Path(scratch, "bundle")), lambda _: None)
            try:
                ended = ingest.ingest(ENVIRONMENT, progress, Request((name,)))
            except IngestionError as error:
                return Outcome({}, {}, _refused(name, Path(scratch)), error)
            (counts,) = ingest.outcomes(ended)
            return Outcome(
                counts, _first_rows(described.tables, rows), quarantine.rejected_rows(ENVIRONMENT, name)
            )


def fill(source: Path, described: DataSet, paths: Sequence[Path]) -> None:
    """Lay the objects out like the bucket, each under a name of its own.

    Raises `SourceError` for a path that is not there or cannot be read.
    """
    patterns = [column.from_name for column in described.columns if column.from_name]
    for path in paths:
        if not path.is_file():
            raise SourceError(f"{path}: {_why_no_file(path)}; give objects of {described.source.prefix}")
        if objects.is_hidden(path.name):
            raise SourceError(f"{path}: is hidden, no object of a source is: rename it")
    for place, path in places(paths, patterns).items():
        objects.check_key(f"{described.source.prefix}{place}")
        target = source / described.source.prefix / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, target)
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror}; give a file that you may read") from error


def _why_no_file(path: Path) -> str:
    if path.is_dir():
        return "is a folder; give the files in it"
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    meant = nearest(path.name, beside)
    return f"no such file, did you mean {meant}?" if meant else "no such file"


def _refused(name: str, scratch: Path) -> Answer:
    """The rejected rows of a run that had too many of them; they are not in a table."""
    import duckdb  # comes with the local cloud

    bucket, s3 = stack.find(ENVIRONMENT).outputs["LakeBucketName"], aws.client("s3")
    prefix = f"refused/{name}/"
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        s3.download_file(bucket, item["Key"], str(scratch / Path(item["Key"]).name))
    files = [str(path) for path in scratch.glob("*.parquet")]
    columns = quarantine.columns(PIPELINE)
    if not files:
        return Answer(columns, [], 0, "")
    rows = duckdb.read_parquet(files).query("refused", PIPELINE.rejected("refused", name)).fetchall()
    shown = [[None if value is None else str(value) for value in row] for row in rows]
    return Answer(columns, shown, 0, "")


def _first_rows(tables: Sequence[str], rows: int) -> dict[str, Answer]:
    there = {row[0] for row in status.status(ENVIRONMENT).tables}
    shown = [table for table in tables if table in there and not table.endswith(quarantine.SUFFIX)]
    return {table: query.query(ENVIRONMENT, f'SELECT * FROM "{table}" LIMIT {rows}') for table in shown}  # noqa: S608
