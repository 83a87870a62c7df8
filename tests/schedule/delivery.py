"""A process of three stages with cadences, and deals that were taken through it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import salesflow as sf
from salesflow.schedule import Duty

NOW = datetime(2026, 1, 30, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def process(cadences: str, more: str = "") -> sf.Playbook:
    return sf.Playbook.from_toml(f"""
id = "care"
version = "2"
title = "Care"
policy = {{ back = "on", reopen = "on" }}
{more}
[[facts]]
name = "opening_on"
kind = "day"
[[facts]]
name = "opening_at"
kind = "instant"
{cadences}
[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "delivery"
title = "Delivery"
  [[stages.sub_stages]]
  key = "build"
  title = "Build"
  [[stages.sub_stages]]
  key = "test"
  title = "Test"
[[stages]]
key = "care"
title = "Care"
""")


def cadence(text: str, key: str = "duty") -> str:
    return f'[[cadences]]\nkey = "{key}"\ntitle = "Do it"\n{text}\n'


def run(
    playbook: sf.Playbook, *steps: tuple[timedelta, sf.engine.Command], **given: object
) -> sf.Opportunity:
    """A deal that was started at NOW, after some commands, each so long after NOW."""
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", facts=given)  # type: ignore[arg-type]
    for after, command in [(timedelta(), sf.Start(by="li")), *steps]:
        deal = engine.decide(deal, command, at=NOW + after).require()
    return deal


def only(
    playbook: sf.Playbook, deal: sf.Opportunity, after: timedelta, tz: str = "UTC"
) -> Duty | None:
    listed = sf.StageEngine(playbook, tz=tz).due(deal, at=NOW + after)
    found = [duty for duty in listed if duty.key == "duty"]
    assert len(found) <= 1
    return found[0] if found else None


def due(playbook: sf.Playbook, deal: sf.Opportunity, after: timedelta) -> tuple[str, str] | None:
    duty = only(playbook, deal, after)
    return None if duty is None else (str(duty.due_on), duty.status)


ADVANCE = sf.Advance(by="li")
DONE = sf.Complete(by="li", instrument="duty")
LOSE = sf.Lose(by="li", reason="price")
