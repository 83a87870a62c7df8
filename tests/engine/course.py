"""A playbook with moves of every sort, a deal under it, and a newer version to migrate to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import salesflow as sf

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

PLAYBOOK = """
id = "works"
version = "1.0.0"
currency = "USD"
title = { en = "Works", zh = "工程" }
owner_role = "rep"

[policy]
skip = ["manager"]
back = "on"
reopen = ["manager"]
start_later = "off"
waive = ["manager"]

[[roles]]
key = "rep"
title = { en = "Rep", zh = "销售" }
[[roles]]
key = "manager"
title = { en = "Manager", zh = "经理" }
[[roles]]
key = "legal"
title = { en = "Legal", zh = "法务" }

[[reasons]]
key = "no_need"
outcome = "disqualified"
title = { en = "No need", zh = "没有需求" }
[[reasons]]
key = "price"
outcome = "lost"
title = { en = "Price", zh = "价格" }

[[stages]]
key = "design"
title = { en = "Design", zh = "设计" }
  [[stages.exit]]
  key = "designed"
  title = { en = "It is designed", zh = "已完成设计" }
  by = "rep"
  [[stages.exit]]
  key = "safe"
  title = { en = "It is safe", zh = "安全可靠" }
  by = "rep"
  waive = "off"

[[stages]]
key = "review"
title = { en = "Review", zh = "评审" }
  [[stages.exit]]
  key = "agreed"
  title = { en = "Two of three agree", zh = "三方中两方同意" }
  judgement = { roles = ["rep", "manager", "legal"], quorum = 2 }

[[stages]]
key = "pilot"
title = { en = "Pilot", zh = "试点" }

[[stages]]
key = "training"
title = { en = "Training", zh = "培训" }

[[stages]]
key = "care"
title = { en = "Care", zh = "维护" }
wins = true

[[moves]]
from = "design"
to = "review"
[[moves]]
from = "review"
to = "pilot"
[[moves]]
from = "review"
to = "training"
[[moves]]
from = "review"
to = "design"
title = { en = "The solution was rejected", zh = "方案被否决" }
[[moves]]
from = "pilot"
to = "training"
[[moves]]
from = "training"
to = "pilot"
[[moves]]
from = "training"
to = "care"
  [[moves.criteria]]
  key = "both_done"
  title = { en = "Pilot and training are done", zh = "试点与培训均已完成" }
  rule = 'reached("pilot") and reached("training")'
[[moves]]
from = "pilot"
to = "care"
rule = 'reached("pilot") and reached("training")'
[[moves]]
from = "care"
to = "ended"
[[moves]]
from = "care"
to = "design"
new_deal = true
title = { en = "Repeat purchase", zh = "再次购买" }
"""


class Course:
    """A deal under the playbook above, an hour a step."""

    def __init__(self, **engine: object) -> None:
        self.engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK), **engine)  # type: ignore[arg-type]
        self.deal = sf.Opportunity(
            id="D-1",
            name="Works",
            owner="li",
            amount=sf.Money(1000, "USD"),
            expected_close_on=date(2026, 3, 1),
            team={"wang": "manager", "zhao": "legal"},
        )
        self.start = self.deal
        self.at = NOW
        self.events: list[sf.Event] = []

    def do(self, command: sf.Command) -> sf.Decision[sf.Opportunity]:
        self.at += timedelta(hours=1)
        decision = self.engine.decide(self.deal, command, at=self.at)
        self.deal = decision.opportunity
        self.events += decision.events
        return decision

    def codes(self, command: sf.Command) -> list[str]:
        return [blocker.code for blocker in self.do(command).blockers]

    def designed(self) -> Course:
        self.do(sf.Start(by="li")).require()
        for criterion in ("designed", "safe"):
            self.do(sf.Attest(by="li", criterion=criterion)).require()
        return self

    def reviewed(self) -> Course:
        self.designed().do(sf.Advance(by="li")).require()
        for role in ("rep", "manager"):
            self.do(sf.Judge(by="li", role=role, verdict="go")).require()
        return self

    def check(self) -> None:
        """The laws that every course keeps."""
        assert self.engine.replay(self.events) == self.deal.progress
        folded = self.start
        for event in self.events:
            folded = self.engine.evolve(folded, event)
        assert folded == self.deal
        assert sf.read_events(sf.write_events(self.events)) == tuple(self.events)
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal


MIGRATION = """
[[migrations]]
from = "1.0.0"
stages = { review = "board" }
criteria = { designed = "drawn" }
"""


def newer(text: str = PLAYBOOK + MIGRATION) -> sf.StageEngine:
    text = text.replace('version = "1.0.0"', 'version = "2.0.0"', 1)
    text = text.replace('key = "review"', 'key = "board"').replace('"review"', '"board"')
    text = text.replace("{ review =", "{ review =").replace('key = "designed"', 'key = "drawn"')
    text = text.replace('{ board = "board" }', '{ review = "board" }')
    return sf.StageEngine(sf.Playbook.from_toml(text))
