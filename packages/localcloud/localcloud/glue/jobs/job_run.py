"""One job run from STARTING to its end: role, files, process, logs, time-out, stop."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localcloud import plugin, processes
from localcloud.glue.connections import network
from localcloud.glue.jobs import class_data, failure, settings
from localcloud.glue.jobs.job_files import JobFiles, JobRunError, buckets_of, fetch
from localcloud.glue.jobs.job_logs import LogFollower, LogStream
from localcloud.glue.jobs.waiting import Waiting
from localcloud.glue.jobs.waiting_jvm import WaitingJvm
from localcloud.plugin import refusals

RUNNER = Path(__file__).with_name("runner.py")
SESSION_NAME = "GlueJobRunnerSession"
DEFAULT_LOG_GROUP = "/aws-glue/jobs"
SUPPORTED_COMMANDS = ("glueetl", "pythonshell")

_logger = logging.getLogger(__name__)


class JobRun:
    """Runs the script of a job and keeps `record`, the JobRun that the API shows, up to date.

    It takes the JVM that waits, if there is one, with its folder.
    """

    def __init__(
        self,
        job: Mapping[str, Any],
        record: dict[str, Any],
        arguments: Mapping[str, str],
        waiting: Waiting | None = None,
    ) -> None:
        self.record = record
        self._job = job
        self._arguments = arguments
        self._waiting = waiting
        self._jvm: WaitingJvm | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped: tuple[str, str] | None = None
        self._lock = threading.Lock()
        self.ended = threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stopped is not None

    def execute(self) -> None:
        """Returns when the run has ended; its record says how."""
        state, message = "FAILED", "InternalServiceException: the local cloud could not run the job"
        try:
            state, message = self._execute()
        except JobRunError as error:
            message = str(error)
        except Exception as error:
            _logger.exception("job run %s", self.record["Id"])
            message = f"{message}: {type(error).__name__}: {error}"
        with self._lock:
            self._end(*(self._stopped or (state, message)))

    def stop(self, state: str = "STOPPED", message: str = "") -> None:
        """End the script and all that it started; the record gets `state` when they are gone."""
        with self._lock:
            if self.record["CompletedOn"]:
                return
            self._stopped = state, message
            self._update(JobRunState="STOPPING")
            self._kill()

    def _execute(self) -> tuple[str, str]:
        role = self._role()
        credentials = plugin.role_credentials(role, SESSION_NAME)
        s3 = plugin.client("s3", credentials)
        self._check_connections(credentials)
        with self._folder() as work:
            files = fetch(s3, self._job["Command"].get("ScriptLocation", ""), self._arguments, work)
            configuration = self._configuration(files, work)
            return self._run_process(files, configuration, self._environment(files, credentials, work), work)

    def _check_connections(self, credentials: Mapping[str, str]) -> None:
        """What Glue looks at before it starts workers in the network of a connection, with the job's role."""
        names = (self._job.get("Connections") or {}).get("Connections") or []
        if not names:
            return
        glue, ec2 = plugin.client("glue", credentials), plugin.client("ec2", credentials)
        try:
            for name in names:
                network.check(glue.get_connection(Name=name, HidePassword=True)["Connection"], ec2)
        except ClientError as error:
            raise JobRunError(error.response["Error"]["Message"]) from error
        except (network.NetworkError, refusals.UnsupportedError) as error:
            raise JobRunError(str(error)) from error

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        """The folder of this run: of the JVM that waited for it, else a new one. Ends all that runs in it."""
        self._jvm = self._waiting.take(self._arguments) if self._waiting else None
        if self._jvm:
            try:
                yield self._jvm.folder
            finally:
                self._jvm.end()
            return
        with tempfile.TemporaryDirectory(prefix="glue-run-", ignore_cleanup_errors=True) as folder:
            work = Path(folder).resolve()
            try:
                yield work
            finally:
                processes.end(work)

    def _role(self) -> str:
        """The ARN of the job's role, once Glue is known to be allowed to assume it."""
        command = self._job["Command"].get("Name")
        if command not in SUPPORTED_COMMANDS:
            raise JobRunError(refusals.not_supported(f"command {command}", "use glueetl"))
        name = str(self._job["Role"]).rpartition("/")[2]
        iam = plugin.client("iam")
        try:
            role = iam.get_role(RoleName=name)["Role"]
        except iam.exceptions.NoSuchEntityException:
            raise JobRunError(f"Role {self._job['Role']} of job {self._job['Name']} does not exist") from None
        if not trusts_glue(role["AssumeRolePolicyDocument"]):
            raise JobRunError(
                f"Role {role['Arn']} should be given assume role permissions for Glue Service: "
                "let its trust policy name glue.amazonaws.com"
            )
        return str(role["Arn"])

    def _configuration(self, files: JobFiles, work: Path) -> dict[str, Any]:
        identity = {"--JOB_NAME": self._job["Name"], "--JOB_RUN_ID": self.record["Id"]}
        arguments = {**self._arguments, **identity}
        try:
            conf = settings.parse_conf(self._arguments.get("--conf", ""))
        except ValueError as error:
            raise JobRunError(str(error)) from error
        return {
            "script": str(files.script),
            "arguments": [word for pair in arguments.items() for word in pair],
            "buckets": buckets_of(plugin.client("s3"), self._arguments),
            "conf": conf,
            "java_options": class_data.java_options(),
            "jvm": asdict(self._jvm.connection) if self._jvm else None,
            "work": str(work),
            "failure_file": str(work / "failure"),
            "remark": remark_on(str(self._job.get("GlueVersion") or "")),
        }

    def _environment(self, files: JobFiles, credentials: Mapping[str, str], work: Path) -> dict[str, str]:
        region = plugin.current_region()
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
            "HOME": str(work),
            "TMPDIR": str(work),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(str(path) for path in files.python_path),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": credentials["aws_session_token"],
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": plugin.endpoint_url(),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _run_process(
        self, files: JobFiles, configuration: dict[str, Any], environment: dict[str, str], work: Path
    ) -> tuple[str, str]:
        (work / "run.json").write_text(json.dumps(configuration))
        output, errors = work / "stdout", work / "stderr"
        # Appending: a JVM that waited writes to the same files.
        with output.open("ab") as stdout, errors.open("ab") as stderr, self._lock:
            if self._stopped:
                return self._stopped
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", str(RUNNER), str(work / "run.json")],
                cwd=files.script.parent,
                env=environment,
                stdin=subprocess.PIPE,  # closes with this server, and then the run ends itself
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            self._update(JobRunState="RUNNING")
        follower = LogFollower(self._streams(output, errors))
        try:
            return self._wait(self._process, work / "failure")
        finally:
            self._kill()
            follower.close()

    def _wait(self, process: subprocess.Popen[bytes], failure_file: Path) -> tuple[str, str]:
        minutes = self.record["Timeout"]
        try:
            status = process.wait(timeout=minutes * 60)
        except subprocess.TimeoutExpired:
            return "TIMEOUT", f"Job run exceeded its timeout of {minutes} minutes"
        if status == 0:
            return "SUCCEEDED", ""
        if failure_file.exists():
            return "FAILED", failure_file.read_text()
        return "FAILED", failure.message_of_exit(status)

    def _kill(self) -> None:
        if self._process is not None:
            kill_group(self._process.pid)
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()

    def _streams(self, output: Path, errors: Path) -> list[LogStream]:
        logs = plugin.client("logs")
        group, stream = self.record["LogGroupName"], self.record["Id"]
        if prefix := self._arguments.get("--custom-logStream-prefix"):
            stream = f"{prefix}-{stream}"
        return [
            LogStream(logs, f"{group}/output", stream, output),
            LogStream(logs, f"{group}/error", stream, errors),
        ]

    def _update(self, **fields: Any) -> None:
        self.record.update(fields, LastModifiedOn=time.time())

    def _end(self, state: str, message: str) -> None:
        now = time.time()
        seconds = int(now - self.record["StartedOn"])
        self._update(CompletedOn=now, ExecutionTime=seconds, ErrorMessage=message or None, JobRunState=state)


def kill_group(process: int) -> None:
    """Kill a process and all of its group; one that has gone is fine."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def trusts_glue(policy: Mapping[str, Any]) -> bool:
    """Whether a trust policy lets the Glue service assume the role."""
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        actions = statement.get("Action", [])
        if (
            statement.get("Effect") == "Allow"
            and "glue.amazonaws.com" in ([services] if isinstance(services, str) else services)
            and {"sts:AssumeRole", "sts:*", "*"} & set([actions] if isinstance(actions, str) else actions)
        ):
            return True
    return False


def remark_on(version: str) -> str:
    """What the log of a run says where its version of Glue has another Spark than this machine."""
    if not version or version.startswith("5."):
        return ""
    return f"Glue {version} has another release of Spark and Python: this run has those of Glue 5.1\n"
