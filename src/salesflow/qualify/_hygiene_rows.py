"""The small rules that hold in any healthy pipeline, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from salesflow.errors import Severity
from salesflow.qualify._hygiene_facts import AGE, AGREES, GIVEN, LONGEST
from salesflow.text import Text, both

HygieneGroup: TypeAlias = Literal["all", "open", "closed", "won", "lost"]
"""Deals by their outcome; `lost` are the disqualified ones, too.

One that ended without an outcome is neither open nor closed.
"""


@dataclass(frozen=True, slots=True)
class HygieneRow:
    """One rule as it is written, before a playbook's limits are filled in; see `HygieneRule`."""

    name: str
    rule: str
    title: Text
    group: HygieneGroup = "open"
    severity: Severity = "error"
    later: bool = False
    when: str = ""
    needs: tuple[str, ...] = ()


HYGIENE: Final = (
    HygieneRow("stage_known", "known(stage)", both(en="The stage is given", zh="已填写阶段")),
    HygieneRow("owner_known", "known(owner)", both(en="Somebody owns the deal", zh="已有负责人")),
    HygieneRow("amount_known", f"amount{GIVEN}", both(en="The amount is given", zh="已填写金额")),
    HygieneRow(
        "amount_not_negative",
        "not known(amount) or amount >= 0",
        both(en="The amount, where there is one, is not negative", zh="金额如已填写，则不为负数"),
        group="all",
    ),
    HygieneRow(
        "probability_in_range",
        "not known(probability) or 0 <= probability <= 1",
        both(
            en="The probability, where there is one, is between 0 and 100 %",
            zh="赢率如已填写，则在 0 至 100% 之间",
        ),
        group="all",
    ),
    HygieneRow(
        "close_date_known",
        "known(expected_close_on)",
        both(en="An expected close date is given", zh="已填写预计成交日期"),
    ),
    HygieneRow(
        "close_date_not_past",
        "expected_close_on >= today",
        both(en="The expected close date is not in the past", zh="预计成交日期不在过去"),
    ),
    HygieneRow(
        "close_date_kept",
        "close_date_pushes <= {pushes}",
        both(
            en="The close date was put off at most {pushes} times",
            zh="预计成交日期推迟不超过 {pushes} 次",
        ),
        severity="warning",
    ),
    HygieneRow(
        "pushes_not_negative",
        "not known(close_date_pushes) or close_date_pushes >= 0",
        both(
            en="The number of times that the close date was put off is not negative",
            zh="预计成交日期推迟次数不为负数",
        ),
        group="all",
    ),
    HygieneRow(
        "next_step_known", "known(next_step)", both(en="A next step is agreed", zh="已有下一步行动")
    ),
    HygieneRow(
        "next_step_not_overdue",
        "next_step_on >= today",
        both(en="The next step is not overdue", zh="下一步行动未逾期"),
    ),
    HygieneRow(
        "recent_activity",
        "days_since(last_activity_on) <= {activity_days}",
        both(
            en="Something happened in the last {activity_days} days",
            zh="最近 {activity_days} 天内有活动",
        ),
        severity="warning",
    ),
    HygieneRow(
        "activity_not_in_future",
        "not known(last_activity_on) or last_activity_on <= today",
        both(en="The last activity is not in the future", zh="最近一次活动的日期不在未来"),
        group="all",
    ),
    HygieneRow(
        "contact_known",
        "contacts.total >= 1",
        both(en="At least one contact is on record", zh="至少登记了一位联系人"),
    ),
    HygieneRow(
        "several_contacts",
        "contacts.total >= 2",
        both(en="The deal does not hang on a single contact", zh="项目不只依靠一位联系人"),
        severity="warning",
    ),
    HygieneRow(
        "deal_age",
        f"{AGE} <= {LONGEST}",
        both(
            en="The deal is no older than the longest won deal took",
            zh="项目历时不超过历史最长的赢单周期",
        ),
        severity="warning",
    ),
    HygieneRow(
        "entered_after_created",
        "entered_stage_on >= created_on",
        both(
            en="The stage was entered no earlier than the deal was created",
            zh="进入阶段的日期不早于创建日期",
        ),
        group="all",
    ),
    HygieneRow(
        "entered_not_in_future",
        "not known(entered_stage_on) or entered_stage_on <= today",
        both(en="The stage was not entered in the future", zh="进入阶段的日期不在未来"),
        group="all",
        later=True,
    ),
    HygieneRow(
        "outcome_agrees",
        AGREES,
        both(
            en="The stage and the outcome say the same of how the deal ended",
            zh="阶段与结果对项目如何结束的说法一致",
        ),
        group="all",
        when=f"known({AGREES})",
        needs=(AGREES,),
    ),
    HygieneRow(
        "ended_has_outcome",
        'outcome != "none"',
        both(en="A deal that has ended has an outcome", zh="已结束的项目有结果"),
        group="all",
        when="known(ended) and ended",
        needs=("ended",),
    ),
    HygieneRow(
        "open_has_no_close_date",
        "not known(closed_on)",
        both(en="No open deal has a day on which it was closed", zh="进行中的项目没有关闭日期"),
    ),
    HygieneRow(
        "won_probability",
        "probability == 1",
        both(en="A won deal has a probability of 100 %", zh="赢单的赢率为 100%"),
        group="won",
    ),
    HygieneRow(
        "lost_probability",
        "probability == 0",
        both(en="A lost deal has a probability of 0 %", zh="输单的赢率为 0%"),
        group="lost",
    ),
    HygieneRow(
        "closed_date_known",
        "known(closed_on)",
        both(en="A closed deal has its close date", zh="已关闭的项目有关闭日期"),
        group="closed",
    ),
    HygieneRow(
        "closed_not_in_future",
        "not known(closed_on) or closed_on <= today",
        both(en="A closed deal was not closed in the future", zh="已关闭的项目的关闭日期不在未来"),
        group="closed",
        later=True,
    ),
    HygieneRow(
        "closed_after_created",
        "closed_on >= created_on",
        both(en="A deal was closed no earlier than it was created", zh="关闭日期不早于创建日期"),
        group="closed",
    ),
    HygieneRow(
        "created_not_in_future",
        "not known(created_on) or created_on <= today",
        both(en="The deal was not created in the future", zh="创建日期不在未来"),
        group="all",
        later=True,
    ),
)
