"""The template of the bootstrap stack, put together from one module for each concern."""

from __future__ import annotations

from troposphere import AWSObject, Output, Ref, Sub, Template

from infra.bootstrap import (
    boundary,
    deploy_and_plan_roles,
    github_trust,
    names,
    operations_roles,
    role_shape,
    service_role,
    storage,
)
from infra.bootstrap.parameters import add_parameters

DESCRIPTION = "Covid Lake: what an environment needs before its stack: roles, their boundary, artifact bucket"


def _resources() -> list[AWSObject]:
    return [
        storage.artifact_bucket(),
        storage.artifact_bucket_policy(),
        github_trust.provider(),
        boundary.boundary(),
        deploy_and_plan_roles.plan_role(),
        deploy_and_plan_roles.deploy_role(),
        deploy_and_plan_roles.preview_policy(),
        service_role.service_role(),
        operations_roles.ops_role(),
        operations_roles.drift_role(),
    ]


def _outputs() -> list[Output]:
    arns = [
        Output(
            f"{role_shape.title(role)}Arn",
            Description=f"Role {role} of the environment",
            Value=names.role_arn(role),
        )
        for role in names.ROLES
    ]
    return [
        *arns,
        Output(
            "ArtifactBucketName",
            Description="Bucket of the account and region that stacks are deployed from",
            Value=Sub(names.ARTIFACT_BUCKET),
        ),
        Output("OidcProviderArn", Description="OIDC provider of GitHub", Value=names.provider_arn()),
        Output(
            "PermissionsBoundaryName",
            Description="Managed policy that bounds the roles of the environment's stack",
            Value=Sub(names.BOUNDARY),
        ),
        Output("PermissionsBoundaryArn", Description="The same policy by ARN", Value=Ref(boundary.BOUNDARY)),
    ]


def build_template() -> Template:
    """The template; it holds no code and depends on no environment."""
    template = Template(Description=DESCRIPTION)
    template.set_version("2010-09-09")
    add_parameters(template)
    for resource in _resources():
        template.add_resource(resource)
    for output in _outputs():
        template.add_output(output)
    return template
