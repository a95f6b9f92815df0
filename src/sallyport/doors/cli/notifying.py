"""How people are told: the channels of the settings, and a try of one."""

from __future__ import annotations

from typing import Annotated

import typer

from sallyport.doors.cli import plain
from sallyport.doors.cli.common import Here, HomeOption, JsonOption, by
from sallyport.doors.connect.parties import objects, texts
from sallyport.errors import NotToldError
from sallyport.model import JsonObject
from sallyport.rules.times import utc

app = typer.Typer(
    help="How people are told: list, test.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def notify_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the channels, what waits for each, and what went wrong last.

    Example: sallyport admin notify list
    """
    here = Here(home, as_json)
    answer = here.gateway.get("notify")
    lines = [line for one in objects(answer, "channels") for line in _channel(one)]
    here.show(answer, lines or ["nobody is told: the settings have no `notify`"])


@app.command("test")
def notify_test(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a notice that says nothing but that it came, and say what came of it.

    Example: sallyport admin notify test team-mail
    """
    here = Here(home, as_json)
    answer = here.gateway.post("notify/test", {"channel": channel, "by": by()})
    came = plain.inert(str(answer.get("came_of_it")))
    if answer.get("delivered") is not True:
        raise NotToldError(f"channel `{channel}` did not get through: {came}")
    here.show(answer, [f"{channel}: {came}"])


def _channel(one: JsonObject) -> list[str]:
    name, kind = one.get("name"), one.get("kind")
    lines = [
        f"{name} ({kind}): {one.get('waiting')} waiting; tells {', '.join(texts(one.get('tells')))}"
    ]
    if one.get("failing"):
        why, tries = plain.inert(str(one.get("failing"))), one.get("tries")
        lines.append(f"  does not get through, {tries} time(s) in a row: {why}")
    lines += [f"  {_given_up(lost)}" for lost in objects(one, "given_up")]
    return lines


def _given_up(lost: JsonObject) -> str:
    at_us = lost.get("at_us")
    when = utc(at_us) if isinstance(at_us, int) else "-"
    why = plain.inert(str(lost.get("why")))
    return f"gave up {when}: {lost.get('kind')} {lost.get('about')}: {why}"
