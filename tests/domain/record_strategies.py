"""Any record of the trade, made from what its fields say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

import salesflow.domain
from salesflow._unseen import hidden
from salesflow.domain import (
    IMPORTANCE_GRADES,
    LEAD_GRADES,
    DecisionTable,
    ImportancePolicy,
    PaymentTerm,
    Record,
)
from salesflow.money import Money
from salesflow.text import Text

RECORDS: Final[list[type[Record]]] = [
    value
    for name in vars(salesflow.domain)["__all__"]
    if isinstance(value := getattr(salesflow.domain, name), type)
    and issubclass(value, Record)
    and value is not Record
]

words = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8
).filter(lambda text: not hidden(text))
moneys = st.builds(
    Money,
    st.decimals(0, 10**9, places=2).map(abs),
    st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
)


@st.composite
def whole_payments(draw: st.DrawFn) -> tuple[PaymentTerm, ...]:
    """Terms that sum to 100 %."""
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=4)))
    ends = [0, *cuts, 10_000]
    return tuple(
        PaymentTerm(
            name=draw(words),
            percent=Decimal(end - start) / 100,
            due=draw(st.sampled_from([None, "signing", "delivery", "acceptance"])),
            parts=draw(st.integers(1, 4)),
            every_months=draw(st.integers(1, 3)),
            month_end=draw(st.booleans()),
        )
        for start, end in pairwise(ends)
    )


def records(cls: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Any record of a class; what its validators refuse is not tried again."""
    if cls is Money:
        return moneys
    if cls is Text:
        return st.builds(Text, en=words, zh=st.none() | words)
    if cls is DecisionTable:  # a table at random has gaps
        return st.sampled_from([LEAD_GRADES, IMPORTANCE_GRADES])
    if cls is ImportancePolicy:
        return st.integers(0, 10**6).map(_policy)
    fields = {name: _field(name, info) for name, info in cls.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda values: _made(cls, values))


def _policy(bound: int) -> ImportancePolicy:
    return ImportancePolicy(medium_from=Money(bound, "CNY"), high_from=Money(bound + 1, "CNY"))


def _made(cls: type[BaseModel], values: dict[str, object]) -> BaseModel:
    try:
        return cls(**values)
    except ValidationError:
        reject()


def _field(name: str, info: FieldInfo) -> st.SearchStrategy[Any]:
    if name == "payment":
        return st.just(()) | whole_payments()
    return _of(info.annotation, tuple(info.metadata))


def _of(kind: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _of(args[0], (*metadata, *args[1:]))
    if origin in (Union, UnionType):
        return st.one_of(
            [_of(each) for each in sorted(args, key=lambda each: each is not NoneType)]
        )
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        least = _bound(metadata, "min_length", 0)
        return st.lists(_of(args[0]), min_size=least, max_size=max(2, least)).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(_of(args[0]), _of(args[1]), max_size=2)
    if kind is NoneType:
        return st.none()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return st.deferred(lambda: records(kind))
    return _plain(kind, metadata)


def _plain(kind: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if kind is str:
        return st.just("CNY") if _is_currency(metadata) else words
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(_bound(metadata, "ge", 1), min(_bound(metadata, "le", 400), 400))
    if kind is float:
        return st.floats(0, 1)
    if kind is Decimal:
        return st.decimals("0.01", 100, places=2)
    if kind is datetime:
        return st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
    if kind is date:
        return st.dates(date(2000, 1, 1), date(2100, 1, 1))
    raise AssertionError(kind)


def _is_currency(metadata: tuple[Any, ...]) -> bool:
    return any("currency" in repr(getattr(each, "func", "")) for each in metadata)


def _bound(metadata: tuple[Any, ...], name: str, otherwise: int) -> int:
    found = [getattr(each, name, None) for each in metadata]
    found += [
        getattr(part, name, None) for each in metadata for part in getattr(each, "metadata", ())
    ]
    return next((each for each in found if each is not None), otherwise)
