"""Every command that somebody may want to give, once for each thing that it can be about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import salesflow as sf
from salesflow.facts import FORECAST_CATEGORIES
from tests.engine.model.engine import Model
from tests.engine.model.knowledge import Knowledge
from tests.engine.model.ways import END


class Wanted(NamedTuple):
    """A command, and what it is about."""

    kind: type[sf.Command]
    fields: dict[str, str] = {}  # noqa: RUF012 - never changed


def wanted(model: Model, know: Knowledge) -> Iterator[Wanted]:  # noqa: C901, PLR0912 - a list
    """The commands for a deal as it stands."""
    book, ways, record = model.book, model.ways, model.record
    if not record.visits:
        yield Wanted(sf.Start)
        yield from (Wanted(sf.Start, {"stage": key}) for key in ways.order[1:])
        yield from (Wanted(sf.Adopt, {"stage": key}) for key in ways.order)
        return
    kinds = (sf.Advance, sf.Hold, sf.Resume, sf.Retract, sf.Amend, sf.Migrate)
    yield from (Wanted(kind) for kind in kinds)
    others = [key for key in (*ways.order, END) if key != record.place]
    yield from (Wanted(sf.MoveTo, {"stage": key}) for key in others)
    for key in ways.order:
        if know.reached(key) is True:
            yield Wanted(sf.Reopen, {"stage": key})
            yield Wanted(sf.Retract, {"stage": key})
    for name, track in book.tracks.items():
        for state in track.states:
            yield Wanted(sf.MoveTrack, {"track": name, "state": state.key})
    yield from (Wanted(sf.Judge, {"role": role}) for role in book.roles)
    yield from (Wanted(sf.CallForecast, {"category": it}) for it in FORECAST_CATEGORIES)
    yield from (Wanted(sf.Delegate, {"role": role}) for role in book.roles)
    for key, item in ways.criteria.items():
        if item.kind == "attested":
            yield Wanted(sf.Attest, {"criterion": key})
        if not item.advisory:
            yield Wanted(sf.Waive, {"criterion": key})
        if item.roles:
            yield Wanted(sf.Request, {"point": key})
        for role in (*item.roles, *item.consulted):
            yield Wanted(sf.Judge, {"point": key, "role": role})
    yield from (Wanted(sf.Answer, {"question": name}) for name in book.questions)
    duties = [*book.instruments, *(item.key for item in book.cadences)]
    yield from (Wanted(sf.Complete, {"instrument": key}) for key in dict.fromkeys(duties))
    for question, about in record.standing("answered"):
        if question in book.questions:
            yield Wanted(sf.Withdraw, {"question": question, "about": about})
    for (key,) in record.standing("completed"):
        if key in duties:
            yield Wanted(sf.Withdraw, {"instrument": key})
    for (key,) in record.standing("waived"):
        if key in ways.criteria:
            yield Wanted(sf.Withdraw, {"waiver": key})
    for kind, outcome in ((sf.Win, "won"), (sf.Lose, "lost"), (sf.Disqualify, "disqualified")):
        reasons = [key for key, item in book.reasons.items() if item.outcome == outcome]
        yield from (Wanted(kind, {"reason": key}) for key in reasons)
        if not reasons:
            yield Wanted(kind)


FILLED_IN: dict[type[sf.Command], list[dict[str, object]]] = {
    sf.Answer: [{"mark": "?"}],
    sf.Judge: [{"verdict": "go"}, {"verdict": "kill"}],
    sf.Waive: [{"reason": "…"}],
    sf.CallForecast: [{"reason": "…"}],
    sf.Amend: [{"changes": {"next_step": None}}],
}
SHOWN = (sf.Answer, sf.Attest, sf.Complete, sf.Judge)


def possible(item: Wanted, know: Knowledge, at_all: sf.Command) -> list[sf.Command]:
    """The command with everything filled in that a person can fill in, in every way."""
    today: date = know.day
    own: dict[type[sf.Command], list[dict[str, object]]] = {
        sf.Hold: [{"resume_when": "…", "review_on": today}],
        sf.Delegate: [{"to": "…", "until": today}],
        sf.Adopt: [{"entered_on": today}],
    }
    common: dict[str, object] = {"by": at_all.by, "role": at_all.role, "note": "…"}
    if issubclass(item.kind, SHOWN):
        common["evidence"] = "…"
    if item.kind is sf.Judge:
        common["follow_up"] = "…"
    if item.kind in (sf.Lose, sf.Disqualify):
        common["reason"] = "…"
    ways = own.get(item.kind) or FILLED_IN.get(item.kind) or [{}]
    return [item.kind.model_validate({**common, **item.fields, **way}) for way in ways]
