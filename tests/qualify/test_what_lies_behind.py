"""What a deal has behind it: which gates every way leads through, and what may be asked again."""

from __future__ import annotations

import pytest

from salesflow import Playbook, Rule
from salesflow.qualify._passed import SIDES, WON, Spot, Ways, asked_again, holds_on, required_behind


def drawn(stages: str, moves: str = "", more: str = "") -> Playbook:
    """A process of stages such as `a b(c d)* e!`: with parts, one that wins, one that is final.

    A move `a-b` leads on, `a<b` leads from `b` back to `a`.
    """
    lines = ['id = "p"', 'version = "1"', 'title = "P"', more]
    for stage in stages.split(" "):
        key, _, parts = stage.rstrip("*!)").partition("(")
        lines += ["[[stages]]", f'key = "{key}"', 'title = "S"']
        lines += ["wins = true"] * ("*" in stage) + ["final = true"] * ("!" in stage)
        for part in parts.split("+") if parts else ():
            lines += ["[[stages.sub_stages]]", f'key = "{part}"', 'title = "P"']
    for move in moves.split():
        on, back = move.split("-"), move.split("<")
        source, target = on if len(on) == 2 else reversed(back)
        lines += ["[[moves]]", f'from = "{source}"', f'to = "{target}"']
        lines += ["back = true"] * (len(back) == 2)
    return Playbook.from_toml("\n".join(lines))


def gates(book: Playbook, *spots: Spot) -> str | None:
    """What every way to these spots leads through: `a>` the entry of a, `a<` its exit."""
    ways = Ways(book)
    here = ways.numbers(spots)
    found = [
        position.key + (">" if side == "entry" else "<")
        for position in book.positions
        for side in SIDES
        if ways.numbers([(position.key, side)]) and ways.lead_through(position, side, here)
    ]
    return None if here is None else " ".join(found)


@pytest.mark.parametrize(
    ("stages", "moves", "spots", "expected"),
    [
        ("a b c", "", [("a", "standing")], "a>"),
        ("a b c", "", [("c", "standing")], "a> a< b> b< c>"),
        ("a b c", "", [("a", "standing"), ("c", "standing")], "a>"),
        ("a b c", "", [("c", "standing"), ("b", "standing")], "a> a< b>"),
        ("a b c", "", [("c", "ended")], "a> a< b> b< c> c<"),
        ("a b c", "", [("b", "ended")], None),
        ("a b c", "a-b b-c b-ended", [("b", "ended")], "a> a< b> b<"),
        ("a b! c", "", [("b", "ended")], "a> a< b> b<"),
        ("a b c d", "a-b a-c b-d c-d", [("d", "standing")], "a> a< d>"),
        ("a b c d", "a-b a-c b-d c-d", [("b", "standing")], "a> a< b>"),
        ("a b c d", "a-b a-c b-d c-d", [("c", "standing")], "a> a< c>"),
        ("a b c d", "a-b a-c b-d c-d", [("b", "standing"), ("c", "standing")], "a> a<"),
        # Whoever goes back is asked neither on the way out nor on the way in.
        ("a b c", "a-c c-ended b-c b<c", [("b", "standing")], "a> a< c>"),
        ("a b c", "a-c c-ended b-c c-b", [("b", "standing")], "a> a< b> c> c<"),
    ],
)
def test_gates_are_behind_a_deal_that_no_way_to_where_it_stands_avoids(
    stages: str, moves: str, spots: list[Spot], expected: str | None
) -> None:
    assert gates(drawn(stages, moves), *spots) == expected


@pytest.mark.parametrize(
    ("stages", "moves", "expected"),
    [
        # Without a stage that wins a deal is won on leaving the last.
        ("a b", "", "a> a< b> b<"),
        ("a b c", "a-b a-c", "a> a<"),
        ("a b", "a-b a-ended", "a> a< b> b<"),
        ("a b* c", "", "a> a< b> b<"),
        ("a b c*", "", "a> a< b> b< c> c<"),
        ("a b(x+y)* c", "", "a> a< x> x< y> y<"),
        ("a b* c", "a-b a-c b-c", "a> a< b> b<"),
        ("a b* c", "a-b b-ended a-c", "a> a< b> b<"),
        ("a b! c*", "", "a> a< b> b< c> c<"),
        ("a b*! c", "a-b b-c", "a> a< b> b<"),
        # It may leave the stage that wins from its first part, too, but not by going back.
        ("a b(x+y)* c", "a-b x-c y-c", "a> a< x> x<"),
        ("a b(x+y)* c", "a-b a<x y-c", "a> a< x> x< y> y<"),
    ],
)
def test_a_won_deal_has_left_a_stage_that_wins(stages: str, moves: str, expected: str) -> None:
    assert gates(drawn(stages, moves), WON) == expected


# ----------------------------------------------------------------------------- what is asked again

CRITERIA = """
id = "p"
version = "1"
title = "P"
owner_role = "rep"
roles = [{ key = "rep", title = "Rep" }]
facts = [{ name = "fine", kind = "flag" }]
POLICY
[[stages]]
key = "plan"
title = "Plan"
exit = [{ key = "planned", title = "Planned", by = "rep" }]
[[stages]]
key = "review"
title = "Review"
entry = [
  { key = "admitted", title = "Admitted", judgement = { roles = ["rep"] } },
  { key = "asked_for", title = "Asked for", by = "rep" },
  { key = "polite", title = "Polite", by = "rep", advisory = true },
]
exit = [
  { key = "passed", title = "Passed", judgement = { roles = ["rep"] } },
  { key = "lately", title = "Lately", rule = "days_since(last_activity_on) < 9" },
]
[[stages]]
key = "rework"
title = "Rework"
[[stages]]
key = "build"
title = "Build"
entry = [{ key = "ready", title = "Ready", rule = "fine" }]
"""
WAYS = """
moves = [
  { from = "plan", to = "review" }, { from = "review", to = "build" },
  { from = "review", to = "rework" }, { from = "rework", to = "review" },
  { from = "build", to = "review", back = true }, { from = "build", to = "ended" },
]
"""


def asking(text: str = CRITERIA, *, moves: str = "", policy: str = "") -> Playbook:
    return Playbook.from_toml(text.replace("POLICY", f"{policy}\n{moves}"))


def behind(book: Playbook) -> dict[str, str]:
    return {
        place: " ".join(it.criterion.key for it in asked)
        for place, asked in required_behind(book).items()
    }


def test_on_a_line_all_that_earlier_places_insist_on_is_behind() -> None:
    """Advice is not, nor what held on another day, nor what the place itself asks for."""
    assert behind(asking()) == {
        "plan": "",
        "review": "planned",
        "rework": "planned admitted asked_for passed",
        "build": "planned admitted asked_for passed",
    }


def test_what_is_judged_on_the_way_in_is_not_behind_a_deal_that_comes_for_it_again() -> None:
    """By going back nobody comes for it: a deal that is to be built was admitted."""
    assert behind(asking(moves=WAYS)) == {
        "plan": "",
        "review": "planned",
        "rework": "planned asked_for passed",
        "build": "planned admitted asked_for passed",
    }


def test_a_decision_counts_as_what_is_judged_does() -> None:
    items = '[{ key = "i", title = "I", rule = "fine" }]'
    bands = '[{ key = "low", title = "Low", min = 0 }]'
    card = f'scorecards = [{{ key = "fit", title = "Fit", items = {items}, bands = {bands} }}]'
    decided = CRITERIA.replace('judgement = { roles = ["rep"] }', 'decision = "fit", by = "rep"')

    book = asking(decided, moves=WAYS, policy=card)

    assert behind(book)["rework"] == "planned asked_for passed"


def test_within_a_stage_what_is_judged_stands() -> None:
    book = Playbook.from_toml("""
id = "p"
version = "1"
title = "P"
roles = [{ key = "rep", title = "Rep" }]
moves = [{ from = "b2", to = "b1" }, { from = "b2", to = "c" }, { from = "c", to = "ended" }]
stages = [{ key = "b", title = "B", sub_stages = [
  { key = "b0", title = "B" },
  { key = "b1", title = "B", entry = [
    { key = "admitted", title = "T", judgement = { roles = ["rep"] } } ] },
  { key = "b2", title = "B" } ] }, { key = "c", title = "C" }]
""")

    assert behind(book) == {"b0": "", "b1": "", "b2": "admitted", "c": "admitted"}


OFF = 'policy = { skip = "off", start_later = "off" }'
SKIP = 'policy = { skip = { criteria = "waived" }, start_later = "off" }'
LATER = 'policy = { skip = "off", start_later = { criteria = "waived" } }'
ASKED = 'policy = { skip = { criteria = "asked" }, start_later = { criteria = "asked" } }'


@pytest.mark.parametrize(
    ("policy", "waives"), [(OFF, False), (ASKED, False), (SKIP, True), (LATER, True)]
)
def test_where_a_stage_may_be_passed_by_it_matters_whether_a_deal_was_there(
    policy: str, waives: bool
) -> None:
    been = {it.been for it in asked_again(asking(policy=policy))}

    places = {"reached.plan", "reached.review", "reached.build"}
    assert been == (places if waives else {""})


def test_only_of_places_that_lie_behind_it_may_be_said_that_a_deal_was_not_there() -> None:
    """A deal comes later into the others, so that what once held need not hold any more."""
    places = ("a", "b", "x", "y", "z", "c")
    rules = "\n".join(
        f'  {{ key = "not_{it}", title = "T", rule = \'not reached("{it}")\' }},' for it in places
    )
    book = Playbook.from_toml(f"""
id = "p"
version = "1"
title = "P"
[[stages]]
key = "a"
title = "A"
[[stages]]
key = "b"
title = "B"
[[stages.sub_stages]]
key = "x"
title = "X"
[[stages.sub_stages]]
key = "y"
title = "Y"
entry = [
{rules}
]
[[stages.sub_stages]]
key = "z"
title = "Z"
[[stages]]
key = "c"
title = "C"
entry = [
{rules.replace('"not_', '"never_')}
]
""")

    assert " ".join(it.criterion.key for it in asked_again(book)) == (
        "not_a not_x never_a never_b never_x never_y never_z"
    )


SCORED = Playbook.from_toml("""
id = "p"
version = "1"
title = "P"
facts = [{ name = "f", kind = "flag" }]
[[stages]]
key = "a"
title = "A"
[[stages]]
key = "b"
title = "B"
[[scorecards]]
key = "day"
title = "Day"
items = [{ key = "i", title = "I", rule = "days_since(created_on) < 9" }]
bands = [{ key = "low", title = "Low", min = 0 }]
[[scorecards]]
key = "place"
title = "Place"
items = [{ key = "j", title = "J", rule = 'stage == "a"' }]
bands = [{ key = "low", title = "Low", min = 0 }]
""")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("f", True),
        ("not f", True),
        ("today > date('2026-01-01')", False),
        ("score.day.low >= 1", False),
        ("score.day.low >= 1 or f", False),
        ('stage == "a"', False),
        ("score.place.low >= 1", False),
        ('reached("a")', True),
        ('not reached("a")', True),  # that one lies behind
        ('not reached("b")', False),
        ('not reached("b") and f', False),
        ('f or not reached("b")', False),
        ('not (f and reached("b"))', False),
        ('f or reached("b")', True),
        ('not reached("a") or not reached("b")', False),
        ('at_least(2, f, reached("a"), not reached("b"))', False),
        ('at_least(2, f, reached("a"), reached("b"))', True),
    ],
)
def test_a_rule_says_the_same_later_where_neither_a_day_nor_the_way_changes_it(
    rule: str, says: bool
) -> None:
    read = Rule.parse(rule.replace("'", '"') if "date(" in rule else rule, SCORED.facts)

    assert holds_on(SCORED, read, frozenset({"stage"}), {"reached.a"}) is says


def test_by_default_nothing_lies_behind() -> None:
    read = Rule.parse('not reached("a")', SCORED.facts)

    assert not holds_on(SCORED, read, frozenset())
    assert not holds_on(SCORED, read, frozenset(), {"reached.b"})
