"""Stages and states of tracks that wait for each other: what is a circle, and what is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbook import Playbook, lint
from salesflow.playbook._load import load
from salesflow.playbook._waiting import Waits
from tests.playbook.placeless import placeless

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

TEMPLATE = """
id = "x"
version = "1"
title = "X"
{head}
[[roles]]
key = "rep"
title = "Rep"
[[facts]]
name = "foreign"
kind = "flag"
title = "Abroad"
[[stages]]
key = "talk"
title = "Talk"
  [[stages.exit]]
  key = "papers_ready"
  title = "The papers are ready"
  {leaving}
[[stages]]
key = "close"
title = "Close"
[[stages]]
key = "deliver"
title = "Deliver"
[[tracks]]
key = "legal"
title = "Legal review"
{legal_when}
  [[tracks.states]]
  key = "open"
  title = "Open"
  [[tracks.states]]
  key = "in_review"
  title = "In review"
    [[tracks.states.entry]]
    key = "may_be_reviewed"
    title = "It may be reviewed"
    {review}
  [[tracks.states]]
  key = "signed"
  title = "Signed"
    [[tracks.states.entry]]
    key = "may_be_signed"
    title = "It may be signed"
    {signed}
[[tracks]]
key = "security"
title = "Security review"
when = "foreign"
  [[tracks.states]]
  key = "asked"
  title = "Asked"
  [[tracks.states]]
  key = "passed"
  title = "Passed"
    [[tracks.states.entry]]
    key = "may_be_passed"
    title = "It may be passed"
    {passed}
"""
NOTHING: dict[str, str] = {
    "head": "",
    "legal_when": "",
    "leaving": """rule = 'track.legal != "open" or track.security == "passed"'""",
    "review": 'rule = "foreign"',
    "signed": 'rule = "foreign"',
    "passed": 'rule = "foreign"',
}
WAITS = """rule = 'track.legal == "signed"'"""
BOTH = {"signed": """rule = 'track.security == "passed"'""", "passed": WAITS}
BEYOND = """rule = 'track.legal == "in_review"'"""
LATER = {"leaving": WAITS, "signed": """rule = 'reached("deliver")'"""}


def text_of(**changes: str) -> str:
    return TEMPLATE.format(**NOTHING | changes)


def circles(**changes: str) -> list[Problem]:
    """What is told of circles in the playbook with these parts; nothing else is wrong with it."""
    found = lint(text_of(**changes))
    assert {it.code for it in found} <= {"circle", "unused"}
    return [it for it in found if it.code == "circle"]


def test_a_playbook_in_which_something_can_always_go_first_has_no_circle() -> None:
    assert circles() == []


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        (
            BOTH,
            "tracks.legal.states.signed",
            (
                '"signed" of the track "legal" waits for "passed" of the track "security", '
                'which waits for "signed" of the track "legal": no deal gets there'
            ),
        ),
        (
            LATER,
            "tracks.legal.states.signed",
            (
                '"signed" of the track "legal" waits for the stage "deliver", '
                'which comes after the stage "close", '
                'which waits for "signed" of the track "legal": no deal gets there'
            ),
        ),
        (
            {**LATER, "signed": """rule = 'stage == "close"'"""},
            "tracks.legal.states.signed",
            (
                '"signed" of the track "legal" waits for the stage "close", '
                'which waits for "signed" of the track "legal": no deal gets there'
            ),
        ),
        (
            {"leaving": WAITS, "legal_when": """when = 'reached("close")'"""},
            "tracks.legal.states.signed",
            (
                '"signed" of the track "legal" waits for the stage "close", '
                'which waits for "signed" of the track "legal": no deal gets there'
            ),
        ),
    ],
    ids=["two tracks", "a later stage", "being there", "a track that does not apply"],
)
def test_a_circle_is_told_once_with_its_first_state_and_in_words(
    changes: dict[str, str], path: str, words: str
) -> None:
    found = circles(**changes)
    hint = "take one of these conditions away, or ask for it later"

    assert placeless(found) == (Problem(path, words, hint, "circle"),)
    with pytest.raises(InvalidPlaybook, match="no deal gets there"):
        Playbook.from_toml(text_of(**changes))


def test_a_word_that_is_given_only_beyond_is_waited_for() -> None:
    text = text_of(
        leaving='rule = "done.may_be_signed"',
        review="""rule = 'stage != "talk"'""",
        signed='judgement = { roles = ["rep"] }',
    ).replace(
        'key = "open"\n  title = "Open"', 'key = "open"\n  title = "Open"\n  to = ["in_review"]'
    )
    (found,) = [it for it in lint(text) if it.code == "circle"]

    assert found.message == (
        '"in_review" of the track "legal" waits for the stage "close", '
        'which waits for the criterion "may_be_signed", '
        'which comes after "in_review" of the track "legal": no deal gets there'
    )


def test_a_circle_that_a_waiver_opens_is_a_warning() -> None:
    passed = f'{BOTH["passed"]}\n    waive = ["rep"]'
    by_criterion = circles(**{**BOTH, "passed": passed})
    by_policy = circles(**BOTH, head='[policy]\nwaive = "on"\n')
    refused = circles(**{**BOTH, "passed": f'{BOTH["passed"]}\n    waive = "off"'})

    assert placeless(by_criterion) == placeless(by_policy)
    assert [(it.severity, it.message.rpartition(": ")[2]) for it in by_policy] == [
        ("warning", "only a waiver leads there")
    ]
    assert [it.severity for it in refused] == ["error"]


@pytest.mark.parametrize(
    "changes",
    [
        {"passed": """rule = 'track.legal == "signed" or foreign'"""},
        {"passed": """rule = 'track.legal in ("in_review", "signed")'"""},
        {"passed": """rule = 'track.legal != "refused"'""".replace("refused", "open")},
        {"passed": """rule = 'at_least(2, track.legal == "signed", foreign, known(owner))'"""},
        {"passed": f'{WAITS}\n    when = "amount > 5"'},
        {"passed": f"{WAITS}\n    advisory = true"},
        {"signed": """rule = 'track.security in ("passed", "not_applicable")'"""},
        {"signed": 'rule = "done.may_be_passed"', "passed": 'by = "rep"'},
    ],
)
def test_what_leaves_another_way_open_is_no_circle(changes: dict[str, str]) -> None:
    assert circles(**{**BOTH, **changes}) == []


@pytest.mark.parametrize(
    "policy", ['start_later = "on"', 'skip = "on"', 'skip = "on"\nstart_later = "on"']
)
def test_a_stage_that_is_skipped_still_asks_on_leaving_and_one_that_is_begun_in_does_not(
    policy: str,
) -> None:
    found = circles(**LATER, head=f"[policy]\n{policy}\n")

    assert len(found) == ("start_later" not in policy)


def test_what_only_follows_from_a_circle_is_not_told() -> None:
    beyond = """rule = 'track.security == "passed" and foreign'"""
    (found,) = circles(**{**BOTH, "leaving": beyond})

    assert found.path == "tracks.legal.states.signed"


def test_two_circles_that_share_no_criterion_are_both_told() -> None:
    more = {"leaving": """rule = 'track.legal == "in_review"'""", "review": LATER["signed"]}
    changes = {**BOTH, **more}

    assert [it.path for it in circles(**changes)] == [
        "tracks.legal.states.in_review",
        "tracks.legal.states.signed",
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"review": """rule = 'track.legal in ("in_review", "signed")'""", "signed": BEYOND},
            (
                '"in_review" of the track "legal" waits for "signed" of the track "legal", '
                'which waits for "in_review" of the track "legal"'
            ),
        ),
    ],
)
def test_what_lies_only_beyond_is_waited_for_in_a_circle_of_one_rule(
    changes: dict[str, str], words: str
) -> None:
    (found,) = circles(**changes)

    assert found.message == f"{words}: no deal gets there"


def test_a_rule_that_contradicts_its_own_place_is_told_of_the_rule_alone() -> None:
    for changes in ({"signed": WAITS}, {"leaving": """rule = 'reached("deliver")'"""}):
        found = lint(text_of(**changes))

        assert [it.code for it in found if it.code != "unused"] == ["never"], found


def test_long_circles_are_shortened_and_hostile_ones_take_no_time() -> None:
    size = 19
    states = [
        {"key": f"s{i}", "title": "S", "entry": [{"key": f"c{i}", "title": "C"}]}
        for i in range(1, 20)
    ]
    tracks = [
        {
            "key": f"t{n}",
            "title": "T",
            "states": [
                {"key": "s0", "title": "S"},
                *(
                    {
                        **state,
                        "entry": [
                            {
                                "key": f"c{n}_{state['key']}",
                                "title": "C",
                                "rule": f'track.t{(n + 1) % size} == "{state["key"]}"',
                            }
                        ],
                    }
                    for state in states
                ),
            ],
        }
        for n in range(size)
    ]
    stages = [{"key": "a", "title": "A"}]
    document = {"id": "x", "version": "1", "title": "X", "stages": stages, "tracks": tracks}
    found = [it for it in lint(json.dumps(document), format="json") if it.code == "circle"]

    assert len(found) == len(states)
    assert found[0].message.count("which") == 8
    assert 'which waits for …, which waits for "s1" of the track "t0"' in found[0].message


STATES = {"a": ["a0", "a1", "a2"], "b": ["b0", "b1"]}
STAGES = ["s0", "s1", "s2"]


def leaves(*more: str) -> st.SearchStrategy[str]:
    """Statements on where tracks and stages are, and on something else."""
    equal = [f'track.{key} == "{name}"' for key, names in STATES.items() for name in names]
    among = ['track.a in ("a1", "a2")', 'track.b in ("b1", "not_applicable")', 'track.a != "a0"']
    reached = [f'reached("{key}")' for key in STAGES[1:]]
    stage = [f'stage == "{key}"' for key in STAGES] + ['stage in ("s1", "s2")']
    return st.sampled_from([*equal, *among, *reached, *stage, "flag", *more])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
        st.builds("at_least(2, {}, {}, {})".format, inner, inner, inner),
    )


SUMS = st.recursive(leaves(), combined, max_leaves=3)
RULES = st.recursive(leaves("done.word", "done.sum"), combined, max_leaves=3)
WAIVES = st.fixed_dictionaries({}, optional={"waive": st.just("on")})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Three stages and two tracks that wait for whatever."""

    def criterion(key: str, rules: st.SearchStrategy[str] = RULES) -> dict[str, Any]:
        optional = {"when": rules, "advisory": st.just(True)}
        more = draw(st.sampled_from([{}, {}, {}, optional]))
        return {
            "key": key,
            "title": "C",
            "rule": draw(rules),
            **draw(WAIVES),
            **draw(st.fixed_dictionaries({}, optional=more)),
        }

    stages: list[dict[str, Any]] = [
        {"key": key, "title": "S", "exit": [criterion(f"out_{key}")]} for key in STAGES
    ]
    stages[1]["entry"] = [criterion("sum", SUMS)] if draw(st.booleans()) else []
    tracks: list[dict[str, Any]] = [
        {
            "key": key,
            "title": "T",
            "states": [
                {"key": name, "title": "S", "entry": [criterion(f"in_{name}")] if i else []}
                for i, name in enumerate(names)
            ],
        }
        for key, names in STATES.items()
    ]
    tracks[0]["states"][1]["entry"].append(
        {"key": "word", "title": "W", "judgement": {"roles": ["rep"]}}
    )
    if draw(st.booleans()):
        tracks[0]["states"][0]["to"] = ["a1"]
    tracks[1]["when"] = draw(st.sampled_from(["flag", 'reached("s1")']))
    if draw(st.booleans()):
        tracks[0]["back"] = "on"
    permits = st.fixed_dictionaries({}, optional=dict.fromkeys(["skip", "back"], st.just("on")))
    if not stages[1]["entry"]:
        stages[1]["exit"].append({"key": "sum", "title": "C", "rule": draw(SUMS)})
    return {
        "id": "x",
        "version": "1",
        "title": "X",
        "roles": [{"key": "rep", "title": "Rep"}],
        "facts": [{"name": "flag", "kind": "flag", "title": "Flag"}],
        "stages": stages,
        "tracks": tracks,
        "policy": draw(permits),
    }


def commands(waived: list[str]) -> Iterator[sf.Command]:
    """Everything that somebody might do to get on."""
    yield sf.Start(by="li")
    yield sf.Advance(by="li")
    yield from (sf.MoveTo(stage=stage, by="li") for stage in STAGES)
    for track, names in STATES.items():
        yield from (sf.MoveTrack(track=track, state=name, by="li") for name in names)
    yield sf.Judge(role="rep", verdict="go", point="word", by="li")
    yield from (sf.Waive(criterion=key, reason="because", by="li") for key in waived)


def everywhere(playbook: Playbook, flag: bool, waived: list[str]) -> set[tuple[str, str]]:
    """Every stage, and state by the facts, that a deal gets to whatever is tried in any order."""
    engine = sf.StageEngine(playbook)
    new = sf.Opportunity.model_validate(
        {"id": "D-1", "name": "D", "owner": "li", "team": {"li": "rep"}, "facts": {"flag": flag}}
    )
    been: set[tuple[str, str]] = set()
    seen: set[object] = set()
    todo = [(new, NOW)]
    tried = list(commands(waived))
    while todo:
        deal, at = todo.pop()
        at += timedelta(minutes=1)
        for command in tried:
            after = engine.decide(deal, command, at=at).opportunity
            if after == deal:
                continue
            facts = sf.facts_of(after, playbook, at=at)
            said = {name: value for name, value in facts.items() if not name.endswith("_on")}
            visited = frozenset((stay.track, stay.state) for stay in after.progress.tracks)
            known = (
                repr(sorted(said.items(), key=lambda it: it[0])),
                visited,
                after.progress.ended,
            )
            if known not in seen:
                seen.add(known)
                todo.append((after, at))
                been |= {("stage", str(after.progress.stage))}
                been |= {("track", f"{track}.{facts.get(f'track.{track}')}") for track in STATES}
    return been


def waivable(document: Mapping[str, Any]) -> list[str]:
    """The criteria that may be waived."""
    states = [state for track in document["tracks"] for state in track["states"]]
    lists = [
        part.get(gate, []) for part in (*document["stages"], *states) for gate in ("entry", "exit")
    ]
    return [it["key"] for part in lists for it in part if "waive" in it]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(document=documents(), flag=st.booleans(), waiving=st.booleans())
def test_nobody_gets_into_what_is_called_a_circle(
    document: dict[str, Any], flag: bool, waiving: bool
) -> None:
    told = [it for it in lint(json.dumps(document), format="json") if it.code == "circle"]
    loaded = load(document)
    assert loaded.document is not None
    waits = Waits(loaded.document, loaded.facts, waived=waiving)
    shut = {thing for knot in waits.knots() for thing in knot}
    made = [{thing for thing, _ in circle.steps} for circle in waits.circles()]

    assert all(circle <= shut for circle in made)
    if waiting := [it for it in told if it.severity == ("error" if waiving else "warning")]:
        assert len(waiting) == len(made)
    if shut:
        # Where all may be waived, no circle is an error; but nobody waives what may not be.
        policy = {**document["policy"], "waive": "on"}
        playbook = Playbook.from_json(json.dumps({**document, "policy": policy}))
        been = everywhere(playbook, flag, waivable(document) if waiving else [])
        assert not shut & been, told
