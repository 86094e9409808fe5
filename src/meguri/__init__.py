"""Meguri closes the loop between people and a model."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meguri.client import Client as Client
    from meguri.client import MeguriProblem as MeguriProblem

__version__ = "0.1.0"
__all__ = ["Client", "MeguriProblem", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the client only when it is asked for: the server does not need it."""
    if name in ("Client", "MeguriProblem"):
        from meguri import client

        return getattr(client, name)
    raise AttributeError(f"module 'meguri' has no attribute {name!r}")
