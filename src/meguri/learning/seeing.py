"""Features of items, computed once for each content and kept on this machine."""

from collections.abc import Sequence

from meguri.data.model import Item
from meguri.labelling.model import Project
from meguri.learning.cache import FeatureCache
from meguri.learning.features.base import Content, FeatureExtractor, Matrix, extractor_for
from meguri.storage.store import Store

_caches: dict[str, FeatureCache] = {}


def featurise(store: Store, project: Project, items: Sequence[Item]) -> Matrix:
    """Features of items in order, (items, features), computed once for each content and kept on this machine."""
    return features_of(store, extractor_for(project.settings.features, project.modality), items)


def features_of(store: Store, extractor: FeatureExtractor, items: Sequence[Item]) -> Matrix:
    """The same with a certain extractor."""
    folder = store.folder / "features" / extractor.tag
    cache = _caches.setdefault(str(folder.absolute()), FeatureCache(folder))

    def make(places: list[int]) -> Matrix:
        return extractor.extract([_content(store, items[place]) for place in places])

    return cache.rows([item.hash for item in items], make)


def _content(store: Store, item: Item) -> Content:
    return (item.text or "") if item.blob is None else store.blobs.get(item.blob)
