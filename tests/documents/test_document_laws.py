"""What holds for the document of every record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesflow.documents import opportunity_plan, territory_plan
from salesflow.domain import OpportunityPlan, Record, TerritoryPlan
from salesflow.domain._base.record import replaced
from salesflow.money import Money
from salesflow.terms import (
    ATTITUDES,
    BUYING_ROLES,
    COMPETITOR_POSITIONS,
    LEVELS,
    RELATIONSHIPS,
    STRATEGIES,
    TIERS,
)
from salesflow.text import LANGUAGES, Language
from tests.documents.reading import read
from tests.domain.record_strategies import records

PLANS: dict[type[Record], Callable[..., str]] = {
    OpportunityPlan: opportunity_plan,
    TerritoryPlan: territory_plan,
}
CHOICES = {
    "attitude": ATTITUDES,
    "buying_role": BUYING_ROLES,
    "chosen": STRATEGIES,
    "influence": LEVELS,
    "now": ATTITUDES,
    "position": COMPETITOR_POSITIONS,
    "relationship": RELATIONSHIPS,
    "threat": LEVELS,
    "tier": TIERS,
    "wanted": ATTITUDES,
}
SLOW = settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)


def is_choice(record: Record, name: str) -> bool:
    return "Literal" in repr(type(record).model_fields[name].annotation)


def reworded(value: object, words: Callable[[str], str]) -> object:
    """The same record with every text of a person changed; equal texts stay equal."""
    match value:
        case Record():
            return replaced(
                value,
                **{
                    name: part if is_choice(value, name) else reworded(part, words)
                    for name, part in value
                },
            )
        case tuple():
            return tuple(reworded(each, words) for each in value)
        case str():
            return words(value)
        case _:
            return value


def leaves(value: object) -> Iterator[object]:
    """Everything that somebody wrote in a record, and every choice by its field."""
    match value:
        case Record():
            for name, part in value:
                if is_choice(value, name) and isinstance(part, str):
                    yield (type(value).__name__, name, part)
                else:
                    yield from leaves(part)
        case tuple():
            for each in value:
                yield from leaves(each)
        case str() | date() | Money():
            yield value
        case _:
            pass


def numbered() -> Callable[[str], str]:
    """Gives each text a name of its own, so that no other one can be taken for it."""
    names = dict[str, str]()
    return lambda text: names.setdefault(text, f"word{len(names)}x")


@pytest.mark.parametrize("kind", PLANS)
def test_every_answered_value_appears_in_the_document(kind: type[Record]) -> None:
    @SLOW
    @given(records(kind), st.sampled_from(LANGUAGES))
    def law(plan: Record, lang: Language) -> None:
        plan = reworded(plan, numbered())  # type: ignore[assignment]
        text = read(PLANS[kind](plan, lang=lang)).text
        for leaf in leaves(plan):
            match leaf:
                case (str(), str() as name, str() as value):
                    if name in CHOICES:
                        words = CHOICES[name][value].get(lang)
                        assert words in text, (name, value)
                case date():
                    assert leaf.isoformat() in text
                case _:
                    assert str(leaf) in text

    law()


@pytest.mark.parametrize("kind", PLANS)
def test_what_people_write_changes_no_heading_no_row_and_no_cell(kind: type[Record]) -> None:
    hostile = st.sampled_from(
        ["", "|", "\n| a | b |\n", "\n# a", "```\n", "<br>|", "\\", "- x\n---\n", "*", "[a](b)"]
    )

    @SLOW
    @given(records(kind), hostile, hostile, st.sampled_from(LANGUAGES))
    def law(plan: Record, before: str, after: str, lang: Language) -> None:
        write = PLANS[kind]
        names = numbered()
        plain = reworded(plan, names)
        rude = reworded(plan, lambda text: f"{before}{names(text)}{after}")
        assert read(write(rude, lang=lang)).shape == read(write(plain, lang=lang)).shape

    law()


@pytest.mark.parametrize("kind", PLANS)
def test_a_document_can_be_written_of_any_record_on_any_day(kind: type[Record]) -> None:
    @SLOW
    @given(records(kind), st.dates(), st.sampled_from(LANGUAGES))
    def law(plan: Record, today: date, lang: Language) -> None:
        text = PLANS[kind](plan, lang=lang, today=today)
        assert text == PLANS[kind](plan, lang=lang, today=today)
        again = type(plan).model_validate_json(plan.model_dump_json())
        assert PLANS[kind](again, lang=lang, today=today) == text
        levels = [level for level, _ in read(text).headings]
        assert levels[0] == 1
        assert set(levels[1:]) == {2}

    law()
