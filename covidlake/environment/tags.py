"""The tags of a parameter file that change what the commands do: which there are, and what they may say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from covidlake.base.nearest import nearest
from covidlake.base.text import printable, shorten

PREFIX = "covidlake:"
PROTECTED = "covidlake:protected"
THROW_AWAY = "covidlake:throw-away"
PROMOTE = "covidlake:promote"
PULL_REQUEST, HOURS = "covidlake:pull-request", "covidlake:hours-to-live"  # of stacks of pull requests
ACCOUNT, REGION = "covidlake:account", "covidlake:region"
_SIGNS = "_.:/=+-@"
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


# What AWS takes: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
MOST, LONGEST_NAME, LONGEST_VALUE = 50, 128, 256


def problems(tags: Mapping[str, str]) -> Iterator[str]:
    """A clause for each tag that AWS would refuse, or nobody heed: misspelt, or with a meaningless value."""
    if len(tags) > MOST:
        yield f"{len(tags)} tags, AWS takes {MOST}: remove some"
    for name, value in tags.items():
        if fault := _fault(name, value):
            yield f"tag {shorten(printable(name))}{fault}"
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


def _fault(name: str, value: str) -> str | None:
    """What every service that gets the stack's tags would refuse."""
    if name.lower().startswith("aws:"):
        return ": AWS keeps names with aws: for itself: rename it"
    if not 1 <= len(name) <= LONGEST_NAME:
        return f": the name has {len(name)} characters, AWS takes {LONGEST_NAME}: shorten it"
    if len(value) > LONGEST_VALUE:
        return f": its value has {len(value)} characters, AWS takes {LONGEST_VALUE}: shorten it"
    if not all(map(_is_allowed, name + value)):
        return f" = {shorten(printable(value))!r}: letters, digits, spaces and {_SIGNS} only"
    return None


def _is_allowed(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character)[0] in "LZN"


def _is_ours(name: str) -> bool:
    """Also one with another separator, or with capitals."""
    return re.match(r"covid[-_ ]?lake\W", name, re.IGNORECASE) is not None
