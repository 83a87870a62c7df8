"""The records of a deal: read by the name of their class, with every problem at its path."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import salesflow as sf
from salesflow.domain import NewOpportunity, Risk, RiskRegister
from salesflow.domain._base.record import replaced
from salesflow.domain.deal.record_items import RECORD_NAMES

LATE = Risk(key="late", description="The building is late")
REGISTER = RiskRegister(opportunity="D-1", risks=(LATE,))


def deal(*records: object) -> sf.Opportunity:
    return sf.Opportunity.model_validate({"id": "D-1", "name": "ERP", "records": records})


def problems(*records: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        deal(*records)
    return {".".join(map(str, it["loc"])): it["msg"] for it in caught.value.errors()}


@pytest.mark.parametrize("one", [deal(REGISTER), sf.HostDeal(id="D-1", records=[REGISTER])])
def test_a_deal_carries_its_records_to_json_and_back(one: sf.Opportunity | sf.HostDeal) -> None:
    again = type(one).model_validate_json(one.model_dump_json())
    assert one.records == again.records == (REGISTER,)
    assert again == one
    assert hash(again) == hash(one)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    assert copy.deepcopy(one) == one
    assert one.model_dump(mode="json")["records"][0]["record"] == "RiskRegister"
    assert one != replaced(one, records=())


def test_a_record_is_written_like_the_fields_around_it() -> None:
    written = deal(REGISTER).model_dump(exclude_defaults=True)
    assert written["records"][0] == {
        "record": "RiskRegister",
        "opportunity": "D-1",
        "risks": ({"key": "late", "description": "The building is late"},),
    }


def test_everything_wrong_with_the_records_is_told_with_its_path() -> None:
    told = problems(
        {"record": "RiskRegister", "opportunity": " ", "risks": [{"key": "a", "kee": 1}]},
        {"record": "RiskRegster"},
        {"opportunity": "D-1"},
        {"record": "os.path"},
        sf.Contact(name="Zhang"),
        7,
    )
    assert set(told) == {
        "records.0.opportunity",
        "records.0.risks.0.description",
        "records.0.risks.0.kee",
        *(f"records.{at}" for at in range(1, 6)),
    }
    assert told["records.0.risks.0.kee"] == 'there is no such field; did you mean "key"?'
    assert told["records.1"].endswith("'RiskRegster'; did you mean \"RiskRegister\"?")
    assert "say of which class it is" in told["records.2"]
    assert "there are AcceptanceReport" in told["records.3"]
    assert told["records.4"].startswith("a deal has no records of the class 'Contact'")
    assert told["records.5"].endswith('{"record": "RiskRegister", "opportunity": "D-1"}')


def test_a_host_may_have_a_class_of_its_own_below_ours() -> None:
    class OurRegister(RiskRegister):
        """One that knows more."""

        board: str = "risk board"

    kept = deal(OurRegister(opportunity="D-1"))
    assert kept.records[0] == OurRegister(opportunity="D-1")
    assert kept.model_dump()["records"] == (
        {"record": "RiskRegister", "opportunity": "D-1", "risks": ()},
    )


def test_what_was_never_checked_cannot_be_written() -> None:
    unchecked = replaced(deal(), records=(sf.Contact(name="Zhang"),))
    with pytest.raises(Exception, match="no records of the class Contact"):
        unchecked.model_dump_json()


def test_the_schema_of_a_deal_names_the_classes_and_does_not_describe_them() -> None:
    item = sf.Opportunity.model_json_schema()["properties"]["records"]["items"]
    assert item["properties"] == {"record": {"enum": [*RECORD_NAMES]}}
    assert item["required"] == ["record"]
    assert TypeAdapter(NewOpportunity).json_schema()["properties"]["records"]["items"] == item


def test_any_record_is_a_type_with_the_schema_of_every_class() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(sf.AnyRecord)
    assert adapter.validate_json('{"record": "RiskRegister", "opportunity": "D-1"}') == (
        RiskRegister(opportunity="D-1")
    )
    assert adapter.dump_python(REGISTER, mode="json")["record"] == "RiskRegister"
    for schema in (adapter.json_schema(), adapter.json_schema(mode="serialization")):
        tags = [one["properties"]["record"]["const"] for one in schema["oneOf"]]
        assert tags == [*RECORD_NAMES]
        assert all("record" in one["required"] for one in schema["oneOf"])
    with pytest.raises(ValidationError, match="did you mean"):
        adapter.validate_python({"record": "riskregister"})


def test_records_cannot_be_amended_and_the_refusal_says_whose_they_are() -> None:
    with pytest.raises(ValidationError, match="the host keeps them: give the deal its new ones"):
        sf.Amend(by="li.wei", changes={"records": []})


def test_an_event_carries_no_records() -> None:
    playbook = sf.Playbook.from_toml(
        'id = "x"\nversion = "1"\ntitle = "X"\n[[stages]]\nkey = "a"\ntitle = "A"\n'
        '[[stages]]\nkey = "b"\ntitle = "B"\n'
    )
    engine, now = sf.StageEngine(playbook), datetime(2026, 1, 5, tzinfo=UTC)
    started = engine.decide(deal(REGISTER), sf.Start(by="li.wei"), at=now)
    changes: dict[str, Any] = {"next_step": "Call"}
    amended = engine.decide(started.require(), sf.Amend(by="li.wei", changes=changes), at=now)
    assert "late" not in sf.write_events([*started.events, *amended.events])
    assert amended.require().records == (REGISTER,)
