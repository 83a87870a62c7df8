"""The rule: one line of text, parsed once, asked many times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date
from types import MappingProxyType
from typing import Final, NoReturn

from salesflow._arguments import day, instance, language, refuse, zone
from salesflow._closest import Suggestions
from salesflow.errors import FactError, RuleError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.rules._canonical import facts_of_node, normal, problems_of, uses_time
from salesflow.rules._compile import Run, compiled
from salesflow.rules._explain import evaluate, part_of
from salesflow.rules._findings import Context, Finding, Part
from salesflow.rules._parse import parse
from salesflow.rules._unparse import write
from salesflow.rules._values import Verdict, read_all, reader, readers_of
from salesflow.rules._verbalize import describe, sentence
from salesflow.rules.ast import Node
from salesflow.rules.core import Core, lower
from salesflow.text import Language, Text

_VERDICTS: Final = {True: Verdict.YES, False: Verdict.NO, None: Verdict.UNKNOWN}
_TIMES: Final = frozenset({FactKind.DAY, FactKind.INSTANT})


def one_of_many(text: str, facts: Facts, suggestions: Suggestions) -> Rule:
    """What `Rule.parse` gives, for a rule of a document whose rules share their suggestions."""
    return Rule._made(parse(text, facts, suggestions), facts)  # noqa: SLF001 - in its own module


def _catalogue(facts: Facts | None) -> Facts:
    if facts is None:
        return STANDARD_FACTS
    hint = 'write STANDARD_FACTS.extended([Fact("margin", FactKind.NUMBER)])'
    return instance(facts, Facts, "facts", hint)


def _day(as_of: date | None, tz: str) -> date | None:
    return None if as_of is None else day(as_of, "as_of", zone(tz))


def _refuse_no_mapping(facts: object) -> None:
    if not callable(getattr(facts, "get", None)):
        refuse("facts", "a mapping", facts, 'pass a dict, as in {"amount": 50_000}')


class _Reading:
    """What evaluations in one time zone share."""

    __slots__ = ("listed", "part", "readers", "tz", "zone")

    def __init__(
        self, node: Node, used: Mapping[str, Fact], tz: str, made: dict[int, Part]
    ) -> None:
        self.tz = tz
        self.zone = zone(tz)
        self.part = part_of(node, made)
        self.readers = readers_of(used, self.zone)
        self.listed = {
            name: (fact, reader(fact.kind, (), self.zone))
            for name, fact in used.items()
            if fact.choices or fact.enforced
        }


class Rule:
    """A rule about a deal. Immutable; equal and hashed by its canonical text.

    Attributes:
        node: The parsed tree.
        facts: The names it reads; `reached("x")` reads `reached.x`. For more of them, see `reads`.
        uses_time: Whether it needs `as_of`: it says `today`, `days_since` or `days_until`.

    Example:
        >>> rule = Rule.parse('amount >= 100000 or account.tier in ("named", "strategic")')
        >>> print(rule)
        amount >= 100_000 or account.tier in ("named", "strategic")
        >>> rule.verdict({"amount": 120_000})
        <Verdict.YES: 'yes'>
        >>> rule.verdict({"amount": 50_000})
        <Verdict.UNKNOWN: 'unknown'>
    """

    __slots__ = (
        "__weakref__",
        "_core",
        "_parts",
        "_reading",
        "_run",
        "_run_for",
        "_used",
        "facts",
        "node",
        "text",
        "uses_time",
    )

    node: Node
    facts: frozenset[str]
    uses_time: bool
    text: str
    _used: dict[str, Fact]
    # Caches. Each is replaced in one step by a value computed from immutable things, so that
    # threads that race for one do the same work twice and nothing worse.
    _core: tuple[date | None, Core] | None
    _parts: dict[int, Part] | None
    _reading: _Reading | None
    _run: Run | None
    _run_for: tuple[date | None, str, Run] | None

    def __init__(self) -> None:
        raise TypeError("a rule is made by Rule.parse(text), or by Rule.of(node)")

    @classmethod
    def parse(cls, text: str, facts: Facts | None = None) -> Rule:
        """Parse a rule.

        Args:
            text: At most 4,000 characters; see the reference of the rule language.
            facts: The facts that it may name; by default the standard catalogue.

        Raises:
            RuleError: `problems` lists everything that is wrong, with its column and a hint.
            ArgumentError: `text` is not a str, or `facts` are not Facts.

        Example:
            >>> Rule.parse("amout > 5 and owner > 3")
            Traceback (most recent call last):
            ...
            salesflow.errors.RuleError: This rule cannot be used: amout > 5 and owner > 3
              - column 1: there is no fact "amout"; did you mean amount?
              - column 15: owner is a text; it cannot be compared with 3; write "3" in quotes
        """
        known = _catalogue(facts)
        instance(text, str, "text", 'write it in quotes, as in "amount >= 100_000"')
        return cls._made(parse(text, known), known)

    @classmethod
    def of(cls, node: Node, facts: Facts | None = None) -> Rule:
        """Make a rule of a tree built by code, in canonical shape.

        Such a rule may be longer than a written one, not deeper.

        Args:
            node: The tree.
            facts: Where the choices of its facts are looked up; by default the standard
                catalogue. Facts that it does not name have no list of choices.

        Raises:
            RuleError: The tree holds what could not have been written.
        """
        known = _catalogue(facts)
        problems = problems_of(node, known)
        if problems:
            raise RuleError("This tree is not a rule.", problems=problems)
        return cls._made(normal(node), known)

    @classmethod
    def family(cls, nodes: Iterable[Node], facts: Facts | None = None) -> tuple[Rule, ...]:
        """Like `of`, for trees that share nodes: their parts are prepared only once.

        Raises:
            RuleError: A tree holds what could not have been written.

        Example:
            >>> big = Rule.parse("amount > 100_000")
            >>> Rule.family([big.node, big.node]) == (big, big)
            True
        """
        rules = tuple(cls.of(node, facts) for node in nodes)
        parts: dict[int, Part] = {}
        for rule in rules:
            object.__setattr__(rule, "_parts", parts)
        return rules

    @classmethod
    def _made(cls, node: Node, known: Mapping[str, Fact]) -> Rule:
        used: dict[str, Fact] = {}
        for name, kind in facts_of_node(node):
            fact = known.get(name)
            used[name] = fact if fact and fact.kind is kind else Fact(name, kind)
        return cls._with(node, used)

    @classmethod
    def _with(cls, node: Node, used: dict[str, Fact]) -> Rule:
        rule = object.__new__(cls)
        for name, value in (
            ("node", node),
            ("text", write(node)),
            ("facts", frozenset(used)),
            ("uses_time", uses_time(node)),
            ("_used", used),
            ("_core", None),
            ("_parts", None),
            ("_reading", None),
            ("_run", None),
            ("_run_for", None),
        ):
            object.__setattr__(rule, name, value)
        return rule

    @property
    def reads(self) -> Mapping[str, Fact]:
        """The facts that it reads, by name in its order: with their kinds, and choices if any.

        It cannot be changed. A fact that the catalogue lists in another kind, or not at all, is
        here as the rule's tree has it.

        Example:
            >>> rule = Rule.parse('amount > 5 and account.tier == "named"')
            >>> {name: str(fact.kind) for name, fact in rule.reads.items()}
            {'amount': 'money', 'account.tier': 'choice'}
            >>> rule.reads["account.tier"].choices
            ('regular', 'named', 'strategic')
        """
        return MappingProxyType(self._used)

    def verdict(
        self, facts: Mapping[str, object], as_of: date | None = None, *, tz: str = "UTC"
    ) -> Verdict:
        """The verdict alone; faster than `evaluate`, with the same result.

        Args:
            facts: Values by name. Absent facts are unknown; other keys are ignored.
            as_of: The day that the rule is asked on; needed when `uses_time`. A datetime with a
                time zone stands for its day in `tz`; one without is refused.
            tz: Where calendar days begin.

        Raises:
            FactError: Values are of the wrong kind (all of them are listed), or the rule uses time
                and `as_of` is None.
            ArgumentError: `facts` is not a mapping, or `as_of` or `tz` cannot be used.
        """
        run = self._run
        if run is None:
            run = self._runner(as_of, tz)
        try:
            return _VERDICTS[run(facts)]
        except FactError:
            # One value was refused; reading them all tells every one that is wrong.
            read_all(readers_of(self._used, zone(tz)), facts)
            raise
        except (AttributeError, TypeError):
            # Looked at only here: asking first would cost more than many a verdict.
            _refuse_no_mapping(facts)
            raise

    def evaluate(
        self, facts: Mapping[str, object], as_of: date | None = None, *, tz: str = "UTC"
    ) -> Finding:
        """The verdict with every part of the rule and the values seen; nothing is skipped.

        Takes and raises the same as `verdict`.

        Example:
            >>> finding = Rule.parse("amount >= 100_000").evaluate({"amount": 50_000})
            >>> finding.verdict, finding.seen
            (<Verdict.NO: 'no'>, {'amount': 50000.0})
            >>> print(finding.blockers()[0].title.zh)
            amount 不低于 100,000
        """
        _refuse_no_mapping(facts)
        today = _day(as_of, tz)
        self.core(today)  # refuses where a day is missing, before anything is read
        last = self._reading
        if last is None or last.tz != tz:
            made = {} if self._parts is None else self._parts
            last = _Reading(self.node, self._used, tz, made)
            object.__setattr__(self, "_reading", last)
        values = read_all(last.readers, facts)
        unlisted = {}
        for name, (fact, read) in last.listed.items():
            given = read(facts.get(name)) if values[name] is None else None
            if given is not None:
                unlisted[name] = (given, fact)
        return evaluate(last.part, Context(values, unlisted, today, last.zone))

    def core(self, today: date | None) -> Core:
        """The rule on one day, without ages and chains; kept for the last day asked.

        Raises:
            FactError: The rule uses time and `today` is None.
        """
        asked = today if self.uses_time else None
        last = self._core
        if last is None or last[0] != asked:
            last = (asked, lower(self.node, asked))
            object.__setattr__(self, "_core", last)
        return last[1]

    def sentence(self, lang: Language = "en", names: Mapping[str, Text] | None = None) -> str:
        """What ought to hold, in words and in full.

        Args:
            lang: The language of the titles; the words between them are in Chinese or in English.
            names: Titles for facts; a fact without one is called by its name.

        Raises:
            UnknownName: There is no such language.

        Example:
            >>> rule = Rule.parse("amount >= 100_000 and known(next_step)")
            >>> print(rule.sentence())
            amount is at least 100,000 and next_step is known
            >>> print(rule.sentence("zh"))
            amount 不低于 100,000，且 next_step 已知
        """
        return sentence(self.node, language(lang), names)

    def describe(self, names: Mapping[str, Text] | None = None) -> Text:
        """What ought to hold, in every language; a very long sentence is cut."""
        return describe(self.node, names)

    def _runner(self, as_of: date | None, tz: str) -> Run:
        timeless = not self.uses_time and not any(f.kind in _TIMES for f in self._used.values())
        if timeless:
            run = compiled(self.core(None), self._used, UTC)
            object.__setattr__(self, "_run", run)
            return run
        today = _day(as_of, tz) if self.uses_time else None
        last = self._run_for
        if last is None or last[0] != today or last[1] != tz:
            last = (today, tz, compiled(self.core(today), self._used, zone(tz)))
            object.__setattr__(self, "_run_for", last)
        return last[2]

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Rule: {self.text}>"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Rule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a rule cannot be changed; parse another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a rule cannot be changed; parse another one")

    def __copy__(self) -> Rule:
        return self

    def __deepcopy__(self, memo: object) -> Rule:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return Rule._with, (self.node, self._used)
