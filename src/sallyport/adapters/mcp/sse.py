"""Server-sent events, read as they arrive and never kept longer than one event.

Source: WHATWG HTML, section 9.2.6 "Interpreting an event stream".
"""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
_DIGITS = re.compile(rb"[0-9]{1,9}")


class EventTooLargeError(Exception):
    """One event is longer than its limit."""


class EventReader:
    """Turns chunks of a stream into the data of its `message` events.

    Args:
        event_bytes_max: The longest event accepted, field names included.

    `last_id` is that of the last event that was complete, `retry_ms` how long a reader should wait
    before it connects again; None where the stream said neither.
    """

    def __init__(self, event_bytes_max: int) -> None:
        self._max = event_bytes_max
        self._pending = bytearray()
        self._scanned = 0
        self._data: list[bytes] = []
        self._kind = b""
        self._size = 0
        self._started = False
        self._id: bytes | None = None
        self.last_id: bytes | None = None
        self.retry_ms: int | None = None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of every event that this chunk completes; empty events have none.

        Raises:
            EventTooLargeError: An event outgrew the limit.
        """
        self._pending += chunk
        events: list[bytes] = []
        start = 0
        while (end := _LINE_END.search(self._pending, max(start, self._scanned))) is not None:
            if end.group() == b"\r" and end.end() == len(self._pending):
                break  # its \n may come with the next chunk
            self._take(bytes(self._pending[start : end.start()]), events)
            start = end.end()
            self._scanned = start
        del self._pending[:start]
        self._scanned = max(0, len(self._pending) - 1)
        if self._size + len(self._pending) > self._max:
            raise EventTooLargeError
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if not self._started:
            line = line.removeprefix(_BOM)
            self._started = True
        if not line:
            self._dispatch(events)
            return
        self._size += len(line)
        if self._size > self._max:
            raise EventTooLargeError
        name, _, value = line.partition(b":")
        self._field(name, value.removeprefix(b" "))

    def _field(self, name: bytes, value: bytes) -> None:
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._kind = value
        elif name == b"id" and b"\0" not in value:
            self._id = value
        elif name == b"retry" and _DIGITS.fullmatch(value):
            self.retry_ms = int(value)

    def _dispatch(self, events: list[bytes]) -> None:
        data = b"\n".join(self._data)
        if data and self._kind in (b"", b"message"):
            events.append(data)
        self.last_id = self._id
        self._data, self._kind, self._size = [], b"", 0
