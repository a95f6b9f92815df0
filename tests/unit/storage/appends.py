"""Short words for what the tests append."""

from sallyport.ports import Append, Change, Fence, Insert, Record


def record(kind: str = "note", at_us: int = 1, **index: str) -> Record:
    """Return a record with a small body."""
    return Record(kind=kind, at_us=at_us, body={"said": "ümlaut", "n": 1}, index=index)


def change(*changes: Change, fence: Fence | None = None) -> Append:
    """Return an append of these changes and one record."""
    return Append(records=(record(),), changes=changes, fence=fence)


def call(name: str, **columns: str | int | bytes | None) -> Insert:
    """Return the insertion of a call."""
    return Insert("calls", {"id": name, "task": "t_1", "ending": "waiting", **columns})
