"""netavark's command line."""

import pytest

from netwright.errors import Invalid
from netwright.netavark.words import Words, read

GOOD = [
    ("setup /ns", Words("setup", "/ns")),
    ("--config /c --rootless false --aardvark-binary=/a setup /ns", Words("setup", "/ns", config="/c", aardvark="/a")),
    ("-c /c -r true -a /a -f /f teardown /ns", Words("teardown", "/ns", "/f", "/c", True, "/a")),
    ("-c/c setup -f=/f /ns", Words("setup", "/ns", "/f", "/c")),
    ("--plugin-directory /a --plugin-directory /b create", Words("create", plugins=("/a", "/b"))),
    ("--firewall-driver none firewall-reload", Words("firewall-reload", firewall="none")),
    ("update net --network-dns-servers 1.1.1.1,2.2.2.2", Words("update", "net", servers=("1.1.1.1,2.2.2.2",))),
    ("update --network-dns-servers= net", Words("update", "net", servers=("",))),
    ("-V", Words("--version")), ("--help", Words("help")), ("version", Words("version")), ("setup --help", Words("help")),
]  # fmt: skip
BAD = [
    ("", "a command is missing"), ("set-up /ns", "is no command"), ("setup", "setup NETWORK_NAMESPACE_PATH"), ("setup a b", "setup"),
    ("update net", "--network-dns-servers"), ("-r maybe setup /ns", "was not `true` or `false`"), ("--color setup /ns", "'--color' which wasn't expected"),
    ("setup /ns --config", "requires a value"), ("setup /ns --network-dns-servers x", "wasn't expected"), ("version now", "version"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "words"), GOOD)
def test_words(line: str, words: Words):
    assert read(line.split()) == words


@pytest.mark.parametrize(("line", "said"), BAD)
def test_wrong_words(line: str, said: str):
    with pytest.raises(Invalid) as caught:
        read(line.split())
    assert said in caught.value.what
    assert "usage" in caught.value.fix


def test_an_empty_path_is_none():
    with pytest.raises(Invalid):
        read(["setup", ""])
