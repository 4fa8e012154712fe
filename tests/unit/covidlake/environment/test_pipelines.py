"""A folder of `infra/` with a module `template` is a pipeline."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from troposphere import Template, s3

import infra
from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.environment import pipelines
from infra.common.code_locations import CodeLocations
from infra.common.pipeline import DescribedDataSet


def with_templates(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir()
        (folder / name / "template.py").touch()
    return folder


def test_each_folder_with_a_template_is_one_and_the_main_one_is_first(tmp_path: Path) -> None:
    folder = with_templates(tmp_path, "ingestion", "common", "bootstrap", "tiny", "exports")
    (tmp_path / "notes").mkdir()
    assert pipelines.names(folder) == ["ingestion", "exports", "tiny"]


def test_of_this_repository_the_main_one_is_found() -> None:
    assert pipelines.names()[0] == project.MAIN_PIPELINE


def test_a_folder_with_a_name_that_no_stack_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileError, match="infra/Tiny: 'Tiny' is not 1 to 20 lower-case letters"):
        pipelines.names(with_templates(tmp_path, "ingestion", "Tiny"))


@pytest.fixture
def made_up() -> Iterator[types.ModuleType]:
    module = types.ModuleType("infra.made_up.template")
    sys.modules["infra.made_up"] = types.ModuleType("infra.made_up")
    sys.modules["infra.made_up.template"] = module
    yield module
    del sys.modules["infra.made_up"], sys.modules["infra.made_up.template"]


def test_a_builder_gets_what_it_names_and_nothing_else(made_up: types.ModuleType) -> None:
    def of_data_sets(described: list[DescribedDataSet]) -> Template:
        template = Template()
        for data_set in described:
            template.add_resource(s3.Bucket(data_set.name.title()))
        return template

    def of_code(code: CodeLocations) -> Template:
        return Template(Description=code.functions["find_work"].data)

    code, described = CodeLocations.local(), [DescribedDataSet("cases")]
    made_up.__dict__["build_template"] = of_data_sets
    assert list(json.loads(pipelines.template("made_up", code, described))["Resources"]) == ["Cases"]
    made_up.__dict__["build_template"] = of_code
    text = pipelines.template("made_up", code, described)
    assert json.loads(text)["Description"] == "../lambdas/find_work"
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "import sys; sys.exit(0)",
            r"infra/faulty/template\.py, line 1: SystemExit: 0: correct",
        ),
        ("x = 1\nraise ValueError('no')", r"infra/faulty/template\.py, line 2: ValueError: no"),
        (
            "from infra.common.declared_tables import declared_tables\ndeclared_tables(['runs'])",
            r"ReservedNameError: runs is a table of the stack itself: rename its description$",
        ),
        ("def build_template(:", r"infra/faulty/template\.py, line 1: SyntaxError"),
        ("import nowhere", r"infra/faulty/template\.py, line 1: ModuleNotFoundError: .*nowhere"),
        ("", r"infra/faulty/template\.py: AttributeError: .*build_template"),
        ("build_template = 3", r"infra/faulty/template\.py: TypeError: 3 is not a callable object"),
        ("def build_template(foo): ...", "asks for foo, and may ask for code, described, tables"),
        ("def build_template(*a, **k): ...", "asks for a, k, and may ask for code, described, tables"),
        ("def build_template(): ...", "returned NoneType, not a troposphere.Template"),
        ("def build_template(): return {}", "returned dict, not a troposphere.Template"),
    ],
)
def test_a_faulty_template_is_one_line_with_its_place(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "infra" / "faulty").mkdir(parents=True)
    (tmp_path / "infra" / "faulty" / "template.py").write_text(text)
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr(project, "INFRA", tmp_path / "infra")
    monkeypatch.setattr(infra, "__path__", [*infra.__path__, str(tmp_path / "infra")])
    with pytest.raises(EnvironmentFileError, match=said) as raised:
        pipelines.template("faulty", CodeLocations.local())
    assert raised.value.exit_code == 3
    assert "\n" not in str(raised.value)
    for name in ("infra.faulty", "infra.faulty.template"):
        sys.modules.pop(name, None)
