"""The executable: which plugin is meant, the call, the answer. `netwright-cni`, and a link to it under each plugin's name.

Called `netwright-cni`, the "type" of the configuration says which plugin; called anything else, the name does. Results and errors
are JSON on standard output, as CNI wants it; what is meant for people goes to standard error.
"""

import os
import sys

from ..model.jsontext import read, write
from ..networks import standard
from .protocol.spec import NEWEST, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from .protocol.call import Call
    from .protocol.errors import CniError
    from .protocol.result import Result

    class Plugin(Protocol):
        """What a module of plugins/ and ipam/ has."""

        CAPABILITIES: tuple[str, ...]

        def add(self, call: Call) -> Result: ...
        def delete(self, call: Call) -> None: ...
        def check(self, call: Call) -> None: ...
        def gc(self, call: Call, valid: frozenset[tuple[str, str]]) -> None: ...
        def status(self, call: Call) -> None: ...


NAME = "netwright-cni"
MAIN = (
    "netwright", "bridge", "ptp", "macvlan", "ipvlan", "vlan", "host-device", "loopback", "tap", "dummy", "portmap", "bandwidth",
    "firewall", "tuning", "sbr", "vrf",
)  # fmt: skip
IPAM = ("host-local", "static", "dhcp")


def main(argv: "list[str]", stdin: "Callable[[], bytes] | None" = None, environment: "Mapping[str, str] | None" = None) -> int:
    """Answer one call; the exit code. `stdin` gives all of the standard input."""
    environment = os.environ if environment is None else environment
    if environment.get("CNI_COMMAND") == "VERSION":
        return _said_version(stdin)
    name = argv[0].rpartition("/")[2]
    if name == "dhcp" and argv[1:2] == ["daemon"]:
        import gc

        from .dhcp.service import main as serve

        gc.enable()  # the executable does without, for a call is short
        return serve(argv[2:])
    kept: list[bytes] = []

    def text() -> bytes:
        kept.append((stdin or _standard_input)())
        return kept[0]

    from .protocol.errors import CniError, as_cni_error

    try:
        if not environment.get("CNI_COMMAND"):
            return _about(name)
        answer = _answer(name, environment, text)
    except (CniError, OSError) as error:
        return _refused(as_cni_error(error), kept)
    except Exception as error:  # noqa: BLE001 - a runtime shows what is on standard output, and nothing else
        return _refused(_unforeseen(error), kept)
    return _told(answer, 0)


def _standard_input() -> bytes:
    parts = []
    while part := os.read(0, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def _answer(name: str, environment: "Mapping[str, str]", text: "Callable[[], bytes]") -> str:
    """What goes to standard output when all is well."""
    from .protocol.call import read_call
    from .protocol.versions import printed

    call = read_call(environment, text)
    wanted = call.config.type if name == NAME else name
    plugin = plugin_called(wanted)
    _not_our_own(call, environment)
    result = run(plugin, call)
    return write(printed(result, call.config.cni_version)) if result is not None else ""


def _said_version(stdin: "Callable[[], bytes] | None") -> int:
    """VERSION: nothing of the protocol but its versions is needed, and a runtime asks it more often than anything else."""
    try:
        said = (stdin or _standard_input)() if stdin or not os.isatty(0) else b""
    except OSError:
        said = b""
    return _told(write({"cniVersion": _version_of(said) or NEWEST, "supportedVersions": VERSIONS}), 0)


def run(plugin: "Plugin", call: "Call") -> "Result | None":
    """The plugin's answer to a call; the result for ADD. CniError."""
    from ..errors import NetwrightError
    from .protocol.errors import as_cni_error

    try:
        if call.command == "ADD":
            return plugin.add(call)
        if call.command == "GC":
            plugin.gc(call, call.config.attachments())
        else:
            {"DEL": plugin.delete, "CHECK": plugin.check, "STATUS": plugin.status}[call.command](call)
    except (NetwrightError, OSError) as error:
        raise as_cni_error(error) from error
    return None


def plugin_called(name: str) -> "Plugin":
    """The module of a plugin. CniError 7 when there is none of that name."""
    from .protocol.errors import INVALID_CONFIG, CniError

    if name not in MAIN + IPAM:
        raise CniError(INVALID_CONFIG, f'type: no plugin is called "{name}"', f"there are {', '.join(MAIN + IPAM)}")
    room = "ipam" if name in IPAM else "plugins"
    module: Plugin = __import__(f"{__package__}.{room}.{name.replace('-', '_')}", fromlist=["add"])
    return module


def _not_our_own(call: "Call", environment: "Mapping[str, str]") -> None:
    """A runtime that says the host's namespace is the container's would have the host's network taken apart."""
    if not call.netns or environment.get("CNI_NETNS_OVERRIDE", "").lower() in ("1", "true"):
        return
    try:
        theirs, ours = os.stat(call.netns), os.stat("/proc/thread-self/ns/net")
    except (OSError, ValueError):
        return  # whether it has to be there is the verb's affair
    if (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino):
        from .protocol.errors import INVALID_NETNS, CniError

        what = "plugin's netns and netns from CNI_NETNS should not be the same"
        raise CniError(INVALID_NETNS, what, "with CNI_NETNS_OVERRIDE=1 it is done all the same")


def _about(name: str) -> int:
    from .. import __version__

    standard.put(f"CNI {name} plugin of netwright {__version__}\nCNI protocol versions supported: {', '.join(VERSIONS)}\n")
    return 0


def _version_of(text: bytes) -> str:
    """The version that a document says, in case it says one."""
    try:
        document = read(text)
    except ValueError:
        return ""
    found = document.get("cniVersion") if isinstance(document, dict) else None
    return found if isinstance(found, str) and found in VERSIONS else ""


def _refused(error: "CniError", kept: "list[bytes]") -> int:
    from .protocol.errors import as_json

    version = _version_of(kept[0]) if kept else ""
    return _told(write(as_json(error, version or NEWEST)), 1)


def _unforeseen(error: Exception) -> "CniError":
    from traceback import format_exception

    from .protocol.errors import INTERNAL, CniError

    standard.put("".join(format_exception(error)))
    return CniError(INTERNAL, f"{type(error).__name__}: {error}", "a mistake in netwright; what it was doing is on standard error")


def _told(text: str, code: int) -> int:
    return standard.answer("netwright", text, code)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
