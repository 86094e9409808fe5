"""A verdict needs enough locked items."""

from pydantic import Field

from meguri.evaluation.gates.base import Case, Finding, Gate, GateSettings, gates


class EnoughLabelsSettings(GateSettings):
    """`least`: labelled test items; where it is not set, the project's `min_test_labels`."""

    least: int | None = Field(None, ge=1)


@gates.register
class EnoughLabels(Gate[EnoughLabelsSettings]):
    """The test split has enough labels to tell anything."""

    name = "enough_labels"
    Settings = EnoughLabelsSettings

    def check(self, case: Case, settings: EnoughLabelsSettings) -> Finding:
        least = case.min_test_labels if settings.least is None else settings.least
        there = len(case.challenger)
        if there >= least:
            return self.found(
                True, "enough", f"{there} test labels, at least {least} are asked for.", there=there, least=least
            )
        more = least - there
        text = f"The test split has {there} labels; {more} more are needed for a verdict."
        return self.found(False, "too_few", text, there=there, least=least, more=more)
