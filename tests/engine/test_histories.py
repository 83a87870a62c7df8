"""What the events of deals tell of their past."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import salesflow as sf
from salesflow.engine import FieldChange
from salesflow.errors import ArgumentError
from salesflow.facts import Outcome

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
    acme = {"name": "Acme"}
    assert rows(amended({"account": acme}, account=acme)) == []


def test_a_field_that_is_emptied_is_told_whatever_was_in_it() -> None:
    money = {"amount": "5", "currency": "USD"}
    emptied = amended({"amount": None}, amount=sf.Money("5", "USD"))

    assert rows(emptied) == [("amount", money, None)]
    assert [(row.old, row.new, row.old_known) for row in sf.field_history(first_form(emptied))] == [
        (None, None, False)
    ]


def test_facts_count_one_by_one() -> None:
    events = amended(
        {"facts": {"discount": 0.1, "listed": 50}},
        {"facts": {"discount": 0.2, "listed": 50}},
        {"facts": {"discount": 0.2, "listed": 60}},
        {"facts": {}},
        facts={"listed": 40},
    )

    assert rows(events) == [
        ("facts.listed", 40, 50),
        ("facts.discount", None, 0.1),
        ("facts.discount", 0.1, 0.2),
        ("facts.listed", 50, 60),
        ("facts.discount", 0.2, None),
        ("facts.listed", 60, None),
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
    with pytest.raises(ArgumentError, match="events must be a list of Event, not an int"):
        sf.stage_history(5)  # type: ignore[arg-type]


STAGED = """
id = "works"
version = "{version}"
title = "Works"
policy = {{ retract = "on", reopen = "on" }}
reasons = [{{ key = "price", title = "Price", outcome = "lost" }}]
migrations = [{migrations}]
[[stages]]
key = "{plan}"
title = "Plan"
[[stages]]
key = "build"
title = "Build"
sub_stages = [{{ key = "draft", title = "Draft" }}, {{ key = "polish", title = "Polish" }}]
[[stages]]
key = "deliver"
title = "Deliver"
"""
OLD = sf.StageEngine(sf.Playbook.from_toml(STAGED.format(version="1", plan="plan", migrations="")))
NEW = sf.StageEngine(
    sf.Playbook.from_toml(
        STAGED.format(
            version="2", plan="study", migrations='{ from = "1", stages = { plan = "study" } }'
        )
    )
)
HOLD = sf.Hold(by="li", resume_when="They are back", review_on=date(2026, 6, 1))
LOSE = sf.Lose(by="li", reason="price")
ADVANCE = sf.Advance(by="li")


@pytest.mark.parametrize(
    ("commands", "labels"),
    [
        ([sf.Start(by="li"), ADVANCE, ADVANCE, ADVANCE], ["plan", "draft", "polish", "deliver"]),
        ([sf.Start(by="li"), ADVANCE, LOSE], ["plan", "draft", "lost"]),
        (
            [sf.Start(by="li"), LOSE, sf.Reopen(by="li", stage="plan")],
            ["plan", "lost", "plan"],
        ),
        (
            [sf.Start(by="li"), LOSE, sf.Retract(by="li", stage="plan", note="They called")],
            ["plan", "lost", "retracted", "plan"],
        ),
        (
            [
                sf.Adopt(by="li", stage="polish", entered_on=date(2026, 2, 1)),
                LOSE,
                sf.Retract(by="li", stage="polish", note="They called"),
            ],
            ["polish", "lost", "retracted", "polish"],
        ),
        (
            [sf.Start(by="li"), HOLD, sf.Resume(by="li"), ADVANCE],
            ["plan", "held", "resumed", "draft"],
        ),
        ([sf.Start(by="li"), HOLD, LOSE], ["plan", "held", "lost"]),
        ([sf.Start(by="li"), sf.Migrate(by="li"), HOLD], ["plan", "study", "held"]),
        (
            [
                sf.Start(by="li"),
                HOLD,
                sf.Amend(by="li", changes={"next_step": "Call"}),
                sf.Migrate(by="li"),
                sf.Resume(by="li"),
            ],
            ["plan", "held", "study", "held", "resumed"],
        ),
        (
            [sf.Start(by="li"), HOLD, sf.Resume(by="li"), sf.Migrate(by="li")],
            ["plan", "held", "resumed", "study"],
        ),
    ],
    ids=lambda it: "-".join(it) if isinstance(it[0], str) else "",
)
def test_a_log_of_stages_tells_where_a_deal_came_and_how_it_turned_out(
    commands: list[sf.Command], labels: list[str]
) -> None:
    deal, events = sf.Opportunity(id="D-1", name="Works"), list[sf.Event]()
    engine = OLD
    for number, command in enumerate(commands):
        engine = NEW if isinstance(command, sf.Migrate) else engine
        decision = engine.decide(deal, command, at=NOW + timedelta(hours=number))
        deal = decision.require()
        events += decision.events
    found = sf.stage_history(events)

    assert [row.label for row in found] == labels
    assert [row.number for row in found] == [*range(1, len(labels) + 1)]


@pytest.mark.parametrize(
    ("stage", "outcome", "labels"),
    [
        ("plan", None, ["plan"]),
        ("draft", None, ["draft"]),
        ("plan", "lost", ["plan", "lost"]),
        ("draft", "lost", ["draft", "lost"]),
        ("deliver", "won", ["deliver", "won"]),
    ],
)
def test_a_deal_that_is_taken_over_came_there_on_the_day_that_is_told(
    stage: str, outcome: Outcome | None, labels: list[str]
) -> None:
    day = date(2026, 2, 1)
    adopt = sf.Adopt(by="li", stage=stage, entered_on=day, outcome=outcome)
    events = OLD.decide(sf.Opportunity(id="D-1", name="Works"), adopt, at=NOW).events
    found = sf.stage_history(events)

    assert [(row.label, row.at.date()) for row in found] == [(label, day) for label in labels]


def test_in_a_log_of_several_deals_each_is_counted_and_held_by_itself() -> None:
    deal, events = sf.Opportunity(id="D-1", name="Works"), list[sf.Event]()
    for number, command in enumerate([sf.Start(by="li"), HOLD]):
        decision = OLD.decide(deal, command, at=NOW + timedelta(hours=number))
        deal = decision.require()
        events += decision.events
    other = sf.Opportunity(id="D-2", name="Works")
    other = OLD.decide(other, sf.Start(by="li"), at=NOW).require()
    begun = OLD.decide(sf.Opportunity(id="D-2", name="Works"), sf.Start(by="li"), at=NOW).events
    events += [*begun, *NEW.decide(other, sf.Migrate(by="li"), at=NOW).events]

    assert [(row.opportunity_id, row.number, row.label) for row in sf.stage_history(events)] == [
        ("D-1", 1, "plan"),
        ("D-1", 2, "held"),
        ("D-2", 1, "plan"),
        ("D-2", 2, "study"),
    ]
