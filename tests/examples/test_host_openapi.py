"""`examples/host` asked by schemathesis, which reads its OpenAPI document and invents requests.

Nothing is ever a 500, and every answer is of the type that the document says: for requests as the
document describes them, for requests that break it, and for requests that know the words of the
process, so that commands are decided and not only read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import salesflow as sf
from examples.host.app import create_app
from tests.examples.test_host import (
    FIRST_STAGE,
    MANAGER,
    REP,
    SECOND_STAGE,
    TAS,
    accepted,
    check_history,
    new_deal,
    serving,
)

CHECKS: Final = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# The same requests in every run; nothing is shrunk, for the server remembers what it was sent.
DRAWN: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PLAYBOOK: Final = sf.load_playbook("optimized_sales_process")
DOCUMENT: Final[Mapping[str, Any]] = create_app("sqlite://").openapi()
# What a client that knows the process writes into a field of that name.
WORDS: Final[Mapping[str, list[str]]] = {
    "by": [REP, MANAGER],
    "criterion": [*FIRST_STAGE, *SECOND_STAGE, "territory_plan_approved"],
    "instrument": list(PLAYBOOK.instruments),
    "point": ["first_go_no_go"],
    "question": [*TAS],
    "reason": list(PLAYBOOK.reasons),
    "role": list(PLAYBOOK.roles),
    "stage": [position.key for position in PLAYBOOK.positions],
}


def knowing_the_words() -> dict[str, Any]:
    """The document, with the words of the process in it."""
    document = deepcopy(dict(DOCUMENT))
    for name in commands(document):
        command = document["components"]["schemas"][name]
        for field in command["properties"].keys() & WORDS.keys():
            blank = [] if field in command["required"] else [None]
            command["properties"][field] = {"enum": [*WORDS[field], *blank]}
        # These have tests of their own; here they would make nearly every command a refused one.
        for field in {"expected_version", "occurred_at", "role"} - set(command["required"]):
            command["properties"][field] = {"type": "null"}
    return document


def commands(document: Mapping[str, Any]) -> Iterator[str]:
    body = document["paths"]["/deals/{deal_id}/commands"]["post"]["requestBody"]
    for schema in body["content"]["application/json"]["schema"]["oneOf"]:
        yield schema["$ref"].rpartition("/")[2]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(tmp_path_factory.mktemp("openapi") / "deals.db") as client:
        yield client


def ask(
    client: httpx.Client,
    document: Mapping[str, Any],
    label: str,
    mode: GenerationMode,
    requests: int = 40,
) -> Counter[int]:
    """Requests of one kind to one endpoint, most of them about one of some deals that there are."""
    deals = [new_deal(client) for _ in range(8)]
    for deal in deals:
        accepted(client, deal, kind="Start")
    schema = schemathesis.openapi.from_dict(dict(document))
    schema.config.update(base_url=str(client.base_url))
    method, path = label.split()
    operation = schema[path][method]
    statuses = Counter[int]()

    @settings(DRAWN, max_examples=requests)
    @given(operation.as_strategy(generation_mode=mode), st.sampled_from([*deals, *deals, None]))
    def send(case: Case[Any], deal: str | None) -> None:
        if deal and "deal_id" in case.path_parameters:
            case.path_parameters["deal_id"] = deal.rpartition("/")[2]
        answer = case.call()
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    send()
    for deal in deals:
        check_history(client, deal)
    return statuses


LABELS: Final = [
    f"{method.upper()} {path}" for path, item in DOCUMENT["paths"].items() for method in item
]
# Without a body or a query there is nothing to break.
BREAKABLE: Final = [
    label
    for label in LABELS
    if label.startswith("POST") or label.endswith(("able", "events", "review"))
]


def test_the_document_has_no_schema_that_nothing_refers_to() -> None:
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    # FastAPI adds the classes that it finds in the fields of Opportunity, also of NewOpportunity.
    assert set(DOCUMENT["components"]["schemas"]) - referred == {"Progress-Input", "Record"}
    body = DOCUMENT["paths"]["/deals"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/NewOpportunity"}


@pytest.mark.parametrize("label", LABELS)
def test_requests_as_the_document_describes_them_get_answers_as_it_describes_them(
    label: str, client: httpx.Client
) -> None:
    statuses = ask(client, DOCUMENT, label, GenerationMode.POSITIVE)
    assert statuses.keys() & ({200} if label.startswith("GET") else {200, 201, 409, 422})


@pytest.mark.parametrize("label", BREAKABLE)
def test_requests_that_break_the_document_get_answers_as_it_describes_them(
    label: str, client: httpx.Client
) -> None:
    statuses = ask(client, DOCUMENT, label, GenerationMode.NEGATIVE)
    assert statuses.keys() & {400, 422}


def test_commands_that_know_the_words_of_the_process_are_decided(client: httpx.Client) -> None:
    statuses = ask(
        client,
        knowing_the_words(),
        "POST /deals/{deal_id}/commands",
        GenerationMode.POSITIVE,
        requests=150,
    )
    assert statuses[200] + statuses[409] > statuses[422]
