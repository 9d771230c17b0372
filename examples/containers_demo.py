"""Container networks, shown: `make demo`, or `python examples/containers_demo.py`.

Every line that begins with `#` is run as it stands, in front of you, and has to end as it should. It all happens inside
`nw rootless`, in namespaces of its own: the machine's network is not touched, root is not needed where users may make user
namespaces, and nothing is left at the end.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
NW = Path(sys.executable).with_name("nw")
PICTURE = """
    127.0.0.1:8080 ──┐
                     ▼          bridge 10.64.0.0/24
    this host ── nw-bridge ─┬─ web    python -m http.server 80
                            └─ client
                nw-shop    ─── api    (a network of its own: kept apart)
"""
GET = "import urllib.request as u; print('HTTP', u.urlopen('{}', timeout=5).status, 'from {}')"


class Unexpected(Exception):
    """A command did not end as it should."""


def shown(text: str) -> None:
    print(text, flush=True)


def run(line: str, *, code: int = 0) -> None:
    """Show a command, run it, show what it says, and hold it to its exit code."""
    shown(f"\n\033[1m# {line}\033[0m" if sys.stdout.isatty() else f"\n# {line}")
    words = [str(NW) if word == "nw" else sys.executable if word == "python" else word for word in shlex.split(line)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    shown(done.stdout.rstrip())
    if done.returncode != code:
        raise Unexpected(f"exit code {done.returncode} instead of {code}: {line}")


def get(url: str, who: str) -> str:
    return f'python -c "{GET.format(url, who)}"'


def story() -> None:
    shown("A container's network, for programs of this machine: an interface, an address, a way out, a name, published ports.")
    shown(PICTURE)
    run("nw run -d --name web -p 8080:80 python -um http.server 80")
    run("nw run --name client ip -brief address")
    answered("nw run --name client " + get("http://web/", "web"))
    run(get("http://127.0.0.1:8080/", "a published port"))
    run("nw publish ls")
    run("nw network create shop")
    run("nw run -d --name api --network shop python -um http.server 80")
    answered("nw run --network container:api " + get("http://api/", "api, by its own name"))
    run("nw run --network container:web ping -c 1 -W 1 api", code=2)
    run("nw connect shop web")
    run("nw run --network container:web " + get("http://api/", "api"))
    run("nw containers")
    run("nw map --path web api")
    run("nw who :8080")
    run("nw stop web api")
    run("nw network rm bridge shop")


def answered(line: str) -> None:
    """The same, where a server may need a moment to listen."""
    words = [str(NW) if word == "nw" else sys.executable if word == "python" else word for word in shlex.split(line)]
    for _ in range(50):
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            break
    run(line)


def main() -> int:
    if sys.argv[1:] != ["--inside"]:
        os.execv(NW, [str(NW), "rootless", sys.executable, str(HERE), "--inside"])
    try:
        story()
    except Unexpected as error:
        sys.stderr.write(f"containers_demo: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
