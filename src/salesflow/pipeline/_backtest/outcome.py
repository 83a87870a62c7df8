"""How deals ended, from whatever a column says: texts, booleans, or ones and zeros."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError, Problem, closest
from salesflow.facts import Facts
from salesflow.pipeline._frames.engines import cause
from salesflow.pipeline._frames.inputs import Inputs
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame, Rail, among

Label: TypeAlias = str | int | float | bool
Labels: TypeAlias = Label | Collection[Label]

# Unless the caller says otherwise; texts in any case.
_USUAL: Final[Mapping[str, tuple[Label, ...]]] = {
    "won": ("won", "closed won", "closedwon", 1),
    "lost": ("lost", "closed lost", "closedlost", "disqualified", 0),
    "pending": ("none", "open"),
}
_MANY: Final = 1_000
HIDDEN: Final = frozenset({"stage", "sub_stage", "outcome", "ended"})
"""Facts that a deal that has ended no longer has, or that give away how it ended."""


class Answers(Inputs):
    """The columns of a backtest: those of answers, and that of the outcome.

    A backtest needs neither keys nor stages. How a deal ended is what is to be told from the
    answers, so that none of them may be read from it.
    """

    def __init__(
        self,
        frame: Frame,
        facts: Facts,
        *,
        eager: bool,
        outcome: str,
        columns: Mapping[str, str],
        values: Mapping[str, Mapping[object, object]],
        tz: str,
    ) -> None:
        super().__init__(
            frame,
            facts,
            eager=eager,
            key=outcome,
            stage=outcome,
            columns=columns,
            values=values,
            tz=tz,
        )

    def _check_names(self) -> None:
        self._require("outcome", self.key)
        for fact, column in list(self._columns.items()):
            path = f"columns[{fact!r}]"
            if not self._require(path, column):
                self._columns[fact] = "\0"  # the name of no column
            elif column == self.key and fact != "outcome":
                self._refuse_path(path, "this column holds the outcome", "name that of the answers")
            if fact == "outcome":
                hint = f"outcome={column!r}"
                self._refuse_path(path, "the outcome has an argument of its own", hint)
            elif fact in HIDDEN:
                self._refuse_path(path, f"a backtest does not read the {fact}", "leave it out")
            elif fact not in self._facts:
                near = closest(str(fact), self._facts)
                hint = f'did you mean "{near}"?' if near else "playbook.facts lists them"
                self._refuse_path(path, f"there is no fact {fact!r}", hint, "unknown_fact")

    def _require(self, path: str, column: object) -> bool:
        if isinstance(column, str) and column in self._schema:
            return True
        near = closest(str(column), self._schema)
        hint = (
            f'did you mean "{near}"?' if near else f"there are {', '.join(list(self._schema)[:12])}"
        )
        self._refuse_path(path, f"there is no column {column!r}", hint, "no_column")
        return False

    def _refuse_path(self, path: str, message: str, hint: str, code: str = "invalid") -> None:
        self.problems.append(Problem(path, message, hint, code))

    def column_of(self, fact: str) -> str | None:
        """The column that holds a fact, if any does; none says how the deal ended."""
        column = None if fact in HIDDEN else super().column_of(fact)
        return None if column == self.key else column

    def ending(self) -> nw.Expr | None:
        """The column of the outcome, as labels; None where its type can hold none."""
        if self.key not in self._schema:
            return None
        column, dtype = self.taken(self.key), self._schema[self.key]
        if dtype in {nw.String, nw.Boolean} or dtype.is_integer() or dtype.is_float():
            return column
        if dtype in {nw.Categorical, nw.Enum, nw.Unknown} or self._is_empty(self.key, dtype):
            return column.cast(nw.String())
        objection = ""
        if (
            dtype == nw.Object and not self._whole.implementation.is_polars()
        ):  # perhaps booleans and None
            number = column.cast(nw.Float64())
            objection = self._said(self.frame, number.alias("c"))
            if not objection:
                return number
            objection = f" ({objection})"
        message = f"a column of type {dtype} holds no outcomes{objection}"
        hint = "it should hold texts, booleans, or 1 and 0"
        self._refuse_path(self.key, message, hint, "kind")
        return None


@dataclass(frozen=True, slots=True)
class Ends:
    """Which rows were won and lost.

    Attributes:
        won: The deals that were won.
        lost: Those that were not, and are over.
        rows: All rows.
        left_out: The rows without an outcome.
    """

    won: Rail
    lost: Rail
    rows: int
    left_out: int


def read_ends(
    inputs: Answers, *, won: Labels | None, lost: Labels | None, pending: Labels | None
) -> tuple[Ends | None, list[Problem]]:
    """Looks at the labels once, and says what each stands for."""
    named = {"won": _many(won), "lost": _many(lost), "pending": _many(pending)}
    problems = _problems_of_labels(named)
    column = inputs.ending()
    if column is None or problems:
        return None, problems
    found = _labels(inputs, column)
    ends: dict[str, list[Label]] = {"won": [], "lost": [], "pending": []}
    tallies = {"won": 0, "lost": 0, "pending": 0}
    strange: list[tuple[Label, int]] = []
    for row in found:
        label, rows = _plain(row["label"]), int(row["n"])
        end = "pending" if label is None else _end_of(label, named)
        if end is None and label is not None:
            strange.append((label, rows))
        elif end is not None:
            tallies[end] += rows
            if label is not None:
                ends[end].append(label)
    if len(found) > _MANY:
        hint = "name the column that says won or lost"
        problems.append(Problem("outcome", f"more than {_MANY:,} different labels", hint))
        return None, problems
    problems += [_strange(inputs.key, label, rows, named) for label, rows in strange]
    if not problems and not tallies["won"] + tallies["lost"]:
        message = "no row has an outcome" if found else "the frame has no rows"
        hint = "a backtest needs deals that were won or lost"
        problems.append(Problem(inputs.key, message, hint, "no_outcome"))
    rows = sum(tallies.values())
    won_rows, lost_rows = among(column, ends["won"]), among(column, ends["lost"])
    return Ends(won_rows, lost_rows, rows, tallies["pending"]), problems


def _labels(inputs: Answers, column: nw.Expr) -> list[dict[str, Any]]:
    """The labels with the most rows, and how many rows each has."""
    try:
        counted = inputs.frame.select(column.alias("label")).group_by("label")
        ordered = counted.agg(nw.len().alias("n")).sort("n", descending=True)
        return ordered.head(_MANY + 1).lazy().collect().rows(named=True)
    except Exception as error:
        raise FrameError(
            f"The engine of the frame ({inputs.engine}) could not make the backtest.",
            hint=cause(error),
        ) from error


def _many(labels: Labels | None) -> tuple[Label, ...] | None:
    if labels is None:
        return None
    if isinstance(labels, Collection) and not isinstance(labels, str):
        return tuple(labels)
    return (labels,)


def _problems_of_labels(named: Mapping[str, tuple[object, ...] | None]) -> list[Problem]:
    problems = []
    seen: dict[tuple[bool, object], str] = {}
    for end, labels in named.items():
        for label in labels or ():
            if not isinstance(label, str | int | float):
                message = f"{label!r} is no label"
                problems.append(Problem(end, message, "write a text, a boolean or a number"))
                continue
            first = seen.setdefault((isinstance(label, str), label), end)
            if first != end:
                message = f"{label!r} is {first} too"
                problems.append(Problem(end, message, "a label stands for one end"))
    return problems


def _end_of(label: Label, named: Mapping[str, tuple[Label, ...] | None]) -> str | None:
    """What the caller says comes first; then what is usual, where the caller says nothing."""
    for end, labels in named.items():
        if labels is not None and label in labels:
            return end
    usual = label.strip(BLANK).casefold() if isinstance(label, str) else label
    for end, labels in named.items():
        if labels is None and usual in _USUAL[end]:
            return end
    return None


def _plain(value: Any) -> Label | None:  # noqa: ANN401 - engines answer with values of their own
    label = value.item() if hasattr(value, "item") else value
    if label is None or label != label:  # noqa: PLR0124 - NaN
        return None
    if isinstance(label, bool | int | float):
        return label
    return str(label) if str(label).strip(BLANK) else None


def _strange(
    column: str, label: Label, rows: int, named: Mapping[str, tuple[Label, ...] | None]
) -> Problem:
    known = {str(each): end for end, labels in named.items() for each in labels or ()}
    known |= {str(each): end for end, labels in _USUAL.items() for each in labels}
    near = closest(str(label).casefold(), known)
    shown = f"{rows:,} {'row' if rows == 1 else 'rows'}"
    end = known[near] if near else "pending"
    hint = f"say what it is: won=, lost= or pending=, for instance {end}={[label]!r}"
    return Problem(column, f"{label!r} is no known outcome ({shown})", hint, "unknown_outcome")
