"""From one playbook to another: by a map, or afresh; and no message that leads in a circle."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine import events
from salesflow.errors import ClockError, EventError, PlaybookMismatch
from salesflow.qualify import history
from tests.engine.legal_track import MAP, NEWBIZ, NOW, RENEWAL, Deal


def busy() -> Deal:
    """A deal of new business with evidence of every sort."""
    deal = Deal(facts={"personal_data": False}).started()
    for command in (
        sf.Attest(by="li", criterion="champion_found"),
        sf.Attest(by="li", criterion="draft_sent"),
        sf.Answer(by="li", question="bant.budget", mark="+"),
        sf.Answer(by="li", question="bant.need", mark="+"),
        sf.Judge(by="zhao", role="counsel", verdict="go", point="terms_agreed"),
        sf.MoveTrack(by="zhao", track="legal", state="signed"),
        sf.Advance(by="li"),
        sf.Amend(by="li", changes={"expected_close_on": "2026-03-01"}),
        sf.Amend(by="li", changes={"expected_close_on": "2026-04-01"}),
    ):
        deal.do(command).require()
    return deal


def test_only_what_the_map_names_is_carried_over() -> None:
    deal = busy()
    decision = deal.under(RENEWAL + MAP).do(sf.Migrate(by="li"))
    decision.require()

    payload = decision.events[0].payload
    assert isinstance(payload, events.Migrated)
    assert (payload.before.id, payload.stage) == ("newbiz", "prepare")
    assert payload.renamed == {"bant.need": "bant.need"}
    assert payload.unmapped == (
        "champion_found",
        "draft_sent",
        "terms_agreed",
        "bant.budget",
        "track.security.asked",
        "track.legal.signed",
    )
    progress = deal.deal.progress
    assert progress.playbook is not None
    assert progress.playbook.id == "renewal"
    assert [answer.question for answer in progress.answers] == ["bant.need"]
    assert (progress.attestations, progress.judgements) == ((), ())
    # The word of the other process settles nothing here, though it has the same name.
    assert deal.codes(sf.Advance(by="li")) == ["attested"]


def test_history_keeps_both_and_neither_counts_for_the_other() -> None:
    deal = busy().under(RENEWAL + MAP)
    deal.do(sf.Migrate(by="li"), days=2).require()
    progress = deal.deal.progress

    assert [visit.stage for visit in progress.visits] == ["talk", "close", "prepare"]
    assert [visit.stage for visit in progress.course] == ["prepare"]
    assert progress.visits[1].left_at == progress.visits[2].entered_at == deal.at
    assert progress.close_date_pushes == 0
    facts = sf.facts_of(deal.deal, deal.engine.playbook, at=deal.at)
    assert facts["reached.close"] is False
    assert facts["entered_stage_on"] == deal.at.date()
    assert deal.codes(sf.MoveTo(by="li", stage="close")) == ["attested"]
    assert [event.playbook.id for event in deal.events][-2:] == ["newbiz", "renewal"]


def test_a_deal_that_was_won_is_open_again_in_its_renewal() -> None:
    deal = busy()
    deal.do(sf.Advance(by="li")).require()
    assert (deal.deal.progress.outcome, deal.deal.progress.ended) == ("won", True)
    deal.under(RENEWAL + MAP).do(sf.Migrate(by="li")).require()
    progress = deal.deal.progress

    assert (progress.outcome, progress.ended, progress.closed_at) == ("none", False, None)
    assert any(isinstance(event.payload, events.Won) for event in deal.events)


def test_a_track_is_carried_over_by_the_name_of_its_state() -> None:
    text = RENEWAL + MAP + 'tracks = { "legal.signed" = "paper.signed" }\n'
    deal = busy().under(text)
    deal.do(sf.Migrate(by="li")).require()

    stay = deal.deal.progress.track("paper")
    assert stay is not None
    assert (stay.state, stay.entered_at) == ("signed", deal.at)
    assert deal.deal.progress.track("legal") is None


def test_a_decision_that_is_named_stands_where_the_deal_stands_now() -> None:
    asked = 'by = "rep"\n[[stages]]\nkey = "close"'
    judged = 'judgement = { roles = ["rep"] }\n[[stages]]\nkey = "close"'
    deal = Deal(NEWBIZ.replace(asked, judged)).started()
    deal.do(sf.Judge(by="li", role="rep", verdict="go", point="champion_found")).require()
    named = MAP + 'criteria = { champion_found = "champion_found" }\n'
    deal.under(RENEWAL.replace(asked, judged) + named).do(sf.Migrate(by="li")).require()

    assert deal.codes(sf.Advance(by="li")) == []


def test_a_stage_that_the_map_does_not_name_is_asked_for() -> None:
    deal = busy().under(RENEWAL + MAP.replace(', close = "prepare"', ""))
    (blocker,) = deal.do(sf.Migrate(by="li")).blockers

    assert (blocker.code, blocker.key) == ("unmapped", "close")  # though both have such a stage


def test_adopting_starts_a_deal_of_another_playbook_afresh() -> None:
    deal = busy().under(RENEWAL)
    held = sf.Hold(by="li", resume_when="The budget is there", review_on=date(2026, 3, 1))
    deal.under(NEWBIZ).do(held).require()
    deal.under(RENEWAL)
    deal.do(sf.Adopt(by="li", stage="close", entered_on=NOW.date())).require()
    progress = deal.deal.progress

    assert (progress.stage, progress.adopted, progress.hold) == ("close", True, None)
    assert (progress.answers, progress.attestations, progress.judgements) == ((), (), ())
    assert [visit.stage for visit in progress.course] == ["close"]
    paper = progress.track("paper")
    assert paper is not None
    assert paper.state == "open"
    assert sf.facts_of(deal.deal, deal.engine.playbook, at=deal.at)["reached.prepare"] is True
    again = sf.Adopt(by="li", stage="close", entered_on=NOW.date())
    assert deal.codes(again) == ["already_started"]


def test_of_a_deal_that_starts_afresh_everything_is_known_that_is_known_of_a_new_one() -> None:
    adopt = sf.Adopt(by="li", stage="close", entered_on=NOW.date() + timedelta(days=1))
    old = busy().under(RENEWAL)
    old.do(adopt, days=2).require()
    # What the other playbook alone knows of is no matter of this one.
    fields = old.deal.model_dump(exclude={"progress", "id", "facts"}) | {"team": {"zhao": "rep"}}
    new = Deal(RENEWAL, **fields)
    new.do(adopt, days=2).require()

    known, expected = (sf.facts_of(it.deal, it.engine.playbook, at=old.at) for it in (old, new))
    assert known == expected
    for command in (sf.Advance(by="li"), sf.MoveTrack(by="li", track="paper", state="signed")):
        assert old.codes(command) == new.codes(command)


def test_a_deal_is_not_adopted_on_a_day_when_it_was_elsewhere() -> None:
    deal = busy().under(RENEWAL)

    with pytest.raises(ClockError, match="still where it is by its other playbook"):
        deal.do(sf.Adopt(by="li", stage="close", entered_on=NOW.date() - timedelta(days=1)))


def test_a_deal_is_adopted_once_under_one_playbook() -> None:
    first = Deal()
    first.do(sf.Adopt(by="li", stage="talk", entered_on=NOW.date())).require()
    event = replaced(first.events[0], sequence=2)

    with pytest.raises(EventError, match="only from another playbook"):
        first.engine.replay([*first.events, event])


def moving(engine: sf.StageEngine, deal: sf.Opportunity) -> str:
    """What is said to somebody who moves a deal of another playbook."""
    with pytest.raises(PlaybookMismatch) as refused:
        engine.decide(deal, sf.MoveTo(by="li", stage="close"), at=NOW + timedelta(days=9))
    return refused.value.hint


def migrating(engine: sf.StageEngine, deal: sf.Opportunity) -> str:
    (blocker,) = engine.decide(deal, sf.Migrate(by="li"), at=NOW + timedelta(days=9)).blockers
    return blocker.fix.get("en")


@pytest.mark.parametrize("said", [moving, migrating])
def test_following_either_hint_leads_to_a_command_that_is_accepted(
    said: Callable[[sf.StageEngine, sf.Opportunity], str],
) -> None:
    deal = busy()
    engine = sf.StageEngine(sf.Playbook.from_toml(RENEWAL))
    hint = said(engine, deal.deal)

    assert 'playbook = "newbiz" and from = "1"' in hint
    assert "Adopt" in hint
    at = NOW + timedelta(days=9)
    adopt = sf.Adopt(by="li", stage="prepare", entered_on=at.date())
    assert engine.decide(deal.deal, adopt, at=at).accepted
    taught = sf.StageEngine(sf.Playbook.from_toml(RENEWAL + MAP))
    assert "Migrate it" in moving(taught, deal.deal)
    assert "once" not in moving(taught, deal.deal)
    assert taught.decide(deal.deal, sf.Migrate(by="li"), at=at).accepted
    for there in (engine, taught):
        allowed = [it.kind for it in there.available(deal.deal, by="li", at=at) if it.allowed]
        assert allowed == [*([sf.Migrate] if there is taught else []), sf.Adopt, sf.Adopt]


@pytest.mark.parametrize("said", [moving, migrating])
def test_no_hint_names_what_the_policy_rules_out(
    said: Callable[[sf.StageEngine, sf.Opportunity], str],
) -> None:
    text = RENEWAL.replace('title = "Renewal"\n', 'title = "Renewal"\npolicy = { adopt = "off" }\n')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))

    assert "Adopt" not in said(engine, busy().deal)


def test_a_deal_of_an_earlier_version_is_not_adopted_but_migrated() -> None:
    deal = busy().under(NEWBIZ.replace("max_days = 10", "max_days = 20"))

    with pytest.raises(PlaybookMismatch, match="Migrate"):
        deal.do(sf.Adopt(by="li", stage="talk", entered_on=NOW.date()))


def test_a_deal_comes_back_from_another_playbook_with_nothing_of_before() -> None:
    deal = busy().under(RENEWAL + MAP)
    deal.do(sf.Migrate(by="li")).require()
    back = (
        NEWBIZ + '[[migrations]]\nplaybook = "renewal"\nfrom = "1"\nstages = { prepare = "talk" }\n'
    )
    deal.under(back).do(sf.Migrate(by="li")).require()

    assert deal.deal.progress.attestations == ()
    assert deal.facts()["track.legal"] == "open"
    facts = sf.facts_of(deal.deal, deal.engine.playbook, at=deal.at)
    assert facts["reached.close"] is False


def judged(text: str, more: str = "") -> str:
    """The champion is judged, by what is known of the budget and the amount."""
    by, decided = 'by = "rep"\n[[stages]]\nkey = "close"', 'judgement = { roles = ["rep"] }'
    assert by in text
    rests_on = 'lapses_on = ["bant.budget", "amount"]\n  not_by = ["requester"]'
    return text.replace(by, f'{decided}\n  {rests_on}\n[[stages]]\nkey = "close"') + more


GO = sf.Judge(by="wu", role="rep", verdict="go", point="champion_found")
NAMED = MAP + 'criteria = { champion_found = "champion_found" }\n'


@pytest.mark.parametrize("budget", ["+", None])
def test_a_word_that_is_carried_over_rests_on_what_is_carried_over_with_it(
    budget: Literal["+"] | None,
) -> None:
    """A question of the same name in the other playbook is another question."""
    named = NAMED.replace("questions = {", 'questions = { "bant.budget" = "bant.budget",')
    for text, expected in ((NAMED, ["judgement"]), (named, [])):
        deal = Deal(judged(NEWBIZ)).started()
        if budget is not None:
            deal.do(sf.Answer(by="li", question="bant.budget", mark=budget)).require()
        deal.do(GO).require()
        decision = deal.under(judged(RENEWAL, text)).do(sf.Migrate(by="li"))
        decision.require()

        payload = decision.events[0].payload
        assert isinstance(payload, events.Migrated)
        assert ("bant.budget" in payload.unmapped) == (text == NAMED)
        assert deal.codes(sf.Advance(by="li")) == expected


def test_requests_and_withdrawals_are_carried_over_by_name_and_roles_are_given_anew() -> None:
    deal = Deal(judged(NEWBIZ), amount=sf.Money(5, "USD")).started()
    for command in (
        sf.Request(by="li", point="champion_found"),
        sf.Amend(by="li", changes={"amount": {"amount": "7", "currency": "USD"}}),
        sf.Delegate(by="zhao", role="counsel", to="qian", until=date(2026, 3, 1)),
        *(sf.Answer(by="li", question=f"bant.{it}", mark="+") for it in ("budget", "need")),
        *(sf.Withdraw(by="li", question=f"bant.{it}") for it in ("budget", "need")),
    ):
        deal.do(command).require()
    early = deal.at - timedelta(minutes=90)
    known = deal.deal.progress
    assert (len(known.revisions), len(known.delegations), len(known.withdrawals)) == (1, 1, 2)
    deal.under(judged(RENEWAL, NAMED)).do(sf.Migrate(by="li")).require()
    progress = deal.deal.progress

    assert [(it.point, it.by) for it in progress.requests] == [("champion_found", "li")]
    assert [it.question for it in progress.withdrawals] == ["bant.need"]
    assert (progress.revisions, progress.delegations) == ((), ())
    # Of a time before it was withdrawn: what is known here of the withdrawal decides.
    for question in ("bant.budget", "bant.need"):
        late = sf.Answer(by="li", question=question, mark="-", occurred_at=early)
        deal.do(late).require()
    assert [answer.question for answer in deal.deal.progress.answers] == ["bant.budget"]
    assert history(deal.events) == deal.deal.progress.answers


def test_answers_that_are_left_behind_count_on_no_day_of_the_other_playbook() -> None:
    card = """
[[scorecards]]
key = "fit"
title = "Fit"
items = [
  { key = "budget", rule = "bant.budget", weight = 2 },
  { key = "need", rule = "bant.need", weight = 3 },
]
bands = [{ key = "any", min = 0 }]
"""
    adopt = sf.Adopt(by="li", stage="close", entered_on=NOW.date())
    for command, points in ((sf.Migrate(by="li"), 3), (adopt, 0)):
        deal = busy().under(RENEWAL + card + MAP)
        deal.do(command, days=2).require()
        now, then = (
            deal.engine.score(deal.deal, "fit", at=deal.at, as_of=day, events=deal.events)
            for day in (deal.at, NOW + timedelta(hours=20))
        )

        assert (now.low, then.low) == (points, points)
        assert now.low == deal.engine.score(deal.deal, "fit", at=deal.at).low


def test_the_log_of_stages_under_one_playbook_begins_where_the_deal_came_to_it() -> None:
    deal = busy().under(RENEWAL + MAP)
    deal.do(sf.Migrate(by="li")).require()

    labels = {
        name: [it.label for it in sf.stage_history(e for e in deal.events if e.playbook.id == name)]
        for name in ("newbiz", "renewal")
    }
    assert labels == {"newbiz": ["talk", "close"], "renewal": ["prepare"]}


def test_a_deal_starts_once_even_under_another_playbook() -> None:
    first = Deal().started()
    other = Deal(RENEWAL, team={"zhao": "rep"}).started().events[0]

    with pytest.raises(EventError, match="only from another playbook"):
        first.engine.replay([*first.events, replaced(other, sequence=2)])


def test_what_was_counted_and_what_stood_under_the_other_playbook_is_over() -> None:
    deal = Deal(facts={"personal_data": True}, amount=sf.Money(7, "USD")).started()
    for command in (
        sf.Attest(by="li", criterion="draft_sent"),
        sf.MoveTrack(by="zhao", track="legal", state="in_review"),
        sf.Amend(by="li", changes={"amount": {"amount": "5", "currency": "USD"}}),
    ):
        deal.do(command).require()
    moved_at = deal.deal.progress.tracks[0].left_at
    assert deal.deal.progress.amount_cuts == 1
    deal.under(RENEWAL + MAP).do(sf.Migrate(by="li"), days=2).require()
    progress = deal.deal.progress

    assert (progress.amount_cuts, progress.close_date_pushes) == (0, 0)
    assert {(it.track, it.state): it.left_at for it in progress.tracks} == {
        ("legal", "open"): moved_at,
        ("legal", "in_review"): deal.at,
        ("security", "asked"): deal.at,
        ("paper", "open"): None,
    }


def test_a_deal_is_not_adopted_before_it_left_the_other_playbook() -> None:
    text = NEWBIZ.replace("[[roles]]", 'policy = { back = "on" }\n[[roles]]', 1)
    deal = Deal(text).started()
    for command in (
        sf.Attest(by="li", criterion="champion_found"),
        sf.Advance(by="li"),
        sf.MoveTo(by="li", stage="talk", note="They think again"),
        sf.Disqualify(by="li", reason="no_need"),
    ):
        deal.do(command, days=1).require()
    last = deal.at.date()
    deal.under(RENEWAL)

    with pytest.raises(ClockError, match=re.escape(f"is before {deal.at.isoformat()}")):
        deal.do(sf.Adopt(by="li", stage="close", entered_on=last - timedelta(days=1)), days=1)
    left_at = deal.deal.progress.visits[-1].left_at
    deal.do(sf.Adopt(by="li", stage="close", entered_on=last)).require()
    assert deal.deal.progress.visits[-1].entered_at == left_at


def test_judgements_that_are_carried_over_keep_where_they_were_given() -> None:
    """Only those of the present stay are of the stage where the deal stands now."""
    decided = 'judgement = { roles = ["rep"] }\n'
    asked = 'by = "rep"\n[[stages]]\nkey = "close"'
    assert asked in NEWBIZ
    text = NEWBIZ.replace(asked, f'{decided}[[stages]]\nkey = "close"')
    deal = Deal(text.replace("[[roles]]", 'policy = { back = "on" }\n[[roles]]', 1)).started()
    judge = sf.Judge(by="li", role="rep", verdict="go", point="champion_found")
    for command in (judge, sf.Advance(by="li"), sf.MoveTo(by="li", stage="talk"), judge):
        deal.do(command).require()
    before = [(it.visit, it.stage) for it in deal.deal.progress.judgements]
    there = RENEWAL.replace(asked, f'{decided}[[stages]]\nkey = "close"')
    deal.under(there + MAP + 'criteria = { champion_found = "champion_found" }\n')
    deal.do(sf.Migrate(by="li")).require()

    assert before == [(0, "talk"), (2, "talk")]
    after = [(it.visit, it.stage) for it in deal.deal.progress.judgements]
    assert after == [(0, "talk"), (3, "prepare")]


def test_only_questions_of_words_that_are_carried_over_are_missed_in_the_map() -> None:
    """The amount is a fact, and nobody has answered the question on which the word rests."""
    for named, missed in ((MAP, ()), (NAMED, ("bant.budget",))):
        deal = Deal(judged(NEWBIZ), amount=sf.Money(5, "USD")).started()
        deal.do(GO).require()
        decision = deal.under(judged(RENEWAL, named)).do(sf.Migrate(by="li"))
        decision.require()

        payload = decision.events[0].payload
        assert isinstance(payload, events.Migrated)
        left = ("champion_found",) if named == MAP else ()
        assert payload.unmapped == (
            *(*left, *missed),
            *("track.legal.open", "track.security.asked"),
        )


def test_a_question_that_gets_another_name_goes_by_it_in_what_was_seen() -> None:
    money = RENEWAL.replace('key = "budget"', 'key = "money"')
    text = judged(money).replace('"bant.budget", "amount"', '"bant.money", "amount"')
    more = NAMED.replace("questions = {", 'questions = { "bant.budget" = "bant.money",')
    deal = Deal(judged(NEWBIZ), amount=sf.Money(5, "USD")).started()
    deal.do(GO).require()
    decision = deal.under(text + more).do(sf.Migrate(by="li"))
    decision.require()

    payload = decision.events[0].payload
    assert isinstance(payload, events.Migrated)
    assert payload.renamed["bant.budget"] == "bant.money"
    (word,) = deal.deal.progress.judgements
    assert dict(word.seen) == {"bant.money": None, "amount": "5 USD"}


def test_the_migrations_that_are_told_of_lead_from_versions_of_this_playbook() -> None:
    text = RENEWAL.replace('version = "1"', 'version = "3"\npolicy = { hold = "off" }') + MAP
    text += '[[migrations]]\nfrom = "2"\n'
    deal = Deal(RENEWAL, team={"zhao": "rep"}).started().under(text)
    (blocker,) = deal.do(sf.Migrate(by="li")).blockers

    assert blocker.fix.en == "Add it to the playbook's migrations; it knows: 2"


@pytest.mark.parametrize("named", ["draft_sent", "champion_found"])
def test_a_fact_that_is_called_like_a_criterion_is_no_question_and_stays_seen(named: str) -> None:
    """One of these criteria is left behind, the other one gets another name."""
    fact = f'[[facts]]\nname = "{named}"\nkind = "number"\n[[checklists]]'
    old, new = (
        judged(text).replace("[[checklists]]", fact, 1).replace('"amount"', f'"{named}"', 1)
        for text in (NEWBIZ, RENEWAL)
    )
    new = new.replace('key = "champion_found"', 'key = "sponsor_found"')
    deal = Deal(old, facts={named: 7}).started()
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    deal.do(sf.Answer(by="li", question="bant.budget", mark="+")).require()
    deal.do(GO).require()
    carried = MAP + 'criteria = { champion_found = "sponsor_found" }\n'
    carried = carried.replace("questions = {", 'questions = { "bant.budget" = "bant.budget",')
    for mapped, seen in (
        (carried, {"bant.budget": True, named: 7.0}),
        (carried.replace('"bant.budget" = "bant.budget",', ""), {named: 7.0}),
    ):
        moved = sf.StageEngine(sf.Playbook.from_toml(new + mapped))
        progress = moved.decide(deal.deal, sf.Migrate(by="li"), at=deal.at).require().progress

        assert [(it.point, dict(it.seen)) for it in progress.judgements] == [
            ("sponsor_found", seen)
        ]
