"""The country of the sample, simulated a day at a time: made-up figures that add up like the real ones."""

from __future__ import annotations

import math
from datetime import date
from random import Random
from typing import Any

from covidlake.laptop.source.uk_areas import (
    ADMISSION_BANDS,
    AREAS,
    BEDS,
    CASE_BANDS,
    FIELDS,
    LEVELS,
    NHS_REGIONS,
    PILLAR_THREE,
    REGION_FIELDS,
    REGIONS,
    Area,
)

WEDNESDAY, THURSDAY = 2, 3

Record = dict[str, Any]


class Place:
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

    def sum(self, places: list[Place], *fields: str) -> None:
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


class Country:
    """All areas, a day at a time: what is counted in the regions adds up to England and the kingdom."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._places = {area.code: Place(area, random) for area in AREAS}
        self._regions = [self._places[area.code] for area in REGIONS]
        self._nhs_regions = [self._places[area.code] for area in NHS_REGIONS]
        self._kingdom, self._england, self._northern_ireland, self._scotland, self._wales = (
            self._places[area.code] for area in AREAS[:5]
        )
        for field in (field for field in REGION_FIELDS if field in self._england.values):
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
