"""How much work is done, in calls of functions: no clock, so that no machine is too slow for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, FunctionType


def steps(work: Callable[[], object], of: FunctionType | None = None) -> int:
    """How many functions are called, those of Python itself among them; or how often one is."""
    count = 0

    def seen(frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        if of is None:
            count += event in {"call", "c_call"}
        else:
            count += event == "call" and frame.f_code is of.__code__

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
