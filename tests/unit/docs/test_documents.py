"""What the documents name exists: linked files and anchors, paths, commands, options, targets of make."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from covidlake.commands.command_line import app
from tests.unit.docs.documents import ROOT, Document, documents, read

every_document = pytest.mark.parametrize(
    "document", documents(), ids=lambda one: str(one.path.relative_to(ROOT))
)
# What a build, an installation or a reader makes: named in the documents, not in a fresh clone.
MADE = (".venv/", "build/", "folder/")
FOLDERS = tuple(one.name for one in ROOT.iterdir() if one.is_dir() and f"{one.name}/" not in MADE)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_documents_are_there() -> None:
    names = {str(one.path.relative_to(ROOT)) for one in documents()}
    pages = ("architecture", "cli", "ingestion", "local-cloud", "operations", "performance")
    assert names >= {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "AGENTS.md"}
    assert names >= {f"docs/{name}.md" for name in pages} | {"packages/localcloud/README.md"}


@every_document
def test_every_link_leads_somewhere(document: Document) -> None:
    for link in document.links:
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (document.path.parent / place).resolve() if place else document.path
        assert target.exists(), f"{link}: no such file"
        if anchor:
            assert anchor in read(target).anchors, f"{link}: no such heading"


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {link.partition("#")[0] for link in read(ROOT / "README.md").links}
    pages = {f"docs/{one.name}" for one in (ROOT / "docs").glob("*.md")}
    assert linked >= pages


@every_document
def test_every_path_exists(document: Document) -> None:
    """`<name>` stands for anything that is there, `*` too."""
    missing = [code for code in document.code if _is_path(code) and not _exists(code, document.path.parent)]
    assert missing == []


def _is_path(code: str) -> bool:
    plain = re.fullmatch(r"[\w.*<>{},/ -]+", code) and " " not in re.sub(r"<[^>]*>", "", code)
    return bool(plain) and code.startswith(tuple(f"{name}/" for name in FOLDERS))


def _exists(code: str, folder: Path) -> bool:
    pattern = re.sub(r"<[^>]*>", "*", code).rstrip("/")
    return any(any(base.glob(pattern)) for base in (ROOT, folder))


@every_document
def test_every_command_exists(document: Document) -> None:
    for text in document.commands:
        if (words := _covidlake_words(text)) is not None:
            command, rest = _command(words)
            assert command is not None, f"{text}: no such command"
            options = [word.partition("=")[0] for word in rest if re.match(r"-{1,2}[a-z]", word)]
            unknown = set(options) - _options(command)
            assert not unknown, f"{text}: no option {unknown}"


def _covidlake_words(text: str) -> list[str] | None:
    """What follows `covidlake` in a command line; None when the text is none."""
    found = re.search(r"(?:^|\s)(?:\.venv/bin/)?covidlake ([a-z-].*)", text)
    return re.sub(r"[\"'()|]", " ", found[1]).split() if found else None


@cache
def _root() -> Any:
    return typer.main.get_command(app)


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and the rest of them; no command for an unknown verb."""
    command, rest = _root(), list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        command = command.commands.get(rest.pop(0))
        if command is None:
            break
    return command, rest


def _options(command: Any) -> set[str]:
    options = {option for one in command.params for option in [*one.opts, *one.secondary_opts]}
    return options | {"--help", "-h", "--"}


@every_document
def test_every_target_of_make_exists(document: Document) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", MAKEFILE, flags=re.M))
    for text in document.commands:
        if not re.match(r"make( |$)", text):
            continue
        for word in shlex.split(text)[1:]:
            if word.startswith("-"):
                continue
            name, is_setting, _ = word.partition("=")
            known = re.search(rf"\$[({{]+{name}\b", MAKEFILE) if is_setting else name in targets
            assert known, f"{text}: {word} is unknown to the Makefile"


def test_a_wrong_command_would_be_found() -> None:
    assert _command(["plans", "dev"])[0] is None
    assert "--no-such" not in _options(_command(["plan", "dev"])[0])
    assert _covidlake_words("no covidlake") is None
    assert _covidlake_words('TOKEN="x" .venv/bin/covidlake plan dev') == ["plan", "dev"]


def test_a_wrong_path_would_be_found() -> None:
    assert _is_path("covidlake/no/such.py")
    assert not _exists("covidlake/no/such.py", ROOT)
    assert _exists("environments/<environment>.yaml", ROOT)
