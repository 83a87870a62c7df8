"""Texts in another language than the one for which they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.playbook import lint
from salesflow.playbooks import BUILT_IN, playbook_source

CHINESE = """
id = "mine"
version = "1"
title = "大客户销售流程"
use_scorecards = ["bant"]
[[stages]]
key = "qualify"
title = "资格确认"
goal = "确认预算与决策人（BANT）"
"""
ENGLISH = """
id = "mine"
version = "1"
title = "Sales to large accounts"
[[stages]]
key = "qualify"
title = "Qualify the deal"
goal = "The budget and who decides are known."
"""


def told(text: str) -> list[str]:
    problems = [problem for problem in lint(text) if problem.code == "language"]
    assert all(problem.severity == "warning" for problem in problems)
    return [f"{problem.path}: {problem.message}; {problem.hint}" for problem in problems]


def stage(title: str, languages: str) -> list[str]:
    return told(
        f'id = "mine"\nversion = "1"\ntitle = "POC"\nlanguages = {languages}\n'
        f'[[stages]]\nkey = "a"\ntitle = {title}\n'
    )


def test_a_file_of_plain_chinese_texts_is_told_to_say_so_once() -> None:
    expected = ['languages: the texts look Chinese, and stand for "en"; write languages = ["zh"]']
    assert told(CHINESE) == expected
    assert told(f'languages = ["en"]{CHINESE}') == expected
    assert told(f'languages = ["zh"]{CHINESE}') == []


def test_a_file_whose_first_language_is_another_one_is_told_the_order() -> None:
    (only,) = told(f'languages = ["en", "zh"]{CHINESE}')
    assert only == (
        'languages: the texts look Chinese, and stand for "en"; plain texts are in the first of '
        'languages: write languages = ["zh", …]'
    )


def test_a_file_of_english_texts_that_says_chinese_is_told_too() -> None:
    assert told(f'languages = ["zh"]{ENGLISH}') == [
        'languages: the texts look English, and stand for "zh"; write languages = ["en"]'
    ]
    assert told(ENGLISH) == []


@pytest.mark.parametrize(
    ("title", "languages", "expected"),
    [
        (
            '"资格确认"',
            '["en"]',
            'this looks Chinese, and stands for "en"; write { zh = "…", en = "…" }',
        ),
        (
            '{ en = "Qualify", zh = "Qualify the deal" }',
            '["en", "zh"]',
            'this looks English, and stands for "zh"; write { en = "…", zh = "…" }',
        ),
    ],
)
def test_a_single_text_in_another_language_is_told_where_it_is(
    title: str, languages: str, expected: str
) -> None:
    assert stage(title, languages) == [f"stages.a.title: {expected}, or translate it"]


@pytest.mark.parametrize(
    ("title", "languages"),
    [
        ('"MEDDPICC"', '["zh"]'),
        ('"Demo"', '["zh"]'),
        ('"PoC 与 Demo"', '["zh"]'),
        ('"Guanxi (关系)"', '["en"]'),
        ('"Qualifizieren"', '["de"]'),
        ('"商談の確認"', '["ja"]'),
        ('{ en = "Qualify", zh = "资格确认" }', '["en", "zh"]'),
        ('{ "zh-TW" = "資格確認" }', '["zh-TW"]'),
    ],
)
def test_a_text_that_may_be_of_its_language_is_left_alone(title: str, languages: str) -> None:
    assert stage(title, languages) == []


@pytest.mark.parametrize("key", BUILT_IN)
def test_no_built_in_playbook_is_doubted(key: str) -> None:
    assert lint(playbook_source(key).decode()) == ()


@given(st.text("abcdefghijklmnopqrstuvwxyz ", min_size=1).filter(str.strip))
def test_latin_letters_are_never_taken_for_chinese(words: str) -> None:
    assert stage(f'"{words}"', '["en"]') == []
