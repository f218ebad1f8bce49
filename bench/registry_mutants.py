"""Faults planted into the registry's Lua one by one: how many do its tests find?

    python bench/registry_mutants.py [--sample 300] [--seed 1] [--only 5_steps.lua]

Each mutant changes one operator, constant or statement. First a short random walk against the model looks at it, in
this process; what it does not see goes to the tests of the steps and of the API. Prints each survivor and the score.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import redis
from registrybench.changed_lua import FUNCTIONS, SERVICE, TESTS, copy_with, run_tests, words
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxregistry.store import library

sys.path.insert(0, str(SERVICE))

from tests.pool import Disagreement, Pool, load
from tests.test_model import walk

WALK = 2_500
OTHER = {"==": "~=", "~=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "*": "/", "and": "or",
         "or": "and", "true": "false", "false": "true", "max": "min", "min": "max"}  # fmt: skip
# A statement that stands alone on its line, and is no declaration: without it the text is still Lua.
STATEMENT = re.compile(
    r"^ *(?!local |return|if |for |while |else|elseif|end|function|until|repeat|--|\}|\{)[\w.\[\]:]+.*$"
)


class Mutant(NamedTuple):
    file: str
    line: int
    was: str
    now: str
    lua: str


def mutants() -> Iterator[Mutant]:
    """Every mutant of every file."""
    for path in FUNCTIONS:
        lua = path.read_text("utf-8")
        lines = lua.splitlines()

        def changed(start: int, end: int, text: str, lua: str = lua, path: Path = path) -> Mutant:
            line = lua.count("\n", 0, start) + 1
            return Mutant(path.name, line, lua[start:end].strip(), text.strip(), lua[:start] + text + lua[end:])

        for match in words(lua):
            before = lua[match.start() - 1]
            if match[0] in OTHER and not (match[0] in "+-*" and before not in " "):
                yield changed(match.start(), match.end(), OTHER[match[0]])
            elif match[0].isdigit() and before not in "._":
                yield changed(match.start(), match.end(), str(int(match[0]) + 1))
            elif match[0] == "not":
                yield changed(match.start(), match.end() + 1, "")
        at = 0
        for line in lines:
            code = line.split(" --")[0]
            whole = all(code.count(a) == code.count(b) for a, b in ("()", "{}", "[]"))
            if STATEMENT.match(line) and whole and not code.rstrip().endswith((",", "and", "or", "then", "=", "..")):
                yield changed(at, at + len(line), "")
            at += len(line) + 1


def order(file: str) -> list[str]:
    """The tests, with those at the head that look at this file."""
    first = {"6_views.lua": ["test_api_operators", "test_queue"], "7_check.lua": ["test_check"]}.get(file, [])
    return [*first, *(name for name in TESTS if name not in first)]


class Lab:
    """A store of its own for the walk; a mutant that never ends costs it its life."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def renew(self) -> None:
        self.server.kill()
        self.start()

    def start(self) -> None:
        self.server = ValkeyServer(free_port(), self.folder / f"valkey-{time.monotonic_ns()}")
        self.server.start()
        self.server.wait_ready(60)
        self.client = redis.Redis(port=self.server.port, socket_timeout=10)

    def try_out(self, mutant: Mutant) -> str:
        """`found`, `seen by nobody`, or `no program`: one that does not even load says nothing about tests."""
        lua = next(path.read_text("utf-8") for path in FUNCTIONS if path.name == mutant.file)
        source = library(test_clock=True)
        assert lua in source, "the library is another one than that of these files"
        try:
            self.client.flushall()
        except redis.exceptions.RedisError:  # the last mutant still runs
            self.renew()
        try:
            load(self.client, source.replace(lua, mutant.lua))
        except redis.exceptions.ResponseError:
            return "no program"
        try:
            walk(self.make, seed=1, steps=WALK)
        except (Disagreement, redis.exceptions.RedisError, LookupError, TypeError, ValueError):
            return "found"
        return "seen by nobody"

    def make(self) -> Pool:
        pool = Pool(self.client, "mutant")
        pool.step("settle", {"limit": 64})
        pool.tick(4_000)
        return pool


def main() -> int:
    """Exit 0 when at least 90 % were found."""
    parser = argparse.ArgumentParser(description="Mutation score of the registry's Lua.")
    parser.add_argument("--sample", type=int, default=0, help="so many of them; 0 = all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="one file")
    options = parser.parse_args()
    every = [mutant for mutant in mutants() if options.only in ("", mutant.file)]
    chosen = every
    if options.sample and options.sample < len(every):
        chosen = random.Random(options.seed).sample(every, options.sample)
    print(f"{len(chosen)} of {len(every)} mutants, seed {options.seed}", flush=True)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="registry-mutants-") as name:
        folder = Path(name)
        if not run_tests(copy_with(folder, {}), folder / "tests", TESTS):
            raise SystemExit("the tests do not pass without a fault either")
        lab = Lab(folder)
        try:
            for number, mutant in enumerate(chosen, 1):
                verdict = lab.try_out(mutant)
                if verdict == "seen by nobody":
                    source = copy_with(folder, {mutant.file: mutant.lua})
                    verdict = (
                        "survived" if run_tests(source, folder / "tests", order(mutant.file)) else "found by tests"
                    )
                    if verdict == "survived":
                        print(f"survived: {mutant.file}:{mutant.line}: {mutant.was!r} -> {mutant.now!r}", flush=True)
                counts[verdict] += 1
                if number % 25 == 0:
                    print(f"{number}: {dict(counts)}", flush=True)
        finally:
            lab.server.kill()
    programs = len(chosen) - counts["no program"]
    score = 1 - counts["survived"] / programs
    print(f"score {score:.1%} of {programs} programs ({dict(counts)}), seed {options.seed}")
    return 0 if score >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
