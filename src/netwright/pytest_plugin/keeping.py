"""--lab-keep and --lab-shell-on-fail: a person looks at the lab of a failed test."""

from __future__ import annotations

import os
import signal

import pytest

from .failure import concerned
from .labs import KEPT, WatchedLab
from .rights import stranded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def way_in(lab: WatchedLab, host: str) -> str:
    """The command that enters a host of a lab of this process from another terminal."""
    where = lab[host].where
    at = f"/proc/{os.getpid()}"
    words = ["nsenter", *([f"--user={at}/ns/user", "--preserve-credentials"] if stranded() else []), f"--net={at}/fd/{where.net}"]
    words += [f"--mount={at}/fd/{where.mounts}"] if where.mounts is not None else []
    return " ".join(words)


def tell_kept(reporter: pytest.TerminalReporter) -> None:
    """How to get in."""
    kept = reporter.config.stash.get(KEPT, [])
    if not kept:
        return
    reporter.section("labs of failed tests")
    for lab in kept:
        for host in lab._known.namespaces:
            reporter.write_line(f"{lab.name}/{host}: {way_in(lab, host)}")


def wait_for_person(config: pytest.Config) -> None:
    """Until Enter or Ctrl-C; not where there is no terminal."""
    _give_terminal(config)
    if not _at_terminal():
        print("no terminal: the labs end now")
        return
    try:
        input("The labs stay until you press Enter. ")
    except (KeyboardInterrupt, EOFError):
        print()


def open_shell(item: pytest.Item) -> None:
    """A shell in a host of the test's last lab, in the foreground; the run goes on when it ends."""
    labs = [lab for some in concerned(item) for lab in some.made if lab.is_up]
    if not labs:
        return
    capture = _give_terminal(item.config)
    try:
        if _at_terminal():
            _shell(item, labs)
        else:
            print("\n--lab-shell-on-fail: no terminal, no shell")
    finally:
        if capture is not None:
            capture.resume_global_capture()


def _shell(item: pytest.Item, labs: list[WatchedLab]) -> None:
    from ..kernel.spawn import popen

    lab, host = _chosen(labs, item.config.getoption("lab_shell_on_fail"))
    if not host:
        print(f"\n--lab-shell-on-fail: {item.name} has no such host; it has {', '.join(f'{x.name}/{h}' for x in labs for h in x.topology.hosts)}")
        return
    print(f"\n{item.nodeid} failed. This is {lab.name}/{host}; the tests go on when you leave (exit).")
    environment = {**os.environ, "LAB": lab.name, "HOST": host}
    program = popen(lab[host].where, [os.environ.get("SHELL", "/bin/sh")], env=environment)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for what runs in the shell
    try:
        program.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _chosen(labs: list[WatchedLab], wanted: str) -> tuple[WatchedLab, str]:
    """HOST or LAB/HOST; the first host of the last lab when nothing is said."""
    name, _, host = wanted.rpartition("/")
    for lab in reversed(labs):
        hosts = list(lab.topology.hosts)
        if (not name or name == lab.name) and (host in hosts or (not host and hosts)):
            return lab, host or hosts[0]
    return labs[-1], ""


def _give_terminal(config: pytest.Config) -> Any:
    """Take pytest's hands off standard input and output; what does it, for giving them back."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)
    return capture


def _at_terminal() -> bool:
    return os.isatty(0) and os.isatty(1)
