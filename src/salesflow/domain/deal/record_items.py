"""The records that a deal has: forms and plans, read by the name of their class.

A deal stands below the forms and plans, and whoever only moves deals does not pay for importing
them. So a record is read by a table of names; nothing is ever imported by a name from data.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as build

from salesflow.domain._base.record import Record
from salesflow.errors import closest

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
    from pydantic.json_schema import JsonSchemaValue

RECORD_NAMES: Final = (
    "AcceptanceReport",
    "AccountProfile",
    "ChangeRequest",
    "CompetitorAnalysis",
    "Contract",
    "CustomerFeedback",
    "CustomerVisit",
    "DealTeam",
    "HandOver",
    "Interview",
    "Lead",
    "NegotiationMinutes",
    "NegotiationPlan",
    "OpportunityPlan",
    "Partner",
    "ProcurementProcess",
    "ProgressReport",
    "ProjectSheet",
    "Quotation",
    "RelationshipMap",
    "RelationshipPlan",
    "RequirementsList",
    "RiskRegister",
    "SatisfactionSurvey",
    "ShowcasePlan",
    "ShowcaseSummary",
    "Solution",
    "StageForm",
    "SurveyReport",
    "TerritoryPlan",
    "VisitPlan",
    "WinLossReview",
)
"""The classes of the records that answer something about a deal."""

TAG: Final = "record"
"""The key under which a record says in JSON of which class it is."""


def record_class(name: str) -> type[Record]:
    """The class of that name; the name is one of `RECORD_NAMES`."""
    found: type[Record] = getattr(import_module("salesflow.domain"), name)
    return found


def record_name(item: object) -> str | None:
    """The name of the class that an item is a record of; None for anything else."""
    return _name_of(type(item).__mro__)


@lru_cache(maxsize=256)
def _name_of(classes: tuple[type, ...]) -> str | None:
    for cls in classes:
        # Where there is an instance, the class is imported already.
        if cls.__name__ in RECORD_NAMES and cls is record_class(cls.__name__):
            return cls.__name__
    return None


def _read(item: object) -> Record:
    if isinstance(item, Record):
        if record_name(item) is None:
            raise _no_record(type(item).__name__)
        return item
    if not isinstance(item, Mapping):
        said = "a record of a deal is made of its class, or a mapping of its fields that names it"
        example = f'{{"{TAG}": "RiskRegister", "opportunity": "D-1"}}'
        raise PydanticCustomError("record", "{said}", {"said": f"{said}: {example}"})
    name = item.get(TAG)
    if not isinstance(name, str) or name not in RECORD_NAMES:
        raise _no_record(name)
    # What is wrong with its fields joins the problems of the deal, each with its whole path.
    fields = {key: value for key, value in item.items() if key != TAG}
    return record_class(name).model_validate(fields)


def _no_record(name: object) -> PydanticCustomError:
    if not isinstance(name, str):
        said = f'say of which class it is: "{TAG}": one of {", ".join(RECORD_NAMES)}'
    else:
        near = closest(name, RECORD_NAMES)
        said = f"a deal has no records of the class {name[:80]!a}; "
        said += f'did you mean "{near}"?' if near else f"there are {', '.join(RECORD_NAMES)}"
    return PydanticCustomError("record_class", "{said}", {"said": said})


def _write(item: Record, info: SerializationInfo) -> dict[str, object]:
    name = record_name(item)
    if name is None:  # of a record that was never checked
        raise TypeError(f"a deal has no records of the class {type(item).__name__}")
    fields: dict[str, object] = record_class(name).__pydantic_serializer__.to_python(
        item,
        mode=info.mode,
        exclude_none=info.exclude_none,
        exclude_defaults=info.exclude_defaults,
        exclude_unset=info.exclude_unset,
    )
    return {TAG: name, **fields}


class ByClass:
    """Reads, writes and describes a record that says of which class it is."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        written = build.plain_serializer_function_ser_schema(_write, info_arg=True)
        return build.no_info_plain_validator_function(_read, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # The schemas of all classes are thirty times as long as that of a deal: AnyRecord has them.
        described = "A record; beside its fields the name of its class."
        return {
            "type": "object",
            "description": described,
            "properties": {TAG: {"enum": list(RECORD_NAMES)}},
            "required": [TAG],
        }


RecordItem: TypeAlias = Annotated[Record, ByClass]
"""One record of a deal: of whichever class of `RECORD_NAMES`."""
