"""What stands between a finding and YES: the fewest leaves, with negation pushed down to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never

from salesflow._frozen import FrozenDict
from salesflow.facts import ASK, IN_CURRENCY, WHY, Fact, FactKind
from salesflow.rules import ast
from salesflow.rules._compile import local_day
from salesflow.rules._findings import Blocker, Context, Finding, LeafWords, Part
from salesflow.rules._values import Value, Verdict
from salesflow.rules._verbalize import (
    AGO,
    AHEAD,
    TODAY,
    Leaf,
    Names,
    Voice,
    in_every_language,
)
from salesflow.text import LANGUAGES, Language, Text, both, filled

_SHOWN: Final = 8
_TARGETS: Final = {True: Verdict.YES, False: Verdict.NO}

_SEEN: Final = both(en="{name} is {value}", zh="{name}现为{value}")
_SEEN_TODAY: Final = both(en="today is {day}", zh="今天为{day}")
_SEEN_AGO: Final = both(en="{value}, {age}", zh="{value}（{age}）")
_AND_SEEN: Final = both(en=" and ", zh="，")
_IT_MUST_BE: Final = both(en="{seen}; it must be {ought}", zh="{seen}，须{ought}")
_SEEN_AND_OUGHT: Final = filled(_IT_MUST_BE, seen=_SEEN, ought="{ought}")
_ONE_MUST_BE: Final = both(en="{seen}; {subject} must be {ought}", zh="{seen}，{subject}须{ought}")
_LEFT_OPEN: Final = both(en="left open", zh="留空")
_UNKNOWN: Final = both(en="{name} is not known", zh="{name}未知")
_STAGE_UNKNOWN: Final = both(en="whether {name} is reached is not known", zh="{name}是否已到达未知")
_UNLISTED: Final = both(
    en="{name} is {value}, which is not in its list", zh="{name}现为{value}，不在其列表中"
)
_IS_A_TITLE: Final = both(
    en="{name} is {value}, which is what people call {word}; enter that",
    zh="{name}现为{value}，这是{word}的名称；请填写后者",
)
_OUTSIDE: Final = both(en="{name} is {value}; {advice}", zh="{name}现为{value}；{advice}")
_BECAUSE: Final = both(en="{said} ({why})", zh="{said}（{why}）")
_MORE: Final = both(en="{n} more", zh="另有 {n} 项")
_TOGETHER: Final = both(en="; and ", zh="；")
_INSTEAD: Final = both(en="; or ", zh="；")
_ONE_OF: Final = both(en="one of these: {parts}", zh="以下任 1 项：{parts}")
_SOME_OF: Final = both(en="{n} of these: {parts}", zh="以下任 {n} 项：{parts}")


class _Open(NamedTuple):
    """What is missing from a part; `feasible` is False where it can never hold."""

    blockers: tuple[Blocker, ...]
    feasible: bool = True


# One finding may stand in many places of a tree, and takes the same in each.
_Done: TypeAlias = dict[tuple[int, bool], _Open]


def blockers_of(finding: Finding, names: Names) -> tuple[Blocker, ...]:
    """The blockers of a finding, a conjunction; empty when the verdict is YES."""
    return _open(finding, names, {}, want=True).blockers


def _open(finding: Finding, names: Names, done: _Done, *, want: bool) -> _Open:
    """What is missing for the finding to be YES, or to be NO when not `want`."""
    found = done.get((id(finding), want))
    if found is None:
        found = done[id(finding), want] = _opened(finding, names, done, want=want)
    return found


def _opened(finding: Finding, names: Names, done: _Done, *, want: bool) -> _Open:
    target = _TARGETS[want]
    if finding.verdict is target:
        return _Open(())
    parts = finding.because
    match finding.part.node:
        case ast.Not():
            return _open(parts[0], names, done, want=not want)
        case ast.Or():
            needed = 1 if want else len(parts)
        case ast.AtLeast(n):
            needed = n if want else len(parts) - n + 1
        case _ if parts:
            needed = len(parts) if want else 1
        case ast.Constant():
            return _Open((_leaf(finding, names, want=want),), feasible=False)
        case _:
            return _Open((_leaf(finding, names, want=want),))
    undone = [_open(part, names, done, want=want) for part in parts if part.verdict is not target]
    needed -= len(parts) - len(undone)
    verdict = finding.verdict if want else ~finding.verdict
    return _choose(undone, needed, verdict)


def _choose(undone: list[_Open], needed: int, verdict: Verdict) -> _Open:
    possible = [item for item in undone if item.feasible]
    feasible = len(possible) >= needed
    if feasible:
        undone = possible
    if needed == len(undone):
        together = _conjunction(chain.from_iterable([item.blockers for item in undone]))
        return _Open(together, feasible)
    entries = _alternatives([_entry(item.blockers) for item in undone], needed)
    if needed == len(entries):
        return _Open(_conjunction(chain.from_iterable(map(_unpacked, entries))), feasible)
    return _Open((_any_of(entries, needed, verdict),), feasible)


def _unpacked(entry: Blocker) -> tuple[Blocker, ...]:
    return entry.because if entry.code == "all_of" else (entry,)


def _conjunction(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """The blockers without repeats, and without choices that the others settle anyway."""
    must = dict.fromkeys(blockers)
    return tuple([blocker for blocker in must if not _settled(blocker, must)])


def _settled(blocker: Blocker, must: Collection[Blocker]) -> bool:
    settled = sum(all(part in must for part in _unpacked(entry)) for entry in blocker.any_of)
    return bool(blocker.any_of) and settled >= blocker.needed


def _alternatives(entries: list[Blocker], needed: int) -> tuple[Blocker, ...]:
    """The alternatives of a choice; where one is enough, flattened and without repeats."""
    if needed > 1:
        return tuple(entries)
    flat: list[Blocker] = []
    for entry in entries:
        flat += entry.any_of if entry.needed == 1 else (entry,)
    distinct = dict.fromkeys(flat)
    return tuple([entry for entry in distinct if distinct.keys().isdisjoint(entry.because)])


def _entry(blockers: tuple[Blocker, ...]) -> Blocker:
    if len(blockers) == 1:
        return blockers[0]
    verdict = Verdict.YES
    for blocker in blockers:
        verdict &= blocker.verdict
    return Blocker(
        code="all_of",
        key="",
        title=in_every_language(
            lambda voice: voice.joined(_parts(blockers, "title", voice), every=True)
        ),
        verdict=verdict,
        seen=_seen(blockers),
        fix=in_every_language(
            lambda voice: voice.say(_TOGETHER).join(_parts(blockers, "fix", voice))
        ),
        because=blockers,
    )


def _any_of(entries: tuple[Blocker, ...], needed: int, verdict: Verdict) -> Blocker:
    def title(voice: Voice) -> str:
        parts = _parts(entries, "title", voice)
        return voice.joined(parts, every=False) if needed == 1 else voice.some(parts, needed)

    shared, rest = _in_common(entries) if needed == 1 else ((), entries)

    def fix(voice: Voice) -> str:
        said = [words.get(voice.lang) for words in shared]
        if rest:
            parts = voice.say(_INSTEAD).join(_parts(rest, "fix", voice))
            said.append(voice.say(_ONE_OF if needed == 1 else _SOME_OF, n=str(needed), parts=parts))
        return voice.say(_TOGETHER).join(said)

    return Blocker(
        code="any_of",
        key="",
        title=in_every_language(title),
        verdict=verdict,
        seen=_seen(entries),
        fix=in_every_language(fix),
        any_of=entries,
        needed=needed,
    )


def _in_common(entries: tuple[Blocker, ...]) -> tuple[tuple[Text, ...], tuple[Blocker, ...]]:
    """What every alternative needs, which is said once; and what is left of each.

    Where nothing is left of one, nothing more has to be said.
    """
    needs = [_unpacked(entry) for entry in entries]
    first, *others = (dict.fromkeys(part.fix for part in need) for need in needs)
    common = tuple([words for words in first if all(words in other for other in others)])
    if not common:
        return (), entries
    left = [tuple([part for part in need if part.fix not in common]) for need in needs]
    return common, () if () in left else tuple(map(_entry, left))


def _seen(blockers: tuple[Blocker, ...]) -> FrozenDict[str, object]:
    return FrozenDict({fact: value for blocker in blockers for fact, value in blocker.seen.items()})


def _parts(entries: tuple[Blocker, ...], which: Literal["title", "fix"], voice: Voice) -> list[str]:
    parts = []
    for entry in entries[:_SHOWN]:
        words = (entry.title if which == "title" else entry.fix).get(voice.lang)
        parts.append(voice.bracketed(words) if entry.any_of or entry.because else words)
    if len(entries) > len(parts):
        parts.append(voice.say(_MORE, n=str(len(entries) - len(parts))))
    return parts


def _leaf(finding: Finding, names: Names, *, want: bool) -> Blocker:
    part, seen = finding.part, finding.seen
    words = part.words.get(want)
    if words is None or words.titles != tuple(map(names.get, words.named)):
        words = part.words[want] = _words_of(part, names, want=want)
    missing = tuple([fact for fact in part.facts if seen[fact] is None])
    unlisted = finding.context.unlisted
    if not missing:
        fix = in_every_language(
            lambda voice: _changed(finding, words.halves[voice.lang], voice), names
        )
    elif missing == part.facts and unlisted.keys().isdisjoint(missing):
        fix = words.absent
    else:
        fix = in_every_language(lambda voice: _absent(missing, unlisted, voice), names)
    whys = [why for fact in part.facts if (why := names.get(f"{WHY}{fact}")) is not None]
    for why in dict.fromkeys(whys):
        fix = filled(_BECAUSE, said=fix, why=why)
    return Blocker(
        code="unknown" if missing else "no",
        key=(missing or part.facts or ("today" if isinstance(part.node, ast.Compare) else "",))[0],
        title=words.title,
        verdict=finding.verdict if want else ~finding.verdict,
        seen=seen,
        fix=fix,
    )


def _words_of(part: Part, names: Names, *, want: bool) -> LeafWords:
    halves: dict[Language, Leaf] = {
        lang: Voice(lang, names).leaf(part.node, want=want) for lang in LANGUAGES
    }
    title = in_every_language(lambda voice: voice.statement(halves[voice.lang]))
    absent = title
    if part.facts:
        absent = in_every_language(lambda voice: _absent(part.facts, {}, voice), names)
    named = _named_in(part)
    return LeafWords(named, tuple(map(names.get, named)), halves, title, absent)


def _named_in(part: Part) -> tuple[str, ...]:
    """The names under which titles are looked up for the words of a leaf."""
    match part.node:
        case ast.Compare(operands):
            values: Iterable[object] = operands
        case ast.OneOf(_, listed):
            values = listed
        case _:
            values = ()
    words = [value.value for value in values if isinstance(value, ast.Words)]
    of_values = (f"{fact}={word}" for fact in part.facts for word in words)
    return (*part.facts, *(f"{ASK}{fact}" for fact in part.facts), *of_values, IN_CURRENCY)


def _absent(
    missing: tuple[str, ...], unlisted: Mapping[str, tuple[Value, Fact]], voice: Voice
) -> str:
    def words(fact: str) -> str:
        name = voice.name(fact)
        if fact in unlisted:
            value, known = unlisted[fact]
            shown = voice.value(value, known.kind)
            if known.choices:
                word = known.choice_called(value)
                if word is not None:
                    return voice.say(_IS_A_TITLE, name=name, value=shown, word=voice.value(word))
                return voice.say(_UNLISTED, name=name, value=shown)
            advice = known.advice(value).get(voice.lang)
            return voice.say(_OUTSIDE, name=name, value=shown, advice=advice)
        asked = voice.names.get(f"{ASK}{fact}")
        if asked is not None:
            return asked.get(voice.lang)
        stage = fact.startswith(ast.REACHED)
        return voice.say(_STAGE_UNKNOWN if stage else _UNKNOWN, name=name)

    return voice.joined(map(words, missing), every=True)


def _changed(finding: Finding, leaf: Leaf, voice: Voice) -> str:
    """The value seen, and what it must be instead."""
    node, values = finding.part.node, finding.seen
    kinds = _kinds(node)
    shown = {fact: voice.seen(fact, value, kinds.get(fact)) for fact, value in values.items()}
    ought = leaf.ought
    match node:
        case ast.Constant():
            return ought
        case ast.Reached():
            seen = voice.statement(voice.leaf(node, want=finding.verdict is Verdict.YES))
            return voice.say(_IT_MUST_BE, seen=seen, ought=ought)
        case ast.Known():
            ought = voice.say(_LEFT_OPEN)
        case ast.Compare((ast.Age() as age, *_)):
            ((fact, value),) = values.items()
            seen = _age_seen(age.function, value, finding.context, voice)
            shown[fact] = voice.say(_SEEN_AGO, value=shown[fact], age=seen)
        case ast.Compare() if not values:
            seen = voice.say(_SEEN_TODAY, day=voice.value(finding.context.today))
            return voice.say(_IT_MUST_BE, seen=seen, ought=ought)
        case ast.Compare() | ast.Flag() | ast.OneOf():
            pass
        case ast.Not() | ast.And() | ast.Or() | ast.AtLeast():
            raise AssertionError(node)  # its parts are dealt with one by one
        case _:
            assert_never(node)
    if len(shown) == 1:
        ((fact, words),) = shown.items()
        return voice.say(_SEEN_AND_OUGHT, name=voice.name(fact), value=words, ought=ought)
    several = [
        voice.say(_SEEN, name=voice.name(fact), value=words) for fact, words in shown.items()
    ]
    joined = voice.say(_AND_SEEN).join(several)
    return voice.say(_ONE_MUST_BE, seen=joined, subject=leaf.subject, ought=ought)


def _kinds(node: ast.Node) -> Mapping[str, FactKind]:
    """Of what kind the facts of a leaf are that have values to be shown."""
    match node:
        case ast.Compare(operands):
            return {it.fact: it.kind for it in operands if isinstance(it, ast.Name)}
        case ast.OneOf(name) | ast.Known(name):
            return {name.fact: name.kind}
        case _:
            return {}


def _age_seen(function: ast.AgeFunction, value: object, context: Context, voice: Voice) -> str:
    """How long ago a day was, or how far ahead it is, in the unit of the function."""
    day = local_day(value, context.zone) if isinstance(value, datetime) else value
    assert isinstance(day, date) and context.today  # noqa: S101, PT018 - else it were unknown
    match function:
        case "days_since" | "days_until":
            ahead = (day - context.today).days
            age = voice.days(abs(ahead))
        case _:
            assert_never(function)
    if ahead > 0:
        return voice.say(AHEAD, age=age)
    return voice.say(AGO, age=age) if ahead < 0 else voice.say(TODAY)
