"""`covidlake lint`: the template, the state machine, the parameter files, the data set descriptions."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base import project
from covidlake.base.errors import LintError
from covidlake.dataset import descriptions
from covidlake.environment import drift_ignore, environment_file, environment_names

PASSED = project.BUILD / "lint-passed"


@dataclass(frozen=True)
class Linted:
    summary: str


def lint() -> Linted:
    """Check what `covidlake build` wrote, every parameter file and every data set description.

    What passed once is not linted again until a file or a linter changes. Raises `LintError`,
    `EnvironmentFileError` or `DataSetError` with the first finding.
    """
    if not project.TEMPLATE.is_file():
        raise LintError(f"{project.relative(project.TEMPLATE)} is missing: make it with: covidlake build")
    template = json.loads(project.TEMPLATE.read_text(encoding="utf-8"))
    environments = [environment_file.load(name) for name in environment_file.names()]
    environment_names.check_files(environment.path for environment in environments)
    for environment in environments:
        environment_file.check(environment, template)
        drift_ignore.read(environment.path)
    descriptions.check(environments)
    files = [project.TEMPLATE, *(environment.path for environment in environments)]
    described = ", ".join(descriptions.names())
    checked = f"template, state machine, {len(environments)} parameter files, data sets {described}"
    digest = _digest(files)
    if PASSED.is_file() and PASSED.read_text(encoding="utf-8") == digest:
        return Linted(f"{checked}: unchanged since they passed")
    lint_state_machines(template)
    deployment_files = ["--deployment-files", *(str(environment.path) for environment in environments)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(_run_cfn_lint, [[str(project.TEMPLATE)], deployment_files]))
    PASSED.write_text(digest, encoding="utf-8")
    return Linted(checked)


def lint_state_machines(template: dict[str, Any]) -> None:
    """Raise `LintError` with statelint's first finding in a state machine of the template."""
    from infra.common import partitions
    from infra.common.states import checks

    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::StepFunctions::StateMachine":
            continue
        if problems := checks.lint(partitions.public_arns(resource["Properties"]["Definition"])):
            raise LintError(f"state machine {logical_id}: {problems[0]}{_more(problems)}")


def _run_cfn_lint(arguments: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", *arguments]
    done = subprocess.run(command, cwd=project.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        findings = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise LintError(f"cfn-lint: {findings[0] if findings else 'no output'}{_more(findings)}")


def _more(findings: list[str]) -> str:
    return f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""


def _digest(files: list[Path]) -> str:
    from importlib.metadata import version

    digest = hashlib.sha256(f"{version('cfn-lint')} {version('statelint')}".encode())
    for path in [*files, project.ROOT / ".cfnlintrc"]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
