"""Each sentence of an explanation, where it stands and where it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    DataClass,
    Effect,
    Entry,
    Environment,
    Impact,
    Items,
    Json,
    Level,
    Limit,
    Lookup,
    Money,
    Operator,
    Plumbing,
    Recovery,
    ResultField,
    Reversible,
    StopPlan,
    System,
    ToolPin,
    ToolRule,
    Writer,
)
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.explain import (
    argument_in_words,
    default_in_words,
    entry_in_words,
    explain,
    never_in_words,
)
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.methods import INSTRUCTIONS, instructions_key
from tests.unit.boundary.examples import READS, header, pin, tool

DESK = "system: desk\nurl: https://desk.example.com/\n"


def boundary(body: str, *pins: ToolPin, system: str = DESK, head: str = "") -> Boundary:
    """Return the boundary of a workflow with one tool `t`, whose lines are `body`."""
    text = f"{header()}{head}tools:\n  t: {{{body}}}\n"
    desk = load_system(system, "s")
    return compile_boundary(
        load_workflow(text, "w"), {"desk": desk}, pins, code_version="1", roles=[]
    )


def under(told: Boundary, heading: str) -> list[str]:
    """Return what stands under a heading, line by line."""
    lines = explain(told).splitlines()
    rest = lines[lines.index(heading) + 1 :]
    return rest[: rest.index("")]


def of_tool(body: str, *pins: ToolPin) -> list[str]:
    """Return what is said of the tool `t`, below its own line."""
    return under(boundary(body, *pins), "What the agent may do")[1:]


# --- Entries. ---

ASKED = Entry(where="t.ask[0]", who=("lead",), within_s=3600)
ENTRIES: list[tuple[Entry, bool, str]] = [
    (Entry(where="t.allow[0]"), False, "Without asking: whatever is left."),
    (
        Entry(where="t.allow[0]", because="tried", until=date(2027, 1, 31)),
        False,
        "Without asking, because tried, until 2027-01-31: whatever is left.",
    ),
    (
        Entry(where="t.allow[0]", when={"mood": ("calm", 3), "day": (True,)}),
        False,
        'Without asking: only while mood is "calm" or 3; only while day is true.',
    ),
    (Entry(where="t.ask[0]"), True, "After a yes from nobody within 4 hours: whatever is left."),
    (ASKED, True, "After a yes from lead within 1 hour: whatever is left."),
    (
        replace(ASKED, who=("lead", "boss"), because="it counts"),
        True,
        "After a yes from lead or boss within 1 hour, because it counts: whatever is left.",
    ),
    (
        replace(ASKED, who=("lead", "boss"), how_many=2),
        True,
        "After a yes from 2 people who are lead or boss within 1 hour: whatever is left.",
    ),
    (
        replace(ASKED, who=("step.fraud",)),
        True,
        "After a yes from the workflow step step.fraud within 1 hour: whatever is left.",
    ),
    (
        replace(ASKED, who=("lead", "step.fraud"), how_many=2),
        True,
        (
            "After a yes from 2 of lead or the workflow step step.fraud within 1 hour: "
            "whatever is left."
        ),
    ),
    (
        replace(ASKED, needs_human=True, because="it counts"),
        True,
        (
            "After a yes from lead within 1 hour, and it stays in the queue until one of them has "
            "decided, because it counts: whatever is left."
        ),
    ),
]


@pytest.mark.parametrize("entry, ask, sentence", ENTRIES)
def test_an_entry_is_one_sentence(entry: Entry, *, ask: bool, sentence: str) -> None:
    """Who is asked, for how long, why, and of what."""
    assert entry_in_words(entry, ask=ask) == sentence


@pytest.mark.parametrize(
    "seconds, told",
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (120, "2 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (86_400, "1 day"),
        (90_000, "25 hours"),
        (172_800, "2 days"),
    ],
)
def test_a_time_is_told_in_the_largest_unit_that_fits(seconds: int, told: str) -> None:
    """Nothing is rounded."""
    asked = entry_in_words(replace(ASKED, within_s=seconds), ask=True)
    assert asked == f"After a yes from lead within {told}: whatever is left."


def test_what_is_forbidden_is_one_sentence() -> None:
    """With its reason if there is one."""
    rule = tool("only: {a: any}\nnever: [{args: {a: {is: x}}, when: {state: [open]}}]")
    (entry,) = rule.never
    assert never_in_words(entry) == 'Never: a is "x"; only while state is "open".'
    because = replace(entry, when={}, because="it is gone")
    assert never_in_words(because) == 'Never, because it is gone: a is "x".'


@pytest.mark.parametrize(
    "said, sentence",
    [
        ("any", "a is anything"),
        ("absent", "a is left out"),
        ("{any: true, optional: true}", "a is anything, or left out"),
        ("{is: '5'}", 'a is "5"'),
        ("{is: task.own}", "a is the task's own own"),
        ("{is: 2027-01-31}", 'a is "2027-01-31"'),
        ("{one_of: [task.own]}", "a is one of task.own"),
        ("{only: [task.own]}", "a is a list that holds nothing but task.own"),
        ("{one_of: [task.own, '5', 5, false]}", 'a is one of task.own, "5", 5, false'),
        ("{at_least: 1, at_most: 5}", "a is 1 or more and is 5 at most"),
        ("{above: 1, below: 5}", "a is above 1 and is below 5"),
        ("{at_least: 1 items, at_most: 5 items}", "a has 1 item or more and has 5 items at most"),
        (
            "{above: 1 items, below: 5 items}",
            "a has more than 1 item and has fewer than 5 items",
        ),
        ("{starts_with: 'Re: '}", 'a starts with "Re: "'),
        ("{max_length: 5}", "a is text of 5 characters at most"),
        ("{only: [x, 5]}", 'a is a list that holds nothing but "x", 5'),
        (
            "{each: {above: 1, at_most: 5}}",
            "a is a list in which each item (is above 1 and is 5 at most)",
        ),
        ("{domain: any}", "a is a domain name"),
        ("{domain: example.com}", "a is a domain name: the domain example.com"),
        ("{path_under: [/srv, task.own]}", 'a is a path: in "/srv" or the task\'s own own'),
    ],
)
def test_what_is_asked_of_an_argument_is_one_sentence(said: str, sentence: str) -> None:
    """A text that looks like a number stands in quotes."""
    assert argument_in_words(tool(f"only: {{a: {said}}}").only["a"]) == sentence


def test_a_length_is_told_wherever_it_stands() -> None:
    """No file asks a list to be a length, and its words stay words."""
    one = Constraint(operator=Operator.IS, bounds=(Items(3),))
    assert argument_in_words(ArgumentRule(name="a", constraints=(one,))) == "a is 3 items"


@pytest.mark.parametrize(
    "rule, asks",
    [
        (ToolRule(tool="t", system="s", level=Level.READ), False),
        (ToolRule(tool="t", system="s", level=Level.DRAFT), False),
        (ToolRule(tool="t", system="s", level=Level.CLASSIFY), True),
        (ToolRule(tool="t", system="s", level=Level.CREATE), False),
        (ToolRule(tool="t", system="s", level=Level.UPDATE), True),
        (ToolRule(tool="t", system="s", level=Level.EXTERNAL), True),
        (ToolRule(tool="t", system="s", level=Level.READ, touches=frozenset({Impact.MONEY})), True),
    ],
)
def test_the_default_of_a_level_is_told(rule: ToolRule, *, asks: bool) -> None:
    """What has no entry is decided by its level and by what it touches."""
    asked = "Each such call asks an owner or reviewer."
    assert default_in_words(rule) == (asked if asks else "Each such call happens without asking.")


# --- Tools. ---


def test_what_happens_to_the_rest_is_told_once() -> None:
    """By the default where there are no entries; refused where there are."""
    free, rest = (
        "Each such call happens without asking.",
        "What fits none of these lines is refused.",
    )
    bound, asked = "Always: a is anything.", "After a yes from r within 4 hours: a is anything."
    assert of_tool("level: read, only: {a: any}") == [f"    {bound}", f"    {free}"]
    assert of_tool("level: read, ask: [{args: {a: any}, who: [r]}]") == [
        f"    {asked}",
        f"    {rest}",
    ]
    assert of_tool("level: read, allow: [{args: {a: any}}]") == [
        "    Without asking: a is anything.",
        "    What does not fit is refused.",
    ]


def test_a_tool_that_takes_nothing_is_told_to() -> None:
    """A text from a template is an argument, and so is what any entry names."""
    nothing = "    It takes no arguments."
    assert nothing in of_tool("level: read")
    assert nothing in of_tool("level: read, ask: [{who: [r]}]")
    for body in (
        "only: {a: any}",
        "allow: [{args: {a: any}}]",
        "ask: [{args: {a: any}, who: [r]}]",
        "templates: {a: {ack: {text: Thanks}}}",
    ):
        assert nothing not in of_tool(f"level: read, {body}")


def test_a_template_that_may_be_left_out_is_told_beside_one_that_may_not() -> None:
    """Where `only` names the argument as well, `only` says whether it is optional."""
    templates = "templates: {a: {ack: {text: 'Thanks, {x}', slots: {x: {max_length: 9}}}}}"
    told = "    Always: a is one of these texts, letter by letter but for its slots"
    texts = [
        '      a ack: "Thanks, {x}"',
        "        In a ack, slot x is text of 9 characters at most.",
    ]
    end = "    Each such call happens without asking."
    assert of_tool(f"level: read, {templates}") == [f"{told}, and is never left out.", *texts, end]
    optional = "only: {a: {any: true, optional: true}}"
    assert of_tool(f"level: read, {templates}, {optional}") == [
        "    Always: a is anything, or left out.",
        f"{told}.",
        *texts,
        end,
    ]


def test_the_line_of_a_tool_says_where_it_is_and_what_it_touches() -> None:
    """A tool that nobody offers has no system yet, and no accepted definition."""
    heading = "What the agent may do"
    body = "level: update, touches: [money, access], only: {}"
    bare = under(boundary(body), heading)
    touches = "touches who has access, money"
    assert bare[0] == f"  t of no system yet (update: it changes what is there; {touches})"
    offered = pin("t")
    assert under(boundary(body, offered), heading)[:2] == [
        f"  t of desk (update: it changes what is there; {touches})",
        f"    As defined by the accepted definition {offered.digest}.",
    ]
    plain = under(boundary("level: draft, only: {}", offered), heading)
    assert plain[0] == "  t of desk (draft: it makes a draft)"


@pytest.mark.parametrize(
    "level, told",
    [
        ("read", "reads"),
        ("draft", "makes a draft"),
        ("classify", "classifies"),
        ("create", "creates"),
        ("update", "changes what is there"),
        ("external", "reaches outside"),
    ],
)
def test_every_level_says_how_far_a_tool_reaches(level: str, told: str) -> None:
    """One word in the file, and what it means."""
    lines = under(boundary(f"level: {level}, only: {{}}"), "What the agent may do")
    assert lines[0] == f"  t of no system yet ({level}: it {told})"


@pytest.mark.parametrize(
    "environment, told",
    [
        (Environment.PERSONAL, "one person's own things"),
        (Environment.TEST, "a test environment"),
        (Environment.PRODUCTION, "production"),
    ],
)
def test_the_head_says_what_it_acts_on(environment: Environment, told: str) -> None:
    """In the line of who answers for it."""
    plain = boundary("level: read")
    here = replace(plain, workflow=replace(plain.workflow, environment=environment))
    assert explain(here).splitlines()[3] == f"o answers for it. It acts on {told}."


def test_methods_that_come_with_another_are_told_under_it() -> None:
    """They have no line of their own."""
    text = f"{header()}tools: {{resources/read: {{level: read, only: {{uri: any}}}}}}\n"
    names = ("resources/read", "resources/subscribe", "resources/list")
    found = compile_boundary(
        load_workflow(text, "w"),
        {"desk": load_system(DESK, "s")},
        [pin(name) for name in names],
        code_version="1",
        roles=[],
    )
    told = under(found, "What the agent may do")
    assert told[0] == "  resources/read of desk (read: it reads)"
    assert told[-1] == "    With it come resources/list, resources/subscribe."
    assert not [one for one in told if " of desk" in one][1:]


# --- How much. ---


@pytest.mark.parametrize(
    "limit, sentence",
    [
        (Limit(name="n", at_most=1, per="task"), "At most 1 calls in one task"),
        (
            Limit(name="n", at_most=2, per="hour", counts="external"),
            "At most 2 calls that reach outside in an hour",
        ),
        (
            Limit(name="n", at_most=3, per="day", counts="mail.send", each="to"),
            "At most 3 calls of mail.send in a day, counted apart for each to",
        ),
        (Limit(name="n", at_most=4, per="week"), "At most 4 calls per week"),
        (
            Limit(name="n", at_most=5, per="day", counts="call", argument="a"),
            "At most 5 calls over a in a day",
        ),
        (
            Limit(
                name="n", at_most=5_000_000, per="day", counts="sum", argument="a", currency="EUR"
            ),
            "At most 5.00 EUR in a day, summed over a",
        ),
        (
            Limit(name="n", at_most=1, per="task", counts="cost", currency="EUR", each="to"),
            (
                "At most 0.000001 EUR in one task for what calls cost, as their systems state it, "
                "counted apart for each to"
            ),
        ),
    ],
)
def test_a_limit_is_one_sentence(limit: Limit, sentence: str) -> None:
    """What is counted, how long, and for whom."""
    plain = boundary("level: read")
    told = replace(plain, workflow=replace(plain.workflow, limits=(limit,)))
    assert under(told, "How much") == [f"  {sentence} (n)."]


@pytest.mark.parametrize(
    "line, sentence",
    [
        (
            "{tool: t, args: {a: {at_most: 5}, b: any}}",
            (
                "Every call of t that is not refused: a is 5 at most, or left out; b is anything, "
                "or left out."
            ),
        ),
        ("{tool: t, at_least: refuse}", "Every call of t is refused."),
        ("{tool: t, at_least: draft}", "Every call of t is stored as a draft at most."),
        (
            "{level: [read, update], at_least: ask}",
            "Every call at level read or update asks a person at least.",
        ),
    ],
)
def test_what_is_proved_is_one_sentence(line: str, sentence: str) -> None:
    """Whatever is left out fits as well."""
    body = "level: update, only: {a: {at_most: 5}, b: any}"
    told = boundary(body, head=f"always: [{line}]\n")
    assert under(told, "What is proved of every version") == [f"  {sentence}"]


# --- Systems. ---


def plumbed(plumbing: Plumbing) -> list[str]:
    """Return what is said of how a tool `x` is handled, but for the way to its system."""
    plain = boundary("level: read", pin("t"))
    system = replace(plain.systems["desk"], tools={"x": plumbing})
    told = under(replace(plain, systems={"desk": system}), "How its systems are reached")
    assert told[0] == "  desk: at https://desk.example.com/"
    return [line.removeprefix("    x: ") for line in told[1:]]


ONCE = "a call whose fate is unknown is left for a person to settle, never sent again."
LONG = "a call may take 30 seconds."
READ_IT = Lookup(tool="get", args={"id": "arg.id", "n": 5}, path="a.b")
PLUMBINGS: list[tuple[Plumbing, list[str]]] = [
    (Plumbing(), [ONCE, LONG]),
    (
        Plumbing(level=Level.UPDATE, before=Lookup(tool="get", args={}), timeout_ms=1000),
        [
            "its operator states level update at least.",
            "its target is read first with get (no arguments).",
            ONCE,
            "a call may take 1 second.",
        ],
    ),
    (
        Plumbing(recovery=Recovery.PROBE, probe=READ_IT, probe_expects="ok", timeout_ms=1500),
        [
            (
                'a call whose fate is unknown is looked up with get (id: "arg.id", n: 5), '
                'taking a.b of the answer, which must answer "ok".'
            ),
            "a call may take 1.5 s.",
        ],
    ),
    (
        Plumbing(recovery=Recovery.PROBE, probe_expects=None),
        [
            "a call whose fate is unknown is looked up with nothing, which must answer null.",
            LONG,
        ],
    ),
    (
        Plumbing(recovery=Recovery.IDEMPOTENCY_KEY, idempotency_ttl_s=60, retries=1),
        [
            (
                "a call whose fate is unknown is sent again under the same key, which the system "
                "knows for 1 minute."
            ),
            LONG,
            "a call that gets no answer is sent once more, as the same call.",
        ],
    ),
    (
        Plumbing(retries=2, cost=Money(Decimal("0.10"), "EUR"), critical=("a",)),
        [
            ONCE,
            LONG,
            "a call that gets no answer is sent up to 2 times more, as the same call.",
            "a call costs 0.10 EUR.",
            "whom or how much is decided by a, which people are shown first.",
        ],
    ),
    (
        Plumbing(
            reversible=Reversible.BY_HAND,
            changes={"state": Effect(source="open"), "sum": Effect(source="arg.n", plus=True)},
        ),
        [
            ONCE,
            LONG,
            "what it did can be taken back by people alone.",
            'it changes its record: state becomes "open"; sum grows by arg.n.',
        ],
    ),
    (
        Plumbing(units={"b": "JPY", "a": "KWD"}, args={"a": DataClass.SECRET}),
        [
            ONCE,
            LONG,
            "a counts KWD in whole numbers: 1000 for 1 KWD.",
            "b counts JPY in whole numbers: 1 for 1 JPY.",
            "a takes secrets.",
        ],
    ),
    (
        Plumbing(
            writer=Writer.AGENT,
            fields={"b": ResultField(data=DataClass.HEALTH), "a": ResultField(writer=Writer.STAFF)},
        ),
        [
            ONCE,
            LONG,
            "all that it answers was written last by an agent.",
            'in its answer, "a" was written last by our own people.',
            'in its answer, "b" holds data about health and was written last by somebody unknown.',
        ],
    ),
]


@pytest.mark.parametrize("plumbing, lines", PLUMBINGS)
def test_how_a_tool_is_handled_is_told_line_by_line(plumbing: Plumbing, lines: list[str]) -> None:
    """What is not declared is not mentioned."""
    assert plumbed(plumbing) == lines


def test_how_a_system_is_reached_is_told_with_what_it_is_given() -> None:
    """A plain value of its environment is not shown: it may be a secret."""
    told = System(
        name="desk",
        command=("run", "a b"),
        environment={"B": "plain", "A": "secret:key"},
        credential="token",
        jurisdiction="DE",
        facts={"s": Lookup(tool="get", args={})},
    )
    plain = boundary("level: read", pin("t"))
    assert under(replace(plain, systems={"desk": told}), "How its systems are reached") == [
        '  desk: by starting "run" "a b"',
        "    Its data lies in DE.",
        "    It is sent the stored secret token, which the agent never sees.",
        "    It is started with A set to the stored secret key.",
        "    It is started with B set to a value written in its file.",
        "    The fact s is read with get (no arguments).",
    ]


def test_definitions_that_are_no_tool_of_the_workflow_are_told_under_their_system() -> None:
    """What is only looked up, and what a system tells agents."""
    look = "facts: {s: {tool: get, field: x}}\n"
    words: Json = 'Say "please".'
    told = replace(pin(INSTRUCTIONS), definition={"instructions": words})
    get = pin("get", annotations=READS)
    found = boundary("level: read", pin("t"), get, told, system=f"{DESK}{look}")
    assert set(found.pins) == {"t", "get", instructions_key("desk")}
    assert under(found, "How its systems are reached") == [
        "  desk: at https://desk.example.com/",
        "    The fact s is read with get (no arguments), taking x of the answer.",
        f"    get is for look-ups only, as defined by {get.digest}.",
        f'    Agents read what it tells them, "Say \\"please\\".", as defined by {told.digest}.',
    ]


# --- The head and the end. ---


def test_a_boundary_that_says_little_is_explained_in_few_lines() -> None:
    """No heading stands over nothing."""
    plain = boundary("level: read")
    bare = replace(
        plain,
        workflow=replace(plain.workflow, task_inputs={}, stop=StopPlan()),
        digest="",
    )
    assert explain(bare).splitlines() == [
        "Workflow w, for agent a",
        "",
        "Purpose: p",
        "o answers for it. It acts on a test environment.",
        "It counts through 2027-03-31; after that everything is refused.",
        "Only people with one of these roles may have it work: r.",
        "Its tasks are bound to nothing.",
        (
            "It may handle data that is financial or internal or personal or public. "
            "Its systems may lie anywhere."
        ),
        "What any system says counts as untrusted: once such text has entered a task, creating,",
        "changing and reaching outside ask a person, whatever stands below.",
        "",
        "How much",
        "  Nothing limits the number of calls.",
        "",
        "What the agent may do",
        "  t of no system yet (read: it reads)",
        "    Each such call happens without asking.",
        "    It takes no arguments.",
        "",
        "What it may never do",
        "  Call a tool, or name an argument, that is not written here.",
        "",
        "Digest: (not compiled)",
    ]
    assert explain(bare).endswith("(not compiled)\n")


@pytest.mark.parametrize(
    "plan, lines",
    [
        (
            StopPlan(by=("lead", "boss")),
            ["  Turn to lead or boss. This is information: it keeps nobody else from stopping it."],
        ),
        (
            StopPlan(tell="on-call"),
            ["  Tell on-call. Sallyport tells them of a stop where its settings say how."],
        ),
        (StopPlan(by_hand="docs/by-hand.md"), ["  How people go on by hand: docs/by-hand.md."]),
    ],
)
def test_how_it_is_stopped_is_told_as_far_as_it_is_said(plan: StopPlan, lines: list[str]) -> None:
    """Each of the three words alone."""
    plain = boundary("level: read")
    told = replace(plain, workflow=replace(plain.workflow, stop=plan))
    assert under(told, "If it must be stopped") == lines


def test_what_systems_say_may_be_trusted_part_by_part() -> None:
    """And where they lie is told in one line with what data they hold."""
    head = "trust: [t, t.a.b]\njurisdiction: [EU, CH]\ndata: [public, health]\n"
    lines = explain(boundary("level: read", head=head)).splitlines()
    data = "It may handle data that is health or public. Its systems must lie in CH or EU."
    assert data in lines
    start = lines.index("changing and reaching outside ask a person, whatever stands below.")
    assert lines[start + 1 : start + 5] == [
        "Only this is not, where its system says that one of ours wrote it last:",
        "- everything of what t returns.",
        "- a.b of what t returns.",
        "",
    ]
