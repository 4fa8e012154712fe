"""The preview grades what a change means to readers: by the descriptions of both refs and by the rows."""

from __future__ import annotations

import json
from dataclasses import replace

from covidlake.base import project
from covidlake.dataset import descriptions
from covidlake.dataset.contract import document
from covidlake.laptop.preview import contracts
from covidlake.laptop.preview import descriptions as of_refs
from covidlake.laptop.preview.contracts import _description
from covidlake.laptop.preview.descriptions import Described
from covidlake.laptop.preview.model import Side, TableChange

SIDE = Side(100, 1, 1000, ("month",))
HEAD = of_refs.of(project.JOBS).data_sets


def changed(name: str, **whole: object) -> Described:
    """The description of a data set, as another ref says it."""
    facts = json.loads(json.dumps(HEAD[name].facts))
    facts["whole"] |= whole
    return Described(name, facts=facts)


def test_the_contract_is_the_same_as_without_a_process_between() -> None:
    for name, described in HEAD.items():
        assert document.of(_description(described)) == document.of(descriptions.load(name))


def test_nothing_changed_and_one_side_missing() -> None:
    one = HEAD["uk_covid"]
    assert contracts.graded(one, one, ()) == ()
    assert contracts.graded(None, one, ()) == ()
    assert contracts.graded(one, Described("uk_covid", "SyntaxError"), ()) == ()


def test_the_description_and_the_rows_are_graded_together() -> None:
    described = HEAD["uk_covid"].facts["whole"]["columns"]
    columns = [one for one in described if one["name"] != "plannedCapacityByPublishDate"]
    head = changed("uk_covid", columns=columns, max_rejected=0.1)
    seen = TableChange("uk_covid", SIDE, SIDE, ("areacode", "date"), gone=1_200, changed=3)
    assert contracts.graded(HEAD["uk_covid"], head, (seen,)) == (
        ("breaking", "uk_covid", "1,200 rows are gone in the preview"),
        ("breaking", "uk_covid.plannedcapacitybypublishdate", "the column is gone"),
        ("breaking", "uk_covid_history.plannedcapacitybypublishdate", "the column is gone"),
        ("needs care", "uk_covid", "3 rows have other values in the preview"),
        ("compatible", "maximumRejectedShare", "0.1, no more 0.2"),
    )
    only_base = replace(seen, after=None)
    assert contracts.graded(HEAD["uk_covid"], HEAD["uk_covid"], (only_base,)) == ()


def test_a_field_that_another_ref_knows_is_no_obstacle() -> None:
    head = changed("uk_covid", of_the_future=["a", "b"])
    assert contracts.graded(HEAD["uk_covid"], head, ()) == ()


def test_a_description_of_another_shape_is_said() -> None:
    head = changed("uk_covid", columns=3)
    ((grade, where, what),) = contracts.graded(HEAD["uk_covid"], head, ())
    assert (grade, where) == ("needs care", "uk_covid")
    assert what.startswith("the contracts cannot be compared")
