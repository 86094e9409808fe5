"""A challenger must not be worse than what is in production."""

from pydantic import Field

from meguri.evaluation.gates.base import Case, Finding, Gate, GateSettings, discordant, gates, mcnemar


class NotWorseSettings(GateSettings):
    """`margin`: share of items it may lose in all; `alpha`: error of calling it worse by McNemar's test."""

    margin: float = Field(0.02, ge=0, le=1)
    alpha: float = Field(0.05, gt=0, lt=1)


@gates.register
class NotWorse(Gate[NotWorseSettings]):
    """Item by item on the same locked items: exact one-sided McNemar test (1947), and a margin for small sets."""

    name = "not_worse"
    Settings = NotWorseSettings

    def check(self, case: Case, settings: NotWorseSettings) -> Finding:
        if case.champion is None:
            return self.found(True, "no_champion", "There is no model in production to compare with.")
        lost, won = discordant(case.challenger, case.champion)
        p_value = mcnemar(lost, won)
        n = max(len(case.challenger), 1)
        params = {"lost": lost, "won": won, "p_value": round(p_value, 4), "items": n, "margin": settings.margin}
        numbers = f"it gets {lost} of {n} items wrong that the champion gets right, and {won} the other way round"
        if p_value <= settings.alpha:
            return self.found(False, "worse", f"The challenger is worse: {numbers} (p = {p_value:.3g}).", **params)
        if lost - won > max(1.0, settings.margin * n):
            text = f"The challenger loses more than {settings.margin:.0%}: {numbers}."
            return self.found(False, "beyond_margin", text, **params)
        return self.found(True, "not_worse", f"The challenger is not worse: {numbers}.", **params)
