"""Statements of Athena that write, without a cloud: an empty catalog, and an S3 that keeps its keys."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from localcloud.athena.sql.session import Session
from localcloud.athena.sql.statements.kinds import classify, strip


class _AbsentError(Exception):
    """What the catalog says of a table that it has not."""


class Catalog:
    """As Glue's client: one database with the table `known`, if any; `made` is the last one that was made.

    `places` has the location of each partition of that table.
    """

    exceptions = SimpleNamespace(EntityNotFoundException=_AbsentError)

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.known: dict[str, Any] = {}
        self.places: dict[tuple[str, ...], str] = {}

    def get_database(self, **_named: Any) -> dict[str, Any]:
        return {"Database": {}}

    def get_table(self, Name: str, **_named: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if Name != self.known.get("Name"):
            raise _AbsentError
        return {"Table": {"DatabaseName": "shop", **self.known}}

    def create_table(self, **named: Any) -> None:
        self.made = named["TableInput"]

    update_table = create_table

    def get_paginator(self, _name: str) -> Any:
        page = {"Partitions": [{"Values": list(values)} for values in self.places]}
        return SimpleNamespace(paginate=lambda **_named: [page])

    def batch_create_partition(self, PartitionInputList: Any, **_named: Any) -> dict[str, Any]:  # noqa: N803
        for one in PartitionInputList:
            self.places[tuple(one["Values"])] = one["StorageDescriptor"]["Location"]
        return {}

    def delete_partition(self, PartitionValues: list[str], **_named: Any) -> None:  # noqa: N803
        del self.places[tuple(PartitionValues)]


class Bucket:
    """As S3's client: no objects but those that are put."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def get_paginator(self, _name: str) -> Any:
        return SimpleNamespace(paginate=lambda **_named: [])

    def put_object(self, Key: str, **_named: Any) -> None:  # noqa: N803 - boto3's name
        self.keys.append(Key)


class Statements:
    """Runs statements, each in a session of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.glue, self.s3 = Catalog(), Bucket()

    def run(self, sql: str) -> None:
        session = Session(sql, "shop", self.glue, self.s3, self.folder, "s3://results/x", query_id="q-1")
        session.open()
        try:
            classify(sql)[2](session, strip(sql))
        finally:
            session.close()
