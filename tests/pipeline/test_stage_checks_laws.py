"""Laws: what a gate let through is not said to lack anything in the row that a host exports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import InvalidPlaybook
from salesflow.pipeline import check_pipeline
from salesflow.playbook import Position
from tests.frame_engines import EVERY
from tests.pipeline.deals_sample import rows_of

NOW: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FLAGS: Final = ("f0", "f1", "f2")
STANDING: Final = ("stage", "sub_stage", "outcome", "ended")
FAR: Final = settings(max_examples=2 * settings().max_examples)


@st.composite
def asked(draw: st.DrawFn, key: str, stages: Sequence[str], *, judged: bool) -> dict[str, Any]:
    """A criterion: a word that stands, or a rule about what does not change on the way."""
    place = draw(st.sampled_from(stages))
    how = [
        *({"by": "rep"}, {"rule": "f0"}, {"rule": "f0 or f1"}, {"rule": "f1 or not f2"}),
        *({"rule": "known(owner)"}, {"rule": f'reached("{place}") or f0'}),
        *({"rule": f'not reached("{place}")'}, {"rule": f'stage != "{place}"'}),
        *({"rule": 'outcome == "none" or f0'}, {"rule": 'today > date("2026-01-01")'}),
        *([{"judgement": {"roles": ["rep"]}}] * judged),
    ]
    more = [{}, {}, {}, {"when": "f1"}, {"advisory": True}]
    return {"key": key, "title": "T", **draw(st.sampled_from(how)), **draw(st.sampled_from(more))}


@st.composite
def processes(draw: st.DrawFn, *, line: bool = False) -> sf.Playbook:
    """A process of some stages, on a line or not, with criteria on the way in and out."""
    keys = [f"s{n}" for n in range(draw(st.integers(2, 5)))]
    back = not line and draw(st.booleans())
    stages: list[dict[str, Any]] = []

    def criteria(key: str, *, within: bool) -> dict[str, Any]:
        # Where a deal comes into the middle of a stage again, what was judged is judged anew.
        judged = line or not (back or within)
        some = {"in": "entry", "out": "exit"}
        return {
            name: [
                draw(asked(f"{key}_{side}{n}", keys, judged=judged))
                for n in range(draw(st.sampled_from([0, 1, 1, 2])))
            ]
            for side, name in some.items()
        }

    for key in keys:
        parts = [f"{key}_{n}" for n in range(draw(st.sampled_from([0, 0, 2])))]
        stages.append(
            {
                "key": key,
                "title": "S",
                **criteria(key, within=False),
                "wins": draw(st.booleans()),
                "sub_stages": [
                    {"key": part, "title": "P", **criteria(part, within=True)} for part in parts
                ],
            }
        )
    stages[0]["entry"] = []  # nobody can say anything before the start
    document: dict[str, Any] = {
        "id": "p",
        "version": "1",
        "title": "P",
        "owner_role": "rep",
        "stages": stages,
        "roles": [{"key": "rep", "title": "Rep"}],
        "facts": [{"name": name, "kind": "flag"} for name in FLAGS],
        "policy": {"back": "on" if back else "off"},
    }
    if not line:
        # Of a deal that goes back and then passes a stage by, nobody can tell that it did.
        ahead = ["off", {"criteria": "asked"}, *([{"criteria": "waived"}] * (not back))]
        for name in ("skip", "start_later"):
            document["policy"][name] = draw(st.sampled_from(ahead))
        pairs = [{"from": a, "to": b} for a in keys for b in keys if a != b]
        if draw(st.booleans()):
            document["moves"] = [{"from": a, "to": b} for a, b in pairwise(keys)]
            others = [it for it in pairs if it not in document["moves"]]
            some = draw(st.lists(st.sampled_from(others), max_size=4)) if others else []
            document["moves"] += [
                {**it, **({"back": True} if it["to"] < it["from"] and back else {})}
                for it in some
                if it["to"] > it["from"] or back
            ]
            document["moves"].append({"from": keys[-1], "to": "ended"})
    try:
        return sf.Playbook.from_json(json.dumps(document))
    except InvalidPlaybook:  # stages that wait for each other, and ways that only lead back
        return draw(processes(line=line))


@st.composite
def walked(draw: st.DrawFn, book: sf.Playbook) -> sf.Opportunity:
    """A deal that went through gates only: nothing was waived, amended, withdrawn or adopted."""
    engine = sf.StageEngine(book)
    # Mostly so that rules let deals on, or hardly a walk would get anywhere.
    flags = st.sampled_from([True] * 8 + [False, None])
    facts = {name: value for name in FLAGS if (value := draw(flags)) is not None}
    deal = sf.Opportunity(id="D", name="D", owner="li", facts=facts)
    places = st.sampled_from([place.key for place in book.positions])
    moves: list[st.SearchStrategy[sf.Command]] = [
        *([st.just(sf.Advance(by="li"))] * 5),
        places.map(lambda place: sf.MoveTo(by="li", stage=place)),
        st.just(sf.Win(by="li")),
    ]
    lost = [sf.Lose(by="li", reason="price")] * (draw(st.integers(0, 4)) == 0)
    start = draw(st.one_of(st.none(), st.none(), places))
    at = NOW
    steps = draw(st.lists(st.one_of(moves), min_size=3, max_size=9))
    for command in [sf.Start(by="li", stage=start), *steps, *lost]:
        for item in book.criteria.values():
            at += timedelta(minutes=1)
            word: sf.Command = sf.Attest(by="li", role="rep", criterion=item.key)
            if item.kind == "judgement":
                word = sf.Judge(by="li", role="rep", verdict="go", point=item.key)
            if item.kind in {"attested", "judgement"} and deal.progress.stage:
                deal = engine.decide(deal, word, at=at).opportunity
        before = deal.progress
        decided = engine.decide(deal, command, at=at).opportunity
        gone_back = before.outcome == "won" and decided.progress.position in {
            visit.sub_stage or visit.stage for visit in before.visits
        }
        if not gone_back or decided.progress.position == before.position:
            deal = decided
    return deal


def row_of(deal: sf.Opportunity, book: sf.Playbook) -> dict[str, Any]:
    """What a host would export."""
    found = sf.facts_of(deal, book, at=NOW + timedelta(days=1))
    names = (*STANDING, *FLAGS, "owner", *(it for it in book.facts if it.startswith("reached.")))
    return {name: found.get(name) for name in (*names, *(f"done.{key}" for key in book.criteria))}


def frame_of(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    texts = {"stage", "sub_stage", "outcome", "owner"}
    schema = {name: pl.String if name in texts else pl.Boolean for name in rows[0]}
    return pl.DataFrame(list(rows), schema=schema).with_columns(
        id=pl.Series([f"D-{n}" for n in range(len(rows))])
    )


def findings(frame: Any, book: sf.Playbook) -> list[tuple[str, str, str]]:
    """What is wrong with what stages ask for and insist on."""
    report = check_pipeline(frame, book, key="id", as_of=NOW.date())
    return sorted(
        (row["id"], row["check"], row["verdict"])
        for row in rows_of(report.findings())
        if report.groups[row["check"]] in {"entry", "exit"} and row["severity"] == "error"
    )


@FAR
@given(data=st.data())
def test_a_deal_that_gates_let_through_lacks_nothing(data: st.DataObject) -> None:
    book = data.draw(processes())
    deals = data.draw(st.lists(walked(book), min_size=1, max_size=3))
    rows = [row_of(deal, book) for deal in deals if deal.progress.stage]

    if rows:
        assert findings(frame_of(rows), book) == []


@FAR
@given(data=st.data())
def test_nor_does_a_row_say_no_that_tells_less_of_where_the_deal_stands(
    data: st.DataObject,
) -> None:
    book = data.draw(processes())
    deal = data.draw(walked(book))
    row = row_of(deal, book)
    if deal.progress.stage is None:
        return
    left_out = data.draw(st.sets(st.sampled_from(["sub_stage", "outcome", "ended", "reached"])))
    if deal.progress.outcome != "none" and data.draw(st.booleans()):
        row |= {"stage": deal.progress.outcome, "sub_stage": None}
    less = {name: it for name, it in row.items() if name.partition(".")[0] not in left_out}

    assert [it for it in findings(frame_of([less]), book) if it[2] == "no"] == []


def passed(deal: sf.Opportunity, book: sf.Playbook) -> set[str]:
    """On a line: the names of all that was asked of a deal on its way, advice among it."""
    places = {place.key: number for number, place in enumerate(book.positions)}
    last = places[deal.progress.position or ""]
    here = book.positions[last].stage
    winning = next((stage for stage in book.stages if stage.wins), book.stages[-1])
    won_here = deal.progress.outcome == "won" and here is winning
    entered = left = last
    if won_here:  # with all that the rest of its stage asks for
        while entered + 1 < len(places) and book.positions[entered + 1].stage is here:
            entered += 1
        left = entered + 1
    if deal.progress.ended and deal.progress.outcome == "won":
        left = max(left, last + 1)
    sides = [(place, "entry") for place in book.positions[: entered + 1]]
    sides += [(place, "exit") for place in book.positions[:left]]
    return {name for place, side in sides for name in names_at(place, side)}


def names_at(place: Position, side: str) -> list[str]:
    own = getattr(place.stage, side)
    return [
        f"{side}.{place.stage.key if item in own else place.key}.{item.key}"
        for item in getattr(place, side)
    ]


@FAR
@given(data=st.data())
def test_on_a_line_a_row_is_asked_all_that_its_deal_was_asked(data: st.DataObject) -> None:
    book = data.draw(processes(line=True))
    deal = data.draw(walked(book))
    if deal.progress.stage is None:
        return
    report = check_pipeline(frame_of([row_of(deal, book)]), book, key="id", as_of=NOW.date())
    words = {key for key, it in book.criteria.items() if it.rule is None and it.when is None}

    assert {
        name
        for name, counts in report.counts.items()
        if counts.rows
        and name.rpartition(".")[2] in words
        and report.groups[name] in {"entry", "exit", "track"}
    } == {name for name in passed(deal, book) if name.rpartition(".")[2] in words}


FEW: Final = settings(max_examples=max(2, settings().max_examples // 12))


@pytest.mark.parametrize("engine", [name for name in EVERY if name != "polars"])
@FEW
@given(data=st.data())
def test_every_engine_finds_the_same(engine: str, data: st.DataObject) -> None:
    book = data.draw(processes())
    rows = [row_of(data.draw(walked(book)), book) for _ in range(4)]
    said = st.sampled_from([True, False, None])
    outcomes = st.sampled_from(["won", "lost", "disqualified", "none", None])
    places = st.sampled_from([place.key for place in book.positions] + ["won", "lost"])
    for row in rows:
        row |= {"stage": data.draw(places), "sub_stage": None, "outcome": data.draw(outcomes)}
        row |= {name: data.draw(said) for name in row if name.startswith(("done.", "reached."))}
        row["ended"] = data.draw(said)
    frame = frame_of(rows)

    report = check_pipeline(EVERY[engine](frame), book, key="id", as_of=NOW.date())
    other = check_pipeline(frame, book, key="id", as_of=NOW.date())

    assert report.counts == other.counts
    assert report.not_checked == other.not_checked
    found = {tuple(row.values()) for row in rows_of(report.findings())}
    assert found == set(other.findings().rows())
