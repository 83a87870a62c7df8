"""The meaning of a rule's parts: names are looked up, and kinds and arguments checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, ParamSpec, TypeAlias, TypeVar, get_args

from salesflow._closest import Suggestions
from salesflow.errors import Problem, closest
from salesflow.facts import Fact, FactKind
from salesflow.rules import ast
from salesflow.rules._canonical import is_name
from salesflow.rules._functions import BY_NAME, FUNCTION_OF, FUNCTIONS, USAGE, Function
from salesflow.rules._tokenizer import MAX_PROBLEMS, problem_at
from salesflow.rules._typecheck import KIND_WORDS, check_member, check_pair, unknown_choice

T = TypeVar("T")
P = ParamSpec("P")

COMPARISONS: Final[Mapping[str, ast.Operator]] = {op: op for op in get_args(ast.Operator)}
_DATE_COMPARED: Final = 'created_on >= date("2026-01-31")'
_INSTEAD: Final = {
    **dict.fromkeys(("true", "TRUE", "yes", "YES", "Yes"), "True"),
    **dict.fromkeys(("false", "FALSE", "no", "NO", "No"), "False"),
    **dict.fromkeys(("now", "Today", "TODAY"), "today"),
    "yesterday": "days_since(…) >= 1",
    "tomorrow": "days_until(…) <= 1",
    **dict.fromkeys(("null", "NULL", "none", "nil"), "not known(…)"),
}
_NO_FUNCTION: Final = {
    **dict.fromkeys(("now", "today", "TODAY"), "write today, without brackets"),
    **dict.fromkeys(("exists", "is_known", "has", "is_set", "not_null"), "write known(…)"),
    **dict.fromkeys(("is_null", "isnull", "is_empty", "is_blank", "missing"), "write not known(…)"),
    **dict.fromkeys(("all", "every", "all_of", "and_"), 'write "and" between the rules'),
    **dict.fromkeys(("days", "age", "age_of", "days_ago"), "write days_since(…)"),
    **dict.fromkeys(
        ("sum", "count", "min", "max", "avg", "abs", "round", "len"),
        "a rule does not calculate; declare a fact that holds the result",
    ),
}
_MOST_SUGGESTIONS: Final = 5  # in one rule
_SHOWN: Final = 6
_WORDS: Final = frozenset({FactKind.TEXT, FactKind.CHOICE})
_TIMES: Final = frozenset({FactKind.DAY, FactKind.INSTANT})


_NEVER_QUOTED: Final = frozenset({"today", *_INSTEAD, *BY_NAME})


@dataclass(frozen=True, slots=True)
class Bare:
    """A name before it is looked up: whether it may be a fact depends on its place."""

    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in brackets."""

    parts: tuple[SourcePart, ...]


Item: TypeAlias = "ast.Operand | ast.Node | Bare | Listed"


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of a rule's text.

    Attributes:
        at: Its 0-based column.
        item: What it is; None where it was rejected and its problem noted.
    """

    at: int
    item: Item | None


class Rejected(Exception):
    """A part cannot be used; its problem is noted."""


class Enough(Exception):
    """The limit of problems is reached; more of them would not help."""


class Resolver:
    """Gives the parts of a rule their meaning, with a catalogue in which names are looked up.

    A method that cannot go on notes the problem and raises Rejected; `part` goes on beside it.

    Attributes:
        problems: What was noted.
    """

    def __init__(self, facts: Mapping[str, Fact], suggestions: Suggestions) -> None:
        self.problems: list[Problem] = []
        self._facts = facts
        self._suggestions = suggestions
        self._suggested: dict[str, str] = {}

    def part(
        self, at: int, read: Callable[P, ast.Operand | ast.Node], *args: P.args, **kwargs: P.kwargs
    ) -> SourcePart:
        """The part at a column, with what `read` returns, or with None where that is rejected."""
        return SourcePart(at, self._attempt(read, *args, **kwargs))

    def _attempt(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return read(*args, **kwargs)
        except Rejected:
            return None

    def _all(self, read: Callable[[SourcePart], T], parts: Iterable[SourcePart]) -> tuple[T, ...]:
        """Read every part; reject the whole after the problems of all parts are noted."""
        found = [self._attempt(read, part) for part in parts]
        read_all = tuple(item for item in found if item is not None)
        if len(read_all) < len(found):
            raise Rejected
        return read_all

    def _reject(self, at: int, problem: Problem) -> Rejected:
        """Note a problem; the caller raises what is returned to reject the part."""
        self.problems.append(problem_at(at, problem.message, problem.hint, problem.code))
        if len(self.problems) >= MAX_PROBLEMS:
            raise Enough
        return Rejected()

    def _wrong(self, at: int, message: str, hint: str, code: str = "syntax") -> Rejected:
        return self._reject(at, Problem("", message, hint, code))

    # -- statements: what has a verdict -------------------------------------------------------

    def statement(self, part: SourcePart) -> ast.Node:
        """The part as a statement, which has a verdict."""
        match part.item:
            case None:
                raise Rejected
            case Bare("today"):
                what, hint = "today is a day", "compare a fact with it"
            case Bare(written):
                name = self._fact(written, part.at)
                if name.kind is FactKind.FLAG:
                    return ast.Flag(name.fact)
                what = f"{name.fact} is {KIND_WORDS[name.kind]}"
                hint = f"compare it, or write known({name.fact})"
            case ast.Age() as age:
                what = f"{age.function}(…) is a value"
                hint = f"compare it, as in {USAGE[age.function]}"
            case ast.Day():
                what, hint = "date(…) is a value", f"compare it, as in {_DATE_COMPARED}"
            case ast.Name() | ast.Today() | ast.Number() | ast.Words():
                what, hint = f"{_shown(part)} is a value", "compare a fact with it"
            case Listed():
                message = "a comma stands in a list after in, or in a function, only"
                raise self._wrong(part.at, message, 'between rules stands "and" or "or"')
            case node:
                return node
        raise self._wrong(part.at, f"{what}; it does not say yes or no", hint, "kind")

    def negated(self, part: SourcePart, times: int) -> ast.Node:
        """The statement behind a row of "not"."""
        node = self.statement(part)
        for _ in range(times):
            node = ast.Not(node)
        return node  # pyright: ignore[reportReturnType] - it wraps the type at each turn

    def joined(
        self, shape: type[ast.And[ast.Node] | ast.Or[ast.Node]], parts: Sequence[SourcePart]
    ) -> ast.Node:
        """Statements with "and" or "or" between them."""
        return shape(self._all(self.statement, parts))

    # -- comparisons --------------------------------------------------------------------------

    def comparison(self, parts: Sequence[SourcePart], operators: Sequence[str]) -> ast.Node:
        """Operands with operators between them, `in` and `not in` among these."""
        ops = tuple(COMPARISONS[operator] for operator in operators if operator in COMPARISONS)
        if len(ops) < len(operators):
            return self._membership(parts, operators)
        if any(isinstance(part.item, ast.Constant) for part in parts):
            return self._with_constant(parts, ops)
        words = next((kind for part in parts if (kind := self._kind_of_words(part))), None)
        found = [self._attempt(self._operand, part, words) for part in parts]
        rejected = None in found
        for left, op, right, part in zip(found, ops, found[1:], parts, strict=False):
            if left and right and (problem := check_pair(left, op, right, self._facts)):
                self._reject(part.at, problem)
                rejected = True
        if rejected:
            raise Rejected
        return ast.Compare(tuple(filter(None, found)), ops)

    def _with_constant(self, parts: Sequence[SourcePart], ops: Sequence[ast.Operator]) -> ast.Node:
        # `x == True` is x; for anything but what says yes or no it is a mistake.
        if len(parts) == 2 and ops[0] in {"==", "!="}:  # noqa: PLR2004 - a pair
            for one, other in (parts, parts[::-1]):
                match one.item, other.item:
                    case ast.Constant(value), (
                        None
                        | Bare()
                        | ast.Age()
                        | ast.Day()
                        | ast.Known()
                        | ast.Reached()
                        | ast.AtLeast()
                    ):
                        node = self.statement(other)
                        return node if value is (ops[0] == "==") else ast.Not(node)
                    case _:
                        pass
        message = "True and False are compared with one flag, by == or !="
        raise self._wrong(parts[0].at, message, "write the flag, or not and the flag", "kind")

    def _membership(self, parts: Sequence[SourcePart], operators: Sequence[str]) -> ast.Node:
        left, right, *others = parts
        if others:
            message = "in cannot be chained with another comparison"
            raise self._wrong(left.at, message, "join the two by and")
        if left.item is None or right.item is None:
            raise Rejected
        if not isinstance(left.item, Bare) or left.item.name == "today":
            message = f"{_shown(left)} is not a fact"
            raise self._wrong(left.at, message, "before in stands a fact", "kind")
        name = self._attempt(self._fact, left.item.name, left.at)
        if not isinstance(right.item, Listed):
            hint = 'as in account.tier in ("named", "strategic")'
            if isinstance(right.item, ast.Constant | ast.Number | ast.Words):
                hint = f"write ({_shown(right)},) with a comma, or use =="
            raise self._wrong(right.at, "after in stands a list of values", hint)
        if not right.item.parts:
            raise self._wrong(right.at, "the list after in is empty", "leave the comparison out")
        values = self._all(lambda part: self._member(part, name), right.item.parts)
        if name is None:
            raise Rejected
        node = ast.OneOf(name, values)
        return node if operators[0] == "in" else ast.Not(node)

    def _member(self, part: SourcePart, name: ast.Name | None) -> ast.Literal_:
        words = self._facts.get(name.fact) if name and name.kind in _WORDS else None
        value = None if isinstance(part.item, ast.Constant) else self._operand(part, words)
        if not isinstance(value, ast.Number | ast.Words | ast.Day):
            message = f"{_shown(part)} is not a fixed value"
            raise self._wrong(part.at, message, "a list holds numbers, texts or date(…)", "kind")
        if name and (problem := check_member(name, value, self._facts)):
            raise self._reject(part.at, problem)
        return value

    def _kind_of_words(self, part: SourcePart) -> Fact | None:
        """The fact that a part is, where its values are texts."""
        fact = self._facts.get(part.item.name) if isinstance(part.item, Bare) else None
        return fact if fact and fact.kind in _WORDS else None

    def _operand(self, part: SourcePart, words: Fact | None = None) -> ast.Operand:
        """The part as an operand, which has a value; `words` is a text that stands beside it."""
        match part.item:
            case None:
                raise Rejected
            case Bare(name) if words and name not in self._facts and name not in _NEVER_QUOTED:
                instead = words.choice_meant(name) or next(iter(words.choices), name[:60])
                message = f'there is no fact "{name[:60]}"; a text stands in quotes'
                raise self._wrong(part.at, message, f'write "{instead}"', "name")
            case Bare(name):
                return ast.Today() if name == "today" else self._fact(name, part.at)
            case Listed():
                raise self._wrong(part.at, "a list stands after in only", "write in (…)")
            case ast.Known() | ast.Reached() | ast.AtLeast() as node:
                message = f"{FUNCTION_OF[type(node)]}(…) says yes or no; it is not compared"
                raise self._wrong(part.at, message, "write it alone, or not and it", "kind")
            case operand if isinstance(operand, ast.Operand):
                return operand
            case _:
                message = "a comparison stands between values"
                raise self._wrong(part.at, message, "join rules by and, or")

    # -- functions ----------------------------------------------------------------------------

    def call(self, name: str, at: int, args: Sequence[SourcePart]) -> ast.Operand | ast.Node:
        """The call of a function."""
        function = self._function(name, at)
        match function:
            case "known":
                return ast.Known(self._fact_argument(function, at, args))
            case "reached":
                return self._reached(self._text_argument(function, at, args), args[0].at)
            case "at_least":
                return self._at_least(at, args)
            case "date":
                return self._day(self._text_argument(function, at, args), args[0].at)
            case "days_since" | "days_until":
                fact = self._fact_argument(function, at, args)
                if fact.kind not in _TIMES:
                    message = f"{fact.fact} is {KIND_WORDS[fact.kind]}, not a day"
                    raise self._wrong(args[0].at, message, f"as in {USAGE[function]}", "kind")
                return ast.Age(fact, ahead=function == "days_until")

    def _function(self, name: str, at: int) -> Function:
        if name in BY_NAME:
            return BY_NAME[name]
        if name in self._facts:
            message = f"{name} is a fact, not a function"
            raise self._wrong(at, message, "leave the brackets out", "name")
        near = None if name in _NO_FUNCTION else closest(name, FUNCTIONS)
        hint = _NO_FUNCTION.get(name) or f"there are {', '.join(FUNCTIONS)}"
        hint = f"did you mean {near}(…)?" if near else hint
        raise self._wrong(at, f'there is no function "{name[:60]}"', hint, "name")

    def _fact_argument(self, function: Function, at: int, args: Sequence[SourcePart]) -> ast.Name:
        match args:
            case [SourcePart(column, Bare(name))] if name != "today":
                return self._fact(name, column)
            case _:
                raise self._usage(function, at, "one fact")

    def _text_argument(self, function: Function, at: int, args: Sequence[SourcePart]) -> str:
        match args:
            case [SourcePart(_, ast.Words(text))]:
                return text
            case [SourcePart(column, Bare(name))]:
                hint = f'write {function}("{name[:60]}")'
                raise self._wrong(column, f"{function} takes a text, in quotes", hint, "arity")
            case _:
                raise self._usage(function, at, "a text")

    def _usage(self, function: Function, at: int, takes: str) -> Rejected:
        return self._wrong(at, f"{function} takes {takes}", f"as in {USAGE[function]}", "arity")

    def _reached(self, stage: str, at: int) -> ast.Reached:
        facts = [fact for name in ("stage", "sub_stage") if (fact := self._facts.get(name))]
        choices = {choice for fact in facts for choice in fact.choices}
        if choices and stage not in choices:
            raise self._reject(at, unknown_choice("there is no stage", stage, *facts))
        if not is_name(stage) or "." in stage:
            message = f'"{stage[:60]}" is not the key of a stage'
            raise self._wrong(at, message, 'keys read like "needs_analysis"', "name")
        return ast.Reached(stage)

    def _at_least(self, at: int, args: Sequence[SourcePart]) -> ast.AtLeast[ast.Node]:
        if not args:
            raise self._usage("at_least", at, "a number and several rules")
        first, *rest = args
        items = self._attempt(self._all, self.statement, rest)
        if not isinstance(first.item, ast.Number) or not first.item.value.is_integer():
            hint = f"as in {USAGE['at_least']}"
            raise self._wrong(first.at, "at_least begins with a whole number", hint, "arity")
        n = int(first.item.value)
        if not 1 <= n <= len(rest):
            hint = f"write 1 to {len(rest)}" if rest else f"as in {USAGE['at_least']}"
            message = f"at_least asks for {n} of {len(rest)}"
            raise self._wrong(first.at, message, hint, "arity")
        if items is None:
            raise Rejected
        return ast.AtLeast(n, items)

    def _day(self, text: str, at: int) -> ast.Day:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            message = f'"{text[:40]}" is not a day'
            raise self._wrong(at, message, 'write it as date("2026-01-31")', "date")
        return ast.Day(day)

    # -- names --------------------------------------------------------------------------------

    def _fact(self, name: str, at: int) -> ast.Name:
        """A fact of the catalogue."""
        fact = self._facts.get(name)
        if fact is not None:
            return ast.Name(name, fact.kind)
        if name in BY_NAME:
            hint = f"as in {USAGE[BY_NAME[name]]}"
            raise self._wrong(at, f"{name} is a function", hint, "name")
        message = f'there is no fact "{name[:60]}"'
        raise self._wrong(at, message, self._near(name), "name")

    def _near(self, name: str) -> str:
        if name in _INSTEAD:
            return f"write {_INSTEAD[name]}"
        if name not in self._suggested:
            # Looking for the nearest name is the only slow step here: bounded, never quadratic.
            if len(self._suggested) >= _MOST_SUGGESTIONS:
                return ""
            known = [*self._facts, "today"]
            beyond = name.partition(".")[2]
            near = beyond if beyond in self._facts else self._suggestions.closest(name, known)
            if near is None and name != name.lower():
                near = self._suggestions.closest(name.lower(), known)
            self._suggested[name] = self._inside(name, near)
        return self._suggested[name]

    def _inside(self, name: str, near: str | None) -> str:
        """The nearest name; or those that there are, where the name is their beginning."""
        inside = [fact for fact in self._facts if fact.startswith(f"{name}.")]
        if near is not None and not inside:
            return f"did you mean {near}?"
        before, dot, _ = name.rpartition(".")
        beside = inside or [fact for fact in self._facts if dot and fact.startswith(before + dot)]
        more = ", …" if len(beside) > _SHOWN else ""
        return f"there are {', '.join(beside[:_SHOWN])}{more}" if beside else ""


def _shown(part: SourcePart) -> str:
    """A part as a message quotes it."""
    match part.item:
        case ast.Words(value):
            return f'"{value[:40]}"'
        case Bare(name):
            return name[:60]
        case ast.Constant(holds):
            return str(holds)
        case ast.Number(value):
            return f"{value:.15g}"
        case Listed():
            return "a list"
        case _:
            return "this"
