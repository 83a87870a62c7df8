"""What the names of columns say: keys, titles, the names that CRMs have, usual headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from salesflow._data import read_data
from salesflow._labels import LabelReader, normal
from salesflow.facts import BEFORE, CURRENCY, NOT_APPLICABLE
from salesflow.pipeline._frames.frame_columns import UNIT
from salesflow.pipeline._frames.labels import texts_of
from salesflow.pipeline._suggest.suggestion import KEY, STAGE, Candidate, MatchedBy
from salesflow.pipeline.exports._tables import layouts, normal_name
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import CATEGORY
from salesflow.rules.ast import REACHED

CONFIDENCE: Final[Mapping[MatchedBy, float]] = {
    "said": 1.0,
    "key": 0.95,
    "title": 0.9,
    "crm": 0.9,
    "word": 0.9,
    "heading": 0.8,
    "values": 0.6,
    "similar": 0.5,
}
_LONGEST: Final = 200
_LEAST_OF_CRM: Final = 4
_LEAST_OF_ITS_OWN: Final = 2
_PARTS: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_BRACKET: Final = re.compile(r"[(（\[【]([^)）\]】]*)")
_DAYS: Final = frozenset({"expected_close_on", "closed_on"})
# So many have these that they tell nothing of where a file is from.
_ANYWHERE: Final = frozenset(
    {
        *("id", "name", "stage", "amount", "owner", "probability", "currency", "source", "type"),
        *("status", "won", "closed", "outcome", "nextstep", "industry", "value", "account"),
    }
)
_ARTICLES: Final = ("the ", "a ", "an ")
_COMPUTED: Final = (BEFORE, NOT_APPLICABLE, REACHED, "score.", "waived.", CATEGORY)


def named(playbook: Playbook, columns: Sequence[str]) -> dict[str, list[Candidate]]:
    """By column, what its name may stand for, the best first."""
    # What stood beside the numbers of another column is that of no fact.
    units = {column for column in columns if column.endswith(UNIT)}
    units = {column for column in units if column.removesuffix(UNIT) in columns}
    found = {column: [] if column in units else _candidates(playbook, column) for column in columns}
    for crm in crms(columns):
        for target, column in _of_crm(crm, columns):
            if target in {KEY, STAGE} or target in playbook.facts:
                found[column].append(candidate(target, "crm"))
    for names in _table()["crms"].values():
        index = {normal(column): column for column in columns}
        held = {target: index[name] for target, name in names.items() if name in index}
        if len(held) >= _LEAST_OF_CRM and "stage" in held:
            for target, column in held.items():
                if target in {KEY, STAGE} or target in playbook.facts:
                    found[column].append(candidate(target, "crm"))
    for column, candidates in found.items():
        if not candidates and column not in units:
            near = _names(playbook).nearest(_bare(column)) if len(column) <= _LONGEST else None
            if near is not None and not _says_less(column, near):
                candidates.append(candidate(near, "similar"))
    return {column: ranked(candidates) for column, candidates in found.items()}


def candidate(target: str, by: MatchedBy, confidence: float | None = None) -> Candidate:
    """A candidate with the confidence of its evidence."""
    return Candidate(
        target=target, by=by, confidence=CONFIDENCE[by] if confidence is None else confidence
    )


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One for each target, the best first."""
    best: dict[str, Candidate] = {}
    for one in candidates:
        if one.target not in best or one.confidence > best[one.target].confidence:
            best[one.target] = one
    return sorted(best.values(), key=lambda one: -one.confidence)


def clear(candidates: Sequence[Candidate]) -> Candidate | None:
    """The best, where no other is as good; never one whose name is only similar."""
    if not candidates or candidates[0].by == "similar":
        return None
    tied = len(candidates) > 1 and candidates[1].confidence == candidates[0].confidence
    return None if tied else candidates[0]


def crms(columns: Sequence[str]) -> list[str]:
    """The CRMs whose exports have most of these columns; none where too few are there."""
    counts = {}
    for name, layout in layouts().items():
        table = layout.tables["opportunities"]
        held = dict(_of_crm(name, columns))
        wanted = {KEY if needed == "id" else needed for needed in table.needed}
        own = {column for column in held.values() if normal_name(column) not in _ANYWHERE}
        enough = len(held) >= _LEAST_OF_CRM and len(own) >= _LEAST_OF_ITS_OWN
        if wanted <= held.keys() and enough:
            counts[name] = len(held)
    most = max(counts.values(), default=0)
    return [name for name, count in counts.items() if count == most]


def _of_crm(crm: str, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What an export of a CRM holds, and the column; of several names the first counts."""
    index: dict[str, list[str]] = {}
    for column in columns:
        index.setdefault(normal_name(column[:_LONGEST]), []).append(column)
    table = layouts()[crm].tables["opportunities"]
    outcome = {"outcome": table.ends.outcome} if table.ends is not None else {}
    for target, names in {**table.names, **outcome}.items():
        first = next((index[name] for name in names if name in index), [])
        for column in first:
            yield KEY if target == "id" else target, column


def _candidates(playbook: Playbook, column: str) -> list[Candidate]:
    if column == STAGE or (column in playbook.facts and column != KEY):
        return [candidate(column, "key", 1.0)]
    found = (
        _read(playbook, column)
        or _closing(playbook, column)
        or _currency(playbook, column)
        or _read(playbook, _of_deal(column))
    )
    if not found:
        found = _read(playbook, _bare(column))
        if any(one.target in _DAYS for one in found) and not _is_form(column):
            found = [candidate(day, "similar") for day in sorted(_DAYS) if day in playbook.facts]
    if not found and any(_may_be_key(playbook, column, end) for end in _keys()["ends"]):
        found.append(candidate(KEY, "similar"))
    return found


def _may_be_key(playbook: Playbook, column: str, end: str) -> bool:
    """Whether a name ends like that of a key, and not like the key of something else."""
    name, others = normal(column), _keys()["of_others"]
    of_others = any(name.startswith(normal(other)) for other in others)
    if not name.endswith(normal(end)) or of_others or not {*_parts(column)}.isdisjoint(others):
        return False
    return not _read(playbook, name[: -len(normal(end))])


def _parts(column: str) -> list[str]:
    return [part.casefold() for part in _PARTS.split(column[:_LONGEST]) if part]


def _says_less(column: str, fact: str) -> bool:
    """Whether a name has some words of a fact's and lacks several: it may well be another one."""
    words, wanted = set(_parts(column)), set(_parts(fact))
    return bool(words & wanted) and len(wanted - words) > 1


def _currency(playbook: Playbook, column: str) -> list[Candidate]:
    """Of a name that ends with a word for a currency, that of the amount before it."""
    for word in _table()["parts"]["currency"]:
        text = column[:_LONGEST].strip()
        rest = text[: -len(word)].rstrip(" _-.:")
        if rest and text.casefold().endswith(word):
            read = _read(playbook, rest) or _read(playbook, _bare(rest))
            facts = [f"{one.target}{CURRENCY}" for one in read]
            return [candidate(fact, "heading") for fact in facts if fact in playbook.facts]
    return []


def _of_deal(column: str) -> str:
    """A name without the word for a deal before it."""
    first, *others = _parts(column) or [""]
    return " ".join(others) if first in _table()["parts"]["deal"] else ""


def by_values(column: str) -> list[str]:
    """The facts that a column of this name may hold, where its values are words for them."""
    name = normal(column)
    return [fact for fact, names in _table()["by_values"].items() if name in map(normal, names)]


def _read(playbook: Playbook, column: str) -> list[Candidate]:
    """What a name is, as a key, a title or a usual heading."""
    name = normal(column)
    found = [
        candidate(target, "key" if name == normal(target) else "title")
        for target in _names(playbook).read(column)
    ]
    return found + [
        candidate(target, "heading")
        for target in _headings().read(column)
        if target in {KEY, STAGE} or target in playbook.facts
    ]


def _closing(playbook: Playbook, column: str) -> list[Candidate]:
    """Of a close date that a word in its name says to be the expected or the actual one."""
    said = _table()["closing"]
    parts = _parts(column)
    told = set()
    for fact in sorted(_DAYS):
        for word in said[fact]:
            left = _without(word, parts)
            if left != parts:
                parts = left
                told.add(fact)
    rest = " ".join(parts)
    read = set(_headings().read(rest))
    is_closing = read & _DAYS or normal(rest) in {normal(it) for it in said["of"]}
    if not told or not is_closing:
        return []
    by: MatchedBy = "heading" if len(told) == 1 else "similar"
    return [candidate(fact, by) for fact in sorted(told) if fact in playbook.facts]


def _without(word: str, parts: Sequence[str]) -> list[str]:
    if word.isascii():
        return [part for part in parts if part != word]
    return [left for part in parts if (left := part.replace(word, ""))]


def _is_form(column: str) -> bool:
    """Whether what stands in brackets says no more than how days are written."""
    parts = [part.casefold() for it in _BRACKET.findall(column) for part in _PARTS.split(it)]
    return {part for part in parts if part} <= set(_table()["closing"]["forms"])


def is_name(column: str) -> bool:
    """Whether a column is called like the name of a deal."""
    return normal(column) in {normal(name) for name in _keys()["names"]}


def _bare(column: str) -> str:
    """A name without its article, and without what stands in brackets behind it."""
    text = column[:_LONGEST].strip()
    for article in _ARTICLES:
        if text.casefold().startswith(article):
            text = text[len(article) :]
    for opening in "(（[【":
        text = text.partition(opening)[0] or text
    return text


@kept_with_playbook
def _names(playbook: Playbook) -> LabelReader:
    """Reads names of columns as facts: their keys and titles, with the article or without."""
    titles = playbook.facts.titles
    names: dict[str, list[str]] = {}
    for fact in playbook.facts:
        if not fact.startswith(_COMPUTED):
            said = texts_of(titles[fact]) if fact in titles else []
            names[fact] = [*said, *map(_bare, said)]
    return LabelReader(names, of_columns=True)


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    return read_data(__package__, "headings.toml")


def _keys() -> Mapping[str, Sequence[str]]:
    return _table()["keys"]


@cache
def _headings() -> LabelReader:
    return LabelReader(_table()["headings"], of_columns=True)
