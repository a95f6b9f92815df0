"""Where a running gateway listens, as `serve` has noted it: a port of 0 is chosen late."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sallyport.doors.settings import Settings

SERVE_FILE = "serve.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The addresses of the agents' door and of the console."""

    url: str
    console: str


def served(settings: Settings) -> Served:
    """Return the addresses that are noted; those of the settings where nothing is."""
    try:
        noted = json.loads((settings.state / SERVE_FILE).read_text(encoding="utf-8"))
        return Served(url=str(noted["url"]), console=str(noted["console"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Served(
            url=f"http://{settings.host}:{settings.port}",
            console=f"http://localhost:{settings.console_listens_on}",
        )
