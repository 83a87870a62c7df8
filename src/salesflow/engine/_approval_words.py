"""The sentences of approvals: who approves, who has, and what fell away since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.engine._facts.said import Lapse
from salesflow.engine._wording import cut_short, in_a_row, listed, roles_of, shown_too, told
from salesflow.facts import Fact, FactKind
from salesflow.money._currencies import in_words
from salesflow.playbook import ApprovalRow, Criterion, Playbook
from salesflow.rules import Blocker, Verdict
from salesflow.rules._verbalize import Voice, in_every_language
from salesflow.text import Text, both, filled

_IT_WAS: Final = both(
    en="{name} was {before} when this was said, and is {now} now",
    zh="当时{name}为{before}，现为{now}",
)
_NOT_ON_RECORD: Final = both(
    en="it is not on record what {name} was when this was said", zh="未记录当时的{name}"
)
_AS_IT_WAS: Final = both(
    en="{name} is what it was when this was said", zh="{name}与当时相比没有变化"
)
_NOT_KNOWN: Final = both(en="not known", zh="未知")


def lapsed_blocker(playbook: Playbook, lapse: Lapse, names: Mapping[str, Text]) -> Blocker:
    """A fact that is not what it was when somebody vouched for something: what it was, and is."""
    fact = playbook.facts[lapse.fact]

    def fix(voice: Voice) -> str:
        before, now = (_shown(fact, value, voice) for value in (lapse.before, lapse.now))
        phrase = _IT_WAS if lapse.recorded else _NOT_ON_RECORD
        return voice.say(phrase, name=voice.name(lapse.fact), before=before, now=now)

    def title(voice: Voice) -> str:
        return voice.say(_AS_IT_WAS, name=voice.name(lapse.fact))

    return Blocker(
        code="lapsed",
        key=lapse.fact,
        title=cut_short(in_every_language(title, names)),
        verdict=Verdict.UNKNOWN,
        seen=FrozenDict({lapse.fact: lapse.now}),
        fix=cut_short(in_every_language(fix, names)),
    )


def _shown(fact: Fact, value: object, voice: Voice) -> str:
    """A value that an event keeps, as a person reads it."""
    if value is None:
        return _NOT_KNOWN.get(voice.lang)
    if isinstance(value, str) and fact.kind is FactKind.MONEY:
        amount, _, currency = value.partition(" ")
        return in_words(float(amount), currency, voice.lang)
    if fact.kind is FactKind.DAY:
        return voice.value(date.fromisoformat(str(value)))
    if fact.kind is FactKind.INSTANT:
        return voice.value(datetime.fromisoformat(str(value)))
    return voice.seen(fact.name, value, None)


_APPROVES: Final = both(en="The {role} approves", zh="{role}批准")
_HAS_TO: Final = both(en="the {roles} has to approve", zh="须由{roles}批准")
_HAVE_TO: Final = both(en="the {roles} have to approve", zh="须由{roles}批准")
_HAS: Final = both(en="the {roles} has", zh="{roles}已批准")
_HAVE: Final = both(en="the {roles} have", zh="{roles}已批准")
_AGAINST: Final = both(en="the {roles} decided against it", zh="{roles}已否决")
_OF_ROW: Final = both(en="{row}: {text}", zh="{row}：{text}")
_AND: Final = both(en=" and the ", zh="和")
_THEN: Final = both(en=" and then the ", zh="，然后由")


def approvals_missing(
    playbook: Playbook, criterion: Criterion, row: ApprovalRow, facts: Mapping[str, object]
) -> tuple[tuple[Blocker, ...], Text]:
    """One blocker for each role of the row that has not approved, and one sentence about all."""
    said = {role: facts.get(f"approval.{criterion.key}.{role}") for role in row.roles}
    open_ = tuple(role for role, word in said.items() if word is None)
    done = tuple(role for role, word in said.items() if word is True)
    against = tuple(role for role, word in said.items() if word is False)
    order = _THEN if row.in_order else _AND
    parts = [
        *([(_AGAINST, against, _AND)] if against else ()),
        *([(_HAVE_TO if len(open_) > 1 else _HAS_TO, open_, order)] if open_ else ()),
        *([(_HAVE if len(done) > 1 else _HAS, done, _AND)] if done else ()),
    ]
    sentences = []
    for phrase, roles, between in parts:
        words = filled(phrase, roles=listed(playbook, roles, between))
        sentences.append(shown_too(words, criterion) if roles is open_ else words)
    text = in_a_row(sentences)
    sentence = text or criterion.title
    if row.title is not None:
        sentence = filled(_OF_ROW, row=row.title, text=sentence)
    blockers = tuple(
        Blocker(
            code="approval",
            key=criterion.key,
            title=told(_APPROVES, role=listed(playbook, (role,), _AND)),
            verdict=Verdict.UNKNOWN if said[role] is None else Verdict.NO,
            seen=FrozenDict({f"approval.{criterion.key}.{role}": said[role]}),
            role=role,
            roles=(role,),
            fix=told(
                _HAS_TO if said[role] is None else _AGAINST, roles=listed(playbook, (role,), _AND)
            ),
        )
        for role in (*open_, *against)
    )
    return blockers, cut_short(both(en=_raised(sentence.get("en")), zh=sentence.get("zh")))


def approval_blocker(
    criterion: Criterion, verdict: Verdict, parts: tuple[Blocker, ...], fix: Text | None
) -> Blocker:
    """An approval that is not there, with who has to give it next."""
    known = fix or in_a_row(part.fix for part in parts) or criterion.title
    waited = [part.role for part in parts if part.role is not None]
    return Blocker(
        code="approval",
        key=criterion.key,
        title=criterion.title,
        verdict=verdict,
        seen=FrozenDict({name: value for part in parts for name, value in part.seen.items()}),
        role=waited[0] if waited else criterion.by,
        roles=tuple(waited) or roles_of(criterion),
        fix=cut_short(known),
        because=parts,
    )


def _raised(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
