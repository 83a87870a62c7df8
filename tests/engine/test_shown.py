"""What people say has its evidence, and a playbook can ask for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

import salesflow as sf
from salesflow.engine import Proposal, Veto
from salesflow.errors import CommandConflict
from salesflow.playbook import lint
from salesflow.text import both
from tests.engine.conftest import Walk

BOOK: Final = """
id = "shown"
version = "1"
title = "Shown"
roles = [{ key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }]
facts = [{ name = "discount", kind = "number", title = "Discount" }]
instruments = [
  { key = "plan", title = "Plan", by = "rep", evidence = "required" },
  { key = "talk", title = "Talk" },
]
size_policy = [{ when = "known(amount)", instruments = ["plan", "talk"] }]
[[approvals]]
key = "sums"
title = "Who approves"
rows = [{ when = "discount > 0.1", roles = ["rep", "boss"] }]
[[checklists]]
key = "site"
questions = [
  { key = "clear", title = "Is it clear?", evidence = "required", may_not_apply = true },
  { key = "area", title = "Square metres", type = "number", evidence = "required" },
]
[[scorecards]]
key = "card"
items = [{ key = "clear", rule = "site.clear" }]
bands = [{ key = "low", min = 0 }]
[[stages]]
key = "talk"
title = "Talk"
  [[stages.exit]]
  key = "met"
  title = "The customer was met"
  by = "rep"
  evidence = "required"
  lapses_on = ["discount"]
  [[stages.exit]]
  key = "go"
  title = "We want it"
  by = "boss"
  decision = "card"
  evidence = "required"
  [[stages.exit]]
  key = "agreed"
  title = "All agree"
  judgement = { roles = ["rep", "boss"], decides = "boss" }
  evidence = "required"
  [[stages.exit]]
  key = "approved"
  title = "The discount is approved"
  approval = "sums"
  lapses_on = ["discount"]
  evidence = "required"
  [[stages.exit]]
  key = "planned"
  title = "It is planned"
  instruments = true
[[stages]]
key = "sign"
title = "Sign"
"""
AT: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MINUTES: Final = "Minutes of 5 January"


@pytest.fixture
def walk() -> Walk:
    deal = sf.Opportunity.model_validate(
        {
            "id": "D-1",
            "name": "Works",
            "amount": {"amount": "1000", "currency": "USD"},
            "facts": {"discount": 0.2},
            "team": {"li": "rep", "wang": "boss"},
        }
    )
    found = Walk(sf.StageEngine(sf.Playbook.from_toml(BOOK)), deal)
    found.do(sf.Start(by="li")).require()
    return found


def judge(by: str, role: str, point: str, verdict: str = "go", **more: object) -> sf.Judge:
    held = {"resume_when": "The budget", "review_on": date(2026, 12, 1)}
    said = {"by": by, "role": role, "point": point, "verdict": verdict}
    return sf.Judge.model_validate({**said, **held, **more})


YES: Final[dict[str, sf.Command]] = {
    "met": sf.Attest(by="li", criterion="met"),
    "go": judge("wang", "boss", "go"),
    "agreed": judge("wang", "boss", "agreed"),
    "approved": judge("wang", "boss", "approved"),
    "plan": sf.Complete(by="li", instrument="plan"),
    "site.clear": sf.Answer(by="li", question="site.clear", mark="-"),
    "site.area": sf.Answer(by="li", question="site.area", value=50),
}
OTHER: Final[dict[str, sf.Command]] = {
    "denied": sf.Attest(by="li", criterion="met", met=False),
    "killed": judge("wang", "boss", "go", "kill"),
    "held": judge("wang", "boss", "approved", "hold"),
    "heard, not counted": judge("li", "rep", "agreed"),
    "asked in vain": sf.Answer(by="li", question="site.area", mark="?"),
    "does not apply": sf.Answer(by="li", question="site.clear", mark="n/a"),
    "not asked for": sf.Complete(by="li", instrument="talk"),
}


@pytest.mark.parametrize("key", YES)
def test_a_yes_without_evidence_is_refused_and_told_what_to_give(key: str, walk: Walk) -> None:
    (blocker,) = walk.do(YES[key]).blockers

    assert (blocker.code, blocker.key) == ("evidence_missing", key)
    assert blocker.fix.en == "Name in evidence what shows it: minutes, a document, a link"
    assert blocker.fix.zh == "请在evidence中注明依据：纪要、文件或链接"

    decision = walk.do(YES[key].model_copy(update={"evidence": MINUTES}))
    assert decision.accepted
    assert getattr(decision.events[0].payload, "evidence") == MINUTES  # noqa: B009 - of any kind


@pytest.mark.parametrize("what", OTHER)
def test_nothing_has_to_be_shown_by_who_does_not_say_yes(what: str, walk: Walk) -> None:
    assert walk.do(OTHER[what]).accepted


def test_what_is_in_the_way_is_told_at_once(walk: Walk) -> None:
    codes = [it.code for it in walk.do(sf.Attest(by="wang", criterion="met")).blockers]
    assert codes == ["role", "evidence_missing"]
    codes = [it.code for it in walk.do(sf.Complete(by="wang", instrument="plan")).blockers]
    assert codes == ["role", "evidence_missing"]
    wrong = sf.Answer(by="li", question="site.area", value="much")
    assert [it.code for it in walk.do(wrong).blockers] == ["answer", "evidence_missing"]


def test_before_the_start_nothing_else_is_told() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(BOOK))
    deal = sf.Opportunity(id="D-1", name="Works")
    for command in YES.values():
        assert {it.code for it in engine.decide(deal, command, at=AT).blockers} == {"not_started"}


def test_what_is_available_needs_it_where_it_is_asked_for(walk: Walk) -> None:
    found = {
        (item.kind, *item.fields.values()): item
        for item in walk.engine.available(walk.deal, by="li", at=walk.at)
        if item.allowed
    }
    assert found[sf.Attest, "met"].needs == ("evidence",)
    assert found[sf.Complete, "plan"].needs == ("evidence",)
    assert found[sf.Complete, "talk"].needs == ()
    assert found[sf.Answer, "site.area"].needs == ("value", "evidence")
    assert found[sf.Judge, "approved", "rep"].needs == ("verdict", "evidence")
    assert found[sf.Judge, "agreed", "rep"].needs == ("verdict",)  # heard, not counted
    command = found[sf.Attest, "met"].command(evidence=MINUTES)
    assert walk.engine.decide(walk.deal, command, at=walk.at).accepted


def test_a_review_shows_what_stands_and_that_it_is_asked_for(walk: Walk) -> None:
    before = walk.engine.review(walk.deal, at=walk.at)
    assert {item.criterion.key: item.criterion.evidence for item in before.criteria} == {
        **dict.fromkeys(("met", "go", "agreed", "approved"), "required"),
        "planned": None,
    }
    asked = {item.key: item.fix.en for item in before.blockers}
    assert asked["met"] == "The rep has to attest it, and name what shows it"
    assert asked["approved"] == ("The rep and the boss have to approve, and name what shows it")
    assert asked["planned"] == "Complete Plan, and name what shows it; Complete Talk"
    zh = {item.key: item.fix.zh for item in before.blockers}
    assert zh["met"] == "须由Rep确认，并注明依据"

    for number, command in enumerate(YES.values()):
        walk.do(command.model_copy(update={"evidence": f"No. {number}"})).require()
    walk.do(judge("li", "rep", "approved", evidence="A sheet")).require()
    walk.do(judge("li", "rep", "agreed", evidence="Not counted")).require()
    after = walk.engine.review(walk.deal, at=walk.at)

    assert {item.criterion.key: item.evidence for item in after.criteria} == {
        "met": ("No. 0",),
        "go": ("No. 1",),
        "agreed": ("No. 2",),
        "approved": ("No. 3", "A sheet"),
        "planned": (),
    }
    shown = {item.instrument.key: (item.done, item.evidence) for item in after.instruments}
    assert shown == {"plan": (True, "No. 4"), "talk": (False, None)}
    assert [item.blocker and item.blocker.fix.en for item in after.instruments] == [
        None,
        "Complete Talk",
    ]
    seen = after.model_dump(mode="json")["criteria"][0]
    assert (seen["evidence"], seen["criterion"]["evidence"]) == (["No. 0"], "required")


def test_a_word_that_lapses_takes_its_evidence_with_it(walk: Walk) -> None:
    for key in ("met", "approved"):
        walk.do(YES[key].model_copy(update={"evidence": MINUTES})).require()
    walk.do(sf.Amend(by="li", changes={"facts": {"discount": 0.3}})).require()

    review = walk.engine.review(walk.deal, at=walk.at)
    shown = {item.criterion.key: (item.lapsed, item.evidence) for item in review.criteria}
    assert (shown["met"], shown["approved"]) == ((True, ()), (True, ()))
    assert [it.code for it in walk.do(YES["met"]).blockers] == ["evidence_missing"]


def test_what_is_withdrawn_goes_with_its_evidence(walk: Walk) -> None:
    walk.do(YES["plan"].model_copy(update={"evidence": MINUTES})).require()
    assert [it.evidence for it in walk.deal.progress.completions] == [MINUTES]
    walk.do(sf.Withdraw(by="li", instrument="plan")).require()

    (plan, _) = walk.engine.review(walk.deal, at=walk.at).instruments
    assert (plan.done, plan.evidence) == (False, None)
    assert walk.deal.progress.completions == ()


def test_what_was_said_before_it_was_asked_for_stands(walk: Walk) -> None:
    text = BOOK.replace(', evidence = "required"', "").replace('evidence = "required"', "")
    earlier = sf.StageEngine(sf.Playbook.from_toml(text))
    met = earlier.decide(sf.Opportunity(id="D-1", name="Works"), sf.Start(by="li"), at=AT)
    met = earlier.decide(met.require(), sf.Attest(by="li", role="rep", criterion="met"), at=AT)
    newer = BOOK.replace('version = "1"', 'version = "2"\nmigrations = [{ from = "1" }]')
    engine = sf.StageEngine(sf.Playbook.from_toml(newer))

    deal = engine.decide(met.require(), sf.Migrate(by="li"), at=AT).require()
    facts = sf.facts_of(deal, engine.playbook, at=AT)

    assert facts["done.met"] is True


def test_replay_json_and_hooks_have_it(walk: Walk) -> None:
    seen: list[Any] = []

    def no_hearsay(proposal: Proposal) -> Veto | None:
        seen.append(getattr(proposal.payloads[0], "evidence", None))
        if getattr(proposal.command, "evidence", None) != "Hearsay":
            return None
        words = both(en="No hearsay", zh="不接受传闻")
        return Veto("hearsay", words, words)

    walk.engine = sf.StageEngine(walk.engine.playbook, hooks=[no_hearsay])
    vetoed = walk.do(YES["met"].model_copy(update={"evidence": "Hearsay"}))
    assert [it.code for it in vetoed.blockers] == ["veto"]
    for command in YES.values():
        walk.do(command.model_copy(update={"evidence": MINUTES})).require()

    assert set(seen) == {"Hearsay", MINUTES}
    stored = sf.read_events(sf.write_events(walk.events))
    assert walk.engine.replay(stored) == walk.deal.progress
    progress = walk.deal.progress
    kept: list[Any] = [*progress.attestations, *progress.judgements]
    kept += [*progress.completions, *progress.answers]
    assert {item.evidence for item in kept} == {MINUTES}
    assert len(kept) == len(YES)
    assert sf.Opportunity.model_validate_json(walk.deal.model_dump_json()) == walk.deal


def test_another_evidence_is_another_command_and_none_changes_no_digest(walk: Walk) -> None:
    said = sf.Attest(by="li", criterion="met", command_id="c-1", evidence=MINUTES)
    walk.do(said).require()
    assert walk.do(said).duplicate
    with pytest.raises(CommandConflict):
        walk.do(said.model_copy(update={"evidence": "Something else"}))
    # What was stored before commands had the field is known again.
    plain = sf.Complete(by="li.wei", instrument="plan", command_id="c-1")
    assert plain.digest == "517dfb27022fddfbc039c22f1336dd18"


def test_it_is_asked_for_in_tracks_and_of_judgements_of_a_visit() -> None:
    book = """
    id = "beside"
    version = "1"
    title = "Beside"
    [[stages]]
    key = "one"
    title = "One"
      [[stages.exit]]
      key = "agreed"
      title = "All agree"
      judgement = { roles = ["boss"] }
      evidence = "required"
    [[tracks]]
    key = "legal"
    title = "Legal"
      [[tracks.states]]
      key = "open"
      title = "Open"
      [[tracks.states]]
      key = "agreed"
      title = "Agreed"
        [[tracks.states.entry]]
        key = "seen"
        title = "It was seen"
        by = "boss"
        evidence = "required"
    """
    engine = sf.StageEngine(sf.Playbook.from_toml(book))
    deal = engine.decide(sf.Opportunity(id="D-1", name="X"), sf.Start(by="li"), at=AT).require()
    at = AT + timedelta(hours=1)
    for command in (
        sf.Judge(by="li", role="boss", verdict="go"),
        sf.Attest(by="li", role="boss", criterion="seen"),
    ):
        assert [it.code for it in engine.decide(deal, command, at=at).blockers] == [
            "evidence_missing"
        ]
        deal = engine.decide(
            deal, command.model_copy(update={"evidence": MINUTES}), at=at
        ).require()
    review = engine.review(deal, at=at)
    assert review.criteria[0].evidence == (MINUTES,)
    assert review.tracks[0].moves[0].criteria[0].evidence == (MINUTES,)


ASKS: Final = 'evidence = "required"'
HERE: Final = "stages.talk.exit"


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('by = "rep"\n  evi', 'rule = "ended"\n  evi', f"{HERE}.met.evidence", "nobody's word"),
        (
            "instruments = true",
            f"instruments = true\n{ASKS}",
            f"{HERE}.planned.evidence",
            "nobody's",
        ),
        (ASKS, 'evidence = "requird"', "instruments.plan.evidence", 'did you mean "required"'),
        (ASKS, "evidence = true", "instruments.plan.evidence", 'must be "required"'),
    ],
)
def test_a_mistake_is_told_where_it_is(old: str, new: str, path: str, said: str) -> None:
    text = BOOK.replace(old, new, 1).replace('  lapses_on = ["discount"]\n', "", 1)
    found = [(problem.path, str(problem)) for problem in lint(text)]
    assert [text for at, text in found if at == path and said in text], found
