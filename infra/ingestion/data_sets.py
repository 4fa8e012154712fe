"""What the parameter DataSets says."""

from __future__ import annotations

ALL = "*"  # every data set that is described
