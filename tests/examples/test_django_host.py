"""`examples/django_host` for real: Django's own servers, a SQLite file, and clients that race."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from pydantic import TypeAdapter

import salesflow as sf
from salesflow.engine import AvailableCommand
from tests.examples.test_host import (
    ATTEST,
    FIRST_STAGE,
    MANAGER,
    REP,
    ROOT,
    TERRITORY_PLAN,
    Commands,
    accepted,
    answers,
    blindly,
    carefully,
    check_history,
    command,
    give,
    new_deal,
    numbers,
    refused,
    serving,
    stored,
)

SETTINGS = "examples.django_host.settings"
PASSWORD = "correct horse battery staple"


def django(database: Path, *words: str, **environment: str) -> None:
    """One of Django's own commands."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *words, "--settings", SETTINGS, "-v", "0"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DEALS_DATABASE": str(database),
            **environment,
        },
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def running(database: Path) -> Iterator[httpx.Client]:
    """Django's server on a database that is there already."""
    server = ("django", "runserver", "--noreload", "localhost:0", "--settings", SETTINGS)
    environment = {
        "DEALS_DATABASE": str(database),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PYTHONUNBUFFERED": "1",
    }
    with serving(database, server, **environment) as client:
        yield client


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two servers on one database: what holds between them is held by the database."""
    database = tmp_path_factory.mktemp("django") / "deals.db"
    django(database, "migrate", "--run-syncdb")
    who = {"DJANGO_SUPERUSER_USERNAME": REP, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    django(database, "createsuperuser", "--noinput", "--email", "li@example.com", **who)
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        one, other = pool.map(stack.enter_context, [running(database), running(database)])
        yield one, other


@pytest.fixture
def client(pair: tuple[httpx.Client, httpx.Client]) -> httpx.Client:
    return pair[0]


@pytest.fixture
def deal(client: httpx.Client) -> str:
    """The path of a deal that was started."""
    path = new_deal(client)
    accepted(client, path, kind="Start")
    return path


# ------------------------------------------------------------------------------------ one client


def test_a_deal_goes_through_the_first_stage(client: httpx.Client) -> None:
    deal = new_deal(client, name="核心系统")
    assert stored(client, deal).progress.version == 0
    accepted(client, deal, kind="Start")

    told = refused(give(client, deal, kind="Advance"), 409)
    assert told["code"] == "blocked"
    assert [blocker["key"] for blocker in told["blockers"]] == [*FIRST_STAGE]
    deal = new_deal(client, name="核心系统", records=[TERRITORY_PLAN])
    accepted(client, deal, kind="Start")
    moved = accepted(client, deal, kind="Advance")
    assert moved.opportunity == stored(client, deal)
    assert moved.opportunity.progress.stage == "demand_generation"
    assert len(check_history(client, deal)) == moved.opportunity.progress.version


def test_a_screen_gets_what_it_shows(client: httpx.Client) -> None:
    deal = new_deal(client, records=[TERRITORY_PLAN])
    accepted(client, deal, kind="Start")
    review = client.get(f"{deal}/review").json()
    assert review["stage"]["key"] == "territory_account_plan"
    options = TypeAdapter(tuple[AvailableCommand, ...]).validate_json(
        client.get(f"{deal}/available", params={"by": MANAGER}).content
    )
    assert {option.fields["stage"] for option in options if option.kind is sf.MoveTo}
    assert [duty["key"] for duty in client.get(f"{deal}/due").json()] == [
        "quarterly_plan_update",
        "quarterly_plan_review",
    ]
    assert client.get(deal).headers["ETag"] == '"1"'
    for who in ({}, {"by": ""}, {"by": "\r"}, {"by": "x" * 201}):
        refused(client.get(f"{deal}/available", params=who), 422)


def test_a_repeated_command_happens_once(client: httpx.Client, deal: str) -> None:
    first = accepted(client, deal, **ATTEST, command_id="click-1")
    again = accepted(client, deal, **ATTEST, command_id="click-1")
    assert (first.duplicate, again.duplicate) == (False, True)
    told = refused(give(client, deal, **ATTEST, met=False, command_id="click-1"), 409)
    assert told["code"] == "command_conflict"
    assert len(check_history(client, deal)) == 2


BAD: Mapping[str, tuple[bytes, int, str, str]] = {
    "nothing": (b"", 422, "command", "not JSON"),
    "half of JSON": (b"{", 422, "command", "not JSON"),
    "no UTF-8": (b'{"by": "\xff"}', 422, "command", "not JSON"),
    "deep JSON": (b"[" * 100_000, 422, "command", "not JSON"),
    "a list": (b"[]", 422, "command", "A command is a mapping"),
    "no kind": (command(), 422, "command", "Give kind: Start"),
    "unknown kind": (command(kind="attest"), 422, "unknown_name", 'Did you mean "Attest"?'),
    "missing key": (command(kind="Attest"), 422, "invalid", "criterion"),
    "unknown key": (command(**ATTEST, mett=True), 422, "invalid", "there is no such field"),
    "half a character": (command(**ATTEST, note="\ud800"), 422, "invalid", "be stored"),
    "future": (command(**ATTEST, occurred_at="9998-01-01T00:00:00Z"), 422, "clock", "later"),
    "unknown stage": (command(kind="MoveTo", stage="nowhere"), 422, "unknown_name", "stage"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_command_is_told_what_is_wrong_with_it(
    what: str, client: httpx.Client, deal: str
) -> None:
    body, status, code, said = BAD[what]
    sent = client.post(f"{deal}/commands", content=body)
    answer = refused(sent, status)
    assert answer["code"] == (code or answer["code"])
    assert said in sent.text.replace('\\"', '"')
    assert stored(client, deal).progress.version == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "a/b"}, "id is part of an address"),
        ({"colour": "red"}, "there is no such field"),
        ({"amount": {"amount": "1", "currency": "EURO"}}, "EUR"),
        ({"progress": {"stage": "order"}}, "commands write it"),
    ],
)
def test_a_bad_deal_is_told_what_is_wrong_with_it(
    fields: Mapping[str, object], said: str, client: httpx.Client
) -> None:
    sent = client.post("/deals", json={"id": "D-bad", "name": "Core banking", **fields})
    refused(sent, 422)
    assert said in sent.text
    refused(client.get("/deals/D-bad"), 404)


def test_a_deal_is_opened_once(pair: tuple[httpx.Client, httpx.Client]) -> None:
    body = {"id": f"D-{next(numbers)}", "name": "Core banking"}
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda client: client.post("/deals", json=body), pair))
    assert sorted(answer.status_code for answer in made) == [201, 409]


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    database = tmp_path / "deals.db"
    django(database, "migrate", "--run-syncdb")
    with running(database) as client:
        deal = new_deal(client, name="核心系统")
        accepted(client, deal, kind="Start")
        before = client.get(deal).content, client.get(f"{deal}/events").content
    with running(database) as client:
        assert (client.get(deal).content, client.get(f"{deal}/events").content) == before
        accepted(client, deal, **ATTEST, expected_version=1)
        assert len(check_history(client, deal)) == 2


# ------------------------------------------------------------------------------------------ races


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

    expected = {item["command_id"] for name in ("left", "right") for item in answers(name)}
    assert Counter(event.command_id for event in check_history(pair[0], deal)) == Counter(
        {None: 1} | dict.fromkeys(expected, 1)
    )


def test_of_many_who_saw_the_same_version_one_is_let_in(
    pair: tuple[httpx.Client, httpx.Client], deal: str
) -> None:
    together = Barrier(12)

    def click(number: int) -> int:
        together.wait(timeout=30)
        body = {"by": REP, **ATTEST, "note": f"click {number}"}
        answer = pair[number % 2].post(f"{deal}/commands", json=body, headers={"If-Match": '"1"'})
        if answer.status_code != 200:
            assert refused(answer, 412)["current"] == 2
        return answer.status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = Counter(pool.map(click, range(12)))
    assert statuses == {200: 1, 412: 11}
    assert len(check_history(pair[0], deal)) == 2


def test_a_version_that_is_none_is_refused(client: httpx.Client, deal: str) -> None:
    answer = client.post(
        f"{deal}/commands", json={"by": REP, **ATTEST}, headers={"If-Match": "yesterday"}
    )
    assert refused(answer, 400)["code"] == "if_match"


# ------------------------------------------------------------------------------------------ admin


@pytest.fixture
def admin(client: httpx.Client) -> Iterator[httpx.Client]:
    """A client that has logged in as the sales representative."""
    with httpx.Client(base_url=client.base_url, timeout=30, trust_env=False) as browser:
        browser.get("/admin/login/")
        form = {"username": REP, "password": PASSWORD, **token(browser)}
        assert browser.post("/admin/login/?next=/admin/", data=form).status_code == 302
        yield browser


def token(browser: httpx.Client) -> dict[str, str]:
    return {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}


def advance(admin: httpx.Client, deal: str) -> str:
    """What the admin says to its action, given for one deal."""
    form = {"action": "advance", "_selected_action": deal.rpartition("/")[2], **token(admin)}
    page = admin.post("/admin/django_host/deal/", data=form, follow_redirects=True)
    assert page.status_code == 200
    found = re.findall(r'<li class="(?:success|error)">(.*?)</li>', page.text, re.DOTALL)
    return unescape(" ".join(found))


def test_the_admin_shows_a_deal_and_lets_nobody_edit_it(admin: httpx.Client, deal: str) -> None:
    page = admin.get(f"/admin/django_host{deal.replace('deals', 'deal')}/change/")
    assert page.status_code == 200
    assert "A written plan says how the sales target will be exceeded" in page.text
    assert "Answer tas.compelling_event" in page.text
    assert not re.findall(r'name="(?:record|stage|version|outcome)"', page.text)
    form = {"record": "{}", "stage": "order", "version": "9", **token(admin)}
    admin.post(str(page.url), data=form)
    assert stored(admin, deal).progress.stage == "territory_account_plan"
    assert "deal/add/" not in admin.get("/admin/django_host/deal/").text


def test_the_actions_of_the_admin_are_commands(admin: httpx.Client, deal: str) -> None:
    said = advance(admin, deal)
    assert "Advance was refused." in said
    assert "The plan was presented to the manager and to colleagues" in said
    deal = new_deal(admin, records=[TERRITORY_PLAN])
    accepted(admin, deal, kind="Start")
    assert "Advance is done." in advance(admin, deal)
    assert check_history(admin, deal)[-1].by == REP
    assert stored(admin, deal).progress.stage == "demand_generation"
