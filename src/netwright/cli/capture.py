"""`nw capture LAB/HOST:DEVICE [-w FILE] [-c N] [FILTER…]`: the packets of a device, as lines or as a pcap file."""

import os
import sys

from ..errors import Invalid
from ..lab.entry import go_in, split
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.capture import Capture
    from ..lab.packet_filter import Test

_OPTIONS = {"-w": "FILE", "-c": "N", "--count": "-c"}


def main(words: list[str]) -> int:
    """Until Ctrl-C, or N packets. How many there were is said at the end, on stderr."""
    given = Words(words, _OPTIONS, "LAB/HOST:DEVICE [FILTER…]")
    place, _, device = given.names[0].partition(":")
    lab, host = split(place)
    if not device:
        raise Invalid(f"which device of {place}?", fix=f"nw capture {place}:eth0; what there is: nw exec {place} ip link")
    from ..lab.capture import Capture, opened_for_writing
    from ..lab.packet_filter import compiled

    limit = given.number("-c", 0)
    compiled(given.names[1:], lambda name: (name,))  # its words, before anything is opened
    file = opened_for_writing(given.get("-w")) if "-w" in given else -1
    go_in(lab, host, sysfs=False)
    test = compiled(given.names[1:], _resolved)
    capture = Capture(device)
    return _go_on(capture, test, file, limit, f"{place}:{device}")


def _listening(place: str, limit: int) -> None:
    sys.stderr.write(f"listening on {place}{', Ctrl-C ends it' if not limit else ''}\n")
    sys.stderr.flush()


def _resolved(name: str) -> tuple[str, ...]:
    """The addresses of a name, as a program in the host sees it."""
    import socket

    try:
        return tuple({str(found[4][0]) for found in socket.getaddrinfo(name, None)})
    except (socket.gaierror, UnicodeError):
        return ()


def _go_on(capture: "Capture", test: "Test", file: int, limit: int, place: str) -> int:
    from ..lab.packet import clock, line, taken_apart
    from ..lab.pcap import ETHERNET, RAW, Writer

    writer = Writer(os.fdopen(file, "wb"), ETHERNET if capture.ethernet else RAW) if file >= 0 else None
    count = 0
    try:
        _listening(place, limit)
        for moment, data, whole in capture.packets():
            packet = taken_apart(data, whole, ethernet=capture.ethernet)
            if not test(packet):
                continue
            count += 1
            if writer:
                writer.put(moment, data, whole)
            else:
                sys.stdout.write(f"{clock(moment)} {line(packet)}\n")
                sys.stdout.flush()
            if count == limit:
                break
    except KeyboardInterrupt:
        pass
    lost = capture.lost()
    sys.stderr.write(f"{count} packet{'' if count == 1 else 's'} captured{f', {lost} lost' if lost else ''}\n")
    return 0
