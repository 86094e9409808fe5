"""Model versions and what they predict."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from meguri.annotation.model import Question
from meguri.data.model import Item
from meguri.kit.errors import NotFound
from meguri.learning import repository
from meguri.learning.artefact import Artefact
from meguri.learning.features.base import Content, Matrix
from meguri.learning.model import ModelVersion, Predicted
from meguri.learning.seeing import features_of
from meguri.storage.store import Store

LOADED = 4  # models kept in memory

_loaded: OrderedDict[str, Artefact] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Predictor:
    """A model ready to answer."""

    model_version: ModelVersion
    artefact: Artefact
    store: Store

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers, the headline first."""
        return tuple(head.question for head in self.artefact.heads)

    def features(self, items: Sequence[Item]) -> Matrix:
        """Features of items as this model needs them."""
        return features_of(self.store, self.artefact.extractor, items)

    def predict(self, items: Sequence[Item]) -> list[Predicted]:
        """An answer to every question about each item."""
        return self.artefact.predict(self.features(items)) if items else []

    def predict_contents(self, contents: Sequence[Content]) -> list[Predicted]:
        """The same for contents that are no items."""
        return self.artefact.predict(self.artefact.extractor.extract(contents)) if contents else []


def load(store: Store, model_version: ModelVersion) -> Predictor:
    """The model, from memory where it was used lately."""
    return Predictor(model_version, _artefact(store, model_version.blob), store)


def _artefact(store: Store, blob: str) -> Artefact:
    """An artefact by its hash, so that it does not matter which store it came from."""
    with _lock:
        found = _loaded.pop(blob, None)
    found = found or Artefact.load(store.blobs.get(blob))
    with _lock:
        _loaded[blob] = found
        while len(_loaded) > LOADED:
            _loaded.popitem(last=False)
    return found


def model_version(tx: Connection, model_version_id: int) -> ModelVersion:
    """One model version, or `NotFound`."""
    found = repository.model(tx, model_version_id)
    if found is None:
        raise NotFound(
            f"There is no model version {model_version_id}.", code="learning.no_model", model=model_version_id
        )
    return found


def model_versions(tx: Connection, project_id: int) -> list[ModelVersion]:
    """All model versions of a project, the newest first."""
    return repository.models(tx, project_id)


def newest(tx: Connection, project_id: int) -> ModelVersion | None:
    """The newest model version of a project, None before the first."""
    return repository.newest_model(tx, project_id)
