"""Views of odd hosts: what stands on what stands on something, addresses that repeat, words that mean several things."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.errors import Gone, Invalid
from netwright.hostmap.compared import compared
from netwright.hostmap.model import Cable, Holder, HostMap, Link, Listener, Owner, Problem, Published, Space
from netwright.hostmap.select import named, path, the_one
from netwright.hostmap.spoken import Index, state, states
from netwright.hostmap.tree import lines, tree
from netwright.hostmap.who import hits, impossible, is_port, nearest
from netwright.model.address import Address
from netwright.model.value import replace


def space(id: str, name: str, *links: Link, **more: object) -> Space:
    return Space(id, name, int(id) if id.isdigit() else 0, links=(Link(1, "lo", flags=("loopback",)), *links), **more)


def up(index: int, name: str, kind: str = "veth", **more: object) -> Link:
    return Link(index, name, kind, True, "up", **more)


def host(*spaces: Space, cables: tuple[Cable, ...] = ()) -> HostMap:
    return HostMap(here=spaces[0].id, namespaces=spaces, cables=cables)


# b stands on the end of a cable in a, which has nothing else; mvx on vx2, which stands on va.
STACKED = host(
    space("1", "host", up(2, "va", peer=("2", "eth0")), up(3, "vx2", "vxlan", lower=("1", "va")), up(4, "mvx", "macvlan", lower=("1", "vx2"))),
    space("2", "a", up(2, "eth0", peer=("1", "va"))),
    space("3", "b", up(2, "mv0", "macvlan", lower=("2", "eth0")), addresses=(Address("10.9.0.2/24", "mv0", 4),)),
)
TREE = """\
host
└─ va ── a eth0
   ├─ vx2 vxlan
   │  └─ mvx macvlan
   └─ b mv0 macvlan 10.9.0.2/24 on a eth0
"""


def test_what_stands_on_something_that_is_told_elsewhere_is_not_left_out() -> None:
    assert "\n".join(lines(tree(STACKED))) + "\n" == TREE


def test_two_that_have_only_each_other_and_one_that_stands_there() -> None:
    found = host(
        space("5", "x", up(2, "e", peer=("7", "e"))), space("6", "m", up(2, "mv", "macvlan", lower=("7", "e"))), space("7", "y", up(2, "e", peer=("5", "e")))
    )
    assert lines(tree(found)) == ["x", "└─ e ── y e", "   └─ m mv macvlan on y e"]


def test_a_ring_in_a_map_from_a_file_has_an_end() -> None:
    ring = host(space("1", "host", up(2, "a", "macvlan", lower=("1", "b")), up(3, "b", "macvlan", lower=("1", "a"))))
    assert lines(tree(ring)) == ["host"]
    far = host(space("1", "p", up(2, "a", "macvlan", lower=("2", "b"))), space("2", "q", up(2, "b", "macvlan", lower=("1", "a"))))
    assert lines(tree(far)) == ["p", "└─ a macvlan on q b", "   └─ q b macvlan", "      └─ p a macvlan"]


def test_the_way_out_goes_on_from_what_a_device_stands_on() -> None:
    (hit,) = hits(STACKED, "mv0")
    assert dict(hit.lines)["way out"] == "b mv0 → a eth0 → host va"


# Two labs of the same addresses, and a port that is handed on in the first one.
def lab(first: int, name: str, **more: object) -> tuple[Space, Space]:
    router, web = str(first), str(first + 1)
    return (
        space(router, f"{name}/r", up(2, "r0", peer=(web, "eth0")), **more),
        space(web, f"{name}/web", up(2, "eth0", peer=(router, "r0")), addresses=(Address("10.0.0.2/24", "eth0", 4), Address("fd00::2/64", "eth0", 6))),
    )


PORT = Published("tcp", "", 8080, 8080, "10.0.0.2", 80, "ip nat PREROUTING")
LABS = host(*lab(1, "one", published=(PORT,)), *lab(3, "two", published=(PORT,)), space("9", "far", published=(PORT,)))


def test_a_published_port_leads_to_the_address_that_is_plugged_in_there() -> None:
    index = Index(LABS)
    assert [index.owner(LABS.namespaces[at], "10.0.0.2") for at in (0, 2, 4)] == [("2", "eth0"), ("4", "eth0"), None]
    told = [dict(hit.lines)["leads to"] for hit in hits(LABS, ":8080")]
    assert told == ["10.0.0.2:80 one/web eth0", "10.0.0.2:80 two/web eth0", "10.0.0.2:80"]
    assert [line.strip() for line in lines(tree(LABS)) if "8080" in line][2] == "└─ tcp 8080 → 10.0.0.2:80 (ip nat PREROUTING)"


WORDS = host(
    space(
        "1", "host", up(2, "eth0", "", mac="02:00:00:00:00:aa"), names=("a2",),
        addresses=(Address("10.9.0.2/24", "eth0", 4), Address("fd00::2/64", "eth0", 6)), listeners=(Listener("tcp", "", 80, 7, "x"), Listener("tcp", "10.9.0.2", 81)),
        holders=(Holder("process", 77), Holder("bind", path="/run/docker/netns/x"), Holder("bind", 9, path="/run/far", elsewhere=True)),
    ),
    space("2", "other", owners=(Owner("docker", "web", "0123456789abcdef"),), listeners=(Listener("tcp", "", 80),)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("10.9.0.2", ["address"]), ("10.9.0.2/24", ["address"]), ("10.9.0.2/8", ["address"]), ("::ffff:10.9.0.2", ["address"]), ("fd00:0::2", ["address"]),
        ("FD00::2/64", ["address"]), ("[fd00::2]", ["address"]), ("fd00::2%eth0", ["address"]), ("10.9.0.3", []),
        ("02:00:00:00:00:AA", ["device"]), ("02-00-00-00-00-aa", ["device"]), ("eth0", ["device"]),
        (":80", ["port", "port"]), ("10.9.0.2:80", ["port"]), ("10.9.0.2:81", ["port"]), ("[fd00::2]:80", ["port"]), ("[fd00::2]:81", []), ("udp:80", []),
        ("net:[1]", ["namespace"]), ("1", ["namespace"]), ("77", ["namespace"]), ("/proc/77/ns/net", ["namespace"]), ("/run/docker/netns/x", ["namespace"]),
        ("/run/netns/a2", ["namespace"]), ("/var/run/netns/a2", ["namespace"]), ("/run/far", []), ("/run/netns/a3", []), ("/", []), ("012345", ["namespace"]), ("", []),
    ],
)  # fmt: skip
def test_words_that_people_have_at_hand(word: str, kinds: list[str]) -> None:
    assert [hit.kind for hit in hits(WORDS, word)] == kinds


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (":80", ""), ("tcp:65535", ""), ("udp:1", ""), (":0", "ports are 1 to 65535"), (":65536", "ports are 1 to 65535"), ("tcp:" + "9" * 5000, "ports are 1 to 65535"),
        (":", "a port is a number"), ("tcp:", "a port is a number"), (":http", "a port is a number"), (":-1", "a port is a number"), (":²", "a port is a number"),
        ("", ""), ("eth0", ""), ("::1", ""), ("fe80::", ""), ("10.0.0.1:80", ""), ("sctp:80", ""), ("user:lab", ""),
    ],
)  # fmt: skip
def test_what_can_be_no_port(word: str, why: str) -> None:
    assert impossible(word) == why
    assert hits(WORDS, word) == [] or not why


@pytest.mark.parametrize("word", [":80", "tcp:80", "10.0.0.1:80", "[fd00::1]:80"])
def test_words_that_ask_for_a_port(word: str) -> None:
    assert is_port(word)


@pytest.mark.parametrize("word", ["fe80::1", "::1", "1::2:3", "fd00::2/64", "aa:bb:cc:dd:ee:01", "user:1", "sctp:80", ":0", "80", ""])
def test_words_that_only_end_like_one(word: str) -> None:
    assert not is_port(word)


def test_of_a_range_that_keeps_its_ports_the_one_is_meant_that_is_asked_for() -> None:
    router, web = lab(1, "one", published=(Published("tcp", "", 5000, 5010, "10.0.0.2"),))
    web = replace(web, listeners=(Listener("tcp", "", 5000, 8, "first"), Listener("tcp", "", 5005, 9, "asked")))
    found = {hit.kind: dict(hit.lines).get("process") for hit in hits(host(router, web), ":5005")}
    assert found == {"published": "asked (pid 9)", "port": "asked (pid 9)"}


@pytest.mark.parametrize(("word", "name"), [("eth1", "eth0"), ("othr", "other"), ("wweb", "web"), ("zzzz", ""), ("", ""), ("x" * 5000, "")])
def test_a_word_with_a_slip_of_the_finger(word: str, name: str) -> None:
    assert nearest(WORDS, word) == name


def test_who_listens_behind_a_published_port_and_what_is_not_seen() -> None:
    listens = Listener("tcp", "", 80, 9, "nginx")
    router, web = lab(1, "one", published=(PORT,))
    shut = Space("3", "shut", 3, state="unseen", why="it takes root")
    odd = host(router, replace(web, owners=(Owner("docker", "web", "0123456789ab"),), listeners=(listens,)), shut)
    (hit,) = hits(odd, ":8080")
    assert hit.lines[2:] == (("owner", "docker web (0123456789ab)"), ("process", "nginx (pid 9)"), ("way out", "one/web eth0 → one/r r0"))
    (hit,) = hits(odd, "shut")
    assert hit.lines == (("state", "unseen: it takes root"),)
    with pytest.raises(Gone) as caught:
        path(replace(odd, problems=(Problem("unentered", "1 namespace could not be entered", fix="run it with sudo"),)), "1", "3")
    assert str(caught.value) == "no cable leads from one/r to shut: what is in shut is not known: it takes root; run it with sudo"
    with pytest.raises(Gone) as caught:
        path(host(*lab(1, "a\x1b[1m"), space("9", "b")), "1", "9")
    assert str(caught.value) == "no cable leads from a\\x1b[1m/r to b: nw map shows what is connected"


def test_no_word_means_no_namespace_whose_process_has_ended_and_so_has_no_name() -> None:
    ended = host(space("1", ":77", owners=(Owner("process", "", "77"),), state="gone", why="it ended while the map was made"))
    assert named(ended, "") == hits(ended, "") == []
    assert [hit.space.name for hit in hits(ended, "net:[1]")] == [":77"]


def test_a_word_that_means_several_namespaces_is_no_choice() -> None:
    assert len(named(LABS, "one/*")) == 2
    with pytest.raises(Invalid) as caught:
        the_one(LABS, "*/web")
    assert (str(caught.value)) == '"*/web" means 2 namespaces: one/web, two/web; say which one, by its name'
    with pytest.raises(Gone):
        the_one(LABS, "three/*")


@pytest.mark.parametrize(
    ("near", "far", "told"),
    [
        ((True, "up"), (True, "up"), ("", "")),
        ((True, "lowerlayerdown"), (False, "down"), ("", "down")),
        ((False, "down"), (True, "lowerlayerdown"), ("down", "")),
        ((False, "down"), (False, "down"), ("down", "down")),
        ((True, "down"), (True, "down"), ("no carrier", "")),
        ((True, "up"), (False, "down"), ("", "down")),
    ],
)
def test_of_a_cable_the_cause_is_told(near: tuple[bool, str], far: tuple[bool, str], told: tuple[str, str]) -> None:
    one, other = (Link(1, "eth0", "veth", wanted, found) for wanted, found in (near, far))
    assert states(one, other) == told
    assert states(one, None) == (state(one), ""), "where the other end is not seen"


def down(index: int, name: str, **more: object) -> Link:
    return Link(index, name, "veth", False, "down", **more)


# Cables within one namespace: between two switches, in one, from one to a device with an address, free ones, and many alike.
WITHIN = host(
    space(
        "1", "host", up(2, "br0", "bridge"), up(3, "br1", "bridge"), up(4, "q", peer=("1", "p"), master="br1"), up(5, "p", peer=("1", "q"), master="br0"),
        down(6, "r", peer=("1", "s"), master="br0"), down(7, "s", peer=("1", "r"), master="br0"),
        up(8, "t", peer=("1", "u")), up(9, "u", peer=("1", "t"), master="br0"), up(10, "mv", "macvlan", lower=("1", "t")),
        up(11, "b", peer=("1", "a")), up(12, "a", peer=("1", "b")),
        *(down(20 + n, f"k{n // 2}" if n % 2 else f"h{n // 2}", peer=("1", f"h{n // 2}" if n % 2 else f"k{n // 2}")) for n in range(2, 12)),
        addresses=(Address("10.9.0.1/24", "t", 4), Address("10.0.0.1/24", "a", 4), Address("10.0.0.2/24", "b", 4)),
    ),
)  # fmt: skip
WITHIN_TREE = """\
host
├─ br0 bridge
│  ├─ p ⇄ q in br1
│  ├─ r down ⇄ s down
│  └─ u ⇄ t 10.9.0.1/24
│     └─ mv macvlan on host t
├─ br1 bridge
│  └─ q ⇄ p in br0
├─ a 10.0.0.1/24 ⇄ b 10.0.0.2/24
└─ h1…h5 ⇄ k1…k5 down (5)
"""


def test_a_cable_within_one_namespace_is_one_line() -> None:
    assert "\n".join(lines(tree(WITHIN))) + "\n" == WITHIN_TREE
    whole = lines(tree(WITHIN, whole=True))
    assert [line.lstrip("├└─ ") for line in whole if "h" in line and "⇄" in line] == [f"h{n} down ⇄ k{n} down" for n in range(1, 6)]


def test_ends_in_a_map_from_a_file_that_do_not_fit_are_all_told() -> None:
    odd = host(space("1", "host", up(2, "a", peer=("1", "b")), up(3, "b", peer=("1", "c")), up(4, "c", peer=("1", "c"))))
    assert lines(tree(odd)) == ["host", "├─ a ⇄ b", "├─ b ⇄ c", "└─ c ⇄ c"]
    lost = host(space("1", "host", up(2, "a", peer=("1", "b")), up(3, "b", peer=("1", "a"), lost="device 2 somewhere")))
    assert lines(tree(lost)) == ["host", "├─ a ⇄ b", "└─ b ── ? device 2 somewhere"]


def test_many_devices_cost_no_more_than_their_number() -> None:
    """Ten thousand in one namespace were once compared each with each: 20 s. Time is not measured here: looking one up is counted."""
    looked = 0

    class Counted(tuple):
        def __iter__(self):
            nonlocal looked
            looked += 1
            return super().__iter__()

    many = Counted((up(2, "br0", "bridge"), *(up(n, f"v{n}", master="br0" if n % 2 else "") for n in range(3, 303))))
    assert len(lines(tree(host(Space("1", "host", 1, links=many))))) == 302
    assert looked < 20


def test_a_map_from_a_file_may_be_deeper_than_any_kernel_s() -> None:
    deep = host(space("1", "host", up(2, "m0"), *(up(n, f"m{n - 2}", "macvlan", lower=("1", f"m{n - 3}")) for n in range(3, 3000))))
    found = lines(tree(deep))
    assert found[1:3] == ["└─ m0", "   └─ m1 macvlan"]
    assert found[-1].strip() == "└─ …"
    assert len(lines(tree(host(space("1", "host", *(up(n, f"b{n}", "bridge", master=f"b{n + 1}") for n in range(2, 3000)), up(3000, "b3000", "bridge")))))) < 100
    far = host(*(Space(str(n), f"c{n}", n, links=(up(2, "m", "macvlan", lower=(str(n + 1), "m")),)) for n in range(1000)), space("1000", "end", up(2, "m", ""), up(3, "n", "")))
    assert lines(tree(far))[:3] == ["end", "├─ m", "│  └─ c999 m macvlan"]


def test_closed_ones_are_told_together_where_the_reason_is_the_same() -> None:
    closed = [Space(str(n), f"u{n}", n, state="unseen" if n < 8 else "gone", why="it takes root" if n < 6 else "covered" if n < 8 else "it ended") for n in range(2, 13)]
    assert lines(tree(host(space("1", "host"), *closed))) == ["host", "u6 unseen: covered", "u7 unseen: covered", "u2…u5 (4 unseen: it takes root)", "u8…u12 (5 gone: it ended)"]


def test_words_of_the_kernel_are_anybody_s_in_a_map_from_elsewhere() -> None:
    """The kind of a device, a state, an address, an owner's kind: from a file or another machine they can be any text."""
    bad = "\x1b[2J\ud800\n"
    link = Link(2, bad, bad, True, bad, lost=bad)
    odd = host(Space("1", "host", 1, state=bad, why=bad, owners=(Owner(bad, bad, bad, bad),), links=(link, replace(link, name="b", lost="", peer=("2", bad))), held=((bad, 1),)),
               Space("2", bad, 2, addresses=(Address(bad, bad, 4),), links=(replace(link, lost=""), replace(link, name="c"))))  # fmt: skip
    told = [*lines(tree(odd)), *lines(tree(odd, whole=True)), *(text for word in ("host", "b", "c", bad) for hit in hits(odd, word) for _, text in hit.lines)]
    told += map(str, compared(host(odd.namespaces[0]), replace(odd, here="2")))
    assert len(told) > 12
    assert [text for text in told if not text.isprintable()] == []


WRITTEN = st.one_of(st.text(max_size=12), st.text(":./[]%*?0123456789²٣abcdefx-", max_size=12), st.sampled_from(["tcp:", "udp:", "/proc/", "10.9.0.2:", "["]).flatmap(lambda head: st.text("0123456789²:]", max_size=6).map(head.__add__)))


@settings(max_examples=400, deadline=None)
@given(WRITTEN)
def test_no_word_is_too_odd(word: str) -> None:
    for hit in hits(WORDS, word):
        assert hit.what.isprintable()
    assert nearest(WORDS, word) is not None
    assert not (impossible(word) and hits(WORDS, word))
    assert all(isinstance(found, Space) for found in named(WORDS, word))
