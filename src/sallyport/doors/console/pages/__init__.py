"""Every page and act of the console, with the right that each needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sallyport.doors.console.page import Attached, Page, Visit
from sallyport.doors.console.pages import (
    agents,
    approvals,
    calls,
    controls,
    devices,
    drafts,
    glasses,
    inbox,
    joining,
    lists,
    people,
    quick,
    reports,
    tasks,
    team,
    undoing,
    workflows,
)
from sallyport.model import JsonObject


@dataclass(frozen=True, slots=True)
class Line:
    """One page: its address, the right it needs, and what loads it. Its twin ends in `.json`."""

    path: str
    right: str
    show: Callable[[Visit], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class File:
    """Something to take along: its address, the right it needs, and what loads it."""

    path: str
    right: str
    load: Callable[[Visit], Awaitable[Attached]]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a signed-in person does: its answer says where to go on, as `to`."""

    path: str
    right: str
    run: Callable[[Visit], Awaitable[JsonObject]]


PAGES: tuple[Line, ...] = (
    Line("/inbox", "inbox.read", inbox.show),
    Line("/approvals/{id}", "call.read", approvals.show),
    Line("/lists", "call.read", lists.show),
    Line("/quick/{id}", "call.read", quick.show),
    Line("/drafts", "inbox.read", drafts.show_all),
    Line("/drafts/{id}", "call.read", drafts.show),
    Line("/agents", "agent.read", agents.show_all),
    Line("/agents/{name}/access", "agent.read", agents.access_page),
    Line("/agents/{name}", "agent.read", agents.show),
    Line("/workflows", "boundary.read", workflows.show_all),
    Line("/workflows/{name}", "boundary.read", workflows.show),
    Line("/calls/{id}", "call.read", calls.show),
    Line("/reports", "ledger.read", reports.show),
    Line("/tasks/{id}", "call.read", tasks.show),
    Line("/ledger", "ledger.read", calls.ledger),
    Line("/controls", "agent.read", controls.show),
    Line("/break-glass/{id}", "agent.read", glasses.show),
    Line("/people", "people.read", people.show),
    Line("/team", "inbox.read", team.show),
)
FILES: tuple[File, ...] = (
    File("/agents/{name}/access.csv", "agent.read", agents.access_csv),
    File("/agents/{name}/access.md", "agent.read", agents.access_markdown),
)
ACTS: tuple[Act, ...] = (
    Act("/drafts/{id}/release/begin", "draft.release", drafts.begin_release),
    Act("/drafts/{id}/release", "draft.release", drafts.release),
    Act("/drafts/{id}/edit/begin", "draft.release", drafts.begin_edit),
    Act("/drafts/{id}/edit/answer", "draft.release", drafts.edit),
    Act("/drafts/{id}/discard/begin", "draft.release", drafts.begin_discard),
    Act("/drafts/{id}/discard", "draft.release", drafts.discard),
    Act("/workflows/{name}/propose", "boundary.sign", workflows.propose_again),
    Act("/workflows/{name}/unasked", "boundary.sign", workflows.stop_asking),
    Act("/workflows/{name}/aside/begin", "boundary.second", workflows.begin_aside),
    Act("/workflows/{name}/aside", "boundary.second", workflows.set_aside),
    Act("/workflows/{name}/sign/begin", "boundary.second", workflows.begin_sign),
    Act("/workflows/{name}/sign", "boundary.second", workflows.sign),
    Act("/approvals/{id}/decide/begin", "inbox.read", approvals.begin_decision),
    Act("/approvals/{id}/decide", "inbox.read", approvals.decide),
    Act("/approvals/{id}/begin", "inbox.read", approvals.begin),
    Act("/approvals/{id}/answer", "inbox.read", approvals.finish),
    Act("/approvals/{id}/undo", "inbox.read", undoing.undo),
    Act("/break-glass/ask/begin", "glass.ask", glasses.begin_ask),
    Act("/break-glass/ask", "glass.ask", glasses.ask),
    Act("/break-glass/{id}/second/begin", "glass.second", glasses.begin_second),
    Act("/break-glass/{id}/second", "glass.second", glasses.second),
    Act("/break-glass/{id}/review/begin", "glass.review", glasses.begin_review),
    Act("/break-glass/{id}/review", "glass.review", glasses.review),
    Act("/break-glass/{id}/end", "floor.set", glasses.end),
    Act("/lists/begin", "inbox.read", lists.begin),
    Act("/lists", "inbox.read", lists.finish),
    Act("/grants/{id}/revoke", "inbox.read", lists.revoke),
    Act("/quick/{id}/begin", "inbox.read", quick.begin),
    Act("/quick/{id}/answer", "inbox.read", quick.finish),
    Act("/ledger/verify", "ledger.read", calls.verify),
    Act("/controls/floor", "floor.set", controls.set_floor),
    Act("/controls/lift/begin", "floor.lift", controls.begin_lift),
    Act("/controls/lift", "floor.lift", controls.lift),
    Act("/people/enrol/begin", joining.RIGHT, joining.begin_enrol),
    Act("/people/enrol", joining.RIGHT, joining.enrol),
    Act("/people/invite/begin", joining.RIGHT, joining.begin_invite),
    Act("/people/invite", joining.RIGHT, joining.invite),
    Act("/people/deactivate/begin", joining.RIGHT, joining.begin_deactivate),
    Act("/people/deactivate", joining.RIGHT, joining.deactivate),
    Act("/passkeys/begin", "inbox.read", people.begin_passkey),
    Act("/passkeys", "inbox.read", people.add_passkey),
    Act("/passkeys/remove", "inbox.read", people.remove_passkey),
    Act("/recovery/codes", "inbox.read", people.make_codes),
    Act("/devices", "inbox.read", devices.add),
    Act("/devices/remove", "inbox.read", devices.remove),
)
