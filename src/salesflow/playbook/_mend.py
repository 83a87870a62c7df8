"""A text that is no TOML, as it was meant: slip by slip, so that one of them hides no other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook._headers import header_slips
from salesflow.playbook._scan import Scan
from salesflow.playbook._slips import Slip, mended, slip_at
from salesflow.playbook._source import Source

_MAX_SLIPS: Final = 20
_MAX_READ: Final = 4 << 20
_AT: Final = re.compile(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)


def mend(text: str, message: str) -> tuple[str, tuple[Problem, ...], bool]:
    """What was meant by a text that is no TOML.

    Args:
        text: The text.
        message: What `tomllib` says.

    Returns:
        The text that was meant; what is wrong; and whether it can be read to its end.
    """
    import tomllib  # noqa: PLC0415 - only where TOML is read

    problems: list[Problem] = []
    most = min(_MAX_SLIPS, _MAX_READ // (len(text) + 1))  # each time the whole text is read again
    while True:
        slips = _slips(text, message)
        problems += _problems(Source(text, "toml"), slips)
        if any(slip.edits is None for slip in slips):
            return text, tuple(problems), False
        if len(problems) >= most:
            more = Problem("", "there may be more problems", "correct these first", "too_many")
            return text, (*problems, more), False
        text = mended(text, slips)
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
        except (RecursionError, MemoryError, ValueError, OverflowError):
            return text, tuple(problems), False
        else:
            return text, tuple(problems), True


def mend_headers(source: Source) -> tuple[str, tuple[Problem, ...]]:
    """What was meant by a text of TOML whose headers are not all those of a playbook."""
    slips = header_slips(source.statements)
    return mended(source.text, slips), tuple(_problems(source, slips))


def _problems(source: Source, slips: Iterable[Slip]) -> Iterator[Problem]:
    """Slips as problems, each with its line and column."""
    for slip in slips:
        line, column = source.place(slip.at)
        yield Problem(slip.path, slip.message, slip.hint, slip.code, line=line, column=column)


def _slips(text: str, message: str) -> tuple[Slip, ...]:
    """What is wrong where `tomllib` gives up."""
    found = _AT.match(message)
    said, line, column = found.groups() if found else (message, None, None)
    at = len(text)
    if line and column:
        before = text.split("\n", int(line) - 1)[: int(line) - 1]
        at = sum(map(len, before)) + len(before) + int(column) - 1
    # What is given twice there may stand under a header that was meant otherwise.
    wrong = header_slips(Scan(text).statements()) if said.startswith("Cannot") else ()
    return wrong or (slip_at(text, at, said),)
