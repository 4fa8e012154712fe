"""What each principal of the ingestion may do, beside what those of every pipeline may."""

from __future__ import annotations

from troposphere import Sub, iam

from infra.common import datazone, names, roles, statements
from infra.common.actions import LIST_BUCKET
from infra.common.encryption import key_statement
from infra.common.policies import Statement, allow, trust

_SOURCE = "arn:${AWS::Partition}:s3:::${SourceBucket}"


def job_role() -> iam.Role:
    return roles.role(
        "JobRole",
        "The Glue job",
        trust("glue.amazonaws.com"),
        allow("ListSource", LIST_BUCKET, Sub(_SOURCE)),
        allow("ReadSource", ["s3:GetObject"], Sub(f"{_SOURCE}/*")),
        statements.read_code(),
        *statements.write_lake((*names.JOB_PREFIXES, names.LINEAGE_PREFIX)),
        statements.ask_for_job_runs(names.JOB),
        *statements.observe_job(),
        datazone.statement(),
        key_statement(),
    )


def _find_work() -> list[Statement]:
    """The listings and the ledgers, which are in the lake, and which tables the catalog has."""
    state = names.objects_arn(names.STATE_PREFIX)
    return [
        allow("ListSource", ["s3:ListBucket"], Sub(_SOURCE)),
        allow("ListLake", ["s3:ListBucket"], names.bucket_arn()),
        allow("ReadState", ["s3:GetObject"], state),
        allow("ListTables", ["glue:GetTables"], statements.database_arns()),
        key_statement(),
    ]


# What each function may do besides writing its log.
FUNCTION_STATEMENTS = {**statements.crawl_functions(names.CRAWLER), "find_work": _find_work()}


def function_role(folder: str) -> iam.Role:
    return roles.function_role(folder, *FUNCTION_STATEMENTS[folder])


def state_machine_role() -> iam.Role:
    return roles.state_machine_role(statements.run_jobs(names.JOB), roles.invoke(*FUNCTION_STATEMENTS))
