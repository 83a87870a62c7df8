"""The pages for those who come first: what they show is what the product says, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

import pytest
from mkdocs.utils.yaml import yaml_load

import salesflow as sf
from salesflow import terms
from salesflow.documents import handbook
from salesflow.pipeline._forecast import show as forecast_show
from salesflow.pipeline._metrics import show as metrics_show
from salesflow.playbooks import CHECKLISTS
from salesflow.text import LANGUAGES, Language, Text
from tests.meta.site_hooks import ROOT

FLAGSHIP: Final = sf.load_playbook("optimized_sales_process")
ROW: Final = re.compile(r"^\| \[([^\]]+)\]\(([^)]+)\) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def page(name: str, lang: Language) -> str:
    suffix = "" if lang == "en" else f".{lang}"
    return (ROOT / "docs" / f"{name}{suffix}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_diagram_and_the_criteria_for_sales_people_are_those_of_the_handbook(
    lang: Language,
) -> None:
    shown = page("for-sales", lang)
    book = handbook(FLAGSHIP, lang)

    assert f"```mermaid\n{FLAGSHIP.diagram(lang).rstrip()}\n```" in shown
    criteria = [line for line in shown.splitlines() if "<br>`" in line]
    assert len(criteria) == 5
    assert set(criteria) <= set(book.splitlines())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_refusal_for_sales_people_is_what_the_engine_says(lang: Language) -> None:
    engine = sf.StageEngine(FLAGSHIP)
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    adopt = sf.Adopt(by="li.wei", stage="demand_generation", entered_on=date(2026, 2, 2))
    deal = sf.Opportunity(id="D-1", name="Claims platform", owner="li.wei")
    commands: list[sf.Command] = [adopt]
    commands += [
        sf.Attest(by="li.wei", criterion=key)
        for key in (
            "technical_lead_identified",
            "business_drivers_determined",
            "forecast_fed",
            "key_projects_listed",
        )
    ]
    commands += [
        sf.Answer(by="li.wei", question=f"tas.{question.key}", mark="+" if n < 13 else "?")
        for n, question in enumerate(FLAGSHIP.checklists["tas"].questions)
    ]
    for command in commands:
        deal = engine.decide(deal, command, at=now).require()

    refused = engine.decide(deal, sf.Advance(by="li.wei"), at=now).blockers

    for blocker in refused:
        role = FLAGSHIP.roles[blocker.role].title.get(lang) if blocker.role else ""
        row = f"| {blocker.title.get(lang)} | {role} | {blocker.fix.get(lang)} |"
        assert row in page("for-sales", lang)
    assert len(refused) == 4


def test_the_glossary_has_the_same_terms_and_links_in_each_language() -> None:
    english = [(en, zh.strip(), link) for en, link, zh, _ in ROW.findall(page("glossary", "en"))]
    rows = ROW.findall(page("glossary", "zh").replace(".zh.md", ".md"))
    chinese = [(en.strip(), zh, link) for zh, link, en, _ in rows]

    assert english == chinese
    assert len({en for en, _, _ in english}) == len(english) > 70


def test_the_product_and_the_site_call_things_as_the_glossary_does() -> None:
    glossary = {en.casefold(): zh.strip() for en, _, zh, _ in ROW.findall(page("glossary", "en"))}

    compared = {(en, zh) for en, zh in said() if en.casefold() in glossary}

    assert [(en, zh) for en, zh in compared if glossary[en.casefold()] != zh] == []
    assert len({en.casefold() for en, _ in compared}) > 20


def said() -> Iterator[tuple[str, str]]:
    """What the product calls things in tables, charts and checklists, and the site in its menu."""
    groups = [getattr(terms, name) for name in terms.__all__]
    groups += [metrics_show.PHRASES, forecast_show._PHRASES]
    texts = [
        text
        for group in groups
        if isinstance(group, dict)
        for text in group.values()
        if isinstance(text, Text)
    ]
    for key in CHECKLISTS:
        shared = sf.Playbook.from_toml(
            f'id = "x"\nversion = "1"\ntitle = "X"\nuse_checklists = ["{key}"]\n'
            '[[stages]]\nkey = "s"\ntitle = "S"\n'
        )
        texts += [question.title for question in shared.checklists[key].questions]
    for text in texts:
        if text.en and text.zh:
            yield text.en, text.zh
    with (ROOT / "mkdocs.zh.yml").open(encoding="utf-8") as site:
        yield from yaml_load(site)["extra"]["titles"].items()
