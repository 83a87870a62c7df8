"""A file in TOML as its author wrote it: what is text in it, and how a part of it is changed.

A parser gives values and forgets comments and layout; nothing here is parsed, so that a file which
is broken can be changed, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from salesflow.playbook._read import QUOTED

# A text in typographic quotes, or in one of them and a straight one; what the parser takes for a
# text or a comment; in this order, for an unfinished text runs to where the parser gives up.
TOKENS: Final = re.compile(
    r'"(?P<begun>[^"“”＂\\\n]*)[“”＂](?=[ \t]*[,\]}]?[ \t]*(?:\r?\n|\#|\Z))'
    rf"|(?P<quoted>{QUOTED.pattern})"
    r'|[“”„‟＂](?P<typed>[^“”„‟＂"\\\n]*)[“”„‟＂"]'
    r"|[‘’](?P<single>[^‘’\"\\\n]*)[‘’]",
    re.DOTALL,
)
HEADER: Final = re.compile(
    r"^(?P<open>[ \t]*\[\[?)(?P<name>[ \t]*[\w-]+(?:[ \t]*\.[ \t]*[\w-]+)*[ \t]*)(?P<close>\]\]?)",
    re.MULTILINE | re.ASCII,
)
_KEY: Final = re.compile(r"(?<![\w-])(?P<key>[\w-]+)[ \t]*=[ \t]*\Z", re.ASCII)
_ONE_LINE: Final = re.compile(r"\"[^\"\n]*\"|\"(?!\"\").+\"|'[^'\n]+'")


class Edit(NamedTuple):
    """A part of a text that says something else now."""

    start: int
    end: int
    words: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with these parts changed; they are in order, and apart."""
    parts: list[str] = []
    end = 0
    for edit in edits:
        parts += [text[end : edit.start], edit.words]
        end = edit.end
    return "".join([*parts, text[end:]])


def bare(text: str) -> str:
    """The text with every character of quoted texts and comments blotted out, line breaks apart.

    Example:
        >>> bare('key = "talk"  # now')
        'key = ~~~~~~  ~~~~~'
    """
    return TOKENS.sub(lambda found: re.sub(r"[^\n]", "~", found[0]), text)


def values(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Every key whose value is a quoted text on one line, with that text."""
    end = 0
    for found in TOKENS.finditer(text):
        key = _KEY.search(text, end, found.start())
        if key and found["quoted"] and _ONE_LINE.fullmatch(found[0]):
            yield key["key"], found
        end = found.end()
