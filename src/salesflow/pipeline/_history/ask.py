"""Questions to the engine behind a frame, and what it answers where it cannot."""

from __future__ import annotations

from typing import Any

from salesflow.errors import FrameError
from salesflow.pipeline._frames.engines import cause
from salesflow.rules.columns import Frame


def asked(frame: Frame, engine: str) -> list[dict[str, Any]]:
    """The rows of a small result.

    Raises:
        FrameError: The engine could not work it out.
    """
    try:
        found: list[dict[str, Any]] = frame.lazy().collect().rows(named=True)
    except Exception as error:
        raise refused(error, engine) from error
    return found


def refused(error: Exception, engine: str) -> FrameError:
    """Whatever an engine raises, in our words; there is no telling what it may be."""
    return FrameError(
        f"The engine of the frame ({engine}) could not work this out.",
        hint=cause(error),
    )
