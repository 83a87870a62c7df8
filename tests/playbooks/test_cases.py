"""Every built-in playbook keeps the promises of its cases: situations and outcomes in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.playbook import Criterion
from salesflow.rules import Rule
from tests.playbooks.case_records import case_file, records_of
from tests.playbooks.sound_records import SOUND, with_records

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATER = "2026-12-31"
OWNER = "li.wei"
COMMANDS: dict[str, type[sf.Command]] = {
    "start": sf.Start,
    "adopt": sf.Adopt,
    "advance": sf.Advance,
    "move_to": sf.MoveTo,
    "attest": sf.Attest,
    "answer": sf.Answer,
    "complete": sf.Complete,
    "judge": sf.Judge,
    "waive": sf.Waive,
    "amend": sf.Amend,
    "hold": sf.Hold,
    "resume": sf.Resume,
    "win": sf.Win,
    "lose": sf.Lose,
    "disqualify": sf.Disqualify,
    "reopen": sf.Reopen,
}
ASIDE = {"do", "to", "refused"}
"""What a step says beside the fields of its command."""


def load_cases() -> list[Any]:
    cases = []
    for info in sf.available_playbooks():
        if info.distribution == "salesflow":
            cases += [
                pytest.param(info.id, case, id=case["say"]) for case in case_file(info.id)["cases"]
            ]
    return cases


class Story:
    """One case, told step by step."""

    def __init__(self, playbook: sf.Playbook, deal: dict[str, Any]) -> None:
        rates = deal.get("rates")
        self.playbook = playbook
        self.engine = sf.StageEngine(
            playbook, rates=sf.Rates(base=playbook.currency, rates=rates) if rates else None
        )
        amount = deal.get("amount")
        self.deal = sf.Opportunity.model_validate(
            {
                "id": "D-1",
                "name": "A deal",
                "owner": OWNER,
                "amount": sf.Money(*amount.split()) if amount else None,
                "account": {"name": "Acme", "tier": deal.get("tier")},
                "team": deal.get("team", {}),
                "facts": deal.get("facts", {}),
                "contacts": deal.get("contacts", []),
                "expected_close_on": deal.get("expected_close_on"),
                "records": [item for item in deal.get("records", []) if isinstance(item, dict)],
            }
        )
        self.at = START
        self.record([item for item in deal.get("records", []) if isinstance(item, str)])

    def record(self, names: Iterable[str]) -> None:
        """The host has records of those names, or any that are in order and of these groups."""
        known = records_of(self.playbook.id)
        records = self.deal.records
        for name in names:
            if name in known:
                records += (known[name],)
            else:
                records = with_records(records, [SOUND[name](self.at.date())])
        self.deal = replaced(self.deal, records=records)

    def do(self, command: sf.Command) -> sf.Decision[sf.Opportunity]:
        self.at += timedelta(hours=1)
        decision = self.engine.decide(self.deal, command, at=self.at)
        self.deal = decision.opportunity
        return decision

    def on_record(self, rule: Rule) -> None:
        """Whatever records the rule reads are there, unless the cases say which there are."""
        if records_of(self.playbook.id):
            return
        read = rule.facts & self.playbook.record_facts
        self.record(sorted({name.partition(".")[0] for name in read}))

    def step(self, step: dict[str, Any]) -> None:
        if step["do"] == "record":
            self.record(step["records"])
            return
        refused = step.get("refused")
        command = self.command(step)
        for one in command:
            decision = self.do(one)
            if refused is not None:
                assert sorted(blocker.key for blocker in decision.blockers) == sorted(refused)
            else:
                decision.require()
        if "to" in step:
            progress = self.deal.progress
            assert step["to"] in (progress.stage, progress.sub_stage)

    def command(self, step: dict[str, Any]) -> list[sf.Command]:
        if step["do"] == "answer_all":
            return self.answers(step["checklist"], step.get("mark"), step.get("value"))
        if step["do"] == "satisfy":
            return self.satisfying()
        fields = {name: value for name, value in step.items() if name not in ASIDE}
        if step["do"] == "adopt":
            fields["entered_on"] = START.date()
        return [COMMANDS[step["do"]].model_validate({"by": OWNER, **fields})]

    def answers(
        self, checklist: str, mark: str | None, value: str | None = None
    ) -> list[sf.Command]:
        return [
            sf.Answer.model_validate(
                {
                    "by": OWNER,
                    "question": f"{checklist}.{question.key}",
                    "mark": mark,
                    "value": value,
                }
            )
            for question in self.playbook.checklists[checklist].questions
        ]

    def satisfying(self) -> list[sf.Command]:
        """What meets every open required criterion of the gate ahead."""
        review = self.engine.review(self.deal, at=self.at)
        return [
            command
            for item in review.criteria
            if item.verdict is not sf.Verdict.YES and not item.criterion.advisory
            for command in self.meeting(item.criterion)
        ]

    def meeting(self, criterion: Criterion) -> list[sf.Command]:
        if criterion.kind == "attested":
            shown = "In the files" if criterion.evidence == "required" else None
            return [sf.Attest(by=OWNER, role=criterion.by, criterion=criterion.key, evidence=shown)]
        if criterion.kind in ("decision", "judgement"):
            return [
                sf.Judge(
                    by=OWNER,
                    role=role,
                    verdict="go",
                    point=criterion.key,
                    follow_up="As planned" if criterion.follow_up else None,
                )
                for role in criterion.roles
            ]
        if criterion.kind == "instruments":
            review = self.engine.review(self.deal, at=self.at)
            commands: list[sf.Command] = []
            for item in review.instruments:
                if item.required is sf.Verdict.YES and not item.done:
                    if item.instrument.rule is not None:
                        self.on_record(item.instrument.rule)
                        continue
                    if item.instrument.checklist:
                        commands += self.unasked(item.instrument.checklist)
                    commands.append(sf.Complete(by=OWNER, instrument=item.instrument.key))
            return commands
        self.on_record(criterion.check_rule)
        if "expected_close_on" in criterion.check_rule.facts:
            return [sf.Amend(by=OWNER, changes={"expected_close_on": LATER})]
        return [
            command
            for name in sorted(criterion.check_rule.facts)
            if name.endswith(".asked")
            for command in self.unasked(name.removesuffix(".asked"))
        ]

    def unasked(self, checklist: str) -> list[sf.Command]:
        asked = {answer.question for answer in self.deal.progress.answers}
        marked = all(it.type == "yes_no" for it in self.playbook.checklists[checklist].questions)
        return [
            command
            for command in self.answers(checklist, "+" if marked else "?")
            if isinstance(command, sf.Answer) and command.question not in asked
        ]

    def expect(self, expected: dict[str, Any]) -> None:
        progress = self.deal.progress
        for name in ("stage", "sub_stage", "outcome", "ended"):
            if name in expected:
                assert getattr(progress, name) == expected[name], name
        review = self.engine.review(self.deal, at=self.at)
        if "instruments" in expected:
            required = [
                item.instrument.key
                for item in review.instruments
                if item.required is sf.Verdict.YES
            ]
            assert required == expected["instruments"]
        if "due" in expected:
            assert sorted({duty.key for duty in review.due}) == sorted(expected["due"])
        if "forecast" in expected:
            assert review.forecast == expected["forecast"]
        if "score" in expected:
            wanted = expected["score"]
            result = self.engine.score(self.deal, wanted["card"], at=self.at)
            assert result.verdict == wanted.get("verdict", result.verdict)
            assert len(result.unknown) == wanted.get("unknown", len(result.unknown))
            if "ask_next" in wanted:
                assert result.ask_next[0].question == wanted["ask_next"]


@pytest.mark.parametrize(("playbook", "case"), load_cases())
def test_case(playbook: str, case: dict[str, Any]) -> None:
    story = Story(sf.load_playbook(playbook), case.get("deal", {}))
    for step in case.get("steps", []):
        story.step(step)
    story.expect(case.get("expect", {}))
