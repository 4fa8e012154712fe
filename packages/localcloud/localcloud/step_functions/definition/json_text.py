"""Why a text is not JSON, in the words of the parser that Step Functions reads it with."""

from __future__ import annotations

import json
import re
from typing import Any

from localcloud.step_functions.definition.problems import JSON, Problem

_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_TOKEN = re.compile(r"[A-Za-z_$][\w$]*")
_KEY = "Expecting property name enclosed in double quotes"


def reason(text: str) -> str | None:
    """None for JSON."""
    found = _failure(text)
    return found[0] if found else None


def problem(text: str) -> Problem | None:
    """The finding for a definition that is not JSON, with the place in the text."""
    found = _failure(text)
    if found is None:
        return None
    message, position = found
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    shown = text if len(text) <= 500 else f"{text[:500]}[truncated {len(text) - 500} chars]"
    source = f'[Source: (String)"{shown}"; line: {line}, column: {column}]'
    return Problem(JSON, f"{message}\n at {source}", source)


def _failure(text: str) -> tuple[str, int] | None:
    """What is wrong, and the place behind it."""
    try:
        json.loads(text, parse_constant=_no_constant)
    except _ConstantError as error:
        return f"Unrecognized token '{error}': was expecting {_VALUES}", text.find(str(error)) + len(
            str(error)
        )
    except json.JSONDecodeError as error:
        return _in_words(text, error)
    except RecursionError:
        return "Document nesting depth exceeds the maximum allowed (1000)", len(text)
    return None


class _ConstantError(ValueError):
    """NaN or an infinity, which Python reads and JSON has not."""


def _no_constant(name: str) -> Any:
    raise _ConstantError(name)


def _in_words(text: str, error: json.JSONDecodeError) -> tuple[str, int]:
    at = error.pos
    if at >= len(text):
        return "Unexpected end-of-input", at
    if error.msg == _KEY:
        return f"{_character(text[at])}: was expecting double-quote to start field name", at + 1
    if error.msg == "Expecting value" and (token := _TOKEN.match(text, at)):
        return f"Unrecognized token '{token[0]}': was expecting {_VALUES}", token.end()
    if error.msg.startswith("Expecting"):
        return f"{_character(text[at])}: {_expected(error.msg)}", at + 1
    return error.msg, at + 1


def _character(letter: str) -> str:
    return f"Unexpected character ('{letter}' (code {ord(letter)}))"


def _expected(message: str) -> str:
    if "',' delimiter" in message:
        return "was expecting comma to separate entries"
    if "':' delimiter" in message:
        return "was expecting a colon to separate field name and value"
    return "expected a valid value " + _VALUES
