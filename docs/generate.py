"""Writes what is generated in docs/: the help text of each object and command below its `<!-- help: NAME -->`, the manual
pages nw-lab.1, nw-network.1 and nw-map.1, and the schema of the map.

`make docs` runs it; a test fails while a page is not as this would write it.
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src"
HELP = (SOURCE / "netwright/ip/help_texts", SOURCE / "netwright/cli/help")
PAGES = ("commands.md", "labs-commands.md", "networks-commands.md", "cni.md", "map.md")
_BLOCK = re.compile(r"<!-- help: (\w+) -->\n(?:```text\n.*?```\n)?", re.DOTALL)


def with_help(page: str) -> str:
    """The page with each help text as the program prints it."""
    return _BLOCK.sub(lambda found: f"<!-- help: {found[1]} -->\n{_fenced(found[1])}", page)


def _fenced(name: str) -> str:
    path = next((place / f"{name}.txt" for place in HELP if (place / f"{name}.txt").exists()), None)
    return f"```text\n{path.read_text(encoding='utf-8')}```\n" if path else ""


# -- the manual page of the commands of labs -------------------------------------------------------------------------------

_HEAD = """.TH NW\\-LAB 1 "" "netwright" "User Commands"
.SH NAME
nw\\-lab \\- networks of hosts and switches from a file: nw up, down, plan, diff, explain, check, ls, ps, exec, shell, ping, capture, snapshot, gc, rootless, preflight, completion
.SH SYNOPSIS
.B nw
.I command
.RI [ options ]
.SH DESCRIPTION
A lab is a network of hosts, switches and cables that a file describes. It lives in namespaces of its own, kept by one process; nothing of it appears among the machine's devices. Root is not needed where the kernel lets users make user namespaces
.RB ( "nw preflight" ).
.PP
A command is the first word, in full.
.SH COMMANDS
"""
_TAIL = """.SH FILES
.TP
.I /run/netwright, $XDG_RUNTIME_DIR/netwright
where labs are written down, of root and of anybody else; a directory for each. Both end with the machine.
.SH ENVIRONMENT
.TP
.B NETWRIGHT_RUNTIME_DIR
another place to write labs down
.TP
.B NO_COLOR
no colours on a terminal
.TP
.BR NETWRIGHT_LAB ", " NETWRIGHT_HOST
are set for programs of a host
.SH EXIT STATUS
0 done, 1 failed, 2 the words make no sense.
.B exec
and
.B shell
end as their program does: its code, 126 it cannot be run, 127 there is none, 128 + n a signal ended it.
.SH SEE ALSO
.BR nw (1),
.BR nw\\-netns (8),
.BR ip (8),
.BR network_namespaces (7),
.BR user_namespaces (7)
"""


_NETWORK_HEAD = """.TH NW\\-NETWORK 1 "" "netwright" "User Commands"
.SH NAME
nw\\-network \\- networks of containers: nw network, run, containers, stop, connect, disconnect, publish, dns, cni, netavark
.SH SYNOPSIS
.B nw
.I command
.RI [ options ]
.SH DESCRIPTION
What a container engine does so that a container gets an interface, an address, a way out, a name and published ports, for programs of this machine and for any network namespace. Root is needed, or the inside of
.BR "nw rootless" .
.SH COMMANDS
"""
_NETWORK_TAIL = """.SH FILES
.TP
.I /var/lib/netwright/networks.db
networks, and which address belongs to which name
.TP
.I /run/netwright
what is attached now (.attached), containers (.containers), names (.dns). It ends with the machine.
.SH ENVIRONMENT
.TP
.BR NETWRIGHT_STATE_DIR ", " NETWRIGHT_RUN_DIR
other places for these
.SH EXIT STATUS
0 done, 1 failed, 2 the words make no sense.
.B run
ends as its program does: its code, 126 it cannot be run, 127 there is none, 128 + n a signal ended it.
.SH SEE ALSO
.BR nw (1),
.BR nw\\-lab (1),
.BR nft (8),
.BR ip (8)
"""


_MAP_HEAD = """.TH NW\\-MAP 1 "" "netwright" "User Commands"
.SH NAME
nw\\-map \\- every network namespace of this host, who holds it, how it is wired: nw map, who, watch, web
.SH SYNOPSIS
.B nw
.I command
.RI [ options ]
.SH DESCRIPTION
A map is taken without changing anything and without a daemon. As root it has everything; anybody else sees what he may see, and is told what he may not.
.SH COMMANDS
"""
_MAP_TAIL = """.SH ENVIRONMENT
.TP
.B NO_COLOR
no colours on a terminal
.SH EXIT STATUS
0 done, 1 failed (of
.B map \\-\\-diff
also: something is different), 2 the words make no sense.
.SH SEE ALSO
.BR nw (1),
.BR nw\\-lab (1),
.BR nw\\-network (1),
.BR lsns (8),
.BR ip\\-netns (8)
"""


def manuals() -> dict[str, str]:
    """The manual pages with the help text of each command: by file name."""
    sys.path.insert(0, str(SOURCE))
    from netwright.cli.commands import LABS, MAPS, NETWORKS

    return {
        "nw-lab.1": _manual(_HEAD, LABS, _TAIL),
        "nw-network.1": _manual(_NETWORK_HEAD, NETWORKS, _NETWORK_TAIL),
        "nw-map.1": _manual(_MAP_HEAD, MAPS, _MAP_TAIL),
    }


def _manual(head: str, names: tuple[str, ...], tail: str) -> str:
    from netwright.cli.commands import help_text

    return head + "".join(f".SS nw {name}\n.nf\n{_quoted(help_text(name))}.fi\n" for name in names) + tail


def _quoted(text: str) -> str:
    """Text as roff takes it literally: no escapes, and no line that begins with a dot or an apostrophe."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "".join(("\\&" if line[:1] in (".", "'") else "") + line + "\n" for line in lines)


def main() -> None:
    """Write the pages anew."""
    for name in PAGES:
        page = DOCS / name
        page.write_text(with_help(page.read_text(encoding="utf-8")), encoding="utf-8")
    for name, text in manuals().items():
        (DOCS / "man" / name).write_text(text, encoding="utf-8")
    from netwright.hostmap import schema

    (DOCS / "map.schema.json").write_text(schema.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
