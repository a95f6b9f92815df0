"""People: who is enrolled, with which key, and who is away."""

from __future__ import annotations

from typing import Annotated

import typer

from sallyport.doors.cli import keys, screen
from sallyport.doors.cli.common import (
    AsOption,
    Here,
    HomeOption,
    JsonOption,
    Name,
    moment,
)
from sallyport.doors.connect.parties import objects, signed, texts
from sallyport.errors import BadInputError
from sallyport.model import JsonObject
from sallyport.rules.times import utc

app = typer.Typer(
    help="Who answers: add, list, remove.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("add")
def people_add(
    name: Name,
    *,
    role: Annotated[
        list[str] | None, typer.Option(help="A role; again for more.", metavar="ROLE")
    ] = None,
    public_key: Annotated[
        str, typer.Option(help="Their own key; else one is made here.", metavar="HEX")
    ] = "",
    no_key: Annotated[bool, typer.Option("--no-key", help="They only request.")] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Make no key; print a link to their first passkey.")
    ] = False,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Ask for one for the new key.")
    ] = False,
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enrol a person and make their key. The first needs nothing; later ones an administrator.

    Example: sallyport admin people add ada --role owner --role reviewer --as admin
    """
    here = Here(home, as_json)
    if not role:
        raise BadInputError("no role was given", fix="add --role owner, reviewer or another")
    gateway = here.gateway
    first = not objects(gateway.get("people"), "people")
    if link:
        _linked(here, name, role, first=first, who=who)
        return
    secret = keys.ask_new_passphrase() if passphrase else ""
    if first and not public_key and not no_key:
        person = keys.enrol_first(gateway, name, _first_roles(here, role), passphrase=secret)
        _added(here, name, sorted({*role, "administrator"}), person.key.public_key)
        return
    signer = keys.open_key(who)
    new = False
    if not public_key and not no_key:
        own, new = keys.known_or_new(name, passphrase=secret)
        public_key = own.key.public_key
    try:
        keys.enrol(gateway, name, role, public_key, by=signer)
    except BaseException:
        if new:
            keys.forget_key(name)
        raise
    _added(here, name, sorted(set(role)), public_key)


@app.command("list")
def people_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List everybody who is known.

    Example: sallyport admin people list
    """
    here = Here(home, as_json)
    answer = here.gateway.get("people")
    rows = [
        [
            str(one.get("name")),
            ", ".join(texts(one.get("roles"))),
            "yes" if one.get("public_key") else "no",
            "yes" if one.get("active") else "no",
        ]
        for one in objects(answer, "people")
    ]
    nothing = "nobody yet: sallyport admin people add NAME --role owner --role reviewer"
    here.show(answer, screen.table(("name", "roles", "key", "active"), rows, nothing=nothing))


@app.command("invite")
def people_invite(
    name: Name, who: AsOption = "", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Make a link by which a person without any key makes their first passkey. Good once, a day.

    Example: sallyport admin people invite bob --as admin
    """
    here = Here(home, as_json)
    _invited(here, name, {"signed": signed(keys.open_key(who), "invite", {"name": name})})


@app.command("recover")
def people_recover(name: Name, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Bring back an administrator who lost every key. It is loud, and in production takes a day.

    All that they signed with is removed; a link lets them make a new passkey. Where an
    administrator could object, in production, ask again after a day.

    Example: sallyport admin people recover ada
    """
    here = Here(home, as_json)
    answer = here.gateway.post("people/recover", {"name": name})
    from_us, url = answer.get("from_us"), answer.get("url")
    if url:
        here.show(answer, [f"every key of {name} is removed", f"their way back, once: {url}"])
        return
    at = utc(from_us) if isinstance(from_us, int) else "later"
    again = "run this again then; until then an administrator can switch them off"
    here.show(answer, [f"{name} can be recovered from {at} on", again])


@app.command("passkeys")
def people_passkeys(
    name: Name,
    *,
    remove: Annotated[str, typer.Option(help="The id of one to remove.", metavar="ID")] = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a person's passkeys; or remove one, signed by an administrator.

    Example: sallyport admin people passkeys bob --remove 3kX9 --as admin
    """
    here = Here(home, as_json)
    answer = here.gateway.get("people")
    found = [one for one in objects(answer, "people") if one.get("name") == name]
    if not found:
        raise BadInputError(f"nobody is called `{name[:80]}`", fix="sallyport admin people list")
    theirs = [key.split(":") for key in texts(found[0].get("passkeys"))]
    rows = [[parts[2], parts[1]] for parts in theirs]
    if remove:
        whole = _one_of([row[0] for row in rows], remove)
        details: JsonObject = {"name": name, "passkey": whole}
        by_admin = signed(keys.open_key(who), "remove-passkey", details)
        kept = here.gateway.post("people/passkeys/remove", {**details, "signed": by_admin})
        here.show(kept, [f"{name} signs with it no longer"])
        return
    data: JsonObject = {"name": name, "passkeys": [row[0] for row in rows]}
    here.show(data, screen.table(("id", "made for"), rows, nothing=f"{name} has no passkey"))


@app.command("away")
def people_away(
    name: Name,
    *,
    until: Annotated[str, typer.Option(help="Until when, in UTC.", metavar="TIME")] = "",
    to: Annotated[str, typer.Option(help="Who is told instead.", metavar="NAME")] = "",
    since: Annotated[
        str, typer.Option("--from", help="From when, if not now.", metavar="TIME")
    ] = "",
    back: Annotated[bool, typer.Option("--back", help="They are back.")] = False,
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have somebody else told while a person is away. It gives nobody a right to answer.

    Example: sallyport admin people away ada --until 2026-12-01 --to ben --as ada
    """
    here = Here(home, as_json)
    if back == bool(until and to):
        raise BadInputError(
            "it must say until when and who is told, or that they are back",
            fix="add --until 2026-12-01 --to NAME, or --back",
        )
    details: JsonObject = {
        "name": name,
        "from_us": moment(since) if since and not back else 0,
        "until_us": moment(until) if until and not back else 0,
        "to": "" if back else to,
    }
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "away", details)}
    answer = here.gateway.post("people/away", body)
    here.show(answer, [f"{name} is back" if back else f"{to} is told for {name} until {until}"])


@app.command("remove")
def people_remove(
    name: Name, who: AsOption = "", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Switch a person off: from now on nothing they sign counts.

    Example: sallyport admin people remove ada --as admin
    """
    here = Here(home, as_json)
    details: JsonObject = {"name": name}
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "deactivate", details)}
    here.show(here.gateway.post("people/deactivate", body), [f"{name} is switched off"])


def _linked(here: Here, name: str, role: list[str], *, first: bool, who: str) -> None:
    """Enrol somebody who has no key yet, and print the link to their first passkey."""
    if first:
        body: JsonObject = {"name": name, "roles": [*_first_roles(here, role)], "public_key": ""}
        here.gateway.post("people", body)
        _invited(here, name, {})
        return
    signer = keys.open_key(who)
    keys.enrol(here.gateway, name, role, "", by=signer)
    _invited(here, name, {"signed": signed(signer, "invite", {"name": name})})


def _invited(here: Here, name: str, by: JsonObject) -> None:
    answer = here.gateway.post("people/invite", {"name": name, **by})
    here.show(answer, [f"give {name} this link; it is good once, for a day: {answer.get('url')}"])


def _one_of(ids: list[str], beginning: str) -> str:
    found = [one for one in ids if one.startswith(beginning)]
    if len(found) != 1:
        raise BadInputError(
            f"`{beginning[:80]}` is the beginning of {len(found)} of their passkeys",
            fix="list them without --remove, and give more of the id",
        )
    return found[0]


def _first_roles(here: Here, role: list[str]) -> list[str]:
    """Return the first person's roles; without an administrator nobody could follow."""
    if "administrator" not in role:
        here.say("the first person is an administrator too, or nobody could be enrolled after")
    return sorted({*role, "administrator"})


def _added(here: Here, name: str, roles: list[str], public_key: str) -> None:
    data: JsonObject = {"name": name, "roles": [*roles], "public_key": public_key}
    lines = [f"{name} is enrolled: {', '.join(roles)}"]
    if name in keys.names():
        lines.append(f"their key lies in {keys.folder() / f'{name}.key'}; it is theirs alone")
    here.show(data, lines)
