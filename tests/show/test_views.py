"""What all views of a notebook have in common."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow._unseen import UNSEEN_IN_LINES, hidden
from tests.show.reading import AT, HOSTILE, Shown, read, shown, text_of

VIEWS = ("playbook", "review", "score", "report")


@given(
    HOSTILE.filter(lambda text: text.strip() and not hidden(text, UNSEEN_IN_LINES)),
    st.sampled_from(["en", "zh"]),
)
def test_hostile_texts_of_a_playbook_never_yield_a_tag(title: str, lang: str) -> None:
    harmless = shown("Title", lang)
    for name, value in shown(title, lang).items():
        tags = read(value._repr_html_()).tags
        assert tags == read(harmless[name]._repr_html_()).tags, name
        assert {"script", "img", "a"}.isdisjoint(tags)


@pytest.mark.parametrize("name", VIEWS)
def test_it_fits_on_one_screen(name: str) -> None:
    playbook = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["order"], "amount": [None], "owner": [None]})
    values: dict[str, Shown] = {
        "playbook": playbook,
        "review": engine.review(deal, at=AT),
        "score": engine.score(deal, "tas", at=AT),
        "report": sf.check_pipeline(frame, playbook, key="id", as_of=date(2026, 6, 30)),
    }

    assert len(text_of(values[name]).splitlines()) <= 40


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
    said = text_of(engine.review(deal, at=AT))
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["s1"], "amount": [2]})
    report = sf.check_pipeline(frame, found, key="id", as_of=AT.date())

    assert "|  | … and 12 more |  |  |" in said
    assert "[✗ Plan 5] … and 24 more" in said
    assert "|  | … and 10 more |" in text_of(found)
    assert "… and" in text_of(report)


@pytest.mark.parametrize("name", VIEWS)
def test_the_view_of_a_chinese_playbook_is_chinese(name: str) -> None:
    found = re.sub(r"`[^`]*`", "", text_of(shown("标题", "zh")[name]))  # without names for programs

    assert re.findall(r"[A-Za-z]{3,}", found) == []


@pytest.mark.parametrize("name", VIEWS)
def test_the_view_of_an_english_playbook_is_english(name: str) -> None:
    assert re.findall(r"[\u4e00-\u9fff]", text_of(shown()[name])) == []


def test_a_playbook_without_english_speaks_chinese() -> None:
    found = shown("标题", "zh")

    assert "| 阶段 |" in text_of(found["playbook"])
    assert "尚无定论" in text_of(found["score"])
    assert "还缺什么" in text_of(found["review"])
    assert "2026-06-30，共 2 个项目" in text_of(found["report"])
