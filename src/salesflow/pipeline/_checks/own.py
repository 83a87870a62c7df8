"""Checks of the caller's own: what they say, and what comes of them under a playbook."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from salesflow._arguments import Arguments, describe, instance, mapping, option, several
from salesflow._frozen import FrozenDict
from salesflow.errors import Problem, Severity
from salesflow.facts import CURRENCY, Fact, FactKind, Facts
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._checks.hygiene import as_check
from salesflow.pipeline._checks.limits import Limit, read_limit
from salesflow.pipeline._checks.shapes import DAYS_BY_STAGE, LIMIT, NAMES, PLACES
from salesflow.pipeline._checks.unique import NAMES as NAMED
from salesflow.pipeline._checks.unique import problems_of_names, unique_check
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.pipeline._wording import near
from salesflow.playbook import Playbook
from salesflow.playbook._parts import step
from salesflow.playbook._records import in_file
from salesflow.qualify._hygiene import stay_rule
from salesflow.qualify._hygiene_facts import hygiene_facts
from salesflow.rules import Rule
from salesflow.rules._canonical import facts_of_node, problems_of
from salesflow.rules._values import BLANK
from salesflow.rules.ast import REACHED
from salesflow.terms import SEVERITIES
from salesflow.text import Text, both

_MOST_DAYS: Final = 3_650
_PARSE: Final = 'pass Rule.parse("…", facts=playbook.facts)'


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCheck:
    """A check of your own: what ought to hold, of which deals, and how many findings it may have.

    Attributes:
        title: What ought to hold, in words; by default the rule in words.
        rule: YES is fine. Either this is given, or `max_days` or `unique`.
        max_days: By the key of a stage or sub-stage, how many days an open deal may have been there
            at most; it is asked of the deals that stand in one of these. Days on hold do not count
            where the playbook says `pause_on_hold`.
        unique: Facts, or columns of the frame that hold none, of which no two deals may share all.
            Only deals of which it is asked are compared; values as rules compare them. A deal that
            lacks one of them is compared with none, and unknown.
        when: It is asked only of deals of which this is not NO. Where a fact that it reads has no
            column, the check is not made.
        stages: It is asked only of deals in one of these stages and sub-stages; empty: of all.
        severity: `error`, or `warning` for what is advisory.
        fail_if: Its limit for [`raise_for`][salesflow.pipeline.PipelineReport.raise_for].
        warn_if: Its limit for [`warned`][salesflow.pipeline.PipelineReport.warned].

    Raises:
        ArgumentError: `problems` lists everything that is wrong.

    Example:
        >>> OwnCheck(rule=Rule.parse("known(next_step)"), severity="warning", fail_if=0.1).fail_if
        0.1
        >>> one_open_deal_per_account = OwnCheck(
        ...     unique=["account.name"], when=Rule.parse('outcome == "none"')
        ... )
    """

    title: Text | None = field(
        default=None, metadata=in_file(note="What ought to hold, as a sentence.")
    )
    rule: Rule | None = field(default=None, metadata=in_file(note="What must be YES."))
    max_days: Mapping[str, int] = field(
        default=FrozenDict(),
        metadata=in_file(
            DAYS_BY_STAGE,
            "Instead of a rule: days that open deals may be there, by stage or sub-stage.",
        ),
    )
    unique: Sequence[str] = field(
        default=(),
        metadata=in_file(
            NAMES, "Instead of a rule: facts, or columns, of which no two deals may share all."
        ),
    )
    when: Rule | None = field(
        default=None, metadata=in_file(note="It is asked only of deals of which this is not NO.")
    )
    stages: Sequence[str] = field(
        default=(), metadata=in_file(PLACES, "It is asked only of deals in one of these.")
    )
    severity: Severity = field(
        default="error", metadata=in_file(note="A warning is what is advisory.")
    )
    fail_if: Limit | None = field(
        default=None, metadata=in_file(LIMIT, "More findings than this fail.")
    )
    warn_if: Limit | None = field(
        default=None, metadata=in_file(LIMIT, "More findings than this are listed as a warning.")
    )

    def __post_init__(self) -> None:
        given = Arguments()
        for name, kind, hint in (
            ("rule", Rule, _PARSE),
            ("when", Rule, _PARSE),
            ("title", Text, 'write Text(en="…")'),
        ):
            if getattr(self, name) is not None:
                given.read(instance, getattr(self, name), kind, name, hint)
        given.read(option, self.severity, SEVERITIES, "severity")
        days = given.read(mapping, self.max_days, "max_days", 'write {"demo": 20}', required=True)
        places = given.read(several, self.stages, str, "stages", 'write stages=("demo",)')
        names = given.read(several, self.unique, str, "unique", NAMED)
        for name in ("fail_if", "warn_if"):
            if (said := getattr(self, name)) is not None:
                limit, problems = read_limit(said, name)
                given.problems += problems
                object.__setattr__(self, name, limit)
        given.problems += problems_of_names(names or (), "unique")
        given.problems += _objections(self.rule, days, names, places)
        given.refuse("This is no check.")
        object.__setattr__(self, "max_days", FrozenDict(days or {}))
        object.__setattr__(self, "unique", names or ())
        object.__setattr__(self, "stages", places or ())

    @property
    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Its rules, each with what it is for."""
        for name, rule in (("rule", self.rule), ("when", self.when)):
            if rule is not None:
                yield name, rule


def _objections(
    rule: object,
    days: Mapping[object, object] | None,
    names: Sequence[str] | None,
    places: Sequence[str] | None,
) -> Iterator[Problem]:
    """What does not go together."""
    for key, most in (days or {}).items():
        if not (isinstance(key, str) and type(most) is int and 1 <= most <= _MOST_DAYS):
            message = f"must be the key of a stage, and days from 1 to {_MOST_DAYS:,}"
            yield Problem(f"max_days[{key!r:.80}]", message)
    if rule is None and days is not None and not days and names is not None and not names:
        hint = "give rule, max_days or unique"
        yield Problem("rule", "it says nothing that ought to hold", hint)
    said = {"a rule": rule, "max_days": days, "unique": names}
    first, *more = [name for name, it in said.items() if it] or [""]
    for name in more:
        yield Problem(name, f"it has {first} already", "make two checks of it", "conflict")
    if places and days:
        yield Problem("stages", "max_days says where it is asked", "leave it out", "conflict")


def read_checks(
    given: Arguments, checks: Mapping[str, Rule | OwnCheck] | None
) -> dict[str, OwnCheck]:
    """The caller's checks by name; what is none, or has no name, is noted and left out."""
    found = {}
    for name, check in (given.read(mapping, checks, "checks") or {}).items():
        path = f"checks[{name!r}]"
        if not isinstance(check, Rule | OwnCheck):
            message = f"must be a Rule or an OwnCheck, not {describe(check)}"
            given.problems.append(Problem(path, message, _PARSE))
        if not (isinstance(name, str) and name.strip(BLANK) and name.isprintable()):
            hint = 'write a text, as in "big_deals"'
            given.problems.append(Problem(path, "not a valid name of a check", hint))
        elif isinstance(check, Rule | OwnCheck):
            found[name] = OwnCheck(rule=check) if isinstance(check, Rule) else check
    return found


def under_playbook(
    playbook: Playbook, own: dict[str, OwnCheck]
) -> tuple[list[Fact], list[Problem]]:
    """What the caller's checks read beyond the facts of the playbook and of a pipeline.

    A check that does not go with the playbook is noted, and taken out of `own`.
    """
    facts = hygiene_facts(playbook)
    more: dict[str, Fact] = {}
    problems: list[Problem] = []
    for name, check in list(own.items()):
        found = [*problems_of_places(check.stages, check.max_days, playbook)]
        for part, rule in check.rules:
            path = "" if part == "rule" else part
            found += [
                replace(problem, path=path) for problem in _problems_of_rule(rule, playbook, facts)
            ]
            for fact, kind in dict.fromkeys(facts_of_node(rule.node)):
                known = facts.get(fact) or more.get(fact)
                if known is None:
                    more[fact] = Fact(fact, kind)
                    if kind is FactKind.MONEY:
                        more[f"{fact}{CURRENCY}"] = Fact(f"{fact}{CURRENCY}", FactKind.CHOICE)
                elif known.kind is not kind:
                    message = f"it reads {fact} as a {kind}, and it is a {known.kind}"
                    hint = "parse the rule with facts=playbook.facts"
                    found.append(Problem(path, message, hint))
        if found:
            del own[name]
        at = f"checks[{name!r}]"
        problems += [replace(it, path=f"{at}.{it.path}" if it.path else at) for it in found]
    return list(more.values()), problems


def _problems_of_rule(rule: Rule, playbook: Playbook, facts: Facts) -> Iterator[Problem]:
    """What the playbook does not have: values of its choices, and stages that are reached."""
    yield from problems_of(rule.node, facts)
    places = {name.removeprefix(REACHED) for name in playbook.facts if name.startswith(REACHED)}
    for fact in sorted(rule.facts):
        place = fact.removeprefix(REACHED)
        if place != fact and place not in places:
            hint = near(place, sorted(places))
            yield Problem("", f"there is no stage {place!r} to reach", hint, "unknown_stage")


def problems_of_places(
    stages: Iterable[str], limited: Iterable[str], playbook: Playbook
) -> Iterator[Problem]:
    """Stages of a check that the playbook does not have; where limited, that no open deal is in."""
    named = {f"stages[{at}]": key for at, key in enumerate(stages)}
    days = {f"max_days.{step(key)}": key for key in limited}
    places = Places(playbook)
    known = {key: it for key, it in places.by_key.items() if it.stage is not None}
    for path, key in (named | days).items():
        if key not in known:
            message, hint = f"there is no stage {key!r:.80}", near(key, known)
            yield Problem(path, message, hint, "unknown_stage")
        elif path in days and known[key].outcome != "none":
            yield Problem(path, "only won deals come there", "leave it out", "unreachable")


def own_checks(
    own: Mapping[str, OwnCheck], deals: Deals, names: Mapping[str, Text]
) -> Iterator[Check]:
    """The caller's checks; `names` as sentences take them. What has no column is noted."""
    for key, it in own.items():
        made = _made(key, it, deals, names)
        if made is not None:
            needs = (*made.needs, *(sorted(it.when.facts) if it.when else ()))
            yield replace(
                made,
                key=key,
                severity=it.severity,
                title=it.title or made.title,
                when=it.when,
                needs=needs,
                group="own",
            )


def _made(key: str, own: OwnCheck, deals: Deals, names: Mapping[str, Text]) -> Check | None:
    playbook = deals.playbook
    if own.max_days:
        stay = as_check(stay_rule(playbook, key, own.max_days), playbook)
        assert stay is not None  # noqa: S101 - open deals stand there, or it was refused
        return stay
    scopes = (Scope("all", _codes(own, playbook)),)
    if own.rule is None:
        made = unique_check(deals, key, own.unique, f"checks[{key!r}].unique")
        return made and replace(made, scopes=scopes)
    said = both(en=own.rule.sentence("en", names), zh=own.rule.sentence("zh", names))
    return Check(key, own.rule, scopes, own.severity, said, group="own")


def _codes(check: OwnCheck, playbook: Playbook) -> tuple[int, ...] | None:
    """Where it is asked; None for everywhere."""
    if not check.stages:
        return None
    return tuple(
        it.code
        for it in Places(playbook)
        if it.stage in check.stages or it.sub_stage in check.stages
    )
