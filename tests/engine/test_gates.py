"""Criteria of every kind wherever a playbook may ask for them, and what a gate never lets by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import Progress
from salesflow.domain._base.record import replaced
from salesflow.errors import ClockError, PlaybookMismatch

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DEAL = sf.Opportunity(id="D-1", name="Works", owner="li")
START, ADVANCE = sf.Start(by="li"), sf.Advance(by="li")

HEAD = """
id = "small"
version = "1.0.0"
title = { en = "Small", zh = "小" }
owner_role = "rep"
[policy]
skip = "off"
back = "on"
reopen = "on"
[[roles]]
key = "rep"
title = { en = "Rep", zh = "销售" }
[[scorecards]]
key = "card"
items = [{ key = "owned", rule = "known(owner)", weight = 1, title = "Owned" }]
bands = [{ key = "low", min = 0 }]
"""
PERSONAL = {
    "judgement": 'judgement = { roles = ["rep"] }',
    "decision": 'decision = "card"\nby = "rep"',
}


def stage(key: str, more: str = "") -> str:
    return f'[[stages]]\nkey = "{key}"\ntitle = {{ en = "{key}", zh = "{key}" }}\n{more}\n'


def asked(where: str, how: str, key: str = "asked") -> str:
    return f'[[{where}]]\nkey = "{key}"\ntitle = {{ en = "Asked", zh = "询问" }}\n{how}\n'


def move(source: str, target: str, more: str = "") -> str:
    return f'[[moves]]\nfrom = "{source}"\nto = "{target}"\n{more}\n'


def engine(*parts: str, head: str = HEAD, **options: Any) -> sf.StageEngine:
    return sf.StageEngine(sf.Playbook.from_toml(head + "".join(parts)), **options)


def after(
    engine: sf.StageEngine, *commands: sf.Command, deal: sf.Opportunity = DEAL
) -> sf.Opportunity:
    for command in commands:
        deal = engine.decide(deal, command, at=NOW).require()
    return deal


def codes(engine: sf.StageEngine, deal: sf.Opportunity, command: sf.Command) -> list[str]:
    return [blocker.code for blocker in engine.decide(deal, command, at=NOW).blockers]


@pytest.mark.parametrize("kind", PERSONAL)
@pytest.mark.parametrize("place", ["exit", "entry", "move"])
def test_a_word_counts_wherever_the_playbook_asks_for_it(kind: str, place: str) -> None:
    how = PERSONAL[kind]
    small = {
        "exit": lambda: engine(stage("a", asked("stages.exit", how)), stage("b")),
        "entry": lambda: engine(stage("a"), stage("b", asked("stages.entry", how))),
        "move": lambda: engine(
            stage("a"), stage("b"), move("a", "b", asked("moves.criteria", how))
        ),
    }[place]()
    started = after(small, START)
    assert codes(small, started, ADVANCE) == [kind]
    word = sf.Judge(by="li", role="rep", verdict="go", point="asked")
    there = after(small, word, ADVANCE, deal=started)
    assert there.progress.stage == "b"
    if place == "entry":  # coming again, it is asked again
        back = after(small, sf.MoveTo(by="li", stage="a"), deal=there)
        assert codes(small, back, ADVANCE) == [kind]
        assert codes(small, there, word) == ["not_here"]


def test_a_judgement_may_name_its_point_and_is_for_its_roles_only() -> None:
    small = engine(stage("a", asked("stages.exit", PERSONAL["judgement"])), stage("b"))
    started = after(small, START)
    stranger = sf.Judge(by="li", role="clerk", verdict="go", point="asked")
    assert codes(small, started, stranger) == ["role"]


def test_a_deal_may_end_where_its_stage_is_final_and_at_the_end_of_the_line() -> None:
    small = engine(stage("a", "final = true"), stage("b"))
    end = sf.MoveTo(by="li", stage="ended")
    ended = after(small, START, end)
    assert (ended.progress.ended, ended.progress.outcome) == (True, "none")
    review = small.review(after(small, START), at=NOW)
    assert [item.target and item.target.key for item in review.moves] == ["b", None]
    assert after(small, START, ADVANCE, end).progress.outcome == "won"


def test_without_a_winning_stage_only_the_end_of_the_last_one_wins() -> None:
    ways = move("a", "b") + move("b", "ended") + move("b", "c")
    small = engine(stage("a"), stage("b"), stage("c"), ways)
    on = after(small, START, ADVANCE, sf.MoveTo(by="li", stage="c"))
    assert on.progress.outcome == "none"
    assert after(small, ADVANCE, deal=on).progress.outcome == "won"


def test_a_main_way_that_leads_back_is_recorded_as_going_back() -> None:
    ways = move("a", "b") + move("b", "a", "back = true")
    small = engine(stage("a"), stage("b", "final = true"), ways)
    decision = small.decide(after(small, START, ADVANCE), ADVANCE, at=NOW)
    assert decision.events[0].payload.model_dump()["how"] == "back"


DETAILS = asked("stages.exit", 'by = "rep"', key="given")
JUDGED = asked("stages.exit", 'judgement = { roles = ["rep"] }', key="judged")
REVIEW = (
    move("provide", "review"),
    move("review", "store"),
    move("review", "details"),
    move("details", "review"),
)


@pytest.mark.parametrize("order", ["provide review details store", "provide details review store"])
def test_a_stage_for_rework_asks_for_its_exit_criteria_wherever_it_is_listed(order: str) -> None:
    stages = [
        stage(key, {"details": DETAILS, "review": JUDGED}.get(key, "")) for key in order.split()
    ]
    small = engine(*stages, *REVIEW)
    go = sf.Judge(by="li", role="rep", verdict="go", point="judged")
    there = after(small, START, ADVANCE, go, sf.MoveTo(by="li", stage="details"))
    shown = [item.criterion.key for item in small.review(there, at=NOW).criteria]

    assert shown == ["given"]
    assert codes(small, there, ADVANCE) == ["attested"]
    given = after(small, sf.Attest(by="li", criterion="given"), deal=there)
    decision = small.decide(given, ADVANCE, at=NOW)
    assert decision.require().progress.stage == "review"
    assert decision.events[0].payload.model_dump()["how"] == "move"


def test_a_judgement_on_entering_is_given_in_the_stage_for_rework_too() -> None:
    fit = asked("stages.entry", 'judgement = { roles = ["rep"] }', key="fit")
    small = engine(
        stage("provide"), stage("review", fit), stage("details"), stage("store"), *REVIEW
    )
    go = sf.Judge(by="li", role="rep", verdict="go", point="fit")
    there = after(small, START, go, ADVANCE, sf.MoveTo(by="li", stage="details"))

    assert codes(small, there, ADVANCE) == ["judgement"]
    assert after(small, go, ADVANCE, deal=there).progress.stage == "review"


def test_a_way_that_says_that_it_leads_back_asks_for_its_own_criteria_only() -> None:
    back = move("review", "details", "back = true"), *REVIEW[:2], REVIEW[3]
    small = engine(
        stage("provide"), stage("review", JUDGED), stage("details", DETAILS), stage("store"), *back
    )
    there = after(small, START, ADVANCE)
    aside = small.decide(there, sf.MoveTo(by="li", stage="details"), at=NOW)

    assert aside.require().progress.stage == "details"
    assert aside.events[0].payload.model_dump()["how"] == "back"
    # It is listed first, and yet advancing goes on, not back.
    assert [move.target for move in small.playbook.moves_from("review")] == ["store", "details"]
    assert codes(small, there, ADVANCE) == ["judgement"]


def test_a_way_that_says_that_it_does_not_lead_back_asks_for_everything() -> None:
    ways = move("a", "b") + move("b", "a", "back = false") + move("b", "ended")
    small = engine(stage("a"), stage("b", DETAILS), ways)

    assert codes(small, after(small, START, ADVANCE), sf.MoveTo(by="li", stage="a")) == ["attested"]


def test_a_deal_is_won_by_going_on_and_not_by_going_back_in_whatever_order_ways_are_listed() -> (
    None
):
    ways = [move("plan", "sign"), move("sign", "plan"), move("sign", "run")]
    for listed in (ways, ways[::-1]):
        small = engine(stage("plan"), stage("sign", "wins = true"), stage("run"), *listed)
        signing = after(small, START, ADVANCE)
        back = after(small, sf.MoveTo(by="li", stage="plan"), deal=signing)
        assert (back.progress.stage, back.progress.outcome) == ("plan", "none")
        on = after(small, ADVANCE, deal=signing)
        assert (on.progress.stage, on.progress.outcome) == ("run", "won")


def test_a_stage_says_itself_who_may_come_back_into_it() -> None:
    parts = """back = ["rep"]
    sub_stages = [{ key = "b1", title = "B1", back = "off" }, { key = "b2", title = "B2" }]"""
    once = 'back = { stages = ["c"], rule = "known(amount)" }'
    stages = stage("a", 'back = "off"'), stage("b", parts), stage("c", once), stage("d")
    small = engine(*stages)
    there = after(small, START, *[ADVANCE] * 4)
    found = {
        key: codes(small, there, sf.MoveTo(by="li", stage=key)) for key in ("a", "b1", "b2", "c")
    }

    assert found == {
        "a": ["not_allowed"],
        "b1": ["not_allowed"],
        "b2": ["why_missing"],
        "c": ["not_from_here", "computed"],
    }
    again = sf.MoveTo(by="li", stage="b2", note="The plan was wrong")
    assert small.decide(there, again, at=NOW).accepted
    listed = {
        item.fields["stage"]: (item.allowed, item.needs)
        for item in small.available(there, by="li", at=NOW)
        if item.kind is sf.MoveTo
    }
    assert (listed["a"], listed["b2"]) == ((False, ()), (True, ("note",)))
    open_to_all = HEAD.replace('back = "on"', 'back = "off"')
    strict = engine(stage("a", 'back = "on"'), stage("b"), stage("c"), head=open_to_all)
    later = after(strict, START, ADVANCE, ADVANCE)
    assert codes(strict, later, sf.MoveTo(by="li", stage="b")) == ["not_allowed"]
    assert after(strict, sf.MoveTo(by="li", stage="a"), deal=later).progress.stage == "a"


def test_going_back_leads_only_to_where_the_deal_has_been() -> None:
    later = sf.Start(by="li", stage="c")
    head = HEAD.replace('skip = "off"', 'start_later = "on"')
    entry = asked("stages.entry", 'rule = "known(amount)"')
    small = engine(stage("a"), stage("b", entry), stage("c"), head=head)
    back = sf.MoveTo(by="li", stage="b")
    assert codes(small, after(small, later), back) == ["not_reached"]
    # Of an adopted deal it is known that it went through all before, on a line.
    adopted = after(small, sf.Adopt(by="li", stage="c", entered_on=NOW.date()))
    assert after(small, back, deal=adopted).progress.stage == "b"


def test_waiving_a_criterion_never_opens_a_way_that_has_a_rule_of_its_own() -> None:
    criterion = asked("stages.exit", 'by = "rep"\nwaive = "on"', key="a_to_b")
    small = engine(stage("a", criterion), stage("b"), move("a", "b", 'rule = "known(amount)"'))
    waived = after(small, START, sf.Waive(by="li", criterion="a_to_b", reason="Hurry"))
    (blocker,) = small.decide(waived, ADVANCE, at=NOW).blockers
    assert (blocker.code, blocker.seen) == ("computed", {"amount": None})


def test_a_deal_adopted_as_lost_has_left_its_stage() -> None:
    small = engine(stage("a"))
    adopt = sf.Adopt(by="li", stage="a", entered_on=date(2026, 1, 1), outcome="lost")
    lost = after(small, adopt)
    reopened = after(small, sf.Reopen(by="li", stage="a"), deal=lost)
    assert [visit.left_at is None for visit in reopened.progress.visits] == [False, True]


def test_a_migrated_deal_has_been_where_the_old_version_says() -> None:
    old = engine(stage("a"), stage("b"), stage("c"))
    ways = move("b2", "c") + move("a", "b2") + move("c", "ended", "rule = 'reached(\"b2\")'")
    renamed = '[[migrations]]\nfrom = "1.0.0"\nstages = { b = "b2" }\n'
    head = HEAD.replace("1.0.0", "2.0.0")
    new = engine(stage("a"), stage("b2"), stage("c"), ways, renamed, head=head)
    there = after(old, START, ADVANCE, ADVANCE)
    moved = after(new, sf.Migrate(by="li"), deal=there)
    assert after(new, sf.MoveTo(by="li", stage="b2"), deal=moved).progress.stage == "b2"
    assert after(new, ADVANCE, deal=moved).progress.ended


@pytest.mark.parametrize("mapped", [True, False])
def test_an_adopted_deal_goes_on_though_its_first_stage_was_renamed(*, mapped: bool) -> None:
    old = engine(stage("a"), stage("b"), stage("c"))
    names = '{ b = "b2" }' if mapped else "{}"
    head = HEAD.replace("1.0.0", "2.0.0")
    renamed = f'[[migrations]]\nfrom = "1.0.0"\nstages = {names}\n'
    exit_of_c = asked("stages.exit", "rule = 'reached(\"a\")'")
    new = engine(stage("a"), stage("b2"), stage("c", exit_of_c), renamed, head=head)
    there = after(old, sf.Adopt(by="li", stage="b", entered_on=NOW.date()), ADVANCE)
    moved = after(new, sf.Migrate(by="li"), deal=there)
    assert new.decide(moved, ADVANCE, at=NOW).accepted is mapped
    assert len(new.review(moved, at=NOW).blockers) == (not mapped)


@pytest.mark.parametrize(
    "progress",
    [Progress(stage="nowhere", version=1), Progress(stage="a", version=1)],
    ids=["another place", "no visits"],
)
@pytest.mark.parametrize("stamped", [False, True])
def test_a_progress_that_no_events_add_up_to_is_refused(progress: Progress, stamped: bool) -> None:
    small = engine(stage("a"), stage("b"))
    stamp = after(small, START).progress.playbook
    deal = replaced(DEAL, progress=replaced(progress, playbook=stamp if stamped else None))
    judge = sf.Judge(by="li", role="rep", verdict="go")
    migrate = sf.Migrate(by="li")
    for command in (ADVANCE, judge, sf.Win(by="li"), sf.MoveTo(by="li", stage="b"), migrate):
        with pytest.raises(PlaybookMismatch, match="replay"):
            small.decide(deal, command, at=NOW)
    with pytest.raises(PlaybookMismatch):
        small.review(deal, at=NOW)


def test_a_review_is_of_a_deal_of_the_same_playbook() -> None:
    deal = after(engine(stage("a"), stage("b")), START)
    with pytest.raises(PlaybookMismatch):
        engine(stage("x")).review(deal, at=NOW)


def test_times_at_the_ends_of_the_calendar_are_refused_in_our_own_words() -> None:
    small = engine(stage("a"), tz="Asia/Shanghai")
    east = timezone(timedelta(hours=8))
    for at in (datetime.min.replace(tzinfo=east), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(ClockError):
            small.decide(DEAL, START, at=at)
    with pytest.raises(ClockError):
        small.decide(DEAL, sf.Adopt(by="li", stage="a", entered_on=date.min), at=NOW)
    with pytest.raises(ValidationError, match="a year from 2"):
        sf.Advance.model_validate({"by": "li", "occurred_at": "0001-01-01T00:00:00+08:00"})


def test_the_longest_notes_and_names_still_make_a_refusal() -> None:
    rule = " and ".join(f'(next_step == "{i}" or source != "{i}")' for i in range(80))
    small = engine(stage("a", asked("stages.exit", f"rule = '{rule}'")), stage("b"))
    started = after(small, START, sf.Amend(by="li", changes={"next_step": "x"}))
    (blocker,) = small.decide(started, ADVANCE, at=NOW).blockers
    assert blocker.fix.get("en").endswith("…")
    hold = sf.Hold(by="li", resume_when="x" * 20_000, review_on=NOW.date())
    resting = after(small, hold, deal=started)
    (blocker,) = small.decide(resting, ADVANCE, at=NOW).blockers
    assert blocker.fix.get("en").endswith("…")
    assert blocker.seen["resume_when"] == "x" * 20_000


WINNING = stage("plan"), stage("sign", "wins = true"), stage("run")
LEAVING = {
    "going on": (ADVANCE, ()),
    "winning": (sf.Win(by="li"), (ADVANCE,)),
    "losing": (sf.Lose(by="li", reason="price"), (ADVANCE,)),
    "disqualifying": (sf.Disqualify(by="li", reason="no need"), (ADVANCE,)),
    "ending": (ADVANCE, (ADVANCE, ADVANCE)),
    "reopening": (
        sf.Reopen(by="li", stage="plan"),
        (ADVANCE, sf.Lose(by="li", reason="price")),
    ),
}


@pytest.mark.parametrize("what", LEAVING)
def test_nothing_that_leaves_a_place_happened_before_the_deal_came_there(what: str) -> None:
    command, path = LEAVING[what]
    small, at, deal = engine(*WINNING), NOW, DEAL
    for step in (START, *path):
        at += timedelta(days=1)
        deal = small.decide(deal, step, at=at).require()
    early = replaced(command, occurred_at=at - timedelta(hours=1))

    with pytest.raises(ClockError, match="when the deal came to where it is"):
        small.decide(deal, early, at=at)
    assert small.decide(deal, replaced(command, occurred_at=at), at=at).accepted


def test_a_deal_whose_last_visit_is_elsewhere_is_refused() -> None:
    small = engine(stage("a"), stage("b"))
    progress = replaced(after(small, START).progress, stage="b")

    with pytest.raises(PlaybookMismatch, match="replay"):
        small.decide(replaced(DEAL, progress=progress), ADVANCE, at=NOW)


def test_a_gate_asks_on_the_day_of_the_engines_zone() -> None:
    due = asked("stages.exit", 'rule = "expected_close_on >= today"')
    deal = replaced(DEAL, expected_close_on=date(2026, 1, 5))
    evening = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)

    for tz, expected in (("UTC", []), ("Asia/Shanghai", ["computed"])):
        small = engine(stage("a", due), stage("b"), tz=tz)
        started = small.decide(deal, START, at=evening).require()
        blockers = small.decide(started, ADVANCE, at=evening).blockers
        assert [blocker.code for blocker in blockers] == expected


def test_a_deal_is_adopted_in_the_very_moment_in_which_it_entered_its_stage() -> None:
    midnight = datetime(2026, 1, 5, tzinfo=UTC)
    adopt = sf.Adopt(by="li", stage="a", entered_on=date(2026, 1, 5))

    assert engine(stage("a")).decide(DEAL, adopt, at=midnight).accepted


def test_a_deal_that_was_adopted_goes_back_to_where_it_may_have_been() -> None:
    ways = move("a", "b") + move("a", "c") + move("b", "c") + move("c", "ended")
    small = engine(stage("a"), stage("b"), stage("c"), ways)
    adopted = after(small, sf.Adopt(by="li", stage="c", entered_on=date(2026, 1, 2)))

    assert after(small, sf.MoveTo(by="li", stage="b"), deal=adopted).progress.stage == "b"


def test_a_deal_is_won_once_also_where_it_goes_on_after_that() -> None:
    small = engine(*WINNING)
    won = after(small, START, ADVANCE, sf.Win(by="li"))
    decision = small.decide(won, ADVANCE, at=NOW)

    assert [type(event.payload).__name__ for event in decision.events] == ["StageEntered"]
    assert decision.opportunity.progress.closed_at == won.progress.closed_at


PARTS = """wins = true
sub_stages = [{ key = "draft", title = "Draft" }, { key = "signed", title = "Signed" }]
"""
SKIPPING = HEAD.replace('skip = "off"', 'skip = "on"')


@pytest.mark.parametrize(
    ("target", "outcome"), [("draft", "none"), ("signed", "none"), ("run", None), ("ship", None)]
)
def test_a_deal_is_skipped_into_the_winning_stage_and_not_past_it(
    target: str, outcome: str | None
) -> None:
    small = engine(
        stage("ask"),
        stage("plan"),
        stage("sign", PARTS),
        stage("run"),
        stage("ship"),
        head=SKIPPING,
    )
    decision = small.decide(after(small, START), sf.MoveTo(by="li", stage=target), at=NOW)

    if outcome is None:
        assert [blocker.code for blocker in decision.blockers] == ["winning_skipped"]
    else:
        assert decision.require().progress.outcome == outcome
    # Out of the winning stage a skip wins as every other way on does.
    there = after(small, START, sf.MoveTo(by="li", stage="draft"))
    on = after(small, sf.MoveTo(by="li", stage="run"), deal=there)
    assert (on.progress.stage, on.progress.outcome) == ("run", "won")


def test_a_loop_from_a_sub_stage_is_told_at_the_end() -> None:
    parts = 'sub_stages = [{ key = "c1", title = "C1" }, { key = "c2", title = "C2" }]'
    for source in ("c", "c2"):
        small = engine(stage("a"), stage("c", parts), move(source, "a", "new_deal = true"))
        there = after(small, START, ADVANCE, ADVANCE)
        (*_, ended) = small.decide(there, ADVANCE, at=NOW).events
        assert ended.payload.model_dump()["opens"] == ("a",)


def test_a_card_that_reads_a_card_is_counted_with_it() -> None:
    cards = """
[[scorecards]]
key = "inner"
items = [{ key = "owned", rule = "known(owner)", weight = 1, title = "Owned" }]
bands = [{ key = "low", min = 0 }]
[[scorecards]]
key = "outer"
items = [{ key = "good", rule = "score.inner.low >= 1", weight = 1, title = "Good" }]
bands = [{ key = "low", min = 0 }]
"""
    good = asked("stages.exit", 'rule = "score.outer.low >= 1"')
    small = engine(cards, stage("a", good), stage("b"))

    assert codes(small, after(small, START), ADVANCE) == []


def test_a_judgement_counts_under_the_new_name_of_its_point() -> None:
    judged = asked("stages.exit", 'judgement = { roles = ["rep"] }')
    first = engine(stage("a", judged), stage("b"))
    go = sf.Judge(by="li", role="rep", verdict="go", point="asked")
    deal = after(first, START, go)
    renamed = judged.replace('"asked"', '"agreed"')
    migration = '[[migrations]]\nfrom = "1.0.0"\ncriteria = { asked = "agreed" }\n'
    second = engine(stage("a", renamed), stage("b"), migration, head=HEAD.replace("1.0.0", "2.0.0"))
    moved = after(second, sf.Migrate(by="li"), deal=deal)

    assert [item.point for item in moved.progress.judgements] == ["agreed"]
    assert codes(second, moved, ADVANCE) == []
