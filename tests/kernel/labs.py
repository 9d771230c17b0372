"""`nw` in a box, as root or as an ordinary user: `Nw(box, "ordinary")("up", "shop.lab.yaml")`."""

import json
import sysconfig
from pathlib import Path

from sandbox import SOURCE, Result, Sandbox
from users import _prefix, _python

_PLACES = [str(SOURCE), *dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))]
PATHS = ":".join(_PLACES)
RUN = f"import sys; sys.path += {_PLACES!r}; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
PLACE = "/run/user-of-the-test"


class Nw:
    """The program for one user: labs are kept in a directory of the box, files are read from there too."""

    def __init__(self, box: Sandbox, user: str) -> None:
        self.box, self.user = box, user
        self.prefix, self.python = _prefix(user), _python(box, user)
        box.run(["mkdir", "-p", "-m", "777", PLACE])
        self.environment = {"NETWRIGHT_RUNTIME_DIR": f"{PLACE}/labs", "HOME": PLACE, "TERM": "dumb", "NO_COLOR": None}

    def argv(self, *words: str, options: tuple[str, ...] = ()) -> list[str]:
        """The command line of `nw WORDS`; `options` are Python's own."""
        return [*self.prefix, self.python, *options, "-IS", "-c", RUN, *words]

    def result(self, *words: str, stdin: str = "", env: dict[str, str] | None = None, timeout: float = 60.0) -> Result:
        """How `nw WORDS` ended, whatever it did."""
        return self.box.run(self.argv(*words), env={**self.environment, **(env or {})}, stdin=stdin, timeout=timeout)

    def __call__(self, *words: str, **options) -> str:
        """What `nw WORDS` prints; it must succeed."""
        done = self.result(*words, **options)
        assert done.code == 0, (words, done.code, done.err, done.out)
        return done.out

    def json(self, *words: str, code: int = 0):
        """Its answer as JSON."""
        done = self.result(*words, "--json")
        assert done.code == code, (words, done.code, done.err)
        return json.loads(done.out)

    def start(self, *words: str, out: str = "/dev/null") -> int:
        """Start it in the background; its pid in the box."""
        return self.box.popen(self.argv(*words), env=self.environment, out=out, err=f"{out}.err" if out != "/dev/null" else out)

    def file(self, name: str, text: str) -> str:
        """Write a lab file; its path."""
        path = f"{PLACE}/{name}"
        self.box.write(path, text)
        return path

    def left(self) -> list[str]:
        """What is left in the directory of labs, and holders that live and are children of the box's server (its subreaper)."""
        script = 'for p in /proc/[0-9]*; do grep -qs ^nw-lab $p/comm && grep -qs "^PPid:.$PPID$" $p/status && ! grep -qs "^State:.Z" $p/status && echo $p; done'
        return self.box.run(["ls", "-A", f"{PLACE}/labs"]).out.split() + self.box.run(["sh", "-c", script]).out.split()


def examples() -> Path:
    """The directory of the examples."""
    return SOURCE.parent / "examples"
