"""What every command has: its options, the home it speaks to, and how it shows things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from sallyport.doors.cli import keys, screen
from sallyport.doors.cli.reach import Reached, ensure_running
from sallyport.doors.settings import find_home
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules import strict_json
from sallyport.rules.times import SECOND_US

Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME")]
HomeOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--home", help="The home folder; else the nearest with sallyport.yaml.", metavar="FOLDER"
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsOption: TypeAlias = Annotated[
    str, typer.Option("--as", help="Who signs, if several keys are here.", metavar="NAME")
]
BecauseOption: TypeAlias = Annotated[
    str, typer.Option("--because", help="Why, in your words; it is kept.", metavar="TEXT")
]
YesOption: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]

VALUE_BYTES_MAX = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Here:
    """One command's surroundings: which home it is about, and for whom it prints."""

    named: Path | None
    as_json: bool

    @property
    def home(self) -> Path:
        """The home folder."""
        return find_home(self.named)

    @property
    def gateway(self) -> Reached:
        """The home's gateway, started where none runs."""
        return ensure_running(self.home)

    def show(self, data: JsonObject, lines: Iterable[str]) -> None:
        """Show data to a program, or lines to a person."""
        screen.show(data, lines, as_json=self.as_json)

    def say(self, text: str) -> None:
        """Show a person something on the way."""
        screen.say(text, as_json=self.as_json)

    def agrees(self, question: str) -> bool:
        """Return whether the person says yes; silence is a no."""
        return bool(typer.confirm(question, default=False, err=self.as_json))


def alone(ctx: typer.Context, *given: object) -> bool:
    """Return whether a group was called without a command of its own.

    Raises:
        BadInputError: Options stand before the command, where they would be lost.
    """
    if ctx.invoked_subcommand is None:
        return True
    if any(given):
        raise BadInputError(
            f"options stand before `{ctx.invoked_subcommand}`",
            fix=f"write them after it: {ctx.command_path} {ctx.invoked_subcommand} ...",
        )
    return False


def reasoned(because: str) -> str:
    """Return a reason.

    Raises:
        BadInputError: There is none.
    """
    if not because.strip():
        raise BadInputError("no reason was given", fix='add --because "…"; it is kept in the log')
    return because


def by(name: str = "") -> str:
    """Return who does this, for the log: as named, or whoever sits here."""
    return name or keys.somebody()


def pairs(words: Iterable[str]) -> JsonObject:
    """Return `name=text` and `name:=json` words as an object.

    Raises:
        BadInputError: A word is neither, or a name stands twice.
    """
    found: JsonObject = {}
    for word in words:
        name, equals, value = word.partition("=")
        name, exact = name.removesuffix(":"), name.endswith(":")
        if not equals or not name or name in found:
            raise BadInputError(
                f"`{word.partition('=')[0][:60]}` is not one `name=text` or `name:=json`",
                fix="write for example: status=open refund:=50.00",
            )
        found[name] = _json(name, value) if exact else value
    return found


def moment(text: str) -> int:
    """Return a moment that a person wrote, as microseconds since 1970 UTC.

    Raises:
        BadInputError: It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            f"`{text[:40]}` is no moment", fix="write 2026-11-21 or 2026-11-21T09:30, in UTC"
        ) from None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return int(found.timestamp()) * SECOND_US


def _json(name: str, text: str) -> Json:
    try:
        return strict_json.loads(
            text.encode("utf-8", "surrogatepass"), bytes_max=VALUE_BYTES_MAX, depth_max=64
        )
    except BadInputError as error:
        raise BadInputError(f"`{name}`: {error.what}", fix=error.fix) from None
