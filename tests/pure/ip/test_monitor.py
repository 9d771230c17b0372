"""`ip monitor`: the words, and one event after the other as text."""

import re
from typing import Any

import pytest
from command_fakes import FakeContext, FakeNetlink, message
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.errors import kernel_error
from netwright.ip.exits import Exit, Usage
from netwright.ip.front import NotOurs
from netwright.ip.help import help_text
from netwright.ip.monitor import COMMANDS, OBJECTS, Wanted, main, parse, watch
from netwright.ip.monitor.events import Printer
from netwright.ip.monitor.names import LivingLinks
from netwright.kernel import rtnl
from netwright.kernel.netlink import Overrun, Raw, Request
from netwright.kernel.rtnl import Message

# -- words -------------------------------------------------------------------------------------------------------------------

CASES = [
    ("", [], False, False, 0),
    ("all", [], True, False, 0),
    ("label", [], True, False, 0),
    ("l", [], True, False, 0),
    ("li a", ["link", "address"], False, False, 0),
    ("r ru", ["route", "rule"], False, False, 0),
    ("n netc ns nex p", ["neigh", "netconf", "nsid", "nexthop", "prefix"], False, False, 0),
    ("all-nsid link", ["link"], False, True, 0),
    ("al", [], False, True, 0),
    ("dev v0 label", [], True, False, 7),
]  # fmt: skip


@pytest.mark.parametrize(("line", "objects", "label", "all_nsid", "index"), CASES, ids=[case[0] for case in CASES])
def test_words(line: str, objects: list[str], label: bool, all_nsid: bool, index: int):
    wanted = parse(FakeContext(), line.split())
    assert (wanted.objects, wanted.label, wanted.all_nsid, wanted.index) == (objects, label, all_nsid, index)


ERRORS = [
    ("foo", 'Argument "foo" is unknown, try "ip monitor help".'),
    ("linkx", 'Argument "linkx" is unknown, try "ip monitor help".'),
    ("stat", 'Argument "stat" is unknown, try "ip monitor help".'),
    ("dev", 'Command line is not complete. Try option "help"'),
    ("dev nope", 'Error: argument "nope" is wrong: Device does not exist'),
    ("file", 'Command line is not complete. Try option "help"'),
    ("file /no/such/file", "Cannot fopen: No such file or directory"),
]


@pytest.mark.parametrize(("line", "text"), ERRORS)
def test_errors(line: str, text: str):
    with pytest.raises(Exit) as caught:
        main(FakeContext(), line.split())
    assert (caught.value.code, caught.value.text) == (255, text)


@pytest.mark.parametrize("line", ["m", "mroute", "stats", "file /dev/null"])
def test_what_the_real_ip_has(line: str):
    with pytest.raises(NotOurs):
        main(FakeContext(), line.split())


@pytest.mark.parametrize(("applet", "code"), [(True, 255), (False, 0)])
def test_help(applet: bool, code: int):
    with pytest.raises(Usage) as caught:
        main(FakeContext(applet=applet), ["link", "help"])
    assert caught.value.code == code


def test_every_word_is_in_the_help_text():
    for word in COMMANDS:
        assert word in help_text("monitor")


@pytest.mark.parametrize(
    ("objects", "family", "names"),
    [
        ([], 2, ["link", "ipv4_ifaddr", "ipv4_route", "neigh", "ipv4_netconf", "ipv4_rule", "nsid", "nexthop"]),
        (["address", "route"], 10, ["ipv6_ifaddr", "ipv6_route"]),
        (["address"], 0, ["ipv4_ifaddr", "ipv6_ifaddr"]),
        (["prefix"], 2, []),
        (["nsid", "neigh"], 10, ["nsid", "neigh"]),
    ],
)
def test_groups(objects: list[str], family: int, names: list[str]):
    assert watch.groups(objects, family) == names
    assert set(names) <= set(rtnl.GROUPS)


# -- events ------------------------------------------------------------------------------------------------------------------

MAC = "02:00:00:00:00:02"


def link(kind: int = rtnl.NEWLINK, index: int = 7, name: str = "v0", flags: int = 0x1043, **values: Any) -> Message:
    return message(kind, {"index": index, "flags": flags, "type": 1}, {"ifname": name, "mtu": 1500, "address": MAC, **values})


def address(kind: int = rtnl.NEWADDR, index: int = 7) -> Message:
    return message(kind, {"family": 2, "prefixlen": 24, "flags": 0x80, "index": index}, {"address": "10.0.0.1", "local": "10.0.0.1"})


def route(kind: int = rtnl.NEWROUTE, family: int = 2, flags: int = 0, oif: int = 7) -> Message:
    header = {"family": family, "dst_len": 8, "table": 254, "protocol": 3, "type": 1, "flags": flags}
    return message(kind, header, {"table": 254, "dst": "10.0.0.0", "oif": oif})


def neighbour(kind: int = rtnl.NEWNEIGH, family: int = 2, index: int = 7) -> Message:
    return message(kind, {"family": family, "index": index, "state": 2, "type": 1}, {"dst": "10.0.0.2", "lladdr": MAC})


def rule(kind: int = rtnl.NEWRULE) -> Message:
    return message(kind, {"family": 2, "table": 100, "action": 1}, {"table": 100, "priority": 5})


def nsid(kind: int = rtnl.NEWNSID, number: int = 3) -> Message:
    return message(kind, {}, {"nsid": number})


def netconf(kind: int = rtnl.NEWNETCONF, index: int = 7, **values: int) -> Message:
    return message(kind, {"family": 2}, {"ifindex": index, **values})


PREFIX = message(rtnl.NEWPREFIX, {"family": 10, "index": 7, "type": 3, "length": 64, "flags": 3}, {"address": "2001:db8::", "cacheinfo": {"preferred": 5, "valid": 9}})  # fmt: skip
NEXTHOP = message(rtnl.NEWNEXTHOP, {"family": 2, "scope": 253}, {"id": 7, "gateway": "10.1.1.1", "oif": 7})


class Kernel(FakeNetlink):
    """Knows the devices v0 (7) and v1 (8) here, and w0 (7) in the namespace with number 5."""

    def get(self, request: Request) -> list[Raw]:
        from command_fakes import raw

        elsewhere = b"\5\0\0\0" in request.body[16:]
        index = request.body[4]
        name = {7: "w0"}.get(index) if elsewhere else {7: "v0", 8: "v1"}.get(index)
        if name is None:
            raise kernel_error(19, "")
        return [raw(link(index=index, name=name))]


class MonitorContext(FakeContext):
    """Devices through LivingLinks, as the watch has them."""

    @property
    def links(self) -> Any:
        return self._links

    @property
    def session(self) -> Any:
        return self

    def link_at(self, index: int) -> Message | None:
        from netwright.errors import KernelError

        try:
            return rtnl.get(self.netlink, rtnl.GETLINK, {"index": index})
        except KernelError:
            return None


def printer(*options: str, applet: bool = True, names: dict[int, str] | None = None, **wanted: Any) -> Printer:
    context = MonitorContext(*options, applet=applet, netlink=Kernel())
    context._links = links = LivingLinks(context)
    context.netns_names = names or {}
    asked = Wanted()
    for name, value in wanted.items():
        setattr(asked, name, value)
    return Printer(context, asked, links)


def printed(one: Message, *options: str, nsid: int | None = None, **wanted: Any) -> str:
    made = printer(*options, **wanted)
    one.nsid = nsid
    made.print(one)
    one.nsid = None
    return made.context.out.text()


EVENTS = [
    (link(), "LINK", f"7: v0: <BROADCAST,MULTICAST,UP> mtu 1500 \n    link/ether {MAC}\n"),
    (link(rtnl.DELLINK), "LINK", f"Deleted 7: v0: <BROADCAST,MULTICAST,UP> mtu 1500 \n    link/ether {MAC}\n"),
    (address(), "ADDR", "7: v0    inet 10.0.0.1/24 scope global \n"),
    (address(rtnl.DELADDR), "ADDR", "Deleted 7: v0    inet 10.0.0.1/24 scope global \n"),
    (route(), "ROUTE", "10.0.0.0/8 dev v0 \n"),
    (route(rtnl.DELROUTE), "ROUTE", "Deleted 10.0.0.0/8 dev v0 \n"),
    (neighbour(), "NEIGH", f"10.0.0.2 dev v0 lladdr {MAC} REACHABLE \n"),
    (neighbour(rtnl.DELNEIGH), "NEIGH", f"Deleted 10.0.0.2 dev v0 lladdr {MAC} REACHABLE \n"),
    (rule(), "RULE", "5:\tfrom all lookup 100\n"),
    (rule(rtnl.DELRULE), "RULE", "Deleted 5:\tfrom all lookup 100\n"),
    (nsid(), "NSID", "nsid 3 \n"),
    (netconf(forwarding=1, rp_filter=2, proxy_neigh=0), "NETCONF", "inet v0 forwarding on rp_filter loose proxy_neigh off \n"),
    (netconf(rtnl.DELNETCONF, -1, rp_filter=9), "NETCONF", "Deleted inet all rp_filter 9 \n"),
    (netconf(index=-2, input=1), "NETCONF", "inet default input on \n"),
    (PREFIX, "PREFIX", "prefix 2001:db8::/64dev v0 onlink autoconf valid 9 preferred 5 \n"),
    (NEXTHOP, "NEXTHOP", "id 7 via 10.1.1.1 dev v0 scope link \n"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "label", "text"), EVENTS)
def test_events(one: Message, label: str, text: str):
    assert printed(one) == text
    assert printed(one, label=True) == f"[{label}]{text}"
    assert printed(one, label=True, all_nsid=True) == f"[nsid current][{label}]{text}"
    assert printed(one, label=True, all_nsid=True, nsid=4) == f"[nsid 4][{label}]{text}"


def test_every_object_has_an_event():
    assert len({label for _, label, _ in EVENTS}) == len(OBJECTS)


def test_timestamps():
    long = printed(rule(), "-t", label=True)
    assert re.fullmatch(r"Timestamp: [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \d+ usec\n\[RULE\]5:.*\n", long)
    short = printed(rule(), "-ts", label=True)
    assert re.fullmatch(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\] \[RULE\]5:.*\n", short)


@pytest.mark.parametrize(
    "one", [route(flags=0x200), route(family=128), neighbour(family=7), message(rtnl.GETLINK, {}, {})], ids=repr
)
def test_not_told(one: Message):
    assert printed(one, "-4", label=True) == ""


@pytest.mark.parametrize(
    ("one", "label"), [(link(index=8), "LINK"), (address(index=8), "ADDR"), (route(oif=8), "ROUTE"), (neighbour(index=8), "NEIGH"), (netconf(index=8, input=1), "NETCONF")]
)  # fmt: skip
def test_one_device(one: Message, label: str):
    """ip prints what stands in front of an event that it then does not want."""
    assert printed(one, index=7, label=True) == f"[{label}]"
    assert printed(one, index=7, label=True, applet=False) == ""


def test_one_device_need_not_be_said():
    assert printed(route(), index=7) == "10.0.0.0/8 \n"
    assert printed(neighbour(), index=7) == f"10.0.0.2 lladdr {MAC} REACHABLE \n"


def test_a_number_of_a_device_is_one_of_the_namespace_of_the_event():
    assert printed(address(), applet=False, nsid=5, all_nsid=True).startswith("[nsid 5]7: w0    inet ")
    assert printed(address(), applet=True, nsid=5, all_nsid=True).startswith("[nsid 5]7: v0    inet ")
    assert printed(address(), applet=False, nsid=5, all_nsid=True, index=7) == ""


# -- names -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("applet", "name"), [(True, "v0"), (False, "new")])
def test_a_new_name_of_a_device(applet: bool, name: str):
    """ip goes on with the name that it heard first; nw does not."""
    made = printer(applet=applet)
    for one in (link(), link(name="new"), address()):
        made.context.out.text()
        made.print(one)
    assert made.context.out.text() == f"7: {name}    inet 10.0.0.1/24 scope global \n"


def test_a_device_that_is_gone_is_asked_for_again():
    made = printer()
    made.print(address(index=9))
    assert made.context.out.text().startswith("9: if9 ")
    made.print(link(index=9, name="x9"))
    made.context.out.text()
    made.print(address(index=9))
    assert made.context.out.text().startswith("9: x9 ")
    made.print(link(rtnl.DELLINK, index=9, name="x9"))
    made.context.out.text()
    made.print(address(index=9))
    assert made.context.out.text().startswith("9: if9 ")


def test_the_name_of_a_number_is_remembered_until_it_goes(monkeypatch: pytest.MonkeyPatch):
    there = {3: "red"}
    monkeypatch.setattr("netwright.ip.netns_names._names", lambda context: dict(there))
    made = printer(names={})
    made.print(nsid())
    there.clear()
    made.print(nsid(rtnl.DELNSID))
    made.print(nsid(rtnl.DELNSID))
    assert made.context.out.text() == (
        "nsid 3 (iproute2 netns name: red)\nDeleted nsid 3 (iproute2 netns name: red)\nDeleted nsid 3 \n"
    )


# -- the watch ---------------------------------------------------------------------------------------------------------------


class Events:
    """Gives each of `answers` once, then interrupts."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def receive(self) -> list[Raw]:
        if not self.answers:
            raise KeyboardInterrupt
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: list[Raw] = answer
        return found


def test_each_datagram_is_printed_at_once_and_lost_events_are_told():
    from command_fakes import raw

    made = printer()
    context: Any = made.context
    events: Any = Events([raw(rule())], Overrun(105, ""), [raw(route())])
    watch._next(context, events, made)
    assert context.printed == "5:\tfrom all lookup 100\n"
    watch._next(context, events, made)
    assert context.said == (
        "netlink receive error No buffer space available (105)\n    events were lost: more came than could be printed\n"
    )
    watch._next(context, events, made)
    assert context.printed.endswith("10.0.0.0/8 dev v0 \n")
    with pytest.raises(KeyboardInterrupt):
        watch._next(context, events, made)


KINDS = st.sampled_from(sorted(rtnl.FAMILIES))


@settings(max_examples=300, deadline=None)
@given(KINDS, st.binary(max_size=120), st.sampled_from([None, 5]), st.booleans())
def test_any_datagram(kind: int, body: bytes, nsid: int | None, applet: bool):
    """Bytes that no kernel would send do not end the watch."""
    made = printer(applet=applet, label=True)
    watch._next(made.context, Events([Raw(kind, 0, 0, body, nsid)]), made)  # type: ignore[arg-type]
