"""Projects, tasks and assignments: what they are, and the pure rules between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from meguri.annotation.model import Answers, LabelSchema, Suggestion
from meguri.data.model import Item, ItemHome
from meguri.labelling.assignment.base import assignment_policies

# Jobs that an answer asks for; the rooms above say what they do.
WAKE = "loop.advance"
SETTLE = "serving.settle"

SELECTION, REVIEW, AUDIT, ADJUDICATION = "selection", "review", "audit", "adjudication"
GOLD, RECHECK, COLLECTION = "gold", "recheck", "collection"
URGENCY = (REVIEW, ADJUDICATION, AUDIT, RECHECK, GOLD, COLLECTION, SELECTION)  # the most urgent first
REASONS = frozenset(URGENCY)
SETTLED = frozenset({REVIEW, AUDIT})  # somebody outside waits for what these decide
NEEDS_REVIEW_RIGHT = frozenset({REVIEW, AUDIT, ADJUDICATION})
OPEN_TO_ANNOTATORS = REASONS - NEEDS_REVIEW_RIGHT

ANSWERED, SKIPPED, EXPIRED = "answered", "skipped", "expired"

MAX_HELD = 100  # leases of one person in one project at a time
MAX_UNDO = 10  # answers back
MAX_OVERLAP = 100


class Settings(BaseModel):
    """How a project is run. Everything has a default and may be changed at any time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    overlap: int = Field(1, ge=1, le=MAX_OVERLAP, description="Answers that an item gets, from different people.")
    batch: int = Field(20, ge=1, le=10_000, description="Items that one round of the loop asks for.")
    strategy: str = Field("auto", description="Selection strategy.")
    budget: int | None = Field(None, ge=1, description="Labels that selection may ask for in all; null: no end.")
    test_share: float = Field(0.2, ge=0, le=0.9, description="Share of new items drawn into the locked test split.")
    min_test_labels: int = Field(50, ge=1, description="Test labels below which no model can pass the gate.")
    lease_seconds: int = Field(900, ge=5, le=86_400, description="How long a task is lent.")
    blind: bool = Field(True, description="Whether people label without seeing the model's suggestion.")
    assignment: str = Field("in_order", description="Assignment policy: which waiting task a person gets first.")
    give_up_after: int = Field(3, ge=1, le=100, description="Skips after which a task is closed without an answer.")
    aggregator: str = Field("majority", description="How several answers become one.")
    threshold: float = Field(0.9, ge=0, le=1, description="Score from which an output is automated.")
    gates: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="{gate: its settings}; what is not named keeps the gate's own default."
    )
    confirm_promotion: bool = Field(False, description="Whether an engineer must confirm that a model goes live.")
    features: str = Field("auto", description="Feature extractor.")
    model: str = Field("linear", description="Model that is trained.")
    stopping: str = Field("budget", description="Stopping criterion.")

    @field_validator("assignment")
    @classmethod
    def _known_policy(cls, name: str) -> str:
        if name not in assignment_policies:
            raise ValueError(f"there is no assignment policy {name!r}; there are: {', '.join(assignment_policies)}")
        return name


@dataclass(frozen=True)
class Project:
    """Data, label schema, people and policies with one goal."""

    id: int
    name: str
    modality: str
    schema: LabelSchema
    guidelines: str
    settings: Settings
    seed: str
    made_by: int | None
    created_at: int
    archived_at: int | None
    stamp: str  # new with every change, so that a project read once can be kept in memory

    @cached_property
    def home(self) -> ItemHome:
        """What its items need to know of it."""
        return ItemHome(self.id, self.modality, self.seed, self.settings.test_share)

    @cached_property
    def questions(self) -> list[dict[str, Any]]:
        """The label schema as JSON."""
        return self.schema.to_json()

    @cached_property
    def guidelines_version(self) -> str:
        """Changes exactly when the guidelines do."""
        return sha256(self.guidelines.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Task:
    """An item that needs answers, with the reason."""

    id: int
    project_id: int
    item_id: int
    reason: str
    round: int
    overlap: int
    answers: int
    open: int
    details: dict[str, Any]
    created_at: int
    done_at: int | None
    cancelled_at: int | None

    @property
    def pending(self) -> bool:
        """Whether it still waits for answers."""
        return self.done_at is None and self.cancelled_at is None


@dataclass(frozen=True, slots=True)
class Lease:
    """An assignment beside its task and the stamp of its project: all that an answer is decided on."""

    id: int
    project_id: int
    task_id: int
    item_id: int
    person_id: int
    expires_at: int
    ended_at: int | None
    outcome: str | None
    annotation_id: int | None
    reason: str
    overlap: int
    answers: int
    open: int
    done_at: int | None
    cancelled_at: int | None
    details: dict[str, Any]
    stamp: str

    @property
    def live(self) -> bool:
        """Whether the task is still lent; a deadline that has passed ends it only when somebody notices."""
        return self.ended_at is None

    @property
    def completes(self) -> bool:
        """Whether one more answer is all that the task needs."""
        return self.done_at is None and self.cancelled_at is None and self.answers + 1 >= self.overlap


@dataclass(frozen=True, slots=True)
class Lent:
    """A task lent to a person until `expires_at`, with everything needed to work on it."""

    id: int  # of the assignment
    task_id: int
    project: Project
    item: Item
    reason: str
    expires_at: int
    suggestion: list[Suggestion] = field(default_factory=list)
    answers: Answers | None = None  # the person's former answers, after an undo


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer. `done`: its task needs no further ones."""

    id: int  # of the assignment
    annotation_id: int
    done: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the tasks of one reason are."""

    tasks: int
    pending: int
    answers_wanted: int
    answers_given: int

    @property
    def missing(self) -> int:
        """Answers still to come."""
        return self.answers_wanted - self.answers_given


@dataclass(frozen=True, slots=True)
class Pace:
    """What a person has done in a project; `today` is since midnight UTC."""

    total: int
    today: int
    seconds_median: float | None

    @classmethod
    def of(cls, total: int, today: int, seconds: Sequence[float]) -> "Pace":
        """The pace of somebody whose last answers took so many seconds each."""
        return cls(total, today, median(seconds) if seconds else None)


def lane_of(reason: str, *, returned: bool = False) -> int:
    """Where tasks of this reason stand: the urgent reasons first, and within each what came back before what is new.

    A lane holds one reason only, so that who asks for reviews never has to read past anything else.
    """
    return 2 * URGENCY.index(reason) + (0 if returned else 1)


def reason_of(lane: int) -> str:
    """The reason of the tasks in a lane."""
    return URGENCY[lane // 2]


def lanes_of(reasons: frozenset[str]) -> list[int]:
    """All lanes of these reasons, in order of urgency."""
    return sorted(lane_of(reason, returned=returned) for reason in reasons for returned in (True, False))


ALL_LANES = lanes_of(REASONS)


def overlap_of(reason: str, settings: Settings) -> int:
    """How many answers a task of this reason gets unless the caller says otherwise."""
    return settings.overlap if reason in (SELECTION, GOLD, COLLECTION) else 1


def wake_serial(project_id: int) -> str:
    """Jobs of this name's `serial` run one after another: the loop never looks at one project twice at a time."""
    return f"loop:{project_id}"
