"""The template of the bootstrap stack, put together from one module for each concern."""

from __future__ import annotations

from troposphere import AWSObject, Output, Ref, Sub, Template

from infra.bootstrap import (
    boundary,
    deploy_and_plan_roles,
    github_trust,
    names,
    operations_roles,
    policies,
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
        *policies.policies(),
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


def _template(resources: list[AWSObject]) -> Template:
    template = Template(Description=DESCRIPTION)
    template.set_version("2010-09-09")
    add_parameters(template)
    for resource in resources:
        template.add_resource(resource)
    return template


def build_first_template() -> Template:
    """What an account without an artifact bucket needs before the whole template can be sent: that bucket."""
    return _template([storage.artifact_bucket(), storage.artifact_bucket_policy()])


def build_template() -> Template:
    """The template; it holds no code and depends on no environment."""
    template = _template(_resources())
    for output in _outputs():
        template.add_output(output)
    return template
