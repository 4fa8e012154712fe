"""The shapes of the statements that have a query, or another statement, inside: the group `query`."""

from __future__ import annotations

from localcloud.athena.sql.statements.names import NAME, PART

QUERY = r"(?:\(|(?:select|with|values|table)\b)"
COLUMN = r'(?:"[^"]+"|\w+)'
CREATE_TABLE_AS = (
    rf"create\s+table\s+(?P<quiet>if\s+not\s+exists\s+)?{NAME}\s*(?P<names>\((?:[^()'\"]|\"[^\"]*\")+\)\s*)?"
    r"(?P<comment>comment\s*'(?:[^']|'')*'\s*)?(?:with\s*\((?P<options>(?:[^()']|'[^']*'|\([^()]*\))*)\)\s*)?"
    r"as(?:\s+|(?=\())(?P<query>.*?)(?:(?:(?<!\s)\s+|(?<=\)))with\s+((?P<nodata>no)\s+)?data)?"
)
INSERT = (
    rf"insert\s+into\s+{NAME}(?:(?<=[\"`])|(?![\w$-]))\s*"
    rf"(?:\((?P<columns>\s*{COLUMN}(?:\s*,\s*{COLUMN})*\s*)\)\s*)?(?P<query>.+)"
)
UNLOAD = r"unload\s*\((?P<query>.*)\)\s*to\s+'(?P<to>[^']+)'\s*with\s*\((?P<options>.*)\)"
CREATE_VIEW = rf"create\s+(?P<replace>or\s+replace\s+)?view\s+{NAME}\s+as\s+(?P<query>.*)"
EXPLAIN = (
    r"explain\b\s*(?P<analyze>analyze\b\s*(?:verbose\b\s*)?)?"
    r"(?:\(\s*(?P<options>(?:format|type)\b[^)]*)\)\s*)?(?P<query>.*)"
)
PREPARE = rf"prepare\s+(?P<name>{PART})\s+from\s+(?P<query>.*)"
