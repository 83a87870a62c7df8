"""How deals ended, from whatever a column says: texts, booleans, or ones and zeros."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow._labels import LabelReader, flags, outcomes
from salesflow.errors import Problem
from salesflow.facts import OUTCOMES
from salesflow.pipeline._frames.engines import here, rows_of
from salesflow.pipeline._frames.frame_columns import FrameColumns, quoted
from salesflow.pipeline._frames.labels import read_as
from salesflow.pipeline._wording import amount_of
from salesflow.playbook._parts import CATEGORY
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Rail, among

OutcomeLabel: TypeAlias = str | int | float | bool
OutcomeLabels: TypeAlias = OutcomeLabel | Collection[OutcomeLabel]

# Unless the caller says otherwise; True is 1.
_NUMBERS: Final[Mapping[OutcomeLabel, str]] = {1: "won", 0: "lost"}
# A text that says true or false is read as what it says.
_ENDS: Final[Mapping[str, str]] = {
    "won": "won",
    "lost": "lost",
    "disqualified": "lost",
    "none": "pending",
    "yes": "won",
    "no": "lost",
}
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
    said = dict(_said(columns, named))
    plain = [(_plain(row["label"]), int(row["n"])) for row in found]
    reader = LabelReader({}, {**outcomes(), **{name: flags()[name] for name in ("yes", "no")}})
    read = _read([label for label, _ in plain if isinstance(label, str)], reader, named, said)
    for label, rows in plain:
        if label is None:
            tallies["pending"] += rows
            continue
        end = read.get(label) if isinstance(label, str) else _end_of(label, named, said)
        if end is None:
            problems.append(_strange(outcome.name, label, rows, reader, said))
            continue
        tallies[end] += rows
        ends[end].append(label)
        if isinstance(label, str) and label not in OUTCOMES and label not in said:
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


def _said(
    columns: FrameColumns, named: Mapping[str, tuple[OutcomeLabel, ...] | None]
) -> Iterator[tuple[OutcomeLabel, str]]:
    """Label and end, as the caller says: in `values`, and over that in arguments of its own."""
    for label, outcome in columns.said_of("outcome").items():
        if isinstance(label, str | int | float):
            yield label, _ENDS[str(outcome)] if outcome is not None else "pending"
    for end, labels in named.items():
        known: Iterable[object] = labels or ()
        yield from ((label, end) for label in known if isinstance(label, str | int | float))


def _read(
    labels: Sequence[str],
    reader: LabelReader,
    named: Mapping[str, tuple[OutcomeLabel, ...] | None],
    said: Mapping[OutcomeLabel, str],
) -> dict[str, str]:
    """What texts stand for, as far as it is clear.

    What is usual counts only for ends of which the caller names no labels.
    """
    own = {str(label): end for label, end in said.items()}
    mine = read_as(labels, LabelReader({}), own)
    return {
        label: str(end)
        for label, end in read_as(labels, reader, own, _ENDS).items()
        if mine.get(label) == end or named[str(end)] is None
    }


def _end_of(
    label: OutcomeLabel,
    named: Mapping[str, tuple[OutcomeLabel, ...] | None],
    said: Mapping[OutcomeLabel, str],
) -> str | None:
    """What a number or a boolean stands for."""
    usual = _NUMBERS.get(label)
    return said.get(label, usual if usual is None or named[usual] is None else None)


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
    reader: LabelReader,
    said: Mapping[OutcomeLabel, str],
) -> Problem:
    own = LabelReader({str(other): () for other in said})
    named = {str(other): end for other, end in said.items()}
    near = own.nearest(str(label))
    end = named[near] if near else _ENDS.get(reader.nearest(str(label)) or "")
    hint = "say which it is: " + " or ".join(
        f"{name}={[label]!r}" for name in ((end,) if end else ("won", "lost", "pending"))
    )
    message = f"{label!r} is not a known outcome ({amount_of(rows, 'row')})"
    return Problem(column, message, hint, "unknown_outcome")
