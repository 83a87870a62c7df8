"""What the random walks are made of: playbooks, a team, the commands that somebody may give."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

import salesflow as sf
from salesflow.facts import FactKind
from tests.engine.model.ways import END
from tests.playbook.test_document_laws import documents

ZONES: Final = st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"]
)
NOTES: Final = st.sampled_from(["The customer insists", None])
SHOWN: Final = st.sampled_from(["Minutes of 5 January", None])
PERMITS: Final = st.sampled_from(["on", ["rep"], ["boss", "rep"], "off"])
SKIPPING: Final = st.sampled_from(
    [{"criteria": "asked"}, {"criteria": "asked", "roles": ["rep"]}, {"criteria": "waived"}]
)
OPEN: Final = ["start", "adopt", "advance", "win", "lose", "disqualify", "hold", "resume", "answer"]
OPEN_TOO: Final = ["complete", "amend", "migrate", "request", "delegate"]
RESTRICTED: Final[list[Any]] = [
    ["boss"],
    "off",
    {"rule": "amount > 20"},
    {"stages": ["s0"], "roles": ["rep", "boss"]},
    {"when": "amount > 20", "roles": ["boss"]},
    {"when": "margin > 1", "rule": "amount > 20"},
]
FIELDS: Final = st.lists(
    st.sampled_from(
        [
            {"name": "amount", "when": "amount < before.amount", "roles": ["boss"]},
            {"name": "amount", "rule": "amount > before.amount or outcome == \"none\""},
            {"name": "margin", "stages": ["s0"], "note": True},
            {"name": "owner", "rule": 'before.owner == "li"', "roles": ["boss", "rep"]},
        ]
    ),
    max_size=2,
)
POLICIES: Final = st.fixed_dictionaries(
    {
        **dict.fromkeys(["back", "reopen", "retract", "waive", "amend_closed"], PERMITS),
        **dict.fromkeys(["skip", "start_later"], PERMITS | SKIPPING),
        # What is open to everybody mostly stays so, or hardly a walk would get anywhere.
        **dict.fromkeys([*OPEN, *OPEN_TOO], st.sampled_from(["on"] * 16 + RESTRICTED)),
        "roles": st.sampled_from(["claimed", "claimed", "of_team"]),
        "fields": FIELDS,
    }
)
REASONS: Final = [
    {"key": "price", "outcome": "lost", "title": "Price"},
    {"key": "other", "outcome": "lost", "title": "Other", "notes": True},
    {"key": "no_need", "outcome": "disqualified", "title": "No need", "roles": ["rep"]},
]
WINNING: Final = [
    {"key": "service", "outcome": "won", "title": "Service"},
    {"key": "luck", "outcome": "won", "title": "Luck", "notes": True},
]
INSTRUMENTS: Final = ["plan", "talk"]
DATED: Final = ["days_since(entered_stage_on) >= 1", "days_since(expected_close_on) > -20"]
CADENCE: Final = {"key": "call", "title": "Call", "every": {"weeks": 1}}


def written(name: str) -> dict[str, Any]:
    """A playbook of the tests, as JSON has it."""
    file = Path(__file__).parents[1] / "playbook" / f"{name}.toml"
    found: dict[str, Any] = json.loads(sf.Playbook.from_file(file).to_json())
    return found


EVERY_KEY: Final = written("every_key")
CRM_RULES: Final = written("crm_rules")


@st.composite
def versions(draw: st.DrawFn) -> tuple[sf.Playbook, sf.Playbook]:
    """A playbook, and its next version, in which some things have other names."""
    which = draw(st.sampled_from(["drawn"] * 6 + ["every_key", "every_key", "crm_rules"]))
    if which == "every_key":
        names = ["survey", "visit", "offer", "met_owner", "agreed", "reviewed", "price_approved"]
        return next_version(draw, EVERY_KEY, [*names, "house.access"], swap=False)
    if which == "crm_rules":
        return next_version(draw, CRM_RULES, [CRM_RULES["stages"][1]["key"]], swap=False)
    document = drawn(draw)
    book = sf.Playbook.from_json(json.dumps(document))
    keys = [stage["key"] for stage in document["stages"]]
    return next_version(draw, document, [*keys, *book.criteria, *book.tracks, "list.q0"])


def drawn(draw: st.DrawFn) -> dict[str, Any]:
    """A playbook with everything in, and every permission drawn."""
    document: dict[str, Any] = draw(documents())
    document |= {"version": "1.0", "owner_role": "rep", "migrations": [], "cadences": [CADENCE]}
    document["policy"] = draw(POLICIES)
    document["reasons"] = REASONS + draw(st.sampled_from([[], [], WINNING]))
    if draw(st.integers(0, 3)):
        document["stages"][0]["entry"] = []  # nobody can attest before the start
    keys = [stage["key"] for stage in document["stages"]]
    for move in document["moves"]:
        if not move.get("new_deal") and draw(st.booleans()):
            before = keys[: keys.index(move["from"]) + 1]
            move["rule"] = f'reached("{draw(st.sampled_from(before))}")'
    ask_on_the_way_to_winning(draw, document)
    applies = draw(st.sampled_from(["list.q0", "not list.q0", "amount > 20", "margin > 1"]))
    sometimes = {"key": "sometimes", "title": "Sometimes?", "when": applies}
    document["checklists"][0]["questions"].append(sometimes)
    for stage in document["stages"]:
        for criterion in (*stage["entry"], *stage["exit"]):
            if draw(st.integers(0, 4)) == 0:
                criterion["when"] = draw(st.sampled_from(["amount > 20", "margin > 1"]))
        if draw(st.integers(0, 3)) == 0:
            dated = {"key": f"dated_{stage['key']}", "title": "It is time"}
            stage["exit"].append({**dated, "rule": draw(st.sampled_from(DATED))})
    if not document["tracks"]:  # documents have some now and then, walks always
        open_, asked = {"key": "open", "title": "Open"}, {"key": "agreed", "title": "Agreed"}
        judged = {"key": "beside_agreed", "title": "All agree", "judgement": {"roles": ["boss"]}}
        document["tracks"] = [
            {"key": "legal", "title": "Legal", "states": [open_, {**asked, "entry": [judged]}]}
        ]
    for track in document["tracks"]:
        if draw(st.integers(0, 3)):
            track |= {"back": "on", "by": "on"}
        state = draw(st.sampled_from(track["states"]))["key"]
        waits = {"key": f"{track['key']}_waits", "title": "It waits for the track"}
        waits["rule"] = f'track.{track["key"]} == "{state}"'
        draw(st.sampled_from(document["stages"]))["exit"].append(waits)
    return document


def ask_on_the_way_to_winning(draw: st.DrawFn, document: dict[str, Any]) -> None:
    """The end of the last stage is a move with a criterion, a later part asks for one on entry."""
    last = document["stages"][-1]
    parts = last.get("sub_stages", [])
    if draw(st.booleans()):
        asked = {"key": "countersigned", "title": "Countersigned", "by": "boss"}
        ends = [it for it in document["moves"] if (it["from"], it["to"]) == (last["key"], END)]
        if not ends:
            ends = [{"from": last["key"], "to": END}]
            document["moves"] += ends
        ends[0] |= {"rule": "amount > 20", "criteria": [asked]}
    if len(parts) > 1 and draw(st.booleans()):
        parts[-1]["entry"] = [{"key": "legal_ok", "title": "The lawyers agree", "by": "boss"}]


def next_version(
    draw: st.DrawFn, document: dict[str, Any], names: list[str], *, swap: bool = True
) -> tuple[sf.Playbook, sf.Playbook]:
    """A playbook and its next version; mostly its map says what is called otherwise there."""
    text = json.dumps(document)
    first = sf.Playbook.from_json(text)
    old = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    news = {name: name.replace(".", ".new_") if "." in name else f"new_{name}" for name in old}
    for name, new in news.items():
        key, new_key = name.rpartition(".")[2], new.rpartition(".")[2]
        forms = [(f'"{key}"', f'"{new_key}"'), (f'\\"{key}\\"', f'\\"{new_key}\\"')]
        forms += [(f"track.{key} ", f"track.{new_key} ")] if name in first.tracks else []
        forms += [(f"{name}\\b", new)] if "." in name else []
        for before, after in forms:
            text = text.replace(before.removesuffix("\\b"), after)
    # A criterion may also be called what an instrument was called, and the other way round.
    kept = [name for name in first.criteria if name not in old]
    if swap and draw(st.booleans()) and kept:
        swapped = draw(st.sampled_from(kept)), draw(st.sampled_from(INSTRUMENTS))
        for name, new in (swapped, swapped[::-1]):
            text = text.replace(f'"{name}"', f'"now:{new}"')
    text = text.replace('"now:', '"')
    mapped = {name: new for name, new in news.items() if draw(st.integers(0, 3))}
    places = {key for place in first.positions for key in (place.key, place.stage.key)}
    parts = {
        "stages": places,
        "tracks": first.tracks,
        "criteria": first.criteria,
        "questions": first.questions,
    }
    migration: dict[str, Any] = {"from": first.version}
    for part, known in parts.items():
        migration[part] = {name: new for name, new in mapped.items() if name in known}
    newer = json.loads(text) | {"version": "3.0", "migrations": [migration]}
    # A question that is called otherwise shows in the digest; a version that only differs so has
    # to differ for the engine, too.
    return first, sf.Playbook.from_json(json.dumps(newer))


def team_of(book: sf.Playbook) -> dict[str, tuple[str, ...]]:
    """Somebody for each of two roles, somebody who has all, and nobody of the others."""
    first, second, *_ = book.roles
    return {"li": (first,), "wang": (second,), "zhao": tuple(book.roles)}


PEOPLE: Final = st.sampled_from(["li", "wang", "zhao", "zhao", "nobody"])


def fact_values(book: sf.Playbook) -> st.SearchStrategy[dict[str, object]]:
    """Values of the facts that a playbook declares, now and then none."""
    drawn_values: dict[str, st.SearchStrategy[object]] = {}
    for name in sorted(book.declared_facts):
        fact = book.facts[name]
        values: list[object] = {
            FactKind.NUMBER: [0.0, 0.5, 5.0, 10.0**7],
            FactKind.CHOICE: [*fact.choices],
            FactKind.FLAG: [True, False],
            FactKind.DAY: ["2026-01-05", "2026-02-01"],
            FactKind.TEXT: ["B-1234", "Something"],
        }.get(fact.kind, [])
        fitting = [value for value in values if fact.kind is not FactKind.NUMBER or fact.admits(value)]
        fitting = [value for value in fitting if fact.kind is not FactKind.TEXT or fact.admits(value)]
        if fitting and not name.endswith(".currency"):
            drawn_values[name] = st.sampled_from(fitting)
    if not drawn_values:
        return st.just({})
    names = st.lists(st.sampled_from([*drawn_values]), max_size=4, unique=True)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries({name: drawn_values[name] for name in chosen})
    )


def amounts(book: sf.Playbook) -> st.SearchStrategy[dict[str, str] | None]:
    """Amounts in the playbook's currency and in another."""
    values = st.sampled_from(["0", "50", "40", "1000000000"])
    currencies = st.sampled_from([book.currency, book.currency, "EUR"])
    return st.builds(lambda amount, it: {"amount": amount, "currency": it}, values, currencies)


def answers(book: sf.Playbook) -> st.SearchStrategy[dict[str, object]]:
    """Answers that mostly fit the question."""
    fitting: dict[str, list[dict[str, object]]] = {}
    for name, question in book.questions.items():
        values: dict[str, list[object]] = {
            "scale": [question.min, question.max],
            "number": [5.0],
            "choice": [*question.choices],
            "date": ["2026-01-31"],
            "text": ["Words"],
        }
        said: list[dict[str, object]] = [{"value": value} for value in values.get(question.type, [])]
        said += [{"mark": "+"}, {"mark": "-"}] if question.type == "yes_no" else []
        fitting[name] = said
    odd: list[dict[str, object]] = [{"mark": "?"}, {"mark": "n/a"}, {"mark": "+"}, {"value": "red"}]
    return st.sampled_from([*book.questions]).flatmap(
        lambda name: st.sampled_from([*fitting[name]] * 2 + odd).map(
            lambda said: {"question": name, **said}
        )
    )


def commands(book: sf.Playbook, today: date) -> st.SearchStrategy[sf.Command]:
    """Every command, mostly with names that the playbook has; days are about that of the start."""
    places = [name for place in book.positions for name in (place.key, place.stage.key)]
    stages = st.sampled_from([*places, *places, END, "nowhere"])
    criteria = st.sampled_from([*book.criteria, "nothing"])
    instruments = st.sampled_from([*book.instruments, *(it.key for it in book.cadences), "nothing"])
    asked = [key for key, criterion in book.criteria.items() if criterion.roles]
    points = st.sampled_from([None, *asked, *asked, "nothing"])
    roles = st.sampled_from([*book.roles, "clerk"])
    reasons = st.sampled_from([*book.reasons, "nothing"])
    winning = [key for key, reason in book.reasons.items() if reason.outcome == "won"]
    days = st.integers(-2, 6).map(lambda number: today + timedelta(number))
    questions = [*book.questions]
    new_team = [{"person": "wang", "roles": [*book.roles]}, {"person": "li", "roles": [[*book.roles][0]]}]
    changes = st.fixed_dictionaries(
        {"probability": st.sampled_from([0, 1, None])},
        optional={
            "amount": amounts(book) | st.none(),
            "facts": fact_values(book),
            "expected_close_on": days.map(str) | st.none(),
            "next_step": NOTES,
            "owner": st.sampled_from(["li", "zhao"]),
            "team": st.just(new_team),
        },
    )
    states = [
        {"track": key, "state": state.key} for key, it in book.tracks.items() for state in it.states
    ]
    ways: dict[type[sf.Command], dict[str, st.SearchStrategy[Any]]] = {
        sf.Start: {"stage": st.none() | stages},
        sf.Adopt: {
            "stage": stages,
            "entered_on": days,
            "outcome": st.sampled_from([None, None, "won", "lost"]),
        },
        sf.Advance: {},
        sf.MoveTo: {"stage": stages},
        sf.Attest: {"criterion": criteria, "met": st.booleans(), "evidence": SHOWN},
        sf.Complete: {"instrument": instruments, "evidence": SHOWN},
        sf.Judge: {
            "role": roles,
            "verdict": st.sampled_from(["go", "kill", "hold"]),
            "point": points,
            "resume_when": st.just("Budget"),
            "review_on": days,
            "follow_up": NOTES,
            "evidence": SHOWN,
        },
        sf.Request: {"point": st.sampled_from([*asked, "nothing"])},
        sf.Delegate: {"role": roles, "to": st.sampled_from(["nobody", "zhao", "li"]), "until": days},
        sf.Waive: {"criterion": criteria, "reason": st.just("Hurry")},
        sf.Hold: {"resume_when": st.just("Budget"), "review_on": days},
        sf.Resume: {},
        sf.Win: {"reason": st.sampled_from([None, *winning, "nothing"])},
        sf.Lose: {"reason": reasons},
        sf.Disqualify: {"reason": reasons},
        sf.Reopen: {"stage": stages},
        sf.Retract: {"stage": st.none() | stages, "note": st.just("A mistake")},
        sf.Amend: {"changes": changes},
        sf.Migrate: {},
    }
    kinds: list[st.SearchStrategy[tuple[type[sf.Command], dict[str, Any]]]] = [
        st.tuples(st.just(kind), st.fixed_dictionaries(fields)) for kind, fields in ways.items()
    ]
    if questions:
        about = st.sampled_from(["us", "us", "rival"])
        shown = st.fixed_dictionaries({"about": about, "evidence": SHOWN})
        answered = st.builds(lambda said, more: {**said, **more}, answers(book), shown)
        known = st.sampled_from([*questions, "list.nothing"])
        kinds.append(st.tuples(st.just(sf.Answer), answered))
        kinds.append(
            st.tuples(st.just(sf.Withdraw), st.fixed_dictionaries({"question": known, "about": about}))
        )
    for field, names in (("instrument", instruments), ("waiver", criteria)):
        kinds.append(st.tuples(st.just(sf.Withdraw), st.fixed_dictionaries({field: names})))
    kinds += [st.tuples(st.just(sf.MoveTrack), st.sampled_from(states))] * 2 if states else []
    return st.one_of(kinds).map(lambda drawn: drawn[0].model_validate({"by": "-", **drawn[1]}))
