"""The transform of AWS::Serverless templates, by AWS's own library, with the stack's parameters."""

from __future__ import annotations

import copy
import os
from typing import Any

from localcloud import plugin
from localcloud.iam import policies

TRANSFORM = "AWS::Serverless-2016-10-31"


def install() -> None:
    """Hook into the transforms of a template: ministack hands the library neither parameters nor policies."""
    from ministack.services.cloudformation import changesets, engine, handlers

    modules, arguments = (engine, changesets, handlers), ["template", "provided_params", "previous_params"]
    for module in modules:  # one function, imported by the others
        apply = plugin.require(module, "_apply_transforms", arguments)
    declared = plugin.require(engine, "declared_transforms", ["template"])
    without = plugin.require(engine, "_without_transform", ["template", "name"])
    parameters = plugin.require(engine, "_transform_parameters", ["template", "provided_params"])
    failed = plugin.require(engine, "_TransformFailed", [])

    def applied(template: dict[str, Any], provided_params: Any = None, previous_params: Any = None) -> Any:
        if TRANSFORM not in declared(template):
            return apply(template, provided_params, previous_params)
        plain = apply(without(template, TRANSFORM), provided_params, previous_params)
        if isinstance(plain, failed):
            return plain
        values = parameters(plain, provided_params, previous_params)
        try:
            return transformed({**plain, "Transform": TRANSFORM}, values)
        except ValueError as error:
            return failed(plain, str(error))

    for module in modules:
        module._apply_transforms = applied


def transformed(template: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The template in plain CloudFormation; ValueError in AWS's words for one that is no SAM template."""
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = plugin.current_region()
    try:
        result: dict[str, Any] = transform(copy.deepcopy(template), values, _ManagedPolicies())
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes)
        raise ValueError(f"Transform {TRANSFORM} failed with: {error.message} {causes}") from error
    finally:
        if before is None:
            os.environ.pop("AWS_DEFAULT_REGION", None)
        else:
            os.environ["AWS_DEFAULT_REGION"] = before
    return result


class _ManagedPolicies:
    """AWS's managed policies by name, which a template may name without their ARN."""

    def load(self) -> dict[str, str]:
        return {arn.rpartition("/")[2]: arn for arn in policies.managed_documents()}
