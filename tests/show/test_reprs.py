"""What a notebook shows of a review, a score, a playbook and a report."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Protocol

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from tests.show.test_show import HOSTILE, read

AT = datetime(2026, 6, 30, 9, tzinfo=UTC)


class Shown(Protocol):
    def _repr_html_(self) -> str: ...
    def _repr_markdown_(self) -> str: ...


def playbook(title: str = "Title", lang: str = "en") -> sf.Playbook:
    """A small playbook whose every text is the same."""
    text = {lang: title}
    return sf.Playbook.from_json(
        json.dumps(
            {
                "id": "small",
                "version": "1.0.0",
                "languages": [lang],
                "title": text,
                "summary": text,
                "roles": [{"key": "rep", "title": text}],
                "checklists": [
                    {
                        "key": "ask",
                        "title": text,
                        "sections": [{"key": "first", "title": text}],
                        "questions": [
                            {"key": "real", "title": text, "section": "first"},
                            {"key": "money", "title": text},
                        ],
                    }
                ],
                "scorecards": [
                    {
                        "key": "card",
                        "title": text,
                        "items": [
                            {
                                "key": "real",
                                "title": text,
                                "rule": "ask.real",
                                "weight": 3,
                                "knock_out": True,
                            },
                            {"key": "money", "title": text, "rule": "ask.money", "weight": 2},
                        ],
                        "bands": [
                            {"key": "low", "title": text, "min": 0},
                            {"key": "high", "title": text, "min": 3},
                        ],
                    }
                ],
                "instruments": [{"key": "plan", "title": text}],
                "size_policy": [{"when": "True", "instruments": ["plan"]}],
                "cadences": [
                    {
                        "key": "look",
                        "title": text,
                        "role": "rep",
                        "trigger": "started",
                        "every": {"weeks": 1},
                    }
                ],
                "stages": [
                    {
                        "key": "talk",
                        "title": text,
                        "buying_phase": text,
                        "max_days": 30,
                        "probability": 0.2,
                        "exit": [
                            {"key": "agreed", "title": text, "by": "rep"},
                            {"key": "big", "title": text, "rule": "amount > 5"},
                            {"key": "noted", "title": text, "by": "rep", "advisory": True},
                        ],
                    },
                    {
                        "key": "sign",
                        "title": text,
                        "wins": True,
                        "sub_stages": [
                            {"key": "draft", "title": text},
                            {"key": "signed", "title": text},
                        ],
                    },
                ],
            }
        )
    )


def shown(title: str = "Title", lang: str = "en") -> dict[str, Shown]:
    """One of each, all of the same playbook."""
    found = playbook(title, lang)
    engine = sf.StageEngine(found)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()
    frame = pl.DataFrame({"id": ["D-1", "D-2"], "stage": ["talk", "sign"], "amount": [1, 2]})
    return {
        "playbook": found,
        "review": engine.review(deal, at=AT),
        "score": engine.score(deal, "card", at=AT),
        "report": sf.check_pipeline(frame, found, key="id", as_of=AT.date()),
    }


@given(
    HOSTILE.filter(lambda text: text.strip() and text.isprintable()), st.sampled_from(["en", "zh"])
)
def test_hostile_texts_of_a_playbook_never_yield_a_tag(title: str, lang: str) -> None:
    harmless = shown("Title", lang)
    for name, value in shown(title, lang).items():
        tags = read(value._repr_html_()).tags
        assert tags == read(harmless[name]._repr_html_()).tags, name
        assert {"script", "img", "a"}.isdisjoint(tags)
        assert read(value._repr_markdown_()).tags == []


@pytest.mark.parametrize("name", ["playbook", "review", "score", "report"])
def test_both_forms_say_the_same(name: str) -> None:
    value = shown()[name]
    words = " ".join(read(value._repr_html_()).text).split()
    said = "".join(read(value._repr_markdown_()).text)

    assert len(words) > 10
    assert [word for word in words if word.strip("[]") not in said.replace("|", " ")] == []


@pytest.mark.parametrize("name", ["playbook", "review", "score", "report"])
def test_it_fits_on_one_screen(name: str) -> None:
    playbook = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["order"], "amount": [None], "owner": [None]})
    values: dict[str, Shown] = {
        "playbook": playbook,
        "review": engine.review(deal, at=AT),
        "score": engine.score(deal, "go_no_go", at=AT),
        "report": sf.check_pipeline(frame, playbook, key="id", as_of=date(2026, 6, 30)),
    }

    assert len(values[name]._repr_markdown_().splitlines()) <= 40


def test_a_review_says_what_is_missing_who_sees_to_it_and_what_to_do() -> None:
    said = shown()["review"]._repr_markdown_()

    assert said.startswith("**Title** [✗ not yet: 2 missing]")
    assert "0 of 3 criteria met." in said
    assert "| [? unknown] | Title | `rep` |" in said
    assert "Planning: [✗ Title]" in said
    assert "| Title | ░" in said or "| Title | ▒" in said
    assert "| [next] | 2026-07-07 | Title | `rep` |" in said


def test_a_review_says_where_the_customer_is_in_buying() -> None:
    playbook = sf.load_playbook("milestone_selling")
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage=playbook.stages[0].key, entered_on=date(2026, 6, 1))
    deal = engine.decide(deal, adopt, at=AT).require()
    review = engine.review(deal, at=AT)

    said = "Where the customer is in buying: A problem is found and a need is raised"
    assert review._repr_markdown_().splitlines()[2] == said
    assert f"<p>{said}</p>" in review._repr_html_()
    assert "客户的采购阶段： 标题" in shown("标题", "zh")["review"]._repr_markdown_()


def test_a_review_of_a_stage_without_a_buying_phase_says_nothing_of_it() -> None:
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    not_started = engine.review(deal, at=AT)
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()

    for review in (not_started, engine.review(deal, at=AT)):
        assert "in buying" not in review._repr_markdown_()
        assert "in buying" not in review._repr_html_()


def test_a_buying_phase_is_only_text() -> None:
    review = shown("<b>a|b</b> *c*")["review"]

    said = "Where the customer is in buying: &lt;b&gt;a|b&lt;/b&gt; *c*"
    assert f"<p>{said}</p>" in review._repr_html_()
    said = "Where the customer is in buying: &#60;b&#62;a&#124;b&#60;/b&#62; &#42;c&#42;"
    assert said in review._repr_markdown_().splitlines()


def test_a_long_list_is_cut_and_says_how_much_is_left() -> None:
    lines = ['id = "p"', 'version = "1"', 'title = "P"', 'languages = ["en"]']
    for key in range(30):
        lines += ["[[instruments]]", f'key = "plan{key}"', f'title = "Plan {key}"']
    named = ", ".join(f'"plan{key}"' for key in range(30))
    lines += ["[[size_policy]]", 'when = "True"', f"instruments = [{named}]"]
    for key in range(30):
        lines += ["[[stages]]", f'key = "s{key}"', f'title = "Stage {key}"']
        if key == 0:
            for number in range(20):
                lines += ["[[stages.exit]]", f'key = "c{number}"', f'title = "C {number}"']
                lines += ['rule = "amount > 5"']
    found = sf.Playbook.from_toml("\n".join(lines))
    engine = sf.StageEngine(found)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()
    said = engine.review(deal, at=AT)._repr_markdown_()
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["s1"], "amount": [2]})
    report = sf.check_pipeline(frame, found, key="id", as_of=AT.date())

    assert "|  | … and 12 more |  |  |" in said
    assert "[✗ Plan 5] … and 24 more" in said
    assert "|  | … and 10 more |" in found._repr_markdown_()
    assert "… and" in report._repr_markdown_()


def test_a_review_in_a_sub_stage_names_both_and_the_forecast() -> None:
    playbook = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage="order", entered_on=date(2026, 6, 1))
    deal = engine.decide(deal, adopt, at=AT).require()
    review = engine.review(deal, at=AT)
    said = review._repr_markdown_()

    assert said.startswith("**Close › Order** ")
    assert f"Forecast stage reached: {review.forecast:g}; working towards" in said


def test_a_review_of_a_deal_that_is_not_started_says_so() -> None:
    engine = sf.StageEngine(playbook())
    said = engine.review(sf.Opportunity(id="D-1", name="Deal"), at=AT)._repr_markdown_()

    assert said.startswith("**Not started**")


def test_a_review_without_blockers_says_that_the_deal_may_advance() -> None:
    plain = sf.Playbook.from_toml(
        'id = "p"\nversion = "1"\ntitle = "P"\n'
        '[[stages]]\nkey = "a"\ntitle = "A"\n[[stages]]\nkey = "b"\ntitle = "B"\n'
    )
    engine = sf.StageEngine(plain)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()

    assert engine.review(deal, at=AT)._repr_markdown_() == "**A** [✓ may advance]"


def test_a_score_says_the_interval_and_what_to_ask_next() -> None:
    said = shown()["score"]._repr_markdown_()

    assert "**Title** [? undecided]" in said
    assert "0–5 of 5 points (0% of them decided)" in said
    assert "| Title | `ask.money` | 2 | still open | still open |" in said


def test_a_settled_score_shows_its_band() -> None:
    found = playbook()
    engine = sf.StageEngine(found)
    score = engine.score(sf.Opportunity(id="D-1", name="Deal"), "card", at=AT)

    assert "[✗ Title]" in score.if_answered({"ask.real": "-"})._repr_markdown_()
    assert "[✓ Title]" in score.if_answered({"ask.real": "+"})._repr_markdown_()


def test_a_playbook_lists_its_stages_with_the_number_of_their_criteria() -> None:
    said = shown()["playbook"]._repr_markdown_()

    assert said.startswith("**Title** `small` [1.0.0]")
    assert "| 1 | Title | `talk` |  | 2 | 1 | 20% | 30 |  |" in said
    assert "| 2 | Title | `sign` | 2 | 0 |  |  |  | wins the deal |" in said


def test_a_playbook_without_english_speaks_chinese() -> None:
    found = shown("标题", "zh")

    assert "| 阶段 |" in found["playbook"]._repr_markdown_()
    assert "尚无定论" in found["score"]._repr_markdown_()
    assert "还缺什么" in found["review"]._repr_markdown_()


def test_a_report_lists_what_is_wrong_most_often_first() -> None:
    said = shown()["report"]._repr_markdown_()

    assert said.startswith("**2 deals on 2026-06-30**")
    rows = [line for line in said.splitlines() if line.startswith("| [")]
    assert rows[0] == "| [✗ error] | Title: Title | `exit.talk.big` | 1 | 0 | 0 |"
    assert all(row.startswith("| [? warning] |") for row in rows[1:])
    assert "Other checks, which hold for every deal: 3." in said
    assert "for want of these facts: `close_date_pushes`" in said


def test_a_report_without_findings_says_so() -> None:
    plain = sf.Playbook.from_toml(
        'id = "p"\nversion = "1"\ntitle = "P"\n[[stages]]\nkey = "a"\ntitle = "A"\n'
    )
    frame = pl.DataFrame(
        {"id": ["1"], "stage": [None]}, schema={"id": pl.String, "stage": pl.String}
    )
    report = sf.check_pipeline(frame.clear(), plain, key="id", as_of=AT.date())

    assert report._repr_markdown_().startswith("**0 deals on 2026-06-30** [✓ nothing broken]")
