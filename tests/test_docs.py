"""Documentation is tested like code: what exists is documented, and what is documented exists."""

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
import typer
from scripts import reference

from meguri.cli.main import app as command_line
from meguri.kit.config import Config
from meguri.labelling.model import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text()


def commands() -> list[tuple[str, click.Command]]:
    """Every command with its whole name, such as `user add`."""

    def walk(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            return [(name, command)]
        return [found for key, one in inner.items() for found in walk(one, f"{name} {key}".strip())]

    return walk(typer.main.get_command(command_line), "")


def test_every_command_and_every_option_is_documented() -> None:
    page = read("commands.md")
    missing = [
        f"{name} {option}"
        for name, command in commands()
        for option in [""]
        + [o for p in command.params if not getattr(p, "hidden", False) for o in p.opts if o.startswith("--")]
        if f"meguri {name}" not in page or (option and option not in page)
    ]
    assert not missing


def test_no_command_is_documented_that_does_not_exist() -> None:
    known = {name for name, _ in commands()}
    named = set(re.findall(r"^### `meguri ([a-z -]+?)(?: [A-Z\[-].*)?`$", read("commands.md"), re.M))
    assert named <= known


def test_every_setting_of_an_installation_is_documented() -> None:
    page = read("settings.md")
    assert not [f.name for f in fields(Config) if f"`MEGURI_{f.name.upper()}`" not in page]


def test_every_setting_of_a_project_is_documented() -> None:
    page = read("settings.md")
    names = getattr(Settings, "model_fields", None) or {field.name: None for field in fields(Settings)}
    assert not [name for name in names if f"`{name}`" not in page]


def test_every_route_is_documented_and_none_is_invented() -> None:
    assert read("api.md") == reference.api(), "run `make client`"


def test_every_member_of_every_gallery_is_documented() -> None:
    assert len(reference.registries()) >= 10
    assert read("galleries.md") == reference.galleries(), "run `make client`"


@pytest.mark.parametrize(
    "page",
    sorted(p.relative_to(ROOT) for p in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]),
    ids=str,
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text()
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert not [link for link in links if link and not (ROOT / page.parent / link).exists()]
