"""The sentences of the engine's blockers, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from salesflow.domain import OnHold
from salesflow.engine._blocker_codes import BLOCKER_CODES
from salesflow.playbook import Criterion, Instrument, Playbook, Question
from salesflow.rules import Blocker, BlockerCode, Verdict
from salesflow.rules._verbalize import clipped
from salesflow.text import Text


def told(*, en: str, zh: str) -> Text:
    """A text made of titles, notes and values, cut where they make it longer than a text may be."""
    return Text(en=clipped(en), zh=clipped(zh))


def blocked(code: BlockerCode, key: str) -> Blocker:
    """A blocker whose words are the same for every deal."""
    words = BLOCKER_CODES[code]
    return Blocker(
        code=code,
        key=key,
        title=words.title or words.meaning,
        verdict=Verdict.NO,
        seen={},
        fix=words.fix,
    )


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
