"""The commands: complete help, clear errors, and a stop that works when nothing answers."""

import json
from pathlib import Path

import pytest

from sallyport.adapters.host.stop_file import HostStopFile
from sallyport.adapters.keys.people import PersonalSignatures, PersonKey
from sallyport.doors.cli import app as cli
from sallyport.doors.cli import common, control, inbox, keys, reference
from sallyport.doors.cli.items import shown
from sallyport.doors.settings import Settings, load_settings
from sallyport.errors import BadInputError, ConflictError, InvariantError, SallyportError
from sallyport.model import JsonObject
from sallyport.rules.approval import bound, statement
from sallyport.rules.roles import ROLES
from tests.requirements import requirement

ROOT = Path(__file__).resolve().parents[3]
HELPS = dict(reference.helps())
LEAVES = [
    name
    for name in HELPS
    if not any(other.startswith(f"{name} ") for other in HELPS)
    or name in {"sallyport inbox", "sallyport log"}
]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every command away from this machine's own keys and homes."""
    monkeypatch.setenv("SALLYPORT_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SALLYPORT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SALLYPORT_DEBUG", raising=False)


def test_the_reference_is_what_the_commands_say() -> None:
    """`docs/cli.md` is written from the help texts and is current."""
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference.reference()


def test_there_are_no_more_commands_than_one_can_remember() -> None:
    """The list is the one that was agreed on."""
    top = [name.split()[1] for name in HELPS if name.count(" ") == 1]

    assert top == [
        "demo", "new", "connect", "disconnect", "serve", "down", "mcp", "console",
        "try", "stop", "resume", "floor", "replay", "inbox", "log", "boundary", "break-glass",
        "admin",
    ]  # fmt: skip


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_shows_an_example(name: str) -> None:
    """And takes `--home`; what prints anything takes `--json` too."""
    text = HELPS[name]

    assert f"Example: {name}" in text
    homeless = {"sallyport demo", "sallyport boundary prove"}
    assert "--home" in text or name in homeless
    assert "--json" in text or name in {"sallyport serve", "sallyport mcp"}


@pytest.mark.parametrize(
    "words,code,said",
    [
        (["stopp"], 2, "no such command"),
        (["inbox", "yes"], 2, "missing"),
        (["floor", "everything", "allow"], 2, "`allow` is no floor"),
        (["floor", "everything", "ask"], 2, "no reason was given"),
        (["stop", "nobody"], 2, "no agent is called `nobody`"),
        (["inbox", "no", "a1"], 2, "no reason was given"),
        (["inbox", "--home", "x", "show", "a1"], 2, "options stand before `show`"),
        (["break-glass", "ask", "everything", "--because", "x"], 2, "no glass that can be broken"),
        (["break-glass", "ask", "tool:x", "--because", "x", "--for", "5h"], 2, "is no time for"),
        (["break-glass", "ask", "tool:x", "--because", "x", "--for", "soon"], 2, "is no time"),
        (["break-glass", "ask", "tool:x"], 2, "no reason was given"),
        (["log", "--since", "yesterday"], 2, "`yesterday` is no moment"),
        (["disconnect"], 2, "no client is connected"),
        (["connect"], 2, "nothing was named to connect"),
        (["connect", "emacs"], 2, "`emacs` is no client"),
        (["connect", "cursor", "--config", "missing.json"], 2, "cannot be read"),
        (["connect", "--", "no-such-program-anywhere"], 2, "there is no program"),
        (["boundary", "check"], 2, "there are no workflows"),
        (["boundary", "prove", "missing.yaml"], 2, "there is no workflow file `missing.yaml`"),
        (["try", "w", "t", "oops"], 2, "is not one `name=text`"),
        (["new", "--name", "x", "--yes"], 2, "--purpose was not given"),
        (["mcp", "--workflow", "x"], 1, "there is no token"),
        (["admin", "tokens", "make", "--lasts", "soon"], 2, "no length of time"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What and how to mend it, on stderr, never a traceback."""
    assert cli.run(words) == code
    out, err = capsys.readouterr()
    first, last = err.splitlines()[0], err.splitlines()[-1]

    assert first.startswith("error: ")
    assert said in first
    assert last.startswith("fix: ")
    assert "Traceback" not in out + err


@pytest.mark.parametrize("text", ["", "\n\n", "# all as it is\n"])
def test_a_settings_file_that_says_nothing_is_all_defaults(tmp_path: Path, text: str) -> None:
    """Whoever makes an empty `sallyport.yaml` to say where the home is has said enough."""
    (tmp_path / "sallyport.yaml").write_text(text, encoding="utf-8")

    assert load_settings(tmp_path) == Settings(home=tmp_path)


def test_with_json_an_error_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs read it from stderr, also where the command itself could not be read."""
    assert cli.run(["stop", "nobody", "--json"]) == 2
    out, err = capsys.readouterr()

    assert out == ""
    assert set(json.loads(err)["error"]) == {"code", "what", "fix"}


def test_an_unforeseen_fault_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless somebody asks for it."""

    def broken(_: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(common, "ensure_running", broken)
    assert cli.run(["inbox"]) == 2
    assert "unforeseen ZeroDivisionError" in capsys.readouterr().err
    monkeypatch.setenv("SALLYPORT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.run(["inbox"])


def test_a_stop_works_when_nothing_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scope stands in the stop file before the command returns."""
    stop = tmp_path / "home" / ".sallyport" / "STOP"

    assert cli.run(["stop", "agent:bot"]) == 0
    assert HostStopFile(stop).scopes() == ("agent:bot",)
    assert cli.run(["stop", "tool:mail.send"]) == 0
    assert HostStopFile(stop).scopes() == ("agent:bot", "tool:mail.send")
    assert cli.run(["stop"]) == 0
    assert "everything" in HostStopFile(stop).scopes()
    assert "no gateway took the stop" in capsys.readouterr().out
    assert (stop.stat().st_mode & 0o777, stop.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_stop_file_that_stops_everything_is_never_narrowed(tmp_path: Path) -> None:
    """An empty file stops everything; a narrower line would have let the rest go on."""
    (tmp_path / "STOP").touch()
    control.write_stop(tmp_path, "agent:bot")

    assert HostStopFile(tmp_path / "STOP").scopes() == ("everything",)


def test_a_bare_name_is_found_in_the_homes_own_files(tmp_path: Path) -> None:
    """Also while no gateway could tell which agents there are."""
    folder = tmp_path / "home" / "workflows"
    folder.mkdir(parents=True)
    (folder / "w.yaml").write_text(
        "workflow: w\npurpose: p\nowner: o\nagent: bot\nenvironment: test\nexpires: 2030-01-01\n"
        "for: [owner]\ntools:\n  t:\n    level: read\n",
        encoding="utf-8",
    )

    assert cli.run(["stop", "bot"]) == 0
    assert HostStopFile(tmp_path / "home/.sallyport/STOP").scopes() == ("agent:bot",)


def question(**changed: object) -> JsonObject:
    """Return a question as the gateway serves it."""
    bound_to: JsonObject = {
        "id": "a1", "call": "c1", "digest": "d", "about": "", "boundary": "b", "target": "",
        "who": ["owner"], "how_many": 1, "expires_us": 5,
    }  # fmt: skip
    item: JsonObject = {
        "kind": "question", "id": "a1", "call": "c1", "tool": "mail.send", "system": "mail",
        "level": "external", "agent": "bot", "requester": "ada", "workflow": "w", "task": "t",
        "who": ["owner"], "how_many": 1, "expires_us": 5, "sentences": ["why not"],
        "args": {"to": "\u202emoc", "body": "x" * 5000}, "statement_of": bound_to,
    }  # fmt: skip
    return {**item, **changed}  # type: ignore[dict-item]


def test_every_argument_is_shown_complete_and_inert() -> None:
    """Nothing is cut, and nothing reorders what a person reads."""
    text = "\n".join(shown(question()))

    assert "x" * 5000 in text
    assert "\u202e" not in text
    assert "\u2039U+202E\u203amoc" in text
    assert "why not" in text


def test_what_is_signed_is_what_was_shown() -> None:
    """The signature is over exactly the values that the item binds."""
    item = question()
    approval = inbox.approval_of(item, "a1")

    assert bound(approval) == item["statement_of"]
    assert b'"digest":"d"' in statement(approval, person="ada", yes=True, because="", at_us=1)


def test_an_object_that_is_not_what_is_signed_is_not_signed() -> None:
    """What is answered about is shown complete, and its digest is looked at before the key."""
    bound_to = question()["statement_of"]
    assert isinstance(bound_to, dict)
    with pytest.raises(InvariantError):
        inbox.approval_of(question(statement_of={**bound_to, "about": "x"}, object={"v": 1}), "a1")


@pytest.mark.parametrize(
    "changed",
    [{"call": "c2"}, {"who": ["anybody"]}, {"how_many": 2}, {"expires_us": 9}, {"id": "a2"}],
)
def test_a_question_that_shows_something_else_is_not_signed(changed: dict[str, object]) -> None:
    """A gateway that shows one thing and binds another gets no signature."""
    item = question(**changed)
    with pytest.raises(InvariantError):
        inbox.approval_of(item, str(item["id"]))


def test_a_draft_cannot_be_answered() -> None:
    """It is released, which asks."""
    with pytest.raises(ConflictError):
        inbox.approval_of(question(kind="draft", statement_of=None), "a1")


def test_the_only_key_is_used_and_several_must_be_named() -> None:
    """Nobody signs with a key they did not mean."""
    with pytest.raises(SallyportError, match="no key"):
        keys.open_key("")
    ada = keys.make_key("ada")
    assert keys.open_key("").key.public_key == ada.key.public_key
    assert PersonalSignatures().verify(ada.key.public_key, b"x", keys.open_key("ada").sign(b"x"))
    assert isinstance(keys.make_key("bob").key, PersonKey)
    with pytest.raises(BadInputError, match="several"):
        keys.open_key("")


def test_a_name_of_a_key_is_no_path() -> None:
    """Nothing is read or written outside the folder of keys."""
    with pytest.raises(BadInputError):
        keys.open_key("../../etc/passwd")


def test_arguments_are_texts_or_exact_json() -> None:
    """`=` is a text whatever it looks like; `:=` keeps numbers exact."""
    found = common.pairs(["id=4711", "amount:=80.00", "text=a=b", "list:=[1]"])

    assert (found["id"], found["text"], found["list"]) == ("4711", "a=b", [1])
    assert str(found["amount"]) == "80.00"


@requirement("A-29")
def test_a_right_that_was_added_shows_as_exactly_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The catalogue of last year, kept as the command wrote it, against the one of today."""
    before = tmp_path / "roles.json"
    assert cli.run(["admin", "roles", "--json"]) == 0
    before.write_text(capsys.readouterr().out, encoding="utf-8")
    wider = {**ROLES, "auditor": ROLES["auditor"] | {"floor.lift"}}
    monkeypatch.setattr("sallyport.doors.cli.admin.ROLES", wider)

    assert cli.run(["admin", "roles", "--diff", str(before)]) == 0
    assert capsys.readouterr().out == "+ auditor: floor.lift\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"roles": 1}', '{"roles": {"a": 1}}'])
def test_a_file_that_holds_no_roles_is_one_clear_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """It says what to name instead."""
    (tmp_path / "old.json").write_text(text, encoding="utf-8")
    assert cli.run(["admin", "roles", "--diff", str(tmp_path / "old.json")]) == 2
    assert "sallyport admin roles --json" in capsys.readouterr().err
