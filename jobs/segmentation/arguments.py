"""The arguments of the four jobs, checked before anything is read.

The template gives them by these names, behind `--`; Glue gives `JOB_NAME` and `JOB_RUN_ID` besides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.state.storage import Prefix
from segmentation.errors import InvalidArgumentError

COMMON = ("lake_root", "run_id")
EXTRACT = (
    *COMMON,
    *("tables", "connection", "load_mode", "compare_keys", "allow_removal", "parallel_tables"),
)
JOIN = (*COMMON, "code")
SEGMENT = (*JOIN, "segments", "min_segments", "max_segments")
WRITE_BACK = (*COMMON, "connection", "target", "gone")

INCREMENTAL, FULL = "incremental", "full"  # full reads every row again, and takes changed types of columns
AUTO, ALWAYS = "auto", "always"
DELETE, MARK = "delete", "mark"  # what becomes of customers that are in no segment any more
SEGMENTS = (2, 12)
PARALLEL = (1, 32)


@dataclass(frozen=True)
class Common:
    """What every job is told; `run_id` is the name of the execution."""

    lake_root: Prefix
    run_id: str

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> Common:
        """Raises InvalidArgumentError naming the argument, its value and what is allowed."""
        return cls(_prefix(options["lake_root"]), _run_id(options["run_id"]))


@dataclass(frozen=True)
class ExtractArguments(Common):
    """`compare_keys` has the keys of every table compared in this run, not only when their turn has come.
    With `allow_removal` the run may remove more rows of a table than its description allows.
    """

    tables: tuple[str, ...]
    connection: str
    load_mode: str
    compare_keys: bool
    allow_removal: bool
    parallel_tables: int

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> ExtractArguments:
        common = Common.parse(options)
        return cls(
            common.lake_root,
            common.run_id,
            _tables(options["tables"]),
            _filled("connection", options["connection"]),
            _one_of("load_mode", options["load_mode"], (INCREMENTAL, FULL)),
            _one_of("compare_keys", options["compare_keys"], (AUTO, ALWAYS)) == ALWAYS,
            _one_of("allow_removal", options["allow_removal"], ("true", "false")) == "true",
            _number("parallel_tables", options["parallel_tables"], *PARALLEL),
        )


@dataclass(frozen=True)
class JoinArguments(Common):
    """`code` names the version of the library: what another version has made is made again."""

    code: str

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> JoinArguments:
        common = Common.parse(options)
        return cls(common.lake_root, common.run_id, options["code"])


@dataclass(frozen=True)
class SegmentArguments(JoinArguments):
    """`segments` is None if the job is to choose their number, within the two bounds."""

    segments: int | None
    min_segments: int
    max_segments: int

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> SegmentArguments:
        common = JoinArguments.parse(options)
        given = options["segments"]
        low = _number("min_segments", options["min_segments"], *SEGMENTS)
        high = _number("max_segments", options["max_segments"], *SEGMENTS)
        if low > high:
            raise InvalidArgumentError(
                f"--min_segments `{low}` is more than --max_segments `{high}`: swap them"
            )
        number = None if given == AUTO else _number("segments", given, *SEGMENTS)
        return cls(common.lake_root, common.run_id, common.code, number, low, high)


@dataclass(frozen=True)
class WriteBackArguments(Common):
    """`schema` and `table` are the target's; `mark` keeps the rows of gone customers, with a time."""

    connection: str
    schema: str
    table: str
    mark: bool

    @property
    def target(self) -> str:
        return f"{self.schema}.{self.table}"

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> WriteBackArguments:
        common = Common.parse(options)
        schema, table = _target(options["target"])
        gone = _one_of("gone", options["gone"], (DELETE, MARK))
        connection = _filled("connection", options["connection"])
        return cls(common.lake_root, common.run_id, connection, schema, table, gone == MARK)


def _run_id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.:-]{0,127}", value, re.ASCII):
        raise InvalidArgumentError(
            f"--run_id `{value}`: it becomes a part of S3 keys, so use letters, digits, `-`, `_`, `.` and `:`"
        )
    return value


def _prefix(value: str) -> Prefix:
    try:
        return Prefix.parse(value)
    except ValueError as error:
        raise InvalidArgumentError(
            f"--lake_root `{value}`: use s3://BUCKET/ or s3://BUCKET/FOLDER/"
        ) from error


def _tables(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    if "" in names or len(set(names)) < len(names):
        raise InvalidArgumentError(f"--tables `{value}`: give described tables, comma separated, each once")
    return names


def _target(value: str) -> tuple[str, str]:
    match = re.fullmatch(r"([a-z_][a-z0-9_]{0,62})\.([a-z_][a-z0-9_]{0,40})", value)
    if match is None:
        raise InvalidArgumentError(f"--target `{value}`: use SCHEMA.TABLE in small letters, digits and `_`")
    return match[1], match[2]


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InvalidArgumentError(f"--{name} `{value}`: use {' or '.join(allowed)}")
    return value


def _number(name: str, value: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not low <= int(value) <= high:
        raise InvalidArgumentError(f"--{name} `{value}`: use a whole number from {low} to {high}")
    return int(value)


def _filled(name: str, value: str) -> str:
    if not value.strip():
        raise InvalidArgumentError(f"--{name} is empty: give the name of the Glue connection")
    return value
