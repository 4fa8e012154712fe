"""The template of the stack, put together from one module for each concern."""

from __future__ import annotations

from collections.abc import Sequence

from troposphere import AWSObject, Ref, Template

from infra.common import catalog as lake_catalog
from infra.common import (
    datazone,
    encryption,
    lake,
    monitoring,
    names,
    notifications,
    query,
    quicksight,
    schedule,
    watch,
)
from infra.common.code_locations import CodeLocations
from infra.common.declared_tables import declared_tables
from infra.common.partitions import add_partitions
from infra.common.pipeline import DescribedTable
from infra.segmentation import (
    catalog,
    connection,
    database,
    functions,
    jobs,
    network,
    queries,
    roles,
)
from infra.segmentation.outputs import outputs
from infra.segmentation.parameters import add_parameters
from infra.segmentation.states import state_machine

DESCRIPTION = "Covid Lake: tables of a database to the lake, segments of its customers back to the database"
WHAT = "the segmentation"


def _resources(code: CodeLocations, tables: Sequence[DescribedTable]) -> list[AWSObject]:
    return [
        encryption.key(),
        encryption.key_alias(),
        lake.lake_bucket(),
        lake.lake_bucket_policy(),
        lake_catalog.database(),
        lake_catalog.crawler(),
        *network.network(),
        *database.database(),
        connection.connection(),
        catalog.database(),
        catalog.crawler(),
        *jobs.all_jobs(code),
        *functions.all_functions(code, tables),
        notifications.topic("Covid Lake segmentation"),
        notifications.topic_policy(),
        notifications.email_subscription(),
        notifications.undelivered_queue(),
        notifications.undelivered_queue_policy(),
        query.work_group(),
        *query.named_queries(queries.DESCRIBED),
        *monitoring.log_groups(),
        *functions.log_groups(),
        monitoring.status_rule(WHAT),
        *(monitoring.alarm(metric, WHAT) for metric in monitoring.ALARM_METRICS),
        schedule.schedule_rule(f"Starts {WHAT}"),
        *declared_tables(one.name for one in tables),
        *watch.resources(
            code,
            list(jobs.NAMES.values()),
            [names.CRAWLER, catalog.CRAWLER_NAME],
            Ref("Tables"),
            (one.name for one in tables),
        ),
        *quicksight.resources([]),
        *roles.all_roles(),
        state_machine(code, tables),
    ]


def build_template(code: CodeLocations, tables: Sequence[DescribedTable]) -> Template:
    """The template for the described tables, with its code at `code`.

    Raises SubstitutionError, MissingCodeError, ReservedNameError and troposphere's own errors.
    """
    template = Template(Description=DESCRIPTION)
    template.set_version("2010-09-09")
    add_parameters(template)
    add_partitions(template)
    watch.add_conditions(template)
    template.add_condition(quicksight.CONDITION, quicksight.condition())
    template.add_condition(datazone.CONDITION, datazone.condition())
    for resource in _resources(code, tables):
        template.add_resource(resource)
    for output in outputs():
        template.add_output(output)
    return template
