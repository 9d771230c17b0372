"""What people write who know docker: each gets told what is written here."""

from pathlib import Path

import pytest

from netwright.cli import commands, docker_words, network, run
from netwright.cli.main import main
from netwright.errors import Gone
from netwright.networks.mistakes import Mistakes
from netwright.networks.network import Network
from netwright.networks.wanted import Wanted, with_networks

SAID = {
    "network create x --attachable": (2, "nw connect"),
    "network create x --ipam-driver default": (2, "--subnet"),
    "network ls --format {{.Name}}": (2, "--json"),
    "network ls --no-trunc": (2, "leave it out"),
    "network lsx": (2, 'did you mean "ls"?'),
    "containers -a": (2, "leave it out"),
    "ps -a": (2, "nw containers"),
    "ps -q": (2, "nw containers"),
    "exec -it web sh": (2, "leave it out"),
    "publish web 80:80": (2, "nw publish add web 80:80"),
    "publish web": (2, "there are add, del, ls"),
    "netavark": (2, "install|uninstall"),
    "rm web": (1, "nw stop NAME"),
    "kill web": (1, "nw stop --signal KILL NAME"),
    "logs web": (1, "--log FILE"),
    "port web": (1, "nw publish ls NAME"),
    "pull nginx": (1, "nw run COMMAND"),
}


@pytest.mark.parametrize("line", SAID)
def test_what_is_said(line: str, capfd: pytest.CaptureFixture[str]):
    code, part = SAID[line]
    assert main(["nw", *line.split()]) == code
    said = capfd.readouterr()
    assert part in said.err.splitlines()[1]
    assert (said.out, said.err.count("\n")) == ("", 2)


def test_containers_are_told_of_only_where_no_lab_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("NETWRIGHT_RUNTIME_DIR", str(tmp_path))
    (tmp_path / ".containers" / "web").mkdir(parents=True)
    (tmp_path / "x.yaml").write_text("hots: [a]\n")
    assert main(["nw", "ps"]) == 1
    assert capfd.readouterr().err.splitlines()[1].strip() == "make one with: nw up FILE; containers are listed by: nw containers"
    assert main(["nw", "ps", "--json", str(tmp_path / "x.yaml")]) == 1
    assert "nw containers" not in capfd.readouterr().err


def test_ip_s_own_words_stay_as_they_are(capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "ip", "rm", "web"]) == 1
    assert capfd.readouterr().err == 'Object "rm" is unknown, try "ip help".\n'


def test_no_command_of_ours_is_called_as_one_of_docker_s():
    assert not set(docker_words.COMMANDS) & set(commands.NAMES)


@pytest.mark.parametrize("option", ["--frobnicate", "--zzz", "-z"])
def test_what_is_like_nothing_is_told_what_there_is(option: str, capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "network", "create", option, "x"]) == 2
    assert "options are --driver, " in capfd.readouterr().err


def test_the_version(capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "--version"]) == 0
    assert capfd.readouterr().out.startswith("nw utility, netwright-")


@pytest.mark.parametrize("line", ["network help", "publish help", "network delete --help", "help network"])
def test_help_is_asked_for_in_other_words(line: str, capfd: pytest.CaptureFixture[str]):
    assert main(["nw", *line.split()]) == 0
    assert capfd.readouterr().out.startswith("Usage: nw ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bridge,ip=10.64.0.7", 'name=bridge,…'),
        ("name=bridge,foo", 'write KEY=VALUE'),
        ("name=bridge,ipp=10.64.0.7", 'did you mean "ip"?'),
    ],
)  # fmt: skip
def test_more_of_one_network_has_keys(text: str, said: str):
    with pytest.raises(Mistakes, match=said.replace("?", "[?]")):
        with_networks(Wanted(("true",)), (text,))


@pytest.mark.parametrize("rate", ["10x", "10mbits", "fast"])
def test_a_rate_is_told_by_its_option(rate: str, capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "network", "create", "x", "--ingress", rate]) == 1
    assert capfd.readouterr().err == f'--ingress: "{rate}" is no rate, as in 10mbit, 1gbit or 100kbps\nnw network: 1 mistake; nothing was done\n'


class Written:
    """As much of a store as is asked for names."""

    def networks(self) -> "dict[str, Network]":
        return {name: Network(name) for name in ("bridge", "shop")}

    def network(self, name: str) -> Network:
        return self.networks()[name]


def test_every_name_that_is_none_is_told():
    with pytest.raises(Gone, match='there are no networks "a", "b"'):
        network._named(Written(), ["a", "shop", "b", "a"])
    with pytest.raises(Gone, match=r'there is no network "shp": did you mean "shop"[?]; networks are listed by: nw network ls'):
        network._named(Written(), ["shp"])
    assert [one.name for one in network._named(Written(), ["shop", "shop"])] == ["shop"]


def test_the_network_comes_first():
    with pytest.raises(Gone) as told:
        network.of(Written(), "connect", "web", "shop")
    assert told.value.fix == "nw connect shop web"
    assert network.of(Written(), "connect", "shop", "web").name == "shop"


def test_filters_are_words_with_a_value():
    for text in ("name", "driver", "nam=shop", "=shop"):
        with pytest.raises(network.Wrong):
            network._filters(("name=other", text))
    assert network._fits(Network("shop"), network._filters(("name=sh", "driver=bridge")))
    assert not network._fits(Network("shop"), network._filters(("name=other",)))


def test_options_of_nw_run_are_no_docker_words():
    assert not set(docker_words.INSTEAD) & set(run.OPTIONS)
