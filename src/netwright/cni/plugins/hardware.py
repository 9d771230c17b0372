"""Which device of the host a configuration means: by name, by hardware address, by its place on the machine (/sys)."""

import os

from ...model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

SYS = "/sys"
# Drivers that give a card to a program instead of the kernel's network: there is no device to move.
_OF_PROGRAMS = ("vfio-pci", "uio_pci_generic", "igb_uio")


@value
class Wanted:
    """One of these is said. `pci` is an address (0000:00:1f.6), `auxiliary` a name on that bus (mlx5_core.sf.4)."""

    device: str = ""
    mac: str = ""
    path: str = ""
    pci: str = ""
    auxiliary: str = ""

    @property
    def said(self) -> str:
        """In words, for errors."""
        named = {"device": self.device, "hwaddr": self.mac, "kernelpath": self.path, "pciBusID": self.pci, "deviceID": self.auxiliary}
        return ", ".join(f'{key} "{text}"' for key, text in named.items() if text)


def is_pci(text: str) -> bool:
    """0000:00:1f.6

    >>> is_pci("0000:00:1f.6"), is_pci("../../x"), is_pci("mlx5_core.sf.4")
    (True, False, False)
    """
    bus, _, function = text.partition(".")
    parts = bus.split(":")
    digits = frozenset("0123456789abcdefABCDEF")
    sizes = [len(part) for part in parts]
    return sizes == [4, 2, 2] and len(function) == 1 and set("".join(parts) + function) <= digits


def is_auxiliary(text: str) -> bool:
    """A name on the auxiliary bus, as in mlx5_core.sf.4: a name of one directory."""
    return text.count(".") == 2 and text.replace("_", "").replace(".", "").isalnum() and text.isascii()


def is_kernel_path(text: str) -> bool:
    """A directory below /sys/devices, without a way out of it."""
    return text.startswith("/sys/devices/") and ".." not in text.split("/")


def name_of(wanted: Wanted, links: "Iterable[Mapping[str, Any]]") -> str:
    """The device's name among the host's links; "" where there is none."""
    if wanted.device:
        return next((link["ifname"] for link in links if link.get("ifname") == wanted.device), "")
    if wanted.mac:
        return next((link["ifname"] for link in links if link.get("address") == wanted.mac), "")
    found = set(_below(directory(wanted)))
    return next((link["ifname"] for link in links if link.get("ifname") in found), "")


def directory(wanted: Wanted) -> str:
    """The directory in /sys that stands for the hardware."""
    if wanted.path:
        return SYS + wanted.path.removeprefix("/sys")
    if wanted.auxiliary:
        return f"{SYS}/bus/auxiliary/devices/{wanted.auxiliary}"
    return f"{SYS}/bus/pci/devices/{wanted.pci}"


def _below(place: str) -> "list[str]":
    """Names of network devices of the hardware; a virtio card has a level between."""
    out = _names(f"{place}/net")
    for name in _names(place):
        if name.startswith("virtio"):
            out += _names(f"{place}/{name}/net")
    return out


def _names(place: str) -> "list[str]":
    try:
        return sorted(os.listdir(place))
    except OSError:
        return []


def is_of_a_program(wanted: Wanted) -> bool:
    """Whether a driver of a program (DPDK) has the card."""
    if not wanted.pci:
        return False
    try:
        return os.readlink(f"{directory(wanted)}/driver").rpartition("/")[2] in _OF_PROGRAMS
    except OSError:
        return False
