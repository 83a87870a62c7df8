"""Laws of the test kit: what it makes of any playbook is real, what it draws fits the playbook."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.errors import UnknownName
from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN
from salesflow.testing import CheckFailed, playbook_checks, strategies
from salesflow.testing._bench import Bench
from salesflow.testing._case_format import COMMANDS
from salesflow.testing._course import FIRST_DAY, START
from salesflow.testing._frames import differences, rules_of
from salesflow.testing._witness import witnesses
from tests.playbook.test_document_laws import documents

BOOKS = [sf.load_playbook(key) for key in BUILT_IN]
BOOK = st.sampled_from(BOOKS)


@pytest.mark.law
@given(documents())
def test_the_checks_of_any_playbook_are_made(document: dict[str, Any]) -> None:
    """They fail in our words or not at all."""
    for check in playbook_checks(Playbook.from_json(json.dumps(document))):
        if check.name not in ("frames", "cases"):
            with suppress(CheckFailed):
                check()


@pytest.mark.law
@given(documents())
def test_every_deal_that_is_made_for_a_playbook_keeps_the_laws_of_the_engine(
    document: dict[str, Any],
) -> None:
    survey = Bench(Playbook.from_json(json.dumps(document)), ()).survey
    for course in survey.courses:
        assert course.engine.replay(course.events) == course.deal.progress
    for key, course in survey.arrived.items():
        assert course.deal.progress.position == key
    for criteria, verdict in ((survey.met, True), (survey.unmet, False)):
        for key, course in criteria.items():
            rule = survey.playbook.criteria[key].check_rule
            assert (course.verdict(rule) is sf.Verdict.YES) is verdict


def test_the_same_playbook_gives_the_same_deals() -> None:
    first, second = (Bench("milestone_selling", ()).survey for _ in range(2))

    assert [it.steps for it in first.courses] == [it.steps for it in second.courses]


@pytest.mark.law
@given(BOOK.flatmap(lambda book: st.sampled_from([*rules_of(book).values()])), st.booleans())
def test_a_rule_is_as_it_is_wanted_under_the_values_that_are_found_for_it(
    rule: sf.Rule, want: bool
) -> None:
    wanted = sf.Verdict.YES if want else sf.Verdict.NO
    for values in witnesses(rule, FIRST_DAY, {}, (), want=want):
        assert rule.verdict(values, FIRST_DAY) is wanted


# Strategies


def of_any(draw: Callable[[Playbook], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """A built-in playbook, and what a strategy draws for it."""
    return BOOK.flatmap(lambda book: st.tuples(st.just(book), draw(book)))


@pytest.mark.law
@given(of_any(strategies.deals))
def test_a_deal_fits_its_playbook(drawn: tuple[Playbook, sf.Opportunity]) -> None:
    book, deal = drawn
    sf.facts_of(deal, book, at=START)  # raises where a fact or a role does not fit
    assert sf.Opportunity.model_validate_json(deal.model_dump_json()) == deal


@pytest.mark.law
@given(of_any(strategies.commands))
def test_a_command_names_what_the_playbook_has(drawn: tuple[Playbook, sf.Command]) -> None:
    book, command = drawn
    deal = sf.Opportunity(id="D-1", name="A deal", owner="li.wei")
    engine = sf.StageEngine(book)
    with suppress(sf.errors.ClockError):  # a deal was adopted on a day to come
        engine.decide(deal, command, at=START)
    assert sf.read_command(command.model_dump_json()) == command


def test_commands_of_every_kind_are_drawn_and_strangers_where_they_are_asked_for() -> None:
    book = Playbook.from_file("tests/playbook/every_key.toml")
    kinds, strange = set[str](), set[str]()
    deal = sf.Opportunity(id="D-1", name="A deal")

    @settings(max_examples=1_000, database=None)
    @given(strategies.commands(book, people=["zhao"], strangers=True))
    def draw(command: sf.Command) -> None:
        assert command.by == "zhao"
        kinds.add(type(command).__name__)
        started = replaced(deal, id="D-2")
        try:
            sf.StageEngine(book).decide(started, command, at=START)
        except UnknownName as error:
            strange.add(error.what)
        except sf.SalesflowError:
            pass

    draw()
    assert kinds == {kind.__name__ for kind in COMMANDS.values()}
    assert {"stage", "criterion", "question"} <= strange


@pytest.mark.law
@settings(max_examples=30)
@given(of_any(strategies.walks))
def test_a_walk_is_what_its_commands_make_of_its_deal(
    drawn: tuple[Playbook, strategies.Walk],
) -> None:
    _, walk = drawn
    assert walk.engine.replay(walk.events) == walk.opportunity.progress
    assert len({event.sequence for event in walk.events}) == len(walk.events)
    assert walk.start.progress == sf.Progress()
    assert (walk.commands == ()) is (walk.events == ())


LIFTS = Playbook.from_file(Path(__file__).parent / "lifts.toml")
LATER = FIRST_DAY + timedelta(days=500)  # of a row that lies after the day nothing is asked


@pytest.mark.law
@given(strategies.frames(LIFTS, min_size=1, max_size=4))
def test_a_frame_gets_the_verdicts_of_the_rules(columns: dict[str, list[Any]]) -> None:
    rows = pl.DataFrame(columns, strict=False).rows(named=True)
    road = {True: 1.0, False: 0.0}
    known = [{**row, "score.fit.low": road.get(row["house.road"], 0.0)} for row in rows]

    assert len(set(columns["opportunity_id"])) == len(rows)
    assert list(differences(LIFTS, known, columns, LATER)) == []
