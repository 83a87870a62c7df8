"""What is kept is bounded, whatever is asked: in entries and in bytes; threads share none of it.

Whoever adds a cache adds it here, with what bounds it.
"""

from __future__ import annotations

import ast
import gc
import multiprocessing
import pickle
import sys
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain import HostDeal
from salesflow.engine._gates import compile_playbook
from salesflow.schedule import Duty
from tests.fuzz.targets import EVERY_KEY

PACKAGE = Path(sf.__file__).parent
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)

# Their keys are few and ours: words of our own data, classes of ours, what is installed.
OURS = {
    "_labels._around": "one",
    "_labels._beside": "one",
    "_labels._denying": "one",
    "_labels._negative": "one",
    "_labels._taken": "one",
    "_labels._ends_of_words": "one",
    "_labels._finder": "by group of words of ours",
    "_labels.outcomes": "one",
    "_labels._table": "one",
    "_translation._catalogue": "one",
    "_result._form": "a dict by class of results; `_FORMS`",
    "domain._base.record._all_fields": "by class of records",
    "fitting._catalogue.catalogue": "one",
    "engine._apply._sources": "by class of records, and of payloads",
    "engine._blocker_codes.blocker_codes": "one",
    "pipeline.exports._number_shapes.digits_pattern": "two",
    "pipeline.exports._number_shapes.text_pattern": "two",
    "pipeline.exports._tables.layouts": "one",
    "pipeline._suggest.evidence._headings": "one",
    "pipeline._suggest.evidence._table": "one",
    "cli._fix._keys_of_rules": "one",
    "playbook._diff.words._names": "one",
    "playbook._installed._built_in": "by built-in playbook",
    "playbook._installed._from_plugin": "by installed plugin",
    "playbook._shared._common_tables": "two",
    "plugins._checklist_title": "by checklist of ours",
    "plugins._playbook_title": "by built-in playbook",
    "records._group._parts": "one",
    "records._of_forms._heads": "by table of ours",
    "records._of_forms._titles": "one",
    "records._of_forms.columns_of": "by class of records",
    "rules._slips._han_words": "two",
    "testing._case_format._steps": "one",
    "testing._survey._built_in": "by built-in playbook",
    "rules._verbalize._tight": "by phrase of ours",
}
# A stranger has a say in their keys: they hold so many entries, of so many bytes each.
BOUNDED = {
    "_pattern._compiled": (512, 4_000),
    "domain._base.times._written_day": (4_096, 300),
    "domain.deal.lead._advised": (256, 4_000),
    "domain.deal.record_items._name_of": (256, 1_000),
    "engine._explainer._explained": (1_024, 10_000),
    "engine._explainer._incomplete": (1_024, 10_000),
    "engine._explainer._missed": (1_024, 10_000),
    "engine._hygiene._finding": (1_024, 2_000),
    "playbook._shared._of_plugin": (64, 200_000),
    "playbook._shared._read": (64, 200_000),
    "playbook.playbook._unpickled": (8, 10_000_000),
    "records._group._about": (1_024, 2_000),
    "schedule._span._months": (256, 1_000),
}
# They go with the playbook, the report or the question that they belong to.
WITH_THEIR_OWNER = {
    "engine._facts.fact_plan._attested",
    "engine._facts.fact_plan._completed",
    "engine._facts.fact_plan._resting",
    "engine._facts.fact_plan._skipped",
    "engine._facts.fact_plan.everything",
    "engine._facts.fact_plan.lapsing",
    "engine._facts.fact_plan.revised",
    "engine._facts.readers._allowed",
    "engine._forecast_calls._by_position",
    "engine._gates.compile_playbook",
    "engine._handlers.people.plan_of",
    "engine._hygiene._rules_of",
    "pipeline._checks.catalogue.left_checks",
    "pipeline._checks.catalogue.size_checks",
    "pipeline._checks.catalogue.stage_checks",
    "pipeline._checks.catalogue.track_checks",
    "pipeline._checks.check_plan._work",
    "pipeline._checks.hygiene._of_every_frame",
    "pipeline._checks.report.wide",
    "pipeline._forecast.sum_distribution.interval",
    "pipeline._frames.amounts._day",
    "pipeline._frames.stages.stage_reader",
    "pipeline._frames.stages.sub_stage_reader",
    "pipeline._history.report.cases",
    "pipeline._history.report.deviations",
    "pipeline._history.report.edges",
    "pipeline._history.track_process._process",
    "pipeline._metrics.stage_figures._places",
    "pipeline._metrics.stage_figures.cycles",
    "pipeline._metrics.stage_figures.passages",
    "pipeline._movement.changes.changes",
    "pipeline._movement.pairs._is",
    "pipeline._movement.pairs._lines",
    "pipeline._movement.pairs.kinds",
    "pipeline._suggest.evidence._names",
    "playbook._source._lines",
    "playbook._source._named",
    "playbook._source._root",
    "playbook._source.statements",
    "playbook._source.twice",
    "playbook._titles.place_titles",
    "playbook._titles.role_titles",
    "playbook._visited._graph",
    "playbook._waiting._analysis",
    "playbook._warn_rules.unlimited",
    "playbook.playbook._left",
    "playbook.playbook._record_readers",
    "playbook.playbook.content_digest",
    "playbook.playbook.digest",
    "playbook.playbook.record_facts",
    "playbook.playbook.warnings",
    "qualify._applying._spoken_of",
    "qualify._hygiene._fact_words",
    "qualify._hygiene.hygiene_rules",
    "qualify._hygiene_facts.hygiene_facts",
    "qualify._passed.asked_again",
    "qualify._passed.required_behind",
    "rules._slips._titles",
    "schedule._decision_points.decision_points",
    "schedule._triggers.called",
    "testing._bench.cases",
    "testing._bench.courses",
    "testing._bench.lint",
    "testing._bench.playbook",
    "testing._bench.survey",
    "testing._course._plan",
    "testing._drawn_values.values_of",
}
LASTING = ("lru_cache", "cache")
OWNED = ("cached_property", "kept_with_playbook")


def caches(*names: str) -> Iterator[str]:
    """Every function whose results are kept by one of these, with the module's name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.FunctionDef(name=name, decorator_list=marks):
                    if any(ast.unparse(mark).partition("(")[0] in names for mark in marks):
                        yield f"{module}.{name}"
                # self._explained = lru_cache(maxsize=…)(self._explain)
                case ast.Assign(
                    targets=[ast.Attribute(attr=name)],
                    value=ast.Call(func=ast.Call(func=ast.Name(id=mark))),
                ) if mark in names:
                    yield f"{module}.{name}"


def test_every_cache_is_here_with_what_bounds_it() -> None:
    assert {*caches(*LASTING), "_result._form"} == {*OURS, *BOUNDED}
    assert {*caches(*OWNED)} == WITH_THEIR_OWNER


def found(name: str, playbook: sf.Playbook) -> Any:
    """The cache of that name; those of an explainer are those of one playbook."""
    module, _, function = name.rpartition(".")
    if module == "engine._explainer":
        return getattr(compile_playbook(playbook).explainer, function)
    return getattr(import_module(f"salesflow.{module}"), function)


def every_key() -> sf.Playbook:
    return sf.Playbook.from_file(EVERY_KEY)


@pytest.mark.parametrize("name", BOUNDED)
def test_what_strangers_have_a_say_in_has_a_limit(name: str) -> None:
    assert found(name, every_key()).cache_parameters()["maxsize"] == BOUNDED[name][0]


# ----------------------------------------------------------------------------- different each time


def small(number: int) -> sf.Playbook:
    """A playbook like no other."""
    text = EVERY_KEY.read_text(encoding="utf-8")
    return sf.Playbook.from_toml(text.replace("Selling and installing lifts", f"Lifts {number}"))


class MondayToFriday:
    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5

    def hours(self, day: date) -> list[tuple[time, time]]:
        return [(time(9), time(17))] if self.is_workday(day) else []


def started(engine: sf.StageEngine, **more: Any) -> sf.Opportunity:
    facts = {"kind_of_house": "office", **more.pop("facts", {})}
    fields = {"id": "D", "name": "D", "owner": "li", "probability": 0.4, **more}
    deal = sf.Opportunity(facts=facts, **fields)
    return engine.decide(deal, sf.Start(by="li"), at=AT).require()


def asked(playbook: sf.Playbook, number: int) -> None:
    """One deal like no other, through everything that an engine is asked."""
    engine = sf.StageEngine(playbook, calendar=MondayToFriday())
    deal = started(
        engine,
        id=f"D-{number}",
        name=f"Deal {number}",
        owner=f"li {number}",
        amount=sf.Money(1_000 + number, "CHF"),
        next_step=f"Next step {number}",
        expected_close_on=date(2026, 1, 1) + timedelta(days=number),
        facts={"shaft.floors": 2 + number, "permit": f"B-{number:04}{'x' * 100}"},
    )
    command = sf.Answer(by="li", question="house.remark", value=f"{number} {'y' * 120}")
    deal = engine.decide(deal, command, at=AT).opportunity
    repr(engine.review(deal, at=AT))
    engine.decide(deal, sf.Advance(by="li", note=f"Note {number}"), at=AT)
    engine.score(deal, "bant", at=AT)
    sf.read_events(sf.write_events(engine.decide(deal, sf.Win(by="li"), at=AT).events))


def ruled(number: int) -> None:
    """A rule and facts like no others."""
    rule = sf.Rule.parse(f'amount > {number} and next_step == "text {number}"')
    finding = rule.evaluate({"amount": number, "next_step": f"{number} {'z' * 500}"})
    finding.blockers()
    rule.sentence("zh")


def growth(work: Callable[[int], object], times: int) -> int:
    """The bytes that the second half of so many rounds leaves behind."""
    for number in range(times):
        work(number)
    gc.collect()
    tracemalloc.start()
    for number in range(times, 2 * times):
        work(number)
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return left


def test_deals_that_differ_in_everything_leave_what_the_caches_may_hold() -> None:
    """Each entry is bounded, so that a limit of entries is one of bytes."""
    playbook, rounds, before = every_key(), 60, dict[str, int]()

    def entries() -> dict[str, int]:
        return {name: found(name, playbook).cache_info().currsize for name in BOUNDED}

    def work(number: int) -> None:
        if number == rounds:
            before.update(entries())
        asked(playbook, number)

    left = growth(work, rounds)
    added = {name: now - before[name] for name, now in entries().items()}
    assert added["engine._explainer._explained"] >= rounds
    assert left < sum(number * BOUNDED[name][1] for name, number in added.items())


def test_rules_that_differ_in_everything_leave_nothing() -> None:
    # Python itself keeps a few thousand small objects for the next ones.
    assert growth(ruled, 600) < 300_000


def test_records_that_differ_in_everything_leave_nothing() -> None:
    def read(number: int) -> None:
        HostDeal.model_validate({"id": f"D-{number}", "facts": {f"x.y{number}": number}})

    # pydantic keeps short texts that it read lately.
    assert growth(read, 1_000) < 200_000


def test_playbooks_of_strangers_leave_nothing() -> None:
    seen: list[weakref.ref[sf.Playbook]] = []

    def used(number: int) -> None:
        playbook = small(number)
        seen.append(weakref.ref(playbook))
        asked(playbook, number)

    assert growth(used, 12) < 1_000_000
    assert [ref for ref in seen if ref() is not None] == []


def test_phrases_of_ours_do_not_grow_with_what_strangers_write() -> None:
    from salesflow.rules import _verbalize

    def used(number: int) -> int:
        asked(small(number), number)
        ruled(number)
        return _verbalize._tight.cache_info().currsize

    assert used(1_000) == used(1_001) > 0


# -------------------------------------------------------------------------- threads and processes


@pytest.fixture
def threads_that_switch_all_the_time() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], object], threads: int = 8) -> list[object]:
    barrier = Barrier(threads)

    def one(number: int) -> object:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


@pytest.mark.usefixtures("threads_that_switch_all_the_time")
def test_threads_that_race_for_what_is_made_once_all_get_the_same() -> None:
    playbook = every_key()
    lazy = together(
        lambda _: (
            playbook.digest,
            playbook.content_digest,
            playbook.warnings,
            id(compile_playbook(playbook)),
        )
    )
    assert len({repr(each) for each in lazy}) == 1

    rule = sf.Rule.parse("days_since(last_activity_on) > 30 and amount > 5")
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(8)]
    facts = {"last_activity_on": date(2025, 12, 5), "amount": 6}

    def verdicts(number: int) -> list[sf.Verdict]:
        return [rule.verdict(facts, days[number]) for _ in range(200)]

    for number, each in enumerate(together(verdicts)):
        assert each == [sf.Verdict.YES if number > 3 else sf.Verdict.NO] * 200


@pytest.mark.usefixtures("threads_that_switch_all_the_time")
def test_threads_that_race_for_one_review_read_the_same() -> None:
    engine = sf.StageEngine(every_key(), calendar=MondayToFriday())
    deal = started(engine)
    for _ in range(5):
        review = engine.review(deal, at=AT)
        read = together(lambda _, review=review: (repr(review), hash(review)))  # type: ignore[misc]
        assert set(read) == {(repr(review), hash(review))}


def reviewed(engine: sf.StageEngine, deal: sf.Opportunity) -> tuple[sf.Review, tuple[Duty, ...]]:
    return engine.review(deal, at=AT), engine.due(deal, at=AT)


def test_processes_that_are_started_anew_answer_the_same() -> None:
    engine = sf.StageEngine(sf.load_playbook("closed_loop_sales"))
    new = sf.Opportunity(id="D", name="D", owner="li", amount=sf.Money(60_000, "USD"))
    deal = engine.decide(new, sf.Start(by="li"), at=AT).require()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        answers = list(pool.map(reviewed, [engine] * 2, [deal] * 2))
    assert answers == [reviewed(engine, deal)] * 2


# ------------------------------------------------------------------------------------------ pickles


def test_a_pickle_holds_the_result_and_not_the_playbook() -> None:
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    new = sf.Opportunity(id="D", name="D", owner="li", amount=sf.Money(60_000, "USD"))
    deal = engine.decide(new, sf.Start(by="li"), at=AT).require()
    whole = len(pickle.dumps(engine.playbook))
    review = engine.review(deal, at=AT)
    duties = [*engine.due(deal, at=AT)]
    scores = [engine.score(deal, card, at=AT) for card in engine.playbook.scorecards]
    sizes = {"Review": 50_000, "Score": 12_000, "Duty": 3_000}

    assert whole > 100_000
    for result in (review, *scores, *duties):
        stored = pickle.dumps(result)
        again = pickle.loads(stored)  # noqa: S301 - ours
        assert len(stored) < sizes[type(result).__name__]
        assert again == result
        assert repr(again) == repr(result)
        assert pickle.dumps(again) is not None


def test_a_duty_that_was_pickled_says_its_reason() -> None:
    engine = sf.StageEngine(every_key(), calendar=MondayToFriday())
    deal = started(engine, facts={"shaft.floors": 3})
    duties = [*engine.due(deal, at=AT + timedelta(days=30))]
    assert duties
    for duty in duties:
        again: Duty = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(duty))))  # noqa: S301 - ours
        assert again.reason == duty.reason
        assert again.model_dump_json() == duty.model_dump_json()
