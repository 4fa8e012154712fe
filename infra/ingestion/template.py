"""The template of the stack, put together from one module for each concern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from troposphere import AWSObject, Template

from infra.common import encryption, functions, monitoring, notifications, query
from infra.common.code_locations import FUNCTIONS, CodeLocations
from infra.common.partitions import add_partitions
from infra.common.pipeline import DescribedDataSet
from infra.ingestion import catalog, data_sets, job, roles, schedule, storage, work
from infra.ingestion.outputs import outputs
from infra.ingestion.parameters import add_parameters
from infra.ingestion.states import state_machine

DESCRIPTION = "Covid Lake: ingestion of public COVID-19 data into a lake that Athena queries"


def _resources(code: CodeLocations, described: Sequence[DescribedDataSet]) -> list[AWSObject]:
    return [
        encryption.key(),
        encryption.key_alias(),
        storage.lake_bucket(),
        storage.lake_bucket_policy(),
        catalog.database(),
        catalog.crawler(),
        job.job(code),
        *(functions.function(folder, code, _environment(folder)) for folder in FUNCTIONS),
        notifications.topic("Covid Lake"),
        notifications.topic_policy(),
        notifications.email_subscription(),
        notifications.undelivered_queue(),
        notifications.undelivered_queue_policy(),
        query.work_group(),
        *data_sets.named_queries(described),
        *monitoring.log_groups(),
        monitoring.status_rule(),
        *(monitoring.alarm(metric) for metric in monitoring.ALARM_METRICS),
        schedule.schedule_rule(),
        roles.job_role(),
        roles.crawler_role(),
        *(roles.function_role(folder) for folder in FUNCTIONS),
        roles.state_machine_role(),
        roles.schedule_role(),
        state_machine(described),
    ]


def _environment(folder: str) -> dict[str, Any]:
    return work.environment() if folder == work.FUNCTION else {}


def build_template(code: CodeLocations, described: Sequence[DescribedDataSet]) -> Template:
    """The template for the described data sets, with its code at `code`.

    Raises SubstitutionError and troposphere's own errors.
    """
    template = Template(Description=DESCRIPTION)
    template.set_version("2010-09-09")
    add_parameters(template)
    add_partitions(template)
    for resource in _resources(code, described):
        template.add_resource(resource)
    for output in outputs():
        template.add_output(output)
    return template
