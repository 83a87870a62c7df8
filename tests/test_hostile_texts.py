"""What strangers write, in names, in messages, in a terminal, in a spreadsheet and in a diagram.

Views of a notebook, documents and charts have the same corpus in tests of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.cli import main
from salesflow.domain import Competitor, ContractRow, HostDeal
from salesflow.errors import InvalidPlaybook, Problem, RuleError, SalesflowError, VersionConflict
from tests.hostile import FORMULAS, SEVERAL_LINES, TEXTS, UNSEEN, VISIBLE, is_seen

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
NO_NAMES = (*SEVERAL_LINES, *UNSEEN)


def playbook(title: str = "Title", **more: object) -> sf.Playbook:
    stages: list[dict[str, object]] = [
        {"key": "talk", "title": title, "exit": [{"key": "said", "title": title, "rule": RULE}]},
        {"key": "sign", "title": title},
    ]
    document = {"id": "p", "version": "1", "title": title, "stages": stages, **more}
    document["facts"] = [{"name": "x.y", "kind": "text", "title": title}]
    return sf.Playbook.from_json(json.dumps(document))


RULE = 'x.y == "ok"'


def said_by(error: Exception) -> str:
    """What is said of a mistake; what pydantic adds is the repr of what was given."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "\n".join(f"{item['loc']} {item['msg']}" for item in error.errors())


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize(
    "named",
    [
        lambda text: sf.Start(by=f"a{text}b"),
        lambda text: sf.Answer(by="li", question="k.q", mark="+", about=f"a{text}b"),
        lambda text: sf.Opportunity(id=f"a{text}b", name="D"),
        lambda text: HostDeal(id="D", facts={f"a{text}b": 1}),
        lambda text: Competitor(name=f"a{text}b"),
        lambda text: playbook(f"a{text}b"),
        lambda text: sf.Rule.parse(f'owner == "a{text}b"'),
    ],
)
def test_what_nobody_sees_is_in_no_name(text: str, named: Callable[[str], object]) -> None:
    with pytest.raises((ValidationError, InvalidPlaybook, RuleError)) as caught:
        named(text)

    assert is_seen(said_by(caught.value))
    assert "U+" in said_by(caught.value)


@pytest.mark.parametrize("text", VISIBLE)
def test_what_is_seen_is_a_name_whatever_else_it_would_be(text: str) -> None:
    assert sf.Start(by=text).by == text
    assert playbook(text).title.en == text


@pytest.mark.parametrize(
    "name", ["李伟", "नेहा", "می\u200cخواهم", "👩\u200d💻", "葛\U000e0100", "Zoë", "Zoe\u0308"]
)
def test_what_joins_letters_belongs_to_a_name(name: str) -> None:
    assert sf.Start(by=name).by == name


def test_a_line_break_in_a_name_is_called_so() -> None:
    with pytest.raises(ValidationError, match="character 5 is a line break; leave it out"):
        sf.Start(by="root\n2026-03-02 INFO admin approved")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "refused",
    [
        sf.load_playbook,
        lambda text: playbook("Title", **{text: 1}),
        lambda text: playbook("Title", summary={text: "x"}),
        sf.Rule.parse,
        lambda text: sf.Rule.parse(f"amount == {text}"),
        lambda text: sf.read_events(json.dumps({text: 1, "schema_version": 3})),
        lambda text: sf.read_events(f"{{{json.dumps(text)}: 1, {json.dumps(text)}: 2}}"),
        lambda text: sf.read_command({"kind": text, "by": "li"}),
        lambda text: sf.read_command({"kind": "Start", "by": "li", text: 1}),
        lambda text: sf.read_command(
            {"kind": "Answer", "by": "li", "question": "k.q", "mark": text}
        ),
        lambda text: sf.Amend(by="li", changes={text: 1}),
        lambda text: sf.StageEngine(playbook(), tz=text),
        lambda text: sf.Money(1, text),
        lambda text: playbook().diagram(lang=text),
    ],
)
def test_a_message_shows_all_that_is_in_it(text: str, refused: Callable[[Any], object]) -> None:
    with pytest.raises((SalesflowError, ValidationError)) as caught:
        refused(text)

    assert is_seen(said_by(caught.value))
    if isinstance(caught.value, SalesflowError):
        shown = caught.value.to_dict()
        assert is_seen(f"{shown['message']}{shown['hint']}")
        lines = 1 + min(len(caught.value.problems), 21)
        assert len(str(caught.value).splitlines()) == lines


@pytest.mark.parametrize("text", NO_NAMES)
def test_an_error_of_whatever_words_is_one_line_and_one_for_each_problem(text: str) -> None:
    problem = Problem(text, text, text)
    error = VersionConflict(text, hint=text, problems=[problem])

    assert len(str(error).splitlines()) == 2
    assert is_seen(str(error))
    assert is_seen(f"{problem}{error.message}{error.hint}{error!r}")


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_seen_stands_in_sentences_of_one_line(text: str) -> None:
    engine = sf.StageEngine(playbook(text if text in VISIBLE else "Title"))
    deal = sf.Opportunity(id="D", name="D", facts={"x.y": text})
    deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
    for blocker in engine.decide(deal, sf.Advance(by="li"), at=AT).blockers:
        for lang in ("en", "zh"):
            said = (
                blocker.title.get(lang),
                blocker.fix.get(lang),
                *(each.title.get(lang) for each in blocker.any_of),
            )
            assert [words for words in said if not is_seen(words) or "\n" in words] == []


@pytest.mark.parametrize("text", TEXTS)
def test_a_terminal_is_told_nothing_by_the_lint_of_a_playbook(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    stages = [{"key": text, "title": text, "exit": [{"key": "c", "title": "C", "rule": text}]}]
    path.write_text(
        json.dumps({"id": text, "version": text, "title": text, text: text, "stages": stages})
    )
    assert main(["check", str(path)]) == 1
    printed = capsys.readouterr().out
    assert is_seen(printed)
    assert all(line.startswith(str(path)) for line in printed.splitlines())


@pytest.mark.parametrize("text", [*TEXTS, "'a", "''=1", "a=1"])
def test_no_cell_is_a_formula_and_each_is_read_back(text: str) -> None:
    row = ContractRow(number="C", customer="A", main_terms=text)
    for lang in ("en", "zh"):
        cells = row.cells(lang)
        assert [cell for cell in cells.values() if cell[:1] in set("=+-@\t\r＝")] == []
        assert ContractRow.from_cells(cells) == row


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_a_cell_has_an_apostrophe_before_it(text: str) -> None:
    cells = ContractRow(number=text, customer="A").cells("en")

    assert f"'{text}" in cells.values()


@pytest.mark.parametrize("text", [*VISIBLE, *SEVERAL_LINES])
def test_a_title_is_one_label_of_a_diagram(text: str) -> None:
    harmless, drawn = playbook().diagram(), playbook(text).diagram()

    blank = re.compile(r'"[^"\n]*"')
    assert blank.sub('""', drawn) == blank.sub('""', harmless)
    labels = re.findall(r'"([^"\n]*)"', drawn)
    assert all(re.fullmatch(r"(?:[^#;:<>{}\[\]()%`|\\&*_$]|#\d+;)+", label) for label in labels)
    assert is_seen(drawn)
