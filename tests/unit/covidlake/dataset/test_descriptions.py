"""A data set description that is wrong is reported before anything is deployed, with its file."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import datasets as descriptions
from covidlake.base.errors import DataSetError
from covidlake.dataset import descriptions as datasets
from covidlake.environment.environment_file import Environment

GOOD = (Path(descriptions.__file__).parent / "uk_covid.py").read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A second place where descriptions are found; what a test imports from it is forgotten."""
    monkeypatch.setattr(descriptions, "__path__", [*descriptions.__path__, str(tmp_path)])
    yield tmp_path
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(f"datasets.{path.stem}", None)


def environment(names: str) -> Environment:
    return Environment("dev", Path("environments/dev.yaml"), {"DataSets": names}, {})


def test_the_repositorys_descriptions_are_right() -> None:
    datasets.check([environment("uk_covid")])


def test_the_template_knows_the_columns_of_each_table_and_its_partition() -> None:
    known = {one.name: dict(one.columns) for one in datasets.described()}
    assert known["uk_covid"]["date"] == "date"
    assert known["uk_covid"]["month"] == "string"
    assert "month" not in known["country_codes"]


def describe(folder: Path, name: str, old: str = "", new: str = "") -> None:
    """Write the description of the United Kingdom under another name, with one change."""
    text = GOOD.replace("uk_covid", name)
    assert old in text
    (folder / f"{name}.py").write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DATASET =", "DATASET = =", r", line \d+: SyntaxError: invalid syntax"),
        ("DATASET =", "DATASET =\0", r": SyntaxError: source code .*null bytes"),
        ("ingestion.description", "ingestion.nowhere", r", line 7: ModuleNotFoundError: .*nowhere"),
        ("    Column,", "    Colum,", r", line 7: ImportError: cannot import name 'Colum'"),
        ('"array<', 'f"{a}array<', r", line 21: NameError: name 'a' is not defined"),
        ("history=True", "history=True, keeps=1", r", line \d+: TypeError: .*unexpected keyword .*'keeps'"),
        ('Column("areaType", "string")', 'Column("areaType")', r", line 36: TypeError: .*missing 1 required"),
        ("DATASET =", "OTHER =", r": InvalidDescriptionError: .*to DATASET, not None"),
        ("DATASET =", "DATASET = 1\nOTHER =", r": InvalidDescriptionError: .*to DATASET, not 1"),
        (
            'key=("areaCode", "date")',
            'key=("areaCod", "date")',
            r", line 29: InvalidDescriptionError: .*areaCod",
        ),
        (
            "date >= date '2020-01-01'",
            "date == = 0",
            r": expectation 'date_before_pandemic': a part is missing",
        ),
        (
            "date >= date '2020-01-01'",
            "dat > 0",
            r": expectation 'date_before_pandemic' uses 'dat', which is",
        ),
        ("date >= date '2020-01-01'", "month > '2020'", r": .* uses 'month', which is not a column"),
        ("history=True", "keep='areatype'", r": keep uses 'areatype' as a condition, but its type is STRING"),
        (
            "areatype = 'overview'",
            "count(*) = 1",
            r": whole of rule 'sum_of_parts_hospitalcases' goes beyond its own row",
        ),
        ("areatype = 'nation'", "areatyp = 'a'", r": parts of rule .* uses 'areatyp', which is not a column"),
        ("SELECT", "SELEC (", r": query 'People in .*: Expecting \).* \(line 7, column \d+\): correct"),
        ("FROM wrong", "FROM uk_covi", r": query 'People in .* asks 'uk_covi', which is not a table"),
        ('pattern="yyyy-MM"', 'pattern="MM"', r", line 29: .* partition pattern `MM`: it names no year"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_file(folder: Path, old: str, new: str, said: str) -> None:
    describe(folder, "wrong", old, new)
    with pytest.raises(DataSetError, match=rf"jobs/datasets/wrong\.py{said}") as caught:
        datasets.check([])
    assert "\n" not in str(caught.value)


def test_what_is_wrong_in_shared_code_is_named_by_its_own_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "_shared.py").write_text("\n\nWRONG = nowhere\n")
    describe(folder, "sharing", "from ingestion.", "import datasets._shared\nfrom ingestion.")
    with pytest.raises(DataSetError, match=r"jobs/datasets/_shared\.py, line 3: NameError: .*'nowhere'"):
        datasets.load("sharing")


def test_a_description_beside_a_broken_one_is_checked_alone(folder: Path) -> None:
    describe(folder, "broken", "DATASET =", "DATASET = =")
    datasets.check_statements(datasets.load("uk_covid"))


def test_two_data_sets_have_no_table_of_one_name(folder: Path) -> None:
    describe(folder, "clashing", "clashing_by_age", "uk_covid_history")
    said = r"{}\.py: table 'uk_covid_history' is also one of data set '{}': rename one of them"
    for one, other in (("clashing", "uk_covid"), ("uk_covid", "clashing")):
        with pytest.raises(DataSetError, match=said.format(one, other)):
            datasets.check_statements(datasets.load(one))


def test_a_question_may_ask_the_table_of_another_data_set(folder: Path) -> None:
    describe(folder, "asking", "FROM asking", "FROM uk_covid_by_age")
    datasets.check_statements(datasets.load("asking"))


@pytest.mark.parametrize("name", ["names", "load", "pkgutil"])
def test_a_description_does_not_replace_what_its_package_defines(folder: Path, name: str) -> None:
    describe(folder, name)
    with pytest.raises(DataSetError, match=f"`{name}` is a name of the package itself: choose another"):
        datasets.load(name)
    assert datasets.load("uk_covid").name == "uk_covid"


def test_a_name_without_a_description_is_reported_with_the_parameter_file() -> None:
    with pytest.raises(
        DataSetError, match=r"environments/dev\.yaml: parameter DataSets names 'nope'.*uk_covid"
    ):
        datasets.check([environment("uk_covid, nope")])


def test_a_name_that_comes_twice_is_reported_with_the_parameter_file() -> None:
    with pytest.raises(DataSetError, match=r"dev\.yaml: parameter DataSets names 'uk_covid' twice"):
        datasets.check([environment("uk_covid,country_codes, uk_covid")])


def test_an_unknown_data_set_says_where_to_describe_it() -> None:
    with pytest.raises(DataSetError, match=r"describe it in jobs/datasets/nope\.py"):
        datasets.load("nope")


@pytest.mark.parametrize(("one", "other"), [("narrow", "wide"), ("wide", "narrow")])
def test_a_source_inside_that_of_another_data_set_is_refused(folder: Path, one: str, other: str) -> None:
    describe(folder, "narrow", 'prefix="narrow/json/"', 'prefix="wide/json/2020/"')
    describe(folder, "wide")
    inside = "wide/json/2020/' lies inside 'wide/json/' of data set 'wide"
    holds = "wide/json/' holds 'wide/json/2020/' of data set 'narrow"
    said = {"narrow": inside, "wide": holds}
    with pytest.raises(DataSetError, match=rf"{one}\.py: source prefix '{said[one]}'.*move one of them"):
        datasets.check_statements(datasets.load(one))
    with pytest.raises(DataSetError):
        datasets.check([])


def test_names_that_begin_alike_are_folders_apart(folder: Path) -> None:
    describe(folder, "apart", 'prefix="apart/json/"', 'prefix="uk_covid/json2/"')
    datasets.check_statements(datasets.load("apart"))


def test_data_sets_of_the_same_objects_are_known(folder: Path) -> None:
    describe(folder, "twin", 'prefix="twin/json/"', 'prefix="uk_covid/json/"')
    datasets.check_statements(datasets.load("twin"))
    assert datasets.of_the_same_objects(datasets.load("twin")) == ["uk_covid"]
    assert datasets.of_the_same_objects(datasets.load("country_codes")) == []
