"""Tracks: what goes on beside the stages, each with states of its own, as frozen records."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from salesflow.playbook._model_cadences import Cadence
from salesflow.playbook._model_policy import OFF, ON, PERMIT, Permission
from salesflow.playbook._model_process import CRITERIA, KEY, MAX_DAYS, PLACE, Criterion
from salesflow.playbook._records import NOT_IN_FILE, RecordShape, in_file
from salesflow.playbook._reference import Reference
from salesflow.playbook._tables import List
from salesflow.rules import Rule
from salesflow.text import Text

NOT_APPLICABLE: Final = "not_applicable"
"""What the fact of a track says of a deal that it does not apply to; no state is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState(Reference):
    """Where a track can stand.

    Attributes:
        key: Unique among the states of the track.
        entry: What must hold when the track moves on to this state.
        max_days: Days after which the track has been here too long.
        final: The track is done here; it leads on only where `to` says so.
        to: The states that it leads to, if not to every later one.
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title", "max_days", "final")

    key: str = field(metadata=in_file(PLACE, "Unique among the states of the track."))
    title: Text
    entry: tuple[Criterion, ...] = field(default=(), metadata=in_file(CRITERIA))
    max_days: int | None = field(default=None, metadata=MAX_DAYS)
    final: bool = field(
        default=False, metadata=in_file(note="The track is done here; the last state always is.")
    )
    to: tuple[str, ...] = field(
        default=(),
        metadata=in_file(
            List(KEY, 20, unique=""), "The states it leads to, if not to every later one."
        ),
    )


_STATE: Final = RecordShape("a state", TrackState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track(Reference):
    """Something that goes on beside the stages, such as a legal review.

    It begins in its first state when the deal starts. Rules read where it stands as
    `track.<key>`, since which day as `track.<key>.entered_on`, and how many days the deal has been
    on hold since as `track.<key>.days_on_hold`.

    Attributes:
        key: Unique among the tracks.
        when: It applies where this holds; None: to every deal. Where it is NO, `track.<key>` is
            `"not_applicable"`.
        by: Who may move it, and when.
        back: Whether it may go back to a state where it was, by whom, and when.
        states: In order; a track leads from each to every later one, if nothing else is said.
        limits: By state, when the track has been in it for too long, as a cadence.
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title")

    key: str = field(metadata=in_file(KEY))
    title: Text
    when: Rule | None = field(
        default=None, metadata=in_file(note="It applies to a deal where this is YES.")
    )
    by: Permission = field(default=ON, metadata=in_file(PERMIT, "Who may move it, and when."))
    back: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Going back to a state where it was.")
    )
    states: tuple[TrackState, ...] = field(
        metadata=in_file(
            List(_STATE, 20, least=1, unique="key"), "In order; it begins in the first."
        )
    )
    limits: Mapping[str, Cadence] = field(metadata=NOT_IN_FILE)

    @property
    def initial(self) -> str:
        """The key of the state where it begins."""
        return self.states[0].key

    def state(self, key: str) -> TrackState | None:
        """The state of that key; None where the track has none."""
        return next((state for state in self.states if state.key == key), None)

    def ways(self, key: str) -> tuple[str, ...]:
        """The keys of the states that a state leads on to."""
        for number, state in enumerate(self.states):
            if state.key == key:
                later = () if state.final else self.states[number + 1 :]
                return state.to or tuple(item.key for item in later)
        return ()


TRACK: Final = RecordShape("a track", Track)
