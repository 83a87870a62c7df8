"""Cards of every sort against brute force: every way in which what is open may still turn out.

What a rule says of a world is worked out here, from the words of the rule language and not by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.qualify import UNDECIDED, Score, score

World = Mapping[str, Any]
Says = Callable[[World], bool | None]

VALUES: Final[dict[str, list[Any]]] = {
    "q.a": [False, True],
    "q.b": [False, True],
    "q.w": [False, True],
    "q.s": [1, 2, 3],
    "q.t": [-1, 0, 1],
    "q.c": ["road", "rail", "sea"],
    "size": [0.0, 5.0, 20.0],
}
QUESTIONS: Final[list[dict[str, Any]]] = [
    {"key": "a", "title": "A"},
    {"key": "b", "title": "B", "may_not_apply": True},
    {"key": "w", "title": "W", "when": "q.a"},
    {"key": "s", "title": "S", "type": "scale", "min": 1, "max": 3},
    {"key": "t", "title": "T", "type": "scale", "min": -1, "max": 1},
    {"key": "c", "title": "C", "type": "choice", "choices": ["road", "rail", "sea"]},
]


@dataclass(frozen=True)
class Part:
    """A statement of the rule language, and what it says of a world: yes, no, or nothing."""

    text: str
    says: Says
    reads: frozenset[str]


def flag(name: str) -> Part:
    return Part(name, lambda world: world[name], frozenset({name}))


def over(name: str, limit: float) -> Part:
    def says(world: World) -> bool | None:
        return None if world[name] is None else world[name] >= limit

    return Part(f"{name} >= {limit}", says, frozenset({name}))


def one_of(words: list[str]) -> Part:
    listed = ", ".join(f'"{word}"' for word in words)
    name = "q.c"

    def says(world: World) -> bool | None:
        return None if world[name] is None else world[name] in words

    return Part(f"{name} in ({listed},)", says, frozenset({name}))


def turned(part: Part) -> Part:
    def says(world: World) -> bool | None:
        said = part.says(world)
        return None if said is None else not said

    return Part(f"not ({part.text})", says, part.reads)


def at_least(number: int, parts: list[Part]) -> Part:
    """So many of them; all of them is `and`, one of them is `or`."""

    def says(world: World) -> bool | None:
        said = [part.says(world) for part in parts]
        if said.count(True) >= number:
            return True
        return False if said.count(True) + said.count(None) < number else None

    texts = [f"({part.text})" for part in parts]
    text = f"at_least({number}, {', '.join(texts)})"
    if number in (1, len(parts)):
        text = (" or " if number == 1 else " and ").join(texts)
    return Part(text, says, frozenset[str]().union(*(part.reads for part in parts)))


PLAIN: Final = st.one_of(
    st.sampled_from(["q.a", "q.b", "q.w"]).map(flag),
    # A limit that every value keeps, or none, would decide by itself.
    st.sampled_from([("q.s", 2), ("q.s", 3), ("q.t", 0), ("q.t", 1), ("size", 10)]).map(
        lambda pair: over(*pair)
    ),
    st.lists(st.sampled_from(["road", "rail", "sea"]), min_size=1, max_size=2, unique=True).map(
        one_of
    ),
)
STATEMENTS: Final = st.one_of(
    PLAIN,
    PLAIN.map(turned),
    st.builds(
        at_least,
        st.integers(1, 2),
        st.lists(PLAIN, min_size=2, max_size=3, unique_by=lambda part: part.text),
    ),
)
WEIGHTS: Final = st.sampled_from([-2.0, -0.5, 0.5, 1.0, 2.0, 3.0])


@dataclass(frozen=True)
class Item:
    """An item of a card: a statement that earns points, or a number that counts as points."""

    weight: float
    knock_out: bool
    part: Part | None
    points: str = "q.s"

    @property
    def reads(self) -> frozenset[str]:
        """The facts that it reads."""
        return frozenset({self.points}) if self.part is None else self.part.reads

    def written(self, key: str) -> dict[str, Any]:
        """It in a file."""
        said: dict[str, Any] = {"rule": self.part.text} if self.part else {"points": self.points}
        return {
            "key": key,
            "title": key,
            "weight": self.weight,
            "knock_out": self.knock_out,
            **said,
        }

    def earns(self, world: World) -> tuple[float, bool]:
        """Its points in a world where all is known or does not apply, and whether it knocks out."""
        if self.part is not None:
            said = self.part.says(world)
            return (self.weight if said else 0.0), self.knock_out and said is False
        value = world[self.points]
        return value * self.weight, self.knock_out and value == min(VALUES[self.points])


@st.composite
def items(draw: st.DrawFn) -> Item:
    if draw(st.integers(0, 3)) == 0:
        weight = draw(WEIGHTS.filter(lambda it: it > 0))
        points = draw(st.sampled_from(["q.s", "q.t"]))
        return Item(weight, draw(st.booleans()), None, points)
    weight = draw(WEIGHTS)
    # What takes points away where it holds knocks nothing out where it does not.
    return Item(weight, weight > 0 and draw(st.integers(0, 3)) == 0, draw(STATEMENTS))


CARDS: Final = st.lists(items(), min_size=1, max_size=5).filter(
    lambda card: any(item.weight > 0 for item in card)  # else no item earns any points
)
BANDS: Final = [{"key": "no", "min": -30}, {"key": "look", "min": 1.5}, {"key": "go", "min": 3}]
SEEN: Final = st.fixed_dictionaries(
    {name: st.sampled_from([None, None, *values]) for name, values in VALUES.items()}
).map(
    # What is answered counts while nobody knows that its question does not apply.
    lambda seen: seen if seen["q.a"] is not None else {**seen, "q.w": None}
)


def playbook_of(card: list[Item]) -> sf.Playbook:
    """A playbook with the card, and of the bands those that its points can reach."""
    most = sum(
        max(item.weight, 0.0) if item.part else item.weight * max(VALUES[item.points])
        for item in card
    )
    bands = [band for band in BANDS if float(str(band["min"])) <= most]
    document = {
        "id": "cards",
        "version": "1",
        "title": "Cards",
        "stages": [{"key": "only", "title": "Only"}],
        "facts": [{"name": "size", "kind": "number"}],
        "checklists": [{"key": "q", "questions": QUESTIONS}],
        "scorecards": [
            {
                "key": "card",
                "items": [item.written(f"i{number}") for number, item in enumerate(card)],
                "bands": bands,
            }
        ],
    }
    return sf.Playbook.from_json(json.dumps(document))


def completions(card: list[Item], seen: World) -> list[dict[str, Any]]:
    """Every world that what is known leaves open, of what the card reads."""
    read = {name for item in card for name in item.reads}
    names = [name for name in seen if name in read | ({"q.a"} if "q.w" in read else set())]
    options = [VALUES[name] if seen[name] is None else [seen[name]] for name in names]
    found = []
    for values in product(*options):
        world = dict(seen) | dict(zip(names, values, strict=True))
        if world["q.a"] is False:
            world["q.w"] = None  # it does not apply there, whatever was answered
        found.append(world)
    return found


def counted(card: list[Item], bands: tuple[Any, ...], world: World) -> tuple[float, str]:
    """The points and the band of a world."""
    earned = [item.earns(world) for item in card]
    points = sum(it for it, _ in earned)
    fitting = [band.key for band in bands if band.min <= points] or [bands[0].key]
    return points, bands[0].key if any(out for _, out in earned) else fitting[-1]


def apart(card: list[Item]) -> bool:
    """Whether no two items read the same, nor one twice, so that each turns out for itself."""
    texts = [(item.part.text, item) for item in card if item.part is not None]
    if any(text.count("q.") + text.count("size") != len(item.reads) for text, item in texts):
        return False
    reads = [item.reads | ({"q.a"} if "q.w" in item.reads else set()) for item in card]
    alone = all(one.isdisjoint(other) for one, other in combinations(reads, 2))
    return alone and not any({"q.a", "q.w"} <= item.reads for item in card)


def middle(found: list[tuple[float, str]]) -> tuple[float, float, str]:
    """The least and the most points of several worlds, and the band if all have one."""
    points = [it for it, _ in found]
    bands = {band for _, band in found}
    return min(points), max(points), bands.pop() if len(bands) == 1 else UNDECIDED


def holds(result: Score, found: list[tuple[float, str]]) -> None:
    """The interval has every world in it, and a verdict that is given is that of all of them."""
    low, high, band = middle(found)
    assert result.low <= low + 1e-9
    assert high <= result.high + 1e-9
    assert result.verdict in (UNDECIDED, band)


@given(card=CARDS, seen=SEEN)
def test_a_score_is_true_in_every_world_that_is_still_possible(
    card: list[Item], seen: dict[str, Any]
) -> None:
    book = playbook_of(card)
    bands = book.scorecards["card"].bands
    facts = {name: value for name, value in seen.items() if value is not None}
    result = score(book, book.scorecards["card"], applied(seen, facts))
    worlds = completions(card, seen)
    holds(result, [counted(card, bands, world) for world in worlds])
    for name, values in VALUES.items():
        if seen[name] is None and name in book.questions and name in result.unknown:
            for value in values:
                told = "+" if value is True else "-" if value is False else value
                then = [counted(card, bands, it) for it in worlds if it[name] == value]
                if then:
                    holds(result.if_answered({name: told}), then)


def applied(seen: World, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with what a rule says of the question that it is about."""
    flags = {True: False, False: True, None: None}
    found = {**facts, "not_applicable.q.w": flags[seen["q.a"]]}
    if seen["q.a"] is False:
        found.pop("q.w", None)
    return found


@given(card=CARDS.filter(apart), seen=SEEN)
def test_where_each_item_turns_out_for_itself_a_score_says_all_there_is_to_say(
    card: list[Item], seen: dict[str, Any]
) -> None:
    book = playbook_of(card)
    bands = book.scorecards["card"].bands
    facts = applied(seen, {name: it for name, it in seen.items() if it is not None})
    result = score(book, book.scorecards["card"], facts)
    worlds = completions(card, seen)
    low, high, band = middle([counted(card, bands, world) for world in worlds])
    assert result.low == pytest.approx(low)
    assert result.high == pytest.approx(high)
    assert result.verdict == band
    for ask in result.ask_next:
        kind = VALUES[ask.question]
        ends = [kind[0], kind[-1]] if ask.question != "q.c" else kind
        if ask.question == "size":
            continue  # it has no ends
        ways = [
            middle([counted(card, bands, it) for it in worlds if it[ask.question] == value])
            for value in ends
            if any(it[ask.question] == value for it in worlds)
        ]
        verdicts = {verdict for *_, verdict in ways}
        assert {ask.if_yes, ask.if_no} <= verdicts
        if len(ways) == 2:
            (one_low, one_high, _), (two_low, two_high, _) = ways
            assert ask.swing == pytest.approx(
                (abs(one_low - two_low) + abs(one_high - two_high)) / 2
            )
            assert {ask.if_yes, ask.if_no} == verdicts
