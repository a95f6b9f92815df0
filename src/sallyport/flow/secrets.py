"""The credentials held for business systems: sealed, opened on use, looked for in answers.

Rules:
  1. A value is stored sealed under its own name, and no ledger entry, error or answer repeats it.
  2. What a system answers is searched for every held secret, in the forms that answers write it.
  3. A value too short to be told from ordinary text is refused when it is stored, because finding
     it everywhere would withhold everything.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

from sallyport.errors import BadInputError, ConflictError, NotFoundError
from sallyport.flow import rows
from sallyport.flow.evidence import Draught, Evidence, index_of
from sallyport.model import Call, JsonObject
from sallyport.ports import Blocked, Change, Insert, Store, Update, Vault
from sallyport.rules import canonical
from sallyport.rules.commands import Answered
from sallyport.rules.output import searched

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
VALUE_CHARS_MIN = 6
VALUE_CHARS_MAX = 16_384


class Secrets:
    """The held secrets. Made by `load_secrets`.

    The forms to search for stay in memory: opening every secret for every answer would cost more
    than the answer, and the key that opens them is in the same memory.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._sealed: dict[str, bytes] = {}
        self._forms: dict[str, tuple[bytes, ...]] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of all held secrets, sorted."""
        return tuple(sorted(self._sealed))

    def get(self, name: str) -> str:
        """Return a secret's value.

        Raises:
            NotFoundError: No secret is kept under this name.
            SealError: It does not open with this key file.
        """
        sealed = self._sealed.get(name)
        if sealed is None:
            raise NotFoundError(
                f"no secret is kept under the name `{name[:80]}`",
                fix=f"keep it with `sallyport admin secrets put {name[:80]}`",
            )
        return self._vault.open(_label(name), sealed).decode()

    async def put(self, name: str, value: str, *, evidence: Evidence, by: str = "") -> None:
        """Keep a secret, in place of an older one of the same name; it counts from the next use.

        Args:
            name: What `credential` or `secret:NAME` of a system file calls it.
            value: The credential itself.
            evidence: Where it is noted that the secret was kept, without its value.
            by: Who keeps it.

        Raises:
            BadInputError: The name cannot be used, or the value is too short or too long.
            ConflictError: Somebody else kept it in the same moment.
        """
        _usable(name, value)
        sealed = self._vault.seal(_label(name), value.encode())
        draught = evidence.draught()
        draught.changes.append(self._change(name, sealed, draught))
        body: JsonObject = {"secret": name, "replaces": name in self._sealed, "by": by}
        evidence.note(draught, "secret.kept", body, index={"person": by})
        if isinstance(await self._store.append(draught.done()), Blocked):
            raise ConflictError(f"secret `{name}` was kept by somebody else meanwhile")
        self._hold(name, sealed)

    def leak(self, data: bytes) -> str | None:
        """Return the name of a held secret that these bytes contain, or None."""
        for name, forms in self._forms.items():
            if any(form in data for form in forms):
                return name
        return None

    async def searched(self, answered: Answered, call: Call, evidence: Evidence) -> Answered:
        """Return an answer as it may be passed on; one that held a secret is withheld and noted."""
        if not self._forms:
            return answered
        passed_on, name = searched(answered, self.leak)
        if name:
            draught = evidence.draught()
            body: JsonObject = {
                "call": call.id,
                "system": call.system,
                "tool": call.proposal.tool,
                "secret": name,
            }
            evidence.note(draught, "secret.withheld", body, index=index_of(call))
            await self._store.append(draught.done())
        return passed_on

    async def load(self) -> None:
        """Take in what the database keeps.

        Raises:
            SealError: A row does not open with this key file.
        """
        for row in await self._store.rows("secrets"):
            self._hold(rows.text(row, "id"), rows.blob(row, "sealed"))

    def _change(self, name: str, sealed: bytes, draught: Draught) -> Change:
        if name in self._sealed:
            return Update("secrets", name, {}, {"sealed": sealed})
        return Insert("secrets", {"id": name, "sealed": sealed, "created_us": draught.at_us})

    def _hold(self, name: str, sealed: bytes) -> None:
        value = self._vault.open(_label(name), sealed).decode()
        self._sealed[name] = sealed
        self._forms[name] = tuple(sorted(set(forms_of(value))))


async def load_secrets(store: Store, vault: Vault) -> Secrets:
    """Return the secrets that the database keeps.

    Raises:
        SealError: A row does not open with this key file.
    """
    secrets = Secrets(store, vault)
    await secrets.load()
    return secrets


def forms_of(value: str) -> Iterator[bytes]:
    """Yield the ways in which a JSON answer may write a secret.

    As text, as text inside JSON that is itself a text, percent-encoded, in hex, and in base64 at
    any place of a longer base64 text.
    """
    plain = value.encode()
    inside_json = (canonical.text(value)[1:-1], json.dumps(value)[1:-1], value.replace("/", "\\/"))
    for text in (value, *inside_json, quote(value, safe="")):
        yield text.encode()
        yield canonical.text(text)[1:-1].encode()
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for offset in range(3):
        yield _in_base64(plain, offset)
        yield _in_base64(plain, offset).translate(bytes.maketrans(b"+/", b"-_"))


def _in_base64(plain: bytes, offset: int) -> bytes:
    """Return the base64 characters that depend on `plain` alone when `offset` bytes precede it."""
    whole = base64.b64encode(bytes(offset) + plain)
    first = -(-offset * 8 // 6)
    after = (offset + len(plain)) * 8 // 6
    return whole[first:after]


def _label(name: str) -> str:
    return f"secrets/{name}"


def _usable(name: str, value: str) -> None:
    if NAME.fullmatch(name) is None:
        raise BadInputError(
            "that name cannot be used for a secret",
            fix="use letters, digits and . _ -, at most 80",
        )
    if not VALUE_CHARS_MIN <= len(value) <= VALUE_CHARS_MAX:
        raise BadInputError(
            f"the value of secret `{name}` has {len(value)} characters",
            fix=f"keep one of {VALUE_CHARS_MIN} to {VALUE_CHARS_MAX} characters",
        )
