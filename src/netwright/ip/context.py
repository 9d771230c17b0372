"""What one invocation is: its options, its output, its session with the kernel. Passed to every command."""

import os
import sys

from .exits import KERNEL, LOCAL, Exit
from .output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..engine.session import Session
    from ..errors import KernelError
    from ..kernel.netlink import Netlink
    from ..kernel.rtnl import Message
    from ..plan.ops import Op
    from .links import Links

FAMILIES = {"inet": 2, "inet6": 10, "mpls": 28, "bridge": 7, "link": 17}


class Options:
    """The options before the object, as counters and flags."""

    __slots__ = (
        "all",
        "atomic",
        "batch",
        "brief",
        "color",
        "details",
        "dry_run",
        "echo",
        "explain",
        "family",
        "fields",
        "force",
        "human",
        "iec",
        "json",
        "json_errors",
        "loops",
        "netns",
        "numeric",
        "oneline",
        "pretty",
        "resolve",
        "stats",
        "timestamp",
        "timestamp_short",
    )  # fmt: skip

    def __init__(self) -> None:
        self.family = self.details = self.stats = self.human = self.iec = self.timestamp = self.timestamp_short = 0
        self.resolve = self.oneline = self.brief = self.json = self.pretty = self.numeric = self.force = self.echo = 0
        self.all = self.dry_run = self.explain = self.json_errors = self.atomic = False
        self.color = "never"
        self.loops = 10
        self.batch = self.netns = ""


class Context:
    """Options, output and session of one invocation. `applet`: we run under the name ip and keep to its ways."""

    def __init__(self, options: Options, *, applet: bool = False, program: str = "nw") -> None:
        self.options, self.applet, self.program = options, applet, program
        self.out = self.new_output()
        self.stdout: Callable[[str], object] = _write_stdout
        self.stderr: Callable[[str], object] = _write_stderr
        self.in_batch = self.fatal = False
        self.others: tuple[str, ...] = ()
        self.instead: Callable[[str], str] | None = None
        self._session: Session | None = None
        self._links: Links | None = None
        self.netns_names: dict[int, str] | None = None

    def new_output(self) -> Output:
        """A fresh Output in the mode of the options."""
        options = self.options
        return Output(
            json=bool(options.json),
            pretty=bool(options.pretty),
            oneline=bool(options.oneline),
            color=_colors_on(options),
            dark=_dark(),
        )

    @property
    def session(self) -> "Session":
        """The session with the kernel, opened when first asked for."""
        if self._session is None:
            from ..engine.session import Session

            self._session = Session()
        return self._session

    @property
    def netlink(self) -> "Netlink":
        """The session's socket, for dumps."""
        return self.session.netlink

    @property
    def links(self) -> "Links":
        """Names and indices of devices, remembered for this invocation."""
        if self._links is None:
            from .links import Links

            self._links = Links(self)
        return self._links

    def forget(self) -> None:
        """What was remembered about devices may be wrong now."""
        self._links = None

    def flush(self) -> None:
        """Print what was collected."""
        text = self.out.text()
        if text:
            self.stdout(text)

    def apply(self, op: "Op") -> int:
        """Do one operation (or with --dry-run print it as an ip command); 0, or the kernel's refusal as Exit 2."""
        if self.options.dry_run:
            from ..plan.explain import words

            if self.options.explain:
                self.show_sentence(op)
            return self.show_command(words(op))
        from ..engine.apply import apply_one
        from ..errors import KernelError

        self.forget()
        try:
            apply_one(op, self.session)
        except KernelError as error:
            raise self.refusal(error, op) from None
        finally:
            self.print_warnings()
        return 0

    def show_command(self, words: list[str]) -> int:
        """--dry-run: the command as a person would type it, for the namespace that -n named; 0."""
        from ..plan.explain import line

        self.stdout(line(words, self.options.netns) + "\n")
        return 0

    def show_sentence(self, op: "Op") -> None:
        """--explain: the operation as a sentence, a comment for a shell."""
        from ..model.value import replace
        from ..plan.explain import sentence

        if self.options.netns and hasattr(op, "namespace"):
            op = replace(op, namespace=self.options.netns)
        self.stdout(f"# {sentence(op)}\n")

    def refusal(self, error: "KernelError", op: "Op | None" = None) -> Exit:
        """The kernel's refusal as ip says it (exit 2), with our advice behind it."""
        from .advice import advise
        from .front import kernel_words

        return Exit(KERNEL, kernel_words(error), advice=lambda: advise(self, error, op))

    def dump(
        self, kind: int, header: "dict[str, int] | None" = None, values: "dict[str, Any] | None" = None, *, code: int = LOCAL
    ) -> "list[Message]":
        """Every object of a kind (rtnl.GETLINK …). A refusal ends the command as ip's does: `Dump terminated`, exit `code`."""
        from ..errors import KernelError
        from ..kernel import rtnl
        from .front import kernel_words

        try:
            return rtnl.dump(self.netlink, kind, header, values)
        except KernelError as error:
            # libnetlink is silent about ENOENT and EOPNOTSUPP of a dump unless the kernel said something itself.
            silent = error.errno in (2, 95) and not error.message
            text = "Dump terminated" if silent else f"{kernel_words(error)}\nDump terminated"
            raise Exit(code, text) from None

    def print_warnings(self) -> None:
        """`Warning: …` for what the kernel added to an acknowledgement."""
        if self._session is None or not self._session.opened:
            return
        for text in self.netlink.warnings:
            self.stderr(f"Warning: {text}{'' if text.endswith('.') else '.'}\n")
        self.netlink.warnings.clear()


def _write_stdout(text: str) -> None:
    # Bytes that are no UTF-8 (names may be any bytes) go out as they came in.
    data = text.encode("utf-8", "surrogateescape")
    try:
        sys.stdout.flush()
        while data:
            data = data[os.write(1, data) :]
    except OSError as error:
        error.filename = "standard output"  # so that it is told from what the kernel refuses
        raise


def _write_stderr(text: str) -> None:
    os.write(2, text.encode("utf-8", "surrogateescape"))


def _colors_on(options: Options) -> bool:
    if options.json or options.color == "never":
        return False
    return options.color == "always" or os.isatty(1)


def _dark() -> bool:
    """ip's rule: the last field of COLORFGBG is 0-6 or 8 on a dark background."""
    last = os.environ.get("COLORFGBG", "").rpartition(";")
    return bool(last[1]) and last[2] in ("0", "1", "2", "3", "4", "5", "6", "8")
