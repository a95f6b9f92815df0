"""Where somebody goes on after signing in: a page of this console, whatever was asked for."""

import pytest

from sallyport.doors.console.sign_in import INBOX, TO_CHARS, onward


@pytest.mark.parametrize(
    "to", ["/approvals/a-1", "/inbox?of=team&q=late", "/quick/AbC-_", "/agents/support-bot/access"]
)
def test_a_page_of_this_console_is_gone_on_to(to: str) -> None:
    """As it was asked for."""
    assert onward(to) == to


@pytest.mark.parametrize(
    "to",
    [
        *("", "inbox", "https://evil.example/", "//evil.example/x", "/\\evil.example", "\\x"),
        *("javascript:alert(1)", "/a b", "/a\nb", '/a"b', "/\u202ea", "/" + "x" * TO_CHARS),
        *("/sign-in", "/sign-in?to=/sign-in", "/enter/secret", "/oidc/begin", "/static/worker.js"),
    ],
)
def test_everything_else_leads_to_the_inbox(to: str) -> None:
    """To no other site, to nothing that is no page, and round in no circle."""
    assert onward(to) == INBOX
