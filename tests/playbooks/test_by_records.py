"""A deal goes from its first stage to the last by its records; people say what no record knows.

The records are those of the cases files; what people say is listed, with the reason, on the page of
each playbook under "What no record knows".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.playbook import Criterion
from salesflow.records import RECORD_FACTS, record_columns
from tests.playbooks.case_records import records_of

ROOT = Path(__file__).parents[2]
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OWNER = "li.wei"
WORDS = ("attested", "judgement", "decision", "approval")
"""Of what kinds a criterion is that somebody's word meets."""


WAYS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "by_records.toml").read_text(encoding="utf-8")
)
"""How a deal goes through each playbook; the file says how it reads."""

IN_PART = [
    pytest.param(playbook, told, id=f"{playbook}-{told['position']}-{number}")
    for playbook, way in WAYS.items()
    for number, told in enumerate(way["in_part"])
]


@pytest.fixture(params=WAYS)
def playbook(request: pytest.FixtureRequest) -> sf.Playbook:
    return sf.load_playbook(str(request.param))


def reads_records(criterion: Criterion) -> bool:
    """Whether its own rule reads what records say."""
    facts = () if criterion.rule is None else criterion.rule.facts
    return any(it in RECORD_FACTS or it.startswith("form.") for it in facts)


def by_word(playbook: sf.Playbook) -> set[str]:
    """The criteria that somebody's word meets."""
    return {key for key, it in playbook.criteria.items() if it.kind in WORDS}


def listed(playbook: sf.Playbook) -> set[str]:
    """What the page of the playbook lists as not known to any record."""
    page = (ROOT / "docs" / "playbooks" / f"{playbook.id}.md").read_text(encoding="utf-8")
    _, _, after = page.partition("\n## What no record knows\n")
    rows = [line for line in after.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    for row in rows:
        assert len(row.strip("| ").split(" | ")[-1]) > 10, f"{row}: say why"
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}


def test_the_page_lists_what_people_have_to_say(playbook: sf.Playbook) -> None:
    assert listed(playbook) == by_word(playbook)


def test_no_part_of_a_playbook_waits_for_records_any_more(playbook: sf.Playbook) -> None:
    path = ROOT / "src" / "salesflow" / "playbooks" / f"{playbook.id}.toml"
    assert "# records:" not in path.read_text(encoding="utf-8")
    assert playbook.use_records


class Journey:
    """One deal on its way."""

    def __init__(self, playbook: sf.Playbook) -> None:
        self.playbook = playbook
        self.way = WAYS[playbook.id]
        self.engine = sf.StageEngine(playbook)
        account = {"name": "Acme"} if self.way.get("account") else None
        self.deal = sf.Opportunity.model_validate(
            {"id": "D-1", "name": "A deal", "owner": OWNER, "account": account}
        )
        self.at = START

    def do(self, command: sf.Command) -> sf.Decision[sf.Opportunity]:
        self.at += timedelta(minutes=1)
        decision = self.engine.decide(self.deal, command, at=self.at)
        self.deal = decision.opportunity
        return decision

    def bring(self, position: str) -> None:
        """The deal gets the records of a position."""
        known = records_of(self.playbook.id)
        new = tuple(known[name] for name in self.way["brought"].get(position, ()))
        self.deal = replaced(self.deal, records=(*self.deal.records, *new))

    def say(self, gate: list[Criterion]) -> None:
        """People say what no record knows of a gate."""
        for item in gate:
            if item.advisory or item.kind not in WORDS:
                continue
            assert item.key in listed(self.playbook)
            for role in item.roles or (str(item.by),):
                self.do(spoken(item, role)).require()

    def missing(self) -> set[str]:
        """What the gate ahead still asks of records."""
        review = self.engine.review(self.deal, at=self.at)
        return {
            it.criterion.key
            for it in review.criteria
            if not it.criterion.advisory and it.verdict is not sf.Verdict.YES
        }


def spoken(item: Criterion, role: str) -> sf.Command:
    """A yes to a criterion in a role."""
    if item.kind == "attested":
        return sf.Attest(by=OWNER, role=role, criterion=item.key)
    follow_up = "As planned" if item.follow_up else None
    return sf.Judge(by=OWNER, role=role, point=item.key, verdict="go", follow_up=follow_up)


def ahead(journey: Journey) -> list[Criterion]:
    """The criteria of the gate ahead."""
    review = journey.engine.review(journey.deal, at=journey.at)
    return [it.criterion for it in review.criteria if it.applies is not sf.Verdict.NO]


def sentences(decision: sf.Decision[sf.Opportunity]) -> list[tuple[str, str]]:
    """What the blockers say is missing, in both languages."""
    return [
        (part.fix.get("en"), part.fix.get("zh"))
        for blocker in decision.blockers
        for part in blocker.because or (blocker,)
    ]


def names_a_record(blocker: sf.Blocker, item: Criterion, deal: sf.Opportunity) -> None:
    """It says of which fact it speaks, and which record is missing where there is none."""
    assert item.rule is not None
    known = sf.record_facts(deal.records)
    groups = {name.partition(".")[0] for name in known}
    parts = [part.fix for part in blocker.because or (blocker,)]
    for part in parts:
        named = [it for it in item.rule.facts if RECORD_FACTS[it].title.get("en") in part.get("en")]
        assert named, part
        assert any(RECORD_FACTS[it].title.get("zh") in part.get("zh") for it in named), part
        if not any(it.partition(".")[0] in groups for it in named):
            assert "on record)" in part.get("en"), part
            assert "（尚无" in part.get("zh"), part


def test_a_deal_goes_all_the_way_by_its_records(playbook: sf.Playbook) -> None:
    journey = Journey(playbook)
    journey.do(sf.Start(by=OWNER)).require()
    seen = []
    while not journey.deal.progress.ended and journey.deal.progress.outcome != "lost":
        position = journey.deal.progress.position
        assert position is not None
        seen.append(position)
        journey.say(ahead(journey))
        asked = {it.key for it in ahead(journey) if reads_records(it) and not it.advisory}
        if asked and journey.way["brought"].get(position):
            refused = journey.do(sf.Advance(by=OWNER))
            keys = {blocker.key for blocker in refused.blockers}
            assert keys
            assert keys <= asked, position
            told = sentences(refused)
            for blocker in refused.blockers:
                item = playbook.criteria[blocker.key]
                assert item.rule is not None
                if item.when is None and set(item.rule.facts) <= RECORD_FACTS.keys():
                    names_a_record(blocker, item, journey.deal)
            for expected in journey.way["told"]:
                if expected["position"] == position:
                    assert (expected["en"], expected["zh"]) in told
        journey.bring(position)
        assert journey.missing() == set(), position
        journey.do(sf.Advance(by=OWNER)).require()
    assert seen == [place.key for place in playbook.positions]
    assert journey.deal.progress.outcome == "won"
    assert {told["position"] for told in journey.way["told"]} <= {*journey.way["brought"]}
    assert {*journey.way["brought"]} <= {*seen}


def checks(playbook: sf.Playbook) -> Iterator[tuple[int, bool, str, Criterion]]:
    """What is asked on the way in and out of every position that still has to hold afterwards.

    Each with the number of the position, whether it is asked on the way out, and the name of its
    check, which says where the criterion stands itself.
    """
    for number, place in enumerate(playbook.positions):
        for side, items in (("entry", place.entry), ("exit", place.exit)):
            for item in items:
                if item.check_rule.uses_time or "entered_stage_on" in item.check_rule.facts:
                    continue  # it held on another day, or of the stage where the deal was
                own = getattr(place.sub_stage, side) if place.sub_stage else ()
                owner = place.key if item in own else place.stage.key
                yield number, side == "exit", f"{side}.{owner}.{item.key}", item


def test_rows_of_a_frame_get_the_same_verdicts_from_the_first_stage_to_the_end(
    playbook: sf.Playbook,
) -> None:
    journey = Journey(playbook)
    journey.do(sf.Start(by=OWNER)).require()
    course = []
    while not journey.deal.progress.ended:
        course.append(journey.deal)
        journey.say(ahead(journey))
        journey.bring(str(journey.deal.progress.position))
        journey.do(sf.Advance(by=OWNER)).require()
    course.append(journey.deal)  # in the last stage still, and through its gate
    # Every second one is where the one before it is, and has no records.
    deals = [replaced(deal, records=some) for deal in course for some in (deal.records, ())]
    facts = [dict(sf.facts_of(deal, playbook, at=journey.at)) for deal in deals]
    said = [record_columns({it.id: it.records}, groups=playbook.use_records) for it in deals]
    others = [it for it in playbook.facts if it not in said[0] and not it.startswith("score.")]
    columns = {name: [values[name][0] for values in said] for name in said[0]}
    columns |= {name: [known.get(name) for known in facts] for name in others}
    frame = pl.DataFrame({**columns, "opportunity_id": range(len(deals))}, strict=False)
    report = sf.check_pipeline(frame, playbook, key="opportunity_id", as_of=journey.at.date())

    asked = list(checks(playbook))
    stages = {name for name, group in report.groups.items() if group in {"entry", "exit"}}
    assert stages == {name for _, _, name, _ in asked}
    for number, leaving, name, item in asked:
        passed = facts[2 * (number + leaving) :]
        applies = [
            known
            for known in passed
            if item.when is None or item.when.verdict(known) is not sf.Verdict.NO
        ]
        verdicts = [item.check_rule.verdict(known) for known in applies]
        counts = report.counts[name]
        wanted = (sf.Verdict.YES, sf.Verdict.NO, sf.Verdict.UNKNOWN)
        assert (counts.yes, counts.no, counts.unknown) == tuple(map(verdicts.count, wanted)), name
        met = {item.check_rule.verdict(known) for known in passed[::2]}
        assert met == {sf.Verdict.YES} or (item.advisory and met), name


@pytest.mark.parametrize(("playbook_id", "told"), IN_PART)
def test_a_gate_says_what_is_missing_in_a_record(playbook_id: str, told: dict[str, Any]) -> None:
    engine = sf.StageEngine(sf.load_playbook(playbook_id))
    known = records_of(playbook_id)
    records = tuple(known[name] for name in told["records"])
    deal = sf.Opportunity(id="D-1", name="A deal", owner=OWNER, records=records)
    adopt = sf.Adopt(by=OWNER, stage=told["position"], entered_on=START.date())
    deal = engine.decide(deal, adopt, at=START).require()

    refused = engine.decide(deal, sf.Advance(by=OWNER), at=START)

    assert (told["en"], told["zh"]) in sentences(refused)
