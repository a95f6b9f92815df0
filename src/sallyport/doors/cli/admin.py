"""People, agents, tokens, secrets and the state of the house."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from sallyport.doors.cli import catalogue, keys, notifying, plain, screen
from sallyport.doors.cli.common import (
    AsOption,
    BecauseOption,
    Here,
    HomeOption,
    JsonOption,
    by,
    moment,
    reasoned,
)
from sallyport.doors.connect.parties import objects, signed, texts
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Stage
from sallyport.rules.roles import RIGHTS, ROLES, difference
from sallyport.rules.times import utc

SECRET_BYTES_MAX: Final = 64 * 1024
UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

app = typer.Typer(
    help="People, agents, tokens, secrets, status.", no_args_is_help=True, rich_markup_mode=None
)
people = typer.Typer(
    help="Who answers: add, list, remove.", no_args_is_help=True, rich_markup_mode=None
)
agents = typer.Typer(
    help="Who proposes: add, list, stage.", no_args_is_help=True, rich_markup_mode=None
)
steps = typer.Typer(
    help="Workflow steps that answer by themselves: add, list, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
tokens = typer.Typer(
    help="Credentials for agents and openers: make, list, revoke.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
secrets = typer.Typer(
    help="Credentials for systems: put, list.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(people, name="people")
app.add_typer(agents, name="agents")
app.add_typer(steps, name="steps")
app.add_typer(tokens, name="tokens")
app.add_typer(secrets, name="secrets")
app.add_typer(notifying.app, name="notify")

Name = Annotated[str, typer.Argument(metavar="NAME")]


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what is in force, what is stopped and what waits.

    Example: sallyport admin status
    """
    here = Here(home, as_json)
    answer = here.gateway.get("status")
    here.show(answer, _status(answer))


@app.command()
def roles(
    diff: Annotated[
        Path | None, typer.Option(help="Compare with what --json gave before.", metavar="FILE")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every role and its rights; or what changed since an older version.

    Example: sallyport admin roles --diff roles-of-last-year.json
    """
    here = Here(home, as_json)
    now: dict[str, list[str]] = {role: sorted(rights) for role, rights in ROLES.items()}
    if diff is not None:
        lines = difference(catalogue.read(diff), now)
        here.show({"changes": list[Json](lines)}, list(lines) or ["the same rights"])
        return
    shown: dict[str, Json] = {role: list[Json](rights) for role, rights in sorted(now.items())}
    shown_lines = [f"{role}: {', '.join(rights)}" for role, rights in sorted(now.items())]
    here.show({"roles": shown, "rights": dict[str, Json](RIGHTS)}, shown_lines)


@people.command("add")
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


@people.command("list")
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


@people.command("invite")
def people_invite(
    name: Name, who: AsOption = "", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Make a link by which a person without any key makes their first passkey. Good once, a day.

    Example: sallyport admin people invite bob --as admin
    """
    here = Here(home, as_json)
    _invited(here, name, {"signed": signed(keys.open_key(who), "invite", {"name": name})})


@people.command("recover")
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


@people.command("passkeys")
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


@people.command("away")
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


@people.command("remove")
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


@agents.command("add")
def agents_add(
    name: Name,
    *,
    purpose: Annotated[str, typer.Option(help="What it is for.", metavar="TEXT")],
    contact: Annotated[
        str, typer.Option(help="Whom to tell when something goes wrong.", metavar="NAME")
    ],
    owner: Annotated[str, typer.Option(help="Who answers for it.", metavar="NAME")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register an agent. It starts at the stage draft: its writes become drafts.

    Example: sallyport admin agents add support-bot --purpose "answer tickets" --contact ada
    """
    here = Here(home, as_json)
    body: JsonObject = {"name": name, "owner": by(owner), "by": by()}
    body |= {"purpose": purpose, "contact": contact}
    answer = here.gateway.post("agents", body)
    here.show(answer, [f"agent {name} is registered at the stage {answer.get('stage', 'draft')}"])


@agents.command("list")
def agents_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the agents, with the tools that each may never call.

    Example: sallyport admin agents list
    """
    here = Here(home, as_json)
    answer = here.gateway.get("agents")
    said = ("name", "owner", "contact", "stage")
    rows = [
        [*(str(one.get(key)) for key in said), ", ".join(texts(one.get("never")))]
        for one in objects(answer, "agents")
    ]
    heading = (*said, "never")
    here.show(answer, screen.table(heading, rows, nothing="no agent yet"))


@agents.command("stage")
def agents_stage(
    name: Name,
    stage: Annotated[str, typer.Argument(help="How far it may go.", metavar="draft|ask|live")],
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move an agent to another stage, signed: draft, ask, or live, where the boundary decides.

    Example: sallyport admin agents stage support-bot ask --because "two good weeks"
    """
    if stage not in set(Stage):
        raise BadInputError(f"`{stage[:40]}` is no stage", fix="use draft, ask or live")
    here = Here(home, as_json)
    details: JsonObject = {"agent": name, "stage": stage, "because": reasoned(because)}
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "stage", details)}
    here.show(here.gateway.post("agents/stage", body), [f"agent {name} is at the stage {stage}"])


@steps.command("add")
def steps_add(
    name: Annotated[str, typer.Argument(metavar="step.NAME")],
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    *,
    public_key: Annotated[str, typer.Option(help="The step's own key.", metavar="HEX")],
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a step of a workflow that may answer in a person's place, where a boundary names it.

    Example: sallyport admin steps add step.credit_check billing --public-key 3b6a… --because "…"
    """
    here = Here(home, as_json)
    details: JsonObject = {
        "name": name,
        "workflow": workflow,
        "public_key": public_key,
        "because": reasoned(because),
    }
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "add-step", details)}
    here.show(
        here.gateway.post("steps", body),
        [f"{name} may answer in {workflow} once a signed boundary names it under `who`"],
    )


@steps.command("list")
def steps_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the workflow steps that may, or might once, answer.

    Example: sallyport admin steps list
    """
    here = Here(home, as_json)
    answer = here.gateway.get("steps")
    rows = [
        [
            *(str(one.get(key)) for key in ("name", "workflow", "because")),
            "yes" if one.get("active") else "no",
        ]
        for one in objects(answer, "steps")
    ]
    nothing = "no workflow step answers anything here"
    heading = ("name", "workflow", "because", "active")
    here.show(answer, screen.table(heading, rows, nothing=nothing))


@steps.command("remove")
def steps_remove(
    name: Annotated[str, typer.Argument(metavar="step.NAME")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a workflow step: from now on nothing that it signed or signs counts.

    Example: sallyport admin steps remove step.credit_check
    """
    here = Here(home, as_json)
    answer = here.gateway.post("steps/remove", {"name": name, "by": by()})
    here.show(answer, [f"{name} answers nothing any more"])


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


def _status(answer: JsonObject) -> list[str]:
    waiting = answer.get("waiting")
    counts = waiting if isinstance(waiting, dict) else {}
    lines = [
        f"sallyport {answer.get('version')}, process {answer.get('pid')}, {answer.get('url')}",
        f"home: {answer.get('home')}",
        "waiting: "
        + ", ".join(
            f"{counts.get(key, 0)} {key.replace('_', ' ')}"
            for key in ("questions", "flagged", "drafts", "in_doubt")
        ),
    ]
    lines += [
        f"in force: {one.get('name')} for {one.get('agent')}, until {one.get('expires')}"
        for one in objects(answer, "workflows")
    ]
    for one in objects(answer, "switches"):
        reason = plain.inert(str(one.get("because")))
        lines.append(f"set: {one.get('scope')} {one.get('verdict')} by {one.get('by')}: {reason}")
    stopped = texts(answer.get("stop_file"))
    if stopped:
        lines.append(f"stopped by file: {plain.inert(', '.join(stopped))}")
    lines += [
        f"under way: {one.get('call')} {one.get('tool')}" for one in objects(answer, "on_wire")
    ]
    return [*lines, *(f"warning: {plain.inert(one)}" for one in texts(answer.get("warnings")))]
