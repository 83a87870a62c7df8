"""What to ask next: the facts that nobody knows, and what each answer would do to a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from salesflow._result import Result
from salesflow.facts import FactKind
from salesflow.playbook import Playbook, Scorecard
from salesflow.playbook._model_assets import Earned
from salesflow.qualify._applying import conditional, note_applying
from salesflow.qualify._points import (
    NO,
    UNDECIDED,
    UNKNOWN,
    YES,
    CardPoints,
    Sums,
    does_not_apply,
    earned,
    lacking_of,
)
from salesflow.text import Text

_FLAG: Final = FactKind.FLAG


class Ask(Result):
    """A question worth asking next.

    Attributes:
        question: The fact that is not known, for instance `tas.compelling_event`.
        title: The question as people read it.
        swing: How many points lie between the favourable and the unfavourable answer; with both
            equally likely, the answer is expected to move the middle of the score by half of it.
        if_yes: The card's verdict if the answer is favourable and nothing else changes but what
            follows from it: which questions apply.
        if_no: The same if the answer is unfavourable.

    Of a yes or no, yes counts as favourable, unless points are taken away for it. Of a number with
    two ends, and of a choice, the answer that knocks nothing out and has the most points is the
    favourable one, and the unfavourable one is the opposite; of a number only the two ends are
    looked at. What has no ends, such as an amount or a date, is taken to decide every item that it
    leaves open: in favour, or against.
    """

    question: str
    title: Text
    swing: float
    if_yes: str
    if_no: str

    def __str__(self) -> str:
        return self.question


def unknown_facts(
    card: Scorecard, states: Sequence[Earned], facts: Mapping[str, object]
) -> tuple[str, ...]:
    """The facts that keep items of the card open, in the card's order."""
    missing: dict[str, None] = {}
    for item, state in zip(card.items, states, strict=True):
        if state.verdict is UNKNOWN:
            skipped = does_not_apply(item, facts) if item.skipped else ()
            for name in lacking_of(item, facts):
                if name not in skipped:
                    missing[name] = None
    return tuple(missing)


def ask_next(
    playbook: Playbook,
    card: Scorecard,
    states: Sequence[Earned],
    sums: Sums,
    facts: Mapping[str, object],
    unknown: tuple[str, ...],
    *,
    as_of: date | None,
    tz: str,
) -> tuple[Ask, ...]:
    """The unknown facts, those first whose answer would settle the card, then by their swing."""
    asks = []
    items = card.items
    asked = conditional(playbook, card.readers)
    for name in unknown:
        read = moved = card.readers[name]
        # An answer may decide whether other questions apply, and so what their items come to.
        decided = {key: rule for key, rule in asked.items() if name in rule.facts}
        if decided:
            moved = tuple(
                i
                for i, item in enumerate(items)
                if i in read or not item.rule.facts.isdisjoint(decided)
            )
        open_ = [i for i in read if states[i].verdict is UNKNOWN]
        if tried := _tried(playbook, name):
            # An item that is decided is counted again, too: known() turns with the answer.
            worlds = []
            supposition = dict(facts)
            for value in tried:
                supposition[name] = value
                note_applying(supposition, decided, as_of, tz)
                changed = {i: earned(items[i], supposition, as_of, tz) for i in moved}
                worlds.append(sums.result_with(changed))
            if playbook.facts[name].kind is not _FLAG or any(items[i].weight < 0 for i in read):
                worlds.sort(key=_worth)
            if_no, if_yes = worlds[0], worlds[-1]
        else:
            if_no, if_yes = (
                sums.result_with(
                    {i: items[i].settled[good if items[i].weight > 0 else bad] for i in open_}
                )
                for good, bad in ((NO, YES), (YES, NO))
            )
        question = playbook.questions.get(name)
        # Without a title of its own it has that of the first item that it keeps open.
        title = question.title if question else items[open_[0]].title
        swing = (abs(if_yes.low - if_no.low) + abs(if_yes.high - if_no.high)) / 2
        asks.append(
            Ask(
                question=name,
                title=title,
                swing=swing,
                if_yes=if_yes.verdict,
                if_no=if_no.verdict,
            )
        )
    return tuple(sorted(asks, key=_rank))


def _tried(playbook: Playbook, name: str) -> tuple[object, ...]:
    """The answers to try; none where there is no end to them.

    Of a flag the favourable one comes last.
    """
    fact, question = playbook.facts[name], playbook.questions.get(name)
    if fact.kind is _FLAG:
        return (False, True)
    if question is None or question.min is None or question.max is None:
        return fact.choices
    return (question.min, question.max)


def _worth(world: CardPoints) -> tuple[bool, float]:
    """By what answers are put in order: a knock-out is worse than any points are good."""
    return world.out is not YES, world.low + world.high


def _rank(ask: Ask) -> tuple[int, float]:
    return -(ask.if_yes != UNDECIDED) - (ask.if_no != UNDECIDED), -ask.swing
