"""A lab in three tiers, shown: `make demo`, or `python examples/shop_demo.py`.

Every line that begins with `$` is run as it stands, in front of you, and has to end as it should. Root is not needed where
users may make user namespaces. The lab is written down in a directory of its own, so that labs of yours are not touched, and
nothing is left at the end, whatever happens in between.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NW = Path(sys.executable).with_name("nw")
FILE = HERE / "shop.lab.yaml"
PICTURE = """
                 10.7.3.0/30            10.7.1.0/24
    +--------+                +----+              +-------+   +------+
    | client +----------------+ gw +--------------+ front +-+-+ web1 |
    +--------+    policy:     +--+-+     NAT      +-------+ | +------+
                  tcp/80, icmp   |                          | +------+
                  to front       | 10.7.2.0/24, mtu 1400    +-+ web2 |
                                 |                            +------+
                              +--+---+   +----+
                              | back +---+ db |
                              +------+   +----+
"""
SERVER = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, h.ThreadingHTTPServer, port=80, bind='10.7.1.10')"
CLIENT = "import urllib.request as u; print('HTTP', u.urlopen('http://web1/shop.lab.yaml', timeout=5).status, 'from web1')"


class Unexpected(Exception):
    """A command did not end as it should."""


def shown(text: str) -> None:
    print(text, flush=True)


def run(line: str, *, code: int = 0, head: int = 0) -> str:
    """Show a command, run it, show what it says (the first `head` lines), and hold it to its exit code."""
    shown(f"\n\033[1m$ {line}\033[0m" if sys.stdout.isatty() else f"\n$ {line}")
    words = [str(NW) if word == "nw" else sys.executable if word == "python" else word for word in shlex.split(line)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = done.stdout.splitlines()
    shown("\n".join(lines[:head] + [f"… {len(lines) - head} more lines"] if head and len(lines) > head else lines))
    if done.returncode != code:
        raise Unexpected(f"exit code {done.returncode} instead of {code}: {line}")
    return done.stdout


def served() -> subprocess.Popen:
    """A web server in web1, in the background; returns when it answers."""
    shown("\n$ nw exec shop/web1 python -m http.server --bind 10.7.1.10 80 &")
    argv = [str(NW), "exec", "shop/web1", sys.executable, "-c", SERVER]
    server = subprocess.Popen(argv, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    server.stdout.readline()
    return server


def grown(directory: str) -> Path:
    """The same lab with a third web server."""
    path = Path(directory, "shop.lab.yaml")
    path.write_text(FILE.read_text().replace("web{1..2}", "web{1..3}"))
    return path


def story(directory: str) -> None:
    shown("A lab is a file: hosts, switches, cables, who may talk to whom, and what has to be true.")
    shown(PICTURE)
    file = os.path.relpath(FILE)
    run(f"nw up {file}")
    run("nw check shop")
    server = served()
    try:
        run(f'nw exec shop/client python -c "{CLIENT}"')
        run("nw ping shop/web1 db -c 2")
        run("nw exec shop/client ping -c 1 -W 1 db", code=1)
        shown("  (as the policy says)")
        shown("\nOne more web server, while all of it runs. Only the difference is done:")
        larger = grown(directory)
        run(f"nw plan {larger}")
        run(f"nw up {larger}")
        run(f'nw exec shop/client python -c "{CLIENT}"')
        run(f"nw explain {file}", head=12)
        run("nw ls")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    run("nw down shop")
    run("nw ls")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="netwright-demo-") as directory:
        os.environ["NETWRIGHT_RUNTIME_DIR"] = f"{directory}/labs"
        try:
            story(directory)
        except Unexpected as error:
            print(f"\nThe demo did not go as it should: {error}", file=sys.stderr)
            subprocess.run([NW, "preflight"], check=False)
            return 1
        finally:
            subprocess.run([NW, "down", "shop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
