"""A fault planted in code that is already loaded, or in a module before it is loaded."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import inspect
import sys
from collections.abc import Iterator, Sequence
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Final

from tests.mutation.faults import Fault

_WRAPPED: Final = ("__func__", "fget", "func", "wrapped", "__wrapped__")


def plant(fault: Fault, tree: ast.Module, module: ModuleType) -> bool:
    """Give a loaded function the code with the fault; False where it stands in no such function.

    The function stays the same object, so whoever holds it calls the faulty code.
    """
    function = _function(module, fault.place)
    if function is None:
        return False
    code = compile(fault.planted(tree), module.__file__ or "", "exec", dont_inherit=True)
    for found in _codes(code):
        if found.co_qualname == function.__code__.co_qualname and (
            found.co_freevars == function.__code__.co_freevars
            and found.co_firstlineno == function.__code__.co_firstlineno
        ):
            changes = found != function.__code__  # a default is no part of it
            function.__code__ = found
            return changes
    return False


def _function(module: ModuleType, place: str) -> FunctionType | None:
    """The outermost function on the way to a place."""
    found: object = module
    for name in place.split("."):
        if not name:
            return None
        found = inspect.getattr_static(found, name, None)
        while found is not None and not isinstance(found, FunctionType | type):
            found = next((getattr(found, part) for part in _WRAPPED if hasattr(found, part)), None)
        if isinstance(found, FunctionType):
            inner = inspect.unwrap(found)
            return inner if isinstance(inner, FunctionType) else None
    return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


class Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from source with a fault; every other is loaded as ever."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        self._name, self._file, self._tree = name, file, tree

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        is_package = self._file.name == "__init__.py"
        return spec_from_loader(fullname, self, origin=str(self._file), is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self._file)
        code = compile(self._tree, str(self._file), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102


def plant_before_import(name: str, file: Path, tree: ast.Module) -> None:
    """Whoever imports the module from now on gets the faulty one."""
    sys.meta_path.insert(0, Planted(name, file, tree))
