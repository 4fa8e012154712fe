"""`awsglue.dynamicframe`: a DynamicFrame is a DataFrame here, with the choices that its columns have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from localcloud.glue.jobs.frames import mapping, paths, records
from localcloud.glue.jobs.frames.choices import Choices, as_struct, resolved
from localcloud.glue.jobs.frames.refusing import check_thresholds, refuse, refused

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
    "=": lambda column, value: column == value,
    "==": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
}


class DynamicFrame:
    """The methods of awsglue's class; `transformation_ctx` and `info` name steps and change nothing."""

    def __init__(self, frame: Any, glue_ctx: Any, name: str = "", choices: Choices | None = None) -> None:
        self._frame, self.glue_ctx, self.name = frame, glue_ctx, name
        self._choices: Choices = {
            column: other for column, other in (choices or {}).items() if column in frame.columns
        }

    @classmethod
    def fromDF(cls, dataframe: Any, glue_ctx: Any, name: str = "") -> DynamicFrame:
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Any = None) -> Any:
        """An unresolved choice becomes a structure, as in Glue."""
        if options:
            refuse("toDF with options", "resolve choices with resolveChoice")
        frame = self._frame
        for name, other in self._choices.items():
            frame = frame.withColumn(name, as_struct(paths.column([name]), other))
        return frame

    def _made(self, frame: Any, choices: Choices | None = None) -> DynamicFrame:
        kept = self._choices if choices is None else choices
        return DynamicFrame(frame, self.glue_ctx, self.name, kept)

    def count(self) -> int:
        return int(self._frame.count())

    def schema(self) -> Any:
        """Spark's schema, which has the fields, too; awsglue's own types are not here."""
        return self.toDF().schema

    def printSchema(self) -> None:
        print(self._tree())

    def _tree(self) -> str:
        tree = self.toDF()._jdf.schema().treeString()
        lines = [
            re.sub(r" \((nullable|containsNull|valueContainsNull) = \w+\)", "", line)
            for line in tree.splitlines()
        ]
        return "\n".join(line.removeprefix(" ") for line in lines)

    def show(self, num_rows: int = 20) -> None:
        for row in self.toDF().toJSON().take(num_rows):
            print(json.dumps(json.loads(row), ensure_ascii=False))

    def select_fields(self, paths: Any, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        return self._made(mapping.selected(self._frame, _listed(paths)))

    def drop_fields(self, paths: Any, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        return self._made(mapping.without(self._frame, _listed(paths)))

    def rename_field(self, oldName: str, newName: str, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        choices = {(newName if name == oldName else name): other for name, other in self._choices.items()}
        return self._made(mapping.renamed(self._frame, oldName, newName), choices)

    def apply_mapping(
        self, mappings: Any, case_sensitive: bool = False, *_names: Any, **more: Any
    ) -> DynamicFrame:
        _check(more)
        given = [mappings] if isinstance(mappings, tuple) else list(mappings)
        return self._made(mapping.mapped(self._frame, given, case_sensitive, self._choices), {})

    def applyMapping(self, *arguments: Any, **named: Any) -> DynamicFrame:
        given = arguments[1:] if arguments and isinstance(arguments[0], DynamicFrame) else arguments
        return self.apply_mapping(*given, **named)

    def resolveChoice(
        self,
        specs: Any = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        *_names: Any,
        **more: Any,
    ) -> DynamicFrame:
        """`specs` for single columns, or `choice` for every column that has a choice."""
        if (specs is None) == (not choice):
            raise Exception("Parameter specs and option are both missing, or both specified: choose one.")
        if choice.lower() == "match_catalog":
            return self._match_catalog(str(database), str(table_name))
        if database or table_name:
            refuse("resolveChoice with database and table_name", "they belong to choice='match_catalog'")
        _check({name: value for name, value in more.items() if name != "catalog_id"})
        given = [specs] if isinstance(specs, tuple) else list(specs or [])
        frame, left = self._frame, dict(self._choices)
        for path, action in given or [(name, choice) for name in self._choices]:
            found = paths.locate(frame.schema, path)
            if found is None:
                continue  # Glue ignores a path that is not there
            if len(found) > 1:
                refuse(f"resolveChoice of the nested field {path}")
            frame = resolved(frame, left, found[0], action)
            left.pop(found[0], None)
        return self._made(frame, left)

    def _match_catalog(self, database: str, table: str) -> DynamicFrame:
        from localcloud.glue.jobs.frames import catalog

        types = catalog.Table.found(database, table).types()
        specs = [(name, f"cast:{types[name.lower()]}") for name in self._choices if name.lower() in types]
        return self.resolveChoice(specs=specs)

    def filter(self, f: Callable[[Any], bool], *_names: Any, **more: Any) -> DynamicFrame:
        """Like awsglue's: a record for which `f` finds no key or no fitting type is left out."""
        _check(more)
        return self._made(records.filtered(self.toDF(), f), {})

    def map(
        self, f: Callable[[Any], Any], preservesPartitioning: bool = False, *_names: Any, **more: Any
    ) -> DynamicFrame:
        _check(more)
        return self._made(records.mapped(self.toDF(), f), {})

    def join(self, paths1: Any, paths2: Any, frame2: DynamicFrame, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        joined = mapping.joined(self.toDF(), frame2.toDF(), _listed(paths1), _listed(paths2))
        return DynamicFrame(joined, self.glue_ctx, self.name + frame2.name)

    def union(self, other_frame: DynamicFrame, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        return self._made(self.toDF().unionByName(other_frame.toDF(), allowMissingColumns=True), {})

    def split_fields(
        self, paths: Any, name1: str, name2: str, *_names: Any, **more: Any
    ) -> DynamicFrameCollection:
        _check(more)
        parts = {name1: self.select_fields(paths), name2: self.drop_fields(paths)}
        return DynamicFrameCollection(_named(parts), self.glue_ctx)

    def split_rows(
        self,
        comparison_dict: Mapping[str, Mapping[str, Any]],
        name1: str,
        name2: str,
        *_names: Any,
        **more: Any,
    ) -> DynamicFrameCollection:
        _check(more)
        from pyspark.sql import functions

        frame, condition = self.toDF(), functions.lit(True)
        for path, comparisons in comparison_dict.items():
            for operator, value in comparisons.items():
                column = paths.column(paths.parts(path))
                condition = condition & _COMPARISONS[operator](column, value)
        holds = functions.coalesce(condition, functions.lit(False))
        parts = {name1: self._made(frame.where(holds), {}), name2: self._made(frame.where(~holds), {})}
        return DynamicFrameCollection(_named(parts), self.glue_ctx)

    def drop_nulls(self) -> DynamicFrame:
        """Without the fields that are null in every record."""
        return self._made(mapping.without(self._frame, mapping.null_columns(self._frame)))

    def repartition(self, num_partitions: int, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        return self._made(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions: int, shuffle: bool = False, *_names: Any, **more: Any) -> DynamicFrame:
        _check(more)
        return (
            self.repartition(num_partitions) if shuffle else self._made(self._frame.coalesce(num_partitions))
        )

    def getNumPartitions(self) -> int:
        return int(self._frame.rdd.getNumPartitions())

    def write(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        accumulator_size: int = 0,
    ) -> DynamicFrame:
        frame: DynamicFrame = self.glue_ctx.write_dynamic_frame_from_options(
            self, connection_type, connection_options or {}, format, format_options or {}
        )
        return frame

    def errorsCount(self) -> int:
        """None: the first record with an error fails the run here."""
        return 0

    stageErrorsCount = errorsCount

    def assertErrorThreshold(self) -> None:
        """Holds: no record with an error gets this far."""

    errorsAsDynamicFrame = refused("errorsAsDynamicFrame", "a record with an error fails the run here")
    mapPartitions = refused("mapPartitions")
    mapPartitionsWithIndex = refused("mapPartitionsWithIndex")
    mergeDynamicFrame = refused("mergeDynamicFrame")
    relationalize = refused("relationalize", "flatten with explode and select on a DataFrame")
    simplify_ddb_json = refused("simplify_ddb_json")
    spigot = refused("spigot")
    unbox = refused("unbox", "parse the text with from_json on a DataFrame")
    unnest = refused("unnest", "select the nested fields by name on a DataFrame")
    unnest_ddb_json = refused("unnest_ddb_json")
    with_frame_schema = refused("with_frame_schema")


class DynamicFrameCollection:
    """Frames by name."""

    def __init__(self, dynamic_frames: Mapping[str, DynamicFrame], glue_ctx: Any) -> None:
        self._frames, self._glue_ctx = dict(dynamic_frames), glue_ctx

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def keys(self) -> Any:
        return self._frames.keys()

    def values(self) -> Any:
        return self._frames.values()

    def select(self, key: str, transformation_ctx: str = "") -> DynamicFrame:
        return self._frames[key]

    def map(
        self, callable: Callable[..., DynamicFrame], transformation_ctx: str = ""
    ) -> DynamicFrameCollection:
        made = {key: callable(frame, f"{transformation_ctx}{key}") for key, frame in self._frames.items()}
        return DynamicFrameCollection(made, self._glue_ctx)

    flatmap = refused("flatmap of a DynamicFrameCollection")


def _listed(given: Any) -> Sequence[str]:
    return [given] if isinstance(given, str) else list(given)


def _named(parts: Mapping[str, DynamicFrame]) -> dict[str, DynamicFrame]:
    for name, frame in parts.items():
        frame.name = name
    return dict(parts)


def _check(more: Mapping[str, Any]) -> None:
    unknown = set(more) - {"transformation_ctx", "info", "stageThreshold", "totalThreshold"}
    if unknown:
        raise TypeError(f"unexpected argument {sorted(unknown)[0]}")
    check_thresholds(more.get("stageThreshold", 0), more.get("totalThreshold", 0))
