"""Boundaries: check what was written, and read it in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from sallyport.doors.cli import attention, exporting, plain, proving, screen, trying, versions
from sallyport.doors.cli.common import Here, HomeOption, JsonOption
from sallyport.doors.cli.written import (
    Files,
    Written,
    differs,
    errors,
    find,
    load_all,
    propose,
    shortened,
)
from sallyport.doors.connect.parties import objects, texts
from sallyport.errors import SallyportError
from sallyport.model import Json, JsonObject
from sallyport.rules.boundary.page import page

HtmlOption = Annotated[
    bool, typer.Option("--html", help="Print one page of HTML that stands alone.")
]

app = typer.Typer(
    help="Boundaries: check, explain, diff, prove, sign; their history, revert, baseline.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

app.command("prove")(proving.command)
app.command("export")(exporting.command)
app.command("test")(trying.every_case)
app.command("try")(trying.try_call)
app.command("sign")(versions.sign)
app.command("history")(versions.history)
app.command("revert")(versions.revert)
app.command("send-back")(versions.send_back)
app.command("withdraw")(versions.withdraw)
app.command("baseline")(versions.baseline)
app.command("unasked")(attention.unasked)


@app.command()
def check(files: Files = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what is wrong with boundaries, each place with its fix. Exit code 1 if anything is.

    Example: sallyport boundary check workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    written = load_all(here.home, files)
    answers = [propose(here.gateway, one) for one in written]
    here.show({"boundaries": list[Json](answers)}, _checked(written, answers))
    if any(errors(answer) for answer in answers):
        raise typer.Exit(1)


@app.command()
def explain(
    files: Files = None,
    as_page: HtmlOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say in plain words what boundaries permit, as written; or as in force where no file is left.

    With --html it is one page that stands alone, to be read in a browser, printed or sent.

    Example: sallyport boundary explain customer-support
    """
    here = Here(home, as_json)
    answers = _in_force(here, files) or [
        propose(here.gateway, one) for one in load_all(here.home, files)
    ]
    if as_page:
        html = page([str(one.get("plain")) for one in answers])
        here.show({"page": html}, html.splitlines())
        return
    plains = [plain.inert(shortened(str(one.get("plain"))), lines=True) for one in answers]
    here.show({"boundaries": list[Json](answers)}, "\n\n".join(plains).splitlines())


@app.command()
def diff(files: Files = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what boundaries as written add to those in force and take away, in the same plain words.

    Exit code 1 if anything differs, as with other tools of this name.

    Example: sallyport boundary diff workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    answers = [propose(here.gateway, one) for one in load_all(here.home, files)]
    here.show(
        {"boundaries": list[Json](answers)}, [line for one in answers for line in differs(one)]
    )
    if any(one.get("digest") != one.get("replaces") for one in answers):
        raise typer.Exit(1)


def _in_force(here: Here, files: Sequence[str] | None) -> list[JsonObject]:
    """Return the boundaries in force, where each one is named and none has a file."""
    if not files:
        return []
    try:
        for one in files:
            find(here.home, one)
    except SallyportError:
        active = {
            one.get("workflow"): one for one in objects(here.gateway.get("boundaries"), "active")
        }
        return [active[one] for one in files] if all(one in active for one in files) else []
    return []


def _checked(written: Sequence[Written], answers: Sequence[JsonObject]) -> Iterator[str]:
    for one, answer in zip(written, answers, strict=True):
        yield from screen.problem_lines(objects(answer, "problems"))
        count = len(errors(answer))
        said = f"{count} error(s)" if count else "good; sign it with `sallyport boundary sign`"
        yield f"{one.path.name}: {said}"
        yield from (f"  {plain.inert(line)}" for line in texts(answer.get("gates_in_words")))
