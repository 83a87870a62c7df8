"""Separated values, looked at row by row before an engine reads them.

Engines disagree about a row that is too short, a quote that stands alone and a sign of another
encoding: one fills up, one leaves out, one goes on in the next row. So every row is looked at here,
and what an engine gets is a copy in UTF-8 in which nothing is left to be understood in two ways.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Final, TextIO

from salesflow.errors import FrameError, Problem
from salesflow.pipeline._wording import amount_of
from salesflow.pipeline.exports._number_columns import narrowed
from salesflow.rules._values import BLANK

Progress = Callable[[int, int], None]
"""Is told how many of how many bytes are done."""

_SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LIKELY: Final = ("gb18030", "cp1252")
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LOOKED_AT: Final = 200
_LONGEST_LINE: Final = 1 << 20
_TOLD_EVERY: Final = 1 << 15
_KEPT: Final = 100
_SHOWN: Final = 60
_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied.

    Attributes:
        path: The copy: UTF-8, without the header, which engines do not read as they read values.
        separator: What stands between its values.
        columns: The names of the columns, which are distinct.
        rows: How many rows there are.
    """

    path: Path
    separator: str
    columns: tuple[str, ...]
    rows: int


def copied(path: Path, copy: Path, *, encoding: str, progress: Progress) -> Copy:
    """Copy a file of separated values, where every row of it can be read in one way only.

    Args:
        path: The file.
        copy: Where to write it.
        encoding: The encoding that the caller says; empty for UTF-8.
        progress: Is told how far it came.

    Raises:
        FrameError: `problems` lists what is wrong, with lines.
    """
    codec = _codec(encoding)
    size = path.stat().st_size
    try:
        with (
            path.open(encoding=codec, newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            return _Copying(path, source, target, lambda at: progress(at, size)).done(copy)
    except UnicodeError as error:
        raise unreadable(path, [_undecoded(path, codec, encoding)]) from error


def lines_of(path: Path, column: str, texts: Sequence[str], *, encoding: str) -> dict[str, str]:
    """On which lines texts of a column stand first, of a file that was copied: `line 7`.

    Args:
        path: The file.
        column: The column.
        texts: The texts, without blanks around them, or as numbers are read.
        encoding: The encoding that the caller says; empty for UTF-8.
    """
    wanted, found = set(texts), dict[str, str]()
    for line, value in _values(path, column, encoding):
        for text in wanted.intersection((value, narrowed(value))):
            found[text] = f"line {line:,}"
            wanted.discard(text)
        if not wanted:
            break
    return found


def lines_without(
    path: Path, column: str, missing: Collection[str], *, encoding: str
) -> Iterator[int]:
    """The lines of such a file on which nothing stands in a column, or what is `missing`."""
    nothing = {"", *missing}
    return (line for line, value in _values(path, column, encoding) if value in nothing)


def _values(path: Path, column: str, encoding: str) -> Iterator[tuple[int, str]]:
    """What stands in a column of a file that was copied, without blanks around it, and its line."""
    with path.open(encoding=_codec(encoding), newline="") as source:
        copying = _Copying(path, source, source, lambda _: None)
        rows, header = copying.looked_through()
        if column not in header:  # it was made of others
            return
        at, line = header.index(column), copying.line + 1
        for row in rows:
            if any(row):
                yield line, row[at].strip(BLANK) if at < len(row) else ""
            line = copying.line + 1


def _codec(encoding: str) -> str:
    """The name of an encoding as Python knows it.

    Raises:
        FrameError: There is no such encoding of texts.
    """
    try:
        found = codecs.lookup(encoding or "utf-8").name
        "".encode(found)  # some are of bytes, not of texts
    except (LookupError, ValueError) as error:
        hint = "for instance gb18030, cp1252 or utf-16"
        problem = Problem("encoding", f"there is no encoding {encoding!r}", hint, "encoding")
        raise FrameError("The file cannot be read.", problems=[problem]) from error
    return "utf-8-sig" if found == "utf-8" else found


@dataclass(slots=True)
class _Copying:
    """One pass over a file.

    Attributes:
        path: The file, for messages.
        source: What is read.
        target: What is written.
        told: Is told how many bytes were read.
        line: The number of the line that was read last.
        bad: How many rows have another number of values than the header.
        head: The line of the header, as it is written; empty until it was read.
        again: The lines on which it stands once more.
        problems: What is wrong, as far as it is kept.
    """

    path: Path
    source: TextIO
    target: TextIO
    told: Callable[[int], None]
    line: int = 0
    bad: int = 0
    head: str = ""
    again: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def done(self, copy: Path) -> Copy:
        """Copy everything; raises FrameError with all that is wrong."""
        lines = self._lines()
        first = list(islice(lines, _LOOKED_AT))
        separator = self._separator(first)
        self.line = 0
        rest = self._counted(first, lines)
        header = self._header(rest, separator)
        rows = self._rows(rest, separator, header)
        if self.again:
            lines_of = ", ".join(f"{line:,}" for line in self.again[:_TOLD])
            more = ", …" if len(self.again) > _TOLD else ""
            message = f"the header stands among the rows again, on line {lines_of}{more}"
            self.problems.append(Problem("", message, "take it out there", "header"))
        if not (rows or self.problems):
            message = "there are no deals below its header"
            self.problems.append(Problem("", message, "export it anew", "no_rows"))
        if self.problems:
            if self.bad > _KEPT:
                more = f"{self.bad - _KEPT:,} more rows have another number of values"
                self.problems.append(Problem("", more, "", "row"))
            raise unreadable(self.path, self.problems)
        return Copy(copy, separator, tuple(header), rows)

    def looked_through(self) -> tuple[Iterator[list[str]], list[str]]:
        """The rows of a file that was found to be a table, and the names of its columns."""
        lines = self._lines()
        first = list(islice(lines, _LOOKED_AT))
        separator = self._separator(first)
        rest = self._counted(first, lines)
        header = self._header(rest, separator)
        return _reader(rest, separator), header

    def _lines(self) -> Iterator[str]:
        for line in iter(partial(self.source.readline, _LONGEST_LINE), ""):
            if len(line) == _LONGEST_LINE:
                message = f"a line is longer than {_LONGEST_LINE:,} characters"
                raise unreadable(self.path, [Problem("", message, _NO_TABLE, "no_table")])
            yield line

    def _counted(self, first: Iterable[str], rest: Iterable[str]) -> Iterator[str]:
        for line in chain(first, rest):
            self.line += 1
            yield line

    def _separator(self, lines: list[str]) -> str:
        """The sign that makes a table of the first lines; raises FrameError where none does."""
        if lines and "\0" in lines[0]:  # it is ASCII in UTF-16, for instance
            problem = Problem("", "it is no text in this encoding", _TRY_UTF_16, "encoding")
            raise unreadable(self.path, [problem])
        found = {sign: _records(lines, sign) for sign in _SEPARATORS}
        likely = [sign for sign, records in found.items() if records and len(records[0]) > 1]
        for fits in (_same_width, _takes_quotes):
            if len(likely) > 1:
                likely = [sign for sign in likely if fits(found[sign])] or likely
        if len(likely) == 1:
            return likely[0]
        if not any(line.strip() for line in lines):
            problem = Problem("", "it is empty", "name a file with a header", "no_table")
        elif not (likely or all(found.values())):
            problem = Problem("", _QUOTES, _QUOTES_HINT, "quotes", line=1)
        elif likely:
            names = " and ".join(_SEPARATORS[sign] for sign in likely)
            hint = "put names with such a sign in double quotes"
            message = f"its header can be taken apart in several ways, at each {names}"
            problem = Problem("", message, hint, "separator", line=1)
        else:
            problem = Problem("", "its first line names one column only", _NO_TABLE, "no_table")
        raise unreadable(self.path, [problem])

    def _header(self, lines: Iterator[str], separator: str) -> list[str]:
        """The names of the columns; one without a name is called by its place.

        So spreadsheets call it; pandas, for one, writes the numbers of rows below an empty name.
        """
        written = next(line for line in lines if line.strip("\r\n"))
        self.head = written.rstrip("\r\n")
        names = self._record(written, lines, separator)
        if names is None:
            raise unreadable(self.path, self.problems)
        names = [name if name.strip() else f"column {at}" for at, name in enumerate(names, 1)]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            message = f"{names.count(name)} columns are called {name!r}"
            self.problems.append(Problem("", message, "rename all but one", "duplicate", line=1))
        return names

    def _rows(self, lines: Iterator[str], separator: str, header: list[str]) -> int:
        """Copies the rows; returns how many there are."""
        width, rows, write = len(header), 0, self.target.write
        plain, nothing = _plain(separator, width).fullmatch, f'"{separator}'
        for line in lines:
            if not self.line % _TOLD_EVERY:
                self.told(self.source.buffer.tell())
            body = line.rstrip("\r\n")
            if body == self.head:
                self.again.append(self.line)
                continue
            if '"' not in body:
                if body.count(separator) == width - 1:
                    if len(body) >= width:  # else there is nothing in it: a row that was cleared
                        write(f"{body}\n")
                        rows += 1
                elif body:
                    self._note_row(self.line, body.count(separator) + 1, width, body)
                continue
            if plain(body) and body.strip(nothing):
                write(f"{body}\n")
                rows += 1
                continue
            at = self.line
            record = self._record(line, lines, separator)
            if record is None:
                break
            if len(record) == width:
                if any(record):
                    self._write(record, separator)
                    rows += 1
            else:
                self._note_row(at, len(record), width, body)
        return rows

    def _record(self, line: str, lines: Iterator[str], separator: str) -> list[str] | None:
        """The values of a row that begins in this line, and may end in a later one.

        None where nobody can say where it ends, so that nothing behind it can be trusted.
        """
        at = self.line
        try:
            return next(_reader(chain([line], lines), separator))
        except csv.Error as error:
            message = _QUOTES
            if "field larger" in str(error):
                most = csv.field_size_limit()
                message = f"a value that begins here is longer than {most:,} characters"
            self.problems.append(Problem("", message, _QUOTES_HINT, "quotes", line=at))
            return None

    def _write(self, values: list[str], separator: str) -> None:
        csv.writer(self.target, delimiter=separator, lineterminator="\n").writerow(values)

    def _note_row(self, line: int, values: int, width: int, body: str) -> None:
        self.bad += 1
        if self.bad <= _KEPT:
            begins = body if len(body) <= _SHOWN else f"{body[:_SHOWN]}…"
            message = f"the row has {amount_of(values, 'value')}, the header {width}: {begins!r}"
            self.problems.append(Problem("", message, _ROW_HINT, "row", line=line))


def _plain(separator: str, width: int) -> re.Pattern[str]:
    """A row on one line with quotes around whole values only: it needs not be taken apart."""
    sign = re.escape(separator)
    value = rf'(?:"[^"]*+"|[^"{sign}]*+)'
    return re.compile(rf"{value}(?:{sign}{value}){{{width - 1}}}")


def _records(lines: list[str], separator: str) -> list[list[str]]:
    """The first rows, as far as they can be read."""
    found: list[list[str]] = []
    with suppress(csv.Error):  # the last one may be cut
        found.extend(it for it in _reader(lines, separator) if it)
    return found


def _reader(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """The values of each row; raises csv.Error where a quote is not closed as it should."""
    return csv.reader(_closed_up(lines, separator), delimiter=separator, strict=True)


def _closed_up(lines: Iterable[str], separator: str) -> Iterator[str]:
    """The lines without the blanks before and behind values in quotes.

    `"A", "B"` is what some write by hand. Without that, the quotes of the second would be a part of
    it, and the separators in it would stand between values. What has no quotes keeps its blanks.
    """
    sign, blank = re.escape(separator), " " if separator == "\t" else "[ \t]"
    text, end = r'[^"]*+(?:""[^"]*+)*+', rf'"{blank}*'
    # A value in quotes may end on a later line; one that goes on behind them is not in quotes.
    begins = re.compile(rf'"|{blank}+"(?={text}(?:{end}(?:{sign}|[\r\n]|$)|$))')
    value, behind = re.compile(rf"({text})({end})?"), re.compile(rf"[^{sign}]*+(?:{sign})?")
    inside = False
    for line in lines:
        if not inside and '"' not in line:
            yield line
            continue
        at, kept = 0, list[str]()
        while at < len(line):
            if not inside and (found := begins.match(line, at)):
                kept.append('"')
                at, inside = found.end(), True
            if inside and (found := value.match(line, at)):
                inside = found[2] is None
                kept.append(found[1] + '"' * (not inside))
                at = found.end()
            if not inside and (found := behind.match(line, at)):
                kept.append(found[0])
                at = found.end()
        yield "".join(kept)


def _same_width(records: list[list[str]]) -> bool:
    return len(set(map(len, records))) == 1


def _takes_quotes(records: list[list[str]]) -> bool:
    """Quotes of the header stand around names and are not parts of them."""
    return not any('"' in name for name in records[0])


def _undecoded(path: Path, codec: str, encoding: str) -> Problem:
    """Where a file is not what its encoding says, and what it could be."""
    called = encoding or "UTF-8"
    with path.open("rb") as file:
        start = file.read(4)
        mark = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
        if mark and not encoding:
            message = f"it is not {called} but {mark.upper()}, as its first bytes say"
            return Problem("", message, f"say encoding={mark!r}", "encoding")
        file.seek(0)
        for number, line in enumerate(iter(partial(file.readline, _LONGEST_LINE), b""), 1):
            try:
                line.decode(codec)
            except UnicodeError as error:
                at = getattr(error, "start", 0)
                return _bad_line(line, at, number, called)
    return Problem("", f"it is not {called}", "say another encoding", "encoding")


def _bad_line(line: bytes, at: int, number: int, called: str) -> Problem:
    message = f"it is not {called}, from byte {at + 1} of this line on"
    # The values around the place, whole: half a character says nothing.
    before, behind = line[:at].rpartition(b",")[2], line[at:].partition(b",")[0]
    before, behind = before.rpartition(b";")[2], behind.partition(b";")[0]
    around = (before.rpartition(b"\t")[2] + behind.partition(b"\t")[0]).strip(b'"\r\n')
    read = {}
    for name in _LIKELY:
        try:
            read[name] = around.decode(name)[:_SHOWN]
        except UnicodeError:
            continue
    ways = " or ".join(f"encoding={name!r} for {text!r}" for name, text in read.items())
    hint = f"say what it is: {ways}" if ways else "say what it is, or save it as CSV UTF-8"
    return Problem("", message, hint, "encoding", line=number)


def unreadable(path: Path, problems: list[Problem]) -> FrameError:
    """The error for a file that is no table."""
    return FrameError(f"{str(path)!r} cannot be read as a table.", problems=problems)


_NO_TABLE: Final = (
    "a table has its names in the first line, with commas, semicolons or tabs between them"
)
_TRY_UTF_16: Final = "say encoding='utf-16'"
_QUOTES: Final = "a value that begins here in double quotes does not end as it should"
_QUOTES_HINT: Final = "double a quote inside a value, and close it; nothing below was looked at"
_ROW_HINT: Final = "correct the row; a value with the separator in it stands in double quotes"
