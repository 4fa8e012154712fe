"""How a job with credentials reports to the job that writes on GitHub: one JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from covidlake.base import json_text
from covidlake.base.errors import ReportError

UNDECIDED = {"RUNNING", "PENDING_REDRIVE"}


@dataclass(frozen=True)
class JobReport:
    """The result of an ingestion or of drift detection; `kind` is ingest or drift, `title` one line of text.

    An `undecided` one has not ended: it is neither healthy nor a failure.
    """

    kind: str
    environment: str
    healthy: bool
    status: str
    title: str
    markdown: str

    @property
    def undecided(self) -> bool:
        return self.status in UNDECIDED

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> JobReport:
        """Raises `ReportError` where there is no such file, or it holds something else."""
        try:
            content = json_text.read(path)
            report = cls(**content)
        except (OSError, ValueError, TypeError) as error:
            raise ReportError(f"{path}: no report here: make it with the option --report") from error
        for item in fields(cls):
            expected = bool if item.name == "healthy" else str
            if not isinstance(getattr(report, item.name), expected):
                raise ReportError(f"{path}: {item.name} is not a {expected.__name__}: make the report again")
        return report


def files(places: list[Path]) -> list[Path]:
    """The files of reports: those named, and those in named folders; a missing folder counts as empty."""
    return [
        file for place in places for file in ([place] if place.is_file() else sorted(place.glob("*.json")))
    ]
