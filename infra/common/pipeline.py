"""What the tools ask of a pipeline: its module `infra.<pipeline>.template`, and what that may ask for.

The module offers `build_template`, a function that returns a `troposphere.Template`. It names those of these
parameters that it needs:

- `code: CodeLocations`: where the Lambda functions, the scripts and the library of the jobs are;
- `described: Sequence[DescribedDataSet]`: the data sets that `jobs/datasets` describes;
- `tables: Sequence[DescribedTable]`: the tables of a database that `jobs/tables` describes.

The template has the parameters of `parameters.deployment()` and the outputs of `outputs.bundle()`, by which
history and rollback know what is deployed. The same arguments give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from troposphere import Template


@dataclass(frozen=True)
class DescribedDataSet:
    """A described data set; `queries` are pairs of a title and an Athena statement.

    `columns` are those of its table: pairs of a name and a type, partitions among them.
    """

    name: str
    queries: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DescribedTable:
    """A described table of a database: its name in the lake, and where it is in the database.

    `follows_cursor`: who reads it must see when the transactions of others began.
    """

    name: str
    schema: str
    table: str
    queries: tuple[tuple[str, str], ...] = ()
    follows_cursor: bool = False


Described = DescribedDataSet | DescribedTable


def template_json(template: Template) -> str:
    """The template as text: the same bytes for the same template, one line for each value."""
    return json.dumps(template.to_dict(), indent=1, sort_keys=True) + "\n"
