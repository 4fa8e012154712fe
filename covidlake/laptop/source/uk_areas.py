"""The areas of the sample: which there are, what each reports, and at what level its figures are."""

from __future__ import annotations

from dataclasses import dataclass


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

NHS_FIELDS = frozenset([*ADMISSIONS, *ADMISSIONS_BY_AGE, *BEDS])
REGION_FIELDS = frozenset([*CASES, *BY_AGE, *DEATHS])
UNITED_KINGDOM = Area(
    "overview", "K02000001", "United Kingdom", 67027,
    frozenset([*PILLAR_THREE, *PILLAR_FOUR, "hospitalCases", *CAPACITY]),
)  # fmt: skip
ENGLAND = Area(
    "nation", "E92000001", "England", 56535,
    NHS_FIELDS | REGION_FIELDS | {*PILLARS_ONE_AND_TWO, *PILLAR_THREE, *TESTS},
)  # fmt: skip
NORTHERN_IRELAND = Area(
    "nation", "N92000002", "Northern Ireland", 1905,
    frozenset([*BY_AGE, *ADMISSIONS, *ADMISSIONS_BY_AGE, "hospitalCases"]),
)  # fmt: skip
SCOTLAND = Area(
    "nation", "S92000003", "Scotland", 5480,
    frozenset([*CASES[:2], *BY_AGE, *PILLARS_ONE_AND_TWO, *ADMISSIONS_BY_AGE, *TESTS, *BEDS]),
)  # fmt: skip
WALES = Area("nation", "W92000004", "Wales", 3107, NHS_FIELDS | REGION_FIELDS)
REGIONS = [
    Area("region", f"E1200000{digit}", name, population, REGION_FIELDS)
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
    Area("nhsRegion", f"E400000{number}", name, population, NHS_FIELDS)
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
