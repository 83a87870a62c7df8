"""The sentence of a duty: who, what, by when, by which cadence, from what, and what moved it."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.errors import SalesflowError
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
[[facts]]
name = "trial_at"
kind = "instant"
[[facts]]
name = "ready"
kind = "flag"

[[instruments]]
key = "plan"
title = { en = "Plan", zh = "计划" }

[[reasons]]
key = "price"
outcome = "lost"
title = { en = "Price", zh = "价格" }
[[reasons]]
key = "budget"
outcome = "disqualified"
title = { en = "Budget", zh = "预算" }

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


def the_duty(cadence: str, *commands: sf.engine.Command, after: int = 0, **options: object) -> Duty:
    """The one duty, some days after the start."""
    playbook = sf.Playbook.from_toml(PLAYBOOK.replace("CADENCE", cadence))
    engine = sf.StageEngine(playbook, tz="Asia/Shanghai", **options)  # type: ignore[arg-type]
    facts = {"opening_on": "2026-03-04", "trial_at": "2026-03-04T06:00:00+00:00"}
    deal = sf.Opportunity(id="D-1", name="Deal", facts=facts)
    for command in (sf.Start(by="li"), *commands):
        deal = engine.decide(deal, command, at=NOW).require()
    (duty,) = engine.review(deal, at=NOW + timedelta(days=after)).due
    assert isinstance(duty, Duty)
    return duty


def reason(cadence: str, *commands: sf.engine.Command, after: int = 0, **options: object) -> Text:
    """What is said of the one duty, some days after the start."""
    return the_duty(cadence, *commands, after=after, **options).reason


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
            "“致电”（销售代表）最迟应于2026-04-19完成：每3个月一次，自2026-01-19项目启动起算。",
        ),
        (
            "every = { weeks = 1 }",
            (),
            (
                '"Call" (Sales rep) is due on 2026-01-26: every week, counted from 2026-01-19, '
                "when the deal started."
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：每周一次，自2026-01-19项目启动起算。",
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
            "within = { weeks = 1 }\nstages = ['care']",
            (ADVANCE,),
            (
                '"Call" (Sales rep) is due on 2026-01-26: within 1 week of 2026-01-19, '
                'when "Care" was entered.'
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：自2026-01-19进入“维护”起1周内。",
        ),
        (
            "every = { hours = 36 }",
            (),
            (
                '"Call" (Sales rep) is due on 2026-01-21 05:00: every 36 hours, counted from '
                "2026-01-19 17:00, when the deal started."
            ),
            (
                "“致电”（销售代表）最迟应于2026-01-21 05:00完成：每36小时一次，自2026-01-19 17:00"
                "项目启动起算。"
            ),
        ),
        (
            "ahead = { hours = 24 }\nbefore = 'trial_at'",
            (),
            (
                '"Call" (Sales rep) is due on 2026-03-03 14:00: 24 hours ahead of trial_at, '
                "2026-03-04 14:00."
            ),
            (
                "“致电”（销售代表）最迟应于2026-03-03 14:00完成："
                "须比“trial_at”（2026-03-04 14:00）提前24小时。"
            ),
        ),
        (
            "within = { days = 1 }\ntrigger = 'changed'\nof = 'ready'",
            (sf.Amend(by="li", changes={"facts": {"ready": True}}),),
            (
                '"Call" (Sales rep) is due on 2026-01-20: within 1 day of 2026-01-19, '
                'when "ready" changed.'
            ),
            "“致电”（销售代表）最迟应于2026-01-20完成：自2026-01-19“ready”变动起1天内。",
        ),
        (
            "within = { days = 1 }\ncriterion = 'plan'",
            (sf.Complete(by="li", instrument="plan"),),
            (
                '"Call" (Sales rep) is due on 2026-01-20: within 1 day of 2026-01-19, '
                'when "Plan" was met.'
            ),
            "“致电”（销售代表）最迟应于2026-01-20完成：自2026-01-19“计划”达成起1天内。",
        ),
        (
            "within = { days = 1 }\nwhen = 'ready'",
            (),
            (
                '"Call" (Sales rep) is due on 2026-01-20: within 1 day of 2026-01-19, when the '
                "deal started; whether it applies depends on what is not known: ready."
            ),
            (
                "“致电”（销售代表）最迟应于2026-01-20完成：自2026-01-19项目启动起1天内；"
                "是否适用取决于尚不清楚的：ready。"
            ),
        ),
        (
            "ahead = { weeks = 2 }\nbefore = 'opening_on'",
            (),
            '"Call" (Sales rep) is due on 2026-02-18: 2 weeks ahead of the opening, 2026-03-04.',
            "“致电”（销售代表）最迟应于2026-02-18完成：须比“开业日”（2026-03-04）提前2周。",
        ),
        (
            "within = { weeks = 1 }\ntrigger = 'won'",
            (ADVANCE, ADVANCE),
            (
                '"Call" (Sales rep) is due on 2026-01-26: within 1 week of 2026-01-19, '
                "when the deal was won."
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：自2026-01-19赢单起1周内。",
        ),
        (
            "within = { weeks = 1 }\ntrigger = 'ended'",
            (sf.Lose(by="li", reason="price"),),
            (
                '"Call" (Sales rep) is due on 2026-01-26: within 1 week of 2026-01-19, '
                "when the deal ended."
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：自2026-01-19项目结束起1周内。",
        ),
        (
            "within = { weeks = 1 }\ntrigger = 'disqualified'",
            (sf.Disqualify(by="li", reason="budget"),),
            (
                '"Call" (Sales rep) is due on 2026-01-26: within 1 week of 2026-01-19, '
                "when the deal was disqualified."
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：自2026-01-19项目被判定不合格起1周内。",
        ),
        (
            "within = { weeks = 1 }\ntrigger = 'changed'",
            (),
            (
                '"Call" (Sales rep) is due on 2026-01-26: within 1 week of 2026-01-19, '
                "when the deal changed."
            ),
            "“致电”（销售代表）最迟应于2026-01-26完成：自2026-01-19项目发生变动起1周内。",
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
        "“致电”（销售代表）最迟应于2026-02-24完成：每月一次，自2026-01-19项目启动起算；"
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
    sunday = reason("within = { days = 6 }", calendar=Mondays())
    assert "moved from 2026-01-25 (a Sunday), which is not a workday" in sunday.get("en")
    tuesday = reason("within = { days = 1 }", calendar=Mondays())
    assert "moved from 2026-01-20, which is not a workday" in tuesday.get("en")
    # Of a day that the calendar gave whole no hour is said.
    hours = reason("within = { hours = 24 }", calendar=Mondays())
    assert "is due on 2026-01-26: within 24 hours of 2026-01-19 17:00" in hours.get("en")


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


def test_a_duty_travels_with_its_sentence_and_without_its_playbook() -> None:
    duty = the_duty("every = { weeks = 1 }")

    there = pickle.loads(pickle.dumps(duty))  # noqa: S301
    again = pickle.loads(pickle.dumps(there))  # noqa: S301

    assert there == again == duty
    assert there.reason == again.reason == duty.reason
    assert "Talk" not in str(pickle.dumps(duty))  # a name of the playbook that it does not say
    with pytest.raises(SalesflowError, match="was read back"):
        _ = there.playbook


def test_what_a_duty_may_be_is_in_its_schema_and_its_cadence_is_not_told_twice() -> None:
    schema = Duty.model_json_schema(mode="serialization")
    assert schema["properties"]["status"]["enum"] == ["overdue", "due", "next"]
    assert "cadence=" not in repr(the_duty("every = { weeks = 1 }"))


def test_a_duty_that_somebody_made_travels_too_and_has_no_sentence() -> None:
    duty = the_duty("every = { weeks = 1 }")
    made = Duty(**{name: getattr(duty, name) for name in Duty.model_fields})

    there = pickle.loads(pickle.dumps(made))  # noqa: S301

    assert there == made == duty
    for it in (made, there):
        with pytest.raises(SalesflowError, match="knows nothing but its fields"):
            _ = it.reason
