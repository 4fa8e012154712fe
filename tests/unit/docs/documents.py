"""The Markdown files as their readers see them: headings, links, inline code, console lines."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[3]


@dataclass
class Document:
    """One file: where it is, and what a reader can follow or type."""

    path: Path
    anchors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)  # between single backticks
    console: list[str] = field(default_factory=list)  # lines after `$` in console blocks

    @property
    def commands(self) -> list[str]:
        """Every command that the text names, one by one: `a && b` is two."""
        return [part.strip() for line in [*self.code, *self.console] for part in re.split(r"&&|;|\$\(", line)]


@cache
def documents() -> tuple[Document, ...]:
    """Every Markdown file that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(read(ROOT / name) for name in sorted(set(listed.stdout.split())) if (ROOT / name).exists())


@cache
def read(path: Path) -> Document:
    found = Document(path)
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "fence" and token.info == "console":
            found.console += [
                line.removeprefix("$ ").split("  #")[0]
                for line in token.content.splitlines()
                if line.startswith("$ ")
            ]
        elif token.type == "inline":
            if before is not None and before.type == "heading_open":
                found.anchors.append(_anchor(token, found.anchors))
            _read_inline(token, found)
    return found


def _read_inline(token: Token, found: Document) -> None:
    for child in token.children or ():
        if child.type == "code_inline":
            found.code.append(child.content)
        elif child.type == "link_open":
            found.links.append(str(child.attrs["href"]))


def _anchor(heading: Token, taken: list[str]) -> str:
    """The anchor that GitHub gives a heading."""
    text = "".join(child.content for child in heading.children or ())
    slug = re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
    same = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", one) is not None for one in taken)
    return f"{slug}-{same}" if same else slug
