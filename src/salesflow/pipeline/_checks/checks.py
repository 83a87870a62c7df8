"""Checks of the caller's own in a file, to be read, written and edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from salesflow._arguments import A_PLAYBOOK, Arguments, instance
from salesflow._frozen import FrozenDict
from salesflow.errors import ArgumentError, Problem, SalesflowError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._checks.catalogue import FAMILIES
from salesflow.pipeline._checks.own import (
    OwnCheck,
    problems_of_places,
    read_checks,
    under_playbook,
)
from salesflow.playbook import Playbook
from salesflow.playbook._beside import BesideFile
from salesflow.playbook._document import definitions
from salesflow.playbook._model_assets import FACT_NAME
from salesflow.playbook._model_process import KEY
from salesflow.playbook._parts import RawTable
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._read import FileFormat
from salesflow.playbook._records import RecordShape
from salesflow.playbook._shape import Choice, Json
from salesflow.playbook._tables import Field, List, Table
from salesflow.playbook._toml import toml
from salesflow.qualify._hygiene_facts import hygiene_facts
from salesflow.rules import Rule
from salesflow.rules._canonical import facts_of_node
from salesflow.terms import SEVERITIES

_MESSAGE: Final = "These checks cannot be made."
_OWN: Final = RecordShape("a check", OwnCheck)
_CHECK: Final = Table(
    "a check",
    {"key": Field(KEY, "What it is called in the report.", required=True), **_OWN.fields},
)
_FACT: Final = Table(
    "a fact",
    {
        "name": Field(FACT_NAME, "What rules call it.", required=True),
        "kind": Field(Choice(*FactKind), "What its values are.", required=True),
    },
)
_FILE: Final = Table(
    "a file of checks",
    {
        "facts": Field(
            List(_FACT, 500, unique="name"), "What rules read that the playbook does not have."
        ),
        "checks": Field(List(_CHECK, 500, least=1, unique="key"), required=True),
    },
)


class InvalidChecks(SalesflowError, ValueError):
    """The file of checks cannot be used.

    `problems` lists everything that is wrong with it, with lines, paths and hints.
    """

    code = "checks"
    status = 422


# Where it is to be imported from; tracebacks and pickles say so.
InvalidChecks.__module__ = "salesflow.pipeline"

_CHECKS: Final = BesideFile("checks", InvalidChecks)


class Checks(Mapping[str, OwnCheck]):
    """Checks of your own, by name, as a file has them: `checks=` of `check_pipeline`.

    It is a mapping, so that what a file says and what code says go together:
    `checks={**checks_of_file, "big": rule}`. It never changes.

    Args:
        checks: By the name that a check gets in the report, a rule, or an
            [`OwnCheck`][salesflow.pipeline.OwnCheck] where there is more to be said.
        playbook: The process; rules, stages and sub-stages are looked up in it.

    Attributes:
        facts: What the rules read that the playbook does not have.

    Raises:
        ArgumentError: Some are no checks, or do not go with the playbook; `problems` lists all.

    Example:
        >>> from salesflow import load_playbook
        >>> checks = Checks.from_toml(
        ...     '''
        ...     [[checks]]
        ...     key = "big_deals_have_a_sponsor"
        ...     rule = "known(account.sponsor)"
        ...     when = "amount >= 100_000"
        ...     fail_if = 0.1
        ...     [[facts]]
        ...     name = "account.sponsor"
        ...     kind = "text"
        ...     ''',
        ...     load_playbook("optimized_sales_process"),
        ... )
        >>> list(checks), checks["big_deals_have_a_sponsor"].fail_if
        (['big_deals_have_a_sponsor'], 0.1)
    """

    __slots__ = ("_checks", "facts")

    facts: tuple[Fact, ...]

    def __init__(self, checks: Mapping[str, Rule | OwnCheck], playbook: Playbook) -> None:
        given = Arguments()
        given.read(instance, playbook, Playbook, "playbook", A_PLAYBOOK)
        own = read_checks(given, checks)
        log = ProblemLog()
        for name in own:
            _check_name(name, f"checks[{name!r:.80}]", log)
        given.problems += log.problems
        if isinstance(playbook, Playbook):
            given.problems += under_playbook(playbook, own)[1]
        given.refuse(_MESSAGE)
        self._keep(own, playbook)

    def _keep(self, own: Mapping[str, OwnCheck], playbook: Playbook) -> None:
        self._checks = FrozenDict(own)
        read = {
            Fact(name, kind): None
            for check in own.values()
            for _, rule in check.rules
            for name, kind in facts_of_node(rule.node)
            if name not in playbook.facts
        }
        self.facts = tuple(read)

    @classmethod
    def from_toml(cls, text: str, playbook: Playbook) -> Checks:
        """Read and check a file of checks in TOML.

        [The format of checks](../checks-format.md) says what it can say.

        Args:
            text: The text of the file.
            playbook: The process; rules, stages and sub-stages are looked up in it, and its
                `main_language` is that of titles without one.

        Raises:
            InvalidChecks: `problems` lists everything that is wrong, with lines and hints.
            ArgumentError: `playbook` is none.
        """
        return cls._of(text, "toml", playbook)

    @classmethod
    def from_file(cls, path: str | Path, playbook: Playbook) -> Checks:
        """Read and check a `.toml` file in UTF-8, or a `.json` file of the same shape.

        Raises:
            InvalidChecks: The file cannot be read, or `problems` lists everything that is wrong.
            ArgumentError: `playbook` is none.
        """
        return cls._of(*_CHECKS.text(path), playbook)

    @classmethod
    def _of(cls, text: str, format: FileFormat, playbook: Playbook) -> Checks:  # noqa: A002 - as in `Playbook`
        instance(playbook, Playbook, "playbook", A_PLAYBOOK)
        table, source = _CHECKS.tables(text, format)
        own: dict[str, OwnCheck] = {}
        with _CHECKS.refusing(source, playbook.main_language) as log:
            found = _FILE.read(table, "", log) or _FILE.filled("")
            found = _FILE.with_rules(found, "", _facts(found, playbook, log), log)
            for check in found.tables("checks"):
                _check_name(check.name("key"), check.at("key"), log)
                places = problems_of_places(check.names("stages"), _limited(check), playbook)
                _note(check, places, log)
                if not log.told(check.path):
                    own |= _made(check, log)
        made = object.__new__(cls)
        made._keep(own, playbook)
        return made

    def to_toml(self) -> str:
        """A file of these checks, which `from_toml` reads as the same under this playbook."""
        facts = [_FACT.filled("", name=it.name, kind=str(it.kind)) for it in self.facts]
        checks = [
            _CHECK.filled("", key=key, **{name: getattr(check, name) for name in _OWN.fields})
            for key, check in self.items()
        ]
        table = _FILE.filled("", facts=tuple(facts), checks=tuple(checks))
        return toml(_FILE.write(table, behaviour=False))

    @staticmethod
    def json_schema() -> dict[str, Json]:
        """The shape of a file of checks as JSON Schema, for editors; a new dict each time."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "salesflow checks",
            **_FILE.schema(),
            "$defs": definitions(),
        }

    def __getitem__(self, name: str) -> OwnCheck:
        return self._checks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)

    def __hash__(self) -> int:
        return hash(self._checks)

    def __repr__(self) -> str:
        return f"<Checks: {', '.join(self._checks)}>"


def _check_name(name: str | None, path: str, log: ProblemLog) -> None:
    """Note what cannot be the key of a check in a file."""
    if name in FAMILIES or name in SEVERITIES:
        log.add(path, f'"{name}" is what checks are called together', "choose another key", "key")
    elif name is not None and not log.told(path):
        KEY.read(name, path, log)


def _facts(file: RawTable, playbook: Playbook, log: ProblemLog) -> Facts:
    """What the rules of a file may read: the facts of the playbook, and those that it declares."""
    more: list[Fact] = []
    for table in file.tables("facts"):
        name, kind = table.name("name"), table.name("kind")
        if name is None or kind is None:
            log.doubtful |= {name} if name else set()
            continue
        known = hygiene_facts(playbook).get(name)
        if known is None:
            more.append(Fact(name, FactKind(kind)))
        elif known.kind != kind:
            message = f'the playbook has a fact "{name[:60]}", of kind {known.kind}'
            log.add(table.at("kind"), message, "leave it out here", "conflict")
    return playbook.facts.extended(more)


def _limited(check: RawTable) -> tuple[str, ...]:
    """Where a check says how long deals may be."""
    days = check["max_days"]
    return tuple(days) if isinstance(days, dict) else ()


def _note(check: RawTable, problems: Iterable[Problem], log: ProblemLog) -> None:
    for it in problems:
        log.add(check.at(it.path), it.message, it.hint, it.code)


def _made(check: RawTable, log: ProblemLog) -> Mapping[str, OwnCheck]:
    """By its key the check that could be read; what does not go together is noted."""
    try:
        return {check.key: _OWN.make(check)}
    except ArgumentError as error:
        _note(check, error.problems, log)
        return {}
