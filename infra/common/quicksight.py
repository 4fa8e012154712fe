"""Amazon QuickSight, for whoever has it: a data source on Athena, data sets of the tables, a dashboard.

Nothing of it is made unless the parameter names a user or a group, who then may see all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from troposphere import AccountId, AWSObject, Equals, GetAtt, Not, Parameter, Ref, Sub, quicksight

from infra.common import catalog, query, runs
from infra.common.parameters import text
from infra.common.pipeline import DescribedDataSet

PARAMETER = "QuickSightPrincipalArn"
CONDITION = "UseQuickSight"
SOURCE, BOARD = "QuickSightDataSource", "QuickSightDashboard"
ATHENA_CATALOG = "AwsDataCatalog"
# By the type in the catalog, without its parameters. QuickSight reads no arrays, maps or structs.
TYPES = {
    **dict.fromkeys(("string", "char", "varchar"), "STRING"),
    **dict.fromkeys(("bigint", "int", "smallint", "tinyint"), "INTEGER"),
    **dict.fromkeys(("decimal", "double", "float"), "DECIMAL"),
    **dict.fromkeys(("date", "timestamp"), "DATETIME"),
    "boolean": "BIT",
}
LOOK_SOURCE = ("DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource")
LOOK_SET = (
    "DescribeDataSet",
    "DescribeDataSetPermissions",
    "DescribeIngestion",
    "ListIngestions",
    "PassDataSet",
)
LOOK_BOARD = ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard")
Columns = Mapping[str, str]
Json = dict[str, Any]


def parameter() -> Parameter:
    return text(
        PARAMETER,
        "ARN of the user or group of Amazon QuickSight that may see the tables there; empty for no "
        "QuickSight. The account needs a subscription, and the tables a first execution.",
        "",
        AllowedPattern="^$|^arn:aws[a-z-]*:quicksight:[a-z0-9-]+:[0-9]{12}:(user|group)/[^ ]+$",
        MaxLength=256,
        ConstraintDescription="must be the ARN of a user or a group of QuickSight, or empty",
    )


def condition() -> Any:
    return Not(Equals(Ref(PARAMETER), ""))


def resources(described: Sequence[DescribedDataSet]) -> list[AWSObject]:
    """The source, a data set for the executions and for each described table with columns, the dashboard."""
    tables = {one.name: dict(one.columns) for one in described if one.columns}
    shown = {runs.TABLE: {**runs.COLUMNS, "month": "string"}, **tables}
    return [_source(), *(_data_set(name, columns) for name, columns in shown.items()), _board(tables)]


def _of_stack(end: str) -> Sub:
    return Sub(f"${{AWS::StackName}}-{end}")


def _permissions(actions: Sequence[str]) -> list[Json]:
    return [{"Principal": Ref(PARAMETER), "Actions": [f"quicksight:{one}" for one in actions]}]


def _made(kind: type[AWSObject], title: str, properties: Json) -> AWSObject:
    made: AWSObject = kind.from_dict(title, {"AwsAccountId": AccountId, **properties})
    made.resource["Condition"] = CONDITION
    return made


def _source() -> AWSObject:
    properties = {
        "DataSourceId": _of_stack("lake"),
        "Name": _of_stack("lake"),
        "Type": "ATHENA",
        "DataSourceParameters": {"AthenaParameters": {"WorkGroup": Ref(query.WORK_GROUP)}},
        "Permissions": _permissions(LOOK_SOURCE),
    }
    return _made(quicksight.DataSource, SOURCE, properties)


def data_set_title(table: str) -> str:
    return "QuickSight" + "".join(part.capitalize() for part in table.split("_")) + "DataSet"


def input_columns(columns: Columns) -> list[Json]:
    """Those that QuickSight can read."""
    plain = {name: kind.partition("(")[0] for name, kind in columns.items()}
    return [{"Name": name, "Type": TYPES[kind]} for name, kind in plain.items() if kind in TYPES]


def _data_set(table: str, columns: Columns) -> AWSObject:
    """Asked of Athena each time: nothing is copied, so nothing gets old and no capacity is paid."""
    relational = {
        "Catalog": ATHENA_CATALOG,
        "DataSourceArn": GetAtt(SOURCE, "Arn"),
        "InputColumns": input_columns(columns),
        "Name": table,
        "Schema": Ref(catalog.DATABASE),
    }
    properties = {
        "DataSetId": _of_stack(table.replace("_", "-")),
        "Name": _of_stack(table.replace("_", "-")),
        "ImportMode": "DIRECT_QUERY",
        "PhysicalTableMap": {table.replace("_", "-"): {"RelationalTable": relational}},
        "Permissions": _permissions(LOOK_SET),
    }
    return _made(quicksight.DataSet, data_set_title(table), properties)


def _column(table: str, name: str) -> Json:
    return {"DataSetIdentifier": table, "ColumnName": name}


def _sum(table: str, name: str) -> Json:
    total = {"SimpleNumericalAggregation": "SUM"}
    field = {"FieldId": f"{table}-{name}", "Column": _column(table, name), "AggregationFunction": total}
    return {"NumericalMeasureField": field}


def _count(table: str, name: str) -> Json:
    field = {"FieldId": f"{table}-count", "Column": _column(table, name), "AggregationFunction": "COUNT"}
    return {"DateMeasureField": field}


def _by_time(table: str, name: str, granularity: str) -> Json:
    field = {"FieldId": f"{table}-{name}", "Column": _column(table, name), "DateGranularity": granularity}
    return {"DateDimensionField": field}


def _line(visual: str, title: str, category: Json, values: list[Json]) -> Json:
    wells = {"LineChartAggregatedFieldWells": {"Category": [category], "Values": values}}
    return {
        "LineChartVisual": {
            "VisualId": visual,
            "Title": {"FormatText": {"PlainText": title}},
            "ChartConfiguration": {"FieldWells": wells},
        }
    }


def _executions() -> Json:
    """The sheet of the table `runs`, by the day."""
    day = _by_time(runs.TABLE, "started_at", "DAY")
    charts = {
        "Rows read and new": ("rows_read", "rows_new"),
        "Rows in quarantine": ("rows_quarantined",),
        "Dollars for Glue": ("glue_dollars",),
        "Seconds of executions": ("seconds",),
    }
    visuals = [
        _line(f"runs-{number}", title, day, [_sum(runs.TABLE, name) for name in columns])
        for number, (title, columns) in enumerate(charts.items())
    ]
    return {"SheetId": "executions", "Name": "Executions", "Visuals": visuals}


def _data(tables: Mapping[str, Columns]) -> Json | None:
    """The sheet of the data: of each table with a date, its rows by the month."""
    dated = {
        table: next((name for name, kind in columns.items() if kind == "date"), None)
        for table, columns in tables.items()
    }
    visuals = [
        _line(
            f"rows-{table.replace('_', '-')}",
            f"Rows of {table}",
            _by_time(table, date, "MONTH"),
            [_count(table, date)],
        )
        for table, date in dated.items()
        if date
    ]
    return {"SheetId": "data", "Name": "Data", "Visuals": visuals} if visuals else None


def _board(tables: Mapping[str, Columns]) -> AWSObject:
    sheets = [one for one in (_executions(), _data(tables)) if one]
    declared = [
        {"Identifier": table, "DataSetArn": GetAtt(data_set_title(table), "Arn")}
        for table in (runs.TABLE, *tables)
    ]
    properties = {
        "DashboardId": _of_stack("board"),
        "Name": _of_stack("board"),
        "Definition": {"DataSetIdentifierDeclarations": declared, "Sheets": sheets},
        "Permissions": _permissions(LOOK_BOARD),
    }
    return _made(quicksight.Dashboard, BOARD, properties)
