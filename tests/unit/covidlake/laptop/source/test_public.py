"""The copy of the public bucket: only what changed is downloaded, and what is gone goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake.base.errors import SourceError
from covidlake.laptop.source import public

THEN = datetime(2022, 12, 7, tzinfo=UTC)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    made = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(public, "client", lambda: made)
    monkeypatch.setattr(public, "source_prefixes", lambda: ["uk_covid/json/"])
    with Stubber(made) as stub:
        yield stub


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that would be downloaded."""
    keys: list[str] = []
    monkeypatch.setattr(public, "_copy", lambda _s3, items, _folder: keys.extend(one["Key"] for one in items))
    return keys


def listed(s3: Stubber, **sizes: int) -> None:
    items: list[dict[str, Any]] = [
        {"Key": f"uk_covid/json/{name}", "Size": size, "LastModified": THEN} for name, size in sizes.items()
    ]
    s3.add_response("list_objects_v2", {"Contents": [*items, {"Key": "uk_covid/json/", "Size": 0}]})


def kept(folder: Path, name: str, content: str, modified: float) -> Path:
    path = folder / "uk_covid" / "json" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (modified, modified))
    return path


def test_only_what_differs_in_size_or_date_is_copied(s3: Stubber, copied: list[str], tmp_path: Path) -> None:
    later, earlier = THEN.timestamp() + 1, THEN.timestamp() - 1
    kept(tmp_path, "same", "12", later)
    kept(tmp_path, "shorter", "1", later)
    kept(tmp_path, "older", "12", earlier)
    gone = kept(tmp_path, "gone", "12", later)
    listed(s3, same=2, shorter=2, older=2, new=2)
    said: list[str] = []
    assert public.download(said.append, tmp_path) == tmp_path
    assert copied == [f"uk_covid/json/{name}" for name in ("shorter", "older", "new")]
    assert not gone.exists()
    assert said == ["public bucket covid19-lake: 4 objects, 3 to copy"]


def test_without_a_network_everything_stays(s3: Stubber, tmp_path: Path) -> None:
    path = kept(tmp_path, "same", "12", THEN.timestamp())
    s3.add_client_error("list_objects_v2", "500", "no\n network")
    with pytest.raises(SourceError, match="check the network, or use SOURCE=sample"):
        public.download(lambda _: None, tmp_path)
    assert path.exists()
