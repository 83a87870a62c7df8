"""What CRMs call the columns of their exports.

Names are compared without case, spaces and underscores, so that `CloseDate` of an interface,
`close_date` of a warehouse and `Close Date` of a report are one. Of several names the first that
the frame has is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

ColumnNames: TypeAlias = Mapping[str, tuple[str, ...]]

_PREFIX: Final = re.compile("^property_+")
_DROPPED: Final = re.compile("[^a-z0-9]+")


def normal_name(column: str) -> str:
    """A column's name as it is compared."""
    return _DROPPED.sub("", _PREFIX.sub("", column.lower()))


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One kind of export.

    Attributes:
        names: Our column, and what theirs is called.
        needed: Ours that must be there.
        days: Ours that hold days.
        moments: Ours that hold moments.
        only: In a history of all properties: their column of the property's name, and the names
            of the stage.
    """

    names: ColumnNames
    needed: tuple[str, ...]
    days: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    only: tuple[tuple[str, ...], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The exports of one CRM.

    Attributes:
        crm: Its name.
        scale: What it calls a certainty: 100, or 1.
        won: What its flags of won deals and stages are called.
        closed: The same for those that are over.
        tables: By kind.
    """

    crm: str
    scale: Literal[1, 100]
    won: tuple[str, ...]
    closed: tuple[str, ...]
    tables: Mapping[str, ExportTable] = field(default_factory=dict)


_DEAL_DAYS: Final = ("created_on", "expected_close_on", "last_activity_on", "entered_stage_on")

SALESFORCE: Final = Layout(
    crm="Salesforce",
    scale=100,
    won=("iswon", "won"),
    closed=("isclosed", "closed"),
    tables={
        "opportunities": ExportTable(
            names={
                "id": ("opportunityid", "id"),
                "stage": ("stagename", "stage"),
                "amount": ("amount",),
                "amount.currency": ("currencyisocode", "amountcurrency", "opportunitycurrency"),
                "probability": ("probability",),
                "expected_close_on": ("closedate",),
                "created_on": ("createddate",),
                "last_activity_on": ("lastactivitydate", "lastactivity"),
                "entered_stage_on": ("laststagechangedate",),
                "owner": ("opportunityowner", "ownername", "owner", "ownerid"),
                "source": ("leadsource",),
                "next_step": ("nextstep",),
                "close_date_pushes": ("pushcount",),
                "account.name": ("accountname",),
                "account.industry": ("industry", "accountindustry"),
            },
            needed=("id", "stage"),
            days=_DEAL_DAYS,
        ),
        "history": ExportTable(
            names={
                "id": ("opportunityid", "id"),
                "stage": ("newvalue", "stagename", "tostage", "stage"),
                "at": ("fivetranstart", "createddate", "lastmodifieddate", "lastmodified"),
                "amount": ("amount",),
                "probability": ("probability",),
                "expected_close_on": ("closedate",),
            },
            needed=("id", "stage", "at"),
            days=("expected_close_on",),
            moments=("at",),
            only=(("field",), ("StageName",)),
        ),
        "stages": ExportTable(
            names={
                "stage": ("apiname", "masterlabel", "stagename", "stage"),
                "probability": ("defaultprobability", "probability"),
                "position": ("sortorder",),
            },
            needed=("stage",),
        ),
    },
)

HUBSPOT: Final = Layout(
    crm="HubSpot",
    scale=1,
    won=("hsisclosedwon", "isclosedwon", "closedwon"),
    closed=("hsisclosed", "isclosed", "isdealclosed"),
    tables={
        "opportunities": ExportTable(
            names={
                "id": ("dealid", "recordid", "hsobjectid", "id"),
                "stage": ("dealpipelinestageid", "dealstage", "pipelinestageid"),
                "amount": ("amount",),
                "amount.currency": ("dealcurrencycode", "currency"),
                "probability": ("hsdealstageprobability", "dealprobability", "probability"),
                "expected_close_on": ("closedate",),
                "created_on": ("createdate", "hscreatedate"),
                "last_activity_on": ("noteslastupdated", "lastactivitydate", "notelastupdated"),
                "owner": ("dealowner", "hubspotownerid", "ownerid"),
                "source": ("hsanalyticssource", "originalsource", "originaltrafficsource"),
                "next_step": ("hsnextstep", "nextstep"),
                "contacts.total": ("numassociatedcontacts", "numberofassociatedcontacts"),
                "account.name": ("associatedcompany", "companyname"),
            },
            needed=("id", "stage"),
            days=_DEAL_DAYS,
        ),
        "history": ExportTable(
            names={
                "id": ("dealid", "recordid", "hsobjectid", "id"),
                "stage": ("value", "dealstage", "stage"),
                "at": ("dateentered", "timestamp", "fivetranstart"),
            },
            needed=("id", "stage", "at"),
            moments=("at",),
            only=(("name", "property", "propertyname"), ("dealstage", "Deal Stage")),
        ),
        "stages": ExportTable(
            names={
                "stage": ("stageid", "id", "label"),
                "probability": ("probability", "winprobability"),
                "position": ("displayorder",),
            },
            needed=("stage",),
        ),
    },
)
