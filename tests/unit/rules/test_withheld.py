"""An answer of a system that holds a credential goes no further, as a whole."""

from __future__ import annotations

from sallyport.model import Asks, JsonObject
from sallyport.rules.commands import Answered
from sallyport.rules.output import WITHHELD, searched

RESULT: JsonObject = {"content": [{"type": "text", "text": "s3cret"}]}
ERROR: JsonObject = {"code": 1, "message": "no"}


def test_the_whole_answer_is_searched_as_the_bytes_that_would_be_kept() -> None:
    """Result, error and what the system asks, names and values."""
    seen: list[bytes] = []
    asks = Asks(requests={"q": {"method": "elicitation/create"}}, state="s")
    for answered in (Answered(result=RESULT), Answered(error=ERROR), Answered(asks=asks)):
        assert searched(answered, seen.append) == (answered, "")

    assert seen == [
        b'[{"content":[{"text":"s3cret","type":"text"}]},null,null]',
        b'[null,{"code":1,"message":"no"},null]',
        b'[null,null,{"q":{"method":"elicitation/create"}}]',
    ]


def test_an_answer_that_holds_a_secret_is_withheld_and_says_so() -> None:
    """Nothing of it is passed on; the name of the secret is for the ledger."""
    found = searched(Answered(result=RESULT), lambda data: "desk" if b"s3cret" in data else None)

    assert found == (WITHHELD, "desk")
    assert (
        Answered(error={"code": -32001, "message": "the answer was withheld: it held a credential"})
        == WITHHELD
    )
