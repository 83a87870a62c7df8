"""Columns of texts as files have them: which are read, what stands for nothing, what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, describe
from salesflow._unseen import quoted
from salesflow.errors import Problem
from salesflow.pipeline._frames.commonest import most_of
from salesflow.pipeline._frames.engines import expr_of, here
from salesflow.pipeline._wording import amount_of, near
from salesflow.qualify._hygiene_facts import UNREAD
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame, among, blank, schema_of

T = TypeVar("T")
Where: TypeAlias = Callable[[str, Sequence[str]], Mapping[str, str]]
"""By a column and some of its texts, where each of them stands first, such as `line 7`."""

_EXAMPLES: Final = 5
_LONGEST: Final = 60
_ROW: Final = "row"
NOTHING: Final = frozenset(
    "na n/a n.a. #n/a nan null none nil nat tbd tba tbc unknown unassigned (none) - -- – — / "  # noqa: SIM905 - a list of these is not easier to read
    "(blank) ? . \\n n/d s/d ninguno ninguna desconocido aucun inconnu keine unbekannt nenhum нет "
    "无 暂无 未知 待定 未定 未分配 待分配 未指定".split()
)
"""What people write where they know nothing, in small letters."""


def read_names(
    given: Arguments, columns: object, schema: Iterable[str], problems: list[Problem]
) -> list[str]:
    """The columns that are to be read and that the frame has; mistakes are noted."""
    names = [columns] if isinstance(columns, str) or not isinstance(columns, Iterable) else columns
    found = list[str]()
    for name in names:
        if not isinstance(name, str):
            message = f"must be the name of a column, not {describe(name)}"
            given.problems.append(Problem("columns", message, "write the names, as texts"))
        elif name in schema:
            found.append(name)
        else:
            message = f"there is no column {name!r}"
            problems.append(Problem("columns", message, near(name, schema), "no_column"))
    return list(dict.fromkeys(found))


def read_missing(given: Arguments, missing: object) -> tuple[str, ...]:
    """The texts that stand for nothing; mistakes are noted."""
    words = [missing] if isinstance(missing, str) or not isinstance(missing, Iterable) else missing
    found = list[str]()
    for word in words:
        if isinstance(word, str):
            found.append(word.strip(BLANK))
        else:
            message = f"must be texts, not {describe(word)}"
            given.problems.append(Problem("missing", message, 'write missing=["NA", "-"]'))
    return tuple(dict.fromkeys(found))


def by_column(
    given: Arguments,
    said: object,
    names: Sequence[str],
    *,
    argument: str,
    read: Callable[[object], T | None],
    what: str,
    hint: str,
) -> dict[str, T]:
    """By column, what the caller says of it: one thing for all of them, or a mapping."""
    if said is None:
        return {}
    if not isinstance(said, str | Mapping):
        message = f"must be {what}, not {describe(said)}"
        given.problems.append(Problem(argument, message, hint))
        return {}
    found, problems = dict[str, T](), dict[str, Problem]()
    for name, text in (dict.fromkeys(names, said) if isinstance(said, str) else said).items():
        path = argument if isinstance(said, str) else f"{argument}[{name!r}]"
        known = read(text)
        if name not in names:
            hint = f"there are {list(names)}" if names else "leave it out"
            problems[path] = Problem(path, "this column is not read", hint)
        elif known is None:
            problems[path] = Problem(path, f"{text!r} is not {what}", hint)
        else:
            found[name] = known
    given.problems += problems.values()
    return found


def texts_in(frame: Frame, name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """A column's texts, whatever their type."""
    column = here(frame, name)
    return column if dtype == nw.String else column.cast(nw.String())


def bare(column: nw.Expr, missing: Sequence[str]) -> nw.Expr:
    """Texts without the blanks around them; null where they say nothing."""
    # One end after the other: Ibis does not strip both of given characters.
    text = column.str.strip_chars_start(BLANK).str.strip_chars_end(BLANK)
    there = ~blank(column)
    if missing:
        there = there & ~expr_of(among(text, missing))
    return nw.when(there).then(text)


def new_name(schema: Iterable[str], stem: str) -> str:
    """A name that no column has."""
    taken = {str(name).casefold() for name in schema}  # those of pandas may be no texts
    return next(each for n in range(len(taken) + 1) if (each := f"{stem}{n}") not in taken)


def new_columns(
    given: Arguments,
    said: object,
    names: Sequence[str],
    schema: Iterable[str],
    problems: list[Problem],
    *,
    argument: str,
    what: str,
    example: str,
) -> dict[str, str]:
    """By column, the new one that takes `what` stands in it; mistakes are noted."""
    found = by_column(
        given,
        said,
        names,
        argument=argument,
        read=lambda name: name if isinstance(name, str) and name.strip() else None,
        what="the name of a new column",
        hint=f'write "{example}", or {{"{example.partition(".")[0]}": "{example}"}}',
    )
    taken = {str(name).casefold(): f"there is a column {name!r}" for name in schema}
    for column, name in list(found.items()):
        if why := taken.get(name.casefold()):
            del found[column]
            hint = "choose another name; of several columns each needs its own"
            problems.append(Problem(argument, why, hint, "duplicate_column"))
        taken[name.casefold()] = f"{name!r} is to hold {what} of {column!r}"
    return found


class Seen(NamedTuple):
    """A value that is told: in how many rows it is, and where it stands first, if that is known."""

    value: str
    rows: int
    place: str


def with_rows(frame: Frame) -> Frame:
    """The frame with the numbers of its rows in `row`, from 1, where its engine keeps an order."""
    if isinstance(frame, nw.DataFrame):
        counted = frame.with_row_index(_ROW)
    elif frame.implementation.is_polars():
        lazy: Any = frame.to_native()
        counted = nw.from_native(lazy.with_row_index(_ROW))
    else:
        return frame
    return counted.with_columns(nw.col(_ROW) + 1)


def some_values(
    frame: Frame, column: str, rows: nw.Expr, *, of: str, where: Where | None
) -> list[Seen]:
    """A few of a column's values in these rows, the most frequent first.

    Args:
        frame: The frame, `with_rows` where these are to be told.
        column: The column.
        rows: The rows.
        of: What the column is called by the caller.
        where: Says in place of the rows where texts stand.
    """
    numbers = [nw.col(_ROW)] if _ROW in schema_of(frame) else []
    chosen = frame.select(nw.col(column).alias("value"), rows.alias("chosen"), *numbers)
    chosen = chosen.filter(nw.col("chosen") & ~nw.col("value").is_null())
    firsts = [number.min() for number in numbers]
    counts = chosen.group_by("value").agg(nw.len().alias("n"), *firsts)
    found = most_of(counts, _EXAMPLES + 1)
    texts = [str(row["value"]) for row in found]
    if where is not None and texts:
        places = where(of, texts[:_EXAMPLES])
    else:
        firsts_of = zip(texts, found, strict=True) if numbers else ()
        places = {text: f"row {int(row[_ROW]):,}" for text, row in firsts_of}
    return [
        Seen(text, int(row["n"]), places.get(text, ""))
        for text, row in zip(texts, found, strict=True)
    ]


def listed(values: Iterable[Seen]) -> str:
    """Such values for a message."""
    shown = [f"{_cut(it.value)!r} ({_rows(it)})" for it in values]
    return ", ".join([*shown[:_EXAMPLES], *(["…"] if len(shown) > _EXAMPLES else [])])


def _rows(it: Seen) -> str:
    if it.place and it.rows == 1:
        return it.place
    return amount_of(it.rows, "row") + (it.place and f", first on {it.place}")


def aside(column: str, otherwise: str) -> str:
    """What to do about values that cannot be read: something else, or to put them aside."""
    said = json.dumps({column: f"{column}{UNREAD}"}, ensure_ascii=False)
    return f"{otherwise}, or read the others: unread_column={said}"


def to_be_missing(values: Iterable[Seen], otherwise: str) -> str:
    """What to do about values of which some look as if they stood for nothing."""
    words = [_cut(it.value) for it in values if it.value.casefold() in NOTHING]
    if not words:
        return otherwise
    listed_words = ", ".join(map(quoted, words))
    return f"{otherwise}; if it stands for nothing, say missing=[{listed_words}]"


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
