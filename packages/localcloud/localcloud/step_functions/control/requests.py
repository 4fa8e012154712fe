"""What AWS looks at in a request before the operation: ARNs, names, limits; and pages of a list."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from localcloud.plugin import AwsError

Request = dict[str, Any]
Body = dict[str, Any]
Item = TypeVar("Item")

_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_MAXIMUM_RESULTS = 1000
_MAXIMUM_BYTES = 262144
_LONGEST = {"error": 256, "cause": 32768}
_LONGEST_TOKEN = 64
_TOKEN = re.compile(r"[!-~]+")
_ABSENT = {
    "StateMachineDoesNotExist": "State Machine Does Not Exist",
    "StateMachineAlreadyExists": "State Machine Already Exists",
    "ExecutionDoesNotExist": "Execution Does Not Exist",
    "ExecutionAlreadyExists": "Execution Already Exists",
    "ActivityDoesNotExist": "Activity Does Not Exist",
}


def refuse(code: str, named: str) -> NoReturn:
    """Raise an error that only says its name and the resource: `Execution Does Not Exist: 'arn:...'`."""
    raise AwsError(code, f"{_ABSENT[code]}: '{named}'")


def invalid(value: Any, where: str, constraint: str) -> NoReturn:
    """Raise the ValidationException of a member that breaks a constraint of the API's model."""
    raise AwsError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: "
        f"Member must {constraint}",
    )


def check_arn(arn: str, *kinds: str) -> str:
    """The ARN, if it is one and names one of the kinds of resources. Raises InvalidArn."""
    if not arn.startswith("arn:"):
        raise AwsError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    parts = arn.split(":")
    kind = parts[5] if len(parts) > 6 else ""
    if kinds and kind not in kinds:
        raise AwsError("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {kind}'")
    return arn


def check_name(name: str) -> None:
    """Raises InvalidName."""
    if not _NAME.fullmatch(name):
        raise AwsError("InvalidName", f"Invalid Name: '{name}'")


def check_enum(value: str | None, where: str, known: Sequence[str]) -> None:
    """Raises ValidationException for a value that the API's model does not list."""
    if value is not None and value not in known:
        invalid(value, where, f"satisfy enum value set: [{', '.join(known)}]")


def check_size(text: str, where: str) -> None:
    """Raises ValidationException for a JSON text of more bytes than a state's input or output may have."""
    if len(text.encode("utf-8", "surrogatepass")) > _MAXIMUM_BYTES:
        _refuse_length(where, _MAXIMUM_BYTES)


def check_minimum(value: int | None, where: str, least: int) -> None:
    """Raises ValidationException for a number below what the API's model takes."""
    if value is not None and value < least:
        invalid(value, where, f"have value greater than or equal to {least}")


def check_failure(request: Request, within: str = "") -> None:
    """Raises ValidationException for an error or a cause of more characters than AWS takes."""
    for name, most in _LONGEST.items():
        if len(request.get(name) or "") > most:
            _refuse_length(f"{within}{name}", most)


def _refuse_length(where: str, most: int) -> NoReturn:
    """Of a member that may be sensitive, AWS does not repeat the value."""
    raise AwsError(
        "ValidationException",
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {most}",
    )


def check_token(token: str | None) -> None:
    """Raises ValidationException for a client token that the API's model does not take."""
    if token is None:
        return
    if not 0 < len(token) <= _LONGEST_TOKEN:
        bound = f"less than or equal to {_LONGEST_TOKEN}" if token else "greater than or equal to 1"
        invalid(token, "clientToken", f"have length {bound}")
    if not _TOKEN.fullmatch(token):
        invalid(token, "clientToken", f"satisfy regular expression pattern: {_TOKEN.pattern}")


def page(items: Sequence[Item], request: Request, longest_token: int = 1024) -> tuple[list[Item], Body]:
    """The items that `maxResults` and `nextToken` ask for, and the answer's `nextToken` if there are more."""
    count, token = request.get("maxResults") or 0, request.get("nextToken")
    if count > _MAXIMUM_RESULTS:
        invalid(count, "maxResults", f"have value less than or equal to {_MAXIMUM_RESULTS}")
    if token and len(token) > longest_token:
        invalid(token, "nextToken", f"have length less than or equal to {longest_token}")
    begin = _offset(token) if token else 0
    end = begin + (count or _MAXIMUM_RESULTS)
    more = {"nextToken": base64.urlsafe_b64encode(f"from:{end}".encode()).decode()}
    return list(items[begin:end]), more if end < len(items) else {}


def _offset(token: str) -> int:
    refused = AwsError("InvalidToken", "Invalid Token: 'Invalid token'")
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        offset = int(number)
    except ValueError as error:
        raise refused from error
    if word != "from" or offset < 0:
        raise refused
    return offset


def without_nothing(body: Body) -> Body:
    """An answer without the members that say nothing: AWS leaves them out."""
    return {key: value for key, value in body.items() if value is not None and value != ""}


Operation = Callable[[Request], Body]
