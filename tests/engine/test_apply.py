"""What each payload does to a progress: every payload has its function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

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
