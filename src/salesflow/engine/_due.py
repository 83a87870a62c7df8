"""What is due on a deal: what its cadences ask for, and the reviews of what was held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from salesflow._arguments import zone
from salesflow.domain import Judgement
from salesflow.domain.deal.stays import current_visit
from salesflow.engine._context import CommandContext
from salesflow.engine._facts.said import in_time, judged, standing_words
from salesflow.engine._handlers.people import seen
from salesflow.playbook import Criterion, Playbook, Stage
from salesflow.schedule import Duty, duties
from salesflow.schedule._decision_points import decision_points
from salesflow.schedule._due_dates import in_order
from salesflow.schedule._hold_reviews import held_decision


def due(context: CommandContext, facts: Mapping[str, object], *, missed: bool) -> tuple[Duty, ...]:
    """See `StageEngine.due`; `facts` are at least those of `read_for_duties`."""
    progress = context.progress
    found = duties(
        context.playbook,
        progress,
        facts,
        context.at,
        tz=context.tz,
        calendar=context.calendar,
        missed=missed,
    )
    if progress.ended or not any(word.verdict == "hold" for word in progress.judgements):
        return found
    return in_order([*found, *_held(context)])


def read_for_duties(playbook: Playbook) -> frozenset[str]:
    """The facts that decide what is due, and when."""
    cadences = playbook.cadences
    names = {item.before for item in cadences if item.before is not None}
    names |= {name for it in cadences if it.when is not None for name in it.when.facts}
    for item in cadences:
        criterion = playbook.criteria.get(item.criterion or item.request or "")
        names |= criterion.check_rule.facts if criterion else frozenset()
    tracks = (track for track in playbook.tracks.values() if track.when is not None)
    return frozenset(names | {f"track.{track.key}" for track in tracks})


def _held(context: CommandContext) -> Iterator[Duty]:
    """The reviews of decisions that were held and that nothing has decided since."""
    playbook, progress = context.playbook, context.progress
    place, today = zone(context.tz), context.today
    here, stage = current_visit(progress), context.position().stage
    said = in_time(it for it in progress.judgements if it.visit in here and it.point is None)
    held: list[tuple[Criterion | Stage, Judgement]] = [
        (stage, word) for word in {word.role: word for word in said}.values()
    ]
    for point in decision_points(playbook).values():
        words = standing_words(progress, point, seen(context, point.criterion))
        if point.criterion.kind == "approval" or judged(words, point.criterion) is None:
            held += [(point.criterion, word) for word in words if word.point is not None]
    for about, word in held:
        duty = held_decision(playbook, about, word, today, place)
        if duty is not None:
            yield duty
