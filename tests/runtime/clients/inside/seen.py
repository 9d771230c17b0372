"""What there is on a host besides its network configuration: files that hold leases and records, named namespaces, processes."""

import os

PLACES = ("/var/lib/cni", "/run/cni", "/var/lib/netwright", "/run/netwright", "/run/netns", "/run/containers/networks")
# What stays whoever comes and goes: locks, where the next address is looked for, whether a directory was looked after, the store.
STAYS = ("/lock", ".lock", "/locks/", "/last_reserved_ip", "/.netwright/seen", "/networks.db")


def seen() -> dict:
    with open("/proc/self/mountinfo") as mounts:
        namespaces = [line.split()[4] for line in mounts if " - nsfs " in line]
    return {"files": sorted(_files()), "namespaces": sorted(namespaces), "processes": sorted(_programs())}


def _files():
    for place in PLACES:
        for directory, _, names in os.walk(place):
            paths = (f"{directory}/{name}" for name in names)
            yield from (path for path in paths if not any(word in path for word in STAYS))


def _programs():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", errors="replace") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if not rest.startswith(" Z"):
            yield name


def responders() -> list[int]:
    """Those who answer for names of ours."""
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"netwright.networks.dns.responder" in file.read():
                    out.append(int(pid))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return out
