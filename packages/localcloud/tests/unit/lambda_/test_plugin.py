"""Which functions this cloud can run."""

from __future__ import annotations

import pytest

from localcloud.lambda_ import plugin
from localcloud.plugin import AwsError


@pytest.mark.parametrize(
    "runtime", ["", "nodejs22.x", "python3", "python3.8", "python3.12x", "provided.al2023"]
)
def test_a_runtime_that_is_no_python_is_refused(runtime: str) -> None:
    with pytest.raises(AwsError, match=f"does not support runtime '{runtime}'"):
        plugin.check_function({"Runtime": runtime, "Code": {}})


@pytest.mark.parametrize("runtime", ["python3.9", "python3.11", "python3.12", "python3.14"])
def test_a_python_runtime_is_accepted(runtime: str) -> None:
    plugin.check_function({"Runtime": runtime, "Code": {}})


def test_container_images_are_refused() -> None:
    with pytest.raises(AwsError, match="Zip packages only"):
        plugin.check_function({"PackageType": "Image", "Code": {"ImageUri": "x"}})


def test_a_log_has_lambda_s_own_lines_around_what_was_written() -> None:
    config = {"Version": "3", "MemorySize": 256}
    lines = plugin.whole_log("one\ntwo", "r", config, 7, 12).splitlines()
    assert lines == [
        "START RequestId: r Version: 3",
        "one",
        "two",
        "END RequestId: r",
        "REPORT RequestId: r\tDuration: 7 ms\tBilled Duration: 7 ms\tMemory Size: 256 MB\t"
        "Max Memory Used: 12 MB",
    ]
    assert len(plugin.whole_log("", "r", {}, 1, 0).splitlines()) == 3
