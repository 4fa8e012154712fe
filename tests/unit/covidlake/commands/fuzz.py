"""Runs many commands with bad arguments and bad files, each in a process of its own.

In a copy of the checkout, with RESULTS SHARE SEED as arguments, it writes one JSON line for each case that
broke a promise: a traceback, a defect, an undocumented exit code, a control character in what was printed, a
failure without a word, a success where there can be none, or no end. The cloud and GitHub cannot be reached
here, and no local cloud starts.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

LIMIT_SECONDS = 30
DEEP = 50_000
NOWHERE = "http://127.0.0.1:9"  # the port "discard", where nothing listens
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")

NAMES = [
    *("", " ", ",", "-", "--", "*", ".", "..", "../..", "nope", "DEV", "dev.yaml", "environments/dev.yaml"),
    *("nope/dev", "dev/", "/dev", "ingestion/dev", "a" * 300, "a" * 100_000, "é", "\udcff", "\x1b]0;x\x07"),
    *("a\nb", "a\tb", "$(id)", "[bold]x[/]", "{}", "null", "\u202egnp", "uk_covid,", "UK_COVID", "%s%n"),
]
NUMBERS = ["-1", "0", "1e400", "inf", "nan", "1_0", "0x10", "٣", "9" * 30, "", "1.5", "-0", "1e-9", "x"]
DAYS = ["2022-02-30", "2022-13-01", "20221207", "2022-12-7", "latest", "LATEST", "9999-99-99", "0000-00-00"]
CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "nul": b"\0" * 100,
    "not_utf8.json": b'{"a": "\xff\xfe"}',
    "bom.json": b"\xef\xbb\xbf{}",
    "utf16.csv": "a,b\n1,2\n".encode("utf-16"),
    "deep.json": b"[" * DEEP + b"]" * DEEP,
    "deep_objects.json": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep.yaml": b"[" * DEEP,
    "scalar.json": b"1",
    "list.json": b"[1, null]",
    "null.json": b"null",
    "resources.json": b'{"Resources": {"A": []}}',
    "strings.json": b'{"Resources": "x", "parameters": 1, "tags": [], "artifacts": null, "template": {}}',
    "nan.json": b'{"a": NaN, "b": 1e999}',
    "long_number.json": b'{"a": ' + b"9" * 10_000 + b"}",
    "cut.json": b'{"a": "b',
    "object.yaml": b"parameters: !!python/object/apply:os.system [id]\n",
    "alias.yaml": b"a: &a [x]\nb: &b [*a,*a]\nparameters: [*b]\n",
    "bomb.yaml": b"a: &a [x,x]\n"
    + b"".join(b"%c: &%c [*%c,*%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 120)),
    "twice.yaml": b"parameters: {}\nparameters: {}\n",
    "tab.yaml": b"parameters:\n\tA: b\n",
    "escape.yaml": b'parameters: {"\\e]0;x\\a": "\\e[31m"}\ntags: {"covidlake:\\e[31m": "x"}\n',
    "rows.csv": b'a,b\n1\n2,3,4\n"\n',
    "gzip.json.gz": b"\x1f\x8b\x08\0garbage",
    "zip.csv": b"PK\x03\x04" + b"\0" * 60,
    "parquet.json": b"PAR1" + b"\0" * 60 + b"PAR1",
    "syntax.py": b"DATASET = (",
    "exit.py": b"raise SystemExit(0)\n",
    "wrong.py": b"DATASET = 5\n",
    "recursion.py": b"def f(): f()\nf()\n",
    "nul.py": b"\0",
    "latin1.py": b"# \xe9\n",
    "import.py": b"import nothing_like_this\n",
}
# Files of the repository that get each bad content, and the commands that read them.
READERS: dict[str, list[list[str]]] = {
    "environments/dev.yaml": [
        ["lint"],
        ["package"],
        ["environments", "diff", "dev", "prod"],
        ["plan", "dev"],
    ],
    "jobs/datasets/fuzzed.py": [["dataset", "check"], ["dataset", "check", "fuzzed"], ["build"]],
    "build/bundle/manifest.json": [["verify"], ["plan", "dev"], ["deploy", "dev"], ["package"]],
    "build/bundle/template.json": [["verify"], ["compare", "--base", "build/template.json"]],
    "build/bundle/environments/dev.yaml": [["verify"], ["deploy", "dev"]],
    "infra/fuzzed/template.py": [["build"], ["lint"]],
}
SAFE = ("build", "lint")  # seconds each, and nothing to choose


@dataclass
class Case:
    """One run: its arguments, its environment, and a file of the repository with another content."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    file: str = ""
    content: str = ""
    never_succeeds: bool = False


def cases(share: float, seed: int) -> Iterator[Case]:
    """Every bad value in every place, of which `share` is chosen at random, then random commands."""
    chance = random.Random(seed)
    every = [*_each_value(), *_each_file()]
    yield from (case for case in every if chance.random() < share)
    commands = list(_commands())
    for _ in range(int(400 * share)):
        path, parameters = chance.choice(commands)
        yield Case([*path, *_words(parameters, chance)])


def _commands() -> Iterator[tuple[list[str], list[Any]]]:
    import typer.main

    from covidlake.commands.command_line import app

    def walk(command: Any, path: list[str]) -> Iterator[tuple[list[str], list[Any]]]:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from walk(inner, [*path, name])
        elif path[0] not in SAFE:
            yield path, [one for one in command.params if one.name != "help"]

    yield from walk(typer.main.get_command(app), [])


def _each_value() -> Iterator[Case]:
    for path, parameters in _commands():
        yield Case(path)
        yield Case([*path, "--nope"])
        for parameter in parameters:
            others = [one for one in parameters if one is not parameter and one.required]
            words = [word for other in others for word in _given(other, _good(other))]
            for value in _values(parameter):
                refused = parameter.name == "environment" and value not in {"dev", "prod", "staging"}
                yield Case([*path, *words, *_given(parameter, value)], never_succeeds=refused)
                if parameter.envvar:
                    yield Case([*path, *words], {str(parameter.envvar): value})


def _each_file() -> Iterator[Case]:
    for file, commands in READERS.items():
        for name in CONTENTS:
            if name.endswith(".py") == file.endswith(".py") or "." not in name:
                for command in commands:
                    yield Case(command, file=file, content=name)


def _kind(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return "flag"
    return {Path: "path", int: "number", float: "number"}.get(parameter.type_descriptor.annotation, "text")


def _values(parameter: Any) -> list[str]:
    paths = [*(f"evil/{name}" for name in CONTENTS), "missing", "evil", "evil/loop", "/dev/null", *NAMES]
    texts = [*NAMES, *DAYS] if parameter.name in {"first", "last"} else NAMES
    return {"flag": [""], "path": paths, "number": NUMBERS}.get(_kind(parameter), texts)


def _good(parameter: Any) -> str:
    return {"path": "build/bundle", "number": "1"}.get(_kind(parameter), "dev")


def _given(parameter: Any, value: str) -> list[str]:
    if parameter.param_type_name == "argument":
        return [value]
    return [parameter.opts[0]] if _kind(parameter) == "flag" else [parameter.opts[0], value]


def _words(parameters: Sequence[Any], chance: random.Random) -> list[str]:
    words: list[str] = []
    for parameter in parameters:
        if parameter.required or chance.random() < 0.3:
            good = chance.random() < 0.5
            words += _given(parameter, _good(parameter) if good else chance.choice(_values(parameter)))
    return words


def prepare() -> None:
    """Write the bad files, shut off whatever lies outside, and make a bundle."""
    evil = Path("evil")
    evil.mkdir()
    for name, content in CONTENTS.items():
        (evil / name).write_bytes(content)
    (evil / "loop").symlink_to("loop")
    (evil / os.fsdecode(b"name\xff\n.csv")).write_bytes(b"a,b\n1,2\n")
    os.environ.update(
        AWS_ENDPOINT_URL=NOWHERE,
        AWS_ACCESS_KEY_ID="x",
        AWS_SECRET_ACCESS_KEY="x",
        AWS_REGION="us-east-2",
        GITHUB_API_URL=NOWHERE,
    )
    from botocore.config import Config

    import covidlake
    from covidlake.aws import clients
    from covidlake.base.errors import LocalCloudError
    from covidlake.bundle import lint, package, template
    from covidlake.laptop import local
    from localcloud import cloud

    def refuse(*_: object, **__: object) -> NoReturn:
        raise LocalCloudError("no cloud starts in this test")

    clients.CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=1)
    cloud.launch = refuse
    local.control = refuse
    for module in pkgutil.walk_packages(covidlake.__path__, "covidlake."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)  # once here, and not in each child
    for service in (
        "athena",
        "cloudformation",
        "glue",
        "iam",
        "logs",
        "s3",
        "sns",
        "sqs",
        "stepfunctions",
        "sts",
    ):
        clients._client(service)
    template.build()
    lint.lint()  # half a minute, which no child has to spend again
    package.package()
    for arguments in (["history", "dev", "--format", "x"], ["plan", "nope"], ["history", "dev"]):
        _warm(arguments)
    gc.freeze()


def _warm(arguments: list[str]) -> None:
    """Have whatever a command imports late in this process, too."""
    from covidlake.__main__ import main

    sys.argv = ["covidlake", *arguments]
    with (
        contextlib.suppress(SystemExit),
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stderr(nowhere),
    ):
        main()


def run(case: Case) -> str:
    """Run one case in a child; what is wrong with how it ended, or an empty text."""
    with _replaced(case.file, case.content), Path("said").open("wb") as said:
        child = os.fork()
        if child == 0:
            _be_the_command(case, said.fileno())
        code = _wait(child)
    text = Path("said").read_bytes().decode(errors="replace")
    return _problem(case, code, text)


@contextlib.contextmanager
def _replaced(file: str, content: str) -> Iterator[None]:
    if not file:
        yield
        return
    path = Path(file)
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENTS[content])
    try:
        yield
    finally:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)


def _be_the_command(case: Case, output: int) -> NoReturn:
    code = 99
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(case.environment)
        sys.argv = ["covidlake", *case.arguments]
        from covidlake.__main__ import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(child: int) -> int:
    """The exit code; -1 if it had to be killed."""
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def _problem(case: Case, code: int, text: str) -> str:
    from covidlake.base.errors import EXIT_CODES
    from covidlake.commands.command_line import DEFECT

    broken: Mapping[str, bool] = {
        f"no end within {LIMIT_SECONDS} s": code == -1,
        "a traceback": "Traceback (most recent call last)" in text,
        "a defect": DEFECT in text,
        f"exit code {code}": code not in EXIT_CODES,
        "a control character": bool(CONTROL.search(text)),
        "a failure without a word": code != 0 and not text.strip(),
        "a success": code == 0 and case.never_succeeds,
        "more than 250,000 characters": len(text) > 250_000,
    }
    return next((name for name, is_so in broken.items() if is_so), "")


def main(results: Path, share: float, seed: int) -> None:
    """Try the cases; the last line of the results says how many there were."""
    prepare()
    tried = 0
    with results.open("w", encoding="utf-8") as lines:
        for case in cases(share, seed):
            tried += 1
            if problem := run(case):
                said = Path("said").read_bytes().decode(errors="replace")
                shown = {"problem": problem, "arguments": [one[:80] for one in case.arguments]}
                shown |= {"environment": case.environment, "file": case.file, "content": case.content}
                lines.write(json.dumps(shown | {"said": said[-1500:]}) + "\n")
                lines.flush()
        lines.write(json.dumps({"tried": tried}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
