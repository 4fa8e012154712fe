"""Run real clients against a local cloud and print what they found: `make test-clients`.

Each client lives in an environment of its own, with the versions of requirements/clients.txt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from clients import article  # noqa: E402

from localcloud.cloud import LocalCloud  # noqa: E402

ROOT = HERE.parents[3]
LOCK = ROOT / "requirements" / "clients.txt"
ENVIRONMENT = ROOT / ".cache" / "clients"
PROGRAMS = {
    "aws-sdk-pandas": "wrangler.py",
    "PyAthena": "pyathena_cases.py",
    "dbt-athena": "dbt_cases.py",
    "AWS CLI": "cli.py",
}
SECONDS = 900
REFUSED = "localcloud does not support"
OUTCOMES = ("passed", "refused", "wrong")


@dataclass(frozen=True)
class Found:
    case: str
    outcome: str
    detail: str = ""


def main() -> int:
    if reason := install():
        _say(f"SKIPPED: the clients cannot be installed: {reason}")
        return 0
    totals = Counter[str]()
    _say(f"{'client':16} {'tried':>6} {'passed':>7} {'refused by name':>16} {'wrong':>6}")
    with LocalCloud.ephemeral(wait_scale=0.02) as cloud:
        for client, program in PROGRAMS.items():
            _tell(client, list(cases(cloud, program)), totals)
        if os.environ.get(article.VARIABLE):
            _tell("the article", list(article_cases(cloud)), totals)
        else:
            cure = f"clone {article.SOURCE} and name its folder in {article.VARIABLE}"
            _say(f"{'the article':16} skipped: {cure}")
    _say(f"{totals['passed']} passed, {totals['wrong']} failed")
    return 1 if totals["wrong"] else 0


def install() -> str:
    """Make the environment, once for each lock; says why it cannot be made, or nothing."""
    mark = ENVIRONMENT / "installed"
    if mark.exists() and mark.read_text() == LOCK.read_text():
        return ""
    mark.unlink(missing_ok=True)
    uv, python = ROOT / ".venv" / "bin" / "uv", ENVIRONMENT / "bin" / "python"
    installer = [str(uv), "pip", "install", "--quiet", "--python", str(python)]
    if not uv.exists():
        installer = [str(python), "-m", "pip", "install", "--quiet"]
    for command in (
        [sys.executable, "-m", "venv", str(ENVIRONMENT)],
        [*installer, "--require-hashes", "--requirement", str(LOCK)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
    mark.write_text(LOCK.read_text())
    return ""


def cases(cloud: LocalCloud, program: str) -> Iterator[Found]:
    """What a program tells; one that ends before its time is wrong, too."""
    with tempfile.TemporaryDirectory(prefix="clients-") as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, **cloud.environment()}
        command = [str(ENVIRONMENT / "bin" / "python"), str(HERE / "programs" / program)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    for line in done.stdout.splitlines():
        if line.startswith('{"case"'):
            yield Found(**json.loads(line))
    if done.returncode:
        yield Found(program, "wrong", done.stderr.strip()[-600:])


def article_cases(cloud: LocalCloud) -> Iterator[Found]:
    """The steps of the article's example; what fails leaves the rest untried."""
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        for name, step in article.steps(cloud, ENVIRONMENT / "bin" / "aws", Path(folder)):
            try:
                step()
            except Exception as error:
                outcome = "refused" if REFUSED in str(error) else "wrong"
                yield Found(name, outcome, f"{type(error).__name__}: {error}"[:600])
                return
            yield Found(name, "passed")


def _tell(client: str, found: list[Found], totals: Counter[str]) -> None:
    counts = Counter(one.outcome for one in found)
    totals.update(counts)
    numbers = [counts[outcome] for outcome in OUTCOMES]
    _say(f"{client:16} {len(found):6} {numbers[0]:7} {numbers[1]:16} {numbers[2]:6}")
    for one in found:
        if one.outcome != "passed":
            _say(f"  {one.outcome}: {one.case}: {one.detail}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
