"""Named queries on what the segmentation makes."""

from __future__ import annotations

from infra.common.pipeline import DescribedDataSet

SEGMENTS = """
SELECT segment, segment_name, count(*) AS customers,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       round(avg(recency_days), 1) AS mean_recency_days,
       round(avg(frequency), 1) AS mean_frequency,
       round(avg(CAST(monetary AS double)), 2) AS mean_monetary
FROM customer_segments
GROUP BY segment, segment_name
ORDER BY segment
""".strip()
BEST = """
SELECT customer_id, segment_name, recency_days, frequency, monetary
FROM customer_segments
WHERE segment = 1
ORDER BY monetary DESC, customer_id
LIMIT 20
""".strip()
DESCRIBED = (
    DescribedDataSet(
        "customer_segments",
        (("Segments with customers and mean values", SEGMENTS), ("Customers of the first segment", BEST)),
    ),
)
