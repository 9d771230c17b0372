"""The words of `nw network create`, `connect` and `publish`: what they mean, and what is said of those that mean nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cli import commands, connect, dns, network, publish
from netwright.cli.network import asked
from netwright.cli.said import as_options
from netwright.cli.words import HelpWanted, Words, Wrong
from netwright.errors import NetwrightError
from netwright.networks.joining import Joining, differences, heirs, mistakes, why_not_hardware
from netwright.networks.mistakes import Mistakes
from netwright.networks.network import Network, Subnet
from netwright.networks.publish import Publish, matches
from netwright.networks.store import Attached
from netwright.networks.values import Attachment, Leg, Port


def read(*words: str):
    return asked(Words(list(words), network._CREATE, "NAME"))


FIELDS = {
    "": {"mode": "nat", "icc": True, "masquerade": True, "bind": ("127.0.0.1", "::1"), "driver": "bridge"},
    "--internal": {"mode": "internal"},
    "--routed": {"mode": "routed"},
    "--no-icc": {"icc": False},
    "--no-masquerade": {"masquerade": False},
    "--allow a --allow b": {"allow": ("a", "b")},
    "--trust eth0": {"trusted": ("eth0",)},
    "--mtu 1400 --device br7": {"mtu": 1400, "device": "br7"},
    "-d macvlan --parent eth0 --mode private --no-shim": {"driver": "macvlan", "parent": "eth0", "macvlan_mode": "private", "shim": False},
    "--bind 0.0.0.0": {"bind": ("0.0.0.0",)},
    "--ingress 10mbit --egress 1gbit": {"ingress": 10_000_000, "egress": 1_000_000_000},
    "--subnet 10.1.0.0/24 --ip-range 10.1.0.128/25 --aux-address p=10.1.0.9 --gateway 10.1.0.3": {"subnets": (Subnet("10.1.0.0/24", "10.1.0.3", "10.1.0.128/25", (("p", "10.1.0.9"),)),)},
    "-o com.docker.network.driver.mtu=1300 -o icc=no": {"mtu": 1300, "icc": False},
    "--label a=b --label c": {"labels": (("a", "b"), ("c", ""))},
}


@pytest.mark.parametrize("words", FIELDS)
def test_a_draft(words: str):
    draft = read("x", *words.split()).draft
    assert {field: getattr(draft, field) for field in FIELDS[words]} == FIELDS[words]


FAMILIES = {"": None, "--no-ipv6": (4,), "--ipv6 --no-ipv4": (6,), "--subnet /28": (4,), "--subnet /28 --ipv6": (4, 6), "--subnet /64": (6,)}


@pytest.mark.parametrize("words", FAMILIES)
def test_families(words: str):
    assert read("x", *words.split()).families == FAMILIES[words]


CONTRADICTED = {
    "--subnet fd00:1::/64 --no-ipv6": "fd00:1::/64 is of IPv6",
    "--subnet 10.1.0.0/24 --subnet fd00:1::/64 --no-ipv4": "10.1.0.0/24 is of IPv4",
    "--subnet /40 --no-ipv6": "/40 is of IPv6",
}


@pytest.mark.parametrize("words", CONTRADICTED)
def test_a_subnet_of_a_family_that_shall_not_be(words: str):
    with pytest.raises(Mistakes) as told:
        read("x", *words.split())
    assert [problem.what.startswith(CONTRADICTED[words]) for problem in told.value.problems] == [True]


REFUSED = {
    "": "NAME is missing",
    "x y": '"y" is one word too many',
    "x --internal --routed": "--internal and --routed",
    "x --intenal": 'option "--intenal" is unknown',
    "x --mtu many": "--mtu takes a number",
    "x --ingress fast": '"fast" is no rate',
    "x --subnet /7": "is no length of a subnet",
    "x --gateway 10.0.0.1": "is in none of the subnets",
    "x --label =": "is no label",
    "x -o com.docker.network.bridge.nmae=x": "com.docker.network.bridge.name",
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused(words: str):
    with pytest.raises(NetwrightError) as caught:
        read(*words.split())
    assert REFUSED[words] in f"{caught.value} {caught.value.fix}"


@pytest.mark.parametrize("main", [network.main, publish.main, dns.main])
@pytest.mark.parametrize("words", [[], ["nothing"], ["--nothing"], ["nothing", "else"]])
def test_a_verb_that_is_none(main, words):
    with pytest.raises(Wrong) as caught:
        main(words)
    assert "too many" not in caught.value.what
    assert caught.value.fix


@pytest.mark.parametrize(("main", "word", "meant"), [(network.main, "lss", "ls"), (publish.main, "ad", "add"), (dns.main, "trac", "trace")])
def test_a_verb_that_is_written_wrongly(main, word: str, meant: str):
    with pytest.raises(Wrong) as caught:
        main([word, "x", "y"])
    assert caught.value.fix == f'did you mean "{meant}"?'
    with pytest.raises(HelpWanted):
        main([word, "--help"])


IN_OPTIONS = {
    "--subnet foo": "--subnet: ", "--subnet 10.0.0.0/24 --gateway 10.0.0.0": "--gateway: ", "--mtu 12": "--mtu: ", "-d over": "--driver: ", "-o foo=1": "-o foo: ",
    "--bind 1.2": "--bind: ", "--domain -": "--domain: ", "--dns x": "--dns: ", "--search -": "--search: ", "--trust a/b": "--trust: ", "--reserve x=y": "--reserve: ",
    "--label =": "--label: ", "--ingress 1": "--ingress: ", "--device a/b": "--device: ",
}  # fmt: skip


@pytest.mark.parametrize("words", IN_OPTIONS)
def test_mistakes_are_told_with_the_options_they_are_of(words: str):
    from netwright.networks import checks
    from netwright.networks.mistakes import told

    with pytest.raises(NetwrightError) as caught, as_options():
        told(list(checks.mistakes(read("x", *words.split()).draft)))
    assert str(caught.value).startswith(IN_OPTIONS[words])


def test_every_mistake_of_a_connection_at_once():
    words = "shop a --ip 300.1.1.1 --mac zz --interface a/b -p 99999 -p 80: --ingress foo --egress bar --alias -"
    with pytest.raises(Mistakes) as caught, as_options():
        connect.wanted(Words(words.split(), connect.OPTIONS, "NETWORK CONTAINER"), "a", SHOP)
    wrong = sorted(str(problem).partition(": ")[0] for problem in caught.value.problems)
    assert wrong == ["--alias", "--egress", "--ingress", "--interface", "--ip", "--mac-address", "--publish 80:", "--publish 99999"]


@pytest.mark.parametrize("main", [network.main, publish.main, connect.main])
def test_help_is_asked_for(main):
    with pytest.raises(HelpWanted):
        main(["--help"])


@pytest.mark.parametrize(("name", "options"), [("network", network._CREATE), ("connect", connect.OPTIONS)])
def test_every_option_is_in_the_help(name: str, options: dict[str, str]):
    text = commands.help_text(name)
    assert [option for option in options if option not in text] == []


@given(st.lists(st.sampled_from(sorted(network._CREATE)) | st.text(max_size=12), max_size=8))
def test_any_words_end_in_a_draft_or_in_words(words):
    try:
        read(*words)
    except (NetwrightError, HelpWanted):
        pass


# -- joining -------------------------------------------------------------------------------------------------------------------

SHOP = Network("shop", subnets=(Subnet("10.1.0.0/24", "10.1.0.1"),), device="nw-shop")


def on(network: str, interface: str, since: float, *legs: Leg, able: bool = True, default: bool = False) -> Attached:
    from netwright.networks.wiring import defaults

    routes = tuple(defaults(legs, interface)) if default else ()
    a = Attachment(f"a:{interface}", network, f"nw-{network}", "nwp", interface, legs, routes, "02:00:00:00:00:01", ports=(Port("tcp", "", 80, 80),))
    return Attached("a", a, since, {"able": able, "default": default, "netns": "/n", "aliases": ["x"]})


FOUR, SIX = Leg("10.1.0.2/24", "10.1.0.1"), Leg("fd01::2/64", "fd01::1")


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        ([on("one", "eth0", 1, FOUR)], [("one", [4])]),
        ([on("two", "eth1", 2, FOUR), on("one", "eth0", 1, FOUR, SIX)], [("one", [4, 6])]),
        ([on("one", "eth0", 1, FOUR), on("two", "eth1", 2, FOUR, SIX)], [("one", [4]), ("two", [6])]),
        ([on("one", "eth0", 1, FOUR, able=False), on("two", "eth1", 2, FOUR)], [("two", [4])]),
        ([on("one", "eth0", 1, FOUR, default=True), on("two", "eth1", 2, FOUR)], []),
        ([on("one", "eth0", 1, Leg("10.1.0.2/24"))], []),
        ([], []),
    ],
)  # fmt: skip
def test_who_has_the_default_route_next(mine, expected):
    assert [(one.attachment.network, [r.family for r in routes]) for one, routes in heirs(mine)] == expected


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({}, ""),
        ({"addresses": ("10.1.0.2",), "mac": "02:00:00:00:00:01", "interface": "eth0", "aliases": ("x",)}, ""),
        ({"addresses": ("10.1.0.3",)}, "it has not 10.1.0.3"),
        ({"mac": "02:00:00:00:00:02"}, "hardware address is 02:00:00:00:00:01"),
        ({"interface": "lan"}, "interface is eth0, not lan"),
        ({"aliases": ("y",)}, "aliases is x, not y"),
        ({"publish": (Publish(80, 80, 80, hosts=("",)),)}, ""),
        ({"publish": (Publish(81, 81, 81),)}, "does not publish 81:81"),
        ({"egress": 8000}, "egress is 0, not 8000"),
    ],
)  # fmt: skip
def test_differences(wish, said):
    found = "; ".join(differences(Joining("a", "shop", **wish), on("shop", "eth0", 1, FOUR), "/n"))
    assert said in found if said else not found


@pytest.mark.parametrize(
    ("wish", "network", "field"),
    [
        ({"interface": "a b"}, SHOP, "interface"),
        ({"mac": "x"}, SHOP, "mac"),
        ({"addresses": ("10.1.0",)}, SHOP, "addresses"),
        ({"aliases": ("-",)}, SHOP, "aliases"),
        ({"ingress": 3}, SHOP, "ingress"),
        ({"publish": (Publish(80),)}, Network("in", mode="internal"), "publish"),
        ({"publish": (Publish(80),)}, Network("lan", "macvlan"), "publish"),
        ({"egress": 80}, Network("lan", "macvlan"), "egress"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_wish(wish, network, field):
    assert list(mistakes(Joining("a", network.name), network)) == []
    assert [wrong.path[0] for wrong in mistakes(Joining("a", network.name, **wish), network)] == [field]


@pytest.mark.parametrize(("text", "good"), [("02:00:00:00:00:01", True), ("AA:bb:cc:dd:ee:ff", True), ("01:00:00:00:00:01", False), ("00:00:00:00:00:00", False), ("2:0:0:0:0:1", False), ("02-00-00-00-00-01", False)])
def test_hardware_addresses(text: str, good: bool):
    assert (why_not_hardware(text) == "") is good


@pytest.mark.parametrize(
    ("item", "meant"),
    [
        (Publish(80), True), (Publish(80, hosts=()), True), (Publish(80, 8080, 8080), True), (Publish(80, 8000, 9000), True), (Publish(80, 8081, 8081), False),
        (Publish(81), False), (Publish(80, protocol="udp"), False), (Publish(80, hosts=("::1",)), False), (Publish(80, count=2), False),
    ],
)  # fmt: skip
def test_which_port_is_meant(item: Publish, meant: bool):
    assert matches(item, Port("tcp", "127.0.0.1", 8080, 80)) is meant
