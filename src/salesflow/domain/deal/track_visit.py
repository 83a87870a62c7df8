"""Where a track of a deal has been."""

from __future__ import annotations

from salesflow.domain._base.record import Label, Record
from salesflow.domain._base.times import Instant


class TrackVisit(Record):
    """One stay of a track in one of its states.

    Attributes:
        track: Key of the track.
        state: Key of the state.
        entered_at: When the track came there.
        left_at: When it left; None while it is there.
    """

    track: Label
    state: Label
    entered_at: Instant
    left_at: Instant | None = None
