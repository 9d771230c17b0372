"""Lab files: what they mean, and all their mistakes with their places. The cases are files/good (with the same lab written out)
and files/bad (with what is said about it). `UPDATE_GOLDEN=1` writes what is expected anew: look at the difference then."""

import os
import time
from pathlib import Path

import pytest

from netwright.errors import Invalid
from netwright.lab.load import LabFileInvalid, dump, load, loads
from netwright.lab.topology import Cable, Check, Host, Link, Policy, Route, Switch, Topology
from netwright.model.value import replace

FILES = Path(__file__).parent / "files"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
GOOD = sorted(p for p in (FILES / "good").iterdir() if p.suffix in (".yaml", ".toml", ".json"))
BAD = sorted(p for p in (FILES / "bad").iterdir() if p.suffix in (".yaml", ".toml", ".json"))


def expected(path: Path, found: str) -> str:
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found)
    return path.read_text()


def mistakes(text: str, **more: str) -> list[str]:
    with pytest.raises(LabFileInvalid) as caught:
        loads(text, **more)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_good_file_written_out(path: Path):
    topology = load(path)
    text = dump(topology)
    assert text == expected(path.with_name(path.name + ".dump"), text)
    assert replace(loads(text), places={}) == replace(topology, places={})


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_every_mistake_has_its_place(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(LabFileInvalid) as caught:
        load(path.name)
    text = f"{caught.value}\n"
    assert text == expected(path.with_name(path.name + ".problems"), text)
    assert all(problem.place for problem in caught.value.problems)


def test_ten_mistakes_are_ten_positions(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(FILES / "bad")
    with pytest.raises(LabFileInvalid) as caught:
        load("ten.yaml")
    assert len({problem.place for problem in caught.value.problems}) == len(caught.value.problems) > 10
    assert list(caught.value.problems) == sorted(caught.value.problems, key=lambda problem: problem.place)


def test_the_shop():
    eth = {name: Link(switch=switch) for name, switch in (("eth0", "front"), ("eth1", "back"), ("eth2", ""))}
    assert replace(load(EXAMPLES / "shop.lab.yaml"), places={}) == Topology(
        "shop",
        ("10.7.0.0/16", "fd07::/48"),
        {
            "web1": Host({"eth0": Link(switch="front")}),
            "web2": Host({"eth0": Link(switch="front")}),
            "db": Host({"eth0": Link(switch="back", addresses=("10.7.2.10/24",))}),
            "gw": Host(eth, router=True, nat=("front",)),
            "client": Host({"eth0": Link()}, routes=(Route("default", "gw"),)),
        },
        {"front": Switch(("10.7.1.0/24",)), "back": Switch(("10.7.2.0/24",), mtu=1400)},
        (Cable((("client", "eth0"), ("gw", "eth2")), ("10.7.3.0/30",)),),
        (Policy("client", "front", allow=("tcp/80", "icmp")), Policy("client", "back", deny=("all",))),
        (
            Check("client", "connect", "web1", 80, text="client -> web1:80"),
            Check("client", "refuse", "db", 5432, text="client -x db:5432"),
            Check("web1", "ping", "db", text="web1 ping db"),
        ),
    )


def test_places_of_what_is_written():
    name = str(EXAMPLES / "shop.lab.yaml")
    places = load(name).places
    text = Path(name).read_text().splitlines()

    def written(*path: str | int) -> str:
        file, line, column = places[path]
        assert file == name
        return text[line - 1][column - 1 :]

    assert written("lab") == "shop"
    assert written("hosts", "web2").startswith("web{1..2}:")
    assert written("hosts", "web2", "links", "eth0", "switch").startswith("front }")
    assert written("hosts", "db", "links", "eth0", "addresses").startswith("address:")
    assert written("hosts", "db", "links", "eth0", "addresses", 0).startswith("10.7.2.10/24")
    assert written("hosts", "client", "routes", 0) == written("hosts", "client", "routes", "default") == "default: gw } }"
    assert written("switches", "back", "subnet").startswith("10.7.2.0/24")
    assert written("cables", 0, "ends", 1).startswith('"gw:eth2"')
    assert written("policy", 1, "deny").startswith("deny")
    assert written("checks", 2) == "web1 ping db"


def test_the_same_place_for_all_that_comes_from_one_line():
    topology = loads('hosts: { "n{1..3}": s }\nswitches: [s]\nchecks: ["n{1..3} ping n1"]')
    assert topology.places["checks", 0] == topology.places["checks", 1] == ("<text>", 3, 10)
    assert topology.places["hosts", "n3"] == ("<text>", 1, 10)
    assert [check.text for check in topology.checks] == ["n1 ping n1", "n2 ping n1", "n3 ping n1"]


def test_mistakes_in_one_template_are_said_once():
    text = "templates: { t: { mtu: fast, sitch: x } }\nhosts:\n  n{1..100}: { template: t, switch: s }\nswitches: [s]\n"
    assert mistakes(text) == [
        "<text>:1:24: hosts.n1.links.eth0.mtu: 'fast' is no MTU, a whole number from 68 to 65535",
        "<text>:1:30: hosts.n1.sitch: 'sitch' is no key of a host, did you mean \"switch\"?",
    ]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("yaml", "lab: x\npool: [10.0.0.0/8]\nhosts: {a: {switch: s, router: true, mtu: 1400}}\nswitches: {s: null}"),
        ("json", '{"lab": "x", "pool": ["10.0.0.0/8"],\n"hosts": {"a": {"switch": "s", "router": true, "mtu": 1400}},\n\t"switches": {"s": null}}'),
        ("toml", 'lab = "x"\npool = ["10.0.0.0/8"]\nhosts.a = {switch = "s", router = true, mtu = 1400}\nswitches.s = {}'),
    ],
)
def test_three_forms_of_one_lab(form: str, text: str):
    lab = Topology("x", ("10.0.0.0/8",), {"a": Host({"eth0": Link(switch="s", mtu=1400)}, router=True)}, {"s": Switch()})
    assert replace(loads(text, form=form), places={}) == lab
    broken = text.replace("1400", "14")
    line = broken[: broken.index("14")].count("\n") + 1
    assert len(mistakes(broken, form=form)) == 1
    assert mistakes(broken, form=form)[0].startswith(f"<text>:{line}:")


@pytest.mark.parametrize(
    ("name", "lab"),
    [("shop.lab.yaml", "shop"), ("my_lab.yml", "my-lab"), ("x.json", "x"), ("1.2.toml", "1-2"), ("___.yaml", "lab"), ("a" * 80, "a" * 63)],
)
def test_a_lab_is_called_like_its_file(name: str, lab: str):
    assert loads("hosts: [a]", name=name).name == lab
    assert loads("hosts: [a]").name == "lab"


def test_a_form_that_is_none():
    with pytest.raises(Invalid, match="yaml, toml or json"):
        loads("", form="xml")


def test_files_that_cannot_be_read(tmp_path: Path):
    for path, words in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "directory"), (tmp_path / "a\0b", "null byte")):
        with pytest.raises(LabFileInvalid, match=words) as caught:
            load(path)
        assert caught.value.problems[0].place == (str(path), 1, 1)
    (tmp_path / "large.yaml").write_bytes(b"#" * (17 << 20))
    with pytest.raises(LabFileInvalid, match="larger than 16 MiB"):
        load(tmp_path / "large.yaml")


def test_a_file_that_is_called_nearly_so(tmp_path: Path):
    (tmp_path / "shop.lab.yaml").write_text("hosts: {a: {}}")
    with pytest.raises(LabFileInvalid) as caught:
        load(tmp_path / "shp.lab.yaml")
    assert caught.value.problems[0].fix == 'did you mean "shop.lab.yaml"?'
    with pytest.raises(LabFileInvalid) as caught:
        load(tmp_path / "none" / "shop.lab.yaml")
    assert caught.value.problems[0].fix == "look at the name"
    (tmp_path / "own.yaml").symlink_to("nowhere")
    with pytest.raises(LabFileInvalid) as caught:
        load(tmp_path / "own.yaml")
    assert caught.value.problems[0].fix == "look at the name", "and not its own"


@pytest.mark.parametrize("text", ["host:\nhosts:\n  a: {}\n", '{"hosts": {"a": {}}, "host": null}'])
def test_a_key_that_is_none_is_a_mistake_with_nothing_behind_it(text: str):
    assert ["host: 'host' is no key of a lab file" in said for said in mistakes(text)] == [True]
    assert loads("hosts: {a: {}}\nswitches:\nzones: ~\nx-mine:\n")


def test_a_byte_order_mark_and_other_ends_of_lines(tmp_path: Path):
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffhosts:\r\n  a: s\r\nswitches: [s]\r\n".encode())
    assert load(path).hosts["a"].links["eth0"].switch == "s"


def test_includes_are_taken_once_and_lie_below(tmp_path: Path):
    (tmp_path / "base.yaml").write_text("switches: [s]\nhosts: { a: { switch: s, mtu: 1400 } }\nchecks: [a ping a]\n")
    (tmp_path / "one.yaml").write_text("include: base.yaml\n")
    (tmp_path / "two.yaml").write_text("include: base.yaml\nhosts: { a: { mtu: 1300 } }\n")
    (tmp_path / "all.yaml").write_text("include: [one.yaml, two.yaml]\nhosts: { a: { zone: z } }\n")
    topology = load(tmp_path / "all.yaml")
    assert topology.hosts["a"] == Host({"eth0": Link(switch="s", mtu=1300)}, zone="z")
    assert len(topology.checks) == 1
    assert topology.places["hosts", "a", "links", "eth0", "mtu"] == (str(tmp_path / "two.yaml"), 2, 20)


@pytest.mark.parametrize(
    ("text", "devices"),
    [
        ("hosts: [a, b]\ncables: [[a, b], [a, b]]", {"a": ["eth0", "eth1"], "b": ["eth0", "eth1"]}),
        ('hosts: [a, b]\ncables: [[a, b], ["a:eth0", "b:x"]]', {"a": ["eth0", "eth1"], "b": ["eth0", "x"]}),
        ("hosts: { a: { address: 10.0.0.1/24 }, b: s }\nswitches: [s]\ncables: [[a, b], [a, s]]", {"a": ["eth0", "eth1"], "b": ["eth0", "eth1"]}),
        ("hosts: { a: { links: { up0: { mtu: 1400 } } } }\nswitches: [s]\ncables: [[a, s], [a, s]]", {"a": ["eth0", "up0"]}),
    ],
)
def test_ends_without_a_device_take_the_next(text: str, devices: dict[str, list[str]]):
    topology = loads(text)
    assert {name: sorted(topology.hosts[name].links) for name in devices} == devices
    ends = [end for cable in topology.cables for end in cable.ends if end[1]]
    assert len(set(ends)) == len(ends)


def test_a_thousand_hosts_in_well_under_a_second():
    lines = [f"  n{i}: {{ switch: s, address: 10.0.{i // 250}.{i % 250 + 1}/16, mtu: 1400 }}" for i in range(1000)]
    text = "switches: { s: { subnet: 10.0.0.0/16 } }\nhosts:\n" + "\n".join(lines)
    loads(text)
    started = time.process_time()
    assert len(loads(text).hosts) == 1000
    assert time.process_time() - started < 0.5  # measured: 0.06


def test_bombs_are_refused_at_once():
    started = time.process_time()
    merges = "x: &a {" + ", ".join(f"k{i}: v" for i in range(2000)) + "}\ny:\n" + "".join(f"  m{i}: {{ <<: *a }}\n" for i in range(2000))
    large = "templates: { t: { links: { " + ", ".join(f"d{i}: s" for i in range(900)) + " } } }\nhosts: { 'n{1..9999}': { template: t } }\nswitches: [s]"
    for text in ((FILES / "bad" / "bomb.yaml").read_text(), merges, large):
        assert "more than 1000000" in mistakes(text)[-1]
    assert "maximum nesting" in mistakes("a: " + "[" * 5000)[0]
    assert "levels" in mistakes('{"a": ' + "[" * 200 + "]" * 200 + "}", form="json")[0]
    assert "levels" in mistakes("[" * 20000 + "]" * 20000, form="json")[0]
    assert "levels" in mistakes("a = " + "[" * 100 + "]" * 100, form="toml")[0]
    assert "too many" in mistakes("a = " + "[" * 5000 + "]" * 5000, form="toml")[0]
    assert time.process_time() - started < 10


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.lab.yaml")), ids=lambda path: path.name)
def test_every_example_means_something(path: Path):
    from netwright.lab.compile import compile

    topology = load(path)
    assert set(compile(topology).namespaces) == {"@", *topology.hosts}
