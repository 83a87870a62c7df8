r"""What is printed, and how: on any terminal, and nothing that a terminal would obey.

Titles and names of files are written by strangers. A line shows what nobody sees as `\x1b`; a
document keeps its lines; JSON has escapes of its own.
"""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Self
from unicodedata import east_asian_width

from salesflow._unseen import UNSEEN, shown

if TYPE_CHECKING:
    from salesflow.errors import JsonData
    from salesflow.text import Language


def prepare() -> None:
    """Make both streams take any character: one that a terminal cannot show is spelt out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is still in a buffer, where a failure can be told."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a shell can close them
            stream.flush()


def abandon() -> None:
    """Give up on standard output: what is left in its buffer goes nowhere at exit either."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):  # there is none, or it is no file
        return


def say(line: str) -> None:
    """Print one line."""
    print(shown(line))


def complain(lines: str) -> None:
    """Print lines to standard error."""
    print("\n".join(map(shown, lines.split("\n"))), file=sys.stderr)


def say_json(value: JsonData) -> None:
    """Print JSON; characters that nobody sees are escaped, and all that the terminal lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(_json(value, ascii_only=not encoding.lower().startswith("utf")))


def _json(value: JsonData, *, ascii_only: bool = False) -> str:
    written = json.dumps(value, ensure_ascii=ascii_only, indent=2, allow_nan=False)
    return "\n".join(
        UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], line) for line in written.split("\n")
    )


def complain_in(lang: Language, line: str, before: str = "") -> None:
    """Print a line of our own to standard error, in a language; `before` stands as it is."""
    from salesflow._translation import words_in  # noqa: PLC0415 - only where something is wrong

    complain(f"{before}{words_in(line, lang)}")


def say_document(document: str) -> None:
    """Print a document."""
    print("\n".join(map(shown, document.rstrip("\n").split("\n"))))


def hand_over(document: str, output: str | None, lang: Language) -> int:
    """Print a document, or write it to a file in UTF-8; returns the exit code."""
    if output is None:
        say_document(document)
        return 0
    return write({Path(output): document}, lang)


def write(files: dict[Path, str], lang: Language) -> int:
    """Write files in UTF-8, with the folders that they lie in; returns the exit code.

    One that cannot be written keeps no other from being written.
    """
    code = 0
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            complain_in(lang, f"{str(path)!r} cannot be written: {reason.lower()}.")
            code = 2
    return code


def say_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns, two spaces apart; Chinese is twice as wide."""
    rows = [tuple(map(shown, row)) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


class Progress:
    """How far a long work is, on standard error, where that is a terminal; elsewhere nothing.

    It is one line, which is written anew and is gone at the end.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None
        self._told = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.done()

    def at(self, what: str, done: int = 0, size: int = 0) -> None:
        """Say what is being done, and how much of it is, where that is known."""
        line = shown(what) + (f" {100 * done // size} %" if size else "")
        if line != self._told:
            self._write(line)

    def done(self) -> None:
        """Take the line away."""
        if self._told:
            self._write("")

    def _write(self, line: str) -> None:
        if self._stream is None:
            return
        blank = " " * (_width(self._told) - _width(line))
        self._stream.write(f"\r{line}{blank}" if line else f"\r{blank}\r")
        self._stream.flush()
        self._told = line
