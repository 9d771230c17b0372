"""Programs of the benches in private namespaces, and a look whether one is there: some of them change the network they run in."""

import json
import os
import subprocess

PRIVATE = ["unshare", *([] if os.getuid() == 0 else ["--map-root-user"]), "-nmpf", "--kill-child", "--mount-proc", "--propagation", "private"]
MARK = "NETWRIGHT_BENCH_APART"
INNER = ["sh", "-c", f'mount -t tmpfs none /run && ip link set lo up && {MARK}=1 exec "$@"', "sh"]


def apart(*argv: str) -> dict[str, float]:
    """A program in private namespaces; the JSON of its last line."""
    done = subprocess.run([*PRIVATE, *INNER, *argv], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def started(*argv: str) -> "subprocess.Popen[str]":
    """A program in private namespaces that is spoken with by lines; it ends with its standard input."""
    return subprocess.Popen([*PRIVATE, *INNER, *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def must_be_apart() -> None:
    """SystemExit where this program would work on the machine itself."""
    if MARK not in os.environ:
        raise SystemExit("this part of a bench changes the network it runs in, so the bench itself starts it, in private namespaces: make bench")
