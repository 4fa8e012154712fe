"""Of which columns each column of customers and segments is made, as the jobs make them.

The join and the segmentation are code, not descriptions, so this says beside them what they do; tests hold it
to the columns that they make. An extracted table has the columns of the database's.
"""

from __future__ import annotations

from dataclasses import dataclass

IDENTITY, TRANSFORMATION, AGGREGATION = "IDENTITY", "TRANSFORMATION", "AGGREGATION"
CUSTOMERS, SEGMENTS, WRITE_BACK = "customers", "customer_segments", "write_back"


@dataclass(frozen=True)
class Origin:
    """What a column is made of: `sources` are tables and columns, none where the run itself makes the value.

    `kind` is OpenLineage's; `how` says by which rule.
    """

    table: str
    column: str
    sources: tuple[tuple[str, str], ...]
    kind: str
    how: str


def of(table: str) -> list[Origin]:
    """Each column of a table that a step makes, in the table's order; none for an extracted one."""
    return {CUSTOMERS: _customers, SEGMENTS: _segments, WRITE_BACK: _written}.get(table, list)()


def inputs(table: str) -> list[str]:
    """The tables of the lake that a step reads."""
    return sorted({source for one in of(table) for source, _ in one.sources})


_PEOPLE, _LINKS, _ORDERS = "crm_customers", "crm_customer_links", "sales_orders"
_REFUNDS, _RATES = "sales_refunds", "sales_exchange_rates"
_LAST = "of the id that changed last"
_USED = "of the orders that count"
_PAID = ((_ORDERS, "amount"), (_ORDERS, "currency"), (_RATES, "rate_to_usd"))
_WORTH = (*_PAID, (_REFUNDS, "amount"))
_FEATURES = ("recency_days", "frequency", "monetary")


def _customers() -> list[Origin]:
    ids = ((_PEOPLE, "customer_id"), (_LINKS, "duplicate_id"), (_LINKS, "customer_id"), (_PEOPLE, "email"))
    ordered = ((_ORDERS, "ordered_at"),)
    days = "in days, to the newest order of all"
    made = [
        ("customer_id", ids, AGGREGATION, "the smallest of the ids that links and e-mails join"),
        ("name", ((_PEOPLE, "name"),), IDENTITY, _LAST),
        (
            "email",
            ((_PEOPLE, "email"),),
            TRANSFORMATION,
            f"in small letters and trimmed, {_LAST}",
        ),
        ("country", ((_PEOPLE, "country"),), TRANSFORMATION, f"trimmed, {_LAST}"),
        ("countries", ((_PEOPLE, "country"),), AGGREGATION, "all of the customer's ids"),
        ("member_ids", ids, AGGREGATION, "all ids that are the customer"),
        ("customer_since", ((_PEOPLE, "created_at"),), AGGREGATION, "the first day of all ids"),
        ("first_order_on", ordered, AGGREGATION, f"the first day {_USED}"),
        ("last_order_on", ordered, AGGREGATION, f"the last day {_USED}"),
        ("recency_days", ordered, AGGREGATION, f"from the last day {_USED}, {days}"),
        ("frequency", ((_ORDERS, "order_id"),), AGGREGATION, f"the number {_USED}"),
        ("items", ((_ORDERS, "items"),), AGGREGATION, f"the sum {_USED}"),
        ("monetary", _WORTH, AGGREGATION, f"the sum {_USED} in dollars, less refunds"),
        ("average_order_value", (*_WORTH, (_ORDERS, "order_id")), AGGREGATION, "monetary by frequency"),
        ("refunded", _WORTH, AGGREGATION, "the sum of refunds in dollars, of each at most what was paid"),
        ("refund_share", _WORTH, AGGREGATION, "refunded by what was paid"),
        ("currencies", ((_ORDERS, "currency"),), AGGREGATION, f"all {_USED}"),
    ]
    return [Origin(CUSTOMERS, *one) for one in made]


def _segments() -> list[Origin]:
    figures = tuple((CUSTOMERS, name) for name in _FEATURES)
    return [
        _kept(SEGMENTS, CUSTOMERS, "customer_id"),
        Origin(SEGMENTS, "segment", figures, TRANSFORMATION, "k-means on their logarithms, by mean spending"),
        Origin(SEGMENTS, "segment_name", figures, TRANSFORMATION, "by where the center of the segment lies"),
        *(_kept(SEGMENTS, CUSTOMERS, name) for name in _FEATURES),
    ]


def _written() -> list[Origin]:
    said = "said by the run that wrote the row"
    return [
        *(_kept(WRITE_BACK, SEGMENTS, one.column) for one in _segments()),
        *(Origin(WRITE_BACK, name, (), TRANSFORMATION, said) for name in ("run_id", "written_at", "gone_at")),
    ]


def _kept(table: str, source: str, column: str) -> Origin:
    return Origin(table, column, ((source, column),), IDENTITY, "kept as it is")
