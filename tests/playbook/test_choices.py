"""Words of choices with titles: people read the titles, programs the words."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import jsonschema
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.documents import handbook
from salesflow.domain import AnswerRecord
from salesflow.domain._base.record import replaced
from salesflow.errors import FactError, InvalidPlaybook, Problem
from salesflow.facts import Fact, FactKind
from salesflow.playbook import Playbook, diff, lint
from salesflow.playbooks import BUILT_IN
from salesflow.qualify import AnswerSheet, check_sheet
from salesflow.rules import Blocker
from salesflow.text import LANGUAGES, Text, both
from tests.engine.comparing import everything

AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
TITLED: Final = (
    '{ key = "market_penetration", title = { en = "Market penetration", zh = "市场渗透" } }'
)
GOAL: Final = f"[{TITLED}, 'share', 'other']"
WHICH: Final = '["old", { key = "new", title = { en = "New one", zh = "新的" } }]'
PLAYBOOK: Final = """
id = "titled"
version = "1"
title = { en = "Titled", zh = "有名称的流程" }
languages = ["en", "zh"]
use_records = ["lead", "acceptance"]
[[roles]]
key = "boss"
title = { en = "Head of sales", zh = "销售总监" }
[[facts]]
name = "goal"
kind = "choice"
title = { en = "Goal", zh = "目标" }
choices = {GOAL}
[policy]
  [[policy.fields]]
  name = "goal"
  roles = ["boss"]
  rule = 'before.goal != "market_penetration"'
  asks = { en = "Nobody gives that up", zh = "不可放弃" }
[[tracks]]
key = "seal"
title = { en = "Seal", zh = "用印" }
when = "amount > 10"
states = [
  { key = "asked", title = { en = "Asked for", zh = "已申请" } },
  { key = "sealed", title = { en = "Sealed", zh = "已用印" } },
]
[[stages]]
key = "first"
title = { en = "First", zh = "第一阶段" }
  [[stages.exit]]
  key = "aimed"
  title = { en = "We aim at it", zh = "目标明确" }
  rule = {RULE}
  [[stages.exit]]
  key = "chosen"
  title = { en = "It is chosen", zh = "已选定" }
  rule = 'site.which == "new"'
  [[stages.exit]]
  key = "sealed"
  title = { en = "It is sealed", zh = "用印完成" }
  rule = 'track.seal in ("sealed", "not_applicable")'
  [[stages.exit]]
  key = "promising"
  title = { en = "It is promising", zh = "有潜力" }
  rule = 'lead.grade == "high" and acceptance.kind == "final" and outcome == "none"'
  [[stages.exit]]
  key = "vouched"
  title = { en = "The boss vouches for it", zh = "总监已确认" }
  by = "boss"
  lapses_on = ["goal"]
[[stages]]
key = "second"
title = { en = "Second", zh = "第二阶段" }
[[checklists]]
key = "site"
title = { en = "Site", zh = "现场" }
  [[checklists.questions]]
  key = "which"
  title = { en = "Which house?", zh = "哪座房屋？" }
  type = "choice"
  choices = {WHICH}
"""
RULE: Final = """'goal == "market_penetration"'"""


def text(goal: str = GOAL, which: str = WHICH, rule: str = RULE) -> str:
    return PLAYBOOK.replace("{GOAL}", goal).replace("{WHICH}", which).replace("{RULE}", rule)


def told(text: str) -> list[str]:
    """The errors of a playbook, each with its path."""
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    return [_said(problem) for problem in caught.value.problems]


def _said(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}; {problem.hint}"


BOOK: Final = Playbook.from_toml(text())
ENGINE: Final = sf.StageEngine(BOOK)


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


# -- where people read them ------------------------------------------------------------------------


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
    assert only.fix.get("zh").startswith("更改前的“目标”现为“市场渗透”，须不为“市场渗透”")
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


def test_checks_of_a_frame_say_titles_and_columns_hold_words() -> None:
    rows = {
        "id": ["D-1", "D-2", "D-3"],
        "stage": ["second"] * 3,
        "goal": ["share", "market_penetration", "Market penetration"],
        "site.which": ["old", "new", "new"],
    }
    report = sf.check_pipeline(pl.DataFrame(rows), BOOK, key="id", as_of=date(2026, 1, 31))

    aimed = report.counts["exit.first.aimed"]
    assert (aimed.yes, aimed.no, aimed.unknown) == (1, 1, 1)  # a column holds no titles
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
