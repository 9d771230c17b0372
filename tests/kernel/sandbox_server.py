"""The other half of sandbox.py: the process that lives in the namespaces and answers its requests.

It imports little and only what it needs, because the kernel tests start it some hundred times.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x10000000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

# What ip(8) and name look-ups read in /etc.
ETC = ["iproute2", "passwd", "group", "hosts", "nsswitch.conf", "protocols", "services", "ld.so.cache", "alternatives"]

_libc = ctypes.CDLL(None, use_errno=True)
_background: dict[int, subprocess.Popen[bytes]] = {}
_modules: dict[str, object] = {}


def _checked(what: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(kind: str, target: str, flags: int = 0) -> None:
    arguments = [kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None]
    _checked(f"mount {target}", _libc.mount(*arguments))


def _leave(pids: bool) -> None:
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNS | CLONE_NEWNET | (CLONE_NEWPID if pids else 0) | (CLONE_NEWUSER if uid else 0)
    _checked("unshare", _libc.unshare(flags))
    if uid:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"0 {uid} 1")
        _write("/proc/self/gid_map", f"0 {gid} 1")
    _mount("none", "/", MS_REC | MS_PRIVATE)
    _mount("tmpfs", "/run")


def _copy_etc() -> None:
    import shutil

    os.mkdir("/run/etc")
    for name in ETC:
        if os.path.isdir(f"/etc/{name}"):
            shutil.copytree(f"/etc/{name}", f"/run/etc/{name}", symlinks=True)
        elif os.path.exists(f"/etc/{name}"):
            shutil.copy(f"/etc/{name}", f"/run/etc/{name}")
    _mount("tmpfs", "/etc")
    shutil.copytree("/run/etc", "/etc", symlinks=True, dirs_exist_ok=True)
    shutil.rmtree("/run/etc")


def _become_pid_one() -> None:
    """Go on in a child, which is PID 1 of the new namespace; this process only passes its end on."""
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    _mount("proc", "/proc")


def _environment(changes: dict[str, str | None]) -> dict[str, str]:
    merged = {**os.environ, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _die_with_server() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _run(argv: list[str], env: dict[str, str | None], stdin: str, timeout: float) -> dict[str, object]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        argv, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment(env), start_new_session=True
    )
    try:
        out, err = process.communicate(os.fsencode(stdin), timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return {"code": process.returncode, "out": os.fsdecode(out), "err": os.fsdecode(err)}


def _popen(argv: list[str], env: dict[str, str | None], out: str, err: str) -> int:
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=_environment(env),
            start_new_session=True,
            preexec_fn=_die_with_server,
        )
    _background[process.pid] = process
    return process.pid


def _kill(pid: int, number: int) -> None:
    os.kill(pid, number)


def _wait(pid: int, timeout: float) -> int:
    return _background[pid].wait(timeout)


def _call(file: str, function: str, args: list[object]) -> object:
    if file not in _modules:
        import importlib.util

        sys.path.append(os.path.dirname(file))
        spec = importlib.util.spec_from_file_location(f"box_{len(_modules)}", file)
        _modules[file] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(_modules[file])
    return getattr(_modules[file], function)(*args)


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return os.fsdecode(file.read())


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(os.fsencode(text))


OPERATIONS = {"run": _run, "popen": _popen, "kill": _kill, "wait": _wait, "call": _call, "read": _read, "write": _write}


def _answer(line: bytes) -> dict[str, object]:
    request = json.loads(line)
    operation = OPERATIONS[request.pop("do")]
    try:
        return {"result": operation(**request)}
    except (OSError, ImportError, AttributeError, LookupError, ValueError, subprocess.SubprocessError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _children() -> list[int]:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # most boxes have none any more: that is told without a look at every process of the machine
        return []
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent(name) == os.getpid()]


def _parent(pid: str) -> int | None:
    try:
        return int(_read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _end_children() -> None:
    """Kill what runs below this process, and what then comes to it as the subreaper, until nothing is left."""
    deadline = time.monotonic() + 40.0
    while (left := _children()) and time.monotonic() < deadline:
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        # In any order: a guard that ends waits for its children, and those may be ours to wait for.
        for _ in left:
            os.waitpid(-1, 0)


def _hear_signals() -> None:
    """What is started in the background by a shell, or by nohup, ignores these, and so would everything that is started from here."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _serve(fd: int, options: dict[str, bool]) -> None:
    channel = socket.socket(fileno=fd)
    _hear_signals()
    try:
        _leave(options["pids"])
        if options["etc"]:
            _copy_etc()
        if options["pids"]:
            _become_pid_one()
    except OSError as error:
        channel.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    channel.sendall(b'{"result": null}\n')
    try:
        with channel.makefile("rb") as requests:
            for line in requests:
                channel.sendall(json.dumps(_answer(line)).encode() + b"\n")
    except ConnectionError:
        # The parent has gone without waiting for an answer.
        pass
    _end_children()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), json.loads(sys.argv[2]))
