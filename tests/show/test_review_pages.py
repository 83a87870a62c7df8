"""Whole pages of reviews, as somebody reads them; what they say stands in `pages`."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final

import salesflow as sf
from salesflow.domain import TeamMember
from tests.show.reading import AT, text_of

BOOK: Final = """
id = "page"
version = "1"
title = "Page"
currency = "EUR"
languages = ["en"]
roles = [{ key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }]
facts = [{ name = "tender", kind = "flag", title = "Tender" }]
[[checklists]]
key = "site"
title = "Site"
questions = [
  { key = "clear", title = "Is it clear?" },
  { key = "near", title = "Is it near?" },
]
[[scorecards]]
key = "fit"
title = "Fit"
items = [
  { key = "clear", rule = "site.clear", weight = 3 },
  { key = "near", rule = "site.near", weight = 2 },
]
bands = [{ key = "low", title = "Low", min = 0 }, { key = "high", title = "High", min = 4 }]
[[instruments]]
key = "plan"
title = "Plan"
[[instruments]]
key = "bid"
title = "Bid plan"
[[instruments]]
key = "sketch"
title = "Sketch"
[[instruments]]
key = "visit"
title = "Visit plan"
[[size_policy]]
when = "tender"
instruments = ["plan", "bid"]
[[size_policy]]
when = "amount >= 10"
instruments = ["plan", "sketch"]
[[cadences]]
key = "weekly"
title = "Call them"
role = "rep"
trigger = "stage_entered"
every = { weeks = 1 }
[policy]
call_forecast = ["boss"]
[[stages]]
key = "find"
title = "Find"
buying_phase = "need"
forecast = "commit"
max_days = 10
  [[stages.exit]]
  key = "named"
  title = "The owner is named"
  rule = "known(owner)"
  [[stages.exit]]
  key = "met"
  title = "The customer was met"
  by = "rep"
  [[stages.exit]]
  key = "go"
  title = "We want it"
  judgement = { roles = ["rep", "boss"], decides = "boss" }
  [[stages.exit]]
  key = "small"
  title = "It is small"
  rule = "amount < 5"
  [[stages.exit]]
  key = "bid_read"
  title = "The tender was read"
  when = "tender"
  by = "rep"
[[stages]]
key = "sign"
title = "Sign"
forecast = "commit"
wins = true
  [[stages.exit]]
  key = "signed"
  title = "It is signed"
  by = "rep"
"""
TEAM: Final = tuple(
    TeamMember(person=person, roles=(role,))
    for person, role in (("li.wei", "rep"), ("wang.fang", "boss"))
)
PAGES: Final = Path(__file__).with_name("pages")
ENGINE: Final = sf.StageEngine(sf.Playbook.from_toml(BOOK))


def after(*commands: tuple[int, sf.Command]) -> sf.Opportunity:
    """A deal after commands, each so many days later."""
    amount = sf.Money(20, "EUR")
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei", team=TEAM, amount=amount)
    for days, command in commands:
        deal = ENGINE.decide(deal, command, at=AT + timedelta(days=days)).require()
    return deal


def page(name: str) -> str:
    """What is to be read."""
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8").rstrip()


def under_way() -> sf.Opportunity:
    """Late, with a plan that is made and a judgement that is asked for."""
    return after(
        (0, sf.Start(by="li.wei")),
        (0, sf.Answer(by="li.wei", question="site.clear", mark="+")),
        (0, sf.Complete(by="li.wei", instrument="plan")),
        (2, sf.Request(by="li.wei", point="go")),
    )


def committed() -> sf.Opportunity:
    """Taken over late in the process, and called otherwise by two people."""
    wait = sf.CallForecast(by="li.wei", category="best_case", reason="They wait")
    poor = sf.CallForecast(by="wang.fang", category="pipeline", reason="No budget")
    return after(
        (0, sf.Adopt(by="li.wei", stage="sign", entered_on=date(2026, 6, 29))),
        (0, wait),
        (1, poor),
        (2, sf.Attest(by="li.wei", criterion="signed")),
    )


def test_a_deal_that_may_not_go_on_yet() -> None:
    assert text_of(ENGINE.review(under_way(), at=AT + timedelta(days=12))) == page("under_way")


def test_a_deal_that_may_go_on_and_is_committed_too_early() -> None:
    assert text_of(ENGINE.review(committed(), at=AT + timedelta(days=7))) == page("committed")


def test_what_is_left_out_of_a_list_is_counted() -> None:
    review = ENGINE.review(under_way(), at=AT + timedelta(days=12))
    more = {name: getattr(review, name) * 3 for name in ("blockers", "instruments", "hygiene")}
    said = text_of(review.model_copy(update=more)).splitlines()

    assert said[0] == "**Find** [✗ not yet: 12 missing]"
    assert [line for line in said if "… and" in line] == [
        "|  | … and 4 more |  |  |",
        "Planning: [✓ Plan] [? Bid plan] [? Sketch] [✓ Plan] [? Bid plan] [? Sketch] … and 3 more",
        said[-1],
    ]
    assert said[-1].endswith("[✗ An expected close date is given] … and 23 more")


def test_what_is_wrong_with_a_record_stands_before_what_only_warns() -> None:
    review = ENGINE.review(committed(), at=AT + timedelta(days=7))
    turned = review.model_copy(update={"hygiene": review.hygiene[::-1]})

    shown = [text_of(it).splitlines()[-1].split(" [")[1:4] for it in (review, turned)]
    assert sorted(shown[0]) == sorted(shown[1])


def test_points_stand_at_the_right_as_figures_do() -> None:
    html = ENGINE.review(under_way(), at=AT + timedelta(days=12))._repr_html_()

    head = next(row for row in html.split("<tr>") if "ask next" in row)
    cells = [cell.partition("<")[0].split('">') for cell in head.split("<th ")[1:]]
    assert [name for style, name in cells if "right" in style] == ["points", "of"]
