"""The thin client of the people's socket: JSON in, JSON out, errors as they were raised.

What the gateway refuses is raised here as the same error. Where nothing answers, `NotRunningError`
says so, and nothing was done.
"""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from sallyport.errors import BadInputError, NotRunningError, SallyportError
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.boundary.problems import BoundaryErrors, Problem, Severity
from sallyport.rules.statements import Signed
from sallyport.rules.strict_json import loads

STATE = ".sallyport"
SOCKET = "sallyport.sock"
TIMEOUT_S = 120
ANSWER_BYTES_MAX = 256 * 1024 * 1024
ANSWER_DEPTH_MAX = 1000
PATH_BYTES_MAX = 100
"""A socket's path has room for about 108 bytes; a longer one is reached through its folder."""


class ClientError(SallyportError):
    """The conversation with the gateway failed, or it told an error that is not known here."""

    code = "gateway.client"
    fix = "use the client of the same version as the gateway"


class SlowError(ClientError):
    """No answer came in time."""

    code = "gateway.slow"
    fix = "look with `sallyport log` what was done, then try again"


class LostError(ClientError):
    """The gateway stopped answering in the middle."""

    code = "gateway.lost"
    fix = "look with `sallyport log` what was done, then try again"


class LocalClient:
    """Speaks to the gateway that serves a home folder on this host.

    Args:
        folder: The home folder, or the state folder in it.
        timeout_s: How long to wait for an answer.
    """

    def __init__(self, folder: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        inside = folder / STATE
        # A home may itself be called `.sallyport`, as the one in a user's own folder is.
        is_state = folder.name == STATE and not inside.is_dir()
        self._socket = (folder if is_state else inside) / SOCKET
        self._timeout_s = timeout_s

    # --- Any address. ---

    def get(self, path: str, **query: Json) -> dict[str, Any]:
        """Return what a GET brings; query values that are None or empty are left out.

        Raises:
            NotRunningError: Nothing answers.
            SallyportError: What the gateway refused.
        """
        pairs = {name: _spelled(value) for name, value in query.items() if value not in {None, ""}}
        return self._ask("GET", f"{path}?{urlencode(pairs)}" if pairs else path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a POST brings.

        Raises:
            NotRunningError: Nothing answers.
            SallyportError: What the gateway refused.
        """
        return self._ask("POST", path, canonical.encode(cast(JsonObject, dict(body))))

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        connection = _Connection(self._socket, self._timeout_s)
        try:
            connection.request(method, path, body, {"content-type": "application/json"})
            response = connection.getresponse()
            status, data = response.status, response.read(ANSWER_BYTES_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _silent(self._socket, error) from error
        finally:
            connection.close()
        return _told(status, data)

    # --- One method for each verb. ---

    def status(self) -> dict[str, Any]:
        """Return what is in force and what waits."""
        return self.get("/admin/status")

    def stop(self, scope: str, *, because: str, by: str) -> dict[str, Any]:
        """Stop a scope; return the switch and the calls that were out already."""
        return self.post("/admin/stop", {"scope": scope, "because": because, "by": by})

    def floor(self, scope: str, verdict: str, *, because: str, by: str) -> dict[str, Any]:
        """Set the least strict verdict of a scope."""
        body = {"scope": scope, "verdict": verdict, "because": because, "by": by}
        return self.post("/admin/floor", body)

    def resume(self, scope: str, *, because: str, signed: Signed) -> dict[str, Any]:
        """Lift what was set for a scope."""
        body = {"scope": scope, "because": because, "signed": _signed(signed)}
        return self.post("/admin/resume", body)

    def inbox(self) -> list[dict[str, Any]]:
        """Return what waits for people."""
        return _list(self.get("/admin/inbox"), "items")

    def item(self, item_id: str) -> dict[str, Any]:
        """Return one thing that waits, in full."""
        return self.get(f"/admin/inbox/{quote(item_id, safe='')}")

    def answer(
        self,
        approval: str,
        *,
        person: str,
        yes: bool,
        because: str,
        at_us: int,
        signature: str,
        **more: str,
    ) -> dict[str, Any]:
        """Answer a question, as signed; `more` is whatever else was said (`code`, `typed`)."""
        return self.post(
            "/admin/answer",
            {
                "approval": approval,
                "person": person,
                "yes": yes,
                "because": because,
                "at_us": at_us,
                "signature": signature,
                **more,
            },
        )

    def release(self, draft: str, *, signed: Signed) -> dict[str, Any]:
        """Release a draft: it is proposed anew, and asks."""
        return self.post("/admin/release", {"draft": draft, "signed": _signed(signed)})

    def discard(self, draft: str, *, signed: Signed) -> dict[str, Any]:
        """Throw a draft away."""
        return self.post("/admin/discard", {"draft": draft, "signed": _signed(signed)})

    def settle(self, call: str, *, happened: bool, because: str, signed: Signed) -> dict[str, Any]:
        """Say what became of a call in doubt."""
        body = {
            "call": call,
            "happened": happened,
            "because": because,
            "signed": _signed(signed),
        }
        return self.post("/admin/settle", body)

    def call(self, call_id: str) -> dict[str, Any]:
        """Return how a call stands."""
        return self.get(f"/admin/calls/{quote(call_id, safe='')}")

    def log(self, **query: Json) -> list[dict[str, Any]]:
        """Return ledger entries that match; see `GET /admin/log` for the words."""
        return _list(self.get("/admin/log", **query), "entries")

    def verify_log(self) -> dict[str, Any]:
        """Return what verifying the whole ledger has shown."""
        return self.get("/admin/log/verify")

    def trace(self, call_id: str) -> dict[str, Any]:
        """Return a call's eight steps."""
        return self.get(f"/admin/log/{quote(call_id, safe='')}")

    def try_call(
        self, workflow: str, tool: str, args: Mapping[str, Any], **supposed: Any
    ) -> dict[str, Any]:
        """Return what would be decided on a hypothetical call."""
        body = {"workflow": workflow, "tool": tool, "args": dict(args), **supposed}
        return self.post("/admin/try", body)

    def propose(
        self, workflow: str, *, file: str, systems: Mapping[str, str], because: str = ""
    ) -> dict[str, Any]:
        """Compile a boundary from file texts; nothing counts yet."""
        body = {"workflow": workflow, "file": file, "systems": dict(systems), "because": because}
        return self.post("/admin/boundary/propose", body)

    def activate(self, digest: str, *, person: str, signature: str) -> dict[str, Any]:
        """Add a person's signature to a proposed boundary."""
        body = {"digest": digest, "person": person, "signature": signature}
        return self.post("/admin/boundary/activate", body)

    def history(self, workflow: str) -> dict[str, Any]:
        """Return the versions of a workflow's boundary, the newest first."""
        return self.get(f"/admin/boundary/history/{quote(workflow, safe='')}")

    def revert(self, workflow: str, to: int, *, because: str = "") -> dict[str, Any]:
        """Propose an earlier version again; nothing counts yet."""
        body = {"workflow": workflow, "to": to, "because": because}
        return self.post("/admin/boundary/revert", body)

    def mark_baseline(self, workflow: str, version: int, *, signed: Signed) -> dict[str, Any]:
        """Mark a version as the baseline of its workflow."""
        body = {"workflow": workflow, "version": version, "signed": _signed(signed)}
        return self.post("/admin/boundary/baseline/mark", body)

    def baseline_on(self, workflow: str, *, because: str, by: str) -> dict[str, Any]:
        """Hold a workflow to its baseline as well, from this moment."""
        body = {"workflow": workflow, "because": because, "by": by}
        return self.post("/admin/boundary/baseline/on", body)

    def baseline_off(self, workflow: str, *, because: str, signed: Signed) -> dict[str, Any]:
        """Hold a workflow to its baseline no more."""
        body = {"workflow": workflow, "because": because, "signed": _signed(signed)}
        return self.post("/admin/boundary/baseline/off", body)

    def boundaries(self) -> list[dict[str, Any]]:
        """Return the boundaries in force."""
        return _list(self.get("/admin/boundaries"), "active")

    def inspect(self, text: str, *, file: str) -> dict[str, Any]:
        """Connect to a system and return what it offers."""
        return self.post("/admin/systems/inspect", {"file": file, "text": text})

    def keep_secret(self, name: str, value: str) -> dict[str, Any]:
        """Keep a credential."""
        return self.post("/admin/secrets", {"name": name, "value": value})

    def secrets(self) -> list[str]:
        """Return the names of held credentials."""
        return cast("list[str]", self.get("/admin/secrets")["names"])

    def channels(self) -> list[dict[str, Any]]:
        """Return the channels by which people are told, and how they do."""
        return _list(self.get("/admin/notify"), "channels")

    def try_channel(self, channel: str, *, by: str) -> dict[str, Any]:
        """Send a notice that says nothing but that it came."""
        return self.post("/admin/notify/test", {"channel": channel, "by": by})

    def people(self) -> list[dict[str, Any]]:
        """Return the people that are known."""
        return _list(self.get("/admin/people"), "people")

    def enrol(
        self, name: str, roles: list[str], public_key: str, *, signed: Signed | None = None
    ) -> dict[str, Any]:
        """Add a person, or give one a key and roles."""
        body: dict[str, Any] = {"name": name, "roles": sorted(roles), "public_key": public_key}
        if signed is not None:
            body["signed"] = _signed(signed)
        return self.post("/admin/people", body)

    def deactivate(self, name: str, *, signed: Signed) -> dict[str, Any]:
        """Switch a person off."""
        return self.post("/admin/people/deactivate", {"name": name, "signed": _signed(signed)})

    def agents(self) -> list[dict[str, Any]]:
        """Return the agents that are known."""
        return _list(self.get("/admin/agents"), "agents")

    def add_agent(
        self, name: str, *, owner: str, purpose: str, contact: str, by: str
    ) -> dict[str, Any]:
        """Register an agent: who answers for it, what it is for, and whom to tell of trouble."""
        said = {"owner": owner, "purpose": purpose, "contact": contact, "by": by}
        return self.post("/admin/agents", {"name": name, **said})

    def stage(self, agent: str, stage: str, *, because: str, signed: Signed) -> dict[str, Any]:
        """Move an agent to another stage."""
        body = {"agent": agent, "stage": stage, "because": because, "signed": _signed(signed)}
        return self.post("/admin/agents/stage", body)

    def tokens(self) -> list[dict[str, Any]]:
        """Return the tokens that count."""
        return _list(self.get("/admin/tokens"), "tokens")

    def make_token(self, kind: str, *, by: str, **what: Any) -> str:
        """Make a token and return it, once."""
        return str(self.post("/admin/tokens", {"kind": kind, "by": by, **what})["token"])

    def revoke(self, token_id: str, *, by: str) -> dict[str, Any]:
        """Make a token worthless."""
        return self.post("/admin/tokens/revoke", {"id": token_id, "by": by})


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket file. The host name is fixed, since the file says who is reached."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("sallyport", timeout=timeout_s)
        self._path = path
        self._timeout_s = timeout_s

    def connect(self) -> None:
        """Connect to the socket file, however long its path is."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._timeout_s)
        if len(os.fsencode(self._path)) <= PATH_BYTES_MAX:
            self.sock.connect(os.fspath(self._path))
            return
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)


def _told(status: int, data: bytes) -> dict[str, Any]:
    """Return an answer's object, or raise the error that it is."""
    try:
        value = loads(data, bytes_max=ANSWER_BYTES_MAX, depth_max=ANSWER_DEPTH_MAX)
    except BadInputError as error:
        raise ClientError(f"the gateway's answer ({status}) cannot be read") from error
    if not isinstance(value, dict):
        raise ClientError(f"the gateway's answer ({status}) is no object")
    told = value.get("error")
    if status < http.client.BAD_REQUEST or not isinstance(told, dict):
        return value
    raise _raised(told, value.get("problems"))


def _raised(error: JsonObject, problems: Json) -> SallyportError:
    """Return the gateway's error as the class that it was."""
    code, what, fix = (str(error.get(name, "")) for name in ("code", "what", "fix"))
    if isinstance(problems, list):
        return BoundaryErrors(_problem(cast("dict[str, Any]", one)) for one in problems)
    kind = next((found for found in _kinds(SallyportError) if found.code == code), None)
    return (kind or _unknown(code))(what, fix=fix)


def _unknown(code: str) -> type[SallyportError]:
    """Return a class for an error of another version, so that its code is kept."""
    return type("ClientError", (ClientError,), {"code": code})


def _problem(told: Mapping[str, Any]) -> Problem:
    flat: dict[str, Any] = {**told, "severity": Severity(told["severity"])}
    return Problem(**flat)


def _kinds(base: type[SallyportError]) -> Iterator[type[SallyportError]]:
    """Yield the error classes of `sallyport.errors`, which are all made of what and fix."""
    if base.__module__ == SallyportError.__module__:
        yield base
        for kind in base.__subclasses__():
            yield from _kinds(kind)


def _silent(path: Path, error: Exception) -> SallyportError:
    if isinstance(error, TimeoutError):
        return SlowError("the gateway did not answer in time; what was asked may still be done")
    if isinstance(error, FileNotFoundError | ConnectionRefusedError | NotADirectoryError):
        return NotRunningError(f"no gateway answers at `{path}`")
    if isinstance(error, PermissionError):
        return NotRunningError(
            f"the socket `{path}` belongs to another user",
            fix="run this as the user that runs `sallyport serve`",
        )
    return LostError(f"the gateway stopped answering ({type(error).__name__})")


def _signed(signed: Signed) -> JsonObject:
    return {"person": signed.person, "at_us": signed.at_us, "signature": signed.signature}


def _spelled(value: Json) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _list(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", answer[name])
