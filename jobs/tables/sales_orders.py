"""sales_orders: what was ordered. Orders change late, so each run reads what any transaction has written."""

from segmentation.description import UPSERT, Table

TABLE = Table(
    name="sales_orders",
    schema="sales",
    table="orders",
    key=("order_id",),
    mode=UPSERT,
    cursor="updated_at",
    partition_column="order_id",
    compare_keys_every=5,
    description="Orders of the shop",
)
