"""The pytest plugin without a kernel: nothing is brought up here, and every kernel has what is asked for but netem."""

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from netwright.kernel import probe, userns
from netwright.lab import attached
from netwright.lab.load import loads
from netwright.model.state import State

pytest_plugins = "pytester"
loads("hosts:\n  a:\n")  # pytester forgets what a run inside has imported: this stays, so that it is not imported twice
INSTALLED = any(point.name == "netwright" for point in entry_points(group="pytest11"))
PLUGIN = ("--disable-plugin-autoload", "-p", "netwright.pytest_plugin")
MISTAKES = """
lab: shop
hosts:
  web1: { switch: frnt }
  web2: { swich: front }
switches:
  front: { subnet: 10.7.1.0/33 }
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs pytest here; every process may make namespaces, and none is made."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(userns, "capable", lambda: True)

    def bring_up(lab):
        lab._known, lab._reached = State(), lab.topology

    def tried(word):
        return probe.Answer(word, probe.NO, "this kernel lacks CONFIG_NET_SCH_NETEM (qdisc netem)") if word == "netem" else probe.Answer(word, probe.YES)

    monkeypatch.setattr(attached, "bring_up", bring_up)
    monkeypatch.setattr(probe, "_answers", {})
    monkeypatch.setattr(probe, "_tried", tried)

    def go(code: str = "", *arguments: str):
        if code:
            pytester.makepyfile(code)
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", "-p", "no:xdist", "--strict-markers", *arguments)

    return go


@pytest.mark.skipif(not INSTALLED, reason="netwright is not installed")
def test_who_has_installed_it_has_it(pytester):
    pytester.makepyfile("def test_it(lab): assert lab.made == []\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=1)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch):
    """A machine on which nobody may make a namespace."""
    from netwright.errors import CallFailed

    def gain():
        raise CallFailed("no", 1)

    monkeypatch.setattr(userns, "capable", lambda: False)
    monkeypatch.setattr(userns, "gain", gain)
    monkeypatch.setattr(userns, "preflight", lambda: (userns.Lack("user.max_user_namespaces is 0", "no user namespaces", "sudo sysctl -w x=1"),))


# -- the fixtures ------------------------------------------------------------------------------------------------------------


def test_a_lab_is_named_by_its_file_by_name_or_by_nothing(run, pytester):
    pytester.makefile(".lab.yaml", raft="hosts: { a: { switch: s } }\nswitches: { s: }\n")
    pytester.mkdir("below").joinpath("beside.lab.yaml").write_text("lab: near\nhosts: { b: }\n")
    code = """
        import pathlib

        def test_it(lab, module_lab):
            assert lab("beside.lab.yaml").name == "near"
            assert lab("raft.lab.yaml").name == "raft"
            assert lab(pathlib.Path("raft.lab.yaml"), name="other").name == "other"
            assert list(lab("hosts:\\n  c:\\n").hosts) == ["c"]
            assert lab().name == "lab" and lab(name="mine").name == "mine"
            assert module_lab().name == "lab"
            assert repr(lab) == "<lab fixture: near, raft, other, <text>, lab, mine>".replace("<text>", lab.made[3].name)
    """
    pytester.path.joinpath("below", "test_it.py").write_text("\n".join(line[8:] for line in code.splitlines()))
    run().assert_outcomes(passed=1)


def test_a_missing_file_is_told_with_the_nearest_and_nothing_of_ours(run, pytester):
    pytester.makefile(".lab.yaml", raft="hosts: {}\n")
    result = run("def test_it(lab):\n    lab('rft.lab.yaml')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *Invalid: there is no lab file rft.lab.yaml: looked in *did you mean \"raft.lab.yaml\"?"])
    assert "pytest_plugin" not in result.stdout.str()


def test_every_mistake_of_a_file_stands_in_the_report_and_nothing_of_ours(run, pytester):
    pytester.path.joinpath("shop.lab.yaml").write_text(MISTAKES)
    result = run("def test_it(lab):\n    lab('shop.lab.yaml')\n")
    result.assert_outcomes(failed=1)
    for place in ("4:19: hosts.web1.", "5:11: hosts.web2.", "7:20: switches.front."):
        result.stdout.fnmatch_lines([f"E *shop.lab.yaml:{place}*"])
    assert "pytest_plugin" not in result.stdout.str()


def test_somebody_elses_fixture_of_the_same_name_is_theirs(run, refused):
    run("import pytest\n@pytest.fixture\ndef lab(): return 7\ndef test_it(lab): assert lab == 7\n").assert_outcomes(passed=1)


def test_a_fixture_that_overrides_ours_by_itself_counts_as_ours(run, refused):
    run("import pytest\n@pytest.fixture\ndef lab(lab): return lab()\ndef test_it(lab): pass\n").assert_outcomes(skipped=1)


# -- where no lab can be made --------------------------------------------------------------------------------------------------

USES = "def test_it(lab): lab()\ndef test_other(): pass\n"


def test_without_the_right_the_test_is_skipped_with_what_mends_it(run, refused):
    result = run(USES, "-rs")
    result.assert_outcomes(skipped=1, passed=1)
    result.stdout.fnmatch_lines(["SKIPPED*labs need root or a user namespace: user.max_user_namespaces is 0: no user namespaces; sudo sysctl -w x=1"])


@pytest.mark.parametrize(("arguments", "ci"), [(["--require-netwright"], ""), ([], "true")])
def test_where_that_may_not_be_it_fails(run, refused, monkeypatch, arguments, ci):
    monkeypatch.setenv("CI", ci)
    result = run(USES, *arguments)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["labs need root or a user namespace: *"])


def test_off_keeps_the_process_out_of_a_user_namespace(run, refused, pytester, monkeypatch):
    pytester.makeini("[pytest]\nnetwright = off\n")
    monkeypatch.setattr(userns, "gain", lambda: pytest.exit("it was tried"))
    result = run(USES, "-rs")
    result.assert_outcomes(skipped=1, passed=1)
    result.stdout.fnmatch_lines(["SKIPPED*netwright = off*"])


# -- markers -----------------------------------------------------------------------------------------------------------------


def test_needs_kernel_skips_with_what_is_missing_at_the_tests_own_line(run):
    result = run("import pytest\n@pytest.mark.needs_kernel('vlan', 'netem')\ndef test_it(): pass\n", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*test_needs_kernel*.py:2: this kernel lacks CONFIG_NET_SCH_NETEM (qdisc netem)"])


def test_require_makes_that_a_failure(run):
    code = "import pytest\n@pytest.mark.needs_kernel('netem')\ndef test_it(): pass\n"
    result = run(code, "--require=vlan,netem")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*lacks CONFIG_NET_SCH_NETEM* (--require=netem)"])


def test_a_word_that_nobody_knows_is_a_failure(run):
    result = run("import pytest\n@pytest.mark.needs_kernel('nettem')\ndef test_it(): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['needs_kernel(\'nettem\')*did you mean "netem"?'])


@pytest.mark.parametrize("user", [0, 1000])
def test_needs_root(run, monkeypatch, user):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    code = "import pytest\n@pytest.mark.needs_root\ndef test_it(): pass\n"
    run(code).assert_outcomes(passed=user == 0, skipped=user != 0)
    run("", "--require=root").assert_outcomes(passed=user == 0, errors=user != 0)


# -- usage -------------------------------------------------------------------------------------------------------------------

WRONG = {
    "a word for --require": (["--require=nettem"], 'did you mean "netem"'),
    "a file taken for a host": (["--lab-shell-on-fail", "test_wrong_usage.py"], "write --lab-shell-on-fail=HOST"),
    "a mode that there is not": (["-o", "netwright=on"], "it is auto or off"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage(run, case):
    arguments, words = WRONG[case]
    result = run("def test_it(): pass\n", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in result.stderr.str()


# -- cost --------------------------------------------------------------------------------------------------------------------


def test_who_does_not_use_it_imports_nothing_of_it():
    code = "import sys, pytest, netwright.pytest_plugin; print(*sorted(m for m in sys.modules if m.startswith('netwright')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["netwright", "netwright.pytest_plugin"]
