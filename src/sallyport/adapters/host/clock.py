"""The one place that reads the machine's clock."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's clock. Implements `ports.Clock`."""

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        return time.time_ns() // 1000
