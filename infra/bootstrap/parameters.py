"""The parameters of the bootstrap stack and the conditions that they switch."""

from __future__ import annotations

from troposphere import Equals, Parameter, Ref, Template

from infra.bootstrap.names import PREVIEW_STACKS
from infra.common import names as stack_names

BUCKET_CONDITION = "MakeArtifactBucket"
PROVIDER_CONDITION = "MakeOidcProvider"
IMMUTABLE_CONDITION = "ImmutableSubject"
OPERATIONS_CONDITION = "SameOperationsEnvironment"
PREVIEW_CONDITION = "PreviewStacks"

IMMUTABLE, LEGACY = "immutable", "legacy"
_GITHUB_NAME = "^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$"


def _text(title: str, description: str, pattern: str, constraint: str, **more: object) -> Parameter:
    return Parameter(
        title,
        Type="String",
        Description=description,
        AllowedPattern=pattern,
        ConstraintDescription=f"must be {constraint}",
        **more,
    )


def _choice(title: str, description: str, default: str, *values: str) -> Parameter:
    return Parameter(
        title,
        Type="String",
        Description=description,
        Default=default,
        AllowedValues=list(values),
        ConstraintDescription="must be one of " + ", ".join(values),
    )


def _environment() -> list[Parameter]:
    environment = _text(
        "Environment",
        "The environment, as in environments/<name>.yaml; its stack is covid-lake-<name>.",
        stack_names.ENVIRONMENT_PATTERN,
        stack_names.ENVIRONMENT_RULE.removeprefix("must be "),
        MinLength=2,
        MaxLength=stack_names.ENVIRONMENT_LENGTH,
    )
    source = _text(
        "SourceBucket",
        "Bucket that the ingestion may read, as in the environment's parameter file.",
        "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "the name of a bucket, without s3:// and without a prefix",
        Default="covid19-lake",
    )
    stacks = _text(
        "StackEnvironment",
        "Whose stacks the roles are for: the environment's own, or pr-* for those of pull requests.",
        r"^(pr-\*|[a-z][a-z0-9]*(-[a-z0-9]+)*)$",
        f"the environment's name, or {PREVIEW_STACKS}",
    )
    return [environment, stacks, source]


def _repository() -> list[Parameter]:
    number, digits = "^[1-9][0-9]{0,19}$", "a number as GitHub's API gives it"
    operations = _text(
        "OperationsEnvironment",
        "GitHub environment whose jobs may start executions and detect drift. Empty: the environment itself.",
        "^$|^[A-Za-z0-9_.-]{1,255}$",
        "letters, digits, hyphens, dots and underscores, or empty",
        Default="",
    )
    return [
        _text("Organization", "GitHub organization or user.", _GITHUB_NAME, "a GitHub organization or user"),
        _text("OrganizationId", "Its id, which no other organization ever gets.", number, digits),
        _text("Repository", "GitHub repository.", "^[A-Za-z0-9_.-]{1,100}$", "the name of a repository"),
        _text("RepositoryId", "Its id, which no other repository ever gets.", number, digits),
        _choice(
            "SubjectForm",
            "How GitHub writes the subject of its tokens: with ids (immutable), or only with names (legacy).",
            IMMUTABLE,
            *(IMMUTABLE, LEGACY),
        ),
        operations,
    ]


def _shared() -> list[Parameter]:
    return [
        _choice(
            "CreateArtifactBucket",
            "Whether this stack makes the artifact bucket of the account and region; false when it is there.",
            "true",
            *("true", "false"),
        ),
        _choice(
            "CreateOidcProvider",
            "Whether this stack makes the account's OIDC provider of GitHub; false when it is there.",
            "true",
            *("true", "false"),
        ),
    ]


def add_parameters(template: Template) -> None:
    """Add the parameters, in the groups in which the console asks for them, and the conditions."""
    groups = {"Environment": _environment(), "GitHub": _repository(), "Shared by environments": _shared()}
    for parameter in [parameter for members in groups.values() for parameter in members]:
        template.add_parameter(parameter)
    labelled = [
        {"Label": {"default": label}, "Parameters": [parameter.title for parameter in members]}
        for label, members in groups.items()
    ]
    template.set_metadata({"AWS::CloudFormation::Interface": {"ParameterGroups": labelled}})
    template.add_condition(BUCKET_CONDITION, Equals(Ref("CreateArtifactBucket"), "true"))
    template.add_condition(PROVIDER_CONDITION, Equals(Ref("CreateOidcProvider"), "true"))
    template.add_condition(IMMUTABLE_CONDITION, Equals(Ref("SubjectForm"), IMMUTABLE))
    template.add_condition(PREVIEW_CONDITION, Equals(Ref("StackEnvironment"), PREVIEW_STACKS))
    template.add_condition(OPERATIONS_CONDITION, Equals(Ref("OperationsEnvironment"), ""))
