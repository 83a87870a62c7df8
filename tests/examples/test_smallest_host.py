"""The smallest host of `docs/tutorials/hosts.md`, where others are faster and clocks differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

import salesflow as sf

PAGE: Final = Path(__file__).parents[2] / "docs" / "tutorials" / "hosts.md"
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def host() -> Iterator[dict[str, Any]]:
    """What the page defines before it speaks of HTTP, with one deal that has started."""
    page, _, _ = PAGE.read_text(encoding="utf-8").partition("## Over HTTP")
    host: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        if not block.startswith(">>>"):
            exec(block, host)  # noqa: S102 - our own page
    host["open_deal"](sf.Opportunity(id="D-1", name="Core banking", owner="li.wei"))
    host["give"]("D-1", sf.Start(by="li.wei", command_id="c-1"))
    yield host
    host["database"].close()


def test_a_duplicate_does_not_undo_what_was_stored_since_it_was_loaded(
    host: dict[str, Any],
) -> None:
    old = host["load"]("D-1")
    host["give"]("D-1", sf.Attest(by="li.wei", criterion="technical_lead_identified"))
    newer = host["load"]("D-1")
    load, host["load"] = host["load"], lambda _id: old

    assert host["give"]("D-1", sf.Start(by="li.wei", command_id="c-1")).duplicate

    assert load("D-1") == newer


def test_who_is_overtaken_by_a_later_event_is_decided_anew_and_not_refused_for_the_time(
    host: dict[str, Any],
) -> None:
    load = host["load"]

    def overtaken(deal_id: str) -> sf.Opportunity:
        deal: sf.Opportunity = load(deal_id)
        host["load"], host["clock"] = load, lambda: NOW + timedelta(seconds=5)
        host["give"](deal_id, sf.Attest(by="li.wei", criterion="technical_lead_identified"))
        host["clock"] = lambda: NOW + timedelta(seconds=1)  # that of another server
        return deal

    host["load"] = overtaken
    told = host["give"]("D-1", sf.Attest(by="li.wei", criterion="business_drivers_determined"))

    assert told.accepted
    assert [event.sequence for event in told.events] == [3]
    assert told.events[0].recorded_at == NOW + timedelta(seconds=5)


def test_a_deal_is_opened_once_and_only_if_it_fits_the_playbook(host: dict[str, Any]) -> None:
    started = host["load"]("D-1")
    with pytest.raises(host["DealExists"]):
        host["open_deal"](sf.Opportunity(id="D-1", name="Another"))
    assert host["load"]("D-1") == started
    with pytest.raises(sf.errors.FactError, match="sales_manger"):
        host["open_deal"](sf.Opportunity(id="D-2", name="ERP", team={"wang": "sales_manger"}))
    with pytest.raises(host["NoSuchDeal"]):
        host["load"]("D-2")


def test_a_late_retry_is_known_by_its_events(host: dict[str, Any]) -> None:
    for number in range(130):
        for met in (True, False):
            told = sf.Attest(
                by="li.wei",
                criterion="technical_lead_identified",
                met=met,
                command_id=f"{number}-{met}",
            )
            host["give"]("D-1", told)
    assert host["give"]("D-1", sf.Start(by="li.wei", command_id="c-1")).duplicate
