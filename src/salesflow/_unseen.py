r"""Characters that nobody sees, or that turn the order of what stands beside them.

A name may not have them: "us" with a zero-width space is another competitor, a line break forges a
line of a log, and a terminal obeys an escape sequence. A longer text may; what we say of it shows
them as `\x1b`. It is one list, so that what a name may have is also what a message shows as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

_CONTROLS: Final = r"\x00-\x1f\x7f-\x9f"
# Soft hyphens, zero widths, fillers, marks that turn the direction, ends of lines, noncharacters.
_HIDDEN: Final = (
    r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U000e0000-\U000e001f"
)
# Halves of surrogate pairs, which no text has that pydantic looks at, and no pattern of its.
_HALVES: Final = r"\ud800-\udfff"
# These join or vary the character before them, in Persian, in Hindi, in emoji and in rare Chinese
# characters; behind ASCII they do nothing but hide.
_JOINERS: Final = r"\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e01ef"
_BESIDE_ASCII: Final = rf"(?<![^\x00-\x7f])[{_JOINERS}]"

UNSEEN: Final = re.compile(rf"[{_CONTROLS}{_HIDDEN}{_HALVES}]|{_BESIDE_ASCII}")
"""One character that a name may not have."""

SEEN: Final = rf"^(?:[ -~]|[^\x00-\x9f{_HIDDEN}{_JOINERS}][{_JOINERS}]*)*$"
"""The same the other way round, as pydantic reads patterns: what a name is made of."""

UNSEEN_IN_LINES: Final = re.compile(
    rf"(?![\t\n\r])(?:[{_CONTROLS}{_HIDDEN}{_HALVES}]|{_BESIDE_ASCII})"
)
"""The same for a text of several lines, with tabs."""

LONGEST: Final = 4_000
"""The bytes of the longest text of an error, which is printed, logged and sent as it is."""

_TOLD: Final = 20
_LINE: Final = 1_000
"""So many problems are told with an error, and so many bytes of each."""

_CALLED: Final = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}


def hidden(text: str, pattern: re.Pattern[str] = UNSEEN) -> str:
    r"""What is said of the first character that nobody sees; nothing where there is none.

    Example:
        >>> hidden("us\u200b"), hidden("li\nwei"), hidden("李伟")
        ('character 3 is U+200B, which nobody sees', 'character 3 is a line break', '')
    """
    # Most texts are ASCII, and this is asked of each of a stored deal.
    if text.isascii() and text.isprintable():
        return ""
    found = pattern.search(text)
    if found is None:
        return ""
    sign = found[0]
    called = _CALLED.get(sign, f"U+{ord(sign):04X}, which nobody sees")
    return f"character {found.start() + 1} is {called}"


def shown(text: str) -> str:
    r"""A text for a message, a log or a terminal: on one line, with what nobody sees spelt out.

    Example:
        >>> print(shown("\x1b[31mroot\n2026"))
        \x1b[31mroot\n2026
    """
    if text.isascii() and text.isprintable():
        return text
    return UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def quoted(text: str) -> str:
    r"""A text in double quotes as Python, TOML and JSON write it, to be copied: what is in it, all.

    Example:
        >>> print(quoted(' Size "A" '), quoted("zero\u200bwidth"))
        " Size \"A\" " "zero\u200bwidth"
    """
    return UNSEEN.sub(_spelt, json.dumps(text, ensure_ascii=False))


def _spelt(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004


def within(text: str, most: int) -> str:
    """The same of at most so many bytes, however long the text is: an ellipsis ends what is cut.

    Example:
        >>> within("李伟和王芳", 10), within("li", 10)
        ('李伟…', 'li')
    """
    # Cut first: a text of megabytes is not worth reading to its end.
    said = shown(text[: most + 1])
    written = said.encode()
    if len(written) <= most:
        return said
    return written[: most - len("…".encode())].decode(errors="ignore") + "…"


def listed(told: str, problems: Iterable[str], count: int, more: str) -> str:
    """What is told of an error, with a line for each problem, as long as people read.

    Args:
        told: The error itself.
        problems: What is said of each; all of them are in `problems` of the error.
        count: How many there are.
        more: Says how many `{more}` there are, where not all are told.
    """
    lines = [within(f"  - {problem}", _LINE) for problem in islice(problems, _TOLD)]
    return "\n".join(fitting(within(told, LONGEST // 2), lines, count, more))


def fitting(first: str, lines: Sequence[str], count: int, end: str) -> list[str]:
    """As many lines after the first as make no longer text than `LONGEST`, and an end.

    Args:
        first: The first line, which is told in any case.
        lines: Those of the first problems.
        count: How many problems there are.
        end: Says how many `{more}` there are, where not all are told.
    """
    told, room = [first], LONGEST - len(first.encode()) - 100  # for the end
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            break
        told.append(line)
    more = count - len(told) + 1
    return [*told, end.format(more=more)] if more else told
