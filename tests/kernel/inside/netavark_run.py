"""netavark with the environment's accidents: python netavark_run.py STEP WORDS… ; kill -9 at that step (0: at none).

Records, zones, transactions and operations are counted, before and after.
"""

import os
import sys

for place in filter(None, reversed([*os.environ.get("NETAVARK_TEST_PATH", "").split(":"), os.path.dirname(__file__)])):
    sys.path.insert(0, place)

from dying import count_calls, count_operations, killed_at  # noqa: E402

from netwright.netavark.main import main  # noqa: E402


def die_at(step: int) -> None:
    from netwright.networks import attaching, records
    from netwright.networks.dns import zones

    counted = killed_at(step)
    count_operations(counted)
    count_calls(counted, records, "put", "remove")
    count_calls(counted, zones, "_put", "_remove")
    count_calls(counted, attaching.tables, "put", "take_out", "load", "remove_if_last")


def run(step: str, *words: str) -> int:
    if int(step):
        die_at(int(step))
    return main(["netavark", *words])


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
