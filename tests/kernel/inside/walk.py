"""A random walk on the real kernel: pick a state, go there, look; it must be what was wanted, and planning must find nothing to do.

python walk.py SEED STEPS names|files [tables] [queues]
"""

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.engine.enact import PlanFailed, enact
from netwright.engine.look import look
from netwright.engine.place import Files, Names
from netwright.kernel.views import OwnViews
from netwright.model.state import NOTHING, projected
from netwright.plan.planner import plan
from states import random_state


def walk(seed: int, steps: int, kind: str, words: list[str]) -> None:
    rng = Random(seed)
    views = OwnViews()
    with Names() if kind == "names" else Files() as place:
        known = NOTHING
        for number in range(steps):
            want = random_state(rng, tables="tables" in words, queues="queues" in words)
            todo = plan(look(place, known, overlay=views), want)
            if "break" in words and todo:
                _break_off(todo, place, views, rng, projected(look(place, known, overlay=views), known))
                todo = plan(look(place, _merged(known, want), overlay=views), want)
            try:
                enact(todo, place, views)
            except PlanFailed as error:
                raise SystemExit(f"seed {seed} step {number}: {error}\n{error.op}") from None
            seen = look(place, want, overlay=views)
            left = plan(seen, want)
            if left:
                raise SystemExit(f"seed {seed} step {number}: still to do:\n" + "\n".join(map(str, left)) + "\nhaving done:\n" + "\n".join(map(str, todo)))
            known = want
        enact(plan(look(place, known, overlay=views), NOTHING), place, views)
        assert look(place, known, overlay=views) == NOTHING
    print("walked")


def _merged(a, b):
    """Both, for looking: sysctls and tables of either."""
    from netwright.model.state import State
    from netwright.model.value import replace

    names = {}
    for name in {*a.namespaces, *b.namespaces}:
        x, y = a.namespaces.get(name), b.namespaces.get(name)
        names[name] = replace(y, tables={**x.tables, **y.tables}, qdiscs=x.qdiscs | y.qdiscs) if x and y else x or y
    return State(names)


def _break_off(todo, place, views, rng, before) -> None:
    """Do a part of the plan, and go back: what was before must be there again."""
    enact(todo[: rng.randrange(len(todo))], place, views)
    enact(plan(look(place, before, overlay=views), before), place, views)
    left = plan(look(place, before, overlay=views), before)
    if left:
        raise SystemExit("after going back, still to do:\n" + "\n".join(map(str, left)))


if __name__ == "__main__":
    walk(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
