"""Three verdicts and Kleene's logic over them."""

from __future__ import annotations

from enum import Enum
from typing import NoReturn


class Verdict(Enum):
    """YES, NO or UNKNOWN. Missing information is not a no, and it is not a yes.

    Example:
        >>> Verdict.YES & Verdict.UNKNOWN, Verdict.NO & Verdict.UNKNOWN, ~Verdict.UNKNOWN
        (<Verdict.UNKNOWN: 'unknown'>, <Verdict.NO: 'no'>, <Verdict.UNKNOWN: 'unknown'>)
        >>> bool(Verdict.YES)
        Traceback (most recent call last):
        ...
        TypeError: a verdict has three values; compare it with Verdict.YES, .NO or .UNKNOWN
    """

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has three values; compare it with Verdict.YES, .NO or .UNKNOWN")

    def __and__(self, other: Verdict) -> Verdict:
        if self is Verdict.NO or other is Verdict.NO:
            return Verdict.NO
        return Verdict.YES if self is other is Verdict.YES else Verdict.UNKNOWN

    def __or__(self, other: Verdict) -> Verdict:
        return ~(~self & ~other)

    def __invert__(self) -> Verdict:
        if self is Verdict.UNKNOWN:
            return self
        return Verdict.NO if self is Verdict.YES else Verdict.YES
