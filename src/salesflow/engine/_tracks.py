"""Where the tracks of a deal stand, and what its next states ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from salesflow._arguments import zone
from salesflow.domain import Progress, TrackVisit
from salesflow.engine._ages import days_on_hold
from salesflow.playbook import Playbook, Track
from salesflow.playbook._parts import TRACK_PARTS
from salesflow.qualify._applying import track_stands
from salesflow.rules import Verdict

if TYPE_CHECKING:
    from salesflow.engine._facts.readers import ReadValue


def standing(visits: Sequence[TrackVisit], track: str) -> int | None:
    """The number of the visit where a track stands; None where the deal has no such track."""
    for number in range(len(visits) - 1, -1, -1):
        if visits[number].track == track and visits[number].left_at is None:
            return number
    return None


def beginnings(playbook: Playbook) -> dict[str, str]:
    """Every track of a playbook, and the state where it begins."""
    return {key: track.initial for key, track in playbook.tracks.items()}


def applies(track: Track, facts: Mapping[str, object], today: date, tz: str) -> Verdict:
    """Whether a track applies to a deal."""
    return Verdict.YES if track.when is None else track.when.verdict(facts, today, tz=tz)


def track_facts(
    tracks: Sequence[Track],
    progress: Progress,
    facts: Mapping[str, object],
    today: date,
    tz: str,
) -> dict[str, ReadValue]:
    """Where tracks stand, since which day, and the days on hold since.

    Not known where it is not known that they apply.
    """
    found: dict[str, ReadValue] = {}
    for track in tracks:
        visit = progress.track(track.key)
        if visit is not None:
            values = (
                visit.state,
                visit.entered_at.astimezone(zone(tz)).date(),
                days_on_hold(visit.entered_at, progress, today, zone(tz)),
            )
            stands: dict[str, object] = dict(zip(TRACK_PARTS, values, strict=True))
            found |= track_stands(track, stands, facts, today, tz)
    return found
