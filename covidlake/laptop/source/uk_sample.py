"""The sample lake: made-up figures in the shapes of `s3://covid19-lake/uk_covid/json/`, repeatable by seed.

Shapes and habits are those of the real object 2022-12-07.json: 21 records a day in its order, a field that
the publisher does not know is left out, age bands come in any order, lists may be empty, cases and deaths
are published once a week, no newline ends an object. The figures add up as the real ones do: the nations'
hospital cases are the United Kingdom's, the NHS regions' are England's, the regions' cases are England's or a
little less. Only names, codes and rounded populations are real; every other number is drawn at random.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from covidlake.laptop.source.uk_areas import AREAS
from covidlake.laptop.source.uk_country import Country, Record

PREFIX = "uk_covid/json"
LAST_DAY = date(2022, 12, 7)
NOTICE = """\
The objects of this folder are generated: made-up numbers in the shapes of the public COVID-19 data lake.
Names and codes of areas are real, figures are not. Never quote them.
"""


@dataclass(frozen=True)
class Summary:
    """What was written. Of `lines`, `broken_lines` are unusable and `restated_records` correct others.

    `keys` are the different (area, date) pairs of the usable records: what a table must hold.
    """

    objects: int
    lines: int
    broken_lines: int
    restated_records: int
    first_day: date
    last_day: date

    @property
    def keys(self) -> int:
        return self.lines - self.broken_lines - self.restated_records


def generate(destination: Path, days: int = 180, seed: int = 20221207) -> Summary:
    """Write `days` objects that end with the one of LAST_DAY, and a notice that the figures are made up.

    From 8 days on one day is restated in a later object; four lines are broken, each in its own way.
    """
    if days < 1:
        raise ValueError(f"days is {days}: a sample has at least one day")
    random = Random(seed)  # noqa: S311 - a sample has to be repeatable, not secret
    calendar = [LAST_DAY - timedelta(days=back) for back in reversed(range(days))]
    country = Country(random)
    published = {day: country.records(day) for day in calendar}
    lines = {day: [json.dumps(record) for record in records] for day, records in published.items()}
    restated = _restate(published, lines, calendar, random)
    broken = _break(published, lines, calendar, random)
    folder = destination / PREFIX
    folder.mkdir(parents=True, exist_ok=True)
    (destination / "README.txt").write_text(NOTICE)
    for day, content in lines.items():
        (folder / f"{day}.json").write_text("\n".join(content))
    total = sum(map(len, lines.values()))
    return Summary(days, total, broken, restated, calendar[0], LAST_DAY)


def _restate(
    published: dict[date, list[Record]], lines: dict[date, list[str]], calendar: list[date], random: Random
) -> int:
    """Correct the hospital cases of London, England and the kingdom of one day, in an object 3 days later.

    The day is the last of a month where the sample has one, so that the correction crosses partitions.
    """
    candidates = calendar[len(calendar) // 3 : -3]
    if len(calendar) < 8:
        return 0
    month_ends = [day for day in candidates if (day + timedelta(days=1)).day == 1]
    day = (month_ends or candidates)[-1]
    corrected = [
        dict(record)
        for record in published[day]
        if record["areaCode"] in ("K02000001", "E92000001", "E40000003")
    ]
    late = random.randint(20, 60)
    for record in corrected:
        record["hospitalCases"] += late
    lines[day + timedelta(days=3)] += [json.dumps(record) for record in corrected]
    return len(corrected)


def _break(
    published: dict[date, list[Record]], lines: dict[date, list[str]], calendar: list[date], random: Random
) -> int:
    """Add spoilt copies of records: cut off, of a wrong type, without a code, with an impossible date."""
    broken = 0
    for number, spoil in enumerate((_cut_off, _wrong_type, _without_code, _impossible_date)):
        day = calendar[(2 * number + 1) * len(calendar) // 8]
        line = spoil(dict(random.choice(published[day])))
        lines[day].insert(random.randint(1, len(AREAS)), line)
        broken += 1
    return broken


def _cut_off(record: Record) -> str:
    line = json.dumps(record)
    return line[: len(line) * 2 // 3]


def _wrong_type(record: Record) -> str:
    return json.dumps(record | {"hospitalCases": "n/a"})


def _without_code(record: Record) -> str:
    del record["areaCode"]
    return json.dumps(record)


def _impossible_date(record: Record) -> str:
    return json.dumps(record | {"date": record["date"][:5] + "13-45"})
