"""Laws: JSON both ways, what the digests tell apart, and that nothing makes the lint raise."""

from __future__ import annotations

import copy
import json
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow._unseen import hidden
from salesflow.errors import InvalidPlaybook
from salesflow.facts import FORECAST_CATEGORIES
from salesflow.playbook import Playbook, lint
from tests.playbook.placeless import placeless

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12
).filter(lambda text: text.strip() and not hidden(text))
TEXTS = st.one_of(
    WORDS,
    st.fixed_dictionaries({"en": WORDS}, optional={"zh": WORDS}),
    st.fixed_dictionaries({"zh": WORDS}),
)
TEXT_LISTS = st.lists(TEXTS, max_size=3)
SHARES = st.floats(0, 1)
PERMITS = st.sampled_from(["off", "on", ["rep"], ["boss", "rep"]])
OF_WORDS = {
    "lapses_on": st.lists(st.sampled_from(["amount", "margin", "list.q0"]), unique=True),
    "not_by": st.sampled_from([[], ["owner"], ["requester"], ["owner", "requester"]]),
    "distinct": st.booleans(),
}
EVIDENCE = st.sampled_from([{}, {}, {"evidence": "required"}])
INSTRUMENTS = st.fixed_dictionaries(
    {
        "plan": st.sampled_from([{}, {"by": "boss"}, {"evidence": "required"}])
        | st.fixed_dictionaries(
            {"rule": st.sampled_from(["margin > 1", "amount > 20 and margin > 1", "list.q0"])},
            optional={"by": st.just("rep"), "checklist": st.just("list")},
        ),
        "talk": st.sampled_from([{}, {"checklist": "list"}, {"rule": "known(margin)"}])
        | st.sampled_from(
            [{"when": "margin > 1"}, {"when": "amount > 5", "rule": "list.asked > 0"}]
        ),
    }
)
BACK = st.sampled_from([{}, {}, {}, {"back": True}, {"back": False}])
QUORUMS = st.sampled_from(["all", "any", 1, 2])
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["back", "reopen", "waive"], PERMITS),
        **dict.fromkeys(["skip", "start_later"], PERMITS | st.just({"criteria": "asked"})),
    },
)


@st.composite
def criteria(draw: st.DrawFn, stage: str, prefix: str, facts: list[str]) -> list[dict[str, Any]]:
    found = []
    for i in range(draw(st.integers(0, 3))):
        criterion: dict[str, Any] = {"key": f"{prefix}_{stage}_{i}", "title": draw(TEXTS)}
        rule = f"{draw(st.sampled_from(facts))} > {draw(st.integers(0, 10**6))}"
        ways: list[dict[str, Any]] = [
            {"rule": rule},
            {"by": "rep"},
            {"decision": "card", "by": "rep"},
            {"instruments": True},
            {"judgement": {"roles": ["rep", "boss"], "quorum": draw(QUORUMS)}},
            {"judgement": {"roles": ["boss", "rep"], "decides": "rep", "follow_up": True}},
            {"approval": "sums"},
        ]
        criterion |= draw(st.sampled_from(ways))
        if "rule" not in criterion and "instruments" not in criterion:
            criterion |= draw(st.fixed_dictionaries({}, optional=OF_WORDS)) | draw(EVIDENCE)
        if "decision" in criterion:
            criterion["note_against_score"] = draw(st.booleans())
        criterion |= draw(st.fixed_dictionaries({}, optional={"waive": PERMITS}))
        if draw(st.booleans()):
            criterion["advisory"] = draw(st.booleans())
            criterion["note"] = draw(TEXTS)
        found.append(criterion)
    return found


@st.composite
def moves(draw: st.DrawFn, keys: list[str], facts: list[str]) -> list[dict[str, Any]]:
    """Moves with which every stage is reached and has a way to an end; or those of a line."""
    pairs: list[tuple[str, str]] = []
    jumps: list[tuple[str, str]] = []
    ends = [key for key in keys if draw(st.booleans())]
    if draw(st.booleans()):
        pairs += pairwise(keys)
        jumps = [*zip(keys, keys[2:], strict=False), *((two, one) for one, two in pairwise(keys))]
        jumps += zip(keys[2:], keys, strict=False)
        pairs += [pair for pair in jumps if draw(st.booleans())]
        # The last stage may lead back, and then it is no end by itself.
        ends = list(dict.fromkeys([*ends, keys[-1]]))
    pairs += [(key, "ended") for key in ends]
    found: list[dict[str, Any]] = [
        {"from": source, "to": target, **(draw(BACK) if (source, target) in jumps else {})}
        for source, target in draw(st.permutations(pairs))
    ]
    if draw(st.booleans()):
        found.append({"from": keys[-1], "to": keys[0], "new_deal": True})
    for i, move in enumerate(found):
        if draw(st.booleans()):
            move |= {"title": draw(TEXTS), "criteria": draw(criteria(f"m{i}", "move", facts))}
    return found


@st.composite
def tracks(draw: st.DrawFn, facts: list[str]) -> list[dict[str, Any]]:
    """Tracks of which every state is reached, for each state leads at least to the next."""
    found = []
    for i in range(draw(st.integers(0, 2))):
        keys = [f"t{i}{letter}" for letter in "abc"[: draw(st.integers(1, 3))]]
        states: list[dict[str, Any]] = []
        for j, key in enumerate(keys):
            state: dict[str, Any] = {"key": key, "title": draw(TEXTS)}
            if j:
                state["entry"] = draw(criteria(key, "beside", facts))
            if j + 1 < len(keys):
                jumps = [to for to in keys if to not in (key, keys[j + 1]) and draw(st.booleans())]
                state |= {"to": [keys[j + 1], *jumps]} if draw(st.booleans()) else {}
            state |= draw(st.fixed_dictionaries({}, optional={"max_days": st.integers(1, 99)}))
            states.append(state)
        track: dict[str, Any] = {"key": f"t{i}", "title": draw(TEXTS), "states": states}
        optional = {"by": PERMITS, "back": PERMITS, "when": st.just("margin > 1")}
        found.append(track | draw(st.fixed_dictionaries({}, optional=optional)))
    return found


def applying(tracks: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Whether a question applies: by a rule of its own, or because somebody says so."""
    whens = ["amount > 7", "margin > 2", "list.q0 and amount > 0", "approval.rep"]
    whens += [f'track.{it["key"]} == "{it["states"][-1]["key"]}"' for it in tracks]
    optional = {"when": st.sampled_from(whens), "may_not_apply": st.booleans()}
    return st.fixed_dictionaries({}, optional=optional)


FORM_RULES = st.sampled_from(["amount > 3", "margin > 1 or known(amount)"])
FORM_RECORDS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"record": "lead"},
        {"record": "visit", "columns": ["summary", "met"]},
        {"record": "requirements", "columns": ["confirmed_by"]},
    ]
)


@st.composite
def forms(draw: st.DrawFn, stage: str) -> list[dict[str, Any]]:
    """Forms of a stage; of those that are records some have to be filled in."""
    plain = {"key": "form", "title": draw(TEXTS), "when": draw(FORM_RULES)}
    found: list[dict[str, Any]] = [plain] if draw(st.booleans()) else []
    for i in range(draw(st.integers(0, 2))):
        form: dict[str, Any] = {"key": f"{stage}_form{i}", "title": draw(TEXTS)}
        optional: dict[str, st.SearchStrategy[Any]] = {
            "fields": TEXT_LISTS,
            "when": FORM_RULES,
            "required": st.booleans(),
        }
        form |= draw(FORM_RECORDS) | draw(st.fixed_dictionaries({}, optional=optional))
        found.append(form)
    return found


CATEGORIES = st.sampled_from(FORECAST_CATEGORIES)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Playbooks without errors, as the tables of their files."""
    facts = ["amount", "probability", "margin", "list.asked"]
    stages = []
    for i in range(draw(st.integers(1, 5))):
        stage: dict[str, Any] = {
            "key": f"s{i}",
            "title": draw(TEXTS),
            "exit": draw(criteria(f"s{i}", "out", facts)),
            "entry": draw(criteria(f"s{i}", "enter", facts)),
        }
        stage |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "goal": TEXTS,
                    "buying_phase": TEXTS,
                    "forms": forms(f"s{i}"),
                    "probability": SHARES,
                    "forecast": CATEGORIES,
                    "max_days": st.integers(1, 3_650),
                    "cycle": st.floats(0, 100),
                    "wins": st.booleans(),
                    "final": st.booleans(),
                    "back": PERMITS,
                    "deliverables": TEXT_LISTS,
                    "duties": st.just([{"role": "rep", "items": ["Work"]}]),
                    "guidance": st.fixed_dictionaries({"methods": TEXT_LISTS, "tools": TEXT_LISTS}),
                },
            )
        )
        if draw(st.booleans()):
            stage["sub_stages"] = [
                {
                    "key": f"s{i}_{j}",
                    "title": draw(TEXTS),
                    "exit": draw(criteria(f"{i}{j}", "u", facts)),
                    "goal": draw(TEXTS),
                    **draw(
                        st.fixed_dictionaries(
                            {}, optional={"back": PERMITS, "forecast": CATEGORIES}
                        )
                    ),
                }
                for j in range(draw(st.integers(1, 3)))
            ]
        stages.append(stage)
    document: dict[str, Any] = {
        "id": "random",
        "version": draw(st.from_regex(r"[0-9]\.[0-9]", fullmatch=True)),
        "title": draw(TEXTS),
        "roles": [{"key": key, "title": draw(TEXTS)} for key in ("rep", "boss")],
        "facts": [{"name": "margin", "kind": "number"}],
        "stages": stages,
        "checklists": [
            {
                "key": "list",
                "questions": [
                    {"key": f"q{i}", "title": draw(TEXTS), **draw(EVIDENCE)}
                    for i in range(draw(st.integers(1, 3)))
                ],
            }
        ],
        "scorecards": [
            {
                "key": "card",
                "items": [{"key": "q0", "rule": "list.q0", "weight": draw(st.integers(1, 9))}],
                "bands": [{"key": "low", "min": 0}, {"key": "high", "min": 1}],
            }
        ],
        "approvals": [
            {
                "key": "sums",
                "title": draw(TEXTS),
                "rows": [
                    {"when": f"amount <= {draw(st.integers(0, 40))}"},
                    {
                        "when": "amount > 1_000",
                        "roles": ["rep", "boss"],
                        "in_order": draw(st.booleans()),
                    },
                    {"when": "margin < 1", "roles": ["boss"], "title": draw(TEXTS)},
                ],
            }
        ],
        "size_policy": [
            {"when": f"amount > {draw(st.integers(0, 100))}", "instruments": ["plan"]},
            {"when": "known(amount)", "instruments": draw(st.sampled_from([[], ["plan", "talk"]]))},
        ],
    }
    if draw(st.booleans()):  # else they need not be declared
        document["instruments"] = [
            {"key": key, "title": draw(TEXTS), **said} for key, said in draw(INSTRUMENTS).items()
        ]
    document["tracks"] = draw(tracks(facts))
    for question in document["checklists"][0]["questions"][1:]:
        question.update(draw(applying(document["tracks"])))
    if draw(st.booleans()):
        document["instruments"] = [
            {"key": "plan", "title": draw(TEXTS), "checklist": "list"},
            {"key": "talk", "title": draw(TEXTS)},
        ]
    document["moves"] = draw(moves([stage["key"] for stage in stages], facts))
    document["migrations"] = [
        {"from": version, "stages": {"old": draw(st.sampled_from(stages))["key"]}}
        for version in draw(st.sets(st.sampled_from(["0.1", "0.2"])))
    ]
    optional: dict[str, st.SearchStrategy[Any]] = {
        "policy": POLICIES,
        **dict.fromkeys(("summary", "source"), TEXTS),
        **dict.fromkeys(("aims", "avoid", "readings"), TEXT_LISTS),
    }
    return document | draw(st.fixed_dictionaries({}, optional=optional))


def made(document: dict[str, Any]) -> Playbook:
    return Playbook.from_json(json.dumps(document))


@given(documents())
def test_json_brings_back_an_equal_playbook(document: dict[str, Any]) -> None:
    playbook = made(document)
    written = playbook.to_json()
    again = Playbook.from_json(written)
    assert again == playbook
    assert again.to_json() == written
    assert again.digest == playbook.digest
    assert again.stages == playbook.stages
    assert again.moves == playbook.moves
    assert again.loops == playbook.loops
    assert again.tracks == playbook.tracks
    assert again.policy == playbook.policy
    assert again.criteria == playbook.criteria
    assert again.migrations == playbook.migrations
    assert again.facts == playbook.facts
    assert again.required_instruments == playbook.required_instruments
    assert again.questions == playbook.questions
    assert again.warnings == playbook.warnings


@given(documents())
def test_a_playbook_without_errors_has_a_lint_without_errors(document: dict[str, Any]) -> None:
    problems = lint(json.dumps(document), format="json")
    assert {problem.severity for problem in problems} <= {"warning"}
    assert made(document).warnings == placeless(problems)


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_keys_in_a_file_means_nothing(document: dict[str, Any], random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(inner)) for key, inner in value.items()]
            random.shuffle(items)
            return dict(items)
        return [shuffled(inner) for inner in value] if isinstance(value, list) else value

    assert made(shuffled(document)) == made(document)


def retold(value: Any) -> Any:
    """Every text replaced by another one; the keys of tables that hold texts tell which."""
    if isinstance(value, dict):
        told = {}
        for key, inner in value.items():
            is_text = key in {
                "title",
                "goal",
                "note",
                "summary",
                "source",
                "positive",
                "help",
                "buying_phase",
            }
            told[key] = {"en": "Something else"} if is_text else retold(inner)
            if key in {"aims", "avoid", "readings", "deliverables", "methods", "tools", "fields"}:
                told[key] = [{"en": "Another"}]
        return told
    return [retold(inner) for inner in value] if isinstance(value, list) else value


@given(documents(), WORDS)
def test_texts_version_and_migrations_are_content_and_no_behaviour(
    document: dict[str, Any], words: str
) -> None:
    prose = {"version": "77", "summary": words, "languages": ["zh"], "migrations": []}
    other = retold(document) | prose
    assert made(other).digest == made(document).digest
    assert made(other).content_digest != made(document).content_digest


@given(documents(), st.data())
def test_a_change_of_behaviour_changes_both_digests(
    document: dict[str, Any], data: st.DataObject
) -> None:
    before = made(document)
    changed = copy.deepcopy(document)
    stage = data.draw(st.sampled_from(changed["stages"]))
    match data.draw(st.integers(0, 11)):
        case 11:
            form = {"key": "one_more", "title": "X", "record": "lead", "required": True}
            stage["forms"] = [*stage.get("forms", []), form]
        case 0:
            stage["max_days"] = stage.get("max_days", 1) % 3_000 + 1
        case 1:
            stage["exit"] = [*stage["exit"], {"key": "one_more", "title": "X", "by": "rep"}]
        case 2:
            changed["scorecards"][0]["items"][0]["weight"] += 1
        case 3:
            changed["size_policy"][0]["when"] += " and known(owner)"
        case 4:
            changed["currency"] = "CNY"
        case 5:
            changed["hygiene"] = {"activity_days": 31}
        case 6:
            policy = changed.get("policy", {})
            changed["policy"] = {**policy, "skip": "off" if policy.get("skip") == "on" else "on"}
        case 7:
            judgement = {"roles": ["rep", "boss"], "quorum": data.draw(QUORUMS)}
            more = {"key": "one_more", "title": "X", "judgement": judgement}
            stage["exit"] = [*stage["exit"], more]
        case 8:
            more = {"key": "one_more", "title": "X", "by": "rep", "waive": data.draw(PERMITS)}
            stage["entry"] = [*stage["entry"], more]
        case 9 if changed["moves"]:
            move = data.draw(st.sampled_from(changed["moves"]))
            more = {"key": "one_more", "title": "X", "by": "rep"}
            move["criteria"] = [*move.get("criteria", []), more]
        case 9:
            changed["moves"] = [{"from": stage["key"], "to": stage["key"], "new_deal": True}]
        case _:
            changed["reasons"] = [{"key": "price", "outcome": "lost", "title": "Price"}]
    after = made(changed)
    assert after.digest != before.digest
    assert after.content_digest != before.content_digest
    assert after != before


@given(documents(), st.data())
def test_what_is_asked_of_people_is_behaviour(
    document: dict[str, Any], data: st.DataObject
) -> None:
    before = made(document)
    changed = copy.deepcopy(document)
    stage = data.draw(st.sampled_from(changed["stages"]))
    match data.draw(st.integers(0, 2)):
        case 0:
            question = data.draw(st.sampled_from(changed["checklists"][0]["questions"]))
            question["when"] = "amount > 12 and margin > 1"
            for other in changed["checklists"][0]["questions"]:
                if "list.q0" in other.get("when", ""):
                    del other["when"]
        case 1:
            more = {"key": "one_more", "title": "X", "by": "rep"}
            stage["exit"] = [*stage["exit"], more]
            before = made(copy.deepcopy(changed))
            more["evidence"] = "required"
        case _:
            declared = [{"key": key, "title": "X"} for key in ("plan", "talk")]
            changed["instruments"] = declared
            before = made(copy.deepcopy(changed))
            declared[0]["rule"] = "amount > 7"
    after = made(changed)
    assert after.digest != before.digest
    assert after.content_digest != before.content_digest


def test_the_spelling_of_a_rule_means_nothing(bridge: Playbook, bridge_text: str) -> None:
    text = bridge_text.replace('"amount >= 100_000"', '"( amount>=100000 )"')
    assert text != bridge_text
    assert Playbook.from_toml(text) == bridge


def test_the_digest_of_a_playbook_is_the_same_on_every_machine() -> None:
    document = {
        "id": "x",
        "version": "1",
        "title": "X",
        "stages": [{"key": "one", "title": "One", "probability": 0.1}],
    }
    canonical = '{"id":"x","stages":[{"key":"one","probability":0.1}]}'
    assert made(document).digest == sha256(canonical.encode()).hexdigest()


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["amount > 1", "survey", "en", "title", "key", "won", "tas", "class"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                st.text(max_size=5), st.sampled_from(["key", "title", "en", "rule", "stages"])
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with a key or index in it."""
    found: list[tuple[Any, Any]] = []
    items = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    for key, inner in items:
        found.append((value, key))
        found += places(inner)
    return found


@given(st.data())
def test_no_document_makes_the_lint_raise(
    bridge: Playbook, harbour: Playbook, data: st.DataObject
) -> None:
    document = json.loads(data.draw(st.sampled_from([bridge, harbour])).to_json())
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(places(document)))
        match data.draw(st.integers(0, 2)):
            case 0:
                holder[key] = data.draw(ANYTHING)
            case 1:
                del holder[key]
            case 2 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _:
                holder[data.draw(st.text(max_size=4)) if isinstance(holder, dict) else key] = 1
        if not places(document):
            break
    text = json.dumps(document)
    problems = lint(text, format="json")
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if errors:
        with pytest.raises(InvalidPlaybook) as caught:
            Playbook.from_json(text)
        assert caught.value.problems == errors
        return
    playbook = Playbook.from_json(text)
    assert Playbook.from_json(playbook.to_json()) == playbook
    path = [position.key for position in playbook.positions]
    drawn = playbook.diagram(visited=path, current=path[-1], blocked=True)
    assert drawn.startswith("stateDiagram-v2")
    assert playbook.to_transitions()["initial"] == playbook.initial.key


@given(ANYTHING)
def test_nothing_that_json_can_say_makes_the_lint_raise(value: Any) -> None:
    assert lint(json.dumps(value), format="json")


@given(st.data())
def test_no_misprint_makes_the_lint_raise(bridge_text: str, data: st.DataObject) -> None:
    text = bridge_text
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 6))
        put = data.draw(
            st.one_of(st.text(max_size=4), st.sampled_from(list("[]{}\"'=.,#\\\n")), st.just('"""'))
        )
        text = text[:at] + put + text[at + cut :]
    lint(text)


@given(st.text(max_size=300))
def test_no_text_makes_the_lint_raise(text: str) -> None:
    assert lint(text)
    assert lint(text, format="json")
