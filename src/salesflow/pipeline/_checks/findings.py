"""From a column per check to a row per finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._checks.catalogue import Check
from salesflow.rules.columns import Frame

T = TypeVar("T")

COLUMNS: Final = ("stage", "check", "severity", "verdict")
"""The columns of the findings, beside the key."""
SEEN: Final = ("fact", "value", "expected", "age")
"""Those that say, beside these, what was seen."""

FINE: Final = 0
_NO: Final = 1
UNKNOWN: Final = 2
"""What the column of a check says of a row: nothing to find, or one of the two verdicts."""

_CELLS: Final = 1 << 21  # of an eager frame in one pass
_FEW: Final = 16  # passes for fewer checks than this are slower than a pass for each
_PARTS: Final = 8  # of a union, which DuckDB soon takes minutes to plan
_CHECKS: Final = 64  # of a lazy frame in one pass, whose rows nobody has counted


@dataclass(frozen=True, slots=True)
class Told:
    """What is told where a check finds something; there may be several of one check.

    Attributes:
        check: The check.
        words: By column of the findings, what stands there.
        taken: By column of the findings, the column of the frame from which it is taken.
    """

    check: Check
    words: Mapping[str, str | None] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)


def findings(
    base: Callable[[Sequence[int]], Frame], told: Sequence[Told], key: str, *, rows: int | None
) -> Frame:
    """One row per finding and what is told of it; `key` is what the caller calls the key.

    `base` gives a frame for some of what is told, by number: its columns are `key`, `place`, one
    for each number, called like it, and those that are taken; of one alone only the rows in which
    it finds something. `rows` is how many are in memory, None where the caller's frame is lazy.
    """
    numbers = range(len(told))
    size = _at_once(base(numbers[:1]), len(told), rows)
    if size == 1:
        parts = [_of_one(base([number]), number, told[number], key) for number in numbers]
        return nw.concat(cast("list[nw.DataFrame[Any]]", parts))
    chunks = [numbers[start : start + size] for start in numbers[::size]]
    parts = [
        _of_many(base(chunk), told[chunk.start : chunk.stop], chunk.start, key) for chunk in chunks
    ]
    return nw.concat(cast("list[nw.DataFrame[Any]]", parts))


def _at_once(base: Frame, told: int, rows: int | None) -> int:
    """How many checks to take in one pass over the rows; all their cells are there for a while."""
    if base.implementation.is_duckdb():
        return 1 if told <= _PARTS else told
    if rows is not None:
        size = _CELLS // max(1, rows)
        return size if size >= _FEW else 1
    implementation = base.implementation
    return 1 if implementation.is_polars() else _CHECKS  # polars sees what the passes share


def _of_one(base: Frame, number: int, told: Told, key: str) -> Frame:
    code = nw.col(str(number))
    return base.select(*_columns(nw.col("key"), code, nw.lit(0), [told], 0, key))


def _of_all(base: Frame, told: Sequence[Told], key: str) -> Frame:
    """The findings of all checks from one pass: numbers in a text, whose parts become rows.

    They count the checks from 1; below zero it is not known.
    """
    said = []
    for number in range(len(told)):
        code = nw.col(str(number))
        unknown = nw.when(code == nw.lit(UNKNOWN)).then(nw.lit(f"-{number + 1}"))
        said.append(nw.when(code == nw.lit(_NO)).then(nw.lit(f"{number + 1}")).otherwise(unknown))
    text = nw.concat_str(*said, separator=",", ignore_nulls=True)
    taken = ("key", "place", *_taken(told))
    texts = base.select(*taken, text.alias("said")).filter(nw.col("said") != nw.lit(""))
    split = texts.with_columns(nw.col("said").str.split(","))
    found = split.explode("said", empty_as_null=False, keep_nulls=False)
    found = found.with_columns(nw.col("said").cast(nw.Int64()))
    code = nw.when(nw.col("said") > nw.lit(0)).then(nw.lit(_NO)).otherwise(nw.lit(UNKNOWN))
    return found.select(*_columns(nw.col("key"), code, nw.col("said").abs(), told, 1, key))


def _of_many(base: Frame, told: Sequence[Told], start: int, key: str) -> Frame:
    """What several tell, the first of which has this number, from one pass."""
    if base.implementation.is_duckdb():
        # narwhals unpivots its relation on a connection that may not be its own.
        return _of_all(base, told, key)
    names = [str(number) for number in range(start, start + len(told))]
    taken = ["key", "place", *_taken(told)]
    long = base.select(*taken, *names).unpivot(
        on=names, index=taken, variable_name="at", value_name="code"
    )
    at = nw.col("at").cast(nw.String()).cast(nw.Int64()).alias("at")
    found = long.filter(nw.col("code") > nw.lit(FINE)).select(*taken, "code", at)
    return found.select(*_columns(nw.col("key"), nw.col("code"), nw.col("at"), told, start, key))


def _taken(told: Sequence[Told]) -> list[str]:
    return list(dict.fromkeys(name for item in told for name in item.taken.values()))


def _columns(
    keys: nw.Expr, code: nw.Expr, at: nw.Expr, told: Sequence[Told], start: int, key: str
) -> list[nw.Expr]:
    """The columns of the findings; the number of what is told is in the column `at`."""
    columns = [keys.alias(key), nw.col("place").alias("stage")]
    columns += named(at, [item.check for item in told], start)
    columns.append(_verdict(code))
    for name in SEEN if told[0].words else ():
        if name in told[0].words:
            words = [item.words[name] for item in told]
            columns.append(one_of(at, words, _word, start).alias(name))
        else:
            sources = [item.taken[name] for item in told]
            columns.append(one_of(at, sources, nw.col, start).alias(name))
    return columns


def _verdict(code: nw.Expr) -> nw.Expr:
    words = nw.when(code == nw.lit(_NO)).then(nw.lit("no")).otherwise(nw.lit("unknown"))
    return words.alias("verdict")


def _word(word: str | None) -> nw.Expr:
    return nw.lit(None, dtype=nw.String()) if word is None else nw.lit(word)


def named(at: nw.Expr, checks: Sequence[Check], start: int = 0) -> tuple[nw.Expr, nw.Expr]:
    """The columns `check` and `severity` of the checks whose numbers are in a column."""
    return (
        one_of(at, [check.key for check in checks], nw.lit, start).alias("check"),
        one_of(at, [check.severity for check in checks], nw.lit, start).alias("severity"),
    )


def one_of(
    column: nw.Expr,
    choices: Sequence[T],
    made: Callable[[T], nw.Expr],
    start: int = 0,
) -> nw.Expr:
    """What is made of the choice whose number is in a column.

    It is halved again and again: engines nest only so deep.
    """
    if all(choice == choices[0] for choice in choices):
        return made(choices[0])
    middle = len(choices) // 2
    return (
        nw.when(column < nw.lit(start + middle))
        .then(one_of(column, choices[:middle], made, start))
        .otherwise(one_of(column, choices[middle:], made, start + middle))
    )
