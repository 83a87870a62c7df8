"""What a host answers to input that pydantic refused: a problem document in our words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol, Self

from salesflow._wording import words_for
from salesflow.errors import Problem, SalesflowError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TOLD: Final = 100


class _PydanticError(Protocol):
    """A ValidationError of pydantic, or what a web framework makes of one."""

    def errors(self) -> Sequence[ErrorDetails]: ...


class InvalidInput(SalesflowError, ValueError):
    """What was sent cannot be used as it is.

    Nothing in salesflow raises it: a record raises pydantic's ValidationError. A host makes one of
    that, to answer with the same problem document as for every other error. `problems` lists
    everything that is wrong; of what is no JSON at all, the one problem has the code
    `"json_invalid"`.
    """

    code = "invalid"
    status = 422

    @classmethod
    def of(cls, error: _PydanticError) -> Self:
        """The same problems as those of pydantic's ValidationError, or FastAPI's, in our words.

        What was sent is not sent back: it may be long, secret, or no text at all. Of very many
        problems the first hundred are told, and long names are cut.

        Example:
            >>> import salesflow as sf
            >>> from pydantic import ValidationError
            >>> try:
            ...     sf.Lose.model_validate({"by": "li.wei", "raeson": "price"})
            ... except ValidationError as error:
            ...     shown = InvalidInput.of(error).to_dict()
            >>> for problem in shown["problems"]:
            ...     print(problem["path"], "|", problem["message"])
            reason | it is missing; give a value
            raeson | there is no such field; did you mean "reason"?
        """
        found = error.errors()
        problems = [
            Problem(
                path=_path(item),
                message=_message(item),
                code=str(item["type"]),
            )
            for item in found[:_TOLD]
        ]
        if len(found) > _TOLD:
            problems.append(Problem("", f"and {len(found) - _TOLD} more", code="more"))
        return cls("What was sent cannot be used as it is.", problems=problems)


# Where it is to be imported from; tracebacks and pickles say so.
InvalidInput.__module__ = "salesflow.domain"


def _path(item: ErrorDetails) -> str:
    """Where it is, as every other problem says it: `team[0].roles[0]`."""
    parts = item["loc"] if _broken_off_at(item) is None else item["loc"][:-1]
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if at else part
        for at, part in enumerate(parts)
    )


def _message(item: ErrorDetails) -> str:
    numbers = item.get("ctx", {})
    if "said" in numbers:  # it is in our words already
        return item["msg"]
    words = words_for(item, numbers) or item["msg"]
    at = _broken_off_at(item)
    return words if at is None else f"{words} at column {at + 1}"


def _broken_off_at(item: ErrorDetails) -> int | None:
    """The place in the body where FastAPI could not read on as JSON, which it gives as an index.

    pydantic, where it reads JSON, has line and column in its message.
    """
    last = item["loc"][-1] if item["loc"] else None
    read_on = item["type"] != "json_invalid" or " column " in str(item.get("ctx", {}).get("error"))
    return last if isinstance(last, int) and not read_on else None
