"""Docker's -p: what each text means, what is wrong with the others, and which port is taken when any will do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.networks.mistakes import Mistakes
from netwright.networks.publish import (
    LOCAL,
    PortsTaken,
    Publish,
    clash,
    exposed,
    parse,
    parse_all,
    settled,
    text_of_port,
    text_of_publish,
)
from netwright.networks.values import Port

ANY4, ANY6, ANY = ("0.0.0.0",), ("::",), ("",)

GOOD = {
    "80": Publish(80),
    "80/tcp": Publish(80),
    "53/udp": Publish(53, protocol="udp"),
    "53/UDP": Publish(53, protocol="udp"),
    "3868/sctp": Publish(3868, protocol="sctp"),
    "8080:80": Publish(80, 8080, 8080),
    "08080:0080": Publish(80, 8080, 8080),
    "0:80": Publish(80),
    ":80": Publish(80),
    "::80": Publish(80),
    "65535:65535": Publish(65535, 65535, 65535),
    "8000-8010:80": Publish(80, 8000, 8010),
    "8000-8000:80": Publish(80, 8000, 8000),
    "8000-8010:9000-9010": Publish(9000, 8000, 8010, 11),
    "8000-8010:9000-9010/udp": Publish(9000, 8000, 8010, 11, "udp"),
    "9000-9010": Publish(9000, count=11),
    "0:9000-9010": Publish(9000, count=11),
    "1-65535:1-65535": Publish(1, 1, 65535, 65535),
    "127.0.0.1:8080:80": Publish(80, 8080, 8080, hosts=("127.0.0.1",)),
    "192.168.1.5::80": Publish(80, hosts=("192.168.1.5",)),
    "0.0.0.0:8080:80": Publish(80, 8080, 8080, hosts=ANY4),
    "[::]:8080:80": Publish(80, 8080, 8080, hosts=ANY6),
    "*:8080:80": Publish(80, 8080, 8080, hosts=ANY),
    "*::80": Publish(80, hosts=ANY),
    "localhost:8080:80": Publish(80, 8080, 8080),
    "[::1]:8080:80": Publish(80, 8080, 8080, hosts=("::1",)),
    "[::1]::80/udp": Publish(80, protocol="udp", hosts=("::1",)),
    "[2001:DB8::0:5]:8080:80": Publish(80, 8080, 8080, hosts=("2001:db8::5",)),
    "::1:8080:80": Publish(80, 8080, 8080, hosts=("::1",)),  # Docker takes it without brackets
    "2001:db8::5:8080:80": Publish(80, 8080, 8080, hosts=("2001:db8::5",)),
    "192.168.1.5:8000-8010:80": Publish(80, 8000, 8010, hosts=("192.168.1.5",)),
}

WRONG = {
    "": "no port of the container",
    "8080:": "write 8080:80",
    ":": "no port of the container",
    "/tcp": "no port of the container",
    "80/": "behind the /",
    "80/tpc": 'did you mean "tcp"',
    "80/icmp": "no protocol with ports",
    "80/tcp/udp": "no protocol with ports",
    "0": "0 is no port of a container",
    "8080:0": "0 is no port of a container",
    "80:0-5": "0 is no port of a container",
    "0-5:80": "write 1-5",
    "65536": "65535 is the last",
    "99999999999999999999:80": "65535 is the last",
    "-1:80": "no port of the host",
    "80-": "no port of the container",
    "90-80": "write 80-90",
    "8010-8000:80": "write 8000-8010",
    "80-90-100": "no port of the container",
    "8080 :80": "no port of the host",
    "８０": "no port of the container",
    "http:80": "no port of the host",
    "8000-8005:80-90": "write 8000-8010:80-90",
    "8000:80-90": "port 8000 for 11 ports",
    "65530:80-90": "write 65525-65535:80-90",
    "127.0.0.1:80": "write 127.0.0.1:80:80, or 127.0.0.1::80",
    "*:80": r"write \*:80:80",
    "127.0.0.1:8080:": "no port of the container",
    "127.0.0.1.5:8080:80": "no address of the host",
    "127.0.0.01:8080:80": "no address of the host",
    "300.0.0.1:8080:80": "no address of the host",
    "example.com:8080:80": "no address of the host",
    "224.0.0.1:8080:80": "address of a group",
    "255.255.255.255:8080:80": "address of a group",
    "[ff02::1]:8080:80": "address of a group",
    "[fe80::1]:8080:80": "link-local",
    "fe80::1%eth0:8080:80": "names a device",
    "[::ffff:10.0.0.1]:8080:80": "write 10.0.0.1",
    "[::1]:80": r"write \[::1\]:8080:80",
    "[::1]": r"write \[::1\]:8080:80",
    "[::1:8080:80": "not closed",
    "[127.0.0.1]:8080:80": "write|only these stand in brackets: 127.0.0.1:8080:80",
    "[]:8080:80": "no IPv6 address",
    ":::80": "no address of the host",
    "::1:80": "no address of the host",
    "1:2:3:4": "no address of the host",
    "80;rm -rf /": "behind the /",
    '80" }': "no port",
    "80\n81": "no port",
    "\x1b[31m": "no port",
    "\udcff": "no port",
    "9" * 5000: "65535 is the last",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_a_text_means(text: str):
    assert parse(text) == GOOD[text]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_and_what_would_be_right(text: str):
    with pytest.raises(Mistakes, match=WRONG[text]) as caught:
        parse(text)
    told = str(caught.value)
    assert len(told) < 400
    assert told.isprintable()


def test_all_mistakes_are_told_at_once_and_repeats_are_one():
    with pytest.raises(Mistakes) as caught:
        parse_all(["80", "0", "8080:80", "x"])
    assert [problem.path for problem in caught.value.problems] == [("0",), ("x",)]
    assert parse_all(["80", "8080:80", "80/tcp"]) == (Publish(80), Publish(80, 8080, 8080))


def test_where_no_address_is_given_is_for_the_network_to_say():
    assert parse("8080:80", ANY).hosts == ANY
    assert parse("localhost:8080:80", ANY).hosts == LOCAL


def test_what_a_container_offers():
    assert exposed("8000-8010/udp") == Publish(8000, count=11, protocol="udp")
    with pytest.raises(Mistakes, match="write 80"):
        exposed("8080:80")


numbers = st.integers(1, 65535)
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(lambda a: not (a.is_multicast or a.is_link_local or a.is_reserved)).map(str)


@st.composite
def publications(draw):
    count = draw(st.integers(1, 1000))
    port = draw(st.integers(1, 65536 - count))
    first = draw(st.one_of(st.just(0), st.integers(1, 65536 - count)))
    last = first + count - 1 if first else 0
    if count == 1 and first:
        last = draw(st.integers(first, 65535))
    hosts = draw(st.one_of(st.just(LOCAL), st.sampled_from([ANY4, ANY6, ANY]), addresses.map(lambda a: (a,))))
    return Publish(port, first, last, count, draw(st.sampled_from(["tcp", "udp", "sctp"])), hosts)


@given(publications(), st.sampled_from([LOCAL, ANY, ANY4]))
def test_the_text_of_a_port_means_the_same_port(item, usual):
    assert parse(text_of_publish(item, usual), usual) == item


@given(st.text(max_size=40))
def test_any_text_is_a_port_or_a_mistake(text):
    try:
        found = parse(text)
    except Mistakes:
        return
    assert found.port


@given(st.text(alphabet="0123456789:-/[].*tcpud", max_size=30))
def test_any_text_like_a_port_too(text):
    try:
        found = parse(text)
    except Mistakes:
        return
    assert parse(text_of_publish(found)) == found


# -- choosing ------------------------------------------------------------------------------------------------------------------


def one(text: str, held=(), **more) -> tuple[Port, ...]:
    return settled(parse_all(text.split()), held, **more)


def held(*texts: str) -> list[tuple[Port, str]]:
    return [(port, "web:eth0") for text in texts for port in settled([parse(text)], ())]


def test_a_port_given_is_taken_as_it_stands():
    assert one("8080:80") == (Port("tcp", "127.0.0.1", 8080, 80), Port("tcp", "::1", 8080, 80))
    assert one("*:8000-8002:80-82/udp") == (Port("udp", "", 8000, 80, 3),)


def test_the_first_free_one_on_every_address_at_once():
    taken = [(Port("tcp", "127.0.0.1", 8000, 80), "a"), (Port("tcp", "::1", 8001, 80), "b"), (Port("udp", "", 8002, 80), "c")]
    assert {port.host_port for port in one("8000-8010:80", taken)} == {8002}
    assert [port.host_port for port in one("[::1]:8000-8010:80", taken)] == [8000]


def test_any_port_comes_from_the_usual_range_and_a_run_stays_together():
    assert [port.host_port for port in one("*::80 *::81")] == [32768, 32769]
    taken = held("*:32770:80")
    assert one("*::8000-8004", taken) == (Port("tcp", "", 32771, 8000, 5),)


def test_what_is_fixed_goes_first():
    ports = one("*:8000-8001:80 *:8000:81")
    assert {(port.host_port, port.port) for port in ports} == {(8000, 81), (8001, 80)}


TAKEN = (
    ("*:8080:80", "8080:80", r"8080/tcp on 127.0.0.1 is taken by web:eth0 \(\*:8080->80/tcp\)"),
    ("0.0.0.0:8080:80", "192.168.1.5:8080:80", "taken by web:eth0"),
    ("192.168.1.5:8080:80", "0.0.0.0:8080:80", "taken by web:eth0"),
    ("8000-8010:8000-8010", "8005:80", "taken by web:eth0"),
    ("8000-8010:8000-8010", "8009-8020:9-20", "ports? 8009-8020/tcp"),
    ("8000-8010:8000-8010", "8003-8005:80", r"all of the ports 8003-8005/tcp are taken, by web:eth0 \(\[::1\]|all of the ports 8003-8005/tcp are taken, by web:eth0 \(127"),
)


@pytest.mark.parametrize(("there", "asked", "why"), TAKEN)
def test_a_port_that_is_taken_names_its_owner(there, asked, why):
    with pytest.raises(PortsTaken, match=why):
        one(asked, held(there))


FREE = (
    ("*:8080:80", "*:8080:80/udp"),
    ("0.0.0.0:8080:80", "[::]:8080:80"),
    ("0.0.0.0:8080:80", "[fd00::1]:8080:80"),
    ("192.168.1.5:8080:80", "192.168.1.6:8080:80"),
    ("8000-8010:8000-8010", "8011:80"),
)


@pytest.mark.parametrize(("there", "asked"), FREE)
def test_these_do_not_meet(there, asked):
    assert one(asked, held(there))


def test_all_taken_ones_are_told_at_once():
    with pytest.raises(PortsTaken) as caught:
        one("*:80:80 *:81:81 *:82:82", held("*:80:80", "*:82:80"))
    assert "port 80/tcp" in str(caught.value)
    assert "port 82/tcp" in str(caught.value)
    assert "port 81/tcp" not in str(caught.value)


def test_the_same_port_twice_in_one_request():
    with pytest.raises(PortsTaken, match="another port of the same request"):
        one("8080:80 8080:81")


def test_more_in_a_row_than_there_are():
    with pytest.raises(PortsTaken, match="in a row"):
        one("*::1-100", any_port=(100, 150))


def test_among_thousands_it_is_fast_enough():
    many = [(Port("tcp", "", number, 80), f"c{number}") for number in range(32768, 42768)]
    assert one("*::80", many)[0].host_port == 42768


def test_how_a_port_is_told():
    assert text_of_port(Port("udp", "::1", 8000, 80, 3)) == "[::1]:8000-8002->80-82/udp"
    assert clash(Port("tcp", "", 1, 1, 5), Port("tcp", "::1", 5, 1))
