"""What is given to a playbook in the place of a key or a path is refused in our own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesflow.errors import InvalidPlaybook, UnknownName
from salesflow.facts import FACT_TITLES
from salesflow.playbook import Playbook, lint_file

TINY = 'id = "x"\nversion = "1"\ntitle = "X"\n[[stages]]\nkey = "a"\ntitle = "A"\n'


@pytest.mark.parametrize("key", [None, 5, [], {}, b"survey", "nope"])
@pytest.mark.parametrize("ask", ["stage", "position", "next_of", "moves_from", "must_have_left"])
def test_a_key_that_is_none_is_an_unknown_name(bridge: Playbook, ask: str, key: object) -> None:
    with pytest.raises(UnknownName, match="There is no stage"):
        getattr(bridge, ask)(key)


@pytest.mark.parametrize("path", [None, 5, b"x.toml", [], {}])
def test_a_path_that_is_none_is_refused(path: object) -> None:
    for read in (Playbook.from_file, lint_file):
        with pytest.raises(InvalidPlaybook, match=r"a path is a str or a Path, not \w+\."):
            read(path)  # type: ignore[arg-type]


def test_bytes_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidPlaybook, match="bytes are expected, not str"):
        Playbook.from_bytes(TINY)  # type: ignore[arg-type]


def test_one_byte_order_mark_is_left_out_and_a_second_is_refused(tmp_path: Path) -> None:
    for suffix, text in (("toml", TINY), ("json", Playbook.from_toml(TINY).to_json())):
        path = tmp_path / f"x.{suffix}"
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert Playbook.from_file(path) == Playbook.from_toml(TINY)
        assert lint_file(path) == ()
        path.write_bytes(b"\xef\xbb\xbf" * 2 + text.encode())
        with pytest.raises(InvalidPlaybook):
            Playbook.from_file(path)
        assert [problem.severity for problem in lint_file(path)] == ["error"]
    assert Playbook.from_toml("\ufeff" + TINY) == Playbook.from_toml(TINY)
    with pytest.raises(InvalidPlaybook):
        Playbook.from_toml("\ufeff\ufeff" + TINY)
    with pytest.raises(InvalidPlaybook):
        Playbook.from_bytes(b"\xef\xbb\xbf" * 2 + TINY.encode())


def test_its_titles_of_facts_have_those_of_the_standard_facts(bridge: Playbook) -> None:
    assert FACT_TITLES.items() <= bridge.fact_titles.items()
    assert str(bridge.fact_titles["span_metres"]) == "Span in metres"
