"""The demo's way in by a browser: one link, good once, that signs its reader in as the lead.

It stands on the screen before anything else happens. A link is short-lived, and a newcomer reads
first; so there is a fresh one as long as nobody has come in by any.
"""

from __future__ import annotations

import time
import webbrowser
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from sallyport.demo import story
from sallyport.doors.cli.console import has_screen
from sallyport.doors.client import LocalClient
from sallyport.model import JsonObject

FRESH_S = 110
"""A link is replaced a little before its two minutes are over."""
START = "Open this in a browser:"
"""What the line with the link begins with."""


@dataclass(slots=True)
class Entrance:
    """The link that is on the screen, and when it was put there."""

    client: LocalClient
    console: Console
    made_s: float = 0.0

    def open(self, signed: JsonObject) -> None:
        """Show a link, and open it where this machine has a screen.

        Args:
            signed: The lead's signature over the wish to enter.
        """
        url = self._link(signed)
        self.console.print(f"[bold]{START}[/] {url}", soft_wrap=True)
        if has_screen() and webbrowser.open(url):
            self.console.print("That is done: look for its window.")
        self.console.print(f"The link signs you in as {story.LEAD}, the support lead, once, within")
        self.console.print(
            "two minutes. What waits for you comes up there; a terminal will do, too."
        )

    def renew(self, signed: JsonObject) -> None:
        """Show another link, since nobody has used the last one in time."""
        self.console.print(f"[bold]{START}[/] {self._link(signed)}", soft_wrap=True)

    def is_stale(self) -> bool:
        """Return whether the link on the screen is over while nobody has come in."""
        return time.monotonic() - self.made_s > FRESH_S and not self.came_in()

    def came_in(self) -> bool:
        """Return whether anybody has signed in."""
        return bool(self.client.log(kind="session.begun", limit=1))

    def _link(self, signed: JsonObject) -> str:
        made: dict[str, Any] = self.client.post("/admin/console", {"signed": signed})
        self.made_s = time.monotonic()
        return str(made["url"])
