"""Pages of a list, as every service of this cloud cuts them."""

from __future__ import annotations

import pytest

from localcloud.plugin import AwsError
from localcloud.plugin.paging import page

LETTERS = "abcde"


def test_pages_follow_each_other_to_the_end() -> None:
    found, token = [], {}
    while True:
        shown, token = page(LETTERS, {"MaxResults": 2, **token}, 10)
        found.append(shown)
        if not token:
            break
    assert found == [["a", "b"], ["c", "d"], ["e"]]


def test_a_page_has_the_default_or_as_many_as_it_may() -> None:
    assert page(LETTERS, {}, 10, 2)[0] == ["a", "b"]
    assert page(LETTERS, {}, 3)[0] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"MaxResults": 11}, "less than or equal to 10"),
        ({"MaxResults": -1}, "greater than or equal to 1"),
        ({"NextToken": "nope"}, "NextToken is not one that was returned"),
    ],
)
def test_what_no_page_has_is_refused(request_: dict[str, object], said: str) -> None:
    with pytest.raises(AwsError, match=said) as refused:
        page(LETTERS, request_, 10, code="InvalidRequestException")
    assert refused.value.code == "InvalidRequestException"
