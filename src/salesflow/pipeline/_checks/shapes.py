"""What some values of a file of checks may be; see `salesflow.playbook._shape`."""

from __future__ import annotations

from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.pipeline._checks.limits import Parts, read_limit
from salesflow.playbook._model_process import DAYS
from salesflow.playbook._parts import step
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._shape import Json, NumberShape, Shape, WordsShape
from salesflow.playbook._tables import List

_MOST: Final = 500


class LimitShape(Shape):
    """How many findings there may be: a count, a share, or a table of what `Parts` has."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        limit, problems = read_limit(value, path)
        for it in problems:
            log.add(it.path, it.message, it.hint, it.code)
        return limit

    def schema(self) -> dict[str, Json]:
        count = NumberShape(0, 1e18, whole=True).schema()
        number: Json = {"anyOf": [count, NumberShape(0, 1).schema()]}
        table: Json = {
            "type": "object",
            "properties": dict.fromkeys(Parts._fields, number),
            "additionalProperties": False,
            "minProperties": 1,
        }
        return {"anyOf": [number, table]}


class DaysByStage(Shape):
    """Numbers of days by the keys of stages and sub-stages; canonical form is a frozen dict."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, "a table such as { demo = 20 }", value)
        if not value or len(value) > _MOST:
            return log.add(path, f"this names 1 to {_MOST} stages", "", "range")
        found = {key: DAYS.read(days, f"{path}.{step(key)}", log) for key, days in value.items()}
        return FrozenDict(found)

    def schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "additionalProperties": DAYS.schema(),
            "minProperties": 1,
            "maxProperties": _MOST,
        }


LIMIT: Final = LimitShape()
DAYS_BY_STAGE: Final = DaysByStage()
PLACES: Final = List(WordsShape("a stage"), _MOST, unique="")
NAMES: Final = List(WordsShape("a fact"), 50, unique="")
