"""What a pipeline tells the verbs about its executions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Record = Mapping[str, Any]


class Request(Protocol):
    """What an execution is asked for."""

    def content(self) -> dict[str, Any]:
        """The input of the execution."""


@dataclass(frozen=True)
class Asked:
    """What `covidlake ingest` was asked for, whichever pipeline it is for."""

    data_sets: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    full: bool = False
    compare_keys: bool = False
    allow_removal: bool = False

    @property
    def mode(self) -> str:
        return "full" if self.full else "incremental"


@dataclass(frozen=True)
class Made:
    """What an execution has made, as a table; `numbers` are the columns that are numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    """
    - `item`: what an outcome is about, for the heads of tables.
    - `names`: all that are described.
    - `listed`: the key of an execution's input and the parameter of the stack that name some of them.
    - `request`: what an execution gets of what was asked, for an environment.
    - `refused`: what cannot be asked of it, by the fields of `Asked`: the option.
    - `outcome_text`: one line for an outcome that is no failure.
    - `accounts`: what became of rows, as run records name it: the rows read are the sum of these, but for
      `other_rows`, the items that count something else than the rows they read.
    - `counts`: heads of columns and keys of outcomes, for the table of a report.
    - `jobs`: the job names among the outputs of the stack.
    - `taken`: what a job run was started for.
    - `functions`: the Lambdas whose logs belong to an execution, without the stack's name.
    - `states_of_jobs`: the states that start job runs.
    - `rejected`: the statement that summarizes a table of rejected rows, given it and the item; `places` are
      the heads of its columns behind item, reason and rows.
    - `made`: what the outcomes say of what the execution has made, beyond counts; () where nothing.
    - `error`: of an execution that failed because some of its items did; all its outcomes are known then.
    - `query`: what `covidlake query` asks without a statement; empty for the data set's own.
    """

    item: str
    names: Callable[[], list[str]]
    listed: tuple[str, str]
    request: Callable[[Asked, str], Request]
    refused: Mapping[str, str]
    outcome_text: Callable[[Record], str]
    accounts: tuple[str, ...]
    counts: Mapping[str, str]
    jobs: Callable[[Mapping[str, str]], list[str]]
    taken: Callable[[Record], list[str]]
    functions: tuple[str, ...]
    states_of_jobs: tuple[str, ...]
    rejected: Callable[[str, str], str]
    places: tuple[str, ...]
    error: str
    other_rows: frozenset[str] = frozenset()
    made: Callable[[list[dict[str, Any]]], tuple[Made, ...]] = lambda _: ()
    query: str = ""
