"""The job's arguments, checked before anything is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.errors import InvalidArgumentError
from ingestion.read.date_range import DateRange
from ingestion.state.storage import Prefix

# Glue reserves --mode, --conf, --debug, --endpoint and --JOB_NAME.
NAMES = (
    *("datasets", "run_id", "load_mode", "from_date", "to_date", "allow_removal", "areas"),
    *("source_root", "lake_root"),
)
FULL = "full"  # reads everything again, and asks for a crawl
REPLAY = "replay"  # reads the objects again that have rows in quarantine
SMOKE = "smoke"  # reads again, and publishes again what it read, also where nothing differs
MODES = ("incremental", FULL, REPLAY, SMOKE)
ALL_AREAS = "*"


@dataclass(frozen=True)
class Arguments:
    """What a run does for one data set, `dataset`, of those that a job run is started for.

    `areas` is empty for all areas, else the names and codes to keep, in lower case.

    An area written as `uk_covid:England` is for that data set alone. With `allow_removal` the run may remove
    more rows than the data set's share.
    """

    dataset: str
    run_id: str
    load_mode: str
    dates: DateRange
    allow_removal: bool
    areas: tuple[str, ...]
    source_root: Prefix
    lake_root: Prefix

    @property
    def reads_again(self) -> bool:
        """Whether known objects are read, too."""
        return self.load_mode in (FULL, SMOKE)

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> Arguments:
        """Raises InvalidArgumentError naming the argument, its value and what is allowed."""
        return cls(
            dataset=options["dataset"],
            run_id=_run_id(options["run_id"]),
            load_mode=_load_mode(options["load_mode"]),
            dates=DateRange.parse(options["from_date"], options["to_date"]),
            allow_removal=_truth("allow_removal", options["allow_removal"]),
            areas=_areas(options["areas"], options["dataset"]),
            source_root=_prefix("source_root", options["source_root"]),
            lake_root=_prefix("lake_root", options["lake_root"]),
        )


def data_sets(value: str) -> tuple[str, ...]:
    """The names in the job argument `--datasets`, comma separated; raises InvalidArgumentError."""
    names = tuple(name.strip() for name in value.split(","))
    if "" in names or len(set(names)) < len(names):
        raise InvalidArgumentError(
            f"--datasets `{value}`: give names of data sets, comma separated, each once"
        )
    return names


def _run_id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.:-]{0,127}", value, re.ASCII):
        raise InvalidArgumentError(
            f"--run_id `{value}`: it becomes a part of S3 keys, so use letters, digits, `-`, `_`, `.` and `:`"
        )
    return value


def _load_mode(value: str) -> str:
    if value not in MODES:
        raise InvalidArgumentError(f"--load_mode `{value}`: use {' or '.join(MODES)}")
    return value


def _truth(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise InvalidArgumentError(f"--{name} `{value}`: use true or false")
    return value == "true"


def _areas(value: str, dataset: str) -> tuple[str, ...]:
    areas = tuple(dict.fromkeys(area.strip().lower() for area in value.split(",")))
    if "" in areas:
        raise InvalidArgumentError(f"--areas `{value}`: give names or codes, comma separated, or `*` for all")
    if ALL_AREAS in areas and len(areas) > 1:
        raise InvalidArgumentError(f"--areas `{value}`: `*` means all areas and must be the only one")
    scoped = [area.rpartition(":") for area in areas]
    return tuple(area for scope, _, area in scoped if scope in ("", dataset) and area != ALL_AREAS)


def _prefix(name: str, value: str) -> Prefix:
    try:
        return Prefix.parse(value)
    except ValueError as error:
        raise InvalidArgumentError(f"--{name} `{value}`: use s3://BUCKET/ or s3://BUCKET/FOLDER/") from error
