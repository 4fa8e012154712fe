"""What differs between two refs of what makes the tables, so that only what is reached runs."""

from __future__ import annotations

import ast
import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from covidlake.laptop.preview.descriptions import Described

INGESTION = ("ingest.py", "ingestion")
# Of the first pipeline's library the second one has what lies below reading; see docs/architecture.md.
SEGMENTATION = (
    *("segmentation_*.py", "segmentation"),
    *("ingestion/__init__.py", "ingestion/errors.py", "ingestion/state"),
)
# What the Lambda find_work does before a job run: the preview starts the job itself.
NOT_OF_THE_JOB = frozenset({"ingestion/work.py"})


def library(base: Path, head: Path, parts: Sequence[str] = INGESTION) -> tuple[str, ...]:
    """The files of a job's library whose code differs; comments, docstrings and layout are no code."""
    then, now = _digests(base, parts), _digests(head, parts)
    return tuple(sorted(name for name in {*then, *now} if then.get(name) != now.get(name)))


def why(base: Described | None, head: Described | None, changed_library: tuple[str, ...]) -> tuple[str, ...]:
    """Why a data set has to run; empty where nothing of the change reaches it."""
    if base is None or head is None:
        return ("the data set is new",) if base is None else ("the data set is gone",)
    found = []
    if base.problem != head.problem:
        found.append("its description fails to load")
    if base.judged != head.judged or base.facts.get("fingerprint") != head.facts.get("fingerprint"):
        found.append("description")
    if base.queries != head.queries:
        found.append("queries")
    if changed_library:
        found.append("library")
    return tuple(found)


def _digests(jobs: Path, parts: Sequence[str]) -> Mapping[str, str]:
    found = [path for part in parts for path in jobs.glob(part)]
    files = [file for path in found for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    return {
        name: _digest(path)
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
        if (name := path.relative_to(jobs).as_posix()) not in NOT_OF_THE_JOB
    }


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".py":
        # What cannot be parsed is compared as it is, and fails where it runs.
        with contextlib.suppress(SyntaxError, ValueError):
            content = _code(content).encode()
    return hashlib.sha256(content).hexdigest()


def _code(source: bytes) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
