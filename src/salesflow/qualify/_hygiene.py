"""Pipeline hygiene of a playbook: the rules of any pipeline, and the limits of its own places.

Whether a deal is one row of a frame or a record on its own, the same rules are asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from salesflow.errors import Severity
from salesflow.facts import Fact, FactKind, Facts
from salesflow.playbook import Playbook, Position, Stage, SubStage
from salesflow.playbook._fact_words import fact_words
from salesflow.playbook._kept import kept_with_playbook
from salesflow.qualify._hygiene_facts import (
    CONVERTIBLE,
    LISTED,
    PART_AGE,
    STAGE_AGE,
    UNREAD,
    hygiene_facts,
    rested_in,
    track_age,
)
from salesflow.qualify._hygiene_rows import HYGIENE, HygieneGroup
from salesflow.rules import Rule
from salesflow.rules.ast import And, Flag, Known, Name, Node, Not, Or
from salesflow.text import Text, both, filled


@dataclass(frozen=True, slots=True, eq=False)
class HygieneRule:
    """What ought to hold of some deals.

    Attributes:
        name: Its key is `hygiene.<name>`.
        rule: YES is fine.
        title: The same, in words.
        group: The deals that it is asked of.
        severity: `error`, or `warning` for what is advisory.
        places: Further, only those in one of these stages and sub-stages; None: in any.
        when: Further, only those of which this is not NO.
        needs: Facts without which it is not asked, though the rule alone could be decided.
        later: It is asked of a row that lies after the day of the check, too: it looks for such.
    """

    name: str
    rule: Rule
    title: Text
    group: HygieneGroup = "open"
    severity: Severity = "error"
    places: tuple[tuple[str, str | None], ...] | None = None
    when: Rule | None = None
    needs: tuple[str, ...] = ()
    later: bool = False


@kept_with_playbook
def hygiene_rules(playbook: Playbook) -> tuple[HygieneRule, ...]:
    """The rules that depend on nothing but the playbook and its limits: they are parsed once."""
    facts = hygiene_facts(playbook)
    limits = playbook.hygiene
    words = {"activity_days": limits.activity_days, "pushes": limits.pushes}
    rules = (
        HygieneRule(
            row.name,
            Rule.parse(row.rule.format(**words), facts),
            filled(row.title, **words),
            row.group,
            row.severity,
            when=Rule.parse(row.when, facts) if row.when else None,
            needs=row.needs,
            later=row.later,
        )
        for row in HYGIENE
        if row.name != "ended_has_outcome" or _ends_with_outcome(playbook)
    )
    return (*rules, *_by_stage(playbook, facts), *_by_track(playbook, facts))


def _ends_with_outcome(playbook: Playbook) -> bool:
    """Whether no deal can come to the end of the process without having been won."""
    return all(
        _wins(playbook, place) or any(it.stage.wins for it in playbook.must_have_left(place.key))
        for place in playbook.positions
        if place.final
    )


def _wins(playbook: Playbook, last: Position) -> bool:
    """Whether a deal is won that ends here: its stage is marked so, or none is."""
    if any(stage.wins for stage in playbook.stages):
        return last.stage.wins
    return playbook.next_of(last.key) is None


_RATE: Final = both(
    en="There is a rate from the amount's currency into {currency}",
    zh="有从金额币种到 {currency} 的汇率",
)
_RATE_OF: Final = both(
    en="There is a rate from the currency of {name} into {currency}",
    zh="有从{name}币种到 {currency} 的汇率",
)
_QUOTED: Final = both(en="“{name}”", zh="“{name}”")
_A_NUMBER: Final = both(en="a number", zh="数字")
_A_DAY: Final = both(en="a day in the form of its column", zh="与本列写法一致的日期")
_IS_ALLOWED: Final = both(
    en="{name}, where it is given, is {allowed}", zh="{name}如已填写，应为{allowed}"
)


def rules_of_values(
    playbook: Playbook, facts: Facts, listed: Sequence[str], converted: Sequence[str]
) -> Iterator[HygieneRule]:
    """The rules for the values that are given.

    `listed` are the facts that cannot have any value and that are given, each with a flag
    `listed.<fact>` that says whether it is one that it can have; `converted` the amounts that may
    be in another currency, each with a flag `<fact>.convertible`.
    """
    for amount in converted:
        key, phrase = "amount_convertible", _RATE
        if amount != "amount":
            key, phrase = f"convertible.{amount}", _RATE_OF
        called = playbook.fact_titles.get(amount) or both(en=amount, zh=amount)
        title = filled(phrase, name=called, currency=playbook.currency)
        rule = Rule.of(Flag(f"{amount}{CONVERTIBLE}"), facts)
        yield HygieneRule(key, rule, title, group="all")
    for fact in listed:
        name = _called(playbook, facts[fact])
        title = filled(_IS_ALLOWED, name=name, allowed=facts[fact].allowed)
        rule = Rule.of(Flag(f"{LISTED}.{fact}"), facts)
        key = "allowed" if facts[fact].enforced else "known_values"
        yield HygieneRule(f"{key}.{fact}", rule, title, group="all")


def rules_of_unread(playbook: Playbook, facts: Facts) -> Iterator[HygieneRule]:
    """The rules for texts that were put aside as no numbers and no days, each a fact of its own."""
    for name in facts:
        stem = name.removesuffix(UNREAD)
        if stem != name and stem in facts:
            is_number = facts[stem].kind in {FactKind.NUMBER, FactKind.MONEY}
            what = _A_NUMBER if is_number else _A_DAY
            title = filled(_IS_ALLOWED, name=_called(playbook, facts[stem]), allowed=what)
            rule = Rule.of(Not(Known(Name(name, FactKind.TEXT))), facts)
            yield HygieneRule(f"readable.{stem}", rule, title, group="all", needs=(name,))


def _called(playbook: Playbook, fact: Fact) -> Text:
    """What people call a fact, at the beginning of a sentence."""
    title = playbook.fact_titles.get(fact.name)
    if title is None:
        return _fact_words(playbook).get(fact.name) or both(en=fact.name, zh=fact.name)
    if fact.kind is FactKind.FLAG:
        return filled(_QUOTED, name=title)
    words = title.get("en")
    return both(en=words[:1].upper() + words[1:], zh=title.get("zh"))


@kept_with_playbook
def _fact_words(playbook: Playbook) -> Mapping[str, Text]:
    return fact_words(playbook)


_STAY: Final = both(
    en="The deal has not been where it stands for longer than that allows",
    zh="项目在当前位置的停留未超过规定天数",
)
_STAGE_AGE: Final = both(
    en="The deal has not been in its stage for longer than the stage allows",
    zh="项目在当前阶段的停留未超过规定天数",
)
_PART_AGE: Final = both(
    en="The deal has not been in its sub-stage for longer than that allows",
    zh="项目在当前子阶段的停留未超过规定天数",
)
_NEAR_STAGE: Final = both(
    en="The probability is near that of the stage", zh="赢率与所处阶段的赢率接近"
)


def _by_stage(playbook: Playbook, facts: Facts) -> Iterator[HygieneRule]:
    """The limits that each stage has of its own; stages without one are not subject to them."""
    for name, age, title, limited in (
        # The limit of a stage is that of the whole stay, in whichever part of it the deal is.
        ("stage_age", STAGE_AGE, _STAGE_AGE, _stages_and_parts(playbook)),
        ("sub_stage_age", PART_AGE, _PART_AGE, _parts(playbook)),
    ):
        limits = {
            (stage.key, None if part is None else part.key): _within(playbook, age, limit)
            for stage, part, limit in limited
            if limit is not None
        }
        yield from _at_places(limits, facts, name, title, rested_in(age)[0])
    chances = {
        (stage.key, None if part is None else part.key): _near(playbook, chance)
        for stage, part, chance in _chances(playbook)
        if chance is not None
    }
    yield from _at_places(chances, facts, "probability_near_stage", _NEAR_STAGE, "probability")


def stay_rule(playbook: Playbook, name: str, limits: Mapping[str, int]) -> HygieneRule:
    """That open deals have been no longer than so many days in some stages and sub-stages.

    Args:
        playbook: The process.
        name: What the rule is called.
        limits: Days, by the keys of stages, each for the whole stay in it, and of sub-stages.
    """
    facts = hygiene_facts(playbook)
    texts: list[str] = []
    places: list[tuple[str, str | None]] = []
    needs: dict[str, None] = {}
    for stage in playbook.stages:
        here = [(stage.key, None), *((stage.key, part.key) for part in stage.sub_stages)]
        for _, part in here:
            key, age = (stage.key, STAGE_AGE) if part is None else (part, PART_AGE)
            if key in limits:
                elsewhere = f'stage != "{stage.key}"'
                elsewhere += "" if part is None else f' or sub_stage != "{part}"'
                texts.append(f"{elsewhere} or {_within(playbook, age, limits[key])}")
                needs[rested_in(age)[0]] = None
        places += here if stage.key in limits else [it for it in here if it[1] in limits]
    rule = Rule.of(And(tuple(_node(text, facts) for text in texts)), facts)
    return HygieneRule(name, rule, _STAY, places=tuple(places), needs=tuple(needs))


def _stages_and_parts(playbook: Playbook) -> Iterator[tuple[Stage, SubStage | None, int | None]]:
    for stage in playbook.stages:
        for part in (None, *stage.sub_stages):
            yield stage, part, stage.max_days


def _parts(playbook: Playbook) -> Iterator[tuple[Stage, SubStage, int | None]]:
    for stage in playbook.stages:
        for part in stage.sub_stages:
            yield stage, part, part.max_days


def _chances(playbook: Playbook) -> Iterator[tuple[Stage, SubStage | None, float | None]]:
    for stage in playbook.stages:
        found = [
            (part, stage.probability if part.probability is None else part.probability)
            for part in stage.sub_stages
        ]
        # Where only the stage is known, its sub-stages must agree on one.
        agreed = {chance for _, chance in found} or {stage.probability}
        yield stage, None, agreed.pop() if len(agreed) == 1 else None
        for part, chance in found:
            yield stage, part, chance


def _within(playbook: Playbook, age: str, days: int) -> str:
    """An age within its limit; where clocks rest, the days alone may say so already."""
    plain = f"days_since({rested_in(age)[0]}) <= {days}"
    return f"({plain} or {age} <= {days})" if playbook.policy.pause_on_hold else plain


def _near(playbook: Playbook, chance: float) -> str:
    tolerance = playbook.hygiene.probability_tolerance
    # Rounded: 0.1 + 0.25 is a little more than 0.35, and a text holds 15 digits.
    low, high = round(chance - tolerance, 6), round(chance + tolerance, 6)
    return f"{low} <= probability <= {high}"


def _at_places(
    limits: dict[tuple[str, str | None], str], facts: Facts, name: str, title: Text, fact: str
) -> Iterator[HygieneRule]:
    """One rule of what is to hold at each place."""
    if not limits:
        return
    wheres: dict[str, list[Node]] = {}
    for (stage, part), text in limits.items():
        where = f'stage == "{stage}"'
        if part is not None:
            where += f' and sub_stage == "{part}"'
        wheres.setdefault(text, []).append(_node(where, facts))
    # As trees: a process of many stages is longer than a written rule may be.
    ways: list[Node] = [
        And((Or(tuple(places)), _node(text, facts))) for text, places in wheres.items()
    ]
    # Whatever is not at one place is at another, so that the limits alone decide.
    yield HygieneRule(
        name,
        Rule.of(Or(tuple(ways)), facts),
        title,
        severity="warning",
        places=tuple(limits),
        needs=(fact,),
    )


_TRACK_AGE: Final = both(
    en="{track}: it has not been in its state for longer than that allows",
    zh="{track}：在当前状态的停留未超过规定天数",
)


def _by_track(playbook: Playbook, facts: Facts) -> Iterator[HygieneRule]:
    """The limits of the states of each track, for deals where it stands in such a state."""
    for key, track in playbook.tracks.items():
        name = f"track.{key}"
        limits = {it.key: it.max_days for it in track.states if it.max_days is not None}
        if limits:
            age = track_age(key)
            here = {state: f'{name} == "{state}"' for state in limits}
            rules = [
                f"{here[state]} and {_within(playbook, age, days)}"
                for state, days in limits.items()
            ]
            yield HygieneRule(
                f"track_age_{key}",
                Rule.of(_any(rules, facts), facts),
                filled(_TRACK_AGE, track=track.title),
                severity="warning",
                when=Rule.of(_any(here.values(), facts), facts),
                needs=(name, rested_in(age)[0]),
            )


def _any(texts: Iterable[str], facts: Facts) -> Node:
    return Or(tuple(_node(text, facts) for text in texts))


def _node(text: str, facts: Facts) -> Node:
    return Rule.parse(text, facts).node
