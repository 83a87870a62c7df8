"""How deals ended: what columns say of it, and where they do not, the words of their stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._labels import LabelReader, Words, ended, flags, outcomes
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import expr_of, here, sums_of
from salesflow.pipeline._frames.labels import labels_of
from salesflow.pipeline._wording import amount_of
from salesflow.pipeline.exports._tables import Ends
from salesflow.rules.columns import Frame, among, blank

Said = Mapping[str, nw.Expr]
"""By what a column says, the rows in which it does; never null."""

_FLAG: Final = ("flag", "neither true nor false", "it should hold true and false")
_ASKED: Final[Mapping[str, tuple[str, str, str]]] = {
    "outcome": ("column of outcomes", "no outcome", "it should hold won, lost and open"),
    "won": _FLAG,
    "closed": _FLAG,
}


def read_endings(
    data: Frame, columns: Mapping[str, str], schema: Mapping[str, nw.dtypes.DType], ends: Ends
) -> tuple[dict[str, Said], list[Problem]]:
    """What the columns for `outcome`, `won` and `closed` say, and what is wrong with them."""
    found, problems, asked = dict[str, Said](), list[Problem](), dict[str, nw.Expr]()
    for name, column in columns.items():
        dtype, (what, _, hint) = schema[column], _ASKED[name]
        known = {nw.String, nw.Object, nw.Unknown} | ({nw.Boolean} if name != "outcome" else set())
        if dtype not in known and not dtype.is_numeric():
            message = f"a column of type {dtype} cannot be a {what}"
            problems.append(Problem(column, message, hint, "kind"))
            continue
        usual = {**outcomes(), "unknown": ()} if name == "outcome" else flags()
        found[name] = _said(here(data, column), data, dtype, _with(usual, ends.words))
        if dtype == nw.String or dtype.is_numeric():
            value = here(data, column)
            unread = ~value.is_null()
            if dtype == nw.String:
                unread = unread & ~blank(value)
            for rows in found[name].values():
                unread = unread & ~rows
            asked[name] = unread
    for name, n in sums_of(data, asked).items():
        if n:
            message = f"{amount_of(n, 'value is', 'values are')} {_ASKED[name][1]}"
            code = "outcome" if name == "outcome" else "flag"
            problems.append(Problem(columns[name], message, "correct it", code))
    return found, problems


def with_endings(
    data: Frame,
    stage: nw.Expr | None,
    chance: nw.Expr | None,
    said: Mapping[str, Said],
    ends: Ends,
) -> tuple[nw.Expr, nw.Expr] | None:
    """The outcome of deals or stages, and where they are over; None where nothing says it.

    What says more of a row decides: a word for the outcome, then flags, then the word of its stage,
    and last a certain probability of what is over.
    """
    outcome, over = nw.lit(None, dtype=nw.String()), nw.lit(value=False)
    told = list(_told(data, stage, chance, said, ends))
    for word, rows in told:
        outcome = nw.when(rows).then(nw.lit(word)).otherwise(outcome)
        over = (over & ~rows) if word == "none" else (over | rows)
    return (outcome, over) if told else None


def _told(
    data: Frame,
    stage: nw.Expr | None,
    chance: nw.Expr | None,
    said: Mapping[str, Said],
    ends: Ends,
) -> Iterator[tuple[str, nw.Expr]]:
    """Outcomes and the rows of which they are told; later ones count more."""
    won, closed = said.get("won"), said.get("closed")
    if closed is not None and won is None and chance is not None:
        yield "lost", closed["yes"] & expr_of(among(chance, [0]))
        yield "won", closed["yes"] & expr_of(among(chance, [1]))
    if stage is not None and "outcome" not in said and (closed is None or won is None):
        yield from _by_meaning(LabelReader({}, _with(ended(), ends.words)), data, stage)
    if closed is not None:
        if won is not None:
            yield "lost", closed["yes"] & won["no"]
        yield "none", closed["no"]
    if won is not None:
        yield "won", won["yes"]
    for word, rows in said.get("outcome", {}).items():
        if word in outcomes():
            yield word, rows


def _with(words: Words, more: Words) -> dict[str, list[str]]:
    """The usual words, and those that a CRM has for the same."""
    return {name: [*usual, *more.get(name, ())] for name, usual in words.items()}


def _said(value: nw.Expr, data: Frame, dtype: nw.dtypes.DType, words: Words) -> Said:
    if dtype == nw.String:
        found = dict(_by_meaning(LabelReader({}, words), data, value))
    elif dtype == nw.Object or dtype.is_numeric():
        value = value.cast(nw.Float64()) if dtype == nw.Object else value
        found = {name: expr_of(among(value, _numbers(of))) for name, of in words.items()}
    else:
        found = {"yes": expr_of(among(value, [True])), "no": expr_of(among(value, [False]))}
    return {name: found.get(name, nw.lit(value=False)) for name in words}


def _by_meaning(reader: LabelReader, data: Frame, value: nw.Expr) -> Iterator[tuple[str, nw.Expr]]:
    """What the labels of a column stand for, where it is one thing, and in which rows."""
    meant = dict[str, list[str]]()
    for label in labels_of(data, value):
        names = reader.read(label)
        if len(names) == 1:
            meant.setdefault(names[0], []).append(label)
    for name, labels in meant.items():
        yield name, expr_of(among(value, labels))


def _numbers(words: Iterable[str]) -> list[int]:
    return [int(word) for word in words if word.isascii() and word.isdigit()]
