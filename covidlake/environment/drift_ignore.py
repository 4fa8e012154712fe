"""The drift that an environment file lets pass: comment lines, each with its reason.

    # drift-ignore: IngestionFunction:/Timeout -- raised by hand during the incident of 3 May
    # drift-ignore: *Role:/Tags -- a tagging tool of the organization owns them

They are comments because a CloudFormation deployment file takes `template-file-path`, `parameters` and
`tags` only (cfn-lint refuses any other key with E0100), and because a tag would be put on every resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError

LINE = re.compile(r"^\s*#\s*drift[-_ ]ignore\b\s*(?P<text>.*?)\s*$", re.I)
ENTRY = re.compile(r":\s*(?P<resource>[\w*?\[\]!-]+)(?::(?P<path>/\S+))?\s+--\s+(?P<reason>\S.*)")
FORM = "# drift-ignore: LogicalId:/Property/Path -- reason (the path is optional, * and ? are allowed)"


@dataclass(frozen=True)
class Entry:
    """One line: a resource, or what lies under one of its property paths."""

    resource: str
    path: str | None
    reason: str
    line: int

    def __str__(self) -> str:
        return f"{self.resource}:{self.path}" if self.path else self.resource

    def names(self, logical_id: str) -> bool:
        return fnmatchcase(logical_id, self.resource)

    def matches(self, logical_id: str, path: str | None) -> bool:
        """Whether it lets a difference at `path` pass; None stands for a deleted resource."""
        if not self.names(logical_id):
            return False
        if self.path is None:
            return True
        under = f"{self.path.rstrip('/')}/*"
        return path is not None and (fnmatchcase(path, self.path) or fnmatchcase(path, under))


def read(path: Path) -> list[Entry]:
    """The entries of an environment file.

    Raises `EnvironmentFileError` for a line that only begins like an entry.
    """
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if found := LINE.match(line):
            entries.append(_entry(found["text"], f"{project.relative(path)}: line {number}", number))
    return entries


def _entry(text: str, place: str, number: int) -> Entry:
    parts = ENTRY.fullmatch(text)
    if parts is None:
        raise EnvironmentFileError(f"{place}: drift-ignore {text!r}: write it as {FORM}")
    return Entry(parts["resource"], parts["path"], parts["reason"], number)
