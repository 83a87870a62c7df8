"""Reviews as they are printed, whole and in both languages; what they say stands in `printed`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

import salesflow as sf
from salesflow.text import LANGUAGES, Language

BOOK: Final = """
id = "fair"
version = "1"
currency = "EUR"
languages = ["en", "zh"]
title = { en = "Fair", zh = "展会" }
owner_role = "rep"
[policy]
call_forecast = ["boss"]
[[roles]]
key = "rep"
title = { en = "Sales rep", zh = "销售代表" }
[[roles]]
key = "boss"
title = { en = "Sales manager", zh = "销售经理" }
[[facts]]
name = "abroad"
kind = "flag"
title = { en = "Abroad", zh = "境外" }
[[checklists]]
key = "site"
title = { en = "Site", zh = "场地" }
questions = [
  { key = "clear", title = { en = "Is it clear?", zh = "场地是否清空？" } },
  { key = "near", title = { en = "Is it near?", zh = "距离是否较近？" } },
]
[[scorecards]]
key = "fit"
title = { en = "Fit", zh = "匹配度" }
items = [
  { key = "clear", rule = "site.clear", weight = 3, title = { en = "Clear", zh = "清空" } },
  { key = "near", rule = "site.near", weight = 2, title = { en = "Near", zh = "较近" } },
]
bands = [
  { key = "low", min = 0, title = { en = "Low", zh = "低" } },
  { key = "high", min = 4, title = { en = "High", zh = "高" } },
]
[[instruments]]
key = "plan"
title = { en = "Plan", zh = "计划" }
[[instruments]]
key = "customs"
title = { en = "Customs plan", zh = "报关计划" }
when = "abroad"
[[size_policy]]
when = "amount > 5"
instruments = ["plan", "customs"]
[[cadences]]
key = "weekly"
title = { en = "Call them", zh = "致电客户" }
trigger = "stage_entered"
every = { weeks = 1 }
[[tracks]]
key = "permit"
title = { en = "Permit", zh = "许可" }
  [[tracks.states]]
  key = "asked"
  title = { en = "Asked for", zh = "已申请" }
  max_days = 5
  [[tracks.states]]
  key = "given"
  title = { en = "Given", zh = "已批准" }
    [[tracks.states.entry]]
    key = "letter"
    title = { en = "The letter is there", zh = "已收到批文" }
    by = "rep"
  [[tracks.states]]
  key = "refused"
  title = { en = "Refused", zh = "未获批准" }
[[tracks]]
key = "customs_file"
title = { en = "Customs", zh = "报关" }
when = "abroad"
  [[tracks.states]]
  key = "open"
  title = { en = "Open", zh = "未开始" }
[[stages]]
key = "meet"
cycle = 1
title = { en = "Meet", zh = "会面" }
buying_phase = { en = "Need", zh = "明确需求" }
  [[stages.exit]]
  key = "met"
  title = { en = "They were met", zh = "已与客户会面" }
  by = "rep"
  [[stages.exit]]
  key = "shipped"
  title = { en = "Shipping is clear", zh = "运输方式已确定" }
  by = "rep"
  when = "abroad"
[[stages]]
key = "close"
cycle = 2
title = { en = "Close", zh = "成交" }
forecast = "commit"
wins = true
  [[stages.sub_stages]]
  key = "agree"
  title = { en = "Agree", zh = "商定" }
  max_days = 3
    [[stages.sub_stages.exit]]
    key = "agreed"
    title = { en = "They agree", zh = "已达成一致" }
    judgement = { roles = ["rep", "boss"] }
    [[stages.sub_stages.exit]]
    key = "small"
    title = { en = "It is small", zh = "金额较小" }
    rule = "amount < 5"
  [[stages.sub_stages]]
  key = "sign"
  title = { en = "Sign", zh = "签约" }
[[stages]]
key = "deliver"
title = { en = "Deliver", zh = "交付" }
"""
AT: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
ENGINE: Final = sf.StageEngine(sf.Playbook.from_toml(BOOK))
PRINTED: Final = Path(__file__).with_name("printed")
START: Final = (0, sf.Start(by="li"))
MET: Final = (0, sf.Attest(by="li", criterion="met"))
IN_ORDER: Final[dict[str, Any]] = {
    "created_on": "2026-06-01",
    "expected_close_on": "2026-08-01",
    "next_step": "Call them",
    "next_step_on": "2026-06-20",
    "last_activity_on": "2026-06-01",
    "contacts": [{"name": "Zhang"}, {"name": "Sun"}],
}


def review(*steps: tuple[int, sf.Command], days: int = 0, **fields: Any) -> sf.Review:
    """A review so many days after the beginning, of a deal with commands on some days."""
    known = {"id": "D-1", "name": "Deal", "owner": "li", "team": {"wang": "boss"}}
    known |= {"amount": {"amount": 20, "currency": "EUR"}, "facts": {"abroad": False}}
    deal = sf.Opportunity.model_validate({**known, **fields})
    for day, command in steps:
        deal = ENGINE.decide(deal, command, at=AT + timedelta(days=day)).require()
    return ENGINE.review(deal, at=AT + timedelta(days=days))


REVIEWS: Final = {
    "not_started": review(),
    "in_order": review(
        START,
        MET,
        (0, sf.Answer(by="li", question="site.clear", mark="+")),
        (0, sf.Answer(by="li", question="site.near", mark="+")),
        **IN_ORDER,
    ),
    "late": review(
        START,
        MET,
        (2, sf.Advance(by="li")),
        (2, sf.Complete(by="li", instrument="plan")),
        (3, sf.CallForecast(by="li", category="best_case", reason="They wait")),
        (3, sf.CallForecast(by="wang", category="commit", reason="They told me")),
        (4, sf.Request(by="li", point="agreed")),
        (5, sf.Hold(by="li", resume_when="They are back", review_on=date(2026, 6, 20))),
        (7, sf.Resume(by="li")),
        (8, sf.Attest(by="li", criterion="met", met=False)),
        days=11,
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", REVIEWS)
def test_a_review_is_printed_whole(name: str, lang: Language) -> None:
    expected = (PRINTED / f"{name}.{lang}.txt").read_text(encoding="utf-8")

    assert REVIEWS[name].summary(lang) + "\n" == expected


def test_in_a_sub_stage_nothing_is_said_of_where_it_stands_while_it_stands_there() -> None:
    first, second, *_ = review(START, MET, (0, sf.Advance(by="li"))).summary().splitlines()[::2]

    assert first == "Close › Agree ✗ not yet: 2 missing"
    assert second.startswith("0 of 2 criteria met.")


def test_a_stage_that_only_an_earlier_version_had_is_shown_by_its_key() -> None:
    call = sf.CallForecast(by="li", category="commit", reason="They wait")
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li", facts={"abroad": False})
    for command in (sf.Start(by="li"), call, MET[1], sf.Advance(by="li")):
        deal = ENGINE.decide(deal, command, at=AT).require()
    newer = BOOK.replace('version = "1"', 'version = "2"').replace('key = "meet"', 'key = "talk"')
    engine = sf.StageEngine(sf.Playbook.from_toml(newer + '[[migrations]]\nfrom = "1"\n'))
    deal = engine.decide(deal, sf.Migrate(by="li"), at=AT).require()

    said = "li called it commit on 2026-06-01, in meet, as the owner: They wait"
    assert said in engine.review(deal, at=AT).summary().splitlines()


def test_a_playbook_in_one_language_has_its_reviews_in_that() -> None:
    text = re.sub(r'en = "[^"]*", ', "", BOOK).replace('["en", "zh"]', '["zh"]')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li")
    assert str(engine.review(deal, at=AT)).startswith("未启动")
    for command in (sf.Start(by="li"), MET[1]):
        deal = engine.decide(deal, command, at=AT).require()
        assert str(engine.review(deal, at=AT)).startswith("会面")
