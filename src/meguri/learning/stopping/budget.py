"""Stop when the budget is spent."""

from meguri.learning.stopping.base import History, Reason, StoppingCriterion, spent, stopping_criteria


@stopping_criteria.register
class Budget(StoppingCriterion):
    """Label until the budget is spent or nothing is left."""

    name = "budget"

    def done(self, history: History) -> Reason | None:
        return spent(history)
