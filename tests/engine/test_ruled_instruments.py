"""Instruments that follow from a rule: nobody completes them, and all say the same of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

import salesflow as sf
from salesflow.documents import plan_status
from salesflow.domain import OpportunityPlan
from salesflow.domain._base.record import replaced
from salesflow.errors import InvalidPlaybook
from salesflow.playbook import lint
from tests.engine.conftest import Walk

BOOK: Final = """
id = "ruled"
version = "1"
title = "Ruled"
owner_role = "rep"
languages = ["en"]
roles = [{ key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }]
policy = { lose = ["boss"] }
facts = [
  { name = "sheet.pages", kind = "number", title = "Pages of the sheet" },
  { name = "sheet.updated_on", kind = "day", title = "The day of the sheet" },
]
checklists = [{ key = "site", questions = [
  { key = "clear", title = "Is it clear?" }, { key = "access", title = "Is there access?" },
] }]
[[instruments]]
key = "plan"
title = { en = "Plan", zh = "计划" }
by = "rep"
rule = "sheet.pages >= 3 and known(owner)"
[[instruments]]
key = "survey"
title = "Survey"
checklist = "site"
rule = 'track.legal == "agreed"'
[[instruments]]
key = "folder"
title = "Folder"
rule = "done.plan and done.talk"
[[instruments]]
key = "talk"
title = "Talk"
[[instruments]]
key = "news"
title = "News"
rule = "days_since(sheet.updated_on) <= 30"
[[size_policy]]
when = "amount >= 1_000"
instruments = ["plan", "survey", "folder"]
[[size_policy]]
when = "amount < 1_000"
instruments = ["news"]
[[scorecards]]
key = "card"
items = [{ key = "plan", rule = "done.plan", weight = 3 }, { key = "all", rule = "done.folder" }]
bands = [{ key = "low", min = 0 }, { key = "high", min = 3 }]
[[tracks]]
key = "legal"
title = "Legal"
states = [{ key = "open", title = "Open" }, { key = "agreed", title = "Agreed" }]
[[stages]]
key = "prepare"
title = "Prepare"
  [[stages.exit]]
  key = "prepared"
  title = "All of it is there"
  instruments = true
[[stages]]
key = "sign"
title = "Sign"
  [[stages.exit]]
  key = "good"
  title = "It is good"
  rule = "score.card.low >= 3"
"""
AT: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def walk_of(text: str = BOOK, amount: str = "5000", **more: object) -> Walk:
    fields = {"amount": {"amount": amount, "currency": "USD"}, "owner": "li", **more}
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "Works", **fields})
    walk = Walk(sf.StageEngine(sf.Playbook.from_toml(text)), deal)
    walk.do(sf.Start(by="li")).require()
    return walk


def facts(walk: Walk) -> dict[str, object]:
    return dict(sf.facts_of(walk.deal, walk.engine.playbook, at=walk.at))


def pages(number: float | None) -> sf.Amend:
    return sf.Amend(by="li", changes={"facts": {"sheet.pages": number}})


@pytest.mark.parametrize(("number", "done"), [(3, True), (2, False), (None, None)])
def test_the_fact_is_what_the_rule_says(number: float | None, done: bool | None) -> None:
    walk = walk_of(facts={} if number is None else {"sheet.pages": number})
    assert facts(walk)["done.plan"] is done


def test_nobody_completes_it_and_is_told_what_it_follows_from() -> None:
    walk = walk_of(facts={"sheet.pages": 2})
    (blocker,) = walk.do(sf.Complete(by="li", instrument="plan")).blockers

    assert (blocker.code, blocker.key, blocker.role) == ("computed", "plan", "rep")
    assert blocker.title.en == "Nobody completes this, for it follows from a rule: Plan"
    assert blocker.title.zh == "此项由规则得出，无须任何人完成：计划"
    assert blocker.fix.en == (
        "It follows from: “Pages of the sheet” is at least 3 and the owner is known; "
        "“Pages of the sheet” is 2; it must be at least 3"
    )
    assert [part.key for part in blocker.because] == ["sheet.pages"]
    walk.do(pages(9)).require()
    (blocker,) = walk.do(sf.Complete(by="wang", instrument="plan")).blockers
    assert (blocker.code, blocker.because) == ("computed", ())
    assert {it.kind for it in walk.engine.available(walk.deal, by="li", at=walk.at)} >= {
        sf.Complete
    }
    listed = [it for it in walk.engine.available(walk.deal, by="li", at=walk.at) if it.allowed]
    assert [it.fields["instrument"] for it in listed if it.kind is sf.Complete] == ["talk"]


def test_before_the_start_and_after_the_end_that_is_what_is_told() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(BOOK))
    deal = sf.Opportunity(id="D-1", name="Works")
    command = sf.Complete(by="li", instrument="plan")
    assert [it.code for it in engine.decide(deal, command, at=AT).blockers] == ["not_started"]


def test_a_gate_and_a_review_explain_what_is_missing_in_it() -> None:
    walk = walk_of(facts={"sheet.pages": 2})
    walk.do(sf.Answer(by="li", question="site.clear", mark="?")).require()
    (blocker,) = walk.do(sf.Advance(by="li")).blockers
    parts = {part.key: part for part in blocker.because}

    assert {key: (part.code, part.verdict) for key, part in parts.items()} == {
        "plan": ("instrument", sf.Verdict.NO),
        "survey": ("instrument", sf.Verdict.NO),
        "folder": ("instrument", sf.Verdict.NO),
    }
    assert parts["plan"].fix.en == "Plan: “Pages of the sheet” is 2; it must be at least 3"
    assert parts["plan"].fix.zh == "计划：“Pages of the sheet”现为 2，须不低于 3"
    assert (parts["plan"].role, parts["plan"].seen) == ("rep", {"sheet.pages": 2.0})
    assert [it.key for it in parts["survey"].because] == ["track.legal", "site.asked"]
    assert [it.key for it in parts["folder"].because] == ["done.plan", "done.talk"]

    review = walk.engine.review(walk.deal, at=walk.at)
    shown = {item.instrument.key: item for item in review.instruments}
    assert {key: item.blocker for key, item in shown.items()} == parts
    assert not any(item.done for item in shown.values())
    assert review.blockers == (blocker,)

    walk.do(pages(4)).require()
    (blocker,) = walk.do(sf.Advance(by="li")).blockers
    assert [part.key for part in blocker.because] == ["survey", "folder"]
    (plan, *_) = walk.engine.review(walk.deal, at=walk.at).instruments
    assert (plan.done, plan.blocker) == (True, None)


def test_a_checklist_beside_a_rule_is_asked_for_as_well() -> None:
    walk = walk_of()
    walk.do(sf.MoveTrack(by="li", track="legal", state="agreed")).require()
    assert facts(walk)["done.survey"] is False
    for key in ("clear", "access"):
        walk.do(sf.Answer(by="li", question=f"site.{key}", mark="?")).require()
    assert facts(walk)["done.survey"] is True


def test_a_deal_goes_through_by_its_facts_alone_and_by_what_people_say() -> None:
    walk = walk_of(facts={"sheet.pages": 3})
    walk.do(sf.MoveTrack(by="li", track="legal", state="agreed")).require()
    for key in ("clear", "access"):
        walk.do(sf.Answer(by="li", question=f"site.{key}", mark="+")).require()
    assert walk.do(sf.Advance(by="li")).blockers
    walk.do(sf.Complete(by="li", instrument="talk")).require()
    walk.do(sf.Advance(by="li")).require()
    assert walk.do(sf.Advance(by="li")).accepted  # the card reads what follows from the rules
    assert walk.engine.replay(walk.events) == walk.deal.progress


def test_a_score_and_a_what_if_work_it_out_anew() -> None:
    walk = walk_of(facts={"sheet.pages": 3})
    found = walk.engine.score(walk.deal, "card", at=walk.at)
    assert (found.low, found.high) == (3.0, 4.0)
    other = found.if_answered({"sheet.pages": 2})
    assert (other.low, other.high) == (0.0, 0.0)
    with pytest.raises(sf.errors.FactError, match="this follows from the answers"):
        found.if_answered({"done.plan": True})


def test_a_rule_that_uses_time_is_explained_anew_each_day() -> None:
    walk = walk_of(amount="500", facts={"sheet.updated_on": "2026-01-01"})
    later = walk.at + timedelta(days=40)
    advance = sf.Advance(by="li")
    assert walk.engine.decide(walk.deal, advance, at=walk.at).accepted
    fixes = set()
    for days in (0, 1):
        (blocker,) = walk.engine.decide(
            walk.deal, advance, at=later + timedelta(days=days)
        ).blockers
        fixes.add(blocker.fix.en)
    assert len(fixes) == 2


def test_the_policy_of_a_field_reads_it_as_it_would_be() -> None:
    asks = 'name = "sheet.pages", rule = "done.plan", asks = "The plan stays complete"'
    walk = walk_of(BOOK.replace('lose = ["boss"]', f"fields = [{{ {asks} }}]"))
    assert [it.code for it in walk.do(pages(1)).blockers] == ["computed"]
    assert walk.do(pages(3)).accepted
    assert [it.code for it in walk.do(pages(1)).blockers] == ["computed"]


def test_what_was_completed_before_there_was_a_rule_does_not_count() -> None:
    text = BOOK.replace('rule = "sheet.pages >= 3 and known(owner)"\n', "")
    walk = walk_of(text)
    walk.do(sf.Complete(by="li", instrument="plan")).require()
    assert facts(walk)["done.plan"] is True
    newer = BOOK.replace('version = "1"', 'version = "2"\nmigrations = [{ from = "1" }]')
    walk.engine = sf.StageEngine(sf.Playbook.from_toml(newer))

    decision = walk.do(sf.Migrate(by="li"))
    (event,) = decision.events

    assert getattr(event.payload, "unmapped") == ("plan",)  # noqa: B009 - it is Migrated
    assert facts(walk)["done.plan"] is None
    assert walk.do(sf.Withdraw(by="li", instrument="plan")).accepted


def test_a_deal_kept_in_a_record_of_the_host_is_treated_alike() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(BOOK))
    deal = sf.HostDeal(id="D-1", facts={"sheet.pages": 4, "owner": "li", "amount": 5000})
    deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
    assert sf.facts_of(deal, engine.playbook, at=AT)["done.plan"] is True
    with pytest.raises(sf.errors.FactError, match="follows from the rest of the deal"):
        sf.facts_of(replaced(deal, facts={"done.plan": True}), engine.playbook, at=AT)


def test_json_and_digest_have_the_rule() -> None:
    book = sf.Playbook.from_toml(BOOK)
    again = sf.Playbook.from_json(book.to_json())
    assert (again, again.instruments) == (book, book.instruments)
    assert str(book.instruments["survey"].check_rule) == (
        'track.legal == "agreed" and site.asked >= 2'
    )
    assert book.instruments["talk"].check_rule is None
    other = sf.Playbook.from_toml(BOOK.replace("sheet.pages >= 3", "sheet.pages >= 4"))
    assert other.digest != book.digest


def test_the_status_of_a_plan_asks_for_the_rule_too() -> None:
    book = sf.Playbook.from_toml(BOOK)
    plan = OpportunityPlan(opportunity="D-1")
    known: dict[str, Any] = {"amount": 5000, "owner": "li"}

    low, high = (
        plan_status(plan, book, {**known, "sheet.pages": n}, as_of=AT.date()).instrument("plan")
        for n in (1, 3)
    )

    assert (low.complete, high.complete) == (sf.Verdict.NO, sf.Verdict.YES)
    assert str(low.missing[-1]) == (
        "It takes that Pages of the sheet is at least 3 and the owner is known"
    )


CIRCLES: Final = {
    "itself": ("sheet.pages >= 3 and known(owner)", "done.plan", "done.plan → done.plan"),
    "each other": ("sheet.pages >= 3 and known(owner)", "done.folder", "done.folder"),
    "a card that reads it": (
        "sheet.pages >= 3 and known(owner)",
        "score.card.low > 1",
        "score.card",
    ),
    "the criterion that asks for it": (
        "sheet.pages >= 3 and known(owner)",
        "done.prepared",
        "done.prepared",
    ),
}


@pytest.mark.parametrize("what", CIRCLES)
def test_a_rule_that_reads_what_follows_from_it_is_refused(what: str) -> None:
    old, new, trail = CIRCLES[what]
    with pytest.raises(InvalidPlaybook) as caught:
        sf.Playbook.from_toml(BOOK.replace(old, new))
    (problem,) = caught.value.problems
    assert (problem.code, problem.path.rpartition(".")[2]) == ("circle", "rule")
    assert trail in problem.message


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('by = "rep"\n', 'evidence = "required"\n', "instruments.plan.evidence", "nobody shows"),
        (
            'key = "legal"\n',
            'key = "legal"\nwhen = "done.plan"\n',
            "tracks.legal.when",
            "done.plan",
        ),
        ("sheet.pages >= 3", "sheet.page >= 3", "instruments.plan.rule", "sheet.pages"),
        ("sheet.pages >= 3", "sheet.pages", "instruments.plan.rule", "sheet.pages"),
        (
            "[[tracks]]",
            '[[cadences]]\nkey = "plan"\ntitle = "Plan"\nevery = { weeks = 1 }\n[[tracks]]',
            "instruments.plan.rule",
            "give cadences.plan another key",
        ),
        (
            '"sheet.pages >= 3 and known(owner)"',
            f'"{"not " * 31}known(owner)"',
            "instruments.plan.rule",
            "at most 30 deep",
        ),
    ],
)
def test_a_mistake_is_told_where_it_is(old: str, new: str, path: str, said: str) -> None:
    found = [(problem.path, str(problem)) for problem in lint(BOOK.replace(old, new, 1))]
    assert [text for at, text in found if at == path and said in text], found


def test_a_sound_one_has_no_warning() -> None:
    assert lint(BOOK) == ()


def test_a_duty_called_like_one_that_somebody_completes_is_no_matter() -> None:
    duty = '[[cadences]]\nkey = "talk"\ntitle = "Talk"\nevery = { weeks = 1 }\n[[tracks]]'
    walk = walk_of(BOOK.replace("[[tracks]]", duty))
    assert walk.do(sf.Complete(by="li", instrument="talk")).accepted


def test_where_nobody_knows_whether_a_question_applies_the_fact_that_decides_is_named() -> None:
    text = BOOK.replace(
        '{ key = "access", title = "Is there access?" }',
        '{ key = "access", title = "Is there access?", when = "probability > 0.5" }',
    ).replace("""rule = 'track.legal == "agreed"'""", 'rule = "site.access"')
    assert "when" in text

    def parts(**fields: Any) -> list[tuple[str, str, list[str]]]:
        walk = walk_of(text, **fields)
        review = walk.engine.review(walk.deal, at=walk.at)
        blocker = {it.instrument.key: it for it in review.instruments}["survey"].blocker
        assert blocker is not None
        return [(it.code, it.key, [part.key for part in it.because]) for it in blocker.because]

    rule: list[tuple[str, str, list[str]]] = [
        ("unknown", "site.access", []),
        ("no", "site.asked", []),
    ]
    assert parts(probability=0.9) == rule
    assert parts() == [*rule, ("unknown", "site.access", ["probability"])]
