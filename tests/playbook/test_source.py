"""Where values stand in a file: a law over random documents, and the lines that are told."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import InvalidPlaybook
from salesflow.playbook import Playbook, lint
from salesflow.playbook._parts import step
from salesflow.playbook._scan import Scan, Span, decoded, tree
from salesflow.playbook._source import Source
from tests.playbook.toml_writer import BARE_KEYS, QUOTED_KEYS, SCALARS, written

KEYS = BARE_KEYS | QUOTED_KEYS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=6)


def leaves(value: Any, span: Span) -> Iterator[tuple[Any, Span]]:
    """Every value with the place where it should be."""
    yield value, span
    if isinstance(value, dict):
        assert isinstance(span.parts, dict)
        assert list(span.parts) == list(value) or {*span.parts} == {*value}
        for key, inner in value.items():
            yield from leaves(inner, span.parts[key])
    elif isinstance(value, list):
        assert isinstance(span.parts, list)
        assert len(span.parts) == len(value)
        for inner, part in zip(value, span.parts, strict=True):
            yield from leaves(inner, part)


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_the_text_at_the_place_of_a_value_is_that_value(
    document: dict[str, Any], random: Any
) -> None:
    text = written(document, random)
    assert tomllib.loads(text) == document
    for value, span in leaves(document, tree(Scan(text).statements())):
        snippet = text[span.start : span.end]
        if isinstance(value, dict) and not snippet.startswith("{"):
            # It has a header, or only its keys, with dots, say that it is there.
            assert snippet.startswith("[") or span.end == span.start
        elif not (isinstance(value, list) and snippet == ""):
            assert tomllib.loads(f"it = {snippet}")["it"] == value


@given(DOCUMENTS, st.integers(0, 4))
def test_the_text_at_the_place_of_a_value_of_json_is_that_value(
    document: dict[str, Any], indent: int
) -> None:
    document = json.loads(json.dumps(document, default=str))
    text = json.dumps(document, indent=indent or None, ensure_ascii=bool(indent % 2))
    for value, span in leaves(document, Scan(text).json()):
        assert json.loads(text[span.start : span.end]) == value


@given(st.text())
def test_any_text_is_followed_without_an_error(text: str) -> None:
    for of in ("toml", "json"):
        source = Source(text, of)
        span, _ = source.span("stages.one.exit[0].rule")
        line, column = source.place(span.start)
        assert 1 <= line <= text.count("\n") + 1
        assert column >= 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_each_character_of_a_quoted_text_is_found_again(words: str) -> None:
    for literal in (json.dumps(words), json.dumps(words, ensure_ascii=False)):
        found, places = decoded(literal)
        assert found == words == json.loads(literal)
        assert len(places) == len(words) + 1
        for (begin, end), character in zip(pairwise(places), words, strict=True):
            assert json.loads(f'"{literal[begin:end]}"') == character


RULE = """id = "x"
version = "1"
title = "X"
facts = [{ name = "area", kind = "number", title = "Area" }]

[[stages]]
key = "one"
title = "One"
  [[stages.exit]]
  key = "big"
  title = "Big"
  rule = RULE
"""


@pytest.mark.parametrize(
    ("literal", "line", "column"),
    [
        ('"area > 1 and aera > 2"', 12, 24),
        ("'area > 1 and aera > 2'", 12, 24),
        (r'"area > 1 \u0061nd aera > 2"', 12, 29),
        (r'"\tarea > 1 and aera > 2"', 12, 26),
        ('"""area > 1 and\n  aera > 2"""', 13, 3),
        ('"""\narea > 1 and\n  aera > 2"""', 14, 3),
        ("'''\narea > 1 and\n  aera > 2\n'''", 14, 3),
        ('"""area > 1 \\\n   and aera > 2"""', 13, 8),
        ('"""\r\narea > 1 and\r\n  aera > 2"""', 14, 3),
        (r'"""outcome == \"won\" and aera > 2"""', 12, 36),
    ],
)
def test_what_is_wrong_in_a_rule_is_told_where_it_stands_in_the_file(
    literal: str, line: int, column: int
) -> None:
    text = RULE.replace("RULE", literal)
    problem = next(it for it in lint(text) if "aera" in it.message)
    assert (problem.line, problem.column) == (line, column)
    assert problem.path == "stages.one.exit.big.rule"
    assert str(problem) == (
        f"line {line}, column {column}: stages.one.exit.big.rule: "
        'there is no fact "aera"; did you mean area?'
    )
    assert text.replace("\r\n", "\n").split("\n")[line - 1][column - 1 :].startswith("aera")


def test_json_has_lines_too() -> None:
    document = tomllib.loads(RULE.replace("RULE", '"area > 1 and aera > 2"'))
    text = json.dumps(document, indent=1)
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_json(text)
    (problem,) = caught.value.problems
    assert problem.line is not None
    assert problem.column is not None
    line = text.split("\n")[problem.line - 1]
    assert line[problem.column - 1 :].startswith("aera > 2")


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "column"),
    [
        ('key = "one"\n', "", "stages[0].key", 6, 1),
        ('version = "1"\n', "", "version", 1, 1),
        ('  title = "Big"\n', "", "stages.one.exit.big.title", 9, 3),
        ('title = "One"', 'title = "One"\nmax_day = 3', "stages.one.max_day", 9, 1),
        ('title = "One"', 'title = "One"\nmax_days = true', "stages.one.max_days", 9, 12),
        ('title = "One"', 'title = { en = "One", xx = "Un" }', "stages.one.title.xx", 8, 23),
        ('kind = "number"', 'kind = "numbre"', "facts.area.kind", 4, 34),
        ('title = "Area"', "unit = 3", "facts.area.unit", 4, 51),
        ('title = "X"', 'title = "X"\naims = ["a", 3]', "aims[1]", 4, 14),
        ('title = "X"', 'title = "X"\n"my key" = 3', '"my key"', 4, 1),
        ('title = "X"', 'title = "X"\nhygiene.activity_days = "a"', "hygiene.activity_days", 4, 25),
        ('title = "X"', 'title = "X"\nhygiene.a.b = 1', "hygiene.a", 4, 9),
    ],
)
def test_a_problem_says_the_line_of_its_value_or_its_key(
    old: str, new: str, path: str, line: int, column: int
) -> None:
    text = RULE.replace("RULE", '"area > 1"').replace(old, new, 1)
    (problem,) = [it for it in lint(text) if it.path == path]
    assert (problem.line, problem.column) == (line, column)


def test_of_two_entries_with_one_key_each_is_told_by_its_number() -> None:
    text = RULE.replace("RULE", '"area > 1"') + '[[stages]]\nkey = "one"\ntitle = "Again"\n'
    assert str(lint(text)[0]) == (
        'line 14, column 7: stages[1].key: the stage or sub-stage "one" exists already; '
        "see stages[0].key"
    )


def test_a_byte_order_mark_and_windows_line_ends_move_nothing() -> None:
    text = RULE.replace("RULE", '"aera > 1"')
    assert lint("\ufeff" + text.replace("\n", "\r\n")) == lint(text)


def test_keys_with_dots_stand_in_quotes_in_a_path() -> None:
    assert step("account.tier") == '"account.tier"'
    text = RULE.replace("RULE", '"amount > 1"').replace(
        '"area", kind = "number"', '"my.area", kind = "are"'
    )
    problem = lint(text)[0]
    assert (problem.path, problem.line, problem.column) == ('facts."my.area".kind', 4, 37)
