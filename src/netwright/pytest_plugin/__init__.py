"""The pytest plugin: fixtures `lab`, `module_lab` and `netns`, markers `needs_root` and `needs_kernel`, evidence on failure.

Everybody who has netwright installed imports this module with pytest, so it imports nothing but pytest: the parts that work are
imported when a test uses them. See docs/pytest.md.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from ..lab.host import Host
    from .labs import Labs

_MARKERS = (
    "needs_root: skipped for an ordinary user",
    'needs_kernel(*what): skipped where this kernel has no such kind of link or queue ("vlan", "netem", …); --require=vlan makes it fail',
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of pytest.ini."""
    group = parser.getgroup("netwright", "labs of network namespaces")
    group.addoption("--lab-keep", action="store_true", help="keep the labs of failed tests until Enter is pressed at the end, and say how to get in")
    group.addoption(
        "--lab-shell-on-fail", nargs="?", const="", metavar="HOST", help="a shell in the failed test's lab; write it as --lab-shell-on-fail=HOST, or behind the files"
    )
    group.addoption("--lab-pcap-dir", metavar="DIR", help="write the last packets of failed tests there (default: below pytest's temporary directory)")
    group.addoption("--no-lab-pcap", action="store_true", help="keep no packets")
    group.addoption("--require", action="append", default=[], metavar="WHAT,…", help='fail where needs_kernel("WHAT") or needs_root (WHAT is "root") would skip')
    group.addoption("--require-netwright", action="store_true", help="fail where tests with labs would be skipped because none can be made (also when CI is set)")
    parser.addini("netwright", "auto: without root, go into a user namespace when a test uses a lab (with xdist: always); off: never", default="auto")


def pytest_configure(config: pytest.Config) -> None:
    """Markers; with xdist, and without root, what the workers will need."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if any(config.getoption(name) for name in ("require", "lab_keep", "lab_shell_on_fail")) or config.getini("netwright") not in ("auto", "off"):
        from .usage import check_usage

        check_usage(config)
    if distributes(config) and config.getini("netwright") != "off":
        from . import rights

        rights.obtain(config)  # before there are threads; workers inherit it. A refusal is told where a lab is wanted.


def distributes(config: pytest.Config) -> bool:
    """Whether this is xdist's controller: it collects nothing and runs nothing itself."""
    return not hasattr(config, "workerinput") and config.getoption("dist", "no") != "no" and bool(config.getoption("tx", None))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The first moment at which it is known that labs are wanted, and mostly the last at which there is one thread."""
    if session.config.getoption("collectonly", False):
        return
    from .wanted import wants_namespaces

    if any(map(wants_namespaces, session.items)):
        from . import rights

        rights.obtain(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Markers."""
    if item.get_closest_marker("needs_root") or item.get_closest_marker("needs_kernel"):
        from .needs import check_markers

        check_markers(item)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Without root, the function goes into a thread that may enter hosts and come back. Innermost: what others made of it goes too."""
    from .wanted import uses_labs

    if not uses_labs(pyfuncitem):
        return (yield)
    from .home import moved

    with moved(pyfuncitem):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test's report gets a section for each of its labs."""
    report = yield
    if report.failed and call.when != "teardown":
        from .wanted import LIVE

        if item.config.stash.get(LIVE, None):
            from .failure import tell

            tell(item, report)
    return report


def pytest_exception_interact(node: pytest.Item | pytest.Collector, report: pytest.CollectReport | pytest.TestReport) -> None:
    """--lab-shell-on-fail: right at the failure, while everything stands."""
    if node.config.getoption("lab_shell_on_fail") is not None and isinstance(node, pytest.Item):
        from .keeping import open_shell

        open_shell(node)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """--lab-keep: how to get in."""
    if terminalreporter.config.getoption("lab_keep"):
        from .keeping import tell_kept

        tell_kept(terminalreporter)


def pytest_unconfigure(config: pytest.Config) -> None:
    """--lab-keep: wait; then end what is left."""
    from .wanted import LIVE

    if LIVE in config.stash:
        from .labs import end_all

        end_all(config)


# -- fixtures --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labs]:
    """Makes labs: lab("raft.lab.yaml"), lab(text of several lines), lab() for an empty one. They end with the test."""
    yield from _labs(request, tmp_path_factory)


@pytest.fixture(scope="module")
def module_lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labs]:
    """The same as `lab`, for fixtures of scope module: the labs end with the module."""
    yield from _labs(request, tmp_path_factory)


@pytest.fixture
def netns(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A fresh network namespace with nothing but lo, as the host of a lab: netns.run(…), netns.call(…), `with netns:`."""
    for labs in _labs(request, tmp_path_factory):
        yield labs.alone()


def _labs(request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Iterator[Labs]:
    from . import rights
    from .labs import Labs

    rights.insist(request.config)
    labs = Labs(request.node, factory)
    try:
        yield labs
    finally:
        labs.end()
