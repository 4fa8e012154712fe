"""Write the outputs that the documents show, as the commands print them today: `make docs-samples`.

A block stands between `<!-- sample NAME begin -->` and `<!-- sample NAME end -->`. Tests run the same
commands and compare what does not change from run to run: `normal`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from covidlake.base import project

COVIDLAKE = [sys.executable, "-m", "covidlake"]
KEPT_DETAILS = 6  # lines of one stage's progress; of more, only the first is shown. Any ingestion has more
KEPT_ROWS = 4  # of a table
SIGN_OF_LIFE = r"\s+\d+ s  still in "  # how many there are depends on the machine
CHANGING = r"\s+\d+\.\d+ s |\s+sample generated "  # states, and what only a first run does
LINTED_BEFORE = ": unchanged since they passed"  # lint keeps what it found, also for a copy of the checkout
# Invented reports of three days, whose header changes as that of the real ones did.
REPORTS = {
    "01-22-2020.csv": (
        "Province/State,Country/Region,Last Update,Confirmed\n"
        "Ruritania,Elbonia,1/22/2020 17:00,1\nBorduria,Elbonia,1/22/2020 17:00,14\n"
    ),
    "03-01-2020.csv": (
        "Province/State,Country/Region,Last Update,Confirmed\n"
        "Ruritania,Elbonia,2020-03-01T10:13:19,2\nBorduria,Elbonia,2020-03-01T09:00:00,21\n"
    ),
    "03-22-2020.csv": (
        "FIPS,Province_State,Country_Region,Last_Update,Confirmed\n"
        "00045,Ruritania,Elbonia,2020-03-22 23:45:00,3\n,Borduria,Elbonia,2020-03-22 22:00:00,40\n"
    ),
}


@dataclass(frozen=True)
class Sample:
    """A command whose output a page shows; `files` are written into its folder first."""

    name: str
    page: str
    arguments: tuple[str, ...]
    shown: str = ""  # the command as the page shows it, if it does
    files: dict[str, str] = field(default_factory=dict)
    tested: bool = True  # not where another test makes the same run, which takes long

    @property
    def path(self) -> Path:
        return project.ROOT / self.page

    def block(self) -> str:
        """What the page holds now."""
        found = self._pattern().search(self.path.read_text(encoding="utf-8"))
        if not found:
            raise LookupError(f"{self.page}: no marks of the sample {self.name}")
        return found[2]

    def write(self, block: str) -> None:
        page = self.path.read_text(encoding="utf-8")
        self.path.write_text(self._pattern().sub(lambda found: found[1] + block + found[3], page), "utf-8")

    def _pattern(self) -> re.Pattern[str]:
        begin, end = f"<!-- sample {self.name} begin -->\n", f"<!-- sample {self.name} end -->"
        return re.compile(f"({re.escape(begin)})(.*?)({re.escape(end)})", re.DOTALL)


DRAFTED = "daily_reports"
# A real preview, shown again, for the runs take a minute: in country_codes `between("latitude", -90, 90)` had
# become `between("latitude", -60, 90)`, and the type of `Numeric code` int.
RECORDED = project.ROOT / "tests/unit/covidlake/laptop/preview/recorded.json"
SAMPLES = (
    Sample("make-run", "README.md", ("run",)),
    Sample("make-run-segmentation", "docs/segmentation.md", ("run", "segmentation/dev"), tested=False),
    Sample(
        "dataset-new",
        "docs/ingestion.md",
        ("dataset", "new", DRAFTED, *REPORTS, "--prefix", "jhu/csv"),
        f"covidlake dataset new {DRAFTED} {' '.join(REPORTS)} --prefix jhu/csv",
        REPORTS,
    ),
    Sample(
        "dataset-judge",
        "docs/data-preview.md",
        ("dataset", "judge", RECORDED.name, "--no-gate"),
        "covidlake dataset diff --base origin/main --no-gate",
        {RECORDED.name: RECORDED.read_text(encoding="utf-8")},
    ),
)


def main() -> None:
    """Write every block anew."""
    for sample in SAMPLES:
        sample.write(made(sample))


def made(sample: Sample, checkout: Path = project.ROOT) -> str:
    """The block as the command prints it now, in a checkout.

    Raises `RuntimeError` with what it printed if the command fails.
    """
    drafted = checkout / "jobs" / "datasets" / f"{DRAFTED}.py"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in sample.files.items():
            (Path(folder) / name).write_text(content, encoding="utf-8")
        try:
            done = subprocess.run(
                [*COVIDLAKE, *sample.arguments],
                cwd=folder if sample.files else checkout,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": f"{checkout}:{checkout / 'jobs'}"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        finally:
            if sample.files:
                drafted.unlink(missing_ok=True)
    if done.returncode:
        raise RuntimeError(f"{sample.name}: exit {done.returncode}: {done.stdout[-2000:]}")
    lines = [line.rstrip() for line in done.stdout.splitlines() if not re.match(SIGN_OF_LIFE, line)]
    first, language = (f"$ {sample.shown}\n", "console") if sample.shown else ("", "text")
    shown = "\n".join(abridged(lines))
    return f"```{language}\n{first}{shown}\n```\n"


def abridged(lines: list[str]) -> Iterator[str]:
    """The lines without most of a long progress and most of a table's rows, each with a mark."""
    for kind, group in groupby(lines, _kind):
        same = list(group)
        if kind == "detail" and len(same) > KEPT_DETAILS:
            yield from (same[0], "    ...")
        elif kind == "row" and len(same) > KEPT_ROWS:
            yield from same[:KEPT_ROWS]
            yield f"│ ...{' ' * (len(same[0]) - 6)}│"
        else:
            yield from same


def _kind(line: str) -> str:
    return "detail" if line.startswith("    ") else "row" if line.startswith("│") else ""


def normal(block: str) -> str:
    """The block without what differs from run to run: times, digests, ports, widths, and `CHANGING` lines."""
    lines = [line for line in block.splitlines() if not re.match(CHANGING, line)]
    text = re.sub(r"[┏┡└┃│┳╇┴┓┩┘━─┼ ]+", " ", "\n".join(lines))
    text = re.sub(r"\b[0-9a-f]{12}\b", "DIGEST", text.replace(LINTED_BEFORE, ""))
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\S*", "TIME", text)
    text = re.sub(r"\d+\.\d+ s\b|\d+ s\b", "SECONDS", text)
    return re.sub(r"127\.0\.0\.1:\d+|[\d,]+ bytes", "N", text)


if __name__ == "__main__":
    main()
