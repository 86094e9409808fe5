"""What an assignment policy promises."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from meguri.kit.registry import Registry


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that may be lent to the person who asks; all candidates of one call stand in the same lane."""

    task_id: int
    item_id: int
    place: int  # in its lane, rising
    overlap: int  # answers wanted
    answers: int  # answers given


class AssignmentPolicy(ABC):
    """Orders the next few tasks of a lane for one person.

    It sees `window` tasks at most, so that lending costs the same however many wait. Leases, overlap and the
    rule that nobody gets the same item twice are kept elsewhere.
    """

    name: ClassVar[str]
    window: ClassVar[int] = 32

    @abstractmethod
    def order(self, candidates: Sequence[Candidate], person_id: int) -> Sequence[Candidate]:
        """The same candidates, the one to lend first in front. `candidates` come in order of place."""


assignment_policies = Registry[AssignmentPolicy]("assignment policy", "meguri.labelling.assignment")
