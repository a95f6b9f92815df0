"""An agent without a model, which believes all it reads, is as safe behind the gateway as any."""

import sys

import anyio
import pytest

from sallyport.demo.agent import work_ticket
from sallyport.demo.story import QUEUE, Errand
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import Kit
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

STOPPED = {"refused", "waiting"}
MODELS = {"openai", "anthropic", "torch", "transformers", "litellm", "google.genai"}


@requirement("A-105")
@pytest.mark.parametrize("hold_s", [0])
async def test_a_scripted_agent_works_the_whole_queue_and_no_attack_gets_through(
    kit: Kit, desk: Desk
) -> None:
    """Every ticket, hostile ones included: allowed work is done, and nothing else happened."""
    endings: dict[str, set[str]] = {}

    async def work(errand: Errand) -> None:
        token = await kit.task_token(dict(errand.inputs))
        events = await work_ticket(kit.endpoint(), token, errand, lambda _: None)
        assert all(event.ruling is not None for event in events), errand.ticket_id
        endings[errand.ticket_id] = {event.ending for event in events}

    with anyio.fail_after(120):
        for errand in QUEUE:
            await work(errand)

    report = desk.report()
    assert report.strangers == ()
    assert report.mails == ()
    assert all(refund.cents <= 5000 for refund in report.refunds)
    assert all("done" in found for found in endings.values())
    withstood = {e.ticket_id: endings[e.ticket_id] & STOPPED for e in QUEUE if e.attack}
    assert all(withstood.values()), withstood
    assert MODELS.isdisjoint(sys.modules)
