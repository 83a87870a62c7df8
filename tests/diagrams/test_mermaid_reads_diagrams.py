"""Mermaid's own parser reads every diagram, and finds in it what the playbook says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow._unseen import UNSEEN_IN_LINES, hidden
from salesflow.playbooks import BUILT_IN
from salesflow.text import LANGUAGES, Language
from tests.diagrams.conftest import HERE, Mermaid
from tests.engine.legal_track import NEWBIZ
from tests.node_packages import install

BRIDGE = Path(__file__).parents[1] / "playbook" / "bridge.toml"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

# What people write, and what people write who want to see a diagram break.
HOSTILE = [
    'the "best" offer',
    "the 'best' offer",
    "`code`",
    "[*]",
    "(round) [square] {curly} <angle>",
    "{{hexagon}}",
    "stage 1: talk",
    "first; second",
    "#1 of #35; and #quot;",
    "%% a comment",
    "%%{init: {'theme': 'dark'}}%%",
    "50 % now, 50 % later",
    "two\nlines",
    "a\r\nb\tc",
    "line one\\nline two",
    "end",
    "end note",
    "state end",
    'x" as y',
    'x"\n    evil --> worse',
    "a --> b",
    "<<fork>>",
    "<<choice>>",
    "--",
    "---",
    "direction LR",
    "Direction  tb",
    "classDef visited fill:#f00",
    "class a b",
    "style a fill:#f9f;",
    "a:::b",
    "note left of a : b",
    "click a href b",
    "accTitle: a",
    "accDescr { a }",
    "hide empty description",
    "scale 350 width",
    "stateDiagram-v2",
    "flowchart LR",
    "<b>bold</b><br/>",
    "<script>alert(1)</script>",
    "<!-- -->",
    "R&D &lt;b&gt; &amp; &#35; &quot;",
    "**strong** *em* _em_ ~~gone~~",
    "1. first",
    "- item",
    "+ item",
    "# heading",
    "> quoted",
    "| a | b |",
    "![a](b) [c](d)",
    "www.example.com https://example.com",
    "$$x^2$$",
    "fa:fa-car",
    "a \\ b / c | d",
    "\N{LATIN SMALL LIGATURE FL}our at 20 \N{DEGREE SIGN}C \N{PILCROW SIGN} Maß",
    "\N{PARTY POPPER} \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} \N{HEAVY BLACK HEART}",
    "عقد البيع: مرحلة ١",
    "流程：“签约”；（甲方）、【乙方】",
    "a\N{NO-BREAK SPACE}b",
    "very long " * 300,
    "长" * 4_000,
    "x" * 4_000,
]
# Names that mean something to Mermaid, or to the JavaScript that it is written in.
HOSTILE_KEYS = [
    *("choice", "classdef", "click", "default", "direction", "end", "fork"),
    *("history", "href", "join", "note", "root", "root_end", "root_start", "scale", "state"),
    *("statediagram", "style", "tb", "constructor", "prototype", "tostring", "length", "x_"),
    *("end_", "note_", "note__", "x", "x_start", "x_end", "visited", "current", "blocked"),
    *("acctitle", "accdescr", "hide", "empty", "newdeal1", "undefined", "null", "o", "v"),
]


def made(**document: Any) -> sf.Playbook:
    return sf.Playbook.from_json(json.dumps({"id": "x", "version": "1", "title": "X", **document}))


def labels(playbook: sf.Playbook, lang: Language) -> list[str]:
    """Every text that the picture of a playbook should show."""
    moves = [
        *(stage.title.get(lang) for stage in playbook.stages),
        *(
            ("" if sub.cycle is None else f"{sub.cycle:g} ") + sub.title.get(lang)
            for stage in playbook.stages
            for sub in stage.sub_stages
        ),
        *(
            move.title.get(lang)
            for move in (*playbook.moves, *playbook.loops)
            if move.title is not None
        ),
    ]
    new_deal = "New deal: " if lang == "en" else "新项目："
    opened = dict.fromkeys(move.target for move in playbook.loops)
    moves += [f"{new_deal}{playbook.position(key).title.get(lang)}" for key in opened]
    if playbook.tracks:
        moves.append("Beside the stages" if lang == "en" else "与各阶段并行")
    colon = ": " if lang == "en" else "："
    moves += [
        f"{track.title.get(lang)}{colon}{state.title.get(lang)}"
        for track in playbook.tracks.values()
        for state in track.states
    ]
    return sorted(as_seen(text) for text in moves)


def as_seen(text: str) -> str:
    """Pictures have no lines and no indentation."""
    return " ".join(text.split())


def counts(playbook: sf.Playbook) -> tuple[int, int]:
    """How many states with a name, and how many arrows, a picture of a playbook has."""
    subs = [len(stage.sub_stages) for stage in playbook.stages if stage.sub_stages]
    opened = {move.target for move in playbook.loops}
    states = len(playbook.stages) + sum(subs) + len(opened)
    listed = {move.source for move in playbook.moves if move.target == "ended"}
    ends = [place for place in playbook.positions if place.final and place.key not in listed]
    # From the dot where the process begins, the moves, and two dots within every stage.
    arrows = 1 + len(playbook.moves) + len(playbook.loops) + len(ends) + 2 * len(subs)
    tracks = playbook.tracks.values()
    if tracks:  # one state for all of them, and a region for each of several
        states += 1 + sum(len(track.states) for track in tracks)
        states += len(tracks) if len(tracks) > 1 else 0
    for track in tracks:
        arrows += 1 + sum(len(track.ways(it.key)) + it.final for it in track.states)
    return states, arrows


def is_drawn(drawing: dict[str, Any], playbook: sf.Playbook) -> None:
    """Nothing is missing in the picture, and no title has added anything to it."""
    ids = [state["id"] for state in drawing["states"]]
    dots = {"root_start", "root_end"} | {
        f"{state['inside']}_{which}" for state in drawing["states"] for which in ("start", "end")
    }
    states, arrows = counts(playbook)
    assert drawing["type"] in {"state", "stateDiagram"}
    assert len(ids) == len(set(ids))
    assert len(set(ids) - dots) == states, ids
    assert len(drawing["arrows"]) == arrows, drawing["arrows"]


def classes(drawing: dict[str, Any]) -> dict[str, list[str]]:
    return {state["id"]: state["classes"] for state in drawing["states"] if state["classes"]}


@pytest.fixture(scope="session", params=[*BUILT_IN, "bridge.toml", "tracks"])
def playbook(request: pytest.FixtureRequest) -> sf.Playbook:
    if request.param == "tracks":
        return sf.Playbook.from_toml(NEWBIZ)
    if request.param == BRIDGE.name:
        return sf.Playbook.from_file(BRIDGE)
    return sf.load_playbook(request.param)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_playbook_is_drawn_with_all_its_titles(
    playbook: sf.Playbook, lang: Language, mermaid: Mermaid
) -> None:
    (drawing,) = mermaid.read(playbook.diagram(lang), draw=True)

    is_drawn(drawing, playbook)
    assert sorted(as_seen(text) for text in drawing["shown"]) == labels(playbook, lang)


def test_the_path_of_a_deal_is_drawn_wherever_it_stands(
    playbook: sf.Playbook, mermaid: Mermaid
) -> None:
    keys = [position.key for position in playbook.positions]
    # Blocked or not by turns: English where it is, Chinese where it is not, and the other way.
    paths = [
        (keys[: i + 1], lang, (i + j) % 2 == 0)
        for i in range(len(keys))
        for j, lang in enumerate(LANGUAGES)
    ]
    drawings = mermaid.read(
        *(
            playbook.diagram(lang, visited=visited, current=visited[-1], blocked=blocked)
            for visited, lang, blocked in paths
        )
    )
    for (visited, _, blocked), drawing in zip(paths, drawings, strict=True):
        is_drawn(drawing, playbook)
        found = [names for names in classes(drawing).values() if names != ["new_deal"]]
        here = ["current", "blocked"] if blocked else ["current"]
        assert sorted(found) == sorted([*([["visited"]] * (len(visited) - 1)), here])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_path_of_a_deal_in_the_engine_is_drawn(
    playbook: sf.Playbook, lang: Language, mermaid: Mermaid
) -> None:
    engine = sf.StageEngine(playbook)
    last = playbook.positions[-1].key
    deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage=last, entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    progress = deal.progress
    blocked = bool(engine.review(deal, at=NOW).blockers)

    (drawing,) = mermaid.read(
        playbook.diagram(
            lang,
            visited=[visit.sub_stage or visit.stage for visit in progress.visits],
            current=progress.position,
            blocked=blocked,
        )
    )

    is_drawn(drawing, playbook)
    assert classes(drawing)[last] == ["current", *(["blocked"] if blocked else [])]


def test_every_hostile_title_is_shown_as_it_was_written(mermaid: Mermaid) -> None:
    half = len(HOSTILE) // 2
    playbook = made(
        stages=[
            {"key": f"s{i}", "title": title, "sub_stages": [{"key": f"s{i}_a", "title": "A"}]}
            if i % 5 == 0
            else {"key": f"s{i}", "title": title}
            for i, title in enumerate(HOSTILE)
        ],
        moves=[
            *(
                {"from": f"s{i}", "to": f"s{i + 1}", "title": HOSTILE[i - half]}
                for i in range(len(HOSTILE) - 1)
            ),
            *({"from": f"s{i}", "to": "s0", "new_deal": True} for i in range(half, half + 3)),
            {"from": "s5", "to": "ended", "title": HOSTILE[half - 1]},
        ],
    )
    (drawing,) = mermaid.read(playbook.diagram(), draw=True)

    is_drawn(drawing, playbook)
    shown = {as_seen(text) for text in drawing["shown"]}
    assert shown == set(labels(playbook, "en"))


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_stage_may_have_any_key(key: str, mermaid: Mermaid) -> None:
    playbook = made(
        stages=[
            {"key": key, "title": "One"},
            {
                "key": "outer",
                "title": "Two",
                "sub_stages": [{"key": f"s_{key}", "title": "A"}, {"key": "zz", "title": "B"}],
            },
            {"key": "last", "title": "Three"},
        ],
        moves=[
            {"from": key, "to": "outer"},
            {"from": f"s_{key}", "to": "last"},
            {"from": "outer", "to": "last"},
            {"from": "last", "to": key, "new_deal": True},
            {"from": key, "to": "ended"},
        ],
    )
    (drawing,) = mermaid.read(playbook.diagram(visited=[key], current=f"s_{key}", blocked=True))

    is_drawn(drawing, playbook)
    assert sorted(classes(drawing).values()) == [["current", "blocked"], ["new_deal"], ["visited"]]


TITLES = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE[:-3]), min_size=2, max_size=3).map(" ".join),
    st.text(
        st.one_of(
            st.sampled_from("\"'`#;:%&<>{}[]()|\\/-=*_~$!?@^.,+ \n\t"),
            st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]),
        ),
        min_size=1,
        max_size=30,
    ),
).filter(lambda text: text.strip() and not hidden(text, UNSEEN_IN_LINES))
KEYS = st.one_of(
    st.sampled_from(HOSTILE_KEYS),
    # With a digit or _, so that no word of the rule language comes out, which no key may be.
    st.from_regex(r"[a-z][0-9_][a-z0-9_]{0,3}(_start|_end)?_?", fullmatch=True),
)


@st.composite
def playbooks(draw: st.DrawFn) -> sf.Playbook:
    """Lines of stages with ways ahead and back, ends and new deals, whose titles are hostile."""
    unused = iter(
        draw(
            st.lists(KEYS.filter(lambda key: key != "ended"), min_size=20, max_size=20, unique=True)
        )
    )
    stages: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 5))):
        stage: dict[str, Any] = {"key": next(unused), "title": draw(TITLES)}
        if parts := draw(st.integers(0, 3)):
            stage["sub_stages"] = [
                {"key": next(unused), "title": {"zh": draw(TITLES)}} for _ in range(parts)
            ]
        stages.append(stage)
    stages[-1]["final"] = True
    keys = [stage["key"] for stage in stages]
    moves = {(source, target, False) for source, target in pairwise(keys)}
    more = st.tuples(st.sampled_from(keys), st.sampled_from([*keys, "ended"]), st.booleans())
    for source, target, new_deal in draw(st.lists(more, max_size=5)):
        if new_deal and target != "ended":
            moves.add((source, target, True))
        elif source != target:
            moves.add((source, target, False))
    states = draw(st.lists(st.tuples(TITLES, KEYS), max_size=3, unique_by=lambda it: it[1]))
    return made(
        tracks=[
            {
                "key": f"t{number}",
                "title": draw(TITLES),
                "states": [{"key": key, "title": title} for title, key in states if key != "ended"],
            }
            for number in range(draw(st.integers(0, 3)))
            if any(key != "ended" for _, key in states)
        ],
        stages=stages,
        moves=[
            {"from": source, "to": target, "new_deal": new_deal}
            | draw(st.fixed_dictionaries({}, optional={"title": TITLES}))
            for source, target, new_deal in sorted(moves)
        ],
    )


@given(playbooks(), st.data())
def test_no_playbook_makes_a_diagram_that_mermaid_refuses(
    mermaid: Mermaid, playbook: sf.Playbook, data: st.DataObject
) -> None:
    keys = st.sampled_from([position.key for position in playbook.positions])
    visited, current = data.draw(st.sets(keys)), data.draw(st.none() | keys)
    blocked = data.draw(st.booleans())

    plain, path = mermaid.read(
        playbook.diagram(data.draw(st.sampled_from(LANGUAGES))),
        playbook.diagram(visited=visited, current=current, blocked=blocked),
    )

    is_drawn(plain, playbook)
    is_drawn(path, playbook)
    found = [names for names in classes(path).values() if names != ["new_deal"]]
    assert found.count(["visited"]) == len(visited - {current})
    assert len(found) == len(visited | ({current} if current else set()))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda text: text.replace(" --> ", " -> ", 1), id="another arrow"),
        pytest.param(lambda text: text.replace('" as ', " as ", 1), id="a quote left open"),
        pytest.param(
            lambda text: text.replace("  survey --", "  note --"), id="a word of its language"
        ),
        pytest.param(lambda text: text.replace("    }\n", "", 1), id="a brace left open"),
        pytest.param(lambda text: text.replace("stateDiagram", "stages", 1), id="no diagram"),
    ],
)
def test_mermaid_refuses_a_diagram_with_a_mistake(broken: Any, mermaid: Mermaid) -> None:
    text = sf.Playbook.from_file(BRIDGE).diagram()
    right, wrong = mermaid.try_to_read([text, broken(text)])

    assert broken(text) != text
    assert "error" not in right
    assert wrong["error"]


def test_where_mermaid_cannot_be_installed_the_tests_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_offline", "true")

    with pytest.raises(pytest.fail.Exception, match="npm cannot install Mermaid") as caught:
        install(HERE, "Mermaid", tmp_path / "new")
    assert "ENOTCACHED" in str(caught.value)
