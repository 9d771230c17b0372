"""What a failed test's report tells of its labs."""

from __future__ import annotations

import os

import pytest

from ..errors import NetwrightError
from ..lab.evidence import evidence, write_pcaps
from .wanted import LIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .labs import Labs, WatchedLab


def tell(item: pytest.Item, report: pytest.TestReport) -> None:
    """A section for every lab that the test can have used."""
    titles: set[str] = set()
    for labs in concerned(item):
        labs.failed = True
        for lab in labs.made:
            title, number = f"lab {lab.name}", 1
            while title in titles:
                number += 1
                title = f"lab {lab.name} ({number})"
            titles.add(title)
            report.sections.append((title, _text(item, labs, lab, lab.name if number == 1 else f"{lab.name}-{number}")))


def concerned(item: pytest.Item) -> list[Labs]:
    """Those of the test itself, and those of its module when it uses them."""
    shared = item.listchain() if "module_lab" in getattr(item, "fixturenames", ()) else [item]
    return [labs for labs in item.config.stash.get(LIVE, []) if labs.node in shared]


def _text(item: pytest.Item, labs: Labs, lab: WatchedLab, name: str) -> str:
    try:
        text = evidence(lab, lab.packets, ups=lab.ups)
        written = write_pcaps(name, lab.packets.cables, _directory(item, labs)) if _has_packets(lab) and lab.packets else []
    except (OSError, NetwrightError) as error:
        return f"its state could not be read: {error}"
    if lab.unheard:
        text += f"\n{lab.unheard}"
    names = " ".join(os.path.basename(path) for path in written)
    return text + (f"\nas pcap files in {os.path.dirname(written[0])}: {names}" if written else "")


def _has_packets(lab: WatchedLab) -> bool:
    return lab.packets is not None and any(cable.packets for cable in lab.packets.cables.values())


def _directory(item: pytest.Item, labs: Labs) -> str:
    """Where the packets of this test go: two tests may have a lab of the same name."""
    name = "".join(c if c.isalnum() or c in "._-" else "_" for c in item.nodeid)[-100:].lstrip("._")
    below = item.config.getoption("lab_pcap_dir")
    if below:
        path = os.path.join(below, name)
        os.makedirs(path, exist_ok=True)
        return path
    return str(labs.factory.mktemp(f"{name[-60:]}-packets"))
