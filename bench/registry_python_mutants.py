"""Faults planted into the registry's Python one by one: how many do its tests find?

    python bench/registry_python_mutants.py client [--sample 100] [--seed 1]
    python bench/registry_python_mutants.py service [--sample 100] [--seed 1]

`client` is voxkit's fence and registry client, `service` the package voxregistry. Each mutant changes one comparison,
operator, number, condition, handler or statement. A child of this process, which has everything imported but our own
code, runs the tests on it. Annotations and log lines are left alone. Prints each survivor and the score.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import fastapi  # noqa: F401  (imported once here, and not again by each child)
import httpx  # noqa: F401  (so too)
import hypothesis  # noqa: F401  (so too)
import pytest
import redis.asyncio  # noqa: F401  (so too)
import voxkit.contracts.registry
import voxkit.http
import voxkit.settings
import voxkit.web  # noqa: F401  (so too)

ROOT = Path(__file__).resolve().parents[1]
KIT, SERVICE = ROOT / "libs/voxkit", ROOT / "services/voxregistry"
SECONDS = 300
NEVER = "StopAsyncIteration"


class Part(NamedTuple):
    """What is changed, and the tests that should see it."""

    source: Path
    files: list[Path]
    tests: list[Path]


PARTS = {
    "client": Part(
        KIT / "src",
        [KIT / "src/voxkit/fence.py", *sorted((KIT / "src/voxkit/registry").glob("*.py"))],
        [*sorted((KIT / "tests").glob("test_registry_*.py")), KIT / "tests/test_fence.py"],
    ),
    "service": Part(
        SERVICE / "src",
        [SERVICE / f"src/voxregistry/{name}.py" for name in ("states", "store", "pools", "api", "notify", "events")],
        [SERVICE / f"tests/test_{name}.py" for name in (
            "tables", "sweeper", "store", "api_reservations", "api_limits", "corners", "api_operators", "openapi",
        )],
    ),
}  # fmt: skip


class Mutant(NamedTuple):
    module: str
    line: int
    what: str
    source: str


SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
Change = Callable[[Any], None]


def _ops(node: ast.Compare) -> Iterator[tuple[str, Change]]:
    for at, op in enumerate(node.ops):
        swapped = SWAPPED[type(op)]

        def change(n: ast.Compare, at: int = at, swapped: type[Any] = swapped) -> None:
            n.ops[at] = swapped()

        yield f"{type(op).__name__} -> {swapped.__name__}", change


def changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """What can be done to one node: words for it, and the function that does it."""
    match node:
        case ast.Compare():
            yield from _ops(node)
        case ast.BoolOp(op=op) | ast.BinOp(op=op) if type(op) in SWAPPED:
            swapped = SWAPPED[type(op)]
            yield f"{type(op).__name__} -> {swapped.__name__}", lambda n: setattr(n, "op", swapped())
        case ast.Constant(value=bool() as value):
            yield f"{value} -> {not value}", lambda n: setattr(n, "value", not n.value)
        case ast.Constant(value=int() | float() as value):
            yield f"{value} -> {value + 1}", lambda n: setattr(n, "value", n.value + 1)
        case ast.If() | ast.While() | ast.IfExp():
            yield "condition turned round", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case ast.ExceptHandler(type=ast.expr()):
            yield "handler gone", lambda n: setattr(n, "type", ast.Name(NEVER, ast.Load()))
    body = getattr(node, "body", None)
    for at, statement in enumerate(body if isinstance(body, list) else ()):
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue  # a docstring
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))):
                continue
            case ast.Expr() | ast.Raise() | ast.AugAssign() | ast.Break() | ast.Continue():

                def drop(n: Any, at: int = at) -> None:
                    n.body[at] = ast.copy_location(ast.Pass(), n.body[at])

                yield f"gone: {ast.unparse(statement)[:80]}", drop


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node in order, but for annotations."""
    yield tree
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns") or (
            isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING"
        ):
            continue
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                yield from _nodes(child)


def mutants(part: Part) -> Iterator[Mutant]:
    """Every mutant of every file."""
    for path in part.files:
        tree = ast.parse(path.read_text("utf-8"))
        module = ".".join(path.relative_to(part.source).with_suffix("").parts).removesuffix(".__init__")
        for number, node in enumerate(_nodes(tree)):
            for which, (what, _) in enumerate(changes(node)):
                changed = copy.deepcopy(tree)
                same = next(n for at, n in enumerate(_nodes(changed)) if at == number)
                list(changes(same))[which][1](same)
                yield Mutant(module, getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(changed)))


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module the text of the mutant."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source, f"<mutant of {self.mutant.module}>", "exec"), module.__dict__)  # noqa: S102  (ours)


def passes(part: Part, mutant: Mutant | None) -> bool:
    """Whether the tests pass on the mutant, or on the code as it is."""
    child = os.fork()
    if child == 0:
        os.setsid()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if mutant:
            sys.meta_path.insert(0, _Planted(mutant))
        assert not sys.modules.keys() & {"voxkit.fence", "voxkit.registry", "voxregistry"}, "they must be imported anew"
        # First the tests that are about this file.
        word = mutant.module.rpartition(".")[2] if mutant else ""
        tests = [str(path) for path in sorted(part.tests, key=lambda path: word not in path.stem)]
        options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout", "60", "-W", "ignore"]
        os._exit(int(pytest.main([*options, *tests])))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        gone, status = os.waitpid(child, os.WNOHANG)
        if gone:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def main() -> int:
    """Exit 0 when at least 90 % were found."""
    parser = argparse.ArgumentParser(description="Mutation score of the registry's Python.")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--sample", type=int, default=0, help="so many of them; 0 = all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    part = PARTS[options.part]
    os.chdir(ROOT)
    every = list(mutants(part))
    chosen = every
    if options.sample and options.sample < len(every):
        chosen = random.Random(options.seed).sample(every, options.sample)
    print(f"{len(chosen)} of {len(every)} mutants, seed {options.seed}", flush=True)
    if not passes(part, None):
        raise SystemExit("the tests do not pass without a fault either")
    counts: Counter[str] = Counter()
    for number, mutant in enumerate(chosen, 1):
        survived = passes(part, mutant)
        counts["survived" if survived else "found"] += 1
        if survived:
            print(f"survived: {mutant.module}:{mutant.line}: {mutant.what}", flush=True)
        if number % 25 == 0:
            print(f"{number}: {dict(counts)}", flush=True)
    score = counts["found"] / len(chosen)
    print(f"score {score:.1%} of {len(chosen)} mutants ({dict(counts)}), seed {options.seed}")
    return 0 if score >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
