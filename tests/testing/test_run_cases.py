"""Files of cases: what they can say, what comes of it, and everything that is wrong with one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from shutil import copyfile
from textwrap import dedent
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, Problem
from salesflow.playbooks import BUILT_IN
from salesflow.testing import Case, CaseFile, InvalidCases, run_cases
from salesflow.testing._case_format import COMMANDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "case-format.md").read_text(encoding="utf-8")
HERE = Path(__file__).parent
LIFTS = sf.Playbook.from_file(HERE / "lifts.toml")


def told(case: str) -> list[str]:
    """What came of one case otherwise than it says."""
    (result,) = run_cases(f'[[cases]]\nsay = "One"\n{case}', LIFTS)
    return [without_line(problem) for problem in result.problems]


def refused(text: str, playbook: sf.Playbook = LIFTS) -> list[str]:
    """Everything that is wrong with a file."""
    with pytest.raises(InvalidCases) as raised:
        run_cases(f"\n{text}", playbook)
    return [without_line(problem) for problem in raised.value.problems]


def without_line(problem: Problem) -> str:
    """What a problem says, and not where it is in the file; it is somewhere in it."""
    assert problem.line or not problem.path
    return str(replace(problem, line=None, column=None))


# What comes as it says


@pytest.mark.parametrize("case", CaseFile.from_file(HERE / "lifts.cases.toml").cases, ids=str)
def test_a_case_that_comes_as_it_says(case: Case) -> None:
    assert str(case.run(LIFTS)) == str(case)


# What comes otherwise


_STEPS = "cases[0].steps"
_EXPECT = "cases[0].expect"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            """
            steps = [{ do = "start" }]
            expect = { stage = "offer", outcome = "won", ended = true }
            """,
            f"""
            {_EXPECT}.stage: "offer" was expected; it is "survey"
            {_EXPECT}.outcome: "won" was expected; it is "none"
            {_EXPECT}.ended: true was expected; it is false
            """,
        ),
        (
            'steps = [{ do = "start" }, { do = "advance", to = "offer" }]',
            f"""
            {_STEPS}[1]: Advance was refused for "counted" (“Floors” is not known); \
"met" (The boss has to attest it)
            """,
        ),
        (
            'steps = [{ do = "start" }, { do = "advance", refused = ["met", "price"] }]',
            f"""
            {_STEPS}[1].refused: Advance was to be refused for "met", "price"; \
it was not refused for "price" and it was refused for "counted" (“Floors” is not known)
            """,
        ),
        (
            'steps = [{ do = "start", refused = ["x"] }]',
            f'{_STEPS}[0].refused: Start was to be refused for "x"; it was accepted',
        ),
        (
            'steps = [{ do = "start", to = "offer" }]',
            f'{_STEPS}[0].to: "offer" was to be reached; the deal is in "survey"',
        ),
        (
            """
            expect = { instruments = ["plan"], due = ["call"], facts = { floors = 3, nix = 1 } }
            """,
            f"""
            {_EXPECT}.instruments: ["plan"] was expected; it is []
            {_EXPECT}.due: ["call"] was expected; it is []
            {_EXPECT}.facts.floors: 3 was expected; it is not known
            {_EXPECT}.facts.nix: the playbook has no such fact
            """,
        ),
        (
            'expect = { score = { card = "fit", verdict = "good", unknown = 0, low = 1 } }',
            f"""
            {_EXPECT}.score.verdict: "fit": "good" was expected; it is "undecided"
            {_EXPECT}.score.low: "fit": 1 was expected; it is 0
            {_EXPECT}.score.unknown: "fit": 0 was expected; it is 1
            """,
        ),
        (
            """
            deal = { facts = { flors = 3 } }
            steps = [{ do = "start" }]
            """,
            f'{_STEPS}[0].facts.flors: the playbook has no such fact; did you mean "floors"?',
        ),
        (
            'steps = [{ do = "start" }, { do = "start" }]',
            f"""
            {_STEPS}[1]: Start was refused for "stage" \
(It was started before; go on from where it is)
            """,
        ),
    ],
)
def test_a_case_that_comes_otherwise_says_what_came_instead(case: str, expected: str) -> None:
    assert told(case) == dedent(expected).strip().splitlines()


def test_a_result_says_the_line_of_the_file_where_its_case_begins() -> None:
    text = """
    # A "[[cases]]" in a comment
    [[cases]]
    say = 'One "[[cases]]"'
    steps = [{ do = "start", note = '''
    [[cases]]
    ''' }]

    [[cases]]
    say = "Two"
    expect = { stage = "offer", ended = true }
    """
    first, second = run_cases(text, LIFTS)

    assert (first.line, second.line) == (3, 9)
    assert str(second).startswith("line 9: Two\n  - line 11, column 24: cases[1].expect.stage: ")
    (inline,) = run_cases('\ncases = [{ say = "One" }]\n', LIFTS)
    assert (inline.line, str(inline)) == (2, "line 2: One")


def test_cases_are_told_the_same_twice_and_change_nothing() -> None:
    file = CaseFile.beside("closed_loop_sales")
    assert file is not None
    playbook = sf.load_playbook("closed_loop_sales")

    assert file.run(playbook) == file.run(playbook)


# Which playbook


def test_cases_find_their_playbook_beside_them(tmp_path: Path) -> None:
    cases = tmp_path / "lifts.cases.toml"
    cases.write_text('[[cases]]\nsay = "One"\nsteps = [{ do = "start" }]', encoding="utf-8")
    with pytest.raises(ArgumentError, match="playbook is needed: there is no playbook beside"):
        run_cases(cases)
    copyfile(HERE / "lifts.toml", tmp_path / "lifts.toml")

    assert [result.passed for result in run_cases(str(cases))] == [True]
    assert [result.passed for result in run_cases(cases, tmp_path / "lifts.toml")] == [True]
    with pytest.raises(ArgumentError, match="playbook must be a Playbook"):
        run_cases(cases, 3)  # type: ignore[arg-type]
    with pytest.raises(InvalidCases, match="cannot be read: no such file"):
        run_cases(tmp_path / "other.cases.toml", LIFTS)


def test_cases_of_built_in_playbooks_are_those_of_the_package_only() -> None:
    assert CaseFile.beside(LIFTS) is None
    playbook = sf.load_playbook("milestone_selling")
    assert CaseFile.beside(playbook) == CaseFile.beside("milestone_selling")
    changed = json.loads(playbook.to_json()) | {"version": "0"}
    assert CaseFile.beside(sf.Playbook.from_json(json.dumps(changed))) is None


def test_records_are_as_on_the_day_when_they_are_brought() -> None:
    text = """
    [[cases]]
    say = "One"
    [records.contract]
    record = "WinLossReview"
    opportunity = "D-1"
    outcome = "won"
    reviewed_on = "today - 1"
    [records.other]
    like = "contract"
    opportunity = "D-2"
    """
    file = CaseFile.from_toml(text)
    record: Any = file.record("other")

    assert file.records == ("contract", "other")
    assert (record.opportunity, str(record.reviewed_on)) == ("D-2", "2026-01-04")
    with pytest.raises(sf.errors.UnknownName, match='Did you mean "contract"'):
        file.record("contrat")


def test_an_amount_is_amended_as_it_is_given_at_first() -> None:
    text = """
    deal = { amount = "100 USD" }
    steps = [{ do = "start" }, { do = "amend", changes = { amount = "100.01 USD" } }]
    expect = { instruments = ["plan"] }
    """
    assert told(text) == []
    wrong = f'[[cases]]\nsay = "One"\n{text}'.replace('"100.01 USD"', '"100.01 dollars"')
    assert [problem.split(": ")[0] for problem in refused(wrong)] == [
        "cases[0].steps[1].changes.amount.currency"
    ]


# What is wrong with a file


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = """
    satisfy_wth = []
    [[cases]]
    say = "One"
    deal = { amount = "1 dollar", tier = "gold", account = { nam = 1 }, rates = { EUR = "x" } }
    steps = [{ do = "advence" }, { do = "attest" },
             { do = "judge", role = "boss", verdict = "hold" }, {}, 3,
             { do = "wait", days = 0 }, { do = "amend", changes = { nme = 3 } }]
    expect = { outcome = "maybe", score = { crd = "x" } }
    [[cases]]
    say = "One"
    deal = { records = ["nobody"] }
    [records.x]
    like = "y"
    [records.a]
    like = "b"
    [records.b]
    like = "a"
    [records.c]
    record = "os.system"
    [records.d]
    record = "Contract"
    nmber = 3
    [records.e]
    customer = "Acme"
    """
    paths = [problem.partition(": ")[0] for problem in refused(text)]

    assert paths == [
        "satisfy_wth",
        "cases[0].deal.amount",
        "cases[0].deal.tier",
        "cases[0].deal.rates.EUR",
        "cases[0].deal.account.name",
        "cases[0].deal.account.nam",
        "cases[0].steps[0].do",
        "cases[0].steps[1].criterion",
        "cases[0].steps[2]",
        "cases[0].steps[3].do",
        "cases[0].steps[4]",
        "cases[0].steps[5].days",
        "cases[0].steps[6].changes",
        "cases[0].expect.outcome",
        "cases[0].expect.score.crd",
        "cases[1].say",
        "records.x.like",
        "records.b.like",
        "records.a.like",
        "records.c",
        "records.d.number",
        "records.d.customer",
        "records.d.amount",
        "records.d.nmber",
        "records.e",
        "cases[1].deal.records[0]",
    ]


def test_names_that_the_playbook_does_not_have_are_told_before_anything_is_run() -> None:
    text = """
    [[cases]]
    say = "One"
    steps = [
      { do = "attest", criterion = "mett", role = "bos" },
      { do = "answer", question = "house.rod", mark = "+" },
      { do = "lose", reason = "prize" },
      { do = "advance", to = "ofer" },
      { do = "complete", instrument = "call" },
      { do = "attest", criterion = "met", role = "stranger", refused = ["boss"] },
    ]
    [[cases]]
    say = "Two"
    expect = { stage = "won", due = ["cal"], instruments = ["pan"], score = [{ card = "fitt" }] }
    """
    found = dict(problem.split(": ", 1) for problem in refused(text))

    assert found["cases[0].steps[0].criterion"].endswith('did you mean "met"?')
    assert list(found) == [
        "cases[0].steps[0].role",
        "cases[0].steps[0].criterion",
        "cases[0].steps[1].question",
        "cases[0].steps[2].reason",
        "cases[0].steps[3].to",
        "cases[1].expect.stage",
        "cases[1].expect.instruments[0]",
        "cases[1].expect.due[0]",
        "cases[1].expect.score[0].card",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases = []", "the list is empty"),
        ("x", "this key has no value"),
        ("a" * 2_000_000, "longer than 1,048,576 bytes"),
        ("a = " + "[" * 100 + "]" * 100, "more than 32 levels"),
        ('cases = [{ say = "x", steps = [' + '{ do = "start" },' * 201 + "] }]", "more than 200"),
        ("\n".join(f'[[cases]]\nsay = "{n}"' for n in range(1_001)), "more than 1000"),
    ],
)
def test_what_is_too_much_or_no_file_of_cases_is_refused(text: str, said: str) -> None:
    assert any(said in problem for problem in refused(text))


def test_a_long_chain_of_likes_is_read_and_not_walked_by_recursion() -> None:
    links = "".join(f'[records.r{n}]\nlike = "r{n - 1}"\n' for n in range(1, 500))
    review = 'record = "WinLossReview"\nopportunity = "D-1"\noutcome = "won"'
    text = f'[[cases]]\nsay = "x"\n[records.r0]\n{review}\n{links}'

    assert len(CaseFile.from_toml(text).records) == 500
    assert "more than 500 records" in str(refused(text + '[records.z]\nlike = "r0"'))


_OF_CASES = ("cases", "say", "deal", "steps", "expect", "records", "do", "refused", "to")
_OF_PARTS = ("score", "card", "facts", "like", "record", "amount", "rates", "team", "days", "x")
_KEYS = st.sampled_from(_OF_CASES + _OF_PARTS)
_WORDS = st.sampled_from(
    ["start", "satisfy", "wait", "record", "advance", "Contract", "today", "1 USD"]
)
_LEAVES = st.none() | st.booleans() | st.integers(-3, 10**30) | st.floats(allow_nan=False) | _WORDS
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5)
)


@pytest.mark.law
@given(_VALUES, st.lists(_VALUES, max_size=3), _VALUES, _VALUES)
def test_whatever_a_file_holds_it_is_run_or_refused_in_our_words(
    deal: object, steps: list[object], expect: object, records: object
) -> None:
    case = {"say": "x", "deal": deal, "steps": steps, "expect": expect}
    given = {name: value for name, value in case.items() if value is not None}
    text = json.dumps({"cases": [given], "records": records})
    with suppress(InvalidCases):
        assert len(CaseFile.from_json(text).run(LIFTS)) == 1


# The page and the schema


def keys_of(schema: object) -> set[str]:
    """Every key that a schema names."""
    if isinstance(schema, list):
        return set[str]().union(*map(keys_of, schema))
    if not isinstance(schema, dict):
        return set()
    named = schema.get("properties", {})
    return {
        *named,
        *set().union(*(keys_of(it) for it in [*schema.values(), *named.values()]), set()),
    }


def test_the_page_has_every_key_and_every_step() -> None:
    known = keys_of(CaseFile.json_schema()) | set(COMMANDS)
    shown = set(re.findall(r"\b[a-z_]+\b", PAGE))

    assert known - shown == set()
    assert {f"`{name}`" for name in COMMANDS} - set(re.findall(r"`[a-z_]+`", PAGE)) == set()


@pytest.mark.parametrize("playbook", BUILT_IN)
def test_the_schema_admits_the_built_in_cases(playbook: str) -> None:
    path = files("salesflow.playbooks") / f"{playbook}.cases.toml"
    cases = json.loads(json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), default=str))

    jsonschema.validate(cases, CaseFile.json_schema())


@pytest.mark.parametrize(
    "steps", [[{"do": "advence"}], [{"do": "attest"}], [{"do": "wait", "days": 0}], [{"x": 1}]]
)
def test_the_schema_refuses_what_the_reader_refuses(steps: list[object]) -> None:
    given = {"cases": [{"say": "x", "steps": steps}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(given, CaseFile.json_schema())
    with pytest.raises(InvalidCases):
        CaseFile.from_json(json.dumps(given))


def test_the_page_counts_the_cases_that_there_are() -> None:
    count = 0
    for key in BUILT_IN:
        file = CaseFile.beside(key)
        assert file is not None
        count += len(file.cases)
    assert f"have theirs: {count} cases" in " ".join(PAGE.split())


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (CaseFile.from_json, "[]"),
        (CaseFile.from_toml, b"cases = []"),
        (CaseFile.from_file, 3),
        (CaseFile.from_file, "cases.yaml"),
    ],
)
def test_cases_that_cannot_be_read_are_not_called_a_playbook(
    read: Callable[[Any], CaseFile], given: object
) -> None:
    with pytest.raises(InvalidCases) as raised:
        read(given)

    assert "laybook" not in str(raised.value)


def test_satisfying_a_gate_enters_what_is_missing_and_changes_nothing_that_is_there() -> None:
    blank, low = run_cases(
        """
        [[cases]]
        say = "Nobody knows the floors, and somebody counts them"
        steps = [{ do = "start" }, { do = "satisfy" }, { do = "advance", to = "offer" }]

        [[cases]]
        say = "One floor is not enough"
        deal = { facts = { floors = 1 } }
        steps = [{ do = "start" }, { do = "satisfy" }, { do = "advance", refused = ["counted"] }]
        """,
        LIFTS,
    )
    assert (blank.passed, low.passed) == (True, True), str(low)


def test_a_case_calls_the_forecast_and_expects_what_became_of_it() -> None:
    by_wang = 'do = "call_forecast", by = "wang", category = "omitted", reason = "So"'
    case = f"""
    steps = [
      {{ do = "start" }},
      {{ do = "call_forecast", category = "commit", reason = "They have signed" }},
      {{ {by_wang}, refused = ["call_forecast"] }},
    ]
    expect = {{ facts = {{ "forecast.category" = "pipeline", "forecast.owner_call" = "commit" }} }}
    """
    assert told(case) == []


def test_the_old_name_of_the_selling_cycle_number_is_told_the_new_one() -> None:
    (problem,) = refused('[[cases]]\nsay = "One"\nexpect = { forecast = 2 }\n')

    assert problem == (
        'cases[0].expect.forecast: an expectation has no such key; did you mean "cycle"?'
    )
