"""sales_monthly_revenue: a view, so every run reads it as a whole."""

from segmentation.description import FULL, Table

TABLE = Table(
    name="sales_monthly_revenue",
    schema="sales",
    table="monthly_revenue",
    key=("month", "currency"),
    mode=FULL,
    description="Revenue of each month in each currency",
)
