"""What each event does to a progress. No rule is evaluated here."""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cache, singledispatch
from typing import TYPE_CHECKING, Final, TypeVar, cast

from salesflow._frozen import FrozenDict
from salesflow.domain import (
    AnswerRecord,
    Attestation,
    Completion,
    Delegation,
    ForecastCall,
    Judgement,
    OnHold,
    Outcome,
    RequestRecord,
    Revision,
    Waiver,
    Withdrawal,
)
from salesflow.domain._base.record import Record, replaced, trusted
from salesflow.domain.deal.stays import present_stay
from salesflow.engine.events import (
    Adopted,
    Amended,
    CriterionAttested,
    CriterionWaived,
    Delegated,
    Disqualified,
    Ended,
    Event,
    ForecastCalled,
    Held,
    InstrumentCompleted,
    Judged,
    Lost,
    Migrated,
    QuestionAnswered,
    Reopened,
    Requested,
    Resumed,
    Retracted,
    StageEntered,
    Started,
    TrackMoved,
    Withdrawn,
    Won,
)
from salesflow.qualify import US

if TYPE_CHECKING:
    from datetime import datetime

    from salesflow.engine._fold import Fold


T = TypeVar("T", bound=Record)

_TIMES_KEPT: Final = 20


@cache
def _sources(
    record: type[Record], payload: type[Record]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The fields of a record that its payload has, and the others with their names in the event."""
    said = tuple(name for name in record.model_fields if name in payload.model_fields)
    rest = [name for name in record.model_fields if name not in said]
    return said, tuple((name, "occurred_at" if name == "at" else name) for name in rest)


def _noted(record: type[T], payload: Record, event: Event, **known: object) -> T:
    """What is kept of an event: the payload's fields, and by whom and when it was said.

    Of a field that neither of them has, the value is `known`.
    """
    said, rest = _sources(record, type(payload))
    of_payload, of_event = vars(payload), vars(event)  # faster than an attribute of each record
    fields = {name: of_payload[name] for name in said}
    for name, source in rest:
        fields[name] = known[name] if name in known else of_event[source]
    return trusted(record, fields)


@singledispatch
def apply(payload: object, fold: Fold, event: Event) -> None:  # noqa: ARG001 - the shape of all
    raise AssertionError(payload)  # a payload without its function: a test names each


@apply.register(Started)
def _started(payload: Started, fold: Fold, event: Event) -> None:
    fold.set(playbook=event.playbook)
    fold.enter(payload.stage, payload.sub_stage, event.occurred_at)
    for track, state in payload.tracks.items():
        fold.enter_state(track, state, event.occurred_at)


@apply.register(Adopted)
def _adopted(payload: Adopted, fold: Fold, event: Event) -> None:
    ended = payload.outcome in ("lost", "disqualified")
    if fold.get("playbook") is not None:
        fold.begin_afresh(event)
        fold.end_hold(event)
    fold.set(
        playbook=event.playbook,
        outcome=payload.outcome,
        adopted=True,
        ended=ended,
        closed_at=None if payload.outcome == "none" else payload.entered_at,
    )
    left_at = payload.entered_at if ended else None
    fold.enter(payload.stage, payload.sub_stage, payload.entered_at, left_at)
    for track, state in payload.tracks.items():
        fold.enter_state(track, state, payload.entered_at)


@apply.register(StageEntered)
def _entered(payload: StageEntered, fold: Fold, event: Event) -> None:
    fold.leave_visit(event)
    fold.enter(payload.stage, payload.sub_stage, event.occurred_at)


@apply.register(TrackMoved)
def _track_moved(payload: TrackMoved, fold: Fold, event: Event) -> None:
    fold.enter_state(payload.track, payload.state, event.occurred_at)


@apply.register(CriterionAttested)
def _attested(payload: CriterionAttested, fold: Fold, event: Event) -> None:
    before = fold.standing("attestations", payload.criterion)
    since = None
    if isinstance(before, Attestation) and before.met is payload.met:
        since = before.since or before.at
    fold.put("attestations", _noted(Attestation, payload, event, since=since))


@apply.register(QuestionAnswered)
def _answered(payload: QuestionAnswered, fold: Fold, event: Event) -> None:
    before = fold.standing("answers", (payload.question, payload.about))
    if payload.about == US and isinstance(before, AnswerRecord):
        _revise(payload.question, fold, event, (before.at,))
    fold.put("answers", _noted(AnswerRecord, payload, event))


@apply.register(InstrumentCompleted)
def _completed(payload: InstrumentCompleted, fold: Fold, event: Event) -> None:
    fold.put("completions", _noted(Completion, payload, event))


@apply.register(Judged)
def _judged(payload: Judged, fold: Fold, event: Event) -> None:
    fold.append("judgements", _noted(Judgement, payload, event))


@apply.register(Requested)
def _requested(payload: Requested, fold: Fold, event: Event) -> None:
    fold.put("requests", _noted(RequestRecord, payload, event))


@apply.register(Delegated)
def _delegated(payload: Delegated, fold: Fold, event: Event) -> None:
    fold.put("delegations", _noted(Delegation, payload, event))


@apply.register(ForecastCalled)
def _forecast_called(payload: ForecastCalled, fold: Fold, event: Event) -> None:
    fold.put("forecast_calls", _noted(ForecastCall, payload, event))


@apply.register(Won)
def _won(payload: Won, fold: Fold, event: Event) -> None:
    fold.set(outcome="won", reason=payload.reason, closed_at=event.occurred_at)
    fold.clear("forecast_calls")


@apply.register(Lost)
def _lost(payload: Lost, fold: Fold, event: Event) -> None:
    _closed("lost", payload.reason, fold, event)


@apply.register(Ended)
def _ended(_payload: Ended, fold: Fold, event: Event) -> None:
    fold.leave_visit(event)
    fold.set(ended=True)
    fold.clear("forecast_calls")


@apply.register(CriterionWaived)
def _waived(payload: CriterionWaived, fold: Fold, event: Event) -> None:
    fold.put("waivers", _noted(Waiver, payload, event))


@apply.register(Held)
def _held(payload: Held, fold: Fold, event: Event) -> None:
    fold.set(hold=_noted(OnHold, payload, event))


@apply.register(Resumed)
def _resumed(_payload: Resumed, fold: Fold, event: Event) -> None:
    fold.end_hold(event)


@apply.register(Amended)
def _amended(payload: Amended, fold: Fold, event: Event) -> None:
    for field, happened in (("close_date_pushes", payload.pushed), ("amount_cuts", payload.cut)):
        if happened:
            fold.set(**{field: cast("int", fold.get(field)) + 1})
    if payload.close_on is not None:
        fold.set(last_close_on=payload.close_on)
    if payload.amount is not None:
        fold.set(last_amount=payload.amount)
    for fact in payload.revised:
        _revise(fact, fold, event)


def _revise(fact: str, fold: Fold, event: Event, first: tuple[datetime, ...] = ()) -> None:
    """A fact has another value; `first` is when it had one before, where nothing says it yet."""
    before, times = fold.standing("revisions", fact), first
    if isinstance(before, Revision):
        times = before.times or (before.at,)
    times = (*times, event.occurred_at)[-_TIMES_KEPT:]
    revision = {"fact": fact, "by": event.by, "at": event.recorded_at, "times": times}
    fold.put("revisions", trusted(Revision, revision))


@apply.register(Disqualified)
def _disqualified(payload: Disqualified, fold: Fold, event: Event) -> None:
    _closed("disqualified", payload.reason, fold, event)


@apply.register(Reopened)
def _reopened(payload: Reopened, fold: Fold, event: Event) -> None:
    if fold.get("outcome") != "won":  # a won deal goes on as one; its reason stays with its outcome
        fold.set(outcome="none", reason=None, closed_at=None)
    fold.set(ended=False)
    fold.enter(payload.stage, payload.sub_stage, event.occurred_at, reopened=True)


@apply.register(Retracted)
def _retracted(payload: Retracted, fold: Fold, event: Event) -> None:
    if not fold.get("ended"):
        fold.leave_visit(event)
    fold.set(outcome="none", reason=None, closed_at=None, ended=False)
    # Another stay: what was judged on the way to the outcome is judged anew.
    fold.enter(payload.stage, payload.sub_stage, event.occurred_at, reopened=True)


@apply.register(Withdrawn)
def _withdrawn(payload: Withdrawn, fold: Fold, event: Event) -> None:
    fold.withdraw(_noted(Withdrawal, payload, event))


@apply.register(Migrated)
def _migrated(payload: Migrated, fold: Fold, event: Event) -> None:
    """The names in use change; visits that are over keep theirs."""
    foreign = payload.before.id != event.playbook.id
    first = cast("int", fold.get("first_visit"))
    here = range(present_stay(fold.visits(), first=first), len(fold.visits()))
    old = fold.get("stage")
    if foreign:
        fold.begin_afresh(event, payload.renamed)
    else:
        fold.rename(payload.renamed)
    # Of facts nothing is renamed: their names have no dot, or are those of no question.
    questions = {old: new for old, new in payload.renamed.items() if "." in old}
    fold.rewrite("revisions", lambda it: replaced(it, fact=questions.get(it.fact, it.fact)))
    left = frozenset(payload.unmapped) if foreign else frozenset[str]()
    for part in ("attestations", "judgements"):
        fold.rewrite(part, lambda item: _with_names(item, payload.renamed, left))
    if foreign:
        # What was decided where the deal stood, and is carried over, is decided where it stands.
        now = {"visit": len(fold.visits()), "stage": payload.stage}
        fold.rewrite(
            "judgements", lambda item: replaced(item, **now) if item.visit in here else item
        )
        fold.set(playbook=event.playbook)
        fold.enter(payload.stage, payload.sub_stage, event.occurred_at)
        for track, state in payload.tracks.items():
            fold.enter_state(track, state, event.occurred_at)
        return
    _tracks_go_on(payload, fold, event)
    fold.rewrite(
        "judgements",
        lambda item: replaced(item, stage=payload.stage) if item.visit in here else item,
    )
    fold.rewrite(
        "forecast_calls",
        lambda call: replaced(call, stage=payload.stage) if call.stage == old else call,
    )
    visits = fold.visits()
    for number in here:
        visits[number] = replaced(visits[number], stage=payload.stage)
    if visits and old is not None:
        visits[-1] = replaced(visits[-1], sub_stage=payload.sub_stage)
    fold.set(playbook=event.playbook, stage=payload.stage, sub_stage=payload.sub_stage)


def _with_names(
    word: Attestation | Judgement, renamed: Mapping[str, str], left: Container[str]
) -> Record:
    """What somebody saw, with the new names of questions, which have a dot.

    A question of another playbook that is left behind is not seen any more: what rests on one that
    is called like it was said of something else.
    """
    if not any("." in name and (name in renamed or name in left) for name in word.seen):
        return word
    seen = {
        renamed.get(name, name) if "." in name else name: it
        for name, it in word.seen.items()
        if "." not in name or name not in left
    }
    return replaced(word, seen=FrozenDict(seen))


def _tracks_go_on(payload: Migrated, fold: Fold, event: Event) -> None:
    """Tracks keep the stay where they are, by its new name; those left behind end, others begin."""
    stays = fold.tracks()
    going = {stay.track: number for number, stay in enumerate(stays) if stay.left_at is None}
    begun = []
    for track, state in payload.tracks.items():
        number = going.pop(payload.tracks_from.get(track, ""), None)
        if number is None:
            begun.append((track, state))
        else:
            stays[number] = replaced(stays[number], track=track, state=state)
    for number in going.values():
        stays[number] = replaced(stays[number], left_at=event.occurred_at)
    for track, state in begun:
        fold.enter_state(track, state, event.occurred_at)


def _closed(outcome: Outcome, reason: str, fold: Fold, event: Event) -> None:
    fold.leave_visit(event)
    fold.end_hold(event)
    fold.clear("forecast_calls")
    fold.set(outcome=outcome, reason=reason, closed_at=event.occurred_at, ended=True)
