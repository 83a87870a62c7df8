"""What `salesflow pipeline` says: of a report and of mistakes, and all its sentences."""

from __future__ import annotations

import re
import shlex
from ast import literal_eval
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from salesflow._translation import error_in, translated
from salesflow._unseen import quoted, shown
from salesflow.errors import Problem, SalesflowError
from salesflow.text import Language, Text, both, own_language

if TYPE_CHECKING:
    from salesflow.pipeline import FailedCheck, PipelineReport

_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'


def phrase(name: str, lang: Language) -> str:
    """A sentence in a language, with its gaps."""
    return _PHRASES[name].get(lang)


def judged(
    report: PipelineReport[Any],
    failed: Sequence[FailedCheck],
    warned: Sequence[FailedCheck],
    lang: Language,
) -> str:
    """The checks that have too many findings, what to do about them, and what follows."""
    lines = [
        line
        for word, checks in (("warned", warned), ("failed", failed))
        for each in checks
        for line in _judged(report, each, phrase(word, lang), lang)
    ]
    number = len({each.check for each in failed})
    result = "none_failed" if not number else "one_failed" if number == 1 else "some_failed"
    told = "\n".join([*lines, phrase(result, lang).format(n=number)])
    return in_its_words(told, lang)


def _judged(
    report: PipelineReport[Any], each: FailedCheck, word: str, lang: Language
) -> Iterator[str]:
    colon = phrase("colon", lang)
    if each.not_checked:
        listed = ", ".join(each.not_checked)
        yield f"{word} {each.check}{colon}{phrase('not_checked', lang).format(facts=listed)}"
        return
    said = each.figures(lang)
    if each.examples:
        listed = phrase("and", lang).join(str(key) for key in each.examples)
        said += phrase("for_instance", lang).format(keys=listed)
    yield f"{word} {each.check}{colon}{shown(said)}"
    yield f"  {report.message(each.check, lang)}"


def in_its_words(text: str, lang: Language) -> str:
    """A text of the library that names what only Python has, in words of the command."""
    for library, command in _IN_ITS_WORDS:
        text = text.replace(library.get(lang), command.get(lang))
    return text


def as_options(
    error: SalesflowError, lang: Language, keys: Sequence[str] = (), gap: str = ""
) -> str:
    """An error of the library in words of the command: its options, and what the map says.

    `keys` are columns that may be the key, where it is missing; `gap` is what to do about the rows
    without one, where the first of them nearly is it.
    """
    whole = SalesflowError(error.message, hint=_hint(error.hint), problems=error.problems)
    return error_in(whole, lang, (_in_words(it, lang, keys, gap) for it in error.problems))


def _in_words(problem: Problem, lang: Language, keys: Sequence[str], gap: str) -> Problem:
    hint = _hint(problem.hint)
    if problem.code == "no_key":
        lines = phrase("or", lang).join(f"key = {quoted(name)}" for name in keys or ["…"])
        hint = phrase("no_key_gap" if gap else "no_key", lang).format(lines=lines, gap=gap)
    found = translated(replace(problem, path=_option(problem.path), hint=hint, column=None), lang)
    message = found.message
    if own_language(lang) == "zh":
        for pattern, places in _PLACES.items():
            message = re.sub(pattern, places, message)
    return replace(found, message=message, hint=in_its_words(found.hint, lang))


def _option(path: str) -> str:
    if found := re.fullmatch(r"(columns|stages|values|scale)\['(.*)'\]", path):
        return f'[{found[1]}] "{found[2]}"'.replace("']['", '" "')
    found = re.fullmatch(r"(fail_if|warn_if|format|decimal|percent)\[(.*)\]|encoding", path)
    if found is None:
        return path
    if not found[1]:
        return "--encoding"
    name = {"format": "dates"}.get(found[1], found[1].replace("_", "-"))
    return f"--{name} {found[2]}"


def _hint(hint: str) -> str:
    for pattern, said in _HINTS.items():
        hint = re.sub(pattern, said, hint)
    return hint


def _named(option: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f"--{option} {shlex.quote(f'{_text(found[1])}={found[2]}')}"


def _text(quoted: str) -> str:
    """What stands between quotes in a hint, as somebody wrote it."""
    return str(literal_eval(f'"{quoted}"'))


_HINTS: Final[Mapping[str, Callable[[re.Match[str]], str]]] = {
    rf'format=\{{{_QUOTED}: "([^"]*)"\}}': _named("dates"),
    rf'decimal=\{{{_QUOTED}: "([^"]*)"\}}': _named("decimal"),
    r"missing=\[(.*)\]": lambda found: " ".join(
        f"--missing {shlex.quote(_text(text))}" for text in re.findall(_QUOTED, found[1])
    ),
    rf"unread_column=\{{{_QUOTED}: {_QUOTED}\}}": lambda _: "--unread-as-findings",
    r'tz="([^"]*)"': lambda found: f'in the map, tz = "{found[1]}"',
    r"encoding='([^']*)'": lambda found: f"--encoding {found[1]}",
    rf"(stages|columns)=\{{{_QUOTED}: {_QUOTED}\}}": lambda found: (
        f'in the map, [{found[1]}] "{found[2]}" = "{found[3]}"'
    ),
    r'currency_column="([^"]*)"': lambda found: f'in the map, [columns] "{found[1]}" = its name',
    rf"values=\{{{_QUOTED}: \{{'(.*)': (.*)\}}\}}": lambda found: (
        f'in the map, [values."{found[1]}"] "{found[2]}" = {found[3]}'
    ),
    rf"values=\{{{_QUOTED}: \{{": lambda found: f'in the map, [values."{found[1]}"] {{',
    r"; None for what is missing": lambda _: "; --missing for what stands for nothing",
}
_PLACES: Final[Mapping[str, str]] = {
    r"(?<=['…]) \(([0-9,]+) rows?, first on (?:row|line) ([0-9,]+)\)": r"（\1 行，首见于第 \2 行）",
    r"(?<=['…]) \(([0-9,]+) times\)": r"（\1 次）",
    r"(?<=['…]) \((?:row|line) ([0-9,]+)\)": r"（第 \1 行）",
    r"(?<=['…]) \(([0-9,]+) rows?\)": r"（\1 行）",
}
"""Behind a value in quotes, in Chinese: in how many rows it is, and where."""
_IN_ITS_WORDS: Final[Sequence[tuple[Text, Text]]] = (
    (
        both(en="give a rate for the currency in rates=", zh="请在 rates= 中给出该币种的汇率"),
        both(
            en="give a rate for the currency, in the file of --rates",
            zh="请在 --rates 的文件中给出该币种的汇率",
        ),
    ),
    (
        both(en="in values=", zh="在 values= 中"),
        both(en="in the map, in [values]", zh="在对应关系的 [values] 中"),
    ),
    (
        both(en="divide percentages by 100", zh="百分数请除以 100"),
        both(
            en="of a column that counts percents, say so with --percent",
            zh="以百分数计的列请用 --percent 说明",
        ),
    ),
    (
        both(en="divide by 100:", zh="除以 100："),
        both(en="say --percent, as 65 is 65 % in", zh="请写 --percent（65 即 65%）："),
    ),
    (
        both(en="playbook.facts lists them", zh="playbook.facts 列出了它们"),
        both(en="salesflow facts lists them", zh="salesflow facts 列出了它们"),
    ),
)
_PHRASES: Final[Mapping[str, Text]] = {
    "no_engine": both(
        en="{engine} is not installed; run pip install 'salesflow[polars]', or 'salesflow[duckdb]'",
        zh="未安装 {engine}；请运行 pip install 'salesflow[polars]' 或 'salesflow[duckdb]'",
    ),
    "no_as_of": both(
        en="--as-of is missing; write the day of the check, for instance --as-of 2026-01-31",
        zh="缺少 --as-of；请写检查日期，例如 --as-of 2026-01-31",
    ),
    "no_day": both(
        en="--as-of: {said} is no day; write for instance 2026-01-31",
        zh="--as-of：{said} 不是日期；例如 2026-01-31",
    ),
    "no_limit": both(
        en="{option}: {said} is no limit, or a second one; write NAME=LIMIT, for instance error=0, "
        "hygiene=5% or error=+0",
        zh="{option}：{said} 不是限度，或重复；请写 NAME=LIMIT，"
        "例如 error=0、hygiene=5% 或 error=+0",
    ),
    "twice_of_one": both(
        en="{option}: of the column {column} several things are said: {said}; say one",
        zh="{option}：对 {column} 列有多种说法：{said}；请只写一种",
    ),
    "twice_of_all": both(
        en="{option}: of all columns several things are said: {said}; say one, and of a column "
        "that differs {option} COLUMN=…",
        zh="{option}：对所有列有多种说法：{said}；请只写一种，不同的列请写 {option} 列名=…",
    ),
    "no_before": both(
        en="{option}: {said} is by how many more findings there are than before; name what --json "
        "wrote in the last run with --before, and in the first run leave this limit out",
        zh="{option}：{said} 以上次的问题数为准；请用 --before 指定上次由 --json 写出的文件，"
        "首次运行请不写该限度",
    ),
    "only_suggests": both(
        en="--suggest only writes a map, so that {option} cannot stand there",
        zh="--suggest 只写出对应关系，因此不能写 {option}",
    ),
    "taken": both(
        en="--suggest: {path} exists already; choose another name",
        zh="--suggest：{path} 已存在；请换一个名称",
    ),
    "stdin_twice": both(
        en="only one file can come from standard input", zh="只能有一个文件来自标准输入"
    ),
    "overwritten": both(
        en="{option} would overwrite {other}; choose another name",
        zh="{option} 会覆盖 {other}；请换一个名称",
    ),
    "reading": both(en="reading {name}", zh="正在读取 {name}"),
    "looking": both(en="looking at the columns", zh="正在查看各列"),
    "checking": both(en="checking", zh="正在检查"),
    "drafted": both(
        en="{path} is written; read it, correct it, and check with --map",
        zh="已写入 {path}；请阅读、修改，再用 --map 检查",
    ),
    "map": both(
        en="Proposed by salesflow from {file}: read it, correct it, and give it as --map.\n"
        "Columns: fact = column. Stages: label = stage, won, lost or disqualified.\n"
        "The stages of {playbook}: {stages}.",
        zh="由 salesflow 根据 {file} 草拟：请阅读、修改，再用 --map 指定。\n"
        "[columns] 中写“数据项 = 列名”；[stages] 中写“标签 = 阶段”，阶段也可以是\n"
        "won（赢单）、lost（输单）或 disqualified（不合格）。\n"
        "{playbook} 的阶段：{stages}。",
    ),
    "map_key": both(
        en="No column identifies a deal for sure. Say here which one does; where none does,\n"
        "number the rows of the file in a new one:",
        zh="没有哪一列确定能标识项目。请在此写明是哪一列；若没有列能标识项目，\n"
        "请在文件中新增一列给各行编号：",
    ),
    "map_key_gap": both(
        en="No column has a key in every row. Say here which one identifies a deal:",
        zh="没有哪一列在每行都有键。请在此写明由哪一列标识项目：",
    ),
    "map_percent": both(
        en="Numbers above 1 stand where shares are expected. If 65 is 65 %, check with",
        zh="应为比例的列中有大于 1 的数字。如果 65 即 65%，检查时请加上",
    ),
    "map_stage": both(
        en="No column of stages was recognised. Say here which one it is; a check then names\n"
        "each label that it does not know, to be written below [stages]:",
        zh="没有认出阶段所在的列。请在此写明是哪一列；检查时会列出不认识的标签，\n"
        "再把它们写在 [stages] 之下：",
    ),
    "map_closed_on": both(
        en="If this column holds of closed deals the day on which they were closed, write as\n"
        "well, below [columns]. Where it goes on holding the expected day, do not: a closed\n"
        "deal with a day ahead would lie after the day of the check and count in no figure.",
        zh="如果已关闭项目的这一列是实际关闭日期，请在 [columns] 之下再写一行。\n"
        "如果仍是预计成交日期，则不要写：已关闭的项目若日期在后，会被当作晚于检查日期，\n"
        "不计入任何数字。",
    ),
    "map_unit": both(
        en="The heading {column} may name a unit. If numbers count it, say so:",
        zh="列名 {column} 中可能带有单位。如果数字以它为单位，请写明：",
    ),
    "map_scale": both(
        en="[scale] follows from the heading {column}: check it.",
        zh="[scale] 是根据列名 {column} 得出的，请核对。",
    ),
    "map_columns": both(en="Columns that stand for nothing so far:", zh="以下各列目前没有对应："),
    "map_labels": both(
        en="Words of which somebody has to say what they stand for:",
        zh="以下词语需要有人说明其含义：",
    ),
    "map_missing": both(
        en="Texts that count as values; if they stand for nothing, check with",
        zh="以下文本目前算作值；如果它们表示“无”，检查时请加上",
    ),
    "map_may_be": both(en=" ({targets}?)", zh="（是否为 {targets}？）"),
    "map_rows": both(en=", rows: {n:,}", zh="，{n:,} 行"),
    "failed": both(en="FAILED", zh="超限"),
    "warned": both(en="warning", zh="警告"),
    "colon": both(en=": ", zh="："),
    "for_instance": both(en="; for instance {keys}", zh="；例如 {keys}"),
    "and": both(en=", ", zh="、"),
    "or": both(en=" or ", zh=" 或 "),
    "currency": both(
        en="The texts of {column} are amounts in {named}.",
        zh="{column} 的金额文本币种为 {named}。",
    ),
    "currencies": both(
        en="The texts of {column} are amounts in several currencies, of which each is kept: "
        "{named}. Without a rate into the playbook's currency (--rates) an amount is unknown.",
        zh="{column} 的金额文本含多个币种，各自保留：{named}。没有到流程币种的汇率（--rates）时，"
        "金额为未知。",
    ),
    "no_key": both(
        en="write in the map, above its tables, {lines}; where no column identifies a deal, number "
        "the rows in a new one",
        zh="请在对应关系各表之前写 {lines}；若没有列能标识项目，请新增一列给各行编号",
    ),
    "no_key_gap": both(
        en="write in the map, above its tables, {lines}; {gap}",
        zh="请在对应关系各表之前写 {lines}；{gap}",
    ),
    "own_stages": both(
        en="Most labels fit no stage: if these are the stages of your own CRM, write a playbook "
        "with them, which takes ten lines (docs/tutorials/command.md#check-a-file-of-deals).",
        zh="多数标签不属于任何阶段：如果这些是您自己 CRM 的阶段，请用它们写一份流程，"
        "十行即可（docs/tutorials/command.zh.md#check-a-file-of-deals）。",
    ),
    "lines": both(en="line {lines}", zh="第 {lines} 行"),
    "line_text": both(en="line {line}: {text}", zh="第 {line} 行：{text}"),
    "in_brackets": both(en=" ({told})", zh="（{told}）"),
    "gap": both(
        en="In {column} {n:,} of {rows:,} rows has no key{where}: remove the row, or give it a key",
        zh="{column} 列的 {rows:,} 行中有 {n:,} 行没有键{where}：请删除该行，或为其填写键",
    ),
    "gaps": both(
        en="In {column} {n:,} of {rows:,} rows have no key{where}: remove the rows, or give each "
        "a key",
        zh="{column} 列的 {rows:,} 行中有 {n:,} 行没有键{where}：请删除这些行，或逐行填写键",
    ),
    "plain": both(
        en='{n:,} amount has no currency{where}: say currency = "{code}" in the map, above its '
        "tables, if it is in {code}; otherwise it is unknown",
        zh="{n:,} 个金额没有币种{where}：如果是 {code}，请在对应关系各表之前写 "
        'currency = "{code}"；否则该金额为未知',
    ),
    "plains": both(
        en='{n:,} amounts have no currency{where}: say currency = "{code}" in the map, above its '
        "tables, if they are in {code}; otherwise they are unknown",
        zh="{n:,} 个金额没有币种{where}：如果是 {code}，请在对应关系各表之前写 "
        'currency = "{code}"；否则这些金额为未知',
    ),
    "sum": both(
        en="{n:,} row looks like a sum and not like a deal{where}: remove it",
        zh="{n:,} 行看似合计，不是项目{where}：请删除",
    ),
    "sums": both(
        en="{n:,} rows look like sums and not like deals{where}: remove them",
        zh="{n:,} 行看似合计，不是项目{where}：请删除",
    ),
    "not_checked": both(
        en="it could not be checked, for no column holds {facts}",
        zh="无法检查，没有数据列提供 {facts}",
    ),
    "none_failed": both(en="No check has more findings than allowed.", zh="没有检查超出限度。"),
    "one_failed": both(en="1 check has more findings than allowed.", zh="有 1 项检查超出限度。"),
    "some_failed": both(
        en="{n} checks have more findings than allowed.", zh="有 {n} 项检查超出限度。"
    ),
}
