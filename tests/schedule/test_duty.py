"""The sentence of a duty: who, what, by when, by which cadence, from what, and what moved it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.schedule import Duty, country_calendar
from salesflow.text import Text

NOW = datetime(2026, 1, 19, 9, 0, tzinfo=UTC)
CHINA = country_calendar("CN", years=[2026])

PLAYBOOK = """
id = "care"
version = "1"
title = { en = "Care", zh = "维护" }

[[roles]]
key = "rep"
title = { en = "Sales rep", zh = "销售代表" }

[[facts]]
name = "opening_on"
kind = "day"
title = { en = "the opening", zh = "开业日" }

[[reasons]]
key = "price"
outcome = "lost"
title = { en = "Price", zh = "价格" }

[[cadences]]
key = "duty"
title = { en = "Call", zh = "致电" }
role = "rep"
CADENCE

[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
[[stages]]
key = "care"
title = { en = "Care", zh = "维护" }
  [[stages.sub_stages]]
  key = "first_year"
  title = { en = "First year", zh = "第一年" }
"""


def reason(cadence: str, *commands: sf.engine.Command, after: int = 0, **options: object) -> Text:
    """What is said of the one duty, some days after the start."""
    playbook = sf.Playbook.from_toml(PLAYBOOK.replace("CADENCE", cadence))
    engine = sf.StageEngine(playbook, tz="Asia/Shanghai", **options)  # type: ignore[arg-type]
    deal = sf.Opportunity(id="D-1", name="Deal", facts={"opening_on": "2026-03-04"})
    for command in (sf.Start(by="li"), *commands):
        deal = engine.decide(deal, command, at=NOW).require()
    (duty,) = engine.review(deal, at=NOW + timedelta(days=after)).due
    assert isinstance(duty, Duty)
    return duty.reason


ADVANCE = sf.Advance(by="li")


@pytest.mark.parametrize(
    ("cadence", "commands", "en", "zh"),
    [
        (
            "every = { months = 3 }",
            (),
            (
                '"Call" (Sales rep) is due on 2026-04-19: every 3 months, counted from 2026-01-19, '
                "when the deal started."
            ),
            "“致电”（销售代表）最迟应于2026-04-19完成：每3个月一次，自2026-01-19商机启动起算。",
        ),
        (
            "every = { weeks = 1 }",
            (),
            (
                '"Call" (Sales rep) is due on 2026-01-26: every week, counted from 2026-01-19, '
                "when the deal started."
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：每周一次，自2026-01-19商机启动起算。",
        ),
        (
            "within = { hours = 24 }\ntrigger = 'stage_entered'",
            (ADVANCE,),
            (
                '"Call" (Sales rep) is due on 2026-01-20 17:00: within 24 hours of '
                '2026-01-19 17:00, when "First year" was entered.'
            ),
            (
                "“致电”（销售代表）最迟应于2026-01-20 17:00完成：自2026-01-19 17:00进入“第一年”起"
                "24小时内。"
            ),
        ),
        (
            "within = { weeks = 1 }\nstages = ['talk']\ntrigger = 'stage_left'",
            (ADVANCE,),
            (
                '"Call" (Sales rep) is due on 2026-01-26: within 1 week of 2026-01-19, '
                'when "Talk" was left.'
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：自2026-01-19离开“洽谈”起1周内。",
        ),
        (
            "ahead = { weeks = 2 }\nbefore = 'opening_on'",
            (),
            '"Call" (Sales rep) is due on 2026-02-18: 2 weeks ahead of the opening, 2026-03-04.',
            "“致电”（销售代表）最迟应于2026-02-18完成：须比“开业日”（2026-03-04）提前2周。",
        ),
        (
            "within = { years = 1, days = 1 }\ntrigger = 'lost'",
            (sf.Lose(by="li", reason="price"),),
            (
                '"Call" (Sales rep) is due on 2027-01-20: within 1 year and 1 day of 2026-01-19, '
                "when the deal was lost."
            ),
            "“致电”（销售代表）最迟应于2027-01-20完成：自2026-01-19输单起1年1天内。",
        ),
    ],
)
def test_a_duty_says_what_it_counts_from(
    cadence: str, commands: tuple[sf.engine.Command, ...], en: str, zh: str
) -> None:
    said = reason(cadence, *commands)

    assert (said.en, said.zh) == (en, zh)


def test_a_duty_says_which_holiday_moved_it_and_which_way() -> None:
    later = reason("every = { months = 1 }", calendar=CHINA)
    assert later.en == (
        '"Call" (Sales rep) is due on 2026-02-24: every month, counted from 2026-01-19, when the '
        "deal started; moved from 2026-02-19 (Chinese New Year (Spring Festival)), which is not "
        "a workday."
    )
    assert later.zh == (
        "“致电”（销售代表）最迟应于2026-02-24完成：每月一次，自2026-01-19商机启动起算；"
        "2026-02-19（春节）不是工作日，故顺延。"
    )
    earlier = reason("ahead = { weeks = 2 }\nbefore = 'opening_on'", calendar=CHINA)
    # 14 February 2026 is a Saturday that is worked.
    assert "is due on 2026-02-14" in earlier.get("en")
    assert earlier.get("zh").endswith("2026-02-18（春节）不是工作日，故提前。")


def test_a_weekend_has_its_name_and_a_day_without_one_has_none() -> None:
    class Mondays:
        def is_workday(self, day: date) -> bool:
            return day.weekday() == 0

    saturday = reason("within = { days = 5 }", calendar=Mondays())
    assert "moved from 2026-01-24 (a Saturday), which is not a workday" in saturday.get("en")
    assert "2026-01-24（星期六）不是工作日" in saturday.get("zh")
    tuesday = reason("within = { days = 1 }", calendar=Mondays())
    assert "moved from 2026-01-20, which is not a workday" in tuesday.get("en")


def test_a_duty_says_that_it_is_due_today_or_overdue() -> None:
    weekly = "every = { weeks = 1 }"
    assert "is due today, 2026-01-26: every week" in reason(weekly, after=7).get("en")
    assert "最迟应于今天（2026-01-26）完成：每周" in reason(weekly, after=7).get("zh")
    assert "was due on 2026-01-26 and is overdue: every" in reason(weekly, after=8).get("en")
    assert "最迟应于2026-01-26完成，已逾期：每周" in reason(weekly, after=8).get("zh")


def test_a_title_as_long_as_a_text_may_be_leaves_a_sentence_that_is_one() -> None:
    long = "x" * 3_990
    playbook = sf.Playbook.from_toml(
        PLAYBOOK.replace("CADENCE", "every = { days = 1 }").replace('"Call"', f'"{long}"')
    )
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal")
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()

    (duty,) = engine.due(deal, at=NOW)

    assert duty.reason.get("en").endswith("…")
    assert len(duty.reason.get("en")) == 4_000
