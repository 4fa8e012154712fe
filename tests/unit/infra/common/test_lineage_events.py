from __future__ import annotations

from infra.common import lineage_events, names


def test_the_table_is_where_the_jobs_write_their_events() -> None:
    given = lineage_events.table().to_dict()["Properties"]["TableInput"]
    place = given["StorageDescriptor"]["Location"]["Fn::Sub"]
    assert place == f"s3://${{LakeBucket}}/{names.LINEAGE_PREFIX}"
    assert given["PartitionKeys"] == []


def test_fields_are_lower_case_as_athena_has_them() -> None:
    assert [kind for kind in lineage_events.COLUMNS.values() if kind != kind.lower()] == []
