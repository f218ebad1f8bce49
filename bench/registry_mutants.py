"""Faults planted into the registry's Lua one by one: how many do its tests find?

    python bench/registry_mutants.py [--sample 300] [--seed 1] [--only 5_steps.lua]

Each mutant changes one operator, constant or statement. First a short random walk against the model looks at it, in
this process; what it does not see goes to the tests of the steps and of the API. Prints each survivor and the score.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import time
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
        self.folder, self.server = folder, None
        self.renew()

    def renew(self) -> None:
        if self.server:
            self.server.kill()
        self.server = ValkeyServer(free_port(), self.folder / f"valkey-{time.monotonic_ns()}")
        self.server.start()
        self.server.wait_ready(60)
        self.client = redis.Redis(port=self.server.port, socket_timeout=10)

    def found_by_walk(self, mutant: Mutant) -> bool:
        lua = next(path.read_text("utf-8") for path in FUNCTIONS if path.name == mutant.file)
        source = library(test_clock=True).replace(lua, mutant.lua)
        try:
            self.client.flushall()
            load(self.client, source)

            def make() -> Pool:
                pool = Pool(self.client, "mutant")
                pool.step("settle", {"limit": 64})
                pool.tick(4_000)
                return pool

            walk(make, seed=1, steps=WALK)
        except redis.exceptions.ResponseError:  # it does not even load
            return True
        except (redis.exceptions.RedisError, OSError):
            self.renew()
            return True
        except (Disagreement, LookupError, TypeError, ValueError):
            return True
        return False


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
    walked = tested = 0
    survivors: list[Mutant] = []
    with tempfile.TemporaryDirectory(prefix="registry-mutants-") as name:
        folder = Path(name)
        lab = Lab(folder)
        try:
            for number, mutant in enumerate(chosen, 1):
                if lab.found_by_walk(mutant):
                    walked += 1
                elif not run_tests(copy_with(folder, {mutant.file: mutant.lua}), folder / "tests", order(mutant.file)):
                    tested += 1
                else:
                    survivors.append(mutant)
                    print(f"survived: {mutant.file}:{mutant.line}: {mutant.was!r} -> {mutant.now!r}", flush=True)
                if number % 25 == 0:
                    print(
                        f"{number}: {walked} found by the walk, {tested} by other tests, {len(survivors)} live",
                        flush=True,
                    )
        finally:
            if lab.server:
                lab.server.kill()
    score = (walked + tested) / len(chosen)
    print(f"score {score:.1%} of {len(chosen)} (of {len(every)}), seed {options.seed}, load {os.getloadavg()[0]:.1f}")
    return 0 if score >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
