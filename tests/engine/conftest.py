"""A small playbook that has every sort of criterion, and helpers to walk a deal through it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

import salesflow as sf

EYES = """
id = "eyes"
version = "1"
title = "Eyes"
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "drawn"
  title = "It is drawn"
  by = "legal"
  not_by = ["owner"]
  [[stages.exit]]
  key = "agreed"
  title = "All agree"
  judgement = { roles = ["boss", "legal"] }
  not_by = ["owner"]
  distinct = true
"""

BANK = """
id = "bank"
version = "1.0.0"
currency = "USD"
title = { en = "Bank projects", zh = "银行项目" }
owner_role = "sales_rep"

[policy]
retract = ["sales_manager"]

[[roles]]
key = "sales_rep"
title = { en = "Sales representative", zh = "销售代表" }

[[roles]]
key = "sales_manager"
title = { en = "Sales manager", zh = "销售经理" }

[[facts]]
name = "margin"
kind = "number"

[[facts]]
name = "tender_opens_on"
kind = "day"

[[instruments]]
key = "plan"
title = { en = "Opportunity plan", zh = "项目计划" }

[[instruments]]
key = "bant_sheet"
title = { en = "BANT sheet", zh = "BANT表" }
checklist = "bant"

[[size_policy]]
when = "amount > 100_000"
instruments = ["plan"]

[[size_policy]]
when = "amount >= 50_000"
instruments = ["bant_sheet"]

[[checklists]]
key = "bant"
title = { en = "BANT", zh = "BANT" }
questions = [
  { key = "budget", title = { en = "Is there a budget?", zh = "是否有预算？" } },
  { key = "need", title = { en = "Is there a need?", zh = "是否有需求？" } },
]

[[scorecards]]
key = "worth"
title = { en = "Worth it", zh = "值得做" }
items = [
  { key = "funds", rule = "bant.budget", weight = 3, knock_out = true, title = "Funds" },
  { key = "need", rule = "bant.need", weight = 2, title = { en = "Need", zh = "需求" } },
  { key = "margin", rule = "margin >= 0.2", weight = 5, title = { en = "Margin", zh = "毛利" } },
]
bands = [
  { key = "no_go", min = 0, title = { en = "No-go", zh = "放弃" } },
  { key = "go", min = 5, title = { en = "Go", zh = "继续" } },
]

[[scorecards]]
key = "backing"
title = { en = "Backing", zh = "支持" }
items = [{ key = "manager", rule = "approval.sales_manager", weight = 1, title = "The manager" }]
bands = [{ key = "none", min = 0, title = "None" }]

[[reasons]]
key = "price"
outcome = "lost"
title = { en = "Price", zh = "价格" }

[[reasons]]
key = "other"
outcome = "lost"
notes = true
title = { en = "Other", zh = "其他" }

[[stages]]
key = "qualify"
cycle = 1
title = { en = "Qualify", zh = "资格确认" }

  [[stages.exit]]
  key = "budget_known"
  title = { en = "Budget and amount are known", zh = "预算与金额已明确" }
  rule = "bant.budget and known(amount)"

  [[stages.exit]]
  key = "sponsor_met"
  title = { en = "The sponsor was met", zh = "已拜访发起人" }
  by = "sales_rep"

  [[stages.exit]]
  key = "go"
  title = { en = "Go or no-go", zh = "是否继续" }
  decision = "worth"
  by = "sales_manager"

  [[stages.exit]]
  key = "nice"
  title = { en = "A nice-to-have", zh = "锦上添花" }
  rule = "known(next_step)"
  advisory = true

[[stages]]
key = "propose"
cycle = 2
title = { en = "Propose", zh = "提案" }

  [[stages.entry]]
  key = "margin_ok"
  title = { en = "The margin is healthy", zh = "毛利合理" }
  rule = "margin >= 0.1 or account.tier == \\"strategic\\""

  [[stages.exit]]
  key = "sized_plan"
  title = { en = "The plan for this size is complete", zh = "已完成相应规模的计划" }
  instruments = true

[[stages]]
key = "sign"
wins = true
title = { en = "Sign", zh = "签约" }

  [[stages.sub_stages]]
  key = "order"
  cycle = 3
  title = { en = "Order", zh = "订单" }

    [[stages.sub_stages.exit]]
    key = "order_in"
    title = { en = "The order is in", zh = "已收到订单" }
    by = "sales_rep"

  [[stages.sub_stages]]
  key = "contract"
  cycle = 3.5
  title = { en = "Contract", zh = "合同" }

    [[stages.sub_stages.exit]]
    key = "contract_in"
    title = { en = "The contract is in", zh = "已收到合同" }
    by = "sales_rep"

[[stages]]
key = "deliver"
title = { en = "Deliver", zh = "交付" }

  [[stages.exit]]
  key = "accepted"
  title = { en = "The customer accepted", zh = "客户已验收" }
  by = "sales_rep"
"""

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Walk:
    """A deal on its way: every step an hour after the one before."""

    def __init__(self, engine: sf.StageEngine, deal: sf.Opportunity) -> None:
        self.engine = engine
        self.deal = deal
        self.start = deal
        self.at = NOW
        self.events: list[sf.Event] = []

    def do(self, command: sf.Command) -> sf.Decision[sf.Opportunity]:
        """Decide a command and take over what it changes."""
        self.at += timedelta(hours=1)
        decision = self.engine.decide(self.deal, command, at=self.at)
        self.deal = decision.opportunity
        self.events += decision.events
        return decision

    def qualified(self) -> Walk:
        """Everything that leaving the first stage asks for."""
        self.do(sf.Start(by="li.wei")).require()
        self.do(sf.Answer(by="li.wei", question="bant.budget", mark="+")).require()
        self.do(sf.Attest(by="li.wei", criterion="sponsor_met")).require()
        self.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="go")).require()
        return self

    def proposed(self) -> Walk:
        """In the second stage, with its plan complete."""
        self.qualified().do(sf.Advance(by="li.wei")).require()
        self.do(sf.Complete(by="li.wei", instrument="plan")).require()
        return self

    def won(self) -> Walk:
        """Past the signing stage, in delivery."""
        self.proposed().do(sf.Advance(by="li.wei")).require()
        for criterion in ("order_in", "contract_in"):
            self.do(sf.Attest(by="li.wei", criterion=criterion)).require()
            self.do(sf.Advance(by="li.wei")).require()
        return self


@pytest.fixture(scope="session")
def bank() -> sf.Playbook:
    return sf.Playbook.from_toml(BANK)


@pytest.fixture(scope="session")
def engine(bank: sf.Playbook) -> sf.StageEngine:
    return sf.StageEngine(bank)


@pytest.fixture
def deal() -> sf.Opportunity:
    return sf.Opportunity(
        id="D-1",
        name="Core banking",
        amount=sf.Money("120000", "USD"),
        account=sf.Account(name="Acme", tier="regular"),
        owner="li.wei",
        facts={"margin": 0.3},
        team={"wang": "sales_manager"},  # a mapping becomes members
    )


@pytest.fixture
def walk(engine: sf.StageEngine, deal: sf.Opportunity) -> Walk:
    return Walk(engine, deal)


@pytest.fixture
def walk_with(engine: sf.StageEngine, deal: sf.Opportunity) -> Callable[..., Walk]:
    """A walk of the same deal with some fields changed."""

    def make(**changes: object) -> Walk:
        return Walk(engine, deal.model_validate({**deal.model_dump(), **changes}))

    return make
