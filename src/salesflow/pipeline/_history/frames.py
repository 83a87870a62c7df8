"""The frames of a history report, in the caller's own kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._day_figures import P90
from salesflow.pipeline._frames.engines import floor_of, native
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.log import EventLog
from salesflow.pipeline._history.process_graph import KINDS, START, Course, DeviationKind, GraphStep
from salesflow.pipeline._history.steps import Pair, among_pairs, beside
from salesflow.rules.columns import Frame, engine_of

MARKS: Final[Mapping[str, DeviationKind]] = {
    "tied": "tied",
    "disordered": "out_of_order",
    "late": "too_long",
    "overstayed": "too_long",
}
"""The columns that mark an event, and the way in which it then deviates."""

_EDGE: Final = ("from", "to", "allowed")


@dataclass(frozen=True, slots=True)
class Found:
    """The log, compared with the playbook.

    Attributes:
        log: As it was read.
        frame: With what `entered` works out.
        course: The playbook's ways.
        steps: What is to be said of every step that occurs.
        codes: Of the nodes that occur.
        counts: By kind, the number of deviations.
    """

    log: EventLog
    frame: Frame
    course: Course
    steps: Mapping[Pair, GraphStep]
    codes: frozenset[int]
    counts: Mapping[DeviationKind, int]

    def of(self, kind: DeviationKind) -> Mapping[str, nw.Expr]:
        """The events that deviate in this way, by what marks them, if anything does."""
        if kind == "unknown_label":
            return {"": ~nw.col("known")}
        if kind == "gap":
            seen_before = nw.col("before") != nw.lit(START)
            return {"": nw.col("entry") & nw.col("unseen") & seen_before}
        marks = [mark for mark, marked in MARKS.items() if marked == kind]
        if marks:
            return {mark: nw.col(mark) for mark in marks}
        pairs = [pair for pair, step in self.steps.items() if step.kind == kind]
        return {"": nw.col("entry") & among_pairs(pairs, len(self.course.nodes))}

    def is_allowed(self) -> nw.Expr:
        """The events whose step the playbook allows."""
        pairs = [pair for pair, step in self.steps.items() if step.allowed]
        return among_pairs(pairs, len(self.course.nodes))

    def names(self, column: str) -> nw.Expr:
        """The key of the node whose code is in a column; missing where there is none."""
        found: nw.Expr | None = None
        for code in sorted(self.codes):
            here, name = nw.col(column) == nw.lit(code), nw.lit(self.course.nodes[code].key)
            chosen = nw.when(here).then(name)
            found = chosen if found is None else chosen.otherwise(found)
        return nw.when(nw.col(column) < nw.lit(START)).then(nw.lit("")) if found is None else found


def frames(found: Found) -> dict[str, Callable[[], object]]:
    """What makes each frame of the report."""
    eager = isinstance(found.frame, nw.DataFrame)
    return {
        "deviations": lambda: native(_deviations(found), eager=eager),
        "cases": lambda: native(_cases(found), eager=eager),
        "edges": lambda: native(_edges(found), eager=eager),
    }


def _deviations(found: Found) -> Frame:
    # Where nothing deviates, a kind that does not occur gives the frame its columns.
    kinds: Sequence[DeviationKind] = [kind for kind in KINDS if found.counts[kind]] or KINDS[:1]
    parts = [
        _of_kind(found, kind, mark, rows) for kind in kinds for mark, rows in found.of(kind).items()
    ]
    return nw.concat(cast("list[nw.DataFrame[Any]]", parts))


def _of_kind(found: Found, kind: DeviationKind, mark: str, rows: nw.Expr) -> Frame:
    nothing = nw.when(nw.col("code") < nw.lit(START))
    source, target = found.names("before"), found.names("code")
    days: nw.Expr = nothing.then(nw.lit(0.0))
    if mark == "late":
        source, target, days = found.names("code"), found.names("next"), nw.col("stay")
    elif mark == "overstayed" and found.course.whole_limits:
        source, target, days = found.names("stage"), found.names("beyond"), nw.col("whole_stay")
    elif kind == "unknown_label":
        source, target = nothing.then(nw.lit("")), nw.col("label")
    return found.frame.filter(rows).select(
        nw.col("case").alias(found.log.case),
        nw.lit(kind).alias("kind"),
        source.cast(nw.String).alias("from"),
        target.cast(nw.String).alias("to"),
        nw.col("at"),
        days.cast(nw.Float64).alias("days"),
    )


def _cases(found: Found) -> Frame:
    moved, allowed = _is_move(), found.is_allowed()
    kinds: list[DeviationKind] = [kind for kind in KINDS if found.counts[kind]]
    deviates = [rows.cast(nw.Int64) for kind in kinds for rows in found.of(kind).values()]
    counted = found.frame.select(
        nw.col("case"),
        (~nw.col("unseen")).cast(nw.Int64).alias("events"),
        moved.cast(nw.Int64).alias("moves"),
        (moved & allowed).cast(nw.Int64).alias("allowed"),
        (nw.sum_horizontal(*deviates) if deviates else nw.col("one") - 1).alias("deviations"),
    )
    names = ("events", "moves", "allowed", "deviations")
    grouped = counted.group_by("case").agg(*(nw.col(name).sum() for name in names))
    # Engines count and add up in types of their own, decimals among them.
    numbers = {name: nw.col(name).cast(nw.Int64) for name in names}
    share = nw.col("allowed").cast(nw.Float64) / nw.col("moves").cast(nw.Float64)
    return grouped.select(
        nw.col("case").alias(found.log.case),
        **numbers,
        fitness=nw.when(nw.col("moves") > 0).then(share),
    )


def _is_move() -> nw.Expr:
    return nw.col("entry") & (nw.col("before") != nw.lit(START)) & ~nw.col("unseen")


def _edges(found: Found) -> Frame:
    """The moves that occur, and of each the median and the 90th percentile of its days.

    How often each number of days occurs is put in order: a value that lies at some share of the way
    is the first up to which there are that many.
    """
    counted = _with_place_in_order(_moves_by_days(found))
    quantiles = {"days_median": 0.5, "days_p90": P90}
    steps = {name: _at(share) for name, share in quantiles.items()}
    counted = counted.with_columns(
        **{
            f"{name}_{end}": nw.when((nw.col("upto") > place) & (nw.col("told") > 0)).then(
                nw.col("days")
            )
            for name, step in steps.items()
            for end, place in (("low", step), ("high", _next(step)))
        }
    )
    ends = [f"{name}_{end}" for name in quantiles for end in ("low", "high")]
    together = counted.group_by(*_EDGE).agg(
        nw.col("n").sum(), nw.col("total").max(), *(nw.col(end).min() for end in ends)
    )
    engine = engine_of(together)
    days = {
        name: nw.col(f"{name}_low")
        + (nw.col(f"{name}_high") - nw.col(f"{name}_low")) * (step - floor_of(step, engine))
        for name, step in steps.items()
    }
    count = nw.col("n").cast(nw.Int64).alias("count")
    return together.select("from", "to", count, "allowed", **days)


def _moves_by_days(found: Found) -> Frame:
    """How often each move took each number of days: those spent where it leads from."""
    since = "since" if found.log.changes else "day"
    entered = {"day_before": (since, 1), "rested_before": ("rested", 1)}
    frame = beside(found.frame, ("case", "entry"), ("number",), entered)
    rested = nw.col("rested") - nw.col("rested_before")
    named = frame.filter(_is_move()).select(
        found.names("before").alias("from"),
        found.names("code").alias("to"),
        found.is_allowed().alias("allowed"),
        (nw.col("day") - nw.col("day_before") - rested).cast(nw.Float64).alias("days"),
    )
    counted = named.group_by(*_EDGE, "days").agg(nw.len().alias("n"))
    n = nw.col("n").cast(nw.Int64)
    # How long a deal was where nobody saw it come nobody knows.
    told = nw.when(nw.col("days").is_null()).then(nw.lit(0)).otherwise(n).cast(nw.Int64)
    return counted.with_columns(n=n, told=told)


def _with_place_in_order(counted: Frame) -> Frame:
    """With how many are told in all, and how many of them took no longer than this."""
    if isinstance(counted, nw.DataFrame):
        counted = counted.sort(*_EDGE, "days").with_columns(upto=nw.col("told").cum_sum())
        counted = counted.with_columns(before=nw.col("upto") - nw.col("told"))
        counted = with_aggregates(counted, _EDGE, before=nw.col("before").min())
        upto = nw.col("upto") - nw.col("before")
    else:
        upto = nw.col("told").cum_sum().over(*_EDGE, order_by="days")
    counted = with_aggregates(counted, _EDGE, total=nw.col("told").sum())
    return counted.with_columns(
        upto.cast(nw.Float64).alias("upto"), nw.col("total").cast(nw.Float64)
    )


def _at(share: float) -> nw.Expr:
    return (nw.col("total") - nw.lit(1.0)) * nw.lit(share).cast(nw.Float64)


def _next(step: nw.Expr) -> nw.Expr:
    """The one after it; of the last one, itself."""
    return nw.min_horizontal(step + nw.lit(1.0), nw.col("total") - nw.lit(1.0))
