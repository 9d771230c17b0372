"""Configurations: typed getters, whatever the case of a name, and every mistake at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cni.protocol.call import read_config
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.jsontext import read, write
from netwright.cni.protocol.section import Section, address, prefixed


def test_names_are_found_whatever_their_case():
    config = Config(read('{"CNIVERSION": "0.4.0", "Name": "n", "runtimeConfig": {"PortMappings": [{"HostPort": 80, "protocol": "tcp"}]}}'))
    assert (config.name, config.cni_version, config.type) == ("n", "0.4.0", "")
    (port,) = config.runtime_config.sections("portMappings")
    assert (port.number("hostPort"), port.text("Protocol"), port.number("containerPort")) == (80, "tcp", 0)
    config.settle()


# (what a plugin asks for, the value in the document, the mistake)
WRONG = [
    (lambda s: s.text("k"), 1, "k: a text belongs here, not 1"),
    (lambda s: s.text("k"), "a\0b", "k: a text has no NUL and no line break"),
    (lambda s: s.text("k", choices=("a", "b")), "c", 'k: "c" is none of a, b'),
    (lambda s: s.flag("k"), "true", 'k: true or false belongs here, not "true"'),
    (lambda s: s.flag("k"), 1, "k: true or false belongs here, not 1"),
    (lambda s: s.number("k"), True, "k: a whole number belongs here, not true"),
    (lambda s: s.number("k"), 1.5, "k: a whole number belongs here, not 1.5"),
    (lambda s: s.number("k", most=65535), 65536, "k: 65536 is not from 0 to 65535"),
    (lambda s: s.list("k"), {}, "k: a list belongs here, not {}"),
    (lambda s: s.texts("k"), ["a", 2], "k[1]: a text belongs here, not 2"),
    (lambda s: s.section("k"), [], "k: an object belongs here, not []"),
    (lambda s: s.sections("k"), [{}, 1], "k[1]: an object belongs here, not 1"),
    (lambda s: s.table("k"), {"a": 1}, "k.a: a text belongs here, not 1"),
    (lambda s: s.address("k"), "10.0.0.0/8", 'k: "10.0.0.0/8" is no IP address'),
    (lambda s: s.prefixed("k"), "10.0.0.1", 'k: "10.0.0.1" is no address with a prefix length, as in 10.1.0.2/24'),
    (lambda s: s.prefixed("k", needed=True), "", "k: it is missing"),
    (lambda s: s.section("k").text("b"), {"b": {"c": "x" * 99}}, 'k.b: a text belongs here, not {"c":"' + "x" * 50 + " …"),
]


@pytest.mark.parametrize(("ask", "found", "mistake"), WRONG, ids=[case[2] for case in WRONG])
def test_a_wrong_value_is_told_with_its_place(ask, found: object, mistake: str):
    section = Section({"k": found})
    ask(section)
    ask(section)
    assert section.mistakes == [mistake]


@pytest.mark.parametrize("absent", [{}, {"k": None}, {"K": None}])
def test_absent_and_null_give_the_default(absent: dict):
    section = Section(absent)
    found = (section.text("k", "d"), section.flag("k", True), section.number("k", 7), section.list("k"), section.texts("k"))
    assert found == ("d", True, 7, [], ())
    assert not section.section("k")
    assert section.table("k") == {}
    assert "k" not in section
    assert section.mistakes == []


def test_all_mistakes_are_told_at_once():
    config = Config({"name": "n", "mtu": "x", "ipam": {"ranges": [[{"subnet": 4}]]}})
    config.number("mtu")
    for one in config.ipam.sections_of("ranges[0]", config.ipam.list("ranges")[0]):
        one.prefixed("subnet")
    with pytest.raises(CniError) as error:
        config.settle()
    assert (error.value.code, error.value.message) == (7, "2 mistakes in the configuration of network n")
    assert error.value.details == 'mtu: a whole number belongs here, not "x"; ipam.ranges[0][0].subnet: a text belongs here, not 4'


@pytest.mark.parametrize("text", ['{"name": "n", "mtu": 1, "mtu": 2}', '{"name": "n", "mtu": 1, "MTU": 2}'])
def test_what_is_said_twice_is_told_where_it_matters(text: str):
    config = read_config(text.encode())
    config.number("mtu")
    with pytest.raises(CniError, match="mtu: it is said more than once"):
        config.settle()
    lenient = read_config(text.encode(), lenient=True)
    assert lenient.number("mtu") == 2
    lenient.settle()


def test_a_table_keeps_its_names_and_tells_what_stands_twice():
    section = Section({"sysctl": read('{"net.A": "1", "net.a": "2"}')})
    assert section.table("sysctl") == {"net.A": "1", "net.a": "2"}
    assert section.mistakes == []
    section = Section({"sysctl": read('{"net.a": "1", "net.a": "2"}')})
    section.table("sysctl")
    assert section.mistakes == ["sysctl.net.a: it is said more than once; keep one of them"]


@pytest.mark.parametrize("key", ["cni.dev/valid-attachments", "cni.dev/attachments", "CNI.dev/Attachments"])
def test_attachments_are_known_by_both_names(key: str):
    config = Config({"name": "n", key: [{"containerID": "a", "ifname": "eth0"}, {"ContainerID": "b", "ifName": "eth1"}]})
    assert config.attachments() == {("a", "eth0"), ("b", "eth1")}
    assert Config({"name": "n", key: None}).attachments() == frozenset()


@pytest.mark.parametrize(
    "document",
    [
        {}, {"cni.dev/attachments": [1]}, {"cni.dev/valid-attachments": {"a": 1}}, {"cni.dev/attachments": [{"id": "a", "ifname": "eth0"}]},
        {"cni.dev/attachments": [{"containerID": "a", "ifname": "eth0"}, {"containerID": "a", "ifname": ""}]},
    ],
)  # fmt: skip
def test_without_a_good_list_of_attachments_nothing_is_collected(document: dict):
    with pytest.raises(CniError) as error:
        Config({"name": "n", **document}, lenient=True).attachments()
    assert error.value.code == 7


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", 6, "error unmarshall network config: the document is empty"),
        ("[]", 6, "error unmarshall network config: it is no JSON object"),
        ("{}", 7, "missing network name"),
        ('{"name": ""}', 7, "missing network name"),
        ('{"name": "a/b"}', 7, "invalid characters found in network name"),
        ('{"name": "-a"}', 7, "invalid characters found in network name"),
        ('{"name": "é"}', 7, "invalid characters found in network name"),
        ('{"name": 3}', 7, "name: a text belongs here, not 3"),
        ('{"name": "n", "cniVersion": "2.0.0"}', 1, "incompatible CNI versions"),
        ('{"name": "n", "cniVersion": 1}', 7, "cniVersion: a text belongs here, not 1"),
    ],
)
def test_a_configuration_that_cannot_be(text: str, code: int, message: str):
    with pytest.raises(CniError) as error:
        read_config(text.encode())
    assert (error.value.code, error.value.message) == (code, message)


def test_a_damaged_result_does_not_stop_a_delete():
    document = {"name": "n", "cniVersion": "1.0.0", "prevResult": {"ips": [{"address": 4}], "interfaces": 3}}
    config = Config(document, lenient=True)
    assert config.prev_result is not None
    assert config.prev_result.addresses == ()
    config.settle()
    assert Config({"name": "n", "prevResult": "x"}, lenient=True).prev_result is None
    strict = Config(document)
    assert strict.prev_result is not None
    with pytest.raises(CniError, match="2 mistakes"):
        strict.settle()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "K", "dst", "ips", "address"]), inner, max_size=3),
)


@given(JSON)
def test_no_value_makes_a_getter_fail(found: object):
    section = Section({"k": read(write(found))})
    for name in ("text", "flag", "number", "list", "texts", "section", "sections", "table", "address", "prefixed", "plain"):
        getattr(section, name)("k")
    assert Config({"name": "n", "prevResult": found}, lenient=True).prev_result is None or isinstance(found, dict)


@pytest.mark.parametrize(
    ("text", "short"),
    [("10.0.0.1", "10.0.0.1"), ("FD00:0:0::1", "fd00::1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("::", "::")],
)
def test_addresses_in_their_short_form(text: str, short: str):
    assert address(text) == short
    assert prefixed(f"{text}/08") == f"{short}/8"


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.01", "10.0.0.1/33", "::/129", "fe80::1%eth0", "10.0.0.1/-1", "10.0.0.1/٣", "a" * 999])
def test_what_is_no_address(text: str):
    with pytest.raises(ValueError):
        prefixed(text if "/" in text else f"{text}/8")
