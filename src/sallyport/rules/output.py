"""What a system answered, before anybody sees it: one that holds a credential goes no further.

Rules:
  1. The whole answer is searched, result or error, names and values, as the bytes that would be
     passed on and kept.
  2. An answer that holds a held secret is withheld as a whole. Cutting the secret out would leave
     its surroundings, and whoever planted it would learn what was cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sallyport.rules import canonical
from sallyport.rules.commands import Answered

Leak: TypeAlias = Callable[[bytes], str | None]
"""Returns the name of a held secret that the bytes contain, or None."""

WITHHELD = Answered(
    error={"code": -32001, "message": "the answer was withheld: it held a credential"}
)


def searched(answered: Answered, leak: Leak) -> tuple[Answered, str]:
    """Return what may be passed on of an answer, and the name of the secret it held, if any.

    Args:
        answered: The system's answer.
        leak: Finds a held secret in bytes.
    """
    asks = answered.asks.requests if answered.asks else None
    name = leak(canonical.encode([answered.result, answered.error, asks]))
    return (answered, "") if name is None else (WITHHELD, name)
