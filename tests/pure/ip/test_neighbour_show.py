"""`ip neighbour show`: which entries, and how they are printed in every mode."""

from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, message
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.ip.exits import Exit
from netwright.ip.neighbour.filter import parse
from netwright.ip.neighbour.show import main, print_neighbour
from netwright.kernel import rtnl
from netwright.kernel.rtnl import Message

MAC = "02:00:00:00:00:02"


def entry(
    kind: int = rtnl.NEWNEIGH, family: int = 2, index: int = 7, state: int = 2, flags: int = 0, **values: Any
) -> Message:
    header = {"family": family, "index": index, "state": state, "flags": flags, "type": 1}
    return message(kind, header, {"dst": "10.0.0.2" if family == 2 else "2001:db8::2", **values})


TIMES = {"confirmed": 250, "used": 1000, "updated": 399, "refcnt": 0}
PRINTED: list[tuple[list[str], Message, str]] = [
    ([], entry(lladdr=MAC), f"10.0.0.2 dev v0 lladdr {MAC} REACHABLE \n"),
    ([], entry(state=0x20), "10.0.0.2 dev v0 FAILED \n"),
    ([], entry(state=0, lladdr=MAC), f"10.0.0.2 dev v0 lladdr {MAC} \n"),
    ([], entry(state=0x84, lladdr=MAC), f"10.0.0.2 dev v0 lladdr {MAC} STALE PERMANENT \n"),
    ([], entry(index=99), "10.0.0.2 dev if99 REACHABLE \n"),
    ([], entry(index=0, state=0, flags=8), "10.0.0.2 proxy \n"),
    ([], entry(family=10, flags=0xB8, lladdr=MAC, flags_ext=1), f"2001:db8::2 dev v0 lladdr {MAC} router proxy managed extern_learn offload REACHABLE \n"),
    ([], entry(protocol=4), "10.0.0.2 dev v0 REACHABLE proto static \n"),
    (["-N"], entry(protocol=4), "10.0.0.2 dev v0 REACHABLE proto 4 \n"),
    ([], entry(protocol=251), "10.0.0.2 dev v0 REACHABLE proto 251 \n"),
    ([], entry(rtnl.DELNEIGH), "Deleted 10.0.0.2 dev v0 REACHABLE \n"),
    ([], entry(rtnl.GETNEIGH, state=0), "miss 10.0.0.2 dev v0 \n"),
    (["-s"], entry(lladdr=MAC, cacheinfo=TIMES, probes=3), f"10.0.0.2 dev v0 lladdr {MAC}  used 10/2/3probes 3 REACHABLE \n"),
    (["-s"], entry(cacheinfo={**TIMES, "refcnt": 2}), "10.0.0.2 dev v0  ref 2 used 10/2/3REACHABLE \n"),
    (["-br"], entry(lladdr=MAC), f"{'10.0.0.2':<39} {'v0':<16} {MAC}\n"),
    (["-br"], entry(state=0x20), f"{'10.0.0.2':<39} {'v0':<16} \n"),
    (["-c"], entry(lladdr=MAC), f"\x1b[35m10.0.0.2 \x1b[0mdev \x1b[36mv0 \x1b[0mlladdr \x1b[33m{MAC} \x1b[0mREACHABLE \n"),
    (["-j"], entry(lladdr=MAC), f'{{"dst":"10.0.0.2","dev":"v0","lladdr":"{MAC}","state":["REACHABLE"]}}'),
    (["-j"], entry(flags=0x98, state=0, protocol=4), '{"dst":"10.0.0.2","dev":"v0","router":null,"proxy":null,"extern_learn":null,"protocol":"static"}'),
    (["-j", "-s"], entry(cacheinfo=TIMES, probes=3), '{"dst":"10.0.0.2","dev":"v0","used":10,"confirmed":2,"updated":3,"probes":3,"state":["REACHABLE"]}'),
    (["-j", "-br"], entry(lladdr=MAC), f'{{"dst":"10.0.0.2","dev":"v0","lladdr":"{MAC}"}}'),
    (["-j"], entry(rtnl.DELNEIGH), '{"deleted":true,"dst":"10.0.0.2","dev":"v0","state":["REACHABLE"]}'),
]  # fmt: skip


@pytest.mark.parametrize(("options", "one", "text"), PRINTED)
def test_printed(options: list[str], one: Message, text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.sysconf", lambda name: 100)
    monkeypatch.delenv("COLORFGBG", raising=False)
    context = FakeContext(*options)
    print_neighbour(context, one)
    assert context.out.text() == text


def test_a_tunnel_has_ip_addresses_for_hardware_addresses():
    context = FakeContext()
    context.fake_links.types[7] = 778
    print_neighbour(context, entry(lladdr=bytes([10, 1, 1, 1])))
    assert context.out.text() == "10.0.0.2 dev v0 lladdr 10.1.1.1 REACHABLE \n"


ENTRIES = {
    "reachable": entry(lladdr=MAC),
    "permanent": entry(state=0x80, lladdr=MAC, index=8),
    "noarp": entry(state=0x40, lladdr=MAC),
    "none": entry(state=0, lladdr=MAC),
    "proxy": entry(state=0, flags=8),
    "learned": entry(state=0x40, flags=0x10),
    "failed": entry(state=0x20),
    "v6": entry(family=10, state=4),
    "static": entry(state=4, protocol=4),
    "busy": entry(state=4, cacheinfo={"refcnt": 1}),
}
LIVELY = {"reachable", "permanent", "proxy", "learned", "failed", "v6", "static", "busy"}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", LIVELY),
        ("nud all", set(ENTRIES)),
        ("nud none", {"none", "proxy", "learned"}),
        ("nud noarp nud failed", {"noarp", "failed", "proxy", "learned"}),
        ("to 10.0.0.0/8", LIVELY - {"v6"}),
        ("2001:db8::/32", {"v6"}),
        ("10.0.0.3", set()),
        ("protocol static", {"static"}),
        ("protocol all", LIVELY),
        ("unused", LIVELY - {"busy"}),
        ("dev v1", {"permanent"}),
    ],
)
def test_which_are_shown(line: str, names: set[str]):
    wanted = parse(FakeContext(), line.split())
    assert {name for name, one in ENTRIES.items() if wanted.wants(one)} == names


def test_flush_means_others():
    wanted = parse(FakeContext(), ["dev", "v0"], flush=True)
    assert {name for name, one in ENTRIES.items() if wanted.wants(one)} == LIVELY - {"permanent"} | {"none"}
    wanted = parse(FakeContext(), ["nud", "all"], flush=True)
    assert {name for name, one in ENTRIES.items() if wanted.wants(one)} == set(ENTRIES) - {"noarp"}


@pytest.mark.parametrize(
    ("options", "line", "request_"),
    [
        ([], "", ({"family": 0, "flags": 0}, {})),
        (["-6"], "dev v0", ({"family": 10, "flags": 0}, {"ifindex": 7})),
        ([], "proxy master v1", ({"family": 0, "flags": 8}, {"master": 8})),
        ([], "nomaster to ::/0", ({"family": 10, "flags": 0}, {"master": -1})),
    ],
)
def test_the_kernel_filters(options: list[str], line: str, request_: Any):
    assert parse(FakeContext(*options), line.split()).request() == request_


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        ("dev nope", 1, 'Cannot find device "nope"'),
        ("dev v0 dev v1", 255, 'Error: duplicate "dev": "v1" is the second value.'),
        ("master nope", 255, 'Error: argument "nope" is wrong: Device does not exist'),
        ("vrf v0", 255, 'Error: argument "v0" is wrong: Not a valid VRF name'),
        ("vrf nope", 255, 'Error: argument "nope" is wrong: Not a valid VRF name'),
        ("nud foo", 255, 'Error: argument "foo" is wrong: nud state is bad'),
        ("protocol foo", 255, 'Error: argument "foo" is wrong: invalid "protocol"'),
        ("foo", 1, 'Error: any valid prefix is expected rather than "foo".'),
        ("help", 255, ""),
    ],
)
def test_errors(line: str, code: int, text: str):
    with pytest.raises(Exit) as caught:
        parse(FakeContext(), line.split())
    assert (caught.value.code, caught.value.text) == (code, text)


def shown(*options: str, line: str = "", dump: list[Message] | None = None) -> str:
    context = FakeContext(*options, netlink=FakeNetlink([entry(lladdr=MAC)] if dump is None else dump))
    assert main(context, line.split()) == 0
    context.flush()
    return context.printed


def test_show():
    assert shown() == f"10.0.0.2 dev v0 lladdr {MAC} REACHABLE \n"
    assert shown(line="dev v0") == f"10.0.0.2 lladdr {MAC} REACHABLE \n"
    assert shown("-j", line="dev v0") == f'[{{"dst":"10.0.0.2","lladdr":"{MAC}","state":["REACHABLE"]}}]\n'
    assert shown("-j", dump=[]) == "[]\n"
    assert shown(dump=[]) == ""


def test_an_old_kernel_does_not_filter_by_master():
    text = shown(line="master v1")
    assert text.startswith("\nWARNING: Kernel does not support filtering by master device\n\n10.0.0.2")


WORDS = st.sampled_from(["dev", "v0", "nope", "master", "vrf", "nomaster", "unused", "nud", "all", "permanent", "proxy", "protocol", "to", "10.0.0.0/8", "::/0", "any", "help", "", "x"])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=7))
def test_any_words(line: list[str]):
    try:
        wanted = parse(FakeContext(), line)
    except Exit:
        return
    assert [wanted.wants(one) for one in ENTRIES.values()]
