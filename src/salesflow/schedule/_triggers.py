"""The event that a cadence counts from: did it happen to the deal, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from salesflow.domain import Progress, Visit
from salesflow.domain.deal.stays import PART, present_stay, stay_begins
from salesflow.playbook import Cadence, Playbook

_UNDER_WAY: Final = frozenset({"started", "stage_entered", "changed"})
_CHANGES: Final = frozenset(
    {
        "started",
        "adopted",
        "stage_entered",
        "reopened",
        "track_moved",
        "criterion_attested",
        "question_answered",
        "judged",
        "withdrawn",
        "amended",
    }
)
"""The events after which something is known of a deal, or stands elsewhere, that did not before."""


class Occurrence(NamedTuple):
    """When something happened, and the stage or sub-stage that it happened to, if any."""

    at: datetime
    place: str | None = None


def occurrence_of(
    cadence: Cadence, progress: Progress, playbook: Playbook, done: datetime | None = None
) -> Occurrence | None:
    """What a cadence counts from; None where it did not happen, or where nothing applies now.

    What counts from a change counts from the first since it was `done` last.
    """
    if cadence.state is not None:
        track, _, state = cadence.state.partition(".")
        stay = None if progress.ended else progress.track(track)
        here_now = stay is not None and stay.state == state
        return Occurrence(stay.entered_at, state) if stay and here_now else None
    visits, stages, trigger = progress.course, cadence.stages, cadence.trigger
    here = visits[-1]
    inside = not stages or here.stage in stages or here.sub_stage in stages
    if trigger == "stage_left":
        stays = inside and here.left_at is None
        return None if stays else _left(visits, called(stages, playbook))
    if not inside or (progress.ended and trigger in _UNDER_WAY):
        return None
    match trigger:
        case "started":
            return Occurrence(visits[0].entered_at)
        case "stage_entered":
            return _entered(visits, called(stages, playbook))
        case "changed":
            began = _entered(visits, called(stages, playbook)).at if stages else None
            at = min(_changes(progress, began, done), default=None)
        case "ended":
            at = (here.left_at or progress.closed_at) if progress.ended else None
        case outcome:
            at = progress.closed_at if progress.outcome == outcome else None
    return None if at is None else Occurrence(at)


def called(stages: tuple[str, ...], playbook: Playbook) -> tuple[str, ...]:
    """The stages, and what they were called in earlier versions: old visits keep those names."""
    if not stages or not playbook.migrations:
        return stages
    today = {name for place in playbook.positions for name in (place.key, place.stage.key)}
    old = {
        before
        for migration in playbook.migrations
        if migration.playbook is None
        for before, now in migration.stages.items()
        if now in stages and before not in today
    }
    return (*stages, *old)


def _changes(
    progress: Progress, since: datetime | None, done: datetime | None
) -> Iterator[datetime]:
    """When a deal changed, as far as it knows: its newest steps, and what stands on record."""
    found = [
        *(step.at for step in progress.recent if step.kind in _CHANGES),
        *(visit.entered_at for visit in progress.course),
        *(answer.at for answer in progress.answers),
        *(attestation.at for attestation in progress.attestations),
        *(judgement.at for judgement in progress.judgements),
    ]
    for at in found:
        if (since is None or at >= since) and (done is None or at > done):
            yield at


def _is_in(visit: Visit, named: tuple[str | None, ...]) -> bool:
    return visit.stage in named or visit.sub_stage in named


def _place(visit: Visit, named: tuple[str | None, ...]) -> str:
    if visit.sub_stage is not None and (not named or visit.sub_stage in named):
        return visit.sub_stage
    return visit.stage


def _left(visits: Sequence[Visit], named: tuple[str, ...]) -> Occurrence | None:
    """When a deal left one of the stages the last time, by a move or by its end."""
    for visit in reversed(visits):
        if visit.left_at is not None and _is_in(visit, named):
            return Occurrence(visit.left_at, _place(visit, named))
    return None


def _entered(visits: Sequence[Visit], named: tuple[str, ...]) -> Occurrence:
    """When the present stay began, in the stages that a cadence names, or else where it stands."""
    number = (
        stay_begins(visits, lambda it: _is_in(it, named)) if named else present_stay(visits, PART)
    )
    began = visits[number]
    return Occurrence(began.entered_at, _place(began, named))
