"""The facts of a deal: each standard fact is read from it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import salesflow as sf
from salesflow.engine._facts.readers import ReadValue
from salesflow.facts import BUYING_ROLES, STANDARD_FACTS
from salesflow.playbook._parts import CALLS
from tests.engine.conftest import BANK

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def known() -> dict[str, object]:
    """What is known of a deal of which everything is filled in."""
    playbook = sf.Playbook.from_toml(BANK)
    deal = sf.Opportunity(
        id="D-1",
        name="Core banking",
        amount=sf.Money("120000", "USD"),
        account=sf.Account(name="Acme", tier="named", industry="banking"),
        owner="li",
        source="web",
        next_step="call",
        next_step_on=DAY,
        probability=0.5,
        created_on=DAY,
        expected_close_on=DAY,
        last_activity_on=DAY,
        contacts=tuple(sf.Contact(name=role, buying_role=role) for role in BUYING_ROLES),
    )
    adopt = sf.Adopt(by="li", stage="order", entered_on=DAY, outcome="won")
    deal = sf.StageEngine(playbook).decide(deal, adopt, at=NOW).require()
    facts = sf.facts_of(deal, playbook, at=NOW)
    # Whoever is won has no calls any more: they are those of a deal that is open.
    facts |= {name: value for name, value in _called(playbook).items() if name in CALLS.values()}
    return {name: value for name, value in facts.items() if value is not None}


def _called(playbook: sf.Playbook) -> dict[str, ReadValue]:
    """What is known of a deal of which its owner and a manager said what it counts as."""
    text = playbook.to_json().replace('"retract": [', '"call_forecast": "on", "retract": [')
    book = sf.Playbook.from_json(text)
    deal, engine = sf.Opportunity(id="D-2", name="Core banking", owner="li"), sf.StageEngine(book)
    for command in (
        sf.Adopt(by="li", stage="order", entered_on=DAY),
        sf.CallForecast(by="li", category="commit", reason="The order is in"),
        sf.CallForecast(by="wang", category="omitted", reason="Not before summer"),
    ):
        deal = engine.decide(deal, command, at=NOW).require()
    return dict(sf.facts_of(deal, book, at=NOW))


@pytest.mark.parametrize("name", STANDARD_FACTS)
def test_every_standard_fact_is_read_from_a_deal(name: str, known: dict[str, object]) -> None:
    assert name in known, (
        f"{name} is in salesflow.facts.STANDARD_FACTS, but nothing reads it from a deal; "
        "give it a reader in salesflow.engine._facts.readers"
    )


def test_a_host_has_an_owner_as_an_opportunity_has() -> None:
    playbook = sf.Playbook.from_toml(BANK)

    for owner in ("li", None):
        facts = sf.facts_of(sf.HostDeal(id="D-1", owner=owner), playbook, at=NOW)
        assert facts.get("owner") == owner
