"""`salesflow check --fix`: slips with one meaning are mended, and nothing else is touched."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.cli._fix import _standing, mended
from salesflow.cli._toml import TOKENS
from salesflow.playbooks import BUILT_IN, playbook_source
from tests.cli.conftest import BRIDGE, SMALL, Run

WHOLE = BRIDGE.read_text(encoding="utf-8")


def changed(text: str) -> list[tuple[str, str]]:
    return [(change.before.strip(), change.after.strip()) for change in mended(text)[1]]


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("id = “small”", 'id = "small"'),
        ("id = ‘small’", 'id = "small"'),
        ('id = “small"', 'id = "small"'),
        ('id = "small”', 'id = "small"'),
        ("id ＝ ＂small＂", 'id = "small"'),
        ('id　= "small"', 'id = "small"'),
    ],
)
def test_signs_of_an_input_method_become_those_of_toml(slip: str, right: str) -> None:
    assert changed(SMALL.replace('id = "small"', slip)) == [(slip, right)]


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("probability = ０．５", "probability = 0.5"),
        ("wins = True", "wins = true"),
        ("wins = FALSE  # not yet", "wins = false  # not yet"),
        ("roles = [“a”，“b”]", 'roles = ["a","b"]'),
        ("［ a ］", "[ a ]"),
    ],
)
def test_values_are_written_as_toml_has_them(slip: str, right: str) -> None:
    text = f'id = "x"\n{slip}\n'
    after, _ = mended(text)
    # `roles = …` and `[ a ]` are no playbook yet; that they can be read is better than before.
    assert after == f'id = "x"\n{right}\n'
    tomllib.loads(after)


@pytest.mark.parametrize("name", ["[[stagess]]", "[stages]", "[[stage]]", "【【stages】】"])
def test_a_heading_is_the_one_that_there_is(name: str) -> None:
    text = SMALL.replace("[[stages]]", name)
    assert mended(text)[0] == SMALL


@pytest.mark.parametrize("name", ["[stages.exit]", "[[stages.exitt]]", "[[stagess.exit]]"])
def test_a_heading_inside_a_table_is_the_one_that_there_is(name: str) -> None:
    assert mended(SMALL.replace("[[stages.exit]]", name))[0] == SMALL


def test_one_table_is_not_written_as_a_list() -> None:
    text = f"{SMALL}[[hygiene]]\nactivity_days = 14\n"
    assert changed(text) == [("[[hygiene]]", "[hygiene]")]


@pytest.mark.parametrize("name", ["[[steps]]", "[project]", "[[exit]]", "[tool.ruff]"])
def test_a_heading_that_could_mean_several_things_is_left(name: str) -> None:
    assert mended(f"{SMALL}{name}\n") == (f"{SMALL}{name}\n", ())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("RMB", "CNY"),
        ("rmb", "CNY"),
        ("人民币", "CNY"),
        ("usd", "USD"),
        ("NTD", "TWD"),
        ("£", "GBP"),
    ],
)
def test_a_currency_has_its_code(said: str, code: str) -> None:
    text = f'currency = "{said}"\n{SMALL}'
    assert changed(text) == [(f'currency = "{said}"', f'currency = "{code}"')]


@pytest.mark.parametrize("said", ["¥", "$", "元", "EUX", "RMBY"])
def test_a_currency_that_could_be_several_is_left(said: str) -> None:
    assert mended(f'currency = "{said}"\n{SMALL}')[1] == ()


def test_a_rule_is_typed_in_ascii_but_for_its_texts() -> None:
    rule = "amount ＞＝ １００ and account.name in （‘（甲）’， '（乙）')"
    text = SMALL.replace("amount > 0", rule.replace("‘", "'").replace("’", "'"))
    (change,) = mended(text)[1]
    assert change.after == "  rule = \"amount >= 100 and account.name in ('（甲）', '（乙）')\""
    assert change.line == 12


def test_what_a_text_or_a_comment_says_is_left() -> None:
    title = 'title = "“全角”（１００），True，[[stagess]]"  # RMB “x” ＝ True'
    text = f"{SMALL.replace('[[stages]]', '[[stagess]]')}".replace('title = "Talk"', title)
    assert mended(text)[0] == SMALL.replace('title = "Talk"', title)


def test_nothing_is_written_where_the_check_would_say_as_much(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f"名称 ＝ １\n{SMALL}", encoding="utf-8")
    before = path.stat().st_mtime_ns

    code, out, _ = run("check", "--fix", path)

    assert (code, "mended" in out) == (1, False)
    assert path.stat().st_mtime_ns == before


def test_a_line_with_words_in_chinese_is_left_while_others_are_mended() -> None:
    text = "id = “x”\nstages = 阶段，一\n"
    assert mended(text)[0] == 'id = "x"\nstages = 阶段，一\n'


def test_the_file_keeps_its_line_ends_its_mark_and_its_rights(run: Run, tmp_path: Path) -> None:
    path, link = tmp_path / "x.toml", tmp_path / "link.toml"
    path.write_bytes(
        b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").replace("[[stages]]", "[stages]").encode()
    )
    path.chmod(0o640)
    link.symlink_to(path)

    code, out, _ = run("check", "--fix", link)

    assert code == 0
    assert out.splitlines()[:3] == [f"{link}:5: mended", "  - [stages]", "  + [[stages]]"]
    assert out.endswith(": no problems\n")
    assert link.is_symlink()
    assert path.read_bytes() == b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir() if "mended" in each.name] == []


@pytest.mark.parametrize("end", ["", "\r", "\r\n", "\n", "\r\r\n", "\r\n\r"])
def test_every_end_of_a_line_stays(end: str) -> None:
    text = f"{SMALL}\r\n# a\r\r\nwins = True{end}"
    after, changes = mended(text.replace("[[stages]]", "[stages]"))
    assert changes
    assert after.replace("true", "True") == text


def test_what_is_no_file_in_toml_is_not_mended(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}", encoding="utf-8")
    for word in (path, "-", "project_tracking"):
        code, _, err = run("check", "--fix", word)
        assert code == 2
        assert "--fix mends files in TOML only" in err
    assert run("check", "--fix", tmp_path / "none.toml").code == 2


@pytest.mark.parametrize("key", BUILT_IN)
def test_a_file_without_problems_is_left(key: str) -> None:
    text = playbook_source(key).decode()
    assert mended(text) == (text, ())


SLIPS = {
    "[[stages]]": ("[[stagess]]", "[stages]", "［［stages］］"),
    "[[stages.exit]]": ("[stages.exit]", "[[stages.exitt]]"),
    " = true": (" = True", " = TRUE", " ＝ true"),
    'currency = "': ('currency ＝ "', 'currency　= "'),
}


@st.composite
def slipped(draw: st.DrawFn) -> str:
    """A good playbook with slips here and there."""
    text = WHOLE
    for right, slips in SLIPS.items():
        parts = text.split(right)
        joints = draw(
            st.lists(
                st.sampled_from((right, *slips)), min_size=len(parts) - 1, max_size=len(parts) - 1
            )
        )
        text = "".join(part + joint for part, joint in zip(parts, [*joints, ""], strict=True))
    return text


@pytest.mark.law
@given(slipped())
def test_mending_takes_back_every_slip(text: str) -> None:
    assert mended(text)[0] == WHOLE


LINES = st.lists(
    st.sampled_from(
        [
            *SMALL.splitlines(),
            *("“", "”", '"', "'''", '"""', "＝", "[stages]", "[[stagess]]", "x = True", "# “x”"),
            *('title = "a”', 'rule = "amount ＞ 1"', 'currency = "rmb"', "key = '", "\\"),
        ]
    ),
    max_size=12,
).map("\n".join)


@pytest.mark.law
@given(LINES | st.text(max_size=60))
def test_mending_keeps_lines_and_quoted_words_and_never_makes_it_worse(text: str) -> None:
    after, changes = mended(text)

    assert after.count("\n") == text.count("\n")
    assert (after == text) == (not changes)
    assert mended(after) == (after, ())
    comments = [found[0] for found in TOKENS.finditer(text) if found[0].startswith("#")]
    assert [it for it in comments if it not in after] == []
    assert not changes or _standing(after) > _standing(text)
