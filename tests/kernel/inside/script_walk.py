"""From state to state by nothing but the script that explains the plan: what is then there must be what was wanted.

python script_walk.py SEED
"""

import subprocess
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.engine.look import look
from netwright.engine.place import Names
from netwright.model.state import NOTHING
from netwright.plan.explain import script
from netwright.plan.planner import plan
from states import random_state


def _views(*states):
    names = {}
    for state in states:
        for name, namespace in state.namespaces.items():
            names.setdefault(namespace.view, set()).add(name)
    return {view: sorted(found) for view, found in names.items()}


def walk(seed: int) -> None:
    rng = Random(seed)
    now = NOTHING
    for number, want in enumerate([random_state(rng), random_state(rng), NOTHING]):
        todo = plan(now, want)
        text = script(todo, _views(now, want))
        done = subprocess.run(["sh", "-s"], input=text, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(f"seed {seed} step {number}: {done.stderr}\n{text}")
        with Names() as place:
            # Files are seen by programs that `ip netns exec` starts.
            seen = look(place, want)
            _files_are_seen(want)
            left = [op for op in plan(seen, want) if type(op).__name__ != "PutFile"]
        if left:
            raise SystemExit(f"seed {seed} step {number}: still to do:\n" + "\n".join(map(str, left)) + "\nhaving done:\n" + text)
        now = want
    print("walked")


def _files_are_seen(state) -> None:
    for name, namespace in state.namespaces.items():
        for path, text in state.files.get(namespace.view, {}).items():
            found = subprocess.run(["ip", "netns", "exec", name, "cat", path], capture_output=True, text=True, check=True)
            assert found.stdout == text, (name, path, found.stdout)


walk(int(sys.argv[1]))
