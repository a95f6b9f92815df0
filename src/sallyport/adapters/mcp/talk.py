"""One call that is out, and what its system asks and says before it answers.

Rules:
  1. A question reaches somebody only if this call's asker can be asked such a thing and there is
     room; all others are declined where they arrive.
  2. What cannot be told to belong to one call belongs to none: on a channel that calls share, a
     question is the only askable call's, and a log message the only call's.
  3. Progress counts for the call whose token it names. The tokens are ours; nobody else sees them.
  4. A call hears `HEARD_MAX` things at most. What comes beyond is dropped, so that no system can
     keep us busy by talking.

Source: MCP 2025-11-25 and 2026-07-28, "Progress" and "Logging"; MCP 2025-11-25, client features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sallyport.adapters.mcp.questions import QUESTIONS_MAX
from sallyport.model import Json, JsonObject
from sallyport.ports import Hear
from sallyport.rules import asking, jsonrpc
from sallyport.rules.methods import LOG_LEVELS

PROGRESS: Final = "notifications/progress"
LOGGED: Final = "notifications/message"
CANCELLED: Final = "notifications/cancelled"
TOKEN: Final = "progressToken"  # noqa: S105 - it names a request, it opens nothing

HEARD_MAX: Final = 1000


def _nothing() -> None:
    pass


def _always() -> bool:
    return True


@dataclass(slots=True, kw_only=True, eq=False)
class Talk:
    """One call that is out.

    `fresh` holds, by keys of ours, the questions that nobody saw yet, `shown` those that wait for
    an answer. `woken` is called when there is something fresh; `has_room` says whether one more
    call may wait for its answers.
    """

    abilities: frozenset[str] = frozenset()
    hear: Hear | None = None
    progress: bool = False
    log_level: str = ""
    has_room: Callable[[], bool] = _always
    woken: Callable[[], None] = _nothing
    fresh: dict[str, jsonrpc.Request] = field(default_factory=dict[str, jsonrpc.Request])
    shown: dict[str, jsonrpc.Request] = field(default_factory=dict[str, jsonrpc.Request])
    asked: int = 0
    heard: int = 0

    def ask(self, question: jsonrpc.Request) -> bool:
        """Take a question; return whether somebody will be asked."""
        if not self._may(question):
            return False
        self.asked += 1
        self.fresh[f"q{self.asked}"] = question
        self.woken()
        return True

    def _may(self, question: jsonrpc.Request) -> bool:
        asked: JsonObject = {"method": question.method, "params": question.params}
        return (
            asking.ability_of(asked) in self.abilities
            and len(self.fresh) + len(self.shown) < QUESTIONS_MAX
            and self.has_room()
        )

    def show(self) -> dict[str, jsonrpc.Request]:
        """Return what is fresh; from now on it waits for its answers."""
        fresh, self.fresh = self.fresh, {}
        self.shown |= fresh
        return fresh

    def withdraw(self, question: Json) -> None:
        """Forget a question that its system no longer wants answered."""
        for known in (self.fresh, self.shown):
            for key in [key for key, one in known.items() if one.id == question]:
                del known[key]

    def tell(self, method: str, params: JsonObject) -> None:
        """Pass on what its system said, if its asker wants it and it is well-formed."""
        if self.hear is None or self.heard >= HEARD_MAX:
            return
        said = self._wanted(method, params)
        if said is not None:
            self.heard += 1
            self.hear(method, said)

    def _wanted(self, method: str, params: JsonObject) -> JsonObject | None:
        if method == PROGRESS:
            return _progress(params) if self.progress else None
        said = _logged(params)
        if said is None or not self.log_level:
            return None
        return said if LOG_LEVELS.index(str(said["level"])) >= rank(self.log_level) else None


def rank(level: str) -> int:
    """Return how urgent a level is; one that nobody knows is as urgent as nothing."""
    return LOG_LEVELS.index(level) if level in LOG_LEVELS else len(LOG_LEVELS)


def _progress(params: JsonObject) -> JsonObject | None:
    if not _is_number(params.get("progress")) or not _is_number(params.get("total", 0)):
        return None
    if not isinstance(params.get("message", ""), str):
        return None
    return {name: params[name] for name in ("progress", "total", "message") if name in params}


def _is_number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _logged(params: JsonObject) -> JsonObject | None:
    if params.get("level") not in LOG_LEVELS or "data" not in params:
        return None
    if not isinstance(params.get("logger", ""), str):
        return None
    return {name: params[name] for name in ("level", "logger", "data") if name in params}


class Talks:
    """The calls that are out on one link, by the ids of their requests, which are their tokens."""

    def __init__(self) -> None:
        self._out: dict[jsonrpc.Id, Talk] = {}

    def begin(self, id_: jsonrpc.Id, talk: Talk) -> None:
        """Note that a call goes out."""
        self._out[id_] = talk

    def end(self, id_: jsonrpc.Id) -> None:
        """Note that a call is over."""
        del self._out[id_]

    def level_with(self, talk: Talk) -> str:
        """Return the least urgent level that this call or one that is out wants to hear of.

        Empty if this one wants none.
        """
        if not talk.log_level:
            return ""
        return min((one.log_level for one in (talk, *self._out.values())), key=rank)

    def take(self, question: jsonrpc.Request, of: Talk | None = None) -> bool:
        """Return whether somebody will be asked, `of` being the call it surely belongs to."""
        talk = of or _only([one for one in self._out.values() if one.abilities])
        return talk is not None and talk.ask(question)

    def attend(self, note: jsonrpc.Notification, of: Talk | None = None) -> bool:
        """Return whether a notification was about a call, and pass it on where it belongs."""
        match note.method:
            case "notifications/progress":
                talk = self._out.get(_token(note.params))
                if talk is not None:
                    talk.tell(note.method, note.params)
            case "notifications/message":
                talk = of or _only([*self._out.values()])
                if talk is not None:
                    talk.tell(note.method, note.params)
            case "notifications/cancelled":
                for one in self._out.values():
                    one.withdraw(note.params.get("requestId"))
            case _:
                return False
        return True


def _only(talks: list[Talk]) -> Talk | None:
    return talks[0] if len(talks) == 1 else None


def _token(params: JsonObject) -> jsonrpc.Id:
    """Return the token that progress names; one that nobody has where it is unusable."""
    token = params.get(TOKEN)
    return token if isinstance(token, int) and not isinstance(token, bool) else ""
