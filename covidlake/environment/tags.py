"""The tags of a parameter file that change what the commands do: which there are, and what they may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from covidlake.base.nearest import nearest

PREFIX = "covidlake:"
PROTECTED = "covidlake:protected"
THROW_AWAY = "covidlake:throw-away"
PROMOTE = "covidlake:promote"
PULL_REQUEST, HOURS = "covidlake:pull-request", "covidlake:hours-to-live"  # of stacks of pull requests
ACCOUNT, REGION = "covidlake:account", "covidlake:region"
_REGION = r"[a-z]{2,4}(-[a-z]+)+-\d"
_SWITCH = ("(true|false)", '"true", "false"')
# The values of a tag as an expression, and in words.
_VALUES = {
    PROTECTED: _SWITCH,
    THROW_AWAY: _SWITCH,
    PROMOTE: _SWITCH,
    ACCOUNT: (r"\d{12}( \d{12})*", "numbers of 12 digits, parted by spaces"),
    PULL_REQUEST: (r"\d+", "the number of a pull request"),
    HOURS: (r"-?\d+(\.\d+)?", "a number of hours"),
    REGION: (rf"{_REGION}( {_REGION})*", "regions such as us-east-2, parted by spaces"),
}


def problems(tags: Mapping[str, str]) -> Iterator[str]:
    """A clause for each tag that nobody would heed: misspelt, or with a value that means nothing."""
    for name, value in tags.items():
        if name in _VALUES:
            form, words = _VALUES[name]
            if not re.fullmatch(form, value, re.ASCII):
                yield f"tag {name} = {value!r}: allowed are {words}"
        elif (near := nearest(name, _VALUES)) and _is_ours(name):
            yield f"tag {name} is unknown: did you mean {near}? there are: {', '.join(_VALUES)}"
        elif _is_ours(name):
            yield f"tag {name} is unknown: remove it; there are: {', '.join(_VALUES)}"
    if tags.get(PROTECTED) == tags.get(THROW_AWAY) == "true":
        yield f"tags {PROTECTED} and {THROW_AWAY} contradict each other: remove one"


def _is_ours(name: str) -> bool:
    """Also one with another separator, or with capitals."""
    return re.match(r"covid[-_ ]?lake\W", name, re.IGNORECASE) is not None
