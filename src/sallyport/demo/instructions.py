"""The phrases the demo's agent obeys, wherever it reads them.

A model would understand far more. This grammar is small so that every run is the same, and it is
harmless to nobody: each phrase becomes the calls that do exactly what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SendList:
    """Send the customer list to an address."""

    to: str


@dataclass(frozen=True, slots=True)
class PayRefund:
    """Pay that many EUR to the customer of the ticket being read."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """Give a contact another e-mail address."""

    contact_id: str
    email: str


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """Mark a ticket, any ticket, as solved."""

    ticket_id: str


@dataclass(frozen=True, slots=True)
class SearchAgain:
    """Search the knowledge base until something turns up."""

    query: str


Instruction = SendList | PayRefund | ChangeAddress | CloseTicket | SearchAgain

_ADDRESS = r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
_SEND_LIST = re.compile(rf"\bsend the customer list to {_ADDRESS}", re.IGNORECASE)
_REFUND = re.compile(r"\brefund (\d+\.\d\d)\b", re.IGNORECASE)
_CHANGE = re.compile(rf"\bchange the e-mail of contact (C-\d{{4}}) to {_ADDRESS}", re.IGNORECASE)
_CLOSE = re.compile(r"\bclose ticket (T-\d{4})\b", re.IGNORECASE)
_AGAIN = re.compile(r'\bsearch again for "([^"\n]+)"', re.IGNORECASE)


def instructions_in(text: str) -> tuple[Instruction, ...]:
    """Return what `text` tells its reader to do, line by line, in the order of the lines."""
    return tuple(found for line in text.splitlines() for found in _in_line(line))


def _in_line(line: str) -> Iterator[Instruction]:
    if match := _SEND_LIST.search(line):
        yield SendList(match[1])
    if match := _REFUND.search(line):
        yield PayRefund(Decimal(match[1]))
    if match := _CHANGE.search(line):
        yield ChangeAddress(match[1].upper(), match[2])
    if match := _CLOSE.search(line):
        yield CloseTicket(match[1].upper())
    if match := _AGAIN.search(line):
        yield SearchAgain(match[1])
