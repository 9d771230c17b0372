"""The pytest plugin on the real kernel, in a sandbox: as root, as an ordinary user, under xdist; what fails, what is killed."""

import os
import re
import site
import sys
import sysconfig
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from sandbox import SOURCE, Result, Sandbox, missing

INSIDE = Path(__file__).with_name("inside") / "plugin.py"
INSTALLED = any(point.name == "netwright" for point in entry_points(group="pytest11"))
ROOT = SOURCE.parent
DIRECTORY = "/run/tests"
NOBODY = 65534

STAR = """
import os, select, signal, socket, sys, urllib.request
import pytest

def star(lab, name="lab"):
    net = lab(name=name)
    switch = net.switch("lan", "10.0.0.0/24")
    for host in ("client", "n1", "n2"):
        net.host(host, switch)
    return net
"""
README = (
    STAR
    + """
def test_http(lab):
    net = star(lab)
    code = "import http.server as h; s = h.HTTPServer(('', 7000), h.SimpleHTTPRequestHandler); print('ready', flush=True); s.serve_forever()"
    server = net["n1"].popen([sys.executable, "-c", code], stdout=-1, stderr=-3)
    assert server.stdout.readline() == b"ready\\n"
    with net["client"]:
        assert urllib.request.urlopen("http://n1:7000/", timeout=60).status == 200
    with net["n2"]:
        assert urllib.request.urlopen("http://n1:7000/", timeout=60).status == 200
    assert net["client"].run(["ping", "-c1", "-w30", "n2"]).returncode == 0
"""
)


@pytest.fixture(params=["root", "user"])
def who(request: pytest.FixtureRequest) -> str:
    return request.param


class Runner:
    """pytest in a sandbox, as root or as an ordinary user."""

    def __init__(self, box: Sandbox, who: str):
        self.box = box
        box.call(INSIDE, "begin")
        self.python, self.path = sys.executable, str(SOURCE)
        self.prefix: list[str] = []
        if who == "user":
            if os.getuid():
                missing("another user's tests need root")
            self.prefix = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
            self._python_for_all()
        box.run(["mkdir", "-p", DIRECTORY])
        box.run(["chmod", "1777", "/run", DIRECTORY])

    def _python_for_all(self) -> None:
        """A virtual environment may stand on an interpreter below somebody's home."""
        if self.box.run([*self.prefix, self.python, "-c", "pass"]).code == 0 and self.box.run([*self.prefix, "sh", "-c", f"exec {self.python} -c pass"]).code == 0:
            return
        other = f"/usr/bin/python{sysconfig.get_python_version()}"
        if not os.path.exists(other):
            missing(f"a user other than root may not start {self.python}, and there is no {other}")
        self.python, self.path = other, ":".join([str(SOURCE), *site.getsitepackages()])

    def argv(self, *arguments: str) -> list[str]:
        plugin = [] if INSTALLED else ["-p", "netwright.pytest_plugin"]
        options = ["-p", "no:cacheprovider", "-q", "--rootdir", DIRECTORY, f"--basetemp={DIRECTORY}/tmp", *plugin]
        return [*self.prefix, self.python, "-m", "pytest", *options, *arguments, DIRECTORY]

    @property
    def environment(self) -> dict[str, str | None]:
        return {"PYTHONPATH": self.path, "PYTHONDONTWRITEBYTECODE": "1", "CI": None, "COLUMNS": "200", "PY_COLORS": "0"}

    def run(self, code: str, *arguments: str, timeout: float = 180.0) -> Result:
        self.box.write(f"{DIRECTORY}/test_it.py", code)
        return self.box.run(self.argv(*arguments), env=self.environment, timeout=timeout)

    def left(self) -> list[str]:
        """Processes, and namespaces that are mounted somewhere, once they have had time to go."""
        return self.box.call(INSIDE, "left", timeout=120.0)


@pytest.fixture
def tests(no_leak: None, who: str):
    with Sandbox(pids=True) as box:
        yield Runner(box, who)


def passed(result: Result, words: str) -> None:
    assert words in (result.lines or [""])[-1], result.out + result.err


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "xdist"])
def test_the_readme(tests: Runner, workers: tuple[str, ...]):
    passed(tests.run(README + README.partition("def test_http")[1] + README.partition("def test_http")[2].replace("(lab)", "_again(lab)", 1), *workers), "2 passed")
    assert tests.left() == []


def test_the_example(tests: Runner):
    for name in ("test_raft.py", "raft.lab.yaml"):
        tests.box.write(f"{DIRECTORY}/{name}", (ROOT / "examples" / name).read_text())
    passed(tests.run("", "-n2"), "4 passed")


def test_the_documentation(tests: Runner):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "pytest.md").read_text(), re.S | re.M)
    tests.box.write(f"{DIRECTORY}/raft.lab.yaml", (ROOT / "examples" / "raft.lab.yaml").read_text())
    passed(tests.run("\n".join(blocks)), "4 passed")


def test_user_files_and_network_are_what_they_were(tests: Runner):
    code = """
import os, socket

def test_main_thread(lab, tmp_path):
    assert os.getuid() == os.stat(tmp_path).st_uid == int(os.environ["WHO"])

def test_other():
    names = {name for _, name in socket.if_nameindex()}
    assert "marker" in names
"""
    tests.box.ip("link add marker type veth peer name other")
    os_user = NOBODY if tests.prefix else 0
    tests.box.write(f"{DIRECTORY}/conftest.py", f"import os; os.environ['WHO'] = '{os_user}'\n")
    passed(tests.run(code), "2 passed")


def test_there_and_back_nested_and_among_threads(tests: Runner):
    code = (
        STAR
        + """
import threading
from concurrent.futures import ThreadPoolExecutor

def devices():
    return sorted(name for _, name in socket.if_nameindex())

def test_it(lab):
    net = star(lab)
    home = devices()
    with net["client"]:
        there = devices()
        with net["n1"]:
            assert socket.gethostbyname("n1") == net["n1"].address
        assert devices() == there == ["eth0", "lo"]
    assert devices() == home

    def visit(name):
        with net[name]:
            return socket.gethostbyname("client")
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(visit, ["client", "n1", "n2"] * 5)) == {net["client"].address}
    assert devices() == home

def test_two_labs_of_one_name_and_one_address(lab):
    a, b = star(lab), star(lab)
    sock = a["n1"].listen(7000)
    assert a["client"].can_connect("n1", 7000, timeout=20) and not b["client"].can_connect("n1", 7000)
    sock.close()
"""
    )
    passed(tests.run(code), "2 passed")


def test_exceptions_outcomes_context_and_asyncio(tests: Runner):
    code = """
import asyncio, contextvars, signal, os
import pytest
number = contextvars.ContextVar("number", default=0)

@pytest.fixture
def seven():
    number.set(7)

def test_context(netns, seven):
    assert number.get() == 7

def test_skip(netns):
    pytest.skip("for a reason")

@pytest.mark.xfail
def test_xfail(netns):
    assert 0

def test_raises(netns):
    with pytest.raises(ZeroDivisionError):
        netns.call(lambda: 1 / 0)

def test_asyncio(netns):
    async def work():
        async def serve(reader, writer):
            writer.write(b"hello")
            writer.close()
        async with await netns.start_server(serve, 7000, address="127.0.0.1"):
            reader, writer = await netns.open_connection("127.0.0.1", 7000)
            child = await asyncio.create_subprocess_exec("true")
            assert await child.wait() == 0
            return await reader.read()
    assert asyncio.run(work()) == b"hello"

def test_failure(netns):
    def inner():
        raise RuntimeError("from the deep")
    inner()

@pytest.fixture
def alarm():
    def ring(*_):
        raise TimeoutError("it rings")
    signal.signal(signal.SIGALRM, ring)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)

def test_time_out(netns, alarm):
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    while True:
        os.getpid()
"""
    result = tests.run(code)
    passed(result, "2 failed, 3 passed, 1 skipped, 1 xfailed")
    assert "RuntimeError: from the deep" in result.out
    assert "TimeoutError: it rings" in result.out
    assert "pytest_plugin" not in result.out
    assert re.search(r">\s+(os.getpid\(\)|while True:)", result.out), result.out


def test_what_a_failed_test_tells(tests: Runner):
    code = (
        STAR
        + """
def test_it(lab):
    net = star(lab, "shop")
    assert net["client"].ping("n1", timeout=20)
    net["n1"].run(["nft", "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c udp dport 53 counter drop"], check=True)
    net["n2"].run(["ip", "link", "set", "eth0", "down"], check=True)
    assert False, "as wanted"
"""
    )
    result = tests.run(code, f"--lab-pcap-dir={DIRECTORY}/pcap")
    passed(result, "1 failed")
    for words in (
        r"- lab shop -",
        r"eth0 up .*10\.0\.0\.\d+/24.* -- @:",
        r"eth0 DOWN",
        r"neighbour 10\.0\.0\.\d+ dev eth0 lladdr ",
        r"udp dport 53 counter packets 0 bytes 0 drop",
        r"ip netns add client",
        r"packets at client:eth0 \(\d+\)",
        r"-> 10\.0\.0\.\d+ > 10\.0\.0\.\d+: icmp echo request",
        r"<- 10\.0\.0\.\d+ > 10\.0\.0\.\d+: icmp echo reply",
        r"shop-client-eth0\.pcap",
    ):
        assert re.search(words, result.out), (words, result.out)
    shown = tests.box.run(["tcpdump", "-nr", f"{DIRECTORY}/pcap/test_it.py__test_it/shop-client-eth0.pcap", "icmp"])
    if shown.code != 0 and "No such file" in shown.err:
        missing("tcpdump is not installed")
    assert "ICMP echo request" in shown.out, shown.err


def test_a_module_keeps_its_lab(tests: Runner):
    code = (
        STAR
        + """
@pytest.fixture(scope="module")
def net(module_lab):
    return star(module_lab, "long")

def test_one(net):
    assert net["client"].ping("n1", timeout=20)

def test_two(net):
    assert not net["client"].ping("n1", timeout=20), "as wanted"
"""
    )
    result = tests.run(code, "--no-lab-pcap")
    passed(result, "1 failed, 1 passed")
    assert "- lab long -" in result.out
    assert "packets at" not in result.out


def test_keep_says_how_to_get_in_and_waits_for_nobody_without_a_terminal(tests: Runner):
    result = tests.run(STAR + "def test_it(lab):\n    star(lab)['client'].ping('n1', timeout=20)\n    assert 0\n", "--lab-keep")
    assert "no terminal: the labs end now" in result.out
    assert re.search(r"lab/client: nsenter .*--net=/proc/\d+/fd/\d+", result.out), result.out


def test_keep_and_shell_at_a_terminal(tests: Runner):
    tests.box.write(f"{DIRECTORY}/test_it.py", STAR + "def test_it(lab):\n    star(lab)['client'].ping('n1', timeout=20)\n    assert 0\n")
    seen = tests.box.call(INSIDE, "at_terminal", tests.argv("--lab-keep", "--lab-shell-on-fail=n1"), {**tests.environment, "SHELL": "/bin/sh"}, timeout=300.0)
    assert "This is lab/n1" in seen["shell"]
    assert "inside lab n1 10.0.0." in seen["shell"], seen["shell"]
    assert "1 failed" in seen["kept"]
    assert "10.0.0." in seen["entered"], seen
    assert seen["code"] == 1


@pytest.mark.parametrize(("victim", "workers"), [("run", ()), ("run", ("-n2",)), ("worker", ("-n2",))], ids=["alone", "controller", "worker"])
def test_killed_it_leaves_nothing(tests: Runner, victim: str, workers: tuple[str, ...]):
    code = (
        STAR
        + f"""
def test_it(lab):
    net = star(lab)
    net["n1"].popen(["sleep", "1000"])
    open("{DIRECTORY}/pid", "w").write(str(os.getpid()))
    signal.pause()
"""
    )
    tests.box.write(f"{DIRECTORY}/test_it.py", code)
    assert tests.box.call(INSIDE, "killed", tests.argv(*workers), tests.environment, victim, f"{DIRECTORY}/pid", timeout=300.0) == []


def test_a_hundred_tests_leave_nothing_behind_while_they_run(tests: Runner):
    code = (
        STAR
        + """
@pytest.mark.parametrize("number", range(60))
def test_it(lab, number):
    net = star(lab)
    assert net["client"].ping("n1", timeout=20)
    net["n1"].popen(["sleep", "1000"])

def test_files_and_children():
    for _ in range(1000):
        if len(os.listdir("/proc/self/fd")) < 30:
            break
        select.select([], [], [], 0.05)
    assert len(os.listdir("/proc/self/fd")) < 30
    children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
    assert len(children) <= 2
"""
    )
    passed(tests.run(code), "61 passed")
    assert tests.left() == []


def test_threads_that_are_there_already_are_the_reason_of_the_skip(no_leak: None):
    with Sandbox(pids=True) as box:
        tests = Runner(box, "user")
        box.write(f"{DIRECTORY}/conftest.py", "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n")
        code = "def test_it(lab): lab()\ndef test_other(): pass\n"
        result = tests.run(code, "-rs")
        passed(result, "1 passed, 1 skipped")
        assert "this process has 2 threads" in result.out
        passed(tests.run(code, "--require-netwright"), "1 passed, 1 error")
        passed(tests.run(code, "-n2", "-rs"), "1 passed, 1 skipped")
