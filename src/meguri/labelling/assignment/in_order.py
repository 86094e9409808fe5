"""As they were asked for."""

from collections.abc import Sequence

from meguri.labelling.assignment.base import AssignmentPolicy, Candidate, assignment_policies


@assignment_policies.register
class InOrder(AssignmentPolicy):
    """First asked, first lent."""

    name = "in_order"
    window = 8

    def order(self, candidates: Sequence[Candidate], person_id: int) -> Sequence[Candidate]:
        return candidates
