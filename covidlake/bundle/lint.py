"""`covidlake lint`: the templates, the state machines, the parameter files, the data set descriptions."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base import project
from covidlake.base.errors import LintError
from covidlake.base.text import count
from covidlake.bundle.manifest import template_name
from covidlake.bundle.sources import check_sources
from covidlake.dataset import descriptions
from covidlake.environment import environment_file, pipelines
from covidlake.environment.environment_file import SET_BY_DEPLOY
from covidlake.environment.pipeline_environment import PipelineEnvironment

PASSED = project.BUILD / "lint-passed"
LEFT_OUT = "; all others: covidlake lint"
KEPT = 200  # digests of what passed
# Beside the linters' versions, what decides what they find.
SETTINGS = (".cfnlintrc", "infra/common/states/definition_checks.py", "infra/common/partitions.py")
ARTIFACT = re.compile(rb"artifacts/[0-9a-f]{64}/")


@dataclass(frozen=True)
class Linted:
    summary: str


def lint(only: PipelineEnvironment | None = None) -> Linted:
    """Check what `covidlake build` wrote, every parameter file and every data set description.

    The linters read `only` what an environment deploys, if one is given. What passed once they read again
    when it, its template or a linter changes. Raises `LintError`, `EnvironmentFileError` or
    `DataSetError` with the first finding.
    """
    templates = {name: _template_path(name) for name in pipelines.names()}
    built = {name: _read(name, path) for name, path in templates.items()}
    environments = check_sources()
    for environment in environments:
        environment_file.check(environment, built[environment.of.pipeline])
    chosen = [one for one in environments if only in (None, one.of)]
    shown = {name: path for name, path in templates.items() if only is None or name == only.pipeline}
    passed = _passed()
    digests = {path: _digest(path) for path in shown.values()}
    digests |= {one.path: _digest(one.path, templates[one.of.pipeline]) for one in chosen}
    checked = _summary(list(shown), len(chosen)) + (LEFT_OUT if only else "")
    left = [path for path, digest in digests.items() if digest not in passed]
    if not left:
        return Linted(f"{checked}: unchanged since they passed")
    for name, path in shown.items():
        if path in left:
            lint_state_machines(built[name])
    _run_cfn_lints(left, set(shown.values()))
    PASSED.write_text("\n".join(list(dict.fromkeys([*digests.values(), *passed]))[:KEPT]), encoding="utf-8")
    return Linted(checked)


def _passed() -> list[str]:
    """The digests of what passed, the last first."""
    return PASSED.read_text(encoding="utf-8").split() if PASSED.is_file() else []


def _run_cfn_lints(paths: list[Path], templates: Collection[Path]) -> None:
    """Templates beside deployment files: cfn-lint takes one kind at a time."""
    of_templates = [str(path) for path in paths if path in templates]
    deployment_files = [str(path) for path in paths if path not in templates]
    asked = [of_templates] if of_templates else []
    if deployment_files:
        asked.append(["--deployment-files", *deployment_files])
    with ThreadPoolExecutor() as pool:
        list(pool.map(_run_cfn_lint, asked))


def _template_path(pipeline: str) -> Path:
    return project.TEMPLATE.parent / template_name(pipeline)


def _read(pipeline: str, path: Path) -> dict[str, Any]:
    """A built template, which must have what the tools need of every pipeline's."""
    if not path.is_file():
        raise LintError(f"{project.relative(path)} is missing: make it with: covidlake build")
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if missing := sorted(SET_BY_DEPLOY - set(template.get("Parameters", {}))):
        raise LintError(
            f"{project.relative(path)}: parameter {missing[0]} is missing: add the group deployment() of "
            f"infra.common.parameters to infra/{pipeline}/template.py"
        )
    return template


def _summary(names: list[str], files: int) -> str:
    what = f"{'template' if len(names) == 1 else 'templates'} of {', '.join(names)}"
    parameters = count(files, "parameter file")
    return f"{what}, state machine, {parameters}, data sets {', '.join(descriptions.names())}"


def lint_state_machines(template: dict[str, Any]) -> None:
    """Raise `LintError` with statelint's first finding in a state machine of the template."""
    from infra.common import partitions
    from infra.common.states import definition_checks

    for logical_id, resource in template["Resources"].items():
        definition = resource.get("Properties", {}).get("Definition")
        if resource["Type"] != "AWS::StepFunctions::StateMachine" or definition is None:
            continue
        if problems := definition_checks.lint(partitions.public_arns(definition)):
            raise LintError(f"state machine {logical_id}: {problems[0]}{_more(problems)}")


def _run_cfn_lint(arguments: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", *arguments]
    done = subprocess.run(command, cwd=project.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).replace(f"{project.ROOT}/", "")
        findings = [line for line in said.splitlines() if line.strip()]
        raise LintError(f"cfn-lint: {findings[0] if findings else 'no output'}{_more(findings)}")


def _more(findings: list[str]) -> str:
    return f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""


def _digest(*files: Path) -> str:
    """Of what the linters see; which code an artifact holds, by which it is named, is nothing to them."""
    from importlib.metadata import version

    digest = hashlib.sha256(f"{version('cfn-lint')} {version('statelint')}".encode())
    for path in [*files, *(project.ROOT / name for name in SETTINGS)]:
        digest.update(path.name.encode() + ARTIFACT.sub(b"artifacts/", path.read_bytes()))
    return digest.hexdigest()
