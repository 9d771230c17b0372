"""Running programs: become one, or start one and wait. (subprocess costs 11 ms to import; os.posix_spawn nothing.)"""

import os


def become(path: str, argv: list[str], environment: dict[str, str] | None = None) -> "OSError":
    """execve: never returns when it works; gives the OSError when not. A bare name is looked for in PATH."""
    if not path:  # Python refuses an empty argv[0] by a ValueError; the kernel's word is ENOENT
        return FileNotFoundError(2, os.strerror(2))
    try:
        if environment is None:
            os.execvp(path, argv)
        os.execvpe(path, argv, environment)
    except OSError as error:
        return error


def is_there(name: str) -> bool:
    """True when a file of that name (a path, or found in PATH) can be seen, executable or not."""
    if "/" in name:
        return os.path.exists(name)
    return any(os.path.isfile(f"{place or '.'}/{name}") for place in os.environ.get("PATH", "").split(":"))


def run(path: str, argv: list[str]) -> int:
    """Start a program, wait for it, and give its exit code (128 + number for a signal). OSError when it cannot start."""
    pid = os.posix_spawnp(path, argv, os.environ)
    return exit_code(os.waitpid(pid, 0)[1])


def exit_code(status: int) -> int:
    """A wait status as a shell counts it: the exit code, or 128 + the signal's number."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def find_program(name: str, *, but_not: list[str]) -> str:
    """The first executable called `name` in PATH (then in the usual sbin places) that is none of the files `but_not`; or ``."""
    mine = {os.path.realpath(path) for path in but_not if path}
    places = [*os.environ.get("PATH", "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"]
    for place in places:
        path = f"{place or '.'}/{name}"
        if os.access(path, os.X_OK) and os.path.isfile(path) and os.path.realpath(path) not in mine and not _is_ours(path):
            return path
    return ""


def _is_ours(path: str) -> bool:
    """Another launcher of this package under that name would only lead back here."""
    with open(path, "rb") as file:
        return b"netwright" in file.read(4096) if os.path.getsize(path) < 65536 else False
