"""What people set by hand: stops and floors, in the database or in a stop file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sallyport.model import Floor, Level, Switch, Verdict
from sallyport.rules import reasons
from sallyport.rules.context import Context


def by_hand(context: Context) -> Iterable[Floor]:
    """State the floor of every switch that covers this call."""
    if context.switches or context.broken or context.stop_scopes:
        return _set(context)
    return ()


def _set(context: Context) -> Iterator[Floor]:
    scopes = context.scopes
    for switch in context.switches:
        if switch.scope in scopes and covers(switch, context.level):
            yield _floor(switch)
    if context.broken:
        yield reasons.refuse("gateway.broken", why=context.broken)
    for scope in context.stop_scopes:
        if scope in scopes:
            yield reasons.refuse("stop.file", scope=scope)


def covers(switch: Switch, level: Level) -> bool:
    """Return whether a switch reaches a level: a stop reaches all, a floor leaves reads alone."""
    return switch.verdict is Verdict.REFUSE or level >= Level.CREATE


def _floor(switch: Switch) -> Floor:
    code = "switch.stop" if switch.verdict is Verdict.REFUSE else "switch.floor"
    words = {
        "scope": switch.scope,
        "by": switch.by,
        "because": switch.because,
        "verdict": switch.verdict.name.lower(),
    }
    return Floor(verdict=switch.verdict, code=code, words=words)
