"""The least a model must be able to do."""

from pydantic import Field

from meguri.evaluation.gates.base import Case, Finding, Gate, GateSettings, gates


class MinimumSettings(GateSettings):
    """`accuracy`: the share of exactly right answers that is asked for, None for none."""

    accuracy: float | None = Field(None, ge=0, le=1)


@gates.register
class Minimum(Gate[MinimumSettings]):
    """Better than always giving the most common answer, and as accurate as the project asks."""

    name = "minimum"
    Settings = MinimumSettings

    def check(self, case: Case, settings: MinimumSettings) -> Finding:
        n = len(case.challenger)
        if n == 0:
            return self.found(False, "unknown", "There is no test label to measure quality by.")
        accuracy = float(case.challenger.right.mean())
        counts: dict[bytes, int] = {}
        for row in case.challenger.truth:
            counts[row.tobytes()] = counts.get(row.tobytes(), 0) + 1
        common = max(counts.values()) / n
        params = {"accuracy": round(accuracy, 4), "common": round(common, 4), "least": settings.accuracy}
        if settings.accuracy is not None and accuracy < settings.accuracy:
            text = f"Accuracy {accuracy:.3f} is below the {settings.accuracy:.3f} that is asked for."
            return self.found(False, "below", text, **params)
        if accuracy <= common < 1:
            text = f"Accuracy {accuracy:.3f} is no better than always giving the most common answer ({common:.3f})."
            return self.found(False, "common", text, **params)
        return self.found(True, "reached", f"Accuracy {accuracy:.3f} is good enough.", **params)
