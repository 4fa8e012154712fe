"""One row a customer: who it is, and what its orders say."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from segmentation.join.identities import ID, MEMBER
from segmentation.join.orders import MONEY

KEY = (ID,)


def customers(people: DataFrame, members: DataFrame, orders: DataFrame) -> DataFrame:
    """The table `customers`. Recency is the number of days to the newest order of all, so that the same data
    make the same rows on any day. Of several ids the one that changed last gives name and e-mail.
    """
    newest = orders.agg(F.max("day").alias("_newest"))
    spent = orders.groupBy(ID).agg(
        F.min("day").alias("first_order_on"),
        F.max("day").alias("last_order_on"),
        F.count("order_id").cast("int").alias("frequency"),
        F.sum("items").alias("items"),
        F.sum("paid").cast(MONEY).alias("paid"),
        F.sum("refunded").cast(MONEY).alias("refunded"),
        F.sort_array(F.collect_set("currency")).alias("currencies"),
    )
    rows = _people(people, members).join(spent, ID, "left").crossJoin(F.broadcast(newest))
    paid, refunded = (F.coalesce(name, F.lit(0)).cast(MONEY) for name in ("paid", "refunded"))
    frequency = F.coalesce("frequency", F.lit(0))
    monetary = (paid - refunded).cast(MONEY)
    return rows.select(
        ID, "name", "email", "country", "countries", "member_ids", "customer_since",
        "first_order_on", "last_order_on",
        F.datediff("_newest", "last_order_on").alias("recency_days"),
        frequency.alias("frequency"),
        F.coalesce("items", F.lit(0)).cast("bigint").alias("items"),
        monetary.alias("monetary"),
        F.when(frequency > 0, F.round(monetary / frequency, 2)).cast(MONEY).alias("average_order_value"),
        refunded.alias("refunded"),
        F.when(paid > 0, F.round(refunded / paid, 4)).cast("decimal(5,4)").alias("refund_share"),
        F.coalesce("currencies", F.array().cast("array<string>")).alias("currencies"),
    )  # fmt: skip


def _people(people: DataFrame, members: DataFrame) -> DataFrame:
    """Each customer once, of all its ids."""
    named = people.select(
        F.col(ID).alias(MEMBER), "name", F.lower(F.trim("email")).alias("email"),
        F.trim("country").alias("country"), "created_at", "updated_at",
    )  # fmt: skip
    last = F.struct(F.col("updated_at"), F.col(MEMBER), "name", "email", "country")
    return (
        named.join(members, MEMBER)
        .groupBy(ID)
        .agg(
            F.max(last).alias("_last"),
            F.sort_array(F.collect_set("country")).alias("countries"),
            F.sort_array(F.collect_set(MEMBER)).alias("member_ids"),
            F.min(F.to_date("created_at")).alias("customer_since"),
        )
        .select(ID, "_last.name", "_last.email", "_last.country", "countries", "member_ids", "customer_since")
    )
