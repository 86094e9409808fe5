"""The settings of a project that name a member of a gallery of some room."""

from typing import Any

from meguri.evaluation.gates.base import gates
from meguri.kit.errors import Invalid
from meguri.kit.registry import Registry
from meguri.labelling.assignment.base import assignment_policies
from meguri.labelling.model import Settings
from meguri.learning.features.base import extractors
from meguri.learning.models.base import models
from meguri.learning.selection.base import strategies
from meguri.learning.stopping.base import stopping_criteria
from meguri.quality.aggregators.base import aggregators

AUTO = "auto"  # of the settings that may leave the choice to the house

BY_SETTING: dict[str, Registry[Any]] = {
    "assignment": assignment_policies,
    "aggregator": aggregators,
    "strategy": strategies,
    "features": extractors,
    "model": models,
    "stopping": stopping_criteria,
}


def check_named(settings: Settings) -> None:
    """Raises `Invalid` that names the setting whose member does not exist, and what there is."""
    wanted = [(setting, gallery, str(getattr(settings, setting))) for setting, gallery in BY_SETTING.items()]
    wanted += [("gates", gates, name) for name in settings.gates]
    where = [
        {"field": setting, "problem": f"There is no {gallery.noun} named {name!r}; there are: {', '.join(gallery)}."}
        for setting, gallery, name in wanted
        if name not in gallery and name != AUTO
    ]
    if where:
        raise Invalid(
            " ".join(place["problem"] for place in where) + " Change it in the project's settings.",
            code="loop.unknown_name",
            where=where,
        )
