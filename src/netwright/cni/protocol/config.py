"""The configuration that a plugin gets on its standard input."""

from .errors import INVALID_CONFIG, CniError
from .section import Section
from .versions import OLDEST, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .result import Result

_ATTACHMENTS = ("cni.dev/valid-attachments", "cni.dev/attachments")  # the second is what libcni called it at first


class Config(Section):
    """The root of the configuration: its getters are those of Section, and `settle()` raises what they have collected.

    `lenient` is for DEL and GC: what they do has to work with a result or a key that is damaged, so such mistakes are dropped.
    """

    __slots__ = ("cni_version", "lenient", "name", "type")

    def __init__(self, data: "dict[str, Any]", *, lenient: bool = False) -> None:
        super().__init__(data)
        self.lenient = lenient
        self.cni_version = self.text("cniVersion") or OLDEST
        self.name = self.text("name")
        self.type = self.text("type")

    @property
    def prev_result(self) -> "Result | None":
        """The result of the plugin before this one (CHECK and DEL: of the last one)."""
        if "prevResult" not in self:
            return None
        if not self.lenient:
            return read(self.section("prevResult"))
        found = self.plain("prevResult")
        return read(Section(found, "prevResult")) if isinstance(found, dict) else None

    @property
    def runtime_config(self) -> Section:
        """What the runtime says for capabilities: portMappings, bandwidth, ips, mac …"""
        return self.section("runtimeConfig")

    @property
    def args(self) -> Section:
        """The object "args"."cni": what the runtime says by convention."""
        return self.section("args").section("cni")

    @property
    def ipam(self) -> Section:
        """The part that belongs to the IPAM plugin; empty when there is none."""
        return self.section("ipam")

    def attachments(self) -> "frozenset[tuple[str, str]]":
        """(container, interface) that are still valid, for GC. Without the key nothing is known, which is a mistake."""
        name = next((name for name in _ATTACHMENTS if name.lower() in self._names), "")
        if not name:
            fix = "without the list every attachment would count as stale"
            raise CniError(INVALID_CONFIG, f"{_ATTACHMENTS[0]} is missing", fix)
        before = len(self.mistakes)
        found = [(one.text("containerID"), one.text("ifname")) for one in map(_complete, self.sections(name))]
        if len(self.mistakes) > before:  # also when lenient: with a wrong list what is in use would be collected
            self._raise()
        return frozenset(found)

    def settle(self) -> None:
        """Raise one CniError 7 that lists every mistake found so far."""
        if self.mistakes and not self.lenient:
            self._raise()

    def _raise(self) -> None:
        count = len(self.mistakes)
        message = self.mistakes[0] if count == 1 else f"{count} mistakes in the configuration of network {self.name}"
        raise CniError(INVALID_CONFIG, message, "" if count == 1 else "; ".join(self.mistakes))


def _complete(one: Section) -> Section:
    """An attachment that is valid, with both names: one that lacks its own would be collected while it is in use."""
    for name in ("containerID", "ifname"):
        if not one.plain(name):
            one.wrong(name, "it is missing")
    return one
