"""What to ask next: the facts that nobody knows, and what each answer would do to a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from salesflow.facts import Kind
from salesflow.playbook import Playbook, Scorecard, ScoreItem
from salesflow.qualify._count import UNDECIDED, Earned, earned, result_of, settled
from salesflow.rules import Verdict
from salesflow.rules._values import canonical
from salesflow.text import Text

__all__ = ["Ask", "ask_next", "is_missing", "unknown_facts"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question worth asking next.

    Attributes:
        question: The fact that is not known, for instance `tas.compelling_event`.
        swing: How many points lie between the favourable and the unfavourable answer; with both
            equally likely, the answer is expected to move the middle of the score by half of it.
        if_yes: The card's verdict if the answer is favourable and nothing else changes; of a
            number, if it is at its highest.
        if_no: The same if the answer is unfavourable; of a number, if it is at its lowest.
    """

    question: str
    title: Text
    swing: float
    if_yes: str
    if_no: str

    def __str__(self) -> str:
        return self.question


def unknown_facts(
    playbook: Playbook,
    card: Scorecard,
    states: Sequence[Earned],
    facts: Mapping[str, object],
) -> tuple[str, ...]:
    """The facts that keep items of the card open, in the card's order."""
    missing: dict[str, None] = {}
    for item, state in zip(card.items, states, strict=True):
        if state.verdict is Verdict.UNKNOWN:
            read = sorted(item.rule.facts, key=item.rule.text.find)
            missing.update({name: None for name in read if is_missing(playbook, facts, name)})
    return tuple(missing)


def is_missing(playbook: Playbook, facts: Mapping[str, object], name: str) -> bool:
    """Whether nobody knows this fact, as rules see it: NaN and blank texts are not known."""
    fact = playbook.facts[name]
    return canonical(fact.kind, facts.get(name), choices=fact.choices) is None


def ask_next(
    playbook: Playbook,
    card: Scorecard,
    states: Sequence[Earned],
    facts: Mapping[str, object],
    unknown: Sequence[str],
    *,
    as_of: date | None,
    tz: str,
) -> tuple[Ask, ...]:
    """The unknown facts, those first whose answer would settle the card, then by their swing."""
    asks = []
    for name in unknown:
        is_flag = playbook.facts[name].kind is Kind.FLAG
        yes, no = list(states), list(states)
        first: ScoreItem | None = None
        for i, item in enumerate(card.items):
            if states[i].verdict is not Verdict.UNKNOWN or name not in item.rule.facts:
                continue
            first = first or item
            if is_flag:
                yes[i] = earned(item, {**facts, name: True}, as_of, tz)
                no[i] = earned(item, {**facts, name: False}, as_of, tz)
            else:
                yes[i], no[i] = settled(item, Verdict.YES), settled(item, Verdict.NO)
        if_yes, if_no = result_of(card, yes), result_of(card, no)
        question = playbook.questions.get(name)
        title = question.title if question else (first or card).title
        swing = (abs(if_yes.low - if_no.low) + abs(if_yes.high - if_no.high)) / 2
        asks.append(Ask(name, title, swing, if_yes.verdict, if_no.verdict))
    return tuple(sorted(asks, key=_rank))


def _rank(ask: Ask) -> tuple[int, float]:
    return -(ask.if_yes != UNDECIDED) - (ask.if_no != UNDECIDED), -ask.swing
