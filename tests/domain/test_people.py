"""The relationship map: lines that make sense, and what they tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    Account,
    BuyingRole,
    Contact,
    InfluenceLine,
    Opportunity,
    RelationshipMap,
    RelationshipPlan,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, UnknownName

PEOPLE = RelationshipMap(
    customer="Acme",
    contacts=(
        Contact(name="Zhang", buying_role="economic_buyer", coverage="brief"),
        Contact(name="Liu", buying_role="business_lead", coverage="in_depth", reports_to="Zhang"),
        Contact(name="Chen", buying_role="technical_buyer", attitude="opponent", reports_to="Liu"),
        Contact(name="Wu", buying_role="business_lead"),
    ),
    influences=(
        InfluenceLine(source="Chen", target="Wu"),
        InfluenceLine(source="Wu", target="Zhang"),
        InfluenceLine(source="Zhang", target="Chen"),
    ),
)


def test_influence_goes_through_others_and_may_go_in_a_circle() -> None:
    assert PEOPLE.influenced_by("Chen") == ("Wu", "Zhang")
    assert PEOPLE.influencers_of("Zhang") == ("Wu", "Chen")
    assert PEOPLE.influenced_by("Liu") == ()


def test_the_reporting_line_is_walked_upwards() -> None:
    assert PEOPLE.chain_of("Chen") == ("Liu", "Zhang")
    assert PEOPLE.chain_of("Zhang") == ()


def test_those_who_decide_are_covered_not_covered_or_unknown() -> None:
    coverage = PEOPLE.decision_coverage()
    assert coverage.covered == ("Liu",)
    assert coverage.not_covered == ("Zhang",)
    assert coverage.unknown == ("Wu",)
    assert not coverage.complete


def test_nobody_who_decides_is_no_complete_coverage() -> None:
    assert not RelationshipMap(customer="Acme").decision_coverage().complete


def test_a_deal_is_single_threaded_until_two_people_are_really_known() -> None:
    assert PEOPLE.single_threaded
    known = [Contact(name=name, coverage="multiple") for name in ("A", "B")]
    assert not RelationshipMap(customer="Acme", contacts=tuple(known)).single_threaded


def test_missing_buying_roles_are_named() -> None:
    assert PEOPLE.missing_roles() == ("user_buyer", "procurement", "inside_supporter")


def test_an_opponent_to_whom_those_who_decide_listen_is_found() -> None:
    assert PEOPLE.opponents_heard() == (("Chen", "Wu"), ("Chen", "Zhang"))


@pytest.mark.parametrize("ask", [PEOPLE.chain_of, PEOPLE.influenced_by, PEOPLE.influencers_of])
def test_somebody_who_is_not_on_the_map_is_an_unknown_name(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(UnknownName, match="Zhang"):
        ask("Zhan")


def test_everything_wrong_with_a_map_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        RelationshipMap.model_validate(
            {
                "customer": "Acme",
                "contacts": [
                    {"name": "A", "reports_to": "B", "buying_role": "economic_buyer"},
                    {"name": "B", "reports_to": "C", "buying_role": "economic_buyer"},
                    {"name": "C", "reports_to": "A"},
                    {"name": "D", "reports_to": "D"},
                    {"name": "E", "reports_to": "Nobody"},
                    {"name": "E"},
                ],
                "influences": [
                    {"source": "A", "target": "A"},
                    {"source": "X", "target": "B"},
                ],
            }
        )
    found = {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}
    assert found == {
        "contacts.5.name": "E is on the map already; tell them apart",
        "contacts.4.reports_to": "Nobody is not on the map; add them, or leave the line out",
        "contacts.0.reports_to": "the reporting line goes in a circle: A → B → C → A",
        "contacts.3.reports_to": "the reporting line goes in a circle: D → D",
        "contacts.1.buying_role": "A is the economic_buyer already, and there is one at most",
        "influences.0.target": "a line joins two people",
        "influences.1.source": "X is not on the map; add them, or leave the line out",
    }


def test_two_economic_buyers_are_allowed_where_you_say_so() -> None:
    buyers = tuple(Contact(name=name, buying_role="economic_buyer") for name in ("A", "B"))
    assert RelationshipMap(customer="Acme", contacts=buyers, one_each=()).one_each == ()


@given(st.lists(st.integers(0, 11) | st.none(), min_size=1, max_size=12))
def test_a_map_is_refused_exactly_where_a_reporting_line_never_ends(
    above: list[int | None],
) -> None:
    size = len(above)
    bosses = [None if boss is None else boss % size for boss in above]
    endless = False
    for start in range(size):
        at: int | None = start
        for _ in range(size):
            at = None if at is None else bosses[at]
        endless = endless or at is not None
    contacts = [
        {"name": str(number), "reports_to": None if boss is None else str(boss)}
        for number, boss in enumerate(bosses)
    ]
    if endless:
        with pytest.raises(ValidationError, match="circle"):
            RelationshipMap.model_validate({"customer": "A", "contacts": contacts})
    else:
        people = RelationshipMap.model_validate({"customer": "A", "contacts": contacts})
        assert all(len(people.chain_of(str(number))) < size for number in range(size))


def test_a_long_reporting_line_is_no_problem() -> None:
    contacts = tuple(
        Contact(name=str(number), reports_to=str(number + 1) if number < 1_999 else None)
        for number in range(2_000)
    )
    assert len(RelationshipMap(customer="A", contacts=contacts).chain_of("0")) == 1_999


def test_a_plan_names_each_person_once() -> None:
    people = [{"person": "Zhang"}, {"person": "Zhang"}]
    with pytest.raises(ValidationError, match="there already"):
        RelationshipPlan.model_validate({"customer": "Acme", "people": people})


def test_a_map_is_made_of_the_contacts_of_a_deal() -> None:
    deal = Opportunity(
        id="D",
        name="Core banking",
        account=Account(name="Acme"),
        contacts=(Contact(name="Zhang"), Contact(name="Liu", reports_to="Zhang")),
    )
    people = RelationshipMap.of(deal, [InfluenceLine(source="Liu", target="Zhang")])
    assert (people.customer, people.influencers_of("Zhang")) == ("Acme", ("Liu",))
    with pytest.raises(ValidationError, match="circle"):
        RelationshipMap.of(replaced(deal, contacts=(Contact(name="A", reports_to="A"),)))
    with pytest.raises(ValidationError, match="not a list"):
        RelationshipMap.of(deal, None)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="deal must be an Opportunity, not None"):
        RelationshipMap.of(None)  # type: ignore[arg-type]


def test_the_people_of_a_deal_are_refused_where_a_map_of_them_would_be() -> None:
    with pytest.raises(ValidationError) as caught:
        Opportunity.model_validate(
            {
                "id": "",
                "name": "Core banking",
                "contacts": [
                    {"name": "A", "reports_to": "B", "buying_role": "economic_buyer"},
                    {"name": "B", "reports_to": "A"},
                    {"name": "C", "buying_role": "economic_buyer"},
                ],
            }
        )
    found = {each["loc"]: each["msg"] for each in caught.value.errors()}
    assert found == {
        ("id",): "it is blank; write something",
        ("contacts", 0, "reports_to"): "the reporting line goes in a circle: A → B → A",
        ("contacts", 2, "buying_role"): "A is the economic_buyer already, and there is one at most",
    }


def test_a_deal_may_know_a_person_without_knowing_their_superior() -> None:
    people = (
        Contact(name="A", reports_to="Nobody we know", buying_role="champion"),
        Contact(name="B", buying_role="champion"),
    )
    assert Opportunity(id="D", name="N", contacts=people).contacts == people


def test_buying_roles_are_asked_for_as_a_list_of_known_ones() -> None:
    wanted: list[BuyingRole] = ["champion", "economic_buyer"]
    assert PEOPLE.missing_roles(iter(wanted)) == ("champion",)
    assert PEOPLE.missing_roles([]) == ()
    with pytest.raises(ArgumentError, match="wanted must be a list of str, not a str"):
        PEOPLE.missing_roles("champion")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match='Did you mean "economic_buyer"'):
        PEOPLE.missing_roles(("economical_buyer",))  # type: ignore[arg-type]
