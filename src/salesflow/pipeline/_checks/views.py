"""What a report shows beside its findings: a row per deal, and counts per group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError, Problem
from salesflow.pipeline._checks.catalogue import Check, Member
from salesflow.pipeline._checks.check_plan import CheckPlan, Counts
from salesflow.pipeline._checks.findings import COLUMNS, SEEN, named
from salesflow.pipeline._checks.seen import members_of
from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._frames.engines import expr_of, native, number_of, opened, rows_of, whole
from salesflow.pipeline._frames.groups import grouped_by, grouping_column
from salesflow.rules.columns import Frame, Rail, Rails, blank, both, either, flip

BY_COLUMNS: Final = ("check", "severity", "yes", "no", "unknown")
_THERE: Final = (Member("stage"),)
_VERDICTS: Final = ("yes", "no", "unknown")
_EXAMPLES: Final = 3
_ROWS: Final = 200
_AT_ONCE: Final = 30


class Views:
    """The frames of a report, in the caller's own kind, made when somebody asks.

    Attributes:
        plan: What was asked of the deals.
        checks: In it.
    """

    def __init__(self, plan: CheckPlan, checks: Sequence[Check]) -> None:
        self.plan = plan
        self._deals = plan.deals
        self._columns = plan.deals.columns
        self.checks = checks
        self._found: object = None

    def findings(self, counts: Mapping[str, Counts]) -> object:
        """One row per deal and check that is not YES; made once."""
        if self._found is None:
            with self._deals.asking():
                self._found = native(self.plan.findings(counts), eager=self._columns.eager)
        return self._found

    def findings_seen(self, counts: Mapping[str, Counts], expected: Mapping[str, str]) -> object:
        """The same with what was seen: a row for each fact that the check reads.

        Raises:
            FrameError: The key is called like one of the columns beside it.
        """
        refuse_double([self._deals.key.name, *COLUMNS, *SEEN], self._columns.engine.name)
        with self._deals.asking():
            found = self.plan.findings_seen(counts, expected)
            return native(found, eager=self._columns.eager)

    def sample(self, name: str, n: int) -> object:
        """Some of the deals of which a check is not YES, with the facts that it reads.

        Raises:
            FrameError: To the engine two of the columns have one name.
        """
        plan, key = self.plan, self._deals.key
        # The stage and the key are there already.
        members = [it for it in self._members(name) if it not in _THERE and it.column != key.name]
        names = [key.name, "stage", "verdict", *(it.name for it in members)]
        refuse_double(names, self._columns.engine.name)
        rows, rails = plan.asked(name)
        columns = [key.expr().alias(key.name), plan.place.alias("stage")]
        columns.append(verdict_text(True, rails).alias("verdict"))
        columns += [plan.values.value(it).alias(it.name) for it in members]
        with self._deals.asking():
            found = plan.work(*columns, rows=both(rows, flip(rails.yes)))
            if shared := self._check(name).members:  # those that share it beside each other
                found = found.sort(*(it.name for it in shared), nulls_last=True)
            return native(found.head(n), eager=self._columns.eager)

    def seen(self, name: str, top: int) -> dict[str, dict[str, int]]:
        """By fact that a check reads, the values most often seen where it is NO, with the deals.

        Raises:
            FrameError: The engine refuses it.
        """
        rows, rails = self.plan.asked(name)
        members = self._members(name)
        if not members or both(rows, rails.no) is False:
            return {member.name: {} for member in members}
        columns = {f"v{at}": self.plan.values.text(it) for at, it in enumerate(members)}
        named = (expr.alias(safe) for safe, expr in columns.items())
        wrong = self.plan.work(*named, rows=both(rows, rails.no))
        found = {}
        with self._deals.asking():
            for safe, member in zip(columns, members, strict=True):
                there = wrong.filter(~nw.col(safe).is_null())
                most = most_of(counted(there, nw.col(safe)), top)
                found[member.name] = {str(row["value"]): whole(row["n"]) for row in most}
        return found

    def _check(self, name: str) -> Check:
        return next(check for check in self.checks if check.key == name)

    def _members(self, name: str) -> list[Member]:
        return members_of(self._check(name), self._deals.playbook)

    def wide(self, counts: Mapping[str, Counts]) -> object:
        """One row per deal, and a column per check.

        Raises:
            FrameError: To the engine two of the columns have one name.
        """
        plan, key = self.plan, self._deals.key
        made = [check.key for check in self.checks if check.key in counts]
        refuse_double([key.name, "stage", *made], self._columns.engine.name)
        columns = [key.expr().alias(key.name), plan.place.alias("stage")]
        columns += [verdict_text(*plan.asked(key)).alias(key) for key in made]
        return native(plan.work(*columns), eager=self._columns.eager)

    def examples(self, checks: Iterable[str]) -> dict[str, tuple[object, ...]]:
        """By check the keys of some deals of which it is not YES.

        A few rows in which any of them finds something tell of most checks; what is still without
        an example is asked for again, alone. A query for each check would take as long as all else.

        Raises:
            FrameError: The engine refuses it.
        """
        found: dict[str, dict[object, None]] = {check: {} for check in checks}
        key = self._deals.key.expr().alias("key")
        left = list(found)
        while left:
            wrong = [nw.col(f"w{number}") for number in range(len(left))]
            columns = (self._wrong(check).alias(f"w{at}") for at, check in enumerate(left))
            some = self.plan.work(key, *columns).filter(reduce(or_, wrong)).head(_ROWS)
            with self._deals.asking():
                rows = rows_of(some)
            for number, check in enumerate(left):
                keys = [row["key"] for row in rows if row[f"w{number}"]]
                found[check] = dict.fromkeys(keys[:_EXAMPLES])
            left = [check for check in left if rows and not found[check]]
        return {check: tuple(keys) for check, keys in found.items()}

    def _wrong(self, check: str) -> nw.Expr:
        rows, rails = self.plan.asked(check)
        return expr_of(both(rows, flip(rails.yes)))

    def stages(self, counts: Mapping[str, Counts]) -> dict[str | None, dict[str, int]]:
        """By place the number of deals, and of their findings that are NO and UNKNOWN.

        Raises:
            FrameError: The engine refuses it.
        """
        plan = self.plan
        standing = plan.work(plan.place.alias("stage"), rows=plan.current)
        found = {
            row["stage"]: {"deals": whole(row["deals"]), "no": 0, "unknown": 0}
            for row in rows_of(standing.group_by("stage").agg(nw.len().alias("deals")))
        }
        for row in rows_of(opened(self.by("stage", counts))):
            into = found.setdefault(row["stage"], {"deals": 0, "no": 0, "unknown": 0})
            for verdict in ("no", "unknown"):
                into[verdict] += whole(row[verdict])
        return found

    def by(self, name: str, counts: Mapping[str, Counts]) -> object:
        """The counts of every check by the values of a column.

        Raises:
            FrameError: There is no such column, or none that can be grouped by.
        """
        plan, columns = self.plan, self._columns
        made = [check for check in self.checks if check.key in counts]
        group = plan.place
        if name != "stage":
            refuse_double([self._column(name), *BY_COLUMNS], columns.engine.name)
            group, dtype = grouped_by(columns, name, self._column(name))
            if dtype == nw.String:  # blank texts are missing, as everywhere
                group = nw.when(~blank(group)).then(group)
        with self._deals.asking():
            # narwhals unpivots a relation of DuckDB on the default connection, maybe not its own.
            if columns.whole.implementation.is_duckdb():
                found = _stacked(self._coded(group, made), made, name)
            else:
                # pandas warns of tables whose columns came one by one, as those of its groups do.
                size = _AT_ONCE if columns.whole.implementation.is_pandas_like() else len(made)
                starts = range(0, len(made), max(1, size))
                parts = [made[start : start + size] for start in starts] or [made]
                tables = [_unpivoted(self._sums(group, part), part, name) for part in parts]
                found = nw.concat(cast("list[nw.DataFrame[Any]]", tables))
            return native(found, eager=columns.eager)

    def _sums(self, group: nw.Expr, made: Sequence[Check]) -> Frame:
        """A row per group; three columns per check, numbered by the check and the verdict."""
        columns = [group.alias("group")]
        for number, check in enumerate(made):
            rows, rails = self.plan.asked(check.key)
            said = (rails.yes, rails.no, flip(either(rails.yes, rails.no)))
            columns += [
                number_of(both(rows, rail)).alias(str(number + len(made) * verdict))
                for verdict, rail in enumerate(said)
            ]
        cells = [str(cell) for cell in range(len(made) * len(_VERDICTS))]
        base = self.plan.work(*columns)
        return base.group_by("group").agg(*(nw.col(cell).sum() for cell in cells))

    def _coded(self, group: nw.Expr, made: Sequence[Check]) -> Frame:
        """The same, from a column per check: DuckDB looks each name up among all columns."""
        columns = [group.alias("group")]
        for number, check in enumerate(made):
            rows, rails = self.plan.asked(check.key)
            said = nw.when(expr_of(rails.no)).then(nw.lit(1)).otherwise(nw.lit(2))
            said = nw.when(expr_of(rails.yes)).then(nw.lit(0)).otherwise(said)
            said = nw.when(expr_of(rows)).then(said).otherwise(nw.lit(3))
            columns.append(said.alias(f"c{number}"))
        many = len(made)
        sums = [
            (nw.col(f"c{cell % many}") == nw.lit(cell // many)).cast(nw.Int64()).sum()
            for cell in range(many * len(_VERDICTS))
        ]
        base = self.plan.work(*columns).group_by("group")
        return base.agg(*(total.alias(str(cell)) for cell, total in enumerate(sums)))

    def _column(self, name: object) -> str:
        column = grouping_column(self._columns, name, BY_COLUMNS, "counts")
        if isinstance(column, Problem):
            raise FrameError("The report has no such groups.", problems=[column])
        return column


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
