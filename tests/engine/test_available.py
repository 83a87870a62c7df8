"""What a person can do to a deal now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

import salesflow as sf
from salesflow.engine import AvailableCommand, Proposal, Veto
from salesflow.errors import ArgumentError, ClockError, UnknownName
from salesflow.text import both
from tests.engine.conftest import Walk
from tests.engine.course import Course

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "works"
version = "1"
title = "Works"
owner_role = "rep"
roles = [{ key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }]
reasons = [
  { key = "price", title = "Price", outcome = "lost" },
  { key = "other", title = "Other", outcome = "lost", notes = true },
]
[policy]
back = ["boss"]
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "written"
  title = "The plan is written"
  by = "rep"
[[stages]]
key = "build"
title = "Build"
[[stages]]
key = "sign"
title = "Sign"
wins = true
"""
ENGINE = sf.StageEngine(sf.Playbook.from_toml(BOOK))
DEAL = sf.Opportunity.model_validate(
    {"id": "D-1", "name": "Works", "owner": "li", "team": {"wang": "boss"}}
)
STARTED = ENGINE.decide(DEAL, sf.Start(by="li"), at=NOW).require()


def listed(
    deal: sf.Opportunity, by: str, kind: type[sf.Command], engine: sf.StageEngine = ENGINE
) -> dict[str, AvailableCommand]:
    """What there is of a kind, by the things that it is about."""
    return {
        " ".join(item.fields.values()): item
        for item in engine.available(deal, by=by, at=NOW + timedelta(hours=1))
        if item.kind is kind
    }


def test_before_the_start_a_deal_can_be_started_or_adopted_and_nothing_else() -> None:
    found = ENGINE.available(DEAL, by="li", at=NOW)

    assert {item.kind for item in found} == {sf.Start, sf.Adopt}
    assert [(item.kind, dict(item.fields)) for item in found if item.allowed] == [
        (sf.Start, {}),
        (sf.Adopt, {"stage": "plan"}),
        (sf.Adopt, {"stage": "build"}),
        (sf.Adopt, {"stage": "sign"}),
    ]


def test_the_person_decides_what_is_allowed() -> None:
    by_rep, by_boss = (listed(STARTED, by, sf.Attest)["written"] for by in ("li", "wang"))

    assert by_rep.allowed
    assert not by_boss.allowed
    assert [blocker.code for blocker in by_boss.blockers] == ["role"]


def test_a_claimed_role_counts() -> None:
    listed = ENGINE.available(STARTED, by="wang", role="rep", at=NOW)
    (found,) = [item for item in listed if item.kind is sf.Attest]

    assert found.allowed
    assert ENGINE.decide(STARTED, found.command(), at=NOW).accepted  # it claims the same role


def test_what_has_to_be_filled_in_is_named() -> None:
    reasons = listed(STARTED, "li", sf.Lose)
    assert {key: item.needs for key, item in reasons.items()} == {"price": (), "other": ("note",)}
    assert listed(STARTED, "li", sf.Hold)[""].needs == ("resume_when", "review_on")

    wanted = reasons["other"].command(note="They were bought")
    assert ENGINE.decide(STARTED, wanted, at=NOW).accepted


def test_a_way_back_is_for_the_boss_who_says_why() -> None:
    moved = ENGINE.decide(STARTED, sf.Attest(by="li", criterion="written"), at=NOW).require()
    moved = ENGINE.decide(moved, sf.Advance(by="li"), at=NOW).require()
    by_rep, by_boss = (listed(moved, by, sf.MoveTo)["plan"] for by in ("li", "wang"))

    assert [blocker.code for blocker in by_rep.blockers] == ["role"]
    assert by_rep.needs == ()
    assert (by_boss.allowed, by_boss.needs) == (True, ("note",))


def test_hooks_are_asked_about_the_person() -> None:
    def owner_only(proposal: Proposal) -> Veto | None:
        if proposal.command.by == proposal.opportunity.owner:
            return None
        title = both(en="Only the owner", zh="仅限负责人")
        return Veto("owner", title, title)

    engine = sf.StageEngine(ENGINE.playbook, hooks=[owner_only])
    assert listed(STARTED, "li", sf.Hold, engine)[""].allowed
    assert not listed(STARTED, "wang", sf.Hold, engine)[""].allowed


def test_of_a_deal_of_another_version_it_says_whether_it_can_be_taken_over() -> None:
    newer = sf.StageEngine(
        sf.Playbook.from_toml(
            BOOK.replace('version = "1"', 'version = "2"').replace("back", "skip")
        )
    )
    (found,) = newer.available(STARTED, by="li", at=NOW)

    assert found.kind is sf.Migrate
    assert [blocker.code for blocker in found.blockers] == ["unmapped"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"by": 3, "at": NOW}, ArgumentError),
        ({"by": "li", "role": 3, "at": NOW}, ArgumentError),
        ({"by": "li", "at": datetime(2026, 3, 2)}, ClockError),
        ({"by": "li", "at": date(2026, 3, 2)}, ClockError),
    ],
)
def test_wrong_arguments_are_named(fields: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        ENGINE.available(STARTED, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["", "  ", "\r", "x" * 201, "\ud800"])
def test_whoever_asks_is_a_person_whom_a_command_could_name(who: str) -> None:
    course = Course().designed()
    for ask in (course.engine.available, course.engine.review):
        with pytest.raises(ArgumentError, match="by must name a person in 1 to 200 characters"):
            ask(course.deal, by=who, at=course.at)
        with pytest.raises(ArgumentError, match="role must name a role in 1 to 200 characters"):
            ask(course.deal, by="li", role=who, at=course.at)


def test_the_space_around_a_name_is_no_part_of_it() -> None:
    course = Course().designed()
    spaced = course.engine.available(course.deal, by=" li ", at=course.at)
    assert spaced == course.engine.available(course.deal, by="li", at=course.at)


@pytest.mark.parametrize("kind", [int, sf.Opportunity, "Advence", 5, ["Advance"]])
def test_what_is_available_is_a_command(kind: object) -> None:
    fields: dict[str, object] = {"by": "li", "fields": {}}
    item = AvailableCommand.model_validate({**fields, "kind": sf.Advance})

    assert AvailableCommand.model_validate_json(item.model_dump_json()) == item
    with pytest.raises(UnknownName, match="There is no command"):
        AvailableCommand.model_validate({**fields, "kind": kind})


MENU: Final = """
id = "menu"
version = "1"
title = "Menu"
languages = ["en"]
roles = [{ key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }]
policy = { back = "on", waive = "on" }
reasons = [{ key = "price", outcome = "lost", title = "Price" }]
checklists = [{ key = "site", questions = [
  { key = "clear", title = "Is it clear?" },
  { key = "size", title = "How large is it?", type = "number", evidence = "required" },
] }]
instruments = [{ key = "plan", title = "Plan" }]
[[cadences]]
key = "call"
title = "Call"
trigger = "stage_entered"
every = { weeks = 2 }
[[stages]]
key = "open"
title = "Open"
[[stages]]
key = "talk"
title = "Talk"
exit = [
  { key = "heard", title = "Heard", by = "rep" },
  { key = "nice", title = "Nice", by = "rep", advisory = true },
  { key = "named", title = "Named", rule = "known(owner)" },
  { key = "agreed", title = "Agreed", judgement = { roles = ["boss"] } },
]
[[stages]]
key = "sign"
title = "Sign"
"""


def test_everything_that_can_be_tried_in_the_middle_of_a_deal() -> None:
    deal = sf.Opportunity(id="D-1", name="Works", owner="li")
    walk = Walk(sf.StageEngine(sf.Playbook.from_toml(MENU)), deal)
    for command in (
        *(sf.Start(by="li"), sf.Advance(by="li")),
        sf.Answer(by="li", question="site.clear", mark="+"),
        sf.Complete(by="li", instrument="plan"),
        sf.Waive(by="li", criterion="heard", reason="Known for years"),
    ):
        walk.do(command).require()
    listed = []
    for it in walk.engine.available(walk.deal, by="li", at=walk.at):
        words = [it.kind.__name__, *(f"{name}={value}" for name, value in it.fields.items())]
        words += ["needs", ", ".join(it.needs)] if it.needs else []
        words += ["blocked by", ", ".join(b.code for b in it.blockers)] if it.blockers else []
        listed.append(" ".join(words))

    assert listed == [
        "Advance blocked by judgement",
        "MoveTo stage=open",
        "MoveTo stage=sign blocked by judgement",
        "MoveTo stage=ended blocked by no_end_here",
        "Reopen stage=open blocked by not_ended",
        "Reopen stage=talk blocked by not_ended",
        "Attest criterion=heard blocked by role",
        "Attest criterion=nice blocked by role",
        "Answer question=site.clear needs mark",
        "Answer question=site.size needs value, evidence",
        "Complete instrument=plan",
        "Complete instrument=call",
        "Judge role=rep blocked by nothing_to_judge",
        "Judge role=boss needs verdict",
        "Judge point=agreed role=boss needs verdict",
        "Request point=agreed",
        "Delegate role=rep blocked by not_ones_own",
        "Delegate role=boss blocked by not_ones_own",
        "CallForecast category=commit needs reason",
        "CallForecast category=best_case needs reason",
        "CallForecast category=pipeline needs reason",
        "CallForecast category=omitted needs reason",
        "Waive criterion=heard needs reason",
        "Waive criterion=named needs reason",
        "Waive criterion=agreed needs reason",
        "Hold needs resume_when, review_on",
        "Resume blocked by not_on_hold",
        "Retract blocked by not_closed, not_allowed",
        "Retract stage=open blocked by not_closed, not_allowed",
        "Retract stage=talk blocked by not_closed, not_allowed",
        "Withdraw question=site.clear about=us",
        "Withdraw instrument=plan",
        "Withdraw waiver=heard",
        "Win blocked by not_winning_stage",
        "Lose reason=price",
        "Disqualify needs reason",
        "Amend needs changes",
        "Migrate blocked by already_migrated",
    ]
