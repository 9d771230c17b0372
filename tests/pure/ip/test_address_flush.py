"""`ip address flush`: what is deleted, in how many rounds, and what -statistics says."""

import pytest
from command_fakes import FakeContext, FakeNetlink, message

from netwright.ip.address.flush import main
from netwright.ip.exits import Exit
from netwright.kernel import rtnl
from netwright.kernel.netlink import Raw
from netwright.kernel.rtnl import Message


def address(text: str, index: int = 7, flags: int = 0x80) -> Message:
    values = {"local": text, "address": text, "label": "v0", "flags": flags}
    return message(rtnl.NEWADDR, {"family": 2, "prefixlen": 24, "index": index, "flags": flags}, values)


def run(context: FakeContext, *words: str) -> int:
    code = main(context, list(words))
    context.flush()
    return code


def test_rounds_until_nothing_is_left():
    netlink = FakeNetlink([address("10.0.0.1"), address("10.0.0.2")], [address("10.0.0.2")], [])
    context = FakeContext("-s", netlink=netlink)
    assert run(context, "dev", "v0") == 0
    assert [request.kind for request in netlink.sent] == [rtnl.DELADDR] * 3
    assert context.printed == (
        "\n*** Round 1, deleting 2 addresses ***\n\n*** Round 2, deleting 1 addresses ***\n*** Flush is complete after 2 rounds ***\n"
    )


def test_what_is_deleted_is_what_was_dumped():
    netlink = FakeNetlink([address("10.0.0.1")], [])
    run(FakeContext(netlink=netlink), "dev", "v0")
    sent = rtnl.decode(Raw(rtnl.DELADDR, 0, 0, netlink.sent[0].body))
    assert sent is not None
    assert sent.plain() == address("10.0.0.1").plain()


def test_nothing_to_flush():
    context = FakeContext("-s", netlink=FakeNetlink([address("10.0.0.1", index=8)]))
    assert run(context, "dev", "v0") == 0
    assert context.printed == "Nothing to flush.\n"


def test_twice_statistics_names_each_in_text_also_with_json():
    context = FakeContext("-s", "-s", "-j", netlink=FakeNetlink([address("10.0.0.1")], []))
    assert run(context, "dev", "v0") == 0
    assert context.printed == (
        "7: v0    inet 10.0.0.1/24 scope global v0\n\n*** Round 1, deleting 1 addresses ***\n*** Flush is complete after 1 round ***\n"
    )


def test_primaries_take_one_round():
    netlink = FakeNetlink([address("10.0.0.1")], [address("10.0.0.2")])
    context = FakeContext("-s", netlink=netlink)
    assert run(context, "dev", "v0", "primary") == 0
    assert len(netlink.sent) == 1
    assert context.printed.endswith("*** Flush is complete after 1 round ***\n")


def test_loops_end_it():
    netlink = FakeNetlink(*[[address("10.0.0.1")]] * 5)
    with pytest.raises(Exit) as caught:
        main(FakeContext("-l", "3", netlink=netlink), ["dev", "v0"])
    assert (caught.value.code, caught.value.text) == (255, "*** Flush remains incomplete after 3 rounds. ***")
    assert len(netlink.sent) == 3


def test_dry_run_prints_commands():
    netlink = FakeNetlink([address("10.0.0.1"), address("10.0.0.2")])
    context = FakeContext("--dry-run", netlink=netlink)
    assert run(context, "to", "10.0.0.0/31") == 0
    assert context.printed == "ip address delete 10.0.0.1/24 dev v0\n"
    assert netlink.sent == []


def test_words_about_links_count_under_our_name():
    """The name ip reads `master`, `up`, `type`, and flushes all links all the same."""
    for applet, deleted in ((True, 2), (False, 0)):
        netlink = FakeNetlink([address("10.0.0.1"), address("10.0.0.1", index=8)], [])
        assert main(FakeContext(applet=applet, netlink=netlink), ["type", "veth"]) == 0
        assert len(netlink.sent) == deleted


@pytest.mark.parametrize(
    ("options", "words", "text"),
    [
        ([], [], "Flush requires arguments."),
        (["-0"], ["dev", "v0"], "Cannot flush link addresses."),
        ([], ["dev", "nope"], 'Device "nope" does not exist.'),
    ],
)
def test_errors(options: list[str], words: list[str], text: str):
    with pytest.raises(Exit) as caught:
        main(FakeContext(*options), words)
    assert (caught.value.code, caught.value.text) == (1, text)
