"""Credentials are found by name and by looks, and put in again at the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.connect.credentials import cleaned, is_credential
from sallyport.doors.connect.spell import spelled
from tests.unit.cli.configs import SECRETS

words = st.lists(
    st.sampled_from(["--api-key", "-H", "--port=80", "--token=abcdef", "serve", "/data", *SECRETS])
    | st.text(max_size=12),
    max_size=6,
)


@pytest.mark.parametrize(
    "name,value",
    [
        ("GITHUB_TOKEN", "x"),
        ("apiKey", "x"),
        ("OPENAI_APIKEY", "x"),
        ("DB_PASSWORD", "x"),
        ("Authorization", "x"),
        ("ANYTHING", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("ANYTHING", "Bearer abcdefgh"),
        ("DATABASE_URL", "postgres://ada:pw@db/x"),
        ("ANYTHING", "9f86d081884c7d659a2feaa0c55ad015"),
        ("ANYTHING", "eyJhbGciOiJIUzI1NiJ9.e30.abc"),
    ],
)
def test_credentials_are_recognised(name: str, value: str) -> None:
    """By what they are called, or by what they look like."""
    assert is_credential(name, value)


@pytest.mark.parametrize(
    "name,value",
    [
        ("LOG_LEVEL", "info"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("URL", "https://api.example.com/v1"),
        ("ROOT", "/home/ada/Documents/2026/reports"),
        ("GITHUB_TOKEN", ""),
    ],
)
def test_plain_settings_stay_readable(name: str, value: str) -> None:
    """What is no credential stays in the file, where an owner reads it."""
    assert not is_credential(name, value)


@given(words, st.sampled_from(SECRETS))
def test_the_server_gets_the_words_that_it_had(given_words: list[str], secret: str) -> None:
    """Taking credentials out and putting them in again changes nothing."""
    taken = cleaned(given_words, [secret])
    command, environment = spelled(
        [*taken.found, "--", "prog", *taken.words], {"KEPT": "1", **taken.found}
    )

    assert command == ["prog", *given_words]
    assert environment == {"KEPT": "1"}


@given(words)
def test_planted_credentials_leave_the_words(given_words: list[str]) -> None:
    """None of those that are issued with a mark of their own is left."""
    assert not any(SECRETS[0] in word for word in cleaned(given_words).words)


@pytest.mark.parametrize(
    "given_words,expected",
    [
        (
            ["--header", "Authorization: Bearer abcdefgh"],
            "Authorization: Bearer secret:ARG_AUTHORIZATION",
        ),
        (["--header", "X-Api-Key:abc"], "X-Api-Key:secret:ARG_X_API_KEY"),
        (["--password=abc"], "--password=secret:ARG_PASSWORD"),
        (["-e", "GITHUB_TOKEN=abc"], "GITHUB_TOKEN=secret:ARG_GITHUB_TOKEN"),
        (["--token", "abc"], "secret:ARG_TOKEN"),
        (["@scope/server-files@2026.8.31"], "@scope/server-files@2026.8.31"),
        (["--api-key", "--verbose"], "--verbose"),
    ],
)
def test_each_way_to_pass_a_credential_is_known(given_words: list[str], expected: str) -> None:
    """As options, as headers, as variables of a container."""
    assert cleaned(given_words).words[-1] == expected
