"""Pages of a list: `MaxResults` and `NextToken` of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.plugin.api import AwsError


def page(
    items: Sequence[Any],
    request: Mapping[str, Any],
    largest: int,
    default: int | None = None,
    code: str = "InvalidInputException",
) -> tuple[list[Any], dict[str, str]]:
    """The items of the page that is asked for, and the token of the next one, if there is one.

    A page has `default` items, or as many as it may have. Raises an error of the service with this `code`.
    """
    size = int(request.get("MaxResults") or default or largest)
    if not 1 <= size <= largest:
        bound = f"less than or equal to {largest}" if size > largest else "greater than or equal to 1"
        raise AwsError(
            code,
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    token = str(request.get("NextToken") or "0")
    if not token.isdecimal():
        raise AwsError(code, "NextToken is not one that was returned")
    start, end = int(token), int(token) + size
    return list(items[start:end]), {"NextToken": str(end)} if end < len(items) else {}
