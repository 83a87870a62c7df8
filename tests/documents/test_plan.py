"""The documents of the sample plans: what a manager finds in them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import salesflow as sf
from salesflow.documents import opportunity_plan, plan_status, territory_plan
from salesflow.domain import (
    Account,
    Action,
    OpportunityPlan,
    Partner,
    PolicyFactor,
    RulesOfEngagement,
    TerritoryPlan,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, SalesflowError
from salesflow.money import Money
from salesflow.text import LANGUAGES, Language
from tests.documents.reading import pages, read, territory, three_pages, whole

TODAY = date(2026, 3, 23)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_samples_are_complete_and_nothing_in_them_is_marked_as_missing(lang: Language) -> None:
    people = [each.person for each in whole(lang).people]
    assert whole(lang).completeness(people).missing == ()
    assert three_pages(lang).completeness(people).missing == ()
    assert territory(lang).completeness(TODAY).missing == ()
    for text in (
        opportunity_plan(whole(lang), lang=lang, decision_makers=people),
        opportunity_plan(three_pages(lang), lang=lang, decision_makers=people),
    ):
        assert "not known" not in text
        assert "尚不清楚" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sample_survives_json(lang: Language) -> None:
    for plan in (whole(lang), three_pages(lang), territory(lang)):
        assert type(plan).model_validate_json(plan.model_dump_json()) == plan


# Printed for real with PyMuPDF 2.0 (A4, margins of 20 mm, 11 points, tables 10 points), three_pages
# fill 2.6 (en) and 2.1 (zh) pages, the whole plan 3.2 and 2.8, the territory plan 1.2 (en).
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_ordinarily_filled_plan_has_three_pages(lang: Language) -> None:
    assert 1.5 < pages(opportunity_plan(three_pages(lang), lang=lang, today=TODAY)) <= 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_plan_says_more_than_the_three_pages(lang: Language) -> None:
    short, long = (
        pages(opportunity_plan(plan, lang=lang)) for plan in (three_pages(lang), whole(lang))
    )
    assert short < long < 5


def test_the_estimate_of_pages_grows_with_the_text() -> None:
    plan = three_pages("en")
    more = replaced(plan, actions=plan.actions * 8)
    assert pages(opportunity_plan(more)) > pages(opportunity_plan(plan)) + 1


def test_the_three_pages_have_the_headings_of_the_instrument_in_both_languages() -> None:
    assert [words for _, words in read(opportunity_plan(three_pages("en"))).headings] == [
        "Opportunity plan: Hongyuan",
        "1. Business drivers",
        "2. Business value for the customer",
        "3. Solution strategy",
        "4. Relationship strategy",
        "5. Developing inside supporters",
        "6. Competitive strategy",
        "7. Partner strategy",
        "8. Action plan",
    ]
    assert [
        words for _, words in read(opportunity_plan(three_pages("zh"), lang="zh")).headings
    ] == [
        "项目计划：宏远科技",
        "1. 业务驱动力",
        "2. 给客户带来的业务价值",
        "3. 解决方案策略",
        "4. 客户关系策略",
        "5. 发展内部支持者",
        "6. 竞争策略",
        "7. 合作伙伴策略",
        "8. 行动计划",
    ]


@pytest.mark.parametrize(("lang", "mark"), [("en", "**not known**"), ("zh", "**尚不清楚**")])
@pytest.mark.parametrize("kind", ["opportunity_plan", "tas_plan"])
def test_an_empty_plan_marks_every_section_and_lists_what_is_missing(
    lang: Language, mark: str, kind: str
) -> None:
    plan = OpportunityPlan.model_validate({"opportunity": "D-1", "kind": kind})
    text = opportunity_plan(plan, lang=lang)

    for section in text.split("\n## ")[1:]:
        assert mark in section
        assert "- [ ] " in section
    assert text.count("- [ ] ") == len(plan.completeness().missing)


def test_the_chinese_document_has_no_english_words_of_ours() -> None:
    plan = replaced(whole("zh"), opportunity="一号", competition=whole("zh").competition)
    text = opportunity_plan(plan, lang="zh", today=TODAY)
    latin = "".join(c if c.isascii() and c.isalpha() else " " for c in text.replace("<br>", " "))
    assert set(latin.split()) == {"ERP", "TAS"}


def test_overdue_actions_are_marked_on_the_day_that_is_given() -> None:
    plan = three_pages("en")
    assert "overdue" not in opportunity_plan(plan)
    text = opportunity_plan(plan, today=TODAY)
    assert "**Actions overdue on 2026-03-23**: 1" in text
    assert (
        "| Get the warranty statement of the machine maker | Li Wei | 2026-03-20 | **overdue** |"
        in text
    )
    moment = datetime(2026, 3, 20, 20, tzinfo=UTC)
    assert "overdue" in opportunity_plan(plan, today=moment, tz="Asia/Shanghai")
    assert "overdue" not in opportunity_plan(plan, today=moment)


def test_what_is_done_or_dropped_lacks_neither_an_owner_nor_a_date() -> None:
    plan = OpportunityPlan(
        opportunity="D-1",
        actions=(
            Action(what="A", done_on=date(2026, 1, 5)),
            Action(what="B", dropped=True),
            Action(what="C"),
        ),
    )
    (table,) = [t for t in read(opportunity_plan(plan)).tables if t[0][0] == "What"]
    assert table[1:] == [
        ["A", "–", "–", "done 2026-01-05"],
        ["B", "–", "–", "dropped"],
        ["C", "not known", "not known", "open"],
    ]


def test_looked_and_found_none_reads_differently_from_nobody_looked() -> None:
    nobody = OpportunityPlan(opportunity="D-1", kind="tas_plan")
    found = replaced(
        nobody,
        partners=(),
        policy_factors=(),
        competition=replaced(nobody.competition, competitors=()),
    )
    assert "**May delay the project**: **not known**" in opportunity_plan(nobody)
    assert "**May delay the project**: none" in opportunity_plan(found)
    assert "**Competitors**: **not known**" in opportunity_plan(nobody)
    assert "**Competitors**: none" in opportunity_plan(found)
    assert "No partner takes part." in opportunity_plan(found)


def test_what_three_pages_do_not_ask_for_is_shown_where_somebody_wrote_it() -> None:
    plan = replaced(
        three_pages("en"),
        policy_factors=(PolicyFactor(what="A new law"),),
        return_on_investment="Ten months",
    )
    page = read(opportunity_plan(plan))
    assert page.headings[-1] == (2, "9. Policy factors")
    assert "A new law" in page.text
    assert "Ten months" in page.text
    assert "Policy factors" not in opportunity_plan(three_pages("en"))


def test_the_deal_stands_at_the_top() -> None:
    deal = sf.Opportunity(
        id="HY-2026-03",
        name="Data in real time",
        amount=Money("850000", "CNY"),
        account=Account(name="Hongyuan Group", tier="named"),
        expected_close_on=date(2026, 6, 30),
        owner="li.wei",
    )
    page = read(opportunity_plan(three_pages("en"), deal=deal))
    assert page.tables[0][1] == [
        "Data in real time",
        "850,000 CNY",
        "2026-06-30",
        "named",
        "li.wei",
    ]
    nameless = replaced(three_pages("en"), customer=None)
    assert read(opportunity_plan(nameless, deal=deal)).headings[0][1].endswith("Hongyuan Group")
    assert read(opportunity_plan(nameless)).headings[0][1].endswith("not known")


def test_the_status_says_which_instruments_the_deal_needs() -> None:
    playbook = sf.load_playbook("optimized_sales_process")
    plan = three_pages("en")
    status = plan_status(plan, playbook, {"amount": 120_000})
    (table,) = [
        t for t in read(opportunity_plan(plan, status=status)).tables if t[0][0] == "Instrument"
    ]
    assert table[1:] == [
        ["Opportunity plan of three pages", "not known: the account's tier", "yes"],
        ["Whole TAS plan", "not known: the account's tier", "no"],
    ]


def test_a_document_refuses_what_it_cannot_be_written_of() -> None:
    plan = three_pages("en")
    other = sf.Opportunity(id="D-2", name="Another")
    with pytest.raises(SalesflowError, match=r"of the deal 'HY-2026-03', not of 'D-2'"):
        opportunity_plan(plan, deal=other)
    with pytest.raises(
        ArgumentError, match="plan: must be an OpportunityPlan, not a TerritoryPlan"
    ):
        opportunity_plan(territory("en"))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="plan: must be a TerritoryPlan, not a dict"):
        territory_plan({})  # type: ignore[arg-type]
    with pytest.raises(ArgumentError) as caught:
        opportunity_plan(
            plan,
            deal="D-2",  # type: ignore[arg-type]
            status=1,  # type: ignore[arg-type]
            decision_makers="Zhang",
            today=datetime(2026, 3, 1),
            tz="Mars",
        )
    assert [problem.path for problem in caught.value.problems] == [
        *("deal", "status", "decision_makers", "tz", "today")
    ]


def test_a_territory_plan_shows_its_review_and_the_one_that_is_late() -> None:
    late = date(2026, 8, 1)
    text = territory_plan(territory("en"), today=late)
    assert "Review the plan: this was due on 2026-07-10" in text
    assert "Jiangnan added" in text
    assert "- [ ]" not in territory_plan(territory("en"))


def test_a_plan_of_an_account_asks_for_the_follow_up_and_shows_marketing_if_there_is_any() -> None:
    plan = TerritoryPlan(kind="account", name="Acme", marketing=("A seminar",))
    headings = [words for _, words in read(territory_plan(plan)).headings]
    assert "6. Services and long-term strategy" in headings
    assert headings[-1] == "10. Marketing"
    assert "尚缺" in territory_plan(plan, lang="zh")


def test_rules_of_engagement_are_shown_as_far_as_they_are_made() -> None:
    plan = replaced(
        three_pages("en"),
        partners=(Partner(name="Builder", role="Work", rules=RulesOfEngagement(scope="ERP")),),
    )
    (rules,) = [t for t in read(opportunity_plan(plan)).tables if t[0][0] == "Rules"]
    assert rules[1] == ["Builder", "not known", "ERP", "not known", "not known", "not known", "no"]
