"""The codes of blockers: each is explained, is on its page, and can be provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Final, get_args

import pytest

import salesflow as sf
from salesflow._frozen import FrozenDict
from salesflow.engine import BlockerCode, Veto
from salesflow.engine._blocker_codes import blocker_codes
from salesflow.text import LANGUAGES, Language, both
from tests.engine.comparing import everything
from tests.engine.conftest import BANK, EYES, Walk
from tests.engine.course import NOW, PLAYBOOK, Course, newer
from tests.engine.legal_track import Deal
from tests.engine.test_approvals import EYES as EYES_ON_OFFERS
from tests.engine.test_approvals import after, go, of_kind
from tests.engine.test_approvals import engine as offers
from tests.engine.test_approvals import started as on_offer

ROOT: Final = Path(__file__).parents[2]
CODES: Final[tuple[BlockerCode, ...]] = get_args(BlockerCode)
HEAD: Final = {"en": "| code | when | what to do |", "zh": "| 代码 | 何时出现 | 怎么做 |"}


def table(lang: Language) -> str:
    """The table of the page `docs/api/blockers.md`."""
    rows = [
        f"| `{code}` | {words.meaning.get(lang)} | {words.fix.get(lang)} |"
        for code, words in blocker_codes().items()
    ]
    return "\n".join([HEAD[lang], "| --- | --- | --- |", *rows]) + "\n"


def test_every_code_of_the_type_is_explained_and_no_other() -> None:
    assert tuple(blocker_codes()) == CODES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_blockers_is_the_table_of_the_code(lang: Language) -> None:
    page = (ROOT / "docs" / "api" / "blockers.md").read_text(encoding="utf-8")

    assert table(lang) in page, f"docs/api/blockers.md should have this table:\n{table(lang)}"


def started() -> Course:
    course = Course()
    course.do(sf.Start(by="li")).require()
    return course


def lost() -> Course:
    course = started()
    course.do(sf.Lose(by="li", reason="price")).require()
    return course


def resting() -> Course:
    course = started()
    hold = sf.Hold(by="li", resume_when="The budget is released", review_on=date(2026, 4, 1))
    course.do(hold).require()
    return course


def bank(**changes: object) -> Walk:
    """A deal under the playbook of the bank."""
    fields = {"id": "D-1", "name": "Core banking", "owner": "li", **changes}
    engine = sf.StageEngine(sf.Playbook.from_toml(BANK))
    return Walk(engine, sf.Opportunity.model_validate(fields))


def in_bank(stage: str, command: sf.Command, **changes: object) -> tuple[sf.Blocker, ...]:
    """What a command meets in a stage of the bank."""
    walk = bank(**changes)
    walk.do(sf.Adopt(by="li", stage=stage, entered_on=date(2026, 1, 2))).require()
    return walk.do(command).blockers


def four_eyes(command: sf.Command) -> tuple[sf.Blocker, ...]:
    """What somebody meets who vouches for their own deal, or speaks for two roles."""
    walk = Walk(
        sf.StageEngine(sf.Playbook.from_toml(EYES)),
        sf.Opportunity(id="D-1", name="Works", owner="li"),
    )
    walk.do(sf.Start(by="li")).require()
    walk.do(sf.Judge(by="wang", role="boss", verdict="go")).require()
    return walk.do(command).blockers


def of_track(track: str, state: str, **facts: object) -> tuple[sf.Blocker, ...]:
    """What keeps a track from going to a state."""
    return (
        Deal(facts=facts).started().do(sf.MoveTrack(by="zhao", track=track, state=state)).blockers
    )


def two_decisions() -> tuple[sf.Blocker, ...]:
    """What a word meets that does not say which of two decisions it is about."""
    decision = 'decision = "card"\nby = "boss"\ntitle = "Go?"'
    book = f"""
    id = "twice"
    version = "1"
    title = "Twice"
    [[scorecards]]
    key = "card"
    items = [{{ key = "owned", rule = "known(owner)", weight = 1 }}]
    bands = [{{ key = "low", min = 0 }}]
    [[stages]]
    key = "plan"
    title = "Plan"
      [[stages.exit]]
      key = "first"
      {decision}
      [[stages.exit]]
      key = "second"
      {decision}
    """
    engine = sf.StageEngine(sf.Playbook.from_toml(book))
    walk = Walk(engine, sf.Opportunity(id="D-1", name="Works"))
    walk.do(sf.Start(by="li")).require()
    blockers = walk.do(sf.Judge(by="wang", role="boss", verdict="go")).blockers
    walk.do(sf.Judge(by="wang", role="boss", verdict="go", point="first")).require()
    taken = walk.do(sf.Judge(by="wang", role="boss", verdict="kill")).require()
    assert taken.progress.judgements[-1].point == "second"  # the only one that is still open
    return blockers


def with_text(old: str, new: str, command: sf.Command) -> tuple[sf.Blocker, ...]:
    """What a command meets in the review of the works, where some of its text is another."""
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace(old, new)))
    deal = sf.Opportunity(id="D-1", name="Works")
    adopt = sf.Adopt(by="li", stage="review", entered_on=NOW.date())
    return engine.decide(engine.decide(deal, adopt, at=NOW).require(), command, at=NOW).blockers


def won_in_delivery(command: sf.Command) -> tuple[sf.Blocker, ...]:
    """What a command meets on a deal that was won."""
    walk = bank(team={"wang": "sales_manager"})
    adopt = sf.Adopt(by="li", stage="deliver", entered_on=date(2026, 1, 2), outcome="won")
    walk.do(adopt).require()
    return walk.do(command).blockers


def with_reason_for_winning(command: sf.Command) -> tuple[sf.Blocker, ...]:
    """What a command meets where a win has a reason."""
    book = f"""
    {PLAYBOOK}
    [[reasons]]
    key = "service"
    outcome = "won"
    title = "Service"
    """
    engine = sf.StageEngine(sf.Playbook.from_toml(book))
    adopt = sf.Adopt(by="li", stage="care", entered_on=NOW.date())
    deal = engine.decide(sf.Opportunity(id="D-1", name="Works"), adopt, at=NOW).require()
    return engine.decide(deal, command, at=NOW).blockers


def kept_by_host() -> tuple[sf.Blocker, ...]:
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    deal = engine.decide(sf.HostDeal(id="D-1"), sf.Start(by="li"), at=NOW).require()
    return engine.decide(deal, sf.Amend(by="li", changes={"name": "x"}), at=NOW).blockers


def vetoed() -> tuple[sf.Blocker, ...]:
    words = both(en="The customer pays", zh="客户付款"), both(en="Ask finance", zh="请联系财务")
    course = Course(hooks=[lambda _: Veto("credit", *words)])
    return course.do(sf.Start(by="li")).blockers


def migrated(engine: sf.StageEngine) -> tuple[sf.Blocker, ...]:
    return engine.decide(started().deal, sf.Migrate(by="li"), at=NOW.replace(year=2027)).blockers


def approvals(command: sf.Command, *before: sf.Command) -> tuple[sf.Blocker, ...]:
    """What a command meets on a deal with a discount of 38 %, after others."""
    process = offers(EYES_ON_OFFERS, policy='[policy]\nroles = "of_team"')
    return process.decide(after(process, on_offer(process), *before), command, at=LATER).blockers


def called_twice() -> tuple[sf.Blocker, ...]:
    call = sf.CallForecast(by="li", category="commit", reason="They have signed")
    walk = bank()
    walk.do(sf.Adopt(by="li", stage="propose", entered_on=date(2026, 1, 2))).require()
    walk.do(call).require()
    return walk.do(call).blockers


def against_the_score() -> tuple[sf.Blocker, ...]:
    process = of_kind("decision", more="note_against_score = true")
    return process.decide(on_offer(process, 40), go("vp"), at=LATER).blockers


def without_measure() -> tuple[sf.Blocker, ...]:
    text = of_kind("judgement", more="").playbook.to_json()
    text = text.replace('"judgement": {', '"judgement": {"follow_up": true, ')
    process = sf.StageEngine(sf.Playbook.from_json(text))
    return process.decide(on_offer(process), go("vp"), at=LATER).blockers


def nothing_shown() -> tuple[sf.Blocker, ...]:
    process = of_kind("decision", more='evidence = "required"')
    return process.decide(on_offer(process, 40), go("vp"), at=LATER).blockers


def of_rule(text: str, facts: dict[str, object]) -> tuple[sf.Blocker, ...]:
    return sf.Rule.parse(text).evaluate(facts).blockers()


ADVANCE: Final = sf.Advance(by="li")
PAST: Final = date(2025, 1, 1)
LATER: Final = NOW.replace(year=2027)

SITUATIONS: Final[dict[BlockerCode, Callable[[], Iterable[sf.Blocker]]]] = {
    "no": lambda: of_rule("amount > 5", {"amount": 1}),
    "unknown": lambda: of_rule("amount > 5", {}),
    "any_of": lambda: of_rule("amount > 5 or ended", {}),
    "all_of": lambda: of_rule('(amount > 5 and ended) or owner == "li"', {}),
    "computed": lambda: in_bank("qualify", ADVANCE),
    "attested": lambda: in_bank("qualify", ADVANCE),
    "decision": lambda: in_bank("qualify", ADVANCE),
    "judgement": lambda: with_text("", "", ADVANCE),
    "instruments": lambda: in_bank("propose", ADVANCE, amount=sf.Money(120_000, "USD")),
    "instrument": lambda: in_bank("qualify", sf.Complete(by="li", instrument="bant_sheet")),
    "not_started": lambda: Course().do(ADVANCE).blockers,
    "already_started": lambda: started().do(sf.Start(by="li")).blockers,
    "ended": lambda: lost().do(ADVANCE).blockers,
    "not_ended": lambda: started().do(sf.Reopen(by="wang", stage="design")).blockers,
    "already_closed": lambda: won_in_delivery(sf.Win(by="li")),
    "not_closed": lambda: started().do(sf.Retract(by="li", note="A mistake")).blockers,
    "already_there": lambda: started().do(sf.MoveTo(by="li", stage="design")).blockers,
    "in_state": lambda: of_track("legal", "open", personal_data=True),
    "no_way": lambda: of_track("security", "again", personal_data=True),
    "not_applicable": lambda: of_track("security", "passed", personal_data=False),
    "already_migrated": lambda: started().do(sf.Migrate(by="li")).blockers,
    "on_hold": lambda: resting().do(ADVANCE).blockers,
    "not_on_hold": lambda: started().do(sf.Resume(by="li")).blockers,
    "role": lambda: started().do(sf.Attest(by="wang", criterion="designed")).blockers,
    "not_allowed": lambda: (
        started().do(sf.Waive(by="wang", criterion="safe", reason="Hurry")).blockers
    ),
    "why_missing": lambda: Course().designed().do(sf.MoveTo(by="wang", stage="pilot")).blockers,
    "note_missing": lambda: in_bank("qualify", sf.Lose(by="li", reason="other")),
    "advisory": lambda: in_bank("qualify", sf.Waive(by="li", criterion="nice", reason="Hurry")),
    "no_end_here": lambda: started().do(sf.MoveTo(by="li", stage="ended")).blockers,
    "not_reached": lambda: lost().do(sf.Reopen(by="wang", stage="pilot", note="Again")).blockers,
    "not_winning_stage": lambda: started().do(sf.Win(by="li")).blockers,
    "reason_missing": lambda: with_reason_for_winning(sf.Win(by="li")),
    "reason_first": lambda: with_reason_for_winning(ADVANCE),
    "past_winning": lambda: won_in_delivery(sf.Retract(by="wang", note="A mistake")),
    "winning_skipped": lambda: with_text(
        'key = "pilot"\n', 'key = "pilot"\nwins = true\n', sf.MoveTo(by="li", stage="care")
    ),
    "not_here": lambda: in_bank(
        "propose", sf.Judge(by="li", role="sales_manager", verdict="go", point="go")
    ),
    "review_in_past": lambda: (
        started()
        .do(sf.Hold(by="li", resume_when="The budget is released", review_on=PAST))
        .blockers
    ),
    "answer": lambda: in_bank("qualify", sf.Answer(by="li", question="bant.need", value="much")),
    "not_on_record": lambda: in_bank("qualify", sf.Withdraw(by="li", question="bant.need")),
    "fact_value": lambda: with_text(
        'owner_role = "rep"\n',
        'owner_role = "rep"\n[[facts]]\nname = "discount"\nkind = "number"\nunit = "percent"\n',
        sf.Amend(by="li", changes={"facts": {"discount": 20}}),
    ),
    "unmapped": lambda: migrated(newer(PLAYBOOK)),
    "kept_by_host": kept_by_host,
    "own_deal": lambda: four_eyes(sf.Attest(by="li", role="legal", criterion="drawn")),
    "same_person": lambda: four_eyes(sf.Judge(by="wang", role="legal", verdict="go")),
    "role_for_oneself": lambda: (
        started().do(sf.Amend(by="intern", changes={"owner": "intern"})).blockers
    ),
    "not_from_here": lambda: with_text(
        "[policy]\n",
        '[policy]\nhold = { stages = ["care"] }\n',
        sf.Hold(by="li", resume_when="Money", review_on=date(2026, 12, 1)),
    ),
    "which_point": two_decisions,
    "nothing_to_judge": lambda: started().do(sf.Judge(by="li", role="rep", verdict="go")).blockers,
    "won_too_early": lambda: (
        bank()
        .do(sf.Adopt(by="li", stage="qualify", entered_on=date(2026, 1, 2), outcome="won"))
        .blockers
    ),
    "approval": lambda: approvals(sf.Advance(by="li")),
    "lapsed": lambda: approvals(
        sf.Advance(by="li"),
        sf.Judge(by="wang", role="vp", verdict="go", point="discount_ok"),
        sf.Amend(by="li", changes={"facts": {"region": "abroad", "discount": 60}}),
    ),
    "own_request": lambda: approvals(
        sf.Judge(by="wang", role="vp", verdict="go", point="discount_ok"),
        sf.Request(by="wang", point="discount_ok"),
    ),
    "out_of_turn": lambda: approvals(
        sf.Judge(by="zhao", role="cfo", verdict="go", point="discount_ok")
    ),
    "note_against_score": against_the_score,
    "follow_up_missing": without_measure,
    "evidence_missing": nothing_shown,
    "role_not_held": lambda: approvals(
        sf.Hold(by="li", role="cfo", resume_when="Money", review_on=date(2027, 12, 1))
    ),
    "not_ones_own": lambda: approvals(
        sf.Delegate(by="li", to="sun", role="vp", until=date(2027, 12, 1))
    ),
    "not_owner": lambda: in_bank(
        "propose", sf.CallForecast(by="wang", category="omitted", reason="Too early")
    ),
    "already_called": called_twice,
    "over_already": lambda: approvals(sf.Delegate(by="wang", to="sun", role="vp", until=PAST)),
    "veto": vetoed,
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_met_in_some_situation(code: BlockerCode) -> None:
    assert code in SITUATIONS, f"no situation here provokes the blocker {code!r}; add one"

    blockers = [*everything(SITUATIONS[code]())]
    found = {blocker.code for blocker in blockers}

    assert {type(blocker.seen) for blocker in blockers} == {FrozenDict}
    assert code in found, f"the situation of {code!r} provokes {sorted(found)} instead"
