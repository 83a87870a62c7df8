"""How much work is done, in calls of functions: no clock, so that no machine is too slow for it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection of garbage comes in between: it calls finalizers, and what Hypothesis adds."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


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
    with uncollected():
        sys.setprofile(seen)
        try:
            work()
        finally:
            sys.setprofile(before)
    return count
