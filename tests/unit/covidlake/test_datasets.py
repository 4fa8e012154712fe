"""A data set description that is wrong is told before anything is deployed, with its file."""

from pathlib import Path

import pytest

import datasets as descriptions
from covidlake import datasets
from covidlake._errors import DataSetError
from covidlake.environment_file import Environment

GOOD = (Path(descriptions.__file__).parent / "uk_covid.py").read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second place where descriptions are found."""
    monkeypatch.setattr(descriptions, "__path__", [*descriptions.__path__, str(tmp_path)])
    return tmp_path


def environment(names: str) -> Environment:
    return Environment("dev", Path("environments/dev.yaml"), {"DataSets": names}, {})


def test_the_repositorys_descriptions_are_right() -> None:
    datasets.check([environment("uk_covid")])


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("syntax", "DATASET =", "DATASET = =", r"syntax\.py, line \d+: SyntaxError"),
        ("imports", "from ingestion.dataset", "from ingestion.nowhere", r"imports\.py: ModuleNotFoundError"),
        ("nothing", "DATASET =", "OTHER =", r"nothing\.py: InvalidDescriptionError: .*DATASET"),
        (
            "key",
            'key=("areaCode", "date")',
            'key=("areaCod", "date")',
            r"key\.py: InvalidDescriptionError: .*areaCod",
        ),
        (
            "rule",
            "date >= date '2020-01-01'",
            "date == = 0",
            r"rule\.py: expectation 'date_before_pandemic': ",
        ),
        (
            "column",
            "date >= date '2020-01-01'",
            "dat >= date '2020-01-01'",
            r"column\.py: .* uses 'dat', which is no",
        ),
        ("ask", "SELECT", "SELEC (", r"ask\.py: question 'People"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_file(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    text = GOOD.replace('name="uk_covid"', f'name="{file}"')
    assert old in text
    (folder / f"{file}.py").write_text(text.replace(old, new, 1))
    with pytest.raises(DataSetError, match=said) as caught:
        datasets.check([])
    assert "\n" not in str(caught.value)


def test_a_name_without_a_description_is_told_with_the_parameter_file() -> None:
    with pytest.raises(
        DataSetError, match=r"environments/dev\.yaml: parameter DataSets names 'nope'.*uk_covid"
    ):
        datasets.check([environment("uk_covid, nope")])


def test_an_unknown_data_set_says_where_to_describe_it() -> None:
    with pytest.raises(DataSetError, match=r"describe it in jobs/datasets/nope\.py"):
        datasets.load("nope")
