"""Ids that are one customer, however they hang together."""

from __future__ import annotations

import itertools
import random

from segmentation.join.identities import connected


def test_chains_of_any_length_and_direction_end_at_the_smallest() -> None:
    ids = list(range(100, 5100))
    pairs = list(itertools.pairwise(ids))
    random.Random(7).shuffle(pairs)
    found = connected((b, a) if a % 2 else (a, b) for a, b in pairs)
    assert set(found.values()) == {100}
    assert len(found) == 5000


def test_separate_ones_stay_separate() -> None:
    assert connected([(1, 2), (5, 4), (4, 5), (9, 9)]) == {1: 1, 2: 1, 4: 4, 5: 4, 9: 9}
    assert connected([]) == {}
