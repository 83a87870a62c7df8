"""Files of every kind, hostile ones too: one clear error, quickly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesflow.errors import InvalidPlaybook
from salesflow.playbook import Playbook, lint, lint_file
from tests.rules.work import steps

MIB = 1 << 20


def refused(read: Callable[[str], object], text: str) -> InvalidPlaybook:
    """The error, after work that grows with the text and no faster: in calls, four a character."""
    errors: list[InvalidPlaybook] = []

    def work() -> None:
        with pytest.raises(InvalidPlaybook) as caught:
            read(text)
        errors.append(caught.value)

    assert steps(work) < 10_000 + 4 * len(text)
    return errors[0]


HOSTILE_TOML = {
    "a dotted key of 20,000 parts": "a" + ".a" * 20_000 + "=1",
    "a dotted key with spaces and quotes": "a" + ' . "b"' * 20_000 + "=1",
    "a table header of many parts": "[" + "a." * 20_000 + "a]",
    "many long headers": "\n".join(f"[[a{i}.{'.'.join('b' * 14)}]]" for i in range(20_000)),
    "brackets": "a=" + "[" * 500_000,
    "balanced brackets": "a=" + "[" * 40 + "]" * 40,
    "brackets after strings": 'a=["]",' * 100_000,
    "brackets behind a closing quote of five": "a='''x'''''\nb=" + "[" * 40 + "]" * 40,
    "inline tables": "a=" + "{a=" * 200_000,
    "brackets and tables": "a=" + "[{b=" * 20 + "1" + "}]" * 20,
    "a million headers": "[[stages]]\n" * 95_000,
    "half a million values": "a=[" + "1," * 500_000 + "]",
    "a very long word": "a" * (MIB - 10),
    "spaces": "a" + " " * (MIB - 10),
    "dots among spaces": ("a" + " " * 1_000) * 1_000,
    "quotes": '"' * (MIB - 2),
    "single quotes": "'" * (MIB - 2),
    "an unfinished text full of quotes": 'a="""' + '\\"""' * 200_000,
    "backslashes": 'a="' + "\\" * (MIB - 10),
    "unfinished triple quotes": '""" \\' * 170_000,
    "digits": "a=" + "9" * 100_000,
    "a NUL": 'a="\0"',
    "ten megabytes": 'a="' + "x" * 10_000_000 + '"',
    "two megabytes in Chinese": 'a="' + "流" * 700_000 + '"',
    "a comment": "#" * (MIB - 2),
    "nothing": "",
    "a key twice": 'id = "a"\nid = "b"',
    "half a surrogate pair": 'id = "\ud800"',
}

HOSTILE_JSON = {
    "brackets": "[" * 1_000_000,
    "objects": '{"a":' * 500_000,
    "a million stages": '{"stages":[' + ",".join(["{}"] * 1_000_000) + "]}",
    "a million stages that are numbers": '{"stages":[' + "1," * 1_000_000 + "1]}",
    "a million unknown keys": "{" + ",".join(f'"k{i}":1' for i in range(200_000)) + "}",
    "a key twice": '{"id": "a", "id": "b"}',
    "not a number": '{"id": NaN}',
    "infinity": '{"hygiene": {"activity_days": 1e999}}',
    "many digits": '{"version": ' + "9" * 10_000 + "}",
    "a list": "[]",
    "broken": '{"id":}',
    "nothing": "",
    "half a surrogate pair": '{"id": "x", "title": "\\ud800"}',
}


@pytest.mark.parametrize("what", HOSTILE_TOML)
def test_hostile_toml_gets_one_clear_error_quickly(what: str) -> None:
    error = refused(Playbook.from_toml, HOSTILE_TOML[what])
    assert len(str(error)) < 10_000
    assert error.__cause__ is None


@pytest.mark.parametrize("what", HOSTILE_JSON)
def test_hostile_json_gets_one_clear_error_quickly(what: str) -> None:
    error = refused(Playbook.from_json, HOSTILE_JSON[what])
    assert len(error.problems) <= 201
    assert len(str(error)) < 10_000


def test_what_only_looks_deep_is_read() -> None:
    text = """
    id = "x"
    version = "1"
    title = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t"
    # [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t
    summary = '''
    it's "quoted" {{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{
    '''
    source = \"\"\"\\\"\"\" [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"\"\"
    stages = [{ key = "one", title = "One" }]
    """
    assert Playbook.from_toml(text).id == "x"


def test_an_error_of_syntax_says_where() -> None:
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml('id = "x"\nversion = 1.0.0\n')
    assert str(caught.value.problems[0]) == (
        'line 2, column 11: 1.0.0 is no number; write a number alone, or a text in quotes: "1.0.0"'
    )
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_json('{\n"id": }')
    assert str(caught.value.problems[0]).startswith("line 2, column 7: this is not valid JSON")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("suffix", [".toml", ".json", ".TOML"])
def test_a_file_may_have_a_byte_order_mark(
    tmp_path: Path, bridge: Playbook, bridge_text: str, encoding: str, suffix: str
) -> None:
    path = tmp_path / f"bridge{suffix}"
    text = bridge.to_json() if suffix == ".json" else bridge_text
    path.write_text(text, encoding=encoding)
    assert Playbook.from_file(path) == Playbook.from_file(str(path)) == bridge
    assert lint_file(path) == ()


def test_windows_line_ends_are_read(bridge: Playbook, bridge_text: str) -> None:
    assert Playbook.from_toml(bridge_text.replace("\n", "\r\n")) == bridge


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "gb18030", "big5"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes('title = "客戶"'.encode(encoding))
    with pytest.raises(InvalidPlaybook):
        Playbook.from_file(path)
    (problem, *_) = lint_file(path)
    if encoding in {"gb18030", "big5", "utf-16"}:
        assert problem.code == "encoding"
        assert problem.hint.endswith("save the file as UTF-8")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidPlaybook, match="no such file"):
        Playbook.from_file(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InvalidPlaybook, match="cannot be read"):
        lint_file(tmp_path / "folder.toml")
    with pytest.raises(InvalidPlaybook, match=r"neither \.toml nor \.json"):
        Playbook.from_file(tmp_path / "x.yaml")


def test_a_file_that_is_too_long_is_not_even_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text('title = "' + "流" * 2_000_000 + '"', encoding="utf-8")
    with pytest.raises(InvalidPlaybook, match="longer than"):
        Playbook.from_file(path)


@pytest.mark.parametrize("value", [b"id = 1", None, 7, {"id": "x"}])
def test_only_text_is_parsed(value: Any) -> None:
    for method in (Playbook.from_toml, Playbook.from_json):
        with pytest.raises(InvalidPlaybook, match="a text is expected, not"):
            method(value)


def test_lint_knows_two_formats() -> None:
    wrong: Any = "yaml"
    assert [problem.code for problem in lint("", format=wrong)] == ["syntax"]
    assert lint("{}", format="json") == lint("")


def test_json_keys_given_twice_are_all_listed() -> None:
    problems = lint('{"a": 1, "a": 2, "b": {"c": 1, "c": 1}}', format="json")
    assert [(problem.message, problem.line, problem.column) for problem in problems] == [
        ('the key "a" is given twice in one table', 1, 10),
        ('the key "c" is given twice in one table', 1, 32),
    ]


def test_the_json_of_a_playbook_near_the_limit_is_read_again() -> None:
    line = '{ key = "q%d", title = "%s" },\n'
    questions = "".join(line % (i, "流" * 1_300) for i in range(190))
    text = (
        'id = "x"\nversion = "1"\ntitle = "X"\nstages = [{ key = "one", title = "One" }]\n'
        f'[[checklists]]\nkey = "long"\nquestions = [\n{questions}]\n'
    )
    playbook = Playbook.from_toml(text)
    assert Playbook.from_json(playbook.to_json()) == playbook
    assert Playbook.from_json(json.dumps(json.loads(playbook.to_json()))) == playbook
