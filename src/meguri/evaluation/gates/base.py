"""What every gate promises."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, lgamma, log
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from meguri.evaluation.metrics.base import Bools, Outcomes
from meguri.kit.errors import Invalid
from meguri.kit.registry import Registry


class GateSettings(BaseModel):
    """What a project may set; every gate is on unless it is turned off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = True


S = TypeVar("S", bound=GateSettings)


@dataclass(frozen=True)
class Case:
    """What the gates judge: both models' answers to the headline question on the same locked items, in one order.

    `slices` are masks over these items by name. `min_test_labels` is the project's own.
    """

    challenger: Outcomes
    champion: Outcomes | None = None
    slices: Mapping[str, Bools] = field(default_factory=dict)
    min_test_labels: int = 50


@dataclass(frozen=True)
class Finding:
    """What one gate says: a stable code with its numbers for the page, and the same in a sentence."""

    gate: str
    passed: bool
    code: str
    params: dict[str, Any]
    text: str


class Gate(ABC, Generic[S]):
    """A rule that a challenger must pass to go to production."""

    name: ClassVar[str]
    Settings: type[S]

    @abstractmethod
    def check(self, case: Case, settings: S) -> Finding:
        """Passed or not, with the reason."""

    def found(self, passed: bool, what: str, text: str, **params: Any) -> Finding:
        """A finding of this gate; its code is `gate.<name>.<what>`."""
        return Finding(self.name, passed, f"gate.{self.name}.{what}", params, text)


gates: Registry[Gate[Any]] = Registry("gate", "meguri.evaluation.gates")


def judge(case: Case, settings: Mapping[str, Mapping[str, Any]] | None = None) -> list[Finding]:
    """The findings of all gates that are on; `settings` is `{gate: its settings}`, `Invalid` where one is unknown."""
    chosen = settings_of(settings or {})
    return [gate.check(case, chosen[name]) for name, gate in gates.items() if chosen[name].on]


def settings_of(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, GateSettings]:
    """Every gate's settings, defaults where none are given."""
    for name in settings:
        gates[name]
    try:
        return {name: gate.Settings.model_validate(dict(settings.get(name, {}))) for name, gate in gates.items()}
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(
            f"The settings of a gate are not valid: {error.title} {place}: {first['msg']}.",
            code="evaluation.gate_settings",
        ) from error


def mcnemar(lost: int, won: int) -> float:
    """Exact one-sided p-value of `lost` or more of lost + won discordant pairs, were both equally likely."""
    n = lost + won
    if lost == 0:
        return 1.0
    logs = [lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2) for k in range(lost, n + 1)]
    return min(1.0, sum(exp(value) for value in logs))


def discordant(challenger: Outcomes, champion: Outcomes, mask: Bools | None = None) -> tuple[int, int]:
    """Items that only the champion got right, and those that only the challenger did."""
    inside = np.ones(len(challenger), bool) if mask is None else mask
    lost = (champion.right & ~challenger.right & inside).sum()
    won = (challenger.right & ~champion.right & inside).sum()
    return int(lost), int(won)
