"""Held secrets: found in every form in which a system might tell them, and nowhere else."""

import base64
import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from sallyport.flow.secrets import VALUE_CHARS_MIN, forms_of
from sallyport.model import JsonObject
from sallyport.rules import canonical
from sallyport.rules.commands import Answered
from sallyport.rules.output import WITHHELD, searched

SECRETS = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=VALUE_CHARS_MIN, max_size=60
).filter(lambda value: len(value.strip()) >= VALUE_CHARS_MIN)
AROUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def _held(value: str, data: bytes) -> bool:
    return any(form in data for form in set(forms_of(value)))


@given(SECRETS, AROUND, AROUND)
def test_a_secret_is_found_wherever_a_text_quotes_it(secret: str, before: str, after: str) -> None:
    """As it is, and as JSON inside a text, in both ways of escaping."""
    whole = before + secret + after
    for text in (
        whole,
        json.dumps({"echo": whole}),
        json.dumps([whole], ensure_ascii=False),
        f"https://example.test/?key={quote(whole, safe='')}",
        whole.encode().hex(),
        whole.encode().hex().upper(),
    ):
        answer: JsonObject = {"content": [{"type": "text", "text": text}]}
        assert _held(secret, canonical.encode(answer)), text


@given(SECRETS, st.binary(max_size=20), st.binary(max_size=20))
def test_a_secret_is_found_at_any_place_of_a_base64_text(
    secret: str, before: bytes, after: bytes
) -> None:
    """Whatever was encoded before it shifts its letters, and it is found all the same."""
    whole = before + secret.encode() + after
    for encoded in (base64.b64encode(whole), base64.urlsafe_b64encode(whole)):
        assert _held(secret, canonical.encode([encoded.decode()]))


def test_a_secret_is_found_as_the_name_of_a_field() -> None:
    """Names are text too."""
    assert _held("the-secret", canonical.encode({"the-secret": 1}))


@given(SECRETS)
def test_the_beginning_of_a_secret_is_no_secret(secret: str) -> None:
    """All of it must be there: nobody is held up over a common beginning."""
    assert not _held(secret + "-and-the-rest-of-it", canonical.encode([secret]))


def test_an_answer_without_a_secret_is_passed_on_as_it_is() -> None:
    """The very same value, and no name."""
    answered = Answered(result={"content": []})
    assert searched(answered, lambda _: None) == (answered, "")


def test_an_error_that_holds_a_secret_is_withheld_too() -> None:
    """Nothing of it is left, and the name of the secret is told apart."""
    answered = Answered(error={"code": 1, "message": "token the-secret is wrong"})
    found = searched(answered, lambda data: "desk" if b"the-secret" in data else None)
    assert found == (WITHHELD, "desk")
    assert b"the-secret" not in canonical.encode(found[0].error)
