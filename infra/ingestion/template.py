"""The template of the stack, put together from one module for each concern."""

from __future__ import annotations

from collections.abc import Sequence

from troposphere import AWSObject, Ref, Template

from infra.common import (
    catalog,
    datazone,
    encryption,
    functions,
    lake,
    monitoring,
    names,
    notifications,
    query,
    quicksight,
    schedule,
    watch,
)
from infra.common import roles as common_roles
from infra.common.code_locations import CodeLocations
from infra.common.declared_tables import declared_tables
from infra.common.partitions import add_partitions
from infra.common.pipeline import DescribedDataSet
from infra.ingestion import job, roles, work
from infra.ingestion.outputs import outputs
from infra.ingestion.parameters import add_parameters
from infra.ingestion.states import state_machine

DESCRIPTION = "Covid Lake: ingestion of public COVID-19 data into a lake that Athena queries"


def _resources(code: CodeLocations, described: Sequence[DescribedDataSet]) -> list[AWSObject]:
    what = "the ingestion"
    return [
        encryption.key(),
        encryption.key_alias(),
        lake.lake_bucket(),
        lake.lake_bucket_policy(),
        catalog.database(),
        catalog.crawler(),
        job.job(code),
        *(
            functions.function(name, one, code, work.environment(name))
            for name, one in work.FUNCTIONS.items()
        ),
        notifications.topic("Covid Lake"),
        notifications.topic_policy(),
        notifications.email_subscription(),
        notifications.undelivered_queue(),
        notifications.undelivered_queue_policy(),
        query.work_group(),
        *query.named_queries(described),
        *monitoring.log_groups(),
        *map(monitoring.function_log_group, work.FUNCTIONS),
        monitoring.status_rule(what),
        *(monitoring.alarm(metric, what) for metric in monitoring.ALARM_METRICS),
        schedule.schedule_rule(f"Starts {what}"),
        *declared_tables(one.name for one in described),
        *watch.resources(
            code, [names.JOB], [names.CRAWLER], Ref("DataSets"), (one.name for one in described)
        ),
        *quicksight.resources(described),
        roles.job_role(),
        common_roles.lake_crawler_role(),
        *map(roles.function_role, work.FUNCTIONS),
        roles.state_machine_role(),
        common_roles.schedule_role(),
        state_machine(described),
    ]


def build_template(code: CodeLocations, described: Sequence[DescribedDataSet]) -> Template:
    """The template for the described data sets, with its code at `code`.

    Raises SubstitutionError, ReservedNameError and troposphere's own errors.
    """
    template = Template(Description=DESCRIPTION)
    template.set_version("2010-09-09")
    add_parameters(template)
    add_partitions(template)
    watch.add_conditions(template)
    template.add_condition(quicksight.CONDITION, quicksight.condition())
    template.add_condition(datazone.CONDITION, datazone.condition())
    for resource in _resources(code, described):
        template.add_resource(resource)
    for output in outputs():
        template.add_output(output)
    return template
