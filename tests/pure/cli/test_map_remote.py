"""`nw map --remote`: what ssh is told, and what its answers mean. ssh itself is a program of the test."""

import json
import os
from pathlib import Path

import pytest
from host_sample import MAP

from netwright.cli.main import main
from netwright.cli.map_remote import parts
from netwright.cli.words import Wrong
from netwright.hostmap.plain import to_plain

PLACES = {
    "ssh://box": ("", "box", ""),
    "ssh://box/": ("", "box", ""),
    "ssh://me@box.example:2222": ("me", "box.example", "2222"),
    "ssh://192.0.2.7:22": ("", "192.0.2.7", "22"),
    "ssh://root@[2001:db8::7]:22": ("root", "2001:db8::7", "22"),
    "ssh://[fe80::1%eth0]": ("", "fe80::1%eth0", ""),
}
NO_PLACES = [
    "", "box", "ssh://", "http://box", "ssh://box:0", "ssh://box:65536", "ssh://box:x", "ssh://me@", "ssh://a b", "ssh://box/path", "ssh://me:secret@box",
    "ssh://-oProxyCommand=sh", "ssh://-lroot@box", "ssh://2001:db8::7", "ssh://box\n",
]  # fmt: skip


@pytest.mark.parametrize("url", PLACES)
def test_a_place(url: str):
    assert parts(url) == PLACES[url]


@pytest.mark.parametrize("url", NO_PLACES)
def test_no_place(url: str):
    with pytest.raises(Wrong):
        parts(url)


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a program called ssh in front, which notes its words and then does what is given; gives the words back."""

    def made(script: str) -> Path:
        program, words = tmp_path / "ssh", tmp_path / "words"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{words}\n{script}\n')
        program.chmod(0o755)
        (tmp_path / "answer").write_text(json.dumps(to_plain(MAP)))
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return words

    return made


def test_the_map_of_another_machine(ssh, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    words = ssh(f"cat {tmp_path}/answer")
    assert main(["nw", "map", "--remote", "ssh://me@box:2222"]) == 0
    assert "docker0 bridge 172.17.0.1/16" in capfd.readouterr().out
    assert words.read_text().split("\n")[:-1] == [
        "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-p", "2222", "-l", "me", "--", "box", "nw map --json --detail nft",
    ]  # fmt: skip


def test_filters_formats_and_sudo(ssh, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    words = ssh(f"cat {tmp_path}/answer")
    assert main(["nw", "map", "--remote", "ssh://box", "--sudo", "--namespace", "r1", "--json", "--detail", "none"]) == 0
    assert [space["name"] for space in json.loads(capfd.readouterr().out)["namespaces"]] == ["r1"]
    assert words.read_text().split("\n")[-2] == "sudo -n nw map --json --detail none"


def test_who_is_it_there(ssh, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    ssh(f"cat {tmp_path}/answer")
    assert main(["nw", "who", "veth1", "--remote", "ssh://box"]) == 0
    assert "c1" in capfd.readouterr().out


ANSWERS = {
    "echo 'ssh: Could not resolve hostname box' >&2; exit 255": ("cannot reach box by ssh", "Could not resolve hostname", "ssh -v box"),
    "echo 'Host key verification failed.' >&2; exit 255": ("cannot reach box by ssh", "Host key verification", "ssh box"),
    "echo 'me@box: Permission denied (publickey).' >&2; exit 255": ("cannot reach box by ssh", "Permission denied", "ssh-copy-id box"),
    "echo 'sh: 1: nw: not found' >&2; exit 127": ("there is no nw on box", "not found", "make install"),
    """echo 'Object "map" is unknown, try "ip help".' >&2; exit 1""": ("the nw on box makes no maps", "unknown", "install a newer one"),
    "printf 'oh \\033[31mno\\n' >&2; exit 3": ("nw map on box ended with 3", "oh \\x1b[31mno", "ssh box nw map"),
    "echo Welcome; cat /dev/null": ("box answered no map", "Expecting value", "ssh box true"),
    "echo '{}'": ("this is no map", "", ""),
    "yes '[' | head -n 200000": ("box answered no map", "", ""),
    "exit 0": ("box answered no map", "", ""),
}


@pytest.mark.parametrize("script", ANSWERS)
def test_what_goes_wrong_there(script: str, ssh, capfd: pytest.CaptureFixture[str]):
    ssh(script)
    assert main(["nw", "map", "--remote", "ssh://box"]) == 1
    told = capfd.readouterr()
    assert told.out == ""
    for words in ANSWERS[script]:
        assert words in told.err


def test_sudo_that_wants_a_password(ssh, capfd: pytest.CaptureFixture[str]):
    ssh("echo 'sudo: a password is required' >&2; exit 1")
    assert main(["nw", "map", "--remote", "ssh://box", "--sudo"]) == 1
    assert "sudo on box wants to be asked" in capfd.readouterr().err


def test_no_ssh_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["nw", "map", "--remote", "ssh://box"]) == 1
    assert "openssh-client" in capfd.readouterr().err


@pytest.mark.parametrize("words", [["--sudo"], ["--from", "-", "--remote", "ssh://box"], ["--remote", "box"], ["--remote"]])
def test_words_that_make_no_sense(words: list[str]):
    assert main(["nw", "map", *words]) == 2
