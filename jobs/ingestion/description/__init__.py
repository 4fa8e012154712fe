"""How a data set is described: the names that a file of `datasets` imports, and the check of what it says.

The lowest room, with `errors` alone below it. It knows nothing of Spark and S3, and everything may import it.
Authors of descriptions import from here; the rooms above also take what is theirs alone from the modules.
"""

from ingestion.description.charts import AREA, BAR, LINE, POINT, Chart
from ingestion.description.dataset import DataSet
from ingestion.description.model import (
    CSV,
    JSON,
    KEEP,
    REMOVE,
    Column,
    NamedQuery,
    Partition,
    Source,
    Unnested,
)
from ingestion.description.rules import (
    FAIL,
    REJECT,
    WARN,
    Complete,
    Expectation,
    Fresh,
    NonDecreasing,
    NotRound,
    SumOfParts,
    Unique,
    between,
    one_of,
    required,
)

__all__ = [
    "AREA",
    "BAR",
    "CSV",
    "FAIL",
    "JSON",
    "KEEP",
    "LINE",
    "POINT",
    "REJECT",
    "REMOVE",
    "WARN",
    "Chart",
    "Column",
    "Complete",
    "DataSet",
    "Expectation",
    "Fresh",
    "NamedQuery",
    "NonDecreasing",
    "NotRound",
    "Partition",
    "Source",
    "SumOfParts",
    "Unique",
    "Unnested",
    "between",
    "one_of",
    "required",
]
