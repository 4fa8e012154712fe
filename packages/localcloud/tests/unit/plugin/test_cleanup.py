"""What plug-ins want done when the cloud stops."""

from __future__ import annotations

import pytest

from localcloud.plugin import cleanup


def test_clean_up_goes_on_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def fail() -> None:
        raise RuntimeError("broken")

    cleanup.at_exit(lambda: called.append("first"))
    cleanup.at_exit(fail)
    cleanup.at_exit(lambda: called.append("last"))
    cleanup.run()
    cleanup.run()
    assert called == ["last", "first"]
    assert "broken" in caplog.text
