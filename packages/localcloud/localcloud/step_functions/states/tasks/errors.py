"""How a Task's call fails: AWS's names and causes for errors of services, functions and parameters."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from localcloud.step_functions.states.integrations import Integration
from localcloud.step_functions.states.outcomes import TaskFailedError
from localcloud.step_functions.states.shapes import compact_json

_MISSING = re.compile(r'Missing required parameter in (input|[^:]+): "([^"]+)"')
_ABSENT_FUNCTION = re.compile(r"Function not found: arn:[^:]+:lambda:[^:]+:\d+:function:[^:]+")
_FUNCTION_FIELDS = ("errorMessage", "errorType", "requestId", "stackTrace")


def api_failure(integration: Integration, error: ClientError) -> TaskFailedError:
    """The failure that a service's error is."""
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", code)
    if integration.optimised and _ABSENT_FUNCTION.fullmatch(message):
        message += ":$LATEST"  # the version that the optimised integration asks for
    metadata = error.response["ResponseMetadata"]
    status, request_id = metadata["HTTPStatusCode"], metadata.get("RequestId", "")
    host_id = metadata.get("HostId") or metadata.get("HTTPHeaders", {}).get("x-amz-id-2", "")
    cause = integration.cause(message, code, status, request_id, host_id)
    modelled = type(error).__name__  # botocore's class of the error, where the service's model has one
    return TaskFailedError(integration.error_name(code if modelled == "ClientError" else modelled), cause)


def parameters_failure(
    integration: Integration, error: Exception, parameters: dict[str, Any]
) -> TaskFailedError:
    """What AWS makes of parameters that the service would refuse, or that its SDK cannot send."""
    report = error.kwargs["report"] if isinstance(error, ParamValidationError) else ""
    if missing := _MISSING.search(report):
        return _missing(integration, missing[2])
    reasons = "; ".join(line for line in str(report or error).splitlines() if line.strip())
    cause = f"The Parameters '{compact_json(parameters)}' could not be used to start the Task: [{reasons}]"
    return TaskFailedError("States.Runtime", cause)


def _missing(integration: Integration, name: str) -> TaskFailedError:
    code = "ValidationException"
    where = name[0].lower() + name[1:]
    message = (
        f"1 validation error detected: Value null at '{where}' failed to satisfy constraint: "
        "Member must not be null"
    )
    if integration.botocore_name == "sqs":
        code, message = "MissingParameter", f"The request must contain the parameter {name}."
    return TaskFailedError(
        integration.error_name(code), integration.cause(message, code, 400, str(uuid.uuid4()))
    )


def function_failure(payload: str, spaced: bool) -> TaskFailedError:
    """A function's own error: AWS names it by the exception's class, the cause is the whole payload.

    `spaced` tells how the payload is written: with blanks for a function's ARN, without for lambda:invoke.
    """
    content = json_or_text(payload)
    if not isinstance(content, dict):
        return TaskFailedError("Lambda.Unknown", payload)
    ordered = {name: content[name] for name in _FUNCTION_FIELDS if name in content}
    separators = (", ", ": ") if spaced else (",", ":")
    cause = json.dumps({**ordered, **content}, separators=separators, ensure_ascii=False)
    return TaskFailedError(content.get("errorType") or "Lambda.Unknown", cause)


def json_or_text(text: str) -> Any:
    """What JSON says, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
