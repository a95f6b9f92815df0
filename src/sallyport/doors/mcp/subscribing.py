"""`subscriptions/listen`: one long stream of what a client of the stateless era asked to hear.

Rules:
  1. Only what is honoured is acknowledged, and that comes first. Everything on the stream carries
     the id of its request.
  2. A resource is listened to by a call that is decided like any other.
  3. A task is told of to whoever has it, once when its state changes; what came to pass before the
     stream began is told at its beginning.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from sallyport.doors.mcp import headers, offer, results
from sallyport.doors.mcp.client import Client, check_takes_tasks
from sallyport.doors.mcp.eras import SUBSCRIPTION_ID
from sallyport.doors.mcp.exchange import Exchange
from sallyport.doors.mcp.listening import LIST_CHANGED_METHOD, Ear, Listening
from sallyport.doors.mcp.news import PROMPTS_CHANGED, RESOURCES_CHANGED, Wanted, heard
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.doors.mcp.tasks import NOTIFICATION, Tasks
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject, Task
from sallyport.rules import jsonrpc
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Request
from sallyport.rules.methods import LIST_PROMPTS, LIST_RESOURCES, SUBSCRIBE

LISTEN: Final = "subscriptions/listen"
ACKNOWLEDGED: Final = "notifications/subscriptions/acknowledged"

NAMED_MAX: Final = 100
"""How many resources, and how many tasks, one stream may name."""

_LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "resourcesListChanged": (LIST_RESOURCES, RESOURCES_CHANGED),
    "promptsListChanged": (LIST_PROMPTS, PROMPTS_CHANGED),
}
"""Which method must be served for a wish, and what then tells of changes."""


@dataclass(slots=True)
class _Offered:
    """What the listener of one stream was last told of."""

    offer: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a client asks to hear, as far as it can be read."""

    tools: bool
    lists: tuple[str, ...]
    uris: tuple[str, ...]
    tasks: tuple[str, ...]


class Subscribing:
    """Answers `subscriptions/listen`.

    Args:
        house: Where news comes from.
        listening: The streams of all eras.
        tasks: What is known of tasks.
    """

    def __init__(self, house: House, listening: Listening, tasks: Tasks) -> None:
        self._house = house
        self._listening = listening
        self._tasks = tasks
        self._subscriptions = listening.subscriptions

    async def serve(self, exchange: Exchange, client: Client, request: Request) -> None:
        """Keep a stream open until the client or its token is gone.

        Args:
            exchange: The HTTP request.
            client: What the client can do.
            request: What it wants to hear.

        Raises:
            ParamsError: It cannot be read.
            MissingCapabilityError: It wants to hear of tasks, and did not declare them.
            NotAcceptableError: The client reads no streams.
            BusyError: Too many streams are open.
        """
        wish = _wish(request)
        if wish.tasks:
            check_takes_tasks(client)
        headers.check_reads_streams(exchange.fields)
        self._listening.check_room()
        task, tag = exchange.caller.task, _tag(request)
        outbox = Outbox()
        tasks = [one for one in wish.tasks if await self._tasks.known(task, one)]
        serves = self._house.serves(task)
        lists = [one for one in wish.lists if _LISTS[one][0] in serves]
        wanted = Wanted(methods=frozenset(_LISTS[one][1] for one in lists), uris=set(wish.uris))
        with ExitStack() as ending:
            # Heard before it is subscribed to, so that nothing said in between is lost.
            ending.enter_context(heard(self._house, task, outbox, wanted, tag))
            uris = wish.uris if SUBSCRIBE in serves else ()
            begun = await self._subscriptions.begin(task, uris)
            ending.callback(self._subscriptions.end, exchange.caller, begun)
            wanted.uris = begun.keys()
            ending.enter_context(self._told_of(task, tasks, outbox, tag))
            honoured = _honoured(wish, lists, list(begun), tasks)
            ear = self._ear(exchange, request, honoured, outbox)
            await self._listening.speak(exchange.wire, ear)

    def _ear(
        self, exchange: Exchange, request: Request, honoured: JsonObject, outbox: Outbox
    ) -> Ear:
        tag, tools = _tag(request), "toolsListChanged" in honoured
        return Ear(
            told=_Offered(offer.digests(self._house.offered(exchange.caller.task))),
            again=exchange.again,
            greeting=jsonrpc.notification(ACKNOWLEDGED, {**tag, "notifications": honoured}),
            changed=jsonrpc.notification(LIST_CHANGED_METHOD, tag) if tools else b"",
            farewell=jsonrpc.result(request.id, results.complete(tag)),
            outbox=outbox,
        )

    @contextmanager
    def _told_of(
        self, task: Task, tasks: Sequence[str], outbox: Outbox, tag: JsonObject
    ) -> Generator[None]:
        """Tell how tasks stand, now and for as long as the block lasts when one is over."""

        async def tell(call_id: str) -> None:
            said = await self._tasks.detailed(task, call_id)
            outbox.put(jsonrpc.notification(NOTIFICATION, {**tag, **said}))

        def over(ended: Ended) -> None:
            self._house.background.spawn(tell(ended.call.id))

        forget = [self._house.gateway.when_over(one, over) for one in tasks]
        for one in tasks:
            self._house.background.spawn(tell(one))
        try:
            yield
        finally:
            for take_back in forget:
                take_back()


def _wish(request: Request) -> _Wish:
    wanted = request.params.get("notifications")
    if not isinstance(wanted, dict):
        raise ParamsError("the member `notifications` is not an object")
    return _Wish(
        tools=wanted.get("toolsListChanged") is True,
        lists=tuple(name for name in _LISTS if wanted.get(name) is True),
        uris=_names(wanted, "resourceSubscriptions"),
        tasks=_names(wanted, "taskIds"),
    )


def _names(wanted: JsonObject, member: str) -> tuple[str, ...]:
    """Return the texts of a list, each once."""
    found = wanted.get(member, [])
    if not isinstance(found, list):
        raise ParamsError(f"the member `{member}` is not a list of texts")
    names = [one for one in found if isinstance(one, str) and one]
    if len(names) != len(found):
        raise ParamsError(f"the member `{member}` is not a list of texts")
    if len(names) > NAMED_MAX:
        raise ParamsError(
            f"the member `{member}` names more than {NAMED_MAX}", fix="open a stream for the others"
        )
    return tuple(dict.fromkeys(names))


def _honoured(
    wish: _Wish, lists: Sequence[str], uris: Sequence[str], tasks: Sequence[str]
) -> JsonObject:
    honoured: JsonObject = {"toolsListChanged": True} if wish.tools else {}
    honoured |= dict.fromkeys(lists, True)
    if uris:
        honoured["resourceSubscriptions"] = list[Json](uris)
    if tasks:
        honoured["taskIds"] = list[Json](tasks)
    return honoured


def _tag(request: Request) -> JsonObject:
    return {"_meta": {SUBSCRIPTION_ID: request.id}}
