"""What the engine and its model say, in a form in which both can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import salesflow as sf
from salesflow.rules import Blocker
from tests.engine.model.engine import Model
from tests.engine.model.people import Code


def codes_of(blockers: Iterable[Blocker]) -> list[Code]:
    """The codes and keys, each once; of alternatives those of every way."""
    return sorted({_code(blocker) for blocker in blockers})


def everything(blockers: Iterable[Blocker]) -> Iterator[Blocker]:
    """Blockers with all that they consist of."""
    for blocker in blockers:
        yield blocker
        yield from everything(blocker.any_of + blocker.because)


def _code(blocker: Blocker) -> Code:
    if blocker.code != "any_of":
        return blocker.code, blocker.key
    ways = [sorted({(it.code, it.key) for it in way.because}) for way in blocker.any_of]
    return "any_of", " | ".join(map(str, ways))


def _seen(seen: Mapping[str, object]) -> dict[str, object]:
    """What somebody saw; the model keeps amounts and days, events keep texts."""
    told: dict[str, object] = {}
    for name, value in seen.items():
        if isinstance(value, tuple):
            told[name] = f"{value[0].normalize():f} {value[1]}"
        else:
            told[name] = value.isoformat() if isinstance(value, date | datetime) else value
    return told


def told(deal: sf.Opportunity, model: Model) -> dict[str, Any]:
    """What the engine has on record of a deal, of what its playbook knows."""
    progress, book = deal.progress, model.book
    criteria, points = model.ways.criteria, model.ways.points
    duties = {*book.instruments, *(it.key for it in book.cadences)}
    hold = progress.hold
    return {
        "place": (progress.stage, progress.sub_stage),
        "outcome": (progress.outcome, progress.reason, progress.closed_at),
        "ended": progress.ended,
        "adopted": progress.adopted,
        "hold": hold and (hold.resume_when, hold.review_on, hold.by, hold.at),
        "rested": [(it.began_at, it.ended_at) for it in progress.holds],
        "counts": (progress.close_date_pushes, progress.amount_cuts, progress.version),
        "visits": [
            (it.stage, it.sub_stage, it.entered_at, it.left_at, it.reopened)
            for it in progress.visits
        ],
        "tracks": [(it.track, it.state, it.entered_at, it.left_at) for it in progress.tracks],
        "attested": {
            it.criterion: (it.met, it.by, it.at, it.evidence, dict(it.seen))
            for it in progress.attestations
            if it.criterion in criteria and criteria[it.criterion].kind == "attested"
        },
        "answered": {
            (it.question, it.about): (it.mark or it.value, it.by, it.at, it.evidence)
            for it in progress.answers
            if it.question in book.questions
        },
        "completed": {
            it.instrument: (it.by, it.at, it.evidence)
            for it in progress.completions
            if it.instrument in duties
        },
        "waived": {
            it.criterion: (it.reason, it.by, it.at)
            for it in progress.waivers
            if it.criterion in criteria
        },
        "requested": {it.point: (it.by, it.at) for it in progress.requests if it.point in points},
        "delegated": {(it.role, it.by, it.to): (it.until, it.at) for it in progress.delegations},
        "called": {
            it.caller: (it.category, it.reason, it.stage, it.by, it.role, it.at)
            for it in progress.forecast_calls
        },
        "judged": [
            (
                *(it.at, it.by, it.on_behalf_of, it.role, it.verdict),
                it.point if it.point in {None, *points} else "-",
                *(it.visit, it.track_visit, dict(it.seen)),
                *(it.follow_up, it.review_on, it.evidence),
            )
            for it in progress.judgements
        ],
        "deal": {
            name: getattr(deal, name) for name in type(deal).model_fields if name != "progress"
        },
    }


def told_by(model: Model) -> dict[str, Any]:
    """What the model has on record."""
    record, book = model.record, model.book
    criteria, points = model.ways.criteria, model.ways.points
    duties = {*book.instruments, *(it.key for it in book.cadences)}
    return {
        "place": (record.here.stage, record.here.part),
        "outcome": (record.outcome, record.reason, record.closed_at),
        "ended": record.ended,
        "adopted": record.adopted,
        "hold": record.hold,
        "rested": record.rested,
        "counts": (record.pushes, record.cuts, record.version),
        "visits": [
            (it.stage, it.part, it.entered_at, it.left_at, it.reopened) for it in record.visits
        ],
        "tracks": [(it.track, it.state, it.entered_at, it.left_at) for it in record.stays],
        "attested": {
            key: (it.value, it.by, it.at, it.evidence, _seen(it.seen))
            for (key,), it in record.standing("attested").items()
            if key in criteria and criteria[key].kind == "attested"
        },
        "answered": {
            name: (it.value, it.by, it.at, it.evidence)
            for name, it in record.standing("answered").items()
            if name[0] in book.questions
        },
        "completed": {
            key: (it.by, it.at, it.evidence)
            for (key,), it in record.standing("completed").items()
            if key in duties
        },
        "waived": {
            key: (it.value, it.by, it.at)
            for (key,), it in record.standing("waived").items()
            if key in criteria
        },
        "requested": {
            key: (it.by, it.at)
            for (key,), it in record.standing("requested").items()
            if key in points
        },
        "delegated": {name: (it.value, it.at) for name, it in record.standing("delegated").items()},
        "called": {
            caller: (it.category, it.reason, it.stage, it.by, it.role, it.at)
            for caller, it in record.called.items()
        },
        "judged": [
            (
                *(it.at, it.by, it.behalf, it.role, it.verdict),
                it.point if it.point in {None, *points} else "-",
                *(it.visit, it.stay, _seen(it.seen)),
                *(it.follow_up, it.review_on, it.evidence),
            )
            for it in record.words
        ],
        "deal": {
            name: getattr(model.deal, name)
            for name in type(model.deal).model_fields
            if name != "progress"
        },
    }


def facts_told(engine: Mapping[str, object], model: Mapping[str, object]) -> dict[str, Any]:
    """The facts of which the two say otherwise; a yes of a checklist is a plus on its sheet."""
    marks: dict[object, object] = {"+": True, "-": False, "?": None}
    found = {}
    for name, value in model.items():
        said = engine.get(name)
        is_answer = "." in name and isinstance(said, str) and said in marks
        if (marks[said] if is_answer else said) != value:
            found[name] = said, value
    return found


def differing(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, Any]:
    """What two of these say otherwise."""
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}
