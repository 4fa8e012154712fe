"""A parameter file that does not fit is refused in one line that names file, parameter and cure."""

from pathlib import Path

import pytest

from covidlake.base.errors import EnvironmentFileError
from covidlake.environment import environment_file

TEMPLATE = {
    "Parameters": {
        "Environment": {"Type": "String"},
        "Size": {"Type": "Number", "MinValue": 2, "MaxValue": 10, "Description": "how many"},
        "Worker": {"Type": "String", "AllowedValues": ["G.1X", "G.2X"]},
        "DataSets": {
            "Type": "CommaDelimitedList",
            "AllowedPattern": "[a-z_]+",
            "ConstraintDescription": "lower case",
        },
        "Days": {"Type": "Number", "AllowedValues": [7, 14]},
        "Email": {
            "Type": "String",
            "MaxLength": 5,
            "MinLength": 1,
            "AllowedPattern": "^[a-z@]+$",
            "ConstraintDescription": "lower case",
        },
    }
}
GOOD = {"Environment": "dev", "Size": "2", "Worker": "G.1X", "DataSets": "a,b", "Days": "7", "Email": "a@b"}


def write(folder: Path, text: str, name: str = "dev") -> None:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def environment(**changed: str) -> environment_file.Environment:
    return environment_file.Environment("dev", Path("environments/dev.yaml"), GOOD | changed, {})


def test_values_become_the_text_that_cloudformation_takes(tmp_path: Path) -> None:
    write(tmp_path, 'parameters: {A: 3, B: 2026-01-01, C: "", D: x, E: 0123, F: 3:15}\ntags: {Team: data}\n')
    loaded = environment_file.load("dev", tmp_path)
    given = {"A": "3", "B": "2026-01-01", "C": "", "D": "x", "E": "0123", "F": "3:15"}
    assert loaded.parameters == given
    assert loaded.tags == {"Team": "data"}


def test_missing_environment_names_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, "parameters: {}", "staging")
    with pytest.raises(EnvironmentFileError, match=r"dev\.yaml: no such environment; there are: staging"):
        environment_file.load("dev", tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parameters: {A: 1\n", r"malformed YAML: line 2, column 1"),
        ("parameters:\n  A: 1\n B: 2\n", r"malformed YAML: line 3, column 2"),
        ("- a\n", "must be a mapping"),
        ("", "must be a mapping"),
        ("params: {}\n", "unknown key params: use only parameters, tags, template-file-path"),
        ("parameters: [a]\n", "parameters: it must be a mapping of names to values"),
        ("parameters: {A: }\n", r'parameters\.A is empty: give one value; an empty text is ""'),
        ("parameters: {A: [x, y]}\n", r"parameters\.A is a list: give one value"),
        ("parameters: {A: true}\n", r'parameters\.A is true without quotes: write "true"'),
        ("tags: {covidlake:promote: yes}\n", r'tags\.covidlake:promote is yes without quotes: write "true"'),
        ("tags: {a: off}\n", r'tags\.a is off without quotes: write "false"'),
        ("tags: {A: 3}\n", r'tags\.A is 3 without quotes: write "3"'),
        ("tags: {A: 2026-01-01}\n", r'tags\.A is 2026-01-01 without quotes: write "2026-01-01"'),
        ("tags: {A: .nan}\n", r'tags\.A is \.nan without quotes: write "\.nan"'),
        ("parameters: {? [a, b] : c}\n", r"line 1, column 16: a name is one text"),
        ("parameters: {? {a: b} : c}\n", r"line 1, column 16: a name is one text"),
        ("template-file-path: [x]\n", r"template-file-path is a list: give one value"),
        ("parameters: {A: 1, A: 2}\n", r"line 1, column 20: key 'A' is there twice: remove one"),
        ("tags: {}\ntags: {}\n", r"line 2, column 1: key 'tags' is there twice"),
        ("parameters: {A: &a x, B: *a}\n", r"an alias: write the value itself"),
        (
            "parameters: !!python/object/apply:os.system [id]\n",
            r"malformed YAML: line 1, column 13: could not",
        ),
        ("parameters: {A: x\0y}\n", r"malformed YAML: "),
        ("[" * 5000, r"malformed YAML: "),
    ],
)
def test_malformed_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, text)
    with pytest.raises(EnvironmentFileError, match=said) as caught:
        environment_file.load("dev", tmp_path)
    assert "dev.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_that_is_no_text_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EnvironmentFileError, match="malformed"):
        environment_file.load("dev", tmp_path)


def test_good_values_pass() -> None:
    environment_file.check(environment(), TEMPLATE)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("Environment", "prod", "give the file's name, dev"),
        ("Size", "2.5", "give a whole number"),
        ("Size", "1", "the least allowed is 2"),
        ("Size", "11", "the most allowed is 10"),
        ("Size", "two", "give a number"),
        ("Size", " 3 ", "give a number"),
        ("Size", "1_0", "give a number"),
        ("Size", "1e1", "give a number"),
        ("Size", "\u0663", "give a number"),
        ("Size", "nan", "give a number"),
        ("Worker", "G.1X ", "allowed are G.1X, G.2X"),
        ("Email", "a@b\n", "lower case"),
        ("Worker", "G.9X", "allowed are G.1X, G.2X"),
        ("DataSets", "a,B", "lower case (pattern [a-z_]+)"),
        ("Days", "8", "allowed are 7, 14"),
        ("Email", "", "at least 1"),
        ("Email", "a@bcde", "at most 5"),
        ("Bogus", "1", "parameter Bogus is unknown to the template"),
    ],
)
def test_value_that_does_not_fit_names_the_parameter_and_the_cure(name: str, value: str, said: str) -> None:
    problems = environment_file.find_problems(environment(**{name: value}), TEMPLATE)
    assert len(problems) == 1
    assert said in problems[0]
    assert name in problems[0]
    assert "environments/dev.yaml" in problems[0]


def test_missing_parameter_is_named_with_its_description() -> None:
    incomplete = environment()
    del incomplete.parameters["Size"]
    with pytest.raises(EnvironmentFileError, match=r"parameter Size is missing: add it \(how many\)"):
        environment_file.check(incomplete, TEMPLATE)


def test_several_problems_are_counted() -> None:
    with pytest.raises(EnvironmentFileError, match=r"\(and 1 more\)"):
        environment_file.check(environment(Size="1", Worker="x"), TEMPLATE)


def test_every_environment_of_the_repository_is_read() -> None:
    """The main pipeline's come first; another pipeline may add its own."""
    assert environment_file.names()[:3] == ["dev", "prod", "staging"]
    for name in environment_file.names()[:3]:
        assert environment_file.load(name).parameters["Environment"] == name
    assert all("/" in name and environment_file.load(name) for name in environment_file.names()[3:])


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (
            {"covidlake:protectd": "true"},
            "tag covidlake:protectd is unknown: did you mean covidlake:protected?",
        ),
        ({"CovidLake:Protected": "true"}, "is unknown: did you mean covidlake:protected?"),
        ({"covid-lake:throw-away": "true"}, "is unknown: did you mean covidlake:throw-away?"),
        ({"covidlake:nothing-like-it": "x"}, "is unknown: "),
        ({"covidlake:throw-away": "yes please"}, '= \'yes please\': allowed are "true", "false"'),
        ({"covidlake:protected": "True"}, "= 'True': allowed are"),
        ({"covidlake:account": "1234"}, "numbers of 12 digits"),
        ({"covidlake:region": "mars"}, "regions such as us-east-2"),
        ({"covidlake:protected": "true", "covidlake:throw-away": "true"}, "contradict each other"),
        ({"aws:team": "x"}, "tag aws:team: AWS keeps names with aws: for itself: rename it"),
        ({"a" * 129: "x"}, "has 129 characters, AWS takes 128: shorten it"),
        ({"Team": "x" * 257}, "value has 257 characters, AWS takes 256: shorten it"),
        ({"Team": "<x>"}, "tag Team = '<x>': letters, digits, spaces and _.:/=+-@ only"),
        ({"Te\u2603m": "x"}, "letters, digits, spaces and _.:/=+-@ only"),
        ({f"t{number}": "x" for number in range(51)}, "51 tags, AWS takes 50: remove some"),
        ({"Environment": "prod"}, "tag Environment = 'prod': give the file's name, dev"),
    ],
)
def test_a_tag_that_nobody_would_heed_is_a_problem(tmp_path: Path, tags: dict[str, str], said: str) -> None:
    environment = environment_file.Environment("dev", tmp_path / "dev.yaml", {}, tags)
    (problem,) = environment_file.find_problems(environment, {})
    assert said in problem


def test_other_tags_and_those_of_ours_are_taken(tmp_path: Path) -> None:
    tags = {
        "Team": "data",
        "covidlake:protected": "true",
        "covidlake:account": "111122223333 000000000000",
        "covidlake:region": "us-east-2 us-gov-west-1",
    }
    environment = environment_file.Environment("dev", tmp_path / "dev.yaml", {}, tags)
    assert environment_file.find_problems(environment, {}) == []


def test_a_schedule_is_parsed(tmp_path: Path) -> None:
    template = {"Parameters": {"ScheduleExpression": {"Type": "String"}}}
    given = {"ScheduleExpression": "cron(99 99 * * ? *)"}
    environment = environment_file.Environment("dev", tmp_path / "dev.yaml", given, {})
    (problem,) = environment_file.find_problems(environment, template)
    assert "parameter ScheduleExpression = 'cron(99 99 * * ? *)': '99' is no minutes (0 to 59)" in problem


def test_a_promoted_pipeline_needs_the_environments_own_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny" / "qa.yaml"
    environment = environment_file.Environment(
        "tiny/qa", path, {}, {"covidlake:promote": "true"}, "build/templates/tiny.json"
    )
    (problem,) = environment_file.find_problems(environment, {})
    assert "nothing promotes it, because" in problem
