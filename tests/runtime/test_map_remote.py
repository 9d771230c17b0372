"""`nw map --remote` by the real ssh and sshd: keys and settings are the user's own, what goes wrong is told in ssh's words."""

import json
import shutil
import sys
from collections.abc import Iterator

import pytest
from host import until
from sandbox import SOURCE, Result, Sandbox, missing

NW = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
SSHD = """
Port 22
ListenAddress 192.0.2.2
HostKey /run/ssh/host
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
AuthorizedKeysFile /run/ssh/user.pub
SetEnv PATH=/run/bin:/usr/bin:/bin
"""
SSH = """
Host unknown
    UserKnownHostsFile /dev/null
Host far unknown 192.0.2.2
    IdentityFile /run/ssh/user
Host far unknown nokey
    HostName 192.0.2.2
Host *
    IdentitiesOnly yes
    UserKnownHostsFile /run/ssh/known
"""
KEYS = """
mkdir -p /run/ssh /run/sshd /run/bin
chmod 755 /run/bin/nw
sed -i "s/^root:[^:]*:/root:x:/" /etc/passwd
for key in host user; do ssh-keygen -q -t ed25519 -N '' -f /run/ssh/$key; done
echo "192.0.2.2 $(cut -d' ' -f1,2 /run/ssh/host.pub)" >/run/ssh/known
ip netns add there
ip link add near type veth peer name eth0 netns there
ip address add 192.0.2.1/24 dev near && ip link set near up
ip -n there address add 192.0.2.2/24 dev eth0 && ip -n there link set eth0 up
"""
LISTENS = "ip netns exec there ss -Hltn sport = :22 | grep -q LISTEN"


@pytest.fixture(scope="module")
def box(clients: None) -> Iterator[Sandbox]:
    for program, package in (("/usr/sbin/sshd", "openssh-server"), ("ssh", "openssh-client")):
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: {package})")
    with Sandbox(pids=True, etc=True) as made:
        # An account without a word in shadow(5) is a locked one to sshd. This /etc is the box's own.
        made.write("/etc/shadow", "root:*:19000:0:99999:7:::\n")
        made.write("/run/ssh/sshd_config", SSHD)
        made.write("/etc/ssh/ssh_config", SSH)
        made.write("/run/bin/nw", f'#!/bin/sh\nexport PYTHONPATH={SOURCE}\nexec {sys.executable} -c "{NW}" "$@"\n')
        done = made.run(["sh", "-ec", KEYS])
        assert done.code == 0, done.err
        start = "hostname far; exec nsenter --net=/run/netns/there /usr/sbin/sshd -D -e -f /run/ssh/sshd_config"
        made.popen(["unshare", "-u", "sh", "-c", start], err="/run/ssh/err")
        until(lambda: made.run(["sh", "-c", LISTENS]).code == 0, "sshd listens; /run/ssh/err")
        yield made


def nw(box: Sandbox, *words: str) -> Result:
    return box.python(NW, *words, timeout=60.0)


def test_the_map_of_another_machine(box: Sandbox):
    done = nw(box, "map", "--remote", "ssh://root@far", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["host"] == "far", "it was made there"
    assert "there" in [space["name"] for space in found["namespaces"]]


def test_a_port_and_an_address(box: Sandbox):
    done = nw(box, "map", "--remote", "ssh://root@192.0.2.2:22", "--namespace", "there")
    assert done.code == 0, done.err
    assert "192.0.2.2/24" in done.out


def test_what_ssh_says(box: Sandbox):
    for host, words in {"unknown": "Host key verification failed", "nokey": "Permission denied", "192.0.2.2:23": "Connection refused"}.items():
        done = nw(box, "map", "--remote", f"ssh://root@{host}")
        assert (done.code, done.out) == (1, ""), host
        assert "by ssh" in done.err
        assert words in done.err, host


def test_no_nw_there(box: Sandbox):
    box.run(["mv", "/run/bin/nw", "/run/bin/away"])
    done = nw(box, "map", "--remote", "ssh://root@far")
    box.run(["mv", "/run/bin/away", "/run/bin/nw"])
    assert done.code == 1
    assert "there is no nw on far" in done.err
