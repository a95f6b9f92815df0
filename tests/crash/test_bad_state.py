"""A state folder that is in use, older than it was, without its key, or out of room."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sallyport.errors import ConflictError, KeyFileError, SallyportError
from sallyport.flow.house import House
from sallyport.model import Approval
from tests.crash import bookkeeping
from tests.crash.autopsy import intended_before, look
from tests.crash.conftest import Run
from tests.crash.upstream import Desk
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

STATE = ".sallyport"


async def opening(home: Path) -> SallyportError:
    """Return the error with which a home does not open."""
    with pytest.raises(SallyportError) as caught:
        async with bookkeeping.open_home(home):
            pass
    return caught.value


async def questions(house: House) -> list[Approval]:
    """Return the questions that wait."""
    return [item.approval for item in await house.inbox.items() if item.approval is not None]


def restore_older_copy(home: Path, copy: Path) -> None:
    """Put a copy of the database in the place of the present one."""
    for part in (home / STATE).glob("sallyport.db*"):
        part.unlink()
    for part in copy.glob("sallyport.db*"):
        shutil.copy(part, home / STATE / part.name)


async def test_a_second_gateway_on_the_same_folder_is_told_so_and_changes_nothing(
    run: Run, home: Path
) -> None:
    """It reads no row and sends nothing; the first one goes on."""
    async with bookkeeping.open_home(home) as house:
        second = run("propose", tool="once.add", id="second")
        ended = await bookkeeping.propose(house, home, "once.add", "first")

    assert second.what("error")["code"] == "store.locked"
    assert second.acknowledged == {}
    assert ended.action == "done"


async def test_an_older_copy_of_the_database_stops_everything_and_voids_what_was_approved(
    run: Run, home: Path, desk: Desk, tmp_path: Path
) -> None:
    """An approval that was used since would otherwise be good again."""
    run("ask", tool="once.asked", id="old")
    shutil.copytree(home / STATE, tmp_path / "older")
    run("open")
    restore_older_copy(home, tmp_path / "older")
    effects = len(desk.ids("effect"))
    async with bookkeeping.open_home(home) as house:
        assert await questions(house) == []
        codes = [
            (await bookkeeping.propose(house, home, tool, f"old-{tool}")).floors[0].code
            for tool in ("once.add", "ledger.get", "notes.add")
        ]
        approvals = await house.gateway.outside.store.rows("approvals")
        voided = await house.inbox.approval(str(approvals[0]["id"]))
        with pytest.raises(ConflictError):
            await bookkeeping.answer_yes(house, home, voided)

    assert {row["state"] for row in approvals} == {"stale"}
    assert codes == ["switch.stop"] * 3
    assert desk.ids("effect").count("old-answered") == 1
    assert len(desk.ids("effect")) == effects


async def test_what_an_older_copy_stopped_stays_stopped_until_a_person_resumes(
    home: Path, tmp_path: Path
) -> None:
    """Starting again does not make the ledger any better."""
    shutil.copytree(home / STATE, tmp_path / "older")
    async with bookkeeping.open_home(home):
        pass
    restore_older_copy(home, tmp_path / "older")
    for start in range(3):
        async with bookkeeping.open_home(home) as house:
            ended = await bookkeeping.propose(house, home, "once.add", f"distrusted-{start}")
            assert ended.floors[0].code == "switch.stop"
            assert "cannot be trusted" in ended.floors[0].words["because"]
    async with bookkeeping.open_home(home) as house:
        await house.controls.resume("everything", because="looked", by="anna")
        ended = await bookkeeping.propose(house, home, "once.add", "trusted-again")

    assert ended.action == "done"


async def test_a_missing_key_file_is_not_replaced_by_a_new_one(home: Path) -> None:
    """A new key could read nothing, and hide that the old one is lost."""
    (home / STATE / "key").unlink()
    error = await opening(home)

    assert isinstance(error, KeyFileError)
    assert "missing" in error.what
    assert not (home / STATE / "key").exists()


async def test_a_key_file_that_others_can_read_is_refused(home: Path) -> None:
    """Whoever read it could open every stored secret."""
    (home / STATE / "key").chmod(0o640)

    assert isinstance(await opening(home), KeyFileError)


async def test_the_key_file_of_another_folder_is_refused_before_anything_is_written(
    home: Path,
) -> None:
    """It is a good key, and the wrong one."""
    key = home / STATE / "key"
    key.chmod(0o600)
    key.write_bytes(b"x" * 32)
    before = (home / STATE / "sallyport.db").read_bytes()

    assert isinstance(await opening(home), KeyFileError)
    assert (home / STATE / "sallyport.db").read_bytes() == before


@requirement("B-140")
@pytest.mark.parametrize("tool", ["keyed.add", "once.add"])
async def test_a_full_disk_refuses_calls_and_lets_nothing_out_until_there_is_room(
    run: Run, home: Path, desk: Desk, tool: str
) -> None:
    """No trace, no effect. A call whose outcome found no room is not made a second time."""
    before = desk.ids("effect")
    ran = run("full", tool=tool, id="")
    assert ran.code == 0
    errors = ran.what("errors")
    assert [error["code"] for error in errors] == ["store.unavailable"] * 3
    assert all("disk" in error["what"] and error["fix"] for error in errors)
    assert desk.ids("effect")[len(before) :] == ["roomy", "roomy-again", "caught"]

    assert ran.what("caught")["code"] == "store.unavailable"
    assert ran.what("repeated")["ending"] == "waiting"
    found = await look(home)
    assert found.intact
    assert {seq: found.kinds().get(seq) for seq in ran.acknowledged} == ran.acknowledged
    assert (found.state("roomy"), found.state("roomy-again")) == ("done", "done")
    assert intended_before(found, desk, {"caught"})
    run("open")
    assert (await look(home)).state("caught") == ("done" if tool == "keyed.add" else "in_doubt")
    assert desk.ids("effect")[len(before) :].count("caught") == 1
