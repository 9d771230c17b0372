"""/proc/PID/mountinfo, as values. proc_pid_mountinfo(5)"""

from ..model.value import value


@value
class Mount:
    """One line: where (`target`), what of it (`root`: for a namespace `net:[inode]`), its type, and its propagation."""

    target: str
    root: str
    type: str
    shared: int = 0
    master: int = 0


def mounts(process: str = "self") -> list[Mount]:
    """The mounts that a process sees, in mount order (a later one lies above an earlier one). OSError when not readable."""
    with open(f"/proc/{process}/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return [_parsed(line) for line in file]


def _parsed(line: str) -> Mount:
    front, _, back = line.partition(" - ")
    fields = front.split(" ")
    tags = dict(field.split(":", 1) for field in fields[6:] if ":" in field)
    return Mount(
        _unescaped(fields[4]), _unescaped(fields[3]), back.split(" ", 1)[0], int(tags.get("shared", 0)), int(tags.get("master", 0))
    )


def _unescaped(text: str) -> str:
    """Blanks, tabs, newlines and backslashes stand there as \\040 and so on."""
    if "\\" not in text:
        return text
    parts = text.split("\\")
    return parts[0] + "".join(chr(int(part[:3], 8)) + part[3:] for part in parts[1:])


def mount_of(path: str) -> Mount | None:
    """The mount that `path` lies on, as this process sees it."""
    best = None
    for mount in mounts():
        inside = path == mount.target or path.startswith(mount.target.rstrip("/") + "/")
        if inside and (best is None or len(mount.target) >= len(best.target)):
            best = mount
    return best
