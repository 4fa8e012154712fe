"""`covidlake comment`: one comment on a pull request, kept up to date, a section for each environment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from covidlake.base.errors import ReportError
from covidlake.base.markdown import LIMIT, fit, length
from covidlake.github import actions
from covidlake.github.api import GitHub, is_own

CUT = "\n\n_Cut here: the comment would be too long._"
ORDER = ("dev", "staging", "prod")
_MARKER = re.compile(r"<!--\s*covidlake[:-][^>]*-->\n?")


def comment(number: int, places: Sequence[Path], key: str = "plan") -> str:
    """Post, or update in place, the comment of this key: `created`, `updated` or `unchanged`.

    `places` are Markdown files, or folders of them, named by environment. Raises `ReportError` without
    such a file, and `GitHubError` when GitHub refuses. Further comments of the same key are removed; those of
    others are never touched.
    """
    body = text(places, key)
    github = GitHub.from_environment()
    marker = f"<!-- covidlake:{key} -->"
    own = [
        found
        for found in github.all(f"issues/{number}/comments")
        if is_own(found) and str(found["body"]).startswith(marker)
    ]
    for surplus in own[1:]:
        github.delete(f"issues/comments/{surplus['id']}")
    if not own:
        github.post(f"issues/{number}/comments", {"body": body})
        return "created"
    if own[0]["body"] == body:
        return "unchanged"
    github.patch(f"issues/comments/{own[0]['id']}", {"body": body})
    return "updated"


def text(places: Sequence[Path], key: str) -> str:
    """The comment's Markdown; where it would be too long, each section is cut between its parts."""
    files = _files(places)
    url = actions.run_url()
    head = f"<!-- covidlake:{key} -->\n## What this pull request changes\n\n"
    foot = f"\n\nThe whole is in the artifacts of [this run]({url}).\n" if url else "\n"
    room = LIMIT - length(head) - length(foot)
    shares = _shares([_section(file) for file in files], room)
    return head + "\n\n".join(shares) + foot


def _files(places: Sequence[Path]) -> list[Path]:
    files = [file for place in places for file in (place.glob("*.md") if place.is_dir() else [place])]
    if not files or not all(file.is_file() for file in files):
        where = ", ".join(map(str, places))
        raise ReportError(f"{where}: no Markdown file here: make one with: covidlake plan --format markdown")

    def rank(file: Path) -> tuple[int, str]:
        return (ORDER.index(file.stem) if file.stem in ORDER else len(ORDER), file.stem)

    return sorted(files, key=rank)


def _section(file: Path) -> str:
    """A file's Markdown, without markers: a marker decides which of our comments this one is."""
    return _MARKER.sub("", file.read_text(encoding="utf-8", errors="replace")).strip()


def _shares(sections: list[str], room: int) -> list[str]:
    """Cut the longest sections to the room that the others leave, at blank lines outside of elements."""
    left, waiting, given = room, sorted(range(len(sections)), key=lambda i: len(sections[i])), {}
    while waiting:
        index, share = waiting[0], left // len(waiting) - 2
        given[index] = _cut(sections[index], share)
        left -= length(given[index]) + 2
        waiting.pop(0)
    return [given[index] for index in range(len(sections))]


def _cut(section: str, limit: int) -> str:
    if length(section) <= limit:
        return section
    return fit([f"{part}\n\n" for part in _parts(section)], limit, CUT).rstrip()


def _parts(section: str) -> list[str]:
    """The section split at its blank lines; an element `details` stays whole."""
    parts: list[str] = []
    for block in section.split("\n\n"):
        inside = parts and parts[-1].count("<details") > parts[-1].count("</details>")
        if inside:
            parts[-1] += f"\n\n{block}"
        else:
            parts.append(block)
    return parts
