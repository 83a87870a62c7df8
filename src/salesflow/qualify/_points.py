"""Counting a card: what each item earns, the interval, and the band that is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from typing import Final, NamedTuple, Protocol, TypeAlias, cast

from salesflow._arguments import day, instance, mapping, zone
from salesflow.errors import FactError
from salesflow.facts import NOT_APPLICABLE, FactKind
from salesflow.playbook import Band, Instrument, Playbook, Scorecard, ScoreItem
from salesflow.qualify._answers import A_DEALS_FACTS
from salesflow.rules import Rule, Verdict, canonical
from salesflow.rules._values import reader_of

A_CARD: Final = 'take one of the playbook: playbook.scorecards["bant"]'

Source: TypeAlias = Scorecard | Instrument
"""What facts follow from: the points of a card, and whether an instrument is complete by a rule."""

UNDECIDED: Final = "undecided"
"""The verdict while the answers that are missing could still change it."""


class Earned(NamedTuple):
    """What one item earns: certain and possible points, whether it holds, if it applies."""

    low: float
    high: float
    verdict: Verdict
    applies: bool = True


class _State(Protocol):
    """What one item earns, or contributes."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def applies(self) -> bool: ...


class CardPoints(NamedTuple):
    """What a card comes to."""

    low: float
    high: float
    verdict: str


def settled(item: ScoreItem, verdict: Verdict) -> Earned:
    """What the item earns where it holds, does not, or may; a number at its two ends."""
    if verdict is Verdict.UNKNOWN:
        return Earned(item.least, item.most, verdict)
    points = item.yes if verdict is Verdict.YES else item.no
    return Earned(points, points, verdict)


def earned(item: ScoreItem, facts: Mapping[str, object], as_of: date | None, tz: str) -> Earned:
    """What one item earns."""
    verdict = item.rule.verdict(facts, as_of, tz=tz)
    if verdict is Verdict.UNKNOWN and item.skipped and _is_left_out(item, facts):
        return Earned(0.0, 0.0, verdict, applies=False)
    if item.points is None or verdict is Verdict.UNKNOWN:
        return settled(item, verdict)
    number = cast("float", canonical(FactKind.NUMBER, facts[item.points]))  # its rule has read it
    # The order of the bounds and the product is that of the columns of a frame.
    points = 0.0 + min(max(number, item.min), item.max) * item.weight
    return Earned(points, points, verdict)


def _is_left_out(item: ScoreItem, facts: Mapping[str, object]) -> bool:
    """All that it lacks does not apply, so that nothing will ever decide it."""
    lacking = {
        name
        for name, fact in item.rule.reads.items()
        if reader_of(fact, UTC)(facts.get(name)) is None
    }
    return bool(lacking) and lacking <= does_not_apply(item, facts)


def does_not_apply(item: ScoreItem, facts: Mapping[str, object]) -> set[str]:
    """The questions that an item reads and that do not apply."""
    return {name for name in item.skipped if facts.get(f"{NOT_APPLICABLE}{name}") is True}


def total_of(card: Scorecard, states: Iterable[_State]) -> float:
    """The points that all items together can earn, of those that apply."""
    left_out = [item.most for item, s in zip(card.items, states, strict=True) if not s.applies]
    return card.total - sum(left_out)


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


def result_of(card: Scorecard, states: Iterable[Earned]) -> CardPoints:
    """The interval and the verdict.

    Knock-outs come first: one that fails settles the verdict, and one that is open may yet send
    the deal to the lowest band.
    """
    low, high, worst, out = added(card, states)
    if out is Verdict.YES:
        return CardPoints(low, high, worst.key)
    at_worst = worst if out is Verdict.UNKNOWN else _band(card.bands, low)
    at_best = _band(card.bands, high)
    return CardPoints(low, high, at_best.key if at_best is at_worst else UNDECIDED)


def possible_bands(card: Scorecard, states: Iterable[_State]) -> tuple[Band, ...]:
    """The bands that the card can still end in, lowest first."""
    low, high, worst, out = added(card, states)
    if out is Verdict.YES:
        return (worst,)
    first, last = (card.bands.index(_band(card.bands, points)) for points in (low, high))
    between = card.bands[first : last + 1]
    return between if out is Verdict.NO or worst in between else (worst, *between)


def added(card: Scorecard, states: Iterable[_State]) -> tuple[float, float, Band, Verdict]:
    """The points, the band of a deal that is knocked out, and whether this one is."""
    # Added one by one, as a frame adds its columns: sum() corrects rounding on newer Pythons.
    low = high = 0.0
    out = Verdict.NO
    for item, state in zip(card.items, states, strict=True):
        low += state.low
        high += state.high
        if item.knock_out and state.verdict is Verdict.NO:
            out = Verdict.YES
        elif item.knock_out and state.verdict is Verdict.UNKNOWN and out is Verdict.NO:
            out = Verdict.UNKNOWN if state.applies else out
    return low, high, card.bands[0], out


def _band(bands: Sequence[Band], points: float) -> Band:
    reached = bands[0]
    for band in bands:
        if band.min <= points:
            reached = band
    return reached


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
    for state in earnings(card, facts, as_of, tz):
        low += state.low
        high += state.high
    return low, high


def facts_read(source: Source) -> frozenset[str]:
    """The facts that the rules of a card or an instrument read."""
    if isinstance(source, Instrument):
        return _rule_of(source).facts
    return frozenset(name for item in source.items for name in item.rule.facts)


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


_FLAGS: Final[Mapping[Verdict, bool | None]] = {Verdict.YES: True, Verdict.NO: False}


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
