"""pyspark's own cloudpickle where it works, a current one where it does not."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from localcloud.glue.jobs import pickling


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 9)])
def test_pyspark_keeps_its_own_where_it_works(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    pickling.use_a_fitting_pickler()


def test_pyspark_gets_a_current_one_on_python_3_14(monkeypatch: pytest.MonkeyPatch) -> None:
    current, serializers = SimpleNamespace(), SimpleNamespace(cloudpickle="its own")
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setitem(sys.modules, "cloudpickle", current)
    monkeypatch.setitem(sys.modules, "pyspark.cloudpickle", "its own")
    monkeypatch.setitem(sys.modules, "pyspark.serializers", serializers)
    pickling.use_a_fitting_pickler()
    assert sys.modules["pyspark.cloudpickle"] is current
    assert serializers.cloudpickle is current
