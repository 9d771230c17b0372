"""A picture in text of some namespaces: a box for each, its devices with their addresses, the cables at the right side.

    ┌─ ns0 ────────────────────┐
    │ lo    UP    127.0.0.1/8  │
    │ eth0  UP    1.1.1.1/24   ├─┐
    └──────────────────────────┘ │
    ┌─ ns1 ────────────────────┐ │
    │ lo    DOWN               │ │
    │ veth1 UP    1.1.1.2/24   ├─┘
    └──────────────────────────┘

`look` asks the program (`-j netns list`, `-j address show`, `-j netns list-id`); `draw` is a pure function of what it said.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Ask = Callable[[list[str]], str]
End = tuple[str, str]  # namespace, device


@dataclass(frozen=True, slots=True)
class Device:
    """One line of a box. `peer` is the cable's other end where that is in the picture."""

    name: str
    up: bool
    addresses: tuple[str, ...]
    peer: End | None


Boxes = dict[str, list[Device]]


def look(ask: Ask) -> Boxes:
    """What there is, asked with ip's own words: `ask` runs one command line and gives back its stdout."""
    listed = ask(["-j", "netns", "list"])
    names = sorted(entry["name"] for entry in json.loads(listed or "[]"))
    links = {name: json.loads(ask(["-n", name, "-j", "address", "show"])) for name in names}
    return {name: [_device(name, link, links, _numbers(ask, name)) for link in links[name]] for name in names}


def _numbers(ask: Ask, name: str) -> dict[int, str]:
    """The numbers that this namespace has for others, with their names."""
    text = ask(["-n", name, "-j", "netns", "list-id"])
    return {entry["nsid"]: entry["name"] for entry in json.loads(text or "[]") if "name" in entry}


def _device(
    namespace: str, link: dict[str, Any], links: dict[str, list[dict[str, Any]]], numbers: dict[int, str]
) -> Device:
    addresses = (f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"] if a.get("scope") != "link")
    return Device(link["ifname"], "UP" in link["flags"], tuple(addresses), _peer(namespace, link, links, numbers))


def _peer(
    namespace: str, link: dict[str, Any], links: dict[str, list[dict[str, Any]]], numbers: dict[int, str]
) -> End | None:
    if "link" in link:  # in the same namespace ip says the name, elsewhere the index
        return namespace, link["link"]
    other = numbers.get(link.get("link_netnsid", -1), "")
    found = (peer["ifname"] for peer in links.get(other, []) if peer["ifindex"] == link.get("link_index"))
    name = next(found, None)
    return (other, name) if name else None


def draw(boxes: Boxes) -> str:
    """The picture, one box below the other."""
    rows = list(_rows(boxes))
    width = max([len(text) for text, _ in rows], default=0)
    ends = [end for _, end in rows]
    cables = list(_cables(boxes, ends))
    return "".join(_line(number, text, width, cables) for number, (text, _) in enumerate(rows))


def _rows(boxes: Boxes) -> Iterator[tuple[str, End | None]]:
    """Every line of the boxes without its right border, and the device that it shows."""
    longest = max((len(device.name) for devices in boxes.values() for device in devices), default=0)
    for name, devices in boxes.items():
        yield f"┌─ {name} ", None
        for device in devices:
            state = "UP" if device.up else "DOWN"
            yield f"│ {device.name:{longest}} {state:4}  {' '.join(device.addresses)} ", (name, device.name)
        yield "└─", None


def _cables(boxes: Boxes, ends: list[End | None]) -> Iterator[tuple[int, int]]:
    """(first line, last line) of every cable."""
    for namespace, devices in boxes.items():
        for device in devices:
            if device.peer in ends:
                first, last = ends.index((namespace, device.name)), ends.index(device.peer)
                if first < last:
                    yield first, last


def _line(number: int, text: str, width: int, cables: list[tuple[int, int]]) -> str:
    border = {"┌": "┐", "└": "┘"}.get(text[0], "│")
    filled = text.ljust(width, " " if border == "│" else "─")
    plugged = any(number in cable for cable in cables)
    return (filled + ("├" if plugged else border) + _beside(number, cables)).rstrip() + "\n"


def _beside(number: int, cables: list[tuple[int, int]]) -> str:
    """The part of a line to the right of the boxes: a column for each cable."""
    out = ""
    for column, (first, last) in enumerate(cables):
        run = "─" if any(number in cable for cable in cables[column:]) else " "
        mark = {first: "┐", last: "┘"}.get(number, "│" if first < number < last else run)
        out += run + ("┼" if mark == "│" and run == "─" else mark)
    return out
