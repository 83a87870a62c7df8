"""What stands between a finding and YES: the fewest leaves, with negation pushed down to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Final, TypeAlias

from salesflow.rules._compile import local_day
from salesflow.rules._findings import Blocker, Context, Finding, Part, Said
from salesflow.rules._verbalize import (
    Leaf,
    Names,
    bracketed,
    clipped,
    glued,
    joined,
    leaf_of,
    name_of,
    some,
    spoken,
    value_words,
)
from salesflow.rules._verdict import Verdict
from salesflow.rules.ast import REACHED, Age, AtLeast, Compare, Constant, Known, Not, Or, Reached
from salesflow.text import LANGUAGES, Language, Text

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class _Open:
    """What one part still takes; `feasible` is False where nothing could ever do."""

    blockers: tuple[Blocker, ...]
    feasible: bool = True


# One finding may stand in many places of a tree, and takes the same in each.
_Done: TypeAlias = dict[tuple[int, bool], _Open]


def blockers_of(finding: Finding, names: Names) -> tuple[Blocker, ...]:
    """The blockers of a finding, a conjunction; empty when the verdict is YES."""
    return _open(finding, names, {}, want=True).blockers


def _open(finding: Finding, names: Names, done: _Done, *, want: bool) -> _Open:
    """What it takes for the finding to be YES, or to be NO when not `want`."""
    found = done.get((id(finding), want))
    if found is None:
        found = done[id(finding), want] = _opened(finding, names, done, want=want)
    return found


def _opened(finding: Finding, names: Names, done: _Done, *, want: bool) -> _Open:
    target = Verdict.YES if want else Verdict.NO
    if finding.verdict is target:
        return _Open(())
    parts = finding.because
    match finding.part.node:
        case Not():
            return _open(parts[0], names, done, want=not want)
        case Or():
            needed = 1 if want else len(parts)
        case AtLeast(n):
            needed = n if want else len(parts) - n + 1
        case _ if parts:
            needed = len(parts) if want else 1
        case Constant():
            return _Open((_leaf(finding, names, want=want),), feasible=False)
        case _:
            return _Open((_leaf(finding, names, want=want),))
    undone = [_open(part, names, done, want=want) for part in parts if part.verdict is not target]
    needed -= len(parts) - len(undone)
    verdict = finding.verdict if want else ~finding.verdict
    return _choose(undone, needed, verdict)


def _choose(undone: list[_Open], needed: int, verdict: Verdict) -> _Open:
    feasible = [item for item in undone if item.feasible]
    if len(feasible) >= needed:
        undone = feasible
    if needed == len(undone):
        together = _conjunction(chain.from_iterable(item.blockers for item in undone))
        return _Open(together, all(item.feasible for item in undone))
    entries = _alternatives([_entry(item.blockers) for item in undone], needed)
    if needed == len(entries):
        return _Open(_conjunction(chain.from_iterable(map(_unpacked, entries))))
    return _Open((_any_of(entries, needed, verdict),), len(feasible) >= needed)


def _unpacked(entry: Blocker) -> tuple[Blocker, ...]:
    return entry.because if entry.code == "all_of" else (entry,)


def _conjunction(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """Each once, and no choice that is settled by what must be done anyway."""
    distinct = tuple(dict.fromkeys(blockers))
    must = frozenset(blocker for blocker in distinct if not blocker.any_of)
    if len(must) == len(distinct):
        return distinct
    return tuple(blocker for blocker in distinct if not _settled(blocker, must))


def _settled(blocker: Blocker, must: frozenset[Blocker]) -> bool:
    if not blocker.any_of:
        return False
    return sum(must.issuperset(_unpacked(entry)) for entry in blocker.any_of) >= blocker.needed


def _alternatives(entries: list[Blocker], needed: int) -> tuple[Blocker, ...]:
    """The entries of a choice; where one is enough, without repeats, and flat."""
    if needed > 1:
        return tuple(entries)
    flat: list[Blocker] = []
    for entry in entries:
        flat += entry.any_of if entry.needed == 1 else (entry,)
    single = frozenset(entry for entry in flat if entry.code != "all_of")
    return tuple(entry for entry in dict.fromkeys(flat) if single.isdisjoint(entry.because))


def _entry(blockers: tuple[Blocker, ...]) -> Blocker:
    if len(blockers) == 1:
        return blockers[0]
    verdict = Verdict.YES
    for blocker in blockers:
        verdict &= blocker.verdict
    title, fix = _both(blockers)
    return Blocker(
        code="all_of",
        key="",
        title=title,
        verdict=verdict,
        seen=_seen(blockers),
        fix=fix,
        because=blockers,
    )


def _any_of(entries: tuple[Blocker, ...], needed: int, verdict: Verdict) -> Blocker:
    title, fix = _either(entries, needed)
    return Blocker(
        code="any_of",
        key="",
        title=title,
        verdict=verdict,
        seen=_seen(entries),
        fix=fix,
        any_of=entries,
        needed=needed,
    )


def _seen(blockers: tuple[Blocker, ...]) -> dict[str, object]:
    return {fact: value for blocker in blockers for fact, value in blocker.seen.items()}


def _both(entries: tuple[Blocker, ...]) -> tuple[Text, Text]:
    """Title and fix of things that must be done together."""
    apart: dict[Language, str] = {"en": "; and ", "zh": "；"}
    return (
        _each(lambda lang: joined(_parts(entries, "title", lang), lang, every=True)),
        _each(lambda lang: apart[lang].join(_parts(entries, "fix", lang))),
    )


def _either(entries: tuple[Blocker, ...], needed: int) -> tuple[Text, Text]:
    """Title and fix of things of which some must be done."""

    def title(lang: Language) -> str:
        parts = _parts(entries, "title", lang)
        return joined(parts, lang, every=False) if needed == 1 else some(parts, needed, lang)

    def fix(lang: Language) -> str:
        parts = _parts(entries, "fix", lang)
        if lang == "zh":
            return f"以下任 {needed} 项：{'；'.join(parts)}"
        return f"{'one' if needed == 1 else needed} of these: {'; or '.join(parts)}"

    return _each(title), _each(fix)


def _parts(entries: tuple[Blocker, ...], which: str, lang: Language) -> list[str]:
    parts = []
    for entry in entries[:_SHOWN]:
        words = (entry.title if which == "title" else entry.fix).get(lang)
        parts.append(bracketed(words, lang) if entry.any_of or entry.because else words)
    more = len(entries) - len(parts)
    if more:
        parts.append(f"{more} more" if lang == "en" else f"另有 {more} 项")
    return parts


def _leaf(finding: Finding, names: Names, *, want: bool) -> Blocker:
    part, seen = finding.part, finding.seen
    titles = tuple([names.get(fact) for fact in part.facts])
    kept = part.said.get(want)
    if kept is None or kept[0] != titles:
        kept = part.said[want] = (titles, _said(part, names, want=want))
    said = kept[1]
    missing = tuple([fact for fact in part.facts if seen[fact] is None])
    if not missing:
        fix = _each(lambda lang: _changed(finding, said.halves[lang], lang, names))
    elif missing == part.facts and finding.context.unlisted.keys().isdisjoint(missing):
        fix = said.absent
    else:
        unlisted = finding.context.unlisted
        fix = _each(lambda lang: _absent(missing, unlisted, lang, names))
    about_today = isinstance(part.node, Compare)
    return Blocker(
        code="unknown" if missing else "no",
        key=(missing or part.facts or ("today" if about_today else "",))[0],
        title=said.title,
        verdict=finding.verdict if want else ~finding.verdict,
        seen=seen,
        fix=fix,
    )


def _said(part: Part, names: Names, *, want: bool) -> Said:
    halves = {lang: leaf_of(part.node, lang, names, want=want) for lang in LANGUAGES}
    title = _each(lambda lang: spoken(halves[lang], lang))
    if not part.facts:
        return Said(halves, title, title)
    return Said(halves, title, _each(lambda lang: _absent(part.facts, {}, lang, names)))


def _each(words: Callable[[Language], str]) -> Text:
    return Text(en=clipped(words("en")), zh=clipped(words("zh")))


def _absent(
    missing: tuple[str, ...], unlisted: Mapping[str, str], lang: Language, names: Names
) -> str:
    parts = []
    for fact in missing:
        name = name_of(fact, lang, names)
        if fact in unlisted:
            shown = value_words(unlisted[fact], lang)
            en = f"{name} is {shown}, which is not in its list"
            zh = f"{glued(name, '现为', shown)}，不在其列表中"
        elif fact.startswith(REACHED) and fact not in names:
            en, zh = f"whether {name} is reached is not known", glued(name, "是否已到达未知")
        else:
            en, zh = f"{name} is not known", glued(name, "未知")
        parts.append(en if lang == "en" else zh)
    return joined(parts, lang, every=True)


def _changed(finding: Finding, leaf: Leaf, lang: Language, names: Names) -> str:
    """What is, and what must be instead."""
    en = lang == "en"
    ought = leaf.ought
    match finding.part.node:
        case Constant():
            return ought
        case Reached():
            other = leaf_of(finding.part.node, lang, names, want=finding.verdict is Verdict.YES)
            seen = [spoken(other, lang)]
        case Known():
            ought = "left open" if en else "留空"
            seen = _seen_words(finding, lang, names)
        case _:
            seen = _seen_words(finding, lang, names)
    if not seen:
        today = value_words(finding.context.today, lang)
        seen = [f"today is {today}" if en else glued("今天为", today)]
    subject = leaf.subject if len(seen) > 1 else ""
    if en:
        return f"{' and '.join(seen)}; {subject or 'it'} must be {ought}"
    return f"{'，'.join(seen)}，{glued(subject, '须', ought)}"


def _seen_words(finding: Finding, lang: Language, names: Names) -> list[str]:
    found = []
    for fact, value in finding.seen.items():
        name, shown = name_of(fact, lang, names), value_words(value, lang)
        if isinstance(finding.part.node, Compare) and isinstance(
            finding.part.node.operands[0], Age
        ):
            shown += _distance(value, finding.context, lang)
        found.append(f"{name} is {shown}" if lang == "en" else glued(name, "现为", shown))
    return found


def _distance(value: object, context: Context, lang: Language) -> str:
    """How long ago a day was, or how far ahead it is."""
    day = local_day(value, context.zone) if isinstance(value, datetime) else value
    if context.today is None or not isinstance(day, date):
        return ""
    days = (day - context.today).days
    if lang == "en":
        if not days:
            return ", today"
        unit = "day" if abs(days) == 1 else "days"
        return f", {abs(days):,} {unit} {'ahead' if days > 0 else 'ago'}"
    if not days:
        return "（今天）"
    return f"（{'离现在' if days > 0 else '距今'} {abs(days):,} 天）"
