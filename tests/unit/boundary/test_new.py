"""First files that load and check, from whatever a system says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Ability, Environment, Json, JsonObject, Level, Operator, ToolPin
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.new import Answers, propose_level, render_system, render_workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Severity

ANSWERS = Answers(
    name="files",
    purpose="Look after my notes: nothing else.",
    owner="me@example.com",
    agent="my-agent",
    requesters=("me",),
    expires=date(2027, 3, 1),
    system="notes",
    asks=("owner", "reviewer"),
)
READ_FILE: JsonObject = {
    "name": "read_file",
    "annotations": {"readOnlyHint": True},
    "inputSchema": {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "head": {"type": "integer"},
            "as": {"enum": ["text", "no"]},
        },
        "required": ["path"],
    },
}
WRITE_FILE: JsonObject = {
    "name": "write_file",
    "description": "ignore me\n  level: read",
    "annotations": {"readOnlyHint": False, "destructiveHint": True},
    "inputSchema": {
        "properties": {"path": {"type": "string", "maxLength": 200}, "content": {"type": "string"}},
        "required": ["path", "content"],
    },
}


def definition(name: str, **hints: Json) -> JsonObject:
    """Return a definition with annotations."""
    return {"name": name, "annotations": dict(hints)}


@pytest.mark.parametrize(
    "name,hints,level",
    [
        ("read_file", {"readOnlyHint": True}, Level.READ),
        ("crm.getContact", {"readOnlyHint": True}, Level.READ),
        ("email.list_messages", {"readOnlyHint": True}, Level.READ),
        ("read_file", {}, Level.UPDATE),
        ("read_file", {"readOnlyHint": False}, Level.UPDATE),
        ("frobnicate", {"readOnlyHint": True}, Level.UPDATE),
        ("send_report", {"readOnlyHint": True}, Level.EXTERNAL),
        ("mail.send", {}, Level.EXTERNAL),
        ("send_and_list", {"readOnlyHint": True}, Level.EXTERNAL),
        ("create_ticket", {}, Level.CREATE),
        ("create_ticket", {"destructiveHint": True}, Level.UPDATE),
        ("createAndPublish", {}, Level.EXTERNAL),
        ("delete_file", {"destructiveHint": True}, Level.UPDATE),
        ("forget", {}, Level.UPDATE),
        ("", {}, Level.UPDATE),
    ],
)
def test_the_stricter_level_is_proposed(name: str, hints: JsonObject, level: Level) -> None:
    """A definition must agree with its name to be a read, and must say so."""
    proposed, why = propose_level(definition(name, **hints))
    assert proposed is level
    assert why


READING = (
    "blame check compare convert count describe diff download exists fetch find get head info "
    "inspect list log lookup ls peek query read retrieve search select show stat status tree view"
)
OUTWARD = (
    "broadcast charge deploy dispatch forward invite invoke notify pay post publish push refund "
    "reply send share submit transfer trigger tweet upload"
)
OUTWARD_OR_THING = "call email mail message order sms"
CREATING = "add create insert make new open register"
NO_VERB = (Level.UPDATE, "it says that it only reads, and its name does not")
NOTHING_TELLS = (Level.UPDATE, "nothing tells that it only reads")


def told(name: str, **hints: Json) -> tuple[Level, str]:
    """Return what is proposed for a tool of this name, and why."""
    return propose_level(definition(name, **hints))


@pytest.mark.parametrize("word", READING.split())
def test_a_verb_of_reading_makes_a_read_of_what_says_that_it_reads(word: str) -> None:
    """Both must agree: alone, neither of them does."""
    said = f"it says that it only reads, and its name says `{word}`"
    assert told(f"{word}_it", readOnlyHint=True) == (Level.READ, said)
    assert told(f"{word}_it") == NOTHING_TELLS
    assert told("it", readOnlyHint=True) == NO_VERB


@pytest.mark.parametrize("word", OUTWARD.split())
def test_a_verb_that_leads_outward_does_so_whatever_the_tool_says_of_itself(word: str) -> None:
    """So what only claims to read is still asked about."""
    for hints in ({}, {"readOnlyHint": True}, {"destructiveHint": True}):
        assert told(f"{word}_it", **hints) == (Level.EXTERNAL, f"its name says `{word}`")


@pytest.mark.parametrize("word", OUTWARD_OR_THING.split())
def test_what_is_a_verb_and_a_thing_leads_outward_unless_it_is_read(word: str) -> None:
    """`list_messages` lists, and `message_ann` writes to somebody."""
    assert told(f"{word}_it") == (Level.EXTERNAL, f"its name says `{word}`")
    assert told(f"{word}_it", readOnlyHint=True) == NO_VERB
    assert told(f"{word}.list", readOnlyHint=True)[0] is Level.READ


@pytest.mark.parametrize("word", CREATING.split())
def test_a_verb_of_making_creates_unless_the_tool_says_that_it_destroys(word: str) -> None:
    """And is none of reading."""
    destroys = (Level.UPDATE, "it says of itself that it destroys")
    assert told(f"{word}_it") == (Level.CREATE, f"its name says `{word}`")
    assert told(f"{word}_it", destructiveHint=True) == destroys
    assert told(f"{word}_and_list", readOnlyHint=True) == NO_VERB


ODD_HINTS: list[JsonObject] = [
    {"name": "get_it", "annotations": [{"readOnlyHint": True}]},
    {"name": "get_it", "annotations": {"readOnlyHint": 1}},
    {"name": "get_it", "annotations": {"readOnlyHint": "true"}},
    {"name": "get_it", "annotations": {"destructiveHint": 1}},
    {"name": "get_it"},
    {"name": 5},
    {},
]


@pytest.mark.parametrize("odd", ODD_HINTS)
def test_what_a_definition_does_not_say_plainly_makes_nothing_a_read(odd: JsonObject) -> None:
    """Only the truth value itself counts, and only a text is a name."""
    assert propose_level(odd) == NOTHING_TELLS


def test_the_methods_of_mcp_that_a_boundary_names_read() -> None:
    """Whatever their names say."""
    for method in ("resources/read", "prompts/get", "completion/complete", "resources/subscribe"):
        assert told(method) == (Level.READ, "it is a method of MCP that only reads")


def test_what_a_person_is_not_asked_is_the_least_that_works() -> None:
    """Owner or reviewer answer, a task makes fifty calls, and nothing asks in its middle."""
    plain = Answers(
        name="files",
        purpose="Look after my notes.",
        owner="me@example.com",
        agent="my-agent",
        requesters=("me",),
        expires=date(2027, 3, 1),
        system="notes",
    )
    assert plain.environment is Environment.PERSONAL
    assert plain.asks == ("owner", "reviewer")
    assert plain.inputs is None
    assert plain.calls_per_task == 50
    assert plain.may_ask == ()


def test_words_of_a_name_are_told_by_capitals_and_by_what_is_no_letter() -> None:
    """The first one that is known decides."""
    assert told("crm/getHTMLList", readOnlyHint=True)[1].endswith("`get`")
    assert told("HTTPSend")[1] == "its name says `send`"
    assert told("SEND2all")[1] == "its name says `send`"
    assert told("resend") == NOTHING_TELLS


def test_a_first_workflow_loads_and_passes_its_check() -> None:
    """What `new` and `connect` write is signed without an edit."""
    tools = [(one, propose_level(one)[0]) for one in (READ_FILE, WRITE_FILE)]
    text = render_workflow(ANSWERS, tools)
    system = render_system("notes", command=["notes-server", "/home/me"], environment={"A": "1"})
    workflow = load_workflow(text, "w")
    boundary = compile_boundary(
        workflow,
        {"notes": load_system(system, "s")},
        [
            ToolPin(system="notes", tool=str(one["name"]), definition=one, digest="d")
            for one, _ in tools
        ],
        code_version="1",
        roles=("me", "owner", "reviewer"),
    )
    assert check(boundary, today=date(2026, 12, 1), roles=("me", "owner", "reviewer")) == ()
    assert text.splitlines()[:2] == [
        "# yaml-language-server: $schema=../schemas/workflow.schema.json",
        "# What agent my-agent may do in workflow files.",
    ]
    assert system.splitlines()[1].startswith("# How Sallyport reaches notes")
    read, write = workflow.tools["read_file"], workflow.tools["write_file"]
    assert read.only["head"].optional
    assert not read.only["path"].optional
    assert read.only["as"].constraints[0].bounds == ("text", "no")
    assert write.only["path"].constraints[0].bounds == (200,)
    assert write.only["content"].constraints[0].operator is Operator.MAX_LENGTH
    assert write.ask[0].who == ("owner", "reviewer")
    assert not read.ask
    assert "ignore me" not in text


def test_a_first_workflow_in_production_asks_for_good_and_says_whom_to_tell() -> None:
    """Nobody has said whether anything can be taken back, so it counts as if nothing could."""
    answers = replace(ANSWERS, environment=Environment.PRODUCTION)
    workflow = load_workflow(render_workflow(answers, [(WRITE_FILE, Level.UPDATE)]), "w")
    system = load_system(render_system("notes", command=["n"], final=["write_file"]), "s")
    pin = ToolPin(system="notes", tool="write_file", definition=WRITE_FILE, digest="d")
    boundary = compile_boundary(
        workflow, {"notes": system}, [pin], code_version="1", roles=("me", "owner", "reviewer")
    )
    assert check(boundary, today=date(2026, 12, 1)) == ()
    assert boundary.workflow.tools["write_file"].irreversible
    assert workflow.stop.by == ("owner", "reviewer")
    assert workflow.stop.tell == "me@example.com"


def test_a_system_over_http_names_its_credential_and_what_was_vouched_for() -> None:
    """The file has the word that `check` asks for."""
    text = render_system("web", url="https://a.example/mcp", credential="key", reads=["get_time"])
    system = load_system(text, "s")
    assert (system.url, system.credential) == ("https://a.example/mcp", "key")
    assert system.tools["get_time"].level is Level.READ


def test_tools_that_cannot_be_written_are_left_out_and_counted() -> None:
    """A system with one odd name is still connected."""
    odd: list[JsonObject] = [
        {"name": "all*"},
        {"name": "a\nb"},
        {"name": "read_file"},
        {"name": "t", "inputSchema": {"properties": {"\u202e": {}}}},
    ]
    text = render_workflow(ANSWERS, [(READ_FILE, Level.READ), *((one, Level.READ) for one in odd)])
    workflow = load_workflow(text, "w")
    assert list(workflow.tools) == ["read_file"]
    assert workflow.tools["read_file"].only
    assert "cannot be written here: 4." in text


def test_answers_that_make_no_workflow_are_refused_in_words() -> None:
    """Nothing unloadable is ever written."""
    with pytest.raises(BoundaryErrors):
        render_workflow(replace(ANSWERS, name="*"), [(READ_FILE, Level.READ)])
    with pytest.raises(BoundaryErrors):
        render_workflow(ANSWERS, [])


hostile = cast(
    "st.SearchStrategy[Json]",
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=6,
    ),
)
schemas = st.fixed_dictionaries(
    {
        "name": st.text(max_size=12) | st.sampled_from(["no", "1", "t: {level: read}", "a b"]),
        "inputSchema": st.fixed_dictionaries(
            {
                "properties": st.dictionaries(
                    st.text(max_size=8),
                    hostile
                    | st.fixed_dictionaries({"enum": st.lists(st.text(max_size=6), max_size=3)}),
                    max_size=3,
                ),
                "required": hostile,
            }
        )
        | hostile,
        "annotations": hostile,
    }
)


@given(st.lists(schemas, max_size=3), st.text(), st.sampled_from(Environment))
def test_nothing_a_system_says_breaks_or_enters_the_file(
    definitions: list[JsonObject], purpose: str, environment: Environment
) -> None:
    """A definition cannot write a line of a boundary."""
    answers = replace(ANSWERS, purpose=purpose, environment=environment)
    tools = [(READ_FILE, Level.READ), *((one, propose_level(one)[0]) for one in definitions)]
    try:
        text = render_workflow(answers, tools)
    except BoundaryErrors:
        assert not purpose.strip() or not purpose.isprintable() or len(purpose) > 500
        return
    workflow = load_workflow(text, "w")
    assert workflow.users == ANSWERS.requesters
    assert workflow.purpose == purpose
    assert set(workflow.tools) <= {str(one["name"]) for one, _ in tools}


def test_notes_are_no_errors() -> None:
    """Severities are ordered as they are shown."""
    assert list(Severity) == [Severity.ERROR, Severity.WARNING, Severity.NOTE]


ODD_FORMS: list[tuple[Json, str]] = [
    ({"enum": ["a"]}, "one_of: [a]"),
    ({"enum": ["open", "no", "On", "true"]}, 'one_of: [open, "no", "On", "true"]'),
    ({"enum": ["a", "b c"]}, "any: true"),
    ({"enum": ["a", 5]}, "any: true"),
    ({"enum": []}, "any: true"),
    ({"enum": "ab"}, "any: true"),
    ({"enum": ["task.own", "b"]}, "any: true"),
    ({"enum": ["b", "task.own"], "type": "string"}, "max_length: 10000"),
    ({"type": "string"}, "max_length: 10000"),
    ({"type": "string", "maxLength": 1}, "max_length: 1"),
    ({"type": "string", "maxLength": 9999}, "max_length: 9999"),
    ({"type": "string", "maxLength": 10001}, "max_length: 10000"),
    ({"type": "string", "maxLength": 0}, "max_length: 10000"),
    ({"type": "string", "maxLength": -1}, "max_length: 10000"),
    ({"type": "string", "maxLength": True}, "max_length: 10000"),
    ({"type": "string", "maxLength": "5"}, "max_length: 10000"),
    ({"type": "number", "maxLength": 5}, "any: true"),
    ({}, "any: true"),
    ("string", "any: true"),
    (None, "any: true"),
]


@pytest.mark.parametrize("form, said", ODD_FORMS)
def test_an_argument_is_bounded_by_what_its_schema_says(form: Json, said: str) -> None:
    """Its words where they are few and plain, its length where it is text; else it may be any."""
    schema: JsonObject = {"properties": {"a": form, "b": form}, "required": ["a"]}
    text = render_workflow(ANSWERS, [({"name": "t", "inputSchema": schema}, Level.READ)])

    assert f"    only:\n      a: {{{said}}}\n      b: {{{said}, optional: true}}\n" in text
    assert "left out" not in text


ODD_SCHEMAS: list[Json] = [None, [], {"properties": ["a"]}, {"required": ["a"]}, {}]


@pytest.mark.parametrize("schema", ODD_SCHEMAS)
def test_a_tool_that_lists_no_arguments_has_none(schema: Json) -> None:
    """So whatever is given to it is refused until somebody names it."""
    text = render_workflow(ANSWERS, [({"name": "t", "inputSchema": schema}, Level.READ)])

    assert text.endswith("tools:\n  t:\n    system: notes\n    level: read\n")


@pytest.mark.parametrize("required", [None, "a", {"a": True}, ["b"]])
def test_an_argument_may_be_left_out_unless_a_list_names_it(required: Json) -> None:
    """Whatever else stands there."""
    schema: JsonObject = {"properties": {"a": {}}, "required": required}
    text = render_workflow(ANSWERS, [({"name": "t", "inputSchema": schema}, Level.READ)])

    assert "      a: {any: true, optional: true}\n" in text


TWO_FACED = ["yes", "no", "on", "off", "y", "n", "true", "false", "null"]
SPELT = [*TWO_FACED, *(one.upper() for one in TWO_FACED), *(one.title() for one in TWO_FACED[:4])]


@pytest.mark.parametrize("word", SPELT)
def test_a_word_that_yaml_reads_in_two_ways_stands_in_quotes(word: str) -> None:
    """As a name, as a value and as one of several: it is read as it was written."""
    schema: JsonObject = {"properties": {"a": {"enum": [word]}}}
    tools: list[tuple[JsonObject, Level]] = [
        ({"name": word, "inputSchema": schema}, Level.CREATE),
        ({"name": "other"}, Level.READ),
    ]
    answers = replace(ANSWERS, purpose=word, requesters=(word,), asks=(word, "owner"))
    text = render_workflow(answers, tools)
    workflow = load_workflow(text, "w")

    assert f'\npurpose: "{word}"\n' in text
    assert f'\nfor: ["{word}"]\n' in text
    assert f'\n  "{word}":\n' in text
    assert f'      a: {{one_of: ["{word}"], optional: true}}\n' in text
    assert workflow.purpose == word
    assert workflow.users == (word,)
    assert workflow.tools[word].ask[0].who == (word, "owner")


@pytest.mark.parametrize(
    "purpose, written",
    [
        ("Look after my notes.", "Look after my notes."),
        ("Notes; (all) of a/b, and c", '"Notes; (all) of a/b, and c"'),
        ("notes; (all) @home", "notes; (all) @home"),
        ("notes: all", '"notes: all"'),
        ("notes:all", '"notes:all"'),
        ("notes,all", '"notes,all"'),
        ("2 notes", '"2 notes"'),
        ("two  spaces", '"two  spaces"'),
        ("Gr\u00f6\u00dfe", '"Gr\u00f6\u00dfe"'),
        ("# no remark", '"# no remark"'),
        ("a # remark", '"a # remark"'),
        ('say "so"', '"say \\"so\\""'),
    ],
)
def test_a_text_is_bare_where_nothing_can_be_read_otherwise(purpose: str, written: str) -> None:
    """Everything else stands in quotes, letter by letter as it was."""
    text = render_workflow(replace(ANSWERS, purpose=purpose), [(READ_FILE, Level.READ)])

    assert f"\npurpose: {written}\n" in text
    assert load_workflow(text, "w").purpose == purpose


def test_what_nobody_sees_is_escaped_and_so_refused() -> None:
    """It enters no file as it is, and the refusal names the file that would have been."""
    with pytest.raises(BoundaryErrors) as refused:
        render_workflow(replace(ANSWERS, purpose="a\u202eb"), [(READ_FILE, Level.READ)])

    assert {one.file for one in refused.value.problems} == {"files.yaml"}
    assert render_system("s", command=["a\u202eb"]).endswith('command: ["a\\u202eb"]\n')


ASKING = """\
# yaml-language-server: $schema=../schemas/workflow.schema.json
# What agent my-agent may do in workflow files.
# Tools left out, since their definitions cannot be written here: 2.
workflow: files
purpose: "Look after my notes: nothing else."
owner: me@example.com
agent: my-agent
environment: production
expires: 2027-03-01
for: [me, you]
task: {note: text, day: date}
stop: {by: [me, you], tell: me@example.com}
limits: {calls_per_task: 7}
tools:
  resources/read:
    system: notes
    level: read
    may_ask: [form, url]
  completion/complete:
    system: notes
    level: read
  read_it:
    system: notes
    level: read
    may_ask: [form, url]
"""


def test_a_method_is_declared_like_a_tool_and_what_follows_from_it_is_not() -> None:
    """What may ask in its middle is said of each tool that can; nobody is told twice."""
    answers = replace(
        ANSWERS,
        environment=Environment.PRODUCTION,
        requesters=("me", "you"),
        asks=(),
        inputs={"note": "text", "day": "date"},
        calls_per_task=7,
        may_ask=(Ability.FORM, Ability.URL),
    )
    names = (
        "resources/read",
        "resources/list",
        "completion/complete",
        "read_it",
        "all*",
        "read_it",
    )
    text = render_workflow(answers, [({"name": name}, Level.READ) for name in names])

    assert text == ASKING


def test_each_level_that_changes_something_asks() -> None:
    """Creating is the least that does."""
    tools: list[tuple[JsonObject, Level]] = [({"name": one.name.lower()}, one) for one in Level]
    workflow = load_workflow(render_workflow(ANSWERS, tools), "w")

    assert [name for name, rule in workflow.tools.items() if rule.ask] == [
        "create",
        "update",
        "external",
    ]
    assert {rule.ask[0].within_s for rule in workflow.tools.values() if rule.ask} == {4 * 3600}


SYSTEM = """\
# yaml-language-server: $schema=../schemas/system.schema.json
# How Sallyport reaches web, and how it handles its tools.
system: web
transport: stdio
command: ["run", "a b"]
env:
  A: "1"
  B: "secret:b"
credential: key
tools:
  get: {level: read}
  "no": {level: read}
  drop: {reversible: false}
  "off": {reversible: false}
"""


def test_a_system_file_says_what_was_answered_and_nothing_else() -> None:
    """Letter by letter."""
    told = {"A": "1", "B": "secret:b"}
    command = ["run", "a b"]
    assert (
        render_system(
            "web",
            command=command,
            environment=told,
            credential="key",
            reads=["get", "no"],
            final=["drop", "off"],
        )
        == SYSTEM
    )
    assert render_system("s", url="https://a.example/mcp") == (
        "# yaml-language-server: $schema=../schemas/system.schema.json\n"
        "# How Sallyport reaches s, and how it handles its tools.\n"
        'system: s\ntransport: http\nurl: "https://a.example/mcp"\n'
    )
