"""The colours of series: in light as written here, in dark as `page.css` overrides them."""

from __future__ import annotations

# Each has a contrast of at least 4.5 to white; page.css has the same list for dark, by these very values.
SERIES = ("#0b61a4", "#a34700", "#1a7037", "#8a2d8f", "#b3261e", "#00696e", "#5b5f00", "#5a4fcf")
GRID = "#d0d7de"
TEXT = "currentColor"
