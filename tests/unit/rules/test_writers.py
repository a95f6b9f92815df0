"""Who wrote a field last: what is declared of it, of what it lies in, or of the whole result."""

from __future__ import annotations

import pytest

from sallyport.model import Plumbing, ResultField, Trusted, Writer
from sallyport.rules.boundary.writers import all_ours, holds, way_of, within, writer_of

CONTACT = Plumbing(
    fields={
        "contact": ResultField(writer=Writer.STAFF),
        "contact.email": ResultField(writer=Writer.CUSTOMER),
        "note.text.body": ResultField(writer=Writer.SYSTEM),
        "mark": ResultField(),
    },
    writer=Writer.AGENT,
)


@pytest.mark.parametrize(
    "path, writer",
    [
        ((), Writer.AGENT),
        (("contact",), Writer.STAFF),
        (("contact", "name"), Writer.STAFF),
        (("contact", "name", "first"), Writer.STAFF),
        (("contact", "email"), Writer.CUSTOMER),
        (("contact", "email", "host"), Writer.CUSTOMER),
        (("note",), Writer.AGENT),
        (("note", "text"), Writer.AGENT),
        (("note", "text", "body"), Writer.SYSTEM),
        (("mark",), Writer.UNKNOWN),
        (("other", "contact"), Writer.AGENT),
        (("contact.email",), Writer.UNKNOWN),
        (("contact", "e.mail"), Writer.UNKNOWN),
        (("note.text", "body"), Writer.UNKNOWN),
    ],
)
def test_the_deepest_declaration_on_the_way_to_a_field_counts(
    path: tuple[str, ...], writer: Writer
) -> None:
    """And a name with a dot in it is none that a file can mean."""
    assert writer_of(CONTACT, path) is writer


@pytest.mark.parametrize(
    "whole, fields, expected",
    [
        (Writer.STAFF, (), True),
        (Writer.STAFF, (Writer.SYSTEM, Writer.STAFF), True),
        (Writer.STAFF, (Writer.SYSTEM, Writer.CUSTOMER), False),
        (Writer.UNKNOWN, (Writer.SYSTEM,), False),
        (Writer.CUSTOMER, (), False),
    ],
)
def test_a_result_is_ours_where_nobody_else_wrote_any_of_it(
    whole: Writer, fields: tuple[Writer, ...], *, expected: bool
) -> None:
    """Neither a field of it nor the rest."""
    declared = {f"f{n}": ResultField(writer=one) for n, one in enumerate(fields)}

    assert all_ours(Plumbing(fields=declared, writer=whole)) is expected


@pytest.mark.parametrize(
    "path, expected",
    [
        ("contact", True),
        ("contact.name", True),
        ("contact.email", False),
        ("note", True),
        ("note.text", True),
        ("note.text.body", True),
        ("mark", False),
        ("not", False),
        ("", True),
    ],
)
def test_a_line_of_trust_holds_where_something_of_ours_lies_there(
    path: str, *, expected: bool
) -> None:
    """At its end, above it, or below it; another field that is ours says nothing."""
    assert holds(Trusted(tool="t", path=path), CONTACT) is expected
    assert not holds(Trusted(tool="t", path=path), Plumbing())


def test_a_way_is_its_names() -> None:
    """None of them for the whole of a result; a field lies in what its own way begins with."""
    assert way_of(Trusted(tool="t")) == ()
    assert way_of(Trusted(tool="t", path="a")) == ("a",)
    assert way_of(Trusted(tool="t", path="a.b.c")) == ("a", "b", "c")
    assert within(("a", "b"), ())
    assert within(("a", "b"), ("a",))
    assert within(("a", "b"), ("a", "b"))
    assert not within(("a",), ("a", "b"))
    assert not within(("ab",), ("a",))
