"""A stand-in for `awsglue`: AWS's own package needs Java classes that are published nowhere.

`getResolvedOptions` answers as that package's release 5.1.0 does; contexts, DynamicFrames, jobs and
transforms come from `frames`. Any other module cannot be imported, and says what to use instead.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from typing import Any, NoReturn

ADVICE = (
    "Glue's Java classes exist on AWS only: use awsglue.context, dynamicframe, job and transforms, or "
    "SparkSession and DataFrames, and take arguments with awsglue.utils.getResolvedOptions"
)
_FRAMES = "localcloud.glue.jobs.frames."
_OURS = {
    "awsglue.context": ("context", ("GlueContext",)),
    "awsglue.dynamicframe": ("dynamic_frame", ("DynamicFrame", "DynamicFrameCollection")),
    "awsglue.job": ("job", ("Job",)),
    "awsglue.transforms": ("transforms", ()),
}
_BOOKMARK_CHOICES = ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable")
_CONTINUATION_CHOICES = ("continuation-enabled", "continuation-readonly", "continuation-ignore")
_RANGE = ("job-bookmark-from", "job-bookmark-to")
_RESERVED = ("continuation-option", "job-bookmark-option", *_RANGE)
_OPTIONAL = (
    "JOB_ID",
    "JOB_RUN_ID",
    "SECURITY_CONFIGURATION",
    "enable-data-lineage",
    "RedshiftTempDir",
    "TempDir",
)


class GlueArgumentError(Exception):
    """An argument that the script asks for is missing or malformed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, Any]:  # noqa: N802
    """The values of `options` in `args` (`sys.argv`), with the entries that Glue adds itself.

    Raises `GlueArgumentError` for a missing one and `RuntimeError` for a reserved name.
    """
    for name in (*_RESERVED, "--encryption-type", "--enable-data-lineage"):
        if name in options:
            raise RuntimeError(f"Using reserved arguments {name}")
    found = vars(_parser(options).parse_known_args(list(args[1:]))[0])
    found["RedshiftTempDir"] = found["TempDir"] = found["TempDir"] or found["RedshiftTempDir"]
    _resolve_bookmark(found)
    return found


def _parser(options: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser()
    parser.add_argument("--job-bookmark-option", choices=_BOOKMARK_CHOICES)
    parser.add_argument("--continuation-option", choices=_CONTINUATION_CHOICES)
    parser.add_argument("--encryption-type", choices=("sse-s3",))
    for name in (*_RANGE, *_OPTIONAL):
        parser.add_argument(f"--{name}")
    for name in options:
        if name not in ("TempDir", "RedshiftTempDir"):
            parser.add_argument(f"--{name}", required=True)
    return parser


def _resolve_bookmark(found: dict[str, Any]) -> None:
    continuation = found.pop("continuation_option")
    if found["job_bookmark_option"] is None:
        older = dict(zip(_CONTINUATION_CHOICES, _BOOKMARK_CHOICES, strict=True))
        found["job_bookmark_option"] = older.get(continuation, _BOOKMARK_CHOICES[-1])
    absent = [name for name in _RANGE if found[name.replace("-", "_")] is None]
    if found["job_bookmark_option"] == "job-bookmark-pause":
        if len(absent) == 1:
            raise RuntimeError(f"Missing option or value for --{absent[0]}")
    elif not absent:
        raise RuntimeError(f"Invalid option(s) --{_RANGE[0]} --{_RANGE[1]}")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds our modules; any other of awsglue is an ImportError with advice."""

    def find_spec(
        self,
        fullname: str,
        path: object = None,  # noqa: ARG002 - the signature of the base class
        target: object = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in _OURS:
            return importlib.machinery.ModuleSpec(fullname, _Loader())
        if fullname.startswith("awsglue."):
            raise ImportError(f"{fullname} is not available on the local cloud. {ADVICE}", name=fullname)
        return None


class _Loader(importlib.abc.Loader):
    """A module of awsglue with the public names of ours, which is imported only now: it needs pyspark."""

    def exec_module(self, module: types.ModuleType) -> None:
        name, public = _OURS[module.__name__]
        ours = importlib.import_module(_FRAMES + name)
        names = public or ours.__all__
        module.__dict__.update({one: getattr(ours, one) for one in names}, __all__=list(names))


class _Package(types.ModuleType):
    """`from awsglue import DynamicFrame`, which AWS's package offers, too."""

    def __getattr__(self, name: str) -> Any:
        if name == "DynamicFrame":
            return importlib.import_module("awsglue.dynamicframe").DynamicFrame
        raise AttributeError(f"module 'awsglue' has no attribute '{name}'")


def install() -> None:
    """Put the stand-in into `sys.modules`, before AWS's package where that is installed."""
    package, utils = _module("awsglue", is_package=True), _module("awsglue.utils")
    package.__class__ = _Package
    package.utils = utils  # type: ignore[attr-defined]
    utils.getResolvedOptions = getResolvedOptions  # type: ignore[attr-defined]
    utils.GlueArgumentError = GlueArgumentError  # type: ignore[attr-defined]
    sys.modules |= {"awsglue": package, "awsglue.utils": utils}
    sys.meta_path.insert(0, _Finder())


def _module(name: str, is_package: bool = False) -> types.ModuleType:
    """With a specification, or `importlib.util.find_spec` raises for what is imported already."""
    return importlib.util.module_from_spec(importlib.machinery.ModuleSpec(name, None, is_package=is_package))
