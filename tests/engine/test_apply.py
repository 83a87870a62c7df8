"""What each payload does to a progress: every payload has its function."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import get_args

import salesflow as sf
from salesflow.domain import HoldPeriod
from salesflow.domain._base.record import Record
from salesflow.engine import _payloads, events
from salesflow.engine._apply import apply
from salesflow.engine.events import Payload


def payloads() -> Iterator[type[Record]]:
    """The public records of the module of payloads."""
    for name, value in vars(_payloads).items():
        own = getattr(value, "__module__", "") == _payloads.__name__ and not name.startswith("_")
        if own and isinstance(value, type) and issubclass(value, Record):
            yield value


def lacking(payload: type[Record]) -> list[str]:
    """What a payload still needs before it can be stored and replayed."""
    needs = {
        "a function in salesflow.engine._apply": payload in apply.registry,
        "a place in salesflow.engine.events.Payload": payload in get_args(Payload),
        "a place in salesflow.engine.events.__all__": payload.__name__ in events.__all__,
        "a kind": "kind" in payload.model_fields,
    }
    return [need for need, there in needs.items() if not there]


def test_every_payload_is_applied_and_is_one_that_an_event_may_have() -> None:
    found = list(payloads())

    assert set(found) == set(get_args(Payload))
    assert {payload.__name__: lack for payload in found if (lack := lacking(payload))} == {}


def test_a_payload_that_somebody_forgot_to_register_is_told_everything_that_it_lacks() -> None:
    class Forgotten(Record):
        pass

    assert len(lacking(Forgotten)) == 4


def test_every_hold_that_ended_is_on_record_with_its_moments() -> None:
    stages = 'stages = [{ key = "a", title = "A" }]'
    book = sf.Playbook.from_toml(f'id = "p"\nversion = "1"\ntitle = "P"\n{stages}\n')
    engine, deal = sf.StageEngine(book), sf.Opportunity(id="D-1", name="Deal")
    day = [datetime(2026, 3, number, 9, tzinfo=UTC) for number in range(1, 6)]
    hold = sf.Hold(by="li", resume_when="the budget is there", review_on=date(2026, 4, 1))
    for command, at in (
        (sf.Start(by="li"), day[0]),
        (hold, day[1]),
        (sf.Resume(by="li"), day[2]),
        (hold, day[3]),
    ):
        deal = engine.decide(deal, command, at=at).require()
    first = HoldPeriod(began_at=day[1], ended_at=day[2])
    assert deal.progress.holds == (first,)
    deal = engine.decide(deal, sf.Disqualify(by="li", reason="other"), at=day[4]).require()
    assert deal.progress.holds == (first, HoldPeriod(began_at=day[3], ended_at=day[4]))
