"""What a check asks for, and what to do where it is NO or UNKNOWN, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from salesflow.facts import CURRENCY, FactKind
from salesflow.money import CURRENCIES
from salesflow.money._currencies import currency_of
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._checks.seen import members_of
from salesflow.playbook import Playbook
from salesflow.playbook._fact_words import fact_words
from salesflow.qualify._hygiene_facts import (
    AGE,
    AGREES,
    CONVERTIBLE,
    GIVEN,
    LISTED,
    LONGEST,
    PART_AGE,
    STAGE_AGE,
    came_of,
)
from salesflow.rules import Verdict, possible
from salesflow.rules.ast import Flag, Known
from salesflow.text import Language, Text, both, filled, in_language, lowered, sentence

_SHOWN: Final = 6
_LONGEST: Final = 300
_UNKNOWN: Final = Verdict.UNKNOWN
_ASKED: Final = frozenset({"entry", "exit", "track"})
_SPECIAL: Final[Mapping[str, str]] = {
    "hygiene.probability_in_range": "percent",
    "hygiene.outcome_agrees": "outcome",
    "hygiene.ended_has_outcome": "end",
}
OF_VALUES: Final = ("hygiene.known_values.", "hygiene.allowed.", "hygiene.readable.")
"""How the checks begin that ask whether a fact has a value that it can have."""

_MAPPED, _, _READABLE = OF_VALUES
_SHORT: Final = 40
_OWN_FACTS: Final[Mapping[str, Text]] = {
    AGE: both(en="the age of the deal", zh="项目历时"),
    LONGEST: both(en="the longest cycle of a won deal", zh="历史最长的赢单周期"),
    STAGE_AGE: both(en="the days in the stage", zh="在当前阶段的天数"),
    PART_AGE: both(en="the days in the sub-stage", zh="在当前子阶段的天数"),
    f"amount{GIVEN}": both(en="the amount", zh="金额"),
    f"amount{CONVERTIBLE}": both(en="the currency of the amount", zh="金额币种"),
}
_POINTS: Final[Mapping[str, Text]] = {
    "low": both(en="the certain points of {title}", zh="{title}的确定得分"),
    "high": both(en="the possible points of {title}", zh="{title}的最高可能得分"),
}


class Messages:
    """The words for every check of a playbook."""

    def __init__(
        self, playbook: Playbook, checks: Sequence[Check], as_of: date, names: Mapping[str, Text]
    ) -> None:
        """`names` are what facts are called beside those of the playbook."""
        self._playbook = playbook
        self.language = playbook.main_language
        self._checks = {check.key: check for check in checks}
        self._as_of = as_of
        self._names = {**_OWN_FACTS, **_titles(playbook), **names}

    def told(self, key: str) -> str | None:
        """The fact whose values tell what is wrong; None where they tell nothing more."""
        check = self._checks[key]
        read = _read(check, self._playbook)
        if key.startswith(OF_VALUES):
            return members_of(check, self._playbook)[0].name
        return next((it for it in read if _is_convertible(check) and it.endswith(CURRENCY)), None)

    def ought(self, key: str, lang: Language) -> str:
        """What ought to hold, in words."""
        check = self._checks[key]
        ought = sentence(check.title).get(lang)
        says = self._says(check, lang)
        return ought + in_language(lang, _PHRASES)["that"].format(says=says) if says else ought

    def of(
        self,
        key: str,
        lacking: Sequence[str],
        lang: Language,
        wrong: Mapping[str, int] = MappingProxyType({}),
        *,
        partly: Sequence[str] = (),
    ) -> str:
        """What ought to hold, and what to do; of a check without columns, which ones it takes.

        `partly` are those that it lacks for some deals only. `wrong` are values that stand for
        nothing, with how many deals have each.
        """
        check = self._checks[key]
        words = in_language(lang, _PHRASES)
        ought = self.ought(key, lang)
        if wrong:
            shown = (words["seen_one"].format(value=_short(it), n=n) for it, n in wrong.items())
            ought += words["seen"].format(values=words["comma"].join(shown))
        if lacking:
            return ought + words["lacking"].format(facts=self._listed(lacking, lang))
        verdicts = self._possible(check)
        if Verdict.NO in verdicts:
            ought += words["no"].format(fix=self._no(check, lang, wrong))
        if Verdict.UNKNOWN in verdicts:
            ought += words["unknown"].format(fix=self._unknown(check, lang))
        if partly:
            ought += words["partly"].format(facts=self._listed(partly, lang))
        if check.been:
            ought += words["been"].format(fact=check.been)
        return ought

    def _possible(self, check: Check) -> frozenset[Verdict]:
        rule = check.rule
        if check.members:  # a key is always there
            return frozenset({Verdict.NO, Verdict.UNKNOWN} if rule.facts else {Verdict.NO})
        found = possible(rule.core(self._as_of), lambda _: True)
        # What is asked of one fact is decided where there is one; some facts always are.
        always = all(
            name.endswith(GIVEN) or name.startswith(f"{LISTED}.") or name == AGREES
            for name in rule.facts
        )
        if always or (len(rule.facts) == 1 and rule.verdict({}, self._as_of) is not _UNKNOWN):
            found -= {_UNKNOWN}
        return found

    def _says(self, check: Check, lang: Language) -> str:
        """The rule in words, where the title does not say it already."""
        if check.group not in _ASKED or isinstance(check.rule.node, Flag):
            return ""
        if len(check.rule.sentence("en", self._names)) > _LONGEST:
            return ""
        return check.rule.sentence(lang, self._names)

    def _no(self, check: Check, lang: Language, wrong: Collection[str]) -> str:
        words = in_language(lang, _PHRASES)
        special = _SPECIAL.get(check.key, check.group)
        if check.members:
            special = "unique"
        if special == "hygiene" and check.key.startswith(_MAPPED):
            special = "values"
        read = _read(check, self._playbook)
        if check.key.startswith(_READABLE):  # of the fact, not of the column that takes its texts
            special, read = "readable", [check.key.removeprefix(_READABLE)]
        if _is_convertible(check):
            return words["then"].join(_of_currencies(wrong, words))
        facts = self._listed(read, lang)
        if special in {"hygiene", "own"}:
            # As in known(owner): all that is wrong is that nothing is there.
            missing = isinstance(check.rule.node, Known) or check.rule.facts == {f"amount{GIVEN}"}
            return words["no_known" if missing else "no_other"].format(facts=facts)
        return words[f"no_{special}"].format(facts=facts)

    def _unknown(self, check: Check, lang: Language) -> str:
        words = in_language(lang, _PHRASES)
        criterion = self._playbook.criteria.get(check.key.rpartition(".")[2])
        if check.group in _ASKED and criterion is not None and isinstance(check.rule.node, Flag):
            roles = criterion.roles or ((criterion.by,) if criterion.by else ())
            titles = [lowered(self._playbook.roles[role].title, lang) for role in roles]
            who = words["or"].join(titles) or words["somebody"]
            return words["ask"].format(who=who, fact=check.rule.node.fact)
        facts = _read(check, self._playbook)
        return words["fill" if len(facts) == 1 else "fill_some"].format(
            facts=self._listed(facts, lang)
        )

    def _listed(self, facts: Sequence[str], lang: Language) -> str:
        words = in_language(lang, _PHRASES)
        shown = []
        for fact in facts[:_SHOWN]:
            name = self._names.get(fact)
            shown.append(words["fact"].format(name=name.get(lang), fact=fact) if name else fact)
        if len(facts) > _SHOWN:
            shown.append(words["more"].format(n=len(facts) - _SHOWN))
        return words["comma"].join(shown)


def _read(check: Check, playbook: Playbook) -> list[str]:
    """The facts that a check comes down to, in the order of its rule."""
    found: dict[str, None] = {}
    for member in members_of(check, playbook):
        is_fact = member.column is None
        found |= dict.fromkeys(came_of(member.name, playbook) if is_fact else (member.name,))
    return list(found)


def _is_convertible(check: Check) -> bool:
    return any(name.endswith(CONVERTIBLE) for name in check.rule.facts)


def _of_currencies(seen: Collection[str], words: Mapping[str, str]) -> Iterator[str]:
    """What to do about amounts without a rate: what they are in may be no currency at all."""
    strange = [it for it in seen if it not in CURRENCIES]
    for it in strange:
        code = currency_of(it)
        like = words["currency_like"].format(code=code) if code else ""
        yield words["no_currency"].format(value=_short(it), like=like)
    if len(strange) < len(seen) or not seen:
        yield words["no_rate"]


def _short(value: str) -> str:
    return repr(value if len(value) <= _SHORT else f"{value[: _SHORT - 1]}…")


def _titles(playbook: Playbook) -> dict[str, Text]:
    """What people call the facts, those that a playbook derives among them."""
    found = fact_words(playbook)
    for key, card in playbook.scorecards.items():
        for end, template in _POINTS.items():
            found[f"score.{key}.{end}"] = filled(template, title=card.title)
    flags = {name for name, fact in playbook.facts.items() if fact.kind is FactKind.FLAG}
    asked = {
        name: _quoted(title) if name in flags else title
        for name, title in playbook.fact_titles.items()
    }
    return {**found, **asked}


def _quoted(title: Text) -> Text:
    return both(
        en=f"“{title.get('en')}”"[:_LONGEST],
        zh=f"“{title.get('zh')}”"[:_LONGEST],
    )


_PHRASES: Final[Mapping[str, Text]] = {
    "that": both(en=" That is: {says}.", zh="即：{says}。"),
    "no": both(en=" If no: {fix}.", zh="若不符合：{fix}。"),
    "unknown": both(en=" If unknown: {fix}.", zh="若未知：{fix}。"),
    "been": both(
        en=" A deal may have skipped this stage: a column {fact} says whether it was there.",
        zh="项目可能跳过了该阶段：可用数据列 {fact} 说明是否到过。",
    ),
    "no_entry": both(
        en="the deal came in without it; make up for it, move it back, or have it waived",
        zh="项目未满足此条件就已进入；请补做、将项目退回，或申请豁免",
    ),
    "no_exit": both(
        en="the deal went on without it; make up for it, move it back, or have it waived",
        zh="项目未满足此条件就已推进；请补做、将项目退回，或申请豁免",
    ),
    "no_track": both(
        en="the track went on without it; make up for it, take the track back, or have it waived",
        zh="未满足此条件该并行事项就已推进；请补做、将其退回，或申请豁免",
    ),
    "no_size": both(
        en="complete it, or have the planning waived", zh="请完成该项，或申请豁免相应的计划要求"
    ),
    "no_known": both(en="fill in {facts}", zh="请填写{facts}"),
    "no_other": both(
        en="correct it where it is wrong on record, or act on it: {facts}",
        zh="如记录有误请更正，否则请采取行动：{facts}",
    ),
    "no_unique": both(
        en="keep one of the rows, or correct what is wrong of these: {facts}",
        zh="请只保留其中一行，或更正以下有误的内容：{facts}",
    ),
    "seen": both(en=" Seen: {values}.", zh="出现的值：{values}。"),
    "seen_one": both(en="{value} ({n:,})", zh="{value}（{n:,}）"),
    "no_rate": both(
        en="give a rate for the currency in rates=", zh="请在 rates= 中给出该币种的汇率"
    ),
    "no_currency": both(
        en="{value} is no currency{like}; correct it, or say what it stands for in values=",
        zh="{value} 不是币种{like}；请更正，或在 values= 中说明其含义",
    ),
    "currency_like": both(en=" (is it {code}?)", zh="（是否为 {code}？）"),
    "then": both(en="; ", zh="；"),
    "no_values": both(
        en="correct the value, or say what it stands for in values=: {facts}",
        zh="请更正取值，或在 values= 中说明其含义：{facts}",
    ),
    "no_readable": both(en="correct {facts}", zh="请更正{facts}"),
    "no_percent": both(
        en="divide percentages by 100, and correct what is wrong on record: {facts}",
        zh="百分数请除以 100，记录有误请更正：{facts}",
    ),
    "no_outcome": both(
        en="correct the one that is wrong on record, the stage or the outcome: {facts}",
        zh="请更正阶段与结果中记录有误的一项：{facts}",
    ),
    "no_end": both(
        en="fill in {facts}; where the deal goes on, correct that it has ended (ended)",
        zh="请填写{facts}；若项目仍在进行，请更正“是否已结束”（ended）",
    ),
    "ask": both(
        en="ask the {who}, and put it on record as {fact}", zh="请向{who}确认，并记录为 {fact}"
    ),
    "somebody": both(en="owner of the deal", zh="项目负责人"),
    "or": both(en=" or the ", zh="或"),
    "fill": both(en="find out and fill in {facts}", zh="请查明并填写{facts}"),
    "fill_some": both(
        en="find out and fill in what is missing of these: {facts}",
        zh="请查明并补全以下各项中缺少的内容：{facts}",
    ),
    "fact": both(en="{name} ({fact})", zh="{name}（{fact}）"),
    "more": both(en="{n} more", zh="另外 {n} 项"),
    "comma": both(en=", ", zh="、"),
    "partly": both(
        en=" If not checked: no column holds {facts}.",
        zh="若未检查：没有数据列提供{facts}。",
    ),
    "lacking": both(
        en=" It could not be checked: no column holds {facts}.",
        zh="此项未能检查：没有数据列提供{facts}。",
    ),
}
