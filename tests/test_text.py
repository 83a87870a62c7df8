"""Texts in any language: what is said where somebody asks for one that a text does not have."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import salesflow as sf
from salesflow.text import LANGUAGES, Text, both, is_language, own_language

GERMAN = """
id = "verkauf"
version = "1"
title = { de = "Verkauf", en = "Sales" }
languages = ["de", "en"]
[[roles]]
key = "rep"
title = { de = "Vertriebler", en = "Sales rep" }
[[stages]]
key = "qualify"
title = { de = "Qualifizieren", en = "Qualify" }
[[stages.exit]]
key = "budget"
by = "rep"
title = { de = "Das Budget ist bekannt", en = "The budget is known" }
[[stages]]
key = "close"
wins = true
title = { de = "Abschluss", en = "Close" }
"""

words = st.text("abc 中文", min_size=1).filter(str.strip).map(str.strip)
tags = st.sampled_from(["en", "zh", "de", "de-AT", "pt-BR", "zh-TW"])


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        ({"en": "won", "de": "gewonnen"}, "de", "gewonnen"),
        ({"en": "won", "de": "gewonnen"}, "de-AT", "gewonnen"),
        ({"en": "won", "de-AT": "gewonnen"}, "de", "gewonnen"),
        ({"en": "won", "de": "gewonnen"}, "fr", "won"),
        ({"zh": "赢单", "de": "gewonnen"}, "fr", "赢单"),
        ({"de": "gewonnen"}, "en", "gewonnen"),
        ({"zh": "赢单"}, "en", "赢单"),
        ({"en": "won", "zh-TW": "贏單"}, "zh", "贏單"),
        ({"en": "won", "zh": "赢单"}, "zh-TW", "赢单"),
    ],
)
def test_the_nearest_language_is_said(text: dict[str, str], asked: str, said: str) -> None:
    assert Text.model_validate(text).get(asked) == said


@given(st.dictionaries(tags, words, min_size=1), tags)
def test_a_text_always_says_one_of_its_texts_and_travels_whole(
    given_words: dict[str, str], asked: str
) -> None:
    text = Text.model_validate(given_words)

    assert text.get(asked) in given_words.values()
    if asked in given_words:
        assert text.get(asked) == text.said(asked) == given_words[asked]
    assert {lang: text.said(lang) for lang in text.languages} == given_words
    for other in (
        Text.model_validate_json(text.model_dump_json()),
        pickle.loads(pickle.dumps(text)),  # noqa: S301 - our own
        copy.deepcopy(text),
    ):
        assert other == text
        assert hash(other) == hash(text)


@pytest.mark.parametrize(
    ("words", "lang", "said"),
    [
        ({"en": "won", "zh": "赢单", "de": "gewonnen"}, "de-AT", "gewonnen"),
        ({"en": "won", "de-AT": "g'wonnen", "de": "gewonnen"}, "de-CH", "gewonnen"),
        ({"en": "won", "de-AT": "g'wonnen"}, "de", "g'wonnen"),
        ({"en": "won", "zh": "赢单", "de": "gewonnen"}, "fr", "won"),
        ({"zh": "赢单", "de": "gewonnen", "en-GB": "won"}, "fr", "won"),
        ({"de": "gewonnen", "zh-CN": "赢单"}, "fr", "赢单"),
        ({"de": "gewonnen", "fr": "gagné"}, "en", "gewonnen"),
    ],
)
def test_where_a_language_is_missing_the_nearest_is_shown(
    words: dict[str, str], lang: str, said: str
) -> None:
    assert Text.model_validate(words).get(lang) == said


def test_a_sentence_of_ours_is_the_text_that_somebody_wrote() -> None:
    assert both(en="won", zh="赢单") == Text(en="won", zh="赢单")
    assert [own_language(lang) for lang in ("en", "zh", "zh-CN", "de", "pt-BR")] == [
        "en",
        "zh",
        "zh",
        "en",
        "en",
    ]
    assert all(map(is_language, LANGUAGES))


@pytest.mark.parametrize("tag", ["cn", "german", "DE", "de_DE", "", "d", "de-", "zh-CN-x-y-z-w"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    assert not is_language(tag)
    with pytest.raises(ValidationError, match="no tag of a language"):
        Text.model_validate({"en": "won", tag: "gewonnen"})


def test_a_playbook_is_written_in_any_language() -> None:
    playbook = sf.Playbook.from_toml(GERMAN)

    assert sf.playbook.lint(GERMAN) == ()
    assert playbook.languages == ("de", "en")
    assert playbook.stages[0].title.get("de") == "Qualifizieren"
    assert sf.Playbook.from_json(playbook.to_json()) == playbook
    assert json.loads(playbook.to_json())["title"] == {"de": "Verkauf", "en": "Sales"}


def test_a_plain_string_is_in_the_first_language_and_the_check_asks_for_the_others() -> None:
    text = GERMAN.replace('{ de = "Abschluss", en = "Close" }', '"Abschluss"')
    (problem,) = sf.playbook.lint(text)

    assert problem.path.endswith("title")
    assert problem.message == 'there is no text in "en"'
    assert sf.Playbook.from_toml(text).stages[1].title.get("de") == "Abschluss"


def test_titles_are_in_the_language_that_is_asked_for_and_our_sentences_in_english() -> None:
    playbook = sf.Playbook.from_toml(GERMAN)

    assert 'state "Qualifizieren" as qualify' in playbook.diagram(lang="de")
    page = sf.documents.handbook(playbook, lang="de")
    assert "Das Budget ist bekannt" in page
    assert "| Key | Version | Currency | Languages |" in page
