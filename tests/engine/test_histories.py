"""What the events of deals tell of their past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import salesflow as sf
from salesflow.engine import FieldChange
from salesflow.errors import ArgumentError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = sf.Playbook.from_toml("""
id = "works"
version = "1"
title = "Works"
[[facts]]
name = "discount"
kind = "number"
title = "Discount"
[[facts]]
name = "listed"
kind = "number"
title = "List price"
[[stages]]
key = "plan"
title = "Plan"
""")
ENGINE = sf.StageEngine(BOOK)


def amended(*changes: dict[str, Any], **fields: Any) -> list[sf.Event]:
    """The events of a deal that was amended so, an hour after the other."""
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "Works", **fields})
    events: list[sf.Event] = []
    for number, item in enumerate([None, *changes]):
        command: sf.Command = sf.Start(by="li")
        if item is not None:
            command = sf.Amend(by="li", changes=item, note=f"change {number}")
        decision = ENGINE.decide(deal, command, at=NOW + timedelta(hours=number))
        deal = decision.require()
        events += decision.events
    return events


def rows(events: list[sf.Event]) -> list[tuple[str, object, object]]:
    return [(row.field, row.old, row.new) for row in sf.field_history(events)]


def first_form(events: list[sf.Event]) -> list[sf.Event]:
    """As a release stored them that did not keep old values."""
    return [
        event.model_copy(update={"payload": event.payload.model_copy(update={"before": None})})
        if event.payload.kind == "amended"
        else event
        for event in events
    ]


def test_every_change_of_a_field_is_told_with_the_value_before_it() -> None:
    money = {"amount": "900000", "currency": "USD"}
    events = amended({"next_step": "Visit", "amount": money}, {"next_step": None}, next_step="Call")

    assert rows(events) == [
        ("amount", None, money),
        ("next_step", "Call", "Visit"),
        ("next_step", "Visit", None),
    ]
    first = sf.field_history(events)[1]
    assert first == FieldChange(
        opportunity_id="D-1",
        field="next_step",
        old="Call",
        new="Visit",
        by="li",
        at=NOW + timedelta(hours=1),
        note="change 1",
        sequence=2,
    )


def test_an_amendment_keeps_the_old_value_of_each_field_that_it_changes() -> None:
    payload = amended({"next_step": "Visit", "probability": 0.5}, next_step="Call")[-1].payload

    assert isinstance(payload, sf.engine.events.Amended)
    assert payload.before == {"next_step": "Call", "probability": None}
    assert payload.before.keys() == payload.changes.keys()


def test_a_value_that_is_set_again_is_no_change() -> None:
    same = {"amount": {"amount": "5.0", "currency": "USD"}, "next_step": "Call"}

    assert rows(amended(same, amount=sf.Money("5", "USD"), next_step="Call")) == []


def test_facts_count_one_by_one() -> None:
    events = amended(
        {"facts": {"discount": 0.1, "listed": 50}},
        {"facts": {"discount": 0.2, "listed": 50}},
        {"facts": {}},
        facts={"listed": 40},
    )

    assert rows(events) == [
        ("facts.listed", 40, 50),
        ("facts.discount", None, 0.1),
        ("facts.discount", 0.1, 0.2),
        ("facts.discount", 0.2, None),
        ("facts.listed", 50, None),
    ]


def test_what_the_host_changed_itself_in_between_is_the_old_value() -> None:
    events = amended({"next_step": "Visit"})
    deal = sf.Opportunity(id="D-1", name="Works", next_step="Dinner")
    deal = deal.model_copy(update={"progress": ENGINE.replay(events)})
    said = sf.Amend(by="li", changes={"next_step": "Contract", "facts": {"listed": 1}})
    events += ENGINE.decide(deal, said, at=NOW + timedelta(days=1)).events

    assert rows(events)[1:] == [("facts.listed", None, 1), ("next_step", "Dinner", "Contract")]


def test_events_of_the_first_form_tell_the_old_value_only_where_one_before_did() -> None:
    events = first_form(
        amended({"next_step": "Visit"}, {"next_step": "Call"}, {"next_step": "Call"})
    )
    found = sf.field_history(events)

    assert [(row.old, row.new, row.old_known) for row in found] == [
        (None, "Visit", False),
        ("Visit", "Call", True),
    ]


def test_facts_of_the_first_form_are_known_from_the_amendment_before() -> None:
    events = first_form(amended({"facts": {"listed": 5}}, {"facts": {"discount": 0.1}}))
    found = sf.field_history(events)

    assert [(row.field, row.old, row.new, row.old_known) for row in found] == [
        ("facts.listed", None, 5, False),
        ("facts.listed", 5, None, True),
        ("facts.discount", None, 0.1, True),
    ]


def test_the_events_of_several_deals_may_come_together() -> None:
    ours = amended({"next_step": "Visit"}, {"next_step": "Call"})
    theirs = [event.model_copy(update={"opportunity_id": "D-2"}) for event in first_form(ours)]
    mixed = [event for pair in zip(ours, theirs, strict=True) for event in pair]
    found = sf.field_history(mixed)

    assert [row for row in found if row.opportunity_id == "D-1"] == [*sf.field_history(ours)]
    assert [row for row in found if row.opportunity_id == "D-2"] == [*sf.field_history(theirs)]


def test_rows_survive_json_and_never_change() -> None:
    money = {"amount": "900000", "currency": "USD"}
    for row in sf.field_history(amended({"amount": money, "facts": {"listed": 5}})):
        assert FieldChange.model_validate_json(row.model_dump_json()) == row
        with pytest.raises(ValueError, match="frozen"):
            row.new = None  # type: ignore[misc]


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"events\[0\]"):
        sf.field_history([None])  # type: ignore[list-item]
