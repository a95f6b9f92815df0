"""Headers and parameters: whatever comes in is read in one way, or is a clean refusal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.mcp import calls, headers
from sallyport.doors.mcp.refusals import DoorError, ForeignHostError, NotAcceptableError
from sallyport.doors.settings import Settings
from sallyport.errors import BadInputError, NotAuthenticatedError
from sallyport.model import Json
from sallyport.rules.jsonrpc import Request
from sallyport.rules.methods import METHODS

BOUNDS = Settings(
    home=Path("/home"),
    allowed_hosts=("gate.example",),
    allowed_origins=("https://console.example",),
)
LATIN = st.text(st.characters(max_codepoint=255), max_size=40)


def test_named_hosts_and_origins_are_let_in_to_the_letter() -> None:
    """A host with any port; an origin exactly as written, so that no other scheme slips in."""
    headers.check_host({b"host": "gate.example:443"}, BOUNDS)
    headers.check_host({b"host": "GATE.example", b"origin": "https://console.example"}, BOUNDS)
    for origin in ("http://console.example", "https://console.example:8443", "https://x"):
        with pytest.raises(ForeignHostError):
            headers.check_host({b"host": "gate.example", b"origin": origin}, BOUNDS)
    for host in ("www.gate.example", "gate.example.evil", "gate.example:x", "gate.example]"):
        with pytest.raises(ForeignHostError):
            headers.check_host({b"host": host}, BOUNDS)


@given(LATIN, LATIN)
def test_no_host_or_origin_makes_trouble(host: str, origin: str) -> None:
    """Anything at all is let in or turned away."""
    try:
        headers.check_host({b"host": host, b"origin": origin}, BOUNDS)
    except ForeignHostError:
        return


@given(LATIN)
def test_what_a_client_accepts_is_read_or_refused(accept: str) -> None:
    """At least one form is left, or 406."""
    try:
        found = headers.accepts({b"accept": accept})
    except NotAcceptableError:
        return
    assert found.json or found.stream


def test_a_bearer_token_is_read_in_any_case_and_nothing_else_is() -> None:
    """The scheme's name has no case; a second word is part of the token and so unknown."""
    assert headers.bearer({b"authorization": "bEaReR  spt_x "}) == "spt_x"
    for value in ("", "spt_x", "Basic spt_x", "Bearer", "Bearer " + "x" * 600):
        with pytest.raises(NotAuthenticatedError):
            headers.bearer({b"authorization": value})


def test_headers_that_decide_nothing_may_repeat() -> None:
    """They are joined, as HTTP says; the others may not."""
    assert headers.read([(b"accept", b"a"), (b"accept", b"b")])[b"accept"] == "a,b"
    with pytest.raises(DoorError):
        headers.read([(b"host", b"a"), (b"host", b"b")])


@pytest.mark.parametrize(
    "meta, progress",
    [
        ({}, None),
        ({"progressToken": 0}, 0),
        ({"progressToken": "p"}, "p"),
        ({"progressToken": True}, None),
        ({"progressToken": "p" * 300}, None),
        ({"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}, None),
        ({"io.sallyport/call": {"verdict": "allow"}}, None),
    ],
)
def test_of_meta_only_what_is_listed_is_read(
    meta: dict[str, Json], progress: str | int | None
) -> None:
    """A progress token, and nothing else."""
    asked = calls.read(Request(1, "tools/call", {"name": "look", "_meta": meta}))

    assert (asked.progress, asked.args) == (progress, {})


@pytest.mark.parametrize("method", sorted(METHODS))
def test_no_tool_bears_the_name_of_a_method(method: str) -> None:
    """What is called as a tool cannot be taken for a method of MCP."""
    with pytest.raises(BadInputError):
        calls.read(Request(1, "tools/call", {"name": method}))


@given(
    st.dictionaries(
        st.sampled_from(["name", "arguments", "_meta", "x"]),
        st.one_of(st.none(), st.text(), st.integers(), st.just({}), st.just([])),
    )
)
def test_no_parameters_make_trouble(params: dict[str, Json]) -> None:
    """They are a call, or a clean error."""
    try:
        asked = calls.read(Request(1, "tools/call", params))
    except BadInputError:
        return
    assert calls.TOOL_NAME.fullmatch(asked.tool)
