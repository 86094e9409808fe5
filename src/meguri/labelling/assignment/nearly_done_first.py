"""The tasks that need the fewest further answers first."""

from collections.abc import Sequence

from meguri.labelling.assignment.base import AssignmentPolicy, Candidate, assignment_policies


@assignment_policies.register
class NearlyDoneFirst(AssignmentPolicy):
    """Finishes what was begun, so that with overlap whole items become ready early."""

    name = "nearly_done_first"

    def order(self, candidates: Sequence[Candidate], person_id: int) -> Sequence[Candidate]:
        return sorted(candidates, key=lambda task: (task.overlap - task.answers, task.place))
