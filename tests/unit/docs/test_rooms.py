"""The rooms of `covidlake`: the picture shows those of today, and every wall has a contract."""

from __future__ import annotations

import ast
import configparser
from pathlib import Path

from covidlake.base import project
from covidlake.bundle import function_code
from docs import rooms

MOST_ARROWS = 64


def test_the_picture_is_current() -> None:
    page = rooms.PAGE.read_text(encoding="utf-8")
    assert rooms.with_rooms(page) == page, "run: make docs"


def test_there_is_no_circle_and_no_room_knows_everything() -> None:
    assert rooms.circles() == []
    assert len(rooms.arrows()) <= MOST_ARROWS


def test_every_room_has_its_place_in_the_contract() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(project.ROOT / ".importlinter")
    layers = contracts["importlinter:contract:rooms"]["layers"].replace("|", "\n").split()
    folders = {path.parent.name for path in (project.ROOT / "covidlake").glob("*/__init__.py")}
    assert folders | {"__main__"} == set(layers)


def test_the_picture_stands_in_the_order_of_the_contract() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(project.ROOT / ".importlinter")
    layers = contracts["importlinter:contract:rooms"]["layers"].replace("|", "\n").split()
    assert all(layers.index(importer) < layers.index(imported) for importer, imported in rooms.arrows())


def test_lambdas_import_nothing_of_ours_but_what_they_carry() -> None:
    """They run alone in AWS; import-linter sees only packages, which they are not."""
    ours = {"covidlake", "infra", "ingestion", "datasets", "localcloud"}
    files = sorted(project.LAMBDAS.rglob("*.py"))
    assert files
    for file in files:
        carried = {name.split("/")[0] for name, _ in function_code.files(file.parent) if "/" in name}
        assert _imported(file) & ours <= carried, file


def _imported(file: Path) -> set[str]:
    """The top-level modules that a file imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return {name.partition(".")[0] for name in names}
