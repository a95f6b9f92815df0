"""The personal keys of whoever sits here. They never enter the state folder of a gateway.

They lie in `~/.config/sallyport/keys/NAME.key`, or in the folder that SALLYPORT_KEYS names.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from sallyport.adapters.keys.people import PersonKey
from sallyport.doors.connect.parties import Gateway, Signer, objects, signed
from sallyport.errors import BadInputError, KeyFileError, NotFoundError
from sallyport.model import Json, JsonObject

EVERY_ROLE: Sequence[str] = ("administrator", "operator", "owner", "reviewer")
"""The roles of somebody who works alone."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,79}")


@dataclass(frozen=True, slots=True)
class Person:
    """A person and their key. Implements `connect.parties.Signer`."""

    name: str
    key: PersonKey

    def sign(self, message: bytes) -> str:
        """Return the hex signature over a message."""
        return self.key.sign(message)


def folder() -> Path:
    """Return where keys lie."""
    named = os.environ.get("SALLYPORT_KEYS")
    if named:
        return Path(named).expanduser().absolute()
    settings = os.environ.get("XDG_CONFIG_HOME")
    base = Path(settings) if settings else Path.home() / ".config"
    return base / "sallyport" / "keys"


def names() -> list[str]:
    """Return whose keys are here."""
    return sorted(path.name.removesuffix(".key") for path in folder().glob("*.key"))


def open_key(name: str) -> Person:
    """Return a person with their key, asking for its passphrase where it has one.

    Args:
        name: Who; empty for the only key that is here.

    Raises:
        NotFoundError: There is no such key, or none at all.
        BadInputError: There are several and none was named.
        KeyFileError: It does not open.
    """
    who = name or _only()
    path = _path(who)
    if not path.exists():
        raise NotFoundError(
            f"there is no key of `{who}` in `{folder()}`",
            fix=f"use --as with one of: {', '.join(names())}" if names() else _elsewhere(who),
        )
    return Person(who, PersonKey.load(path, _passphrase(path)))


def make_key(name: str, *, passphrase: str = "") -> Person:
    """Make a new key for a person and keep it.

    Raises:
        ConflictError: They have one here already.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    key = PersonKey.generate()
    key.save(_path(name), passphrase)
    return Person(name, key)


def forget_key(name: str) -> None:
    """Remove a key that was made for an enrolment which did not take place."""
    _path(name).unlink(missing_ok=True)


def known_or_new(name: str, *, passphrase: str = "") -> tuple[Person, bool]:
    """Return a person's key, made now where there is none, and whether it was made."""
    if _path(name).exists():
        return open_key(name), False
    return make_key(name, passphrase=passphrase), True


def ask_new_passphrase() -> str:
    """Ask for a passphrase twice."""
    return str(typer.prompt("Passphrase of the new key", hide_input=True, confirmation_prompt=True))


def somebody() -> str:
    """Return the name of whoever sits here: of their only key, else of their user account."""
    found = names()
    if len(found) == 1:
        return found[0]
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    return user if _NAME.fullmatch(user) else "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOwner:
    """The person whose authority a new boundary rests on. Implements `connect.parties.Owner`."""

    gateway: Gateway
    name: str

    def signer(self) -> Signer:
        """Return them with their key; where nobody is enrolled, they are, with every role."""
        if enrolled(self.gateway):
            return open_key(self.name)
        return enrol_first(self.gateway, self.name, EVERY_ROLE)


def owner(gateway: Gateway, named: str) -> LocalOwner:
    """Return who signs here: as named, or the only one whose key is here, or a person to be."""
    return LocalOwner(gateway=gateway, name=named or (_only() if enrolled(gateway) else somebody()))


def enrolled(gateway: Gateway) -> list[JsonObject]:
    """Return everybody who can answer: active, with a key."""
    people = objects(gateway.get("people"), "people")
    return [one for one in people if one.get("public_key") and one.get("active") is not False]


def enrol_first(
    gateway: Gateway, name: str, roles: Sequence[str], *, passphrase: str = ""
) -> Person:
    """Enrol the first person, by being on the host; their key is made where they have none."""
    person, new = known_or_new(name, passphrase=passphrase)
    try:
        gateway.post("people", _enrolment(name, roles, person.key.public_key))
    except BaseException:
        if new:
            forget_key(name)
        raise
    return person


def enrol(
    gateway: Gateway, name: str, roles: Sequence[str], public_key: str, *, by: Signer
) -> None:
    """Enrol a further person, by an administrator's signature."""
    details = _enrolment(name, roles, public_key)
    gateway.post("people", {**details, "signed": signed(by, "enrol", details)})


def _enrolment(name: str, roles: Sequence[str], public_key: str) -> JsonObject:
    return {"name": name, "roles": list[Json](sorted(set(roles))), "public_key": public_key}


def _only() -> str:
    found = names()
    if not found:
        raise NotFoundError(f"there is no key in `{folder()}`", fix=_elsewhere("NAME"))
    if len(found) > 1:
        raise BadInputError("several people's keys are here", fix=f"add --as {' or '.join(found)}")
    return found[0]


def _elsewhere(name: str) -> str:
    made = f"`sallyport admin people add {name} --role owner --role reviewer`"
    return f"name its folder in SALLYPORT_KEYS, or make one with {made}"


def _path(name: str) -> Path:
    if _NAME.fullmatch(name) is None:
        raise BadInputError(
            f"`{name[:80]}` is no name of a person", fix="use letters, digits and . _ @ + -"
        )
    return folder() / f"{name}.key"


def _passphrase(path: Path) -> str:
    try:
        locked = b"ENCRYPTED" in path.read_bytes()[:8192]
    except OSError as error:
        raise KeyFileError(f"key file `{path}` cannot be read") from error
    if not locked:
        return ""
    if not sys.stdin.isatty():
        raise KeyFileError(
            f"key file `{path}` has a passphrase", fix="run this in a terminal, to be asked for it"
        )
    return str(typer.prompt(f"Passphrase of {path.stem}", hide_input=True, err=True))
