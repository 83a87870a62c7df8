"""What a report shows beside its findings: a row per deal, and counts per group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._arguments import describe
from salesflow.errors import FrameError, Problem
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._checks.check_plan import CheckPlan, Counts
from salesflow.pipeline._checks.findings import named
from salesflow.pipeline._frames.engines import expr_of, native, number_of, rows_of
from salesflow.pipeline._wording import near
from salesflow.rules.columns import Frame, Rail, Rails, both, either, flip

BY_COLUMNS: Final = ("check", "severity", "yes", "no", "unknown")
_VERDICTS: Final = ("yes", "no", "unknown")
_EXAMPLES: Final = 3


class Views:
    """The frames of a report, in the caller's own kind, made when somebody asks."""

    def __init__(self, plan: CheckPlan, checks: Sequence[Check]) -> None:
        self._plan = plan
        self._deals = plan.deals
        self._columns = plan.deals.columns
        self._checks = checks

    def findings(self, counts: Mapping[str, Counts]) -> object:
        """One row per deal and check that is not YES."""
        with self._deals.asking():
            return native(self._plan.findings(counts), eager=self._columns.eager)

    def wide(self, counts: Mapping[str, Counts]) -> object:
        """One row per deal, and a column per check.

        Raises:
            FrameError: To the engine two of the columns have one name.
        """
        plan, key = self._plan, self._deals.key
        made = [check.key for check in self._checks if check.key in counts]
        refuse_double([key.name, "stage", *made], self._columns.engine.name)
        columns = [key.expr().alias(key.name), plan.place.alias("stage")]
        columns += [verdict_text(*plan.asked(key)).alias(key) for key in made]
        return native(plan.work(*columns), eager=self._columns.eager)

    def examples(self, check: str) -> tuple[object, ...]:
        """Keys of some deals of which a check is not YES.

        Raises:
            FrameError: The engine refuses it.
        """
        rows, rails = self._plan.asked(check)
        wrong = expr_of(both(rows, flip(rails.yes))).alias("wrong")
        key = self._deals.key.expr().alias("key")
        some = self._plan.work(key, wrong).filter(nw.col("wrong")).select("key").head(_EXAMPLES)
        return tuple(row["key"] for row in rows_of(some))

    def by(self, name: str, counts: Mapping[str, Counts]) -> object:
        """The counts of every check by the values of a column.

        Raises:
            FrameError: There is no such column, or none that can be grouped by.
        """
        plan, columns = self._plan, self._columns
        made = [check for check in self._checks if check.key in counts]
        group = plan.place
        if name != "stage":
            refuse_double([self._column(name), *BY_COLUMNS], columns.engine.name)
            group = columns.taken(self._column(name))
        with self._deals.asking():
            # narwhals unpivots a relation of DuckDB on the default connection, maybe not its own.
            if columns.whole.implementation.is_duckdb():
                found = _stacked(self._coded(group, made), made, name)
            else:
                found = _unpivoted(self._sums(group, made), made, name)
            return native(found, eager=columns.eager)

    def _sums(self, group: nw.Expr, made: Sequence[Check]) -> Frame:
        """A row per group; three columns per check, numbered by the check and the verdict."""
        columns = [group.alias("group")]
        for number, check in enumerate(made):
            rows, rails = self._plan.asked(check.key)
            said = (rails.yes, rails.no, flip(either(rails.yes, rails.no)))
            columns += [
                number_of(both(rows, rail)).alias(str(number + len(made) * verdict))
                for verdict, rail in enumerate(said)
            ]
        cells = [str(cell) for cell in range(len(made) * len(_VERDICTS))]
        base = self._plan.work(*columns)
        return base.group_by("group").agg(*(nw.col(cell).sum() for cell in cells))

    def _coded(self, group: nw.Expr, made: Sequence[Check]) -> Frame:
        """The same, from a column per check: DuckDB looks each name up among all columns."""
        columns = [group.alias("group")]
        for number, check in enumerate(made):
            rows, rails = self._plan.asked(check.key)
            said = nw.when(expr_of(rails.no)).then(nw.lit(1)).otherwise(nw.lit(2))
            said = nw.when(expr_of(rails.yes)).then(nw.lit(0)).otherwise(said)
            said = nw.when(expr_of(rows)).then(said).otherwise(nw.lit(3))
            columns.append(said.alias(f"c{number}"))
        many = len(made)
        sums = [
            (nw.col(f"c{cell % many}") == nw.lit(cell // many)).cast(nw.Int64()).sum()
            for cell in range(many * len(_VERDICTS))
        ]
        base = self._plan.work(*columns).group_by("group")
        return base.agg(*(total.alias(str(cell)) for cell, total in enumerate(sums)))

    def _column(self, name: object) -> str:
        columns = self._columns
        column = columns.column_of(name) if isinstance(name, str) else None
        if column is None and not isinstance(name, str):
            problem = Problem("by", f"{describe(name)} names no column", "write its name, a text")
        elif column is None:
            message = f"no column is {name!r}, nor holds such a fact"
            problem = Problem("by", message, near(name, columns.groups), "no_column")
        elif name in BY_COLUMNS:
            message = f"the counts have a column {name!r} of their own"
            problem = Problem("by", message, "rename the frame's")
        elif columns.is_nested(column):
            problem = Problem("by", f"{name!r} holds no single values", "name another column")
        else:
            return column
        raise FrameError("The report has no such groups.", problems=[problem])


def _stacked(sums: Frame, made: Sequence[Check], name: str) -> Frame:
    """From a row per group, with three columns per check, to a row per group and check."""
    many = len(made)
    cells = [
        nw.concat_str(
            nw.lit(str(number)),
            *(
                nw.col(str(number + many * verdict)).cast(nw.Int64()).cast(nw.String())
                for verdict in range(len(_VERDICTS))
            ),
            separator=":",
        )
        for number in range(many)
    ]
    # Through a text, whose parts become rows: a part of a union for each check takes minutes.
    texts = sums.select("group", nw.concat_str(*cells, separator=",").str.split(",").alias("cell"))
    long = texts.explode("cell", empty_as_null=False, keep_nulls=False)
    parts = nw.col("cell").str.split(":")
    counted = long.select(
        "group",
        *(
            parts.list.get(place).cast(nw.Int64()).alias(part)
            for place, part in enumerate(("at", *_VERDICTS))
        ),
    )
    return counted.select(nw.col("group").alias(name), *named(nw.col("at"), made), *_VERDICTS)


def _unpivoted(sums: Frame, made: Sequence[Check], name: str) -> Frame:
    """The same, from one pass over the groups on engines that do not see what parts share."""
    many = len(made)
    cells = [str(cell) for cell in range(many * len(_VERDICTS))]
    long = sums.unpivot(on=cells, index="group", variable_name="cell", value_name="n")
    cell, n = nw.col("cell").cast(nw.Int64), nw.col("n").cast(nw.Int64)
    long = long.select(nw.col("group"), cell.alias("cell"), n.alias("n"))
    cell, n, none = nw.col("cell"), nw.col("n"), nw.lit(0).cast(nw.Int64)
    inner = (cell >= nw.lit(many)) & (cell < nw.lit(2 * many))
    behind = nw.when(cell >= nw.lit(many)).then(cell - nw.lit(many)).otherwise(cell)
    at = nw.when(cell >= nw.lit(2 * many)).then(cell - nw.lit(2 * many)).otherwise(behind)
    apart = long.select(
        nw.col("group"),
        at.alias("at"),
        nw.when(cell < nw.lit(many)).then(n).otherwise(none).alias("yes"),
        nw.when(inner).then(n).otherwise(none).alias("no"),
        nw.when(cell >= nw.lit(2 * many)).then(n).otherwise(none).alias("unknown"),
    )
    counted = apart.group_by("group", "at").agg(*(nw.col(verdict).sum() for verdict in _VERDICTS))
    counts = (nw.col(verdict).cast(nw.Int64) for verdict in _VERDICTS)
    return counted.select(nw.col("group").alias(name), *named(nw.col("at"), made), *counts)


def verdict_text(rows: Rail, rails: Rails) -> nw.Expr:
    """What is said of each row in words; missing where a check does not apply."""
    yes, no = rails.yes, rails.no
    words = nw.when(expr_of(no)).then(nw.lit("no")).otherwise(nw.lit("unknown"))
    words = nw.when(expr_of(yes)).then(nw.lit("yes")).otherwise(words)
    if rows is True:
        return words
    return nw.when(expr_of(rows)).then(words).otherwise(nw.lit(None, dtype=nw.String()))


def refuse_double(names: Sequence[str], engine: str) -> None:
    """Refuse names that are one to the engine: databases do not tell capitals from small letters.

    Raises:
        FrameError: `problems` has each of them.
    """
    exact = engine.casefold() in {"polars", "pandas", "pyarrow", "modin", "cudf", "dask"}
    seen: dict[str, str] = {}
    problems = []
    for name in names:
        word = name if exact else name.casefold()
        if word in seen:
            message = f"to {engine} this is the same name as {seen[word]!r}"
            problems.append(Problem(name, message, "rename one of the two", "duplicate"))
        seen.setdefault(word, name)
    if problems:
        raise FrameError("Two columns of the result would have one name.", problems=problems)
