"""How the house opens: built, loaded, compiled, recovered, and then kept up by looks that repeat.

Rules:
  1. Before the first call is let in, boundaries are compiled again, a stop file counts, and what a
     crash left behind is closed.
  2. A ledger that cannot be trusted pauses everything and voids what was approved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sallyport.flow import grants, rows
from sallyport.flow import registry as registries
from sallyport.flow.absences import Absences
from sallyport.flow.aside import Aside
from sallyport.flow.authority import Authority
from sallyport.flow.background import Background
from sallyport.flow.baselines import Baselines
from sallyport.flow.comparing import Comparing
from sallyport.flow.controls import Controls
from sallyport.flow.devices import DeviceBook
from sallyport.flow.dispatch import Fences
from sallyport.flow.evidence import Evidence
from sallyport.flow.federated import Federated
from sallyport.flow.file_stops import FileStops
from sallyport.flow.gateway import Gateway
from sallyport.flow.glasses import Glasses
from sallyport.flow.house import House
from sallyport.flow.inbox import Inbox
from sallyport.flow.notices import Notices
from sallyport.flow.outside import Outside
from sallyport.flow.people import People
from sallyport.flow.quick import QuickLinks
from sallyport.flow.reading import Reading
from sallyport.flow.recovery import recover
from sallyport.flow.regain import Regain
from sallyport.flow.reports import Reports
from sallyport.flow.rounds import Rounds
from sallyport.flow.secrets import load_secrets
from sallyport.flow.sessions import SESSIONS_LAST, Sessions
from sallyport.flow.tasks import Tasks
from sallyport.flow.team import Team
from sallyport.flow.unasked import StopAsking
from sallyport.flow.workflow_steps import WorkflowSteps
from sallyport.model import (
    AT_ONCE,
    ApprovalState,
    CoolOff,
    Json,
    JsonObject,
)
from sallyport.ports import Row, Update
from sallyport.rules.attention.attention import OFF, Attention
from sallyport.rules.waiting_rules import WAITING_MAX

TICK_S = 5

ACT_S = 0.5
"""How often it is looked whose time to be taken back is over, which broken glass is, and what the
stop file stops."""

EXERCISE_S = 30
"""How often it is looked at which exercises are due."""

TELL_S = 1
"""How often the outbox is looked at; an idle look costs some microseconds."""


async def open_house(
    outside: Outside,
    *,
    new_token: Callable[[str], str],
    token_hash: Callable[[str], str],
    team_of_one: bool,
    distrust: str,
    report: Callable[[BaseException], None],
    owners_answer: bool = True,
    waiting_max: int = WAITING_MAX,
    rounds: Sequence[int] = (),
    attention: Attention = OFF,
    cool_off: CoolOff = AT_ONCE,
    built: Callable[[House], None] = lambda _: None,
    console: Callable[[], str] = str,
    sessions_last: tuple[int, int] = SESSIONS_LAST,
) -> House:
    """Open the house: load, compile, check, recover.

    Args:
        outside: The ports.
        new_token: Makes tokens.
        token_hash: Hashes them.
        team_of_one: Whether the settings say `team: one`.
        distrust: Why the ledger cannot be trusted, or empty.
        report: Gets the failures of work that nobody waits for.
        owners_answer: Whether people answer for agents that they own.
        waiting_max: How many questions of one agent may wait at a time.
        cool_off: How long a yes waits before what cannot be taken back leaves.
        rounds: When rounds are, as `waiting_rules.times_of_day` has it.
        attention: Whether there are exercises among the questions, and how many.
        built: Gets the house before anything can leave it, so that what asks it for systems and
            secrets can be connected.
        console: Returns what links into the console begin with.
        sessions_last: Seconds until a session of the console ends: unused, and in any case.
    """
    registry = await registries.load(outside.store, outside.vault)
    evidence = Evidence(outside, await outside.store.last_time_us())
    gateway = Gateway(outside, registry, evidence, Fences(await outside.store.epoch()))
    await grants.remember(outside.store, registry, gateway.fences)
    gateway.queues.at_most = waiting_max
    gateway.cool_off = cool_off
    gateway.sender.secrets = secrets = await load_secrets(outside.store, outside.vault)
    people = People(gateway, team_of_one=team_of_one)
    authority = Authority(gateway, people.lone)
    comparing = Comparing(gateway)
    gateway.prepare = comparing.prepare
    background = Background(report)
    idle_s, lasts_s = sessions_last
    sessions = Sessions(gateway, new_token, token_hash, idle_s=idle_s, lasts_s=lasts_s)
    gateway.grants.lone = people.lone
    gathering = Rounds(gateway, rounds)
    inbox = Inbox(gateway, people.lone, background.spawn, owners_answer=owners_answer)
    inbox.exercises.attention = attention
    reading = Reading(gateway)
    house = House(
        gateway=gateway,
        tasks=Tasks(gateway, new_token, token_hash),
        inbox=inbox,
        controls=Controls(gateway),
        file_stops=FileStops(gateway),
        glasses=Glasses(gateway, people),
        authority=authority,
        aside=Aside(gateway, authority, people),
        baselines=Baselines(gateway, people),
        comparing=comparing,
        people=people,
        steps=WorkflowSteps(gateway, people, inbox),
        absences=Absences(gateway, people),
        rounds=gathering,
        reading=reading,
        reports=Reports(gateway, reading),
        team=Team(gateway, reading, inbox.exercises),
        stop_asking=StopAsking(gateway, authority, reading),
        secrets=secrets,
        sessions=sessions,
        regain=Regain(gateway, people, sessions, new_token, token_hash),
        federated=Federated(gateway, people, sessions),
        notices=Notices(gateway, people.lone, console, gathering),
        devices=DeviceBook(gateway),
        quick=QuickLinks(gateway),
        background=background,
    )
    built(house)
    await _restore(house)
    await _opened(gateway, distrust)
    if distrust:
        await _distrusted(house, distrust)
    house.recovered = await recover(gateway)
    await house.inbox.exercises.look()
    _keep_up(house)
    return house


async def _restore(house: House) -> None:
    """Know again what rows and the ledger have of it, and hear what systems say."""
    house.notices.quick = house.quick.path
    await house.devices.load()
    await house.sessions.load()
    house.gateway.outside.upstreams.listen(house.told)
    await house.authority.restore()
    await house.baselines.restore()
    await house.glasses.restore()
    await house.file_stops.restore()


def _keep_up(house: House) -> None:
    """Begin the looks that repeat."""
    inbox, repeat = house.inbox, house.background.repeat
    repeat(inbox.expire, TICK_S)
    repeat(inbox.escalate, TICK_S)
    repeat(inbox.close_asked, TICK_S)
    repeat(inbox.end_grants, TICK_S)
    repeat(house.authority.bring_due, TICK_S)
    repeat(inbox.act_on_due, ACT_S)
    repeat(house.glasses.look, ACT_S)
    repeat(house.file_stops.look, ACT_S)
    if inbox.exercises.attention.on:
        repeat(inbox.exercises.look, EXERCISE_S)
    _tell(house)


def _tell(house: House) -> None:
    """Begin to send notices, each channel by itself."""
    for name in house.notices.channels:
        house.background.repeat(partial(house.notices.send_due, name), TELL_S)
    if house.notices.channels:
        house.background.repeat(house.notices.remind, TICK_S)


async def _opened(gateway: Gateway, distrust: str) -> None:
    draught = gateway.evidence.draught()
    stopped: list[Json] = list(gateway.outside.stop_file.scopes())
    body: JsonObject = {
        "stop_file": stopped,
        "distrust": distrust,
        "boundaries": list[Json](sorted(gateway.registry.active.values())),
    }
    gateway.evidence.note(draught, "gateway.started", body)
    await gateway.outside.store.append(draught.done())


async def _distrusted(house: House, why: str) -> None:
    """Void what was approved, and stop everything until a person has looked and resumes.

    The stop is written down, because the next start finds nothing wrong any more: closing notes
    the ledger as it is by then.
    """
    await _void_approvals(house.gateway)
    await house.glasses.end_all("gateway: the ledger cannot be trusted")
    because = f"the ledger cannot be trusted: {why}"
    await house.controls.stop("everything", because=because, by="gateway")


async def _void_approvals(gateway: Gateway) -> None:
    draught = gateway.evidence.draught()
    voided: list[Json] = []
    for state in (ApprovalState.WAITING, ApprovalState.APPROVED):
        for row in await gateway.outside.store.rows("approvals", {"state": state.value}):
            stale: Row = {"state": ApprovalState.STALE.value, "changed_us": draught.at_us}
            draught.changes.append(Update("approvals", rows.text(row, "id"), {}, stale))
            voided.append(rows.text(row, "id"))
    gateway.evidence.note(draught, "approvals.voided", {"approvals": voided})
    await gateway.outside.store.append(draught.done())
