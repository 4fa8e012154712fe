"""Copy the data sets' objects from the public bucket, without credentials."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from covidlake.base import console, project
from covidlake.base.errors import SourceError
from covidlake.base.progress import Progress
from covidlake.dataset.descriptions import source_prefixes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

CONFIG = Config(
    signature_version=UNSIGNED,
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "max_attempts": 3},
)


def client() -> S3Client:
    """S3 itself, without AWS_ENDPOINT_URL: the public bucket exists on AWS only."""
    import boto3

    return boto3.session.Session().client(
        "s3",
        region_name=project.SOURCE_REGION,
        endpoint_url=f"https://s3.{project.SOURCE_REGION}.amazonaws.com",
        config=CONFIG,
    )


def download(progress: Progress, folder: Path = project.BUILD / "source" / "public") -> Path:
    """Bring the folder up to date with the public bucket: only objects whose size or date differ are sent.

    Raises `SourceError` without a network; what is already in the folder stays.
    """
    s3 = client()
    try:
        listed = [item for prefix in source_prefixes() for item in _list(s3, prefix)]
        stale = [item for item in listed if not _is_current(item, folder)]
        progress(f"public bucket {project.SOURCE_BUCKET}: {len(listed)} objects, {len(stale)} to copy")
        _copy(s3, stale, folder)
    except (BotoCoreError, ClientError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(
            f"SOURCE=public: the public bucket {project.SOURCE_BUCKET} cannot be reached ({reason}): "
            "check the network, or use SOURCE=sample"
        ) from error
    kept = {item["Key"] for item in listed}
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in kept:
            path.unlink()
    return folder


def _list(s3: S3Client, prefix: str) -> list[ObjectTypeDef]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=project.SOURCE_BUCKET, Prefix=prefix)
    return [item for page in pages for item in page.get("Contents", []) if not item["Key"].endswith("/")]


def _is_current(item: ObjectTypeDef, folder: Path) -> bool:
    path = folder / item["Key"]
    if not path.is_file():
        return False
    found = path.stat()
    return found.st_size == item["Size"] and found.st_mtime >= item["LastModified"].timestamp()


def _copy(s3: S3Client, items: list[ObjectTypeDef], folder: Path) -> None:
    from rich.progress import Progress as ProgressBar

    def fetch(item: ObjectTypeDef) -> int:
        path = folder / item["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.part")
        s3.download_file(project.SOURCE_BUCKET, item["Key"], str(scratch))
        scratch.rename(path)
        return item["Size"]

    with (
        ProgressBar(console=console.progress, transient=True) as bar,
        ThreadPoolExecutor(max_workers=8) as pool,
    ):
        task = bar.add_task("copying", total=sum(item["Size"] for item in items))
        for size in pool.map(fetch, items):
            bar.advance(task, size)
