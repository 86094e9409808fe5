"""No group of items may pay for the others."""

from pydantic import Field

from meguri.evaluation.gates.base import Case, Finding, Gate, GateSettings, discordant, gates

SHOWN = 5


class SliceSettings(GateSettings):
    """`margin`: share of a slice's items that may be lost; `least`: items below which a slice is not judged."""

    margin: float = Field(0.1, ge=0, le=1)
    least: int = Field(20, ge=1)


@gates.register
class Slices(Gate[SliceSettings]):
    """No slice is worse than the champion's by more than the margin."""

    name = "slices"
    Settings = SliceSettings

    def check(self, case: Case, settings: SliceSettings) -> Finding:
        if case.champion is None:
            return self.found(True, "no_champion", "There is no model in production to compare with.")
        judged = {name: mask for name, mask in case.slices.items() if mask.sum() >= settings.least}
        worse = []
        for name, mask in judged.items():
            lost, won = discordant(case.challenger, case.champion, mask)
            drop = (lost - won) / int(mask.sum())
            if drop > settings.margin:
                worse.append({"slice": name, "drop": round(drop, 4), "items": int(mask.sum())})
        worse.sort(key=lambda one: -float(str(one["drop"])))
        params = {"slices": len(judged), "margin": settings.margin, "worse": worse[:SHOWN]}
        if worse:
            named = ", ".join(_named(one) for one in worse[:SHOWN])
            return self.found(False, "worse", f"Worse by more than {settings.margin:.0%} on: {named}.", **params)
        return self.found(
            True, "not_worse", f"None of {len(judged)} slices is worse by more than {settings.margin:.0%}.", **params
        )


def _named(one: dict[str, object]) -> str:
    """`9 (by 15%)`; a slice of a true answer is written `=9`."""
    return f"{str(one['slice']).removeprefix('=')} (by {float(str(one['drop'])):.0%})"
