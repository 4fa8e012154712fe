"""Tags of state machines and activities."""

from __future__ import annotations

from typing import Any

from localcloud.plugin import AwsError
from localcloud.step_functions.control.requests import Body, Operation, Request, check_arn


class Tags:
    """The operations on tags; `service` is ministack's module, asked once the resource is found."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.tag: Operation
        self.untag: Operation
        self.listed: Operation

    def _check(self, request: Request) -> None:
        arn = check_arn(request.get("resourceArn", ""))
        if arn not in self.service._state_machines and arn not in self.service._activities:
            raise AwsError("ResourceNotFound", f"Resource not found: '{arn}'")

    def tag_resource(self, request: Request) -> Body:
        self._check(request)
        return self.tag(request)

    def untag_resource(self, request: Request) -> Body:
        self._check(request)
        return self.untag(request)

    def list_tags_for_resource(self, request: Request) -> Body:
        self._check(request)
        return self.listed(request)
