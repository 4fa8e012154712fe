"""Which objects of an S3 target are crawled: include path, exclusions, sample size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.glue.catalog.globs import glob_pattern
from localcloud.glue.catalog.table_objects import (
    S3Object,
    folder_prefix,
    is_hidden,
    list_objects,
    split_location,
)
from localcloud.plugin.refusals import UnsupportedError


def s3_targets(targets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The S3 targets of a crawler; `UnsupportedError` when it has any that is neither one nor JDBC."""
    for kind, values in targets.items():
        if values and kind not in ("S3Targets", "JdbcTargets"):
            raise UnsupportedError(f"{kind} of a crawler", "it reads S3 and JDBC targets only; remove them")
    found = targets.get("S3Targets") or []
    for target in found:
        for option in ("ConnectionName", "EventQueueArn", "DlqEventQueueArn"):
            if target.get(option):
                raise UnsupportedError(f"{option} of target {target['Path']}")
    return list(found)


def target_objects(s3: Any, target: Mapping[str, Any]) -> tuple[str, list[S3Object]]:
    """The root key of the include path and its objects, without hidden, empty and excluded ones."""
    bucket, root = folder_prefix(target["Path"])
    excluded = [glob_pattern(pattern) for pattern in target.get("Exclusions") or []]
    found = [
        item
        for item in list_objects(s3, bucket, root)
        if item.size
        and not is_hidden(item.key[len(root) :])
        and not _matches(item.key[len(root) :], excluded)
    ]
    if not found and root:
        root, found = _single_object(s3, target["Path"])
    return root, _sampled(found, target.get("SampleSize"))


def _single_object(s3: Any, path: str) -> tuple[str, list[S3Object]]:
    """An include path may name one object; its table is rooted at the folder around it."""
    bucket, key = split_location(path)
    found = [item for item in list_objects(s3, bucket, key) if item.key == key and item.size]
    return key[: key.rfind("/") + 1], found


def _sampled(items: list[S3Object], size: int | None) -> list[S3Object]:
    """At most `size` objects of each folder: the crawler's SampleSize."""
    if not size:
        return items
    taken: dict[str, int] = {}
    kept = []
    for item in items:
        folder = item.key.rpartition("/")[0]
        taken[folder] = taken.get(folder, 0) + 1
        if taken[folder] <= size:
            kept.append(item)
    return kept


def _matches(relative_key: str, patterns: list[re.Pattern[str]]) -> bool:
    return any(pattern.fullmatch(relative_key) for pattern in patterns)
