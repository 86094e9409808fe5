"""One registry for everything that multiplies: drop a file in a folder, edit nothing else."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from threading import RLock
from typing import Generic, TypeVar

from meguri.kit.errors import Invalid

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """The members of a gallery by name.

    A member registers itself when its file is imported:

        strategies = Registry[Strategy]("strategy", "meguri.learning.selection")

        @strategies.register
        class Margin(Strategy):
            name = "margin"

    The files of the package `folder` are imported on first use, then every entry point of
    the group named like the folder (`meguri.learning.selection`), so that an installed package can bring
    members through the same door.
    """

    def __init__(self, noun: str, folder: str) -> None:
        self.noun = noun
        self.folder = folder
        self._members: dict[str, T] = {}
        self._loaded = False
        self._lock = RLock()

    def register(self, member: Callable[[], T]) -> Callable[[], T]:
        """Class decorator: make one object of the class and keep it under its `name`."""
        made = member()
        name: str = made.name  # type: ignore[attr-defined]
        if name in self._members:
            raise RuntimeError(f"There are two {self.noun}s named {name!r} in {self.folder}")
        self._members[name] = made
        return member

    def _load(self) -> None:
        if self._loaded:
            return
        with self._lock:
            if self._loaded:
                return
            package = importlib.import_module(self.folder)
            for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
                importlib.import_module(f"{self.folder}.{found.name}")
            for point in entry_points(group=self.folder):
                point.load()
            self._loaded = True

    def __getitem__(self, name: str) -> T:
        self._load()
        try:
            return self._members[name]
        except KeyError:
            known = ", ".join(self)
            raise Invalid(
                f"There is no {self.noun} named {name!r}; there are: {known}.", code="registry.unknown"
            ) from None

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._members))

    def __len__(self) -> int:
        self._load()
        return len(self._members)

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._members
