"""What stands in for the parts of an extra that is not installed: it can be looked at, not used."""

from __future__ import annotations

from types import ModuleType
from typing import NoReturn


class _MissingPackage(ModuleType):
    """A package of an extra that is not installed."""

    def __init__(self, name: str, error: ImportError) -> None:
        super().__init__(f"salesflow.{name}", str(error))
        self._error = error

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # somebody looks what sort of thing it is
            raise AttributeError(name)
        raise self._error


def stand_in(name: str, error: ImportError, *, package: bool) -> object:
    """A package, class or function of the same name, which raises the error when it is used.

    So `help(salesflow)`, completion and `from salesflow import *` work without any extra.
    """
    if package:
        return _MissingPackage(name, error)

    def used(*_args: object, **_options: object) -> NoReturn:
        raise error

    used.__name__ = used.__qualname__ = name
    used.__doc__ = str(error)
    if name[0].isupper():
        return type(name, (), {"__new__": used, "__doc__": str(error)})
    return used
