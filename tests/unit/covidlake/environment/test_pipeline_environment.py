"""What the command line calls an environment of a pipeline, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.base.errors import BundleError, EnvironmentFileError
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file
from covidlake.environment.pipeline_environment import PipelineEnvironment

FILE = "template-file-path: build/template.json\nparameters: {}\n"


def test_the_main_pipelines_environments_have_short_names(tmp_path: Path) -> None:
    dev = PipelineEnvironment.parse("dev")
    assert (dev.pipeline, dev.environment, dev.is_main) == ("ingestion", "dev", True)
    assert (dev.name, dev.stack_name, dev.file_stem) == ("dev", "covid-lake-dev", "dev")
    assert dev.path(tmp_path) == tmp_path / "dev.yaml"
    assert dev.path() == project.ENVIRONMENTS / "dev.yaml"


def test_another_pipeline_has_a_folder_and_a_stack_of_its_own_and_the_environments_roles(
    tmp_path: Path,
) -> None:
    tiny = PipelineEnvironment.parse("tiny_two/dev")
    assert (tiny.pipeline, tiny.environment, tiny.is_main) == ("tiny_two", "dev", False)
    assert (tiny.name, tiny.stack_name, tiny.file_stem) == (
        "tiny_two/dev",
        "covid-lake-dev-tiny-two",
        "dev-tiny_two",
    )
    assert tiny.path(tmp_path) == tmp_path / "tiny_two" / "dev.yaml"
    assert tiny.bootstrap == "dev"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("ingestion/dev", "the main one"),
        ("../dev", "letters"),
        ("a/b/dev", "letters"),
        ("Tiny/dev", "letters"),
        ("tiny-two/dev", "letters"),
        ("tiny__two/dev", "letters"),
        (f"{'t' * 21}/dev", "letters"),
        ("/dev", "letters"),
        ("tiny/", "ends with a slash: write PIPELINE/dev for the dev of another pipeline"),
        ("dev/", "ends with a slash"),
        ("", "is empty: give a file's name in environments/ without .yaml"),
        ("tiny/pr-7", "throw-away stack of the main pipeline only"),
        ("tiny/preview", "throw-away stack of the main pipeline only"),
    ],
)
def test_what_is_no_environment_of_a_pipeline_is_refused(name: str, fault: str) -> None:
    with pytest.raises(EnvironmentFileError, match=fault):
        PipelineEnvironment.parse(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "dev": FILE,
        "tiny/dev": FILE + 'tags: {covidlake:promote: "true"}\n',
        "other/dev": FILE + 'tags: {covidlake:promote: "false"}\n',
        "third/dev": FILE,
        "tiny/prod": FILE + 'tags: {covidlake:promote: "true"}\n',
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        pipeline = name.partition("/")[0]
        path.write_text(text.replace("template.json", f"templates/{pipeline}.json") if "/" in name else text)
    return tmp_path


def test_a_tag_decides_which_other_pipelines_are_promoted(folder: Path) -> None:
    assert environment_file.names(folder) == ["dev", "other/dev", "third/dev", "tiny/dev", "tiny/prod"]
    assert environment_file.promoted("dev", folder) == ["dev", "tiny/dev"]
    assert environment_file.promoted("staging", folder) == ["staging"]
    with pytest.raises(EnvironmentFileError, match="name it without a pipeline: dev"):
        environment_file.promoted("tiny/dev", folder)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("tiny/dev", "yes", 'allowed are "true", "false"'),
        ("dev", "true", "the main pipeline is always promoted"),
        ("tiny/dev", "true", None),
        ("tiny/dev", "false", None),
    ],
)
def test_other_values_of_the_tag_are_problems(
    folder: Path, name: str, value: str, problem: str | None
) -> None:
    file = FILE.replace("template.json", "templates/tiny.json")
    (folder / f"{name}.yaml").write_text(file + f'tags: {{covidlake:promote: "{value}"}}\n')
    problems = environment_file.find_problems(environment_file.load(name, folder), {})
    assert len(problems) == (problem is not None)
    assert problem is None or problem in problems[0]


def test_a_file_of_another_pipeline_names_its_own_template(folder: Path) -> None:
    (folder / "tiny" / "dev.yaml").write_text(FILE)
    (problem,) = environment_file.find_problems(environment_file.load("tiny/dev", folder), {})
    assert "template-file-path = 'build/template.json': give build/templates/tiny.json" in problem


def test_a_bundle_gives_each_pipeline_its_own_template(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path, {"template.json": "a" * 64, "templates/tiny.json": "b" * 64})
    assert bundle.pipelines == ["ingestion", "tiny"]
    assert bundle.of("dev") is bundle
    tiny = bundle.of("tiny/dev")
    assert tiny.digest == bundle.digest
    assert tiny.template_key("covid-lake-dev-tiny") == f"covid-lake-dev-tiny/templates/{'b' * 64}.json"
    keys = tiny.object_keys("covid-lake-dev-tiny")
    assert sorted(keys.values()) == ["manifest.json", "template.json", "templates/tiny.json"]
    assert all(key.startswith("covid-lake-dev-tiny/") for key in keys)
    with pytest.raises(BundleError, match="no template of pipeline other"):
        bundle.of("other/dev")


@pytest.mark.parametrize("given", ["dev.yaml", "environments/dev.yaml", "environments/dev", "dve"])
def test_a_name_that_is_almost_one_is_answered_with_it(tmp_path: Path, given: str) -> None:
    (tmp_path / "environments").mkdir()
    for name in ("dev", "prod"):
        (tmp_path / "environments" / f"{name}.yaml").write_text(FILE)
    with pytest.raises(EnvironmentFileError, match=r"did you mean dev\? there are: dev, prod"):
        environment_file.load(given, tmp_path / "environments")
    files = ("template.json", "environments/dev.yaml", "environments/prod.yaml")
    bundle = Bundle(tmp_path, dict.fromkeys(files, ""))
    if "/" in given:
        with pytest.raises(BundleError, match=r"did you mean dev\? there are: dev, prod"):
            bundle.of(given)


@pytest.mark.parametrize("pipeline", ["common", "bootstrap", "nowhere"])
def test_a_folder_that_is_no_pipeline_is_not_said_to_lack_packaging(tmp_path: Path, pipeline: str) -> None:
    with pytest.raises(BundleError, match=f"has no template of pipeline {pipeline}: there is none"):
        Bundle(tmp_path, {"template.json": ""}).of(f"{pipeline}/dev")
