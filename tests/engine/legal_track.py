"""A playbook with tracks beside its stages, a deal under it, and a renewal that it may become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import salesflow as sf

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

NEWBIZ = """
id = "newbiz"
version = "1"
title = { en = "New business", zh = "新签" }
owner_role = "rep"
[[roles]]
key = "rep"
title = { en = "Rep", zh = "销售" }
[[roles]]
key = "counsel"
title = { en = "Counsel", zh = "法务" }
[[facts]]
name = "personal_data"
kind = "flag"
[[checklists]]
key = "bant"
title = "BANT"
questions = [
  { key = "budget", title = "Is there a budget?" },
  { key = "need", title = "Is there a need?" },
]
[[stages]]
key = "talk"
title = "Talk"
  [[stages.exit]]
  key = "champion_found"
  title = "There is a champion"
  by = "rep"
[[stages]]
key = "close"
title = "Close"
  [[stages.exit]]
  key = "contract_agreed"
  title = { en = "Legal has signed", zh = "法务已签署" }
  rule = 'track.legal == "signed"'
  [[stages.exit]]
  key = "security_agreed"
  title = "Security has agreed, where it is asked"
  rule = 'track.security in ("passed", "not_applicable")'

[[tracks]]
key = "legal"
title = { en = "Legal review", zh = "法务审核" }
by = { roles = ["counsel"] }
back = "on"
  [[tracks.states]]
  key = "open"
  title = { en = "Open", zh = "未开始" }
  [[tracks.states]]
  key = "in_review"
  title = { en = "In review", zh = "审核中" }
  max_days = 10
    [[tracks.states.entry]]
    key = "draft_sent"
    title = "The draft is with the lawyers"
    by = "rep"
  [[tracks.states]]
  key = "signed"
  title = { en = "Signed", zh = "已签署" }
  final = true
    [[tracks.states.entry]]
    key = "terms_agreed"
    title = "Counsel agrees to the terms"
    judgement = { roles = ["counsel"] }
  [[tracks.states]]
  key = "refused"
  title = { en = "Refused", zh = "已拒绝" }

[[tracks]]
key = "security"
title = { en = "Security review", zh = "安全审核" }
when = "personal_data"
  [[tracks.states]]
  key = "asked"
  title = "Asked"
  max_days = 3
  to = ["passed"]
  [[tracks.states]]
  key = "again"
  title = "Asked again"
  to = ["passed"]
  [[tracks.states]]
  key = "passed"
  title = "Passed"
  to = ["again"]
"""

RENEWAL = """
id = "renewal"
version = "1"
title = "Renewal"
[[roles]]
key = "rep"
title = "Rep"
[[checklists]]
key = "bant"
title = "BANT"
questions = [
  { key = "budget", title = "Is there a budget?" },
  { key = "need", title = "Is there a need?" },
]
[[stages]]
key = "prepare"
title = "Prepare"
  [[stages.exit]]
  key = "champion_found"
  title = "There is a champion"
  by = "rep"
[[stages]]
key = "close"
title = "Close"
[[tracks]]
key = "paper"
title = "Paper"
  [[tracks.states]]
  key = "open"
  title = "Open"
  [[tracks.states]]
  key = "signed"
  title = "Signed"
"""

MAP = """
[[migrations]]
playbook = "newbiz"
from = "1"
stages = { talk = "prepare", close = "prepare" }
questions = { "bant.need" = "bant.need" }
"""


class Deal:
    """A deal under one of the playbooks above; it keeps its laws after every step."""

    def __init__(self, text: str = NEWBIZ, **fields: object) -> None:
        self.engine = sf.StageEngine(sf.Playbook.from_toml(text))
        known = {"id": "D-1", "name": "Works", "owner": "li", "team": {"zhao": "counsel"}}
        self.deal = self.folded = sf.Opportunity.model_validate({**known, **fields})
        self.at = NOW
        self.events: list[sf.Event] = []

    def under(self, text: str) -> Deal:
        """The same deal, with the engine of another playbook."""
        self.engine = sf.StageEngine(sf.Playbook.from_toml(text))
        return self

    def do(self, command: sf.Command, days: int = 0) -> sf.Decision[sf.Opportunity]:
        self.at += timedelta(days=days, hours=1)
        decision = self.engine.decide(self.deal, command, at=self.at)
        self.deal = decision.opportunity
        self.events += sf.read_events(sf.write_events(decision.events))
        for event in self.events[len(self.events) - len(decision.events) :]:
            self.folded = self.engine.evolve(self.folded, event)
        assert self.folded == self.deal
        assert self.engine.replay(self.events) == self.deal.progress
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal
        return decision

    def started(self) -> Deal:
        self.do(sf.Start(by="li")).require()
        return self

    def codes(self, command: sf.Command) -> list[str]:
        return [blocker.code for blocker in self.do(command).blockers]

    def legal(self, state: str, by: str = "zhao", **more: object) -> list[str]:
        """What keeps the legal review from going on to a state; it is there where nothing does."""
        fields = {"by": by, "track": "legal", "state": state, **more}
        return self.codes(sf.MoveTrack.model_validate(fields))

    def facts(self) -> dict[str, object]:
        known = sf.facts_of(self.deal, self.engine.playbook, at=self.at)
        return {name: value for name, value in known.items() if name.startswith("track.")}
