"""The sample lake: made-up figures in the shapes of `s3://covid19-lake/uk_covid/json/`, repeatable by seed.

Shapes and habits are those of the real object 2022-12-07.json: 21 records a day in its order, a field that
the publisher does not know is left out, age bands come in any order, lists may be empty, cases and deaths
are published once a week, no newline ends an object. The figures add up as the real ones do: the nations'
hospital cases are the United Kingdom's, the NHS regions' are England's, the regions' cases are England's or a
little less. Only names, codes and rounded populations are real; every other number is drawn at random.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

PREFIX = "uk_covid/json"
LAST_DAY = date(2022, 12, 7)
WEDNESDAY, THURSDAY = 2, 3
NOTICE = """\
The objects of this folder are generated: made-up numbers in the shapes of the public COVID-19 data lake.
Names and codes of areas are real, figures are not. Never quote them.
"""

Record = dict[str, Any]


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


@dataclass(frozen=True)
class Area:
    """One of the publisher's areas; `fields` are those that it has of FIELDS, `population` in thousands."""

    type: str
    code: str
    name: str
    population: int
    fields: frozenset[str]


def _pairs(*series: str) -> list[str]:
    return [f"{kind}{name}" for name in series for kind in ("new", "cum")]


CASES = _pairs("CasesByPublishDate", "CasesBySpecimenDate")
BY_AGE = ["maleCases", "femaleCases"]
PILLARS_ONE_AND_TWO = _pairs("PillarOneTestsByPublishDate", "PillarTwoTestsByPublishDate")
PILLAR_THREE = _pairs("PillarThreeTestsByPublishDate")
PILLAR_FOUR = _pairs("PillarFourTestsByPublishDate")
ADMISSIONS = _pairs("Admissions")
TESTS = ["cumTestsByPublishDate", "newTestsByPublishDate"]
BEDS = ["covidOccupiedMVBeds", "hospitalCases"]
DEATHS = [
    "newDeaths28DaysByPublishDate",
    "cumDeaths28DaysByPublishDate",
    "cumDeaths28DaysByPublishDateRate",
    "newDeaths28DaysByDeathDate",
    "cumDeaths28DaysByDeathDate",
    "cumDeaths28DaysByDeathDateRate",
]
ADMISSIONS_BY_AGE = ["cumAdmissionsByAge"]
CAPACITY = ["plannedCapacityByPublishDate"]
# Every field, in the order in which the publisher writes them.
FIELDS = [
    *CASES, *BY_AGE, *PILLARS_ONE_AND_TWO, *PILLAR_THREE, *PILLAR_FOUR, *ADMISSIONS, *ADMISSIONS_BY_AGE,
    *TESTS, *BEDS, *CAPACITY, *DEATHS,
]  # fmt: skip

_NHS = frozenset([*ADMISSIONS, *ADMISSIONS_BY_AGE, *BEDS])
_REGION = frozenset([*CASES, *BY_AGE, *DEATHS])
UNITED_KINGDOM = Area(
    "overview", "K02000001", "United Kingdom", 67027,
    frozenset([*PILLAR_THREE, *PILLAR_FOUR, "hospitalCases", *CAPACITY]),
)  # fmt: skip
ENGLAND = Area(
    "nation", "E92000001", "England", 56535,
    _NHS | _REGION | {*PILLARS_ONE_AND_TWO, *PILLAR_THREE, *TESTS},
)  # fmt: skip
NORTHERN_IRELAND = Area(
    "nation", "N92000002", "Northern Ireland", 1905,
    frozenset([*BY_AGE, *ADMISSIONS, *ADMISSIONS_BY_AGE, "hospitalCases"]),
)  # fmt: skip
SCOTLAND = Area(
    "nation", "S92000003", "Scotland", 5480,
    frozenset([*CASES[:2], *BY_AGE, *PILLARS_ONE_AND_TWO, *ADMISSIONS_BY_AGE, *TESTS, *BEDS]),
)  # fmt: skip
WALES = Area("nation", "W92000004", "Wales", 3107, _NHS | _REGION)
REGIONS = [
    Area("region", f"E1200000{digit}", name, population, _REGION)
    for digit, name, population in (
        (2, "North West", 7422),
        (3, "Yorkshire and The Humber", 5481),
        (4, "East Midlands", 4880),
        (6, "East of England", 6348),
        (7, "London", 8797),
        (9, "South West", 5712),
        (1, "North East", 2647),
        (5, "West Midlands", 5954),
        (8, "South East", 9294),
    )
]
NHS_REGIONS = [
    Area("nhsRegion", f"E400000{number}", name, population, _NHS)
    for number, name, population in (
        ("03", "London", 8797),
        ("05", "South East", 8942),
        ("06", "South West", 5712),
        ("07", "East of England", 6542),
        ("08", "Midlands", 10641),
        ("09", "North East and Yorkshire", 8591),
        ("10", "North West", 7310),
    )
]
AREAS = [UNITED_KINGDOM, ENGLAND, NORTHERN_IRELAND, SCOTLAND, WALES, *REGIONS, *NHS_REGIONS]

# Where the running totals begin, for 1,000 people.
LEVELS = {
    "CasesByPublishDate": 352.0,
    "CasesBySpecimenDate": 352.0,
    "Deaths28DaysByPublishDate": 2.9,
    "Deaths28DaysByDeathDate": 2.9,
    "Admissions": 15.0,
    "PillarOneTestsByPublishDate": 940.0,
    "PillarTwoTestsByPublishDate": 7500.0,
    "PillarThreeTestsByPublishDate": 84.0,
    "PillarFourTestsByPublishDate": 250.0,
}
# Share of the population and of the cases, in thousandths; an admission's bands are those of the NHS.
CASE_BANDS = [
    *((f"{low}_to_{low + 4}", 58 - low // 4, share) for low, share in zip(
        range(0, 90, 5), (22, 56, 80, 68, 77, 85, 88, 84, 80, 72, 70, 60, 45, 30, 25, 19, 13, 10), strict=True
    )),
    ("90+", 9, 9),
]  # fmt: skip
ADMISSION_BANDS = [
    ("0_to_5", 70, 21), ("6_to_17", 144, 15), ("18_to_64", 600, 359), ("65_to_84", 160, 397),
    ("85+", 26, 206),
]  # fmt: skip


def generate(destination: Path, days: int = 180, seed: int = 20221207) -> Summary:
    """Write `days` objects that end with the one of LAST_DAY, and a notice that the figures are made up.

    From 8 days on one day is restated in a later object; four lines are broken, each in its own way.
    """
    if days < 1:
        raise ValueError(f"days is {days}: a sample has at least one day")
    random = Random(seed)  # noqa: S311 - a sample has to be repeatable, not secret
    calendar = [LAST_DAY - timedelta(days=back) for back in reversed(range(days))]
    country = _Country(random)
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


class _Place:
    """One area's figures of the day, with its running totals."""

    def __init__(self, area: Area, random: Random) -> None:
        self.area = area
        self.values: Record = {}
        self._random = random
        self._unpublished: dict[str, int] = {}
        for field in sorted(area.fields):
            series = field.removeprefix("cum")
            if series in LEVELS and series != field:
                self.values[field] = round(area.population * LEVELS[series])

    def around(self, per_million: float) -> int:
        """A random count near so many for a million people."""
        expected = per_million * self.area.population / 1000
        return max(0, round(self._random.gauss(expected, math.sqrt(expected) + expected * 0.03)))

    def add(self, series: str, new: int) -> None:
        self.values[f"new{series}"] = new
        self.values[f"cum{series}"] += new

    def add_weekly(self, series: str, new: int, day: date, weekday: int = THURSDAY) -> None:
        """Count every day, publish once a week."""
        waiting = self._unpublished.get(series, 0) + new
        is_day = day.weekday() == weekday
        self.add(series, waiting if is_day else 0)
        self._unpublished[series] = 0 if is_day else waiting

    def sum(self, places: list[_Place], *fields: str) -> None:
        for field in fields:
            self.values[field] = sum(place.values[field] for place in places)

    def add_cases_and_deaths(self, day: date, cases: int, deaths: int) -> None:
        self.add("CasesBySpecimenDate", cases)
        self.add_weekly("CasesByPublishDate", cases, day)
        self.add("Deaths28DaysByDeathDate", deaths)
        self.add_weekly("Deaths28DaysByPublishDate", deaths, day)
        for series in ("Deaths28DaysByPublishDate", "Deaths28DaysByDeathDate"):
            rate = self.values[f"cum{series}"] * 100 / self.area.population
            self.values[f"cum{series}Rate"] = round(rate, 1)

    def split_cases(self) -> None:
        """Women test more often than men; 1 case in 100 comes without age or sex."""
        for field, sex in (("maleCases", 0.45), ("femaleCases", 0.54)):
            self.values[field] = self._bands(CASE_BANDS, self.values["cumCasesByPublishDate"] * sex, 0.5)

    def split_admissions(self) -> None:
        self.values["cumAdmissionsByAge"] = self._bands(ADMISSION_BANDS, self.values["cumAdmissions"], 1)

    def _bands(self, bands: list[tuple[str, int, int]], total: float, part: float) -> list[Record]:
        people = self.area.population * part
        rows = []
        for age, inhabitants, share in bands:
            value = int(total * share / 1000)
            rows.append({"age": age, "rate": round(value * 1e5 / (people * inhabitants), 1), "value": value})
        self._random.shuffle(rows)
        return rows

    def record(self, day: date) -> Record:
        head = {
            "areaType": self.area.type,
            "areaName": self.area.name,
            "areaCode": self.area.code,
            "date": day.isoformat(),
        }
        return head | {field: self.values[field] for field in FIELDS if field in self.area.fields}


class _Country:
    """All areas, a day at a time: what is counted in the regions adds up to England and the kingdom."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._places = {area.code: _Place(area, random) for area in AREAS}
        self._regions = [self._places[area.code] for area in REGIONS]
        self._nhs_regions = [self._places[area.code] for area in NHS_REGIONS]
        self._kingdom, self._england, self._northern_ireland, self._scotland, self._wales = (
            self._places[area.code] for area in AREAS[:5]
        )
        for field in (field for field in _REGION if field in self._england.values):
            self._england.sum(self._regions, field)
            self._england.values[field] += self._england.values[field] // 200  # never put down to a region

    def records(self, day: date) -> list[Record]:
        """The 21 records of the next day; days must be asked for in their order."""
        wave = _wave(day)
        weekend = day.weekday() >= 5
        self._count_hospitals(wave, 0.8 if weekend else 1.08)
        self._count_cases(day, wave, 0.72 if weekend else 1.12)
        self._count_tests(wave, 0.8 if weekend else 1.08)
        return [place.record(day) for place in self._places.values()]

    def _count_hospitals(self, wave: float, rhythm: float) -> None:
        counted = [*self._nhs_regions, self._wales, self._northern_ireland]
        for place in counted:
            place.add("Admissions", place.around(10 * wave * rhythm))
        for place in [*counted, self._scotland]:
            beds = place.around(110 * wave)
            place.values["hospitalCases"] = beds
            place.values["covidOccupiedMVBeds"] = round(beds * self._random.uniform(0.015, 0.03))
        self._england.sum(self._nhs_regions, "newAdmissions", "cumAdmissions", *BEDS)
        nations = [self._england, self._wales, self._scotland, self._northern_ireland]
        self._kingdom.sum(nations, "hospitalCases")
        self._kingdom.values["plannedCapacityByPublishDate"] = 396_143
        for place in [*self._nhs_regions, self._england]:
            place.split_admissions()
        for place in nations[1:]:
            place.values["cumAdmissionsByAge"] = []

    def _count_cases(self, day: date, wave: float, rhythm: float) -> None:
        england = [0, 0]
        for place in [*self._regions, self._wales]:
            counts = [place.around(75 * wave * rhythm), place.around(1.4 * wave)]
            place.add_cases_and_deaths(day, *counts)
            if place is not self._wales:
                england = [total + count for total, count in zip(england, counts, strict=True)]
        unallocated = round(england[0] * self._random.uniform(0.005, 0.015))
        self._england.add_cases_and_deaths(day, england[0] + unallocated, england[1])
        scotland = self._scotland.around(50 * wave)
        self._scotland.add_weekly("CasesByPublishDate", scotland, day, WEDNESDAY)
        for place in [*self._regions, self._england]:
            place.split_cases()
        for place in (self._wales, self._scotland, self._northern_ireland):
            place.values |= {"maleCases": [], "femaleCases": []}

    def _count_tests(self, wave: float, rhythm: float) -> None:
        for place in (self._england, self._scotland):
            place.add("PillarOneTestsByPublishDate", place.around(320 * rhythm))
            place.add("PillarTwoTestsByPublishDate", place.around(520 * wave * rhythm))
            pillars = ["PillarOneTestsByPublishDate", "PillarTwoTestsByPublishDate"]
            if place is self._england:
                place.add("PillarThreeTestsByPublishDate", place.around(5))
                pillars.append("PillarThreeTestsByPublishDate")
            for kind in ("new", "cum"):
                total = sum(place.values[f"{kind}{pillar}"] for pillar in pillars)
                place.values[f"{kind}TestsByPublishDate"] = total
        self._kingdom.sum([self._england], *PILLAR_THREE)
        self._kingdom.add("PillarFourTestsByPublishDate", self._kingdom.around(135))


def _wave(day: date) -> float:
    """Two waves in half a year, with highs in the middle of July and of October."""
    phase = (day - date(2022, 7, 15)).days / 92
    return 0.85 + 0.45 * math.cos(2 * math.pi * phase)


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
