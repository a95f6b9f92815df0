"""From the agent's proposal over the person's answer to the effect, all over the wire."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sallyport.errors import ConflictError, NotPermittedError, SignatureError
from tests.integration.api.office import Office

ADA = "ada@brandt-bakery.example"


def test_a_yes_lets_the_very_call_happen_and_a_repeat_brings_its_result(office: Office) -> None:
    """Asked, listed, shown in full, signed, done; the asker gets the real result."""
    task = office.open_task()
    asked = office.mail(task)
    assert asked.status == 202
    assert "HELD, NOT DONE" in asked.body["text"]

    (item,) = office.client.inbox()
    shown = office.client.item(item["id"])
    assert (item["kind"], item["call"]) == ("question", asked.body["call"]["id"])
    assert shown["args"] == {"to": "ada@brandt-bakery.example", "template": "ack"}
    assert set(shown["who"]) == {"support_agent", "support_lead"}
    assert shown["sentences"]

    told = office.answer("omar", item["id"], yes=True)
    assert told["state"] == "approved"
    done = office.settled(item["call"])
    assert (done["ending"], done["action"]) == ("done", "done")

    polled = office.v1("GET", f"/v1/calls/{item['call']}", token=task)
    assert polled.status == 200
    assert polled.body["call"]["ending"] == "done"
    assert polled.body["result"]["content"]
    assert office.client.inbox() == []


def test_a_no_ends_it_and_says_who_said_so(office: Office) -> None:
    """One no is enough, and nothing leaves."""
    task = office.open_task()
    call = office.mail(task).body["call"]["id"]
    (item,) = office.client.inbox()

    assert office.answer("omar", item["id"], yes=False)["state"] == "rejected"
    assert office.settled(call)["ending"] == "refused"
    polled = office.v1("GET", f"/v1/calls/{call}", token=task)
    assert "omar said no" in polled.body["text"]


def test_two_have_to_say_yes_where_the_boundary_says_two(office: Office) -> None:
    """A quorum counts different people: the same one cannot speak twice."""
    asks = "ask: [{who: [support_agent, support_lead], within: 8h}]"
    office.sign_boundary((asks, asks.replace("within", "how_many: 2, within")))
    call = office.mail(office.open_task(requester="mara")).body["call"]["id"]
    (item,) = office.client.inbox()
    assert item["how_many"] == 2

    assert office.answer("omar", item["id"], yes=True)["state"] == "waiting"
    with pytest.raises(ConflictError):
        office.answer("omar", item["id"], yes=True)
    assert office.settled(call)["ending"] == "waiting"
    assert office.answer("lena", item["id"], yes=True)["state"] == "approved"
    assert office.settled(call)["ending"] == "done"


def test_silence_expires_a_question(office: Office) -> None:
    """Nothing is ever approved by time passing, and a late yes comes to nothing."""
    call = office.mail(office.open_task()).body["call"]["id"]
    (item,) = office.client.inbox()
    late = office.an_answer("omar", item["id"], yes=True)

    office.later(8 * 3600 + 1)

    assert office.client.call(call)["ending"] == "expired"
    with pytest.raises(ConflictError):
        office.client.answer(item["id"], **late)


def test_another_ones_signature_counts_for_nothing(office: Office) -> None:
    """Neither does a signature over another answer."""
    call = office.mail(office.open_task()).body["call"]["id"]
    (item,) = office.client.inbox()
    with pytest.raises(SignatureError):
        office.answer("omar", item["id"], yes=True, by="lena")
    turned = office.an_answer("omar", item["id"], yes=False)
    turned["yes"] = True
    with pytest.raises(SignatureError):
        office.client.answer(item["id"], **turned)
    assert office.client.call(call)["ending"] == "waiting"


def test_nobody_answers_their_own_request_in_a_team(office: Office) -> None:
    """Mara holds the role, and it was asked for her."""
    office.mail(office.open_task(requester="mara"))
    (item,) = office.client.inbox()
    with pytest.raises(NotPermittedError, match="own request"):
        office.answer("mara", item["id"], yes=True)


def test_a_lone_person_confirms_their_own_request_and_the_log_says_so(lone_office: Office) -> None:
    """`team: one`: the answer counts, and is recorded for what it is."""
    office = lone_office
    call = office.mail(office.open_task(requester="lena")).body["call"]["id"]
    (item,) = office.client.inbox()
    office.answer("lena", item["id"], yes=True)

    assert office.settled(call)["ending"] == "done"
    (entry,) = office.client.log(call=call, kind="approval.answered")
    assert entry["body"]["confirmed_own"] is True


def test_a_question_is_listed_and_answered_over_the_network_by_signature(office: Office) -> None:
    """People need no token and no socket: their key is enough, for what they may answer."""
    call = office.mail(office.open_task(requester="mara")).body["call"]["id"]
    mine = office.v1("GET", "/v1/inbox", headers=office.inbox_headers("omar"))
    assert [item["call"] for item in mine.body["items"]] == [call]
    own = office.v1("GET", "/v1/inbox", headers=office.inbox_headers("mara"))
    assert own.body["items"] == []

    question = mine.body["items"][0]["id"]
    body = office.an_answer("omar", question, yes=True)
    told = office.v1("POST", f"/v1/inbox/{question}/answer", body)
    assert (told.status, told.body["state"]) == (200, "approved")
    assert office.settled(call)["ending"] == "done"


def test_a_signed_request_is_good_once(office: Office) -> None:
    """Whoever overhears it cannot list the inbox with it."""
    headers = office.inbox_headers("omar")
    assert office.v1("GET", "/v1/inbox", headers=headers).status == 200
    assert office.v1("GET", "/v1/inbox", headers=headers).status == 403


def test_a_held_call_returns_the_real_result_when_the_answer_comes_in_time(office: Office) -> None:
    """The client waits a moment, and needs no second request."""
    task = office.open_task()
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        held = elsewhere.submit(office.mail, task, hold_s=30)
        office.answer("omar", office.next_question(), yes=True)
        done = held.result(timeout=30)
    assert done.status == 200
    assert done.body["result"]["content"]
    again = office.mail(task)
    assert again.body["call"]["id"] != done.body["call"]["id"]


def test_a_client_that_leaves_loses_no_result(office: Office) -> None:
    """Its held request ends with it; the call goes on and its result waits for a repeat."""
    task = office.open_task()
    body = {"tool": "mail.send", "args": {"to": ADA, "template": "ack"}, "hold_s": 30}
    leaving = office.begin("POST", "/v1/calls", body, token=task)
    question = office.next_question()
    leaving.close()
    office.answer("omar", question, yes=True)
    office.settled(office.client.item(question)["call"])

    again = office.mail(task)

    assert again.status == 200
    assert again.body["result"]["content"]
    assert len(office.client.log(kind="call.intended", tool="mail.send")) == 1
