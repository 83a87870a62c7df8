"""Opening what a caller calls a data frame."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError
from salesflow.pipeline._frames.engines import cause
from salesflow.rules.columns import Frame, schema_of


def opened(frame: object) -> tuple[Frame, bool]:
    """The frame behind narwhals' interface, and whether the caller's is an eager one.

    Raises:
        FrameError: It is not a data frame, or one that cannot be read.
    """
    try:
        found: Frame = nw.from_native(frame)
        eager = isinstance(found, nw.DataFrame)
        if found.implementation.is_polars():
            return found.lazy(), eager  # its own lazy engine is the faster one
        if isinstance(found, nw.DataFrame):
            # Its own copy of the columns: the caller may go on to change the frame.
            found = nw.maybe_reset_index(found).select(nw.all())
        schema_of(found)
    except Exception as error:
        raise unreadable(frame, error) from error
    return found, eager


def unreadable(frame: object, error: Exception) -> FrameError:
    """That something is no data frame, or none that can be read, and why."""
    return FrameError(
        f"This cannot be read as a data frame: it is {a_thing(frame)} ({cause(error)}).",
        hint="Pass a frame of any kind that narwhals knows, with distinct column names.",
    )


def a_thing(value: object) -> str:
    """What sort of thing it is, with its article."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
