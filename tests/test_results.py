"""Every result travels: JSON with its schema, copies, pickles, hashes; and it never changes."""

from __future__ import annotations

import asyncio
import copy
import importlib
import json
import pickle
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from threading import Barrier
from typing import Any, Final

import httpx
import polars as pl
import pytest
from fastapi import FastAPI
from jsonschema import validate
from pydantic import BaseModel, TypeAdapter, ValidationError

import salesflow as sf
from salesflow import documents, errors, pipeline, playbook, qualify
from salesflow._frozen import FrozenDict
from salesflow._result import LazyResult, Result
from salesflow.domain import OpportunityPlan
from salesflow.errors import SalesflowError
from salesflow.pipeline import Report
from salesflow.text import both
from tests.engine.legal_track import Deal

NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)


def every_class(parent: type[Result] = Result) -> Iterator[type[Result]]:
    for cls in parent.__subclasses__():
        ours = cls.__module__.startswith("salesflow.") and cls not in {LazyResult, Report}
        if ours and "[" not in cls.__name__:
            yield cls
        yield from every_class(cls)


def inside(value: object) -> Iterator[object]:
    """A value and everything in it."""
    yield value
    parts: Any = ()
    if isinstance(value, BaseModel):
        parts = [item for _, item in value]
    elif isinstance(value, Mapping):
        parts = list(value.values())
    elif isinstance(value, list | tuple):
        parts = value
    for part in parts:
        yield from inside(part)


ESCALATING = """
id = "care"
version = "1"
title = "Care"
stages = [{ key = "care", title = "Care" }]
[[cadences]]
key = "call"
title = "Call"
within = { days = 1 }
escalate = [{ after = { days = 2 }, role = "boss" }]
"""


RENAMED: Final = sf.Playbook.from_toml(
    """
id = "optimized_sales_process"
version = "99"
title = "Another one"
stages = [{ key = "talk", title = "Talk" }]
"""
)


@cache
def results() -> tuple[Result, ...]:
    """Some of every kind, made as users make them."""
    book = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(book)
    deal = sf.Opportunity(id="D-1", name="Core", owner="li", amount=sf.Money(60_000, "USD"))
    started = engine.decide(deal, sf.Start(by="li"), at=NOW)
    deal = started.require()
    answered = engine.decide(
        deal,
        sf.Answer(by="li", question="tas.compelling_event", mark="+"),
        at=NOW,
    )
    deal = answered.require()
    sheets = [qualify.sheet_of(deal, who, competitors=["Rival"]) for who in ("us", "Rival")]
    card = next(iter(book.scorecards.values()))
    facts = sf.facts_of(deal, book, at=NOW)
    score = qualify.score(book, card, facts, NOW.date())
    frame = pl.DataFrame(
        {
            "id": ["D-1", "D-2", "D-3"],
            "stage": ["demand_generation", "Closed Won", "lost"],
            "tas.compelling_event": ["+", "+", "-"],
            "owner": [None, "li", "li"],
        }
    )
    log = pl.DataFrame(
        {
            "id": ["D-1", "D-1"],
            "stage": ["demand_generation", "territory_account_plan"],
            "at": [date(2026, 1, 1), date(2026, 1, 2)],
        }
    )
    history = pipeline.check_history(log, book, case="id", stage="stage", at="at")
    report = pipeline.check_pipeline(
        frame, book, key="id", as_of=NOW.date(), fail_if={"hygiene.owner_known": 0}
    )
    priced = frame.with_columns(amount=pl.Series([1, 2, 3]))
    coming = pipeline.sum_of([("D-1", 100.0, 0.5)])
    asked = pipeline.backtest(
        frame, book, card="tas", outcome="stage", pending=["demand_generation"]
    )
    past = pl.DataFrame(
        [
            (f"P-{n}", label, date(2025, 1, 1 + n + days))
            for n in range(20)
            for label, days in (("demand_generation", 0), ("won" if n % 2 else "lost", 9))
        ],
        schema=["id", "stage", "at"],
        orient="row",
    )
    beside = Deal().started()
    rule = sf.Rule.parse("amount >= 100_000 and (not on_hold or known(source))")
    tracked = sf.StageEngine(sf.load_playbook("project_tracking"))
    project = sf.Opportunity(id="P-1", name="Plant", owner="li")
    project = tracked.decide(project, sf.Start(by="li"), at=NOW).require()
    caring = sf.StageEngine(sf.Playbook.from_toml(ESCALATING))
    care = sf.Opportunity(id="C-1", name="Care")
    care = caring.decide(care, sf.Start(by="li"), at=NOW).require()
    return (
        started,
        answered,
        *caring.due(care, at=NOW),
        tracked.review(project, at=NOW),
        engine.decide(deal, sf.Advance(by="li"), at=NOW),
        engine.review(deal, at=NOW),
        beside.engine.review(beside.deal, at=beside.at),
        *engine.available(deal, at=NOW, by="li"),
        *engine.due(deal, at=NOW),
        *sf.fitting_questions(),
        *sf.fitting_playbooks({"work": "presales", "tender": True}),
        rule.evaluate({"amount": 5, "on_hold": True}),
        *rule.evaluate({"amount": 5, "on_hold": True}).blockers(),
        score,
        *score.sections,
        score.versus(score),
        qualify.tally(book.checklists["tas"], qualify.answers_of(deal.progress.answers)),
        *qualify.compare(*sheets, checklist=book.checklists["tas"]),
        documents.plan_status(OpportunityPlan(opportunity="D-1"), book, facts),
        playbook.diff(book, RENAMED),
        report,
        *report.failed(),
        history,
        history.variants(),
        pipeline.metrics(frame, book, key="id", as_of=NOW.date()),
        pipeline.forecast(
            priced.with_columns(
                pl.Series("forecast.owner_call", ["commit", None, None]),
                probability=pl.lit(0.5),
                closed_on=pl.lit(NOW.date()),
                expected_close_on=pl.lit(NOW.date()),
            ),
            book,
            key="id",
            as_of=NOW.date(),
            count=2,
            by="owner",
        ),
        pipeline.metrics(frame, book, key="id", as_of=NOW.date(), by="owner", top=1),
        pipeline.suggest(
            frame.with_columns(pl.lit("1.5").alias("amount"), pl.lit("N/A").alias("owner")), book
        ),
        pipeline.compare(priced, priced.with_columns(stage=pl.lit("won")), book, key="id"),
        report.since(report),
        pipeline.win_chances(
            log, book, as_of=NOW.date(), case="id", stage="stage", at="at", by="owner", deals=frame
        ),
        pipeline.win_chances(
            past, book, as_of=date(2025, 1, 28), case="id", stage="stage", at="at"
        ),
        *coming.largest(),
        *coming.questions([("D-1", "compelling_event")], asked),
        pipeline.forecast_backtest(
            past,
            book,
            days=[date(2025, 1, 20)],
            deals=pl.DataFrame({"id": [f"P-{n}" for n in range(20)], "amount": [5.0] * 20}),
            periods=[pipeline.Period("New Year", date(2025, 1, 1), date(2025, 1, 28))],
            case="id",
            stage="stage",
            at="at",
        ),
        pipeline.close_slippage(frame, book, key="id", as_of=NOW.date()),
        pipeline.backtest(
            frame, book, card=card.key, outcome="stage", pending=["demand_generation"]
        ),
    )


def of_each_class() -> dict[type, Result]:
    found: dict[type, Result] = {}
    for result in results():
        for part in inside(result):
            if isinstance(part, Result):
                found.setdefault(type(part), part)
    return found


def test_every_class_of_results_has_an_example_here() -> None:
    for found in pkgutil.walk_packages(sf.__path__, "salesflow."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)

    missing = {cls.__name__ for cls in every_class()} - {cls.__name__ for cls in of_each_class()}
    assert missing == set()


def test_every_result_is_frozen_to_its_core_and_can_be_hashed_copied_and_pickled() -> None:
    for result in results():
        for part in inside(result):
            assert not isinstance(part, list | set)
            assert not isinstance(part, dict) or isinstance(part, FrozenDict)
        assert hash(result) == hash(copy.copy(result))
        assert copy.deepcopy(result) == result
        back = pickle.loads(pickle.dumps(result))  # noqa: S301 - it was ours a moment ago
        assert back == result
        assert hash(back) == hash(result)
        name = next(iter(type(result).model_fields))
        with pytest.raises(AttributeError, match="never changes"):
            setattr(result, name, None)
        with pytest.raises(AttributeError, match="never changes"):
            delattr(result, name)


# They refer to parts of a playbook, and JSON has of those no more than a screen shows.
REFERRING: Final = {
    "Review",
    "CriterionStatus",
    "InstrumentStatus",
    "PossibleMove",
    "TrackMove",
    "TrackStatus",
    "Duty",
    "Difference",
    "FormStatus",
    "InstrumentPlan",
    "PlanStatus",
}


def test_json_of_a_result_reads_back_unless_it_refers_to_a_playbook() -> None:
    for cls, result in of_each_class().items():
        written = result.model_dump_json()
        adapter: TypeAdapter[Any] = TypeAdapter(cls)
        assert adapter.dump_json(result).decode() == written
        if cls.__name__ not in REFERRING:
            assert cls.model_validate_json(written).model_dump_json() == written  # type: ignore[attr-defined]
        elif "cannot be read" in _refusal(cls, written):
            continue
        else:
            # The only reference may be missing in this one.
            assert cls.model_validate_json(written) == result  # type: ignore[attr-defined]


def test_the_dict_of_a_result_is_its_json_and_reads_back_as_json_does() -> None:
    for cls, result in of_each_class().items():
        written = result.to_json()
        assert json.loads(written) == result.to_dict() == json.loads(result.model_dump_json())
        if cls.__name__ not in REFERRING:
            back: Result = cls.model_validate_json(written)  # type: ignore[attr-defined]
            assert back.to_json() == written


@pytest.mark.parametrize("strange", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_finite_number_is_null_in_json(strange: float) -> None:
    metric = pipeline.Metric(value=strange, unit="USD")

    assert metric.to_dict()["value"] is None
    assert '"value": null' in metric.to_json()


@pytest.mark.parametrize(
    "key", ["\ud800", b"\xff\xfe", NOW, object(), (1, 2), float("nan"), 10**30]
)
def test_whatever_the_key_of_a_deal_is_its_json_can_be_written(key: object) -> None:
    failed = pipeline.FailedCheck(
        check="c",
        title=both(en="C", zh="丙"),
        severity="error",
        findings=1,
        rows=1,
        limit=0,
        examples=(key,),
    )

    assert json.loads(failed.to_json().encode()) == failed.to_dict()


def _refusal(cls: Any, written: str) -> str:
    try:
        cls.model_validate_json(written)
    except ValidationError as error:
        return str(error)
    return ""


def test_a_decision_keeps_its_command_whole() -> None:
    deal = sf.Opportunity(id="D-1", name="Core")
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    decision = engine.decide(deal, sf.Lose(by="li", reason="lost_to_competitor"), at=NOW)

    read = sf.Decision[sf.Opportunity].model_validate_json(decision.model_dump_json())

    assert read.command == sf.Lose(by="li", reason="lost_to_competitor")
    assert read.model_dump() == decision.model_dump()


def test_a_decision_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="accepted"):
        bool(results()[0])


@pytest.mark.parametrize("mode", ["serialization", "validation"])
def test_every_field_of_a_result_is_described_in_its_schema(mode: Any) -> None:
    """A result, and whatever is in it: records, dataclasses, lists of words."""
    bare = set()
    for cls in of_each_class():
        schema = TypeAdapter(cls).json_schema(mode=mode)
        for name, shown in {cls.__name__: schema, **schema.get("$defs", {})}.items():
            fields = shown.get("properties", {})
            bare |= {f"{name}.{field}" for field in fields if "description" not in fields[field]}
    assert bare == set()


def test_every_member_of_a_problem_document_is_described() -> None:
    schema: Any = SalesflowError.json_schema()
    problem = schema["properties"]["problems"]["items"]
    for members in (schema["properties"], problem["properties"]):
        assert [name for name in members if not members[name]["description"]] == []
    assert list(problem["properties"]) == [field.name for field in fields(errors.Problem)]


def test_a_host_returns_any_result_as_it_is() -> None:
    app = FastAPI()
    found = of_each_class()
    for cls, result in found.items():
        app.get(f"/bare/{cls.__name__}", response_model=None)(lambda result=result: result)
        app.get(f"/typed/{cls.__name__}", response_model=cls)(lambda result=result: result)

    async def ask() -> dict[str, httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
            paths = [f"/{way}/{cls.__name__}" for cls in found for way in ("bare", "typed")]
            return {path: await client.get(path) for path in [*paths, "/openapi.json"]}

    answers = asyncio.run(ask())
    for cls, result in found.items():
        for way in ("bare", "typed"):
            answer = answers[f"/{way}/{cls.__name__}"]
            assert answer.status_code == 200, (way, cls)
            assert answer.json() == result.model_dump(mode="json")
    described = answers["/openapi.json"].json()["components"]["schemas"]
    assert set(described) >= {"Review", "Blocker"}


def test_what_was_read_back_says_that_it_cannot_be_asked_further() -> None:
    score = next(item for item in results() if isinstance(item, sf.Score))
    read = sf.Score.model_validate_json(score.model_dump_json())
    assert read == score
    with pytest.raises(SalesflowError, match="was read back"):
        read.if_answered({})
    report = next(item for item in results() if isinstance(item, sf.PipelineReport))
    with pytest.raises(SalesflowError, match="Make it anew"):
        _ = pickle.loads(pickle.dumps(report)).findings()  # noqa: S301 - it was ours a moment ago


def test_a_changed_copy_leaves_the_result_as_it_was() -> None:
    counts = pipeline.Counts(yes=1, no=2, unknown=3)
    assert counts.model_copy(update={"no": 5}) == pipeline.Counts(yes=1, no=5, unknown=3)
    assert copy.deepcopy(counts).model_copy(update={"no": 5}, deep=True).no == 5
    assert counts.no == 2
    assert str(counts) == "Counts(yes=1, no=2, unknown=3)"


def test_a_result_needs_each_of_its_fields_and_has_no_others() -> None:
    with pytest.raises(TypeError, match="Counts: missing: no, unknown; unknown: maybe"):
        pipeline.Counts(yes=1, maybe=2)  # type: ignore[call-arg]


def fresh_review() -> sf.Review:
    """A review that nobody has read anything of."""
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    deal = sf.Opportunity(id="D-1", name="Core", owner="li", amount=sf.Money(60_000, "USD"))
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    return engine.review(deal, at=NOW)


WAYS_TO_READ: Final[dict[str, Callable[[sf.Review], object]]] = {
    "equality": lambda review: review == fresh_review(),
    "hash": hash,
    "repr": repr,
    "fields": dict,
    "JSON": lambda review: review.model_dump_json(),
    "values": lambda review: list(review.model_dump().items()),
    "some values": lambda review: review.model_dump(include={"hygiene", "scores"}),
    "inside a host's model": lambda review: Page(review=review).model_dump_json(),
    "pickle": lambda review: repr(pickle.loads(pickle.dumps(review))),  # noqa: S301 - ours
    "copy": lambda review: repr(copy.copy(review)),
    "deep copy": lambda review: repr(copy.deepcopy(review)),
    "changed copy": lambda review: repr(review.model_copy(update={"scores": FrozenDict()})),
    "screen": lambda review: review._repr_html_(),
}


class Page(BaseModel):
    """What a host makes of a review."""

    review: sf.Review


@pytest.mark.parametrize("way", WAYS_TO_READ)
def test_a_review_is_the_same_whether_parts_of_it_were_read_before_or_not(way: str) -> None:
    read = WAYS_TO_READ[way]
    backwards = fresh_review()
    for name in reversed(type(backwards).model_fields):
        assert getattr(backwards, name) is getattr(backwards, name)
    assert read(fresh_review()) == read(backwards)


@pytest.mark.parametrize("name", ["scores", "criteria", "hygiene"])
def test_threads_that_read_a_part_at_the_same_time_get_the_same_one(name: str) -> None:
    review, together = fresh_review(), Barrier(4)

    def read(_: int) -> object:
        together.wait()
        return getattr(review, name)

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(read, range(4))
    assert all(part is first for part in others)


def fresh_score() -> sf.Score:
    """A score that nobody has read anything of."""
    book = sf.load_playbook("optimized_sales_process")
    return qualify.score(book, book.scorecards["tas"], {"tas.compelling_event": "+"})


WAYS_TO_COPY: Final[dict[str, Callable[[sf.Score], sf.Score]]] = {
    "itself": lambda score: score,
    "copy": copy.copy,
    "deep copy": copy.deepcopy,
    "changed copy": lambda score: score.model_copy(update={"problems": ()}),
}


@pytest.mark.parametrize("way", WAYS_TO_COPY)
def test_a_score_can_be_asked_further_whether_all_of_it_was_read_or_not(way: str) -> None:
    answered = fresh_score().if_answered({"tas.solution_fit": "+"})
    untouched, whole = fresh_score(), fresh_score()
    assert repr(whole) == repr(fresh_score())
    for score in (untouched, whole):
        asked = WAYS_TO_COPY[way](score)
        assert asked.if_answered({"tas.solution_fit": "+"}) == answered
        assert asked.possible == fresh_score().possible
        assert (asked.reasons, asked.contributions) == (whole.reasons, whole.contributions)


def test_a_review_has_no_other_parts() -> None:
    with pytest.raises(AttributeError, match="no attribute 'mood'"):
        _ = fresh_review().mood  # type: ignore[attr-defined]


def test_every_error_is_a_problem_document() -> None:
    for name in errors.__all__:
        cls = getattr(errors, name)
        if isinstance(cls, type) and issubclass(cls, SalesflowError):
            error = cls("stage", "x", ["y"]) if cls is errors.UnknownName else cls("Wrong.")
            shown = error.to_dict()
            assert TypeAdapter(dict[str, Any]).validate_json(TypeAdapter(Any).dump_json(shown))
            assert shown["type"] == f"urn:salesflow:{cls.code}"
            assert shown["title"]
            assert shown["detail"] == error.message
            validate(shown, SalesflowError.json_schema())


def test_a_refusal_that_is_raised_has_its_blockers_for_programs() -> None:
    deal = sf.Opportunity(id="D-1", name="Core", owner="li")
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    decision = engine.decide(deal, sf.Advance(by="li"), at=NOW)
    with pytest.raises(sf.engine.MoveBlocked) as blocked:
        decision.require()
    shown: Any = blocked.value.to_dict()
    read = TypeAdapter(tuple[sf.Blocker, ...]).validate_python(shown["blockers"])
    assert read == decision.blockers
    validate(shown, SalesflowError.json_schema())


def test_an_error_has_its_data_for_programs() -> None:
    deal = sf.Opportunity(id="D-1", name="Core", amount=sf.Money(5, "EUR"))
    book = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(book)
    with pytest.raises(errors.VersionConflict) as conflict:
        engine.decide(deal, sf.Start(by="li", expected_version=3), at=NOW)
    assert conflict.value.data == {"expected": 3, "current": 0}
    with pytest.raises(errors.MissingRate) as missing:
        sf.Rates(base="USD").amount_in("USD", sf.Money(5, "EUR"))
    assert missing.value.to_dict()["currency"] == "EUR"
    deal = engine.decide(deal, sf.Start(by="li", command_id="c"), at=NOW).require()
    with pytest.raises(errors.CommandConflict) as used:
        engine.decide(deal, sf.Resume(by="li", command_id="c"), at=NOW)
    assert used.value.data == {"command_id": "c"}
    other = sf.StageEngine(sf.load_playbook("closed_loop_sales"))
    with pytest.raises(errors.PlaybookMismatch) as mismatch:
        other.decide(deal, sf.Advance(by="li"), at=NOW)
    told: Any = mismatch.value.data
    assert (told["deal"]["id"], told["engine"]["id"]) == (book.id, "closed_loop_sales")
    assert pickle.loads(pickle.dumps(mismatch.value)).data == told  # noqa: S301 - ours
