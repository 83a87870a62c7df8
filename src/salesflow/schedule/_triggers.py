"""The event that a cadence counts from: did it happen to the deal, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from salesflow.domain import Progress, Visit
from salesflow.domain.deal.stays import PART, present_stay, stay_begins
from salesflow.playbook import Cadence, Criterion, Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.rules import Verdict
from salesflow.schedule._decision_points import decision_points

_UNDER_WAY: Final = frozenset(
    {"started", "stage_entered", "state_entered", "changed", "met", "requested"}
)
_CHANGES: Final = frozenset(
    {"track_moved", "criterion_attested", "question_answered", "withdrawn", "amended"}
)
"""The events after which something is known of a deal, or stands elsewhere, that did not before,
and of which what stands on record does not tell every time."""


class Occurrence(NamedTuple):
    """When something happened, and the stage, sub-stage or state that it happened to, if any."""

    at: datetime
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """How far a deal has come, and what is known of it at a moment."""

    playbook: Playbook
    progress: Progress
    facts: Mapping[str, object]
    today: date
    tz: str

    def verdict(self, criterion: Criterion) -> Verdict:
        """Whether a criterion is met."""
        return criterion.check_rule.verdict(self.facts, self.today, tz=self.tz)


def occurrence_of(
    cadence: Cadence, situation: Situation, done: datetime | None = None
) -> Occurrence | None:
    """What a cadence counts from; None where it did not happen, or where nothing applies now.

    What counts from a change counts from the first since it was `done` last.
    """
    progress, playbook, trigger = situation.progress, situation.playbook, cadence.trigger
    visits, stages = progress.course, cadence.stages
    here = visits[-1]
    inside = not stages or here.stage in stages or here.sub_stage in stages
    if trigger == "stage_left":
        stays = inside and here.left_at is None
        return None if stays else _left(visits, called(playbook, stages))
    if not inside or (progress.ended and trigger in _UNDER_WAY):
        return None
    match trigger:
        case "started":
            return Occurrence(visits[0].entered_at)
        case "stage_entered":
            return _entered(visits, called(playbook, stages))
        case "state_entered":
            track, _, state = (cadence.state or "").partition(".")
            stay = progress.track(track)
            return Occurrence(stay.entered_at, state) if stay and stay.state == state else None
        case "changed":
            began = _entered(visits, called(playbook, stages)).at if stages else None
            at = min(_changes(progress, cadence.of, began, done), default=None)
        case "met":
            at = _met_at(cadence.criterion or "", situation)
        case "requested":
            at = _requested_at(cadence.request or "", situation)
        case "ended":
            at = (here.left_at or progress.closed_at) if progress.ended else None
        case outcome:
            at = progress.closed_at if progress.outcome == outcome else None
    return None if at is None else Occurrence(at)


def _met_at(key: str, situation: Situation) -> datetime | None:
    """Since when those who make a criterion met say so, or an instrument is complete.

    None where it is not met. A word that lapsed and was given again counts from the first time.
    """
    progress, criterion = situation.progress, situation.playbook.criteria.get(key)
    if criterion is None:
        return next((it.at for it in progress.completions if it.instrument == key), None)
    if situation.verdict(criterion) is not Verdict.YES:
        return None
    if not criterion.roles:
        words = (it for it in progress.attestations if it.criterion == key and it.met)
        return next((it.since or it.at for it in words), None)
    since = sorted(_in_favour(criterion, situation).values())
    if not since:
        return None
    # An approval needs no number of them, but all that it asks for: the last made it.
    return since[min(criterion.needed, len(since)) - 1]


def _in_favour(criterion: Criterion, situation: Situation) -> dict[str, datetime]:
    """The roles that say go to a criterion, and since when they say it."""
    progress, since = situation.progress, dict[str, datetime]()
    asked = decision_points(situation.playbook)[criterion.key]
    for word in sorted(asked.counted(progress, progress.judgements), key=lambda word: word.at):
        if word.verdict == "go":
            since.setdefault(word.role, word.at)
        else:
            since.pop(word.role, None)
    return since


def _requested_at(key: str, situation: Situation) -> datetime | None:
    """When a criterion was asked for last, while it is not decided."""
    if situation.verdict(situation.playbook.criteria[key]) is not Verdict.UNKNOWN:
        return None
    return next((it.at for it in situation.progress.requests if it.point == key), None)


@kept_with_playbook
def called(playbook: Playbook, stages: tuple[str, ...]) -> tuple[str, ...]:
    """The stages, and what they were called in earlier versions: old visits keep those names."""
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
    progress: Progress, of: str | None, since: datetime | None, done: datetime | None
) -> Iterator[datetime]:
    """When a deal changed, or one fact of it, as far as it knows."""
    found = _all_changes(progress) if of is None else _changes_of(progress, of)
    for at in found:
        if (since is None or at >= since) and (done is None or at > done):
            yield at


def _all_changes(progress: Progress) -> Iterator[datetime]:
    """Its newest steps, and what stands on record."""
    yield from (step.at for step in progress.recent if step.kind in _CHANGES)
    yield from (visit.entered_at for visit in progress.course)
    yield from (answer.at for answer in progress.answers)
    yield from (attestation.at for attestation in progress.attestations)
    yield from (judgement.at for judgement in progress.judgements)


def _changes_of(progress: Progress, fact: str) -> Iterator[datetime]:
    for revision in progress.revisions:
        if revision.fact == fact:
            yield from revision.times or (revision.at,)
    for answer in progress.answers:
        if answer.question == fact and answer.about == "us":
            yield answer.at


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
