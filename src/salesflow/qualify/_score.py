"""Scores that admit what they don't know: an interval, a verdict, and what to ask next.

Every item of a scorecard is a rule with points, or a number that counts as points. A rule that
holds counts in full, one that does not counts nothing, and what nobody can decide yet counts
nothing in `low` and in full in `high`; where points are taken away, the other way round. Knock-outs
come first: one that fails settles the verdict, whatever the points say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar, Final, NamedTuple, Self

from pydantic import PrivateAttr, computed_field

from salesflow._arguments import A_PLAYBOOK, instance, mapping
from salesflow._result import LazyResult, Result, keeping, later
from salesflow._show import Html
from salesflow._shown import Printed
from salesflow.errors import FactError, Problem
from salesflow.playbook import Band, Playbook, Scorecard, ScoreItem, Section
from salesflow.playbook._model_assets import Earned
from salesflow.qualify._answers import A_DEALS_FACTS
from salesflow.qualify._next_question import Ask, ask_next, unknown_facts
from salesflow.qualify._points import (
    A_CARD,
    UNDECIDED,
    UNKNOWN,
    YES,
    Sums,
    day_of,
    decided,
    earnings,
    possible_bands,
)
from salesflow.qualify._reasons import reasons
from salesflow.qualify._scenario import with_answers
from salesflow.qualify._score_show import blocks
from salesflow.rules import Verdict
from salesflow.text import Language, Text, both, language_of

_A_SCORE: Final = "make one with score(playbook, card, …)"
_SAME: Final = "Score both on the same card of the same playbook."


class Contribution(Result):
    """What one item of the card adds to the score.

    Attributes:
        key: Key of the item in the scorecard.
        title: What people call the item.
        verdict: Does the item hold? Of a number: is it above its lowest?
        weight: The points that it adds where it holds, or a number at its highest; below 0 where it
            takes points away.
        knock_out: Whether a NO settles the card's verdict by itself.
        low: Points that are certain.
        high: Points that are still possible.
        section: The section of the question that the item asks for.
        most: The points that it can add at most, whatever the answer.
        applies: Not where all that it lacks does not apply to the deal; it is left out then.
    """

    key: str
    title: Text
    verdict: Verdict
    weight: float
    knock_out: bool
    low: float
    high: float
    section: Section | None = None
    most: float = 0.0
    applies: bool = True


class SectionScore(Result):
    """The part of a score that comes from one section of a checklist.

    Attributes:
        key: The section's key; None for the items that belong to no section.
        title: What people call the section.
        low: Points that are certain.
        high: Points that are still possible.
        total: Points of the section.
        unknown: How many of its items are not decided.
    """

    key: str | None
    title: Text
    low: float
    high: float
    total: float
    unknown: int


class _Basis(NamedTuple):
    """What a score was made from, to make another one."""

    playbook: Playbook
    card: Scorecard
    facts: Mapping[str, object]
    as_of: date | None
    tz: str
    states: Sequence[Earned]


class Score(Printed, LazyResult):
    """The score of one deal on one card.

    Attributes:
        card: Key of the scorecard.
        low: Points if everything that is open turns out unfavourable. Each item is taken for
            itself: where several read one answer, no answers may have as few.
        high: Points if everything that is open turns out favourable, each item for itself.
        total: Points of the whole card; what does not apply to the deal is left out.
        verdict: The key of the band that the score is certain to be in, or `"undecided"`.
        coverage: Share of the points that is decided, 0 to 1.
        unknown: The facts that nobody knows and that keep items of the card open, in its order.
        reasons: Why the verdict is what it is, in sentences.
        ask_next: Questions that can still change the verdict: first those whose answer would
            settle it, then by the points they move. Empty once the verdict is settled.
        contributions: One entry per item, in the card's order; they sum to the score.
        problems: Of a deal's score: what is wrong with the deal's facts and team, so that it is
            missing here.
    """

    card: str
    low: float
    high: float
    total: float
    verdict: str
    coverage: float
    unknown: tuple[str, ...]
    reasons: tuple[Text, ...]
    ask_next: tuple[Ask, ...]
    contributions: tuple[Contribution, ...]
    problems: tuple[Problem, ...] = ()
    _local: ClassVar[bool] = True
    _basis: _Basis = PrivateAttr()

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know it over a property
    @property
    def sections(self) -> tuple[SectionScore, ...]:
        """The score by section, in the card's order; the sections sum to the score.

        Empty where no item belongs to a section.
        """
        groups: dict[Section | None, list[Contribution]] = {}
        for item in self.contributions:
            groups.setdefault(item.section, []).append(item)
        if set(groups) == {None}:
            return ()
        return tuple(_section(section, items) for section, items in groups.items())

    @property
    def possible(self) -> tuple[Band, ...]:
        """The bands that the score can still be in, lowest first; one once it is settled."""
        return possible_bands(self._made_from.card, self._made_from.states)

    def if_answered(self, answers: Mapping[str, object]) -> Score:
        """The score that it would be with these answers, everything else as it is.

        Args:
            answers: By fact, for instance `{"tas.compelling_event": "+", "bid.price": 7}`; "?"
                or None takes an answer away.

        Raises:
            UnknownName: There is no such fact, and nothing else is wrong; the nearest name is
                the hint.
            ArgumentError: `answers` is not a mapping.
            FactError: Some answers do not fit their questions, are of the wrong kind, or follow
                from other answers, as `bant.asked` does; `problems` lists all of them, with what
                is allowed.
        """
        basis = self._made_from
        facts = with_answers(
            basis.playbook, basis.card, basis.facts, answers, as_of=basis.as_of, tz=basis.tz
        )
        return score(basis.playbook, basis.card, facts, basis.as_of, tz=basis.tz)

    @property
    def _made_from(self) -> _Basis:
        basis: _Basis = self._kept("_basis")
        return basis

    def versus(self, other: Score) -> ScoreComparison:
        """This score beside another one on the same card: a competitor's, or an earlier one.

        Raises:
            ArgumentError: `other` is not a Score.
            FactError: It is on another card, or on another version of this one whose items,
                weights or knock-outs differ.
        """
        return ScoreComparison.of(self, other)

    @property
    def _card(self) -> Scorecard | None:
        """The card; None where the score was read back."""
        basis: _Basis | None = self._kept_or_none("_basis")
        return basis.card if basis else None

    def _language(self) -> Language:
        titles = (it.title for it in (self._card, *self.contributions) if it)
        return language_of(next(titles, None))

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)


class ItemGap(Result):
    """One item in both scores.

    Attributes:
        low: The least that the first is ahead by, in points; below 0 it may be behind.
        high: The most that it is ahead by.
        key: Key of the item in the scorecard.
        title: What people call the item.
        first: What it adds to the first score.
        second: What it adds to the second.
    """

    key: str
    title: Text
    first: Contribution
    second: Contribution

    @property
    def low(self) -> float:
        return self.first.low - self.second.high

    @property
    def high(self) -> float:
        return self.first.high - self.second.low

    @property
    def changed(self) -> bool:
        """The two are not known to be the same."""
        both_known = Verdict.UNKNOWN not in (self.first.verdict, self.second.verdict)
        return not (both_known and self.first.low == self.second.low)


class ScoreComparison(Result):
    """Two scores on one card.

    Attributes:
        first: For instance ours, or the earlier one.
        second: For instance the competitor's, or the later one.
        items: One entry per item, in the card's order.
    """

    first: Score
    second: Score
    items: tuple[ItemGap, ...]

    @classmethod
    def of(cls, first: Score, second: Score) -> Self:
        """Put two scores side by side.

        Raises:
            ArgumentError: One is not a Score.
            FactError: They are on two cards, or on two versions of one whose items, weights or
                knock-outs differ.
        """
        instance(first, Score, "first", _A_SCORE)
        instance(second, Score, "second", _A_SCORE)
        if first.card != second.card:
            raise FactError(
                f"Scores on {first.card!r} and {second.card!r} cannot be compared.", hint=_SAME
            )
        if _weighted(first) != _weighted(second):
            message = f"The scores are on two versions of {first.card!r}: items, weights or"
            raise FactError(f"{message} knock-outs differ.", hint=_SAME)
        pairs = zip(first.contributions, second.contributions, strict=True)
        items = tuple(
            ItemGap(key=one.key, title=one.title, first=one, second=two) for one, two in pairs
        )
        return cls(first=first, second=second, items=items)

    @property
    def low(self) -> float:
        """The least that the first is ahead by; below 0 it may be behind."""
        return self.first.low - self.second.high

    @property
    def high(self) -> float:
        """The most that the first is ahead by."""
        return self.first.high - self.second.low

    @property
    def ahead(self) -> str | None:
        """`"first"` or `"second"` where no unknown answer can change who has more points."""
        if self.low > 0:
            return "first"
        return "second" if self.high < 0 else None

    @property
    def changed(self) -> tuple[ItemGap, ...]:
        """The items that are not known to be the same."""
        return tuple(item for item in self.items if item.changed)


def _weighted(score: Score) -> list[tuple[str, float, bool]]:
    return [(item.key, item.weight, item.knock_out) for item in score.contributions]


def score(
    playbook: Playbook,
    card: Scorecard,
    facts: Mapping[str, object],
    as_of: date | None = None,
    *,
    tz: str = "UTC",
) -> Score:
    """Score the facts of a deal on one card.

    Args:
        playbook: Where the card's questions have their titles.
        card: One of `playbook.scorecards`.
        facts: As from `facts_of`.
        as_of: The day, for cards whose rules use time.
        tz: The zone in which an instant has its calendar day.

    Raises:
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        FactError: Facts are of the wrong kind, each of them listed; or a rule uses time and `as_of`
            is None.
    """
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    instance(card, Scorecard, "card", A_CARD)
    mapping(facts, "facts", A_DEALS_FACTS, required=True)
    as_of = day_of(as_of, tz)
    states = earnings(card, facts, as_of, tz)
    sums = Sums(card, states)
    low, high, verdict, _ = sums.result()
    total, coverage = decided(card, states)
    unknown = unknown_facts(card, states, facts)
    asks: tuple[Ask, ...] = ()
    if verdict == UNDECIDED:
        asks = ask_next(playbook, card, states, sums, facts, unknown, as_of=as_of, tz=tz)
    return keeping(
        Score(
            card=card.key,
            low=low,
            high=high,
            total=total,
            verdict=verdict,
            coverage=coverage,
            unknown=unknown,
            reasons=later(lambda: reasons(card, states, (low, high), total, unknown)),
            ask_next=asks,
            contributions=later(lambda: tuple(map(_contribution, card.items, states))),
        ),
        _basis=_Basis(playbook, card, dict(facts), as_of, tz, states),
    )


def _contribution(item: ScoreItem, state: Earned) -> Contribution:
    return Contribution(
        key=item.key,
        title=item.title,
        verdict=state.verdict,
        weight=item.settled[YES].high,
        knock_out=item.knock_out,
        low=state.low,
        high=state.high,
        section=item.section,
        most=item.settled[UNKNOWN].high if state.applies else 0.0,
        applies=state.applies,
    )


def telling(score: Score, problems: tuple[Problem, ...]) -> Score:
    """The same score of a deal with whose facts or team something is wrong."""
    return score.model_copy(update={"problems": problems}) if problems else score


def _section(section: Section | None, items: Sequence[Contribution]) -> SectionScore:
    low = high = total = 0.0
    for item in items:
        low += item.low
        high += item.high
        total += item.most
    return SectionScore(
        key=section.key if section else None,
        title=section.title if section else both(en="Other", zh="其他"),
        low=low,
        high=high,
        total=total,
        unknown=sum(item.verdict is Verdict.UNKNOWN and item.applies for item in items),
    )
