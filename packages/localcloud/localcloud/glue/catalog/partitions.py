"""The Data Catalog's partitions: GetPartitions with its filters, and what ministack lacks or lets pass."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Mapping, MutableMapping
from typing import Any

from localcloud import plugin
from localcloud.glue.catalog.partition_filter import matcher
from localcloud.glue.catalog.requests import Request, at_most, folded
from localcloud.plugin import AwsError
from localcloud.plugin.paging import page

LARGEST_PAGE, LARGEST_BATCH, LARGEST_DELETION, LARGEST_READ = 1000, 100, 25, 1000
MOST_SEGMENTS = 10


class Partitions:
    """Over ministack's records: a list of partitions by `database/table`."""

    def __init__(self, tables: Mapping[str, Any], records: MutableMapping[str, list[dict[str, Any]]]) -> None:
        self._tables, self._records = tables, records
        self._lock = threading.Lock()

    def create(self, request: Request) -> Request:
        request = folded(request)
        self._add(request, request.get("PartitionInput") or {})
        return {}

    def batch_create(self, request: Request) -> Request:
        request = folded(request)
        self._table(request)
        errors = []
        for given in at_most(request, "PartitionInputList", LARGEST_BATCH):
            try:
                self._add(request, given)
            except AwsError as error:
                errors.append({"PartitionValues": given.get("Values", []), "ErrorDetail": _detail(error)})
        return {"Errors": errors}

    def get(self, request: Request) -> Request:
        request = folded(request)
        return {"Partition": self._found(request, request.get("PartitionValues") or [])}

    def batch_get(self, request: Request) -> Request:
        request = folded(request)
        self._table(request)
        wanted = at_most(request, "PartitionsToGet", LARGEST_READ)
        by_values = {tuple(one["Values"]): one for one in self._of(request)}
        found = [by_values.get(tuple(one.get("Values", []))) for one in wanted]
        # A partition that is absent is neither returned nor unprocessed.
        return {"Partitions": [one for one in found if one], "UnprocessedKeys": []}

    def get_all(self, request: Request) -> Request:
        """The partitions that fulfil `Expression` and lie in `Segment`, a page of them."""
        request = folded(request)
        table = self._table(request)
        found = self._of(request)
        if expression := (request.get("Expression") or "").strip():
            matches = matcher(expression, table.get("PartitionKeys") or [])
            found = [one for one in found if matches(one["Values"])]
        found = _of_segment(found, request.get("Segment"))
        if request.get("ExcludeColumnSchema"):
            found = [_without_columns(one) for one in found]
        shown, token = page(found, request, LARGEST_PAGE)
        return {"Partitions": shown, **token}

    def update(self, request: Request) -> Request:
        request = folded(request)
        self._replace(request, request.get("PartitionValueList") or [], request.get("PartitionInput") or {})
        return {}

    def batch_update(self, request: Request) -> Request:
        request = folded(request)
        self._table(request)
        errors = []
        for entry in at_most(request, "Entries", LARGEST_BATCH):
            values = entry.get("PartitionValueList") or []
            try:
                self._replace(request, values, entry.get("PartitionInput") or {})
            except AwsError as error:
                errors.append({"PartitionValueList": values, "ErrorDetail": _detail(error)})
        return {"Errors": errors}

    def delete(self, request: Request) -> Request:
        request = folded(request)
        self._remove(request, request.get("PartitionValues") or [])
        return {}

    def batch_delete(self, request: Request) -> Request:
        request = folded(request)
        self._table(request)
        errors = []
        for one in at_most(request, "PartitionsToDelete", LARGEST_DELETION):
            try:
                self._remove(request, one.get("Values", []))
            except AwsError as error:
                errors.append({"PartitionValues": one.get("Values", []), "ErrorDetail": _detail(error)})
        return {"Errors": errors}

    def _key(self, request: Request) -> str:
        return f"{request.get('DatabaseName')}/{request.get('TableName')}"

    def _table(self, request: Request) -> dict[str, Any]:
        table: dict[str, Any] | None = self._tables.get(self._key(request))
        if table is None:
            raise AwsError("EntityNotFoundException", f"Table {request.get('TableName')} not found.")
        return table

    def _of(self, request: Request) -> list[dict[str, Any]]:
        return list(self._records.get(self._key(request)) or [])

    def _found(self, request: Request, values: list[str]) -> dict[str, Any]:
        self._table(request)
        for one in self._of(request):
            if one["Values"] == values:
                return one
        raise AwsError("EntityNotFoundException", "Cannot find partition.")

    def _checked(self, request: Request, given: Mapping[str, Any]) -> list[str]:
        keys, values = self._table(request).get("PartitionKeys") or [], list(given.get("Values") or [])
        if len(keys) != len(values):
            raise AwsError(
                "InvalidInputException",
                "The number of partition keys do not match the number of partition values",
            )
        return values

    def _add(self, request: Request, given: Mapping[str, Any]) -> None:
        values = self._checked(request, given)
        with self._lock:
            known = self._records.get(self._key(request)) or []
            if any(one["Values"] == values for one in known):
                raise AwsError("AlreadyExistsException", "Partition already exists.")
            self._records[self._key(request)] = [*known, _record(request, given, int(time.time()))]

    def _replace(self, request: Request, values: list[str], given: Mapping[str, Any]) -> None:
        given = {**given, "Values": given.get("Values") or values}
        wanted = self._checked(request, given)
        with self._lock:
            held, known = self._found(request, values), self._of(request)
            if wanted != values and any(one["Values"] == wanted for one in known):
                raise AwsError("AlreadyExistsException", "Partition already exists.")
            changed = _record(request, given, held.get("CreationTime", int(time.time())))
            self._records[self._key(request)] = [changed if one is held else one for one in known]

    def _remove(self, request: Request, values: list[str]) -> None:
        with self._lock:
            held = self._found(request, values)
            self._records[self._key(request)] = [one for one in self._of(request) if one is not held]


def _record(request: Request, given: Mapping[str, Any], created: int) -> dict[str, Any]:
    names = {"DatabaseName": request["DatabaseName"], "TableName": request["TableName"]}
    return {**given, **names, "CreationTime": created, "CatalogId": plugin.current_account()}


def _detail(error: AwsError) -> dict[str, str]:
    return {"ErrorCode": error.code, "ErrorMessage": error.message}


def _without_columns(partition: Mapping[str, Any]) -> dict[str, Any]:
    descriptor = {k: v for k, v in (partition.get("StorageDescriptor") or {}).items() if k != "Columns"}
    return {**partition, "StorageDescriptor": descriptor}


def _of_segment(found: list[dict[str, Any]], segment: Mapping[str, int] | None) -> list[dict[str, Any]]:
    """The part of the partitions that a client of several asks for; the parts do not overlap."""
    if not segment:
        return found
    number, total = int(segment["SegmentNumber"]), int(segment["TotalSegments"])
    if not (1 <= total <= MOST_SEGMENTS and 0 <= number < total):
        raise AwsError(
            "InvalidInputException",
            f"Segment number {number} of {total}: the total is from 1 to {MOST_SEGMENTS}, "
            "the number from 0 to below the total",
        )
    return [one for one in found if zlib.crc32("/".join(one["Values"]).encode()) % total == number]
