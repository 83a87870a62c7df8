"""Counting a card: what each item earns, the interval, and the band that is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias, cast

from salesflow._arguments import day, instance, mapping, zone
from salesflow.errors import FactError
from salesflow.facts import NOT_APPLICABLE, Fact, FactKind
from salesflow.playbook import Band, Instrument, Playbook, Scorecard, ScoreItem
from salesflow.playbook._model_assets import Earned
from salesflow.qualify._answers import A_DEALS_FACTS
from salesflow.rules import Rule, Verdict
from salesflow.rules._values import reader, reader_of

A_CARD: Final = 'take one of the playbook: playbook.scorecards["bant"]'

Source: TypeAlias = Scorecard | Instrument
"""What facts follow from: the points of a card, and whether an instrument is complete by a rule."""

UNDECIDED: Final = "undecided"
"""The verdict while the answers that are missing could still change it."""

# On older Pythons it takes longer to ask an enum for a member than a rule for its verdict.
YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
_number: Final = reader(FactKind.NUMBER, (), UTC)


class CardPoints(NamedTuple):
    """What a card comes to: the interval, the verdict, and whether the deal is knocked out."""

    low: float
    high: float
    verdict: str
    out: Verdict


def earned(item: ScoreItem, facts: Mapping[str, object], as_of: date | None, tz: str) -> Earned:
    """What one item earns."""
    verdict = item.rule.verdict(facts, as_of, tz=tz)
    if verdict is UNKNOWN:
        if item.skipped and _is_left_out(item, facts):
            return Earned(0.0, 0.0, verdict, applies=False)
    elif item.points is not None:
        number = cast("float", _number(facts[item.points]))  # its rule has read it
        # The order of the bounds and the product is that of the columns of a frame.
        points = 0.0 + min(max(number, item.min), item.max) * item.weight
        return Earned(points, points, verdict)
    return item.settled[verdict]


def _is_left_out(item: ScoreItem, facts: Mapping[str, object]) -> bool:
    """All that it lacks does not apply, so that nothing will ever decide it."""
    lacking = lacking_of(item, facts)
    return bool(lacking) and does_not_apply(item, facts).issuperset(lacking)


def lacking_of(item: ScoreItem, facts: Mapping[str, object]) -> list[str]:
    """The facts that an item reads and nobody knows: NaN and blank texts are not known."""
    return [name for name, fact in item.rule.reads.items() if is_missing(fact, facts)]


def is_missing(fact: Fact, facts: Mapping[str, object]) -> bool:
    """Whether nobody knows this fact, as rules see it."""
    value = facts.get(fact.name)
    return value is None or reader_of(fact, UTC)(value) is None


def does_not_apply(item: ScoreItem, facts: Mapping[str, object]) -> set[str]:
    """The questions that an item reads and that do not apply."""
    return {name for name in item.skipped if facts.get(f"{NOT_APPLICABLE}{name}") is True}


def decided(card: Scorecard, states: Iterable[Earned]) -> tuple[float, float]:
    """The points that all items that apply can earn, and the share of the card that is decided."""
    found = skipped = left_out = 0.0
    some = False
    for item, reach, state in zip(card.items, card.reaches, states, strict=True):
        if state.verdict is not UNKNOWN:
            found += reach
        elif not state.applies:
            skipped += reach
            left_out += item.most
            continue
        some = True
    return card.total - left_out, found / (card.reach - skipped) if some else 1.0


def earnings(
    card: Scorecard, facts: Mapping[str, object], as_of: date | None, tz: str
) -> list[Earned]:
    """What every item earns, in order.

    Raises:
        FactError: Facts are of the wrong kind, each of them listed, or a rule uses time and
            `as_of` is None.
    """
    try:
        return [earned(item, facts, as_of, tz) for item in card.items]
    except FactError:
        problems = {}
        for item in card.items:
            try:
                earned(item, facts, as_of, tz)
            except FactError as error:
                problems.update({problem.path: problem for problem in error.problems})
        if not problems:
            raise
        raise FactError(
            "Facts of the wrong kind were given.", problems=[*problems.values()]
        ) from None


class Sums:
    """The points of a card, which are added one by one, as a frame adds its columns.

    sum() corrects rounding on newer Pythons. The sums on the way are kept, so that where some items
    earn something else the others before them are not added again.
    """

    __slots__ = ("_card", "_highs", "_lows", "_states")

    def __init__(self, card: Scorecard, states: Sequence[Earned]) -> None:
        self._card = card
        self._states = states
        self._lows = list(accumulate([state.low for state in states], initial=0.0))
        self._highs = list(accumulate([state.high for state in states], initial=0.0))

    def result(self) -> CardPoints:
        """The interval and the verdict."""
        return _result(self._card, self._states, self._lows[-1], self._highs[-1])

    def result_with(self, changed: Mapping[int, Earned]) -> CardPoints:
        """The same, where items earn something else: by their places, in the card's order."""
        states = [*self._states]
        for place, state in changed.items():
            states[place] = state
        first = next(iter(changed))
        low, high = self._lows[first], self._highs[first]
        for more, most, _, _ in states[first:]:
            low += more
            high += most
        return _result(self._card, states, low, high)


def _result(card: Scorecard, states: Sequence[Earned], low: float, high: float) -> CardPoints:
    """The points with the verdict.

    Knock-outs come first: one that fails settles the verdict, and one that is open may yet send
    the deal to the lowest band.
    """
    out, worst = _knocked_out(card, states), card.bands[0]
    if out is YES:
        return CardPoints(low, high, worst.key, out)
    at_worst = worst if out is UNKNOWN else _band(card.bands, low)
    at_best = _band(card.bands, high)
    return CardPoints(low, high, at_best.key if at_best is at_worst else UNDECIDED, out)


def possible_bands(card: Scorecard, states: Sequence[Earned]) -> tuple[Band, ...]:
    """The bands that the card can still end in, lowest first."""
    low, high, _, out = Sums(card, states).result()
    worst = card.bands[0]
    if out is YES:
        return (worst,)
    first, last = (card.bands.index(_band(card.bands, points)) for points in (low, high))
    between = card.bands[first : last + 1]
    return between if out is NO or worst in between else (worst, *between)


def _knocked_out(card: Scorecard, states: Sequence[Earned]) -> Verdict:
    """Whether the deal is knocked out; UNKNOWN where it may yet be."""
    found = NO
    for place in card.knock_outs:
        state = states[place]
        if state.verdict is NO:
            return YES
        if state.verdict is UNKNOWN and state.applies:
            found = UNKNOWN
    return found


def _band(bands: Sequence[Band], points: float) -> Band:
    for band in reversed(bands):
        if band.min <= points:
            return band
    return bands[0]


def day_of(as_of: date | None, tz: str) -> date | None:
    """The day on which rules that use time are decided; both arguments are checked."""
    place = zone(tz)
    return None if as_of is None else day(as_of, "as_of", place)


def interval(
    card: Scorecard, facts: Mapping[str, object], as_of: date | None = None, *, tz: str = "UTC"
) -> tuple[float, float]:
    """Only the points, certain and possible: the `low` and `high` of `score`, and faster.

    Raises:
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        FactError: A fact is of the wrong kind, or a rule uses time and `as_of` is None.
    """
    instance(card, Scorecard, "card", A_CARD)
    today = day_of(as_of, tz)
    mapping(facts, "facts", A_DEALS_FACTS, required=True)
    return points_of(card, facts, today, tz)


def points_of(
    card: Scorecard, facts: Mapping[str, object], as_of: date | None, tz: str
) -> tuple[float, float]:
    """As `interval`, for arguments that were read already."""
    low = high = 0.0
    for more, most, _, _ in earnings(card, facts, as_of, tz):
        low += more
        high += most
    return low, high


def facts_read(source: Source) -> frozenset[str]:
    """The facts that the rules of a card or an instrument read."""
    if isinstance(source, Instrument):
        return _rule_of(source).facts
    return frozenset(source.readers)


def _rule_of(instrument: Instrument) -> Rule:
    return cast("Rule", instrument.check_rule)  # else nothing would follow from it


def uses_time(source: Source) -> bool:
    """Whether what follows from a card or an instrument depends on the day."""
    if isinstance(source, Instrument):
        return _rule_of(source).uses_time
    return any(item.rule.uses_time for item in source.items)


def sources_of(playbook: Playbook, facts: Iterable[str]) -> tuple[Source, ...]:
    """What has to be worked out for these facts, each after what it reads itself.

    That is the cards whose points are among them, and the instruments that follow from a rule.
    """
    found: dict[str, Source] = {}

    def visit(names: Iterable[str]) -> None:
        for name in sorted(names):
            head, _, rest = name.partition(".")
            source: Source | None = None
            if head == "score":
                key = rest.rpartition(".")[0]
                source = playbook.scorecards.get(key)
            elif head == "done":
                key = rest
                source = playbook.instruments.get(key)
                source = None if source is None or source.check_rule is None else source
            if source is not None and f"{head}.{source.key}" not in found:
                visit(facts_read(source))  # the lint refuses circles
                found[f"{head}.{source.key}"] = source

    visit(facts)
    return tuple(found.values())


_FLAGS: Final[Mapping[Verdict, bool | None]] = {YES: True, NO: False}


def worked_out(
    sources: Iterable[Source], facts: Mapping[str, object], as_of: date | None, tz: str
) -> dict[str, float | bool | None]:
    """The facts that follow from cards and instruments; later ones read those of earlier ones."""
    known = dict(facts)
    found: dict[str, float | bool | None] = {}
    for source in sources:
        new: dict[str, float | bool | None] = {}
        if isinstance(source, Scorecard):
            low, high = points_of(source, known, as_of, tz)
            new = {f"score.{source.key}.low": low, f"score.{source.key}.high": high}
        else:
            verdict = _rule_of(source).verdict(known, as_of, tz=tz)
            new[f"done.{source.key}"] = _FLAGS.get(verdict)
        known.update(new)
        found.update(new)
    return found
