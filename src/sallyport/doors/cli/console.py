"""The way into the console: a link that is good once, opened in a browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Annotated

import typer

from sallyport.doors.cli import keys
from sallyport.doors.cli.common import AsOption, Here, HomeOption, JsonOption
from sallyport.doors.connect.parties import signed


def console(
    who: AsOption = "",
    *,
    show: Annotated[bool, typer.Option("--show", help="Print the link; open no browser.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open the console in a browser, signed in with your key.

    The link is good once, for two minutes, and for you alone. There, add a passkey: from then on
    you sign in and answer with it.

    Example: sallyport console
    """
    here = Here(home, as_json)
    answer = here.gateway.post("console", {"signed": signed(keys.open_key(who), "console", {})})
    url = str(answer.get("url"))
    opened = not (show or as_json) and has_screen() and webbrowser.open(url)
    said = "the console opens in your browser" if opened else f"open this within two minutes: {url}"
    here.show(answer, [said])


def has_screen() -> bool:
    """Return whether a browser that is opened here can be seen."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
