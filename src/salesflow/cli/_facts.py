"""`salesflow facts`: every name that a rule of a playbook may use."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow.cli._sources import one_source
from salesflow.cli._terminal import complain, say_json, say_table
from salesflow.facts import CURRENCY, NOT_APPLICABLE, STANDARD_FACTS, Fact
from salesflow.playbook import Playbook
from salesflow.playbook._fact_words import fact_words
from salesflow.terms import listing, titled_word
from salesflow.text import Language, Text, both, filled

if TYPE_CHECKING:
    from salesflow.errors import JsonData

_NONE: Final = both(en="no fact has all of: {words}", zh="没有同时包含这些词的数据项：{words}")
_STANDARD: Final = both(en="standard", zh="标准")
_DECLARED: Final = both(en="declared", zh="本流程声明")
_PROCESS: Final = both(en="process", zh="流程")
_SOURCES: Final = {
    "record": both(en="record {key}", zh="记录 {key}"),
    "checklist": both(en="checklist {key}", zh="检查表 {key}"),
    "criterion": both(en="criterion {key}", zh="条件 {key}"),
    "instrument": both(en="instrument {key}", zh="计划文件 {key}"),
    "role": both(en="role {key}", zh="角色 {key}"),
    "scorecard": both(en="scorecard {key}", zh="评分卡 {key}"),
    "stage": both(en="stage {key}", zh="阶段 {key}"),
    "track": both(en="track {key}", zh="并行事项 {key}"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A fact, as an author wants to know it.

    Attributes:
        fact: Its name, kind and limits.
        written: How a rule says it.
        title: What people call it; None where nobody says.
        sort: Where it comes from: `standard`, `declared`, `record`, `checklist`, `criterion` …
        key: The key of the record, checklist, criterion … that it comes from; else empty.
    """

    fact: Fact
    written: str
    title: Text | None
    sort: str
    key: str = ""

    def source(self) -> Text:
        """Where it comes from, in words."""
        plain = {"standard": _STANDARD, "declared": _DECLARED, "process": _PROCESS}
        return plain.get(self.sort) or filled(_SOURCES[self.sort], key=self.key)


def run(options: Namespace, lang: Language | None) -> int:
    """Print the facts; returns the exit code."""
    playbook = one_source(options.source).playbook()
    rows, lang = _rows(playbook), lang or playbook.main_language
    for word in options.word:
        rows = [row for row in rows if _has(row, word.casefold())]
    if options.format == "json":
        say_json({"facts": [_as_json(row) for row in rows]})
    elif rows:
        say_table([_cells(row, lang) for row in rows])
    else:
        complain(_NONE.get(lang).format(words=" ".join(options.word)))
    return 0 if rows else 1


def _rows(playbook: Playbook) -> list[Row]:
    # What sentences say, and where that is a title alone, the title in every language.
    titles = {**fact_words(playbook), **playbook.fact_titles, **_titles_of_parts(playbook)}
    return [
        Row(fact, _written(name), titles.get(name), *_origin(playbook, name))
        for name, fact in playbook.facts.items()
    ]


def _titles_of_parts(playbook: Playbook) -> dict[str, Text]:
    return {
        **{f"done.{key}": it.title for key, it in playbook.criteria.items()},
        **{f"done.{key}": it.title for key, it in playbook.instruments.items()},
        **{f"reached.{it.key}": it.title for it in playbook.stages},
        **{f"reached.{it.key}": it.title for it in playbook.positions},
    }


def _written(name: str) -> str:
    first, _, rest = name.partition(".")
    return f'reached("{rest}")' if first == "reached" else name


def _origin(playbook: Playbook, name: str) -> tuple[str, str]:
    """From what sort of part of the playbook a fact comes, and from which."""
    if name in STANDARD_FACTS:
        return "standard", ""
    if name in playbook.record_readers:
        return "record", playbook.record_readers[name][0].key
    if name.removesuffix(CURRENCY) in playbook.declared_facts or name in playbook.declared_facts:
        return "declared", ""
    first, _, rest = name.removeprefix(NOT_APPLICABLE).partition(".")
    key = rest.partition(".")[0]
    if first in playbook.checklists:
        return "checklist", first
    if key in playbook.criteria:
        return "criterion", key
    sorts = {
        "done": "instrument",
        "approval": "role",
        "score": "scorecard",
        "reached": "stage",
        "track": "track",
    }
    return (sorts[first], key) if first in sorts else ("process", "")


def _has(row: Row, word: str) -> bool:
    titles = [*([row.title] if row.title else []), *row.fact.choice_titles.values()]
    said = [row.written, *(title.get(lang) for title in titles for lang in title.languages)]
    return any(word in each.casefold() for each in said)


def _cells(row: Row, lang: Language) -> tuple[str, ...]:
    fact = row.fact
    limited = fact.unit or fact.low is not None or fact.high is not None or fact.pattern
    words = (titled_word(word, fact.choice_titles.get(word)) for word in fact.choices)
    values = listing(words).get(lang) or (fact.allowed.get(lang) if limited else "")
    return (
        row.written,
        str(fact.kind),
        row.source().get(lang),
        row.title.get(lang) if row.title else "",
        values,
    )


def _as_json(row: Row) -> JsonData:
    fact = row.fact
    return {
        "name": fact.name,
        "written": row.written,
        "kind": str(fact.kind),
        "title": None if row.title is None else row.title.model_dump(exclude_none=True),
        "choices": list(fact.choices),
        "choice_titles": {
            word: title.model_dump(exclude_none=True) for word, title in fact.choice_titles.items()
        },
        "unit": fact.unit,
        "low": fact.low,
        "high": fact.high,
        "pattern": fact.pattern,
        "currency": fact.currency,
        "source": row.sort,
        "of": row.key or None,
    }
