"""Lint stops at the first finding, in one line, and does not repeat what passed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from covidlake.base import project as _project
from covidlake.base.errors import EnvironmentFileError, LintError
from covidlake.bundle import lint
from covidlake.bundle import template as build
from covidlake.environment import environment_file
from covidlake.environment.pipeline_environment import PipelineEnvironment


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built template and the repository's parameter files, all in a folder of the test's own."""
    template = tmp_path / "build" / "template.json"
    build.build(template)
    environments = tmp_path / "environments"
    environments.mkdir()
    for path in _project.ENVIRONMENTS.glob("*.yaml"):
        (environments / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(_project, "TEMPLATE", template)
    monkeypatch.setattr(lint, "PASSED", tmp_path / "build" / "lint-passed")
    monkeypatch.setattr(environment_file.names, "__defaults__", (environments,))
    monkeypatch.setattr(environment_file.load, "__defaults__", (environments,))
    return tmp_path


def change_template(project: Path, change: Any) -> None:
    path = project / "build" / "template.json"
    template = json.loads(path.read_text())
    change(template["Resources"])
    path.write_text(json.dumps(template, indent=1))


def test_what_passed_is_linted_again_only_when_it_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(lint, "_run_cfn_lint", calls.append)
    assert "unchanged" not in lint.lint().summary
    assert "unchanged" in lint.lint().summary
    assert len(calls) == 2
    change_template(project, lambda resources: resources["Topic"].update(Metadata={"changed": True}))
    assert "unchanged" not in lint.lint().summary
    assert len(calls) == 4


def test_a_change_of_a_file_has_that_file_alone_read_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(lint, "_run_cfn_lint", calls.append)
    lint.lint()
    calls.clear()
    staging = project / "environments" / "staging.yaml"
    staging.write_text(staging.read_text() + "# a remark\n")
    lint.lint()
    assert calls == [["--deployment-files", str(staging)]]


def test_a_run_reads_what_it_deploys_and_the_rest_is_left_to_lint(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(lint, "_run_cfn_lint", calls.append)
    summary = lint.lint(PipelineEnvironment("dev")).summary
    assert "template of ingestion, state machine, 1 parameter file," in summary
    assert summary.endswith("all others: covidlake lint")
    dev = str(project / "environments" / "dev.yaml")
    assert sorted(calls) == [["--deployment-files", dev], [str(project / "build" / "template.json")]]
    assert "unchanged" in lint.lint(PipelineEnvironment("dev")).summary
    calls.clear()
    assert "unchanged" not in lint.lint().summary
    assert [one for call in calls for one in call].count(dev) == 0
    assert any(call[0] == "--deployment-files" and len(call) > 2 for call in calls)


def test_other_code_under_the_same_names_is_nothing_to_a_linter(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path of the jobs' library has its digest in it, so that each edit of a description changes it."""
    monkeypatch.setattr(lint, "_run_cfn_lint", lambda _: None)
    change_template(project, lambda _: None)  # written down as it is written below
    lint.lint()

    def other_library(resources: dict[str, Any]) -> None:
        arguments = resources["Job"]["Properties"]["DefaultArguments"]
        text = json.dumps(arguments["--extra-py-files"])
        assert re.search(r"artifacts/[0-9a-f]{64}/", text)
        arguments["--extra-py-files"] = json.loads(
            re.sub(r"artifacts/[0-9a-f]{64}/", f"artifacts/{'0' * 64}/", text)
        )

    change_template(project, other_library)
    assert "unchanged" in lint.lint().summary


def test_cfn_lint_finding_is_one_line_and_not_remembered_as_passed(project: Path) -> None:
    change_template(project, lambda resources: resources["Job"]["Properties"].update(Bogus=1))
    with pytest.raises(LintError, match=r"cfn-lint: .*Bogus") as caught:
        lint.lint()
    assert "\n" not in str(caught.value)
    assert not lint.PASSED.exists()


def test_state_machine_finding_names_the_state(project: Path) -> None:
    def dangle(resources: dict[str, Any]) -> None:
        resources["StateMachine"]["Properties"]["Definition"]["StartAt"] = "Nowhere"

    change_template(project, dangle)
    with pytest.raises(LintError, match=r"state machine StateMachine: .*Nowhere"):
        lint.lint()


def test_parameter_file_is_checked_first(project: Path) -> None:
    (project / "environments" / "dev.yaml").write_text(
        "template-file-path: build/template.json\nparameters: {Bogus: 1}\n"
    )
    with pytest.raises(EnvironmentFileError, match="parameter Bogus is unknown"):
        lint.lint()


def test_a_drift_ignore_line_that_is_none_is_found_before_a_drift_check_is(project: Path) -> None:
    with (project / "environments" / "staging.yaml").open("a") as file:
        file.write("# drift-ignore: Topic without a reason\n")
    with pytest.raises(EnvironmentFileError, match=r"staging\.yaml: line \d+: drift-ignore .* write it as"):
        lint.lint()


def test_missing_template_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_project, "TEMPLATE", tmp_path / "template.json")
    with pytest.raises(LintError, match="covidlake build"):
        lint.lint()


def test_a_template_without_what_every_pipeline_has_is_refused(project: Path) -> None:
    path = project / "build" / "template.json"
    template = json.loads(path.read_text())
    del template["Parameters"]["BundleDigest"]
    path.write_text(json.dumps(template))
    with pytest.raises(LintError, match=r"parameter BundleDigest is missing: add the group deployment\(\)"):
        lint.lint()


def test_a_file_of_a_pipeline_that_has_no_folder_is_refused(project: Path) -> None:
    file = project / "environments" / "nowhere" / "dev.yaml"
    file.parent.mkdir()
    file.write_text("template-file-path: build/templates/nowhere.json\n")
    with pytest.raises(EnvironmentFileError, match="no pipeline nowhere: add infra/nowhere/template"):
        lint.lint()


@pytest.mark.parametrize("name", lint.SETTINGS)
def test_other_rules_have_what_passed_read_again(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(lint, "_run_cfn_lint", calls.append)
    for one in lint.SETTINGS:
        (project / one).parent.mkdir(parents=True, exist_ok=True)
        (project / one).write_bytes((_project.ROOT / one).read_bytes())
    monkeypatch.setattr(_project, "ROOT", project)
    lint.lint()
    (project / name).write_text("other rules")
    assert "unchanged" not in lint.lint().summary
