"""Which orders and refunds count, what they are worth in dollars, and why others cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from pyspark.sql.window import Window

from segmentation.join.identities import ID, MEMBER

DOLLAR = "USD"
MONEY = "decimal(18,2)"
OUTCOME, USED, CANCELLED = "_outcome", "used", "cancelled"
ORDERS, REFUNDS = "sales_orders", "sales_refunds"


@dataclass(frozen=True)
class Judged:
    """Each row has an OUTCOME: `used`, `cancelled` or the reason for which it cannot be used."""

    orders: DataFrame
    refunds: DataFrame


def judged_orders(orders: DataFrame, members: DataFrame, rates: DataFrame, as_of: str) -> DataFrame:
    """Orders with their customer, their day in UTC, the rate of that day, and an OUTCOME.

    `as_of` is when the orders were read: what is dated later cannot have happened. The first reason of
    several is given. A cancelled order is none to reject.
    """
    day = F.to_date("ordered_at").alias("day")
    rows = orders.select(
        "order_id", F.col(ID).alias(MEMBER), "ordered_at", day, "status", "items", "amount", "currency"
    )
    rows = rows.join(members, MEMBER, "left").join(daily(rows, rates), ["currency", "day"], "left")
    known = F.broadcast(rates.select("currency").distinct().withColumn("_known", F.lit(True)))
    rows = rows.join(known, "currency", "left")
    reason = (
        F.when(F.col(MEMBER).isNull(), "no_customer")
        .when(F.col(ID).isNull(), "unknown_customer")
        .when(F.col("ordered_at").isNull(), "no_date")
        .when(F.col("ordered_at") > F.lit(as_of).cast("timestamp"), "future_date")
        .when(F.col("amount").isNull(), "no_amount")
        .when(F.col("amount") < 0, "negative_amount")
        .when(F.col("currency").eqNullSafe(DOLLAR), None)
        .when(F.col("_known").isNull(), "unknown_currency")
        .when(F.col("rate").isNull(), "no_rate_on_day")
    )
    cancelled = F.when(F.col("status") == "cancelled", CANCELLED)
    rate = F.when(F.col("currency") == DOLLAR, F.lit(1)).otherwise(F.col("rate")).cast("decimal(18,8)")
    return rows.select(
        "order_id", ID, MEMBER, "ordered_at", "day", "items", "amount", "currency", rate.alias("rate"),
        F.coalesce(cancelled, reason, F.lit(USED)).alias(OUTCOME),
    )  # fmt: skip


def judged_refunds(refunds: DataFrame, orders: DataFrame) -> DataFrame:
    """Refunds with an OUTCOME; one of an order that does not count is of its outcome."""
    outcomes = orders.select("order_id", F.col(OUTCOME).alias("_of_order"))
    reason = (
        F.when(F.col("_of_order").isNull(), "unknown_order")
        .when(F.col("amount").isNull(), "no_amount")
        .when(F.col("amount") < 0, "negative_amount")
        .when(F.col("_of_order") == USED, USED)
        .when(F.col("_of_order") == CANCELLED, CANCELLED)
        .otherwise("order_not_used")
    )
    return refunds.join(outcomes, "order_id", "left").withColumn(OUTCOME, reason)


def worth(judged: Judged) -> DataFrame:
    """The orders that count with `paid` and `refunded` in dollars, both by the rate of the order's day.

    So an order that was paid back as a whole is worth nothing, whatever the rates did. More is not paid back
    than was paid.
    """
    back = judged.refunds.where(F.col(OUTCOME) == USED).groupBy("order_id").agg(F.sum("amount").alias("back"))
    orders = judged.orders.where(F.col(OUTCOME) == USED).join(back, "order_id", "left")
    amount = F.col("amount").cast(MONEY)
    refunded = F.least(amount, F.coalesce(F.col("back"), F.lit(0)).cast(MONEY))
    return orders.select(
        ID, MEMBER, "order_id", "day", "items", "currency",
        F.round(amount * F.col("rate"), 2).cast(MONEY).alias("paid"),
        F.round(refunded * F.col("rate"), 2).cast(MONEY).alias("refunded"),
        (F.col("back") > F.col("amount")).alias("over_refunded"),
    )  # fmt: skip


def rejected(judged: Judged) -> DataFrame:
    """Rows for the quarantine."""
    outcome = F.col(OUTCOME)
    unused = ~outcome.isin(USED, CANCELLED)
    return _rejected(judged.orders.where(unused), ORDERS, "order_id").unionByName(
        _rejected(judged.refunds.where(unused & (outcome != "order_not_used")), REFUNDS, "refund_id")
    )


def _rejected(rows: DataFrame, table: str, key: str) -> DataFrame:
    shown = [name for name in rows.columns if not name.startswith("_")]
    return rows.select(
        F.lit(table).alias("source_table"),
        F.to_json(F.struct(key)).alias("row_key"),
        F.col(OUTCOME).alias("reason"),
        F.to_json(F.struct(*shown)).alias("raw"),
    )


def daily(orders: DataFrame, rates: DataFrame) -> DataFrame:
    """The rate of each currency on each day of the orders: the last one from that day or before."""
    later = F.lead("valid_from").over(Window.partitionBy("currency").orderBy("valid_from"))
    spans = rates.select("currency", "valid_from", F.col("rate_to_usd").alias("rate"), later.alias("until"))
    days = orders.select("currency", "day").where("day is not null").distinct()
    valid = (F.col("day") >= F.col("valid_from")) & (
        F.col("until").isNull() | (F.col("day") < F.col("until"))
    )
    return days.join(F.broadcast(spans), "currency").where(valid).select("currency", "day", "rate")
