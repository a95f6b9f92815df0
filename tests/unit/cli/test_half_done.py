"""Whatever fails while a client is connected, the client's file is as it was."""

from datetime import date
from pathlib import Path

import pytest

from sallyport.adapters.keys.people import PersonKey
from sallyport.doors.cli.keys import Person
from sallyport.doors.connect import clients, originals
from sallyport.doors.connect.clients import CLIENTS, Config
from sallyport.doors.connect.parties import Signer
from sallyport.doors.connect.proposal import Wish
from sallyport.doors.connect.servers import Surroundings
from sallyport.doors.connect.setup import Outcome, Setup, ending
from sallyport.errors import ConflictError, NotFoundError
from sallyport.model import JsonObject
from tests.unit.cli.configs import CURSOR

TOOLS: JsonObject = {
    "tools": [
        {"name": "get_it", "definition": {"name": "get_it", "annotations": {"readOnlyHint": True}}},
        {"name": "send_it", "definition": {"name": "send_it"}},
    ]
}


class StubGateway:
    """Stands in for the people's socket: answers as it does, and fails where it is told to."""

    def __init__(self, fails_at: str = "", missing: str = "") -> None:
        self.fails_at = fails_at
        self.missing = missing
        self.asked: list[tuple[str, JsonObject]] = []

    def get(self, path: str, query: object = None) -> JsonObject:
        """Answer with nothing known."""
        del query
        return {path: []}

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """Answer the posts that connecting makes."""
        self.asked.append((path, body))
        if path == self.fails_at:
            raise NotFoundError("the stub fails here")
        answers: dict[str, JsonObject] = {
            "systems/inspect": TOOLS,
            "boundary/propose": {"digest": "d" * 64, "plain": "plain", "problems": []},
            "boundary/activate": {"missing": [self.missing] if self.missing else []},
            "tokens": {"token": "spa_secret"},
        }
        return answers.get(path, {})

    def posts(self, path: str) -> list[JsonObject]:
        """Return what was posted to a path."""
        return [body for asked, body in self.asked if asked == path]


class Ada:
    """Somebody with a key. Implements `Owner` and `Dialogue`."""

    name = "ada"

    def __init__(self, *, agrees: bool = False) -> None:
        self._agrees = agrees
        self.heard: list[str] = []

    def signer(self) -> Signer:
        """Return her with a fresh key."""
        return Person("ada", PersonKey.generate())

    def say(self, text: str) -> None:
        """Hear it."""
        self.heard.append(text)

    def agrees(self, question: str) -> bool:
        """Answer as she was made."""
        self.heard.append(question)
        return self._agrees


def setup(folder: Path, gateway: StubGateway, ada: Ada | None = None) -> Setup:
    """Return a set-up in a folder."""
    ada = ada or Ada()
    wish = Wish(agent="cursor", owner="ada", purpose="Try it.", expires=date(2030, 1, 1))
    return Setup(
        gateway=gateway,
        home=folder / "home",
        state=folder / "state",
        program=Path("/opt/bin/sallyport"),
        owner=ada,
        dialogue=ada,
        wish=wish,
    )


def config(folder: Path) -> Config:
    """Write Cursor's file and read it."""
    path = folder / "mcp.json"
    path.write_bytes(CURSOR)
    return clients.load(CLIENTS["cursor"], path)


def connect(it: Setup, found: Config, folder: Path) -> Outcome:
    """Do all steps, as the command does."""
    around = Surroundings(user=folder, workspace=folder, variables={}, ask=lambda _, __: None)
    proposals, survey = it.propose(it.survey(found, around))
    return it.carry_out(proposals, survey, found)


@pytest.mark.parametrize("step", ["agents", "boundary/activate", "tokens"])
def test_a_failure_on_the_way_takes_everything_back(tmp_path: Path, step: str) -> None:
    """Files that were written go, tokens are revoked, and the client never notices."""
    gateway = StubGateway(step)
    it = setup(tmp_path, gateway)
    found = config(tmp_path)

    with pytest.raises(NotFoundError):
        connect(it, found, tmp_path)
    assert found.path.read_bytes() == CURSOR
    assert not list((tmp_path / "home").rglob("*.yaml"))
    assert not originals.connections(it.state)
    assert len(gateway.posts("tokens/revoke")) == len(it.tokens)


def test_what_waits_for_a_second_person_is_told(tmp_path: Path) -> None:
    """Where two people work, connecting ends with what is missing before anything counts."""
    missing = "a second person has to sign it too: `sallyport boundary sign notes --as NAME`"
    outcome = connect(setup(tmp_path, StubGateway(missing=missing)), config(tmp_path), tmp_path)
    alone = connect(setup(tmp_path / "b", StubGateway()), config(tmp_path), tmp_path / "b")

    assert set(outcome.waiting) == {missing}
    assert outcome.as_dict()["waiting"] == list(outcome.waiting)
    assert alone.waiting == ()


def test_a_client_that_writes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Its own change wins, and connecting starts anew."""
    it = setup(tmp_path, StubGateway())
    found = config(tmp_path)
    found.path.write_bytes(CURSOR + b"\n")

    with pytest.raises(ConflictError):
        connect(it, found, tmp_path)
    assert found.path.read_bytes() == CURSOR + b"\n"
    assert not originals.connections(it.state)


def test_credentials_reach_the_vault_and_nothing_else(tmp_path: Path) -> None:
    """Only `secrets` is ever told a credential; tokens lie in files of mode 0600."""
    gateway = StubGateway()
    connect(setup(tmp_path, gateway), config(tmp_path), tmp_path)
    told = {str(body["value"]) for body in gateway.posts("secrets")}
    elsewhere = repr([one for one in gateway.asked if one[0] != "secrets"])
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "original"]

    assert told == {"hunter2hunter2", "pplx-Qm3kTz81xLw0aVb7"}
    assert not any(secret in elsewhere for secret in told)
    assert not any(secret.encode() in path.read_bytes() for secret in told for path in files)
    tokens = [path for path in files if path.suffix == ".token"]
    assert len(tokens) == 2
    assert {path.stat().st_mode & 0o777 for path in tokens} == {0o600}


@pytest.mark.parametrize("yes", [True, False])
def test_writes_ask_only_once_the_person_says_so(tmp_path: Path, yes: bool) -> None:
    """Until then they become drafts, and the last three lines say which."""
    gateway, ada = StubGateway(), Ada(agrees=yes)
    outcome = connect(setup(tmp_path, gateway, ada), config(tmp_path), tmp_path)
    allowed, held, refused = ending(outcome)

    assert "Let writes ask you instead?" in ada.heard[-1]
    assert [body["stage"] for body in gateway.posts("agents/stage")] == (["ask"] if yes else [])
    assert allowed == "allowed: get_it, get_it"
    assert held.startswith("asks you first: send_it" if yes else "becomes a draft that you release")
    assert refused.startswith("refused: ")


def test_a_servers_name_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    """A project brings its own file, and its author chose the names in it."""
    path = tmp_path / "mcp.json"
    path.write_text(
        '{"mcpServers": {"\\u001b[2Jgood \\u202e": {"url": "https://tools.example/mcp"}}}',
        encoding="utf-8",
    )
    ada = Ada()
    connect(setup(tmp_path, StubGateway(), ada), clients.load(CLIENTS["cursor"], path), tmp_path)

    assert ada.heard
    assert all(said.isprintable() for said in ada.heard)
