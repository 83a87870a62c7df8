"""How deals ended, from whatever a column says: texts, booleans, or ones and zeros."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow._labels import LabelReader, outcomes
from salesflow.errors import Problem, closest
from salesflow.pipeline._frames.engines import here, rows_of
from salesflow.pipeline._frames.frame_columns import FrameColumns, quoted
from salesflow.pipeline._wording import amount_of
from salesflow.playbook._parts import CATEGORY
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Rail, among

OutcomeLabel: TypeAlias = str | int | float | bool
OutcomeLabels: TypeAlias = OutcomeLabel | Collection[OutcomeLabel]

# Unless the caller says otherwise; True is 1.
_NUMBERS: Final[Mapping[OutcomeLabel, str]] = {1: "won", 0: "lost"}
_ENDS: Final = {"won": "won", "lost": "lost", "disqualified": "lost", "none": "pending"}
_MANY: Final = 1_000
HIDDEN: Final = frozenset({"stage", "sub_stage", "outcome", "ended", CATEGORY})
"""Facts that a deal that has ended no longer has, or that give away how it ended."""


class OutcomeColumn:
    """The column that says how a deal ended, which is what is to be told from the answers.

    Attributes:
        name: What the caller calls it.
    """

    def __init__(self, columns: FrameColumns, name: str, held: Mapping[str, str]) -> None:
        """Find the column; none of those that are `held` by facts may be this one."""
        self.name = name
        self._columns = columns
        self._is_there = columns.is_there(name, "outcome")
        for fact, column in held.items():
            path = f"columns[{fact!r}]"
            if fact == "outcome":
                hint = f"outcome={column!r}"
                columns.note(path, "the outcome has an argument of its own", hint)
            elif fact in HIDDEN:
                columns.note(path, f"a backtest does not read the {fact}", "leave it out")
            elif column == name:
                columns.note(path, "this column holds the outcome", "name that of the answers")

    def label(self) -> nw.Expr | None:
        """The column, as labels; None where its type can hold none."""
        if not self._is_there:
            return None
        columns, name = self._columns, self.name
        column, dtype = columns.taken(name), columns.schema[name]
        if dtype in {nw.String, nw.Boolean} or dtype.is_integer() or dtype.is_float():
            return column
        if dtype in {nw.Categorical, nw.Enum, nw.Unknown} or columns.is_empty(name, dtype):
            return column.cast(nw.String())
        objection = ""
        if dtype == nw.Object and not columns.whole.implementation.is_polars():
            # Perhaps booleans and None.
            number = here(columns.whole, name).cast(nw.Float64())
            objection = columns.objection(number.alias("c"))
            if not objection:
                return column.cast(nw.Float64())
        message = f"a column of type {dtype} holds no outcomes{quoted(objection)}"
        columns.note(name, message, "it should hold texts, booleans, or 1 and 0", "kind")
        return None


@dataclass(frozen=True, slots=True)
class Ends:
    """Which rows were won and lost.

    Attributes:
        won: The deals that were won.
        lost: Those that were not, and are over.
        rows: All rows.
        left_out: The rows without an outcome.
        labels: What texts were read as that are no outcomes and that nobody explained.
    """

    won: Rail
    lost: Rail
    rows: int
    left_out: int
    labels: Mapping[str, str]


def read_labels(
    given: Arguments,
    *,
    won: OutcomeLabels | None,
    lost: OutcomeLabels | None,
    pending: OutcomeLabels | None,
) -> dict[str, tuple[OutcomeLabel, ...] | None]:
    """By end, the labels that the caller says stand for it; mistakes are noted."""
    named = {"won": _many(won), "lost": _many(lost), "pending": _many(pending)}
    whatever: Mapping[str, tuple[object, ...] | None] = named
    seen: dict[tuple[bool, object], str] = {}
    for end, labels in whatever.items():
        for label in labels or ():
            if not isinstance(label, str | int | float):
                message = f"{label!r} is not a label"
                hint = "write a text, a boolean or a number"
                given.problems.append(Problem(end, message, hint))
                continue
            first = seen.setdefault((isinstance(label, str), label), end)
            if first != end:
                message = f"{label!r} is {first} too"
                given.problems.append(Problem(end, message, "a label stands for one end"))
    return named


def read_ends(
    columns: FrameColumns,
    outcome: OutcomeColumn,
    named: Mapping[str, tuple[OutcomeLabel, ...] | None],
) -> Ends | None:
    """Look at the labels once, and say what each stands for; mistakes are noted."""
    column = outcome.label()
    if column is None:
        return None
    counted = columns.frame.select(column.alias("label")).group_by("label")
    ordered = counted.agg(nw.len().alias("n")).sort("n", descending=True)
    found = rows_of(ordered.head(_MANY + 1))
    if len(found) > _MANY:
        hint = "name the column that says won or lost"
        columns.note("outcome", f"more than {_MANY:,} different labels", hint)
        return None
    ends: dict[str, list[OutcomeLabel]] = {"won": [], "lost": [], "pending": []}
    tallies = {"won": 0, "lost": 0, "pending": 0}
    labels = dict[str, str]()
    problems = list[Problem]()
    reader = LabelReader({}, outcomes())
    for row in found:
        label, rows = _plain(row["label"]), int(row["n"])
        end = "pending" if label is None else _end_of(label, named, reader)
        if end is None and label is not None:
            problems.append(_strange(outcome.name, label, rows, named, reader))
        elif end is not None:
            tallies[end] += rows
            if label is not None:
                ends[end].append(label)
            if isinstance(label, str) and label not in {*_ENDS, *(named[end] or ())}:
                labels[label] = end
    if not problems and not tallies["won"] + tallies["lost"]:
        message = "no row has an outcome" if found else "the frame has no rows"
        hint = "a backtest needs deals that were won or lost"
        problems.append(Problem(outcome.name, message, hint, "no_outcome"))
    columns.problems += problems
    rows = sum(tallies.values())
    won_rows, lost_rows = among(column, ends["won"]), among(column, ends["lost"])
    return Ends(won_rows, lost_rows, rows, tallies["pending"], labels)


def _many(labels: OutcomeLabels | None) -> tuple[OutcomeLabel, ...] | None:
    if labels is None:
        return None
    if isinstance(labels, Collection) and not isinstance(labels, str):
        return tuple(labels)
    return (labels,)


def _end_of(
    label: OutcomeLabel,
    named: Mapping[str, tuple[OutcomeLabel, ...] | None],
    reader: LabelReader,
) -> str | None:
    """What the caller says comes first; then what is usual, where the caller says nothing."""
    for end, labels in named.items():
        if labels is not None and label in labels:
            return end
    if not isinstance(label, str):
        usual = _NUMBERS.get(label)
    else:
        said = {str(word): end for end, labels in named.items() for word in labels or ()}
        found = {said[word] for word in LabelReader(dict.fromkeys(said, ())).read(label)}
        if found:
            return found.pop() if len(found) == 1 else None
        usual = next((_ENDS[name] for name in reader.read(label)), None)
    return usual if usual is not None and named[usual] is None else None


def _plain(value: Any) -> OutcomeLabel | None:  # noqa: ANN401 - engines answer with values of their own
    label = value.item() if hasattr(value, "item") else value
    if label is None or label != label:  # noqa: PLR0124 - NaN
        return None
    if isinstance(label, bool | int | float):
        return label
    return str(label) if str(label).strip(BLANK) else None


def _strange(
    column: str,
    label: OutcomeLabel,
    rows: int,
    named: Mapping[str, tuple[OutcomeLabel, ...] | None],
    reader: LabelReader,
) -> Problem:
    known = {str(other): end for end, labels in named.items() for other in labels or ()}
    said = known.get(closest(str(label), known) or "")
    end = said or _ENDS.get(reader.nearest(str(label)) or "", "pending")
    hint = f"say what it is: won=, lost= or pending=, for instance {end}={[label]!r}"
    message = f"{label!r} is not a known outcome ({amount_of(rows, 'row')})"
    return Problem(column, message, hint, "unknown_outcome")
