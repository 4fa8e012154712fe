"""Comment lines of an environment file that let a difference pass: read, or refused with their place."""

from pathlib import Path

import pytest

from covidlake.base.errors import EnvironmentFileError
from covidlake.environment import drift_ignore


@pytest.mark.parametrize(
    "line",
    [
        "# drift-ignore: A",
        "# drift-ignore: A --",
        "# drift-ignore A -- no colon",
        "# drift_ignore: A B -- two names",
        "#drift-ignore: A:Timeout -- no slash",
    ],
)
def test_a_malformed_ignore_line_is_refused_with_its_place_and_form(tmp_path: Path, line: str) -> None:
    file = tmp_path / "dev.yaml"
    file.write_text(f"parameters:\n  {line}\n", encoding="utf-8")
    with pytest.raises(
        EnvironmentFileError, match=r"dev\.yaml: line 2: drift-ignore .*: write it as"
    ) as caught:
        drift_ignore.read(file)
    assert "\n" not in str(caught.value)


def test_a_comment_that_only_mentions_the_word_is_no_entry(tmp_path: Path) -> None:
    file = tmp_path / "dev.yaml"
    file.write_text("# Lines with drift-ignore: see the README\ntags:\n", encoding="utf-8")
    assert drift_ignore.read(file) == []
