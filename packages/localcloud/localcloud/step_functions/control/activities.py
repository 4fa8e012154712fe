"""Activities, and the workers that ask for their tasks."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from localcloud import plugin
from localcloud.step_functions.control.requests import (
    Body,
    Operation,
    Request,
    check_arn,
    check_name,
    page,
    refuse,
)

Activity = dict[str, Any]
_LONGEST_POLL_SECONDS = 60.0
_POLL_SECONDS = 0.1


class Activities:
    """The operations on activities; `service` is ministack's module."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.create: Operation

    def create_activity(self, request: Request) -> Body:
        """A name in use is answered with its activity, as on AWS."""
        name = request.get("name", "")
        check_name(name)
        scope = f"{plugin.current_region()}:{plugin.current_account()}"
        known = self.service._activities.get(f"arn:aws:states:{scope}:activity:{name}")
        made = known or self.create(request)
        return {field: made[field] for field in ("activityArn", "creationDate")}

    def _activity(self, request: Request) -> Activity:
        arn = check_arn(request.get("activityArn", ""), "activity")
        activity: Activity | None = self.service._activities.get(arn)
        if activity is None:
            refuse("ActivityDoesNotExist", arn)
        return activity

    def describe_activity(self, request: Request) -> Body:
        return {"encryptionConfiguration": {"type": "AWS_OWNED_KEY"}, **self._activity(request)}

    def delete_activity(self, request: Request) -> Body:
        arn = check_arn(request.get("activityArn", ""), "activity")
        self.service._activities.pop(arn, None)
        self.service._activity_tasks.pop(arn, None)
        self.service._tags.pop(arn, None)
        return {}

    def list_activities(self, request: Request) -> Body:
        activities = sorted(self.service._activities.values(), key=lambda one: str(one["name"]))
        shown, more = page(activities, request)
        names = ("activityArn", "name", "creationDate")
        return {"activities": [{name: one[name] for name in names} for one in shown], **more}

    async def task(self, request: Request) -> Body:
        """The next task of an activity, waited for as long as AWS does."""
        arn = self._activity(request)["activityArn"]
        deadline = time.monotonic() + _LONGEST_POLL_SECONDS
        while time.monotonic() < deadline:
            queue = self.service._activity_tasks.get(arn) or []
            while queue:
                task = queue.pop(0)
                entry = self.service._task_tokens.get(task["taskToken"])
                if entry is not None:  # the Task still waits
                    entry["worker"] = request.get("workerName", "")
                    return {name: task[name] for name in ("taskToken", "input")}
            await asyncio.sleep(_POLL_SECONDS)
        return {}
