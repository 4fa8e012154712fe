"""The Data Catalog's operations on databases, tables and partitions, over ministack's records.

The names of both are in lower case, what is absent is an error, filters filter, and pages end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from localcloud import plugin
from localcloud.glue.catalog import athena_metadata
from localcloud.glue.catalog.databases import Databases
from localcloud.glue.catalog.partitions import Partitions
from localcloud.glue.catalog.requests import Request
from localcloud.glue.catalog.tables import Tables
from localcloud.glue.catalog.versions import Versions
from localcloud.plugin import AwsError, state

Action = Callable[[Request], Request]
_ORIGINALS = {
    "CreateDatabase": "_create_database",
    "UpdateDatabase": "_update_database",
    "DeleteDatabase": "_delete_database",
    "CreateTable": "_create_table",
    "UpdateTable": "_update_table",
    "DeleteTable": "_delete_table",
    "CreatePartitionIndex": "_create_partition_index",
}


def install(app: Any) -> None:
    """Answer for the API, and for the stacks, whose resource types call ministack's functions themselves."""
    from ministack.services import glue

    held = {name: plugin.require(glue, function, ["data"]) for name, function in _ORIGINALS.items()}

    def original(action: str, request: Request) -> Request:
        status, _, body = held[action](request)
        answer: Request = json.loads(body or b"{}")
        if status >= 400:
            raise AwsError(answer.get("__type", "InternalFailure").split("#")[-1], answer.get("message", ""))
        return answer

    databases = Databases(original, glue._databases)
    tables = Tables(original, databases, glue._tables)
    versions = Versions(tables)
    actions = _actions(databases, tables, Partitions(glue._tables, glue._partitions)) | {
        "GetTableVersion": versions.get,
        "GetTableVersions": versions.get_all,
        "DeleteTableVersion": versions.delete,
        "BatchDeleteTableVersion": versions.batch_delete,
    }
    plugin.route(app, "glue", actions)
    plugin.route(app, "athena", athena_metadata.actions(databases, tables))
    _answer_stacks(glue, actions)
    state.keep("glue_default_database", databases.save, databases.restore, databases.reset)
    state.keep("glue_table_versions", versions.save, versions.restore, versions.reset)


def _actions(databases: Databases, tables: Tables, partitions: Partitions) -> dict[str, Action]:
    return {
        "CreateDatabase": databases.create,
        "GetDatabase": databases.get,
        "GetDatabases": databases.get_all,
        "UpdateDatabase": databases.update,
        "DeleteDatabase": databases.delete,
        "CreateTable": tables.create,
        "GetTable": tables.get,
        "GetTables": tables.get_all,
        "UpdateTable": tables.update,
        "DeleteTable": tables.delete,
        "BatchDeleteTable": tables.batch_delete,
        "SearchTables": tables.search,
        "CreatePartition": partitions.create,
        "BatchCreatePartition": partitions.batch_create,
        "GetPartition": partitions.get,
        "BatchGetPartition": partitions.batch_get,
        "GetPartitions": partitions.get_all,
        "UpdatePartition": partitions.update,
        "BatchUpdatePartition": partitions.batch_update,
        "DeletePartition": partitions.delete,
        "BatchDeletePartition": partitions.batch_delete,
    }


_STACK_FUNCTIONS = {
    "_create_database": "CreateDatabase",
    "_update_database": "UpdateDatabase",
    "_delete_database": "DeleteDatabase",
    "_create_table": "CreateTable",
    "_update_table": "UpdateTable",
    "_delete_table": "DeleteTable",
    "_create_partition": "CreatePartition",
    "_get_partition": "GetPartition",
    "_batch_update_partition": "BatchUpdatePartition",
    "_delete_partition": "DeletePartition",
}


def _answer_stacks(glue: Any, actions: dict[str, Action]) -> None:
    for function, action in _STACK_FUNCTIONS.items():
        plugin.require(glue, function, ["data"])
        setattr(glue, function, _as_response(actions[action]))


def _as_response(action: Action) -> Callable[[Request], plugin.Response]:
    def answer(data: Request) -> plugin.Response:
        headers = {"Content-Type": plugin.JSON_CONTENT_TYPE}
        try:
            return 200, headers, plugin.to_json(action(data))
        except AwsError as error:
            return 400, headers, plugin.to_json({"__type": error.code, "message": error.message})

    return answer
