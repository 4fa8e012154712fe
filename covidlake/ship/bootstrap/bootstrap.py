"""`covidlake bootstrap`: the stack that an environment needs before its own, made by the caller."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base import project
from covidlake.base.errors import DeployError, EnvironmentFileError
from covidlake.base.progress import Progress
from covidlake.environment import environment_file, environment_names
from covidlake.environment.pipeline_environment import PipelineEnvironment
from covidlake.environment.target import check_target
from covidlake.ship.bootstrap import repository as github
from covidlake.ship.bootstrap import shared_logs
from covidlake.ship.bootstrap.repository import Repository, RepositoryVariable
from covidlake.ship.deploy import execute, preview_stack
from covidlake.ship.deploy.recovery import Recovery
from covidlake.ship.stack import artifacts, change_set_request, stack, template_object

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_iam import IAMClient
    from troposphere import Template

    from covidlake.environment.environment_file import Environment

PREVIEW_STACKS = "pr-*"
ISSUER = "token.actions.githubusercontent.com"
BUCKET, PROVIDER = "ArtifactBucket", "OidcProvider"
# The roles by the output that holds their ARN; CloudFormation takes on the third, workflows the others.
ROLE_OUTPUTS = {
    "plan": "PlanRoleArn",
    "deploy": "DeployRoleArn",
    "cloudformation": "CloudFormationRoleArn",
    "ops": "OpsRoleArn",
    "drift": "DriftRoleArn",
}


def stack_name(environment: str) -> str:
    return f"covid-lake-bootstrap-{environment}"


def bootstrap(
    environment: str,
    repository: Repository,
    *,
    operations_environment: str = "",
    progress: Progress,
) -> list[RepositoryVariable]:
    """Make or update the bootstrap stack: the variables that the repository's workflows need.

    Ingestion and drift run in a GitHub environment of their own, by default `<environment>-ops`, because
    the reviewers of a deploy would keep a schedule waiting.
    The artifact bucket and GitHub's OIDC provider are made when the account has none, else used as they
    are. The environment `preview` has no parameter file: its roles are for the stacks of all pull requests.
    Glue's log groups, which the whole account shares, get a retention where that deletes nothing.
    Raises `EnvironmentFileError` for an unknown environment or one whose name overlaps with another's of the
    account, `DeployError` with the first cause.
    """
    _refuse_pipeline(PipelineEnvironment.parse(environment))
    loaded = environment_file.load(preview_stack.MODEL if environment == project.PREVIEW else environment)
    check_target(loaded)
    environment_names.check_beside(environment, environments_of_account())
    operations = operations_environment or default_operations(environment)
    name = stack_name(environment)
    found = Recovery(name, progress).recover()
    parameters = {
        **_parameters(loaded, environment, operations),
        **_repository_parameters(repository),
        **_shared(name, progress),
    }
    tags = {key: value for key, value in loaded.tags.items() if not key.startswith("covidlake:")}
    _update(name, found, parameters, tags, progress)
    shared_logs.limit(progress)
    return expected_variables(environment, repository, operations)


def _refuse_pipeline(given: PipelineEnvironment) -> None:
    if not given.is_main:
        raise EnvironmentFileError(
            f"environment {given.name!r}: all pipelines of {given.environment} share its roles: "
            f"covidlake bootstrap {given.environment}"
        )


def _parameters(loaded: Environment, environment: str, operations: str) -> dict[str, str]:
    return {
        "Environment": environment,
        "StackEnvironment": PREVIEW_STACKS if environment == project.PREVIEW else environment,
        "SourceBucket": loaded.parameters["SourceBucket"],
        "OperationsEnvironment": operations,
    }


def _update(
    name: str,
    found: StackTypeDef | None,
    parameters: dict[str, str],
    tags: dict[str, str],
    progress: Progress,
) -> None:
    """Bring the bootstrap stack, which is `found` now, to its template and these parameters.

    The template is sent through the artifact bucket. In an account that has none yet, the stack is made with
    that bucket alone at first.
    """
    bucket = project.artifact_bucket(aws.account(), aws.region())
    if found is None and not _bucket_exists(bucket):
        _apply(name, first_template(), None, parameters, tags, progress)
        found = stack.describe(name)
    _apply(name, template_object.put(bucket, name, template()), found, parameters, tags, progress)


def _apply(
    name: str,
    body_or_address: str,
    found: StackTypeDef | None,
    parameters: dict[str, str],
    tags: dict[str, str],
    progress: Progress,
) -> None:
    created = change_set_request.create(
        name, body_or_address, parameters, tags, found=found, name_prefix="bootstrap"
    )
    if created is None:
        progress(f"stack {name}: nothing to change")
        return
    for line in created.lines():
        progress(line)
    progress(f"stack {name}: {execute.execute(created, progress)['StackStatus']}")


def environments_of_account() -> list[str]:
    """The environments that were bootstrapped in the account, in any region: roles belong to none."""
    found = [
        match[1]
        for page in iam().get_paginator("list_roles").paginate()
        for role in page["Roles"]
        if (match := re.fullmatch(r"covid-lake-(.+)-deploy", role["RoleName"]))
    ]
    return sorted(found)


def default_operations(environment: str) -> str:
    """The GitHub environment that the workflows run ingestion, smoke test and drift in."""
    return f"{environment}-ops"


def template() -> str:
    """The whole template."""
    from infra.bootstrap.template import build_template

    return _text(build_template())


def first_template() -> str:
    """Its artifact bucket alone, in few enough bytes to be sent without a bucket."""
    from infra.bootstrap.template import build_first_template

    return _text(build_first_template())


def _text(built: Template) -> str:
    return json.dumps(built.to_dict(), separators=(",", ":"), sort_keys=True)


def expected_variables(
    environment: str, repository: Repository, operations_environment: str = ""
) -> list[RepositoryVariable]:
    """The variables by the outputs of the stack, which must be there."""
    outputs = outputs_of(environment)
    arns = {role: outputs[output] for role, output in ROLE_OUTPUTS.items()}
    return github.variables(environment, repository.full_name, arns, aws.region(), operations_environment)


def outputs_of(environment: str) -> dict[str, str]:
    return stack.outputs_of(stack.describe(stack_name(environment)))


def parameters_of(environment: str) -> dict[str, str]:
    """What the bootstrap stack was made with; empty when there is none."""
    return stack.parameters_of(stack.describe(stack_name(environment)))


def repository_of(parameters: dict[str, str]) -> Repository:
    """The repository that a bootstrap stack with these parameters trusts."""
    return Repository(
        parameters["Organization"],
        parameters["OrganizationId"],
        parameters["Repository"],
        parameters["RepositoryId"],
        legacy_subject=parameters["SubjectForm"] == "legacy",
    )


def _repository_parameters(repository: Repository) -> dict[str, str]:
    return {
        "Organization": repository.organization,
        "OrganizationId": repository.organization_id,
        "Repository": repository.name,
        "RepositoryId": repository.repository_id,
        "SubjectForm": "legacy" if repository.legacy_subject else "immutable",
    }


def _shared(name: str, progress: Progress) -> dict[str, str]:
    """Whether this stack makes what the account has once: yes when it did, or when nobody else has."""
    bucket = project.artifact_bucket(aws.account(), aws.region())
    own = _own_resources(name)
    found: dict[str, tuple[str, bool]] = {
        "CreateArtifactBucket": (BUCKET, _bucket_exists(bucket)),
        "CreateOidcProvider": (PROVIDER, provider_exists()),
    }
    for logical_id, there in found.values():
        if there and logical_id not in own:
            progress(f"{logical_id}: the account has it already and it is used as it is")
            if logical_id == BUCKET and not artifacts.is_write_once(bucket):
                progress(
                    f"{logical_id}: its policy lets objects be overwritten: covidlake doctor says what to add"
                )
    return {
        parameter: "true" if logical_id in own or not there else "false"
        for parameter, (logical_id, there) in found.items()
    }


def _own_resources(name: str) -> set[str]:
    if stack.describe(name) is None:
        return set()
    return {
        item["LogicalResourceId"]
        for item in stack.resources(name)
        if item["ResourceStatus"] != "DELETE_COMPLETE"
    }


def _bucket_exists(bucket: str) -> bool:
    try:
        return buckets.exists(bucket)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise DeployError(
            f"artifact bucket {bucket}: {code}: another account has taken the name, or you may not read it"
        ) from error


def iam() -> IAMClient:
    """IAM; it has no regions, but nothing else is to be asked for an account without one."""
    aws.region()
    return aws.client("iam")


def provider_arn() -> str:
    return f"arn:{aws.partition()}:iam::{aws.account()}:oidc-provider/{ISSUER}"


def provider_exists() -> bool:
    listed: Any = iam().list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return provider_arn() in [item["Arn"] for item in listed]
