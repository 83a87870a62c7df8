"""Markdown that shows people's own words exactly as they were written.

The dialect is CommonMark with the tables of GitHub. Nothing that somebody wrote in a plan may
become a heading, a link, a table cell or HTML. (A mail address is the exception: GitHub links it
to itself, however it is escaped.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NewType
from unicodedata import category

Md = NewType("Md", str)
"""Text that is Markdown already; everything else has to be escaped first."""

_BREAK: Final = "<br>"
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# An underscore between two letters or digits never opens or closes emphasis.
# GitHub makes links of https:// and of www. where nobody asked for one.
_SPECIAL: Final = re.compile(
    r"[\\`*\[\]{}|~#&<>]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE
)
# Embeddings, overrides and isolates: they show a text in another order than it has.
_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TICKS: Final = re.compile("`+")
_LIST_MARK: Final = re.compile(r"^(?:(?P<sign>[-+])|(?P<number>[0-9]{1,9})(?P<dot>[.)]))")


def escaped(line: str) -> Md:
    r"""One line as Markdown, for a place that is not the beginning of a block.

    Example:
        >>> print(escaped("a|b <i> *c* sales_rep"))
        a\|b &lt;i&gt; \*c\* sales_rep
    """
    return Md(_SPECIAL.sub(_escape, _printable(line)))


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return _ENTITIES.get(sign, f"\\{sign}")


def _printable(line: str) -> str:
    """The line without characters that Markdown, terminals or readers misread."""
    return "".join(
        " " if char == "\t" else "\ufffd" if category(char) == "Cc" or char in _TURNS else char
        for char in line
    )


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line] or ["\ufffd"]


def inline(text: str) -> Md:
    r"""A text for a table cell, a heading, or behind a label; its lines stay apart.

    Example:
        >>> print(inline("first\n\nsecond"))
        first<br>second
    """
    return Md(_BREAK.join(escaped(line) for line in _lines(text)))


def paragraphs(text: str) -> tuple[Md, ...]:
    r"""A text as blocks of its own, one for each line.

    Example:
        >>> for block in paragraphs("1. first\n- second"):
        ...     print(block)
        1\. first
        \- second
    """
    return tuple(_at_start(escaped(line)) for line in _lines(text))


def _at_start(line: str) -> Md:
    def unmarked(found: re.Match[str]) -> str:
        sign = found.group("sign")
        return f"\\{sign}" if sign else f"{found.group('number')}\\{found.group('dot')}"

    return Md(_LIST_MARK.sub(unmarked, line))


def code(words: str) -> Md:
    r"""Words for programs, such as a key or a rule, in one line.

    Dialects read a pipe in code differently, so that words with one are escaped and stay text.

    Example:
        >>> print(code("tas.asked >= 20"), code("a`b"), code("a|b"))
        `tas.asked >= 20` ``a`b`` a\|b
    """
    line = _printable(" ".join(_lines(words)))
    if "|" in line:
        return escaped(line)
    longest = max(map(len, _TICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return Md(f"{fence}{space}{line}{space}{fence}")


def fenced(language: str, words: str) -> Md:
    """Lines in a language of their own, which have no fence in them."""
    return Md(f"```{language}\n{words.rstrip()}\n```")


def strong(words: Md) -> Md:
    """Words in bold; they must not begin or end with a space or a punctuation mark."""
    return Md(f"**{words}**")


def bullets(items: Iterable[Md]) -> Md:
    """A list; each item is one line."""
    return Md("\n".join(f"- {_at_start(item)}" for item in items))


def table(head: Sequence[Md], rows: Iterable[Sequence[Md]]) -> Md:
    r"""A table; every cell is one line of Markdown.

    Example:
        >>> print(table([Md("a"), Md("b")], [[Md("1"), inline("x|y")]]))
        | a | b |
        | --- | --- |
        | 1 | x\|y |
    """
    lines = [head, [Md("---")] * len(head), *rows]
    return Md("\n".join(f"| {' | '.join(line)} |" for line in lines))
