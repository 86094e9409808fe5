"""The list of options that the choosing types share. Not a type itself."""

from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from meguri.annotation.types.base import Config

NAME_LIMIT = 200


class Option(BaseModel):
    """One thing to choose: `name` is kept in answers, `title` is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=NAME_LIMIT)
    title: str = Field(default="", max_length=NAME_LIMIT)
    hotkey: str = Field(default="", max_length=20)
    color: str = Field(default="", max_length=40)


class Options(Config):
    """A list of at least two options with different names; plain texts are understood as names."""

    options: tuple[Option, ...] = Field(min_length=2, max_length=10_000)

    @field_validator("options", mode="before")
    @classmethod
    def _named(cls, options: Any) -> Any:
        if not isinstance(options, list | tuple):
            return options
        return [{"name": option} if isinstance(option, str) else option for option in options]

    @field_validator("options")
    @classmethod
    def _different(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        _check_different("name", [option.name for option in options])
        _check_different("hotkey", [option.hotkey for option in options if option.hotkey])
        return options

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in the order given."""
        return tuple(option.name for option in self.options)

    @cached_property
    def known(self) -> frozenset[str]:
        """The names, to look one up."""
        return frozenset(self.names)

    def check(self, name: Any) -> str:
        """The name if it is one of the options; else `ValueError`."""
        if isinstance(name, str) and name in self.known:
            return name
        shown = ", ".join(self.names[:20]) + (", …" if len(self.names) > 20 else "")
        raise ValueError(f"{name!r} is not one of the options: {shown}.")


def _check_different(what: str, given: list[str]) -> None:
    twice = sorted({text for text in given if given.count(text) > 1}) if len(set(given)) < len(given) else []
    if twice:
        raise ValueError(f"two options have the {what} {twice[0]!r}")
