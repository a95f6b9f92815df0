"""The state of the house, roles, agents and workflow steps; people and credentials beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sallyport.doors.cli import catalogue, credentials, keys, notifying, people, plain, screen
from sallyport.doors.cli.common import (
    AsOption,
    BecauseOption,
    Here,
    HomeOption,
    JsonOption,
    Name,
    by,
    reasoned,
)
from sallyport.doors.connect.parties import objects, signed, texts
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Stage
from sallyport.rules.roles import RIGHTS, ROLES, difference

app = typer.Typer(
    help="People, agents, tokens, secrets, status.", no_args_is_help=True, rich_markup_mode=None
)
agents = typer.Typer(
    help="Who proposes: add, list, stage.", no_args_is_help=True, rich_markup_mode=None
)
steps = typer.Typer(
    help="Workflow steps that answer by themselves: add, list, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(people.app, name="people")
app.add_typer(agents, name="agents")
app.add_typer(steps, name="steps")
app.add_typer(credentials.tokens, name="tokens")
app.add_typer(credentials.secrets, name="secrets")
app.add_typer(notifying.app, name="notify")


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
