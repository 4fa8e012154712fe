"""The Data Catalog's databases, in lower case, with `default`, which every account has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from localcloud import plugin
from localcloud.glue.catalog.requests import Request, folded
from localcloud.plugin import AwsError, refusals
from localcloud.plugin.paging import page

Original = Callable[[str, Request], Request]
LARGEST_PAGE = 100
DEFAULT = "default"


class Databases:
    """Over ministack's records."""

    def __init__(self, original: Original, records: MutableMapping[str, Any]) -> None:
        self._original, self._records = original, records
        self._begun: set[tuple[str, str]] = set()

    def begin(self) -> None:
        """Give the account its `default` in this region, once: who deletes it is not given it again."""
        place = plugin.current_account(), plugin.current_region()
        if place not in self._begun:
            self._begun.add(place)
            if DEFAULT not in self._records:
                described = {"Name": DEFAULT, "Description": "Default Hive database"}
                self._original("CreateDatabase", {"DatabaseInput": described})

    def create(self, request: Request) -> Request:
        self.begin()
        request = folded(request, "DatabaseInput")
        given = request.get("DatabaseInput") or {}
        _refuse_links(given, "TargetDatabase")
        answer = self._original("CreateDatabase", request)
        _keep_only_given(self._records[given["Name"]], given)
        return answer

    def get(self, request: Request) -> Request:
        self.begin()
        return {"Database": self.found(folded(request, "Name").get("Name"))}

    def get_all(self, request: Request) -> Request:
        self.begin()
        folded(request)
        shown, token = page(self.all(), request, LARGEST_PAGE)
        return {"DatabaseList": shown, **token}

    def update(self, request: Request) -> Request:
        request = folded(request, "Name", "DatabaseInput")
        record, given = self.found(request.get("Name")), request.get("DatabaseInput") or {}
        if given.get("Name", record["Name"]) != record["Name"]:
            raise AwsError("InvalidInputException", "Database name cannot be changed")
        self._original("UpdateDatabase", request)
        for name in ("Description", "LocationUri", "Parameters"):
            if name not in given:
                record.pop(name, None)
        return {}

    def delete(self, request: Request) -> Request:
        self.begin()
        request = folded(request, "Name")
        self.found(request.get("Name"))
        return self._original("DeleteDatabase", request)

    def found(self, name: Any) -> dict[str, Any]:
        self.begin()
        record: dict[str, Any] | None = self._records.get(name)
        if record is None:
            raise AwsError("EntityNotFoundException", f"Database {name} not found.")
        return record

    def all(self) -> list[dict[str, Any]]:
        self.begin()
        return list(self._records.values())

    def save(self) -> list[list[str]]:
        return [list(place) for place in sorted(self._begun)]

    def restore(self, saved: list[list[str]]) -> None:
        self._begun = {(account, region) for account, region in saved}

    def reset(self) -> None:
        self._begun.clear()


def _refuse_links(given: Mapping[str, Any], *fields: str) -> None:
    for field in fields:
        if given.get(field):
            what = refusals.not_supported(f"glue {field}", "there is one account, and nothing to link to")
            raise AwsError("InvalidInputException", what)


def _keep_only_given(record: MutableMapping[str, Any], given: Mapping[str, Any]) -> None:
    """A field that nobody set is absent: clients send what they read, and Glue takes no empty one."""
    for name in ("Description", "LocationUri"):
        if name not in given:
            record.pop(name, None)
