"""Who waits for a call, and what one walk of it through the steps remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from sallyport.flow.places import Place
from sallyport.flow.under_way import Walk
from sallyport.ports import Hear
from sallyport.rules.context import Context


@dataclass(slots=True)
class Asker:
    """Whoever waits for the answer. `gone` is set by the door when the client has left.

    `call_id` is the call that they wait for, so that they can come back for it.
    `hear` takes what the system says while the call is out; with it, `progress` says whether they
    want to hear of progress, and `log_level` from which level on of log messages.
    """

    gone: bool = False
    hear: Hear | None = None
    progress: bool = False
    log_level: str = ""
    call_id: str = ""


@dataclass(slots=True)
class Run:
    """What one walk through the steps needs to remember between commands."""

    asker: Asker
    walk: Walk
    context: Context | None = None
    claim: Place | None = None
    sent: bool = False
    awaited: set[str] = field(default_factory=set[str])
