"""The sentences of the engine's blockers, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from salesflow.domain import OnHold
from salesflow.playbook import Criterion, Instrument, Playbook, Question
from salesflow.rules import Blocker, Verdict
from salesflow.rules._verbalize import clipped
from salesflow.text import Text

_PLAIN: Final[Mapping[str, tuple[Text, Text]]] = {
    "not_started": (
        Text(en="The deal has been started", zh="商机已启动"),
        Text(en="Start or adopt it first", zh="请先启动或接管该商机"),
    ),
    "already_started": (
        Text(en="The deal is not under a playbook yet", zh="商机尚未纳入流程"),
        Text(en="It was started before; go on from where it is", zh="它已启动，请从当前阶段继续"),
    ),
    "ended": (
        Text(en="The deal is still going on", zh="商机仍在进行"),
        Text(en="It has ended; nothing more can happen to it", zh="它已结束，不能再有变动"),
    ),
    "already_closed": (
        Text(en="The deal is open", zh="商机尚未有结果"),
        Text(en="Its outcome is settled already", zh="它的结果已经确定"),
    ),
    "already_there": (
        Text(en="The deal is somewhere else", zh="商机不在目标阶段"),
        Text(en="It is in that stage already", zh="它已处于该阶段"),
    ),
    "no_end_here": (
        Text(en="The process may end here", zh="流程可在此结束"),
        Text(en="Go on to a stage where it may", zh="请推进到可以结束的阶段"),
    ),
    "not_allowed": (
        Text(en="The playbook's policy allows it", zh="流程规定允许此操作"),
        Text(en="The policy does not; go the ordinary way", zh="规定不允许，请按常规流程进行"),
    ),
    "why_missing": (
        Text(en="It is said why", zh="已说明理由"),
        Text(en="Give a note with the reason", zh="请填写说明，写明理由"),
    ),
    "advisory": (
        Text(en="The criterion is required", zh="该条件为必要条件"),
        Text(en="It only advises; there is nothing to waive", zh="它只是建议，无须豁免"),
    ),
    "not_on_hold": (
        Text(en="The deal is on hold", zh="商机处于暂缓状态"),
        Text(en="It is not; it can go on as it is", zh="它并未暂缓，可直接推进"),
    ),
    "not_ended": (
        Text(en="The deal has ended", zh="商机已结束"),
        Text(en="It is still going on; move it instead", zh="它仍在进行，请直接移动阶段"),
    ),
    "not_reached": (
        Text(en="The deal really was in that stage", zh="商机确曾到达该阶段"),
        Text(en="Reopen it at a stage it reached", zh="请在它曾到达的阶段重新打开"),
    ),
    "kept_by_host": (
        Text(en="The deal's fields are kept in an Opportunity", zh="商机字段由Opportunity保存"),
        Text(en="Change them in the application", zh="请在业务系统中修改"),
    ),
    "role_for_oneself": (
        Text(en="Nobody gives a role to themselves", zh="任何人不得为自己授予角色"),
        Text(en="Let somebody else amend the team", zh="请由他人修改团队成员"),
    ),
    "won_too_early": (
        Text(en="Deals are won in that stage or before it", zh="商机在该阶段或之前可以赢单"),
        Text(
            en="Adopt it as open, or in the stage where it was won",
            zh="请按未结束接管，或在其赢单的阶段接管",
        ),
    ),
    "already_migrated": (
        Text(en="The deal follows another version of the playbook", zh="商机遵循流程的其他版本"),
        Text(en="It follows this one already", zh="它已遵循当前版本"),
    ),
    "no_move": (
        Text(en="The process goes on from here", zh="流程可由此继续"),
        Text(en="The playbook has no move from this stage", zh="该阶段没有后续去向"),
    ),
    "not_winning_stage": (
        Text(en="The deal is in the stage where deals are won", zh="商机处于可以赢单的阶段"),
        Text(en="Advance it there first", zh="请先推进到该阶段"),
    ),
    "computed": (
        Text(en="The criterion is attested by a person", zh="该条件由人确认"),
        Text(
            en="It follows from the facts of the deal; change those",
            zh="它由商机的事实得出，请更新相应事实",
        ),
    ),
    "not_here": (
        Text(en="The decision is due in the present stage", zh="当前阶段需要作此决策"),
        Text(en="Decide it in the stage that asks for it", zh="请在需要此决策的阶段进行决策"),
    ),
    "review_in_past": (
        Text(en="The day of review is still to come", zh="复核日期尚未到来"),
        Text(en="Give a day from today on", zh="请填写今天或以后的日期"),
    ),
    "winning_skipped": (
        Text(en="A deal is won on the way to what comes after", zh="赢单之后的阶段须先赢单"),
        Text(en="Win it first; no skip leads past that stage", zh="请先赢单，不能跳过该阶段"),
    ),
    "note_missing": (
        Text(en="The reason is explained", zh="已说明原因"),
        Text(en="This reason asks for a note", zh="选择该原因时须填写说明"),
    ),
}


def told(*, en: str, zh: str) -> Text:
    """A text made of titles, notes and values, cut where they make it longer than a text may be."""
    return Text(en=clipped(en), zh=clipped(zh))


def blocked(code: str, key: str, *, role: str | None = None) -> Blocker:
    """A blocker that needs no values."""
    title, fix = _PLAIN[code]
    return Blocker(code=code, key=key, title=title, verdict=Verdict.NO, seen={}, role=role, fix=fix)


def role_title(playbook: Playbook, role: str | None) -> Text | None:
    """How the playbook calls a role; None for no role."""
    if role is None:
        return None
    known = playbook.roles.get(role)
    return known.title if known else Text(en=role, zh=role)


def wrong_role(playbook: Playbook, needed: tuple[str, ...], roles: Iterable[str]) -> Blocker:
    """The person acts in none of the roles that may do this."""
    acting = tuple(sorted(roles))
    takes = _called(playbook, needed)
    here = _called(playbook, acting) if acting else told(en="nobody on the team", zh="非团队成员")
    return Blocker(
        code="role",
        key=needed[0],
        title=told(
            en=f"This is for the {takes.get('en')} to do", zh=f"此事由{takes.get('zh')}负责"
        ),
        verdict=Verdict.NO,
        seen={"role": ", ".join(acting) or None},
        role=needed[0],
        fix=told(
            en=f"Done here as {here.get('en')}; it takes the {takes.get('en')}",
            zh=f"当前身份：{here.get('zh')}；须由{takes.get('zh')}进行",
        ),
    )


def _called(playbook: Playbook, roles: tuple[str, ...]) -> Text:
    """What roles are called inside a sentence."""
    titles = [role_title(playbook, role) or Text(en=role) for role in roles]
    return told(
        en=" or the ".join(_inside(title) for title in titles),
        zh="或".join(title.get("zh") for title in titles),
    )


def on_hold(hold: OnHold) -> Blocker:
    """The deal rests: until when, and for what."""
    return Blocker(
        code="on_hold",
        key="on_hold",
        title=Text(en="The deal is not on hold", zh="商机未暂缓"),
        verdict=Verdict.NO,
        seen={"resume_when": hold.resume_when, "review_on": hold.review_on},
        fix=told(
            en=f"It waits for: {hold.resume_when}; review on {hold.review_on}; then resume it",
            zh=f"等待：{hold.resume_when}；{hold.review_on} 复核；之后请恢复",
        ),
    )


def not_mapped(key: str, name: str, known: Iterable[str]) -> Blocker:
    """The playbook's migration says nothing of where this goes."""
    listed = ", ".join(known) or "-"
    return Blocker(
        code="unmapped",
        key=key,
        title=told(en=f"The playbook has a migration for {name}", zh=f"流程定义了{name}的迁移"),
        verdict=Verdict.NO,
        seen={"from": name},
        fix=told(
            en=f"Add it to the playbook's migrations; it knows: {listed}",
            zh=f"请在流程的migrations中补充；现有：{listed}",
        ),
    )


def wrong_answer(question: Question, name: str, given: object) -> Blocker:
    """The answer is none to this question: what may be answered, and what was."""
    allowed = question.allowed
    shown = str(given) if isinstance(given, str) else f"{given:.15g}"
    shown = f"{shown[:40]}…" if len(shown) > 40 else shown  # noqa: PLR2004
    return Blocker(
        code="answer",
        key=name,
        title=Text(
            en=f"The answer is {allowed.get('en')}, or it is not known",
            zh=f"答案应为{allowed.get('zh')}，或尚不清楚",
        ),
        verdict=Verdict.NO,
        seen={name: given},
        fix=Text(
            en=f'“{shown}” was given; give {allowed.get("en")}, or mark="?"',
            zh=f'收到的是“{shown}”；请给出{allowed.get("zh")}，或使用mark="?"',
        ),
    )


def instrument_blocker(instrument: Instrument, unasked: Iterable[Question] = ()) -> Blocker:
    """An instrument that has to be completed, with the questions that nobody asked yet."""
    titles = [question.title for question in unasked]
    en = "; ".join(title.get("en") for title in titles)
    zh = "；".join(title.get("zh") for title in titles)
    return Blocker(
        code="instrument",
        key=instrument.key,
        title=told(
            en=f"Complete: {instrument.title.get('en')}", zh=f"已完成：{instrument.title.get('zh')}"
        ),
        verdict=Verdict.UNKNOWN,
        seen={f"done.{instrument.key}": None},
        fix=told(en=f"Ask these questions first: {en}", zh=f"请先提问：{zh}")
        if titles
        else told(
            en=f"Complete {instrument.title.get('en')}", zh=f"请完成{instrument.title.get('zh')}"
        ),
    )


def criterion_blocker(
    playbook: Playbook,
    criterion: Criterion,
    verdict: Verdict,
    parts: tuple[Blocker, ...] = (),
    held: str | None = None,
) -> Blocker:
    """A criterion that is not met: what ought to hold, and what would change it.

    Args:
        playbook: Where the roles have their titles.
        criterion: The criterion that is not met.
        verdict: NO or UNKNOWN.
        parts: For a computed criterion, what its rule misses.
        held: For a judgement on hold, what it waits for.
    """
    single = parts[0] if len(parts) == 1 else None
    return Blocker(
        code=criterion.kind,
        key=criterion.key,
        title=criterion.title,
        verdict=verdict,
        seen={name: value for part in parts for name, value in part.seen.items()}
        or {f"done.{criterion.key}": False if verdict is Verdict.NO else None},
        role=criterion.by,
        fix=_fix(playbook, criterion, verdict, parts, held),
        any_of=single.any_of if single else (),
        needed=single.needed if single else 0,
        because=parts,
    )


def _fix(
    playbook: Playbook,
    criterion: Criterion,
    verdict: Verdict,
    parts: tuple[Blocker, ...],
    held: str | None,
) -> Text:
    if parts:
        return _joined(parts)
    if held is not None and verdict is Verdict.UNKNOWN:
        return told(en=f"On hold, waiting for: {held}", zh=f"暂缓，等待：{held}")
    return _by_a_person(playbook, criterion, verdict)


def _joined(parts: tuple[Blocker, ...]) -> Text:
    return told(
        en="; ".join(part.fix.get("en") for part in parts),
        zh="；".join(part.fix.get("zh") for part in parts),
    )


def _by_a_person(playbook: Playbook, criterion: Criterion, verdict: Verdict) -> Text:
    titles = [role_title(playbook, role) or Text(en=role) for role in criterion.roles]
    if not titles and criterion.by is not None:
        titles = [role_title(playbook, criterion.by) or Text(en=criterion.by)]
    en = " and the ".join(_inside(title) for title in titles)
    en = f"The {en}" if titles else "Somebody on the team"
    zh = "、".join(title.get("zh") for title in titles) or "团队成员"
    has = "has" if len(titles) <= 1 else "have"
    if criterion.kind == "decision":
        if verdict is Verdict.NO:
            return told(en=f"{en} decided against it", zh=f"{zh}已决定放弃")
        return told(
            en=f"{en} {has} to decide: go, kill or hold", zh=f"须由{zh}决定：继续、放弃或暂缓"
        )
    if criterion.kind == "judgement":
        count = "" if criterion.needed == len(titles) else f" ({criterion.needed} of them)"
        zh_count = (
            "" if criterion.needed == len(titles) else f"（其中{criterion.needed}方同意即可）"
        )
        if verdict is Verdict.NO:
            return told(en=f"Judged against: {en}{count}", zh=f"已被否决：{zh}{zh_count}")
        return told(
            en=f"{en} {has} to judge this visit{count}", zh=f"须由{zh}对本次阶段作出判断{zh_count}"
        )
    if verdict is Verdict.NO:
        return told(en=f"Denied; {_lowered(en)} {has} to attest it", zh=f"已被否认；须由{zh}确认")
    return told(en=f"{en} {has} to attest it", zh=f"须由{zh}确认")


def _inside(title: Text) -> str:
    """A title inside an English sentence: without its capital, unless it is an abbreviation."""
    return _lowered(title.get("en"))


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
