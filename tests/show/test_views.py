"""What all views of a notebook have in common."""

from __future__ import annotations

import pickle
import re
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow._unseen import UNSEEN_IN_LINES, hidden
from salesflow.errors import UnknownName
from tests.pages.reports import KINDS, reports
from tests.show.reading import AT, HOSTILE, Shown, playbook, read, shown, text_of

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


@pytest.mark.parametrize("name", ["review", "score"])
def test_it_prints_what_it_shows_in_the_language_of_its_playbook_and_any_other(name: str) -> None:
    english: Any = shown()[name]
    chinese: Any = shown("标题", "zh")[name]

    for value, lang, said in ((english, "en", "Title"), (chinese, "zh", "标题")):
        assert str(value) == value.summary(lang)
        assert said in str(value)
        assert len(str(value)) < len(repr(value)) / 2
    assert english.summary() == str(english)
    assert english.summary("zh") != str(english)
    with pytest.raises(UnknownName, match="'xx'"):
        english.summary("xx")


@pytest.mark.parametrize("name", ["review", "score"])
def test_what_it_prints_is_no_markup(name: str) -> None:
    assert "Ink <b> & 5 > 4" in str(shown("Ink <b> & 5 > 4")[name])


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


# Names of columns, the caller's own rule, and what Chinese writes so, too.
WORDS = {"expected_close_on", "forecast.owner_call", "amount", "AUC", "P10", "P90", "TAS"}


def words_of(said: str) -> set[str]:
    """The words in Latin letters, but for what is marked as a name for programs."""
    found = re.findall(r"[A-Za-z][\w.]+", re.sub(r"`[^`]*`", "", said), re.ASCII)
    return {word.rstrip(".") for word in found} - WORDS


def of_one_deal() -> dict[str, Shown]:
    """What there is to see of one deal of a playbook in two languages."""
    playbook = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(playbook)
    new = sf.Opportunity(id="9", name="新线", owner="李伟")
    deal = engine.decide(new, sf.Start(by="李伟"), at=AT).require()
    call = sf.CallForecast(by="李伟", category="commit", reason="已谈妥")
    deal = engine.decide(deal, call, at=AT).require()
    return {
        "playbook": playbook,
        "not started": engine.review(new, at=AT),
        "review": engine.review(deal, at=AT),
        "score": engine.score(deal, "tas", at=AT),
    }


@pytest.mark.parametrize("name", VIEWS)
def test_the_view_of_a_chinese_playbook_is_chinese(name: str) -> None:
    found = shown("标题", "zh")[name]

    assert words_of(text_of(found)) == set()
    assert found.view() == found.view(lang="zh")


@pytest.mark.parametrize("kind", [*KINDS, *of_one_deal()])
def test_a_view_is_chinese_throughout_where_that_is_asked_for(kind: str) -> None:
    value: Shown = (reports("标题") | of_one_deal())[kind]

    assert words_of(read(value.view(lang="zh")).said()) == set()
    assert value.view() == value.view(lang="en") != value.view(lang="zh")


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_in_the_language_of_its_playbook(kind: str) -> None:
    value = reports("标题", ("zh",))[kind]

    assert value.view() == value.view(lang="zh") != value.view(lang="en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_roles_and_stages_are_called_by_their_titles(lang: str) -> None:
    found = sf.load_playbook("optimized_sales_process")
    keys = {*found.roles, *(place.key for place in found.positions)}
    keys = {key for key in keys if "_" in key}  # the others may be words of a sentence
    seen = of_one_deal()
    for name in ("review", "not started"):
        assert not [key for key in keys if key in seen[name].view(lang=lang)]
    assert found.roles["sales_rep"].title.get(lang) in seen["review"].view(lang=lang)
    for kind in ("history", "variants", "changes", "chances"):
        view = reports("Title")[kind].view(lang=lang)
        assert not re.search(r"\b(talk|draft|sign|offer)\b", view), kind
        assert " Title" in view


def test_what_was_read_back_still_shows_itself() -> None:
    for value in (*of_one_deal().values(), *reports("Title").values()):
        again = value if isinstance(value, sf.Playbook) else pickle.loads(pickle.dumps(value))  # noqa: S301 - ours
        assert text_of(again)
    score = of_one_deal()["score"]
    assert isinstance(score, sf.Score)
    assert text_of(sf.Score.model_validate_json(score.to_json())).startswith("**tas** ")


def test_a_view_shows_itself_and_is_asked_for_in_languages_only() -> None:
    found = playbook()

    assert found.view()._repr_html_() == found._repr_html_() == str(found.view())  # type: ignore[attr-defined]
    with pytest.raises(UnknownName, match="language"):
        found.view(lang="english")


@pytest.mark.parametrize("name", VIEWS)
def test_the_view_of_an_english_playbook_is_english(name: str) -> None:
    assert re.findall(r"[\u4e00-\u9fff]", text_of(shown()[name])) == []


def test_a_playbook_without_english_speaks_chinese() -> None:
    found = shown("标题", "zh")

    assert "| 阶段 |" in text_of(found["playbook"])
    assert "尚无定论" in text_of(found["score"])
    assert "还缺什么" in text_of(found["review"])
    assert "2026-06-30，共 2 个项目" in text_of(found["report"])
