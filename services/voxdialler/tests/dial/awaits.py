"""Every place at which a task of the dialler waits: found in its source, seen while it runs, and the end of it there.

A process that is killed has sent some of its requests and not the next one. What the world sees of it changes only
where a task waits for somebody else, so an end after each of these waits is an end at every line.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import inspect
from collections import Counter
from collections.abc import Coroutine, Generator, Iterator
from pathlib import Path
from types import AsyncGeneratorType, FrameType, ModuleType
from typing import Any

import voxdialler

SOURCE = str(Path(voxdialler.__file__).parent)
Place = tuple[str, int]
"""Module and line."""
Point = tuple[Place, ...]
"""Where each function of the dialler waits for the next one, from the outermost on: one line has many callers."""
_DEAD: list[object] = []
"""Tasks that were stopped dead: nothing in them may run any more, which their destruction would do."""


class Killed(BaseException):
    """The task ends here, as if its process had been killed."""


class Watched:
    """An awaitable that runs `work`. `seen` counts the waits; after the `times`th one at `end` nothing follows."""

    def __init__(self, work: Coroutine[Any, Any, None], end: Point | None = None, times: int = 1) -> None:
        self._work, self._end, self._times = work, end, times
        self.seen: Counter[Point] = Counter()

    def __await__(self) -> Generator[Any, Any, None]:
        answer: Any = None
        failure: BaseException | None = None
        last: object = None
        while True:
            try:
                waits_for = self._work.throw(failure) if failure else self._work.send(answer)
            except StopIteration:
                return
            point, awaited = where(self._work)
            if awaited is not last:  # a wait may be many turns of the loop
                last = awaited
                self.seen[point] += 1
                if point == self._end and self.seen[point] == self._times:
                    _DEAD.append(self._work)
                    yield from _to_its_end(waits_for, awaited)
                    raise Killed(point)
            answer = failure = None
            try:
                answer = yield waits_for
            except BaseException as error:
                failure = error


def _to_its_end(waits_for: object, awaited: Any) -> Generator[Any, Any, None]:
    """What was asked for is done, and its answer comes to nobody. One that never comes has a limit of time."""
    while True:
        try:
            value = yield waits_for
            waits_for = awaited.send(value)
        except (StopIteration, StopAsyncIteration, Exception, asyncio.CancelledError):
            return


def where(work: Coroutine[Any, Any, Any]) -> tuple[Point, object]:
    """Where a task waits, and what for."""
    point: list[Place] = []
    awaited, step = object(), _step(work)
    while step is not None:
        frame, following = step
        if frame is not None and frame.f_code.co_filename.startswith(SOURCE):
            point.append((_module(frame.f_code.co_filename), frame.f_lineno))
            awaited = following
        step = _step(following)
    return tuple(point), awaited


def _step(waiting: Any) -> tuple[FrameType | None, Any] | None:
    if inspect.iscoroutine(waiting):
        return waiting.cr_frame, waiting.cr_await
    if inspect.isgenerator(waiting):
        return waiting.gi_frame, waiting.gi_yieldfrom
    if inspect.isasyncgen(waiting):
        return waiting.ag_frame, waiting.ag_await
    # The next item of an asynchronous generator does not tell whose it is.
    if type(waiting).__name__ in ("async_generator_asend", "async_generator_athrow"):
        return None, next(one for one in gc.get_referents(waiting) if isinstance(one, AsyncGeneratorType))
    return None


def _module(file: str) -> str:
    return file.removeprefix(SOURCE).strip("/").removesuffix(".py").replace("/", ".")


def awaits_of(module: ModuleType) -> Iterator[tuple[str, range]]:
    """Every place in a module that waits: `module.Class.function: what it waits for`, and its lines."""
    assert module.__file__ is not None
    yield from _awaits(ast.parse(Path(module.__file__).read_text()), _module(module.__file__))


def _awaits(node: ast.AST, inside: str) -> Iterator[tuple[str, range]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        name = f"{inside}.{child.name}" if named else inside
        if isinstance(child, ast.Await):
            yield _place(name, child.value, child)
        elif isinstance(child, ast.AsyncFor) or (isinstance(child, ast.comprehension) and child.is_async):
            yield _place(name, child.iter, child.iter)
        elif isinstance(child, ast.AsyncWith):
            for item in child.items:
                yield _place(name, item.context_expr, item.context_expr)
        yield from _awaits(child, name)


def _place(function: str, waits_for: ast.expr, whole: ast.expr) -> tuple[str, range]:
    called = waits_for.func if isinstance(waits_for, ast.Call) else waits_for
    return f"{function}: {ast.unparse(called)}", range(whole.lineno, (whole.end_lineno or whole.lineno) + 1)
