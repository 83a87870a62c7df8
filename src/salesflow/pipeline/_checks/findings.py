"""From a column per check to a row per finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._checks.catalogue import Check
from salesflow.rules.columns import Frame

COLUMNS: Final = ("stage", "check", "severity", "verdict")
"""The columns of the findings, beside the key."""

_FINE: Final = 0
_NO: Final = 1
UNKNOWN: Final = 2
"""What the column of a check says of a row: nothing to find, or one of the two verdicts."""

_STEP: Final = 4  # more than any code, so that one number tells the check and the code
_CELLS: Final = 1 << 21  # of an eager frame in one pass
_FEW: Final = 16  # passes for fewer checks than this are slower than a pass for each
_CHECKS: Final = 64  # of a lazy frame in one pass, whose rows nobody has counted


def findings(base: Frame, checks: Sequence[Check], key: str, *, rows: int | None) -> Frame:
    """One row per finding; `key` is what the caller calls the column of the key.

    `base` has the columns `key`, `place`, and one for every check, named by its number. `rows` is
    how many are in memory, and None where the caller's frame is lazy.
    """
    if base.implementation.is_duckdb():
        # narwhals unpivots its relation on a connection that may not be its own, and a part of a
        # union for each check takes minutes to plan.
        return _of_all(base, checks, key)
    size = _at_once(base, rows)
    if size > 1:
        starts = range(0, len(checks), size)
        parts = [_of_many(base, checks[start : start + size], start, key) for start in starts]
    else:
        parts = [_of_one(base, number, check, key) for number, check in enumerate(checks)]
    return nw.concat(cast("list[nw.DataFrame[Any]]", parts))


def _at_once(base: Frame, rows: int | None) -> int:
    """How many checks to take in one pass over the rows; all their cells are there for a while."""
    if rows is not None:
        size = _CELLS // max(1, rows)
        return size if size >= _FEW else 1
    implementation = base.implementation
    return 1 if implementation.is_polars() else _CHECKS  # polars sees what the passes share


def _of_one(base: Frame, number: int, check: Check, key: str) -> Frame:
    code = nw.col(str(number))
    return base.filter(code > nw.lit(_FINE)).select(
        nw.col("key").alias(key),
        nw.col("place").alias("stage"),
        nw.lit(check.key).alias("check"),
        nw.lit(check.severity).alias("severity"),
        _verdict(code),
    )


def _of_all(base: Frame, checks: Sequence[Check], key: str) -> Frame:
    """The findings of all checks from one pass: numbers in a text, whose parts become rows."""
    said = []
    for number in range(len(checks)):
        code = nw.col(str(number))
        both = code.cast(nw.Int64()) + nw.lit(number * _STEP)
        said.append(nw.when(code > nw.lit(_FINE)).then(both.cast(nw.String())))
    text = nw.concat_str(*said, separator=",", ignore_nulls=True)
    texts = base.select("key", "place", text.alias("said")).filter(nw.col("said") != nw.lit(""))
    split = texts.with_columns(nw.col("said").str.split(","))
    both = nw.col("said").cast(nw.Int64())
    found = split.explode("said", empty_as_null=False, keep_nulls=False).select(
        "key", "place", (both % _STEP).alias("code"), (both // _STEP).alias("at")
    )
    return _told(found, checks, 0, key)


def _of_many(base: Frame, checks: Sequence[Check], start: int, key: str) -> Frame:
    """The findings of several checks, the first of which has this number, from one pass."""
    names = [str(number) for number in range(start, start + len(checks))]
    taken = base.select("key", "place", *names)
    long = taken.unpivot(on=names, index=["key", "place"], variable_name="at", value_name="code")
    found = long.filter(nw.col("code") > nw.lit(_FINE)).select(
        "key", "place", "code", nw.col("at").cast(nw.String()).cast(nw.Int64()).alias("at")
    )
    return _told(found, checks, start, key)


def _told(found: Frame, checks: Sequence[Check], start: int, key: str) -> Frame:
    """The numbers of the checks and of the verdicts in words."""
    key_and_stage = nw.col("key").alias(key), nw.col("place").alias("stage")
    words = named(nw.col("at"), checks, start)
    return found.select(*key_and_stage, *words, _verdict(nw.col("code")))


def _verdict(code: nw.Expr) -> nw.Expr:
    words = nw.when(code == nw.lit(_NO)).then(nw.lit("no")).otherwise(nw.lit("unknown"))
    return words.alias("verdict")


def named(at: nw.Expr, checks: Sequence[Check], start: int = 0) -> tuple[nw.Expr, nw.Expr]:
    """The columns `check` and `severity` of the checks whose numbers are in a column."""
    return (
        one_of(at, [check.key for check in checks], start).alias("check"),
        one_of(at, [check.severity for check in checks], start).alias("severity"),
    )


def one_of(column: nw.Expr, words: Sequence[str], start: int = 0) -> nw.Expr:
    """The word whose number is in a column; halved again and again: engines nest only so deep."""
    if all(word == words[0] for word in words):
        return nw.lit(words[0])
    middle = len(words) // 2
    return (
        nw.when(column < nw.lit(start + middle))
        .then(one_of(column, words[:middle], start))
        .otherwise(one_of(column, words[middle:], start + middle))
    )
