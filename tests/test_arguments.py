"""One mistake has one error and one wording, whichever function meets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

import salesflow as sf
from salesflow import documents, qualify, schedule
from salesflow._arguments import Arguments, zone
from salesflow.domain import Action, AnswerRecord, OpportunityPlan, action_status, overdue
from salesflow.errors import ArgumentError, ClockError
from salesflow.playbook import Span
from tests.engine.conftest import BANK

NOW: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DAY: Final = NOW.date()
PLAYBOOK: Final = sf.Playbook.from_toml(BANK)
ENGINE: Final = sf.StageEngine(PLAYBOOK)
DEAL: Final = ENGINE.decide(
    sf.Opportunity(id="D-1", name="Deal", owner="li"), sf.Start(by="li"), at=NOW
).require()
CARD: Final = PLAYBOOK.scorecards["worth"]
CHECKLIST: Final = PLAYBOOK.checklists["bant"]
SAID: Final = AnswerRecord(question="bant.need", mark="+", by="li", at=NOW)
SHEET: Final = qualify.AnswerSheet(answers=(SAID,))
SCORE: Final = qualify.score(PLAYBOOK, CARD, {})
RULE: Final = sf.Rule.parse("created_on < today")
ACTION: Final = Action(what="Call", due_on=DAY)
PLAN: Final = OpportunityPlan(opportunity="D-1")

EVENT: Final = ENGINE.decide(
    sf.Opportunity(id="D-1", name="Deal"), sf.Start(by="li"), at=NOW
).events[0]

Call = Callable[[Any], object]

# Every public function that takes the argument, by the argument's name; what follows a comma tells
# two arguments of one name apart.
TAKES: Final[dict[str, dict[str, Call]]] = {
    "tz": {
        "StageEngine": lambda tz: sf.StageEngine(PLAYBOOK, tz=tz),
        "facts_of": lambda tz: sf.facts_of(DEAL, PLAYBOOK, at=NOW, tz=tz),
        "score": lambda tz: qualify.score(PLAYBOOK, CARD, {}, tz=tz),
        "interval": lambda tz: qualify.interval(CARD, {}, tz=tz),
        "score_sheet": lambda tz: qualify.score_sheet(PLAYBOOK, CARD, SHEET, tz=tz),
        "compare": lambda tz: qualify.compare(SHEET, SHEET, tz=tz),
        "AnswerSheet.at": lambda tz: SHEET.at(DAY, tz=tz),
        "AnswerSheet.older_than": lambda tz: SHEET.older_than(1, as_of=DAY, tz=tz),
        "duties": lambda tz: schedule.duties(PLAYBOOK, DEAL.progress, {}, NOW, tz=tz),
        "added": lambda tz: schedule.added(NOW, Span(days=1), 1, tz),
        "opportunity_plan": lambda tz: documents.opportunity_plan(PLAN, tz=tz),
        "plan_status": lambda tz: documents.plan_status(PLAN, PLAYBOOK, {}, tz=tz),
        "Rule.verdict": lambda tz: RULE.verdict({}, DAY, tz=tz),
        "Rule.evaluate": lambda tz: RULE.evaluate({}, DAY, tz=tz),
    },
    "playbook": {
        "StageEngine": sf.StageEngine,
        "facts_of": lambda playbook: sf.facts_of(DEAL, playbook, at=NOW),
        "score": lambda playbook: qualify.score(playbook, CARD, {}),
        "score_sheet": lambda playbook: qualify.score_sheet(playbook, CARD, SHEET),
        "check_sheet": lambda playbook: qualify.check_sheet(playbook, SHEET),
        "answer_facts": lambda playbook: qualify.answer_facts(playbook, [SAID]),
        "duties": lambda playbook: schedule.duties(playbook, DEAL.progress, {}, NOW),
        "plan_status": lambda playbook: documents.plan_status(PLAN, playbook, {}),
    },
    "as_of": {
        "StageEngine.score": lambda as_of: ENGINE.score(DEAL, "worth", at=NOW, as_of=as_of),
        "score": lambda as_of: qualify.score(PLAYBOOK, CARD, {}, as_of),
        "interval": lambda as_of: qualify.interval(CARD, {}, as_of),
        "score_sheet": lambda as_of: qualify.score_sheet(PLAYBOOK, CARD, SHEET, {}, as_of),
        "compare": lambda as_of: qualify.compare(SHEET, SHEET, as_of=as_of),
        "AnswerSheet.at": SHEET.at,
        "AnswerSheet.older_than": lambda as_of: SHEET.older_than(1, as_of=as_of),
        "plan_status": lambda as_of: documents.plan_status(PLAN, PLAYBOOK, {}, as_of=as_of),
        "Rule.verdict": lambda as_of: RULE.verdict({}, as_of),
        "Rule.evaluate": lambda as_of: RULE.evaluate({}, as_of),
    },
    "today": {
        "opportunity_plan": lambda today: documents.opportunity_plan(PLAN, today=today),
        "Action.overdue": ACTION.overdue,
        "overdue": lambda today: overdue([ACTION], today),
        "action_status": lambda today: action_status([ACTION], today),
    },
    "at": {
        "StageEngine.decide": lambda at: ENGINE.decide(DEAL, sf.Advance(by="li"), at=at),
        "StageEngine.review": lambda at: ENGINE.review(DEAL, at=at),
        "StageEngine.due": lambda at: ENGINE.due(DEAL, at=at),
        "StageEngine.score": lambda at: ENGINE.score(DEAL, "worth", at=at),
        "facts_of": lambda at: sf.facts_of(DEAL, PLAYBOOK, at=at),
        "duties": lambda at: schedule.duties(PLAYBOOK, DEAL.progress, {}, at),
    },
    "opportunity": {
        "StageEngine.decide": lambda deal: ENGINE.decide(deal, sf.Advance(by="li"), at=NOW),
        "StageEngine.review": lambda deal: ENGINE.review(deal, at=NOW),
        "StageEngine.due": lambda deal: ENGINE.due(deal, at=NOW),
        "StageEngine.score": lambda deal: ENGINE.score(deal, "worth", at=NOW),
        "StageEngine.evolve": lambda deal: ENGINE.evolve(deal, EVENT),
        "facts_of": lambda deal: sf.facts_of(deal, PLAYBOOK, at=NOW),
    },
    "calendar": {
        "StageEngine": lambda calendar: sf.StageEngine(PLAYBOOK, calendar=calendar),
        "duties": lambda it: schedule.duties(PLAYBOOK, DEAL.progress, {}, NOW, calendar=it),
        "on_workday": lambda calendar: schedule.on_workday(DAY, calendar),
    },
    "rates": {
        "StageEngine": lambda rates: sf.StageEngine(PLAYBOOK, rates=rates),
        "facts_of": lambda rates: sf.facts_of(DEAL, PLAYBOOK, at=NOW, rates=rates),
    },
    "card": {
        "score": lambda card: qualify.score(PLAYBOOK, card, {}),
        "interval": lambda card: qualify.interval(card, {}),
        "score_sheet": lambda card: qualify.score_sheet(PLAYBOOK, card, SHEET),
    },
    "checklist": {
        "tally": lambda checklist: qualify.tally(checklist, {}),
        "compare": lambda checklist: qualify.compare(SHEET, SHEET, checklist=checklist),
        "AnswerSheet.tally": SHEET.tally,
        "AnswerSheet.older_than": lambda it: SHEET.older_than(1, as_of=DAY, checklist=it),
    },
    "facts": {
        "score": lambda facts: qualify.score(PLAYBOOK, CARD, facts),
        "interval": lambda facts: qualify.interval(CARD, facts),
        "score_sheet": lambda facts: qualify.score_sheet(PLAYBOOK, CARD, SHEET, facts),
        "duties": lambda facts: schedule.duties(PLAYBOOK, DEAL.progress, facts, NOW),
    },
    "answers": {
        "Score.if_answered": SCORE.if_answered,
        "tally": lambda answers: qualify.tally(CHECKLIST, answers),
    },
    "answers, a list": {
        "marks_of": qualify.marks_of,
        "answers_of": qualify.answers_of,
        "answer_facts": lambda answers: qualify.answer_facts(PLAYBOOK, answers),
        "sheets": qualify.sheets,
        "sheet_of": qualify.sheet_of,
    },
    "competitors": {
        "sheets": lambda names: qualify.sheets([SAID], competitors=names),
        "sheet_of": lambda names: qualify.sheet_of([SAID], competitors=names),
        "check_sheet": lambda names: qualify.check_sheet(PLAYBOOK, SHEET, competitors=names),
    },
    "events": {
        "StageEngine.replay": ENGINE.replay,
        "StageEngine.score": lambda it: ENGINE.score(DEAL, "worth", at=NOW, as_of=DAY, events=it),
        "write_events": sf.write_events,
        "history": qualify.history,
    },
}
# What is given, and what is said of it: the error's class, and the sentence after the name.
SAYS: Final[dict[tuple[str, object], tuple[type[ArgumentError], str]]] = {
    ("tz", "Mars"): (ArgumentError, "must name a time zone, not 'Mars'"),
    ("tz", 8): (ArgumentError, "must name a time zone, not an int"),
    ("playbook", 3): (ArgumentError, "must be a Playbook, not an int"),
    ("as_of", 3): (ArgumentError, "must be a day, not an int"),
    ("as_of", "2026-01-05"): (ArgumentError, "must be a day, not a str"),
    ("as_of", datetime(2026, 1, 5)): (ClockError, "must have a zone where it is a datetime"),
    ("today", datetime(2026, 1, 5)): (ClockError, "must have a zone where it is a datetime"),
    ("today", 3): (ArgumentError, "must be a day, not an int"),
    ("at", 3): (ClockError, "must be a datetime with a zone, not an int"),
    ("at", date(2026, 1, 5)): (ClockError, "must be a datetime with a zone, not a date"),
    ("at", datetime(2026, 1, 5)): (ClockError, "must be a datetime with a zone, not one without"),
    ("opportunity", None): (ArgumentError, "must be an Opportunity or a HostDeal, not None"),
    ("calendar", 5): (ArgumentError, "must be an object with is_workday(day), not an int"),
    ("rates", 5): (ArgumentError, "must be a Rates, not an int"),
    ("card", "worth"): (ArgumentError, "must be a Scorecard, not a str"),
    ("checklist", "bant"): (ArgumentError, "must be a Checklist, not a str"),
    ("facts", 5): (ArgumentError, "must be a mapping, not an int"),
    ("answers", 5): (ArgumentError, "must be a mapping, not an int"),
    ("answers, a list", "+"): (ArgumentError, "must be a list of AnswerRecord, not a str"),
    ("competitors", "Rival"): (ArgumentError, "must be a list of str, not a str"),
    ("events", 5): (ArgumentError, "must be a list of Event, not an int"),
}
CASES: Final = [(name, given, where) for name, given in SAYS for where in TAKES[name]]


@pytest.mark.parametrize(("name", "given", "where"), CASES)
def test_a_mistake_is_told_in_the_same_words_everywhere(
    name: str, given: object, where: str
) -> None:
    wanted, says = SAYS[name, given]

    with pytest.raises(ArgumentError) as caught:
        TAKES[name][where](given)

    found = caught.value.problem or caught.value.problems[0]
    assert (type(caught.value), found.path, found.message) == (wanted, name.partition(",")[0], says)


def test_what_is_wrong_is_said_once_though_it_was_read_twice() -> None:
    given = Arguments()
    for _ in range(2):
        given.read(zone, "Mars")
    with pytest.raises(ArgumentError) as caught:
        given.refuse("Not like this.")
    assert [problem.path for problem in caught.value.problems] == ["tz"]
