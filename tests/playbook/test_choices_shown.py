"""Where people read the words of choices, they read their titles."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import salesflow as sf
from salesflow.documents import handbook
from salesflow.domain import AnswerRecord
from salesflow.domain._base.record import replaced
from salesflow.errors import FactError
from salesflow.facts import Fact, FactKind
from salesflow.qualify import AnswerSheet, check_sheet
from salesflow.rules import Blocker
from salesflow.text import LANGUAGES, Text, both
from tests.engine.comparing import everything
from tests.playbook.titled import AT, BOOK, ENGINE


def deal(**facts: str) -> sf.Opportunity:
    given = sf.Opportunity(
        id="D-1",
        name="Lifts",
        owner="li",
        amount=sf.Money(5, "USD"),
        team={"wang": ["boss"]},
        facts=facts,
    )
    return ENGINE.decide(given, sf.Start(by="li"), at=AT).require()


def blockers(opportunity: sf.Opportunity) -> dict[str, Blocker]:
    return {it.key: it for it in ENGINE.decide(opportunity, sf.Advance(by="wang"), at=AT).blockers}


def test_blockers_show_titles_of_what_is_seen_and_what_ought_to_be() -> None:
    start = deal(goal="share")
    start = ENGINE.decide(
        start, sf.Answer(by="li", question="site.which", value="old"), at=AT
    ).require()

    found = blockers(start)

    assert found["aimed"].fix == both(
        en='“Goal” is "share"; it must be "Market penetration"',
        zh="“目标”现为“share”，须为“市场渗透”",
    )
    assert found["aimed"].seen == {"goal": "share"}
    assert found["chosen"].fix == both(
        en='“Which house?” is "old"; it must be "New one"', zh="“哪座房屋？”现为“old”，须为“新的”"
    )
    grade, kind = found["promising"].because
    assert grade.title == both(en='the potential of the lead is "high"', zh="线索的潜力等级为“高”")
    assert kind.title == both(
        en='the kind of acceptance is "final acceptance"', zh="验收类型为“终验”"
    )
    assert "sealed" not in found  # the track does not apply


def test_a_title_in_the_place_of_its_word_is_told() -> None:
    assert blockers(deal(goal="市场渗透"))["aimed"].fix == both(
        en='“Goal” is "市场渗透", which is what people call "market_penetration"; enter that',
        zh="“目标”现为“市场渗透”，这是“market_penetration”的名称；请填写后者",
    )
    assert blockers(deal(goal="yellow"))["aimed"].fix == both(
        en='“Goal” is "yellow", which is not in its list', zh="“目标”现为“yellow”，不在其列表中"
    )
    (problem,) = [it for it in ENGINE.review(deal(goal="yellow"), at=AT).problems if it.path]
    assert problem.hint == "give one of Market penetration (market_penetration), share, other"


def test_a_blocker_names_a_track_that_does_not_apply() -> None:
    large = replaced(deal(), amount=sf.Money(50, "USD"))
    (part,) = blockers(large)["sealed"].because
    assert part.title.get("zh") == "“用印”为“已用印”或“不适用”"
    assert part.title.get("en").endswith('is "Sealed" or "not applicable"')


def test_a_word_that_lapsed_says_titles_of_what_was_and_is() -> None:
    vouched = ENGINE.decide(
        deal(goal="market_penetration"), sf.Attest(by="wang", criterion="vouched"), at=AT
    ).require()
    fix = blockers(replaced(vouched, facts={"goal": "share"}))["vouched"].fix
    assert "“目标”为“市场渗透”，现为“share”" in fix.get("zh")
    assert '“Goal” was "Market penetration" when this was said' in fix.get("en")


def test_a_policy_says_the_title_of_what_a_fact_was_before() -> None:
    change = sf.Amend(by="wang", changes={"facts": {"goal": "share"}})
    (only,) = ENGINE.decide(deal(goal="market_penetration"), change, at=AT).blockers
    assert only.fix.get("zh").startswith("修改前的“目标”现为“市场渗透”，须不为“市场渗透”")
    assert "market_penetration" not in only.fix.get("en")


def test_whoever_answers_otherwise_is_told_titles_and_the_words_to_write() -> None:
    said = sf.Answer(by="li", question="site.which", value="New one")
    (only,) = ENGINE.decide(deal(), said, at=AT).blockers

    assert only.fix == both(
        en="“New one” was given; give one of old, New one (new), or “not known”",
        zh="收到的是“New one”；请给出以下之一：old、新的（new），或“未知”",
    )
    record = AnswerRecord(question="site.which", value="New one", by="li", at=AT)
    with pytest.raises(FactError, match=r"give one of old, New one \(new\), or"):
        check_sheet(BOOK, AnswerSheet(answers=(record,)))


def test_a_review_shows_no_word_that_has_a_title() -> None:
    start = ENGINE.decide(
        deal(goal="share"), sf.Answer(by="li", question="site.which", value="old"), at=AT
    ).require()
    refused = ENGINE.decide(start, sf.Advance(by="wang"), at=AT)
    said = [it.title for it in everything(refused.blockers)]
    said += [it.fix for it in everything(refused.blockers)]
    shown = [words.get(lang) for words in said for lang in LANGUAGES]

    assert any("市场渗透" in words for words in shown)
    assert not any(
        word in words
        for words in shown
        for word in ("“market_penetration”", '"market_penetration"', "“final”", "“high”", "“new”")
    )
    assert "Market penetration" in ENGINE.review(start, at=AT)._repr_html_()


def test_a_handbook_shows_titles_and_where_somebody_writes_the_word_both() -> None:
    zh, en = handbook(BOOK, lang="zh"), handbook(BOOK, lang="en")

    assert "由数据得出：“目标”为“市场渗透”" in zh
    assert 'From the data: “Goal” is "Market penetration"' in en
    assert "| 市场渗透（`market_penetration`）、`share`、`other` |" in zh
    assert "| Market penetration (`market_penetration`), `share`, `other` |" in en
    assert "以下之一：old、新的（new）" in zh
    assert "one of old, New one (new)" in en
    assert "为“已用印”或“不适用”" in zh
    assert 'is "Sealed" or "not applicable"' in en
    assert "线索的潜力等级为“高”；验收类型为“终验”；结果为“暂无”" in zh


def test_checks_of_a_frame_say_titles_and_read_titles_as_words() -> None:
    rows = {
        "id": ["D-1", "D-2", "D-3"],
        "stage": ["second"] * 3,
        "goal": ["share", "market_penetration", "Market penetration"],
        "site.which": ["old", "new", "new"],
    }
    report = sf.check_pipeline(pl.DataFrame(rows), BOOK, key="id", as_of=date(2026, 1, 31))

    aimed = report.counts["exit.first.aimed"]
    assert (aimed.yes, aimed.no, aimed.unknown) == (2, 1, 0)  # a title is read as its word
    said = {lang: report.message("exit.first.aimed", lang=lang) for lang in ("en", "zh")}
    assert 'That is: Goal is "Market penetration".' in said["en"]
    assert "即：目标为“市场渗透”。" in said["zh"]
    assert "“新的”" in report.message("exit.first.chosen", lang="zh")
    own = {"aim": sf.Rule.parse('goal == "market_penetration"', BOOK.facts)}
    report = sf.check_pipeline(
        pl.DataFrame(rows), BOOK, key="id", as_of=date(2026, 1, 31), checks=own
    )
    assert report.titles["aim"].get("zh") == "goal 为“市场渗透”"


def test_labels_that_stand_for_a_title_are_told_the_word() -> None:
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["second"], "goal": ["MP"]})
    values = {"goal": {"MP": "市场渗透"}}
    with pytest.raises(sf.SalesflowError, match=r'did you mean "market_penetration"\?'):
        sf.check_pipeline(frame, BOOK, key="id", as_of=date(2026, 1, 31), values=values)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Market penetration", "market_penetration"),
        (" 市场渗透 ", "market_penetration"),
        ("Marktdurchdringung", "market_penetration"),
        ("markt durchdringung", "market_penetration"),
        ("shar", "share"),
        ("yellow", None),
        (3, None),
    ],
)
def test_a_title_in_any_language_means_its_word(word: object, meant: str | None) -> None:
    title = Text(en="Market penetration", zh="市场渗透", de="Marktdurchdringung")
    goal = Fact(
        "goal",
        FactKind.CHOICE,
        ("market_penetration", "share"),
        choice_titles={"market_penetration": title},
    )
    assert goal.choice_meant(word) == meant
