"""A deal goes from its first stage to the last by its records: people say only what no record knows.

The records are those of the cases files; what people say is listed, with the reason, on the page of
each playbook under "What no record knows".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

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


@dataclass(frozen=True)
class Way:
    """How a deal goes through a playbook.

    Attributes:
        brought: At each position, the records that the deal gets there.
        told: Of some positions: what a gate says in both languages before they are there.
        account: Whether the deal names its customer.
    """

    brought: dict[str, tuple[str, ...]]
    told: dict[str, tuple[tuple[str, str], ...]]
    account: bool = False


WAYS: dict[str, Way] = {}
WAYS["closed_loop_sales"] = Way(
    brought={
        "customer_development": ("screened_lead",),
        "interview": ("interview",),
        "requirements": ("requirements", "risks"),
        "solution_design": ("solution",),
        "negotiation": ("negotiation_plan", "minutes"),
        "contract_signing": ("contract", "hand_over"),
        "delivery": ("acceptance",),
        "satisfaction_survey": ("survey",),
    },
    told={
        "interview": (
            (
                "whether an interview brought the decision process is not known "
                "(no interview on record)",
                "访谈是否已了解决策流程未知（尚无访谈记录）",
            ),
        ),
    },
)
WAYS["project_tracking"] = Way(
    brought={
        "initiation": ("sheet", "form_of_initiation"),
        "telephone_appointment": ("call",),
        "visit": ("visit", "procurement", "people", "form_of_first_contact"),
        "solution_design": ("interview", "solution", "informant", "form_of_solution_design"),
        "reference_showcase": ("showcase_plan", "showcase", "form_of_reference_showcase"),
        "solution_confirmation": ("first_survey", "form_of_solution_confirmation"),
        "project_evaluation": ("competition", "form_of_project_evaluation"),
        "negotiation": ("minutes", "draft_contract", "form_of_negotiation"),
        "signing": ("contract", "form_of_signing"),
    },
    told={
        "visit": (
            (
                "the number of steps of the procurement process is not known "
                "(no procurement process on record)",
                "采购流程的步骤数未知（尚无采购流程）",
            ),
        ),
        "solution_design": (
            (
                "whether the situation of the stage “Solution design” is written down is not known "
                "(not on record: form of the stage “Solution design”)",
                "是否已填写“方案设计”阶段的实际状况未知（尚无记录：“方案设计”阶段的评判表）",
            ),
        ),
    },
)
WAYS["sales_project_management"] = Way(
    brought={
        "goals_and_strategies": ("plan",),
        "project_plan": ("team", "risks"),
        "bid": ("feedback",),
        "contract_negotiation": ("minutes",),
        "contract_signing": ("contract", "progress"),
        "closing": ("hand_over",),
    },
    told={
        "project_plan": (
            (
                "the number of open risks without an owner is not known (no risk register on record)",
                "未指定负责人的风险数未知（尚无风险登记表）",
            ),
        ),
        "contract_signing": (
            (
                "whether the latest report says that dates are kept is not known "
                "(no progress report on record)",
                "最近报告是否按期未知（尚无进度报告）",
            ),
        ),
    },
)
WAYS["milestone_selling"] = Way(
    brought={
        "planning_and_appointment": ("visit",),
        "visit_and_survey": ("presentation",),
        "first_proposal": ("showcase",),
        "demo_and_exchange": ("interview",),
        "negotiation": ("minutes", "contract_text"),
        "signing": ("contract",),
    },
    told={
        "planning_and_appointment": (
            (
                "the number of visits in person is not known (no summary of a visit on record)",
                "当面拜访次数未知（尚无拜访总结）",
            ),
        ),
        "negotiation": (
            (
                "whether both sides confirmed the minutes is not known "
                "(no minutes of the negotiation on record)",
                "双方是否已确认谈判纪要未知（尚无谈判纪要）",
            ),
        ),
    },
    account=True,
)

IN_PART: list[tuple[str, str, tuple[str, ...], str, str]] = [
    (
        "closed_loop_sales",
        "contract_signing",
        ("contract_in_part", "minutes"),
        "the number of parts missing in the contract is 1; it must be 0 (confidentiality)",
        "合同的缺项数现为 1，须为 0（保密条款）",
    ),
    (
        "closed_loop_sales",
        "negotiation",
        ("unprepared_plan", "minutes"),
        "the number of objections without an answer is 1; it must be 0 (Too late)",
        "未准备应对的异议数现为 1，须为 0（Too late）",
    ),
    (
        "closed_loop_sales",
        "contract_signing",
        ("dearer_contract", "minutes"),
        "whether the contract agrees with the minutes is no; it must be yes (open: amount)",
        "合同与谈判纪要是否一致现为“否”，须为“是”（待处理：金额）",
    ),
    (
        "project_tracking",
        "initiation",
        ("sheet_in_part",),
        "the number of parts missing in the project sheet is 6; it must be 0 (source of the "
        "information, market, importance of the market, expected amount, expected gross profit and 1 "
        "more)",
        "项目立项表的缺项数现为 6，须为 0（信息来源、所属市场、市场重要程度、预计金额、预计毛利等共 6 项）",
    ),
    (
        "sales_project_management",
        "project_plan",
        ("risks_without_owner",),
        "the number of open risks without an owner is 1; it must be 0 (funding)",
        "未指定负责人的风险数现为 1，须为 0（funding）",
    ),
    (
        "sales_project_management",
        "closing",
        ("hand_over_in_part",),
        "whether delivery accepted the hand-over is no; it must be yes",
        "交付方是否已接收现为“否”，须为“是”",
    ),
    (
        "milestone_selling",
        "negotiation",
        ("minutes", "dearer_text"),
        "whether the contract agrees with the minutes is no; it must be yes (open: amount)",
        "合同与谈判纪要是否一致现为“否”，须为“是”（待处理：金额）",
    ),
    (
        "project_tracking",
        "reference_showcase",
        ("showcase_plan_in_part",),
        "the number of attendees whose concerns are not known is 1; it must be 0 (Liu Hong)",
        "关注点尚不明确的参加者人数现为 1，须为 0（Liu Hong）",
    ),
]


@pytest.fixture(params=WAYS)
def playbook(request: pytest.FixtureRequest) -> sf.Playbook:
    return sf.load_playbook(str(request.param))


def reads_records(criterion: Criterion) -> bool:
    """Whether its own rule reads what records say."""
    return criterion.rule is not None and any(it in RECORD_FACTS for it in criterion.rule.facts)


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
        account = {"name": "Acme"} if self.way.account else None
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
        new = tuple(known[name] for name in self.way.brought.get(position, ()))
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

    def facts(self) -> dict[str, object]:
        return dict(sf.facts_of(self.deal, self.playbook, at=self.at))


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
        if part.fix is not None
    ]


def names_a_record(blocker: sf.Blocker, item: Criterion, deal: sf.Opportunity) -> None:
    """It says of which fact it speaks, and which record is missing where there is none."""
    assert item.rule is not None
    known = sf.record_facts(deal.records)
    groups = {name.partition(".")[0] for name in known}
    parts = [part.fix for part in blocker.because or (blocker,) if part.fix is not None]
    for part in parts:
        named = [it for it in item.rule.facts if RECORD_FACTS[it].title.get("en") in part.get("en")]
        assert named, part
        assert any(RECORD_FACTS[it].title.get("zh") in part.get("zh") for it in named), part
        if not any(it.partition(".")[0] in groups for it in named):
            assert "on record)" in part.get("en"), part
            assert "（尚无" in part.get("zh"), part


def test_a_deal_goes_all_the_way_by_its_records(playbook: sf.Playbook) -> None:
    journey = Journey(playbook)
    journey.bring("")
    journey.do(sf.Start(by=OWNER)).require()
    seen = []
    while not journey.deal.progress.ended and journey.deal.progress.outcome != "lost":
        position = journey.deal.progress.position
        assert position is not None
        seen.append(position)
        journey.say(ahead(journey))
        asked = {it.key for it in ahead(journey) if reads_records(it) and not it.advisory}
        if asked and journey.way.brought.get(position):
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
            for expected in journey.way.told.get(position, ()):
                assert expected in told
        journey.bring(position)
        assert journey.missing() == set(), position
        journey.do(sf.Advance(by=OWNER)).require()
    assert seen == [place.key for place in playbook.positions]
    assert journey.deal.progress.outcome == "won"
    assert set(journey.way.told) <= {*seen}
    assert {*journey.way.brought} <= {"", *seen}


def own(playbook: sf.Playbook, key: str) -> tuple[Criterion, ...]:
    """The exit criteria that stand in a stage or sub-stage itself."""
    parts = [part for stage in playbook.stages for part in (stage, *stage.sub_stages)]
    return next(part.exit for part in parts if part.key == key)


def test_a_row_of_a_frame_gets_the_same_verdicts(playbook: sf.Playbook) -> None:
    journey = Journey(playbook)
    journey.bring("")
    journey.do(sf.Start(by=OWNER)).require()
    winning = next(stage for stage in playbook.stages if stage.wins)  # won deals are asked no more
    last = winning.sub_stages[-1].key if winning.sub_stages else winning.key
    while journey.deal.progress.position != last:
        journey.say(ahead(journey))
        journey.bring(str(journey.deal.progress.position))
        journey.do(sf.Advance(by=OWNER)).require()
    facts = journey.facts()
    columns = record_columns({"D-1": journey.deal.records}, groups=playbook.use_records)
    others = {
        name: [value]
        for name, value in facts.items()
        if name not in RECORD_FACTS and not name.startswith("score.")
    }
    frame = pl.DataFrame({**columns, **others})
    report = sf.check_pipeline(frame, playbook, key="opportunity_id", as_of=journey.at.date())
    passed = [
        (f"exit.{place.key if item in own(playbook, place.key) else place.stage.key}.{item.key}", item)
        for place in takewhile(lambda place: place.key != last, playbook.positions)
        for item in place.exit
        if reads_records(item) or item.advisory
        if item.rule is not None
    ]
    assert passed
    for name, item in passed:
        assert item.rule is not None
        verdict = item.rule.verdict(facts, journey.at.date())
        assert item.advisory or verdict is sf.Verdict.YES, name
        if item.advisory and name not in report.counts:
            continue  # a reminder of a column that this frame does not have
        counts = report.counts[name]
        found = (counts.yes, counts.no, counts.unknown)
        wanted = (sf.Verdict.YES, sf.Verdict.NO, sf.Verdict.UNKNOWN)
        assert found == tuple(int(verdict is it) for it in wanted), name


@pytest.mark.parametrize(("playbook_id", "stage", "names", "en", "zh"), IN_PART)
def test_a_gate_says_what_is_missing_in_a_record(
    playbook_id: str, stage: str, names: tuple[str, ...], en: str, zh: str
) -> None:
    engine = sf.StageEngine(sf.load_playbook(playbook_id))
    known = records_of(playbook_id)
    deal = sf.Opportunity(
        id="D-1", name="A deal", owner=OWNER, records=tuple(known[name] for name in names)
    )
    adopt = sf.Adopt(by=OWNER, stage=stage, entered_on=START.date())
    deal = engine.decide(deal, adopt, at=START).require()

    assert (en, zh) in sentences(engine.decide(deal, sf.Advance(by=OWNER), at=START))
