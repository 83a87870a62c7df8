"""How much work is done, in calls of functions: no clock, so that no machine is too slow for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def steps(work: Callable[[], object], of: Callable[..., object] | None = None) -> int:
    """How many functions are called, those of Python itself among them; or how often one is."""
    count = 0
    code = getattr(of, "__code__", None)

    def seen(frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        if code is None:
            count += event in {"call", "c_call"}
        else:
            count += event == "call" and frame.f_code is code

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
