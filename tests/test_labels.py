"""Labels of other people's files: what they are read as, and what is suggested for the others."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesflow import load_playbook
from salesflow._closest import closest
from salesflow._labels import LabelReader, bare, ended, flags, normal, outcomes
from salesflow.pipeline._frames.stages import stage_reader
from salesflow.playbooks import BUILT_IN

STAGES = LabelReader(
    {
        "close": ["Close", "收单"],
        "technical_evaluation": ["Technical Evaluation", "技术评估"],
        "demo": ["001 Demonstration", "方案演示"],
        "qualify": ["Qualification", "确认资格"],
    },
    ended(),
)


AS_STAGES = {
    "close": "CLOSE|close |Close|ＣＬＯＳＥ|5. Close|收单",
    "technical_evaluation": "3 - Technical Evaluation|Stage 3: technical_evaluation|"
    "TechnicalEvaluation|Technical Evaluation (40 %)|III. Technical-Evaluation|"
    "20% - Technical evaluation|C2:TECHNICAL_EVALUATION|B. Technical Evaluation|"
    "B - Technical evaluation|b)Technical evaluation|Téchnical evaluation",
    "demo": "3、方案演示|3方案演示|第三阶段：方案演示|第3阶段 方案演示|（三）方案演示|③ 方案演示|"
    "Demonstration|4_Demonstration|demo",
    "won": "Won|WIN|C6:WON|DEAL_STAGE_2:WON|DT128_6:SUCCESS|G. Project Won|"
    "Cerrado ganado|Cierre Ganado|Gagné|GAGNE|Fermée - gagnée|"
    "Geschlossen und gewonnen|Fechado e ganho|Сделка успешна|Выиграна|"
    "已关闭-赢单|Closed Won|Closed - Won|closedwon|6. Closed Won|Closed Won (100%)|赢单|"
    "成交|已成交",
    "lost": "Lost|LOSE|Lose|C6:LOSE|C6:APOLOGY|DEAL_STAGE:LOSE|Deal lost|Cerrada Perdida|Perdu|"
    "Geschlossen, verloren|Negócio perdido|Сделка провалена|Закрыто и не реализовано|战败|"
    "Closed Lost to Competition|CLOSED LOST|Closed-Lost|closedlost|Abandoned|No decision|输单|丢单|"
    "已放弃",
    "disqualified": "Disqualified|不合格|dis-qualified|De-qualified|Qualified out",
}


@pytest.mark.parametrize(
    ("label", "meant"),
    [(label, meant) for meant, labels in AS_STAGES.items() for label in labels.split("|")],
)
def test_a_label_is_a_key_a_title_or_a_word_however_it_is_written(label: str, meant: str) -> None:
    assert STAGES.read(label) == (meant,)


UNCLEAR = (
    "C6:NEW|C6:3|Lost:won|E-Demo|No ganado|Не выиграна|Closed open|"
    "Qualified|Unqualified|Closed|Lost to Acme||  |-|3|Stage 3|未成交|Not won|Won/Lost"
)


@pytest.mark.parametrize("label", [*UNCLEAR.split("|"), "x" * 10_000])
def test_what_is_none_of_them_is_not_guessed(label: str) -> None:
    assert STAGES.read(label) == ()


def test_a_label_that_fits_two_stages_is_neither() -> None:
    reader = LabelReader({"first": ["Visit", "1. Call"], "second": ["visit", "2. Call"]}, ended())

    assert reader.read("VISIT") == reader.read("3 - Call") == ("first", "second")
    assert reader.read("1. call") == ("first",)
    # The stage of that name, or the end of the deal: nobody can know.
    assert LabelReader({"signing": ["成交"]}, ended()).read("成交") == ("signing", "won")


@pytest.mark.parametrize(
    ("label", "nearest"),
    [
        ("Qualified", "qualify"),
        ("Closed Lost", "lost"),
        ("Closed Won", "won"),
        ("Closed Lost - Price", "lost"),
        ("Closed", None),
        ("C6:CLOSED", None),
        ("Cerrado", None),
        ("CLOSE_LOSE:7", "lost"),
        ("Win close", "won"),
        ("Lose qualify", "lost"),
        ("qualify win", None),
        ("Oportunidad perdida por precio", "lost"),
        ("Nicht gewonnen", None),
        ("Not won", None),
        ("Unqualified", None),
        ("Unwon", None),
        ("Disqualifed", "disqualified"),
        ("Won or lost", None),
        ("未赢单", None),
        ("Qualifing", "qualify"),
        ("不确认资格", None),
    ],
)
def test_a_hint_never_says_the_opposite(label: str, nearest: str | None) -> None:
    names = {"close": ["Close"], "qualify": ["Qualify"], "sure": ["确认资格"]}

    assert LabelReader(names, ended()).nearest(label) == nearest


UNHINTED = (
    "成交失败|未成交|qualifiedtobuy|None|Sales|Open|Won: no|Won, not signed|赢单未签|Lost, not won|"
    "预计成交|Negotiation failed"
)


@pytest.mark.parametrize("label", UNHINTED.split("|"))
@pytest.mark.parametrize("playbook", BUILT_IN)
def test_a_denial_two_ends_or_a_far_likeness_give_no_hint(playbook: str, label: str) -> None:
    assert stage_reader(load_playbook(playbook)).nearest(label) is None


@pytest.mark.parametrize("word", [word for words in ended().values() for word in words])
def test_a_hint_is_no_stage_where_a_word_for_an_end_stands_beside_its_name(word: str) -> None:
    reader = LabelReader({"close": ["Close"], "negotiation": ["Negotiation"]}, ended())

    for label in (f"Negotiation {word}", f"{word} - negotiation", f"C6:NEGOTIATION {word}"):
        assert reader.nearest(label) in {None, *ended()}


def test_a_stage_that_is_called_like_an_end_is_still_near_to_its_name() -> None:
    reader = LabelReader({"win_plan": ["Win plan"]}, ended())

    assert (reader.nearest("Win plann"), reader.nearest("plan")) == ("win_plan", None)


def test_what_is_spelt_otherwise_is_not_near() -> None:
    ltc = stage_reader(load_playbook("ltc"))

    assert (ltc.nearest("Prospección"), ltc.nearest("project_closin")) == (None, "project_closing")


@pytest.mark.parametrize(
    ("label", "nearest"),
    [
        ("LOST - price", "lost"),
        ("Lost (no budget)", "lost"),
        ("丢单：无预算", "lost"),
        ("无效（重复）", "disqualified"),
    ],
)
def test_a_denial_behind_a_loss_says_why(label: str, nearest: str) -> None:
    assert STAGES.nearest(label) == nearest


@given(st.sampled_from(sorted(AS_STAGES)), st.sampled_from(["Not ", "Never ", "未", "没"]))
def test_what_is_denied_is_never_suggested(meant: str, denial: str) -> None:
    for label in AS_STAGES[meant].split("|"):
        if normal(label) != "nodecision":
            assert STAGES.nearest(denial + label) != meant


def test_what_denies_a_word_is_not_like_it() -> None:
    assert LabelReader({"close": ["Close"]}, ended()).nearest("Qualified") is None
    assert LabelReader({"regular": ["Regular", "普通"]}).nearest("irregular") is None
    assert LabelReader({"yes": ["可以"], "no": []}, flags()).nearest("不可以") is None
    assert closest("不合格", ["合格"]) is None
    assert closest("未确认", ["确认"]) is None


@pytest.mark.parametrize("playbook", BUILT_IN)
def test_every_playbook_is_read_by_its_own_names(playbook: str) -> None:
    process = load_playbook(playbook)
    reader = stage_reader(process)

    for stage in process.stages:
        titles = {stage.key: stage.title, **{sub.key: sub.title for sub in stage.sub_stages}}
        for key, title in titles.items():
            for text in (key, *(title.get(lang) for lang in title.languages)):
                assert reader.read(f"7. {text.upper()}") == (key,)


def test_no_word_stands_for_two_things() -> None:
    for words in (outcomes(), flags()):
        reader = LabelReader({}, words)
        for name, listed in words.items():
            assert [reader.read(word) for word in listed] == [(name,)] * len([*listed])


FUNNEL = LabelReader(
    {
        "prospect": ["Prospect", "线索"],
        "qualified": ["Qualified", "已确认资格"],
        "tech": ["Technical evaluation", "技术评估"],
        "close": ["Close", "签约"],
    },
    ended(),
)

DENIED = (
    "Wasn't won|Wasn’t won|Won't close|Un-won|Notwon|Ex-won|Won: 0|Won - no|won = false|Won x|"
    "Won back? no|To be won|Will be won|Almost won|Reopened (won)|Acme won|Won by Acme|"
    "Won from competitor|Beat competitor, won|Competitor won?|Won (90%)|待赢单|假赢单|赢单计划|"
    "赢单吗|竞争对手未赢单|战胜竞争对手赢单|可能丢单|Isn't lost|Lost: 0|Competitor lost|"
    "Lost - not yet|Isn't qualified|Ex-Qualified|Pre-qualified|Requalified|Misqualified|Unqualifed|"
    "Qualified/Disqualified|Qualified or not|Noclose|Anti-close|To close|待确认资格"
)


@pytest.mark.parametrize("label", DENIED.split("|"))
def test_a_word_that_may_deny_the_rest_is_neither_read_nor_left_out_of_a_hint(label: str) -> None:
    assert (FUNNEL.read(label), FUNNEL.nearest(label)) == ((), None)


MARKED = (
    "✗ Closed Won|❌ Won|Won ✗|× 成交|Qualified ✗|🚫 Tech|tech ✘|W̶o̶n̶|¬won|!won|☐ Won|[ ] won|"
    "~~Won~~|Won?|成交？|¿Ganado?|Qualified?|Lost?|Lost ✗|¬lost|☐ Lost|Won (0%)|Won 0 %|0% - Won|"
    "Lost (100%)"
)


@pytest.mark.parametrize("label", MARKED.split("|"))
def test_a_mark_or_a_chance_that_is_at_odds_with_a_word_leaves_it_open(label: str) -> None:
    assert (FUNNEL.read(label), FUNNEL.nearest(label)) == ((), None)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("✓ Won", "won"),
        ("✔ Closed won", "won"),
        ("☑ Won", "won"),
        ("[x] won", "won"),
        ("Closed won (100%)", "won"),
        ("❌ Closed Lost", "lost"),
        ("✗ 丢单", "lost"),
        ("🚫 Disqualified", "disqualified"),
        ("Lost (0%)", "lost"),
        ("Close (0%)", "close"),
        ("X. Close", "close"),
        ("0 - Prospect", "prospect"),
    ],
)
def test_a_mark_or_a_chance_that_says_the_same_does_no_harm(label: str, name: str) -> None:
    assert FUNNEL.read(label) == (name,)


@pytest.mark.parametrize(
    "label",
    ["Competitor won", "Won by competitor", "won by the competitor", "竞争对手赢单", "被竞品赢单"],
)
def test_what_a_competitor_won_is_lost(label: str) -> None:
    assert (FUNNEL.read(label), FUNNEL.nearest(label)) == ((), "lost")
    assert FUNNEL.nearest(f"Lost, {label}") == "lost"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Won - upsell", "won"),
        ("Enterprise - won", "won"),
        ("Lost - competitor", "lost"),
        ("Proposal lost", "lost"),
        ("Is qualifed", "qualified"),
        ("Prospects", "prospect"),
        ("Technical evaluaton stage", "tech"),
        ("rpospect", "prospect"),
    ],
)
def test_what_plainly_says_how_a_deal_ended_or_is_only_misspelt_has_its_hint(
    label: str, name: str
) -> None:
    assert (FUNNEL.read(label), FUNNEL.nearest(label)) == ((), name)


def test_a_title_that_has_a_mark_is_read_with_it_and_one_that_asks_without_it_too() -> None:
    reader = LabelReader({"ready": ["Ready to buy?"], "no_go": ["✗ Go"], "go": ["Go"]}, ended())

    assert reader.read("ready to buy ?") == reader.read("Ready to buy") == ("ready",)
    assert (reader.read("✗ go"), reader.read("go"), reader.read("go?")) == (("no_go",), ("go",), ())


def test_a_question_in_the_name_of_a_column_asks_what_the_column_answers() -> None:
    assert LabelReader({"won": ["Deal won"]}, of_columns=True).read("Deal won?") == ("won",)


def test_a_cross_says_no_and_does_not_deny_it() -> None:
    answers = LabelReader({"no": ("-",), "unknown": ("?",)}, flags())

    assert answers.read("×") == answers.read("✗ No") == answers.read("否") == ("no",)
    assert answers.read("?") == ("unknown",)
    assert [answers.read(it) for it in ("✗ Yes", "Yes?", "是？", "是 ×")] == [()] * 4


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("unqualified", None),
        ("un_qualified", None),
        ("notlost", None),
        ("notwon", None),
        ("won?", None),
        ("✗won", None),
        ("Closed", None),
        ("dis-qualified", "disqualified"),
        ("qualify", "qualified"),
        ("closed_lost", "lost"),
        ("技术", "tech"),
        ("technical", "tech"),
    ],
)
def test_of_a_name_too_nothing_says_the_opposite(word: str, name: str | None) -> None:
    assert FUNNEL.nearest(word, is_name=True) == name


DENYING = (
    "✗ {}|❌{}|{} ✘|{}×|¬{}|☐ {}|{}?|{}？|Not {}|never {}|{}: no|{} = false|{}: 0|Isn't {}|"
    "wasn’t {}|Un-{}|un{}|non-{}|Ex-{}|Anti-{}|no{}|No longer {}|To be {}|Almost {}|{}: not yet|"
    "未{}|没{}|不{}|假{}|待{}"
)


KNOWN = {
    **{word: end for end, words in ended().items() for word in (end, *words)},
    "qualified": "qualified",
    "Close": "close",
    "技术评估": "tech",
    "线索": "prospect",
}


@given(st.sampled_from(sorted(KNOWN)), st.sampled_from(DENYING.split("|")))
def test_a_known_word_that_is_denied_anyhow_is_never_read_nor_suggested_as_what_it_means(
    word: str, denying: str
) -> None:
    meant, label = KNOWN[word], denying.format(word)
    shows_what_it_says = meant in {"lost", "disqualified"} and denying in {"✗ {}", "❌{}"}

    assert (meant in FUNNEL.read(label)) == shows_what_it_says
    assert (FUNNEL.nearest(label) == meant) == shows_what_it_says


@given(st.text(max_size=60))
@example("Ａ１ - ﷺ")
@example("第１阶段")
def test_case_forms_and_blanks_do_not_matter(label: str) -> None:
    reader = LabelReader({"it": [label]})
    same = normal(label) == ""
    spaced = f"  {label}\t"

    assert same or reader.read(label) == ("it",)
    assert same or reader.read(spaced) == ("it",)
    assert normal(unicodedata.normalize("NFKC", label)) == normal(label)
    assert bare(bare(label)) == bare(label) or any(map(str.isdigit, label))


@given(st.text(max_size=80))
def test_nothing_is_suggested_that_is_not_there(label: str) -> None:
    assert STAGES.nearest(label) in {None, "qualify", *AS_STAGES}
