"""The door of this room: features, training, predictions and the choice of what to label next.

Training and choosing have three parts each, so that no transaction is held while numbers are crunched: what is needed
is read, the work is done without a database, and the result is kept. `train` and `select` do all three in one go;
jobs use `train_apart`, and `select_apart` with `keep_choice`.
"""

from sqlalchemy import Connection

from meguri.labelling.model import Project
from meguri.learning import repository
from meguri.learning.choosing import View, choose, headline, keep_choice, look, select, select_apart, selected_items
from meguri.learning.predicting import Predictor, load, model_version, model_versions, newest
from meguri.learning.seeing import featurise
from meguri.learning.stopping.base import History, Reason, stopping_criteria
from meguri.learning.training import Learnt, Plan, freeze, keep, plan, study, train, train_apart

__all__ = [
    "Learnt",
    "Plan",
    "Predictor",
    "View",
    "choose",
    "featurise",
    "freeze",
    "headline",
    "keep",
    "keep_choice",
    "load",
    "look",
    "model_version",
    "model_versions",
    "newest",
    "plan",
    "select",
    "select_apart",
    "selected_items",
    "should_stop",
    "study",
    "train",
    "train_apart",
]


def should_stop(tx: Connection, project: Project, labels: int, pool: int) -> Reason | None:
    """What the project's stopping criterion says; `labels` were bought by selection, `pool` items are left."""
    models = repository.models(tx, project.id)[::-1]
    kappas = tuple(float(model.card["kappa"]) for model in models if model.card.get("kappa") is not None)
    history = History(labels, project.settings.budget, pool, kappas)
    return stopping_criteria[project.settings.stopping].done(history)
