"""Unit tests mirror the code: each lies in the folder of the room that it tests, and each module has one.

A module without a test of its name is written down here, with the tests that cover it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The first pipeline's folder in jobs/ does not come again among the tests; the second's does.
CODE = {
    "tests/unit/covidlake": ("covidlake",),
    "tests/unit/infra": ("infra",),
    "tests/unit/jobs": ("jobs/ingestion", "jobs"),
    "packages/localcloud/tests/unit": ("packages/localcloud/localcloud",),
}
# Folders of tests that are no rooms.
FOLDERS = {
    "tests/unit/jobs/job": "whole runs of jobs/ingestion/job.py, on Spark",
    "packages/localcloud/tests/unit/athena/sql/strictness": "statements that Athena takes, or refuses",
}

SEGMENTATION = "tests/unit/jobs/segmentation"
LOCALCLOUD, CLOUD_E2E = "packages/localcloud/localcloud", "packages/localcloud/tests/e2e"
STRICTNESS = "packages/localcloud/tests/unit/athena/sql/strictness"
# The tests that cover a module, or all modules of a folder, in place of a test of its name.
ELSEWHERE = {
    "covidlake/bundle/manifest.py": "tests/unit/covidlake/bundle/test_package.py",
    "covidlake/bundle/sources.py": "tests/unit/covidlake/bundle/test_package.py",
    "covidlake/bundle/template.py": "tests/unit/covidlake/bundle/test_lint.py",
    "covidlake/dataset/constants.py": "tests/unit/covidlake/dataset/test_statements.py",
    "covidlake/dataset/contract/properties.py": "tests/unit/covidlake/dataset/contract/test_document.py",
    "covidlake/dataset/contract/quality.py": "tests/unit/covidlake/dataset/contract/test_document.py",
    "covidlake/environment/parameter_yaml.py": "tests/unit/covidlake/environment/test_environment_file.py",
    "covidlake/environment/tags.py": "tests/unit/covidlake/environment/test_environment_file.py",
    "covidlake/laptop/source/mirror.py": "tests/integration/test_mirror.py",
    "covidlake/laptop/source/uk_areas.py": "tests/unit/covidlake/laptop/source/test_uk_sample.py",
    "covidlake/laptop/source/uk_country.py": "tests/unit/covidlake/laptop/source/test_uk_sample.py",
    "covidlake/github/labels.py": "tests/unit/covidlake/commands/test_dataset_diff.py",
    "covidlake/laptop/source/of_two.py": "tests/e2e/test_dataset_diff.py",
    "covidlake/laptop/preview/catalog.py": "tests/e2e/test_dataset_diff.py",
    "covidlake/laptop/preview/changes.py": "tests/unit/jobs/job/test_previewed_changes.py",
    "covidlake/laptop/preview/describe_script.py": "tests/unit/covidlake/laptop/preview/test_fingerprint.py",
    "covidlake/laptop/preview/descriptions.py": "tests/unit/covidlake/laptop/preview/test_fingerprint.py",
    "covidlake/laptop/preview/lake.py": "tests/unit/jobs/job/test_previewed_changes.py",
    "covidlake/laptop/preview/outline": "tests/unit/covidlake/laptop/preview/test_model.py",
    "covidlake/laptop/preview/page.py": "tests/unit/covidlake/laptop/preview/test_model.py",
    "covidlake/laptop/preview/parquet_table.py": "tests/unit/covidlake/laptop/preview/test_compare.py",
    "covidlake/laptop/preview/preview.py": "tests/e2e/test_dataset_diff.py",
    "covidlake/laptop/preview/refs.py": "tests/unit/covidlake/laptop/preview/test_fingerprint.py",
    "covidlake/laptop/preview/renderings.py": "tests/unit/covidlake/laptop/preview/test_model.py",
    "covidlake/laptop/preview/shape.py": "tests/unit/covidlake/laptop/preview/test_model.py",
    "covidlake/report/form.py": "tests/unit/covidlake/commands/test_report.py",
    "covidlake/ship/deploy/options.py": "tests/unit/covidlake/ship/deploy/test_deploy.py",
    "covidlake/ship/plan/builder.py": "tests/unit/covidlake/ship/plan/test_resource_changes.py",
    "covidlake/ship/plan/model.py": "tests/unit/covidlake/ship/plan/test_plan_table.py",
    "covidlake/ship/plan/plan.py": "tests/unit/covidlake/ship/plan/test_plan_waits.py",
    "covidlake/ship/stack/change_set.py": "tests/unit/covidlake/ship/deploy/test_execute.py",
    # Parts of one template are tested in it, as CloudFormation reads it.
    "infra/bootstrap/names.py": "tests/unit/infra/bootstrap/test_template.py",
    "infra/bootstrap/role_shape.py": "tests/unit/infra/bootstrap/test_template.py",
    "infra/common/actions.py": "tests/unit/infra/ingestion/test_roles.py",
    "infra/common/encryption.py": "tests/unit/infra/ingestion/test_storage.py",
    "infra/common/functions.py": "tests/unit/infra/common/test_code_locations.py",
    "infra/common/monitoring.py": "tests/unit/infra/common/test_notifications.py",
    "infra/common/outputs.py": "tests/unit/infra/ingestion/test_outputs.py",
    "infra/common/parameters.py": "tests/unit/infra/ingestion/test_parameters.py",
    "infra/common/pipeline.py": "tests/unit/infra/ingestion/test_template.py",
    "infra/common/query.py": "tests/unit/infra/ingestion/test_template.py",
    "infra/common/roles.py": "tests/unit/infra/ingestion/test_roles.py",
    "infra/common/states/building_blocks.py": "tests/unit/infra/ingestion/states/test_definition.py",
    "infra/common/states/crawl.py": "tests/unit/infra/ingestion/states/test_definition.py",
    "infra/common/states/announcement.py": "tests/e2e/test_smoke.py",
    "infra/common/states/failures.py": "tests/unit/infra/ingestion/states/test_expressions.py",
    "infra/common/states/verification.py": "tests/unit/infra/ingestion/states/test_definition.py",
    "jobs/ingestion/read/nested.py": "tests/unit/jobs/job/test_exactness.py",
    "jobs/ingestion/read/undescribed.py": "tests/unit/jobs/job/test_exactness.py",
    "infra/bootstrap/access.py": "tests/unit/infra/bootstrap/test_resource_types.py",
    "infra/bootstrap/database_types.py": "tests/unit/infra/bootstrap/test_resource_types.py",
    "infra/bootstrap/policies.py": "tests/unit/infra/bootstrap/test_template.py",
    "infra/common/catalog.py": "tests/unit/infra/ingestion/test_catalog.py",
    "infra/common/jobs.py": "tests/unit/infra/ingestion/test_template.py",
    "infra/common/lake.py": "tests/unit/infra/ingestion/test_storage.py",
    "infra/common/schedule.py": "tests/unit/infra/ingestion/test_parameters.py",
    "infra/common/statements.py": "tests/unit/infra/ingestion/test_roles.py",
    "infra/common/states/job_run.py": "tests/unit/infra/ingestion/states/test_definition.py",
    "infra/common/states/outcomes.py": "tests/unit/infra/ingestion/states/test_expressions.py",
    "infra/common/states/resource.py": "tests/unit/infra/common/states/test_definition_checks.py",
    "infra/common/states/run_records.py": "tests/unit/infra/ingestion/states/test_expressions.py",
    "infra/common/states/tables.py": "tests/unit/infra/segmentation/states/test_paths.py",
    "infra/common/states/validation.py": "tests/unit/infra/ingestion/states/test_expressions.py",
    "infra/segmentation/catalog.py": "tests/unit/infra/segmentation/test_parameters.py",
    "infra/segmentation/connection.py": "tests/unit/infra/segmentation/test_database.py",
    "infra/segmentation/functions.py": "tests/unit/infra/segmentation/test_template.py",
    "infra/segmentation/jobs.py": "tests/unit/infra/segmentation/test_template.py",
    "infra/segmentation/outputs.py": "tests/unit/infra/segmentation/test_template.py",
    "infra/segmentation/queries.py": "tests/unit/infra/segmentation/test_template.py",
    "infra/segmentation/states": "tests/unit/infra/segmentation/states/test_paths.py",
    "infra/ingestion/data_sets.py": "tests/unit/infra/ingestion/test_template.py",
    "infra/ingestion/job.py": "tests/unit/infra/ingestion/test_template.py",
    "infra/ingestion/states/find_work.py": "tests/e2e/ingestion/test_shared_runs.py",
    "infra/ingestion/work.py": "tests/unit/infra/ingestion/test_template.py",
    "infra/ingestion/states/job_run.py": "tests/unit/infra/ingestion/states/test_expressions.py",
    "infra/ingestion/states/resource.py": "tests/unit/infra/common/states/test_definition_checks.py",
    "infra/ingestion/states/validation.py": "tests/unit/infra/ingestion/states/test_expressions.py",
    # What needs Spark is tested in whole runs.
    "jobs/datasets": "tests/unit/jobs/test_shipped_datasets.py",
    "jobs/ingestion/dataset.py": "tests/unit/jobs/description/test_description_names.py",
    "jobs/ingestion/description/dataset.py": "tests/unit/jobs/description/test_description_names.py",
    "jobs/ingestion/job.py": "tests/unit/jobs/job/test_run.py",
    "jobs/ingestion/state/openlineage.py": "tests/unit/jobs/lineage/test_events.py",
    "jobs/ingestion/recording.py": "tests/unit/jobs/test_work.py",
    "jobs/ingestion/read/fields.py": "tests/unit/jobs/job/test_csv.py",
    "jobs/ingestion/read/source.py": "tests/unit/jobs/job/test_objects.py",
    "jobs/ingestion/rules.py": "tests/unit/jobs/description/test_description_names.py",
    "jobs/ingestion/write/files.py": "tests/unit/jobs/job/test_columns.py",
    "jobs/ingestion/write/history.py": "tests/unit/jobs/job/test_layout.py",
    "jobs/ingestion/write/merge.py": "tests/unit/jobs/job/test_merge.py",
    "jobs/ingestion/state/publish.py": "tests/unit/jobs/job/test_crash.py",
    "jobs/ingestion/write/quality.py": "tests/unit/jobs/job/test_merge.py",
    "jobs/ingestion/write/quarantine.py": "tests/unit/jobs/job/test_refusals.py",
    "jobs/ingestion/write/staged.py": "tests/unit/jobs/write/test_next_ledger.py",
    "jobs/ingestion/write/table.py": "tests/unit/jobs/job/test_run.py",
    "jobs/ingestion/write/unnested.py": "tests/unit/jobs/job/test_layout.py",
    "jobs/tables": "tests/unit/jobs/test_shipped_tables.py",
    "jobs/segmentation/extract/catalog.py": f"{SEGMENTATION}/extract/test_table.py",
    "jobs/segmentation/join/job.py": f"{SEGMENTATION}/join/test_customers.py",
    "jobs/segmentation/join/orders.py": f"{SEGMENTATION}/join/test_customers.py",
    "jobs/segmentation/lake/files.py": f"{SEGMENTATION}/extract/test_reading.py",
    "jobs/segmentation/lake/inputs.py": f"{SEGMENTATION}/join/test_customers.py",
    "jobs/segmentation/lake/merge.py": f"{SEGMENTATION}/extract/test_table.py",
    "jobs/segmentation/lake/places.py": f"{SEGMENTATION}/lake/test_publication.py",
    "jobs/segmentation/lake/quarantine.py": f"{SEGMENTATION}/extract/test_table.py",
    "jobs/segmentation/record/reporting.py": f"{SEGMENTATION}/extract/test_table.py",
    "jobs/segmentation/record/step_record.py": f"{SEGMENTATION}/extract/test_table.py",
    "jobs/segmentation/segment/clusters.py": f"{SEGMENTATION}/segment/test_job.py",
    "jobs/segmentation/segment/drift.py": f"{SEGMENTATION}/segment/test_job.py",
    "jobs/segmentation/write_back/staging.py": f"{SEGMENTATION}/write_back/test_job.py",
    "jobs/segmentation/write_back/target.py": f"{SEGMENTATION}/write_back/test_job.py",
    "jobs/segmentation/write_back/transaction.py": f"{SEGMENTATION}/write_back/test_job.py",
    "jobs/segmentation_join.py": "tests/unit/jobs/test_segmentation_extract.py",
    "jobs/segmentation_segment.py": "tests/unit/jobs/test_segmentation_extract.py",
    "jobs/segmentation_write_back.py": "tests/unit/jobs/test_segmentation_extract.py",
    # The local cloud is spoken to over HTTP, by boto3; what needs no server has unit tests.
    LOCALCLOUD: f"{CLOUD_E2E}/test_lifecycle.py",
    f"{LOCALCLOUD}/athena": f"{CLOUD_E2E}/athena/test_queries.py",
    f"{LOCALCLOUD}/athena/sql": f"{CLOUD_E2E}/athena/test_queries.py",
    f"{LOCALCLOUD}/athena/sql/statements": f"{CLOUD_E2E}/athena/test_queries.py",
    f"{LOCALCLOUD}/athena/sql/tables": f"{CLOUD_E2E}/athena/test_queries.py",
    f"{LOCALCLOUD}/athena/sql/trino": f"{STRICTNESS}/test_strictness.py",
    f"{LOCALCLOUD}/athena/sql/trino/analysis": f"{STRICTNESS}/test_strictness.py",
    f"{LOCALCLOUD}/athena/sql/trino/functions": f"{STRICTNESS}/test_strictness.py",
    f"{LOCALCLOUD}/cloudformation": f"{CLOUD_E2E}/cloudformation/test_stacks.py",
    f"{LOCALCLOUD}/cloudwatch/insights.py": f"{CLOUD_E2E}/cloudwatch/test_honesty.py",
    f"{LOCALCLOUD}/cloudwatch/logs.py": f"{CLOUD_E2E}/cloudwatch/test_honesty.py",
    f"{LOCALCLOUD}/glue/catalog": f"{CLOUD_E2E}/glue/test_catalog.py",
    f"{LOCALCLOUD}/glue/connections": f"{CLOUD_E2E}/glue/test_connections.py",
    f"{LOCALCLOUD}/glue/crawlers": f"{CLOUD_E2E}/glue/test_crawlers.py",
    f"{LOCALCLOUD}/glue/jobs": f"{CLOUD_E2E}/glue/test_jobs.py",
    f"{LOCALCLOUD}/glue/jobs/frames": f"{CLOUD_E2E}/glue/test_dynamic_frames.py",
    f"{LOCALCLOUD}/iam": f"{CLOUD_E2E}/iam/test_policies.py",
    f"{LOCALCLOUD}/plugin": f"{CLOUD_E2E}/plugin/test_refusals.py",
    f"{LOCALCLOUD}/rds": f"{CLOUD_E2E}/rds/test_clusters.py",
    f"{LOCALCLOUD}/step_functions/control": f"{CLOUD_E2E}/step_functions/test_api.py",
    f"{LOCALCLOUD}/step_functions/definition": (
        "packages/localcloud/tests/unit/step_functions/definition/test_check.py"
    ),
    f"{LOCALCLOUD}/s3/conditional_writes.py": "tests/e2e/test_artifacts.py",
    f"{LOCALCLOUD}/s3/uploads.py": f"{CLOUD_E2E}/s3/test_requests.py",
    f"{LOCALCLOUD}/step_functions/states": f"{CLOUD_E2E}/step_functions/test_tasks.py",
    f"{LOCALCLOUD}/step_functions/states/maps": f"{CLOUD_E2E}/step_functions/test_maps.py",
    f"{LOCALCLOUD}/step_functions/states/trials": (
        "packages/localcloud/tests/unit/step_functions/control/test_single_states.py"
    ),
    f"{LOCALCLOUD}/step_functions/states/tasks": f"{CLOUD_E2E}/step_functions/test_tasks.py",
}


def modules() -> Iterator[tuple[str, str]]:
    """Each module, and the test of its name."""
    for tests, codes in CODE.items():
        for path in sorted((ROOT / codes[-1]).rglob("*.py")):
            if path.name != "__init__.py":
                code = next(one for one in codes if path.is_relative_to(ROOT / one))
                folder = path.relative_to(ROOT / code).parent
                test = Path(tests) / folder / f"test_{path.stem.strip('_')}.py"
                yield str(path.relative_to(ROOT)), str(test)


def untested() -> list[str]:
    return [module for module, test in modules() if not (ROOT / test).exists()]


@pytest.mark.parametrize("tests", CODE)
def test_every_test_lies_in_a_room(tests: str) -> None:
    found = {path.parent for path in (ROOT / tests).rglob("test_*.py")}
    assert found
    lost = [
        str(folder.relative_to(ROOT))
        for folder in sorted(found)
        if not any((ROOT / code / folder.relative_to(ROOT / tests)).is_dir() for code in CODE[tests])
    ]
    assert [folder for folder in lost if folder not in FOLDERS] == []


def test_every_module_has_a_test_of_its_name_or_is_written_down() -> None:
    assert len(list(modules())) > 250
    lost = [one for one in untested() if not {one, str(Path(one).parent)} & ELSEWHERE.keys()]
    assert lost == [], "write the test of its name in the folder of the same name, or say here what covers it"


def test_what_is_written_down_is_so() -> None:
    lost = {test for test in ELSEWHERE.values() if not (ROOT / test).is_file()}
    assert lost == set()
    known = set(untested()) | {str(Path(one).parent) for one in untested()}
    assert [one for one in ELSEWHERE if one not in known] == []
    assert [folder for folder in FOLDERS if not list((ROOT / folder).glob("test_*.py"))] == []
