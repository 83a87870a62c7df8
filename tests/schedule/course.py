"""A small process with one cadence, and a deal to which things happen some time after its start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import salesflow as sf
from salesflow.schedule import Duty

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

PLAYBOOK = """
id = "care"
version = "1"
title = { en = "Care", zh = "维护" }
languages = ["en", "zh"]
roles = [
  { key = "rep", title = { en = "Rep", zh = "销售" } },
  { key = "boss", title = { en = "Boss", zh = "主管" } },
  { key = "law", title = { en = "Lawyer", zh = "法务" } },
]
facts = [{ name = "term", kind = "number", title = { en = "Term", zh = "账期" } }]
instruments = [{ key = "plan", title = { en = "Plan", zh = "计划" } }]
checklists = [{ key = "bant", title = { en = "BANT", zh = "BANT" }, questions = [
  { key = "budget", title = { en = "Is there a budget?", zh = "有预算吗？" } },
  { key = "need", title = { en = "Do they need it?", zh = "有需求吗？" } },
] }]

[[approvals]]
key = "price"
title = { en = "Price", zh = "价格" }
rows = [
  { when = "amount >= 100", roles = ["boss", "law"] },
  { when = "amount < 100", roles = ["boss"] },
]

[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
  [[stages.exit]]
  key = "sponsor_met"
  title = { en = "The sponsor was met", zh = "已拜访决策人" }
  by = "rep"
  lapses_on = ["owner"]
  [[stages.exit]]
  key = "wanted"
  title = { en = "We want it", zh = "确定要做" }
  judgement = { roles = ["rep", "boss", "law"], quorum = 2 }
  [[stages.exit]]
  key = "price_approved"
  title = { en = "The price is approved", zh = "价格获批" }
  approval = "price"
  lapses_on = ["amount"]
[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
"""

TRACK = """
[[tracks]]
key = "legal"
title = { en = "Legal", zh = "法务" }
[[tracks.states]]
key = "draft"
title = { en = "Draft", zh = "起草" }
[[tracks.states]]
key = "in_review"
title = { en = "In review", zh = "审核中" }
[[tracks.states]]
key = "signed"
title = { en = "Signed", zh = "已签" }
"""


def process(cadence: str, more: str = "", base: str = PLAYBOOK) -> sf.Playbook:
    """The process with a cadence, and with more at its end."""
    return sf.Playbook.from_toml(
        f'{base}{more}\n[[cadences]]\nkey = "duty"\n'
        f'title = {{ en = "Do it", zh = "办" }}\n{cadence}'
    )


def usd(amount: int) -> sf.Money:
    return sf.Money(amount=Decimal(amount), currency="USD")


class Course:
    """A deal under way, to which things happen some time after its start."""

    def __init__(self, cadence: str, more: str = "", base: str = PLAYBOOK) -> None:
        self.engine = sf.StageEngine(process(cadence, more, base))
        self.deal = sf.Opportunity(id="D-1", name="Deal", amount=usd(50), facts={"term": 30})
        self.events: list[sf.Event] = []
        self.do(timedelta(), sf.Start(by="li"))

    def do(self, after: timedelta, *commands: sf.engine.Command) -> Course:
        for command in commands:
            decision = self.engine.decide(self.deal, command, at=NOW + after)
            self.deal, self.events = decision.require(), [*self.events, *decision.events]
        assert self.engine.replay(self.events) == self.deal.progress
        return self

    def duty(self, after: timedelta) -> Duty | None:
        found = self.engine.due(self.deal, at=NOW + after)
        assert found == self.engine.review(self.deal, at=NOW + after).due
        return next((duty for duty in found if duty.key == "duty"), None)

    def since(self, after: timedelta) -> timedelta | None:
        duty = self.duty(after)
        return None if duty is None else duty.since - NOW


DONE = sf.Complete(by="li", instrument="duty")


def amend(**changes: object) -> sf.Amend:
    return sf.Amend(by="li", changes=changes)
