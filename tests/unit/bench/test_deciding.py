"""The figures of a decision are of the calls that they name; how long they take is not tested."""

from bench import deciding


def test_each_sort_of_call_gets_its_verdict() -> None:
    """All three boundaries are asked, and each call is answered as its owner wrote."""
    result = deciding.run(decisions=3, replayed=20)
    verdicts = {(one.boundary, one.call): one.verdict for one in result.decided}

    assert verdicts["demo", "tickets.get"] == "allow"
    assert verdicts["demo", "tickets.update, 40.00"] == "allow"
    assert verdicts["demo", "tickets.update, 120.00"] == "ask"
    assert verdicts["demo", "tickets.update, 620.00"] == "refuse"
    for boundary in (deciding.LARGE, deciding.RICH):
        assert verdicts[boundary, "t0.pay, 50.00"] == "allow"
        assert verdicts[boundary, "t99.pay, 999"] == "ask"
    assert len(verdicts) == len(deciding.DEMO) + 8


def test_the_section_names_every_figure() -> None:
    """A line for each aim, and a row for each call."""
    result = deciding.run(decisions=3, replayed=20)
    section = deciding.section(result)

    assert all(line in section for line in deciding.lines(result))
    assert section.count("\n|") == len(result.decided) + 2
