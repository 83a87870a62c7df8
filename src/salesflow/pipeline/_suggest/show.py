"""What is proposed of the columns for people: as a text, in a notebook and on a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from salesflow._show import Html, aligned, badge, key, line, plain, table, title
from salesflow.pipeline._wording import as_it_is
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._suggest.suggestion import (
        ColumnSuggestion,
        LabelSuggestion,
        NeededReader,
        Placeholder,
        Suggestion,
    )

NAME: Final = both(en="What the columns may hold", zh="各列可能的含义")
"""What the proposal is called."""
LISTED: Final = 40
"""So many labels are shown in a text."""
_NONE: Final = "-"
_CELL: Final = 60
_ORDER: Final = {"key": 0, "stage": 1}


def _found(it: ColumnSuggestion | LabelSuggestion, words: Mapping[str, str]) -> tuple[str, str]:
    """What it is taken for, and why; or why it is not."""
    best = it.candidates[0] if it.candidates else None
    if it.target is not None and best is not None:
        return it.target, words["why"].format(by=words[best.by], how=f"{best.confidence:g}")
    told = words["or"].join(dict.fromkeys(one.target for one in it.candidates))
    reason = words[it.reason or "unknown"]
    return _NONE, reason.format(told) if told else reason


def written(found: Suggestion, lang: Language) -> Iterator[str]:
    """A suggestion as lines of text: what each column and each label is taken for, and why."""
    words = in_language(lang, _PHRASES)
    yield _head(found, words)
    if found.exports:
        yield words["exports"].format(", ".join(found.exports))
    yield ""
    rows = [("", *_found(it, words), _shown(it.column)) for it in _placed_first(found.columns)]
    yield from aligned([("", words["target"], words["by"], words["column"]), *rows], (0, 1, 2, -1))
    if found.labels:
        yield ""
        told = [
            (_shown(it.column), f"{it.rows:,}", *_found(it, words), _shown(it.label))
            for it in found.labels[:LISTED]
        ]
        head = (words["column"], words["rows"], words["target"], words["by"], words["label"])
        yield from aligned([head, *told], (0, 2, 3, -1))
        if len(found.labels) > LISTED:
            yield words["more"].format(n=len(found.labels) - LISTED)
    for said, readers in _readers(found, words):
        yield ""
        yield said
        yield from (f"  {_to_do(it, words)}" for it in readers)
    if found.placeholders:
        yield ""
        yield words["placeholders"]
        yield from (f"  {_stands_for_nothing(it, words)}" for it in found.placeholders[:LISTED])
    if found.not_looked_at:
        yield ""
        yield words["not_looked_at"].format(", ".join(map(_shown, found.not_looked_at)))


def _readers(
    found: Suggestion, words: Mapping[str, str]
) -> Iterator[tuple[str, list[NeededReader]]]:
    """What a person has to do first, and what the mapping says already."""
    for head, is_clear in (("readers", False), ("units", True)):
        if listed := [it for it in found.readers if it.is_clear is is_clear]:
            yield words[head], listed


def _to_do(it: NeededReader, words: Mapping[str, str]) -> str:
    name = "scaled" if it.is_clear else it.reader
    told = words[name].format(column=_shown(it.column), fact=it.fact, n=it.scale)
    if it.currencies:
        key = "in_currency" if len(it.currencies) == 1 else "in_currencies"
        told += words[key].format(", ".join(it.currencies), fact=it.fact)
    return told


def _stands_for_nothing(it: Placeholder, words: Mapping[str, str]) -> str:
    column, said = _shown(it.column), _nothing(it)
    return words["placeholder"].format(column=column, said=said, n=it.rows)


def _nothing(it: Placeholder) -> str:
    """What says that it stands for nothing."""
    fact, text = (json.dumps(each, ensure_ascii=False) for each in (it.fact, it.text))
    return f"values={{{fact}: {{{text}: None}}}}"


def _shown(name: str) -> str:
    """A name in quotes, as it can be copied where it is not too long."""
    if len(name) > _CELL:
        return repr(plain(name, _CELL))
    said = as_it_is(name)
    return f"'{name}'" if said == name else said


def _named(name: str) -> Html:
    return key(as_it_is(name))


def _placed_first(columns: tuple[ColumnSuggestion, ...]) -> list[ColumnSuggestion]:
    """Key and stage, then facts, then what is open and has candidates."""
    return sorted(
        columns,
        key=lambda it: (_ORDER.get(it.target or "", 2), it.target is None, not it.candidates),
    )


def blocks(found: Suggestion, lang: Language, most: int | None) -> Iterator[Html]:
    """What is proposed; so many columns and labels at most."""
    words = in_language(lang, _PHRASES)
    yield line(title(_head(found, words)))
    if found.exports:
        yield line(words["exports"].format(", ".join(found.exports)))
    columns = [
        (_target(target), by, _named(it.column))
        for it in _placed_first(found.columns)[:most]
        for target, by in [_found(it, words)]
    ]
    of_columns = (words["target"], words["by"], words["column"])
    yield table(of_columns, columns, more=_more(len(found.columns) - len(columns), words))
    if found.labels:
        labels = [
            (
                _named(it.column),
                f"{it.rows:,}",
                _target(target),
                by,
                it.label,
            )
            for it in found.labels[:most]
            for target, by in [_found(it, words)]
        ]
        head = (words["column"], words["rows"], words["target"], words["by"], words["label"])
        yield table(head, labels, {1}, more=_more(len(found.labels) - len(labels), words))
    for said, readers in _readers(found, words):
        yield line(said)
        yield from (line(_to_do(it, words)) for it in readers)
    if found.placeholders:
        yield line(words["placeholders"])
        told = [
            (_named(it.column), f"{it.rows:,}", it.text, key(_nothing(it)))
            for it in found.placeholders[:most]
        ]
        yield table((words["column"], words["rows"], words["label"], words["to_say"]), told, {1})
    if found.not_looked_at:
        yield line(words["not_looked_at"].format(", ".join(map(_shown, found.not_looked_at))))


def _target(name: str) -> Html:
    return badge(name, "open") if name == _NONE else key(name)


def _more(number: int, words: Mapping[str, str]) -> str:
    return words["more"].format(n=number) if number > 0 else ""


def _head(found: Suggestion, words: Mapping[str, str]) -> str:
    placed = len(found.columns) - len(found.open_columns)
    return words["head"].format(n=found.rows, columns=len(found.columns), placed=placed)


_PHRASES: Final[Mapping[str, Text]] = {
    "why": both(en="{by} ({how})", zh="{by}（{how}）"),
    "head": both(
        en="{n:,} rows; {placed} of {columns} columns are placed",
        zh="{n:,} 行；{columns} 列中有 {placed} 列已对应",
    ),
    "exports": both(
        en="Columns as in an export of a CRM, which salesflow.pipeline.exports reads whole: {}",
        zh="列名与以下 CRM 的导出一致，可用 salesflow.pipeline.exports 整体读取：{}",
    ),
    "target": both(en="taken for", zh="视为"),
    "by": both(en="because", zh="依据"),
    "column": both(en="column", zh="列"),
    "label": both(en="label", zh="标签"),
    "rows": both(en="rows", zh="行数"),
    "or": both(en=" or ", zh=" 或 "),
    "said": both(en="the mapping says so", zh="对应关系已说明"),
    "key": both(en="its key", zh="键名一致"),
    "title": both(en="its title", zh="标题一致"),
    "crm": both(en="a CRM's name of it", zh="CRM 的列名"),
    "heading": both(en="a usual heading", zh="常用列名"),
    "word": both(en="a usual word", zh="常用词"),
    "values": both(en="its values fit", zh="取值符合"),
    "several": both(en="several are as good; say which: {}", zh="有多种同样合适的对应，请说明：{}"),
    "taken": both(en="another column is better for: {}", zh="另有更合适的列对应：{}"),
    "kind": both(en="its values are none of: {}", zh="取值不符合：{}"),
    "not_distinct": both(en="a value stands on several rows; not: {}", zh="有重复值，不能作为：{}"),
    "missing_keys": both(en="it is missing in some rows; not: {}", zh="部分行缺少其值，不取：{}"),
    "similar": both(en="only similar; say so if it is: {}", zh="仅名称相近，若是请说明：{}"),
    "unknown": both(en="nothing fits", zh="没有合适的对应"),
    "readers": both(en="To be done first:", zh="请先处理："),
    "read_days": both(
        en="read_days: {column}, as the day {fact}", zh="read_days：{column}（日期 {fact}）"
    ),
    "read_numbers": both(
        en="read_numbers: {column}, as the number {fact}",
        zh="read_numbers：{column}（数字 {fact}）",
    ),
    "in_currency": both(en="; its texts are in {}", zh="；金额文本的币种为 {}"),
    "in_currencies": both(
        en='; its texts are in several currencies, for currency_column="{fact}.currency": {}',
        zh='；金额文本含多个币种，请用 currency_column="{fact}.currency" 保留：{}',
    ),
    "to_say": both(en="how to say so", zh="说明方式"),
    "placeholders": both(
        en="These look as if they stood for nothing, and count as values until it is said:",
        zh="以下文本看似表示“无”，在说明之前仍算作取值：",
    ),
    "placeholder": both(en="{column}: {said}, rows: {n:,}", zh="{column}：{said}，行数：{n:,}"),
    "divide": both(
        en="divide by 100: {column}, as a share ({fact})", zh="除以 100：{column}（比例 {fact}）"
    ),
    "scale": both(
        en="the heading may name a unit: {column}; if its numbers count it, say scale for {fact}, "
        "{n:,}",
        zh="列名可能含单位：{column}；若数值以此计，请为 {fact} 指定 scale：{n:,}",
    ),
    "units": both(
        en="Headings name a unit, and scale in the mapping says so; take it out if it is wrong:",
        zh="列名含单位，已写入对应关系的 scale；若不符，请删去：",
    ),
    "scaled": both(
        en="{column}: a number counts {n:,} of {fact}", zh="{column}：{fact} 以 {n:,} 为单位"
    ),
    "more": both(en="… and {n} more", zh="……另有 {n} 个"),
    "not_looked_at": both(
        en="Not every label was looked at of: {}", zh="以下列的标签没有全部查看：{}"
    ),
}
