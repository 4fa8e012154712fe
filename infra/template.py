"""The template of the stack, put together from one module for each concern."""

from __future__ import annotations

import json

from troposphere import AWSObject, Template

from infra import (
    catalog,
    encryption,
    functions,
    job,
    monitoring,
    notifications,
    query,
    roles,
    schedule,
    storage,
)
from infra.code import FUNCTIONS, CodeLocations
from infra.outputs import outputs
from infra.parameters import add_parameters
from infra.state_machine import state_machine

DESCRIPTION = "Covid Lake: ingestion of public COVID-19 data into a lake that Athena queries"


def _resources(code: CodeLocations) -> list[AWSObject]:
    return [
        encryption.key(),
        encryption.key_alias(),
        storage.lake_bucket(),
        storage.lake_bucket_policy(),
        catalog.database(),
        catalog.crawler(),
        job.job(code),
        *(functions.function(folder, code) for folder in FUNCTIONS),
        notifications.topic(),
        notifications.topic_policy(),
        notifications.email_subscription(),
        notifications.undelivered_queue(),
        notifications.undelivered_queue_policy(),
        query.work_group(),
        *monitoring.log_groups(),
        monitoring.status_rule(),
        *(monitoring.alarm(metric) for metric in monitoring.ALARM_METRICS),
        schedule.schedule_rule(),
        roles.job_role(),
        roles.crawler_role(),
        *(roles.function_role(folder) for folder in FUNCTIONS),
        roles.state_machine_role(),
        roles.schedule_role(),
        state_machine(),
    ]


def build_template(code: CodeLocations) -> Template:
    """The template with its code at `code`; raises SubstitutionError and troposphere's own errors."""
    template = Template(Description=DESCRIPTION)
    template.set_version("2010-09-09")
    add_parameters(template)
    for resource in _resources(code):
        template.add_resource(resource)
    for output in outputs():
        template.add_output(output)
    return template


def template_json(template: Template) -> str:
    """The template as text: the same bytes for the same template, one line for each value."""
    return json.dumps(template.to_dict(), indent=1, sort_keys=True) + "\n"
