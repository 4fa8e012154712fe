"""Every error that a user can cause, in one tree. Each message is one line: what, which value, a hint.

CovidLakeError                      exit code 1
├── ProjectError                                3   a file of the repository is wrong
│   ├── EnvironmentFileError
│   ├── LintError
│   ├── DataSetError
│   ├── BundleError
│   ├── PlanError
│   ├── PriceError
│   └── ReportError
├── CloudError                                  4   the cloud cannot be reached or refuses the call
│   ├── CredentialsError
│   ├── LocalCloudError
│   ├── StackNotFoundError
│   └── WrongTargetError
├── GateError                                   1   a job that the event needs did not succeed
│   └── DataChangeError                         12  the data would change in a way that somebody must accept
├── SourceError                                 5   there are no source objects
├── DeployError                                 6   the deploy failed or was refused
│   ├── StackBusyError                          10  something else works on the stack
│   └── StackFailedError                        6   the stack did not end in success
├── IngestionError                              7   the execution did not succeed
│   └── StillRunningError                       11  the execution has not ended yet
├── QueryError                                  8   Athena did not answer
└── GitHubError                                 9   GitHub cannot be reached or refuses the call
"""

from __future__ import annotations

DRIFT_FOUND = 2
INTERRUPTED = 130

# What `--help` and the documentation show; the codes of errors stand in their classes.
EXIT_CODES = {
    0: "done",
    1: "other failure",
    2: "wrong usage, or drift found",
    3: "a file of the repository is wrong",
    4: "the cloud cannot be reached or refuses the call",
    5: "no source objects",
    6: "the deploy failed or was refused",
    7: "the ingestion did not succeed",
    8: "the query failed",
    9: "GitHub cannot be reached or refuses the call",
    10: "something else works on the stack",
    11: "the ingestion still runs",
    12: "the data would change in a way that somebody must accept",
    INTERRUPTED: "interrupted",
}


class CovidLakeError(Exception):
    """Anything that ends a command with one line on standard error."""

    exit_code = 1


class ProjectError(CovidLakeError):
    """A file of the repository is wrong."""

    exit_code = 3


class EnvironmentFileError(ProjectError):
    """A file in `environments/` is missing, malformed or does not fit the template."""


class LintError(ProjectError):
    """The template, the state machine or a parameter file breaks a rule."""


class DataSetError(ProjectError):
    """No file in `jobs/datasets/` describes the data set."""


class BundleError(ProjectError):
    """The bundle is missing or incomplete."""


class PlanError(ProjectError):
    """The reviewed plan is missing, malformed or was changed."""


class PriceError(ProjectError):
    """The file of prices lacks a region or a price."""


class ReportError(ProjectError):
    """The report of a job is missing or malformed."""


class CloudError(CovidLakeError):
    """AWS, or the cloud on the laptop, cannot be reached or refuses the call."""

    exit_code = 4


class CredentialsError(CloudError):
    """No credentials, expired ones, or ones without the permission."""


class LocalCloudError(CloudError):
    """The cloud on the laptop does not start, or is not running."""


class StackNotFoundError(CloudError):
    """The environment is not deployed."""


class WrongTargetError(CloudError):
    """The credentials or the region in use are not the ones the environment is for."""


class GateError(CovidLakeError):
    """A job did not succeed, or the gate does not know whether it has to."""


class DataChangeError(GateError):
    """A preview of the data shows what nobody has accepted, or what cannot be accepted."""

    exit_code = 12


class SourceError(CovidLakeError):
    """The folder, the sample or the public bucket has no source objects."""

    exit_code = 5


class DeployError(CovidLakeError):
    """The change set or the stack failed; the message holds the first cause."""

    exit_code = 6


class StackBusyError(DeployError):
    """Something else works on the stack; the same command can succeed when that has ended."""

    exit_code = 10


class StackFailedError(DeployError):
    """CloudFormation executed a change set, and the stack did not end in success."""

    def __init__(self, name: str, status: str, cause: str) -> None:
        super().__init__(f"stack {name} ended {status}: {cause}")
        self.status = status
        self.cause = cause


class IngestionError(CovidLakeError):
    """The execution failed, timed out or was aborted; the message holds its cause."""

    exit_code = 7


class StillRunningError(IngestionError):
    """The execution still runs after the time limit: neither a success nor a failure."""

    exit_code = 11


class QueryError(CovidLakeError):
    """Athena refused or failed the query."""

    exit_code = 8


class GitHubError(CovidLakeError):
    """GitHub cannot be reached or refuses the call; `status` is that of its answer, if there is one."""

    exit_code = 9

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
