"""Mappings that never change, for the fields of frozen records."""

from __future__ import annotations

from typing import NoReturn, Self, TypeVar

from pydantic import AfterValidator

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dict that never changes, so that a record that holds one can be hashed and shared."""

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("this mapping belongs to a frozen record and cannot be changed")

    # pyright wants the signatures of what is refused.
    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType]
    clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType]

    def __hash__(self) -> int:  # type: ignore[override]  # a dict cannot be hashed; this one can
        return _hashed(self)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (dict(self),))


Frozen = AfterValidator(FrozenDict)
"""For fields that are mappings: it freezes the mapping that a frozen record holds."""


def _hashed(value: object) -> int:
    """A hash of JSON, or of what can be hashed anyway; what is equal has the same one."""
    if isinstance(value, dict):
        return hash(frozenset((key, _hashed(item)) for key, item in value.items()))
    if isinstance(value, list):
        return hash(tuple(_hashed(item) for item in value))
    return hash(value)


class FrozenNames(set[str]):
    """The names of all fields of a class of records, shared by those that have them all."""

    __slots__ = ()

    def _refuse(self, *_args: object) -> NoReturn:
        raise TypeError("these names belong to many frozen records and cannot be changed")

    # pyright wants the signatures of what is refused.
    add = discard = remove = pop = clear = update = _refuse  # pyright: ignore[reportAssignmentType]
    __ior__ = __iand__ = __isub__ = __ixor__ = _refuse  # pyright: ignore[reportAssignmentType]
    difference_update = intersection_update = _refuse  # pyright: ignore[reportAssignmentType]
    symmetric_difference_update = _refuse  # pyright: ignore[reportAssignmentType]

    # A copy of a record has names of its own, which pydantic then changes.
    def __copy__(self) -> set[str]:
        return set(self)

    def __deepcopy__(self, memo: object) -> set[str]:
        return set(self)

    def __reduce__(self) -> tuple[object, ...]:
        return (set, (list(self),))
