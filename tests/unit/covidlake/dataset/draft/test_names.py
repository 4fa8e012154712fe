"""A name or a prefix that no data set can have is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset.draft.draft import draft

WRONG = {
    "a long name": ("a" * 300, "", "300 of at most 100 letters"),
    "a long prefix": ("places", "p" * 2000, "at most 512 printable"),
    "an odd prefix": ("places", "a\nb/", "printable"),
    "a prefix that is not UTF-8": ("places", "a\udce9b/", "printable"),
}


@pytest.mark.parametrize(("name", "prefix", "said"), WRONG.values(), ids=WRONG)
def test_what_no_data_set_can_have_is_refused(name: str, prefix: str, said: str) -> None:
    with pytest.raises(DataSetError, match=said):
        draft(name, [Path("nowhere")], prefix)
