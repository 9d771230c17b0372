"""A command on another machine, by the ssh(1) that is installed: its keys, its agent and its settings hold."""

import os

from ..errors import CallFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Nobody is there to answer a question: what would be asked is an error, in ssh's own words.
_OPTIONS = ("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")


def answered(place: "Sequence[str]", command: "Sequence[str]") -> "tuple[int, bytes, str]":
    """Run a command there (`place`: ssh's options and the host) to its end: exit code, output, and what it or ssh complained of.

    The code is ssh's: 255 when it did not get there. CallFailed when there is no ssh here.
    """
    import shlex
    import subprocess

    # ssh joins its words with blanks and gives them to a shell: each is quoted here, once.
    argv = ["ssh", *_OPTIONS, *place, shlex.join(command)]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, env=dict(os.environ), check=False)
    except OSError as error:
        raise CallFailed(f"cannot run ssh: {error.strerror}", error.errno or 0, fix="apt-get install openssh-client") from None
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "surrogateescape")
