"""From a column per check to a row per finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._checks.catalogue import Check
from salesflow.rules.columns import Frame

_FINE: Final = 0
_NO: Final = 1
UNKNOWN: Final = 2
"""What the column of a check says of a row: nothing to find, or one of the two verdicts."""

_STEP: Final = 4  # more than any code, so that one number tells the check and the code
_CELLS: Final = 1 << 21  # of an eager frame in one pass
_FEW: Final = 16  # passes for fewer checks than this are slower than a pass for each
_CHECKS: Final = 64  # of a lazy frame in one pass, whose rows nobody has counted


def findings(base: Frame, checks: Sequence[Check], key: str, *, rows: int | None) -> Frame:
    """One row per finding.

    Args:
        base: `key`, `place`, and for every check a column that is named by its number.
        checks: The checks.
        key: What the caller calls the column of the key.
        rows: How many rows are in memory; None where the caller's frame is lazy.
    """
    if base.implementation.is_duckdb():
        # narwhals unpivots its relation on a connection that may not be its own, and a part of a
        # union for each check takes minutes to plan.
        return _of_all(base, checks, key)
    numbers = range(len(checks))
    size = _at_once(base, rows)
    if size > 1:
        some = (numbers[start : start + size] for start in numbers[::size])
        parts = [_of_many(base, {each: checks[each] for each in part}, key) for part in some]
    else:
        parts = [_of_one(base, number, checks[number], key) for number in numbers]
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
    return _told(found, dict(enumerate(checks)), key)


def _of_many(base: Frame, checks: Mapping[int, Check], key: str) -> Frame:
    """The findings of several checks, from one pass over the rows."""
    names = [str(number) for number in checks]
    taken = base.select("key", "place", *names)
    long = taken.unpivot(on=names, index=["key", "place"], variable_name="at", value_name="code")
    found = long.filter(nw.col("code") > nw.lit(_FINE)).select(
        "key", "place", "code", nw.col("at").cast(nw.String()).cast(nw.Int64()).alias("at")
    )
    return _told(found, checks, key)


def _told(found: Frame, checks: Mapping[int, Check], key: str) -> Frame:
    """The numbers of the checks and of the verdicts in words."""
    return found.select(
        nw.col("key").alias(key),
        nw.col("place").alias("stage"),
        _word({number: check.key for number, check in checks.items()}).alias("check"),
        _word({number: check.severity for number, check in checks.items()}).alias("severity"),
        _verdict(nw.col("code")),
    )


def _verdict(code: nw.Expr) -> nw.Expr:
    words = nw.when(code == nw.lit(_NO)).then(nw.lit("no")).otherwise(nw.lit("unknown"))
    return words.alias("verdict")


def _word(words: Mapping[int, str]) -> nw.Expr:
    """The word of the number in `at`; the numbers are halved, as engines nest only so deep."""
    if len(set(words.values())) == 1:
        return nw.lit(next(iter(words.values())))
    numbers = sorted(words)
    middle = numbers[len(numbers) // 2]
    return (
        nw.when(nw.col("at") < nw.lit(middle))
        .then(_word({number: word for number, word in words.items() if number < middle}))
        .otherwise(_word({number: word for number, word in words.items() if number >= middle}))
    )
