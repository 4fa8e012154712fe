"""What differs between environments of the segmentation: its parameters, and what is refused together."""

from __future__ import annotations

from typing import Any

from troposphere import Equals, Join, Not, Parameter, Ref, Select, Split, Template

from infra.common import dashboard, datazone, quicksight, watch
from infra.common import parameters as common
from infra.common.parameters import Group, choice, environment, number, text

CREATE, EXISTING = "create", "existing"  # of the parameter DatabaseMode
CREATE_CONDITION = "CreateDatabase"
SECRET_KEY_CONDITION = "SecretHasKey"  # noqa: S105 - a name
TLS_CONDITION = "RequireTls"

MAX_TABLES = 50  # the history of an execution holds 25,000 events, and a table may take 400
MAX_SCHEMAS = 5
_NAMES = "[a-z][a-z0-9_]{0,54}"
_SCHEMA = "[a-z_][a-z0-9_]{0,62}"


def _data() -> Group:
    schemas = text(
        "DatabaseSchemas",
        "Schemas of the database to crawl and to read, comma separated without spaces, at most "
        f"{MAX_SCHEMAS}.",
        "crm,sales",
        AllowedPattern=f"^{_SCHEMA}(,{_SCHEMA}){{0,{MAX_SCHEMAS - 1}}}$",
        ConstraintDescription=f"must be 1 to {MAX_SCHEMAS} names of schemas, comma separated without spaces",
    )
    tables = text(
        "Tables",
        "Tables that an execution extracts when its input names none: * for all described ones, or names "
        f"from jobs/tables, comma separated without spaces, at most {MAX_TABLES}.",
        "*",
        AllowedPattern=f"^(\\*|{_NAMES}(,{_NAMES}){{0,{MAX_TABLES - 1}}})$",
        ConstraintDescription=f"must be * or 1 to {MAX_TABLES} names of tables, comma separated, no spaces",
    )
    return "What is read", [environment(), schemas, tables]


def _segments() -> Group:
    segments = text(
        "Segments",
        "Number of segments of customers, 2 to 12; auto chooses the one with the best silhouette.",
        "auto",
        AllowedPattern="^(auto|[2-9]|1[0-2])$",
        ConstraintDescription="must be auto or a whole number from 2 to 12",
    )
    return "What is made of it", [
        segments,
        number("MinSegments", "The fewest segments that auto may choose.", 3, 2, 12),
        number("MaxSegments", "The most segments that auto may choose.", 8, 2, 12),
        choice(
            "GoneCustomers",
            "What becomes of customers in the database's result who are in no segment any more: delete "
            "removes their rows, mark keeps them with the time.",
            "delete",
            *("delete", "mark"),
        ),
    ]


def _database() -> Group:
    name = text(
        "DatabaseName",
        "Name of the database; the stack makes it, or finds it there.",
        "shop",
        AllowedPattern="^[a-z][a-z0-9_]{0,62}$",
        ConstraintDescription="must be 1 to 63 lower-case letters, digits and underscores, first a letter",
    )
    return "The database", [
        choice(
            "DatabaseMode",
            "create makes an Aurora PostgreSQL Serverless v2 in a network of its own; existing uses yours.",
            CREATE,
            *(CREATE, EXISTING),
        ),
        name,
        choice(
            "EnforceTls",
            "true has the jobs refuse a connection without TLS, and a made database refuse any such client.",
            "true",
            *("true", "false"),
        ),
    ]


def _created() -> Group:
    capacity = Parameter(
        "DatabaseMaxCapacity",
        Type="Number",
        Description="Aurora capacity units of about 2 GB that the database may grow to. From 1 to 256.",
        Default=4,
        MinValue=1,
        MaxValue=256,
        ConstraintDescription="must be a number from 1 to 256, in steps of 0.5",
    )
    return "The database that is made (DatabaseMode create)", [
        capacity,
        number(
            "DatabaseAutoPauseSeconds",
            "Seconds without a connection after which the database pauses and costs its storage only.",
            300,
            300,
            86_400,
        ),
        number("DatabaseBackupDays", "Days that automatic backups of the database are kept.", 1, 1, 35),
        choice(
            "DatabaseDeletionProtection",
            "true refuses to delete the database, and with it the stack.",
            "true",
            *("true", "false"),
        ),
    ]


def _optional(title: str, description: str, pattern: str, constraint: str) -> Parameter:
    """One that only a database of the user's own needs."""
    return text(
        title,
        description,
        "",
        AllowedPattern=f"^$|^{pattern}$",
        ConstraintDescription=f"{constraint} or empty",
    )


def _existing() -> Group:
    arn = "arn:aws[a-z-]*:{}:[a-z0-9-]+:[0-9]{{12}}:{}"
    return "Your database (DatabaseMode existing)", [
        _optional(
            "DatabaseHost",
            "Name or address of the database's host.",
            "[A-Za-z0-9.-]{1,255}",
            "must be a host",
        ),
        number("DatabasePort", "Port of the database.", 5432, 1, 65_535),
        _optional(
            "DatabaseSecretArn",
            "ARN of the secret with username and password of the jobs' role in the database; its name has to "
            "begin with that of the stack, by which the boundary of the bootstrap knows it.",
            arn.format("secretsmanager", "secret:covid-lake-[A-Za-z0-9/_+=.@-]+"),
            "must be the ARN of a secret whose name begins with covid-lake-<environment>-",
        ),
        _optional(
            "DatabaseSecretKeyArn",
            "ARN of the KMS key of that secret, if it is not the key of AWS.",
            arn.format("kms", "key/[A-Za-z0-9-]+"),
            "must be the ARN of a key",
        ),
        _optional(
            "SubnetId",
            "Subnet that the jobs reach the database from, with a way to S3, Glue, Secrets Manager and Logs.",
            "subnet-[0-9a-f]{8,17}",
            "must be the id of a subnet",
        ),
        _optional(
            "SubnetAvailabilityZone",
            "Availability zone of that subnet.",
            "[a-z]{2}(-[a-z]+)+-[0-9]+[a-z]",
            "must be the name of an availability zone",
        ),
        _optional(
            "SecurityGroupIds",
            "Security groups of the jobs, comma separated: one that admits itself, and one that the database "
            "admits, or both in one.",
            "sg-[0-9a-f]{8,17}(,sg-[0-9a-f]{8,17}){0,4}",
            "must be 1 to 5 ids of security groups, comma separated without spaces",
        ),
    ]


NEEDED_BY_EXISTING = (
    "DatabaseHost",
    "DatabaseSecretArn",
    "SubnetId",
    "SubnetAvailabilityZone",
    "SecurityGroupIds",
)


def _sharing() -> list[Parameter]:
    """How tables share runs of the extraction."""
    return [
        number("TablesPerRun", "Tables that share a run of the extraction.", 20, 1, MAX_TABLES),
        number("ParallelTables", "Tables that a run of the extraction reads at a time.", 4, 1, 32),
        number(
            "MaxConcurrentJobRuns",
            "Runs of the extraction that may go at a time; no two work on the same table.",
            2,
            1,
            50,
        ),
    ]


def groups() -> list[Group]:
    """The parameters, in the groups and order in which the CloudFormation console asks for them."""
    return [
        _data(),
        _segments(),
        _database(),
        _created(),
        _existing(),
        common.glue_job("The Glue jobs", _sharing()),
        common.schedule(),
        common.notification(),
        watch.parameters(),
        dashboard.parameters(quicksight.parameter()),
        datazone.parameters(),
        common.retention(),
        common.protection(),
        common.deployment(),
    ]


def _rules() -> dict[str, Any]:
    """What a database of the user's own needs to be known by."""
    existing = {"Fn::Equals": [{"Ref": "DatabaseMode"}, EXISTING]}
    assertions = [
        {
            "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]},
            "AssertDescription": f"DatabaseMode {EXISTING} needs {name}",
        }
        for name in NEEDED_BY_EXISTING
    ]
    return {"ExistingDatabase": {"RuleCondition": existing, "Assertions": assertions}}


def schema(index: int) -> Select:
    """The schema of this number, from 0; empty where there are fewer."""
    padded = Join(",", [Ref("DatabaseSchemas"), *[""] * (MAX_SCHEMAS - 1)])
    return Select(index, Split(",", padded))


def schema_condition(index: int) -> str:
    """Holds where there are so many schemas, from 0; the first is always there."""
    return f"HasSchema{index + 1}"


# What a database of the user's own is known by is empty where there is none, which is no id and no ARN. Those
# of .cfnlintrc do not count beside these.
_LINT = {"config": {"ignore_checks": ["W1030", "W1033", "W3002"]}}


def add_parameters(template: Template) -> None:
    """Add the parameters, their groups, the conditions that they switch and the combinations refused."""
    common.add_parameters(template, groups())
    template.metadata["cfn-lint"] = _LINT
    template.add_condition(CREATE_CONDITION, Equals(Ref("DatabaseMode"), CREATE))
    template.add_condition(TLS_CONDITION, Equals(Ref("EnforceTls"), "true"))
    template.add_condition(SECRET_KEY_CONDITION, Not(Equals(Ref("DatabaseSecretKeyArn"), "")))
    for index in range(1, MAX_SCHEMAS):
        template.add_condition(schema_condition(index), Not(Equals(schema(index), "")))
    for title, rule in _rules().items():
        template.add_rule(title, rule)
