"""What systems say outside of calls, passed on to those who listen for it.

Rules:
  1. Nobody hears of a system that their task does not use, nor of what another agent subscribed.
  2. A client hears what it asked for, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sallyport.doors.mcp import calls
from sallyport.doors.mcp.outbox import Outbox
from sallyport.flow.house import House
from sallyport.model import JsonObject, Task
from sallyport.ports import News
from sallyport.rules import jsonrpc
from sallyport.rules.methods import LIST_PROMPTS, LIST_RESOURCES, SUBSCRIBE

RESOURCES_CHANGED: Final = "notifications/resources/list_changed"
PROMPTS_CHANGED: Final = "notifications/prompts/list_changed"
UPDATED: Final = "notifications/resources/updated"

_BELONGS: Final = {
    RESOURCES_CHANGED: LIST_RESOURCES,
    PROMPTS_CHANGED: LIST_PROMPTS,
    UPDATED: SUBSCRIBE,
}
"""The method whose system may say so."""


@dataclass(slots=True, kw_only=True)
class Wanted:
    """What a client listens for: lists by the method that tells of them, and resources by URI."""

    methods: frozenset[str] = frozenset()
    uris: Collection[str] = field(default_factory=set[str])

    def covers(self, news: News) -> bool:
        """Return whether the client wants to hear this."""
        return news.uri in self.uris if news.method == UPDATED else news.method in self.methods


@contextmanager
def heard(
    house: House, task: Task, outbox: Outbox, wanted: Wanted, tag: JsonObject | None = None
) -> Generator[None]:
    """Put what is wanted into an outbox for as long as the block lasts.

    Args:
        house: Who hears it first.
        task: Of the client.
        outbox: Of its stream.
        wanted: What it listens for.
        tag: What each notification carries beside its own parameters.
    """
    hear = _ear(house, task, outbox, wanted, tag or {})
    house.news.append(hear)
    try:
        yield
    finally:
        house.news.remove(hear)


def told(
    house: House, task: Task, wanted: Wanted, news: News, tag: JsonObject | None = None
) -> bytes:
    """Return the notification that a client hears; empty where this is not for it."""
    concerned = news.principal in ("", task.agent) and wanted.covers(news)
    if not concerned or not _serves(house, task, news):
        return b""
    own: JsonObject = {"uri": news.uri} if news.method == UPDATED else {}
    return jsonrpc.notification(news.method, {**(tag or {}), **own})


def _ear(
    house: House, task: Task, outbox: Outbox, wanted: Wanted, tag: JsonObject
) -> Callable[[News], None]:
    def hear(news: News) -> None:
        message = told(house, task, wanted, news, tag)
        if message:
            outbox.put(message)

    return hear


def _serves(house: House, task: Task, news: News) -> bool:
    """Return whether the news comes from the system that serves what it is about to this task."""
    method = _BELONGS.get(news.method, "")
    pin = calls.pinned(house, task, method) if method in house.serves(task) else None
    return pin is not None and pin.system == news.system
