"""What people sign besides answers: the very bytes, and for how long they are good."""

from __future__ import annotations

import pytest

from sallyport.errors import SignatureError
from sallyport.rules.statements import GOOD_FOR_US, Signed, fresh, statement
from sallyport.rules.times import SECOND_US

NOW_US = 1_790_000_000 * SECOND_US


def _signed(at_us: int) -> Signed:
    return Signed(person="ada", at_us=at_us, signature="00")


def test_a_statement_is_one_line_that_names_its_kind_and_then_canonical_json() -> None:
    """Byte for byte: whoever holds a key may sign without our code."""
    made = statement("resume", {"scope": "everything", "because": "over"}, person="ada", at_us=7)

    assert made == (
        b"sallyport/statement/v1\n"
        b'{"at_us":7,"details":{"because":"over","scope":"everything"},"person":"ada",'
        b'"verb":"resume"}'
    )


def test_a_statement_is_good_for_less_than_five_minutes() -> None:
    """And for a clock that is ahead by less than that."""
    assert GOOD_FOR_US == 300 * SECOND_US
    for off in (0, GOOD_FOR_US - 1, 1 - GOOD_FOR_US):
        fresh(_signed(NOW_US + off), NOW_US)


@pytest.mark.parametrize("off", [GOOD_FOR_US, GOOD_FOR_US + 1, -GOOD_FOR_US, -GOOD_FOR_US - 1])
def test_an_old_statement_and_one_from_the_future_are_refused(off: int) -> None:
    """What was signed some time ago is not meant now."""
    with pytest.raises(SignatureError) as caught:
        fresh(_signed(NOW_US + off), NOW_US)

    assert caught.value.what == "the signature was not made just now"
    assert caught.value.fix == "check this machine's clock and sign again"
