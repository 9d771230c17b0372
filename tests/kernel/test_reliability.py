"""kill -9 where it hurts: of commands on labs with things outside, of holders, of processes with labs of their own. Afterwards nothing is left.

That a change inside a lab survives it is in test_broken.py.
"""

import sys
from pathlib import Path

import pytest
from machine import connect
from sandbox import SOURCE, Sandbox
from users import USERS, Snippets, _prefix, _python

BROKEN = Path(__file__).with_name("inside") / "broken_outside.py"
ENDS = {"up": {"nothing", "whole"}, "add": {"plain", "whole"}, "take": {"whole", "plain"}, "down": {"whole", "nothing"}}


def broken(box: Sandbox, user: str, verb: str) -> str:
    """What broken_outside.py prints, in a box that plays the machine."""
    box.quiet()
    connect(box)
    box.run(["mkdir", "-m", "777", "/run/labs"])
    words = ["uplink"]
    if user != "root":
        made = box.run(["sh", "-ec", "which pasta; mknod -m 666 /run/tun c 10 200; mount --bind /run/tun /dev/net/tun"])
        words = [] if made.code else words  # no pasta here: publishing alone
    python = sys.executable if user == "root" else _python(box, user)
    environment = {"PYTHONPATH": str(SOURCE), "NETWRIGHT_RUNTIME_DIR": "/run/labs/mine"}
    done = box.run([*_prefix(user), python, str(BROKEN), verb, *words], env=environment, timeout=400)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize("verb", ENDS)
@pytest.mark.parametrize("user", USERS)
def test_killed_at_every_step_outside(sandbox: Sandbox, user: str, verb: str):
    assert set(eval(broken(sandbox, user, verb))) == ENDS[verb]


@pytest.mark.parametrize("user", USERS)
def test_a_holder_that_was_killed_leaves_nothing_after_gc_and_comes_again_with_up(sandbox: Sandbox, user: str):
    assert broken(sandbox, user, "holder") == "well\n"


ATTACHED = """
import json
from netwright.lab.lab import Lab
from netwright.lab.topology import Topology, Host, Link, Switch, Publish
hosts = {n: Host({"eth0": Link(switch="s")}, dns=("10.1.0.9",)) for n in ("a", "b")}
net = Lab(topology=Topology("mine", hosts=hosts, switches={"s": Switch(("10.1.0.0/24",))}))
net.up()
for host in ("a", "b"):
    net[host].popen(["sleep", "600"])
    net[host].popen(["sh", "-c", "(setsid sleep 600 &); sleep 600"])
spaces = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")}
print(json.dumps(sorted(link for link in spaces if link[:4] in ("net:", "mnt:", "pid:"))))
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""
SPACES = """
import json
wanted, mounts = set(json.loads(sys.argv[1])), sys.argv[2]
def users():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for directory in ("ns", "fd"):
            try:
                links = {os.readlink(f"/proc/{pid}/{directory}/{name}") for name in os.listdir(f"/proc/{pid}/{directory}")}
            except OSError:
                continue
            if links & wanted:
                found.append((pid, open(f"/proc/{pid}/comm").read()))
    return found
until(lambda: users() == [])
def count():
    with open("/proc/self/mountinfo") as file:
        return len(file.readlines())
print(len(wanted), count() == int(mounts))
"""


@pytest.mark.parametrize("user", USERS)
def test_a_killed_process_takes_its_lab_and_its_programs_with_it(sandbox: Sandbox, user: str):
    mounts = sandbox.run(["sh", "-c", "wc -l </proc/self/mountinfo"]).out.strip()
    done = Snippets(sandbox, user).result(ATTACHED)
    assert done.code == -9, done.err
    # three networks, two or more mount namespaces of views, the pid namespace of the guard
    assert Snippets(sandbox, "root").run(SPACES, done.out, mounts).split()[0] >= "5"
    assert Snippets(sandbox, "root").run(SPACES, done.out, mounts).split()[1] == "True"
