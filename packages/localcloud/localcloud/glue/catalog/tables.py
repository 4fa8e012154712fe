"""The Data Catalog's tables, with their versions, as Glue keeps and finds them."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

from localcloud import plugin
from localcloud.glue.catalog.databases import Databases, Original
from localcloud.glue.catalog.hash_order import in_hash_order
from localcloud.glue.catalog.requests import Request, at_most, folded
from localcloud.plugin import AwsError, refusals
from localcloud.plugin.paging import page

LARGEST_PAGE, LARGEST_BATCH, LARGEST_SEARCH = 100, 100, 1000
FIRST_VERSION = "0"
# What a table has only where its input had it.
OPTIONAL = (
    *("Owner", "Description", "LastAccessTime", "LastAnalyzedTime", "ViewOriginalText"),
    *("ViewExpandedText", "ViewDefinition", "IsMultiDialectView"),
)
REPLACED = (*OPTIONAL, "StorageDescriptor", "PartitionKeys", "TableType", "Parameters", "Retention")


class Tables:
    """Over ministack's records, by `database/table`; the older versions are kept here."""

    def __init__(
        self, original: Original, databases: Databases, records: MutableMapping[str, dict[str, Any]]
    ) -> None:
        self._original, self._databases, self._records = original, databases, records
        self.versions: dict[tuple[str, str, str], list[dict[str, Any]]] = {}

    def create(self, request: Request) -> Request:
        request = folded(request, "TableInput")
        if request.get("OpenTableFormatInput"):
            raise AwsError("InvalidInputException", refusals.not_supported("Iceberg tables"))
        given = dict(request.get("TableInput") or {})
        _check(given)
        self._databases.found(request.get("DatabaseName"))
        if _key(request, given["Name"]) in self._records:
            raise AwsError("AlreadyExistsException", "Table already exists.")
        self._original("CreateTable", request)
        record = self._records[_key(request, given["Name"])]
        _complete(record, given)
        record["VersionId"] = FIRST_VERSION
        self.versions[self._versions_key(record)] = [copy.deepcopy(record)]
        for index in request.get("PartitionIndexes") or []:
            names = {"DatabaseName": request["DatabaseName"], "TableName": given["Name"]}
            self._original("CreatePartitionIndex", {**names, "PartitionIndex": index})
        return {}

    def update(self, request: Request) -> Request:
        """The whole definition is replaced: what the input leaves out is gone, as on AWS."""
        request = folded(request, "Name", "TableInput")
        given = dict(request.get("TableInput") or {})
        if request.get("UpdateOpenTableFormatInput") or request.get("ViewUpdateAction"):
            raise AwsError("InvalidInputException", refusals.not_supported("this kind of UpdateTable"))
        given.setdefault("Name", request.get("Name"))
        _check(given)
        record = self.found(request.get("DatabaseName"), given["Name"])
        plain = {name: value for name, value in request.items() if name in ("DatabaseName", "VersionId")}
        self._original("UpdateTable", {**plain, "TableInput": given})
        for name in REPLACED:
            if name not in given:
                record.pop(name, None)
        _complete(record, given)
        kept = self.versions.setdefault(self._versions_key(record), [])
        if request.get("SkipArchive") and kept:
            kept.pop()
        kept.append(copy.deepcopy(record))
        return {}

    def get(self, request: Request) -> Request:
        request = folded(request, "Name")
        return {"Table": self.found(request.get("DatabaseName"), request.get("Name"))}

    def get_all(self, request: Request) -> Request:
        request = folded(request)
        name = request.get("DatabaseName")
        self._databases.found(name)
        found = self.of(str(name))
        if expression := request.get("Expression"):
            pattern = name_pattern(expression)
            found = [table for table in found if pattern.fullmatch(table["Name"])]
        shown, token = page(found, request, LARGEST_PAGE)
        return {"TableList": shown, **token}

    def delete(self, request: Request) -> Request:
        request = folded(request, "Name")
        record = self.found(request.get("DatabaseName"), request.get("Name"))
        self.versions.pop(self._versions_key(record), None)
        return self._original("DeleteTable", request)

    def batch_delete(self, request: Request) -> Request:
        request = folded(request, "TablesToDelete")
        self._databases.found(request.get("DatabaseName"))
        errors = []
        for name in at_most(request, "TablesToDelete", LARGEST_BATCH):
            try:
                self.delete({"DatabaseName": request["DatabaseName"], "Name": name})
            except AwsError as error:
                detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append({"TableName": name, "ErrorDetail": detail})
        return {"Errors": errors}

    def search(self, request: Request) -> Request:
        """Tables of every database by `Filters`, all of them, and by `SearchText` in what describes them."""
        folded(request)
        found = [table for table in list(self._records.values()) if _is_wanted(table, request)]
        for criterion in reversed(request.get("SortCriteria") or []):
            name, falling = criterion.get("FieldName", "Name"), criterion.get("Sort") == "DESC"
            found.sort(key=lambda table, name=name: str(table.get(name, "")), reverse=falling)  # type: ignore[misc]
        shown, token = page(found, request, LARGEST_SEARCH)
        return {"TableList": shown, **token}

    def found(self, database: Any, name: Any) -> dict[str, Any]:
        self._databases.found(database)
        record = self._records.get(f"{database}/{name}")
        if record is None:
            raise AwsError("EntityNotFoundException", f"Table {name} not found in {database}.")
        return record

    def of(self, database: str) -> list[dict[str, Any]]:
        """The tables of a database."""
        return [table for table in list(self._records.values()) if table["DatabaseName"] == database]

    def _versions_key(self, record: Mapping[str, Any]) -> tuple[str, str, str]:
        name = f"{record['DatabaseName']}/{record['Name']}"
        return plugin.current_account(), plugin.current_region(), name

    def kept_versions(self, record: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The newest last; of a table that something else wrote, its present definition."""
        held = self.versions.setdefault(self._versions_key(record), [])
        if not held or held[-1].get("VersionId") != record.get("VersionId"):
            held.append(copy.deepcopy(dict(record)))
        return held


def _key(request: Mapping[str, Any], name: str) -> str:
    return f"{request.get('DatabaseName')}/{name}"


def _check(given: Mapping[str, Any]) -> None:
    if not given.get("Name"):
        raise AwsError("InvalidInputException", "TableInput.Name is required")
    if given.get("TargetTable"):
        what = refusals.not_supported("glue TargetTable", "there is one account, and nothing to link to")
        raise AwsError("InvalidInputException", what)


def _complete(record: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Set what ministack drops, and drop what it invents: Glue takes no empty owner back."""
    for name in OPTIONAL:
        if name in given:
            record[name] = given[name]
        else:
            record.pop(name, None)
    if "Parameters" in given:
        record["Parameters"] = in_hash_order(given["Parameters"])
    record["Retention"] = int(given.get("Retention") or 0)
    record["UpdateTime"] = int(time.time())


def name_pattern(expression: str) -> re.Pattern[str]:
    """A regular expression, in which a bare `*` stands for any text and `|` separates alternatives."""
    try:
        return re.compile(re.sub(r"(?<![.\])}])\*", ".*", expression), re.IGNORECASE)
    except re.error as error:
        raise AwsError("InvalidInputException", f"Expression {expression} is malformed: {error}") from error


def _is_wanted(table: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    return all(_has(table, one) for one in request.get("Filters") or []) and _mentions(
        table, str(request.get("SearchText") or "")
    )


def _has(table: Mapping[str, Any], criterion: Mapping[str, Any]) -> bool:
    """One filter: on a field of the table, or on a key of its parameters; text is searched in words."""
    key, wanted = str(criterion.get("Key", "")), str(criterion.get("Value", ""))
    fields = {name.lower(): value for name, value in table.items()}
    value = fields.get(key.lower(), (table.get("Parameters") or {}).get(key))
    if value is None:
        return False
    if comparator := criterion.get("Comparator"):
        return _compares(float(value), str(comparator), float(wanted))
    return (
        wanted.lower() in re.split(r"[\s_,;.-]+", str(value).lower()) or wanted.lower() == str(value).lower()
    )


def _compares(value: float, comparator: str, wanted: float) -> bool:
    match comparator:
        case "EQUALS":
            return value == wanted
        case "GREATER_THAN":
            return value > wanted
        case "LESS_THAN":
            return value < wanted
        case "GREATER_THAN_EQUALS":
            return value >= wanted
        case "LESS_THAN_EQUALS":
            return value <= wanted
    raise AwsError("InvalidInputException", f"Comparator {comparator} is not known")


def _mentions(table: Mapping[str, Any], text: str) -> bool:
    if not text:
        return True
    columns = [*(table.get("StorageDescriptor") or {}).get("Columns", []), *table.get("PartitionKeys", [])]
    described = [table["Name"], table["DatabaseName"], table.get("Description", "")]
    described += [f"{column['Name']} {column.get('Comment', '')}" for column in columns]
    described += [f"{name} {value}" for name, value in (table.get("Parameters") or {}).items()]
    quoted = len(text) > 1 and text.startswith('"') and text.endswith('"')
    wanted = text.strip('"').lower()
    return wanted in [one.lower() for one in described] if quoted else wanted in " ".join(described).lower()
