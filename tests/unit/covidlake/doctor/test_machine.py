"""What doctor concludes about Python and the packages of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.doctor import machine
from covidlake.doctor.check import Subject

DEV = Subject("dev")


def test_a_package_may_have_any_version_that_is_pinned_for_some_machine(tmp_path: Path) -> None:
    path = tmp_path / "pins.txt"
    path.write_text(
        "# made by a tool\nboto3==1.2.3 \\\n    --hash=sha256:00\n"
        "colorama==4 ; sys_platform == 'nowhere' \\\n"
        "    --hash=sha256:01\ntomli==5 ; python_version < '3.12'\n"
        "tomli==6 ; python_version >= '3.12'\n"
    )
    assert machine.pins(path) == {
        "boto3": {"1.2.3"},
        "colorama": {"4", None},
        "tomli": {"5", "6", None},
    }


def test_a_package_that_differs_from_its_pin_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "pins.txt"
    path.write_text("boto3==0.0.1\nno-such-package==1.0\n")
    monkeypatch.setattr(machine, "PINS", (path,))
    (check,) = machine.packages(DEV)
    assert check.status == "FAIL"
    assert "pinned 0.0.1" in check.found
    assert "no-such-package missing, pinned 1.0" in check.found
    assert check.hint == "make install"


def test_another_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PYTHONS", ((3, 8),))
    (check,) = machine.python(DEV)
    assert (check.status, check.hint) == ("FAIL", "install Python 3.11 to 3.14 and run: make install")
