"""Runs the tests that a change reaches, and says what it left out: make test CHANGED=1, or CHANGED=REF.

A change reaches a test by imports, also through other modules (grimp reads them from the source, those inside
functions included), and by names: a string that names a file, a folder or a module, in the test or in what it
imports. So it sees what runs in a process of its own, a workflow, an environment file, which coverage of the
test's own process would not. Where a change reaches no test by these rules, or changes what is installed,
every test runs.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import grimp

ROOT = Path(__file__).resolve().parents[1]
PYTEST = ["-n", "2", "-m", "not prove", "--dist", "loadfile", "--no-loadscope-reorder"]
EVERYTHING = re.compile(
    r"Makefile|(.*/)?pyproject\.toml|(.*/)?requirements[^/]*(/[^/]+)?\.(txt|in)|tests/changed\.py"
)
LOADERS = {"executable", "import_module", "run_module", "run_path", "find_spec", "which"}
IN_TEXT = re.compile(r"(?:-m|import|from) +([\w.]+)|([\w.-]*[\w-][/.][\w./-]*\w)")


@dataclass(frozen=True)
class Selection:
    """The test files to run, and why it is all of them where it is."""

    tests: list[str]
    left_out: list[str]
    all_because: str = ""

    def __str__(self) -> str:
        if self.all_because:
            return f"every test runs: {self.all_because}"
        folders: dict[str, int] = defaultdict(int)
        for path in self.left_out:
            folders["/".join(PurePosixPath(path).parts[:-1][:3])] += 1
        left = ", ".join(f"{folder} {count}" for folder, count in sorted(folders.items()))
        return f"{len(self.tests)} test files run, {len(self.left_out)} are left out ({left or 'none'})"


@dataclass
class Source:
    """What a Python file says: strings, the constants that it makes of them, the names that it uses."""

    strings: set[str] = field(default_factory=set)
    constants: dict[str, set[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, text: str) -> Source:
        source = cls()
        for statement in ast.parse(text).body:
            part = cls()
            part._walk(statement)
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if isinstance(target, ast.Name) and target.id.isupper():
                source.constants[target.id] = part.strings
                source.names |= part.names - {target.id}
            else:
                source.strings |= part.strings
                source.names |= part.names
            source.imported |= part.imported
        return source

    def _walk(self, statement: ast.stmt) -> None:
        for node in ast.walk(statement):
            match node:
                case ast.Constant(value=str(text)):
                    self.strings |= words(text)
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    self.names.add(name)
                case ast.Import(names=names):
                    self.imported |= {alias.name for alias in names}
                case ast.ImportFrom(module=str(module), names=names):
                    self.imported |= {module, *(f"{module}.{alias.name}" for alias in names)}
                    self.names |= {alias.name for alias in names}


def words(text: str) -> set[str]:
    """What in a string may name a module or a path: all of it, or the parts of a command or of code."""
    parts = [text] if not re.search(r"\s", text) else [one or other for one, other in IN_TEXT.findall(text)]
    clean = {part.strip("/").removeprefix("./").rstrip(".") for part in parts}
    return clean | {part.rpartition("/")[2] for part in clean}


class Project:
    """The files that git knows, and which of them depends on which."""

    def __init__(self, root: Path) -> None:
        self.root = root
        options = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
        self.sources = sorted(options["pythonpath"], key=len, reverse=True)  # the deepest first
        listed = git(root, "ls-files", "--cached", "--others", "--exclude-standard")
        self.files = [path for path in listed if (root / path).is_file()]
        self.tests = [path for path in self.files if re.search(r"(^|/)test_[^/]*\.py$", path)]
        self.modules = {self.module(path): path for path in self.files if path.endswith(".py")}

    def module(self, path: str) -> str:
        """The name that Python imports a file by; of a script, its path with dots."""
        folder = next((one for one in self.sources if path.startswith(f"{one}/")), "")
        parts = PurePosixPath(path).relative_to(folder).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def packages(self) -> list[str]:
        """The folders of code at the top of each source root; a folder that holds a source root is none."""
        tops = {name.split(".")[0] for name in self.modules if "." in name}
        outer = {source.split("/")[0] for source in self.sources}
        return sorted(top for top in tops - outer if top.isidentifier())

    @cached_property
    def said(self) -> dict[str, Source]:
        paths = [path for path in self.files if path.endswith(".py")]
        return {path: Source.read((self.root / path).read_text(encoding="utf-8")) for path in paths}

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """The files that import each file, directly."""
        found: dict[str, set[str]] = defaultdict(set)
        folders = [str(self.root / source) for source in self.sources]
        sys.path[:0] = [folder for folder in folders if folder not in sys.path]
        graph = grimp.build_graph(*self.packages, cache_dir=None)
        for path, source in self.said.items():
            name = self.module(path)
            in_graph = name in graph.modules
            names = graph.find_modules_directly_imported_by(name) if in_graph else source.imported
            parents = {name.rpartition(".")[0], *(one.rpartition(".")[0] for one in names)}
            for one in {*names, *parents}:
                if one in self.modules:
                    found[self.modules[one]].add(path)
        return found

    @cached_property
    def mentioners(self) -> dict[str, set[str]]:
        """The Python files that name a word: in a string of their own, or by a constant made of one.

        A constant is named by its own file and by those that import it: others may have one of that name.
        """
        found: dict[str, set[str]] = defaultdict(set)
        users: dict[str, set[str]] = defaultdict(set)
        for path, source in self.said.items():
            for name in source.names:
                users[name].add(path)
            for word in source.strings:
                found[word].add(path)
        for path, source in self.said.items():
            near = {path, *self.importers[path]}
            for name, strings in source.constants.items():
                for word in strings:
                    found[word] |= users[name] & near
        return found

    def names_of(self, path: str) -> Iterator[str]:
        """How a string may name a file: its path, a folder that it is in, its name, its module or package."""
        whole = PurePosixPath(path)
        yield from (str(whole), whole.name)
        yield from (str(folder) for folder in whole.parents if folder.name)
        if path.endswith(".py"):
            parts = self.module(path).split(".")
            yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))

    def dependents(self, path: str) -> set[str]:
        found = set(self.importers[path])
        folder, name = path.rpartition("/")[::2]
        if name == "conftest.py":
            found |= {one for one in self.said if one.startswith(f"{folder}/")}
        if name == "__init__.py":
            found |= {one for one in self.said if one.startswith(f"{folder}/")}
        if not path.endswith(".py"):
            found |= {one for one in self.said if one.rpartition("/")[0] == folder != ""}
        for word in self.names_of(path):
            found |= {one for one in self.mentioners.get(word, ()) if self.loads(one, word, path)}
        return found if is_benchmark(path) else {one for one in found if not is_benchmark(one)}

    def loads(self, mentioner: str, word: str, path: str) -> bool:
        """Whether a name in a string is more than a word: product code names its own packages in messages.

        It does load or ship what no other module imports: a script, a handler, a file of data. A package it
        starts by name where it starts Python.
        """
        if is_of_tests(mentioner) or is_of_tests(path):
            return is_of_tests(mentioner)
        if word in self.imported_packages or word in self.modules:
            starts_python = LOADERS & self.said[mentioner].names
            return bool(starts_python) and self.module(mentioner).split(".")[0] in self.imported_packages
        return all(map(is_of_tests, self.importers[path]))

    @cached_property
    def imported_packages(self) -> set[str]:
        """The packages that product code imports: their names are words of its messages, too."""
        used = [path for path, importers in self.importers.items() if not all(map(is_of_tests, importers))]
        return {self.module(path).split(".")[0] for path in used}

    def touched_by(self, path: str) -> set[str]:
        """The test files that a changed file reaches."""
        seen, waiting = {path}, [path]
        while waiting:
            fresh = self.dependents(waiting.pop()) - seen
            seen |= fresh
            waiting += fresh
        return seen.intersection(self.tests)

    def select(self, changed: Iterable[str]) -> Selection:
        tests: set[str] = set()
        for path in sorted(changed):
            if EVERYTHING.fullmatch(path):
                return Selection(self.tests, [], f"{path} is what every test runs with")
            if path not in self.files:
                return Selection(self.tests, [], f"{path} is gone, and who used it is not known")
            if not (touched := self.touched_by(path)):
                return Selection(self.tests, [], f"no test is known to use {path}")
            tests |= touched
        return Selection(sorted(tests), sorted(set(self.tests) - tests))


def is_of_tests(path: str) -> bool:
    return "tests" in PurePosixPath(path).parts


def is_benchmark(path: str) -> bool:
    """A benchmark uses the product and nothing uses it: only its own changes reach a test through it."""
    return path.startswith("benchmarks/")


def git(root: Path, *words: str) -> list[str]:
    """The paths that a git command lists."""
    command = ["git", "-C", str(root), *words, "-z"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"error: {' '.join(command)}: {done.stderr.strip()}")
    return [path for path in done.stdout.split("\0") if path]


def changes(root: Path, base: str) -> set[str]:
    """The files that differ from where this branch left `base`: committed, staged, neither, or new."""
    known = ["git", "-C", str(root), "rev-parse", "--quiet", "--verify", f"{base}^{{commit}}"]
    if subprocess.run(known, capture_output=True).returncode:
        raise SystemExit(f"error: CHANGED={base}: no such commit: name a branch or commit")
    found = subprocess.run(
        ["git", "-C", str(root), "merge-base", base, "HEAD"], capture_output=True, text=True
    )
    if found.returncode:
        raise SystemExit(f"error: CHANGED={base} has no commit in common with HEAD: name a branch or commit")
    differ = git(root, "diff", "--no-renames", "--name-only", found.stdout.strip())
    return {*differ, *git(root, "ls-files", "--others", "--exclude-standard")}


def main(base: str) -> int:
    base = "origin/main" if base == "1" else base
    changed = changes(ROOT, base)
    if not changed:
        print(f"nothing differs from {base}: no test runs")
        return 0
    selection = Project(ROOT).select(changed)
    differ = "1 file differs" if len(changed) == 1 else f"{len(changed)} files differ"
    note = f"CHANGED: {differ} from {base}: {selection}"
    print(note, flush=True)
    code = subprocess.run([sys.executable, "-m", "pytest", *PYTEST, *selection.tests], cwd=ROOT).returncode
    print(note if selection.all_because else f"{note}; make test runs them all")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
