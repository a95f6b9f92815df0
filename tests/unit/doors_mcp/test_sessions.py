"""Sessions are sealed: nobody guesses, borrows, revives or crowds one out."""

import pytest

from sallyport.adapters.keys import KeyFile
from sallyport.doors.mcp import sessions
from sallyport.doors.mcp.refusals import DoorError, SessionError
from sallyport.doors.mcp.sessions import Sessions

VAULT = KeyFile(b"k" * 32)


def test_a_session_is_found_again_even_by_another_gateway_process() -> None:
    """The id holds what must be remembered; the same one is the same object while it lives."""
    first, second = Sessions(VAULT), Sessions(VAULT)
    session = first.begin("token", "flow", "2025-06-18")

    assert first.find(session.id, "token", "flow") is session
    assert second.find(session.id, "token", "flow").version == "2025-06-18"


@pytest.mark.parametrize("token, workflow", [("other", "flow"), ("token", "other")])
def test_a_session_of_another_token_or_workflow_does_not_exist(token: str, workflow: str) -> None:
    """Knowing the id is not enough."""
    held = Sessions(VAULT)
    session = held.begin("token", "flow", "2025-06-18")

    with pytest.raises(SessionError):
        held.find(session.id, token, workflow)


def test_no_spelling_of_an_ended_session_works() -> None:
    """Base64 has several spellings of the same bytes; only ours counts."""
    held = Sessions(VAULT)
    session = held.begin("token", "flow", "2025-06-18")
    last = session.id[-1]
    held.end(session)

    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        with pytest.raises(SessionError):
            held.find(session.id[:-1] + other, "token", "flow")
    with pytest.raises(SessionError):
        held.find(session.id[:-1] + last + "=", "token", "flow")


@pytest.mark.parametrize("session_id", ["", "A", "AAAA", "é", "%%%%", "A" * 5000, "\x00"])
def test_garbage_is_no_session(session_id: str) -> None:
    """Whatever it is, it is a clean error."""
    with pytest.raises(SessionError):
        Sessions(VAULT).find(session_id, "token", "flow")


def test_a_request_without_a_session_says_so() -> None:
    """That is another mistake than a wrong one."""
    with pytest.raises(DoorError):
        Sessions(VAULT).find(None, "token", "flow")


def test_memory_is_bounded_and_forgetting_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session that nobody used longest is forgotten, and still opens."""
    monkeypatch.setattr(sessions, "LIVE_MAX", 2)
    held = Sessions(VAULT)
    first, second = (held.begin("token", "flow", "2025-06-18") for _ in range(2))
    held.find(first.id, "token", "flow")
    held.begin("token", "flow", "2025-06-18")

    assert held.find(first.id, "token", "flow") is first
    again = held.find(second.id, "token", "flow")
    assert again is not second
    assert again.version == second.version
