"""The environment and the executable: every call is answered with a result or with CNI's error JSON."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netwright.cni import main as executable
from netwright.cni.protocol.call import Call, arguments, read_call
from netwright.cni.protocol.errors import CniError, as_cni_error
from netwright.errors import Busy, CallFailed, Conflict, Gone, Invalid, kernel_error

GOOD = {"CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_NETNS": "/nowhere/n", "CNI_IFNAME": "eth0", "CNI_PATH": "/a::/b"}
CONFIG = {"cniVersion": "1.1.0", "name": "net", "type": "static", "ipam": {"type": "static", "addresses": [{"address": "10.0.0.2/8"}]}}


def call(environment: dict[str, str | None], config: object = CONFIG) -> Call:
    chosen = {name: text for name, text in (GOOD | environment).items() if text is not None}
    return read_call(chosen, lambda: json.dumps(config).encode())


def test_a_call():
    found = call({"CNI_ARGS": "IgnoreUnknown=1;IP=10.0.0.5;K8S_POD_NAME=x"})
    assert (found.command, found.container, found.netns, found.ifname) == ("ADD", "c1", "/nowhere/n", "eth0")
    assert (found.path, found.args, found.ignore_unknown) == (("/a", "/b"), {"IP": "10.0.0.5", "K8S_POD_NAME": "x"}, True)


@pytest.mark.parametrize(
    ("environment", "code", "message"),
    [
        ({"CNI_COMMAND": None}, 4, "required env variables [CNI_COMMAND] missing"),
        ({"CNI_CONTAINERID": "", "CNI_PATH": None}, 4, "required env variables [CNI_CONTAINERID,CNI_PATH] missing"),
        ({"CNI_COMMAND": "CHECK", "CNI_NETNS": None}, 4, "required env variables [CNI_NETNS] missing"),
        ({"CNI_COMMAND": "GC", "CNI_PATH": None}, 4, "required env variables [CNI_PATH] missing"),
        ({"CNI_COMMAND": "add"}, 4, "unknown CNI_COMMAND: add"),
        ({"CNI_CONTAINERID": "a/b"}, 4, "invalid characters in containerID"),
        ({"CNI_CONTAINERID": "../x"}, 4, "invalid characters in containerID"),
        ({"CNI_CONTAINERID": "a\n"}, 4, "invalid characters in containerID"),
        ({"CNI_CONTAINERID": "a" * 201}, 4, "containerID is too long"),
        ({"CNI_IFNAME": "a" * 16}, 4, "interface name is too long"),
        ({"CNI_IFNAME": ".."}, 4, "interface name is . or .."),
        ({"CNI_IFNAME": "a b"}, 4, "interface name contains / or : or whitespace characters"),
        ({"CNI_IFNAME": "eth\udcff"}, 4, "interface name is no UTF-8"),
        ({"CNI_ARGS": "A"}, 4, 'ARGS: invalid pair "A"'),
        ({"CNI_ARGS": "A=b=c"}, 4, 'ARGS: invalid pair "A=b=c"'),
        ({"CNI_ARGS": "IgnoreUnknown=maybe"}, 4, 'ARGS: error parsing value of pair "IgnoreUnknown=maybe"'),
    ],
)
def test_an_environment_that_cannot_be(environment: dict[str, str | None], code: int, message: str):
    with pytest.raises(CniError) as error:
        call(environment)
    assert (error.value.code, error.value.message) == (code, message)


@pytest.mark.parametrize(
    ("command", "version", "fine"),
    [
        ("CHECK", "0.3.1", False), ("CHECK", "0.4.0", True), ("GC", "1.0.0", False), ("GC", "1.1.0", True),
        ("STATUS", "1.0.0", False), ("STATUS", "1.1.0", True), ("DEL", "0.1.0", True), ("ADD", "", True),
    ],
)  # fmt: skip
def test_a_verb_needs_its_version(command: str, version: str, fine: bool):
    config = CONFIG | {"cniVersion": version}
    if fine:
        assert call({"CNI_COMMAND": command}, config).command == command
        return
    with pytest.raises(CniError) as error:
        call({"CNI_COMMAND": command}, config)
    assert (error.value.code, error.value.message) == (1, f"config version does not allow {command}")


@pytest.mark.parametrize(("text", "args", "ignore"), [("", {}, False), ("A=", {"A": ""}, False), ("IgnoreUnknown=TRUE;B=1;", {"B": "1"}, True)])
def test_arguments(text: str, args: dict[str, str], ignore: bool):
    assert arguments(text) == (args, ignore)


@pytest.mark.parametrize("command", ["ADD", "CHECK", "DEL"])
@pytest.mark.parametrize("text", ["A", "A=1;=", "A=b=c", "IgnoreUnknown=maybe"])
def test_arguments_that_make_no_sense_are_no_reason_not_to_detach(command: str, text: str):
    environment = {"CNI_COMMAND": command, "CNI_ARGS": text}
    if command == "DEL":
        assert call(environment).ignore_unknown is False
    else:
        with pytest.raises(CniError, match="ARGS"):
            call(environment)


def test_unknown_arguments_are_an_error_unless_they_are_to_be_passed_over():
    with pytest.raises(CniError) as error:
        call({"CNI_ARGS": "MAC=x;COLOUR=red"}).only_args("IP", "MAC")
    assert (error.value.code, error.value.message) == (4, "ARGS: unknown args [COLOUR=red]")
    call({"CNI_ARGS": "COLOUR=red;IgnoreUnknown=1"}).only_args("IP")
    call({"CNI_ARGS": "K8S_POD_UID=1"}).only_args()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Invalid("a"), 7), (Busy("a"), 11), (Gone("a"), 3), (CallFailed("a", 5), 5), (Conflict("a"), 102), (kernel_error(17), 102),
        (kernel_error(95), 101), (kernel_error(22), 100), (CniError(50, "a"), 50), (OSError(28, "No space left"), 5),
    ],
)  # fmt: skip
def test_each_error_has_its_code(error: Exception, code: int):
    assert as_cni_error(error).code == code


# -- the executable ---------------------------------------------------------------------------------------------------------


def answer(capfd, name: str, environment: dict[str, str | None], config: object = CONFIG) -> tuple[int, dict | None, str]:
    chosen = {key: text for key, text in (GOOD | environment).items() if text is not None}
    text = config if isinstance(config, bytes) else json.dumps(config).encode()
    code = executable.main([f"/opt/cni/bin/{name}"], lambda: text, chosen)
    out, err = capfd.readouterr()
    return code, json.loads(out) if out else None, err


def test_which_plugin_is_meant_by_name_or_by_type(capfd):
    assert answer(capfd, "static", {}, CONFIG | {"type": "x"})[0] == 0
    code, result, _ = answer(capfd, "netwright-cni", {})
    assert (code, result) == (0, {"cniVersion": "1.1.0", "ips": [{"address": "10.0.0.2/8"}], "dns": {}})
    code, error, _ = answer(capfd, "netwright-cni", {}, CONFIG | {"type": "../x"})
    assert code == 1
    assert error["code"] == 7
    assert error["msg"] == 'type: no plugin is called "../x"'
    assert error["cniVersion"] == "1.1.0"


def test_delete_says_nothing(capfd):
    assert answer(capfd, "static", {"CNI_COMMAND": "DEL", "CNI_NETNS": None}) == (0, None, "")


def test_the_version(capfd):
    versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
    only = dict.fromkeys(GOOD) | {"CNI_COMMAND": "VERSION"}
    assert answer(capfd, "static", only, {"cniVersion": "0.4.0"})[:2] == (0, {"cniVersion": "0.4.0", "supportedVersions": versions})
    assert answer(capfd, "static", only, b"")[:2] == (0, {"cniVersion": "1.1.0", "supportedVersions": versions})


def test_without_a_command_it_says_what_it_is(capfd):
    code, out, err = answer(capfd, "bridge", {"CNI_COMMAND": None})
    assert (code, out) == (0, None)
    assert err.startswith("CNI bridge plugin of netwright")
    assert "0.1.0, 0.2.0" in err


@pytest.mark.parametrize(("override", "code"), [(None, 8), ("0", 8), ("1", 0), ("true", 0)])
def test_the_namespace_of_the_plugin_is_nobody_elses(capfd, override: str | None, code: int):
    rc, document, _ = answer(capfd, "static", {"CNI_NETNS": "/proc/self/ns/net", "CNI_NETNS_OVERRIDE": override})
    assert rc == (1 if code else 0)
    assert document.get("code", 0) == code


def test_a_mistake_of_ours_is_an_error_of_cni_too(capfd, monkeypatch):
    monkeypatch.setattr(executable, "run", lambda *_: 1 / 0)
    code, error, err = answer(capfd, "static", {})
    assert (code, error["code"], error["msg"]) == (1, 999, "ZeroDivisionError: division by zero")
    assert "Traceback" in err


VALUES = st.sampled_from(["ADD", "DEL", "CHECK", "GC", "STATUS", "x", "", "A=1;IP=10.0.0.1", "eth0", "/proc/self/ns/net"]) | st.text(max_size=20)
ENVIRONMENTS = st.fixed_dictionaries({}, optional=dict.fromkeys((*GOOD, "CNI_ARGS", "CNI_NETNS_OVERRIDE"), VALUES))
KEYS = st.sampled_from(["name", "cniVersion", "type", "ipam", "addresses", "address", "routes", "dst", "dns", "args", "cni", "ips", "runtimeConfig", "IPAM"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["10.0.0.1/8", "1.1.0", "net", "fd00::1"])
SHAPES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
NAMED = st.dictionaries(KEYS, SHAPES, max_size=5).map(lambda extra: {"name": "net", "cniVersion": "1.1.0"} | extra)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(ENVIRONMENTS | ENVIRONMENTS.map(lambda env: GOOD | env), st.binary() | SHAPES | NAMED)
def test_whatever_comes_in_an_error_of_cni_or_a_result_goes_out(capfd, environment: dict[str, str], config: object):
    code, document, err = answer(capfd, "static", dict.fromkeys(GOOD) | environment, config)
    assert "Traceback" not in err
    if code:
        assert set(document) <= {"cniVersion", "code", "msg", "details"}
        assert document["code"] in (1, 4, 5, 6, 7, 8, 102)
