"""The second of the two old names: see `ingestion.dataset`."""

from ingestion.dataset import __getattr__ as __getattr__
