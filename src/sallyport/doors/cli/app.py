"""The commands, small enough to hold in the head, and the one place where errors become text.

Exit codes: 0 it went well, 1 it was refused or the answer is no, 2 the input or the state is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from sallyport import __version__
from sallyport.doors.cli import (
    admin,
    boundary,
    console,
    control,
    inbox,
    log,
    replay,
    screen,
    setup,
    start,
    undoing,
)
from sallyport.errors import (
    BadInputError,
    NotAuthenticatedError,
    NotPermittedError,
    SallyportError,
    SignatureError,
)

app = typer.Typer(
    name="sallyport",
    help="A gateway with two gates between AI agents and business systems.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(context_settings=start.PASS_ON)(start.demo)
app.command()(setup.new)
app.command()(setup.connect)
app.command()(setup.disconnect)
app.command()(start.serve)
app.command()(start.down)
app.command()(start.mcp)
app.command()(console.console)
app.add_typer(inbox.app, name="inbox")
app.command("try")(start.try_call)
app.command()(control.stop)
app.command()(control.resume)
app.command()(control.floor)
app.add_typer(log.app, name="log")
app.add_typer(boundary.app, name="boundary")
app.command("replay")(replay.command)
app.add_typer(undoing.app, name="break-glass")
app.add_typer(admin.app, name="admin")


def _version(wanted: bool) -> None:
    if wanted:
        screen.say(f"sallyport {__version__}")
        raise typer.Exit


@app.callback()
def sallyport(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """A gateway with two gates between AI agents and business systems.

    Every command takes --json and --home. Exit codes: 0 done, 1 refused or no, 2 wrong input.
    """
    del version


class EndedError(SallyportError):
    """The person at the keyboard broke off."""

    code = "cli.ended"
    fix = "run it again when you like"


class InternalError(SallyportError):
    """A fault of Sallyport itself."""

    code = "internal"
    fix = "report this, with what SALLYPORT_DEBUG=1 shows"


REFUSED = (NotPermittedError, NotAuthenticatedError, SignatureError, EndedError)


def main() -> None:
    """Run a command and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run a command and return its exit code; never raises, unless SALLYPORT_DEBUG is set."""
    as_json = "--json" in words[: words.index("--")] if "--" in words else "--json" in words
    try:
        done = app(list(words), prog_name="sallyport", standalone_mode=False)
    except typer.Exit as leaving:
        return leaving.exit_code
    except BrokenPipeError:
        # The reader of our output has left; Python would complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("SALLYPORT_DEBUG"):
            raise
        failure = _failure(error)
        screen.show_error(failure, as_json=as_json)
        return 1 if isinstance(failure, REFUSED) else 2
    return done if isinstance(done, int) else 0


def _failure(error: BaseException) -> SallyportError:
    """Return whatever went wrong as one of our errors."""
    match error:
        case SallyportError():
            return error
        case typer.Abort() | KeyboardInterrupt() | EOFError():
            return EndedError("you ended it before it was done")
        case typer.TyperException():
            return _misused(error)
        case _:
            return InternalError(f"an unforeseen {type(error).__name__}")


def _misused(error: typer.TyperException) -> SallyportError:
    """Return a misuse of the command line as one of our errors."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "sallyport"
    said = error.format_message().rstrip(".") or "no command was given"
    return BadInputError(said[:1].lower() + said[1:], fix=f"see `{path} --help`")
