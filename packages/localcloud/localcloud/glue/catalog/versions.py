"""The older definitions of the Data Catalog's tables: GetTableVersion and its kin."""

from __future__ import annotations

from typing import Any

from localcloud.glue.catalog.requests import Request, at_most, folded
from localcloud.glue.catalog.tables import Tables
from localcloud.plugin import AwsError
from localcloud.plugin.paging import page

LARGEST_PAGE, LARGEST_BATCH = 100, 100
Saved = list[dict[str, Any]]


class Versions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, request: Request) -> Request:
        """The version that is named, or the newest."""
        held = self._held(request)
        wanted = request.get("VersionId") or held[-1]["VersionId"]
        for record in held:
            if record["VersionId"] == str(wanted):
                return {"TableVersion": _shown(record)}
        raise _missing(wanted)

    def get_all(self, request: Request) -> Request:
        """The newest first."""
        shown, token = page(
            [_shown(record) for record in reversed(self._held(request))], request, LARGEST_PAGE
        )
        return {"TableVersions": shown, **token}

    def delete(self, request: Request) -> Request:
        self._delete(request, str(request.get("VersionId")))
        return {}

    def batch_delete(self, request: Request) -> Request:
        self._held(request)
        errors = []
        for version in at_most(request, "VersionIds", LARGEST_BATCH):
            try:
                self._delete(request, str(version))
            except AwsError as error:
                detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                name = folded(request)["TableName"]
                errors.append({"TableName": name, "VersionId": version, "ErrorDetail": detail})
        return {"Errors": errors}

    def _held(self, request: Request) -> list[dict[str, Any]]:
        request = folded(request)
        record = self._tables.found(request.get("DatabaseName"), request.get("TableName"))
        return self._tables.kept_versions(record)

    def _delete(self, request: Request, version: str) -> None:
        held = self._held(request)
        if version == held[-1]["VersionId"]:
            raise AwsError("InvalidInputException", f"Version {version} is the table's current version")
        for record in held:
            if record["VersionId"] == version:
                held.remove(record)
                return
        raise _missing(version)

    def save(self) -> Saved:
        return [{"key": list(key), "held": held} for key, held in self._tables.versions.items()]

    def restore(self, saved: Saved) -> None:
        for item in saved:
            account, region, name = item["key"]
            self._tables.versions[account, region, name] = item["held"]

    def reset(self) -> None:
        self._tables.versions.clear()


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {"Table": record, "VersionId": record["VersionId"]}


def _missing(version: Any) -> AwsError:
    return AwsError("EntityNotFoundException", f"Table version {version} not found.")
