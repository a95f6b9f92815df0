"""`new`, `connect` and `disconnect`: from nothing to a governed agent."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from sallyport.adapters.host.clock import SystemClock
from sallyport.doors.cli import gallery, keys, plain, screen
from sallyport.doors.cli.common import AsOption, Here, HomeOption, JsonOption, YesOption
from sallyport.doors.cli.reach import Reached, ensure_running, settle
from sallyport.doors.connect import clients, originals, proposal, servers
from sallyport.doors.connect import setup as connecting
from sallyport.doors.connect.clients import CLIENTS, Client, Config, Machine
from sallyport.doors.connect.proposal import Proposal, Wish
from sallyport.doors.connect.schemas import keep_schemas
from sallyport.doors.connect.servers import Server, Surroundings, UnsuitableError
from sallyport.doors.connect.setup import Outcome, Setup, Survey
from sallyport.errors import BadInputError, SallyportError
from sallyport.model import Environment, JsonObject
from sallyport.rules.times import today

LASTS: Final = timedelta(days=365)

Purpose = Annotated[str, typer.Option(help="What the agent is for, in a sentence.", metavar="TEXT")]
Expires = Annotated[str, typer.Option(help="The boundary's last day.", metavar="DATE")]
Agent = Annotated[str, typer.Option(help="What to call the agent.", metavar="NAME")]
Reads = Annotated[
    list[str] | None,
    typer.Option(
        "--read", help="A tool that only reads, by your word; again for more.", metavar="TOOL"
    ),
]
Target = Annotated[
    list[str] | None,
    typer.Argument(help="A client, an address, or -- COMMAND ...", metavar="TARGET"),
]


def new(
    command: Annotated[
        list[str] | None,
        typer.Argument(help="The system's program, after --.", metavar="[-- COMMAND]..."),
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="The workflow's name.", metavar="NAME")] = "",
    purpose: Purpose = "",
    owner: Annotated[str, typer.Option(help="Who answers for it.", metavar="TEXT")] = "",
    agent: Agent = "",
    url: Annotated[str, typer.Option(help="The system's address.", metavar="URL")] = "",
    requester: Annotated[
        list[str] | None, typer.Option("--for", help="A role it may work for.", metavar="ROLE")
    ] = None,
    environment: Annotated[
        str, typer.Option(help="Where it acts.", metavar="personal|test|production")
    ] = "",
    expires: Expires = "",
    reads: Reads = None,
    source: Annotated[
        str, typer.Option("--from", help="Copy one of the gallery.", metavar="NAME")
    ] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Write a first workflow for a system.

    It looks at the system, asks what was not given, and writes a boundary that passes the check.
    With --from it copies a complete boundary of the gallery instead: see docs/gallery.md.

    Example: sallyport new --name files --purpose "Tidy my notes." --yes -- npx server /notes
    """
    here = Here(
        home if home is not None or os.environ.get("SALLYPORT_HOME") else Path.cwd(), as_json
    )
    if source:
        if command or name or url or reads:
            raise BadInputError(
                "--from copies a boundary with its system", fix="give --from and --home alone"
            )
        gallery.copy(here, source)
        return
    ask = _Asker(here, sure=sure)
    name = ask.text("--name", name, "What shall the workflow be called?", here.home.name or "first")
    purpose = ask.text("--purpose", purpose, "What is the agent for, in a sentence?", "")
    owner = ask.text("--owner", owner, "Who answers for it?", keys.somebody())
    agent = ask.text("--agent", agent, "What is the agent called?", f"{servers.slug(name)}-bot")
    where = ask.text("--environment", environment, "personal, test or production?", "test")
    if where not in set(Environment):
        raise BadInputError(
            f"`{where[:40]}` is no environment", fix="use personal, test or production"
        )
    if not command and not url:
        given = ask.text("--url", "", "The system's address, or the command that starts it?", "")
        url, command = (given, None) if "://" in given else ("", given.split())
    wish = Wish(
        agent=servers.slug(agent),
        owner=owner,
        purpose=purpose,
        expires=_day(expires),
        requesters=tuple(requester or ["owner"]),
        environment=Environment(where),
        reads=frozenset(reads or ()),
    )
    _new(here, _server(servers.slug(name), url, command or []), wish)


def connect(
    target: Target = None,
    *,
    config: Annotated[Path | None, typer.Option(help="The client's file.", metavar="PATH")] = None,
    name: Annotated[str, typer.Option(help="What to call the server.", metavar="NAME")] = "",
    agent: Agent = "",
    purpose: Purpose = "",
    expires: Expires = "",
    reads: Reads = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--input", help="A VS Code input, from a variable.", metavar="ID=VARIABLE"),
    ] = None,
    writes: Annotated[str, typer.Option(help="What becomes of writes.", metavar="draft|ask")] = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Put Sallyport between an MCP client and its servers.

    Or in front of one server. TARGET is claude-desktop, cursor or vscode; or a server's address;
    or, after --, a command.

    Example: sallyport connect claude-desktop
    """
    here = Here(home, as_json)
    if writes not in {"", "draft", "ask"}:
        raise BadInputError(f"`{writes[:40]}` is no way to write", fix="use draft or ask")
    words = target or []
    if not words:
        raise BadInputError(
            "nothing was named to connect", fix=f"name one of: {', '.join(CLIENTS)}"
        )
    client = CLIENTS.get(words[0]) if len(words) == 1 else None
    if client is None and config is not None:
        raise BadInputError("--config goes with a client", fix=f"name one of: {', '.join(CLIENTS)}")
    found = _config(client, config) if client else None
    loose = None if client else _loose(words, name)
    settle(here.home)
    gateway = ensure_running(here.home)
    person = keys.owner(gateway, who)
    wish = Wish(
        agent=servers.slug(agent or (client.name if client else "agent")),
        owner=person.name,
        purpose=purpose or _purpose(client, loose),
        expires=_day(expires),
        reads=frozenset(reads or ()),
    )
    setup = Setup(
        gateway=gateway,
        home=here.home,
        state=gateway.state,
        program=connecting.program(),
        owner=person,
        dialogue=_Silent(here) if sure else here,
        wish=wish,
        writes=writes or ("draft" if sure else ""),
    )
    _connect(here, setup, found, loose, _inputs(values or []), sure=sure)


def disconnect(
    name: Annotated[
        str, typer.Argument(help="The connection or client.", metavar="[ID|CLIENT]")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Restore over changes made since.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a client its own configuration back.

    Byte for byte; and revoke its tokens.

    Example: sallyport disconnect claude-desktop
    """
    here = Here(home, as_json)
    state = here.home / ".sallyport"
    connection = originals.chosen(state, name)
    originals.restore(state, connection, force=force)
    revoked = connecting.revoke(Reached(state), connection.tokens, by=keys.somebody())
    originals.forget(state, connection)
    lines = [f"{connection.path} is as it was" if connection.path else f"{connection.id} is gone"]
    if not revoked:
        lines.append("its tokens could not be revoked; their only copies are deleted")
    lines.append("its workflows stay signed, and nothing holds a token for them")
    data: JsonObject = {"connection": connection.id, "path": connection.path, "revoked": revoked}
    here.show(data, lines)


# --- Connecting. ---


def _connect(
    here: Here,
    setup: Setup,
    config: Config | None,
    loose: Server | None,
    inputs: dict[str, str],
    *,
    sure: bool,
) -> None:
    survey = _surveyed(setup, config, loose, inputs, sure=sure)
    if not survey.servers and survey.already and not survey.left:
        data: JsonObject = {"already": [*survey.already], "servers": {}, "left": {}}
        names = plain.inert(", ".join(survey.already))
        here.show(data, [f"goes through Sallyport already: {names}"])
        return
    proposals, survey = setup.propose(survey)
    for name, why in survey.left.items():
        here.say(f"left as it is: {plain.inert(name)}, because {plain.inert(why)}")
    if not proposals:
        raise SallyportError(
            "no server could be taken in; nothing was changed", fix="see the reasons above"
        )
    for name, one in proposals.items():
        _tell(here, name, one)
    then = ", and send the client through Sallyport" if config is not None else ""
    if not sure and not here.agrees(f"Put this in force{then}?"):
        here.say("nothing was changed")
        raise typer.Exit(1)
    outcome = setup.carry_out(proposals, survey, config)
    here.show(outcome.as_dict(), _told(outcome))
    if outcome.left and any("switched off" not in why for why in outcome.left.values()):
        raise typer.Exit(1)


def _surveyed(
    setup: Setup, config: Config | None, loose: Server | None, inputs: dict[str, str], *, sure: bool
) -> Survey:
    if config is not None:
        return setup.survey(config, _around(config, inputs, sure=sure))
    if loose is None:
        return Survey(servers={})
    name = proposal.free_name(setup.home, loose.name, setup.wish.agent)
    return Survey(servers={loose.name: replace(loose, name=name)})


def _around(config: Config, inputs: dict[str, str], *, sure: bool) -> Surroundings:
    folder = config.path.absolute().parent
    workspace = folder.parent if folder.name in {".vscode", ".cursor"} else folder

    def ask(name: str, about: str) -> str | None:
        if name in inputs:
            return os.environ.get(inputs[name])
        if sure or not sys.stdin.isatty():
            return None
        return str(typer.prompt(plain.inert(about), hide_input=True, default="", err=True))

    return Surroundings(user=Path.home(), workspace=workspace, variables=os.environ, ask=ask)


def _config(client: Client, named: Path | None) -> Config:
    system = os.environ.get("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME")
    machine = Machine(
        system=sys.platform,
        home=Path.home(),
        cwd=Path.cwd(),
        settings=Path(system) if system else None,
    )
    return clients.load(client, named or clients.find(client, machine))


def _loose(words: Sequence[str], name: str) -> Server:
    if len(words) == 1 and "://" in words[0]:
        host = urlsplit(words[0]).hostname or "server"
        return _server(servers.slug(name or host), words[0], [])
    if len(words) == 1 and not name and words[0].isidentifier():
        raise BadInputError(
            f"`{words[0][:40]}` is no client",
            fix=f"use {', '.join(CLIENTS)}, an address, or -- and a command",
        )
    return _server(servers.slug(name or _called(words)), "", list(words))


def _called(words: Sequence[str]) -> str:
    """Return a name for a command's server: its package's or program's."""
    named = [word for word in words if not word.startswith("-")]
    runners = {"npx", "uvx", "bunx", "node", "python", "python3", "deno", "docker", "uv", "run"}
    word = next((one for one in named if Path(one).name not in runners), named[0] if named else "")
    return Path(word.rpartition("/")[2]).stem.split("@")[0] or "server"


def _server(name: str, url: str, command: Sequence[str]) -> Server:
    try:
        if url:
            return servers.from_url(name, url)
        if command:
            return servers.from_command(name, command)
    except UnsuitableError as reason:
        raise BadInputError(
            f"`{name}` cannot go through Sallyport: {reason}",
            fix="correct that, or store the credential and write systems/ by hand",
        ) from None
    raise BadInputError("no system was named", fix="add --url URL, or -- and a command")


def _purpose(client: Client | None, server: Server | None) -> str:
    if client is not None:
        return f"What I ask of {client.title}"
    return f"Use {server.name if server else 'the server'} for me"


def _inputs(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, variable = word.partition("=")
        if not equals or not name or not variable:
            raise BadInputError(
                "--input is not ID=VARIABLE", fix="write for example api-key=API_KEY"
            )
        found[name] = variable
    return found


def _day(text: str) -> date:
    if not text:
        return today(SystemClock().now_us()) + LASTS
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            f"`{text[:20]}` is no day", fix="write for example 2027-03-31"
        ) from None


# --- Showing. ---


def _tell(here: Here, name: str, one: Proposal) -> None:
    here.say("")
    here.say(f"{plain.inert(name)}: workflow {one.name}")
    rows = [
        [
            tool.name,
            tool.level.name.lower(),
            "left out" if tool.name in one.left_out else tool.because,
        ]
        for tool in one.tools
    ]
    for line in screen.table(("tool", "level", "why"), rows, nothing="no tools"):
        here.say(f"  {line}")
    if one.server.secrets:
        here.say(f"  into encrypted storage: {', '.join(sorted(one.server.secrets))}")
    here.say("")
    for line in one.plain.splitlines():
        here.say(f"  {plain.inert(line)}")
    for line in screen.problem_lines(one.problems):
        here.say(f"  {line}")


def _told(outcome: Outcome) -> list[str]:
    lines = [""]
    if not outcome.restart:
        lines += [
            line
            for command in outcome.commands.values()
            for line in ("start this as your agent's MCP server:", shlex.join(command), "")
        ]
    lines += [f"not in force yet: {plain.inert(line)}" for line in outcome.waiting]
    lines += [plain.inert(line) for line in connecting.ending(outcome)]
    lines += ["", plain.inert(connecting.to_try(outcome))]
    return lines


class _Silent:
    """A dialogue for scripts: shows what is shown, and agrees to nothing that was not asked for."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def say(self, text: str) -> None:
        """Show it all the same."""
        self._here.say(text)

    def agrees(self, question: str) -> bool:
        """Say no."""
        del question
        return False


# --- A first workflow. ---


class _Asker:
    """Asks for what was not given; with `--yes` it takes what it would have proposed."""

    def __init__(self, here: Here, *, sure: bool) -> None:
        self._here = here
        self._sure = sure

    def text(self, option: str, given: str, question: str, proposed: str) -> str:
        """Return what was given, else the answer.

        Raises:
            BadInputError: Nothing was given, nothing can be proposed, and nobody can be asked.
        """
        if given:
            return given
        if self._sure or not sys.stdin.isatty():
            if proposed:
                return proposed
            raise BadInputError(f"{option} was not given", fix=f"add {option}")
        return str(typer.prompt(question, default=proposed or None, err=self._here.as_json))


def _new(here: Here, server: Server, wish: Wish) -> None:
    home = here.home
    paths = [home / kind / f"{server.name}.yaml" for kind in ("systems", "workflows")]
    for path in paths:
        if path.exists():
            raise BadInputError(f"`{path}` exists already", fix="choose another --name")
    settle(home)
    gateway = ensure_running(home)
    one = proposal.propose(gateway, server, wish)
    errors = proposal.problems(one.problems, "error")
    if errors:
        raise BadInputError(f"no boundary passes the check: {errors[0]}", fix="write one by hand")
    for path, text in zip(paths, (one.system, one.workflow), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        originals.write(path, text.encode(), 0o644)
    schemas = list(keep_schemas(home))
    _tell(here, server.name, one)
    data: JsonObject = {
        "home": str(home),
        "files": [str(path) for path in (*paths, *schemas)],
        "workflow": one.name,
        "digest": one.digest,
        "tools": {tool.name: tool.level.name.lower() for tool in one.tools},
    }
    here.show(data, ["", *(f"written: {path}" for path in paths), *_after(one, wish, gateway)])


def _accounted_for(wish: Wish, person: str) -> str:
    return f"--purpose {shlex.quote(wish.purpose)} --contact {person}"


def _after(one: Proposal, wish: Wish, gateway: Reached) -> list[str]:
    """Return what to do next, in order."""
    steps = [f"read workflows/{one.name}.yaml and tighten it"]
    person = "YOU" if keys.enrolled(gateway) else keys.somebody()
    if person != "YOU":
        steps.append(f"sallyport admin people add {person} --role owner --role reviewer")
    steps += [
        f"sallyport admin agents add {wish.agent} {_accounted_for(wish, person)}",
        f"sallyport boundary sign {one.name}",
        f"sallyport admin tokens make --agent {wish.agent} --workflow {one.name} --person {person}",
    ]
    return ["next:", *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]
