"""What people sign besides answers: one verb, its details, who and when, as bytes.

A signature is good for one statement, within minutes, once. Whoever loosens something back to what
a boundary says (resume, release, promote, settle, enrol) signs; whoever tightens need not.
"""

from __future__ import annotations

from dataclasses import dataclass

from sallyport.errors import SignatureError
from sallyport.model import JsonObject
from sallyport.rules import canonical
from sallyport.rules.times import SECOND_US

GOOD_FOR_US = 5 * 60 * SECOND_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who says so: a person, when, and their hex signature over the statement."""

    person: str
    at_us: int
    signature: str


def statement(verb: str, details: JsonObject, *, person: str, at_us: int) -> bytes:
    """Return the bytes that a person signs to have `verb` done."""
    said: JsonObject = {"verb": verb, "details": details, "person": person, "at_us": at_us}
    return b"sallyport/statement/v1\n" + canonical.encode(said)


def fresh(signed: Signed, now_us: int) -> None:
    """Check that a statement was signed just now.

    Raises:
        SignatureError: It is older than five minutes, or from the future.
    """
    if not -GOOD_FOR_US < now_us - signed.at_us < GOOD_FOR_US:
        raise SignatureError(
            "the signature was not made just now", fix="check this machine's clock and sign again"
        )
