"""Real purchases are taken from a package that somebody has installed; ours are invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base.errors import SourceError
from covidlake.laptop.database import cdnow, fill
from covidlake.laptop.database.access import Access
from covidlake.laptop.database.made import Shop

PURCHASES = " 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n 00002 19970105  5   77.00\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lifetimes" / cdnow.FILE
    file.parent.mkdir(parents=True)
    file.write_text(PURCHASES)
    (tmp_path / "lifetimes" / "__init__.py").write_text("raise ImportError('needs pandas')\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_without_the_package_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdnow, "find_spec", lambda _name: None)  # this machine may have it
    with pytest.raises(SourceError, match=r"pip install --no-deps lifetimes==0\.11\.3"):
        fill.check(fill.CDNOW)


@pytest.mark.usefixtures("installed")
def test_each_purchase_is_an_order() -> None:
    source = cdnow.Purchases()
    assert list(source.lines("sales.orders"))[1] == "\t".join(
        ("2", "2", "1997-01-12 12:00:00+00", "shipped", "1", "12.00", "USD", "1997-01-12 12:00:00+00")
    )
    assert [line.split("\t")[7] for line in source.lines("crm.customers")] == [
        "1997-01-01 12:00:00+00",
        "1997-01-05 12:00:00+00",
    ]
    assert source.TABLES == Shop.TABLES


@pytest.mark.usefixtures("installed")
def test_they_fill_the_database(empty: Access) -> None:
    assert "2 customers, 0 customer links, 0 newsletter, 1 exchange rates, 3 orders" in fill.fill(
        empty, fill.CDNOW
    )
