"""Who may do something and when, in words; the policy, approvals, and why deals end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from salesflow.documents._handbook.page import Page
from salesflow.documents._markdown import Md
from salesflow.playbook import ApprovalPolicy, ApprovalRow, Permission, Reason, SkipPolicy
from salesflow.terms import OUTCOMES
from salesflow.text import Text, both

_THEN: Final = both(en=", then ", zh="，然后")

ACTS: Final[Mapping[str, Text]] = {
    "start": both(en="Start a deal in the first stage", zh="在第一阶段启动项目"),
    "start_later": both(en="Start a deal in a later stage", zh="在后面的阶段启动项目"),
    "adopt": both(en="Take over a deal that is under way", zh="接管已在进行的项目"),
    "advance": both(en="Go on to the next stage", zh="推进到下一阶段"),
    "skip": both(en="Pass stages by", zh="跳过阶段"),
    "back": both(en="Go back to an earlier stage", zh="退回到前面的阶段"),
    "win": both(en="Win a deal", zh="赢单"),
    "lose": both(en="Lose a deal", zh="输单"),
    "disqualify": both(en="Disqualify a deal", zh="判定项目不合格"),
    "reopen": both(en="Take up a deal again that has ended", zh="重新打开已结束的项目"),
    "retract": both(
        en="Take back a win, a loss or a disqualification", zh="撤回赢单、输单或不合格"
    ),
    "hold": both(en="Put a deal on hold", zh="暂缓项目"),
    "resume": both(en="Resume a deal", zh="恢复项目"),
    "answer": both(en="Answer questions of checklists", zh="回答检查表的问题"),
    "complete": both(en="Complete planning and duties", zh="完成计划文件和待办事项"),
    "waive": both(en="Waive a required criterion", zh="豁免必备条件"),
    "call_forecast": both(
        en="Call the forecast of somebody else's deal", zh="对他人的项目作出预测判断"
    ),
    "amend": both(en="Amend an open deal", zh="修改未结束的项目"),
    "amend_closed": both(en="Amend a deal that has ended", zh="修改已结束的项目"),
    "migrate": both(en="Take a deal over into this version", zh="把项目迁移到本版本"),
    "request": both(en="Ask for a decision, a judgement or an approval", zh="提请决定、判断或审批"),
    "delegate": both(en="Give one's own role to a substitute", zh="把自己的角色委托给他人"),
}
"""What the permissions of a policy are about; each of its fields that is one is here."""


def permission(page: Page, given: Permission, of: str) -> Md:
    """Who may do something and when, as parts of a sentence.

    Args:
        page: The handbook.
        given: The permission.
        of: The key of what is permitted.
    """
    if not given.allowed:
        return page.t(en="nobody", zh="任何人都不可以")
    return page.sentences(
        [
            page.roles(given.roles) if given.roles else page.t(en="anybody", zh="任何人"),
            *conditions(page, given, of),
        ]
    )


def conditions(page: Page, given: Permission, of: str) -> Iterator[Md]:
    """What a permission asks for, beside roles."""
    if given.note:
        yield page.t(en="with a note that says why", zh="须说明理由")
    if given.stages:
        places = page.places(given.stages)
        yield page.t(en=f"only in {places}", zh=f"仅限{places}")
    if given.rule is not None:
        rule = page.rule(given.rule, of)
        if given.asks is not None:
            asks = page.of(given.asks)
            rule = page.t(en=f"{asks} ({rule})", zh=f"{asks}（{rule}）")
        yield page.t(en=f"only where this holds: {rule}", zh=f"须满足：{rule}")
    elif given.asks is not None:
        yield page.of(given.asks)
    if given.when is not None:
        rule = page.rule(given.when, of, "when")
        yield page.t(
            en=f"all of this only where {rule}; otherwise anybody may",
            zh=f"以上仅适用于：{rule}；其他情况不限",
        )
    if isinstance(given, SkipPolicy):
        asked = {
            "asked": page.t(
                en="what the stages in between ask for is asked, too", zh="所跳过阶段的条件仍须满足"
            ),
            "waived": page.t(
                en="what the stages in between ask for is not asked", zh="所跳过阶段的条件不再要求"
            ),
        }
        yield asked[given.criteria]


def write_policy(page: Page) -> None:
    """What people may do: what takes more than a yes or no in a table, the rest in two lists."""
    policy = page.playbook.policy
    page.heading(2, page.mark(page.t(en="What people may do", zh="操作权限"), policy.reading))
    acts: dict[str, Permission] = {
        item.name: given
        for item in fields(policy)
        if isinstance(given := getattr(policy, item.name), Permission)
    }
    special = {name: given for name, given in acts.items() if not _is_plain(given)}
    groups = (
        (both(en="Anybody may", zh="任何人都可以"), True),
        (both(en="Nobody may", zh="任何人都不可以"), False),
    )
    page.table(
        special.items(),
        (
            both(en="What", zh="操作"),
            lambda act: page.titled(ACTS[act[0]], act[0], ("policy", act[0])),
        ),
        (
            both(en="Who may, and when", zh="谁可以，何时可以"),
            lambda act: permission(page, act[1], act[0]),
        ),
    )
    for label, allowed in groups:
        plain = [
            page.with_key(page.of(ACTS[name]), name)
            for name, given in acts.items()
            if name not in special and given.allowed is allowed
        ]
        page.below(page.of(label), plain)
    for words in _rest(page):
        page.paragraph(words)
    _write_fields(page)


def _is_plain(given: Permission) -> bool:
    """Whether a permission is just yes or no; of passing stages by it is always told how."""
    return not given.allowed or not (
        isinstance(given, SkipPolicy)
        or given.roles
        or given.note
        or given.stages
        or given.rule
        or given.asks
        or given.when
    )


def _rest(page: Page) -> Iterator[Md]:
    policy = page.playbook.policy
    yield {
        "claimed": page.t(
            en="Whoever acts says in which role; that is taken as it is claimed.",
            zh="操作人自行说明以何种角色操作，不作核对。",
        ),
        "of_team": page.t(
            en="Whoever acts in a role has to have it in the deal's team.",
            zh="以某一角色操作的人，须在项目团队中担任该角色。",
        ),
    }[policy.roles]
    if policy.pause_on_hold:
        yield page.t(
            en="Clocks rest while a deal is on hold.", zh="项目暂缓期间，各项时限暂停计时。"
        )


def _write_fields(page: Page) -> None:
    """Who may amend single fields of a deal."""
    page.table(
        page.playbook.policy.fields,
        (both(en="Amending", zh="修改"), lambda item: page.fact_named(item.name)),
        (
            both(en="Who may, and when", zh="谁可以，何时可以"),
            lambda item: permission(page, item, item.name),
        ),
    )


def write_approvals(page: Page) -> None:
    """Who has to approve what."""
    if not page.playbook.approvals:
        return
    page.heading(2, page.t(en="Approvals", zh="审批"))
    page.first_row()
    for policy in page.playbook.approvals.values():
        page.heading(3, page.of(policy.title))
        page.keyed(policy.key)
        _write_approvers(page, policy)


def _write_approvers(page: Page, policy: ApprovalPolicy) -> None:
    page.table(
        enumerate(policy.rows, 1),
        (both(en="Deal", zh="项目"), lambda row: page.row_of(row[1], policy.key, row[0])),
        (both(en="Who approves", zh="审批人"), lambda row: _approvers(page, row[1])),
    )


def _approvers(page: Page, row: ApprovalRow) -> Md:
    if not row.roles:
        return page.t(en="nobody needs to", zh="无须审批")
    return page.roles(row.roles, _THEN if row.in_order else None)


def write_reasons(page: Page) -> None:
    """Why deals end, and who may say so when."""
    if not page.playbook.reasons:
        return
    page.heading(2, page.t(en="Why deals end", zh="项目结束的原因"))
    page.table(
        page.playbook.reasons.values(),
        (
            both(en="Reason", zh="原因"),
            lambda it: page.titled(it.title, it.key, ("reasons", it.key), reading=it.reading),
        ),
        (both(en="The deal is", zh="结果"), lambda reason: page.of(OUTCOMES[reason.outcome])),
        (both(en="Asked for", zh="要求"), lambda reason: _asked(page, reason)),
    )


def _asked(page: Page, reason: Reason) -> Md:
    """Who may give a reason, and what goes with it."""
    notes = page.t(en="a note", zh="须填写说明") if reason.notes else Md("")
    limits = [page.roles(reason.roles)] if reason.roles else []
    return page.sentences([notes, *limits, *conditions(page, reason, reason.key)])
