"""One thing has one name in Chinese, in every text of the product and on its pages.

A playbook says what its source says. So most words are looked for beside the English that they
stand for: 标准 is wrong for a criterion of ours and right for what a customer decides by.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

PACKAGE: Final = Path("src/salesflow")
PAGES: Final = (*Path("docs").rglob("*.zh.md"), Path("README.zh-CN.md"), Path("mkdocs.zh.yml"))


class Settled(NamedTuple):
    """The word for a thing, and those that are not it where the English says this."""

    english: str
    word: str
    not_it: str


WORDS: Final = (
    Settled(r"^(?!.*opportunit).*\bdeals?\b", "项目", "商机"),
    Settled(r"(?<!success )criterion|criteria met", "条件", "标准"),
    Settled(r"instrument", "计划文件", "工具"),
    Settled(r"\bjudge(?!d wrongly)", "判断", "评判"),
    Settled(r"\btracks? ", "并行事项", "并行线|该流程"),
    Settled(r"\bwarning", "警告", "提醒"),
    Settled(r"\bfacts?\b", "数据项", "事实"),
    Settled(r"on hold", "暂缓", "搁置|暂停(?!计时)"),
    Settled(r"the probability\b", "赢率", "成功率|概率"),
    Settled(r"\bbands?\b", "分段", "等级"),
    Settled(r"\bsections?\b", "部分", "分组"),
    Settled(r"(was|is) asked for|asked for by", "提请", "(?<!变更)申请|请求"),
    Settled(r"delegat", "委托", "授权|转授"),
    Settled(r"disqualif", "不合格", "放弃"),
    Settled(r"\bclosed\b", "关闭", "结束日期"),
    Settled(r"the territory plan|^territory plan", "区域计划", "领域计划"),
    Settled(r"^an? text\b", "文本", "文字"),
    Settled(r"^move|\bmoves \{", "路径", "流转"),
)
NOWHERE: Final = {
    "必备标准": "必备条件",
    "必要条件": "必备条件",
    "并行线": "并行事项",
    "商机计划": "项目计划",
    "商机评估": "项目评估",
    "通用检查表": "共用检查表",
    "对应方案": "对应关系",
    "到期事项": "待办事项",
    "定期事项": "例行事项",
    "计划工具": "计划文件",
}

SIGN_MEANT: Final = re.compile(r"写作 ,|\(\{0\},\)")
"""A sign that is spoken of, and is written so in a rule."""


class Said(NamedTuple):
    """A text of the product in its two languages."""

    where: str
    english: str
    chinese: str


def words_of(node: ast.expr) -> str:
    """A text as the program has it, with what varies as it is written."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return ast.unparse(node)


def said_in_code(path: Path) -> Iterator[Said]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            named = {it.arg: words_of(it.value) for it in node.keywords}
            if "en" in named and "zh" in named:
                yield Said(f"{path}:{node.lineno}", named["en"], named["zh"])


def said_in_table(where: str, value: object) -> Iterator[Said]:
    if isinstance(value, list):
        for item in value:
            yield from said_in_table(where, item)
    elif isinstance(value, dict):
        match value:
            case {"en": str(english), "zh": str(chinese)}:
                yield Said(where, english, chinese)
            case _:
                for name, inner in value.items():
                    yield from said_in_table(f"{where} {name}", inner)


_SIGN: Final = re.compile("[\u4e00-\u9fff”》）。] ?[,;:(]|[,;:)] ?[\u4e00-\u9fff“（《]")
_CODE: Final = re.compile(r"\w+\(…\)|\w+\([^()\u4e00-\u9fff]*\)")


def half_width(text: str) -> list[str]:
    """Where a comma, semicolon, colon or parenthesis beside a Chinese word is that of English.

    What closes a call such as `days_since(…)` belongs to it.
    """
    bare = _CODE.sub("…", text)
    return [bare[max(0, it.start() - 20) : it.end() + 20] for it in _SIGN.finditer(bare)]


@cache
def texts() -> tuple[Said, ...]:
    found: list[Said] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        found += said_in_code(path)
    for path in sorted(PACKAGE.rglob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if path.name == "problems.zh.toml":
            found += (Said(str(path), english, chinese) for english, chinese in table.items())
        found += said_in_table(str(path), table)
    return tuple(found)


def told(row: Settled) -> list[Said]:
    english = re.compile(row.english, re.IGNORECASE)
    return [it for it in texts() if english.search(it.english)]


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row.word)
def test_it_is_called_by_its_word_and_by_no_other(row: Settled) -> None:
    said = told(row)
    assert [it for it in said if row.word in it.chinese]
    assert [it for it in said if re.search(row.not_it, it.chinese)] == []


def test_punctuation_beside_chinese_words_is_that_of_chinese() -> None:
    said = ((it.where, half_width(SIGN_MEANT.sub("…", it.chinese))) for it in texts())
    assert [it for it in said if it[1]] == []


@pytest.mark.parametrize("other", NOWHERE)
def test_no_text_and_no_page_has_the_other_word(other: str) -> None:
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.toml"), *PAGES]
    assert [str(it) for it in files if other in it.read_text(encoding="utf-8")] == []
