"""Whether an answer in the ledger is what a person signed: checked from the ledger alone, offline.

Rules:
  1. The statement is put together again from the entry and its sealed part, byte for byte.
  2. What it is about must be the object that the question was asked with, by its digest.
  3. The key must be one that this person was enrolled with, as the ledger itself has it by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from sallyport.model import Json, JsonObject, Listed
from sallyport.rules import approval_object, batches, canonical
from sallyport.rules.approval import signable
from sallyport.rules.trace import Heard

KINDS = frozenset({"approval.answered", "approval.passed"})
"""The entries that hold a person's answer."""

Verify = Callable[[str, bytes, str], bool]
"""Says whether a public key made a signature over a message."""


def checkable(answered: Heard, asked: Heard | None) -> bool:
    """Return whether everything that was signed is still there, and was not erased."""
    return answered.secret is not None and asked is not None and asked.secret is not None


def problem(
    answered: Heard, asked: Heard | None, keys: Mapping[str, frozenset[str]], verify: Verify
) -> str:
    """Return what is wrong with a signed answer; nothing where all of it holds.

    Args:
        answered: The answer's entry, with its sealed part.
        asked: The entry of the question, with its sealed part.
        keys: By person, every key that the ledger knew of before the answer.
        verify: Checks one signature.
    """
    body, secret = answered.body, answered.secret
    if secret is None or asked is None or asked.secret is None:
        return "its sealed part was erased, so it cannot be checked any more"
    bound, person = body.get("bound"), str(body.get("person"))
    if not isinstance(bound, dict) or not _same(bound, asked):
        return "it is about another question than the one that was asked"
    if canonical.digest("because", secret.get("because")) != body.get("because"):
        return "its words are not the ones it was given with"
    made = _signed(bound, body, secret, asked.secret.get("object"))
    if not made:
        return "it does not stand in the list that was signed"
    key = key_of(made, str(body.get("signature")), keys.get(person, frozenset()), verify)
    if not key:
        return f"no key that `{person[:80]}` was enrolled with has signed it"
    return "" if body.get("key", key) == key else "another key is noted than the one that signed it"


def key_of(made: bytes, signature: str, keys: frozenset[str], verify: Verify) -> str:
    """Return the key that made a signature; nothing when none of these did."""
    return next((key for key in sorted(keys) if verify(key, made, signature)), "")


def signed_part(body: JsonObject, secret: JsonObject) -> JsonObject:
    """Return the part of an answer that was signed, as its entry has it."""
    part: dict[str, Json] = {
        "person": body.get("person"),
        "yes": body.get("yes"),
        "because": secret.get("because"),
        "at_us": body.get("at_us"),
    }
    part |= {name: body[name] for name in ("kind", "code", "to") if body.get(name)}
    if "args" in secret:
        part["args"] = secret["args"]
    if body.get("ahead"):
        part["ahead"] = body["ahead"]
    if secret.get("typed"):
        part["typed"] = secret["typed"]
    return part


def _signed(bound: JsonObject, body: JsonObject, secret: JsonObject, made: Json) -> bytes:
    """Return the bytes that were signed; nothing where a list has no such row."""
    part, listed = signed_part(body, secret), body.get("listed")
    if not listed:
        return signable(bound, part)
    try:
        place = msgspec.convert(listed, Listed)
    except msgspec.ValidationError:
        return b""
    if not isinstance(made, dict) or not batches.stands_in(bound, place):
        return b""
    return batches.signable(batches.about(made, place.root, place.size), part)


def keys_in(entry: Heard) -> tuple[str, frozenset[str]]:
    """Return whose keys a `person.kept` or `step.kept` entry tells of, and which."""
    passkeys = entry.body.get("passkeys")
    found = {str(one) for one in passkeys} if isinstance(passkeys, list) else set[str]()
    found.add(str(entry.body.get("public_key") or ""))
    whose = entry.body.get("step") or entry.body.get("person")
    return str(whose), frozenset(found - {""})


def _same(bound: JsonObject, asked: Heard) -> bool:
    """Return whether what was signed is what the question's own entry says it binds."""
    made = (asked.secret or {}).get("object")
    about = approval_object.digest(made) if isinstance(made, dict) else ""
    named = ("call", "digest", "about", "boundary", "target", "who", "how_many", "expires_us")
    same = all(bound.get(name) == asked.body.get(name) for name in named)
    return same and bound.get("id") == asked.body.get("approval") and bound.get("about") == about
