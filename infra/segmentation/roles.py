"""One role for each principal, with what it needs and nothing else.

Jobs without a connection have no right over the network, the connection or the secret.
"""

from __future__ import annotations

from typing import Any

from troposphere import If, NoValue, Ref, Sub, iam

from infra.common import datazone, names, roles, statements
from infra.common.actions import DESCRIBE_NETWORK, DESCRIBE_VPC, PLACE_INTERFACE, TAG_INTERFACE, TAG_OF_GLUE
from infra.common.encryption import key_statement
from infra.common.policies import Statement, allow, trust
from infra.segmentation import catalog, connection, database, functions, jobs, network
from infra.segmentation.parameters import CREATE_CONDITION, SECRET_KEY_CONDITION

GLUE = "glue.amazonaws.com"
DONE = "pipeline/done.json"  # under `state/`: what the last finished execution was made of


def _ec2(resource: str, **values: Any) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:ec2:${{AWS::Region}}:${{AWS::AccountId}}:{resource}", **values)


def _network() -> list[Statement]:
    """Interfaces in the one subnet; AWS has no resources for descriptions."""
    subnet, interfaces = _ec2("subnet/${Subnet}", Subnet=network.jobs_subnet()), _ec2("network-interface/*")
    here: dict[str, Any] = {"ArnEquals": {"ec2:Subnet": subnet}}
    tagged: dict[str, Any] = {"ForAllValues:StringEquals": {"aws:TagKeys": [TAG_OF_GLUE]}}
    return [
        allow("DescribeNetwork", DESCRIBE_NETWORK, "*"),
        allow("DescribeVpc", [DESCRIBE_VPC], _ec2("vpc/${Vpc}", Vpc=network.jobs_vpc())),
        allow("PlaceInterface", ["ec2:CreateNetworkInterface"], [subnet, _ec2("security-group/*")]),
        allow("Interface", PLACE_INTERFACE, interfaces, here),
        allow("TagInterface", TAG_INTERFACE, interfaces, tagged),
    ]


def _database() -> list[Any]:
    """The connection and the secret that it names, whose key may be a customer's where the secret is."""
    named = names.arn("glue", f"connection/{connection.NAME}")
    key = {
        "Sid": "SecretKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": Ref("DatabaseSecretKeyArn"),
        "Condition": {"StringEquals": {"kms:EncryptionContext:SecretARN": database.jobs_secret()}},
    }
    return [
        allow("ReadConnection", ["glue:GetConnection"], [names.arn("glue", "catalog"), named]),
        allow("ReadSecret", ["secretsmanager:GetSecretValue"], database.jobs_secret()),
        If(SECRET_KEY_CONDITION, key, NoValue),
    ]


# What each job may change: the run records, and what it publishes. All read the state of other tables.
_WRITTEN = {
    jobs.EXTRACT: (*names.JOB_PREFIXES, names.LINEAGE_PREFIX),
    jobs.JOIN: (*names.JOB_PREFIXES, names.LINEAGE_PREFIX),
    jobs.SEGMENT: (*names.JOB_PREFIXES, names.LINEAGE_PREFIX),
    jobs.WRITE_BACK: (names.STATE_PREFIX, names.RUNS_PREFIX, names.LINEAGE_PREFIX),
}
_CONNECTED = (jobs.EXTRACT, jobs.WRITE_BACK)


def _job_role(title: str) -> iam.Role:
    reads = [statements.read_tables()] if names.CLEAN_PREFIX not in _WRITTEN[title] else []
    return roles.role(
        f"{title}Role",
        f"The Glue job {jobs.NAMES[title].removeprefix('${AWS::StackName}-')}",
        trust(GLUE),
        statements.read_code(),
        *statements.write_lake(_WRITTEN[title]),
        *reads,
        *([*_database(), *_network()] if title in _CONNECTED else []),
        statements.ask_for_job_runs(jobs.NAMES[title]),
        *statements.observe_job(),
        datazone.statement(),
        key_statement(),
    )


def _database_crawler_role() -> iam.Role:
    return roles.role(
        "DatabaseCrawlerRole",
        "The crawler of the database",
        trust(GLUE),
        *_database(),
        *_network(),
        *statements.crawl_into(statements.database_arns(catalog.END)),
    )


def _prepare_database() -> list[Statement]:
    """The Data API reads the master's secret as the one who asks; the function reads the jobs' own."""
    secrets = [database.master_secret(), Ref(database.JOBS_SECRET)]
    return [
        allow("Execute", ["rds-data:ExecuteStatement"], database.cluster_arn()),
        allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secrets),
    ]


def _function_statements() -> dict[str, list[Any]]:
    find = allow("ListTables", ["glue:GetTables"], statements.database_arns(catalog.END))
    return {
        **statements.crawl_functions(names.CRAWLER, catalog.CRAWLER_NAME),
        functions.FIND_TABLES: [find],
        functions.PREPARE_DATABASE: _prepare_database(),
    }


def _function_role(folder: str, allowed: list[Any]) -> iam.Role:
    made = roles.function_role(folder, *allowed)
    if folder == functions.PREPARE_DATABASE:
        made.Condition = CREATE_CONDITION
    return made


def _state_machine_role() -> iam.Role:
    always = [folder for folder in functions.FUNCTIONS if folder != functions.PREPARE_DATABASE]
    prepare = {**roles.invoke(functions.PREPARE_DATABASE), "Sid": "PrepareDatabase"}
    done = Sub(f"${{{names.LAKE_BUCKET}.Arn}}/{names.STATE_PREFIX}{DONE}")
    return roles.state_machine_role(
        statements.run_jobs(*jobs.NAMES.values()),
        roles.invoke(*always),
        If(CREATE_CONDITION, prepare, NoValue),
        allow("RememberDone", ["s3:GetObject", "s3:PutObject"], done),
    )


def all_roles() -> list[iam.Role]:
    return [
        *map(_job_role, jobs.NAMES),
        roles.lake_crawler_role(),
        _database_crawler_role(),
        *(_function_role(folder, allowed) for folder, allowed in _function_statements().items()),
        _state_machine_role(),
        roles.schedule_role(),
    ]
