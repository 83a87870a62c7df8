"""A router over playbooks and their versions: the engine for each deal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from salesflow._arguments import A_PLAYBOOK, instance, several
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._facts.fact_plan import check_deal
from salesflow.engine._facts.from_records import Resolver
from salesflow.engine.commands import Command, Migrate
from salesflow.engine.decision import DealT, Decision
from salesflow.engine.engine import StageEngine
from salesflow.engine.events import Event
from salesflow.engine.hooks import Hook, callables
from salesflow.errors import ArgumentError, JsonData, PlaybookMismatch, Problem, UnknownName
from salesflow.money import Rates
from salesflow.playbook import Playbook
from salesflow.schedule import WorkCalendar

__all__ = ["Engines"]

_PART: Final = re.compile(r"\d+|[A-Za-z]+")


class Engines:
    r"""An engine for each of several playbooks, and for each deal the one that it follows.

    A process changes while deals are under way, and a company has more than one. A deal goes on
    under the version that it was started under, until `Migrate` takes it to the newest. Versions
    are ordered by their numbers: 1.10 comes after 1.9, and 2.0 after 2.0-rc.1, as after every
    version that adds letters to its own. Like an engine, it never changes and may be shared by
    threads.

    Args:
        playbooks: The processes, in any order: every version that deals still follow.
        rates: For all of them, as for a `StageEngine`.
        tz: For all of them.
        calendar: For all of them.
        hooks: For all of them.
        records: For all of them.

    Raises:
        ArgumentError: No playbook is given, or two that differ have one id and version, so that
            neither is the newer one; or an argument is of the wrong kind.

    Example:
        >>> import salesflow as sf
        >>> from datetime import UTC, datetime
        >>> text = 'id = "acme"\nversion = "1.9"\ntitle = "Acme"\n[[stages]]\nkey = "talk"\n'
        >>> text += 'title = "Talk"\n[[stages]]\nkey = "sign"\ntitle = "Sign"\n'
        >>> old = sf.Playbook.from_toml(text)
        >>> new = sf.Playbook.from_toml(
        ...     text.replace('"1.9"', '"1.10"').replace('"talk"', '"meet"')
        ...     + '[[migrations]]\nfrom = "1.9"\nstages = { talk = "meet" }\n'
        ... )
        >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        >>> deal = sf.Opportunity(id="D-1", name="ERP", owner="li.wei")
        >>> deal = sf.StageEngine(old).decide(deal, sf.Start(by="li.wei"), at=now).require()
        >>> engines = sf.Engines([new, old])
        >>> engines.of(deal).playbook.version
        '1.9'
        >>> deal = engines.decide(deal, sf.Migrate(by="li.wei"), at=now).require()
        >>> deal.progress.stage, engines.of(deal).playbook.version
        ('meet', '1.10')
    """

    __slots__ = ("_by_digest", "_newest")

    def __init__(
        self,
        playbooks: Iterable[Playbook],
        *,
        rates: Rates | None = None,
        tz: str = "UTC",
        hooks: Iterable[Hook] = (),
        calendar: WorkCalendar | None = None,
        records: Resolver | None = None,
    ) -> None:
        given = several(playbooks, Playbook, "playbooks", A_PLAYBOOK)
        if not given:
            problem = Problem("playbooks", "must name at least one process", A_PLAYBOOK, "missing")
            raise ArgumentError.of(problem)
        asked = callables(hooks)  # once: they may come from a generator
        ordered = _in_order(given)
        engines = [
            StageEngine(
                playbook, rates=rates, tz=tz, hooks=asked, calendar=calendar, records=records
            )
            for playbook in ordered
        ]
        # Where versions behave alike, the newest has the best words: it comes last and stays.
        self._by_digest: Mapping[tuple[str, str], StageEngine] = {
            (engine.playbook.id, engine.playbook.digest): engine for engine in engines
        }
        self._newest: Mapping[str, StageEngine] = {engine.playbook.id: engine for engine in engines}

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        """The processes, by id and from the oldest version to the newest.

        Of versions that differ in nothing but words there is the newest only.
        """
        return tuple(engine.playbook for engine in self._by_digest.values())

    def newest(self, playbook: str) -> StageEngine:
        """The engine of the newest version of a process.

        Args:
            playbook: Its id.

        Raises:
            ArgumentError: The id is no text.
            UnknownName: There is no playbook of this id here.
        """
        if instance(playbook, str, "playbook") not in self._newest:
            raise UnknownName("playbook", playbook, self._newest)
        return self._newest[playbook]

    def of(self, opportunity: Deal, *, playbook: str | None = None) -> StageEngine:
        """The engine of the playbook that a deal follows, in the version that it follows.

        Args:
            opportunity: The deal as the host has it.
            playbook: Of a deal that was not started: the id of the process that it is to follow,
                in its newest version. It may be left out where there is one process only, and is
                not looked at once the deal was started.

        Raises:
            ArgumentError: The deal was not started, there are several processes, and `playbook`
                does not say which; or an argument is of the wrong kind.
            UnknownName: There is no playbook of the id given.
            PlaybookMismatch: The deal follows a playbook, or a version of one, that is not here.
        """
        check_deal(opportunity)
        stamp = opportunity.progress.playbook
        if stamp is None:
            return self._for_a_start(playbook)
        engine = self._by_digest.get((stamp.id, stamp.digest))
        if engine is None:
            raise self._mismatch(opportunity)
        return engine

    def decide(
        self,
        opportunity: DealT,
        command: Command,
        *,
        at: datetime,
        playbook: str | None = None,
        events: Iterable[Event] | None = None,
    ) -> Decision[DealT]:
        """Decide a command with the engine of the deal; `Migrate` with the newest of its process.

        Args:
            opportunity: The deal as the host has it.
            command: What somebody wants.
            at: The present moment with its zone, not before the deal's last event.
            playbook: Of a deal that was not started: as for `of`.
            events: As for `StageEngine.decide`.

        Raises:
            ArgumentError: As for `of` and `StageEngine.decide`, and so for everything else that
                these two raise.
            PlaybookMismatch: The deal follows a playbook that is not here; of `Migrate`, one of
                which no version is here.
        """
        check_deal(opportunity)
        stamp = opportunity.progress.playbook
        if stamp is None or not isinstance(command, Migrate):
            engine = self.of(opportunity, playbook=playbook)
        elif stamp.id in self._newest:
            engine = self._newest[stamp.id]
        else:
            raise self._mismatch(opportunity)
        return engine.decide(opportunity, command, at=at, events=events)

    def __copy__(self) -> Engines:
        return self  # it never changes

    def __deepcopy__(self, memo: object) -> Engines:
        return self

    def __repr__(self) -> str:
        listed = ", ".join(f"{playbook.id} {playbook.version}" for playbook in self.playbooks)
        return f"<Engines: {listed}>"

    def _for_a_start(self, playbook: str | None) -> StageEngine:
        if playbook is not None:
            return self.newest(playbook)
        if len(self._newest) == 1:
            return next(iter(self._newest.values()))
        ids = ", ".join(self._newest)
        problem = Problem("playbook", "must say what the deal is to follow", f"one of {ids}")
        raise ArgumentError.of(problem)

    def _mismatch(self, opportunity: Deal) -> PlaybookMismatch:
        stamp = opportunity.progress.playbook
        assert stamp is not None  # noqa: S101 - those who ask have looked
        here: list[JsonData] = [
            {"id": item.id, "version": item.version, "digest": item.digest}
            for item in self.playbooks
        ]
        listed = ", ".join(
            f"{item.id} {item.version} (digest {item.digest[:12]})" for item in self.playbooks
        )
        return PlaybookMismatch(
            f"Deal {opportunity.id!r} follows {stamp.id} {stamp.version} "
            f"(digest {stamp.digest[:12]}); here are {listed}.",
            hint="Give the engines the playbook the deal was started under, or Migrate the deal."
            if stamp.id in self._newest
            else "Give the engines the playbook the deal was started under.",
            data={
                "deal": {"id": stamp.id, "version": stamp.version, "digest": stamp.digest},
                "engines": here,
            },
        )


def _in_order(playbooks: Iterable[Playbook]) -> list[Playbook]:
    """By id, and from the oldest version to the newest; each once.

    Raises:
        ArgumentError: Two that differ are equally new.
    """
    found: dict[tuple[str, object], Playbook] = {}
    problems: list[Problem] = []
    for at, playbook in enumerate(playbooks):
        place = (playbook.id, _age(playbook.version))
        before = found.setdefault(place, playbook)
        if before != playbook:
            told = f"{before.id} {before.version} and {playbook.id} {playbook.version}"
            problems.append(Problem(f"playbooks[{at}]", f"{told} differ", code="version"))
    if problems:
        raise ArgumentError(
            "Of two playbooks with one id and version, neither is the newer one.",
            hint="Give what was changed a version of its own.",
            problems=problems,
        )
    return sorted(found.values(), key=lambda each: (each.id, _age(each.version)))


def _age(version: str) -> tuple[object, ...]:
    """A key that sorts versions by their age.

    Numbers first, whatever stands between them; zeros at their end say nothing. What has letters
    after the same numbers comes before what has none. What follows a plus sign counts last.

    Example:
        >>> sorted(["1.10", "2.0", "1.9", "2.0-rc.2", "2.0-rc.10", "v3", "1.9+b"], key=_age)
        ['1.9', '1.9+b', '1.10', '2.0-rc.2', '2.0-rc.10', '2.0', 'v3']
    """
    said, _, build = version.casefold().partition("+")
    if re.match(r"v[.]?\d", said):
        said = said[1:]
    parts = _PART.findall(said)
    first = next((at for at, part in enumerate(parts) if not part.isdigit()), len(parts))
    numbers = [int(part) for part in parts[:first]]
    while numbers and not numbers[-1]:
        numbers.pop()
    return (
        tuple(numbers),
        first == len(parts),
        _mixed(parts[first:]),
        _mixed(_PART.findall(build)),
    )


def _mixed(parts: Iterable[str]) -> tuple[tuple[bool, int | str], ...]:
    # Numbers before words, as semantic versions have it.
    return tuple((False, int(part)) if part.isdigit() else (True, part) for part in parts)
