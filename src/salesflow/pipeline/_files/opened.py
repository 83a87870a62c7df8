"""A file of deals as a lazy frame of polars or DuckDB."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.pipeline._files.separated import (
    Copy,
    Progress,
    copied,
    lines_of,
    lines_without,
    unreadable,
)
from salesflow.pipeline._frames.engines import cause, engine_errors, opened, rows_of, whole
from salesflow.pipeline.exports._texts import Where
from salesflow.rules._values import BLANK
from salesflow.rules.columns import schema_of

Engine: TypeAlias = Literal["polars", "duckdb"]

_PARQUET: Final = b"PAR1"
_OTHERS: Final = {
    b"PK\x03\x04": ("a workbook or another archive", "save the sheet as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("an old workbook", "save the sheet as CSV UTF-8"),
    b"\x1f\x8b": ("compressed", "unpack it first"),
    b"%PDF": ("a PDF", "export the deals as CSV"),
}
_PATTERN: Final = frozenset("*?[]{}")


def opened_file(
    path: Path,
    folder: Path,
    *,
    engine: Engine,
    encoding: str = "",
    progress: Progress = lambda _done, _size: None,
) -> nw.LazyFrame[Any]:
    """A file of separated values, or in Parquet; every value of the former is a text as written.

    Separated values become Parquet in the folder, in one pass: so that each of the queries that
    follow reads only the columns that it needs, all of them see the same rows, and no more than a
    part of a large file is in memory.

    Args:
        path: The file.
        folder: Where to put what is made of it; it has to be there as long as the frame is used.
        engine: What is to read it.
        encoding: The encoding of separated values; empty for UTF-8.
        progress: Is told how far it came.

    Raises:
        FrameError: It cannot be read; `problems` lists what is wrong with it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except (OSError, ValueError) as error:
        said = (isinstance(error, OSError) and error.strerror) or str(error)
        raise unreadable(path, [Problem("", said.lower(), "name a file", "file")]) from error
    for mark, (what, hint) in _OTHERS.items():
        if start.startswith(mark):
            message = f"it is {what}, neither CSV nor Parquet"
            raise unreadable(path, [Problem("", message, hint, "format")])
    if start == _PARQUET:
        return _scanned(path, _plainly_named(path, folder), engine)
    copy = copied(path, folder / "deals.csv", encoding=encoding, progress=progress)
    found = folder / "deals.parquet"
    return _scanned(path, _as_parquet(path, copy, found, engine), engine, copy.rows)


def places_in(path: Path, encoding: str) -> Where | None:
    """Says on which lines of a file texts stand; None for Parquet, which has none."""
    with path.open("rb") as file:
        if file.read(4) == _PARQUET:
            return None
    return partial(lines_of, path, encoding=encoding)


def rows_without(
    path: Path, column: str, missing: Sequence[str], encoding: str
) -> Iterator[int] | None:
    """The lines of a file on which nothing stands in a column; None for Parquet, which has none."""
    if places_in(path, encoding) is None:
        return None
    texts = [text.strip(BLANK) for text in missing]
    return lines_without(path, column, texts, encoding=encoding)


def kept(frame: object, folder: Path, engine: Engine) -> nw.LazyFrame[Any]:
    """A frame of the engine, as Parquet in the folder: what was read of texts is read once.

    Otherwise each question would read it anew, and DuckDB would plan it anew, for a long time.

    Raises:
        FrameError: The engine refuses it.
    """
    data, file = opened(frame), folder / "read.parquet"
    with engine_errors(data):
        data.lazy().sink_parquet(file)
        return _parquet(file, engine)


def _parquet(file: Path, engine: Engine) -> nw.LazyFrame[Any]:
    options = {"glob": False} if engine == "polars" else {}
    return nw.scan_parquet(str(file), backend=engine, **options)


def _as_parquet(path: Path, copy: Copy, found: Path, engine: Engine) -> Path:
    try:
        _scan(copy, engine).sink_parquet(found)
    except Exception as error:
        message = f"{engine} refuses it ({cause(error)})"
        raise unreadable(path, [Problem("", message, "", "engine")]) from error
    finally:
        copy.path.unlink()
    return found


def _scan(copy: Copy, engine: Engine) -> nw.LazyFrame[Any]:
    """Every value as a text: a key such as 007 is none of the numbers that it looks like."""
    options: dict[str, Any] = {
        "has_header": False,
        "new_columns": list(copy.columns),
        "infer_schema": False,
        "glob": False,
    }
    if engine == "duckdb":
        options = {
            "header": False,
            "columns": dict.fromkeys(copy.columns, "VARCHAR"),
            "auto_detect": False,
            "quotechar": '"',
            "escapechar": '"',
            "max_line_size": 1 << 22,  # its buffers are many times this long
        }
    return nw.scan_csv(str(copy.path), backend=engine, separator=copy.separator, **options)


def _scanned(path: Path, file: Path, engine: Engine, rows: int | None = None) -> nw.LazyFrame[Any]:
    """The frame of a Parquet file, which is known to be one."""
    try:
        found = _parquet(file, engine)
        schema_of(found)
        seen = rows if rows is None else whole(rows_of(found.select(nw.len().alias("n")))[0]["n"])
    except Exception as error:
        message = f"{engine} refuses it ({cause(error)})"
        raise unreadable(path, [Problem("", message, "", "engine")]) from error
    if seen != rows:  # pragma: no cover - so that nothing is lost where an engine reads otherwise
        message = f"{engine} sees {seen:,} rows, and there are {rows:,}"
        raise unreadable(path, [Problem("", message, "", "engine")])
    return found


def _plainly_named(path: Path, folder: Path) -> Path:
    """The file under a name that no engine takes for a pattern or for an address elsewhere."""
    if not _PATTERN.intersection(str(path)):
        return path.resolve()
    named = folder / "deals.parquet"
    try:
        os.link(path, named)
    except OSError:
        shutil.copyfile(path, named)
    return named
