"""netavark with the environment's accidents: python netavark_run.py STEP WORDS… ; kill -9 at that step (0: at none).

Records, zones, transactions and operations are counted, before and after.
"""

import os
import signal
import sys

for place in reversed(os.environ["NETAVARK_TEST_PATH"].split(":")):
    sys.path.insert(0, place)

from netwright.netavark.main import main  # noqa: E402


def die_at(step: int) -> None:
    import netwright.engine.enact as enact
    from netwright.networks import attaching, records
    from netwright.networks.dns import zones

    count = [0]

    def counted() -> None:
        count[0] += 1
        if count[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(module, name: str) -> None:
        work = getattr(module, name)

        def wrapped(*arguments, **more):
            counted()
            found = work(*arguments, **more)
            counted()
            return found

        setattr(module, name, wrapped)

    for module, names in ((records, ("put", "remove")), (zones, ("_put", "_remove")), (attaching.tables, ("put", "take_out", "load", "remove_if_last"))):
        for name in names:
            around(module, name)
    runs = enact.runs

    def runs_counted(plan):
        for run in runs(plan):
            for op in run:
                counted()
                yield [op]

    enact.runs = runs_counted


if __name__ == "__main__":
    if int(sys.argv[1]):
        die_at(int(sys.argv[1]))
    sys.exit(main(["netavark", *sys.argv[2:]]))
