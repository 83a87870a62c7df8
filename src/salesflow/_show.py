"""What a notebook shows of a value: a few blocks, written as HTML and as Markdown.

A block is made of plain texts; nothing in them is ever taken for markup. The HTML has no colours
of its own but borders, no background and no script, so that it reads well on light and on dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal, TypeAlias

Tone: TypeAlias = Literal["good", "bad", "open", "quiet"]

_CELL: Final = 200
_LINE: Final = 600

# Control characters, halves of a pair of UTF-16, and marks that turn the direction of what follows.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff0-\uffff"
    "\U000e0000-\U000e007f\ud800-\udfff]+"
)
_KEY: Final = re.compile(r"[a-z0-9_.]{1,120}")
# Entities are never structure, and no extension of Markdown looks into them.
_MARKUP: Final = re.compile(r"[&<>\\`*_\[\]|~$@]|:(?=//)|(?<=[wW]{3})\.")

# Seen by everybody, colour-blind people too: the sign differs as well as the colour.
_SIGNS: Final[dict[Tone, str]] = {"good": "✓", "bad": "✗", "open": "?", "quiet": ""}
_BORDERS: Final[dict[Tone, str]] = {
    "good": "#009e73",
    "bad": "#d55e00",
    "open": "#e69f00",
    "quiet": "#888888",
}


def plain(text: str, limit: int = _CELL) -> str:
    r"""A text on one line that is no longer than `limit`, without characters that nobody sees.

    Example:
        >>> plain("one\n two\x00", 5), plain("a long sentence", 7)
        ('one …', 'a long…')
    """
    # Cut first: a text of megabytes is not worth reading to its end.
    cut = " ".join(_UNSEEN.sub(" ", text[: 8 * limit]).split())
    if len(cut) <= limit and len(text) <= 8 * limit:
        return cut
    return f"{cut[: limit - 1]}…"


def span(low: float, high: float) -> str:
    """Points between two ends; one number where they are the same.

    Example:
        >>> span(3, 5), span(4, 4)
        ('3–5', '4')
    """
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


@dataclass(frozen=True, slots=True)
class Key:
    """A name that programs use, such as `exit.close.signed`."""

    text: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with a border, and a sign for its tone."""

    text: str
    tone: Tone = "quiet"


Part: TypeAlias = str | Key | Badge


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, and what follows it on the same line."""

    text: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of parts, with spaces between them."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; `right` are the numbers of the columns whose cells are figures."""

    head: tuple[str, ...]
    rows: Sequence[Sequence[Part]]
    right: frozenset[int] = frozenset()


Block: TypeAlias = Heading | Line | Table


def html(blocks: Iterable[Block]) -> str:
    """The blocks as HTML.

    Example:
        >>> html([Heading("A < B")])
        '<div class="salesflow"><p><strong>A &lt; B</strong></p></div>'
    """
    return f'<div class="salesflow">{"".join(map(_html_block, blocks))}</div>'


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks as Markdown, tables as those of GitHub.

    Example:
        >>> print(markdown([Heading("A < B", (Badge("met", "good"),)), Table(("n",), [["1|2"]])]))
        **A &#60; B** [✓ met]
        <BLANKLINE>
        | n |
        | --- |
        | 1&#124;2 |
    """
    return "\n\n".join(map(_markdown_block, blocks))


def _html_block(block: Block) -> str:
    match block:
        case Heading(text, parts):
            said = f"<strong>{escape(plain(text))}</strong>"
            return f"<p>{' '.join((said, *map(_html_part, parts)))}</p>"
        case Line(parts):
            return f"<p>{' '.join(_html_part(part, _LINE) for part in parts)}</p>"
        case Table(head, rows, right):
            top = "".join(_html_cell("th", part, n in right) for n, part in enumerate(head))
            body = "".join(
                f"<tr>{''.join(_html_cell('td', part, n in right) for n, part in enumerate(row))}"
                "</tr>"
                for row in rows
            )
            return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _html_cell(tag: str, part: Part, is_figure: bool) -> str:  # noqa: FBT001 - private
    side = "right" if is_figure else "left"
    return f'<{tag} style="text-align:{side}">{_html_part(part)}</{tag}>'


def _html_part(part: Part, limit: int = _CELL) -> str:
    match part:
        case Key(text):
            return f"<code>{escape(plain(text, limit))}</code>"
        case Badge(text, tone):
            style = f"border:1px solid {_BORDERS[tone]};border-radius:3px;padding:0 .4em"
            return f'<span style="{style}">{escape(_signed(text, tone))}</span>'
        case text:
            return escape(plain(text, limit))


def _markdown_block(block: Block) -> str:
    match block:
        case Heading(text, parts):
            return " ".join((f"**{_escaped(text)}**", *map(_markdown_part, parts)))
        case Line(parts):
            # A mark of a list or of a rule counts only where a line begins.
            said = " ".join(_markdown_part(part, _LINE) for part in parts)
            return re.sub(r"^([-+#=]|\d+[.)])", lambda found: _entities(found[0]), said)
        case Table(head, rows, right):
            rule = ["---:" if n in right else "---" for n in range(len(head))]
            cells = [[_markdown_part(part) for part in row] for row in (head, *rows)]
            cells.insert(1, rule)
            return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _markdown_part(part: Part, limit: int = _CELL) -> str:
    match part:
        case Key(text) if _KEY.fullmatch(text):
            return f"`{text}`"
        case Badge(text, tone):
            return f"[{_escaped(_signed(text, tone))}]"
        case Key(text) | text:
            return _escaped(text, limit)


def _signed(text: str, tone: Tone) -> str:
    return f"{_SIGNS[tone]} {plain(text)}".strip()


def _escaped(text: str, limit: int = _CELL) -> str:
    return _MARKUP.sub(lambda found: _entities(found[0]), plain(text, limit))


def _entities(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)
