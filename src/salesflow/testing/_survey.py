"""Deals for a whole playbook: one on the way to every position, and through every gate."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from typing import Final, NamedTuple

from salesflow.domain import Opportunity
from salesflow.engine import Advance, Command, MoveTo, StageEngine, Start
from salesflow.engine._gates import compile_playbook
from salesflow.playbook import Criterion, Playbook, Track
from salesflow.playbook._parts import ENDED
from salesflow.playbooks import BUILT_IN
from salesflow.rules import Verdict
from salesflow.testing._case_format import BLANK
from salesflow.testing._cases import CaseFile
from salesflow.testing._course import WEEKDAYS, Course, Sample, team_of
from salesflow.testing._levers import put
from salesflow.testing._means import Means, Passage

_MOST_COURSES: Final = 200
"""How many ways through a process are gone, where it is no line."""


class Way(NamedTuple):
    """A way out of a position: to another one, or to the end."""

    source: str
    target: str


@dataclass(slots=True)
class Survey:
    """What was found by taking deals through a playbook.

    Attributes:
        playbook: The process.
        new: A deal of which nothing has happened yet.
        arrived: By position, the course of the first deal that came there.
        passed: By way, the course of the first deal that took it.
        shut: By way, how far the deal came that came farthest and did not take it.
        asked: By criterion, a deal of which it is asked.
        met: By criterion, a deal by which it is met.
        unmet: By criterion, a deal by which it is not met.
    """

    playbook: Playbook
    new: Course
    arrived: dict[str, Course] = field(default_factory=dict)
    passed: dict[Way, Course] = field(default_factory=dict)
    shut: dict[Way, Passage] = field(default_factory=dict)
    asked: dict[str, Course] = field(default_factory=dict)
    met: dict[str, Course] = field(default_factory=dict)
    unmet: dict[str, Course] = field(default_factory=dict)

    @property
    def courses(self) -> Iterator[Course]:
        """Every course that was found."""
        yield self.new
        yield from self.arrived.values()
        yield from self.passed.values()
        yield from self.met.values()
        yield from self.unmet.values()


def survey_of(playbook: Playbook, samples: dict[str, Sample]) -> Survey:
    """Take deals through a playbook.

    Args:
        playbook: The process.
        samples: The records that its deals can get.
    """
    survey = Survey(playbook, _new(playbook, samples))
    means = Means()
    start = means.try_through(survey.new, Start(by=survey.new.owner))
    if start.blockers:
        survey.shut[Way("", playbook.initial.key)] = start
        return survey
    _go(survey, start.course, means)
    for criterion, courses in _asked(survey):
        _weigh(survey, criterion, courses, means)
    return survey


def _new(playbook: Playbook, samples: dict[str, Sample]) -> Course:
    """A deal of which nothing has happened yet, with somebody in every role."""
    deal = Opportunity.model_validate({**BLANK, "team": team_of(playbook)})
    engine = StageEngine(playbook, calendar=WEEKDAYS)
    return Course(engine, deal, samples=samples)


def _go(survey: Survey, start: Course, means: Means) -> None:
    """From one position to the next by every way, those that were not gone yet before others."""
    waiting = deque([(start, frozenset[str]())])
    seen = set[tuple[str, frozenset[str]]]()
    gone = 0
    while waiting and gone < _MOST_COURSES:
        course, been = waiting.popleft()
        here = str(course.deal.progress.position)
        been |= {here}
        if (here, been) in seen:
            continue
        seen.add((here, been))
        survey.arrived.setdefault(here, course)
        for way in ways_from(survey.playbook, here):
            if way in survey.passed and way.target in survey.arrived and not survey.shut:
                continue
            gone += 1
            found = means.try_through(course, _command(survey.playbook, course, way))
            if found.blockers or not _is_at(found.course, way.target):
                old = survey.shut.get(way)
                if way not in survey.passed and (
                    old is None or len(found.blockers) < len(old.blockers)
                ):
                    survey.shut[way] = found
                continue
            survey.passed.setdefault(way, found.course)
            survey.shut.pop(way, None)
            if way.target != ENDED:
                waiting.append((found.course, been))


def ways_from(playbook: Playbook, position: str) -> list[Way]:
    """The ways out of a position that the process itself has, the main one first."""
    targets = [move.target for move in playbook.moves_from(position)] or [ENDED]
    if playbook.position(position).final and ENDED not in targets:
        targets.append(ENDED)
    return [Way(position, target) for target in targets]


def _command(playbook: Playbook, course: Course, way: Way) -> Command:
    """What takes a deal there."""
    ways = ways_from(playbook, way.source)
    if way == ways[0] and (len(ways) == 1 or way.target == ENDED):
        return Advance(by=course.owner)
    return MoveTo(by=course.owner, stage=way.target)


def _is_at(course: Course, target: str) -> bool:
    progress = course.deal.progress
    return progress.ended if target == ENDED else progress.position == target


def _asked(survey: Survey) -> Iterator[tuple[Criterion, list[Course]]]:
    """Every criterion, and the deals of which it is asked."""
    playbook, found = survey.playbook, dict[str, list[Course]]()
    compiled = compile_playbook(playbook)
    for criterion in playbook.initial.entry:
        found.setdefault(criterion.key, []).append(survey.new)
    for (source, _), gate in compiled.ways.items():
        for criterion in gate.criteria:
            leaving = (survey.passed.get(way) for way in ways_from(playbook, source))
            known = [survey.arrived.get(source), *leaving]
            found.setdefault(criterion.key, []).extend(it for it in known if it is not None)
    for (track, state), gate in compiled.states.items():
        before = [*_before(survey, playbook.tracks[track], state)] if gate.criteria else []
        for criterion in gate.criteria:
            found.setdefault(criterion.key, []).extend(before)
    for key, criterion in playbook.criteria.items():
        yield criterion, found.get(key, [])


def _before(survey: Survey, track: Track, state: str) -> Iterator[Course]:
    """Deals as they came, and one in each state of a track from which the way leads to this one."""
    arrived = [*survey.arrived.values()]
    yield from arrived
    for source in track.states:
        if state in track.ways(source.key):
            # Perhaps the track moves in some stages only.
            moved = (put(Means(), it, f"track.{track.key}", source.key) for it in arrived)
            yield from islice(chain.from_iterable(moved), 1)


def _weigh(survey: Survey, criterion: Criterion, courses: Iterable[Course], means: Means) -> None:
    """Look for a deal by which a criterion is met where it applies, and for one where it is not."""
    for course in courses:
        survey.asked.setdefault(criterion.key, course)
        here = course
        if criterion.when is not None:
            here = next(means.make(course, criterion.when, want=True), course)
            if here.verdict(criterion.when) is not Verdict.YES:
                continue
        if criterion.key not in survey.met:
            found = next(means.meet(here, criterion), None)
            if found is not None:
                survey.met[criterion.key] = found
        if criterion.key not in survey.unmet:
            found = next(means.fail(here, criterion), None)
            if found is not None:
                survey.unmet[criterion.key] = found
        if criterion.key in survey.met and criterion.key in survey.unmet:
            return


def samples_for(playbook: Playbook, cases: CaseFile | None) -> dict[str, Sample]:
    """The records that deals of a playbook can get: of its own cases, then of the built-in ones."""
    if not playbook.record_facts:
        return {}
    found = {} if cases is None else dict(cases.samples())
    reads = {name for group, _ in playbook.record_readers.values() for name in group.reads}
    for key in BUILT_IN:
        for name, sample in _built_in(key).items():
            if sample.kind in reads:
                found.setdefault(f"{key}: {name}", sample)
    return found


@cache
def _built_in(playbook: str) -> dict[str, Sample]:
    file = CaseFile.beside(playbook)
    return {} if file is None else file.samples()
