"""Messages that nothing can break out of; listeners that are slow."""

import json

from netwright.web.stream import MOST, Backlog, message


def events(data: bytes) -> list[tuple[str, object]]:
    """As a browser reads it: by lines, which end at LF, CR or both."""
    out = []
    for block in data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        out.append((fields["event"], json.loads(fields["data"])))
    return out


def test_a_name_cannot_end_a_message():
    name = 'x\n\nevent: map\ndata: {"version":9}\r\r\u2028\udc80</script>'
    assert events(message("changes", [name])) == [("changes", [name])]


def test_nothing_is_nothing():
    assert Backlog().take() == b""


def test_of_the_version_and_the_rates_only_the_newest_is_told():
    backlog = Backlog()
    for number in range(5):
        backlog.version(number)
        backlog.rates(message("rates", [number]))
    assert events(backlog.take()) == [("map", {"version": 4}), ("rates", [4])]
    assert backlog.take() == b""


def test_a_slow_listener_is_told_how_much_it_missed():
    backlog = Backlog()
    for number in range(MOST + 50):
        backlog.events([number])
    ((name, told),) = events(backlog.take())
    assert (name, told["left_out"], told["events"][0], len(told["events"])) == ("changes", 50, 50, MOST)
    backlog.events(["next"])
    assert events(backlog.take()) == [("changes", {"events": ["next"], "left_out": 0})]
