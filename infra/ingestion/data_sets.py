"""What the template says of the data sets: which there are, and their named queries for Athena."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troposphere import Ref, athena

from infra.common.pipeline import DescribedDataSet
from infra.common.query import WORK_GROUP
from infra.ingestion.catalog import DATABASE

ALL = "*"  # in the parameter DataSets: every one that is described


def named_queries(data_sets: Sequence[DescribedDataSet]) -> Iterator[athena.NamedQuery]:
    """A changed one is replaced: CloudFormation cannot change it in place."""
    for data_set in data_sets:
        for number, (title, sql) in enumerate(data_set.queries, start=1):
            yield athena.NamedQuery(
                f"{_camel_case(data_set.name)}Query{number}",
                Name=f"{data_set.name}: {title}"[:128],
                Description=title[:1024],
                Database=Ref(DATABASE),
                QueryString=sql,
                WorkGroup=Ref(WORK_GROUP),
            )


def _camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
