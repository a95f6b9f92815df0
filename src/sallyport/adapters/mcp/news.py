"""What a system says outside of calls, and who wanted to hear it.

Rules:
  1. Of a resource that changed hears only a principal that subscribed to it over this link.
  2. When a link, or the stream on which it was told of resources, is over, so are its
     subscriptions. Their principals are told that the resources may be others now, since nobody
     knows what they missed.
  3. A principal subscribes to so many resources at most as one link will tell of.
"""

from __future__ import annotations

from typing import Final

from sallyport.adapters.mcp.link import Exchange, Served, Wish
from sallyport.errors import UpstreamDownError
from sallyport.model import Json
from sallyport.ports import Launch
from sallyport.rules import jsonrpc

RESOURCES_CHANGED: Final = "notifications/resources/list_changed"
PROMPTS_CHANGED: Final = "notifications/prompts/list_changed"
UPDATED: Final = "notifications/resources/updated"
TOOLS_CHANGED: Final = "notifications/tools/list_changed"
ACKNOWLEDGED: Final = "notifications/subscriptions/acknowledged"

URIS_MAX: Final = 256

GRANTED: Final = jsonrpc.Response(None, result={})
REFUSED: Final = jsonrpc.Response(
    None,
    error={
        "code": jsonrpc.INVALID_PARAMS,
        "message": "the system does not tell of this resource",
    },
)
"""A system that agreed to something else."""


class Listeners:
    """Who wants to hear what on one link."""

    def __init__(self, served: Served) -> None:
        self._told = served.told
        self._changed = served.changed
        self._principal = served.principal
        self._uris: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._uris)

    def attend(self, note: jsonrpc.Notification, principal: str | None = None) -> None:
        """Tell whom it concerns: those named, or all who subscribed."""
        match note.method:
            case "notifications/tools/list_changed":
                self._changed()
            case "notifications/resources/list_changed" | "notifications/prompts/list_changed":
                self._told(note.method, "", self._principal)
            case "notifications/resources/updated":
                uri = note.params.get("uri")
                if isinstance(uri, str):
                    self._updated(uri, principal)
            case _:
                pass

    def _updated(self, uri: str, principal: str | None) -> None:
        for one, uris in tuple(self._uris.items()):
            if uri in uris and principal in (None, one):
                self._told(UPDATED, uri, one)

    def uris(self, principal: str) -> frozenset[str]:
        """Return what a principal wants to hear of."""
        return frozenset(self._uris.get(principal, ()))

    def others_want(self, wish: Wish) -> bool:
        """Return whether somebody else subscribed to the same resource."""
        return any(wish.uri in uris for one, uris in self._uris.items() if one != wish.principal)

    def has_room(self, wish: Wish) -> bool:
        """Return whether a principal may subscribe to one more resource."""
        uris = self.uris(wish.principal)
        return not wish.on or wish.uri in uris or len(uris) < URIS_MAX

    def grant(self, wish: Wish, *, on: bool) -> None:
        """Remember whether a principal is told of a resource from now on."""
        uris = self._uris.setdefault(wish.principal, set())
        if on:
            uris.add(wish.uri)
        else:
            uris.discard(wish.uri)
        if not uris:
            del self._uris[wish.principal]

    def missed(self, offers: frozenset[str]) -> None:
        """Say that anything may have changed: nobody listened for a while."""
        self._changed()
        for name, method in (("resources", RESOURCES_CHANGED), ("prompts", PROMPTS_CHANGED)):
            if f"{name}.listChanged" in offers:
                self._told(method, "", self._principal)

    def over(self, principal: str | None = None) -> None:
        """End the subscriptions of a principal, or all."""
        for one in [one for one in self._uris if principal in (None, one)]:
            del self._uris[one]
            self._told(RESOURCES_CHANGED, "", one)


def after(wish: Wish, uris: frozenset[str]) -> frozenset[str]:
    """Return the resources that a principal hears of once its wish is granted."""
    return uris | {wish.uri} if wish.on else uris - {wish.uri}


async def by_request(
    listeners: Listeners, wish: Wish, launch: Launch, exchange: Exchange
) -> jsonrpc.Response:
    """Subscribe, or no longer, as the handshake era does: a request each."""
    if not wish.on and listeners.others_want(wish):
        launch()
        listeners.grant(wish, on=False)
        return GRANTED
    before = wish.uri in listeners.uris(wish.principal)
    # What is told ahead of the answer counts.
    listeners.grant(wish, on=before or wish.on)
    granted = False
    try:
        answer = await exchange(wish.question, launch)
        granted = answer.result is not None
    finally:
        listeners.grant(wish, on=wish.on if granted else before)
    return answer


def too_many(system: str) -> UpstreamDownError:
    """Return the error for a wish that goes beyond what a principal may have."""
    return UpstreamDownError(
        f"at most {URIS_MAX} resources of system `{system}` are watched at a time",
        fix="unsubscribe from some first",
    )


def is_acknowledged(note: jsonrpc.Notification, wish: Wish) -> bool:
    """Return whether a system says that it will tell of what was wished for."""
    honoured = note.params.get("notifications")
    uris: Json = honoured.get("resourceSubscriptions") if isinstance(honoured, dict) else None
    return not wish.on or (isinstance(uris, list) and wish.uri in uris)
