"""Words of choices with titles: what a file may say, and what comes of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import InvalidPlaybook, Problem
from salesflow.facts import Fact, FactKind
from salesflow.playbook import Playbook, diff, lint
from salesflow.playbooks import BUILT_IN
from salesflow.text import both
from tests.playbook.titled import BOOK, GOAL, TITLED, WHICH, text


def told(text: str) -> list[str]:
    """The errors of a playbook, each with its path."""
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    return [_said(problem) for problem in caught.value.problems]


def _said(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}; {problem.hint}"


def test_a_title_stands_beside_its_word_for_facts_and_for_questions() -> None:
    goal, which = BOOK.facts["goal"], BOOK.questions["site.which"]

    assert goal.choices == ("market_penetration", "share", "other")
    assert goal.choice_titles == {
        "market_penetration": both(en="Market penetration", zh="市场渗透")
    }
    assert which.choices == BOOK.facts["site.which"].choices == ("old", "new")
    assert which.choice_titles == BOOK.facts["site.which"].choice_titles
    assert which.choice_titles == {"new": both(en="New one", zh="新的")}
    assert hash(goal) == hash(Fact("goal", FactKind.CHOICE, goal.choices))


def test_canonical_json_has_words_and_tables_as_the_file_has_them() -> None:
    written = BOOK.to_dict()["facts"]
    assert written == [
        {
            "name": "goal",
            "kind": "choice",
            "title": {"en": "Goal", "zh": "目标"},
            "choices": [
                {
                    "key": "market_penetration",
                    "title": {"en": "Market penetration", "zh": "市场渗透"},
                },
                "share",
                "other",
            ],
        }
    ]
    again = Playbook.from_json(BOOK.to_json())
    assert again == BOOK
    assert again.facts["goal"].choice_titles == BOOK.facts["goal"].choice_titles


WORDS: Final = st.lists(
    st.text("abcd", min_size=1, max_size=4), min_size=2, max_size=5, unique=True
)


@given(words=WORDS, data=st.data())
def test_titles_are_content_and_no_behaviour(words: list[str], data: st.DataObject) -> None:
    titles = [data.draw(st.none() | st.text("ab甲乙", min_size=1, max_size=4)) for _ in words]
    listed = [
        word if title is None else {"key": word, "title": {"en": title}}
        for word, title in zip(words, titles, strict=True)
    ]

    def book(goal: Sequence[object], which: Sequence[object]) -> Playbook:
        return Playbook.from_json(
            json.dumps(
                {
                    "id": "x",
                    "version": "1",
                    "title": "X",
                    "facts": [{"name": "goal", "kind": "choice", "choices": goal}],
                    "stages": [{"key": "a", "title": "A"}],
                    "checklists": [
                        {
                            "key": "site",
                            "title": "S",
                            "questions": [
                                {"key": "w", "title": "W", "type": "choice", "choices": which}
                            ],
                        }
                    ],
                }
            )
        )

    plain, titled = book(words, words), book(listed, listed)

    assert plain.digest == titled.digest
    assert (plain.content_digest == titled.content_digest) is (titles == [None] * len(words))
    assert plain.to_dict()["facts"] == [{"name": "goal", "kind": "choice", "choices": words}]
    assert titled.to_dict(behaviour=True) == plain.to_dict(behaviour=True)
    assert Playbook.from_json(titled.to_json()) == titled
    assert titled.facts["goal"].choices == titled.questions["site.w"].choices == tuple(words)


FIRST: Final = "facts.goal.choices[0]"
AT_TITLED: Final = "facts.goal.choices.market_penetration"
A_TEXT: Final = 'a text such as { en = "…", zh = "…" }'


@pytest.mark.parametrize(
    ("goal", "problems"),
    [
        (
            f'[{TITLED}, "market_penetration"]',
            ['facts.goal.choices[1]: "market_penetration" is listed twice; keep one'],
        ),
        (
            f'["market_penetration", {TITLED}]',
            [f'{AT_TITLED}.key: the word "market_penetration" exists already; see {FIRST}'],
        ),
        (
            '[{ title = "Share" }, "other"]',
            ["facts.goal.choices[0].key: a word needs it and it is missing; "],
        ),
        (
            '[{ key = "share" }, "other"]',
            ["facts.goal.choices.share.title: a word needs it and it is missing; "],
        ),
        (
            '[{ key = "share", tittle = "Share" }, "other"]',
            ['facts.goal.choices.share.tittle: a word has no such key; did you mean "title"?'],
        ),
        (
            '[{ key = "share", title = "Share", colour = "red" }, "other"]',
            ["facts.goal.choices.share.colour: a word has no such key; known: key, title"],
        ),
        (
            '[3, { key = " ", title = 4 }]',
            [
                'facts.goal.choices[0]: this must be a word, or { key = "…", title = … }, not 3; ',
                'facts.goal.choices." ".key: " " is not a word; ',
                f'facts.goal.choices." ".title: this must be {A_TEXT}, not 4; ',
            ],
        ),
    ],
    ids=["plain twice", "titled twice", "no key", "no title", "slip", "strange key", "all at once"],
)
def test_what_is_wrong_with_words_is_told_once_and_all_of_it(
    goal: str, problems: list[str]
) -> None:
    assert told(text(goal)) == problems
    of_question = [
        said.replace("facts.goal.", "checklists.site.questions.which.") for said in problems
    ]
    assert told(text(which=goal)) == of_question


def test_what_is_wrong_is_told_in_chinese_too() -> None:
    said = [problem.message for problem in lint(text('[3, "other"]'), lang="zh")]
    assert said == ['这里须是一个词，或 { key = "…", title = … }，而不是 3']


def test_a_title_without_a_language_of_the_playbook_is_a_warning() -> None:
    share = '{ key = "share", title = { en = "Share" } }'
    book = Playbook.from_toml(text(GOAL.replace("'share'", share)))

    assert [_said(it) for it in book.warnings if it.path.endswith("share.title")] == [
        'facts.goal.choices.share.title: there is no text in "zh"; add zh = "…"'
    ]


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ('goal == "Market penetration"', 'did you mean "market_penetration"?'),
        ('goal == "市场渗透"', 'did you mean "market_penetration"?'),
        ('goal == "MARKET PENETRATON"', 'did you mean "market_penetration"?'),
        ('goal == "market_penetraton"', 'did you mean "market_penetration"?'),
        ('goal in ("other", "市场渗透")', 'did you mean "market_penetration"?'),
        ("goal == market_penetraton", 'write "market_penetration"'),
        ('goal == "yellow"', 'it is one of "market_penetration", "share", "other"'),
        ('site.which != "New one"', 'did you mean "new"?'),
        ('stage == "第二阶段"', 'did you mean "second"?'),
        ('track.seal == "Sealed"', 'did you mean "sealed"?'),
        ('lead.grade == "高"', 'did you mean "high"?'),
        ('reached("Second")', 'did you mean "second"?'),
    ],
)
def test_who_writes_a_title_in_a_rule_is_told_the_word(rule: str, hint: str) -> None:
    (only,) = told(text(rule=f"'{rule}'"))
    assert only.endswith(f"; {hint}")


def test_in_the_schema_a_word_is_a_text_or_a_table() -> None:
    validator = jsonschema.Draft202012Validator(Playbook.json_schema())

    def fits(goal: str) -> bool:
        return not list(validator.iter_errors(tomllib.loads(text(goal))))

    assert fits(GOAL)
    assert fits('["share", "other"]')
    assert not fits('["share", "share"]')
    assert not fits(f"[{TITLED}, {TITLED}]")
    assert not fits("[3]")
    assert not fits('[{ title = "Share" }]')
    assert not fits('[{ key = "share" }]')
    assert not fits('[{ key = "share", title = "Share", colour = "red" }]')


def test_a_changed_title_is_for_people_only() -> None:
    (change,) = diff(BOOK, Playbook.from_toml(text().replace('"市场渗透"', '"渗透"'))).changes

    assert change.effect is None
    assert change.path == "facts.goal.choices.market_penetration.title"
    assert change.sentence == both(
        en="fact “Goal”, word “Market penetration”: title: “市场渗透” → “渗透”",
        zh="数据项“目标”，选项“渗透”：名称：“市场渗透” → “渗透”",
    )


def test_a_title_that_comes_is_for_people_only_and_another_word_is_not() -> None:
    plain = Playbook.from_toml(text('["market_penetration", "share", "other"]'))
    (change,) = diff(plain, BOOK).changes
    assert change.effect is None
    assert change.sentence.get("zh") == "数据项“目标”，选项“市场渗透”：名称：– → “市场渗透”"

    more = Playbook.from_toml(text(which=WHICH.replace("]", ', "third"]')))
    (change,) = diff(BOOK, more).changes
    assert change.effect is not None
    assert change.sentence == both(
        en="checklist “Site”, question “Which house?”: choices: old, New one (new) → "
        "old, New one (new), third",
        zh="检查表“现场”，问题“哪座房屋？”：选项：old、新的（new） → old、新的（new）、third",
    )


def test_a_variant_that_lists_words_means_these_and_no_others(tmp_path: Any) -> None:
    (tmp_path / "base.toml").write_text(text(), encoding="utf-8")
    own = tmp_path / "own.toml"
    head = 'id = "own"\nversion = "1"\ntitle = "Own"\nextends = "base.toml"\n[[facts]]\n'
    listed = f'name = "goal"\nchoices = ["third", {TITLED}]\n'
    own.write_text(head + listed, encoding="utf-8")

    goal = Playbook.from_file(own).facts["goal"]

    assert goal.choices == ("third", "market_penetration")
    assert goal.choice_titles == BOOK.facts["goal"].choice_titles
    own.write_text(head + listed.replace("third", "market_penetration"), encoding="utf-8")
    with pytest.raises(InvalidPlaybook, match="exists already") as caught:
        Playbook.from_file(own)
    assert caught.value.problems[0].path.startswith("facts.goal.choices.market_penetration")


def test_what_choices_allow_is_said_with_titles_and_words() -> None:
    assert BOOK.facts["goal"].allowed == both(
        en="one of Market penetration (market_penetration), share, other",
        zh="以下之一：市场渗透（market_penetration）、share、other",
    )
    assert BOOK.facts["account.tier"].allowed.get("en") == "one of regular, named, strategic"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_word_that_no_author_chose_has_a_title_in_both_languages(name: str) -> None:
    book = sf.load_playbook(name)
    ours = book.facts.keys() - book.declared_facts - book.questions.keys()
    for fact in map(book.facts.__getitem__, ours):
        assert fact.choice_titles.keys() == {*fact.choices}, fact.name
        for title in fact.choice_titles.values():
            assert title.said("en")
            assert title.said("zh")
