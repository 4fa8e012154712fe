"""Patterns that leave objects out, of crawlers and of jobs."""

from __future__ import annotations

import re


def glob_pattern(glob: str) -> re.Pattern[str]:
    """An exclusion as a regular expression: `*` stays in a folder, `**` crosses folders."""
    out, depth, position = "", 0, 0
    while position < len(glob):
        character = glob[position]
        if glob.startswith("**", position):
            out, position = out + ".*", position + 1
        elif character == "[" and (end := glob.find("]", position + 2)) > 0:
            body = glob[position + 1 : end].replace("\\", "\\\\")
            out, position = out + "[" + ("^" + body[1:] if body[:1] == "!" else body) + "]", end
        elif character == "\\" and position + 1 < len(glob):
            position += 1
            out += re.escape(glob[position])
        else:
            depth += (character == "{") - (character == "}" and depth > 0)
            tokens = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
            out += "|" if character == "," and depth else tokens.get(character, re.escape(character))
        position += 1
    return re.compile(out, re.DOTALL)
