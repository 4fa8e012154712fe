"""crm_customer_links: which ids of customers are known to be duplicates, and of whom."""

from segmentation.description import FULL, Table

TABLE = Table(
    name="crm_customer_links",
    schema="crm",
    table="customer_links",
    key=("duplicate_id",),
    mode=FULL,
    description="Known duplicates of customers",
)
