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
        return hash(frozenset((key, repr(value)) for key, value in self.items()))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (dict(self),))


Frozen = AfterValidator(FrozenDict)
"""For fields that are mappings: it freezes the mapping that a frozen record holds."""
