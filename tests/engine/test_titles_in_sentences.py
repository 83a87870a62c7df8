"""Sentences for people name things by their titles, and say whose word is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl
import pytest

import salesflow as sf
from salesflow.rules import Blocker
from salesflow.text import LANGUAGES
from tests.engine.comparing import everything

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
HEAD = """
id = "titled"
version = "1"
title = { en = "Titled", zh = "有名称的流程" }
languages = ["en", "zh"]
owner_role = "rep"
use_scorecards = ["bant"]
[[roles]]
key = "rep"
title = { en = "Sales rep", zh = "销售代表" }
[[roles]]
key = "xiaoshou_zongjian"
title = { en = "Sales director", zh = "销售总监" }
[[roles]]
key = "cfo"
title = { en = "CFO", zh = "财务总监" }
[[facts]]
name = "discount"
kind = "number"
unit = "percent"
title = { en = "Discount", zh = "折扣" }
[[instruments]]
key = "dpa"
title = { en = "Data agreement", zh = "数据协议" }
by = "cfo"
[[size_policy]]
when = "amount > 5"
instruments = ["dpa"]
[[tracks]]
key = "legal"
title = { en = "Legal review", zh = "法务评审" }
  [[tracks.states]]
  key = "in_review"
  title = { en = "In review", zh = "评审中" }
  [[tracks.states]]
  key = "signed"
  title = { en = "Signed", zh = "已签署" }
[[stages]]
key = "erste"
title = { en = "First", zh = "第一阶段" }
  [[stages.exit]]
  key = "legal_ok"
  title = { en = "Legal agreed", zh = "法务已同意" }
  by = "cfo"
  waive = ["cfo"]
  [[stages.exit]]
  key = "asked"
  title = { en = "What is asked", zh = "所要求的" }
  rule = '''RULE'''
[[stages]]
key = "zweite"
title = { en = "Second", zh = "第二阶段" }
"""


def blocker(rule: str) -> Blocker:
    engine = sf.StageEngine(sf.Playbook.from_toml(HEAD.replace("RULE", rule)))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li")
    deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
    found = engine.decide(deal, sf.Advance(by="li"), at=AT).blockers
    return next(item for item in found if item.key == "asked")


SAID = [
    ("done.dpa", "“Data agreement” is not known", "“数据协议”未知", "cfo"),
    ("done.legal_ok", "“Legal agreed” is not known", "“法务已同意”未知", "cfo"),
    ("approval.cfo", "the CFO has to approve", "须由财务总监批准", "cfo"),
    (
        "approval.xiaoshou_zongjian",
        "the sales director has to approve",
        "须由销售总监批准",
        "xiaoshou_zongjian",
    ),
    ("waived.legal_ok", "“Legal agreed” is not waived", "“法务已同意”未获豁免", None),
    (
        "score.bant.low >= 3",
        "the certain points of “BANT” is 0; it must be at least 3",
        "“BANT评分”的确定得分现为 0，须不低于 3",
        None,
    ),
    (
        'reached("zweite") or amount > 5',
        (
            "one of these: the stage “Second” is not reached; it must be reached; or the amount is "
            "not known"
        ),
        "以下任 1 项：阶段“第二阶段”未到达，须已到达；金额未知",
        None,
    ),
    (
        'stage == "zweite" or amount > 5',
        'one of these: the stage is "First"; it must be "Second"; or the amount is not known',
        "以下任 1 项：所处阶段现为“第一阶段”，须为“第二阶段”；金额未知",
        None,
    ),
    (
        'track.legal == "signed"',
        '“Legal review” is "In review"; it must be "Signed"',
        "“法务评审”现为“评审中”，须为“已签署”",
        None,
    ),
    (
        'known(account.tier) and account.tier in ("named", "strategic")',
        "the account's tier is not known",
        "客户级别未知",
        None,
    ),
]


@pytest.mark.parametrize(("rule", "en", "zh", "role"), SAID, ids=[row[0] for row in SAID])
def test_a_sentence_names_things_by_their_titles(
    rule: str, en: str, zh: str, role: str | None
) -> None:
    found = blocker(rule)
    assert (found.fix.get("en"), found.fix.get("zh"), found.role) == (en, zh, role)


@pytest.mark.parametrize("rule", [row[0] for row in SAID])
def test_no_sentence_shows_an_identifier(rule: str) -> None:
    for item in everything([blocker(rule)]):
        for lang in LANGUAGES:
            said = f"{item.title.get(lang)} {item.fix.get(lang)}"
            assert not re.search(r"[a-z]+[._][a-z]+|erste|zweite|in_review", said)


def test_what_an_approval_ought_to_be_is_said_too() -> None:
    (part,) = blocker("approval.cfo").because
    assert (part.title.get("en"), part.title.get("zh")) == (
        "the CFO has approved",
        "财务总监已批准",
    )
    assert (part.role, part.roles) == ("cfo", ("cfo",))


def test_everybody_who_can_act_is_named_and_one_role_only_where_nothing_else_would_do() -> None:
    both = blocker("approval.cfo and approval.xiaoshou_zongjian")
    assert (both.role, both.roles) == (None, ("cfo", "xiaoshou_zongjian"))
    either = blocker("approval.cfo or amount > 5")
    assert (either.role, either.roles) == (None, ("cfo",))


def test_a_fact_that_every_alternative_needs_is_said_once() -> None:
    found = blocker("discount <= 0.2 or (discount <= 0.4 and approval.cfo)")
    assert found.fix.get("en") == "“Discount” is not known"
    assert found.fix.get("zh") == "“折扣”未知"
    assert len(found.any_of) == 2  # for programs, all of it is there

    each = blocker(
        "discount <= 0.2 and approval.xiaoshou_zongjian or discount <= 0.4 and approval.cfo"
    )
    assert each.fix.get("en") == (
        "“Discount” is not known; and one of these: the sales director has to approve; or "
        "the CFO has to approve"
    )
    assert each.fix.get("zh") == "“折扣”未知；以下任 1 项：须由销售总监批准；须由财务总监批准"


def test_a_frame_names_them_too() -> None:
    playbook = sf.Playbook.from_toml(HEAD.replace("RULE", "approval.cfo and waived.legal_ok"))
    frame = pl.DataFrame({"id": ["1"], "stage": ["zweite"]})
    report = sf.check_pipeline(frame, playbook, key="id", as_of=AT.date())
    words = report.message("exit.erste.asked")
    assert "whether the CFO has approved" in words
