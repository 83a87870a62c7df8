"""How long a deal has been where it is, and on hold meanwhile: every fact, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import pytest

import salesflow as sf
from tests.engine.conftest import Walk

BOOK: Final = """
id = "ages"
version = "1"
title = "Ages"
languages = ["en"]
policy = { reopen = "on" }
reasons = [{ key = "price", outcome = "lost", title = "Price" }]
[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "agree"
title = "Agree"
wins = true
sub_stages = [{ key = "offer", title = "Offer" }, { key = "paper", title = "Paper" }]
[[stages]]
key = "care"
title = "Care"
"""
HOLD: Final = sf.Hold(by="li", resume_when="The budget", review_on=date(2026, 6, 1))
DAYS: Final = (
    (5, sf.Start(by="li")),
    (8, HOLD),
    (12, sf.Resume(by="li")),
    (14, sf.Advance(by="li")),
    (15, HOLD),
    (20, sf.Resume(by="li")),
    (21, sf.Advance(by="li")),
    (22, HOLD),
    (24, sf.Lose(by="li", reason="price")),
    (27, sf.Reopen(by="li", stage="paper")),
    (29, sf.Advance(by="li")),
    (30, HOLD),
)
"""On which days of January something is done."""

NAMES: Final = (
    *("entered_stage_on", "entered_sub_stage_on", "closed_on"),
    *("days_on_hold", "days_on_hold_in_stage", "days_on_hold_in_sub_stage"),
)


@pytest.mark.parametrize(
    ("until", "in_stage", "in_part", "closed", "held"),
    [
        (1, None, None, None, (None, None, None)),
        (6, 5, None, None, (0, 0, None)),
        (10, 5, None, None, (2, 2, None)),
        (13, 5, None, None, (4, 4, None)),
        (14, 14, 14, None, (4, 0, 0)),
        (17, 14, 14, None, (6, 2, 2)),
        (21, 14, 21, None, (9, 5, 0)),
        (23, 14, 21, None, (10, 6, 1)),
        (26, 14, 21, 24, (11, 7, 2)),
        (28, 27, 27, None, (11, 0, 0)),
        (31, 29, None, 29, (11, 1, None)),
    ],
)
def test_since_when_and_how_long_on_hold(
    until: int,
    in_stage: int | None,
    in_part: int | None,
    closed: int | None,
    held: tuple[float | None, ...],
) -> None:
    walk = Walk(sf.StageEngine(sf.Playbook.from_toml(BOOK)), sf.Opportunity(id="D-1", name="Works"))
    for day, command in DAYS:
        walk.at = datetime(2026, 1, day, 9, tzinfo=UTC)
        if day <= until:
            walk.do(command).require()
    at = datetime(2026, 1, until, 23, tzinfo=UTC)
    found = sf.facts_of(walk.deal, walk.engine.playbook, at=at)
    days = (day and date(2026, 1, day) for day in (in_stage, in_part, closed))

    assert [found.get(name) for name in NAMES] == [*days, *held]
