"""What the loop does next, as a pure function of the facts.

The ring has five stations; the loop moves a project along them one step at a time. `next_step`
looks at nothing but its argument, so a step can be asked for again after any crash, on any
machine, and gives the same answer as long as the facts are the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

STEPS = ("collect", "select", "wait", "aggregate", "train", "evaluate", "promote", "recalibrate", "stop")
RESTING = ("wait", "stop")


@dataclass(frozen=True, slots=True)
class Why:
    """What another room gave as its reason: a code that the page translates, and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the loop decides on. Counts; "locked" means the test split, which no strategy touches."""

    # settings of the project at this moment
    batch: int = 20
    budget: int | None = None  # labels the loop may ask for by selection; None: no end
    min_test_labels: int = 50
    overlap: int = 1
    confirm_promotion: bool = False
    # data
    items: int = 0  # all items
    pool: int = 0  # items outside the locked split that have no label and are not asked for
    test_pool: int = 0  # the same within the locked split
    # people's answers
    round: int = 0  # the newest turn of the loop
    pending: int = 0  # tasks of the loop that still need answers
    answers_given: int = 0  # of the pending turn
    answers_wanted: int = 0
    people: int = 0  # who ever asked for work here
    bought: int = 0  # labels asked for by selection so far, the locked split not counted
    unread: int = 0  # answers that no aggregation has read yet
    unread_reviews: int = 0  # of these, the ones from production
    # labels, as the newest aggregation left them
    labels: int = 0  # outside the locked split
    classes: int = 0  # different answers among them, to the question that saw fewest
    test_labels: int = 0
    fresh: int = 0  # labels that the newest attempt to train did not have
    # models
    model: int | None = None  # the newest one
    number: int = 0  # its number within the project
    learnt_round: int = 0  # the turn of the newest attempt to train
    problem: Why | None = None  # why the newest attempt to train gave no model
    measured_on: int | None = None  # locked labels its report had; None: not measured
    passed: bool | None = None  # what the gate said of it; None: not asked yet
    refusal: Why | None = None  # the first gate that refused it
    acted: bool = False  # it was promoted once, or somebody decided otherwise
    champion: int | None = None
    calibrated: bool = True  # the champion's suggestions and operating point are up to date
    stopping: Why | None = None  # what the project's stopping criterion says; None: go on

    @property
    def half(self) -> int:
        """How many new labels are worth learning from outside a round."""
        return max(1, self.batch // 2)

    @property
    def budget_left(self) -> int:
        """How many labels selection may still ask for."""
        return self.batch if self.budget is None else max(0, self.budget - self.bought)

    @property
    def missing_test_labels(self) -> int:
        """How many locked items must be labelled before the gate can say anything, as far as there are any."""
        return max(0, min(self.min_test_labels - self.test_labels, self.test_pool))


@dataclass(frozen=True, slots=True)
class Step:
    """What is done next. `code` and `params` are its reason, which the page translates."""

    name: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rests(self) -> bool:
        """Whether nothing more happens until somebody does something."""
        return self.name in RESTING


REASONS: dict[str, str] = {
    "loop.collect.verify": "Asking for {count} labels of locked verification items: "
    "the gate needs {wanted} and has {have}.",
    "loop.select.first": "Choosing the first {count} items to label, spread over all that is there.",
    "loop.select.next": "Choosing the {count} items that teach the model most.",
    "loop.select.one_class": "Label more: only one class was seen so far. Choosing {count} more items.",
    "loop.select.refused": "The gate refused model {number}: {why} Choosing {count} more items to label.",
    "loop.select.problem": "Training gave no model: {why} Choosing {count} more items to label.",
    "loop.wait.items": "There are no items yet. Add some to begin.",
    "loop.wait.answers": "Waiting for {missing} of {wanted} answers.",
    "loop.wait.people": "Everybody here has answered all they may: each item needs {overlap} people, "
    "and {people} are at work. Invite more, or ask for fewer answers in the settings.",
    "loop.wait.confirm": "Model {number} passed the gate. An engineer has to confirm its promotion.",
    "loop.aggregate.answers": "Reading {count} new answers.",
    "loop.train.first": "Training the first model on {labels} labels.",
    "loop.train.round": "Training on {labels} labels, {fresh} of them new.",
    "loop.train.reviews": "Learning again: {fresh} new labels came from reviews and imports.",
    "loop.evaluate.model": "Measuring model {number} on {test_labels} locked labels.",
    "loop.evaluate.again": "Measuring model {number} again: there are now {test_labels} locked labels.",
    "loop.promote.passed": "Model {number} passed the gate and goes to production.",
    "loop.recalibrate.champion": "Refreshing suggestions and the operating point for the model in production.",
    "loop.stop.budget": "The budget of {budget} labels is used up.",
    "loop.stop.pool_empty": "Every item is labelled.",
    "loop.stop.one_class": "Every item is labelled, and all with the same class: there is nothing to learn.",
    "loop.stop.criterion": "The stopping criterion is met: {why}",
}


def reason_text(step: Step) -> str:
    """The step's reason as an English sentence."""
    return REASONS[step.code].format(**step.params)


def next_step(facts: Facts) -> Step:
    """The one thing to do now. Total and deterministic; the first rule that applies decides."""
    for rule in _RULES:
        step = rule(facts)
        if step is not None:
            return step
    return _select(facts)


def _evaluate(f: Facts) -> Step | None:
    if f.model is None:
        return None
    if f.measured_on is None or f.passed is None:
        return Step("evaluate", "loop.evaluate.model", {"number": f.number, "test_labels": f.test_labels})
    return None


def _hear_again(f: Facts) -> Step | None:
    """A model refused while locked labels were too few gets a second hearing once there are enough."""
    if f.model is None or f.passed or f.measured_on is None or not f.measured_on < f.min_test_labels <= f.test_labels:
        return None
    return Step("evaluate", "loop.evaluate.again", {"number": f.number, "test_labels": f.test_labels})


def _awaits_promotion(f: Facts) -> bool:
    return f.model is not None and f.passed is True and not f.acted and f.model != f.champion


def _promote(f: Facts) -> Step | None:
    if not _awaits_promotion(f) or f.confirm_promotion:
        return None
    return Step("promote", "loop.promote.passed", {"number": f.number})


def _recalibrate(f: Facts) -> Step | None:
    if f.champion is None or f.calibrated:
        return None
    return Step("recalibrate", "loop.recalibrate.champion", {})


def _relearn(f: Facts) -> Step | None:
    """Reviews and imports are learnt from even while a round waits, or after the loop has stopped."""
    if f.unread_reviews >= f.half:
        return _aggregate(f)
    if f.fresh >= f.half and f.classes >= 2 and (f.pending or not _round_is_unlearnt(f)):
        return _train(f, "loop.train.first" if f.model is None else "loop.train.reviews")
    return None


def _wait_for_answers(f: Facts) -> Step | None:
    if not f.pending:
        return None
    missing = max(0, f.answers_wanted - f.answers_given)
    if 0 < f.people < f.overlap and f.answers_given >= f.answers_wanted // f.overlap * f.people:
        return Step("wait", "loop.wait.people", {"overlap": f.overlap, "people": f.people, "missing": missing})
    return Step("wait", "loop.wait.answers", {"missing": missing, "wanted": f.answers_wanted, "tasks": f.pending})


def _read(f: Facts) -> Step | None:
    """A lone review answer is left for later; anything else is read at once."""
    return _aggregate(f) if f.unread > f.unread_reviews else None


def _learn(f: Facts) -> Step | None:
    if not f.fresh or f.classes < 2:
        return None
    if f.model is None:
        return _train(f, "loop.train.first")
    return _train(f, "loop.train.round") if _round_is_unlearnt(f) else None


def _round_is_unlearnt(f: Facts) -> bool:
    return f.round > f.learnt_round


def _confirm(f: Facts) -> Step | None:
    return Step("wait", "loop.wait.confirm", {"number": f.number, "model": f.model}) if _awaits_promotion(f) else None


def _stop(f: Facts) -> Step | None:
    reason = _reason_to_stop(f)
    if reason is None or not f.missing_test_labels:
        return reason
    if f.unread:
        return _aggregate(f)
    count = min(f.missing_test_labels, f.batch)
    return Step("collect", "loop.collect.verify", {"count": count, "wanted": f.min_test_labels, "have": f.test_labels})


def _reason_to_stop(f: Facts) -> Step | None:
    if not f.items:
        return Step("wait", "loop.wait.items", {})
    if not f.pool:
        one_class = f.labels > 0 and f.classes < 2
        return Step("stop", "loop.stop.one_class" if one_class else "loop.stop.pool_empty", {})
    if not f.budget_left:
        return Step("stop", "loop.stop.budget", {"budget": f.budget})
    if f.stopping is not None:
        return Step("stop", "loop.stop.criterion", {"reason": f.stopping.code, "why": f.stopping.text})
    return None


def _select(f: Facts) -> Step:
    if f.unread:
        return _aggregate(f)
    count = min(f.batch, f.pool, f.budget_left)
    verify = min(f.missing_test_labels, f.half)
    code, more = _why_select(f)
    return Step("select", code, {"count": count, "verify": verify, **more})


def _why_select(f: Facts) -> tuple[str, dict[str, Any]]:
    if f.labels and f.classes < 2:
        return "loop.select.one_class", {}
    if f.problem is not None:
        return "loop.select.problem", {"problem": f.problem.code, "why": f.problem.text}
    if f.model is None:
        return "loop.select.first", {}
    if f.passed is False:
        why = f.refusal or Why("", "")
        return "loop.select.refused", {"number": f.number, "refusal": why.code, "why": why.text}
    return "loop.select.next", {}


def _aggregate(f: Facts) -> Step:
    return Step("aggregate", "loop.aggregate.answers", {"count": f.unread})


def _train(f: Facts, code: str) -> Step:
    return Step("train", code, {"labels": f.labels, "fresh": f.fresh})


# What is begun is finished first; then production is learnt from; then the round goes its way.
_RULES: tuple[Callable[[Facts], Step | None], ...] = (
    _evaluate,
    _promote,
    _recalibrate,
    _relearn,
    _wait_for_answers,
    _read,
    _learn,
    _hear_again,
    _confirm,
    _stop,
)
