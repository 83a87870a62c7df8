"""Playbooks: what a sales process may say, read from a file, checked, and frozen."""

from salesflow.playbook._diff.values import (
    ComparedPlaybook,
    Effect,
    KeyMatch,
    PlaybookChange,
    PlaybookDiff,
    diff,
)
from salesflow.playbook._lint import lint, lint_file
from salesflow.playbook._model_assets import (
    Band,
    Checklist,
    Hygiene,
    Instrument,
    Reason,
    Scorecard,
    ScoreItem,
    Section,
    SizeRow,
)
from salesflow.playbook._model_cadences import Cadence, EscalationStep, Span
from salesflow.playbook._model_migration import Migration
from salesflow.playbook._model_policy import (
    ApprovalPolicy,
    ApprovalRow,
    FieldPolicy,
    Permission,
    Policy,
    SkipPolicy,
)
from salesflow.playbook._model_process import (
    Criterion,
    Form,
    Guidance,
    Move,
    Position,
    Role,
    Stage,
    SubStage,
)
from salesflow.playbook._model_tracks import Track, TrackState
from salesflow.playbook._model_variant import Extended
from salesflow.playbook._parts import TransitionsGraph
from salesflow.playbook._questions import Question, QuestionType
from salesflow.playbook.playbook import Playbook

__all__ = [
    "ApprovalPolicy",
    "ApprovalRow",
    "Band",
    "Cadence",
    "Checklist",
    "ComparedPlaybook",
    "Criterion",
    "Effect",
    "EscalationStep",
    "Extended",
    "FieldPolicy",
    "Form",
    "Guidance",
    "Hygiene",
    "Instrument",
    "KeyMatch",
    "Migration",
    "Move",
    "Permission",
    "Playbook",
    "PlaybookChange",
    "PlaybookDiff",
    "Policy",
    "Position",
    "Question",
    "QuestionType",
    "Reason",
    "Role",
    "ScoreItem",
    "Scorecard",
    "Section",
    "SizeRow",
    "SkipPolicy",
    "Span",
    "Stage",
    "SubStage",
    "Track",
    "TrackState",
    "TransitionsGraph",
    "diff",
    "lint",
    "lint_file",
]
