"""Which of a person's keys made a signature."""

from __future__ import annotations

from sallyport.model import Person
from sallyport.ports import Signatures


def key_of(signatures: Signatures, person: Person, message: bytes, signature: str) -> str:
    """Return the key of a person that signed a message; empty when none of theirs did.

    Nobody has signed an empty message: it stands for what cannot be signed.
    """
    if not message:
        return ""
    made = (key for key in person.keys if signatures.verify(key, message, signature))
    return next(made, "")
