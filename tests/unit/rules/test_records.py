"""Which records a call is about: the ids that a system itself goes by, and nothing else."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Lookup, Plumbing
from sallyport.rules import records

NONE = Plumbing()


def _nested(depth: int, inner: Json) -> Json:
    """Return a value that lies in so many objects, whose names are no ids."""
    for _ in range(depth):
        inner = {"in": inner}
    return inner


def _text(text: str) -> JsonObject:
    return {"content": [{"type": "text", "text": text}]}


def test_an_argument_that_finds_the_record_names_it() -> None:
    """Whatever the way: what is read before, what is probed, and what takes it back."""
    args: JsonObject = {"ticket": "T-1", "mail": "M-2", "draft": "D-3", "subject": "hello"}
    before = Lookup(tool="desk.get", args={"on": "arg.ticket"})
    probe = Lookup(tool="desk.find", args={"on": "arg.mail"})
    undo = Lookup(tool="desk.take_back", args={"on": "arg.draft"})

    assert records.proposed(args, NONE) == ()
    assert records.proposed(args, Plumbing(before=before)) == ("T-1",)
    assert records.proposed(args, Plumbing(probe=probe)) == ("M-2",)
    assert records.proposed(args, Plumbing(undo=undo)) == ("D-3",)
    found = records.proposed(args, Plumbing(before=before, probe=probe, undo=undo))
    assert found == ("D-3", "M-2", "T-1")


def test_what_a_look_up_takes_from_elsewhere_names_no_record() -> None:
    """A literal of it, what the task gave, or an argument that is not sent."""
    look = Lookup(
        tool="desk.get",
        args={"kind": "subject", "limit": 5, "of": "task.subject", "on": "arg.ticket"},
    )

    assert records.proposed({"subject": "hello", "task.subject": "x"}, Plumbing(before=look)) == ()


def test_an_argument_that_is_called_an_id_names_a_record_too() -> None:
    """After those of the look-ups, and each record once."""
    look = Lookup(tool="desk.get", args={"on": "arg.ticket"})
    args: JsonObject = {"order_id": "O-1", "ticket": "T-1", "ids": ["T-1", "T-2"]}

    assert records.proposed(args, Plumbing(before=look)) == ("T-1", "O-1", "T-2")


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "ids",
        "key",
        "number",
        "uuid",
        "sha",
        "ticket_id",
        "ticket-id",
        "a.b.id",
        "draft_uuid",
        "ticketId",
        "ticketID",
        "ticketIds",
        "issueKey",
        "issueNumber",
        "head.sha",
    ],
)
def test_a_name_that_says_so_is_that_of_an_id(name: str) -> None:
    """However a system spells it."""
    assert records.names_a_record(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Id",
        "ID",
        "void",
        "paid",
        "monkey",
        "idea",
        "keys",
        "numbers",
        "id_of",
        "count",
        "body",
        "idx",
        "ticketid",
        "UId",
        "shard",
        "_",
    ],
)
def test_a_name_that_only_sounds_like_it_is_not(name: str) -> None:
    """A word that ends in the same letters counts nothing."""
    assert not records.names_a_record(name)


def test_an_id_is_looked_up_as_the_system_has_it() -> None:
    """Blanks around it are nobody's; 1 to 200 characters."""
    assert records.spelled(" T-1\n") == "T-1"
    assert records.spelled("7") == "7"
    assert records.spelled("x" * 200) == "x" * 200


@pytest.mark.parametrize("record", ["", "  ", "x" * 201])
def test_what_cannot_be_an_id_is_not_looked_up(record: str) -> None:
    """In one sentence, which does not repeat it."""
    with pytest.raises(BadInputError) as caught:
        records.spelled(record)

    assert caught.value.what == "a record's id has 1 to 200 characters"
    assert caught.value.fix == "give the id as the system has it"


def test_ids_lie_in_what_is_returned_the_outer_ones_first() -> None:
    """In objects and lists, as text or number; nothing that is true, empty or endless."""
    answer: JsonObject = {
        "items": [{"id": "inner-1"}, {"id": "inner-2", "parts": [{"part_id": "deep"}]}],
        "id": 7,
        "ids": ["a", " b ", 8, True, None, "", "  ", Decimal("1.5"), ["c"], "x" * 200, "y" * 201],
        "key": False,
        "title": "id",
    }

    found = records.answered({"structuredContent": answer})
    assert found == ("7", "a", "b", "8", "x" * 200, "inner-1", "inner-2", "deep")


def test_ids_are_looked_for_four_levels_down() -> None:
    """In objects as in lists; no deeper."""
    for depth, found in ((0, ("T-1",)), (4, ("T-1",)), (5, ())):
        nested: Json = {"id": "T-1"}
        for _ in range(depth):
            nested = [nested]
        assert records.answered({"structuredContent": nested}) == found
        assert records.answered({"structuredContent": _nested(depth, {"id": "T-1"})}) == found


def test_a_call_is_about_sixteen_records_at_most() -> None:
    """The first ones; one that comes again takes no room."""
    many: list[Json] = [f"T-{number}" for number in range(17)]

    assert records.answered({"structuredContent": {"ids": many}}) == tuple(many[:16])
    assert records.answered({"structuredContent": {"ids": [*many[:1] * 9, *many]}}) == tuple(
        many[:16]
    )


def test_a_text_that_is_an_object_of_json_says_what_structured_content_would() -> None:
    """The first that can be read counts; structured content goes before all texts."""
    parts: list[Json] = [
        "no part",
        {"type": "image"},
        {"type": "text", "text": 5},
        {"type": "text", "text": "It is T-0."},
        {"type": "text", "text": "{broken"},
        {"type": "text", "text": '{"\ud800": 1}'},
        {"type": "text", "text": '{"id": "T-1"}'},
        {"type": "text", "text": '{"id": "T-2"}'},
    ]

    assert records.answered({"content": parts}) == ("T-1",)
    assert records.answered({"content": parts, "structuredContent": {"id": "T-3"}}) == ("T-3",)
    assert records.answered({"content": parts, "structuredContent": {}}) == ()


def test_what_says_nothing_in_json_names_no_record() -> None:
    """No answer at all, one without parts, and texts that are no object."""
    assert records.answered(None) == ()
    assert records.answered({}) == ()
    assert records.answered({"content": "id"}) == ()
    assert records.answered({"content": {"text": '{"id": "T-1"}'}}) == ()
    assert records.answered(_text('[{"id": "T-1"}]')) == ()
    assert records.answered(_text(' {"id": "T-1"}')) == ()


def test_a_text_is_read_up_to_a_size_and_a_depth() -> None:
    """64 KiB, and 64 objects or arrays within each other."""
    for size, found in ((64 * 1024, ("T-1",)), (64 * 1024 + 1, ())):
        text = json.dumps({"id": "T-1", "pad": ""})
        padded = text[:-2] + "x" * (size - len(text)) + '"}'
        assert len(padded) == size
        assert records.answered(_text(padded)) == found
    for depth, found in ((63, ("T-1",)), (64, ())):
        assert (
            records.answered(_text(f'{{"id": "T-1", "in": {"[" * depth}{"]" * depth}}}')) == found
        )


def test_ids_are_marked_under_a_label_of_their_own() -> None:
    """A gateway that was started anew finds what it marked before."""
    assert records.MARK == "records"
