"""Stop, resume and floors. A stop must work in every state of the house.

Where the gateway does not answer, or cannot take the stop, the scope is written to the stop file,
which every dispatch looks at. A stop file that stops everything is never narrowed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from sallyport.adapters.host.stop_file import EVERYTHING, SCOPE, HostStopFile
from sallyport.doors.cli import keys, plain
from sallyport.doors.cli.common import (
    AsOption,
    BecauseOption,
    Here,
    HomeOption,
    JsonOption,
    by,
    reasoned,
)
from sallyport.doors.cli.reach import Reached
from sallyport.doors.cli.written import workflow_files
from sallyport.doors.connect.parties import Gateway, objects, signed
from sallyport.doors.settings import STATE
from sallyport.errors import BadInputError, NotFoundError, SallyportError
from sallyport.model import JsonObject
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.times import utc

STOP_FILE: Final = "STOP"
STOP_S: Final = 10.0
"""How long a gateway may take over a stop before the stop file is written."""

HELP: Final = "`everything`, an agent's name, or agent:, workflow:, system: or tool:NAME."

Scope = Annotated[str, typer.Argument(help=HELP, metavar="[SCOPE]")]


def stop(
    scope: Scope = "everything",
    because: BecauseOption = "stopped from the command line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop everything, or one scope, now.

    It works when no gateway answers, too.

    Example: sallyport stop support-bot --because "it mails the wrong people"
    """
    here = Here(home, as_json)
    reached = Reached(here.home / STATE, STOP_S)
    wanted = _scope(scope, reached, here.home)
    body: JsonObject = {"scope": wanted, "because": reasoned(because), "by": by()}
    try:
        answer = reached.post("stop", body)
    except BadInputError:
        raise
    except SallyportError as error:
        path = write_stop(here.home / STATE, wanted)
        said: JsonObject = {"scope": wanted, "stop_file": str(path), "because": error.what}
        here.show(said, [*_by_file(wanted, path), f"why by file: {plain.inert(error.what)}"])
        return
    here.show(answer, [f"stopped: {wanted}", *_wire(answer), f"go on: {_resume(wanted)}"])


def resume(
    scope: Scope = "everything",
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lift what was stopped or set for a scope; signed.

    Example: sallyport resume support-bot --because "the template is corrected"
    """
    here = Here(home, as_json)
    reasoned(because)
    gateway = here.gateway
    wanted = _scope(scope, gateway, here.home)
    details: JsonObject = {"scope": wanted, "because": because}
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "resume", details)}
    answer = gateway.post("resume", body)
    count = len(objects(answer, "lifted"))
    here.show(
        answer, [f"lifted for {wanted}: {count} switch(es), and the stop file if it was there"]
    )


def floor(
    scope: Annotated[str, typer.Argument(help=HELP, metavar="SCOPE")],
    verdict: Annotated[
        str, typer.Argument(help="The least strict outcome.", metavar="ask|draft|refuse")
    ],
    because: BecauseOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a scope stricter at once.

    Whatever changes something then asks, is drafted, or is refused.

    Example: sallyport floor support-bot draft --because "new model this week"
    """
    if verdict not in {"ask", "draft", "refuse"}:
        raise BadInputError(f"`{verdict[:40]}` is no floor", fix="use ask, draft or refuse")
    here = Here(home, as_json)
    reasoned(because)
    gateway = here.gateway
    wanted = _scope(scope, gateway, here.home)
    answer = gateway.post(
        "floor", {"scope": wanted, "verdict": verdict, "because": because, "by": by()}
    )
    here.show(
        answer, [f"from now on {wanted}: {verdict}", *_wire(answer), f"lift it: {_resume(wanted)}"]
    )


def write_stop(state: Path, scope: str) -> Path:
    """Add a scope to the stop file, durably, and return the file.

    Raises:
        SallyportError: It cannot be written.
    """
    path = state / STOP_FILE
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if HostStopFile(path).scopes() != EVERYTHING:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(f"\n{scope}\n".encode() if file.tell() else f"{scope}\n".encode())
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise SallyportError(
            f"the stop file `{path}` cannot be written: {error.strerror}",
            fix="end the gateway's process by hand",
        ) from error
    return path


def _known(gateway: Gateway, home: Path) -> Mapping[str, list[str]]:
    """Return what a bare name could be, from the gateway, else from the home's own files."""
    try:
        agents = [str(one.get("name")) for one in objects(gateway.get("agents"), "agents")]
        active = objects(gateway.get("status"), "workflows")
        agents += [str(one.get("agent")) for one in active]
        return {"agent": agents, "workflow": [str(one.get("name")) for one in active]}
    except SallyportError:
        return _from_files(home)


def _from_files(home: Path) -> Mapping[str, list[str]]:
    agents: list[str] = []
    workflows: list[str] = []
    for path in workflow_files(home):
        try:
            found = load_workflow(path.read_text(encoding="utf-8"), path.name)
        except (OSError, UnicodeDecodeError, BoundaryErrors):
            continue
        agents.append(found.agent)
        workflows.append(found.name)
    return {"agent": agents, "workflow": workflows}


def _scope(given: str, gateway: Gateway, home: Path) -> str:
    """Return a scope; a bare name is an agent's."""
    if SCOPE.fullmatch(given):
        return given
    known = _known(gateway, home)
    if given in known["agent"]:
        return f"agent:{given}"
    all_of = sorted({f"{kind}:{name}" for kind, names in known.items() for name in names})
    listed = ", ".join(["everything", *all_of])
    raise NotFoundError(f"no agent is called `{given[:60]}`", fix=f"use one of: {listed}")


def _wire(answer: JsonObject) -> Iterator[str]:
    out = objects(answer, "on_wire")
    if not out:
        yield "nothing was under way"
        return
    yield f"{len(out)} call(s) had left already and cannot be called back:"
    for one in out:
        since = one.get("since_us")
        when = utc(since) if isinstance(since, int) else "-"
        tool = plain.inert(str(one.get("tool")))
        yield f"  {one.get('call')} {tool} by {one.get('agent')} since {when}"


def _by_file(scope: str, path: Path) -> list[str]:
    return [
        f"no gateway took the stop, so it is written to {path}",
        f"stopped: {scope}; whatever gateway runs or starts here looks at that file",
        "which calls had left cannot be told; look at `sallyport log` once it answers",
        f"go on: {_resume(scope)}",
    ]


def _resume(scope: str) -> str:
    target = "" if scope == "everything" else f" {scope}"
    return f'sallyport resume{target} --because "…"'
