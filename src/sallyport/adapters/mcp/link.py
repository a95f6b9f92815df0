"""What one open conversation with one system is, whatever it travels over.

Rules:
  1. A request leaves only through a `launch`, and `leave` is where both happen, without a pause.
  2. An answer counts if it names our request; anything else a system says is noise, and counted.
  3. A link declares the capabilities of the askers it serves and no others. What nobody is there
     to answer is declined, except a ping. In the stateless era a system sends no requests at all;
     there they are noise.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from sallyport.adapters.mcp.talk import Talk
from sallyport.errors import (
    BadInputError,
    InvariantError,
    SallyportError,
    UpstreamDownError,
    UpstreamLostError,
    UpstreamProtocolError,
)
from sallyport.model import Json, JsonObject, ToolPin
from sallyport.ports import Launch, NotLaunchedError
from sallyport.rules import jsonrpc, strict_json
from sallyport.rules.methods import METHODS, SUBSCRIBE

Exchange: TypeAlias = "Callable[[Question, Launch], Awaitable[jsonrpc.Response]]"
"""Sends one question and returns the answer to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a system may say, hold and cost. Sizes in bytes, times in milliseconds.

    `answer_bytes` bounds one answer, with all that is streamed before it. `connections` bounds the
    HTTP connections of one link, `links` the open links of the gateway.
    """

    answer_bytes: int = 16 * 1024 * 1024
    depth: int = 128
    open_ms: int = 30_000
    idle_ms: int = 300_000
    links: int = 256
    connections: int = 128
    tools: int = 1000
    pages: int = 100
    stderr_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request, before it is known in which era it is asked.

    `name` and `arguments` are those of a call, the latter in the exact bytes that its digest
    covers; of a method that is governed like a tool, `arguments` are all its parameters and `name`
    is what it is about. `members` are the parameters of everything else. `meta` never says who we
    are: the link does. `resumed` are the parameters with which a call is gone on with.
    """

    method: str
    name: str = ""
    arguments: bytes = b"{}"
    members: JsonObject = field(default_factory=dict[str, Json])
    meta: JsonObject = field(default_factory=dict[str, Json])
    resumed: JsonObject = field(default_factory=dict[str, Json])

    def params(self, own_meta: JsonObject | None = None) -> bytes:
        """Return the parameters, encoded, with what the link adds to `_meta`."""
        meta = {**self.meta, **own_meta} if own_meta else self.meta
        return _joined(self._params(meta), self.resumed)

    def _params(self, meta: JsonObject) -> bytes:
        if self.method in METHODS:
            return jsonrpc.method_params(self.arguments, meta)
        if self.name:
            return jsonrpc.call_params(self.name, self.arguments, meta)
        return jsonrpc.encode({**self.members, "_meta": meta} if meta else self.members)


@dataclass(frozen=True, slots=True)
class Wish:
    """To be told of a resource, or no longer. `question` is how that was asked for."""

    principal: str
    uri: str
    question: Question

    @property
    def on(self) -> bool:
        """Whether to be told from now on."""
        return self.question.method == SUBSCRIBE


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Whom a link serves: what they can be asked, and who is told what its system says unasked.

    Empty `principal`: everybody. `told` takes a method, a URI or nothing, and the principal it is
    for, or nobody in particular.
    """

    changed: Callable[[], None]
    told: Callable[[str, str, str], None]
    principal: str = ""
    abilities: frozenset[str] = frozenset()


def _joined(params: bytes, more: JsonObject) -> bytes:
    if not more:
        return params
    comma = b"" if params == b"{}" else b","
    return params[:-1] + comma + jsonrpc.encode(more)[1:]


class Link(Protocol):
    """One open conversation. `busy` counts requests under way; a `dead` link takes no more.

    `fresh_s` is for how many seconds the list of tools that came last may be relied on.
    """

    busy: int
    dead: bool
    fresh_s: float

    @property
    def stateless(self) -> bool:
        """Whether it speaks the stateless era; known once it is open."""
        ...

    @property
    def has_listeners(self) -> bool:
        """Whether somebody subscribed to something that it tells of."""
        ...

    async def open(self) -> None:
        """Connect and find out the era, or raise."""
        ...

    async def exchange(
        self, question: Question, launch: Launch, talk: Talk | None = None
    ) -> jsonrpc.Response:
        """Send one request and return the answer to it.

        Args:
            question: What to ask.
            launch: Called right before the first byte leaves.
            talk: Takes what the system asks and says meanwhile.
        """
        ...

    async def respond(self, message: bytes, launch: Launch) -> None:
        """Send our answer to a question of the system, in the handshake era."""
        ...

    def decline(self, message: bytes) -> None:
        """Send such an answer as soon as possible, if the system still takes it."""
        ...

    async def subscribe(self, wish: Wish, launch: Launch) -> jsonrpc.Response:
        """Begin or end to be told of a resource, and return the system's answer."""
        ...

    async def tools(self) -> tuple[ToolPin, ...]:
        """Return every tool that can be called over this link.

        Raises:
            UpstreamProtocolError: What the system lists is unusable, too much, or without end.
        """
        ...

    async def close(self) -> None:
        """End the conversation; whatever waits for an answer is lost."""
        ...


class Once:
    """A launch that counts: it fires once, and afterwards it is known whether it did."""

    __slots__ = ("_launch", "fired", "refusal")

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self.fired = False
        self.refusal: BaseException | None = None

    def __call__(self) -> None:
        """Launch, or raise what the launch raised."""
        if self.fired:
            raise InvariantError("one call was launched twice")
        try:
            self._launch()
        except BaseException as error:
            self.refusal = error
            raise
        self.fired = True

    def fate(self, system: str, error: Exception) -> Exception:
        """Return what `error` means: nothing left, or nobody knows (rule 2 of `Upstreams`)."""
        if error is self.refusal or isinstance(error, InvariantError | NotLaunchedError):
            return error
        if self.fired:
            return _lost(system, error)
        if isinstance(error, UpstreamDownError):
            return error
        return unreachable(system, error)


def unreachable(system: str, error: Exception) -> UpstreamDownError:
    """Return the error for what went wrong before anything was sent."""
    fix = error.fix if isinstance(error, SallyportError) else None
    return UpstreamDownError(_sentence(system, error, "cannot be reached"), fix=fix)


def unguarded() -> None:
    """Launch what changes nothing: handshakes, lists and answers to a ping."""


def _lost(system: str, error: Exception) -> UpstreamLostError:
    if isinstance(error, UpstreamLostError):
        return error
    return UpstreamLostError(_sentence(system, error, "took the request and was lost"))


def _sentence(system: str, error: Exception, verb: str) -> str:
    if isinstance(error, SallyportError):
        return error.what
    if isinstance(error, TimeoutError):
        return f"system `{system}` {verb}: no answer in time"
    return f"system `{system}` {verb}: {why(error)}"


def why(error: Exception) -> str:
    """Return what kind of failure this was, without words that came from outside."""
    number = getattr(error, "errno", None)
    name = type(error).__name__
    return f"{name}, error {number}" if isinstance(number, int) else name


def leave(write: Callable[[bytes], None], data: bytes, launch: Launch) -> None:
    """Launch and write. It is a plain function, so nothing can come between the two."""
    launch()
    write(data)


def decode(system: str, data: bytes, limits: Limits, version: str) -> tuple[jsonrpc.Message, ...]:
    """Return the messages a system sent.

    Raises:
        UpstreamProtocolError: The bytes are not strict JSON, or not JSON-RPC.
    """
    try:
        value = strict_json.loads(data, bytes_max=limits.answer_bytes, depth_max=limits.depth)
        return jsonrpc.read_all(value, version)
    except BadInputError as error:
        raise UpstreamProtocolError(f"system `{system}` sent a bad message: {error.what}") from None


def own_answer(asked: jsonrpc.Request) -> bytes:
    """Return our answer to what a system asks of us."""
    if asked.method == "ping":
        return jsonrpc.result(asked.id, {})
    return jsonrpc.error(asked.id, jsonrpc.METHOD_NOT_FOUND, "not available here")
