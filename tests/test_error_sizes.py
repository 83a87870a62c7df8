"""An error is as long as people read, however long and many the things are that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import salesflow as sf
from salesflow._unseen import LONGEST
from salesflow.domain import ContractRow
from salesflow.engine import Decision, MoveBlocked
from salesflow.errors import Problem, SalesflowError
from salesflow.testing import CheckFailed, Fault
from tests.hostile import TEXTS

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
LONG = 1_000_000
# Some packages have exceptions of their own, which are known once the package is imported.
WITH_THEIR_OWN = (sf.domain.InvalidInput, sf.engine, sf.pipeline, sf.plots, sf.schedule)


def every_class(cls: type[SalesflowError] = SalesflowError) -> Iterator[type[SalesflowError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__.startswith("salesflow."):
            yield from every_class(child)


def size(text: str) -> int:
    return len(text.encode())


def made(cls: type[SalesflowError], text: str, problems: list[Problem]) -> SalesflowError:
    """One of a class, whatever its own constructor asks for."""
    error = cls.__new__(cls)
    SalesflowError.__init__(error, text, hint=text, problems=problems)
    return error


SIGNS = ("a", "李", "\U0001f4a9", "\U000e0041", "\ud800", "\n")
SIZES = [*product(SIGNS, (1, 100, 10_000), (0, 1, 20, 21, 10_000))]


@pytest.mark.parametrize(
    "cls",
    [cls for cls in every_class() if cls is not CheckFailed],  # it tells courses, not problems
    ids=lambda cls: cls.__name__,
)
def test_no_text_of_an_error_is_long(cls: type[SalesflowError]) -> None:
    for sign, length, count in SIZES:
        text = sign * length
        error = made(cls, text, [Problem(text, text, text)] * count)
        said = str(error).split("\n")[1:]
        listed = [line for line in said if not line.startswith("  - … and ")]

        assert size(str(error)) <= LONGEST
        assert size(repr(error)) <= LONGEST
        assert len(error.problems) == count
        assert bool(listed) == bool(count)
        more = count - len(listed)
        assert said[len(listed) :] == ([f"  - … and {more} more"] if more else [])


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(("length", "count"), [(1, 1), (1, 5_000), (10_000, 1), (10_000, 50)])
def test_a_failed_check_tells_the_first_courses(sign: str, length: int, count: int) -> None:
    text = sign * length
    fault = Fault(Problem(text, text), (text, text))
    error = CheckFailed(text, {"first": [fault] * count, text: [fault]})

    assert size(str(error)) <= LONGEST
    assert len(error.problems) == count + 1
    assert ("more lines" in str(error)) == (count * length > 1)


@given(
    st.text() | st.sampled_from(TEXTS),
    st.integers(0, 5_000),
    st.lists(st.tuples(st.text(), st.integers(0, 2_000)), max_size=30),
)
def test_so_it_is_whatever_it_says(text: str, times: int, problems: list[tuple[str, int]]) -> None:
    found = [Problem(said * many, said, said * many) for said, many in problems]
    error = made(SalesflowError, text * times, found)

    assert size(str(error)) <= LONGEST
    assert len(str(error).splitlines()) <= 1 + min(len(found), 21)


def playbook(**more: object) -> Callable[[], object]:
    stage = {"key": "talk", "title": "Talk"}
    document = {"id": "p", "version": "1", "title": "P", "stages": [stage], **more}
    return lambda: sf.Playbook.from_json(json.dumps(document))


def started() -> tuple[sf.StageEngine, sf.Opportunity]:
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    deal = sf.Opportunity(id="D", name="D", owner="li")
    return engine, engine.decide(deal, sf.Start(by="li"), at=AT).require()


def decide(command: Callable[[], sf.Command]) -> Callable[[], object]:
    def decided() -> object:
        engine, deal = started()
        return engine.decide(deal, command(), at=AT).require()

    return decided


def of_frame(rows: dict[str, list[object]], **more: Any) -> Callable[[], object]:
    return lambda: sf.check_pipeline(
        pd.DataFrame(rows),
        sf.load_playbook("optimized_sales_process"),
        key="id",
        as_of=date(2026, 1, 5),
        **more,
    )


MANY = {f"x.y{at}": 1 for at in range(10_000)}
ASKED: dict[str, Callable[[], object]] = {
    "a long name": lambda: sf.load_playbook("x" * LONG),
    "a long rule": lambda: sf.Rule.parse("x" * LONG),
    "many facts in a rule": lambda: sf.Rule.parse(" and ".join(f"x{at}" for at in range(2_000))),
    "long facts of a rule": lambda: sf.Rule.parse("amount > 5").verdict({"amount": "x" * LONG}),
    "a playbook's keys": playbook(**{f"key{at}": 1 for at in range(10_000)}),
    "a playbook's long key": playbook(**{"x" * LONG: 1}),
    "a playbook's stages": playbook(stages=[{"key": "x" * 3_000}] * 500),
    "TOML": lambda: sf.Playbook.from_toml("x" * LONG),
    "a path": lambda: sf.Playbook.from_file("x" * LONG),
    "facts of a deal": lambda: sf.facts_of(
        sf.Opportunity(id="D", name="D", facts=MANY), sf.load_playbook("closed_loop_sales"), at=AT
    ),
    "a wrong fact": decide(lambda: sf.Amend(by="li", changes={"facts": {"x" * 199: "x"}})),
    "a stage": decide(lambda: sf.MoveTo(by="li", stage="x" * 200)),
    "fields": lambda: sf.Opportunity.model_validate({"id": "D", "name": "D", **MANY}),
    "items": lambda: sf.Opportunity(id="D", name="D", contacts=[1] * 100_000),  # type: ignore[list-item]
    "items of a result": lambda: Decision[sf.Opportunity].model_validate({"blockers": [1] * 1_000}),
    "JSON": lambda: sf.Opportunity.model_validate_json("x" * LONG),
    "a key of a record": lambda: sf.Opportunity.model_validate({"x" * LONG: 1}),
    "a kind": lambda: sf.read_command({"kind": "x" * LONG, "by": "li"}),
    "keys of a command": lambda: sf.read_command(json.dumps({"kind": "Win", "by": "li", **MANY})),
    "a key twice": lambda: sf.read_command(f'{{"{"x" * LONG}": 1, "{"x" * LONG}": 1}}'),
    "events": lambda: sf.read_events("{}\n" * 10_000),
    "a long line": lambda: sf.read_events(json.dumps({"x" * LONG: 1})),
    "labels": of_frame({"id": [*range(500)], "stage": [f"{at:05000}" for at in range(500)]}),
    "a column": of_frame({"id": [1], "stage": ["x"]}, columns={"amount": "x" * LONG}),
    "columns": of_frame({"id": [1], "stage": ["x"]}, columns={f"x{at}": "y" for at in range(999)}),
    "a zone": lambda: sf.StageEngine(sf.load_playbook("optimized_sales_process"), tz="x" * LONG),
    "a currency": lambda: sf.Money(1, "x" * LONG),
}  # fmt: skip


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_no_mistake_makes_a_long_text(asked: Callable[[], object]) -> None:
    with pytest.raises((SalesflowError, ValidationError)) as caught:
        asked()

    assert size(str(caught.value)) <= LONGEST
    assert size(repr(caught.value)) <= LONGEST


def test_a_refusal_names_the_first_blockers_and_carries_all() -> None:
    stage = {
        "key": "talk",
        "title": "T",
        "exit": [{"key": f"c{at}", "title": "长" * 190, "by": "boss"} for at in range(40)],
    }
    roles = [{"key": "boss", "title": "Boss"}]
    document = {"id": "p", "version": "1", "title": "P", "roles": roles, "stages": [stage]}
    engine = sf.StageEngine(sf.Playbook.from_json(json.dumps(document)))
    deal = engine.decide(sf.Opportunity(id="D", name="D"), sf.Start(by="li"), at=AT).require()
    with pytest.raises(MoveBlocked) as caught:
        engine.decide(deal, sf.Advance(by="li"), at=AT).require()

    assert size(str(caught.value)) <= LONGEST
    assert len(caught.value.problems) == len(caught.value.decision.blockers) == 40
    assert str(caught.value).endswith(" more")


def test_the_headings_of_a_table_are_cut_too() -> None:
    twice = {"number": "1", "customer": "A", "x" * LONG: "1", f" {'x' * LONG} ": "2"}
    same = {"Number": "1", "number": "2", "customer": "A", **{f"h{at}": "x" for at in range(900)}}
    for cells in (twice, same):
        with pytest.raises(ValidationError) as caught:
            ContractRow.from_cells(cells)
        assert size(str(caught.value)) <= LONGEST
