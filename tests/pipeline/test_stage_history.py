"""The log that a deal's events tell of, held against its playbook: engine and history agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import note, settings
from hypothesis.stateful import RuleBasedStateMachine

import salesflow as sf
from salesflow.pipeline import HistoryReport, check_history, metrics
from tests.engine import test_stateful_laws as walks
from tests.pipeline.conftest import classic, relation

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "works"
version = "1"
title = "Works"
reasons = [{ key = "price", title = "Price", outcome = "lost" }]
[[stages]]
key = "plan"
title = "Plan"
probability = 0.5
[[stages]]
key = "sign"
title = "Sign"
wins = true
[[stages]]
key = "deliver"
title = "Deliver"
[policy]
"""
START: Final = (sf.Start(by="li"), sf.Advance(by="li"))
WIN: Final = sf.Win(by="li")
ON: Final = sf.Advance(by="li")
LOSE: Final = sf.Lose(by="li", reason="price")
BACK: Final = sf.Retract(by="li", note="A mistake", stage="plan")
COLUMNS: Final[dict[str, Any]] = {
    "case": "opportunity_id",
    "stage": "label",
    "at": "at",
    "order": "number",
}
OPEN: Final = {"retract": "on", "reopen": "on", "back": "on"}


def book(**policy: str) -> sf.Playbook:
    return sf.Playbook.from_toml(
        BOOK + "".join(f'{name} = "{value}"\n' for name, value in policy.items())
    )


def happened(*commands: sf.Command, key: str = "D-1") -> tuple[sf.Opportunity, list[sf.Event]]:
    """A deal, a day for each command, under a policy that lets people do all of it."""
    engine = sf.StageEngine(book(**OPEN))
    deal, events = sf.Opportunity(id=key, name="Works"), list[sf.Event]()
    for number, command in enumerate(commands):
        decision = engine.decide(deal, command, at=NOW + timedelta(days=number))
        deal = decision.require()
        events += decision.events
    return deal, events


def frame(events: list[sf.Event]) -> pl.DataFrame:
    rows = [row.model_dump() for row in sf.stage_history(events)]
    return pl.DataFrame(rows).drop("by")


def labels(events: list[sf.Event]) -> list[str]:
    return [row.label for row in sf.stage_history(events)]


def kinds(report: HistoryReport[Any]) -> dict[str, int]:
    return {kind: count for kind, count in report.counts.items() if count}


def test_the_log_says_where_the_deal_is_and_how_it_turned_out() -> None:
    _, events = happened(*START, WIN, ON, BACK, LOSE)

    assert labels(events) == [
        *("plan", "sign", "won", "deliver"),
        *("retracted", "plan", "lost"),
    ]
    assert [row.number for row in sf.stage_history(events)] == [1, 2, 3, 4, 5, 6, 7]
    assert {row.opportunity_id for row in sf.stage_history(events)} == {"D-1"}


def test_a_deal_that_was_adopted_stands_where_it_was_adopted() -> None:
    adopt = sf.Adopt(by="li", stage="deliver", entered_on=date(2026, 1, 2), outcome="won")
    _, events = happened(adopt)

    assert [(row.label, row.at.date()) for row in sf.stage_history(events)] == [
        ("deliver", date(2026, 1, 2)),
        ("won", date(2026, 1, 2)),
    ]


def test_the_events_of_several_deals_may_come_together() -> None:
    (_, ours), (_, theirs) = happened(*START, LOSE), happened(*START, WIN, key="D-2")
    mixed = [event for pair in zip(ours, theirs, strict=True) for event in pair]

    for key, events in (("D-1", ours), ("D-2", theirs)):
        rows = [row for row in sf.stage_history(mixed) if row.opportunity_id == key]
        assert rows == [*sf.stage_history(events)]


@pytest.mark.parametrize(
    ("commands", "allows"),
    [
        ((*START, WIN, BACK), "retract"),
        ((*START, WIN, ON, BACK, ON, WIN), "retract"),
        ((*START, LOSE, BACK, LOSE), "retract"),
        ((*START, WIN, ON, ON, BACK), "retract"),
        ((*START, LOSE, sf.Reopen(by="li", stage="plan")), "reopen"),
        ((*START, WIN, ON, ON, sf.Reopen(by="li", stage="plan")), "reopen"),
        ((*START, WIN, sf.MoveTo(by="li", stage="plan")), "back"),
    ],
)
@pytest.mark.parametrize("engine", [lambda log: log, classic, relation, pl.DataFrame.lazy])
def test_what_the_policy_allows_is_no_deviation_and_what_it_does_not_is_one(
    commands: tuple[sf.Command, ...], allows: str, engine: Callable[[pl.DataFrame], Any]
) -> None:
    _, events = happened(*commands)
    log = engine(frame(events))

    assert kinds(check_history(log, book(**{allows: "on"}), **COLUMNS)) == {}
    assert "after_end" in kinds(check_history(log, book(), **COLUMNS))


def test_a_log_without_numbers_takes_an_outcome_back_before_the_deal_is_somewhere_again() -> None:
    _, events = happened(*START, LOSE, BACK, LOSE)
    columns = {name: column for name, column in COLUMNS.items() if name != "order"}
    report = check_history(frame(events), book(retract="on"), **columns)

    assert kinds(report) == {"tied": 1}
    assert sorted(report.edges.select("from", "to").rows()) == [
        ("lost", "retracted"),
        ("plan", "lost"),
        ("plan", "sign"),
        ("retracted", "plan"),
        ("sign", "lost"),
    ]


def test_nobody_goes_on_past_winning_with_a_deal_that_is_not_won() -> None:
    log = pl.DataFrame(
        {
            "opportunity_id": ["D-1"] * 6,
            "label": ["plan", "sign", "won", "deliver", "retracted", "deliver"],
            "number": [1, 2, 3, 4, 5, 6],
            "at": [NOW + timedelta(days=day) for day in range(6)],
        }
    )
    report = check_history(log, book(retract="on"), **COLUMNS)

    assert report.deviations.select("kind", "from", "to").rows() == [
        ("after_end", "retracted", "deliver")
    ]


def test_labels_of_a_crm_may_stand_for_it() -> None:
    _, events = happened(*START, WIN, BACK)
    log = frame(events).with_columns(pl.col("label").replace("retracted", "Undone"))
    names = {"Undone": "retracted"}

    assert kinds(check_history(log, book(retract="on"), stages=names, **COLUMNS)) == {}
    assert kinds(check_history(log, book(retract="on"), **COLUMNS)) == {"unknown_label": 1}


@pytest.mark.parametrize("engine", [lambda log: log, classic, relation, pl.DataFrame.lazy])
def test_a_win_that_was_taken_back_is_no_win_in_any_figure(
    engine: Callable[[pl.DataFrame], Any],
) -> None:
    courses = {
        "D-1": (*START, WIN, BACK, LOSE),  # a cancelled order
        "D-2": (*START, WIN),
        "D-3": (*START, WIN, ON, BACK),  # open again
        "D-4": (*START, LOSE, BACK, ON, WIN, ON),
    }
    deals, events = [], []
    for key, commands in courses.items():
        deal, own = happened(*commands, key=key)
        deals.append(deal)
        events += own
    snapshot = pl.DataFrame(
        [
            {
                "id": deal.id,
                "stage": deal.progress.stage,
                "outcome": deal.progress.outcome,
                "amount": 100.0,
            }
            for deal in deals
        ]
    )
    process = book(retract="on")
    history = check_history(engine(frame(events)), process, **COLUMNS)
    figures = metrics(snapshot, process, key="id", as_of=date(2026, 4, 1), history=history)

    assert kinds(history) == {}
    assert (figures.won.value, figures.lost.value, figures.open.value) == (2, 1, 1)
    assert figures.win_rate.value == pytest.approx(2 / 3)
    assert figures.weighted_pipeline.value == 50.0
    # From the first event to the win that stands: two days, and six.
    assert (figures.cycle_median.rows, figures.cycle_longest.value) == (2, 5)
    # All four were in the stage that wins; two were won there, one was lost, one is open again.
    assert figures.stages["sign"].conversion.value == pytest.approx(2 / 3)


class HistoryWalk(walks.Walk):
    """Any walk of a deal: what the engine let it do is what the history finds allowed."""

    def check_available(self, by: str, role: str | None) -> None:
        """Held by the walk of the engine itself."""

    def teardown(self) -> None:
        kinds = {event.payload.kind for event in self.events}
        if not self.events or kinds & {"adopted", "migrated"}:
            return  # where an adopted deal was before is not on record; names may have changed
        report = check_history(frame(self.events), self.book, **COLUMNS)
        note(f"{labels(self.events)} {report.edges.rows()}")
        assert report.fitness in (None, 1.0)
        wrong = {kind for kind, count in report.counts.items() if count}
        assert wrong <= {"loop", "too_long", "out_of_order"}


assert issubclass(HistoryWalk, RuleBasedStateMachine)
TestHistoryWalk = HistoryWalk.TestCase
TestHistoryWalk.settings = settings(
    max_examples=max(2, settings().max_examples // 2), stateful_step_count=30
)
