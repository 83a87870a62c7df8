"""The sentences of the engine's blockers, in every language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.domain import OnHold
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._blocker_codes import blocker_codes
from salesflow.facts import IN_CURRENCY, Fact
from salesflow.playbook import Criterion, Instrument, Playbook, Question
from salesflow.rules import Blocker, BlockerCode, Verdict
from salesflow.rules._verbalize import clipped, in_every_language
from salesflow.text import Text, both, filled, lowered

_LONGEST_ANSWER: Final = 40


def told(template: Text, /, **values: object) -> Text:
    """A text made of titles, notes and values, cut where they make it longer than a text may be.

    The template is a sentence of ours: what authors wrote comes as values, for it may have braces.
    """
    return cut_short(filled(template, **values))


def cut_short(text: Text) -> Text:
    """A text that is made already, cut where it is longer than a text may be."""
    return both(en=clipped(text.get("en")), zh=clipped(text.get("zh")))


def blocked(code: BlockerCode, key: str) -> Blocker:
    """A blocker whose words are the same for every deal."""
    words = blocker_codes()[code]
    return Blocker(
        code=code,
        key=key,
        title=words.title or words.meaning,
        verdict=Verdict.NO,
        fix=words.fix,
    )


def role_title(playbook: Playbook, role: str) -> Text:
    """What the playbook calls a role."""
    known = playbook.roles.get(role)
    return known.title if known else both(en=role, zh=role)


def wrong_role(playbook: Playbook, needed: tuple[str, ...], roles: Iterable[str]) -> Blocker:
    """The person acts in none of the roles that may do this."""
    acting = tuple(sorted(roles))
    here = both(en="nobody on the team", zh="非团队成员")
    if acting:
        here = listed(playbook, acting, _OR)
    takes = listed(playbook, needed, _OR)
    return Blocker(
        code="role",
        key=needed[0],
        title=told(both(en="This is for the {takes} to do", zh="此事由{takes}负责"), takes=takes),
        verdict=Verdict.NO,
        seen=FrozenDict({"role": ", ".join(acting) or None}),
        role=needed[0],
        roles=needed,
        fix=told(
            both(
                en="Done here as {here}; it takes the {takes}",
                zh="当前身份：{here}；须由{takes}进行",
            ),
            here=here,
            takes=takes,
        ),
    )


_OR: Final = both(en=" or the ", zh="或")
_AND: Final = both(en=" and the ", zh="、")


def listed(playbook: Playbook, roles: tuple[str, ...], separator: Text) -> Text:
    """What roles are called inside a sentence, where English writes them without a capital."""
    titles = [role_title(playbook, role) for role in roles]
    return both(
        en=separator.get("en").join(map(lowered, titles)),
        zh=separator.get("zh").join(title.get("zh") for title in titles),
    )


def not_held(playbook: Playbook, deal: Deal, role: str) -> Blocker:
    """A role is claimed that is somebody else's in the deal's team, or nobody's."""
    people = [member.person for member in deal.team if role in member.roles]
    if role == playbook.owner_role and deal.owner is not None:
        people.append(deal.owner)
    title = listed(playbook, (role,), _OR)
    who = both(en="nobody yet", zh="尚无人")
    if people:
        who = filled(both(en="{names}", zh="{names}"), names=", ".join(dict.fromkeys(people)))
    return Blocker(
        code="role_not_held",
        key=role,
        title=told(
            both(en="The {role} of this deal does this", zh="由本项目的{role}进行"), role=title
        ),
        verdict=Verdict.NO,
        seen=FrozenDict({"role": role}),
        role=role,
        fix=told(
            both(en="The {role} of this deal is {who}", zh="本项目的{role}：{who}"),
            role=title,
            who=who,
        ),
    )


def out_of_turn(playbook: Playbook, key: str, waiting: tuple[str, ...]) -> Blocker:
    """Somebody else has to approve before."""
    return Blocker(
        code="out_of_turn",
        key=key,
        title=both(en="Those approve in their order", zh="按顺序逐级批准"),
        verdict=Verdict.NO,
        seen=FrozenDict(),
        role=waiting[0],
        fix=told(
            both(en="First the {roles} has to approve", zh="须先由{roles}批准")
            if len(waiting) == 1
            else both(en="First the {roles} have to approve", zh="须先由{roles}批准"),
            roles=listed(playbook, waiting, _AND),
        ),
    )


def on_hold(hold: OnHold) -> Blocker:
    """The deal rests: until when, and for what."""
    return Blocker(
        code="on_hold",
        key="on_hold",
        title=both(en="The deal is not on hold", zh="项目未暂缓"),
        verdict=Verdict.NO,
        seen=FrozenDict({"resume_when": hold.resume_when, "review_on": hold.review_on}),
        fix=told(
            both(
                en="It waits for: {what}; review on {day}; then resume it",
                zh="等待：{what}；{day} 复核；之后请恢复",
            ),
            what=hold.resume_when,
            day=hold.review_on,
        ),
    )


def wrong_answer(question: Question, name: str, given: object) -> Blocker:
    """The answer does not fit the question: what may be answered, and what was."""
    shown = given if isinstance(given, str) else f"{given:.15g}"
    if len(shown) > _LONGEST_ANSWER:
        shown = f"{shown[:_LONGEST_ANSWER]}…"
    return Blocker(
        code="answer",
        key=name,
        title=in_every_language(
            lambda voice: voice.say(_ANSWER_IS, allowed=question.allowed.get(voice.lang))
        ),
        verdict=Verdict.NO,
        seen=FrozenDict({name: given}),
        fix=in_every_language(
            lambda voice: voice.say(
                _ANSWER_WITH, shown=shown, allowed=question.allowed.get(voice.lang)
            )
        ),
    )


_ANSWER_IS: Final = both(
    en="The answer is {allowed}, or it is not known", zh="答案应为{allowed}，或尚不清楚"
)
_ANSWER_WITH: Final = both(
    en="“{shown}” was given; give {allowed}, or “not known”",
    zh="收到的是“{shown}”；请给出{allowed}，或“未知”",
)


def fact_outside(playbook: Playbook, fact: Fact, value: object) -> Blocker:
    """A fact cannot have this value: what it may be, what was given, and what to enter."""
    name = playbook.fact_titles.get(fact.name) or both(en=fact.name, zh=fact.name)
    shown: str | Text = f"“{clipped(str(value))}”"
    if isinstance(value, float):
        names = {IN_CURRENCY: Text(en=playbook.currency)}
        shown = in_every_language(lambda voice: voice.value(value, fact.kind), names)
    return Blocker(
        code="fact_value",
        key=fact.name,
        title=told(_MAY_BE, name=name, allowed=fact.allowed),
        verdict=Verdict.NO,
        seen=FrozenDict({fact.name: value}),
        fix=told(_WAS_GIVEN, shown=shown, advice=fact.advice(value)),
    )


_MAY_BE: Final = both(en="{name} is {allowed}", zh="{name}应为{allowed}")
_WAS_GIVEN: Final = both(en="{shown} was given; {advice}", zh="收到的是{shown}；{advice}")


_THEN: Final = both(en="{row}; {text}", zh="{row}；{text}")


def in_a_row(texts: Iterable[Text]) -> Text | None:
    """Texts one after the other, each once; None for no texts."""
    row = None
    for text in dict.fromkeys(texts):
        row = filled(_THEN, row=row, text=text) if row else text
    return row


_APPLIES: Final = both(
    en="It is not known whether this applies: {known}", zh="尚不清楚此项是否适用：{known}"
)


def applying_blocker(criterion: Criterion, parts: tuple[Blocker, ...]) -> Blocker:
    """A criterion of which it is not known whether it applies: what decides that."""
    return Blocker(
        code=criterion.kind,
        key=criterion.key,
        title=criterion.title,
        verdict=Verdict.UNKNOWN,
        seen=FrozenDict({name: value for part in parts for name, value in part.seen.items()}),
        role=criterion.by,
        fix=told(_APPLIES, known=in_a_row(part.fix for part in parts) or criterion.title),
        because=parts,
    )


_ONE_APPLIES: Final = both(
    en="It is not known whether “{title}” applies: {known}",
    zh="尚不清楚“{title}”是否适用：{known}",
)


def question_blocker(name: str, question: Question, parts: tuple[Blocker, ...]) -> Blocker:
    """A question of which it is not known whether it applies: what decides that."""
    return Blocker(
        code="unknown",
        key=name,
        title=question.title,
        verdict=Verdict.UNKNOWN,
        seen=FrozenDict({name: value for part in parts for name, value in part.seen.items()}),
        fix=told(
            _ONE_APPLIES,
            title=question.title,
            known=in_a_row(part.fix for part in parts) or question.title,
        ),
        because=parts,
    )


def criterion_blocker(
    playbook: Playbook,
    criterion: Criterion,
    verdict: Verdict,
    parts: tuple[Blocker, ...] = (),
    held: str | None = None,
    lapsed: tuple[Blocker, ...] = (),
) -> Blocker:
    """A criterion that is not met: what ought to hold, and what would change it.

    Args:
        playbook: Where the roles have their titles.
        criterion: The criterion that is not met.
        verdict: NO or UNKNOWN.
        parts: For a computed criterion, what its rule misses.
        held: For a judgement on hold, what it waits for.
        lapsed: What is not what it was when somebody vouched for it.
    """
    if lapsed and verdict is Verdict.UNKNOWN:
        again = _fix(playbook, criterion, verdict, (), held)
        return Blocker(
            code=criterion.kind,
            key=criterion.key,
            title=criterion.title,
            verdict=verdict,
            seen=FrozenDict({name: value for part in lapsed for name, value in part.seen.items()}),
            role=criterion.by,
            roles=roles_of(criterion),
            fix=cut_short(in_a_row((*(part.fix for part in lapsed), again)) or again),
            because=lapsed,
        )
    single = parts[0] if len(parts) == 1 else None
    roles = roles_of(criterion) or _roles_in(parts)
    return Blocker(
        code=criterion.kind,
        key=criterion.key,
        title=criterion.title,
        verdict=verdict,
        seen=FrozenDict(
            {name: value for part in parts for name, value in part.seen.items()}
            or {f"done.{criterion.key}": False if verdict is Verdict.NO else None}
        ),
        role=criterion.by or _role_in(parts),
        roles=roles,
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
    if fixes := in_a_row(part.fix for part in parts):
        return cut_short(fixes)
    if held is not None and verdict is Verdict.UNKNOWN:
        return waiting_for(held)
    return _by_a_person(playbook, criterion, verdict)


def waiting_for(held: str) -> Text:
    """What a judgement on hold waits for."""
    return told(both(en="On hold, waiting for: {held}", zh="暂缓，等待：{held}"), held=held)


_BY_A_PERSON: Final = {
    ("decision", Verdict.NO): both(en="{Who} decided against it", zh="{who}已决定放弃"),
    ("decision", Verdict.UNKNOWN): both(
        en="{Who} {has} to decide: go, kill or hold", zh="须由{who}决定：继续、放弃或暂缓"
    ),
    ("judgement", Verdict.NO): both(
        en="Judged against: {Who}{quorum}", zh="已被否决：{who}{quorum}"
    ),
    ("judgement", Verdict.UNKNOWN): both(
        en="{Who} {has} to judge this visit{quorum}", zh="须由{who}对本次阶段作出判断{quorum}"
    ),
    ("attested", Verdict.NO): both(
        en="Denied; {who} {has} to attest it", zh="已被否认；须由{who}确认"
    ),
    ("attested", Verdict.UNKNOWN): both(en="{Who} {has} to attest it", zh="须由{who}确认"),
}
_QUORUM: Final = both(en=" ({n} of them)", zh="（其中{n}方判断“继续”即可）")


_SHOWN: Final = both(en="{text}, and name what shows it", zh="{text}，并注明依据")


def shown_too(text: Text, asked: Criterion | Instrument) -> Text:
    """What somebody has to say, and where the playbook asks for it, that they show it."""
    return text if asked.evidence is None else told(_SHOWN, text=text)


def roles_of(criterion: Criterion) -> tuple[str, ...]:
    """The roles whose word meets a criterion, or that see to it."""
    return criterion.roles or ((criterion.by,) if criterion.by else ())


def _roles_in(parts: Iterable[Blocker]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for part in parts for role in part.roles))


def _role_in(parts: Iterable[Blocker]) -> str | None:
    """The one role that has to act for all of several parts, whoever else has to."""
    roles = {part.role for part in parts} - {None}
    return roles.pop() if len(roles) == 1 else None


def asked_of(playbook: Playbook, part: Blocker) -> Blocker:
    """A part of what a rule misses, with the roles whose word it is, where it is somebody's."""
    if roles := _whose_word(playbook, part.key):
        role = roles[0] if len(roles) == 1 else None
        return part.model_copy(update={"role": role, "roles": roles})
    any_of, because = (
        tuple(asked_of(playbook, inner) for inner in parts) for parts in (part.any_of, part.because)
    )
    roles = _roles_in((*any_of, *because))
    if not roles:
        return part
    # Alternatives ask for nobody where one of them does without.
    role = _role_in((*any_of, *because)) if all(entry.role for entry in any_of) else None
    return part.model_copy(
        update={"role": role, "roles": roles, "any_of": any_of, "because": because}
    )


def _whose_word(playbook: Playbook, fact: str) -> tuple[str, ...]:
    """The roles that approve, vouch for, or complete what a fact says."""
    what, _, key = fact.partition(".")
    if what == "approval":
        return (key.rpartition(".")[2],)
    if what != "done":
        return ()
    criterion, instrument = playbook.criteria.get(key), playbook.instruments.get(key)
    if criterion is not None:
        return roles_of(criterion)
    return (instrument.by,) if instrument is not None and instrument.by else ()


def _by_a_person(playbook: Playbook, criterion: Criterion, verdict: Verdict) -> Text:
    roles = roles_of(criterion)
    who = both(en="somebody on the team", zh="团队成员")
    if roles:
        who = filled(both(en="the {roles}", zh="{roles}"), roles=listed(playbook, roles, _AND))
    kind = criterion.kind if criterion.kind in ("decision", "judgement") else "attested"
    text = told(
        _BY_A_PERSON[kind, verdict],
        who=who,
        Who=f"{who.get('en')[:1].upper()}{who.get('en')[1:]}",
        has="has" if len(roles) <= 1 else "have",
        quorum="" if criterion.needed == len(roles) else filled(_QUORUM, n=criterion.needed),
    )
    asks = kind == "attested" or verdict is Verdict.UNKNOWN
    return shown_too(text, criterion) if asks else text
