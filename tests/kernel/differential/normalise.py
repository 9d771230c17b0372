"""What differs between two runs of one and the same program, brought to one form.

Two strengths. `still` is for two programs that read the same kernel state one after the other: only what never
stands still is taken out. `Twin` is for two sandboxes made by the same commands: there, MAC addresses that the kernel
chose at random, link-local addresses made of them, and seconds that run down differ as well.
"""

import ipaddress
import re
from collections.abc import Callable

MAC = re.compile(r"(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])")
BRIDGE_TIMER = re.compile(r'\b((?:hello|tcn|topology_change|gc|message_age|forward_delay|hold)_timer"?[:\s]+)[\d.]+')
TIMESTAMP = re.compile(
    r"^Timestamp: .*|^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\]|(?<=\[)\d{4}-\d\d-\d\dT[\d:.]+(?=\])", re.M
)
# Who else holds a cached route at this moment, and since when, as `ip -s route get` tells it.
CACHE_USE = re.compile(r'\b(?:users \d+|age \d+sec) |"(?:users|age)":\s*\d+,?')
SECONDS = re.compile(r"\b(\d+)(?=sec\b)")
JSON_SECONDS = re.compile(r'("(?:valid_life_time|preferred_life_time|expires)":\s*)(\d+)')
NEIGHBOUR_AGE = re.compile(r"\bused \d+/\d+/\d+")
JSON_NEIGHBOUR_AGE = re.compile(r'("(?:used|confirmed|updated)":\s*)\d+')
FOREVER = 0xFFFFFFFF
# How many seconds may have run down between a command and the look at what it did.
SLACK = 120


def still(text: str) -> str:
    """Take out what changes between two looks at the same thing: a bridge's timers, uses of a route, time stamps."""
    text = CACHE_USE.sub("", text)
    return TIMESTAMP.sub("<time>", BRIDGE_TIMER.sub(r"\g<1>0", text))


class Twin:
    """Normaliser of one twin's output; remembers in which order random addresses appeared.

    `said` is the text of all commands of the case: a MAC address or a number of seconds in it was chosen by the case
    and has to come out again.
    """

    def __init__(self, said: str):
        self._said = said.lower()
        self._numbers = sorted({int(word) for word in re.findall(r"(?<![\w.:])\d{1,9}(?![\w.:])", said)})
        self._names: dict[str, str] = {}
        self._macs = 0

    def __call__(self, text: str) -> str:
        text = MAC.sub(lambda match: self._mac(match[0]), still(text))
        for address, name in self._names.items():
            text = text.replace(address, name)
        text = SECONDS.sub(lambda match: self._seconds(int(match[1])), text)
        text = JSON_SECONDS.sub(self._json_seconds, text)
        return JSON_NEIGHBOUR_AGE.sub(r"\g<1>0", NEIGHBOUR_AGE.sub("used 0/0/0", text))

    def _mac(self, mac: str) -> str:
        # The kernel's random addresses are unicast and locally administered: x2, x6, xa, xe in the first byte.
        if mac[1] not in "26ae" or mac in self._said:
            return mac
        if mac not in self._names:
            self._macs += 1
            # First as ip prints it in a bridge's identifier, without leading zeros.
            self._names[":".join(f"{int(byte, 16):x}" for byte in mac.split(":"))] = f"<mac {self._macs:02}>"
            self._names[mac] = f"<mac {self._macs:02}>"
            self._names[link_local(mac)] = f"<link-local {self._macs:02}>"
        return self._names[mac]

    def _seconds(self, left: int) -> str:
        return next((str(number) for number in self._numbers if number - SLACK <= left <= number), "<seconds>")

    def _json_seconds(self, match: re.Match[str]) -> str:
        value = int(match[2])
        return match[0] if value == FOREVER else f'{match[1]}"{self._seconds(value)}"'


def link_local(mac: str) -> str:
    """The IPv6 link-local address that the kernel makes of a MAC address (EUI-64, RFC 4291 appendix A)."""
    first, *rest = (int(byte, 16) for byte in mac.split(":"))
    identifier = bytes([first ^ 2, *rest[:2], 0xFF, 0xFE, *rest[2:]])
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + identifier))


Normaliser = Callable[[str], str]
