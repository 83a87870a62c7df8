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
    "disqualified": "Disqualified|不合格|dis-qualified",
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
