"""What a job run fetches before its script starts, with the rights of the job's role."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.plugin import refusals

S3_URI = re.compile(r"s3[an]?://([^/\s,'\"]+)")
PYTHON_ARCHIVES = (".zip", ".whl", ".egg")
UNSUPPORTED = {
    "--extra-jars": "put what the job needs into Python",
    "--datalake-formats": "write Parquet, JSON, CSV or ORC",
}


class JobRunError(Exception):
    """The run cannot start or go on; the message becomes its ErrorMessage."""


@dataclass
class JobFiles:
    """The script, what goes on the Python path, and the folder that the script starts in."""

    script: Path
    python_path: list[Path] = field(default_factory=list)


def fetch(s3: Any, script_uri: str, arguments: Mapping[str, str], work: Path) -> JobFiles:
    """Fetch the script, `--extra-py-files` and `--extra-files`. Raises `JobRunError`."""
    refuse_unsupported(arguments)
    require_modules(arguments.get("--additional-python-modules", ""))
    files = JobFiles(_fetch(s3, script_uri, work / "script"))
    for uri in _uris(arguments, "--extra-py-files"):
        target = _fetch(s3, uri, work / "python")
        if target.suffix not in (".py", *PYTHON_ARCHIVES):
            raise JobRunError(f"--extra-py-files: {uri} is neither a .py file nor a .zip archive")
        files.python_path.append(target.parent if target.suffix == ".py" else target)
    for uri in _uris(arguments, "--extra-files"):
        _fetch(s3, uri, files.script.parent)
    return files


def refuse_unsupported(arguments: Mapping[str, str]) -> None:
    """An option that the local cloud would have to pretend to support is an error."""
    for name, hint in UNSUPPORTED.items():
        if arguments.get(name):
            raise JobRunError(refusals.not_supported(f"{name} {arguments[name]}", hint))
    if arguments.get("--job-language", "python") != "python":
        raise JobRunError(refusals.not_supported("--job-language scala", "write the job in Python"))


def require_modules(modules: str) -> None:
    """`--additional-python-modules`: satisfied by what is installed, never by an installation."""
    for requirement in filter(None, (part.strip() for part in modules.split(","))):
        name = re.split(r"[\s\[<>=!~;@]", requirement, maxsplit=1)[0]
        pinned = re.search(r"==\s*([^\s,;]+)", requirement)
        try:
            installed = importlib.metadata.version(name)
        except (importlib.metadata.PackageNotFoundError, ValueError):
            raise JobRunError(
                f"--additional-python-modules: {requirement} is not installed, and the local cloud installs "
                "nothing: add it to the environment that localcloud runs in"
            ) from None
        if pinned and pinned[1] != installed:
            raise JobRunError(
                f"--additional-python-modules: {requirement} is asked for, {installed} is installed"
            )


def buckets_of(s3_as_root: Any, values: Mapping[str, str]) -> list[str]:
    """Every bucket there is and every one that the arguments name: IAM judges what the run does with it."""
    existing = {bucket["Name"] for bucket in s3_as_root.list_buckets()["Buckets"]}
    named = {name for value in values.values() for name in S3_URI.findall(value)}
    return sorted(existing | named)


def _uris(arguments: Mapping[str, str], name: str) -> list[str]:
    return [uri for uri in (part.strip() for part in arguments.get(name, "").split(",")) if uri]


def _fetch(s3: Any, uri: str, folder: Path) -> Path:
    match = re.fullmatch(r"s3[an]?://([^/]+)/(.*[^/])", uri)
    if match is None:
        raise JobRunError(f"{uri or 'ScriptLocation'} is not the s3:// URI of an object")
    bucket, key = match.groups()
    target = folder / key.rpartition("/")[2]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("wb") as stream:
            for chunk in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(1 << 20):
                stream.write(chunk)
    except ClientError as error:
        details = error.response["Error"]
        text = f"{details['Code']}: {details.get('Message', '')}"
        raise JobRunError(f"Error downloading from S3 for bucket: {bucket}, key: {key}. {text}") from error
    except BotoCoreError as error:
        raise JobRunError(f"Error downloading from S3 for bucket: {bucket}, key: {key}. {error}") from error
    return target
