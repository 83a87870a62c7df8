"""The chances in each place, from how many deals ended how after how many days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from salesflow._frozen import FrozenDict
from salesflow.pipeline._forecast.aalen_johansen import WinCurve, blended, curve_of
from salesflow.pipeline._forecast.chance_values import (
    FEW,
    Landmark,
    PlaceChances,
    SegmentChances,
)
from salesflow.pipeline._forecast.course_ends import (
    NO_GROUP,
    ON_COMING,
    Ends,
    EndsHere,
    places_of,
)
from salesflow.pipeline._forecast.landmarks import LANDMARKS
from salesflow.pipeline._forecast.shrinkage import ends_added
from salesflow.pipeline._frames.groups import GroupValue
from salesflow.pipeline._history.process_graph import Course, GraphNode
from salesflow.pipeline._intervals import log_log
from salesflow.pipeline._metrics.values import Metric
from salesflow.pipeline._wording import amount_of


class _Told(NamedTuple):
    """What tells the chance at a landmark.

    Attributes:
        stood: Until the end of which day its deals stood there, or `ON_COMING`.
        curve: What became of them later.
        deals: How many tell it.
    """

    stood: int
    curve: WinCurve
    deals: int


class LearnedPlaces:
    """The chances in each place, of all deals and of each group of them.

    Attributes:
        places: Of all deals.
    """

    def __init__(self, ends: Ends, course: Course, confidence: float) -> None:
        self._ends = ends
        self._nodes = nodes = places_of(course)
        self._playbook = course.playbook
        self._confidence = confidence
        self._all = {node.code: self._together(node) for node in nodes}
        self._curves = {
            node.code: curve_of(self._all[node.code].since(ON_COMING)) for node in nodes
        }
        self._landmarks = {node.code: self._told(node) for node in nodes}
        self._added = {node.code: self._ends_added(node) for node in nodes}
        found = {node.key: self._place(node, self._all[node.code]) for node in nodes}
        self.places: Mapping[str, PlaceChances] = FrozenDict(found)

    def segment(self, group: int, values: tuple[GroupValue, ...]) -> SegmentChances:
        """The chances of one group."""
        found = {
            node.key: self._place(node, self._here(group, node), apart=True) for node in self._nodes
        }
        return SegmentChances(values=values, places=FrozenDict(found))

    def _here(self, group: int, node: GraphNode) -> EndsHere:
        return self._ends.get(group, {}).get(node.code) or EndsHere()

    def _together(self, node: GraphNode) -> EndsHere:
        together = EndsHere()
        for group in self._ends:
            together.include(self._here(group, node))
        return together

    def _told(self, node: GraphNode) -> Mapping[int, _Told]:
        """By landmark, the curves of all deals that stood there, as far as enough of them did."""
        here, whole = self._all[node.code], self._curves[node.code]
        found: dict[int, _Told] = {}
        stood = ON_COMING
        for landmark in LANDMARKS if whole.ends >= FEW else ():
            curve = curve_of(here.since(landmark))
            told_by = curve.ends
            if told_by >= FEW:
                stood = landmark
            elif not landmark:  # most ended on the day on which they came: all that came tell it
                curve, told_by = whole, whole.ends
            else:
                later = here.since(stood, landmark)
                curve, told_by = curve_of(later), sum(map(sum, later.values()))
                if told_by < FEW:
                    break
            found[landmark] = _Told(stood, curve, told_by)
        return found

    def _ends_added(self, node: GraphNode) -> float:
        """How many ends like those of all are added to those of each group, to draw it to all."""
        parts = []
        for group in sorted(self._ends):  # sums of floats depend on their order
            if group != NO_GROUP:
                curve = curve_of(self._here(group, node).since(ON_COMING))
                parts.append((curve.chance, curve.ends))
        return ends_added(parts, self._curves[node.code].chance)

    def _place(self, node: GraphNode, here: EndsHere, *, apart: bool = False) -> PlaceChances:
        """The chances of some deals; those of a group `apart` are drawn to those of all."""
        won, lost, still_open = here.totals
        whole = self._curves[node.code]
        curve, weight = whole, 1.0
        alone = chance = self._chance(whole, here, here)
        if apart:
            part = curve_of(here.since(ON_COMING))
            alone = self._chance(part, here, here)
            curve, weight = self._drawn(node, part, whole)
            chance = self._chance(curve, here, self._all[node.code])
        landmarks = []
        for landmark, told in self._landmarks[node.code].items():
            later = here.since(told.stood, landmark or told.stood)
            drawn = self._drawn(node, curve_of(later), told.curve)[0] if apart else told.curve
            landmarks.append(
                Landmark(
                    days=landmark,
                    stood=max(0, told.stood),
                    deals=sum(map(sum, later.values())),
                    told_by=told.deals,
                    curve=drawn,
                )
            )
        key = node.key
        own = self._playbook.stage(key) if node.whole else self._playbook.position(key)
        return PlaceChances(
            entered=won + lost + still_open,
            untold=here.untold,
            won=won,
            lost=lost,
            open=still_open,
            alone=alone,
            chance=chance,
            weight=weight,
            own=own.probability,
            days_to_win=_days_to_win(curve, chance),
            undecided=_undecided(curve, chance),
            curve=curve,
            landmarks=tuple(landmarks),
            confidence=self._confidence,
        )

    def _drawn(self, node: GraphNode, part: WinCurve, whole: WinCurve) -> tuple[WinCurve, float]:
        """The curve of a group drawn to that of all deals, and its weight."""
        strength = part.ends + self._added[node.code]
        weight = part.ends / strength
        return blended(part, whole, weight, strength), weight

    def _chance(self, curve: WinCurve, here: EndsHere, told_by: EndsHere) -> Metric:
        """The chance of the deals that came here, by a curve that these or all deals tell."""
        if not sum(told_by.totals) and not told_by.untold:
            return _no_share("no deal has come here")
        if curve.ends < FEW:
            ended = amount_of(curve.ends, "deal that came here has", "deals that came here have")
            return _no_share(f"only {ended} ended, and it takes {FEW} to tell")
        low, high = log_log(curve.chance, curve.error, curve.ends, self._confidence)
        note = ""
        if here.untold:
            deals = amount_of(here.untold, "deal")
            note = f"nobody knows since when {deals} had been here"
        return Metric(
            value=curve.chance,
            unit="share",
            source="history",
            rows=sum(here.totals),
            reason=note,
            low=low,
            high=high,
        )


def _no_share(reason: str) -> Metric:
    return Metric(value=None, unit="share", reason=reason)


def _days_to_win(curve: WinCurve, chance: Metric) -> Metric:
    reason = chance.reason if chance.value is None else "no deal that came here was won"
    days = None if chance.value is None else curve.days_to_win(0.5)
    return Metric.of(days, "days", "history", rows=chance.rows, reason=reason)


def _undecided(curve: WinCurve, chance: Metric) -> Metric:
    share = None if chance.value is None else curve.undecided
    return Metric.of(share, "share", "history", rows=chance.rows, reason=chance.reason)
