"""`covidlake lint`: the templates, the state machines, the parameter files, the data set descriptions."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base import project
from covidlake.base.errors import LintError
from covidlake.bundle.manifest import template_name
from covidlake.bundle.sources import check_sources
from covidlake.dataset import descriptions
from covidlake.environment import environment_file, pipelines
from covidlake.environment.environment_file import SET_BY_DEPLOY

PASSED = project.BUILD / "lint-passed"
ARTIFACT = re.compile(rb"artifacts/[0-9a-f]{64}/")


@dataclass(frozen=True)
class Linted:
    summary: str


def lint() -> Linted:
    """Check what `covidlake build` wrote, every parameter file and every data set description.

    What passed once is not linted again until a file or a linter changes. Raises `LintError`,
    `EnvironmentFileError` or `DataSetError` with the first finding.
    """
    templates = {name: _template_path(name) for name in pipelines.names()}
    built = {name: _read(name, path) for name, path in templates.items()}
    environments = check_sources()
    for environment in environments:
        environment_file.check(environment, built[environment.of.pipeline])
    files = [*templates.values(), *(environment.path for environment in environments)]
    checked = _summary(list(templates), len(environments))
    digest = _digest(files)
    if PASSED.is_file() and PASSED.read_text(encoding="utf-8") == digest:
        return Linted(f"{checked}: unchanged since they passed")
    for template in built.values():
        lint_state_machines(template)
    deployment_files = ["--deployment-files", *(str(environment.path) for environment in environments)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(_run_cfn_lint, [[*map(str, templates.values())], deployment_files]))
    PASSED.write_text(digest, encoding="utf-8")
    return Linted(checked)


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
    what = "template" if len(names) == 1 else f"templates of {', '.join(names)}"
    return f"{what}, state machine, {files} parameter files, data sets {', '.join(descriptions.names())}"


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


def _digest(files: list[Path]) -> str:
    """Of what the linters see; which code an artifact holds, by which it is named, is nothing to them."""
    from importlib.metadata import version

    digest = hashlib.sha256(f"{version('cfn-lint')} {version('statelint')}".encode())
    for path in [*files, project.ROOT / ".cfnlintrc"]:
        digest.update(path.name.encode() + ARTIFACT.sub(b"artifacts/", path.read_bytes()))
    return digest.hexdigest()
