"""What the random walks are made of: playbooks, a team, the commands that somebody may give."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

import salesflow as sf
from salesflow.facts import FORECAST_CATEGORIES, FactKind
from salesflow.playbook import Question
from tests.engine.model.ways import END
from tests.playbook.test_document_laws import documents

ZONES: Final = st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"]
)
T = TypeVar("T")
U = TypeVar("U")
RARELY: Final = 0.12
OFTEN: Final = 0.85
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
            {"name": "amount", "rule": 'amount > before.amount or outcome == "none"'},
            {"name": "margin", "stages": ["s0"], "note": True},
            {"name": "owner", "rule": 'before.owner == "li"', "roles": ["boss", "rep"]},
        ]
    ),
    max_size=2,
)
CALLED: Final = st.sampled_from(
    [
        'forecast.owner_call == "commit" or forecast.manager_call == "commit"',
        'known(forecast.owner_call) and forecast.owner_call != "omitted"',
        'not known(forecast.manager_call) or forecast.category != "pipeline"',
    ]
)
POLICIES: Final = st.fixed_dictionaries(
    {
        **dict.fromkeys(["back", "reopen", "retract", "waive", "amend_closed"], PERMITS),
        "call_forecast": PERMITS,
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


class Office:
    """Open from nine to five, from Monday to Friday."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5

    def hours(self, day: date) -> list[tuple[time, time]]:
        return [(time(9), time(17))]


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
    if draw(st.integers(0, 3)) == 0:
        called = {"key": "called", "title": "Somebody commits to it", "rule": draw(CALLED)}
        draw(st.sampled_from(document["stages"]))["exit"].append(called)
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


PEOPLE: Final = ["li", "wang", "zhao", "zhao", "zhao", "nobody"]


def fact_values(book: sf.Playbook) -> dict[str, list[object]]:
    """Values of the facts that a playbook declares."""
    found: dict[str, list[object]] = {}
    for name in sorted(book.declared_facts):
        fact = book.facts[name]
        every: dict[FactKind, list[object]] = {
            FactKind.NUMBER: [0.0, 0.5, 5.0, 10.0**7],
            FactKind.CHOICE: [*fact.choices],
            FactKind.FLAG: [True, False],
            FactKind.DAY: ["2026-01-05", "2026-02-01"],
            FactKind.TEXT: ["B-1234", "Something"],
        }
        values = every.get(fact.kind, [])
        fitting = [it for it in values if fact.kind is FactKind.DAY or fact.admits(it)]
        if fitting and not name.endswith(".currency"):
            found[name] = fitting
    return found


def said(question: Question) -> list[dict[str, object]]:
    """Answers of every sort, those that fit first."""
    values: dict[str, list[object]] = {
        "scale": [question.min, question.max],
        "number": [5.0],
        "choice": [*question.choices],
        "date": ["2026-01-31", "20260131"],
        "text": ["Words"],
    }
    fitting: list[dict[str, object]] = [{"value": it} for it in values.get(question.type, [])]
    fitting += [{"mark": "+"}, {"mark": "-"}] if question.type == "yes_no" else []
    return [*fitting, *fitting, {"mark": "?"}, {"mark": "n/a"}, {"mark": "+"}, {"value": "red"}]


class Wishes:
    """What people may want, with names that the playbook mostly has."""

    def __init__(self, book: sf.Playbook, today: date, random: Random) -> None:
        self.book, self.today, self.random = book, today, random
        self.places = [it for place in book.positions for it in (place.key, place.stage.key)]
        self.duties = [*book.instruments, *(it.key for it in book.cadences)]
        self.asked = [key for key, criterion in book.criteria.items() if criterion.roles]

    def one_of(self, names: Iterable[T], *others: U) -> T | U:
        """One of some names, and now and then one of others."""
        known = [*names]
        if others and (not known or self.random.random() < RARELY):
            return self.random.choice(others)
        return self.random.choice(known)

    def day(self) -> date:
        """Some day about that day, mostly one on which it matters what day it is where."""
        return self.today + timedelta(self.random.choice([-2, -1, -1, 0, 0, 1, 6]))

    def wish(self, kind: type[sf.Command], by: str) -> sf.Command | None:
        """A command of a kind; None where the playbook has nothing that it could be about."""
        fields = self.fields(kind, by)
        if fields is None:
            return None
        random = self.random
        often = "The customer insists" if random.random() < OFTEN else None
        common: dict[str, Any] = {"by": by, "note": often, **fields}
        if kind is sf.Retract:
            common["note"] = "A mistake"
        if kind in (sf.Attest, sf.Answer, sf.Complete, sf.Judge) and random.random() < OFTEN:
            common["evidence"] = "Minutes of 5 January"
        if "role" not in common and random.random() < RARELY:
            common["role"] = random.choice([*self.book.roles, "clerk"])
        return kind.model_validate(common)

    def fields(self, kind: type[sf.Command], by: str) -> dict[str, Any] | None:  # noqa: C901, PLR0911, PLR0912
        """What a command of a kind is about."""
        book, random, one_of = self.book, self.random, self.one_of
        criteria, roles = [*book.criteria], [*book.roles]
        if kind in (sf.Advance, sf.Resume, sf.Migrate):
            return {}
        if kind is sf.Start:
            return {"stage": one_of([None, None, None, *self.places], "nowhere")}
        if kind is sf.Adopt:
            outcome = random.choice([None, None, None, "won", "lost"])
            stage = one_of(self.places, "nowhere")
            return {"stage": stage, "entered_on": self.day(), "outcome": outcome}
        if kind is sf.MoveTo:
            return {"stage": one_of([*self.places, END], "nowhere")}
        if kind is sf.Reopen:
            return {"stage": one_of(self.places, "nowhere")}
        if kind is sf.Retract:
            return {"stage": one_of([None, *self.places], "nowhere")}
        if kind is sf.MoveTrack:
            states = [(key, it.key) for key, track in book.tracks.items() for it in track.states]
            track, state = one_of(states, ("nothing", "nowhere"), ("nothing", "open"))
            return {"track": track, "state": state}
        if kind is sf.Attest:
            attested = [key for key, it in book.criteria.items() if it.kind == "attested"]
            return {
                "criterion": one_of(attested * 4 + criteria, "nothing"),
                "met": random.random() < OFTEN,
            }
        if kind is sf.Answer:
            if not book.questions:
                return None
            question = one_of(book.questions, "list.nothing")
            mark = [{"mark": "+"}]
            answers = said(book.questions[question]) if question in book.questions else mark
            return {
                "question": question,
                "about": one_of(["us"], "rival", "who"),
                **one_of(answers),
            }
        if kind is sf.Complete:
            return {"instrument": one_of(self.duties, "nothing")} if self.duties else None
        if kind is sf.Judge:
            point = one_of([None, *self.asked * 2], "nothing", *criteria)
            heard = roles
            if point in self.asked and random.random() < OFTEN:
                heard = [*book.criteria[point].roles, *book.criteria[point].consulted]
            return {
                "point": point,
                "role": one_of(heard, "clerk"),
                "verdict": random.choice(["go", "go", "kill", "hold"]),
                "resume_when": "Budget",
                "review_on": self.day(),
                "follow_up": one_of(["A letter"], None),
            }
        if kind is sf.Request:
            return {"point": one_of(self.asked, "nothing", *criteria)}
        if kind is sf.Delegate:
            others = [it for it in ("nobody", "zhao", "li") if it != by]
            return {
                "role": one_of(roles, "clerk"),
                "to": random.choice(others),
                "until": self.day(),
            }
        if kind is sf.CallForecast:
            reason = one_of(["Signed"], "Hurry")
            return {"category": random.choice(FORECAST_CATEGORIES), "reason": reason}
        if kind is sf.Waive:
            return {"criterion": one_of(criteria, "nothing"), "reason": "Hurry"}
        if kind is sf.Hold:
            return {"resume_when": "Budget", "review_on": self.day()}
        if kind in (sf.Win, sf.Lose, sf.Disqualify):
            outcome = {sf.Win: "won", sf.Lose: "lost"}.get(kind, "disqualified")
            reasons = [key for key, it in book.reasons.items() if it.outcome == outcome]
            return {"reason": one_of(reasons, "nothing", *book.reasons, *[None] * (kind is sf.Win))}
        if kind is sf.Withdraw:
            about = one_of(["us"], "rival")
            ways: list[dict[str, Any]] = [{"instrument": it} for it in self.duties]
            ways += [{"question": it, "about": about} for it in book.questions]
            return one_of([*ways, *({"waiver": it} for it in criteria)])
        return {"changes": self.changes()}

    def changes(self) -> dict[str, object]:
        """New values of some fields of the deal."""
        random, values = self.random, fact_values(self.book)
        currency = random.choice([self.book.currency, self.book.currency, "EUR"])
        amount = {"amount": random.choice(["0", "40", "50", "1000000000"]), "currency": currency}
        teams = [
            {"person": "wang", "roles": [*self.book.roles]},
            {"person": "li", "roles": [*self.book.roles][:1]},
        ]
        names = random.sample([*values], min(len(values), random.randint(1, 4)))
        every: dict[str, object] = {
            "probability": random.choice([0, 1, None]),
            "amount": random.choice([amount, amount, None]),
            "facts": {name: random.choice(values[name]) for name in names},
            "expected_close_on": random.choice([str(self.day()), None]),
            "next_step": random.choice(["To call", None]),
            "owner": random.choice(["li", "zhao"]),
            "team": random.choice([teams, teams[:1]]),
        }
        chosen = random.sample([*every], random.randint(1, 3))
        return {
            name: every[name] for name in chosen if name != "team" or random.random() < RARELY * 2
        } or {"next_step": None}
