"""The one list of rooms, for those who must know them all: workers, migrations, the API."""

import importlib
import importlib.util
from types import ModuleType

ROOMS = (
    "storage",
    "accounts",
    "data",
    "annotation",
    "labelling",
    "quality",
    "learning",
    "formats",
    "evaluation",
    "serving",
    "loop",
)


def load(drawer: str) -> list[ModuleType]:
    """Import the module `drawer` (`jobs`, `tables`, `routes`) of every room that has one."""
    names = [f"meguri.{room}.{drawer}" for room in ROOMS]
    return [importlib.import_module(name) for name in names if importlib.util.find_spec(name) is not None]
