"""crm_customers: who buys. The same customer may stand here under two ids: the join finds that."""

from segmentation.description import UPSERT, Table

TABLE = Table(
    name="crm_customers",
    schema="crm",
    table="customers",
    key=("customer_id",),
    mode=UPSERT,
    cursor="updated_at",
    partition_column="customer_id",
    compare_keys_every=5,
    description="Customers of the shop",
)
