"""Small faults that somebody could have written, one at a time, into the source of a module."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias, TypeVar

_ItemT = TypeVar("_ItemT")
Path: TypeAlias = tuple[tuple[str, int | None], ...]
"""The way from a module to a node of it: fields, and places in a list."""

_BOUNDARY: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_OPPOSITE: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
# What is only said, checked by a type checker, or found out by the first call is no fault to plant.
_WORDS: Final = frozenset({"both", "filled", "told", "Problem", "TypeVar", "cast"})
_NOT_ASKED: Final = frozenset({"annotation", "returns", "decorator_list", "type_params", "bases"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of one place.

    Attributes:
        place: The function or method that holds it, `Class.method`; empty: the module itself.
        lines: Where it stands, from 1: its own lines, and the first of its statement.
        before: What is written there.
        after: What would be written instead.
        path: The way to the node that is replaced.
        node: What stands there instead.
        in_function: Whether it stands in a function; whatever else runs on import.
    """

    place: str
    lines: tuple[int, ...]
    before: str
    after: str
    path: Path
    node: ast.AST
    in_function: bool

    def planted(self, tree: ast.Module) -> ast.Module:
        """A copy of the module that has the fault."""
        copied = copy.deepcopy(tree)
        parent: object = copied
        for field, index in self.path[:-1]:
            parent = _child(parent, field, index)
        field, index = self.path[-1]
        if index is None:
            setattr(parent, field, self.node)
        else:
            getattr(parent, field)[index] = self.node
        return ast.fix_missing_locations(copied)


def _child(node: object, field: str, index: int | None) -> object:
    found: object = getattr(node, field)
    return found[index] if isinstance(found, list) and index is not None else found


def faults_of(tree: ast.Module) -> Iterator[Fault]:
    """Every fault that can be planted in a module, in the order of its lines."""
    yield from _walk(tree, (), _Around())


class _Around(NamedTuple):
    """What a node stands in: functions and classes, and the first line of a statement."""

    names: tuple[str, ...] = ()
    begun: int = 1
    in_function: bool = False

    def of(self, node: ast.AST) -> _Around:
        """What the parts of a node stand in."""
        around = self._replace(begun=node.lineno) if isinstance(node, ast.stmt) else self
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inside = around.in_function or isinstance(node, ast.FunctionDef)
            return _Around((*around.names, node.name), around.begun, inside)
        return around


def _walk(node: ast.AST, path: Path, around: _Around) -> Iterator[Fault]:
    if _is_only_said(node):
        return
    around = around.of(node)
    for replacement in _replacements(node):
        yield Fault(
            place=".".join(around.names),
            lines=_lines(node, around.begun),
            before=_text(node),
            after=_text(replacement),
            path=path,
            node=ast.copy_location(replacement, node),
            in_function=around.in_function,
        )
    for field, value in ast.iter_fields(node):
        if field in _NOT_ASKED:
            continue
        if isinstance(value, ast.AST):
            yield from _walk(value, (*path, (field, None)), around)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _walk(item, (*path, (field, index)), around)


def _lines(node: ast.AST, begun: int) -> tuple[int, ...]:
    if not isinstance(node, ast.expr | ast.stmt) or hasattr(node, "body"):
        return (begun,)
    return tuple(sorted({begun, *range(node.lineno, (node.end_lineno or node.lineno) + 1)}))


def _text(node: ast.AST) -> str:
    first, *rest = ast.unparse(node).splitlines() or [""]
    return first + (" …" if rest else "")


def _is_only_said(node: ast.AST) -> bool:
    """Sentences for people, docstrings, what is for checkers of types, and lists of names.

    The private name of a type is one, unless it lists values or has validators, which pydantic asks
    of whatever bears it. So is `strict=True`, which asserts what is so.
    """
    match node:
        case ast.AnnAssign(ast.Name(name), ast.Name("TypeAlias"), ast.expr() as meant):
            inside = {part.id for part in ast.walk(meant) if isinstance(part, ast.Name)}
            return name.startswith("_") and inside.isdisjoint({"Annotated", "Literal"})
        case ast.Subscript(ast.Name("Callable" | "Mapping" | "dict")):
            return isinstance(node.ctx, ast.Load) and isinstance(node.slice, ast.Tuple)
        case ast.keyword("strict", ast.Constant(True)):
            return True
        case ast.Expr(value=ast.Constant(value=str())) | ast.Assert():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "__slots__" | "__match_args__")]):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _WORDS
        case _:
            return False


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    for kind, replace in _KINDS:
        if isinstance(node, kind):
            yield from replace(node)


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for number, operator in enumerate(node.ops):
        for other in _BOUNDARY[type(operator)]:
            ops = [other() if at == number else op for at, op in enumerate(node.ops)]
            yield ast.Compare(node.left, ops, node.comparators)


def _bool_op(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for number in range(len(node.values)):
        left = _without(node.values, number)
        yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node.operand


def _bin_op(node: ast.BinOp) -> Iterator[ast.AST]:
    other = _ARITHMETIC.get(type(node.op))
    if other is not None and not _is_text(node.left) and not _is_text(node.right):
        yield ast.BinOp(node.left, other(), node.right)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)


def _branch(node: ast.If | ast.IfExp) -> Iterator[ast.AST]:
    for taken in (True, False):
        if isinstance(node, ast.If):
            yield ast.If(ast.Constant(taken), node.body, node.orelse)
        else:
            yield node.body if taken else node.orelse


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for number in range(len(node.ifs)):
        left = _without(node.ifs, number)
        yield ast.comprehension(node.target, node.iter, left, node.is_async)


def _statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Call()) | ast.Raise(exc=ast.expr()) | ast.AugAssign():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case _:
            pass


def _display(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> Iterator[ast.AST]:
    """Each of several things left out: a kind of event, a fact, a field."""
    if isinstance(node, ast.Dict):
        for number in range(len(node.keys)):
            yield ast.Dict(_without(node.keys, number), _without(node.values, number))
    elif len(node.elts) > 1 and (isinstance(node, ast.Set) or isinstance(node.ctx, ast.Load)):
        for number in range(len(node.elts)):
            left = _without(node.elts, number)
            yield ast.Set(left) if isinstance(node, ast.Set) else type(node)(left, ast.Load())


def _without(items: list[_ItemT], number: int) -> list[_ItemT]:
    return [*items[:number], *items[number + 1 :]]


def _call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in _OPPOSITE:
        other = ast.Name(_OPPOSITE[node.func.id], ast.Load())
        yield ast.Call(other, node.args, node.keywords)


_Replace: TypeAlias = Callable[..., Iterator[ast.AST]]
_KINDS: Final[tuple[tuple[type | tuple[type, ...], _Replace], ...]] = (
    (ast.Compare, _compare),
    (ast.BoolOp, _bool_op),
    (ast.UnaryOp, _unary),
    (ast.BinOp, _bin_op),
    (ast.Constant, _constant),
    ((ast.If, ast.IfExp), _branch),
    (ast.comprehension, _comprehension),
    (ast.stmt, _statement),
    ((ast.Tuple, ast.List, ast.Set, ast.Dict), _display),
    (ast.Call, _call),
)
