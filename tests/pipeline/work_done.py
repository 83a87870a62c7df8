"""How much work is done, in calls of functions: no clock, so that no machine is too slow for it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import narwhals

import salesflow
from tests.rules.work import uncollected

_COUNTED = tuple(package.__path__[0] for package in (narwhals, salesflow))


@contextmanager
def calls_counted() -> Iterator[Counter[str]]:
    """Counts the calls of functions of salesflow and narwhals, by qualified name."""
    calls: Counter[str] = Counter()

    def seen(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_COUNTED):
            calls[frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    with uncollected():
        sys.setprofile(seen)
        try:
            yield calls
        finally:
            sys.setprofile(before)
