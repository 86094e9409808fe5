"""The examples of the how-to pages work as they are printed."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learning import test_galleries as promised

from meguri.learning.models.base import models
from meguri.learning.selection.base import strategies

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def run(page: str, registry: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The member that a page's Python block registers, which is forgotten after the test."""
    len(registry)  # the members of the folder come first
    monkeypatch.setattr(registry, "_members", dict(registry._members))
    (block,) = re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(), re.S)
    exec(compile(block, page, "exec"), {"__name__": page})
    return registry[name]


def test_the_strategy_of_the_page_keeps_the_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    strategy = run("add-a-strategy.md", strategies, "surest", monkeypatch)
    promises = promised.TestEveryStrategy()
    for n, model, labelled in ((0, True, 0), (7, False, 30), (500, True, 30)):
        promises.test_it_picks_n_different_items_or_all("surest", n, model, labelled)
    promises.test_the_same_generator_gives_the_same_picks("surest")
    seen = promised.pool()
    assert strategy.select(seen, 1, np.random.default_rng(0)).places[0] == seen.margins.argmax()


@pytest.mark.parametrize("multiple", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
def test_the_model_of_the_page_keeps_the_promises(
    multiple: bool, sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = run("add-a-model.md", models, "nearest_centre", monkeypatch)
    given = promised.lesson(multiple=multiple, sparse=sparse)
    fitted = model.fit(given, np.random.default_rng(0))
    shares = fitted.predict(given.features)
    np.testing.assert_allclose(model.load(fitted.save()).predict(given.features), shares)
    assert ((shares > 0.5) == given.targets).all(axis=1).mean() > 0.9
    if not multiple:
        np.testing.assert_allclose(shares.sum(axis=1), 1)
