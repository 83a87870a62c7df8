"""Chances worked out the obvious way: deal by deal, day by day, in fractions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

Event = tuple[str, str, date]
"""A deal, a label, a day; those of a deal are in order."""

STAGE_OF: Final[Mapping[str, str]] = {"draft": "propose", "offer": "propose"}
PLACES: Final = ("qualify", "propose", "draft", "offer", "sign")
WON: Final = ("won", "deliver", "ended")
OVER: Final = ("lost", "disqualified")
ZERO: Final = Fraction(0)
NO_MOVE: Final = ("held", "resumed")
LANDMARKS: Final = (
    *(0, 1, 3, 7, 10, 14, 21, 30, 40, 50, 60, 75, 90, 120, 150, 180),
    *(225, 270, 365, 450, 540, 730),
)
FEW: Final = 10


@dataclass(frozen=True)
class Followed:
    """A deal from when it came to a place: so many days, and `won`, `over` or `open` then.

    It left the place after so many days; or never, None.
    """

    days: int
    end: str
    left: int | None = None


def stands(label: str) -> str:
    return "won" if label in WON else "over" if label in OVER else "open"


def followed(events: Iterable[Event], as_of: date) -> dict[str, list[Followed]]:
    """By place, what became of each deal that came there."""
    courses: dict[str, list[tuple[str, date]]] = {}
    for deal, label, day in events:
        if day <= as_of and label not in NO_MOVE:
            courses.setdefault(deal, []).append((label, day))
    found: dict[str, list[Followed]] = {place: [] for place in PLACES}
    for course in courses.values():
        end = stands(course[-1][0])
        last_day = as_of
        if end != "open":
            for label, day in reversed(course):
                if stands(label) != end:
                    break
                last_day = day
        for place in PLACES:
            here = [place in {label, STAGE_OF.get(label)} for label, _ in course]
            if True in here:
                at = here.index(True)
                came = course[at][1]
                left = None
                if False in here[at:]:
                    left = (course[here.index(False, at)][1] - came).days
                found[place].append(Followed((last_day - came).days, end, left))
    return found


@dataclass(frozen=True)
class Shares:
    won: Fraction
    open: Fraction
    variance: Fraction


def shares(deals: Sequence[Followed], until: int) -> Shares:
    """What is won and open by the end of a day, and the variance of the first."""
    won, still_open = Fraction(0), Fraction(1)
    steps = []
    for day in sorted({it.days for it in deals if it.end != "open" and it.days <= until}):
        at_risk = sum(it.days >= day for it in deals)
        wins = sum(it.days == day and it.end == "won" for it in deals)
        ends = sum(it.days == day and it.end != "open" for it in deals)
        before = still_open
        won += before * Fraction(wins, at_risk)
        still_open *= 1 - Fraction(ends, at_risk)
        steps.append((at_risk, wins, ends, before, won))
    variance = Fraction(0)
    for at_risk, wins, ends, before, won_then in steps:
        gain = won - won_then
        if gain:
            variance += gain**2 * Fraction(ends, at_risk * (at_risk - ends))
        variance += before**2 * Fraction(wins * (at_risk - wins), at_risk**3)
        variance -= 2 * gain * before * Fraction(wins, at_risk**2)
    return Shares(won, still_open, variance)


def standing(
    deals: Sequence[Followed], days: int, within: int | None = None
) -> tuple[Fraction, int] | None:
    """The chance of one that still stands there after so many days, and how many deals tell it."""

    def after(day: int) -> list[Followed]:
        return [it for it in deals if (it.days >= day if it.end == "open" else it.days > day)]

    def ended(some: Iterable[Followed]) -> int:
        return sum(it.end != "open" for it in some)

    def chance(some: Sequence[Followed], day: int) -> tuple[Fraction, int]:
        return shares(some, 10**6 if within is None else day + within).won, len(some)

    if ended(deals) < FEW:
        return None
    there = {
        mark: [it for it in after(mark) if it.left is None or it.left > mark or mark == 0]
        for mark in LANDMARKS
    }
    told = [mark for mark in LANDMARKS if ended(there[mark]) >= FEW]
    for mark in (it for it in reversed(LANDMARKS) if it <= days):
        if mark in told:
            return chance(there[mark], mark)
        stood = deals if not told else there[max(told)]
        later = [it for it in after(mark) if it in stood]
        if mark and len(later) >= FEW:
            return chance(later, mark)
    return chance(deals, 0)


def ends_added(parts: Iterable[tuple[Fraction, int]], overall: Fraction) -> Fraction | None:
    """DerSimonian and Laird, as they write it: by the variances and their weights; None for ∞."""
    told = [(share, n) for share, n in parts if n]
    if len(told) < 2 or overall in {0, 1}:
        return None
    one = overall * (1 - overall)
    weights = [1 / (one / n) for _, n in told]
    pairs = list(zip(weights, (share for share, _ in told), strict=True))
    total = sum(weights, ZERO)
    mean = sum((weight * share for weight, share in pairs), ZERO) / total
    q = sum((weight * (share - mean) ** 2 for weight, share in pairs), ZERO)
    scale = total - sum((weight**2 for weight in weights), ZERO) / total
    between = (q - (len(told) - 1)) / scale
    return one / between if between > 0 else None
