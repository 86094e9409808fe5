"""`meguri user` and `meguri token`: accounts without the page."""

from typing import Annotated

import typer
from rich.console import Console

from meguri.accounts import service as accounts
from meguri.cli.common import DataOption, opened
from meguri.kit.config import Config
from meguri.kit.errors import NotFound

user = typer.Typer(help="People who may sign in.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang the commands on the tree."""
    app.add_typer(user, name="user")
    app.command()(token)


@user.command("add")
def add_user(
    email: str,
    name: Annotated[str, typer.Option(help="How others see them. Default: the address before the @.")] = "",
    role: Annotated[str, typer.Option(help="owner, engineer, operator or annotator.")] = "engineer",
    password: Annotated[
        str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, envvar="MEGURI_PASSWORD")
    ] = "",
    language: Annotated[str, typer.Option(help="en or ja.")] = "en",
    data: DataOption = None,
) -> None:
    """Create an account; the password is asked for, or read from MEGURI_PASSWORD."""
    shown = name or email.partition("@")[0]
    with opened(Config.from_env(data=data)) as store:
        person = store.database.run(
            lambda tx: accounts.create_person(
                tx, email=email, name=shown, password=password, role=role, language=language
            )
        )
    Console().print(f"{person.email} is number {person.id}, {person.role}.")


@user.command("list")
def list_users(data: DataOption = None) -> None:
    """Everybody who has an account."""
    with opened(Config.from_env(data=data)) as store, store.database.read() as tx:
        for person in accounts.people(tx):
            state = "disabled" if person.disabled_at else person.role
            Console().print(f"{person.id:>5}  {state:<10} {person.email}  {person.name}", highlight=False)


def token(
    email: str,
    name: Annotated[str, typer.Option(help="What it is for.")] = "terminal",
    data: DataOption = None,
) -> None:
    """Make an API token for a person. It is printed once and kept only as a hash."""
    with opened(Config.from_env(data=data)) as store:
        with store.database.read() as tx:
            person = accounts.person_by_email(tx, email)
        if person is None:
            raise NotFound(f"Nobody has the address {email}; `meguri user list` shows who is there.")
        text, _ = store.database.run(lambda tx: accounts.create_token(tx, person.id, name))
    print(text)
