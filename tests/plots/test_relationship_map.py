"""The relationship map: who is on it, where they stand, and the lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import BuyingRole, InfluenceLine, RelationshipMap
from salesflow.errors import UnknownName
from salesflow.plots import relationship_map
from salesflow.plots._relationship_map import influence_rows, layout, person_rows, select
from tests.plots.results import people, spec, subtitle, values

Point = tuple[float, float]
Box = dict[str, Any]


def boxes(chart: Any) -> dict[str, Box]:
    """The box of everybody, by name."""
    return {row["name"]: row for row in values(chart)["people"]}


def reporting(box: Box) -> list[Point]:
    """The line to a box from whom the person reports to; where there is nobody, a single point."""
    spine = box["spine"]
    return [(spine, box["spine_top"]), (spine, box["middle"]), (box["left"], box["middle"])]


def drawn(found: RelationshipMap) -> tuple[dict[str, Box], list[list[Point]]]:
    """All boxes and influence lines, without a chart, which takes long to make."""
    places = layout(found.contacts)
    people = {str(row["name"]): dict(row) for row in person_rows(found.contacts, places, "en")}
    return people, paths(influence_rows(found.influences, places, "en"))


def paths(rows: Sequence[Mapping[str, Any]]) -> list[list[Point]]:
    """The points of each influence line."""
    found: dict[int, list[Point]] = {}
    for row in sorted(rows, key=lambda row: (row["line"], row["step"])):
        found.setdefault(row["line"], []).append((row["x"], row["y"]))
    return list(found.values())


def is_inside(point: Point, box: Box) -> bool:
    return bool(box["left"] < point[0] < box["right"] and box["top"] < point[1] < box["bottom"])


def runs_through(line: list[Point], box: Box) -> bool:
    """Whether any point of a line, and of what is between its points, is inside a box."""
    between = [
        (a[0] + (b[0] - a[0]) * part / 64, a[1] + (b[1] - a[1]) * part / 64)
        for a, b in pairwise(line)
        for part in range(65)
    ]
    return any(is_inside(point, box) for point in between)


def test_the_map_shows_everybody_their_roles_and_who_is_missing() -> None:
    chart = relationship_map(people(), wanted=("economic_buyer", "procurement"))

    found = boxes(chart)
    assert set(found) == {"Zhang", "Liu", "Chen", "Adviser"}
    assert found["Liu"]["attitude"] == "champions us"
    assert (found["Liu"]["coverage"], found["Liu"]["weight"]) == ("talked in depth", "weight: high")
    assert found["Zhang"]["below_name"] == "economic buyer"
    assert [row["role"] for row in values(chart)["missing"]] == ["? procurement"]
    assert subtitle(chart)[0] == "Those who decide: 0 of 1 covered"
    assert "Missing: procurement" in subtitle(chart)


def test_details_are_in_the_tooltips() -> None:
    chart = relationship_map(people())
    nodes = [layer["encoding"].get("tooltip", []) for layer in spec(chart)["layer"]]
    fields = {hint["field"] for hints in nodes for hint in hints}

    assert fields == {
        *("name", "job", "role", "attitude", "coverage", "talked", "relationship", "influence"),
        *("cares", "note", "influence_line"),
    }


def test_arrows_lead_to_those_who_listen() -> None:
    chart = relationship_map(people())
    zhang = boxes(chart)["Zhang"]
    rows = [
        row
        for row in values(chart)["influences"]
        if row["influence_line"] == "Zhang listens to Chen"
    ]

    assert 0 < rows[-1]["x"] - zhang["right"] < 10
    assert zhang["top"] < rows[-1]["y"] < zhang["bottom"]
    ends = spec(chart)["layer"][-3]  # what is missing is drawn in the two layers after it
    assert ends["mark"]["shape"] == "triangle-left"
    assert ends["transform"] == [{"filter": {"field": "step", "equal": len(rows) - 1}}]


def test_a_line_and_the_one_back_do_not_hide_each_other() -> None:
    pairs = (("Zhao", "Zhang"), ("Zhang", "Zhao"), ("Sun", "Zhang"), ("Liu", "Zhao"))
    contacts = (
        sf.Contact(name="Zhang"),
        sf.Contact(name="Liu", reports_to="Zhang"),
        sf.Contact(name="Zhao", reports_to="Liu"),
        sf.Contact(name="Sun", reports_to="Zhang"),
    )
    lines = tuple(InfluenceLine(source=one, target=other) for one, other in pairs)
    chart = relationship_map(RelationshipMap(customer="Acme", contacts=contacts, influences=lines))

    found = paths(values(chart)["influences"])
    bends = [line[1][0] for line in found]
    assert len(set(bends)) == len(pairs)
    there, back = found[:2]
    assert {y for _, y in there}.isdisjoint(y for _, y in back)


def test_lines_are_drawn_below_the_boxes() -> None:
    marks = [layer["mark"]["type"] for layer in spec(relationship_map(people()))["layer"]]

    assert marks[:3] == ["rule", "rule", "rect"]
    assert "rule" not in marks[2:]


def test_who_is_covered_is_seen_by_the_border() -> None:
    borders = {name: box["border"] for name, box in boxes(relationship_map(people())).items()}

    assert borders == {"Zhang": "thin", "Liu": "thick", "Chen": "dashed", "Adviser": "dashed"}


def test_all_roles_taken_leave_no_empty_box() -> None:
    assert "missing" not in values(relationship_map(people(), wanted=("economic_buyer",)))


def test_the_roles_that_ought_to_be_known_are_those_of_the_map() -> None:
    found = values(relationship_map(people()))["missing"]

    assert len(found) == len(people().missing_roles())


def test_a_buying_role_that_does_not_exist_is_refused() -> None:
    wanted = cast("tuple[BuyingRole, ...]", ("boss", "champion"))

    with pytest.raises(UnknownName, match="There is no buying role 'boss'"):
        relationship_map(people(), wanted=wanted)
    with pytest.raises(UnknownName, match="There is no buying role 'boss'"):
        relationship_map(RelationshipMap(customer="Acme"), wanted=wanted)


def test_of_many_people_those_who_decide_are_drawn_with_the_line_above_them() -> None:
    crowd = [sf.Contact(name=f"P{n}", reports_to="Top", influence="low") for n in range(900)]
    top = sf.Contact(name="Top", buying_role="business_lead")
    chief = sf.Contact(name="Chief", buying_role="economic_buyer", reports_to="P899")
    chart = relationship_map(RelationshipMap(customer="Acme", contacts=(*crowd, chief, top)))

    names = set(boxes(chart))
    assert {"Chief", "P899", "Top"} <= names
    assert len(names) == 60
    assert "60 of 902 people are shown" in subtitle(chart)


def test_of_many_lines_the_first_ones_are_drawn() -> None:
    crowd = tuple(sf.Contact(name=f"P{n}") for n in range(20))
    lines = tuple(
        InfluenceLine(source=f"P{one}", target=f"P{other}")
        for one in range(20)
        for other in range(20)
        if one != other
    )
    chart = relationship_map(RelationshipMap(customer="Acme", contacts=crowd, influences=lines))

    assert len(paths(values(chart)["influences"])) == 150


@st.composite
def forests(draw: st.DrawFn) -> list[sf.Contact]:
    """People who report to somebody before them, or to nobody."""
    size = draw(st.integers(1, 20))
    bosses = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(size)]
    found = [
        sf.Contact(
            name=f"P{n}",
            reports_to=None if boss is None else f"P{boss}",
            influence=draw(st.sampled_from(["high", "medium", "low", None])),
        )
        for n, boss in enumerate(bosses)
    ]
    return draw(st.permutations(found))


@st.composite
def maps(draw: st.DrawFn) -> RelationshipMap:
    """A forest with lines between any two."""
    contacts = tuple(draw(forests()))
    names = st.sampled_from([contact.name for contact in contacts])
    pairs = (
        draw(st.lists(st.tuples(names, names).filter(lambda pair: pair[0] != pair[1])))
        if (len(contacts) > 1)
        else []
    )
    lines = tuple(InfluenceLine(source=one, target=other) for one, other in pairs)
    return RelationshipMap(customer="Acme", contacts=contacts, influences=lines)


@given(maps())
def test_nobody_stands_on_top_of_another(found: RelationshipMap) -> None:
    people = drawn(found)[0].values()

    assert len(people) == len(found.contacts)
    edges = sorted((box["top"], box["bottom"]) for box in people)
    assert all(above[1] < below[0] for above, below in pairwise(edges))
    assert all(box["left"] < box["right"] for box in people)


@given(maps())
def test_no_line_runs_through_anybody(found: RelationshipMap) -> None:
    people, lines = drawn(found)

    for box in people.values():
        assert not [other for other in people.values() if runs_through(reporting(box), other)]
        # A curve between its points: where all of them are right of a box, so is the curve.
        assert all(x >= box["right"] for line in lines for x, _ in line)


@given(maps())
def test_people_stand_to_the_right_of_whom_they_report_to(found: RelationshipMap) -> None:
    people, _ = drawn(found)

    for contact in found.contacts:
        box = people[contact.name]
        if contact.reports_to is not None:
            boss = people[contact.reports_to]
            assert boss["left"] < box["spine"] < box["left"]
            assert boss["bottom"] == box["spine_top"] <= box["top"]
        else:
            assert box["left"] == 0
            assert len(set(reporting(box))) == 1


@given(forests(), st.integers(1, 20))
def test_of_people_left_out_nobody_is_between_two_who_are_drawn(
    contacts: list[sf.Contact], most: int
) -> None:
    kept = {contact.name: contact for contact in select(contacts, most)}

    assert len(kept) <= most
    assert all(who.reports_to is None or who.reports_to in kept for who in kept.values())


@given(forests())
def test_where_there_is_room_everybody_is_drawn(contacts: list[sf.Contact]) -> None:
    assert select(contacts, len(contacts)) == contacts


def test_a_reporting_line_longer_than_the_stack_of_python_is_laid_out() -> None:
    line = [sf.Contact(name=f"P{n}", reports_to=f"P{n - 1}" if n else None) for n in range(1900)]
    lefts = [place.left for place in layout(line).values()]

    assert len(set(lefts)) == 1900
    assert lefts == sorted(lefts)
