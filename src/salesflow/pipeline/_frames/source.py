"""A frame together with what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar, final

from salesflow._arguments import instance
from salesflow.errors import ArgumentError, Problem
from salesflow.pipeline._frames.mapping import FrameMapping, said_in
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.value_maps import ValueMaps

SourceT = TypeVar("SourceT")


class HasColumns(Protocol):
    """What every frame has, and no `Source`: so that checkers tell them apart."""

    @property
    def columns(self) -> object:
        """The names of its columns."""


FrameT = TypeVar("FrameT", bound=HasColumns)


@final
class Source(Generic[SourceT]):
    """A frame and what is said of it, in one value, which all functions take for the frame.

    What an argument of a function says wins over what the mapping says, entry by entry; what a
    function does not read of the mapping is left alone.

    Attributes:
        frame: Of any kind that narwhals knows.
        mapping: What is said of it.

    Example:
        >>> import polars as pl
        >>> from datetime import date
        >>> from salesflow import check_pipeline, load_playbook
        >>> from salesflow.pipeline import metrics
        >>> frame = pl.DataFrame({"Deal": ["D-1", "D-2"], "Phase": ["Won", "Plan"]})
        >>> deals = Source(
        ...     frame, key="Deal", stage="Phase", stages={"Plan": "opportunity_plan", "Won": "won"}
        ... )
        >>> playbook = load_playbook("optimized_sales_process")
        >>> check_pipeline(deals, playbook, as_of=date(2026, 1, 31)).rows
        2
        >>> metrics(deals, playbook, as_of=date(2026, 1, 31)).won.value
        1
    """

    __slots__ = ("frame", "mapping")

    frame: SourceT
    mapping: FrameMapping

    def __init__(
        self,
        frame: SourceT,
        mapping: FrameMapping | None = None,
        *,
        key: str | None = None,
        stage: str | None = None,
        columns: Mapping[str, str] | None = None,
        stages: Mapping[str, str] | None = None,
        values: ValueMaps | None = None,
        currency: str | None = None,
        scale: Scale | None = None,
        tz: str | None = None,
    ) -> None:
        """A frame, its mapping, and what is said over that.

        Args:
            frame: Of any kind that narwhals knows.
            mapping: What is said of it.
            key: As in the mapping; what is said here wins, and so with all that follow.
            stage: The column of the stage.
            columns: Fact and column.
            stages: Label and stage, sub-stage or outcome.
            values: By fact, what labels of its column stand for.
            currency: In what amounts are that do not say it.
            scale: By amount, how many units one of its column counts, unless it named its own.
            tz: Where calendar days begin.

        Raises:
            ArgumentError: `problems` lists everything that is of the wrong kind.
        """
        if isinstance(frame, Source):
            hint = "write Source(source.frame, source.mapping | FrameMapping(…))"
            raise ArgumentError.of(Problem("frame", "is a Source already", hint, "kind"))
        below = FrameMapping() if mapping is None else instance(mapping, FrameMapping, "mapping")
        said = Said(key, stage, columns, stages, values, currency, scale, tz)
        over = FrameMapping(**{name: it for name, it in said._asdict().items() if it is not None})
        object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "mapping", below | over)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Source never changes; {name} belongs to it")

    def __repr__(self) -> str:
        said = ", ".join(said_in(self.mapping)) or "nothing"
        return f"<Source: {type(self.frame).__name__}, with {said} said of it>"
