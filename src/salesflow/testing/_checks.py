"""The checks of a whole playbook: what its author would try out by hand, tried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from salesflow.engine import Migrate, StageEngine, facts_of
from salesflow.errors import Problem, SalesflowError
from salesflow.playbook import Criterion, Playbook
from salesflow.rules import Verdict
from salesflow.rules._satisfiability import can_be_yes
from salesflow.rules.ast import Not
from salesflow.testing._bench import Bench
from salesflow.testing._course import FIRST_DAY, WEEKDAYS, in_words
from salesflow.testing._errors import CheckSkipped, Fault, InvalidCases, problems_of
from salesflow.testing._frames import columns_of, differences
from salesflow.testing._mermaid import faults_of
from salesflow.testing._survey import samples_for, survey_of, ways_from

Found: TypeAlias = Iterator[Fault | str]
"""What a check finds: faults, and remarks that are none."""


def loads(bench: Bench) -> Found:
    """The playbook can be read, and has no errors."""
    try:
        bench.playbook  # noqa: B018 - it loads when it is asked for
    except SalesflowError as error:
        for problem in problems_of(error):
            yield Fault(problem)


def lint(bench: Bench) -> Found:
    """The lint has nothing to say, not even a warning; texts have a check of their own."""
    for problem in bench.lint:
        if problem.code != "translation":
            yield Fault(problem)


def texts(bench: Bench) -> Found:
    """Every text is there in every language that the playbook lists."""
    for problem in bench.lint:
        if problem.code == "translation":
            yield Fault(problem)


def round_trip(bench: Bench) -> Found:
    """Written as JSON and read again, it is the same playbook, with the same digests."""
    playbook = bench.playbook
    again = Playbook.from_json(playbook.to_json())
    for name in ("digest", "content_digest"):
        if getattr(again, name) != getattr(playbook, name):
            yield Fault(Problem(name, "it is another one once the playbook was written as JSON"))


def diagram(bench: Bench) -> Found:
    """Its diagram is one, in each of its languages, and shows every position."""
    playbook = bench.playbook
    for lang in playbook.languages:
        text = playbook.diagram(lang, visited=[it.key for it in playbook.positions])
        for fault in faults_of(text):
            yield Fault(Problem(f"diagram.{lang}", fault))


def stages(bench: Bench) -> Found:
    """A deal comes to every stage and sub-stage, and leaves it by every way that there is."""
    playbook, survey = bench.playbook, bench.survey
    for way, (course, blockers) in survey.shut.items():
        if way.source:
            where, what = (
                f"stages.{way.source}",
                f'no deal was found that goes on to "{way.target}"',
            )
        else:
            where, what = "stages", "no deal was found that starts"
        why = "; ".join(f'"{it.key}": {it.fix}' for it in blockers)
        told = Problem(where, f"{what}: {why}", code="shut")
        yield Fault(told, tuple(in_words(course.steps)))
    ways = {way for place in survey.arrived for way in ways_from(playbook, place)}
    told_of = {way.target for way in survey.shut}
    for place in playbook.positions:
        if place.key not in survey.arrived and place.key not in told_of:
            yield Fault(Problem(f"stages.{place.key}", "no deal was found that comes here"))
    for way in ways - survey.passed.keys() - survey.shut.keys():
        yield f"{way.source} to {way.target} was not tried: there are too many ways"


def criteria(bench: Bench) -> Found:
    """Every criterion is met by some deal where it applies, and not met by some other."""
    playbook, survey = bench.playbook, bench.survey
    for key, criterion in playbook.criteria.items():
        asked = survey.asked.get(key)
        if asked is None:
            yield f"{key}: no deal was found of which it is asked"
            continue
        course = tuple(in_words(asked.steps))
        if key not in survey.met:
            yield _not_found(playbook, criterion, course, want=True)
        if key not in survey.unmet:
            yield _not_found(playbook, criterion, course, want=False)


def _not_found(
    playbook: Playbook, criterion: Criterion, course: tuple[str, ...], *, want: bool
) -> Fault | str:
    """What is said where no deal was found that meets a criterion, or that does not."""
    rule = criterion.check_rule
    node = rule.node if want else Not(rule.node)
    silent = rule.verdict({}, FIRST_DAY) is Verdict.UNKNOWN
    if can_be_yes(node, playbook.facts) is False and (want or not silent):
        return (
            f"{criterion.key}: it is always {'unmet' if want else 'met'}, whatever a deal is like"
        )
    hint = ""
    read = sorted(rule.facts & playbook.record_facts)
    if read:
        classes = dict.fromkeys(
            it for name in read for it in playbook.record_readers[name][0].reads
        )
        hint = f"add such a record to [records] of its cases: {', '.join(classes)}"
    where = f"criteria.{criterion.key}"
    verb = "meets" if want else "does not meet"
    return Fault(Problem(where, f"no deal was found that {verb} it: {rule}", hint, "found"), course)


def frames(bench: Bench) -> Found:
    """The engine and a frame say the same of every rule, on deals for every stage.

    Raises:
        CheckSkipped: No library of frames is installed.
    """
    courses = bench.courses
    if not courses:
        raise CheckSkipped("No deal was found that starts.")
    at = max(course.at for course in courses)
    known = [facts_of(course.deal, bench.playbook, at=at) for course in courses]
    columns = columns_of(bench.playbook, known)
    for difference in differences(bench.playbook, known, columns, at.date()):
        yield Fault(Problem("frames", difference))


def migrations(bench: Bench) -> Found:
    """A deal of an earlier version goes on under this one, wherever it stands."""
    playbook = bench.playbook
    origins = [(it.playbook or playbook.id, it.from_version) for it in playbook.migrations]
    if (playbook.id, playbook.version) in origins:
        yield Fault(
            Problem("migrations", "one comes from the version that the playbook has itself")
        )
    given = {(it.id, it.version): it for it in bench.earlier}
    for origin in origins:
        if origin not in given:
            yield f"{' '.join(origin)} was not tried: the earlier playbook was not given"
    engine = StageEngine(playbook, calendar=WEEKDAYS)
    for (name, version), earlier in given.items():
        for place, course in survey_of(earlier, samples_for(earlier, None)).arrived.items():
            decision = replace(course, engine=engine).tried(Migrate(by=course.owner))
            for blocker in decision.blockers:
                where = f"{name} {version}: {place}"
                yield Fault(Problem(where, f"its deals do not go on: {blocker.fix}"))


def cases(bench: Bench) -> Found:
    """The cases beside its file come as they say."""
    try:
        file = bench.cases
        results = () if file is None else file.run(bench.playbook)
    except InvalidCases as error:
        for problem in problems_of(error):
            yield Fault(problem)
        return
    if file is None:
        raise CheckSkipped(
            "There are no cases beside it.",
            hint="Write acme.cases.toml beside acme.toml; see the format of cases.",
        )
    for result in results:
        for problem in result.problems:
            yield Fault(replace(problem, message=f"{problem.message} (“{result.say}”)"))


CHECKS: Final[Mapping[str, Callable[[Bench], Found]]] = {
    check.__name__: check
    for check in (
        loads,
        lint,
        texts,
        round_trip,
        diagram,
        stages,
        criteria,
        frames,
        migrations,
        cases,
    )
}
"""Every check by its name."""
