"""sales_exchange_rates: what a unit of a currency is worth in dollars from a day on."""

from segmentation.description import FULL, Table

TABLE = Table(
    name="sales_exchange_rates",
    schema="sales",
    table="exchange_rates",
    key=("currency", "valid_from"),
    mode=FULL,
    description="Exchange rates to the dollar",
)
