"""What went wrong, for whoever can act on it.

Every error carries three things: a dotted `code` that never changes, `what` happened (lower case,
no full stop, input in backticks, never a secret and never an argument's value), and `fix`, the one
thing to do next. A refusal is not an error: it is a verdict, and comes back as a value. An error
means that Sallyport could not decide, could not record or could not act, and so nothing happened.
"""

from __future__ import annotations

from typing import ClassVar


class SallyportError(Exception):
    """The base of every error that Sallyport raises on purpose.

    Args:
        what: One clause: what happened, and where.
        fix: What to do about it. Defaults to the class's own advice.
    """

    code: ClassVar[str] = "sallyport.error"
    fix: str = "run `sallyport log show` for the last entries, then report this"

    def __init__(self, what: str, *, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        if fix is not None:
            self.fix = fix

    def as_dict(self) -> dict[str, str]:
        """Return the error as `{"code", "what", "fix"}` for JSON output."""
        return {"code": self.code, "what": self.what, "fix": self.fix}


class InvariantError(SallyportError):
    """Something that must always hold did not: refuse, pause the agent, alert.

    Used in place of Python's `assert`, which disappears under `-O`.
    """

    code = "invariant.broken"
    fix = "keep the state folder as it is and report this; the agent was paused"


class BadInputError(SallyportError):
    """The caller sent something that cannot be understood."""

    code = "input.bad"
    fix = "send what the documentation describes"


class MalformedJsonError(BadInputError):
    """Bytes that are not the strict JSON that Sallyport accepts."""

    code = "input.json"
    fix = "send strict JSON: no duplicate keys, no NaN or Infinity, no lone surrogates"


class TooLargeError(BadInputError):
    """A message above its size or depth limit."""

    code = "input.too_large"
    fix = "send less; the limits are in docs/settings.md"


class NotFoundError(SallyportError):
    """A name that nothing answers to."""

    code = "input.not_found"
    fix = "list what exists with the matching command, then use one of those names"


class ConflictError(SallyportError):
    """A change that does not fit what is already there."""

    code = "input.conflict"
    fix = "read the present state and decide again"


class TooSoonError(ConflictError):
    """A yes that came before its page was in sight for as long as its risk asks."""

    code = "approval.too_soon"
    fix = "read on, and say yes then; a no counts at once"


class NotAuthenticatedError(SallyportError):
    """No credential, or one that is unknown, foreign or over."""

    code = "access.not_authenticated"
    fix = "present a token made with `sallyport admin tokens make` or by a task opener"


class NotConfirmedError(BadInputError):
    """A yes to what nobody can take back does not name what it is about."""

    code = "input.not_confirmed"
    fix = "read the value once more, and type it as it stands there"


class NotPermittedError(SallyportError):
    """A known caller asked for something that is not theirs to do."""

    code = "access.not_permitted"
    fix = "ask someone who holds the role named here"


class StoreError(SallyportError):
    """The database could not read or could not take an entry; nothing was done."""

    code = "store.unavailable"
    fix = "check that the state folder's disk has room and is writable, then try again"


class StoreVersionError(StoreError):
    """The database was written by another version of Sallyport."""

    code = "store.version"
    fix = "start the version that wrote it, or restore a backup made by this one"


class StoreCorruptError(StoreError):
    """The database is not what Sallyport left there."""

    code = "store.corrupt"
    fix = "keep the file, restore the last backup, and compare with `sallyport log verify`"


class StoreLockedError(StoreError):
    """Another `serve` owns this state folder."""

    code = "store.locked"
    fix = "use the running gateway, or stop it before starting another"


class NetworkFileSystemError(StoreError):
    """The state folder is on a network file system, where locks and fsync cannot be trusted."""

    code = "store.network_file_system"
    fix = "put the state folder on a local disk"


class BrokenChainError(StoreError):
    """The ledger was changed, cut or reordered after it was written."""

    code = "ledger.broken_chain"
    fix = "stop everything, keep the file, and compare it with your last backup"


class KeyFileError(SallyportError):
    """The key file is missing, readable by others, or not the one that sealed this database."""

    code = "keys.file"
    fix = "restore the key file that belongs to this state folder, with mode 0600"


class SealError(SallyportError):
    """Sealed bytes that do not open: the wrong key, another row's bytes, or a changed byte."""

    code = "keys.seal"
    fix = "restore the key file and the database from the same backup"


class SignatureError(SallyportError):
    """A signature that is missing, over something else, or made by another key."""

    code = "people.signature"
    fix = "sign again with the key you enrolled with"


class IdentityError(SallyportError):
    """The identity provider cannot be used: it does not answer, or not as agreed."""

    code = "people.identity_provider"
    fix = "try again; look at the settings that begin with `oidc_`"


class SettingsError(SallyportError):
    """A settings file that cannot be used."""

    code = "settings.bad"
    fix = "correct the line named here; docs/settings.md lists every setting"


class UpstreamError(SallyportError):
    """A business system could not be reached, or answered with something unusable."""

    code = "upstream.failed"
    fix = "check that the system is up: `sallyport log show` names it"


class UpstreamDownError(UpstreamError):
    """The system could not be reached; nothing was sent."""

    code = "upstream.down"
    fix = "start the system or correct its address in `systems/`, then repeat the call"


class UpstreamLostError(UpstreamError):
    """The request left and no usable answer came back: what happened is not known here."""

    code = "upstream.lost"
    fix = "look in the system itself, then settle it with `sallyport inbox settle`"


class UpstreamProtocolError(UpstreamLostError):
    """The system answered with something that is not a valid answer to the question."""

    code = "upstream.protocol"
    fix = "repair or update the system's MCP server; its answer was not passed on"


class NotRunningError(SallyportError):
    """No gateway answers on the state folder's socket."""

    code = "gateway.not_running"
    fix = "start it with `sallyport serve`; to stop agents without it, use `sallyport stop`"


class NotToldError(SallyportError):
    """A channel did not take a notice that somebody tried it with."""

    code = "notify.not_told"
    fix = "correct `notify` in the settings, the stored secret or the other side, then try again"
