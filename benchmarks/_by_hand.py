"""The checks of the flagship playbook, written by hand without salesflow.

They are written once, over what all engines offer: comparisons, `&`, `|` and `~` with three values.
How an expert of an engine writes these is in `_dialects`: expressions of polars, masks of numpy and
pandas, calls of `pyarrow.compute`, one SQL query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Protocol, TypeAlias

import salesflow as sf
from salesflow import Playbook

__all__ = [
    "Asked",
    "Checks",
    "Counts",
    "Dialect",
    "Totals",
    "Value",
    "checks_by_hand",
    "counts_of",
]

Value: TypeAlias = Any
"""A column, mask or expression of some engine: no two have a type in common."""

Counts: TypeAlias = dict[str, tuple[int, int, int]]
"""By check: yes, no and unknown."""

Checks: TypeAlias = dict[str, tuple[Value, Value]]
"""By check: the rows that it applies to, or None for all, and what ought to hold."""

AFTER_WIN: Final = "account_expansion"
TIERS: Final = ("regular", "named", "strategic")
CHOICES: Final = ("territory.kind", "contract.filing", "win_loss_review.outcome")
MARKS: Final = ("+", "-", "?")
KNOWN: Final = ("+", "-")


@dataclass(frozen=True)
class Totals:
    """What is counted beside the checks, so that both sides look for the same problems."""

    rows: int
    keys: int
    keyless: int
    unplaced: int

    def require(self) -> None:
        """The keys are distinct, none is missing, and every label is a stage."""
        assert self.keys == self.rows
        assert not self.keyless
        assert not self.unplaced


class Dialect(Protocol):
    """How an engine says what the checks need."""

    def col(self, name: str) -> Value:
        """A column."""

    def lit(self, value: date) -> Value:
        """A day, as columns of days are compared with."""

    def named(self, name: str, value: Value) -> Value:
        """The same, to be computed once."""

    def place(self, codes: Mapping[str, int]) -> Value:
        """The number of each row's stage, or -1."""

    def missing(self, name: str) -> Value:
        """There is no value. Never null."""

    def known(self, name: str) -> Value:
        """A text that is there and not blank. Never null."""

    def number_known(self, name: str) -> Value:
        """A number that is there and not NaN. Never null."""

    def one_of(self, name: str, choices: Sequence[str]) -> Value:
        """The text is one of these; null where it is missing."""

    def all_of(self, values: Sequence[Value]) -> Value:
        """All hold."""

    def at_least(self, number: int, values: Sequence[Value]) -> Value:
        """So many hold for sure. Never null."""

    def sure(self, value: Value) -> Value:
        """It holds; null counts as no."""

    def days(self, late: Value, early: Value) -> Value:
        """The time between two days, in the engine's own kind of number."""

    def longest(self, late: str, early: str, rows: Value, places: Sequence[str]) -> Value:
        """The longest time between two columns of days in some rows, those at `places`."""

    def count(self, checks: Checks, place: Value) -> tuple[Counts, Totals]:
        """Every check in one pass."""


@dataclass(frozen=True)
class Asked:
    """The checks, and the place of each row, in the values of one dialect."""

    checks: Checks
    place: Value


def checks_by_hand(playbook: Playbook, d: Dialect, today: date) -> Asked:
    """All checks of the playbook, over columns that are named like its facts."""
    places = [position.key for position in playbook.positions]
    codes = {place: number for number, place in enumerate([*places, "won", "lost"])}
    place = d.named("place", d.place(codes))
    col = d.col
    # Deals beyond the close are won; they come last of the positions.
    last_open = codes[AFTER_WIN] - 1
    ended = d.named("has_ended", d.sure(col("ended")))
    # One that ended without an outcome is neither open nor closed.
    is_open = d.named("is_open", (place <= last_open) & ~ended)
    won = d.named("won", (place == codes[AFTER_WIN]) | (place == codes["won"]))
    lost = d.named("lost", place == codes["lost"])
    closed = d.named("closed", place > last_open)
    amount = col("amount")
    checks: Checks = {}

    big = d.named("big", d.one_of("account.tier", TIERS[1:]))
    above = d.named("above", amount > 100_000)
    required = {
        "tas_plan": big,
        "opportunity_plan": d.named("needs_plan", ~big & above),
        "tas_20": d.named("needs_tas_20", ~big & ~above & (amount >= 50_000)),
    }
    # A plan is complete by what its record says, unless the frame says so itself.
    complete = {
        key: d.named(f"complete_{key}", ~needed | col(f"done.{key}"))
        for key, needed in required.items()
    }
    for key, holds in complete.items():
        checks[f"size.{key}"] = (is_open, holds)

    tas = [f"tas.{question.key}" for question in playbook.checklists["tas"].questions]
    marks = {name: d.named(f"mark_{name}", d.one_of(name, MARKS)) for name in tas}
    known = [d.one_of(name, KNOWN) for name in tas]
    asked = d.named("tas_asked", d.sure(d.all_of(list(marks.values()))))
    enough = d.named("tas_known", d.at_least(15, known))
    every_one = d.named("tas_all_known", d.at_least(20, known))
    special = {
        "tas_20_asked": asked,
        "tas_20_known": enough,
        "tas_20_all_known": every_one,
        "tas_20_up_to_date": asked & enough,
        "tas_20_still_all_known": every_one,
        "technical_lead_on_record": col("contacts.technical_buyer") >= 1,
        "business_lead_on_record": col("contacts.business_lead") >= 1,
        "inside_supporter_on_record": col("contacts.inside_supporter") >= 1,
        **_of_records(d),
        "instruments_complete": d.all_of(list(complete.values())),
    }
    # What applies to some deals only; where that is not known, what is not met is not known either.
    important = d.named("important", big | above)
    medium = ~above & (amount >= 50_000) & d.one_of("account.tier", TIERS[:1])
    middle = d.named("middle", medium)
    conditions = {
        **dict.fromkeys(("strategy_and_actions_set", "win_plan_approved"), important),
        **dict.fromkeys(("tas_20_all_known", "tas_20_still_all_known"), middle),
    }
    # The last position has been left by those that ended as won.
    last = codes[AFTER_WIN]
    over = d.named("over", (place == last) & ended)
    for position in playbook.positions:
        code = codes[position.key]
        rows = d.named(f"left_{code}", (place > code) & ~lost) if code < last else over
        for criterion in position.exit:
            rule = criterion.check_rule
            # It held on another day, or of the stage where the deal was then.
            if rule.uses_time or "entered_stage_on" in rule.facts:
                continue
            owner = position.stage if criterion in position.stage.exit else position
            holds = special.get(criterion.key)
            if holds is None:
                holds = col(f"done.{criterion.key}")
            of = rows
            if (when := conditions.get(criterion.key)) is not None:
                of = d.named(f"of_{criterion.key}", rows & ~d.sure(~when))
                holds = ~when | holds
            checks[f"exit.{owner.key}.{criterion.key}"] = (of, holds)
    checks |= _hygiene(d, today, _Groups(is_open, won, lost, closed), place)
    for name in ("account.tier", *CHOICES):
        told = d.one_of(name, tuple(playbook.facts[name].choices))
        checks[f"hygiene.known_values.{name}"] = (None, d.missing(name) | told | ~d.known(name))
    for name, mark in marks.items():
        checks[f"hygiene.known_values.{name}"] = (None, d.missing(name) | mark)
    return Asked(checks, place)


def counts_of(report: sf.PipelineReport[Value], playbook: Playbook) -> Counts:
    """What salesflow counted, without whether a column of flags holds flags."""
    assert not report.not_checked
    of_values = "hygiene.known_values."
    return {
        key: (count.yes, count.no, count.unknown)
        for key, count in report.counts.items()
        if not key.startswith(of_values)
        or key.startswith(f"{of_values}tas.")
        or playbook.facts[key.removeprefix(of_values)].choices
    }


def _of_records(d: Dialect) -> dict[str, Value]:
    """What the records of a deal say, in columns."""
    col = d.col
    answered = d.named("risks_answered", col("risks.unanswered") == 0)
    supported = d.named("supported", col("people.inside_supporters") >= 1)
    steps = d.named("steps_known", col("procurement.steps") >= 1)
    strategy = ("solution_strategy", "relationship_strategy", "competitive_strategy", "action_plan")
    return {
        "plan_written": col("territory.exceeds_target") & col("territory.strategy"),
        "key_accounts_listed": col("territory.accounts"),
        "partners_assessed": col("territory.partners"),
        "plan_presented": ~d.missing("territory.presented_on"),
        "territory_plan_approved": col("territory.approved"),
        "procurement_and_budget_clear": steps & col("procurement.budget_known"),
        "strategy_and_actions_set": d.all_of([col(f"plan.{section}") for section in strategy]),
        "win_plan_approved": col("plan.approved"),
        "inside_supporter_developed": supported,
        "procurement_process_understood": d.all_of(
            [steps, col("procurement.criteria") >= 1, ~d.missing("procurement.decision_on")]
        ),
        "value_shown_with_data": (col("solution.advantages") >= 1)
        & (col("solution.not_quantified") == 0),
        "assessment_risks_countered": answered,
        "validation_risks_countered": answered,
        "decision_makers_met": col("people.decision_makers_not_met") == 0,
        "reseller_dates_on_record": ~d.missing("partner.orders_on") & ~d.missing("partner.pays_on"),
        "supporter_on_record_in_validation": supported,
        "supporter_on_record_in_close": supported,
        "contract_received": col("contract.signed_by_both"),
        "contract_archived": d.one_of("contract.filing", ("filed",)),
        "case_analysed": d.one_of("win_loss_review.outcome", ("won",))
        & ~d.missing("win_loss_review.done_on"),
        "follow_up_actions_set": d.one_of("territory.kind", ("account",))
        & col("territory.action_plan"),
    }


@dataclass(frozen=True)
class _Groups:
    open: Value
    won: Value
    lost: Value
    closed: Value


def _hygiene(d: Dialect, today: date, rows: _Groups, place: Value) -> Checks:
    """What ought to hold in any pipeline."""
    col, day, month_ago = d.col, d.lit(today), d.lit(today - timedelta(days=30))
    probability, created, closed_on = col("probability"), col("created_on"), col("closed_on")
    pushes, contacts = col("close_date_pushes"), col("contacts.total")
    entered, active = col("entered_stage_on"), col("last_activity_on")
    is_open, won, lost, closed = rows.open, rows.won, rows.lost, rows.closed
    longest = d.longest("closed_on", "created_on", won, (AFTER_WIN, "won"))
    checks = {
        "stage_known": (is_open, place >= 0),
        "owner_known": (is_open, d.known("owner")),
        "amount_known": (is_open, d.number_known("amount")),
        "amount_not_negative": (None, d.missing("amount") | (col("amount") >= 0)),
        "probability_in_range": (
            None,
            d.missing("probability") | ((probability >= 0) & (probability <= 1)),
        ),
        "close_date_known": (is_open, ~d.missing("expected_close_on")),
        "close_date_not_past": (is_open, col("expected_close_on") >= day),
        "close_date_kept": (is_open, pushes <= 2),
        "pushes_not_negative": (None, d.missing("close_date_pushes") | (pushes >= 0)),
        "next_step_known": (is_open, d.known("next_step")),
        "next_step_not_overdue": (is_open, col("next_step_on") >= day),
        "recent_activity": (is_open, active >= month_ago),
        "activity_not_in_future": (None, d.missing("last_activity_on") | (active <= day)),
        "contact_known": (is_open, contacts >= 1),
        "several_contacts": (is_open, contacts >= 2),
        "deal_age": (is_open, d.days(day, created) <= longest),
        "entered_after_created": (None, entered >= created),
        "entered_not_in_future": (None, d.missing("entered_stage_on") | (entered <= day)),
        "ended_has_outcome": (d.sure(col("ended")), closed),
        "open_has_no_close_date": (is_open, d.missing("closed_on")),
        "won_probability": (won, probability == 1),
        "lost_probability": (lost, probability == 0),
        "closed_date_known": (closed, ~d.missing("closed_on")),
        "closed_not_in_future": (closed, d.missing("closed_on") | (closed_on <= day)),
        "closed_after_created": (closed, closed_on >= created),
        "created_not_in_future": (None, d.missing("created_on") | (created <= day)),
    }
    return {f"hygiene.{name}": check for name, check in checks.items()}
