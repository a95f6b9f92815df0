"""Whether an answer to an exercise is what a person signed, checked from the ledger alone.

Who that was stands in the sealed part, so that nobody finds a person's exercises by their name.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.rules.approval import signable
from sallyport.rules.signed_answers import Verify, key_of
from sallyport.rules.trace import Heard

KIND = "exercise.answered"


def problem(answered: Heard, keys: Mapping[str, frozenset[str]], verify: Verify) -> str | None:
    """Return what is wrong with an answer, nothing where it holds; None where it was erased.

    Args:
        answered: The answer's entry, with its sealed part.
        keys: By person, every key that the ledger knew of before the answer.
        verify: Checks one signature.
    """
    if answered.secret is None:
        return None
    bound, said = answered.secret.get("bound"), answered.secret.get("said")
    if not isinstance(bound, dict) or not isinstance(said, dict):
        return "what was signed is not there"
    if bound.get("id") != answered.secret.get("exercise"):
        return "it is about another exercise than the one it is kept with"
    known = keys.get(str(said.get("person")), frozenset())
    signature = str(answered.secret.get("signature"))
    return "" if key_of(signable(bound, said), signature, known, verify) else "nobody signed it"
