"""The house: who may import whom, what stays in which room, and how long things may get. See docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "netwright"
FLOORS = {
    "errors": 0, "model": 0, "plan": 1, "kernel": 1, "engine": 2, "library": 3, "lab": 3, "networks": 3, "hostmap": 3, "doctor": 3,
    "ip": 4, "cni": 4, "netavark": 4, "docker": 4, "web": 4, "cli": 5, "pytest_plugin": 5,
}  # fmt: skip
FRONTS = ("ip", "cni", "netavark", "docker", "web")
APART = [{"plan", "kernel"}, *({one, other} for one in FRONTS for other in FRONTS if one < other)]
PURE = ("model", "plan", "doctor.checks", "hostmap.drawing")
IMPURE = {"os", "socket", "_socket", "subprocess", "ctypes", "asyncio", "time", "random"}
KERNEL_ONLY = {"ctypes", "_socket", "subprocess"}
LONGEST_FUNCTION, LONGEST_FILE = 60, 500

MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path for path in sorted(PACKAGE.rglob("*.py"))}
MODULES[""] = MODULES.pop("__init__")


def _statements(body: list[ast.stmt], late: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """(statement, runs later than the import of its module) of a body and all bodies in it; those for type checkers only are left out.

    Imports, functions and classes are statements: not to look into expressions is most of the speed."""
    for node in body:
        yield node, late
        if isinstance(node, ast.If) and any(isinstance(n, ast.Name) and n.id == "TYPE_CHECKING" for n in ast.walk(node.test)):
            continue
        inside = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, part, ()), inside)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(part.body, inside)


def _imports(name: str) -> Iterator[tuple[str, bool]]:
    """(module, runs at import time) for each import."""
    package = name.split(".") if MODULES[name].name == "__init__.py" else name.split(".")[:-1]
    for node, late in STATEMENTS[name]:
        if isinstance(node, ast.Import):
            yield from ((alias.name, not late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(["netwright", *[p for p in package if p][: len([p for p in package if p]) - node.level + 1], *([base] if base else [])])
            yield from ((f"{base}.{alias.name}" if base.startswith("netwright") else base, not late) for alias in node.names)


def _own(target: str) -> str | None:
    """The module of ours that an import means."""
    if target != "netwright" and not target.startswith("netwright."):
        return None
    inner = target.removeprefix("netwright").lstrip(".")
    while inner and inner not in MODULES:
        inner = inner.rpartition(".")[0]
    return inner


TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}
STATEMENTS = {name: list(_statements(tree.body)) for name, tree in TREES.items()}
EDGES = [(name, target, early) for name in MODULES for target, early in _imports(name)]


def test_imports_go_down_the_table():
    broken = []
    for name, target, _ in EDGES:
        here, there = name.split(".")[0], (_own(target) or "").split(".")[0]
        if not here or not there or here == there:
            continue
        assert here in FLOORS, f"{name}: the room {here} is not in docs/architecture.md"
        if FLOORS[there] > FLOORS[here] or {here, there} in APART or (FLOORS[there] == FLOORS[here] and FLOORS[here] in (3,)):
            broken.append(f"{name} must not import {target}")
    assert broken == []


def test_pure_rooms_import_nothing_that_acts():
    broken = [f"{name} imports {target}" for name, target, _ in EDGES if name.startswith(PURE) and target.split(".")[0] in IMPURE]
    assert broken == []


def test_raw_sockets_ctypes_and_subprocess_stay_in_kernel():
    broken = [f"{n} imports {t}" for n, t, _ in EDGES if t.split(".")[0] in KERNEL_ONLY and n.split(".")[0] != "kernel"]
    assert broken == []


def test_there_is_no_import_cycle():
    graph: dict[str, set[str]] = {}
    for name, target, early in EDGES:
        found = _own(target)
        if early and found and found != name and not name.startswith(found + "."):
            graph.setdefault(name, set()).add(found)
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a cycle: {' -> '.join([*trail, name])}"
        if name not in done:
            for target in graph.get(name, ()):
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def _too_large(name: str) -> Iterator[str]:
    text = MODULES[name].read_text()
    if text.strip() and not ast.get_docstring(TREES[name]):
        yield f"{name} has no docstring"
    if text.count("\n") > LONGEST_FILE:
        yield f"{name} has more than {LONGEST_FILE} lines"
    for node, _ in STATEMENTS[name]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno > LONGEST_FUNCTION:
            yield f"{name}: {node.name} has more than {LONGEST_FUNCTION} lines"
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Handler", "Util", "Utils")):
            yield f"{name}: {node.name} is a name that says nothing"


def test_modules_are_small_and_say_what_they_are():
    assert [mistake for name in MODULES for mistake in _too_large(name)] == []


def test_tests_do_not_sleep():
    found = [f"{path}:{n}" for path in sorted((ROOT / "tests").rglob("test_*.py")) for n, line in enumerate(path.read_text().splitlines(), 1) if "time." + "sleep(" in line]
    assert found == []


def test_the_table_stands_in_the_documentation():
    text = (ROOT / "docs" / "architecture.md").read_text()
    assert [room for room in FLOORS if room not in text] == []
