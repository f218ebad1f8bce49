"""One stage of the pipeline (STT, LLM, TTS): a service that can be replaced while the call runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pipecat.frames.frames import CancelFrame, EndFrame, ErrorFrame, Frame, StartFrame
from pipecat.pipeline.pipeline import PipelineSink, PipelineSource
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
from voxkit.log import get_logger

from voxcore.pipeline.fallback import Failure, Failures, read_failure
from voxcore.pipeline.providers.base import Option

log = get_logger("voxcore.stage")

Build = Callable[[Option], Awaitable[FrameProcessor]]
REPLAYED = "vox_replayed"


class Stage(FrameProcessor):
    """Holds the active service between two seams. `options` are the candidates, the first of them is running."""

    name_of_stage = ""

    def __init__(self, service: FrameProcessor, options: list[Option], build: Build, failures: Failures) -> None:
        super().__init__(name=f"{self.name_of_stage}-stage", enable_direct_mode=True)
        self._entry = PipelineSource(self._from_service_up, name=f"{self.name_of_stage}-entry")
        self._exit = PipelineSink(self._from_service_down, name=f"{self.name_of_stage}-exit")
        self.service = service
        self.options = options
        self._build = build
        self.failures = failures
        self._at = 0
        self._start_frame: StartFrame | None = None
        self._started = False
        self.ending = False
        self.swapping = False
        self.dead = False
        """No candidate is left: what the service still says is worthless."""
        self._jobs: set[asyncio.Task[Any]] = set()
        self._link()

    @property
    def more(self) -> bool:
        """Whether another candidate is left."""
        return self._at + 1 < len(self.options)

    @property
    def option(self) -> Option:
        return self.options[self._at]

    def _link(self) -> None:
        self._entry.link(self.service)
        self.service.link(self._exit)

    async def setup(self, setup: FrameProcessorSetup) -> None:
        await super().setup(setup)
        for part in (self._entry, self._exit, self.service):
            await part.setup(setup)

    async def cleanup(self) -> None:
        await super().cleanup()
        self.ending = True
        for job in list(self._jobs):
            await self.cancel_task(job)
        for part in (self._entry, self._exit, self.service):
            await part.cleanup()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._start_frame = frame
        elif isinstance(frame, EndFrame | CancelFrame):
            self.ending = True
        if not await self.into_service(frame, direction):
            return
        if direction == FrameDirection.DOWNSTREAM:
            await self._entry.queue_frame(frame, direction)
        else:
            await self._exit.queue_frame(frame, direction)

    async def _from_service_down(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, StartFrame):
            if self._started:
                return
            self._started = True
        if not frame.metadata.get(REPLAYED) and await self.out_of_service(frame, direction):
            await self.push_frame(frame, direction)

    async def _from_service_up(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, ErrorFrame) and frame.processor is self.service:
            if not self.ending and not self.swapping:
                await self.failed(read_failure(frame, self.option.api_key))
            return
        if not frame.metadata.get(REPLAYED) and await self.out_of_service(frame, direction):
            await self.push_frame(frame, direction)

    def later(self, work: Any) -> asyncio.Task[Any]:
        """Run beside the pipeline; ends with the stage."""
        job = self.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return job

    # --- what a stage adds ------------------------------------------------------------------------------------

    async def into_service(self, frame: Frame, direction: FrameDirection) -> bool:
        """A frame on its way to the service; False keeps it."""
        return True

    async def out_of_service(self, frame: Frame, direction: FrameDirection) -> bool:
        """A frame that the service lets out; False keeps it."""
        return True

    async def failed(self, failure: Failure) -> None:
        raise NotImplementedError

    async def resume(self) -> None:
        """The new service is running: give it what its predecessor owes."""

    # --- replacing the service --------------------------------------------------------------------------------

    async def next_candidate(self, failure: Failure) -> None:
        """Go on with the next candidate for the rest of the call, or give the call up."""
        if self.swapping or self.dead or self.ending:
            return
        if not self.more:
            self.dead = True
            self.failures.note(self.name_of_stage, self.option, failure, "give_up")
            self.later(self.failures.give_up(self.name_of_stage))
            return
        self.failures.note(self.name_of_stage, self.option, failure, "fallback")
        self.swapping = True
        self.later(self._swap())

    async def _swap(self) -> None:
        old = self.service
        try:
            while self.more:
                self._at += 1
                try:
                    await self._put_in(await self._build(self.option))
                    break
                except Exception as error:  # whatever a provider's constructor or connection raises: try the next one
                    last = Failure("unusable", f"{type(error).__name__}: {error}"[:300], transient=False)
                    self.failures.note(self.name_of_stage, self.option, last, "fallback" if self.more else "give_up")
            else:
                self.dead = True
                await self.failures.give_up(self.name_of_stage)
                return
        finally:
            self.swapping = False
        self.later(self._retire(old))
        await self.resume()

    async def _put_in(self, service: FrameProcessor) -> None:
        await service.setup(self.processor_setup)
        old, self.service = self.service, service
        old._prev = old._next = None  # whatever it still says goes nowhere
        self._link()
        assert self._start_frame
        await service.queue_frame(self._start_frame)

    async def _retire(self, old: FrameProcessor) -> None:
        await old.queue_frame(CancelFrame())
        await asyncio.sleep(0.5)
        await old.cleanup()
