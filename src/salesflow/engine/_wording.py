"""The sentences of the engine's blockers, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from salesflow.playbook import Criterion, Instrument, Playbook
from salesflow.rules import Blocker, Verdict
from salesflow.text import Text

__all__ = ["blocked", "criterion_blocker", "instrument_blocker", "role_title", "wrong_role"]

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
        Text(en="The decision point belongs to the present stage", zh="该决策点属于当前阶段"),
        Text(en="Decide it while the deal is in its stage", zh="请在商机处于该阶段时决策"),
    ),
    "note_missing": (
        Text(en="The reason is explained", zh="已说明原因"),
        Text(en="This reason asks for a note", zh="选择该原因时须填写说明"),
    ),
}


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


def wrong_role(playbook: Playbook, needed: str, roles: Iterable[str]) -> Blocker:
    """The person acts in none of the roles that may do this."""
    title = role_title(playbook, needed) or Text(en=needed)
    held = ", ".join(sorted(roles)) or "-"
    return Blocker(
        code="role",
        key=needed,
        title=Text(
            en=f"This is for the {title.get('en')} to do", zh=f"此事由{title.get('zh')}负责"
        ),
        verdict=Verdict.NO,
        seen={"role": held},
        role=needed,
        fix=Text(
            en=f"The roles here are: {held}; it takes {needed}",
            zh=f"当前角色：{held}；需要：{needed}",
        ),
    )


def instrument_blocker(instrument: Instrument, unasked: tuple[str, ...] = ()) -> Blocker:
    """An instrument that has to be completed, with the questions that nobody asked yet."""
    rest = ", ".join(unasked)
    return Blocker(
        code="instrument",
        key=instrument.key,
        title=Text(
            en=f"Complete: {instrument.title.get('en')}", zh=f"已完成：{instrument.title.get('zh')}"
        ),
        verdict=Verdict.UNKNOWN,
        seen={f"done.{instrument.key}": None},
        fix=Text(en=f"Ask these questions first: {rest}", zh=f"请先提问：{rest}")
        if unasked
        else Text(
            en=f"Complete {instrument.title.get('en')}", zh=f"请完成{instrument.title.get('zh')}"
        ),
    )


def criterion_blocker(
    playbook: Playbook, criterion: Criterion, verdict: Verdict, parts: tuple[Blocker, ...] = ()
) -> Blocker:
    """A criterion that is not met: what ought to hold, and what would change it.

    Args:
        playbook: Where the roles have their titles.
        criterion: The criterion that is not met.
        verdict: NO or UNKNOWN.
        parts: For a computed criterion, what its rule misses.
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
        fix=_joined(parts) if parts else _by_a_person(playbook, criterion, verdict),
        any_of=single.any_of if single else (),
        needed=single.needed if single else 0,
        because=parts,
    )


def _joined(parts: tuple[Blocker, ...]) -> Text:
    return Text(
        en="; ".join(part.fix.get("en") for part in parts),
        zh="；".join(part.fix.get("zh") for part in parts),
    )


def _by_a_person(playbook: Playbook, criterion: Criterion, verdict: Verdict) -> Text:
    who = role_title(playbook, criterion.by)
    en, zh = (who.get("en"), who.get("zh")) if who else ("somebody on the team", "团队成员")
    if criterion.kind == "decision":
        if verdict is Verdict.NO:
            return Text(en=f"The {en} decided against it", zh=f"{zh}已决定放弃")
        return Text(
            en=f"The {en} has to decide: go, kill or hold", zh=f"须由{zh}决定：继续、放弃或暂缓"
        )
    if verdict is Verdict.NO:
        return Text(en=f"Denied; the {en} has to attest it", zh=f"已被否认；须由{zh}确认")
    return Text(en=f"The {en} has to attest it", zh=f"须由{zh}确认")
