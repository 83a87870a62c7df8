"""What it costs to validate a full opportunity record, against the same shape in plain pydantic.

The plain models have the same fields, lengths, ranges and choices, are frozen and refuse unknown
keys, as far as types alone can say it. Ours also check the codes of currencies, that times have a
zone and are kept in UTC, that numbers are not read as dates, and that JSON can keep the facts. They
are read from JSON and from Python objects, as a host edits the deal and with forty answers on
record.
Rounds alternate; the median of each in processor time and their ratio are printed, never asserted.

Run: `python benchmarks/bench_records.py`; with `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from benchmarks._measure import QUICK
from salesflow.domain import (
    Attitude,
    BuyingRole,
    Coverage,
    Influence,
    Opportunity,
    Relationship,
    Tier,
)

ANSWERS = 40
ROUNDS, TIMES = (1, 100) if QUICK else (15, 1_000)

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class Plain(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlainMoney(Plain):
    """An amount."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=24, decimal_places=6, allow_inf_nan=False)]
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class PlainAccount(Plain):
    """A customer."""

    name: Label
    tier: Tier | None = None
    industry: Label | None = None


class PlainContact(Plain):
    """A person at the customer."""

    name: Label
    job_title: Label | None = None
    buying_role: BuyingRole | None = None
    influence: Influence | None = None
    attitude: Attitude | None = None
    department: Label | None = None
    reports_to: Label | None = None
    relationship: Relationship | None = None
    coverage: Coverage | None = None
    contact_details: Label | None = None
    cares_about: Note | None = None
    last_talk_on: date | None = None
    note: Note | None = None


class PlainMember(Plain):
    """A person of ours."""

    person: Label
    roles: Annotated[tuple[Label, ...], Field(min_length=1)]


class PlainVisit(Plain):
    """A stay in a stage."""

    stage: Label
    sub_stage: Label | None = None
    entered_at: datetime
    left_at: datetime | None = None


class PlainAnswered(Plain):
    """An answer."""

    question: Label
    mark: Literal["+", "-", "?"] | None = None
    value: float | Label | None = None
    about: Label = "us"
    by: Label
    at: datetime
    note: Note | None = None
    evidence: Note | None = None


class PlainProgress(Plain):
    """How far a deal has come."""

    stage: Label | None = None
    visits: tuple[PlainVisit, ...] = ()
    answers: tuple[PlainAnswered, ...] = ()
    version: Annotated[int, Field(ge=0)] = 0
    last_event_at: datetime | None = None


class PlainOpportunity(Plain):
    """The whole."""

    id: Label
    owner: Label | None = None
    team: tuple[PlainMember, ...] = ()
    facts: dict[Label, bool | int | float | Note] = Field(default_factory=dict)
    progress: PlainProgress = PlainProgress()
    name: Label
    amount: PlainMoney | None = None
    account: PlainAccount | None = None
    source: Label | None = None
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    created_on: date | None = None
    expected_close_on: date | None = None
    last_activity_on: date | None = None
    next_step: Note | None = None
    next_step_on: date | None = None
    close_date_pushes: Annotated[int, Field(ge=0)] = 0
    contacts: tuple[PlainContact, ...] = ()
    competitors: tuple[Label, ...] | None = None
    partners: tuple[Label, ...] = ()


def edited() -> dict[str, Any]:
    """A deal as a host edits it: everything filled in, eight contacts, a team of five."""
    roles: tuple[BuyingRole, ...] = get_args(BuyingRole)
    contacts = [
        {
            "name": f"Contact {number}",
            "job_title": "Head of department",
            "buying_role": roles[number],
            "influence": "high",
            "attitude": "supporter",
            "department": "Operations",
            "reports_to": f"Contact {number - 1}" if number else "The board",
            "relationship": "medium",
            "coverage": "multiple",
            "contact_details": "contact@example.com",
            "cares_about": "Whether the lines stand still while it is put in place",
            "last_talk_on": date(2026, 2, number + 1),
        }
        for number in range(len(roles))
    ]
    return {
        "id": "D-1",
        "name": "Core banking",
        "owner": "li.wei",
        "team": [{"person": f"person.{n}", "roles": ["sales_rep", "lead"]} for n in range(5)],
        "facts": {"region": "North", "lines": 7, "tender": True, "margin": 0.31},
        "amount": {"amount": Decimal("1250000.50"), "currency": "CNY"},
        "account": {"name": "Hongyuan", "tier": "named", "industry": "Manufacturing"},
        "source": "Industry fair",
        "probability": 0.4,
        "created_on": date(2026, 1, 5),
        "expected_close_on": date(2026, 9, 30),
        "last_activity_on": date(2026, 3, 2),
        "next_step": "Workshop with the head of production",
        "next_step_on": date(2026, 3, 16),
        "close_date_pushes": 1,
        "contacts": contacts,
        "competitors": ["Rival", "Challenger", "In-house team"],
        "partners": ["Integrator"],
    }


def stored() -> dict[str, Any]:
    """The same deal on its way, with its visits and answers."""
    monday = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    visits = [
        {
            "stage": f"stage_{n}",
            "entered_at": monday + timedelta(days=7 * n),
            "left_at": monday + timedelta(days=7 * n + 7),
        }
        for n in range(6)
    ]
    answers = [
        {
            "question": f"tas.question_{n % 20}",
            "mark": "+",
            "about": "us" if n < ANSWERS // 2 else "Rival",
            "by": "li.wei",
            "at": monday + timedelta(days=n),
            "evidence": "Minutes of the meeting",
        }
        for n in range(ANSWERS)
    ]
    progress = {
        "stage": "stage_6",
        "visits": visits,
        "answers": answers,
        "version": 60,
        "last_event_at": monday + timedelta(days=60),
    }
    return {**edited(), "progress": progress}


def work(record: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Callable[[], object]]:
    """The two ways in."""
    text = json.dumps(values, default=str)
    return {
        "from Python objects": partial(record.model_validate, values),
        "from JSON": partial(record.model_validate_json, text),
    }


def seconds(run: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        run()
    return time.process_time() - began


def main() -> None:
    print(f"One opportunity record, microseconds, median of {ROUNDS} rounds of {TIMES}")
    gc.disable()
    for title, values in (("as a host edits it", edited()), ("with its progress", stored())):
        ours, plain = work(Opportunity, values), work(PlainOpportunity, values)
        print(f"\n{title:24}{'salesflow':>12}{'plain':>12}{'ratio':>9}")
        for way in ours:
            took: dict[str, list[float]] = {"ours": [], "plain": []}
            for _ in range(ROUNDS):
                took["ours"].append(seconds(ours[way], TIMES))
                took["plain"].append(seconds(plain[way], TIMES))
                gc.collect()
            mine, theirs = (statistics.median(took[who]) / TIMES * 1e6 for who in took)
            ratio = statistics.median(
                one / two for one, two in zip(took["ours"], took["plain"], strict=True)
            )
            print(f"  {way:22}{mine:12.1f}{theirs:12.1f}{ratio:8.2f}x")


if __name__ == "__main__":
    main()
