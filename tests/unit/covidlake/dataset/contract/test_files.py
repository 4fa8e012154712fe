"""A contract comes back from its file as it was, and a file that is none is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset.contract import document, files
from tests.unit.covidlake.dataset.contract.test_grades import BASE

OURS = "covid-lake.feed"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_file_keeps_every_part(tmp_path: Path, as_json: bool) -> None:
    path = tmp_path / "feed.yaml"
    path.write_text(files.text(document.of(BASE), as_json))
    assert files.changes(path, document.of(BASE)) == []
    assert [one.line for one in files.changes(path, document.of(replace(BASE, max_removed=0.1)))] == [
        "compatible: maximumRemovedShare: 0.1, no more 0.2"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a: [",
        "id: other",
        "id: covid-lake.feed",
        "\x00",
        "[" * 5000,
        "id: covid-lake.feed\nschema: 3",
    ],
)
def test_what_is_no_contract_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "feed.yaml"
    path.write_text(text)
    with pytest.raises(DataSetError, match="is no contract of this data set") as refused:
        files.changes(path, document.of(BASE))
    assert "\n" not in str(refused.value)
