"""The README's table of differences, made of what the tests claim: `python tests/differences.py`.

A test says what it shows with `@pytest.mark.claim(service, kind, text)`; `kind` is `supported`, `refused` or
`differs`. A claim goes with its test.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
README = TESTS.parent / "README.md"
BEGIN, END = "<!-- differences: made by tests/differences.py -->", "<!-- end of differences -->"
KINDS = ("supported", "refused", "differs")
HEAD = ("service", "as on AWS", "refused by name", "differs")


def claims() -> list[tuple[str, str, str]]:
    """Service, kind and text of every claim, in the order of the tests."""
    return [claim for path in sorted(TESTS.rglob("test_*.py")) for claim in _of(path)]


def _of(path: Path) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for decorator in getattr(node, "decorator_list", []):
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.claim":
                service, kind, text = (ast.literal_eval(argument) for argument in decorator.args)
                if kind not in KINDS:
                    raise ValueError(
                        f"{path.name}:{decorator.lineno}: a claim is {', '.join(KINDS)}, not {kind}"
                    )
                yield service, kind, text


def table() -> str:
    """One row for each service."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for service, kind, text in claims():
        if text not in found[service][kind]:
            found[service][kind].append(text)
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|---|---|"]
    for service in sorted(found, key=str.lower):
        cells = ["; ".join(found[service][kind]) for kind in KINDS]
        lines.append(f"| {service} | {' | '.join(cells)} |")
    return "\n".join(lines)


def with_table(text: str) -> str:
    """The README with the table between its marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
