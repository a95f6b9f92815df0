"""Commands that run something: the demo, the gateway, an agent's door, a hypothetical call."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from sallyport.doors.cli import plain
from sallyport.doors.cli.common import Here, HomeOption, JsonOption, pairs
from sallyport.doors.cli.reach import address, end, ensure_running, running
from sallyport.doors.connect.parties import objects, texts
from sallyport.doors.settings import find_home, load_settings, with_unsafe_door
from sallyport.model import JsonObject

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

Words = Annotated[
    list[str] | None, typer.Argument(help="Arguments.", metavar="[NAME=TEXT|NAME:=JSON]...")
]


def demo(
    ctx: typer.Context,
    unattended: Annotated[bool, typer.Option("--unattended", help="Answer by script.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave its folder in place.")] = False,
    as_json: JsonOption = False,
) -> None:
    """See a governed agent at work on a small support desk.

    The agent believes what it reads, and you answer. Further options go to the demo as they are.

    Example: sallyport demo --unattended --json
    """
    flags = {"--unattended": unattended, "--keep": keep, "--json": as_json}
    words = [flag for flag, given in flags.items() if given]
    command = [sys.executable, "-m", "sallyport.demo", *words, *ctx.args]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own


def serve(
    home: HomeOption = None,
    unsafe_loopback_agent: Annotated[
        str,
        typer.Option(
            help="For test suites: whoever on this machine sends no token acts as this agent.",
            metavar="NAME",
        ),
    ] = "",
    unsafe_loopback_requester: Annotated[
        str,
        typer.Option(help="For whom; else the only person enrolled.", metavar="NAME"),
    ] = "",
) -> None:
    """Run the gateway here, until it is told to stop.

    Other commands start one by themselves where none runs.

    Example: sallyport serve --home ~/gateway
    """
    from sallyport.doors.app import run  # noqa: PLC0415 - a thin client must not load the gateway

    settings = load_settings(find_home(home))
    if unsafe_loopback_agent or unsafe_loopback_requester:
        settings = with_unsafe_door(
            settings, agent=unsafe_loopback_agent, requester=unsafe_loopback_requester
        )
    os.umask(0o077)
    run(settings)


def down(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """End the gateway of this home, if one runs.

    What is on the wire is let finish. What waits for people goes on waiting, and any command that
    needs the gateway starts it again; to keep calls from being made, use `sallyport stop`.

    Example: sallyport down
    """
    here = Here(home, as_json)
    pid = running(here.home)
    if pid is not None:
        end(here.home, pid)
    said = "no gateway runs here" if pid is None else f"the gateway has ended (process {pid})"
    here.show({"was_running": pid is not None, "pid": pid}, [said])


def mcp(
    workflow: Annotated[str, typer.Option(help="The workflow the token is for.", metavar="NAME")],
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File of mode 0600 with the token; else SALLYPORT_TOKEN.", metavar="FILE"
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Be a workflow's MCP server on stdin and stdout.

    Example: sallyport mcp --workflow files --token-file files.token
    """
    from sallyport.doors.mcp import stdio  # noqa: PLC0415 - only this command needs it

    token = stdio.token_from(os.environ, token_file)
    settings = load_settings(find_home(home))
    ensure_running(settings.home)
    raise typer.Exit(stdio.run(address(settings.state, settings), workflow, token))


def try_call(
    workflow: Annotated[str, typer.Argument(help="The workflow.", metavar="WORKFLOW")],
    tool: Annotated[str, typer.Argument(help="The tool.", metavar="TOOL")],
    words: Words = None,
    *,
    requester: Annotated[str, typer.Option(help="For whom.", metavar="NAME")] = "",
    agent: Annotated[
        str, typer.Option(help="Another agent than the workflow's.", metavar="NAME")
    ] = "",
    task_input: Annotated[
        list[str] | None, typer.Option("--input", help="An input of the task.", metavar="NAME=TEXT")
    ] = None,
    fact: Annotated[
        list[str] | None, typer.Option(help="What a look-up would find.", metavar="NAME=TEXT")
    ] = None,
    influenced: Annotated[
        bool, typer.Option("--influenced", help="As if outside text had entered the task.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would become of a call, with every reason.

    Nothing is done. NAME=TEXT is a text, NAME:=JSON anything else. Exit code 1: refused.

    Example: sallyport try support tickets.update ticket_id=4711 refund:=80 --input ticket_id=4711
    """
    here = Here(home, as_json)
    body: JsonObject = {
        "workflow": workflow,
        "tool": tool,
        "args": pairs(words or []),
        "requester": requester,
        "inputs": pairs(task_input or []),
        "facts": pairs(fact or []),
        "influenced": influenced,
        "agent": agent,
    }
    answer = here.gateway.post("try", body)
    here.show(answer, _decided(answer))
    if answer.get("verdict") == "refuse":
        raise typer.Exit(1)


def _decided(answer: JsonObject) -> list[str]:
    entry = f" ({plain.inert(str(answer['entry']))})" if answer.get("entry") else ""
    lines = [f"{answer.get('verdict')}{entry}"]
    lines += [
        f"  {one.get('verdict')}: {plain.inert(str(one.get('sentence')))}"
        for one in objects(answer, "floors")
    ]
    question = answer.get("question")
    if isinstance(question, dict):
        who = plain.inert(" or ".join(texts(question.get("who"))) or "nobody")
        lines.append(f"who would be asked: {who}; {question.get('how_many')} needed")
    return lines
