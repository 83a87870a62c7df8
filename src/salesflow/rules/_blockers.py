"""What stands between a finding and YES: the fewest leaves, with negation pushed down to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Final

from salesflow.rules._fast import local_day
from salesflow.rules._findings import Blocker, Context, Finding
from salesflow.rules._nodes import REACHED, Age, AtLeast, Compare, Constant, Known, Not, Or, Reached
from salesflow.rules._sentences import (
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
from salesflow.text import LANGUAGES, Language, Text

__all__ = ["blockers_of"]

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class _Open:
    """What one part still takes; `feasible` is False where nothing could ever do."""

    blockers: tuple[Blocker, ...]
    feasible: bool = True


def blockers_of(finding: Finding, names: Names) -> tuple[Blocker, ...]:
    """The blockers of a finding, a conjunction; empty when the verdict is YES."""
    return _open(finding, names, want=True).blockers


def _open(finding: Finding, names: Names, *, want: bool) -> _Open:
    """What it takes for the finding to be YES, or to be NO when not `want`."""
    target = Verdict.YES if want else Verdict.NO
    if finding.verdict is target:
        return _Open(())
    parts = finding.because
    match finding.node:
        case Not():
            return _open(parts[0], names, want=not want)
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
    undone = [_open(part, names, want=want) for part in parts if part.verdict is not target]
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
    texts: dict[str, dict[Language, str]] = {"title": {}, "fix": {}}
    for lang in LANGUAGES:
        texts["title"][lang] = clipped(joined(_parts(entries, "title", lang), lang, every=True))
        apart = "; and " if lang == "en" else "；"
        texts["fix"][lang] = clipped(apart.join(_parts(entries, "fix", lang)))
    return Text(**texts["title"]), Text(**texts["fix"])


def _either(entries: tuple[Blocker, ...], needed: int) -> tuple[Text, Text]:
    """Title and fix of things of which some must be done."""
    texts: dict[str, dict[Language, str]] = {"title": {}, "fix": {}}
    for lang in LANGUAGES:
        titles, fixes = _parts(entries, "title", lang), _parts(entries, "fix", lang)
        one = needed == 1
        title = joined(titles, lang, every=False) if one else some(titles, needed, lang)
        texts["title"][lang] = clipped(title)
        if lang == "en":
            fix = f"{'one' if one else needed} of these: {'; or '.join(fixes)}"
        else:
            fix = f"以下任 {needed} 项：{'；'.join(fixes)}"
        texts["fix"][lang] = clipped(fix)
    return Text(**texts["title"]), Text(**texts["fix"])


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
    node = finding.node
    facts = tuple(finding.seen)
    missing = tuple(fact for fact in facts if finding.seen[fact] is None)
    leaves = {lang: leaf_of(node, lang, names, want=want) for lang in LANGUAGES}
    about_today = isinstance(node, Compare) and not facts
    return Blocker(
        code="unknown" if missing else "no",
        key=(missing or facts or ("today" if about_today else "",))[0],
        title=Text(**{lang: clipped(spoken(leaf, lang)) for lang, leaf in leaves.items()}),
        verdict=finding.verdict if want else ~finding.verdict,
        seen=finding.seen,
        fix=Text(
            **{
                lang: clipped(
                    _absent(missing, finding.context, lang, names)
                    if missing
                    else _changed(finding, leaf, lang, names)
                )
                for lang, leaf in leaves.items()
            }
        ),
    )


def _absent(missing: tuple[str, ...], context: Context, lang: Language, names: Names) -> str:
    parts = []
    for fact in missing:
        name = name_of(fact, lang, names)
        unlisted = context.unlisted.get(fact)
        if unlisted is not None:
            shown = value_words(unlisted, lang)
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
    match finding.node:
        case Constant():
            return ought
        case Reached():
            other = leaf_of(finding.node, lang, names, want=finding.verdict is Verdict.YES)
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
        if isinstance(finding.node, Compare) and isinstance(finding.node.operands[0], Age):
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
