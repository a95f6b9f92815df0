"""Credentials: tokens for agents and openers, secrets for systems."""

from __future__ import annotations

import os
import re
import sys
from typing import Annotated, Final

import typer

from sallyport.doors.cli import plain, screen
from sallyport.doors.cli.common import (
    Here,
    HomeOption,
    JsonOption,
    Name,
    by,
)
from sallyport.doors.connect.parties import objects, texts
from sallyport.errors import BadInputError
from sallyport.model import JsonObject
from sallyport.rules.times import utc

SECRET_BYTES_MAX: Final = 64 * 1024
UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

tokens = typer.Typer(
    help="Credentials for agents and openers: make, list, revoke.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
secrets = typer.Typer(
    help="Credentials for systems: put, list.", no_args_is_help=True, rich_markup_mode=None
)


@tokens.command("make")
def tokens_make(
    *,
    kind: Annotated[str, typer.Option(help="Whose.", metavar="agent|opener")] = "agent",
    agent: Annotated[str, typer.Option(help="The agent.", metavar="NAME")] = "",
    workflow: Annotated[str, typer.Option(help="The one workflow it is for.", metavar="NAME")] = "",
    person: Annotated[
        str, typer.Option(help="Whom an agent's token acts for.", metavar="NAME")
    ] = "",
    label: Annotated[str, typer.Option(help="What to call it.", metavar="TEXT")] = "",
    lasts: Annotated[str, typer.Option(help="Until it ends: 8h, 30d.", metavar="TIME")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token. It is shown once and stored nowhere.

    Example: sallyport admin tokens make --agent support-bot --workflow support --person ada
    """
    if kind not in {"agent", "opener"}:
        raise BadInputError(f"`{kind[:40]}` is no kind of token", fix="use agent or opener")
    here = Here(home, as_json)
    body: JsonObject = {
        "kind": kind,
        "agent": agent,
        "workflow": workflow,
        "person": person,
        "label": label,
        "lasts_s": _seconds(lasts),
        "by": by(),
    }
    answer = here.gateway.post("tokens", body)
    here.show(answer, [str(answer.get("token"))])


@tokens.command("list")
def tokens_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the tokens that count, by the beginnings of their hashes.

    Example: sallyport admin tokens list
    """
    here = Here(home, as_json)
    answer = here.gateway.get("tokens")
    heads = ("id", "kind", "agent", "workflow", "person", "label", "until")
    rows = [
        [*(str(one.get(key, "")) for key in heads[:-1]), _until(one)]
        for one in objects(answer, "tokens")
    ]
    here.show(answer, screen.table(heads, rows, nothing="no token counts"))


@tokens.command("revoke")
def tokens_revoke(
    token_id: Annotated[str, typer.Argument(help="The id that the list shows.", metavar="ID")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token worthless, now.

    Example: sallyport admin tokens revoke 3f2a9c
    """
    here = Here(home, as_json)
    answer = here.gateway.post("tokens/revoke", {"id": token_id, "by": by()})
    here.show(answer, [f"token {token_id} is worthless from now on"])


@secrets.command("put")
def secrets_put(
    name: Name,
    from_env: Annotated[
        str, typer.Option(help="Take it from this variable.", metavar="VARIABLE")
    ] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Store a credential, encrypted; asked for, or read from stdin. Never an argument.

    Example: sallyport admin secrets put desk-token < token.txt
    """
    here = Here(home, as_json)
    value = _secret(name, from_env)
    here.show(here.gateway.post("secrets", {"name": name, "value": value}), [f"{name} is stored"])


@secrets.command("list")
def secrets_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the names of stored credentials; nothing shows what they are.

    Example: sallyport admin secrets list
    """
    here = Here(home, as_json)
    answer = here.gateway.get("secrets")
    here.show(
        answer, [plain.inert(one) for one in texts(answer.get("names"))] or ["none is stored"]
    )


def _secret(name: str, variable: str) -> str:
    if variable:
        found = os.environ.get(variable, "")
    elif sys.stdin.isatty():
        found = str(typer.prompt(f"Value of {name}", hide_input=True, err=True))
    else:
        found = sys.stdin.read(SECRET_BYTES_MAX + 1).rstrip("\r\n")
    if not found:
        raise BadInputError(f"no value was given for `{name}`", fix="type it, or pipe it in")
    if len(found) > SECRET_BYTES_MAX:
        raise BadInputError(
            f"the value of `{name}` is too long", fix="pipe in the credential alone"
        )
    return found


def _seconds(text: str) -> int:
    if not text:
        return 0
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text)
    if found is None:
        raise BadInputError(
            f"`{text[:20]}` is no length of time", fix="write for example 8h or 30d"
        )
    return int(found[1]) * UNITS_S[found[2]]


def _until(token: JsonObject) -> str:
    end = token.get("expires_us")
    return utc(end) if isinstance(end, int) and end else "no end"
