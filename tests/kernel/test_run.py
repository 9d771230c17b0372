"""`nw run` on the real kernel: the four modes, names, ports, whose namespace is whose, signals, and what is left."""

import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from labs import RUN
from networks_host import PYTHON, SERVER, Host
from sandbox import SOURCE, Result, Sandbox
from traffic import until
from users import _prefix, _python

NW = [sys.executable, "-IS", "-c", RUN]
UNTIL_KILLED = ("sh", "-c", "echo up; exec sleep 1000")


class Runs(Host):
    """A host on which containers are run."""

    def run(self, *words: str, code: int = 0, netns: str | None = None) -> Result:
        """`nw run WORDS…` in the foreground (one word is split at blanks)."""
        split = words[0].split() if len(words) == 1 else list(words)
        done = self.box.run([*NW, "run", *split], env=self.env, timeout=90.0, netns=netns)
        assert done.code == code, f"nw run {' '.join(words)}: {done.code}: {done.err}{done.out}"
        assert "Traceback" not in done.err
        return done

    def away(self, name: str, *words: str, program: tuple[str, ...] = UNTIL_KILLED) -> str:
        """`nw run -d`: its output's file, when "up" stands in it."""
        log = f"/run/log-{name}"
        self.box.run(["rm", "-f", log])
        assert self.run("-d", "--name", name, "--log", log, *words, *program).out == f"{name}\n"
        until(lambda: "up\n" in self.box.read(log))
        return log

    def foreground(self, name: str, *words: str, program: tuple[str, ...] = UNTIL_KILLED) -> int:
        """`nw run` in the foreground of nobody; its pid, when its program runs."""
        out = f"/run/out-{name}"
        pid = self.box.popen([*NW, "run", "--name", name, *words, *program], env=self.env, out=out, err=f"{out}.err")
        until(lambda: "up\n" in self.box.read(out))
        return pid

    def row(self, name: str) -> dict:
        """What nw containers says of one."""
        (found,) = self.json(f"containers {name} --json")
        return found

    def files(self) -> list[str]:
        """What is written down of containers."""
        return self.box.run(["sh", "-c", "ls -A /run/netwright/.containers 2>/dev/null"]).out.split()


@pytest.fixture
def host(sandbox: Sandbox) -> Runs:
    found = Runs(sandbox, containers="")
    found.nw("network create bridge")  # as it is after the first of all
    return found


def lines(done: Result) -> list[str]:
    return done.out.splitlines()


# -- four modes ----------------------------------------------------------------------------------------------------------------


def test_bridge_is_what_one_gets_and_nothing_is_left(host: Runs):
    before = host.traces()
    script = "ip -o -4 addr show dev eth0; ip route show default; hostname; ls /sys/class/net; ping -c1 -w30 192.0.2.9 >/dev/null && echo out"
    found = lines(host.run("--name", "web", "sh", "-c", script))
    assert "inet 10.64.0.2/24" in found[0]
    assert found[1].strip() == "default via 10.64.0.1 dev eth0"
    assert found[2:] == ["web", "eth0", "lo", "out"]
    assert host.traces() == before
    assert host.files() == []


def test_the_first_of_all_makes_the_network(sandbox: Sandbox):
    host = Runs(sandbox, containers="")
    host.run("true")
    assert host.nw("network ls -q").out == "bridge\n"


@pytest.mark.parametrize("words", ["--no-ipv4 --no-ipv6", "--subnet 10.70.0.0/24 --gateway none"])
def test_a_network_that_has_no_address_of_its_own_has_no_names(host: Runs, words: str):
    host.nw(f"network create quiet {words}")
    assert "eth0" in host.run("--network", "quiet", "ip", "-brief", "link").out
    assert host.nw("network reload").out == "nothing to do: everything is as it should be\n"
    host.nw("network rm quiet")


def test_host_is_the_machine_itself(host: Runs):
    inode = "readlink /proc/self/ns/net"
    assert host.run("--network", "host", "sh", "-c", inode).out == host.box.run(["sh", "-c", inode]).out
    found = lines(host.run("--network", "host", "--hostname", "h", "--add-host", "db:192.0.2.7", "--dns", "192.0.2.53", "sh", "-c", "hostname; for n in db h; do getent ahostsv4 $n | grep STREAM; done; grep nameserver /etc/resolv.conf"))
    assert [line.split() for line in found] == [["h"], ["192.0.2.7", "STREAM", "db"], ["127.0.1.1", "STREAM", "h"], ["nameserver", "192.0.2.53"]]
    assert "machine's own network" in host.run("--network host -p 80:80 true", code=1).err


def test_none_has_lo_alone(host: Runs):
    found = lines(host.run("--network", "none", "sh", "-c", "ls /sys/class/net; ping -c1 -W1 127.0.0.1 >/dev/null && echo lo; hostname -f; ip route"))
    assert found[:2] == ["lo", "lo"]
    assert len(found) == 3


def test_container_shares_and_survives_the_restart_of_the_other(host: Runs):
    before = host.traces()
    host.away("web", "--hostname", "shop", "-p", "8080:80")
    with_web = host.traces()
    seen = "readlink /proc/self/ns/net; hostname; cat /etc/hosts"
    of_web = lines(host.run("--network", "container:web", "sh", "-c", seen))
    assert of_web[1] == "shop"
    log = host.away("side", "--network", "container:web", program=("sh", "-c", f"{seen}; echo up; exec sleep 1000"))
    assert host.box.read(log).splitlines() == [*of_web, "up"]
    assert 'there are no containers "wob", "wub"' in host.refused("stop web wob wub")
    host.nw("stop web web")
    assert host.row("web")["status"] == "ended, side has its network"
    assert host.traces() == with_web, "the namespace, its addresses and its ports are kept"
    host.away("web", "-p", "8080:80", program=("sh", "-c", f"{seen}; echo up; exec sleep 1000"))
    assert of_web[0] in host.box.read("/run/log-web").splitlines(), "the same namespace"
    assert host.traces() == with_web
    host.nw("stop web")
    host.nw("stop side")
    assert host.traces() == before
    assert host.files() == []


def test_who_is_last_takes_it_away(host: Runs):
    before = host.traces()
    host.away("web")
    host.away("side", "--network", "container:web")
    host.away("third", "--network", "container:side")
    assert host.row("third")["of"] == "web"
    assert "web" in host.refused("connect bridge third")
    host.nw("stop web")
    host.nw("stop side")
    host.nw("stop third")
    assert host.traces() == before
    assert host.files() == []


def test_a_namespace_that_is_taken_up_again_can_have_other_ports_and_networks_and_no_other_address(host: Runs):
    host.nw("network create shop")
    host.away("web", "-p", "8080:80")
    host.away("side", "--network", "container:web")
    host.nw("stop web")
    said = host.run("--name", "web", "--ip", "10.64.0.99", "true", code=1).err
    assert "still used by side" in said
    assert "use the network" in host.run("--name web --network host true", code=1).err
    done = host.run("--name", "web", "-p", "8081:80", "--network", "bridge", "--network", "shop", "sh", "-c", "ls /sys/class/net; sort /etc/hosts | grep -c web")
    assert lines(done) == ["eth0", "eth1", "lo", "4"]
    assert host.row("web")["ports"] == ["127.0.0.1:8081->80/tcp", "[::1]:8081->80/tcp"]
    host.nw("stop side")


# -- names ---------------------------------------------------------------------------------------------------------------------


def test_containers_know_each_other_by_name(host: Runs):
    host.away("web", "--network-alias", "www", "--hostname", "shop.lab")
    for name in ("web", "www", "shop.lab"):
        assert "10.64.0.2" in host.run("getent", "ahostsv4", name).out
        # Not -W1: packets of all namespaces wait in one queue for each processor, and a flood in another one drops some of ours.
        host.run("ping", "-c1", "-w30", name)
    found = host.run("--name", "me", "--domainname", "lab", "--add-host", "gw:host-gateway", "--add-host", "db:192.0.2.7", "--dns-search", "corp.example", "--dns-option", "ndots:2", "sh", "-c", "hostname -f; for n in host.netwright.internal gw db; do getent ahostsv4 $n | grep STREAM; done; cat /etc/resolv.conf /proc/sys/kernel/domainname")  # fmt: skip
    words = [line.split() for line in lines(found)]
    assert words[0] == ["me.lab"]
    assert [line[0] for line in words[1:4]] == ["10.64.0.1", "10.64.0.1", "192.0.2.7"]
    assert words[4:8] == [["nameserver", "10.64.0.1"], words[5], ["search", "corp.example"], ["options", "ndots:2"]]
    assert words[8] == ["lab"]


def test_own_servers_are_asked_through_the_responder(host: Runs):
    host.away("web", "--dns", "192.0.2.53")
    files = host.box.run(["sh", "-c", "cat /run/netwright/.dns/*"]).out
    assert "192.0.2.53" in files
    host.nw("network create quiet --no-dns")
    assert host.run("--network", "quiet", "--dns", "192.0.2.53", "cat", "/etc/resolv.conf").out == "nameserver 192.0.2.53\n"


def test_the_machine_keeps_its_own_names(host: Runs):
    seen = "hostname; cat /etc/hosts /etc/resolv.conf /proc/mounts | md5sum"
    before = host.box.run(["sh", "-c", seen]).out
    host.run("--hostname", "other", "true")
    assert host.box.run(["sh", "-c", seen]).out == before


# -- ports ---------------------------------------------------------------------------------------------------------------------


def test_ports_from_everywhere(host: Runs):
    host.away("web", "-p", "8080:80", "-p", "0.0.0.0:9090:80", "-P", "--expose", "81", program=(*PYTHON, SERVER, "tcp/80", "tcp/81"))
    assert host.ask(None, "127.0.0.1", 8080) == "10.64.0.1"
    assert host.ask(None, "::1", 8080)[:2] == "fd"
    assert host.ask("out", "192.0.2.1", 9090) == "192.0.2.9", "the client's address is kept"
    assert host.never("out", "192.0.2.1", 8080)
    any_port = next(p for p in host.row("web")["ports"] if p.endswith("->81/tcp")).split(":")[1].partition("-")[0]
    assert host.ask(None, "127.0.0.1", int(any_port)) == "10.64.0.1"
    client = "import socket; print(socket.create_connection(('192.0.2.1', 9090), 60).recv(100).decode())"
    assert host.run("--network", "container:web", *PYTHON, client).out == "10.64.0.1\n", "hairpin"
    said = host.run("-p 8080:80 true", code=1).err
    assert "8080" in said
    assert "web" in said, "who has it"


def test_networks_and_ports_change_while_it_runs(host: Runs):
    host.nw("network create shop")
    host.away("web", "--network", "none")
    host.nw("connect shop web")
    host.nw("publish add web 8080:80")
    host.away("side", "--network", "container:web", program=(*PYTHON, SERVER, "tcp/80"))
    assert host.ask(None, "127.0.0.1", 8080) == "10.64.1.1"
    host.nw("disconnect shop web")
    assert host.row("web")["networks"] == {}


# -- the program ---------------------------------------------------------------------------------------------------------------


def test_exit_codes(host: Runs):
    before = host.traces()
    host.run("sh", "-c", "exit 7", code=7)
    host.run("sh", "-c", "kill -9 $$", code=137)
    host.run("sh", "-c", "kill -TERM $$", code=143)
    assert "no such program in PATH" in host.run("nonsense-program", code=127).err
    assert "exec of" in host.run("/etc/passwd", code=126).err
    assert host.traces() == before
    assert host.files() == []


def test_streams_are_ours(host: Runs):
    done = host.box.run([*NW, "run", "sh", "-c", "cat; echo err >&2; printenv NETWRIGHT_CONTAINER HOSTNAME"], env=host.env, stdin="in\n")
    assert (lines(done)[0], done.err) == ("in", "err\n")
    assert lines(done)[1] == lines(done)[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT])
def test_signals_are_passed_on(host: Runs, number: signal.Signals):
    word = number.name.removeprefix("SIG")
    pid = host.foreground("web", program=("sh", "-c", f"trap 'exit 9' {word}; echo up; while :; do sleep 0.02; done"))
    host.box.kill(pid, number)
    assert host.box.wait(pid) == 9
    assert host.files() == []


TERMINAL = """
import os, pty, select, signal, sys
pid, fd = pty.fork()
if not pid:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
def until(word):
    global seen
    while word and word not in seen:
        assert select.select([fd], [], [], 60)[0], seen
        seen += os.read(fd, 1000)
    seen = seen.partition(word)[2] if word else seen
until(b"$ ")
for line, answer in ((b"sh -c 'echo rea''dy; exec sleep 1000'\\n", b"ready"), (b"\\x03", b"^C"), (b"", b"$ "), (b"sh -c 'kill -STOP $$; echo ag''ain'\\n", b"Stopped"), (b"fg\\n", b"again"), (b"tty\\n", b"/dev/"), (b"exit 5\\n", b"")):
    os.write(fd, line)
    until(answer)
try:
    while os.read(fd, 1000):
        pass
except OSError:
    pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_a_shell_has_our_terminal_and_its_keys(host: Runs):
    done = host.box.run([*PYTHON, TERMINAL, *NW, "run", "--name", "web", "env", "PS1=$ ", "bash", "--norc", "-i"], env=host.env, timeout=300.0)
    assert (done.out, done.code) == ("5\n", 0), done.err
    assert host.files() == []


def test_what_it_leaves_running_ends_with_it(host: Runs):
    host.run("sh", "-c", "setsid sleep 4321 & sleep 4322 & exit 0")
    assert host.box.run(["pgrep", "-f", "sleep 432"]).out == ""


def test_stop_kills_who_does_not_listen(host: Runs):
    host.away("web", program=("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"))
    assert host.nw("stop -t 0.2 web").out == "web\n"
    assert host.files() == []
    assert 'there is no container "web"' in host.refused("stop web")
    host.away("other", program=("sh", "-c", "trap 'exit 0' USR1; echo up; while :; do sleep 0.02; done"))
    host.nw("stop -s USR1 other")


def test_in_the_background_errors_are_told_in_the_foreground(host: Runs):
    assert "no such program" in host.run("-d nonsense-program", code=127).err
    assert "there is no network" in host.run("-d --network nope true", code=1).err
    assert host.files() == []
    done = host.box.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", *NW, "run", "-d", "--name", "web", "sleep", "1000"], env=host.env)
    assert (done.code, done.err) == (1, "nw run: the output cannot be written: No space left on device\n")
    assert host.nw("stop web").out == "web\n", "it runs all the same"


# -- the end of those that were killed -------------------------------------------------------------------------------------------


def test_kill_9_leaves_what_the_next_command_takes_away(host: Runs):
    before = host.traces()
    pid = host.foreground("web", "-p", "8080:80", program=("sh", "-c", "sleep 5432 & echo up; exec sleep 5432"))
    program = host.row("web")["pid"]
    host.box.kill(pid, signal.SIGKILL)
    until(lambda: not host.box.run(["cat", f"/proc/{program}/cmdline"]).out)
    assert host.files() == ["web"]
    assert host.nw("containers -q").out == ""
    assert host.traces() == before
    assert host.files() == []
    until(lambda: host.box.run(["pgrep", "-f", "sleep 5432"]).out == "")  # nor what it had left running


def test_kill_9_while_another_has_its_network(host: Runs):
    before = host.traces()
    pid = host.foreground("web")
    host.away("side", "--network", "container:web")
    host.box.kill(pid, signal.SIGKILL)
    until(lambda: "ended" in host.row("web")["status"])
    host.run("--name", "web", "true")
    host.nw("stop side")
    assert host.traces() == before
    assert host.files() == []


@pytest.mark.parametrize("after", range(0, 200, 25))
def test_kill_9_at_any_moment(host: Runs, after: int):
    before = host.traces()
    pid = host.box.popen([*NW, "run", "--name", "web", "-p", "8080:80", "sleep", "0.1"], env=host.env)
    until_passed = "import select, sys; select.select([], [], [], int(sys.argv[1]) / 1000)"
    host.box.run([*PYTHON, until_passed, str(after)])
    host.box.kill(pid, signal.SIGKILL)
    host.box.wait(pid)
    # Its program gets its signal from the kernel at the same time, and may still be on its way out.
    until(lambda: host.nw("containers") and not host.files())
    until(lambda: host.traces() == before)


@pytest.mark.parametrize("after", range(0, 150, 30))
def test_a_signal_at_any_moment_leaves_nothing_at_all(host: Runs, after: int):
    before = host.traces()
    pid = host.box.popen([*NW, "run", "--name", "web", "-p", "8080:80", "sleep", "0.2"], env=host.env)
    host.box.run([*PYTHON, "import select, sys; select.select([], [], [], int(sys.argv[1]) / 1000)", str(after)])
    host.box.kill(pid, signal.SIGTERM)
    assert host.box.wait(pid) in (143, -15)
    assert host.traces() == before
    assert host.files() == []


def test_a_lost_directory(host: Runs):
    before = host.traces()
    pid = host.foreground("web", "-p", "8080:80")
    program = host.row("web")["pid"]
    host.box.kill(pid, signal.SIGKILL)
    until(lambda: not host.box.run(["cat", f"/proc/{program}/cmdline"]).out)
    host.box.run(["sh", "-c", "umount -l /run/netwright/.containers/web/net; rm -r /run/netwright/.containers"])
    host.nw("containers")
    assert host.traces() == before


# -- many, and who may not -------------------------------------------------------------------------------------------------------


def test_sixteen_at_once(host: Runs):
    before = host.traces()
    pids = [host.box.popen([*NW, "run", "--name", f"n{n}", "sh", "-c", "ip -o -4 addr show dev eth0"], env=host.env, out=f"/run/many{n}", err=f"/run/err{n}") for n in range(16)]
    codes = [host.box.wait(pid, timeout=180.0) for pid in pids]
    assert codes == [0] * 16, [host.box.read(f"/run/err{n}") for n in range(16)]
    assert all("inet 10.64.0." in host.box.read(f"/run/many{n}") for n in range(16))
    assert host.traces() == before
    assert host.files() == []


def test_sixteen_first_ones_at_once(sandbox: Sandbox):
    host = Runs(sandbox, containers="")
    pids = [host.box.popen([*NW, "run", "true"], env=host.env, err=f"/run/err{n}") for n in range(16)]
    codes = [host.box.wait(pid, timeout=180.0) for pid in pids]
    assert codes == [0] * 16, [host.box.read(f"/run/err{n}") for n in range(16)]


def test_a_name_is_had_once(host: Runs):
    host.away("web")
    said = host.run("--name web true", code=1).err
    assert "taken" in said
    assert "nw stop web" in said
    assert "web" in host.run("--network container:wep true", code=1).err


def test_nothing_is_made_inside_of_a_container(host: Runs):
    done = host.run("--name", "outer", *NW, "run", "true", code=1)
    assert "we are in the container outer" in done.err
    inner = host.run("--name", "outer", *NW, "run", "--network", "container:outer", "hostname")
    assert inner.out == "outer\n"


def test_mistakes_are_told_at_once_and_nothing_is_done(host: Runs):
    before = host.traces()
    said = host.run("--network nope --dns x --add-host y -p 99999 true", code=1).err
    assert "4 mistakes; nothing was done" in said
    told = json.loads(host.run("--json-errors --network nope true", code=1).err)
    assert told["problems"][0]["path"] == "--network"
    assert "COMMAND" in host.run("--network bridge", code=2).err
    assert 'did you mean "--network"?' in host.run("--netwrk bridge true", code=2).err
    assert host.traces() == before


def test_dry_run_does_nothing(host: Runs):
    before = host.traces()
    found = host.run("--dry-run", "-p", "8080:80", "true").out
    assert "ip link add" in found
    assert "nft add element inet netwright published4" in found
    assert host.traces() == before


def test_without_root_it_says_what_to_do_and_works_in_rootless(host: Runs):
    # That of the tests can lie in root's home, where who is root of a user namespace has no business.
    python = next((path for path in ("/usr/bin/python3.11", "/usr/bin/python3.12", "/usr/bin/python3.13") if os.path.exists(path)), _python(host.box, "ordinary"))
    start = [*_prefix("ordinary"), python, "-IS", "-c", RUN]
    host.box.run(["chmod", "755", "/run"])
    done = host.box.run([*start, "run", "true"], env={"NETWRIGHT_STATE_DIR": "/tmp/nowhere/else"})
    assert done.code == 1
    assert "nw rootless" in done.err
    script = shlex.join(start[len(_prefix("ordinary")) :])
    done = host.box.run([*start, "rootless", "sh", "-c", f'{script} run -d --name web sleep 100; {script} run sh -c "ping -c1 -w30 web >/dev/null && ls /sys/class/net"; {script} stop web'])
    assert (done.code, done.out.split()) == (0, ["web", "eth0", "lo", "web"]), done.err


def test_when_rootless_ends_nobody_is_left(host: Runs):
    python = next((path for path in ("/usr/bin/python3.11", "/usr/bin/python3.12", "/usr/bin/python3.13") if os.path.exists(path)), _python(host.box, "ordinary"))
    start = [*_prefix("ordinary"), python, "-IS", "-c", RUN]
    host.box.run(["chmod", "755", "/run"])
    script = shlex.join(start[len(_prefix("ordinary")) :])
    done = host.box.run([*start, "rootless", "sh", "-c", f"readlink /proc/self/ns/user; {script} run -d --name web sleep 1000; {script} dns status --json; {script} stop web >/dev/null"])
    space, web, status = lines(done)
    assert (done.code, web) == (0, "web"), done.err
    assert json.loads(status)["pid"], "somebody answered"
    until(lambda: space not in host.box.run(["sh", "-c", 'for p in /proc/[0-9]*; do [ -e $p/ns/net ] && readlink $p/ns/user; done']).out)


def test_hosts_of_a_container_follow_its_networks(host: Runs):
    host.nw("network create shop")
    log = host.away("web", "--network", "none", program=("sh", "-c", "echo up; while ! grep -q '^10.*web' /etc/hosts || ! grep -q nameserver /etc/resolv.conf; do sleep 0.02; done; echo seen; while grep -q '^10.*web' /etc/hosts; do sleep 0.02; done; echo gone; exec sleep 100"))
    host.nw("connect shop web")
    until(lambda: "seen\n" in host.box.read(log))
    host.nw("disconnect shop web")
    until(lambda: "gone\n" in host.box.read(log))


def test_ip_knows_containers(host: Runs):
    host.away("web")
    host.away("side", "--network", "container:web")
    for name in ("web", "side"):
        assert "10.64.0.2/24" in host.nw(f"-n container:{name} addr show dev eth0").out
    assert 'there is no container "wep"' in host.refused("-n", "container:wep", "addr", code=255)


def test_a_name_that_ended_is_free_and_has_its_address_again(host: Runs):
    first = host.run("--name", "web", "ip", "-o", "-4", "addr", "show", "dev", "eth0").out
    host.run("--name", "other", "true")
    assert host.run("--name", "web", "ip", "-o", "-4", "addr", "show", "dev", "eth0").out.split()[3] == first.split()[3]


def test_the_network_of_any_namespace(host: Runs):
    host.container("blue")
    assert lines(host.run("--network", "container:/run/netns/blue", "sh", "-c", "readlink /proc/self/ns/net")) == host.box.run(["readlink", "/proc/self/ns/net"], netns="blue").out.splitlines()
    sleeps = host.box.popen(["sleep", "1000"], netns="blue")
    for name in (f"container:{sleeps}", "container:lab/no"):
        done = host.box.run([*NW, "run", "--network", name, "readlink", "/proc/self/ns/net"], env=host.env)
        assert done.lines == ([] if "/" in name else host.box.run(["readlink", "/proc/self/ns/net"], netns="blue").lines)
    assert 'there is no lab "lab"' in done.err
    assert "schemes: cni:, container:, containerd:, docker:" in host.run("--network container:dokcer:web true", code=1).err
    host.box.kill(sleeps)


# -- the network of another runtime's container --------------------------------------------------------------------------------

INODE = ("readlink", "/proc/self/ns/net")


@pytest.fixture
def docker(no_leak: None) -> Iterator[Runs]:
    """A host, with processes of its own, on which a dockerd answers that it has a container "web-of-test", of which there is a
    namespace and no process."""
    with Sandbox(pids=True) as box:
        host = Runs(box, containers="")
        host.nw("network create bridge")
        with_docker(host)
        yield host


def with_docker(host: Runs) -> None:
    host.box.popen([sys.executable, str(Path(__file__).parent / "inside" / "docker_api.py"), "/run/answers", "web-of-test"], env={"PYTHONPATH": str(SOURCE)})
    host.box.run(["sh", "-ec", "mkdir -p /run/docker/netns; touch /run/docker/netns/abcdef012345; unshare -n mount --bind /proc/self/ns/net /run/docker/netns/abcdef012345"])
    until(lambda: host.box.run(["test", "-e", "/run/answers"]).code == 0)


def in_docker(host: Runs) -> list[str]:
    """The inode of the namespace of that container, as readlink tells it."""
    return host.box.run(["nsenter", "--net=/run/docker/netns/abcdef012345", *INODE]).lines


@pytest.mark.parametrize("name", ["docker:web-of-test", "web-of-test", "docker:0123456789ab", "0123456789abcdef", "docker:shop/web-of-test"])
def test_the_network_of_a_container_of_docker(docker: Runs, name: str):
    assert lines(docker.run("--network", f"container:{name}", *INODE)) == in_docker(docker)


def test_a_container_of_docker_wherever_a_namespace_is_named(docker: Runs):
    log = docker.away("side", "--network", "container:web-of-test", program=("sh", "-c", "readlink /proc/self/ns/net; echo up; exec sleep 1000"))
    assert docker.box.read(log).splitlines() == [*in_docker(docker), "up"]
    docker.nw("stop side")
    assert lines(docker.nw(f"netns exec docker:web-of-test {' '.join(INODE)}")) == in_docker(docker)
    assert "lo:" in docker.nw("-n docker:web-of-test link").out
    assert "web-of-test has eth0 on bridge" in docker.nw("connect bridge docker:web-of-test").out
    assert "10.64.0.2/24" in docker.nw("-n docker:web-of-test addr show dev eth0").out
    docker.nw("disconnect bridge web-of-test")


def test_ours_come_first_and_names_of_several_are_asked_for(docker: Runs):
    docker.away("web-of-test")
    assert lines(docker.run("--network", "container:web-of-test", *INODE)) == docker.nw(f"netns exec container:web-of-test {' '.join(INODE)}").lines != in_docker(docker)
    docker.nw("stop web-of-test")
    docker.container("blue")
    task = "/run/containerd/io.containerd.runtime.v2.task/default/web-of-test"
    sleeps = docker.box.popen(["sleep", "1000"], netns="blue")
    docker.box.run(["mkdir", "-p", task])
    docker.box.write(f"{task}/init.pid", str(sleeps))
    told = docker.run("--network", "container:web-of-test", "true", code=1).err
    assert '"web-of-test" is the name of several: ' in told
    assert "docker:web-of-test" in told
    assert "containerd:web-of-test" in told
    assert lines(docker.run("--network", "container:containerd:web-of-test", *INODE)) == docker.box.run(list(INODE), netns="blue").lines
    docker.box.kill(sleeps)


@pytest.mark.parametrize(
    ("name", "what", "meant"),
    [
        ("docker:web-of-tset", 'there is no container "web-of-tset" of docker that runs', 'did you mean "web-of-test"?'),
        ("web-of-tset", 'there is no container "web-of-tset"', 'did you mean "docker:web-of-test"?'),
        ("podman:web-of-test", 'there is no container "web-of-test" of podman that runs', ""),
        ("sdie-of-ours", 'there is no container "sdie-of-ours"', 'did you mean "side-of-ours"?'),
    ],
)
def test_a_container_that_nobody_has(docker: Runs, name: str, what: str, meant: str):
    docker.away("side-of-ours", "--network", "none")
    before = docker.files()
    told = docker.run("--network", f"container:{name}", "true", code=1).err
    assert what in told
    assert meant in told
    assert 'nw map --container "*"' in told
    assert docker.files() == before


QUICK = """
import sys
sys.argv = ["nw", "run", "--network", "none", "--dry-run", "true"]
from netwright.cli.main import main
assert main() == 0
print([name for name in sys.modules if "hostmap" in name or "map_references" in name])
"""


def test_the_map_is_not_even_imported_where_nobody_asks_for_it(host: Runs):
    assert host.box.python(QUICK, env=host.env).lines[-1] == "[]"
