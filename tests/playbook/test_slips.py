"""Slips of TOML: what is told, and that the text as it was meant has the same lines."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.playbook import lint
from salesflow.playbook._mend import mend

TEXT = """id = "x"
version = "1"
title = "X"
[[stages]]
key = "one"
title = "One"
max_days = 30
  [[stages.exit]]
  key = "big"
  title = "Big"
  rule = "amount > 1"
"""

STRAY = st.sampled_from(
    [*"\"'[]{}=,.#:\\ \n“”，３（）、；：x0-", "'''", '"""', "[[", "]]", "\r\n", "\ufeff"]
)


@given(st.integers(0, len(TEXT)), st.integers(0, 3), st.lists(STRAY, max_size=3).map("".join))
def test_whatever_is_mistyped_has_a_line_of_the_text(at: int, gone: int, stray: str) -> None:
    text = f"{TEXT[:at]}{stray}{TEXT[at + gone :]}"
    lines = text.replace("\r\n", "\n").split("\n")
    for problem in lint(text):
        if problem.code == "too_many":
            continue
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 2


@given(st.integers(0, len(TEXT)), st.integers(0, 3), st.lists(STRAY, max_size=3).map("".join))
def test_a_text_as_it_was_meant_is_toml_of_the_same_lines(at: int, gone: int, stray: str) -> None:
    text = f"{TEXT[:at]}{stray}{TEXT[at + gone :]}".replace("\r\n", "\n")
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mended, problems, is_whole = mend(text, str(error))
        assert problems
        assert mended.count("\n") == text.count("\n")
        if is_whole:
            tomllib.loads(mended)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "says"),
    [
        ('title = "One"', "title = 'One", 6, 9, "end it with '"),
        ('title = "One"', 'title = """One', 6, 9, 'end it with """'),
        ('title = "One"', 'title = "One”', 6, 13, '” does not close a text; end it with "'),
        ('title = "One"', "title = ‘One’", 6, 9, "straight quotes"),
        ('title = "One"', 'title ： "One"', 6, 7, "write ="),
        ('title = "One"', 'title "One"', 6, 7, "the = between key and value is missing"),
        ('title = "One"', 'title = "One",', 6, 14, "leave it out"),
        ('title = "One"', 'title = "One" of two', 6, 15, "write # before it"),
        ("[[stages]]", '[["stagess"]]', 4, 3, "did you mean [[stages]]"),
        ("[[stages]]", "[[ 'stagess' ]]", 4, 4, "did you mean [[stages]]"),
        ('title = "One"', 'title = { en = "One" zh = "一" }', 6, 21, "a comma is missing here"),
        ('title = "One"', 'title = { en = "One"，zh = "一" }', 6, 21, "write ,"),
        ('title = "One"', '题目 = "One"', 6, 1, "neither a key nor a header"),
        ('title = "One"', 'title = "C:\\path"', 6, 12, "write \\\\"),
        ("[[stages]]", "【【stages】】", 4, 1, "write [["),
        ("[[stages]]", "[stages]]", 4, 1, "write [[stages]]"),
        ("= 30", "== 30", 7, 11, "one = too many"),
        ("= 30", "= 30天", 7, 12, "30天 is no number"),
        ("= 30", "= 3万", 7, 12, "write 30_000"),
        ("= 30", "= 30%", 7, 12, "write 0.3"),
        ("= 30", "= 5.", 7, 12, "write 5.0"),
        ("= 30", "= .5", 7, 12, "write 0 there"),
        ("= 30", "= 3;", 7, 13, "leave it out"),
        ("= 30", "= 3]", 7, 13, "] closes nothing"),
        ("= 30", "= None", 7, 12, "leave the key out"),
        ("[[stages]]", "[policy]\n[policy]\n[[stages]]", 5, 2, "that on line 4"),
        ("[[stages]]", 'stages = "y"\n[[stages]]', 5, 3, "the first is on line 4"),
        ("= 30", "= 30\nguidance = { tools = [], tools = [] }", 8, 26, "keep one"),
    ],
)
def test_a_slip_says_what_to_write(old: str, new: str, line: int, column: int, says: str) -> None:
    first, *others = lint(TEXT.replace(old, new, 1))
    assert (first.line, first.column) == (line, column), str(first)
    assert says in str(first)
    # What a mended value is worth is another matter.
    assert [other for other in others if (other.line, other.column) == (line, column)] == []
    assert len(others) <= 1


def test_after_twenty_slips_of_one_file_the_rest_is_left_for_later() -> None:
    text = TEXT + "".join(f"k{i} = True\n" for i in range(50))
    problems = lint(text)
    assert len(problems) == 21
    assert problems[-1].code == "too_many"


@pytest.mark.parametrize("deep", ["【" + "a。" * 20 + "a】", "a = " + "【" * 40 + "】" * 40])
def test_what_was_meant_is_measured_before_it_is_parsed(deep: str) -> None:
    assert [problem.code for problem in lint(f"{deep}\n")] == ["syntax", "too_deep"]
