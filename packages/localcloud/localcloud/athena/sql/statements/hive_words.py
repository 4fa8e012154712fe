"""The words that DDL reserves: https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html."""

from __future__ import annotations

# Names of columns that need backquotes.
RESERVED = frozenset((
    "all", "alter", "and", "array", "as", "authorization", "between", "bigint", "binary", "boolean",
    "both", "by", "case", "cast", "char", "column", "constraint", "create", "cross", "cube", "current",
    "current_date", "current_timestamp", "cursor", "database", "date", "decimal", "delete", "describe",
    "distinct", "double", "drop", "else", "end", "exchange", "exists", "extended", "external",
    "extract", "false", "fetch", "float", "floor", "following", "for", "foreign", "from", "full",
    "function", "grant", "group", "grouping", "having", "if", "import", "in", "inner", "insert", "int",
    "integer", "intersect", "interval", "into", "is", "join", "lateral", "left", "less", "like",
    "local", "macro", "map", "more", "none", "not", "null", "of", "on", "or", "order", "out", "outer",
    "over", "partialscan", "partition", "percent", "preceding", "precision", "preserve", "primary",
    "procedure", "range", "reads", "reduce", "references", "regexp", "revoke", "right", "rlike",
    "rollback", "rollup", "row", "rows", "select", "set", "smallint", "start", "table", "tablesample",
    "then", "timestamp", "to", "transform", "trigger", "true", "truncate", "unbounded", "union",
    "uniquejoin", "update", "user", "using", "values", "varchar", "when", "where", "window", "with",
))  # fmt: skip
