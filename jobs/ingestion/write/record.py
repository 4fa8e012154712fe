"""What the run record says of a run that has built something, without what it has published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.state.ledger import Plan

if TYPE_CHECKING:
    from ingestion.write.staged import Built


def counts(plan: Plan, built: Built) -> dict[str, int]:
    changes = built.changes
    return {
        "objects_read": built.objects_read,
        "objects_removed": len(plan.vanished),
        "rows_read": built.rows_read,
        "rows_new": changes["new"],
        "rows_restated": changes["restated"],
        "rows_unchanged": changes["unchanged"],
        "rows_removed": changes["removed"],
        "rows_duplicate": changes["duplicate"],
        "rows_quarantined": built.scan.rows("rejected"),
        "rows_filtered_out": built.scan.rows("filtered_out"),
    }
