"""Reading AWS's files, on small made-up ones in the documented formats."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.facts import reference, refresh

SCHEMA: dict[str, Any] = {
    "typeName": "AWS::Toy::Box",
    "handlers": {
        "create": {"permissions": ["toy:MakeBox", "toy:TagBox"], "timeoutInMinutes": 5},
        "read": {"permissions": ["toy:GetBox"]},
        "list": {},
    },
    "tagging": {"taggable": True, "permissions": ["toy:TagBox"]},
}
SERVICE: dict[str, Any] = {
    "Name": "toy",
    "Actions": [
        {
            "Name": "MakeBox",
            "ActionConditionKeys": ["aws:TagKeys", "aws:RequestTag/${TagKey}"],
            "Annotations": {"Properties": {"IsWrite": True, "IsList": False}},
            "Resources": [{"Name": "toy box", "ConditionKeys": ["toy:Colour"]}, {"Name": "shelf"}],
        },
        {"Name": "ListBoxes", "Annotations": {"Properties": {"IsList": True}}},
        {"Name": "GetBox", "Resources": [{"Name": "shelf"}]},
    ],
    "Resources": [
        {
            "Name": "toy box",
            "ARNFormats": ["arn:${Partition}:toy:::box/${Box}", "arn:other"],
            "ConditionKeys": ["aws:ResourceTag/${TagKey}"],
        },
        {"Name": "shelf", "ARNFormats": ["arn:${Partition}:toy:::shelf/${Shelf}"]},
    ],
    "Version": "v1.4",
}


def archive(**files: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in files.items():
            opened.writestr(f"{name}.json", json.dumps(content))
    return made.getvalue()


def test_handlers_of_the_types_that_are_used() -> None:
    packed = archive(toy=SCHEMA, other={"typeName": "AWS::Toy::Other", "handlers": {}})
    rows = [row for one in refresh.schemas(packed, ["AWS::Toy::Box"]) for row in refresh.handler_rows(one)]
    assert rows == [
        ("AWS::Toy::Box", "create", "toy:MakeBox"),
        ("AWS::Toy::Box", "create", "toy:TagBox"),
        ("AWS::Toy::Box", "read", "toy:GetBox"),
        ("AWS::Toy::Box", "tagging", "toy:TagBox"),
    ]


def test_a_type_without_a_schema_is_no_silence() -> None:
    with pytest.raises(KeyError, match="AWS::Toy::Ball"):
        list(refresh.schemas(archive(toy=SCHEMA), ["AWS::Toy::Box", "AWS::Toy::Ball"]))


def test_actions_keep_what_the_json_does_not_say() -> None:
    known = {
        "toy:makebox": reference.Action(
            "toy:MakeBox", "Write", {"toy-box": True, "shelf": False}, frozenset()
        )
    }
    assert list(refresh.action_rows(SERVICE, known)) == [
        (
            "toy:MakeBox",
            "Write",
            "shelf toy-box!",
            "aws:RequestTag/${TagKey} aws:TagKeys toy:Colour",
        ),
        ("toy:ListBoxes", "List", "", ""),
        ("toy:GetBox", "Read", "shelf", ""),
    ]


def test_resource_types_by_their_own_arn() -> None:
    assert list(refresh.resource_rows(SERVICE)) == [
        ("toy", "toy-box", "arn:${Partition}:toy:::box/${Box}", "aws:ResourceTag/${TagKey}"),
        ("toy", "shelf", "arn:${Partition}:toy:::shelf/${Shelf}", ""),
    ]


def test_the_index_of_services() -> None:
    assert refresh.urls([{"service": "toy", "url": "https://x/toy.json"}]) == {"toy": "https://x/toy.json"}


def test_what_is_new_and_what_is_gone() -> None:
    assert refresh.differences("# h\na\nb\n", "# h\nb\nc\n") == ["- a", "+ c"]


def test_the_files_are_written_sorted_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in refresh.HEADS:
        (tmp_path / name).write_text("# old\n")
    monkeypatch.setattr(refresh, "types_in_use", lambda: {"AWS::Toy::Box"})
    monkeypatch.setattr(refresh, "services_in_use", lambda: {"toy"})
    answers = {
        refresh.SCHEMAS: archive(toy=SCHEMA),
        refresh.SERVICES: json.dumps([{"service": "toy", "url": "there"}]).encode(),
        "there": json.dumps(SERVICE).encode(),
    }
    monkeypatch.setattr(refresh, "fetch", answers.__getitem__)
    refresh.main(tmp_path)
    lines = (tmp_path / "actions.tsv").read_text().splitlines()
    assert lines[0] == refresh.HEADS["actions.tsv"]
    assert [line.split("\t")[0] for line in lines[1:]] == ["toy:GetBox", "toy:ListBoxes", "toy:MakeBox"]


@pytest.mark.parametrize("name", refresh.HEADS)
def test_the_committed_files_are_as_a_refresh_writes_them(name: str) -> None:
    path = reference.DATA / name
    assert path.read_text() == refresh.text(name, [tuple(row) for row in reference.rows(name)])
    assert path.stat().st_size < 2**20


def test_the_committed_services_are_those_in_use() -> None:
    assert reference.services() == refresh.services_in_use()
    assert set(reference.handlers()) == refresh.types_in_use()
