"""Where two environments differ is shown, with the template's defaults."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from covidlake.base.errors import EnvironmentFileError
from covidlake.commands import plan
from covidlake.environment import difference as environments
from covidlake.environment.difference import Difference, Value


def write(folder: Path, name: str, parameters: dict[str, str], tags: dict[str, str]) -> None:
    content = {"template-file-path": "t.json", "parameters": parameters, "tags": tags}
    (folder / f"{name}.yaml").write_text(json.dumps(content))


def test_only_what_differs_is_reported_with_its_default(tmp_path: Path) -> None:
    write(tmp_path, "one", {"Areas": "*", "LogRetentionDays": "14", "DataSets": "a"}, {"Team": "a"})
    write(tmp_path, "other", {"Areas": "UK", "LogRetentionDays": "14"}, {"Team": "b"})
    found = environments.diff("one", "other", tmp_path)
    assert found == [
        Difference("parameter", "Areas", Value("*", is_default=True), Value("UK")),
        Difference("parameter", "DataSets", Value("a"), None),
        Difference("tag", "Team", Value("a"), Value("b")),
    ]


def test_secrets_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        environments, "_declared_parameters", lambda _: {"Key": {"NoEcho": True, "Default": "x"}}
    )
    write(tmp_path, "one", {"Key": "hunter2"}, {})
    write(tmp_path, "other", {"Key": "x"}, {})
    (difference,) = environments.diff("one", "other", tmp_path)
    assert "hunter2" not in json.dumps(difference.to_json())
    assert str(difference.first) == "'(secret)'"


def command(*arguments: str) -> str:
    app = typer.Typer()
    plan.register(app)
    result = CliRunner().invoke(app, ["environments", "diff", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_an_environment_does_not_differ_from_itself() -> None:
    assert command("dev", "dev") == "no difference\n"
    assert json.loads(command("dev", "dev", "--format", "json")) == []


@pytest.mark.parametrize("shown", ["table", "markdown"])
def test_the_real_environments_differ_in_encryption(shown: str) -> None:
    text = command("dev", "prod", "--format", shown)
    assert "SSE-S3" in text
    assert "default" in text
    assert "SSE-KMS" in text
    assert "SourceBucket" not in text


def test_an_unknown_environment_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "one", {}, {})
    with pytest.raises(EnvironmentFileError, match="no such environment; there are: one") as caught:
        environments.diff("one", "nowhere", tmp_path)
    assert "\n" not in str(caught.value)
