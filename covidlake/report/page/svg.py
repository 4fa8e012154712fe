"""Elements of SVG as text: attributes and texts are escaped, colours are classes of `page.css`."""

from __future__ import annotations

import html
from collections.abc import Iterable

from covidlake.base.text import printable

Value = str | float | int


def element(tag: str, *inside: str, **attributes: Value) -> str:
    """An element with what is inside, already SVG; `class_` and `font_size` are spelled as SVG does."""
    given = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items())
    return f"<{tag}{given}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{given}/>"


def text(content: str, **attributes: Value) -> str:
    return element("text", html.escape(printable(content)), **attributes)


def title(content: str) -> str:
    """What a pointer that rests on the element is told."""
    return element("title", html.escape(printable(content)))


def picture(parts: Iterable[str], width: float, height: float, name: str, kind: str) -> str:
    """A whole picture, which its name stands for where it is not seen."""
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_=kind,
        width=round(width),
        height=round(height),
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        aria_label=name,
    )


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: Value) -> str:
    return html.escape(printable(value)) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
