"""What a reader of texts answers where a text is not what it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is not what it should be: a clause that never repeats the text."""

    why: str
