"""What stood in the texts of a column beside its numbers, in columns beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.facts import CURRENCY
from salesflow.money import CURRENCIES
from salesflow.money._signs import SIGNS, currencies_of_sign
from salesflow.pipeline._frames.engines import here, sums_of
from salesflow.pipeline._frames.frame_columns import UNIT
from salesflow.pipeline._wording import amount_of
from salesflow.rules.columns import Frame, blank, is_text, schema_of


def called(schema: Iterable[object], name: str) -> str | None:
    """The column of this name, however it is written, as engines compare names; None without."""
    folded = name.casefold()
    return next((it for it in schema if isinstance(it, str) and it.casefold() == folded), None)


def with_currency(frame: Frame, column: str, code: str, problems: list[Problem]) -> Frame:
    """The frame with the one currency of a column of numbers beside it, and what speaks against it.

    What has no sign of its own is in this currency, too.
    """
    name = f"{column}{CURRENCY}"
    named = nw.when(~here(frame, column).is_null()).then(nw.lit(code))
    said = called(schema_of(frame), name)
    if said is None:
        return frame.with_columns(named.alias(name))
    if not is_text(schema_of(frame)[said]):
        problems.append(_taken(column, said, "currencies"))
        return frame
    return joined(frame, column, named, said, problems)


def joined(frame: Frame, column: str, named: nw.Expr, said: str, problems: list[Problem]) -> Frame:
    """The frame whose column of currencies has those that the texts name, where it has none.

    Where it has another one than the texts, that is a problem; a sign may be of several.
    """
    own = here(frame, said)
    own = own if schema_of(frame)[said] == nw.String else own.cast(nw.String())
    alike = [own == named]
    alike += [
        (named == nw.lit(sign)) & own.is_in(sorted(currencies_of_sign(sign))) for sign in SIGNS
    ]
    differs = own.is_in(sorted(CURRENCIES)) & ~named.is_null()
    differs = differs & ~reduce(or_, (each.fill_null(value=False) for each in alike))
    number = sums_of(frame, {"n": differs.fill_null(value=False)})["n"]
    if number:
        message = f"its texts name another currency than the column {said!r}"
        shown = f"{message} ({amount_of(number, 'row')})"
        problems.append(Problem(column, shown, "correct the one that is wrong", "currencies"))
    filled = nw.when(own.is_null() | blank(own)).then(named).otherwise(own)
    return frame.with_columns(filled.alias(said))


def unit_beside(schema: Iterable[object], column: str, problems: list[Problem]) -> str:
    """The column that takes the units of texts; what is there already is noted."""
    name = f"{column}{UNIT}"
    if (there := called(schema, name)) is not None:
        problems.append(_taken(column, there, "units"))
    return name


def _taken(column: str, there: str, what: str) -> Problem:
    message = f"the {what} of its texts would go into {there!r}, and that is there already"
    return Problem(column, message, "rename that column", "duplicate_column")
