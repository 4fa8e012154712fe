"""Which ids are one customer: linked ones and those of one e-mail, however many links lie between them."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from segmentation.lake.files import Files

ID, MEMBER = "customer_id", "member_id"


def members(files: Files, customers: DataFrame, links: DataFrame) -> DataFrame:
    """Each id of `customers` as MEMBER, with the smallest id of the same customer as ID.

    Only ids that share something with another are brought to the driver, which joins them: those are few, and
    chains of any length end there. They go back in a file: rows of Python's are made again wherever they are
    used, by a process for each.
    """
    address = F.lower(F.trim("email"))
    known = customers.select(F.col(ID), F.when(address != "", address).alias("address"))
    first = known.groupBy("address").agg(F.min(ID).alias("first"), F.count(ID).alias("n"))
    shared = known.join(first.where("address is not null and n > 1"), "address").where(
        F.col(ID) != F.col("first")
    )
    ids = known.select(F.col(ID))
    linked = links.join(ids, links["duplicate_id"] == ids[ID], "left_semi")
    linked = linked.join(ids, linked[ID] == ids[ID], "left_semi")
    pairs = shared.select(F.col(ID).alias("one"), F.col("first").alias("other")).unionByName(
        linked.select(F.col("duplicate_id").alias("one"), F.col(ID).alias("other"))
    )
    found = connected((row[0], row[1]) for row in pairs.collect())
    place = files.places.staging.folder("identities")
    files.storage.write_json(place, "ids.json", {"ids": [[*pair] for pair in sorted(found.items())]})
    read = files.spark.read.schema("ids array<array<bigint>>").json(str(place), multiLine=True)
    exploded = read.select(F.explode("ids").alias("_ids"))
    mapping = exploded.selectExpr(f"_ids[0] as {MEMBER}", "_ids[1] as _first")
    return (
        ids.select(F.col(ID).alias(MEMBER))
        .join(mapping, MEMBER, "left")
        .select(MEMBER, F.coalesce("_first", MEMBER).alias(ID))
    )


def unknown_links(customers: DataFrame, links: DataFrame) -> int:
    """How many links name an id that no customer has."""
    known = customers.select(F.col(ID).alias("_id")).withColumn("_known", F.lit(True))
    named = links.select(F.explode(F.array("duplicate_id", ID)).alias("_id"), "duplicate_id")
    return named.join(known, "_id", "left").where("_known is null").select("duplicate_id").distinct().count()


def connected(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each id of a pair with the smallest that it is connected to."""
    parents: dict[int, int] = {}

    def root(one: int) -> int:
        while (above := parents.setdefault(one, one)) != one:
            parents[one] = one = parents.get(above, above)
        return one

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parents[high] = low
    return {one: root(one) for one in list(parents)}
