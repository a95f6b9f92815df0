"""The thin client: what the gateway refused is raised as the very same error."""

import http.server
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sallyport import errors
from sallyport.doors.api.wire import STATUS, refusal
from sallyport.doors.client import ClientError, LocalClient, LostError
from sallyport.errors import NotRunningError, SallyportError
from sallyport.rules.boundary.problems import BoundaryErrors, Problem

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SallyportError)
]

Answering = Callable[[int, bytes], LocalClient]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    """Serve one fixed answer on a socket file, whose path is too long for the system."""
    state = tmp_path / ("a-long-name" * 9) / ".sallyport"
    state.mkdir(parents=True)
    told: list[tuple[int, bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = told[-1]
            if status == 0:
                return
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "local"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    def answer(status: int, body: bytes) -> LocalClient:
        told.append((status, body))
        return LocalClient(state, timeout_s=10)

    with pytest.MonkeyPatch.context() as inside:
        inside.chdir(state)
        server = socketserver.UnixStreamServer("sallyport.sock", Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield answer
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_arrives_as_the_error_that_it_was(
    answering: Answering, kind: type[SallyportError]
) -> None:
    """Class, code, what and fix."""
    sent = refusal(kind("`x` went wrong", fix="mend it"))
    with pytest.raises(SallyportError) as raised:
        answering(sent.status_code, bytes(sent.body)).status()
    assert type(raised.value) is kind
    assert (raised.value.what, raised.value.fix) == ("`x` went wrong", "mend it")


def test_the_problems_of_a_file_arrive_with_their_places(answering: Answering) -> None:
    """All of them, as they were found."""
    problem = Problem(file="a.yaml", line=3, column=5, code="boundary.x", what="w", fix="f")
    sent = refusal(BoundaryErrors([problem]))
    with pytest.raises(BoundaryErrors) as raised:
        answering(sent.status_code, bytes(sent.body)).status()
    assert raised.value.problems == (problem,)


def test_an_error_of_another_version_keeps_its_code(answering: Answering) -> None:
    """Whoever prints it prints what the gateway said."""
    body = json.dumps({"error": {"code": "new.kind", "what": "w", "fix": "f"}}).encode()
    with pytest.raises(ClientError) as raised:
        answering(418, body).status()
    assert raised.value.as_dict() == {"code": "new.kind", "what": "w", "fix": "f"}


@pytest.mark.parametrize("body", [b"", b"Not Found", b"[]", b'{"a":1,"a":2}'])
def test_an_answer_that_is_none_is_said_to_be_none(answering: Answering, body: bytes) -> None:
    """Something else listens there, or another version."""
    with pytest.raises(ClientError):
        answering(404, body).status()


def test_a_gateway_that_hangs_up_is_told_apart_from_none(answering: Answering) -> None:
    """What was asked may have been done."""
    with pytest.raises(LostError):
        answering(0, b"").status()


def test_where_no_gateway_serves_the_error_says_so(tmp_path: Path) -> None:
    """No folder, or a socket file that nobody listens on any more."""
    with pytest.raises(NotRunningError):
        LocalClient(tmp_path / "nowhere").status()


def test_numbers_come_back_exact(answering: Answering) -> None:
    """What a person signs must be what the gateway showed."""
    got = answering(200, b'{"amount": 50.00, "at_us": 1763715600000001}').status()
    assert str(got["amount"]) == "50.00"
    assert got["at_us"] == 1763715600000001


def test_every_kind_of_error_has_its_status() -> None:
    """A new kind of error needs a line in the table, or is somebody's fault inside."""
    unlisted = {kind for kind in KINDS if not issubclass(kind, tuple(k for k, _ in STATUS))}
    assert {kind.__name__ for kind in unlisted} == {
        "SallyportError",
        "KeyFileError",
        "SealError",
        "NotRunningError",
    }
