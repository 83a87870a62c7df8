"""Records of the trade: frozen, strict, and the same after JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from salesflow._unseen import hidden
from salesflow.domain import (
    Account,
    BuyingRole,
    Contact,
    NewOpportunity,
    Opportunity,
    Tier,
    Visit,
)
from salesflow.facts import BUYING_ROLES, TIERS
from salesflow.money import Money
from salesflow.text import Text

names = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
).filter(lambda text: not hidden(text))
opportunities = st.builds(
    Opportunity,
    id=names,
    name=names,
    amount=st.none() | st.just(Money("120000", "USD")),
    account=st.none() | st.builds(Account, name=names, tier=st.sampled_from([None, *TIERS])),
    owner=st.none() | names,
    probability=st.none() | st.floats(0, 1),
    expected_close_on=st.none() | st.dates(),
    contacts=st.lists(
        st.builds(Contact, name=names, buying_role=st.sampled_from([None, *BUYING_ROLES])),
        max_size=3,
    )
    .filter(lambda people: sum(each.buying_role == "economic_buyer" for each in people) < 2)
    .map(tuple),
    team=st.dictionaries(names, names, max_size=3),
    facts=st.dictionaries(
        names, st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | names | st.dates()
    ),
)


@given(opportunities)
def test_a_deal_survives_json(deal: Opportunity) -> None:
    assert Opportunity.model_validate_json(deal.model_dump_json()) == deal


def test_the_catalogue_and_the_records_name_the_same_tiers_and_buying_roles() -> None:
    assert get_args(Tier) == TIERS
    assert get_args(BuyingRole) == BUYING_ROLES


def test_everything_wrong_with_a_deal_is_said_at_once_with_its_path() -> None:
    with pytest.raises(ValidationError) as caught:
        Opportunity.model_validate(
            {
                "id": "",
                "name": "Core banking",
                "amount": {"amount": "-5", "currency": "ZZZ"},
                "account": {"name": "Acme", "tier": "gold"},
                "probability": 50,
                "expected_close_on": 20260131,
                "colour": "red",
            }
        )
    paths = {".".join(map(str, error["loc"])) for error in caught.value.errors()}
    assert paths == {
        "id",
        "amount.amount",
        "amount.currency",
        "account.tier",
        "probability",
        "expected_close_on",
        "colour",
    }


def test_a_record_cannot_be_changed() -> None:
    deal = Opportunity(id="D-1", name="Core banking")
    with pytest.raises(ValidationError, match="frozen"):
        deal.name = "Other"  # type: ignore[misc]


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs its zone"):
        Visit(stage="close", entered_at=datetime(2026, 1, 5, 9, 0))


def test_a_time_is_kept_in_utc_whatever_zone_it_came_in() -> None:
    shanghai = timezone(timedelta(hours=8))
    visit = Visit(stage="close", entered_at=datetime(2026, 1, 5, 17, 0, tzinfo=shanghai))
    assert visit.entered_at.tzinfo is UTC
    assert visit.entered_at.hour == 9


@pytest.mark.parametrize("day", [20260131, 1.5, "20260131", True])
def test_a_bare_number_is_no_day(day: object) -> None:
    with pytest.raises(ValidationError, match="a number is not a date"):
        Opportunity.model_validate({"id": "D", "name": "N", "created_on": day})


def test_declared_facts_are_kept_as_json_keeps_them() -> None:
    deal = Opportunity(id="D", name="N", facts={"started": date(2026, 1, 31)})
    assert deal.facts == {"started": "2026-01-31"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), datetime(2026, 1, 1), [], None])
def test_a_declared_fact_that_json_cannot_keep_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        Opportunity.model_validate({"id": "D", "name": "N", "facts": {"x": value}})


def test_the_team_may_be_given_as_a_mapping_of_person_to_role_or_roles() -> None:
    deal = Opportunity(id="D", name="N", team={"wang.fang": "sales_manager", "li.wei": ("a", "b")})
    assert deal.roles_of("li.wei") == {"a", "b"}
    assert deal.roles_of("nobody") == frozenset()


def test_a_text_has_words_in_at_least_one_language() -> None:
    with pytest.raises(ValidationError, match="words in a language"):
        Text()
    assert Text(zh="成交").get("en") == "成交"


def test_unknown_keys_are_refused_in_our_words_at_every_depth() -> None:
    with pytest.raises(ValidationError) as caught:
        Opportunity.model_validate(
            {
                "id": "D",
                "name": "N",
                "ownr": 1,
                "amount": {"amount": -1, "currency": "USD", "x": 1},
                "account": {"name": "A", "teir": "named"},
            }
        )
    said = {".".join(map(str, item["loc"])): item["msg"] for item in caught.value.errors()}
    assert said == {
        "ownr": 'there is no such field; did you mean "owner"?',
        "amount.amount": "an amount is never negative; give 0 or more",
        "amount.x": "there is no such field; there are amount, currency",
        "account.teir": 'there is no such field; did you mean "tier"?',
    }
    with pytest.raises(ValidationError, match='did you mean "owner"'):
        Opportunity(id="D", name="N", ownr="li")  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="there is no such field"):
        Opportunity.model_validate_json('{"id": "D", "name": "N", "{braces}": 1}')


def test_money_inside_a_record_tells_what_is_missing() -> None:
    with pytest.raises(ValidationError) as caught:
        Opportunity.model_validate({"id": "D", "name": "N", "amount": {"amount": 1}})
    assert caught.value.errors()[0]["loc"] == ("amount", "currency")


# ------------------------------------------------------------------ a deal without a past

NEW: TypeAdapter[Opportunity] = TypeAdapter(NewOpportunity)


@given(opportunities)
def test_a_new_deal_is_a_deal_of_which_nothing_has_happened(deal: Opportunity) -> None:
    assert NEW.validate_json(deal.model_dump_json()) == deal
    assert NEW.validate_python(deal) is deal


@pytest.mark.parametrize(
    ("past", "said"),
    [
        ({"progress": {"stage": "order"}}, "progress cannot be given; commands write it"),
        ({"close_date_pushes": 3}, "close_date_pushes cannot be given; commands write it"),
        (
            {"close_date_pushes": 3, "progress": {"version": 1}},
            "progress and close_date_pushes cannot be given; commands write them",
        ),
    ],
)
def test_a_past_cannot_be_given_to_a_new_deal(past: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        NEW.validate_python({"id": "D", "name": "N", **past})
    with pytest.raises(ValidationError, match=said):
        NEW.validate_python(Opportunity.model_validate({"id": "D", "name": "N", **past}))


def test_the_schema_of_a_new_deal_is_that_of_a_deal_without_its_past() -> None:
    new, whole = NEW.json_schema(), Opportunity.model_json_schema()
    assert whole["properties"].keys() - new["properties"].keys() == {
        "progress",
        "close_date_pushes",
    }
    assert (new["title"], whole["title"]) == ("NewOpportunity", "Opportunity")
    assert new["required"] == whole["required"]
    assert "/Progress'" not in str(new["properties"])


HALF = "\ud800"


@pytest.mark.parametrize(
    "fields",
    [
        {"id": HALF},
        {"name": HALF},
        {"next_step": HALF},
        {"facts": {"plan": HALF}},
        {"facts": {HALF: 1}},
        {"competitors": [HALF]},
        {"team": {HALF: "manager"}},
        {HALF: 1},
    ],
)
def test_half_of_a_surrogate_pair_is_no_text(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="characters that cannot be stored"):
        Opportunity.model_validate({"id": "D", "name": "N", **fields})
