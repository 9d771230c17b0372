"""Options of a network and of a container on it ("mtu", "isolate", "metric" …), as one value. Pure.

What this does not do is refused by name; an option that nobody knows is told on standard error, for netavark takes no notice of it.
"""

from ..model.addressing import number_of
from ..model.kinds.ipvlan import MODES as IPVLAN_MODES
from ..model.kinds.macvlan import MODES as MACVLAN_MODES
from ..model.names import why_not_device_name
from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

STRICT, NORMAL, NEVER = "strict", "true", "false"
_COMMON = ("mode", "mtu", "metric", "no_default_route")
KNOWN = {
    "bridge": (*_COMMON, "isolate", "vrf", "vlan", "outbound_addr4", "outbound_addr6"),
    "macvlan": (*_COMMON, "bclim"),
    "ipvlan": (*_COMMON, "bclim"),
}
_MODES = {"bridge": ("managed", "unmanaged"), "macvlan": tuple(MACVLAN_MODES), "ipvlan": IPVLAN_MODES}
_DEFAULT_MODE = {"bridge": "managed", "macvlan": "bridge", "ipvlan": "l2"}
# A LAN's router goes before a bridge's: a container on both is a machine of the LAN.
_DEFAULT_METRIC = {"bridge": 100, "macvlan": 99, "ipvlan": 99}


@value
class Settings:
    """`mtu` 0: as the uplink has it. `isolate` "": nothing was said. `bclim` None: as the kernel has it."""

    mode: str
    mtu: int = 0
    metric: int = 100
    no_default_route: bool = False
    isolate: str = ""
    vrf: str = ""
    vlan: int = 0
    outbound4: str = ""
    outbound6: str = ""
    bclim: "int | None" = None
    port: str = ""

    @property
    def managed(self) -> bool:
        """Whether the bridge and its rules are ours to make."""
        return self.mode != "unmanaged"


def settings(driver: str, options: "Mapping[str, str]", own: "Mapping[str, str]", mistakes: "list[str]") -> Settings:
    """What `options` of a network and `own` of the container say; mistakes are noted."""
    read = _Options(options, mistakes)
    mode = options.get("mode") or _DEFAULT_MODE[driver]
    if mode not in _MODES[driver]:
        mistakes.append(f'invalid {driver} mode "{mode}": there are {", ".join(_MODES[driver])}')
    port = own.get("host_interface_name", "")
    if port and (why := why_not_device_name(port)):
        mistakes.append(f'unable to parse "host_interface_name": {why}')
    return Settings(
        mode, read.number("mtu", 0, 1 << 31), read.number("metric", _DEFAULT_METRIC[driver], 1 << 32), read.flag("no_default_route"),
        _isolate(options, mistakes), options.get("vrf", ""), read.number("vlan", 0, 4095, "vlan must be between 0 and 4094"),
        read.address("outbound_addr4", 4), read.address("outbound_addr6", 6), read.signed("bclim"), port,
    )  # fmt: skip


def unknown(driver: str, options: "Mapping[str, str]") -> "list[str]":
    """Options that mean nothing."""
    return [name for name in options if name not in KNOWN[driver]]


def _isolate(options: "Mapping[str, str]", mistakes: "list[str]") -> str:
    found = options.get("isolate", "")
    if found not in ("", STRICT, NORMAL, NEVER):
        mistakes.append(f'invalid isolate option "{found}": there are true, false and strict')
    return found


class _Options:
    def __init__(self, options: "Mapping[str, str]", mistakes: "list[str]") -> None:
        self._options, self._mistakes = options, mistakes

    def _wrong(self, name: str, why: str) -> None:
        self._mistakes.append(f'unable to parse "{name}": {why}')

    def number(self, name: str, default: int, end: int, too_large: str = "") -> int:
        found = self._options.get(name)
        if found is None:
            return default
        if not (found.isascii() and found.isdigit()):
            self._wrong(name, f"invalid digit found in string ({found!r})")
        elif int(found) >= end:
            self._mistakes.append(too_large) if too_large else self._wrong(name, f"{found} is too large")
        else:
            return int(found)
        return default

    def signed(self, name: str) -> "int | None":
        found = self._options.get(name)
        if found is None:
            return None
        digits = found[1:] if found[:1] in ("-", "+") else found
        if digits.isascii() and digits.isdigit() and int(digits) < 1 << 31:
            return int(found)
        self._wrong(name, f"invalid digit found in string ({found!r})")
        return None

    def flag(self, name: str) -> bool:
        found = self._options.get(name, "false")
        if found not in ("true", "false"):
            self._wrong(name, f"provided string was not `true` or `false` ({found!r})")
        return found == "true"

    def address(self, name: str, family: int) -> str:
        found = self._options.get(name, "")
        try:
            if found and number_of(found)[1] != family:
                raise ValueError(f"{found} is no IPv{family} address")
        except ValueError as error:
            self._wrong(name, f"invalid IPv{family} address syntax ({error})")
            return ""
        return found
