"""The words that explain an operation mean that operation: parse(explain(op)) == op."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_fakes import FakeLinks, command

from netwright.ip.link import add, delete, property, set
from netwright.kernel.codec import BYTES
from netwright.kernel.kinds import data_codec, slave_codec, why_not
from netwright.kernel.layouts import LINK
from netwright.model.ifinfo import SWITCHES
from netwright.model.kinds import MODULES
from netwright.model.kinds.options import Options
from netwright.plan import ops
from netwright.plan.explain import command as as_command
from netwright.plan.explain import words

EXPLAINED = {
    "ip link set dev eth0 netns red name eth1 up": ops.SetLink(
        {"index": "eth0", "flags": 1, "change": 1}, {"net_ns_fd": "red", "ifname": "eth1"}
    ),
    "ip link add name a type veth peer name b netns red": ops.AddLink(
        {}, {"ifname": "a", "linkinfo": {"kind": "veth", "data": {"peer": {"ifname": "b", "net_ns_fd": "red"}}}}
    ),
    "ip link set group 7 down": ops.SetLink({"index": 0, "change": 1}, {"group": 7}),
    "ip link set dev if7 nomaster": ops.SetLink({"index": 7}, {"master": 0}),
    "ip link delete dev a": ops.DeleteLink({"index": "a"}, {}),
    "ip link property add dev a altname b altname 'c d'": ops.AddAltname({"index": "a"}, {"prop_list": ["b", "c d"]}),
    "ip link set dev p type bridge_slave hairpin on": ops.SetLink(
        {"index": "p"}, {"linkinfo": {"kind": "bridge_slave", "slave_kind": "bridge", "slave_data": {"mode": 1}}}
    ),
}


@pytest.mark.parametrize("text", EXPLAINED)
def test_explanations(text: str) -> None:
    op = EXPLAINED[text]
    expected = text if "netns red name" not in text else "ip link set dev eth0 name eth1 netns red up"
    assert as_command(op) == expected


# -- any operation ---------------------------------------------------------------------------------------------------------

DEVICES = ("up", "eth0", "a", "br0")
U8, U16, U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))
INT = st.integers(0, (1 << 31) - 1)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/ \t\n\v\f\r\0"), min_size=1, max_size=3)
MACS = st.binary(min_size=6, max_size=6).map(lambda data: data.hex(":"))
DEVICE = st.sampled_from(DEVICES) | st.integers(1, 99)
ON = st.integers(0, 1)
IP4 = st.ip_addresses(v=4).filter(lambda a: not a.is_multicast).map(str)
IP6 = st.ip_addresses(v=6).filter(lambda a: not a.is_multicast and not a.ipv4_mapped).map(str)
GENERIC: dict[str, st.SearchStrategy[Any]] = {
    "address": MACS | st.binary(min_size=8, max_size=8), "broadcast": MACS, "mtu": U32.filter(lambda n: n != (1 << 32) - 1),
    "txqlen": INT, "num_tx_queues": INT, "num_rx_queues": INT, "gso_max_size": U32, "gso_max_segs": U16, "gro_max_size": U32,
    "ifalias": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), "master": DEVICE | st.just(0),
    "linkmode": ON, "operstate": st.integers(0, 6), "carrier": ON, "proto_down": ON,
    "af_spec": st.integers(0, 3).map(lambda mode: {"inet6": {"addr_gen_mode": mode}}),
    "proto_down_reason": st.builds(lambda bit, on: {"mask": 1 << bit, "value": on << bit}, st.integers(0, 31), ON),
    "link_netnsid": INT | st.just("red"), "net_ns_fd": st.just("red"), "group": INT, "parent_dev_name": NAMES,
}  # fmt: skip
FLAGS = st.lists(st.tuples(st.sampled_from([1, *(bit for bit, _ in SWITCHES.values())]), st.booleans()), unique_by=lambda pair: pair[0])


def with_flags(header: dict[str, Any], flags: list[tuple[int, bool]]) -> dict[str, Any]:
    found = {"flags": sum(bit for bit, on in flags if on), "change": sum(bit for bit, _ in flags)}
    return {**header, **{name: value for name, value in found.items() if value}}


GENERIC_SETTINGS = st.fixed_dictionaries({}, optional=GENERIC)
FORMS: dict[str, st.SearchStrategy[Any]] = {
    "u8": U8, "u16": U16, "u32": U32, "u64": st.integers(0, (1 << 64) - 1), "s32": st.integers(-(1 << 31), (1 << 31) - 1),
    "flag": st.just(True), "onoff": ON, "mac": MACS, "proto": U16, "device": DEVICE, "table": U32, "=0": st.just(0), "=1": ON,
    "ips": st.lists(st.ip_addresses(v=4).map(str), min_size=1, max_size=3), "ip6s": st.lists(IP6, min_size=1, max_size=3),
    "map": st.lists(st.builds(lambda a, b: {"from": a, "to": b}, U32, U32), min_size=1, max_size=3),
}  # fmt: skip


def field_values(options: Options, field: str) -> st.SearchStrategy[Any]:
    """Any value of one field of a table."""
    forms = [row[2] for row in options.rows if row[1] == field]
    if forms[0].split(" ")[0] in ("bit", "switch"):
        bits = [1 << int(form.split(" ")[1]) for form in forms]
        chosen = st.lists(st.tuples(st.sampled_from(bits), st.booleans()), min_size=1, unique_by=lambda pair: pair[0])
        return chosen.map(lambda pairs: {"value": sum(b for b, on in pairs if on), "mask": sum(b for b, _ in pairs)})
    if forms[0] == "choice":
        return st.integers(0, len(options.choices[field]) - 1)
    return FORMS[next((form for form in forms if form[0] != "="), forms[0])]


def table_data(options: Options) -> st.SearchStrategy[dict[str, Any]]:
    fields = {row[1] for row in options.rows}
    return st.fixed_dictionaries({}, optional={field: field_values(options, field) for field in fields}).filter(bool)


def module(kind: str) -> Any:
    return importlib.import_module(f"netwright.model.kinds.{MODULES[kind]}")


TUNNEL = {
    "link": DEVICE, "tos": U8, "ttl": st.integers(0, 255), "df": st.integers(0, 2), "label": st.integers(0, (1 << 20) - 1),
    "port": st.integers(1, 65535), "udp_csum": ON, "udp_zero_csum6_tx": ON, "udp_zero_csum6_rx": ON,
}  # fmt: skip
VXLAN = {
    **TUNNEL, "ageing": U32, "limit": U32, "proxy": ON, "rsc": ON, "l2miss": ON, "l3miss": ON, "remcsum_tx": ON, "remcsum_rx": ON,
    "port_range": st.builds(lambda low, high: {"low": low, "high": high}, st.integers(1, 65535), U16),
}  # fmt: skip
GRE = {
    "tos": U8, "fwmark": U32, "encap_type": st.integers(0, 2), "encap_flags": st.integers(0, 7), "encap_sport": U16,
    "encap_dport": U16, "pmtudisc": ON, "ttl": U8,
}  # fmt: skip


def keyed(data: dict[str, Any]) -> dict[str, Any]:
    """Without the flag there is no key."""
    for way in ("i", "o"):
        if not data[f"{way}flags"] & 0x2000:
            data[f"{way}key"] = 0
    return data


FLAG_BITS = st.integers(0, 7).map(lambda n: (n & 1) * 0x8000 | (n >> 1 & 1) * 0x2000 | (n >> 2) * 0x1000)
KEYS = {"iflags": FLAG_BITS, "oflags": FLAG_BITS, "ikey": U32, "okey": U32}
ENDS4 = {"local": IP4.filter(lambda a: a != "0.0.0.0"), "remote": IP4.filter(lambda a: a != "0.0.0.0")}
ENDS6 = {"local": IP6.filter(lambda a: a != "::"), "remote": IP6.filter(lambda a: a != "::")}
PEER = st.builds(
    lambda head, found, name: {**head, **found, **({"ifname": name} if name or "group" in found else {})},
    st.builds(with_flags, st.sampled_from([{}, {"index": 5}]), FLAGS),
    GENERIC_SETTINGS,
    st.sampled_from(["b", "a-peer"]),
)
KINDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    **{kind: table_data(module(kind).OPTIONS) for kind in ("bridge", "vlan", "vrf", "bond")},
    "veth": st.fixed_dictionaries({"peer": PEER}),
    "netkit": st.fixed_dictionaries({}, optional={"mode": ON, "policy": st.sampled_from([0, 2]), "peer_policy": st.sampled_from([0, 2]), "peer_info": PEER}).filter(bool),
    "vxlan": st.fixed_dictionaries({"id": st.integers(0, (1 << 24) - 1), "learning": ON}, optional={**VXLAN, "group": IP4, "local": IP4})
    | st.fixed_dictionaries({"id": st.integers(0, (1 << 24) - 1), "learning": ON, "group6": IP6}, optional=VXLAN)
    | st.fixed_dictionaries({"collect_metadata": st.just(1), "learning": ON}, optional={**VXLAN, "vnifilter": ON}),
    "geneve": st.fixed_dictionaries({"id": U16, "remote": IP4, "tos": U8, "ttl": U8, "label": U16}, optional={name: TUNNEL[name] for name in ("df", "port", "udp_csum")})
    | st.fixed_dictionaries({"id": st.just(0), "collect_metadata": st.just(True), "tos": U8, "ttl": st.just(0), "ttl_inherit": st.just(1), "label": U16}),
    "macvlan": st.fixed_dictionaries({"mode": st.sampled_from([1, 2, 4, 8, 16])}, optional={"flags": st.sampled_from([0, 2]), "bc_queue_len": U32})
    | st.fixed_dictionaries({"mode": st.just(8), "flags": st.integers(0, 3)})
    | st.fixed_dictionaries({"macaddr_mode": st.just(3), "macaddr_data": st.lists(MACS, max_size=3)})
    | st.fixed_dictionaries({"macaddr_mode": st.sampled_from([0, 1]), "macaddr": MACS}),
    "ipvlan": st.fixed_dictionaries({"flags": st.integers(0, 2)}, optional={"mode": st.integers(0, 2)}),
    "gre": st.fixed_dictionaries({**KEYS, **GRE}, optional={**ENDS4, "link": DEVICE, "ignore_df": ON}).map(keyed),
    "ip6gre": st.fixed_dictionaries(
        {
            **KEYS, **{name: GRE[name] for name in GRE if name not in ("tos", "pmtudisc", "fwmark")}, "encap_limit": U8,
            "flowinfo": st.integers(0, 0x0FFFFFFF), "flags": st.sampled_from([0, 1, 0x10, 0x40, 0x51]), "fwmark": U32, "erspan_ver": st.just(1),
        },
        optional={**ENDS6, "link": DEVICE},
    ).map(keyed),
}  # fmt: skip
SLAVES = {kind: table_data(module(kind).SLAVE_OPTIONS) for kind in ("bridge", "bond")}


def added(kind: str) -> st.SearchStrategy[ops.AddLink]:
    def op(flags: Any, index: int, found: dict[str, Any], data: dict[str, Any], name: str, link: Any) -> ops.AddLink:
        header = with_flags({"index": index} if index else {}, flags)
        below = {} if link is None else {"link": link}
        return ops.AddLink(header, {**found, **below, "ifname": name, "linkinfo": {"kind": kind, "data": data}})

    return st.builds(op, FLAGS, st.integers(0, 9), GENERIC_SETTINGS, KINDS[kind], NAMES, st.none() | DEVICE)


def same(op: Any) -> None:
    """The words of `op` come to `op`."""
    line = words(op)
    verb = {"AddLink": getattr(op, "verb", ""), "SetLink": "set", "DeleteLink": "delete"}[type(op).__name__]
    module = {"add": add, "replace": add, "set": set, "delete": delete}[verb]
    asked = command(verb, *DEVICES, namespaces=("red",))
    assert line[:2] == ["link", verb]
    assert module.operation(line[2:], asked) == op


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_add(kind: str, data: st.DataObject) -> None:
    same(data.draw(added(kind)))


@settings(max_examples=60, deadline=None)
@given(DEVICE, FLAGS, GENERIC_SETTINGS, st.none() | NAMES.filter(lambda name: name not in DEVICES))
def test_set(device: Any, flags: Any, found: dict[str, Any], name: str | None) -> None:
    renamed = {} if name is None or name == f"if{device}" else {"ifname": name}
    same(ops.SetLink(with_flags({"index": device}, flags), {**found, **renamed}))


@pytest.mark.parametrize("kind", SLAVES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_set_a_port(kind: str, data: st.DataObject) -> None:
    info = {"kind": f"{kind}_slave", "slave_kind": kind, "slave_data": data.draw(SLAVES[kind])}
    same(ops.SetLink({"index": "a"}, {"linkinfo": info}))


def test_groups_and_names() -> None:
    same(ops.SetLink({"index": 0, "flags": 1, "change": 1}, {"group": 5, "mtu": 7}))
    same(ops.DeleteLink({"index": 0}, {"group": 5}))
    same(ops.AddLink({}, {"ifname": "sixteen-bytes-xx", "linkinfo": {"kind": "ifb"}}, "replace"))
    op = ops.DeleteAltname({"index": 7}, {"prop_list": ["one", "two"]})
    assert property.operation(words(op)[2:], FakeLinks()) == op


# -- tables ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MODULES)
def test_a_kind_says_which_option_of_the_kernel_brings_it(kind: str) -> None:
    assert why_not(kind).startswith("this kernel lacks CONFIG_")
    assert why_not(kind).endswith(f"(type {kind})")
    assert why_not("nosuchkind") == ""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if data_codec(kind) is not BYTES])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_is_encoded_is_decoded(kind: str, data: st.DataObject) -> None:
    class Lookup:
        def index(self, name: str) -> int:
            return 77

        def namespace(self, reference: str) -> int:
            return 5

    info = {"kind": kind, "data": data.draw(KINDS[kind])}
    for end in ("peer", "peer_info"):
        # A namespace by name has no number yet; the command gives it one before the message is made.
        info["data"].get(end, {}).pop("link_netnsid", None)
    payload = LINK.encode({"linkinfo": info}, Lookup())
    decoded = LINK.decode(payload)["linkinfo"]
    assert decoded["kind"] == kind
    for name, value in info["data"].items():
        if name not in ("peer", "peer_info", "flags") and not isinstance(value, (str, list, dict)):
            assert decoded["data"][name] == value
    assert slave_codec("bridge") is not BYTES
