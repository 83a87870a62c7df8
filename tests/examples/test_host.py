"""`examples/host` for real: servers on a loopback port, a SQLite file, and clients that race."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest
from jsonschema import validate
from pydantic import TypeAdapter

import salesflow as sf
from salesflow.engine import AvailableCommand
from salesflow.errors import SalesflowError

ROOT = Path(__file__).resolve().parents[2]
REP, MANAGER = "li.wei", "wang.fang"
TAS = tuple(
    f"tas.{question.key}"
    for question in sf.load_playbook("optimized_sales_process").checklists["tas"].questions
)
TERRITORY_PLAN: Mapping[str, object] = {
    "record": "TerritoryPlan",
    "kind": "territory",
    "name": "Banks",
    "target": {"amount": "2000000", "currency": "USD"},
    "planned": {"amount": "2500000", "currency": "USD"},
    "strategy": "Banks whose audit is near",
    "challenge": "Too few engineers",
    "accounts": [{"name": "Acme Bank", "projects": ["Core banking"]}],
    "partners": [],
    "presented_on": "2026-02-20",
    "approved_by": MANAGER,
    "approved_on": date.today().isoformat(),  # the servers have the clock of the day
}
PROCUREMENT: Mapping[str, object] = {
    "record": "ProcurementProcess",
    "customer": "Acme Bank",
    "budget": "In the plan of this year",
    "steps": [{"title": "Decision of the board"}],
}
FIRST_STAGE = (
    "plan_written",
    "key_accounts_listed",
    "partners_assessed",
    "plan_presented",
    "territory_plan_approved",
)
SECOND_STAGE = (
    "technical_lead_identified",
    "business_drivers_determined",
    "early_value_proposition",
    "forecast_fed",
    "key_projects_listed",
)

numbers = count(1)
DECISION = TypeAdapter(sf.Decision[sf.Opportunity])


FASTAPI = ("uvicorn", "--factory", "examples.host.app:create_app", "--port", "0")
QUIETLY = ("--no-access-log", "--timeout-graceful-shutdown", "3")


@contextmanager
def serving(
    database: Path, module: Sequence[str] = (*FASTAPI, *QUIETLY), **environment: str
) -> Iterator[httpx.Client]:
    """A server of its own process on a free port, and a client that talks to it."""
    log = database.with_name(f"server-{next(numbers)}.log")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "src"),
                "DEALS_DATABASE": f"sqlite:///{database}",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=address(server, log), timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    assert "Warning" not in said, said


def address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, which it says once it does."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        said = re.search(
            r"(?:running on|server at) (http://[\w.:]+)", log.read_text(encoding="utf-8")
        )
        if said:
            return said[1]
        time.sleep(0.02)
    pytest.fail(f"The server does not start.\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two servers on one database: what holds between them is held by the database."""
    database = tmp_path_factory.mktemp("host") / "deals.db"
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        starting = [serving(database), serving(database)]
        one, other = pool.map(stack.enter_context, starting)
        yield one, other


@pytest.fixture
def client(pair: tuple[httpx.Client, httpx.Client]) -> httpx.Client:
    return pair[0]


@pytest.fixture(scope="module")
def quiet_deal(pair: tuple[httpx.Client, httpx.Client]) -> str:
    """The path of a deal that was started, and to which nothing else must happen."""
    path = new_deal(pair[0])
    accepted(pair[0], path, kind="Start")
    return path


@pytest.fixture
def deal(client: httpx.Client) -> str:
    """The path of a deal that was started."""
    path = new_deal(client)
    accepted(client, path, kind="Start")
    return path


def new_deal(client: httpx.Client, **fields: object) -> str:
    body = {
        "id": f"D-{next(numbers)}",
        "name": "Core banking",
        "amount": {"amount": "40000", "currency": "USD"},
        "account": {"name": "Acme Bank", "tier": "regular"},
        "owner": REP,
        "team": {MANAGER: "sales_manager"},
        **fields,
    }
    created = client.post("/deals", json=body)
    assert created.status_code == 201, created.text
    return created.headers["Location"]


def give(client: httpx.Client, deal: str, **command: object) -> httpx.Response:
    return client.post(f"{deal}/commands", json={"by": REP, **command})


def accepted(client: httpx.Client, deal: str, **command: object) -> sf.Decision[sf.Opportunity]:
    answer = give(client, deal, **command)
    assert answer.status_code == 200, answer.text
    decision = DECISION.validate_json(answer.text)
    assert decision.accepted
    return decision


def refused(answer: httpx.Response, status: int) -> Mapping[str, Any]:
    """The problem document of an answer."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: Mapping[str, Any] = answer.json()
    validate(problem, SalesflowError.json_schema())
    assert problem["status"] == status
    return problem


def events_of(client: httpx.Client, deal: str) -> tuple[sf.Event, ...]:
    answer = client.get(f"{deal}/events")
    assert answer.status_code == 200, answer.text
    return sf.read_events(answer.text)


def stored(client: httpx.Client, deal: str) -> sf.Opportunity:
    answer = client.get(deal)
    assert answer.status_code == 200, answer.text
    return sf.Opportunity.model_validate_json(answer.text)


def check_history(client: httpx.Client, deal: str) -> tuple[sf.Event, ...]:
    """No event is lost, none is there twice, and they add up to the deal."""
    events = events_of(client, deal)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert len({event.id for event in events}) == len(events)
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    assert engine.replay(events) == stored(client, deal).progress
    return events


# -------------------------------------------------------------------------------------- one client


def test_an_amount_without_a_rate_is_taken_and_told_in_the_review(client: httpx.Client) -> None:
    deal = new_deal(client)
    accepted(client, deal, kind="Start")
    accepted(client, deal, kind="Amend", changes={"amount": {"amount": "1", "currency": "EUR"}})

    review = client.get(f"{deal}/review").json()
    assert [problem["code"] for problem in review["problems"]] == ["missing_rate"]
    assert "no rate from EUR into USD" in review["problems"][0]["message"]


def test_a_deal_goes_through_the_first_stages(client: httpx.Client) -> None:
    deal = new_deal(client)
    assert stored(client, deal).progress.version == 0
    accepted(client, deal, kind="Start")

    told = refused(give(client, deal, kind="Advance"), 409)
    assert told["code"] == "blocked"
    blockers = told["blockers"]
    assert [blocker["key"] for blocker in blockers] == [*FIRST_STAGE]
    assert all(
        blocker[part][lang]
        for blocker in blockers
        for part in ("title", "fix")
        for lang in ("en", "zh")
    )
    assert blockers[-1]["role"] == "sales_manager"

    deal = new_deal(client, records=[TERRITORY_PLAN, PROCUREMENT])
    accepted(client, deal, kind="Start")
    accepted(client, deal, kind="Advance")
    for key in SECOND_STAGE:
        accepted(client, deal, kind="Attest", criterion=key)
    for question in TAS:
        accepted(client, deal, kind="Answer", question=question, mark="+")
    review = client.get(f"{deal}/review").json()
    assert review["stage"]["key"] == "demand_generation"
    assert review["scores"]["tas"]["verdict"] == "go"
    assert [blocker["key"] for blocker in review["blockers"]] == ["first_go_no_go"]
    go = {"role": "sales_manager", "verdict": "go", "point": "first_go_no_go"}
    accepted(client, deal, kind="Judge", by=MANAGER, **go)
    accepted(client, deal, kind="Amend", changes={"next_step": "与客户开研讨会"})
    moved = accepted(client, deal, kind="Advance")

    now = stored(client, deal)
    assert (now.progress.stage, now.next_step) == ("opportunity_plan", "与客户开研讨会")
    assert now == moved.opportunity
    assert len(check_history(client, deal)) == now.progress.version


def test_a_person_is_told_what_they_can_do_and_what_is_due(client: httpx.Client) -> None:
    deal = new_deal(client, records=[TERRITORY_PLAN])
    accepted(client, deal, kind="Start")
    accepted(client, deal, kind="Advance")
    answer = client.get(f"{deal}/available", params={"by": MANAGER})
    options = TypeAdapter(tuple[AvailableCommand, ...]).validate_json(answer.text)
    (decision,) = (
        option
        for option in options
        if option.kind is sf.Judge and option.fields.get("point") == "first_go_no_go"
    )
    assert decision.allowed
    decided = json.loads(decision.command(verdict="go", command_id="go").model_dump_json())
    assert accepted(client, deal, **decided).events[0].by == MANAGER
    due = client.get(f"{deal}/due").json()
    assert [(duty["key"], duty["status"]) for duty in due] == [
        ("quarterly_plan_update", "next"),
        ("quarterly_plan_review", "next"),
    ]
    theirs = client.get(f"{deal}/review", params={"by": "somebody"}).json()
    assert theirs["stage"]["key"] == "demand_generation"


def test_whoever_asks_has_to_say_who_they_are(client: httpx.Client, deal: str) -> None:
    for params in ({}, {"by": ""}, {"by": "x" * 201}):
        told = refused(client.get(f"{deal}/available", params=params), 422)
        assert told["problems"][0]["path"] == "query.by"


def test_events_can_be_read_from_where_one_left_off(client: httpx.Client, deal: str) -> None:
    for question in TAS[:3]:
        accepted(client, deal, kind="Answer", question=question, mark="?")
    answer = client.get(f"{deal}/events", params={"after": 2})
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert [json.loads(line)["sequence"] for line in answer.text.splitlines()] == [3, 4]


def test_health_names_the_process(client: httpx.Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == ["optimized_sales_process 2.0.0"]


def test_the_api_describes_every_command(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    body = described["paths"]["/deals/{deal_id}/commands"]["post"]["requestBody"]
    parts = described["components"]["schemas"]
    commands = [
        parts[schema["$ref"].rpartition("/")[2]]
        for schema in body["content"]["application/json"]["schema"]["oneOf"]
    ]
    assert all("kind" in command["required"] for command in commands)
    assert sorted(command["properties"]["kind"]["const"] for command in commands) == sorted(
        name
        for name in dir(sf)
        if isinstance(getattr(sf, name), type)
        and issubclass(getattr(sf, name), sf.Command)
        and name != "Command"
    )


# ----------------------------------------------------------------------- the same, and meanwhile


def test_a_repeated_command_has_the_same_result_and_happens_once(
    client: httpx.Client, deal: str
) -> None:
    click = {"kind": "Answer", "question": TAS[0], "mark": "+", "command_id": "click-1"}
    first = accepted(client, deal, **click)
    accepted(client, deal, kind="Answer", question=TAS[1], mark="-")
    again = accepted(client, deal, **click)

    assert (first.duplicate, again.duplicate) == (False, True)
    assert (first.command, again.events) == (again.command, ())
    assert again.opportunity == stored(client, deal)
    assert [event.command_id for event in check_history(client, deal)] == [None, "click-1", None]

    told = refused(give(client, deal, **{**click, "mark": "-"}), 409)
    assert (told["code"], told["command_id"]) == ("command_conflict", "click-1")


def test_a_stale_version_is_told_what_happened_meanwhile(client: httpx.Client, deal: str) -> None:
    seen = stored(client, deal).progress.version
    accepted(client, deal, kind="Attest", criterion="technical_lead_identified", by=REP)
    accepted(client, deal, kind="Answer", question=TAS[0], mark="?", by=MANAGER)

    answer = {"kind": "Answer", "question": TAS[1], "mark": "+"}
    told = refused(give(client, deal, **answer, expected_version=seen), 409)
    assert (told["code"], told["expected"], told["current"]) == ("version_conflict", 1, 3)
    assert [(step["version"], step["kind"], step["by"]) for step in told["happened"]] == [
        (2, "criterion_attested", REP),
        (3, "question_answered", MANAGER),
    ]
    early = refused(give(client, deal, **answer, expected_version=10**15), 409)
    assert "happened" not in early
    accepted(client, deal, kind="Answer", question=TAS[1], mark="+", expected_version=3)


# ------------------------------------------------------------------------------------------ races

Commands = Sequence[Mapping[str, object]]
EACH = 25


def answers(name: str) -> Commands:
    """Commands of one client: they touch the same questions and criteria as the other's."""
    keys = [*TAS, *SECOND_STAGE][:EACH]
    return [
        {"kind": "Answer", "question": key, "mark": "?", "command_id": f"{name}-{number}"}
        if key.startswith("tas.")
        else {"kind": "Attest", "criterion": key, "command_id": f"{name}-{number}"}
        for number, key in enumerate(keys)
    ]


def blindly(client: httpx.Client, deal: str, commands: Commands) -> None:
    """Without an expected version: every command has to be accepted."""
    for command in commands:
        accepted(client, deal, **command)


def carefully(client: httpx.Client, deal: str, commands: Commands) -> None:
    """With one: a conflict is looked at, and the command given anew."""
    version = 1
    for command in commands:
        for _ in range(1_000):
            answer = give(client, deal, **command, expected_version=version)
            if answer.status_code == 200:
                version = answer.json()["opportunity"]["progress"]["version"]
                break
            told = refused(answer, 409)
            assert (told["code"], told["expected"]) == ("version_conflict", version)
            assert told["happened"][-1]["version"] == told["current"] > version
            version = told["current"]
        else:
            pytest.fail("never got a turn")


@pytest.mark.parametrize("working", [blindly, carefully])
def test_two_clients_racing_on_one_deal_lose_nothing_and_double_nothing(
    working: Callable[[httpx.Client, str, Commands], None],
    pair: tuple[httpx.Client, httpx.Client],
    deal: str,
) -> None:
    together = Barrier(2)

    def race(client: httpx.Client, name: str) -> None:
        together.wait(timeout=30)
        working(client, deal, answers(name))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(race, pair, ("left", "right")))

    events = check_history(pair[0], deal)
    expected = {f"{name}-{number}" for name in ("left", "right") for number in range(EACH)}
    assert Counter(event.command_id for event in events) == Counter(
        {None: 1} | dict.fromkeys(expected, 1)
    )


def test_two_clients_sending_the_same_commands_make_them_happen_once(
    pair: tuple[httpx.Client, httpx.Client], deal: str
) -> None:
    commands = answers("same")
    together = Barrier(2)

    def click(client: httpx.Client) -> list[sf.Decision[sf.Opportunity]]:
        results = []
        for command in commands:
            together.wait(timeout=30)
            results.append(accepted(client, deal, **command))
        return results

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(click, pair)

    for one, other in zip(left, right, strict=True):
        assert sorted([one.duplicate, other.duplicate]) == [False, True]
        assert one.command == other.command
    events = check_history(pair[0], deal)
    assert [event.command_id for event in events] == [
        None,
        *(item["command_id"] for item in commands),
    ]


def test_two_clients_creating_one_deal_create_it_once(
    pair: tuple[httpx.Client, httpx.Client],
) -> None:
    body = {"id": f"D-{next(numbers)}", "name": "Core banking"}
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda client: client.post("/deals", json=body), pair))
    assert sorted(answer.status_code for answer in made) == [201, 409]


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    database = tmp_path / "deals.db"
    click = {"kind": "Attest", "criterion": "technical_lead_identified", "command_id": "click-1"}
    with serving(database) as client:
        deal = new_deal(client, name="核心系统")
        accepted(client, deal, kind="Start")
        first = accepted(client, deal, **click)
        before = client.get(deal).json(), client.get(f"{deal}/events").text
    with serving(database) as client:
        assert (client.get(deal).json(), client.get(f"{deal}/events").text) == before
        again = accepted(client, deal, **click)
        assert (first.duplicate, again.duplicate) == (False, True)
        assert again.opportunity == first.opportunity
        accepted(client, deal, kind="Attest", criterion="forecast_fed", expected_version=2)
        assert len(check_history(client, deal)) == 3


# -------------------------------------------------------------------------------------- bad input


def command(**keys: object) -> bytes:
    return json.dumps({"by": REP, **keys}).encode()


ATTEST = {"kind": "Attest", "criterion": "technical_lead_identified"}


BAD_COMMANDS: Mapping[str, tuple[bytes, int, str, str]] = {
    "nothing": (b"", 422, "invalid", "body"),
    "half of JSON": (b"{", 400, "json", "not JSON"),
    "a byte-order mark": (b"\xff\xfe{}", 400, "", ""),
    "no UTF-8": (b'{"by": "\xff"}', 400, "", ""),
    "deep JSON": (b"[" * 100_000, 400, "", ""),
    "a list": (b"[]", 422, "invalid", "A command is a mapping of its fields."),
    "a text": (b'"Attest"', 422, "invalid", "A command is a mapping of its fields."),
    "no kind": (command(), 422, "invalid", "Give kind: Start, Adopt"),
    "unknown kind": (command(kind="attest"), 422, "invalid", 'Did you mean "Attest"?'),
    "kind of a wrong kind": (command(kind=["Attest"]), 422, "invalid", "no command of type list"),
    "abstract kind": (command(kind="Command"), 422, "invalid", "no command 'Command'"),
    "missing key": (command(kind="Attest"), 422, "invalid", "body.criterion"),
    "blank person": (command(**{**ATTEST, "by": " "}), 422, "invalid", "body.by"),
    "unknown key": (command(**ATTEST, mett=True), 422, "invalid", "body.mett"),
    "no text": (command(**ATTEST, note="\ud800"), 422, "invalid", "cannot be stored"),
    "no text as key": (command(**ATTEST, **{"\ud800": 1}), 422, "invalid", "cannot be stored"),
    "long key": (command(**ATTEST, **{"x" * 100_000: 1}), 422, "invalid", "body.xxx"),
    "negative version": (command(**ATTEST, expected_version=-1), 422, "invalid", "version"),
    "naive time": (
        command(**ATTEST, occurred_at="2026-03-02T09:00:00"),
        422,
        "invalid",
        "needs its zone",
    ),
    "time before all times": (
        command(**ATTEST, occurred_at="0001-01-01T00:00:00+14:00"),
        422,
        "invalid",
        "body.occurred_at",
    ),
    "number as time": (command(**ATTEST, occurred_at=1_772_442_000), 422, "invalid", "not a date"),
    "future": (command(**ATTEST, occurred_at="9998-01-01T00:00:00Z"), 422, "clock", "later"),
    "unknown criterion": (
        command(kind="Attest", criterion="technical_lead_identifyed"),
        422,
        "unknown_name",
        '"technical_lead_identified"',
    ),
    "unknown question": (
        command(kind="Answer", question="tas.solution", mark="+"),
        422,
        "unknown_name",
        '"tas.solution_fit"',
    ),
    "unknown mark": (
        command(kind="Answer", question=TAS[0], mark="yes"),
        422,
        "invalid",
        "body.mark",
    ),
    "unknown stage": (
        command(kind="MoveTo", stage="demand_creation"),
        422,
        "unknown_name",
        '"demand_generation"',
    ),
    "unknown instrument": (
        command(kind="Complete", instrument="plan"),
        422,
        "unknown_name",
        "instrument",
    ),
    "unknown reason": (command(kind="Lose", reason="no_luck"), 422, "unknown_name", "reason"),
    "no date": (
        command(kind="Hold", resume_when="x", review_on="soon"),
        422,
        "invalid",
        "body.review_on",
    ),
    "no changes": (command(kind="Amend", changes={}), 422, "invalid", "no field is named"),
    "fixed field": (command(kind="Amend", changes={"id": "x"}), 422, "invalid", "be amended"),
    "no text as field": (
        command(kind="Amend", changes={"\udfff": 1}),
        422,
        "",
        "cannot be amended",
    ),
    "wrong changes": (
        command(kind="Amend", changes={"amount": {"amount": -1, "currency": "USX"}, "name": 5}),
        422,
        "invalid",
        "changes.amount.currency",
    ),
    "wrong fact": (
        command(kind="Amend", changes={"facts": {"expert_group_joins_on": "soon"}}),
        422,
        "fact",
        "is not a day",
    ),
    "no currency": (
        command(kind="Amend", changes={"amount": {"amount": 1, "currency": "EURO"}}),
        422,
        "invalid",
        "EUR",
    ),
}


@pytest.mark.parametrize("what", BAD_COMMANDS)
def test_a_bad_command_is_told_what_is_wrong_with_it(
    what: str, client: httpx.Client, quiet_deal: str
) -> None:
    body, status, code, said = BAD_COMMANDS[what]
    sent = client.post(
        f"{quiet_deal}/commands", content=body, headers={"Content-Type": "application/json"}
    )
    answer = refused(sent, status)
    assert answer["code"] == (code or answer["code"])
    assert answer["message"]
    assert said in sent.text.replace('\\"', '"')
    assert len(sent.text) < 5_000
    assert stored(client, quiet_deal).progress.version == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": None}, "body.id"),
        ({"id": "a/b"}, "id is part of an address"),
        ({"id": ".."}, "id is part of an address"),
        ({"name": ""}, "body.name"),
        ({"colour": "red"}, "body.colour"),
        ({"amount": 5}, "body.amount"),
        ({"amount": {"amount": "1", "currency": "EURO"}}, "EUR"),
        ({"probability": 2}, "body.probability"),
        ({"created_on": "yesterday"}, "body.created_on"),
        ({"team": {REP: 5}}, "body.team"),
        ({"facts": {"expert_group_joins_on": "soon"}}, "is not a day"),
        ({"progress": {"stage": "order"}}, "commands write it"),
        ({"close_date_pushes": 3}, "commands write it"),
    ],
)
def test_a_bad_deal_is_told_what_is_wrong_with_it(
    fields: Mapping[str, object], said: str, client: httpx.Client
) -> None:
    sent = client.post("/deals", json={"id": "D-bad", "name": "Core banking", **fields})
    refused(sent, 422)
    assert said in sent.text
    assert client.get("/deals/D-bad").status_code == 404


def test_what_is_not_there_is_404_and_what_cannot_be_done_405(client: httpx.Client) -> None:
    for path in (
        "/deals/none",
        "/deals/none/review",
        "/deals/none/events",
        "/deals/none/due",
        "/deals/%00%F0%9F",
    ):
        assert refused(client.get(path), 404)["code"] == "no_such_deal"
    missing = give(client, "/deals/none", kind="Start")
    assert refused(missing, 404)["code"] == "no_such_deal"
    assert refused(client.get("/nowhere"), 404)["code"] == "not_found"
    assert refused(client.delete("/health"), 405)["code"] == "method_not_allowed"


@pytest.mark.parametrize("after", ["-1", "x", str(2**70)])
def test_a_bad_place_to_read_from_is_refused(
    after: str, client: httpx.Client, quiet_deal: str
) -> None:
    told = refused(client.get(f"{quiet_deal}/events", params={"after": after}), 422)
    assert told["problems"][0]["path"] == "query.after"
