"""Which branches of the registry's Lua do its tests take?

    python bench/registry_branches.py

A counter is put into a copy of the Lua at every function, loop body, `then` and `else`, and into an `else` of its own
where an `if` has none: a branch that is always taken is found as well. The tests of the steps and of the API run on the
copy; the store's log says which counters were reached. Prints the others, and exits with 1 when there are any.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from registrybench.changed_lua import FUNCTIONS, TESTS, copy_with, run_tests, words

# Stands below the declaration of R: while a library loads there is no R, and nothing may be logged yet.
DECLARED = re.compile(r"^local R .*\n", re.MULTILINE)
PROBE = """local reached, loading = {}, {}
local function hit(n)
  if reached[n] then return end
  loading[#loading + 1] = n
  if not R then return end
  for _, each in ipairs(loading) do
    reached[each] = true
    redis.log(redis.LOG_WARNING, 'branch ' .. each .. ' reached')
  end
  loading = {}
end
"""


def with_counters(lua: str, file: str, places: list[str]) -> str:
    """The text with `hit(n)` at every branch; what and where they are goes to `places`."""
    inserts: list[tuple[int, str]] = []
    blocks: list[list[str]] = []  # the open blocks: what opened each, and "else" once it has one

    def hit(match: re.Match[str], what: str) -> str:
        line = lua.count("\n", 0, match.start()) + 1
        if lua.splitlines()[line - 1].count(" then error("):
            return " "  # a move that no table allows: it is there so that it cannot be made
        places.append(f"{file}:{line}: {what}")
        return f" hit({len(places)}) "

    parameters = 0  # inside the brackets of a function's parameters, which its body follows
    for match in words(lua):
        word = match[0]
        if parameters and word == ")":
            parameters = 0
            inserts.append((match.end(), hit(match, "function")))
        elif word == "function":
            blocks.append(["function"])
            parameters = 1
        elif word in ("if", "do", "repeat"):
            blocks.append([word])
            if word != "if":
                inserts.append((match.end(), hit(match, "loop body")))
        elif word == "then":
            inserts.append((match.end(), hit(match, "then")))
        elif word == "else":
            blocks[-1].append("else")
            inserts.append((match.end(), hit(match, "else")))
        elif word == "until":
            blocks.pop()
        elif word == "end":
            kind = blocks.pop()
            if kind == ["if"]:  # without an else
                inserts.append((match.start(), f" else{hit(match, 'no branch of the if that ends here is taken')}"))
    for at, text in sorted(inserts, key=lambda insert: -insert[0]):
        lua = lua[:at] + text + lua[at:]
    return lua


def main() -> int:
    """Exit 0 when every branch was taken."""
    places: list[str] = []
    changed = {path.name: with_counters(path.read_text("utf-8"), path.name, places) for path in FUNCTIONS}
    first = FUNCTIONS[0].name
    changed[first] = DECLARED.sub(lambda declared: declared[0] + PROBE, changed[first], count=1)
    with tempfile.TemporaryDirectory(prefix="registry-branches-") as name:
        folder = Path(name)
        passed = run_tests(copy_with(folder, changed), folder / "tests", [*TESTS, "test_model"])
        logs = "\n".join(path.read_text("utf-8", "replace") for path in (folder / "tests").rglob("*.log"))
    if not passed:
        print("the tests do not pass on the copy")
        return 1
    reached = {int(number) for number in re.findall(r"branch (\d+) reached", logs)}
    for number, place in enumerate(places, 1):
        if number not in reached:
            print(f"never: {place}")
    print(f"{len(reached)} of {len(places)} branches of the Lua are taken ({len(reached) / len(places):.1%})")
    return 0 if len(reached) == len(places) else 1


if __name__ == "__main__":
    sys.exit(main())
