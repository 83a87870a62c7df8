"""The catalogue of the facts of records: what each is called, and that none is said twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from salesflow.domain import (
    CompetitiveStrategy,
    FilingStatus,
    LeadChannel,
    PlanKind,
    TerritoryPlanKind,
)
from salesflow.domain._base.record import Level
from salesflow.domain.deal.record_items import RECORD_NAMES, record_class
from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.playbook._model_assets import FACT_NAME
from salesflow.playbook._model_process import KEY
from salesflow.playbook._problem_log import ProblemLog
from salesflow.records import RECORD_FACTS, RECORD_GROUPS, RecordFact

ROOT = Path(__file__).parents[2]
FACTS = [*RECORD_FACTS.values()]


def test_every_record_that_a_deal_can_have_answers_something() -> None:
    read = {name for group in RECORD_GROUPS.values() for name in group.reads}
    assert read == set(RECORD_NAMES)
    assert sorted(RECORD_NAMES) == [*RECORD_NAMES]


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_a_record_has_no_field_of_the_name_that_says_its_class(name: str) -> None:
    assert "record" not in record_class(name).model_fields


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_has_a_name_that_rules_can_read_and_a_title_for_a_sentence(
    fact: RecordFact[object],
) -> None:
    log = ProblemLog()
    group, _, name = fact.name.partition(".")
    FACT_NAME.read(fact.name, "", log)
    KEY.read(group, "", log)
    KEY.read(name, "", log)  # which refuses the words of the rule language
    assert log.problems == []
    assert RECORD_GROUPS[group].key == group
    assert fact.name not in STANDARD_FACTS
    assert group not in {known.partition(".")[0] for known in STANDARD_FACTS}
    title = fact.title
    assert title.en is not None
    assert title.zh is not None
    assert re.fullmatch("[a-z].*[^.]", title.en)
    assert re.fullmatch(".*[^。]", title.zh)
    assert not title.zh.isascii()
    if fact.kind is FactKind.FLAG:
        assert title.en.startswith("whether ")
        assert "是否" in title.zh
    if fact.lists is not None and fact.kind is FactKind.NUMBER:
        assert title.en.startswith("the number of ")
        assert title.zh.endswith("数")


def test_no_two_facts_are_called_alike() -> None:
    count = sum(len(group.facts) for group in RECORD_GROUPS.values())
    assert count == len(RECORD_FACTS)
    for lang in ("en", "zh"):
        titles = [fact.title.get(lang) for fact in FACTS]
        assert sorted({title for title in titles if titles.count(title) > 1}) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("contract.filing", FilingStatus),
        ("plan.kind", PlanKind),
        ("territory.kind", TerritoryPlanKind),
        ("competition.strategy", CompetitiveStrategy),
        ("competition.strategy_advised", CompetitiveStrategy),
        ("lead.channel", LeadChannel),
        ("lead.grade", Level),
        ("solution.fit", Level),
        ("project.importance", Level),
    ],
)
def test_a_choice_lists_every_value_that_the_record_can_have(name: str, words: object) -> None:
    assert RECORD_FACTS[name].fact.choices == get_args(words)


@pytest.mark.parametrize(
    "fact", [*(it.fact for it in FACTS), *STANDARD_FACTS.values()], ids=lambda fact: fact.name
)
def test_every_word_of_a_choice_has_a_title_in_both_languages(fact: Fact) -> None:
    assert fact.choice_titles.keys() == {*fact.choices}
    for title in fact.choice_titles.values():
        assert title.said("en")
        assert title.said("zh")


def test_the_catalogue_imports_no_form_and_no_plan() -> None:
    code = (
        "import sys, salesflow as sf\n"
        "sf.records.RECORD_FACTS; sf.Opportunity\n"
        "print([name for name in sys.modules if name.startswith("
        "('salesflow.domain.forms.', 'salesflow.domain.plans.'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_playbook_without_records_does_not_import_the_catalogue() -> None:
    code = (
        "import sys, salesflow as sf\n"
        "from datetime import UTC, datetime\n"
        "from salesflow.playbook import Playbook\n"
        'text = """id = "x"\nversion = "1"\ntitle = "X"\n[[stages]]\nkey = "a"\ntitle = "A" """\n'
        "engine = sf.StageEngine(Playbook.from_toml(text))\n"
        "now = datetime(2026, 1, 5, tzinfo=UTC)\n"
        'deal = sf.Opportunity(id="D", name="x")\n'
        'engine.decide(deal, sf.Start(by="li"), at=now)\n'
        "print([name for name in sys.modules if name.startswith('salesflow.records')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def shown(group: str) -> str:
    """The table of a group as the page shows it."""
    found = RECORD_GROUPS[group]
    classes = ", ".join(f"[`{name}`](domain.md#salesflow.domain.{name})" for name in found.reads)
    lines = [
        f"### `{group}`",
        "",
        f"{classes}; of several {found.combines.get('en')}.",
        "",
        "| fact | kind | in a sentence | 中文 |",
        "| --- | --- | --- | --- |",
    ]
    for fact in found.facts:
        kind = fact.kind.value
        if fact.fact.choices:
            kind += ": " + ", ".join(f"`{word}`" for word in fact.fact.choices)
        lines.append(f"| `{fact.name}` | {kind} | {fact.title.en} | {fact.title.zh} |")
    return "\n".join(lines)


def test_the_page_lists_every_fact() -> None:
    """Where it differs: what `shown` gives is what belongs on the page."""
    page = (ROOT / "docs" / "api" / "records.md").read_text(encoding="utf-8")
    for group in RECORD_GROUPS:
        assert shown(group) in page
    assert re.findall(r"^### `(\w+)`$", page, re.MULTILINE) == [*RECORD_GROUPS]
