"""What strangers send: huge numbers, one key twice, long lists; their work is counted, in steps."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import salesflow as sf
from salesflow._frozen import FrozenDict
from salesflow.domain import DecisionRow, DecisionTable, HostDeal, TableInput
from salesflow.domain._base.record import MOST
from salesflow.domain._base.times import _written_day
from salesflow.engine import AnyCommand, Event
from salesflow.engine._gates import compile_playbook
from salesflow.errors import (
    CommandError,
    EventError,
    FactError,
    InvalidPlaybook,
    PlaybookMismatch,
    closest,
)
from salesflow.text import Text
from tests.domain.record_strategies import RECORDS
from tests.rules.work import steps

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
HUGE = {"400 digits": 10**400, "5,000": 10**5_000, "below nothing": -(10**5_000)}
SMALL = """
id = "p"
version = "1"
title = "P"
[[facts]]
name = "x.n"
kind = "number"
[[facts]]
name = "x.y"
kind = "text"
[[stages]]
key = "talk"
title = "Talk"
[[stages.exit]]
key = "said"
title = "Said"
rule = 'x.y == "ok"'
[[stages]]
key = "sign"
title = "Sign"
"""


@pytest.fixture
def engine() -> sf.StageEngine:
    return sf.StageEngine(sf.Playbook.from_toml(SMALL))


@pytest.fixture
def deal(engine: sf.StageEngine) -> sf.Opportunity:
    new = sf.Opportunity(id="D", name="D", owner="li")
    return engine.decide(new, sf.Start(by="li"), at=AT).require()


# ------------------------------------------------------------------------------ whole numbers


def whole_numbers(schema: object, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a JSON Schema that take any whole number."""
    if isinstance(schema, dict):
        if schema.get("type") == "integer":
            yield path, schema
        for key, inner in schema.items():
            yield from whole_numbers(inner, f"{path}.{key}")
    elif isinstance(schema, list):
        for at, inner in enumerate(schema):
            yield from whole_numbers(inner, f"{path}[{at}]")


@pytest.mark.parametrize("kind", [*RECORDS, Event, AnyCommand], ids=lambda kind: str(kind)[:60])
def test_every_whole_number_of_a_record_has_a_limit(kind: Any) -> None:
    found = [*whole_numbers(TypeAdapter(kind).json_schema(), "")]
    # A fact is any number that JSON keeps: `test_a_fact_is_no_number_that_cannot_be_kept`.
    open_ended = [
        path
        for path, schema in found
        if not {"maximum", "exclusiveMaximum"} & schema.keys() and ".facts." not in path
    ]

    assert open_ended == []


@pytest.mark.parametrize("number", HUGE.values(), ids=HUGE.keys())
def test_a_fact_is_no_number_that_cannot_be_kept(number: int, deal: sf.Opportunity) -> None:
    for facts in ({"x.n": number}, {"x.n": float("inf")}):
        with pytest.raises(ValidationError, match="a finite number"):
            sf.Amend(by="li", changes={"facts": facts})
        with pytest.raises(ValidationError, match="a finite number"):
            HostDeal(id="D", facts=facts)


def test_the_largest_facts_are_written_and_read(engine: sf.StageEngine) -> None:
    deal = sf.Opportunity(id="D", name="D")
    deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
    for number in (10**308, -(10**308), 2**64, 1.5e308):
        command = sf.Amend(by="li", changes={"facts": {"x.n": number}})
        decision = engine.decide(deal, command, at=AT)
        assert sf.read_events(sf.write_events(decision.events)) == decision.events
        again = sf.Opportunity.model_validate_json(decision.require().model_dump_json())
        assert again == decision.opportunity


@pytest.mark.parametrize(
    "number",
    [*HUGE.values(), MOST + 1, -1, True, 1.5, "one"],
    ids=[*HUGE, "too many", "-1", "True", "1.5", "one"],
)
def test_a_version_is_a_whole_number_that_any_reader_of_json_counts(number: Any) -> None:
    with pytest.raises(ValidationError):
        sf.Advance(by="li", expected_version=number)
    assert sf.Advance(by="li", expected_version=MOST).expected_version == MOST


def test_there_is_no_amount_below_nothing() -> None:
    assert str(sf.Money("-0", "USD")) == "0 USD"
    assert str(sf.Money("-0.00", "USD")) == "0.00 USD"


# ------------------------------------------------------------------------------ each thing once


def written(engine: sf.StageEngine) -> str:
    deal = sf.Opportunity(id="D", name="D")
    return sf.write_events(engine.decide(deal, sf.Start(by="li"), at=AT).events)


def test_an_event_says_each_thing_once(engine: sf.StageEngine) -> None:
    twice = written(engine).replace('"by":"li"', '"by":"li","by":"mallory"')
    with pytest.raises(EventError, match='line 1: the key "by" is given twice; keep one'):
        sf.read_events(twice)


def test_a_command_says_each_thing_once() -> None:
    with pytest.raises(CommandError, match='Given twice: "by"'):
        sf.read_command('{"kind": "Advance", "by": "li", "by": "mallory"}')


@pytest.mark.parametrize("version", ["true", '"3"', "3.0", "0"])
def test_the_version_of_an_event_is_a_whole_number(version: str, engine: sf.StageEngine) -> None:
    text = written(engine).replace('"schema_version":4', f'"schema_version":{version}')
    with pytest.raises(EventError, match="schema_version"):
        sf.read_events(text)


# ------------------------------------------------------------------------------ ids of events


def ids(engine: sf.StageEngine, deal: sf.Opportunity, *commands: sf.Command) -> list[object]:
    return [engine.decide(deal, command, at=AT).events[0].id for command in commands]


def test_rival_commands_at_one_version_have_ids_of_their_own(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    rivals = (
        sf.Lose(by="li", reason="price"),
        sf.Lose(by="wu", reason="price"),
        sf.Lose(by="li", reason="time"),
        sf.Lose(by="li", reason="price", note="It was the price"),
        sf.Lose(by="li", reason="price", command_id="c"),
        sf.Lose(by="li", reason="time", command_id="c"),
        sf.Disqualify(by="li", reason="price"),
    )
    assert len(set(ids(engine, deal, *rivals))) == len(rivals)


def test_a_command_that_is_sent_again_gives_the_same_ids(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    command = sf.Lose(by="li", reason="price", command_id="c")
    later = engine.decide(deal, command, at=AT.replace(hour=10)).events[0].id
    assert [later] == ids(engine, deal, command)


def test_a_slash_in_a_name_does_not_make_two_ids_one(engine: sf.StageEngine) -> None:
    first = sf.Opportunity(id="A", name="A")
    second = sf.Opportunity(id="A/1", name="A")
    slashed = sf.Start(by="li", command_id="1/c")
    assert ids(engine, first, slashed) != ids(engine, second, sf.Start(by="li", command_id="c"))


# ------------------------------------------------------------------------------ equal and apart


VALUES = st.recursive(
    st.sampled_from([0, 0.0, -0.0, 1, 1.0, True, "1", None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


@given(
    st.dictionaries(st.sampled_from("ab"), VALUES), st.dictionaries(st.sampled_from("ab"), VALUES)
)
def test_equal_mappings_have_one_hash(first: dict[str, Any], second: dict[str, Any]) -> None:
    frozen, other = FrozenDict(first), FrozenDict(second)
    assert (frozen == other) <= (hash(frozen) == hash(other))
    assert hash(FrozenDict(copy.deepcopy(first))) == hash(frozen)


def test_equal_deals_are_one_in_a_set() -> None:
    whole, decimal = (HostDeal(id="D", facts={"amount": amount}) for amount in (1, 1.0))
    assert whole == decimal
    assert len({whole, decimal}) == 1


def test_nobody_changes_which_fields_other_records_have(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    visit = deal.progress.visits[0]
    with pytest.raises(TypeError, match="cannot be changed"):
        visit.model_fields_set.discard("stage")
    own = visit.model_copy(update={"sub_stage": "x"})
    own.model_fields_set.discard("stage")

    assert "stage" in visit.model_dump(exclude_unset=True)
    assert "stage" not in own.model_dump(exclude_unset=True)
    for same in (copy.copy(visit), copy.deepcopy(visit), pickle.loads(pickle.dumps(visit))):  # noqa: S301 - ours
        same.model_fields_set.discard("stage")
        assert same == visit
    assert "stage" in visit.model_fields_set


def test_results_that_come_out_of_pickles_share_one_playbook(engine: sf.StageEngine) -> None:
    first, second = (pickle.loads(pickle.dumps(engine.playbook)) for _ in range(2))  # noqa: S301 - ours
    assert first is second
    assert first == engine.playbook


# ------------------------------------------------------------------------------ broken progress


@pytest.mark.parametrize(
    "changes",
    [
        {"visits": ()},
        {"visits": (), "adopted": True},
        {"first_visit": 1},
        {"stage": "sign"},
        {"stage": None},
        {"playbook": None},
    ],
)
def test_a_progress_that_no_events_add_up_to_is_refused_by_every_call(
    changes: dict[str, object], engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    broken = deal.model_copy(update={"progress": deal.progress.model_copy(update=changes)})
    calls = (
        lambda: sf.facts_of(broken, engine.playbook, at=AT),
        lambda: engine.review(broken, at=AT),
        lambda: engine.due(broken, at=AT),
        lambda: engine.decide(broken, sf.Advance(by="li"), at=AT),
        lambda: engine.decide(broken, sf.Migrate(by="li"), at=AT),
        lambda: engine.decide(
            broken, sf.Adopt(by="li", stage="talk", entered_on=date(2026, 1, 1)), at=AT
        ),
    )
    for call in calls:
        with pytest.raises(PlaybookMismatch, match="is not what its events add up to"):
            call()


# ------------------------------------------------------------------------------ work and memory


def growth(work: Any, small: int) -> float:
    """How many times more steps ten times as much takes."""
    return steps(lambda: work(10 * small)) / steps(lambda: work(small))


def test_a_list_of_names_is_read_once() -> None:
    def read(number: int) -> None:
        names = [f"c{at}" for at in range(number)]
        with pytest.raises(ValidationError, match="c0 is there twice"):
            sf.Opportunity(id="D", name="D", competitors=(*names, "c0"))

    assert growth(read, 100) < 12


def test_the_cases_of_a_decision_table_are_gone_through_once() -> None:
    title = Text(en="T")
    keys = [f"k{at}" for at in range(14)]
    inputs = tuple(TableInput(key=key, title=title, choices=("yes", "no")) for key in keys)
    patterns = [[at >> bit & 1 for bit in range(8)] for at in range(199)]
    rows = [
        DecisionRow(
            when={key: ("no" if bit else "yes",) for key, bit in zip(keys, bits, strict=False)},
            result=f"r{at}",
            why=title,
        )
        for at, bits in enumerate(patterns)
    ]
    last = DecisionRow(result="last", why=title)
    made: list[DecisionTable] = []

    def make() -> None:
        made.append(DecisionTable(title=title, inputs=inputs, rows=(*rows, last)))

    cases = 2**14
    assert steps(make) < 4 * cases
    assert steps(lambda: made[0].decide({})) < 10 * cases
    assert made[0].decide({}).missing == tuple(keys[:8])
    assert made[0].decide(dict.fromkeys(keys, "no")).result == "last"


def test_a_choice_that_is_listed_twice_makes_no_more_cases() -> None:
    title = Text(en="T")
    inputs = tuple(TableInput(key=f"k{at}", title=title, choices=("yes",) * 50) for at in range(20))
    table = DecisionTable(title=title, inputs=inputs, rows=(DecisionRow(result="r", why=title),))
    assert table.decide({}).result == "r"


def test_nearest_names_are_looked_for_a_few_times_however_many_are_wrong() -> None:
    stages = [
        {
            "key": f"s{at}",
            "title": "S",
            "exit": [
                {
                    "key": f"c{at}_{number}",
                    "title": "C",
                    "rule": f"nope{at}_{number} and amuont > 5",
                }
                for number in range(10)
            ],
        }
        for at in range(50)
    ]
    text = json.dumps({"id": "p", "version": "1", "title": "P", "stages": stages})

    def refused() -> None:
        with pytest.raises(InvalidPlaybook) as caught:
            sf.Playbook.from_json(text)
        assert len(caught.value.problems) > 100

    assert 0 < steps(refused, closest) <= 40


def test_so_it_is_with_the_facts_of_a_deal(engine: sf.StageEngine) -> None:
    facts = {f"nope{at}": 1 for at in range(500)}
    deal = sf.Opportunity(id="D", name="D", facts=facts)

    def refused() -> None:
        with pytest.raises(FactError) as caught:
            engine.decide(deal, sf.Start(by="li"), at=AT)
        assert len(caught.value.problems) == 500

    assert 0 < steps(refused, closest) <= 20


def test_no_long_text_of_a_stranger_is_kept(engine: sf.StageEngine, deal: sf.Opportunity) -> None:
    before = _written_day.cache_info().currsize
    for zeros in range(1_000, 1_005):
        sf.Amend(by="li", changes={"expected_close_on": f"2026-01-31T00:00:00.{'0' * zeros}"})
    assert _written_day.cache_info().currsize == before

    explained = compile_playbook(engine.playbook).explainer._explained
    kept = explained.cache_info().currsize
    for at in range(5):
        long = deal.model_copy(update={"facts": {"x.y": "long" * 1_000 + str(at)}})
        assert not engine.decide(long, sf.Advance(by="li"), at=AT).accepted
    assert explained.cache_info().currsize == kept
