"""What people asked of other systems for sales, each as one situation with its right outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEAD = """
id = "case"
version = "1"
title = "Case"
owner_role = "rep"
roles = [
  { key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }, { key = "cfo", title = "CFO" },
]
"""
LINE = """
[[stages]]
key = "plan"
title = "Plan"
[[stages]]
key = "offer"
title = "Offer"
[[stages]]
key = "sign"
title = "Sign"
wins = true
"""
LI, WANG, ZHAO = "li", "wang", "zhao"
START, ADVANCE = sf.Start(by=LI), sf.Advance(by=LI)
SPICED = """
facts = [{ name = "impact", kind = "text" }]
policy.skip = { criteria = "CRITERIA" }
[[stages]]
key = "s1"
title = "S1"
[[stages]]
key = "s2"
title = "S2"
  [[stages.exit]]
  key = "impact_known"
  title = "The impact is known"
  rule = "known(impact)"
  when = 'source == "field"'
[[stages]]
key = "s3"
title = "S3"
"""
FOUR_EYES = """
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "agreed"
  title = "Both agree"
  judgement = { roles = ["boss", "cfo"] }
  not_by = ["owner"]
  distinct = true
"""
DISCOUNT = """
facts = [
  { name = "discount", kind = "number", unit = "percent" },
  { name = "paid", kind = "money", title = "Paid" },
]
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "approved"
  title = "The discount is approved"
  judgement = { roles = ["boss"] }
  lapses_on = ["discount"]
"""
BY_ROLE = """
facts = [
  { name = "discount", kind = "number", unit = "percent" },
  { name = "paid", kind = "money" },
]
policy.fields = [
  { name = "discount", roles = ["boss", "cfo"], when = "discount > 0.1" },
  { name = "discount", roles = ["cfo"], when = "discount > 0.3" },
  { name = "amount", rule = "amount >= paid", asks = "It covers what is paid" },
]
"""
FORK = """
[[stages]]
key = "review"
title = "Review"
[[stages]]
key = "big"
title = "Big"
[[stages]]
key = "small"
title = "Small"
[[moves]]
from = "review"
to = "big"
title = "Big deal"
rule = "amount > 1_000"
[[moves]]
from = "review"
to = "small"
title = "Small deal"
rule = "amount <= 1_000"
"""
REWORK = """
[[stages]]
key = "start"
title = "Start"
[[stages]]
key = "review"
title = "Review"
[[stages]]
key = "details"
title = "Details"
  [[stages.exit]]
  key = "given"
  title = "The details are given"
  by = "rep"
[[stages]]
key = "store"
title = "Store"
[[moves]]
from = "start"
to = "review"
[[moves]]
from = "review"
to = "store"
[[moves]]
from = "review"
to = "details"
[[moves]]
from = "details"
to = "review"
"""
UPKEEP = '[[reasons]]\nkey = "price"\noutcome = "lost"\ntitle = "Price"\n'
LOST = sf.Lose(by=LI, reason="price")
HOLD = sf.Hold(by=LI, resume_when="The budget is there", review_on=date(2026, 6, 1))
BACK_TO_S1 = LINE.replace('"Plan"', '"Plan"\nback = "off"', 1) + '[policy]\nback = "on"\n'


def amend(by: str, **changes: object) -> sf.Amend:
    return sf.Amend.model_validate({"by": by, "changes": changes})


def judge(by: str, role: str, point: str) -> sf.Judge:
    return sf.Judge(by=by, role=role, verdict="go", point=point)


@dataclass(frozen=True)
class Case:
    """One situation.

    Attributes:
        said: What it is, and what is right.
        book: What the process says.
        path: What is done, and accepted, before.
        command: What is asked for.
        refused: The codes and keys of what stands in its way; empty where it is accepted.
        stands: Where the deal stands then: its stage and its outcome.
        deal: Fields of the deal.
    """

    said: str
    book: str
    path: tuple[sf.Command, ...]
    command: sf.Command
    refused: tuple[tuple[str, str], ...] = ()
    stands: tuple[str, str] = ("plan", "none")
    deal: Mapping[str, object] = field(default_factory=dict)


def discount(share: float, by: str = LI) -> sf.Amend:
    return amend(by, facts={"discount": share, "paid": 80})


SITUATIONS = (
    Case(
        "Whoever skips a stage is asked for what it makes mandatory.",
        SPICED.replace("CRITERIA", "asked"),
        (START,),
        sf.MoveTo(by=LI, stage="s3"),
        (("computed", "impact_known"),),
        ("s1", "none"),
        {"source": "field"},
    ),
    Case(
        "It is mandatory for one profile only.",
        SPICED.replace("CRITERIA", "asked"),
        (START,),
        sf.MoveTo(by=LI, stage="s3"),
        stands=("s3", "none"),
        deal={"source": "web"},
    ),
    Case(
        "Where skipping waives it, nobody is asked.",
        SPICED.replace("CRITERIA", "waived"),
        (START,),
        sf.MoveTo(by=LI, stage="s3"),
        stands=("s3", "none"),
        deal={"source": "field"},
    ),
    Case(
        "A deal that was won by a mis-click is taken back, and its closing date with it.",
        LINE + '[policy]\nretract = ["boss"]\n',
        (START, ADVANCE, ADVANCE, sf.Win(by=LI)),
        sf.Retract(by=WANG, note="A mis-click"),
        stands=("sign", "none"),
    ),
    Case(
        "Once taken back, it can be lost.",
        UPKEEP + LINE + '[policy]\nretract = ["boss"]\n',
        (START, ADVANCE, ADVANCE, sf.Win(by=LI), sf.Retract(by=WANG, note="A mis-click")),
        LOST,
        stands=("sign", "lost"),
    ),
    Case(
        "Nobody else takes it back.",
        LINE + '[policy]\nretract = ["boss"]\n',
        (START, ADVANCE, ADVANCE, sf.Win(by=LI)),
        sf.Retract(by=LI, note="A mis-click"),
        (("role", "boss"),),
        ("sign", "won"),
    ),
    Case(
        "Nobody approves their own deal.",
        FOUR_EYES,
        (START,),
        judge(WANG, "boss", "agreed"),
        (("own_deal", "agreed"),),
        deal={"owner": WANG},
    ),
    Case(
        "One person does not approve for two roles.",
        FOUR_EYES,
        (START, judge(WANG, "boss", "agreed")),
        judge(WANG, "cfo", "agreed"),
        (("same_person", "agreed"),),
        deal={"team": {WANG: ["boss", "cfo"]}},
    ),
    Case(
        "Two people do.",
        FOUR_EYES,
        (START, judge(WANG, "boss", "agreed")),
        judge(ZHAO, "cfo", "agreed"),
    ),
    Case(
        "An approval falls away when what was approved changes.",
        DISCOUNT,
        (START, judge(WANG, "boss", "approved"), discount(0.6)),
        ADVANCE,
        (("judgement", "approved"),),
        deal={"facts": {"discount": 0.1}},
    ),
    Case(
        "It stands when something else changes.",
        DISCOUNT,
        (START, judge(WANG, "boss", "approved"), amend(LI, next_step="Call")),
        ADVANCE,
        stands=("plan", "won"),
        deal={"facts": {"discount": 0.1}},
    ),
    Case(
        "Nobody but the owner moves the deal on.",
        LINE + '[policy]\nadvance = { roles = ["rep"] }\n',
        (START,),
        sf.Advance(by="stranger"),
        (("role", "rep"),),
    ),
    Case(
        "The owner does.",
        LINE + '[policy]\nadvance = { roles = ["rep"] }\n',
        (START,),
        ADVANCE,
        stands=("offer", "none"),
    ),
    Case(
        "Nobody but a manager gives the deal to somebody else.",
        'policy.fields = [{ name = "owner", roles = ["boss"] }]' + LINE,
        (START,),
        amend("stranger", owner="zhao"),
        (("role", "boss"),),
    ),
    Case(
        "A deal is not lost while a quotation is open.",
        'policy.lose = { rule = "not quote_open" }\n'
        'facts = [{ name = "quote_open", kind = "flag" }]\n' + (UPKEEP + LINE),
        (START,),
        LOST,
        (("computed", "lose>"),),
        deal={"facts": {"quote_open": True}},
    ),
    Case(
        "A deal is not lost before every step was taken.",
        'policy.lose = { stages = ["sign"] }\n' + UPKEEP + LINE,
        (START,),
        LOST,
        (("not_from_here", "lose"),),
    ),
    Case(
        "A deal is not lost by a rep.",
        'policy.lose = { roles = ["boss"] }\n' + UPKEEP + LINE,
        (START,),
        LOST,
        (("role", "boss"),),
    ),
    Case(
        "One trigger goes the second way where the first is shut.",
        FORK,
        (START,),
        ADVANCE,
        stands=("small", "none"),
        deal={"amount": {"amount": "500", "currency": "USD"}},
    ),
    Case(
        "It goes the first way where that is open.",
        FORK,
        (START,),
        ADVANCE,
        stands=("big", "none"),
        deal={"amount": {"amount": "5000", "currency": "USD"}},
    ),
    Case(
        "Where no condition holds nothing is picked, and both ways are named.",
        FORK,
        (START,),
        ADVANCE,
        (("any_of", ""),),
        ("review", "none"),
    ),
    Case(
        "A deal goes to rest and back to where it was.",
        LINE,
        (START, ADVANCE, HOLD),
        sf.Resume(by=LI),
        stands=("offer", "none"),
    ),
    Case(
        "A deal at rest goes nowhere.",
        LINE + '[policy]\nskip = "on"\n',
        (START, HOLD),
        sf.MoveTo(by=LI, stage="sign"),
        (("on_hold", "on_hold"),),
    ),
    Case(
        "Coming back is allowed into every stage but one.",
        BACK_TO_S1,
        (START, ADVANCE, ADVANCE),
        sf.MoveTo(by=LI, stage="plan"),
        (("not_allowed", "back"),),
        ("sign", "none"),
    ),
    Case(
        "The others may be come back to.",
        BACK_TO_S1,
        (START, ADVANCE, ADVANCE),
        sf.MoveTo(by=LI, stage="offer"),
        stands=("offer", "none"),
    ),
    Case(
        "A rep gives ten per cent.",
        BY_ROLE + LINE,
        (START,),
        discount(0.1),
    ),
    Case(
        "A rep does not give twenty per cent.",
        BY_ROLE + LINE,
        (START,),
        discount(0.2),
        (("role", "boss"),),
    ),
    Case(
        "A manager gives twenty per cent.",
        BY_ROLE + LINE,
        (START,),
        discount(0.2, WANG),
    ),
    Case(
        "A manager does not give forty per cent.",
        BY_ROLE + LINE,
        (START,),
        discount(0.4, WANG),
        (("role", "cfo"),),
    ),
    Case(
        "The amount is not cut below what is paid.",
        BY_ROLE + LINE,
        (START, discount(0.0)),
        amend(LI, amount={"amount": "79", "currency": "USD"}),
        (("computed", "fields.amount>"),),
    ),
    Case(
        "It may be cut down to it.",
        BY_ROLE + LINE,
        (START, discount(0.0)),
        amend(LI, amount={"amount": "80", "currency": "USD"}),
    ),
    Case(
        "A stage for rework that is listed after the review asks for what is to be given.",
        REWORK,
        (START, ADVANCE, sf.MoveTo(by=LI, stage="details")),
        ADVANCE,
        (("attested", "given"),),
        ("details", "none"),
    ),
    Case(
        "With it the deal goes back to the review.",
        REWORK,
        (
            START,
            ADVANCE,
            sf.MoveTo(by=LI, stage="details"),
            sf.Attest(by=LI, criterion="given"),
        ),
        ADVANCE,
        stands=("review", "none"),
    ),
)


@pytest.mark.parametrize("case", SITUATIONS, ids=lambda case: case.said)
def test_a_situation_ends_as_it_should(case: Case) -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(HEAD + case.book))
    deal = sf.Opportunity.model_validate(
        {"id": "D-1", "name": "Works", "owner": LI, "team": {WANG: "boss", ZHAO: "cfo"}}
        | {**case.deal}
    )
    at, events = NOW, list[sf.Event]()
    for command in case.path:
        at += timedelta(hours=1)
        before = engine.decide(deal, command, at=at)
        deal = before.require()
        events += before.events
    decision = engine.decide(deal, case.command, at=at + timedelta(hours=1))
    progress = decision.opportunity.progress

    assert tuple((blocker.code, blocker.key) for blocker in decision.blockers) == case.refused
    assert (progress.stage, progress.outcome) == case.stands
    assert (progress.closed_at is None) is (progress.outcome == "none")
    assert engine.replay([*events, *decision.events]) == progress
