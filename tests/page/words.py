"""The page's own words, so that one test reads the page in every language."""

import json
import re
from pathlib import Path
from typing import Any

import meguri

FRONTEND = Path(meguri.__file__).parents[2] / "frontend"
I18N = FRONTEND / "src" / "i18n"
LANGUAGES = ("en", "ja")


def book(language: str) -> dict[str, str]:
    """All words of a language: `work:send` → `Send`, `ring:step.wait` → `Waiting`."""
    found: dict[str, str] = {}
    for file in sorted((I18N / language).glob("*.json")):
        found.update(_flat(f"{file.stem}:", json.loads(file.read_text("utf-8"))))
    return found


def _flat(prefix: str, words: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in words.items():
        if isinstance(value, dict):
            found.update(_flat(f"{prefix}{name}.", value))
        else:
            found[f"{prefix}{name}"] = value
    return found


class Words:
    """Looks words up as the page does: `say("work:send")`; with gaps as a pattern: `like("models:model_n")`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._book = book(language)

    def __call__(self, key: str, **gaps: object) -> str:
        text = self._book[key]
        for name, value in gaps.items():
            text = re.sub(r"{{\s*" + name + r"[^}]*}}", str(value), text)
        return text

    def like(self, key: str) -> re.Pattern[str]:
        """The words with anything in their gaps; of plural forms, any."""
        forms = [self._book[form] for form in (key, f"{key}_one", f"{key}_other") if form in self._book]
        parts = [".*".join(re.escape(part) for part in re.split(r"{{[^}]*}}", form)) for form in forms]
        return re.compile("|".join(f"(?:{part})" for part in dict.fromkeys(parts)))
