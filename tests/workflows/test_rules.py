"""What the workflow files must keep and act cannot show: pins, permissions, environments, queues."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import typer
import yaml

from covidlake.commands.command_line import app
from covidlake.run import pipelines
from tests.workflows import act_rig
from tests.workflows.files import FILES

# https://docs.github.com/actions: what may run beside our code, reviewed when its pin changes.
ALLOWED_ACTIONS = {
    "actions/checkout",
    "actions/deploy-pages",
    "actions/download-artifact",
    "actions/setup-python",
    "actions/upload-artifact",
    "actions/upload-pages-artifact",
    "aws-actions/configure-aws-credentials",
}
# The permission to write that each job has, and no other job has any.
WRITES = {
    ("ci.yml", "preview-dev"): {"id-token"},
    ("ci.yml", "preview-staging"): {"id-token"},
    ("ci.yml", "preview-prod"): {"id-token"},
    ("ci.yml", "comment"): {"pull-requests"},
    ("ci.yml", "deploy"): {"id-token"},
    ("deploy.yml", "dev"): {"id-token"},
    ("deploy.yml", "smoke-dev"): {"id-token"},
    ("deploy.yml", "staging"): {"id-token"},
    ("deploy.yml", "smoke-staging"): {"id-token"},
    ("deploy.yml", "prod"): {"id-token"},
    ("deploy.yml", "one"): {"id-token"},
    ("deploy-environment.yml", "deploy"): {"id-token"},
    ("smoke.yml", "smoke"): {"id-token"},
    ("ingest.yml", "ingest"): {"id-token"},
    ("ingest.yml", "report"): {"issues"},
    ("drift.yml", "dev"): {"id-token"},
    ("drift.yml", "staging"): {"id-token"},
    ("drift.yml", "prod"): {"id-token"},
    ("drift.yml", "report"): {"issues"},
    ("status-site.yml", "build"): {"id-token"},
    ("status-site.yml", "deploy"): {"pages", "id-token"},
    ("preview-stack.yml", "deploy"): {"id-token"},
    ("preview-stack.yml", "delete"): {"id-token"},
    ("preview-stack.yml", "sweep"): {"id-token"},
}
PAGES = "pages"  # the permission of the one job that publishes
CREDENTIALS = "aws-actions/configure-aws-credentials"
BASE = "${{ github.event.pull_request.base.sha }}"


@dataclass(frozen=True)
class Job:
    file: str
    name: str
    content: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.content.get("steps", []))

    def uses(self, action: str) -> list[dict[str, Any]]:
        return [step for step in self.steps if step.get("uses", "").startswith(f"{action}@")]

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"


JOBS = [Job(file, name, job) for file, content in FILES.items() for name, job in content["jobs"].items()]
RUNNING = [job for job in JOBS if "runs-on" in job.content]
ACTIONS = {
    path.parent.name: yaml.safe_load(path.read_text())
    for path in sorted(act_rig.ROOT.glob(".github/actions/*/action.yml"))
}


def all_steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for job in JOBS:
        yield from ((str(job), step) for step in job.steps)
    for name, action in ACTIONS.items():
        yield from ((f"action {name}", step) for step in action["runs"]["steps"])


def texts() -> Iterator[tuple[str, str]]:
    for path in [*act_rig.WORKFLOWS.glob("*.yml"), *act_rig.ROOT.glob(".github/actions/*/action.yml")]:
        yield path.name, path.read_text()


def test_every_action_is_pinned_allowed_and_has_a_stub() -> None:
    pinned = {name for name, _ in act_rig.pins()}
    assert pinned == ALLOWED_ACTIONS
    assert len(act_rig.pins()) == len(pinned), "one action, two commits"
    for _, text in texts():
        for line in re.findall(r"uses: (.*)", text):
            assert line.startswith("./") or act_rig.PIN.fullmatch(f"uses: {line}"), line
    for name in pinned:
        assert (act_rig.STUBS / name.split("/")[1] / "action.yml").is_file(), name


@pytest.mark.parametrize(("where", "step"), [item for item in all_steps() if "uses" in item[1]])
def test_a_stub_takes_what_a_step_gives_and_needs_what_it_must(where: str, step: dict[str, Any]) -> None:
    local = step["uses"].startswith("./")
    name = step["uses"].split("/")[-1].split("@")[0]
    declared = yaml.safe_load((act_rig.STUBS / name / "action.yml").read_text())["inputs"]
    given = step.get("with", {})
    assert set(given) <= set(declared), f"{where}: unknown to the stub of {name}"
    if not local and name != "checkout":  # without a ref act does the checkout itself
        needed = {key for key, value in declared.items() if value.get("required")}
        assert needed <= set(given), f"{where}: {name} needs more"


def test_the_stub_of_setup_takes_what_the_action_takes() -> None:
    stub = yaml.safe_load((act_rig.STUBS / "setup" / "action.yml").read_text())
    assert stub["inputs"]["profile"]["default"] == ACTIONS["setup"]["inputs"]["profile"]["default"]


def test_nothing_is_permitted_that_no_job_asks_for() -> None:
    assert all(content["permissions"] == {} for content in FILES.values())
    writes = {
        (job.file, job.name): found
        for job in JOBS
        if (found := {key for key, value in job.content["permissions"].items() if value == "write"})
    }
    assert writes == WRITES
    reads = {key for job in JOBS for key, value in job.content["permissions"].items() if value == "read"}
    assert reads <= {"contents", "actions", "pull-requests"}


def test_each_permission_says_what_it_is_for() -> None:
    for name, text in texts():
        for line in re.findall(r"^ +(?:[a-z-]+): (?:read|write)\b.*$", text, re.MULTILINE):
            assert re.search(r" # \S", line), f"{name}: {line}"


@pytest.mark.parametrize("job", RUNNING, ids=str)
def test_a_job_ends_and_runs_on_a_named_system(job: Job) -> None:
    assert job.content["runs-on"] == "ubuntu-24.04"
    assert 0 < job.content["timeout-minutes"] <= 360
    assert job.content["name"]


@pytest.mark.parametrize("job", RUNNING, ids=str)
def test_a_token_never_stays_in_the_checkout(job: Job) -> None:
    if PAGES in job.content["permissions"]:
        assert [step["uses"].split("@")[0] for step in job.steps] == ["actions/deploy-pages"], (
            "no code of ours"
        )
        return
    (checkout,) = job.uses("actions/checkout")
    assert checkout["with"]["persist-credentials"] is False


def test_no_pull_request_reaches_secrets_by_a_trigger() -> None:
    for content in FILES.values():
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(content["on"])


def test_no_expression_is_pasted_into_a_script_and_nothing_is_cached() -> None:
    for where, step in all_steps():
        assert "${{" not in step.get("run", ""), where
        assert "cache" not in str(step.get("with", {})) + step.get("uses", ""), where


@pytest.mark.parametrize("job", [job for job in RUNNING if job.content["permissions"].get("issues")], ids=str)
def test_who_writes_on_github_has_no_aws(job: Job) -> None:
    assert "id-token" not in job.content["permissions"]
    assert not job.uses(CREDENTIALS)


@pytest.mark.parametrize("job", RUNNING, ids=str)
def test_only_a_job_that_takes_a_role_on_may_ask_for_a_token(job: Job) -> None:
    takes = bool(job.uses(CREDENTIALS)) or PAGES in job.content["permissions"]
    assert takes == (job.content["permissions"].get("id-token") == "write")


def test_a_site_is_published_only_where_a_variable_asks_for_it_and_without_a_role_of_aws() -> None:
    publishing = [job for job in RUNNING if PAGES in job.content["permissions"]]
    assert [str(job) for job in publishing] == ["status-site.yml:deploy"]
    (deploy,) = publishing
    build = FILES["status-site.yml"]["jobs"]["build"]
    assert build["if"] == "vars.STATUS_SITE_ENVIRONMENT != ''"
    assert deploy.content["needs"] == "build"
    assert "if" not in deploy.content, "it is left out with the job that it needs"
    assert deploy.content["environment"]["name"] == "github-pages"
    assert not deploy.uses(CREDENTIALS)
    assert set(FILES["status-site.yml"]["on"]) == {"schedule", "workflow_dispatch"}, "main alone is published"


BESIDE_CREDENTIALS = [
    job
    for job in RUNNING
    if (job.uses(CREDENTIALS) or "pull-requests" in job.content["permissions"])
    and "pull_request" in FILES[job.file]["on"]
    and job.name != "sweep"  # never for a pull request
]


@pytest.mark.parametrize("job", BESIDE_CREDENTIALS, ids=str)
def test_the_code_of_a_pull_request_never_runs_beside_credentials(job: Job) -> None:
    (checkout,) = job.uses("actions/checkout")
    assert checkout["with"]["ref"] == BASE
    assert job.steps.index(checkout) == 0


def test_credentials_come_only_to_pull_requests_of_this_repository() -> None:
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for name in ("preview-dev", "preview-staging", "preview-prod"):
        assert own in FILES["ci.yml"]["jobs"][name]["if"]
    jobs = FILES["preview-stack.yml"]["jobs"]
    assert own in jobs["build"]["if"]
    assert jobs["deploy"]["needs"] == "build"
    assert own in jobs["delete"]["if"]
    assert "github.event_name != 'pull_request'" in jobs["sweep"]["if"]


@pytest.mark.parametrize("job", [job for job in RUNNING if job.uses(CREDENTIALS)], ids=str)
def test_a_role_is_taken_on_in_the_environment_whose_tokens_it_trusts(job: Job) -> None:
    """The roles' trust policies name these subjects (infra/bootstrap/github_trust.py)."""
    (credentials,) = job.uses(CREDENTIALS)
    role, environment = credentials["with"]["role-to-assume"], job.content.get("environment")
    named = job.content["env"]["ENVIRONMENT"]
    if "PLAN" in role:
        assert environment is None  # the subject of a pull request is that of a job in no environment
        assert role == f"${{{{ vars.AWS_PLAN_ROLE_ARN_{named.upper()} }}}}"
    elif "DEPLOY" in role:
        assert environment == named
    else:
        assert re.search("AWS_(OPS|DRIFT)_ROLE_ARN", role)
        assert environment == f"{named}-ops"  # which has no reviewers: nobody is awake for a schedule


def test_a_running_deploy_or_ingestion_is_never_cancelled() -> None:
    groups = {str(job): job.content["concurrency"] for job in JOBS if "concurrency" in job.content}
    assert groups["smoke.yml:smoke"]["group"] == "ingest-${{ inputs.environment }}"
    assert all(group["cancel-in-progress"] is False for group in groups.values())
    whole = {file: content["concurrency"] for file, content in FILES.items() if "concurrency" in content}
    assert set(whole) == {file for file, content in FILES.items() if "workflow_call" not in content["on"]} | {
        "deploy.yml"
    }
    cancelling = {file for file, group in whole.items() if group["cancel-in-progress"] is not False}
    assert cancelling == {"ci.yml"}
    assert "pull_request" in whole["ci.yml"]["cancel-in-progress"]
    assert "github.sha" in whole["ci.yml"]["group"], "a push must not wait for, or end, another push"


def test_what_waits_is_replaced_only_where_the_next_one_does_the_same() -> None:
    """A second search for drift finds what the first would have, a later site says more than an earlier one.

    No push and no promotion has a rival.
    """
    groups = {str(job): job.content["concurrency"] for job in JOBS if "concurrency" in job.content}
    groups |= {file: content["concurrency"] for file, content in FILES.items() if "concurrency" in content}
    single = {name for name, group in groups.items() if group.get("queue", "single") == "single"}
    assert single == {"ci.yml", "deploy.yml", "drift.yml", "prove.yml", "status-site.yml"}
    assert groups["deploy.yml"]["group"] == "deploy-${{ github.run_id }}"


def test_promotion_is_a_chain_and_not_a_matrix() -> None:
    jobs = FILES["deploy.yml"]["jobs"]
    chain = ["dev", "smoke-dev", "staging", "smoke-staging", "prod"]
    needs = {"smoke-dev": "dev", "staging": chain[:2], "smoke-staging": "staging", "prod": chain[:4]}
    assert {name: jobs[name]["needs"] for name in chain if "needs" in jobs[name]} == needs
    assert not any("strategy" in job.content for job in JOBS)
    for name in ("dev", "staging", "prod"):
        assert jobs[name]["with"] == {"environment": name, "digest": "${{ inputs.digest }}"}
        assert "always()" not in jobs[name].get("if", "")
        assert "failure()" not in jobs[name].get("if", ""), "it says nothing of a job that was cancelled"


def test_the_gate_waits_for_all_that_a_pull_request_needs() -> None:
    jobs = FILES["ci.yml"]["jobs"]
    assert set(jobs["gate"]["needs"]) == set(jobs) - {"gate", "deploy"}
    assert jobs["gate"]["if"] == "always()"


def test_only_main_is_deployed() -> None:
    assert FILES["ci.yml"]["on"]["push"] == {"branches": ["main"]}
    assert FILES["ci.yml"]["jobs"]["deploy"]["if"] == (
        "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    )


def test_schedules_avoid_the_busy_minutes() -> None:
    for content in FILES.values():
        for schedule in content["on"].get("schedule", []):
            minute = int(schedule["cron"].split()[0])
            assert minute % 5, schedule


def test_by_hand_the_ingestion_takes_environment_pipeline_what_to_read_and_force() -> None:
    inputs = FILES["ingest.yml"]["on"]["workflow_dispatch"]["inputs"]
    assert set(inputs) == {
        *("environment", "pipeline", "datasets", "tables", "compare-keys", "from", "to", "force"),
    }
    assert inputs["pipeline"]["options"] == pipelines.names()


PARTS = {"test-unit", "test-integration", "test-browser", "test-jobs", "test-cloud", "test-workflows"}


def test_the_parts_that_ci_runs_are_all_that_make_test_runs() -> None:
    makefile = (act_rig.ROOT / "Makefile").read_text()

    def folders(target: str) -> set[str]:
        (recipe,) = re.findall(rf"^{target}: .*\n(?:ifeq.*\n)?\t(.*)$", makefile, re.MULTILINE)
        return set(re.findall(r"(?<!--ignore )(?:packages/localcloud/)?tests/?[\w/]*", recipe))

    ran = {words[1] for _, words, _ in commands() if words[0] == "make"}
    assert ran >= PARTS
    parts = set().union(*map(folders, PARTS))
    for folder in folders("test"):
        assert any(f"{folder}/".startswith(f"{part}/") for part in parts), folder
    left_out = set(re.findall(r"--ignore (\S+)", makefile))
    assert left_out <= parts, "what one part leaves out, another one runs"


def reporting() -> Iterator[Job]:
    """The jobs that run an ingestion and wait for it."""
    for job in RUNNING:
        scripts = " ".join(step.get("run", "") for step in job.steps)
        if re.search(r"make run\b|covidlake (ingest|smoke)\b", scripts):
            yield job


def test_each_job_that_ingests_uploads_a_page_that_a_browser_opens_and_links_it() -> None:
    assert {str(job) for job in reporting()} == {
        "ci.yml:cloud-tests",
        "ingest.yml:ingest",
        "smoke.yml:smoke",
    }
    for job in reporting():
        (upload,) = [
            one for one in job.uses("actions/upload-artifact") if one["with"].get("archive") is False
        ]
        assert upload["with"]["path"].endswith(".html"), job
        assert "*" not in upload["with"]["path"], "a file without an archive is one file"
        assert "name" not in upload["with"], "without an archive its name is that of the file"
        (link,) = [one for one in job.steps if "report-link" in one.get("run", "")]
        assert link["env"]["PAGE"] == f"${{{{ steps.{upload['id']}.outputs.artifact-url }}}}", job
        assert f"steps.{upload['id']}.outputs.artifact-url" in link["if"], (
            "what was not uploaded is not linked"
        )
        assert all("!cancelled()" in one["if"] for one in (upload, link)), "a failure has a report too"


def test_what_is_not_one_page_for_a_browser_stays_an_archive() -> None:
    for job in JOBS:
        for step in job.uses("actions/upload-artifact"):
            if not step["with"]["path"].endswith(".html"):
                assert "archive" not in step["with"], job
                assert step["with"]["name"], job


def test_nothing_is_packaged_before_everything_is_tested() -> None:
    jobs = FILES["ci.yml"]["jobs"]
    checks = {
        name
        for name, job in jobs.items()
        if any("make" in step.get("run", "") for step in job.get("steps", []))
    }
    assert set(jobs["build"]["needs"]) == checks
    assert len(checks) == 5
    assert not any("needs" in jobs[name] or "if" in jobs[name] for name in checks), "one waits for another"


def commands() -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    for where, step in all_steps():
        script = step.get("run", "").replace("\\\n", " ")
        for line in script.splitlines():
            yield where, shlex.split(line), step.get("env", {})


@pytest.mark.parametrize(("where", "words", "environment"), list(commands()))
def test_every_step_calls_the_cli_as_it_is(where: str, words: list[str], environment: dict[str, Any]) -> None:
    if words[0] == "make":
        targets = {"lint", "run", "prove", *PARTS, "install-$PROFILE"}
        assert len(words) == 2
        assert words[1] in targets, where
        return
    assert words[0] == ".venv/bin/covidlake", where
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while hasattr(command, "commands"):
        assert rest[0] in command.commands, f"{where}: no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= options, where
    variables = {
        name
        for parameter in command.params
        for name in ([parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or [])
    }
    assert {name for name in environment if name.startswith("COVIDLAKE_")} <= variables, where


def test_new_versions_wait_before_they_are_proposed() -> None:
    updates = yaml.safe_load((act_rig.ROOT / ".github/dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "uv"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)


def test_owners_review_the_workflows_and_prod() -> None:
    lines = (act_rig.ROOT / ".github/CODEOWNERS").read_text().splitlines()
    owned = {line.split()[0] for line in lines if line and not line.startswith("#")}
    assert {"/.github/", "/environments/prod.yaml"} <= owned


def test_each_suppression_of_a_finding_has_its_reason() -> None:
    text = (act_rig.ROOT / ".github/zizmor.yml").read_text()
    for name, rule in yaml.safe_load(text)["rules"].items():
        assert rule
        assert re.search(rf"^  {name}:\n    # \S", text, re.MULTILINE), name
    for name, content in texts():
        assert "zizmor: ignore" not in content, name
        assert "shellcheck disable" not in content, name
