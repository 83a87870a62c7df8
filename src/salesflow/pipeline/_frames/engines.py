"""What differs between the engines behind a frame, and what they say where they cannot."""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw

from salesflow.rules.columns import Frame

_LONGEST: Final = 300
_WHOLE: Final = 2.0**52  # floats from here on have no fraction


def here(frame: Frame, column: str) -> nw.Expr:
    """A column of the caller's frame, whatever its name.

    Spark reads a dot in a name as a step into a structure, unless the name is quoted.
    """
    if frame.implementation.is_spark_like():
        return nw.col(f"`{column.replace('`', '``')}`").alias(column)
    return nw.col(column)


def floor_of(number: nw.Expr) -> nw.Expr:
    """The whole number below, for any float: Spark and Ibis floor to integers of 64 bits only."""
    small = (number < nw.lit(_WHOLE)) & (number > nw.lit(-_WHOLE))
    floor = nw.when(small).then(number).otherwise(nw.lit(0.0)).floor().cast(nw.Float64())
    return nw.when(small).then(floor).otherwise(number)


def cause(error: BaseException) -> str:
    """The first line of what an engine says."""
    found = str(error).strip().partition("\n")[0] or type(error).__name__
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"
