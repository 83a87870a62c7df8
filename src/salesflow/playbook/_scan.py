"""Where the values of a TOML or JSON text stand in it.

Parsers give values without their places, and a good file needs none: so this reads a text anew,
once something is wrong with it. It takes what it can follow and stops where it cannot, which in a
text that a parser has read is at its end. Nothing here recurses, and no pattern can backtrack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from sys import maxunicode
from typing import Final, Literal, NamedTuple, TypeAlias

from salesflow.playbook._read import BASIC, BASIC_LINES, LITERAL, LITERAL_LINES

_MAX_SPANS: Final = 50_000
"""More is not looked for: a text of JSON may have millions of values."""

STRING: Final = re.compile(
    rf'{BASIC_LINES}"""("{{0,2}})'
    rf"|{LITERAL_LINES}'''('{{0,2}})"
    rf'|(?!"""){BASIC}"'
    rf"|(?!'''){LITERAL}'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^\s,\[\]{}#]++(?:[ ]++[^\s,\[\]{}#]++)*+")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+")
_SPACE: Final = re.compile(r"[ \t]*+")
_NEXT: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+(?:,(?:[ \t\r\n]|#[^\n]*+)*+)?+")
_SEPARATOR: Final = re.compile(r"[ \t\r\n]*+[=:]")
_KEY: Final = re.compile(rf"""[ \t]*+([A-Za-z0-9_-]++|{BASIC}"|{LITERAL}')[ \t]*+""")
_PIECE: Final = re.compile(
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\(?:u(?P<four>[0-9a-fA-F]{4})|U(?P<eight>[0-9a-fA-F]{8}))"
    r"|(?P<end>\\[ \t]*+\n[ \t\n]*+)"
    r"|\\(?P<one>.)"
    r"|.",
    re.DOTALL,
)
_CLOSING: Final = frozenset("]}")
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_TRIPLE: Final = 3

Word: TypeAlias = "tuple[str, int]"
"""A key, and where it stands."""


class Span:
    """A value, from where it begins to where it ends.

    Attributes:
        key: Where the key begins that it is given under; of an entry of a list where it begins.
        start: Where it begins: of a table its header, or its first key where it has none.
        end: Behind its last character; of a table with a header behind that.
        parts: The values in it, of a table by key; None of what has no parts.
    """

    __slots__ = ("end", "key", "parts", "start")

    def __init__(self, key: int, start: int, parts: dict[str, Span] | list[Span] | None) -> None:
        self.key = key
        self.start = start
        self.end = start
        self.parts = parts


class Statement(NamedTuple):
    """A line of TOML that says something: a header, or a key with its value.

    Attributes:
        kind: `[` or `[[` of a header, `=` of a value.
        start: Where it begins.
        words: Its keys, from the outside in.
        end: Behind its last character.
        value: The value; None of a header.
    """

    kind: Literal["[", "[[", "="]
    start: int
    words: tuple[Word, ...]
    end: int
    value: Span | None = None


class _Lost(Exception):
    """The text goes on in a way that cannot be followed."""


class Scan:
    """A text with the values in it.

    Attributes:
        twice: Keys that are given a second time in one table on a line, or in one object of JSON,
            each with the second place.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _MAX_SPANS
        self._is_lost = False
        self.twice: dict[str, int] = {}

    def json(self) -> Span:
        """The value of a JSON text."""
        try:
            return self._value(_end(_BLANK, self._text, 0), 0)
        except _Lost:
            return Span(0, 0, {})

    def statements(self) -> Iterator[Statement]:
        """What a TOML text says, line by line, as far as it can be followed."""
        at = 0
        try:
            while (at := _end(_BLANK, self._text, at)) < len(self._text) and not self._is_lost:
                found = self._statement(at)
                yield found
                at = found.end
        except _Lost:
            return

    def _statement(self, start: int) -> Statement:
        text = self._text
        if text.startswith("[", start):
            kind: Literal["[", "[["] = "[[" if text.startswith("[[", start) else "["
            words, at = self._words(start + len(kind))
            if not text.startswith("]" * len(kind), at):
                raise _Lost
            return Statement(kind, start, words, at + len(kind))
        words, at = self._words(start)
        if not text.startswith("=", at):
            raise _Lost
        value = self._value(_end(_SPACE, text, at + 1), start)
        return Statement("=", start, words, value.end, value)

    def _words(self, at: int) -> tuple[tuple[Word, ...], int]:
        """The parts of a key with dots, and where it ends."""
        words: list[Word] = []
        while True:
            match = _KEY.match(self._text, at)
            if match is None:
                raise _Lost
            found = match[1]
            word = decoded(found)[0] if found[0] in "\"'" else found
            words.append((word, match.start(1)))
            at = match.end()
            if not self._text.startswith(".", at):
                return tuple(words), at
            at += 1

    def _value(self, at: int, key: int) -> Span:
        """The value that begins here, as far as it can be followed."""
        root = self._span(at, key)
        try:
            self._fill(root)
        except _Lost:
            self._is_lost = True
        return root

    def _fill(self, span: Span) -> None:
        """Put what is in a list or a table into it."""
        text = self._text
        outer: list[Span] = []
        while True:
            at = span.end
            if span.parts is not None:
                outer.append(span)
                at = span.start + 1
            at = self._closed(outer, at)
            if not outer:
                return
            inner = outer[-1]
            if isinstance(inner.parts, list):
                inner.parts.append(span := self._span(at, at))
                continue
            words, end = self._words(at)
            match = _SEPARATOR.match(text, end)
            if match is None:
                raise _Lost
            span = self._span(_end(_BLANK, text, match.end()), at)
            if len(words) == 1 and isinstance(inner.parts, dict) and words[0][0] in inner.parts:
                self.twice.setdefault(words[0][0], at)
            _put(inner, words, span)

    def _closed(self, outer: list[Span], at: int) -> int:
        """Where the next value begins, after the lists and tables that end before it."""
        text = self._text
        while outer:
            at = _end(_NEXT, text, at)
            if text[at : at + 1] not in _CLOSING:
                break
            at += 1
            outer.pop().end = at
        return at

    def _span(self, at: int, key: int) -> Span:
        """A scalar, or the beginning of a list or table."""
        self._left -= 1
        if self._left < 0:
            raise _Lost
        begin = self._text[at : at + 1]
        if begin == "[":
            return Span(key, at, [])
        if begin == "{":
            return Span(key, at, {})
        match = (STRING if begin in {'"', "'"} else _BARE).match(self._text, at)
        if match is None:
            raise _Lost
        span = Span(key, at, None)
        span.end = match.end()
        return span


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return at if match is None else match.end()


def tree(statements: Iterable[Statement]) -> Span:
    """The tables of a TOML text."""
    root = Span(0, 0, {})
    here = root
    for said in statements:
        if said.value is None:
            here = _table_of(root, said)
        else:
            _put(here, said.words, said.value)
    return root


def _table_of(root: Span, header: Statement) -> Span:
    """The table that a header begins."""
    outer = root
    for key, _ in header.words[:-1]:
        outer = _table_at(outer, key, header.start)
    word = header.words[-1]
    name, at = word
    found = outer.parts.get(name) if isinstance(outer.parts, dict) else None
    table = Span(at, header.start, {})
    table.end = header.end
    if header.kind == "[[":
        listed = found.parts if found is not None else None
        if not isinstance(listed, list):
            listed = []
            _put(outer, (word,), Span(at, header.start, listed))
        listed.append(table)
    else:
        if found is not None and isinstance(found.parts, dict):
            table.parts = found.parts  # a header of a table in it came first
        _put(outer, (word,), table)
    return table


def _table_at(outer: Span, word: str, at: int) -> Span:
    """The table of that key, of several the last; it is made where it is not there yet."""
    inner = outer.parts.get(word) if isinstance(outer.parts, dict) else None
    if inner is not None and isinstance(inner.parts, list) and inner.parts:
        inner = inner.parts[-1]
    if inner is None or not isinstance(inner.parts, dict):
        inner = Span(at, at, {})
        _put(outer, ((word, at),), inner)
    return inner


def _put(table: Span, words: tuple[Word, ...], span: Span) -> None:
    *outer, (name, at) = words
    for word, begin in outer:
        table = _table_at(table, word, begin)
    span.key = at
    if isinstance(table.parts, dict):
        table.parts[name] = span


def decoded(literal: str) -> tuple[str, list[int]]:
    r"""The words of a quoted text, and where each character stands in it, the end included.

    Example:
        >>> decoded('"a\\u00e9b"')
        ('aéb', [1, 2, 8, 9])
    """
    quotes = _TRIPLE if literal[:_TRIPLE] in {'"""', "'''"} and len(literal) > _TRIPLE else 1
    begin, end = quotes, len(literal) - quotes
    if quotes == _TRIPLE and literal.startswith("\n", begin):
        begin += 1
    if literal[0] == "'":
        return literal[begin:end], [*range(begin, end + 1)]
    found: list[str] = []
    places: list[int] = []
    for match in _PIECE.finditer(literal, begin, end):
        if match["end"] is None:
            found.append(_character(match))
            places.append(match.start())
    return "".join(found), [*places, end]


def _character(match: re.Match[str]) -> str:
    if match["high"] is not None:
        high, low = int(match["high"], 16), int(match["low"], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    if code := match["four"] or match["eight"]:
        return chr(min(int(code, 16), maxunicode))
    if (one := match["one"]) is not None:
        return _ESCAPED.get(one, one)
    return match[0]
