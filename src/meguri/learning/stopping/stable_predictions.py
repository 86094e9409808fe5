"""Stop when new labels no longer change what the model says (Bloodgood & Vijay-Shanker, CoNLL 2009)."""

from meguri.learning.stopping.base import History, Reason, StoppingCriterion, spent, stopping_criteria

AGREEMENT = 0.99
ROUNDS = 3


@stopping_criteria.register
class StablePredictions(StoppingCriterion):
    """The mean kappa of the last three pairs of models reaches 0.99; or the budget is spent.

    Bloodgood and Grothendieck (2015) bound the change of F1 by 4 (1 - kappa) / kappa. A plateau is not proof of the
    end: show it beside the accuracy on the test split.
    """

    name = "stable_predictions"

    def done(self, history: History) -> Reason | None:
        last = history.kappas[-ROUNDS:]
        mean = sum(last) / len(last) if len(last) == ROUNDS else 0.0
        if mean < AGREEMENT:
            return spent(history)
        text = f"The last {ROUNDS + 1} models agree on what is unlabelled (kappa {mean:.3f})."
        return Reason("stopping.stable", text, {"kappa": round(mean, 4), "rounds": ROUNDS})
