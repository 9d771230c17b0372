"""Plugins that a plugin calls: ours within this process, others as the specification says, by exec and search path.

    found = ipam(call)          # what "ipam"."type" says; without one, a plugin that does nothing
    result = found.add(call)    # Result without interfaces
"""

import os

from .protocol.errors import DELEGATE_FAILED, INCOMPATIBLE_VERSION, INVALID_CONFIG, INVALID_ENVIRONMENT, CniError
from .protocol.jsontext import read, write
from .protocol.result import Result
from .protocol.section import Section
from .protocol.versions import read as read_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .main import Plugin
    from .protocol.call import Call

    Valid = frozenset[tuple[str, str]]


def ipam(call: "Call") -> "Plugin":
    """The IPAM plugin of a call. CniError when there is none of that name."""
    name = call.config.ipam.text("type")
    if not name:
        if call.config.ipam:
            call.config.wrong("ipam.type", "it is missing; host-local, static and dhcp are there")
            call.config.settle()
        return Nothing()
    from .main import IPAM, plugin_called

    return plugin_called(name) if name in IPAM else Foreign(name)


def needs_device(call: "Call") -> bool:
    """Whether the IPAM plugin asks somebody on the network, as DHCP does, and so needs the device, at ADD and at DEL."""
    return call.config.ipam.text("type") not in ("host-local", "static", "")


def read_too(call: "Call") -> None:
    """Where there are mistakes already, those of the ranges with them: all are told at once."""
    if call.config.mistakes and call.config.ipam.text("type") == "host-local":
        from .ipam.ranges import read_ranges

        read_ranges(call.config)


class Nothing:
    """No IPAM: an interface without addresses."""

    CAPABILITIES: tuple[str, ...] = ()

    def add(self, call: "Call") -> Result:
        """No addresses."""
        return Result()

    def delete(self, call: "Call") -> None:
        """Nothing to give back."""

    def check(self, call: "Call") -> None:
        """Nothing to be wrong."""

    def gc(self, call: "Call", valid: "Valid") -> None:
        """Nothing to collect."""

    def status(self, call: "Call") -> None:
        """Always ready."""


class Foreign:
    """Somebody else's plugin, an executable in one of the directories of CNI_PATH."""

    CAPABILITIES: tuple[str, ...] = ()

    def __init__(self, name: str) -> None:
        self.name = name

    def add(self, call: "Call") -> Result:
        """Its ADD; where that fails, its DEL, so that nothing stays behind half made."""
        try:
            out = self._ask(call, "ADD")
        except CniError:
            try:
                self._ask(call, "DEL")
            except CniError:
                pass  # the first error is the one to tell
            raise
        return self._result(out)

    def delete(self, call: "Call") -> None:
        """Its DEL."""
        self._ask(call, "DEL")

    def check(self, call: "Call") -> None:
        """Its CHECK."""
        self._ask(call, "CHECK")

    def gc(self, call: "Call", valid: "Valid") -> None:
        """Its GC, where it has one."""
        self._ask_if_it_can(call, "GC")

    def status(self, call: "Call") -> None:
        """Its STATUS, where it has one."""
        self._ask_if_it_can(call, "STATUS")

    def _ask_if_it_can(self, call: "Call", command: str) -> None:
        try:
            self._ask(call, command)
        except CniError as error:
            if error.code not in (INCOMPATIBLE_VERSION, INVALID_ENVIRONMENT):  # a plugin from before CNI 1.1.0
                raise

    def _ask(self, call: "Call", command: str) -> bytes:
        from ..kernel.exchange import exchange

        path = find(self.name, call.path)
        try:
            code, out = exchange(path, [path], _environment(call, command), write(call.config.data).encode())
        except OSError as error:
            raise CniError(DELEGATE_FAILED, f"{path}: {error.strerror}", "it has to be an executable file") from None
        if code != 0:
            raise refusal(self.name, command, code, out)
        return out

    def _result(self, out: bytes) -> Result:
        mistakes: list[str] = []
        document = _document(out)
        if document is None:
            raise CniError(DELEGATE_FAILED, f"{self.name}: its result is no JSON object", _start(out))
        found = read_result(Section(document, f"result of {self.name}", mistakes))
        if mistakes:
            raise CniError(DELEGATE_FAILED, f"{self.name}: its result makes no sense", "; ".join(mistakes))
        return found


def find(name: str, places: "tuple[str, ...]") -> str:
    """The executable of a plugin. CniError 7."""
    if not name or "/" in name or "\0" in name:
        raise CniError(INVALID_CONFIG, f'type: "{name}" is no name of a plugin', "it is the name of a file in CNI_PATH")
    for place in places:
        if os.path.isfile(path := f"{place}/{name}"):
            return path
    raise CniError(INVALID_CONFIG, f'failed to find plugin "{name}" in path [{" ".join(places)}]', "install it, or correct CNI_PATH (of nw cni: --path); nw cni install puts netwright's own there")


def refusal(name: str, command: str, code: int, out: bytes) -> CniError:
    """What a plugin said that ended with an exit code other than 0."""
    document = _document(out)
    if document is None:
        return CniError(DELEGATE_FAILED, f"plugin {name} failed at {command} with exit code {code}", _start(out) or "it said nothing")
    said = Section(document)
    message, details = (str(said.plain(key) or "") for key in ("msg", "details"))
    return CniError(said.number("code", DELEGATE_FAILED), message or f"plugin {name} failed at {command}", details)


def _document(out: bytes) -> "dict[str, Any] | None":
    try:
        found = read(out)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _start(out: bytes) -> str:
    return out[:200].decode("utf-8", "replace").strip()


def _environment(call: "Call", command: str) -> "dict[str, str]":
    return {**os.environ, "CNI_COMMAND": command}
