"""Scores that admit what they don't know: an interval, a verdict, and what to ask next.

Every item of a scorecard is a rule with points. An item that holds counts in full, one that does
not counts nothing, and one that nobody can decide yet counts nothing in `low` and in full in
`high`. Knock-outs come first: one that fails settles the verdict, whatever the points say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from salesflow.facts import Kind
from salesflow.playbook import Band, Playbook, Scorecard, ScoreItem
from salesflow.rules import Verdict
from salesflow.text import Text

__all__ = ["UNDECIDED", "Ask", "Contribution", "Score", "score"]

UNDECIDED: Final = "undecided"
"""The verdict while the answers that are missing could still change it."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one item of the card adds to the score.

    Attributes:
        verdict: Does the item hold?
        knock_out: Whether a NO settles the card's verdict by itself.
    """

    key: str
    title: Text
    verdict: Verdict
    weight: float
    knock_out: bool

    @property
    def low(self) -> float:
        """Points that are certain."""
        return self.weight if self.verdict is Verdict.YES else 0.0

    @property
    def high(self) -> float:
        """Points that are still possible."""
        return 0.0 if self.verdict is Verdict.NO else self.weight


@dataclass(frozen=True, slots=True)
class Ask:
    """A question worth asking next.

    Attributes:
        question: The fact that is not known, for instance `tas.compelling_event`.
        swing: How many points lie between the favourable and the unfavourable answer.
        if_yes: The card's verdict if the answer is favourable and nothing else changes.
        if_no: The same if the answer is unfavourable.
    """

    question: str
    title: Text
    swing: float
    if_yes: str
    if_no: str

    def __str__(self) -> str:
        return self.question


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one deal on one card.

    Attributes:
        low: Points if every unknown answer turns out unfavourable.
        high: Points if every unknown answer turns out favourable.
        total: Points of the whole card.
        verdict: The key of the band that the score is certain to be in, or `"undecided"`.
        coverage: Share of the points that is decided, 0 to 1.
        unknown: The facts that the card reads and nobody knows, in the card's order.
        reasons: Why the verdict is what it is, in sentences.
        ask_next: Questions that can still change the verdict: first those whose answer would
            settle it, then by the points they move. Empty once the verdict is settled.
        contributions: One entry per item, in the card's order.
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
        FactError: A fact is of the wrong kind, or a rule uses time and `as_of` is None.
    """
    verdicts = {item.key: item.rule.verdict(facts, as_of, tz=tz) for item in card.items}
    contributions = tuple(
        Contribution(item.key, item.title, verdicts[item.key], item.weight, item.knock_out)
        for item in card.items
    )
    low, high = _interval(card, verdicts)
    verdict = _verdict(card, verdicts)
    unknown = _unknown(playbook, card, verdicts, facts)
    return Score(
        card=card.key,
        low=low,
        high=high,
        total=card.total,
        verdict=verdict,
        coverage=_coverage(card, verdicts),
        unknown=unknown,
        reasons=_reasons(card, verdicts, (low, high), unknown),
        ask_next=_ask_next(playbook, card, verdicts, facts, as_of, tz, unknown)
        if verdict == UNDECIDED
        else (),
        contributions=contributions,
    )


def _interval(card: Scorecard, verdicts: Mapping[str, Verdict]) -> tuple[float, float]:
    # Added one by one, as a frame adds its columns: sum() corrects rounding on newer Pythons.
    low = high = 0.0
    for item in card.items:
        low += item.weight if verdicts[item.key] is Verdict.YES else 0.0
        high += item.weight if verdicts[item.key] is not Verdict.NO else 0.0
    return low, high


def _coverage(card: Scorecard, verdicts: Mapping[str, Verdict]) -> float:
    decided = sum(item.weight for item in card.items if verdicts[item.key] is not Verdict.UNKNOWN)
    return decided / card.total


def _band(card: Scorecard, points: float) -> Band:
    reached = [band for band in card.bands if band.min <= points]
    return reached[-1] if reached else card.bands[0]


def _verdict(card: Scorecard, verdicts: Mapping[str, Verdict]) -> str:
    knock_outs = [verdicts[item.key] for item in card.items if item.knock_out]
    worst = card.bands[0].key
    if Verdict.NO in knock_outs:
        return worst
    low, high = _interval(card, verdicts)
    # A knock-out that is still open may yet send the deal to the lowest band.
    at_worst = worst if Verdict.UNKNOWN in knock_outs else _band(card, low).key
    at_best = _band(card, high).key
    return at_best if at_best == at_worst else UNDECIDED


def _unknown(
    playbook: Playbook,
    card: Scorecard,
    verdicts: Mapping[str, Verdict],
    facts: Mapping[str, object],
) -> tuple[str, ...]:
    missing: dict[str, None] = {}
    for item in card.items:
        if verdicts[item.key] is Verdict.UNKNOWN:
            read = sorted(item.rule.facts, key=item.rule.text.find)
            missing.update({name: None for name in read if _is_missing(playbook, facts, name)})
    return tuple(missing)


def _is_missing(playbook: Playbook, facts: Mapping[str, object], name: str) -> bool:
    value = facts.get(name)
    if playbook.facts[name].kind is Kind.FLAG:
        return value not in (True, False, "+", "-")
    return value is None


def _ask_next(
    playbook: Playbook,
    card: Scorecard,
    verdicts: Mapping[str, Verdict],
    facts: Mapping[str, object],
    as_of: date | None,
    tz: str,
    unknown: Iterable[str],
) -> tuple[Ask, ...]:
    asks = []
    for name in unknown:
        open_items = [
            item
            for item in card.items
            if verdicts[item.key] is Verdict.UNKNOWN and name in item.rule.facts
        ]
        is_flag = playbook.facts[name].kind is Kind.FLAG
        yes, no = (
            {
                **verdicts,
                **{
                    item.key: item.rule.verdict({**facts, name: answer}, as_of, tz=tz)
                    if is_flag
                    else (Verdict.YES if answer else Verdict.NO)
                    for item in open_items
                },
            }
            for answer in (True, False)
        )
        (low_yes, high_yes), (low_no, high_no) = _interval(card, yes), _interval(card, no)
        asks.append(
            Ask(
                question=name,
                title=_title(playbook, name, open_items),
                swing=(abs(low_yes - low_no) + abs(high_yes - high_no)) / 2,
                if_yes=_verdict(card, yes),
                if_no=_verdict(card, no),
            )
        )
    return tuple(
        sorted(
            asks,
            key=lambda ask: (-(ask.if_yes != UNDECIDED) - (ask.if_no != UNDECIDED), -ask.swing),
        )
    )


def _title(playbook: Playbook, name: str, items: Iterable[ScoreItem]) -> Text:
    checklist, _, question = name.partition(".")
    if checklist in playbook.checklists:
        for entry in playbook.checklists[checklist].questions:
            if entry.key == question:
                return entry.title
    return next(iter(items)).title


def _reasons(
    card: Scorecard,
    verdicts: Mapping[str, Verdict],
    interval: tuple[float, float],
    unknown: tuple[str, ...],
) -> tuple[Text, ...]:
    reasons = []
    for item in card.items:
        if item.knock_out and verdicts[item.key] is Verdict.NO:
            reasons.append(
                Text(
                    en=f"Knock-out: {item.title.get('en')}.",
                    zh=f"一票否决：{item.title.get('zh')}。",
                )
            )
        elif item.knock_out and verdicts[item.key] is Verdict.UNKNOWN:
            reasons.append(
                Text(
                    en=f"Still open and able to knock the deal out: {item.title.get('en')}.",
                    zh=f"尚未确认，且可一票否决：{item.title.get('zh')}。",
                )
            )
    low, high = (f"{points:g}" for points in interval)
    points = low if low == high else f"{low}–{high}"
    best = card.bands[-1]
    reasons.append(
        Text(
            en=f"{points} of {card.total:g} points; {best.title.get('en')} starts at {best.min:g}.",
            zh=f"得分 {points}（满分 {card.total:g}）；"
            f"“{best.title.get('zh')}”从 {best.min:g} 分起。",
        )
    )
    if unknown:
        count = len(unknown)
        reasons.append(
            Text(
                en=f"{count} {'answer is' if count == 1 else 'answers are'} not known.",
                zh=f"还有 {count} 个问题没有答案。",
            )
        )
    return tuple(reasons)
