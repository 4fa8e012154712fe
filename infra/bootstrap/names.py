"""Names and ARNs that the bootstrap stack gives, and those of the main stack that it permits."""

from __future__ import annotations

from troposphere import Sub

from infra.common import names
from infra.common.declared_tables import TABLES

# The main stack, or with `pr-*` all stacks of pull requests; what the bootstrap itself makes is named apart.
STACK = "covid-lake-${StackEnvironment}"
# The stacks of the environment's other pipelines: its name overlaps with no other environment's.
PIPELINE_STACKS = f"{STACK}-*"
STACKS = (STACK, PIPELINE_STACKS)
OWN = "covid-lake-${Environment}"
BOUNDARY = f"{OWN}-boundary"
PREVIEW_STACKS = "pr-*"
ARTIFACT_BUCKET = names.ARTIFACT_BUCKET
GITHUB_ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"

# The role that CloudFormation takes on; people and workflows take on the others.
SERVICE_ROLE = "cloudformation"
ROLES = ("plan", "deploy", SERVICE_ROLE, "ops", "drift")

# Every stack has its own part of the artifact bucket, which stacks of one account and region share.
OWN_PREFIXES = tuple(f"{stack}/" for stack in STACKS)
ARTIFACTS_PREFIXES = tuple(f"{own}artifacts/" for own in OWN_PREFIXES)
TEMPLATES_PREFIXES = tuple(f"{own}templates/" for own in OWN_PREFIXES)
BUNDLES_PREFIXES = tuple(f"{own}bundles/" for own in OWN_PREFIXES)
# A pull request's code writes here and nowhere else: nothing is ever deployed from it. What they have in
# common comes first, because a lifecycle rule goes by how a key begins.
PLANS = "plans/"
PLANS_PREFIXES = tuple(f"{PLANS}{own}" for own in OWN_PREFIXES)


def role_name(role: str) -> str:
    """`plan` -> `covid-lake-${Environment}-plan`."""
    return f"{OWN}-{role}"


def role_arn(role: str) -> Sub:
    return iam_arn(f"role/{role_name(role)}")


def boundary_arn() -> Sub:
    return iam_arn(f"policy/{BOUNDARY}")


def stack_roles_arn() -> Sub:
    """The roles of the main stack, whose logical ids all end in Role; none of `ROLES` is among them."""
    return iam_arn(f"role/{STACK}-*Role-*")


def provider_arn() -> Sub:
    return iam_arn(f"oidc-provider/{GITHUB_ISSUER}")


def iam_arn(resource: str) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{resource}")


def arn(service: str, resource: str) -> Sub:
    """The ARN of a resource of this account and region; `resource` may hold a name of `common.names`."""
    return names.arn(service, of_stack(resource))


def of_stack(text: str) -> str:
    """A name of `infra.common.names` as the bootstrap stack has to write it."""
    return text.replace("${AWS::StackName}", STACK)


def of_stacks(text: str) -> list[str]:
    """The same for the main stack and for those of the other pipelines."""
    return [text.replace("${AWS::StackName}", stack) for stack in STACKS]


def arns(service: str, resource: str) -> list[Sub]:
    """As `arn`, of all stacks."""
    return [names.arn(service, text) for text in of_stacks(resource)]


def stack_arns() -> list[Sub]:
    """The main stack and those of the other pipelines, whatever their ids."""
    return [arn("cloudformation", f"stack/{stack}/*") for stack in STACKS]


def change_set_arn(prefix: str) -> Sub:
    """The change sets of these stacks whose names begin so, whatever their ids."""
    return arn("cloudformation", f"changeSet/{prefix}-{STACK}-*/*")


def dashboard_arn() -> Sub:
    """A dashboard is of no region."""
    return Sub(f"arn:${{AWS::Partition}}:cloudwatch::${{AWS::AccountId}}:dashboard/{STACK}-*")


def lake_bucket_arn(objects: str = "") -> Sub:
    """The lake bucket, whose name CloudFormation makes from the stack's, or its objects under a prefix."""
    return Sub(f"arn:${{AWS::Partition}}:s3:::{STACK}-*{'/' + objects if objects else ''}")


def artifact_bucket_arn(objects: str = "") -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:s3:::{ARTIFACT_BUCKET}{'/' + objects if objects else ''}")


def catalog_arn() -> Sub:
    return arn("glue", "catalog")


def database_arns() -> list[Sub]:
    """The Glue databases: the main stack's, and all whose names go on from it."""
    return [_database("database/"), _database("database/", "_*")]


def table_arns() -> list[Sub]:
    return [_database("table/", "/*"), _database("table/", "_*/*")]


def declared_table_arns() -> list[Sub]:
    """The tables that a template declares; crawlers make all others."""
    ends = [f"{end}/{table}" for table in TABLES.values() for end in ("", "_*")]
    return [_database("table/", end) for end in ends]


def tables_of_catalog() -> list[Sub]:
    """What the catalog checks for an action on a table: the catalog, the database and the table."""
    return [catalog_arn(), *database_arns(), *table_arns()]


def user_function_arns() -> list[Sub]:
    """Functions of a database: who deletes it has to be allowed to delete them, even if there are none."""
    return [_database("userDefinedFunction/", "/*"), _database("userDefinedFunction/", "_*/*")]


def _database(kind: str, end: str = "") -> Sub:
    """The parameter StackEnvironment with underscores is what a database is named by."""
    suffix = {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "StackEnvironment"}]}]}
    text = (
        f"arn:${{AWS::Partition}}:glue:${{AWS::Region}}:${{AWS::AccountId}}:{kind}covid_lake_${{Suffix}}{end}"
    )
    return Sub(text, {"Suffix": suffix})
