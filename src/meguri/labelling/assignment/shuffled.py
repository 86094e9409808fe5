"""Each person in an order of their own."""

from collections.abc import Sequence
from hashlib import blake2b

from meguri.labelling.assignment.base import AssignmentPolicy, Candidate, assignment_policies


@assignment_policies.register
class Shuffled(AssignmentPolicy):
    """Mixes the next tasks differently for every person, so that what came before one item differs too.

    The mix is a hash of person and task: asked again, the same.
    """

    name = "shuffled"

    def order(self, candidates: Sequence[Candidate], person_id: int) -> Sequence[Candidate]:
        return sorted(candidates, key=lambda task: _mixed(person_id, task.task_id))


def _mixed(person_id: int, task_id: int) -> bytes:
    return blake2b(f"{person_id}:{task_id}".encode(), digest_size=8).digest()
