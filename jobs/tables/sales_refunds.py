"""sales_refunds: what was paid back. Refunds are only added, so each run reads those of greater ids.

That rule misses a refund whose transaction ends after a later one was read; the comparison of keys finds it.
"""

from segmentation.description import APPEND, Table

TABLE = Table(
    name="sales_refunds",
    schema="sales",
    table="refunds",
    key=("refund_id",),
    mode=APPEND,
    cursor="refund_id",
    partition_column="refund_id",
    compare_keys_every=5,
    description="Refunds of orders",
)
