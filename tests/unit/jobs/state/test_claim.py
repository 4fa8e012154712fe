"""One job run has a data set at a time, also where many want it in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ingestion.errors import UnreadableStateError
from ingestion.state import claim
from ingestion.state.storage import Prefix, Storage

STATE = Prefix("lake", "state/uk_covid/")


def nobody(_: str) -> bool:
    return False


def everybody(_: str) -> bool:
    return True


def take(s3: Any, job_run: str, is_running: Callable[[str], bool] = everybody) -> claim.Claim | None:
    return claim.take(Storage(s3), STATE, job_run, "run-1", is_running)


def test_what_one_has_no_other_gets_until_it_is_released(s3: Any) -> None:
    held = take(s3, "jr_1")
    assert held
    assert take(s3, "jr_2") is None
    assert claim.holder(Storage(s3), STATE) == "jr_1 of run-1"
    held.release()
    assert claim.holder(Storage(s3), STATE) == ""
    assert take(s3, "jr_2")


def test_who_died_has_it_no_longer(s3: Any) -> None:
    lost = take(s3, "jr_1")
    assert lost
    assert take(s3, "jr_2", nobody)
    lost.release()  # that of the other one stays
    assert claim.holder(Storage(s3), STATE) == "jr_2 of run-1"


def test_the_same_job_run_may_take_it_again(s3: Any) -> None:
    assert take(s3, "jr_1")
    assert take(s3, "jr_1")


@pytest.mark.parametrize("died", [False, True])
def test_of_many_at_once_one_gets_it(s3: Any, died: bool) -> None:
    if died:
        assert take(s3, "jr_dead")
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda n: take(s3, f"jr_{n}", lambda run: run != "jr_dead"), range(8)))
    assert len([one for one in held if one]) == 1


def test_what_is_no_claim_is_refused(s3: Any) -> None:
    s3.put_object(Bucket="lake", Key="state/uk_covid/running.json", Body=b"[]")
    with pytest.raises(UnreadableStateError, match=r"running\.json"):
        take(s3, "jr_1")
