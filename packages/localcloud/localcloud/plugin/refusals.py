"""What this cloud does not do is refused, by name: the one door of every refusal.

`not_supported` is the sentence of each; a service raises it in its own error. `REFUSED` lists whole
operations, which ministack would answer without doing them: it stores triggers that never fire and workflows
whose runs stay RUNNING, so a pipeline that relies on one would look right here and wait for ever.
"""

from __future__ import annotations

import json
from typing import Any, cast

from localcloud.plugin import api
from localcloud.plugin.api import Headers, Response

_TRIGGERS = "nothing would fire it; start jobs from Step Functions"
_WORKFLOWS = "nothing would run its steps; use a Step Functions state machine"
_CLASSIFIERS = "crawlers here use the built-in classifiers"
_SCHEDULES = "no crawler here starts by itself; start it with StartCrawler"
_BOOKMARKS = "no job here has bookmarks; keep in S3 how far a job has come"
_LOG_DELIVERY = "no log would be delivered"
_SPARK = "run its code as a Glue job, or ask with StartQueryExecution"
_CAPACITY = "queries here run at once"
_OF_SPARK = (
    "StartSession", "GetSession", "GetSessionEndpoint", "GetSessionStatus", "ListSessions",
    "TerminateSession", "ListNotebookSessions", "ListExecutors", "ListApplicationDPUSizes",
    "GetResourceDashboard",
    "StartCalculationExecution", "StopCalculationExecution", "ListCalculationExecutions",
    "GetCalculationExecution", "GetCalculationExecutionCode", "GetCalculationExecutionStatus",
    "CreateNotebook", "CreatePresignedNotebookUrl", "DeleteNotebook", "ExportNotebook", "ImportNotebook",
    "GetNotebookMetadata", "ListNotebookMetadata", "UpdateNotebook", "UpdateNotebookMetadata",
)  # fmt: skip
_OF_CAPACITY = (
    "CreateCapacityReservation", "GetCapacityReservation", "ListCapacityReservations",
    "UpdateCapacityReservation", "CancelCapacityReservation", "DeleteCapacityReservation",
    "GetCapacityAssignmentConfiguration", "PutCapacityAssignmentConfiguration",
)  # fmt: skip
REFUSED = {
    "athena": {**dict.fromkeys(_OF_SPARK, _SPARK), **dict.fromkeys(_OF_CAPACITY, _CAPACITY)},
    "glue": {
        "CreateTrigger": _TRIGGERS,
        "UpdateTrigger": _TRIGGERS,
        "StartTrigger": _TRIGGERS,
        "CreateWorkflow": _WORKFLOWS,
        "UpdateWorkflow": _WORKFLOWS,
        "StartWorkflowRun": _WORKFLOWS,
        "CreateClassifier": _CLASSIFIERS,
        "UpdateClassifier": _CLASSIFIERS,
        "GetJobBookmark": _BOOKMARKS,
        "ResetJobBookmark": _BOOKMARKS,
        "StartCrawlerSchedule": _SCHEDULES,
        "UpdateCrawlerSchedule": _SCHEDULES,
    },
    "events": {
        "CreateEndpoint": "there is one region only",
        "CreatePartnerEventSource": "no partner would send events",
    },
    "logs": {
        "PutDestination": _LOG_DELIVERY,
        "CreateDelivery": _LOG_DELIVERY,
        "PutDeliverySource": _LOG_DELIVERY,
        "PutMetricFilter": "no metric would come of it; put its values with PutMetricData",
    },
}
_REFUSED_TYPES = (
    *("AWS::Glue::Trigger", "AWS::Glue::Workflow", "AWS::Glue::Classifier"),
    *("AWS::Logs::MetricFilter", "AWS::Pipes::Pipe"),
)
# By how the name of a type begins: a sentence for a template that has it.
_ABSENT = {"AWS::QuickSight::": "localcloud does not support QuickSight: leave its parameter empty here"}
_TARGETS = {"events", "lambda", "sns", "sqs", "states"}


class UnsupportedError(Exception):
    """Raised with `not_supported` where a service has no error of its own for it."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(not_supported(what, hint))


def not_supported(what: str, hint: str = "") -> str:
    """The sentence of every refusal; `hint` says why, or what to do instead."""
    return f"localcloud does not support {what}" + (f": {hint}" if hint else "")


def install(app: Any) -> None:
    """Refuse these operations at the gateway, resource types in templates and targets of rules."""
    from ministack.services.cloudformation import provisioners

    for service, actions in REFUSED.items():
        _refuse(app, service, actions)
    _refuse_pipes(app)
    for kind in _REFUSED_TYPES:
        provisioners._RESOURCE_HANDLERS.pop(kind, None)
    _explain_types()
    _refuse_targets()


def _explain_types() -> None:
    """Say of a type that no emulator has what to do instead; a condition that is off leaves it out."""
    from ministack.services.cloudformation import changesets, engine, handlers

    callers = (changesets, engine, handlers)
    check, *_ = (api.require(one, "validate_template_support", ["template", "conditions"]) for one in callers)

    def checked(*given: Any, **named: Any) -> None:
        try:
            check(*given, **named)
        except ValueError as error:
            hints = [hint for start, hint in _ABSENT.items() if start in str(error)]
            raise ValueError(". ".join([str(error), *hints])) from error

    for module in callers:
        module.validate_template_support = checked


def _refuse(app: Any, service: str, actions: dict[str, str]) -> None:
    original = app.SERVICE_HANDLERS[service]

    async def handler(method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
        action = headers.get("x-amz-target", "").split(".")[-1]
        if action in actions:
            return refusal(service, action, actions[action])
        if action in ("CreateCrawler", "UpdateCrawler") and json.loads(body or b"{}").get("Schedule"):
            return refusal(service, f"{action} with Schedule", _SCHEDULES)
        return cast(Response, await original(method, path, headers, body, query))

    app.SERVICE_HANDLERS[service] = handler


def _refuse_pipes(app: Any) -> None:
    """The API of Pipes is one of addresses: a pipe is made by a POST to its own."""
    original = app.SERVICE_HANDLERS["pipes"]

    async def handler(method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
        if method == "POST" and path.startswith("/v1/pipes/") and path.count("/") == 3:
            return refusal("pipes", "CreatePipe", "nothing would flow through it; use a rule or a function")
        return cast(Response, await original(method, path, headers, body, query))

    app.SERVICE_HANDLERS["pipes"] = handler


def refusal(service: str, action: str, reason: str) -> Response:
    """The answer to an operation that this cloud does not do: HTTP 501 and its name."""
    message = not_supported(f"{service}:{action}", reason)
    reply = api.to_json({"__type": "UnsupportedOperation", "message": message})
    headers = {"Content-Type": api.JSON_CONTENT_TYPE, "x-amzn-errortype": "UnsupportedOperation"}
    return 501, headers, reply


def _refuse_targets() -> None:
    """A rule's target that would never be called is refused when it is put, also by CloudFormation."""
    from ministack.core.responses import error_response_json
    from ministack.services import eventbridge

    validate = api.require(eventbridge, "_validate_target_arn", ["target"])

    def checked(target: dict[str, Any]) -> Any:
        error = validate(target)
        if error:
            return error
        service = target["Arn"].split(":")[2]
        if service not in _TARGETS:
            message = not_supported(f"{service} targets of rules", target["Arn"])
            return error_response_json("ValidationException", message, 400)
        return None

    eventbridge._validate_target_arn = checked
