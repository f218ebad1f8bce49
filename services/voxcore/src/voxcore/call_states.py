"""The states of a call, as a table. Each change is one log line and one metric."""

from collections.abc import Mapping

from voxkit.log import get_logger

from voxcore import metrics

log = get_logger("voxcore.call")

TABLE: Mapping[str, frozenset[str]] = {
    "received": frozenset({"configuring"}),
    "configuring": frozenset({"building", "ending"}),
    "building": frozenset({"waiting_answer", "opening", "ending"}),
    "waiting_answer": frozenset({"opening", "ending"}),
    "opening": frozenset({"conversing", "ending"}),
    "conversing": frozenset({"tool_running", "transferring", "ending"}),
    "tool_running": frozenset({"conversing", "ending"}),
    "transferring": frozenset({"conversing", "handed_off", "ending"}),
    "handed_off": frozenset({"ending"}),
    "ending": frozenset({"finalising"}),
    "finalising": frozenset({"post_call"}),
    "post_call": frozenset({"persisting"}),
    "persisting": frozenset({"done"}),
    "done": frozenset(),
}
AFTER_THE_END = ("ending", "finalising", "post_call", "persisting", "done")


class CallStates:
    """Where one call is."""

    def __init__(self) -> None:
        self.current = "received"

    def enter(self, state: str) -> None:
        """Go to a state. An illegal change is logged and changes nothing; the current state again is silent."""
        if state == self.current:
            return
        if state not in TABLE[self.current]:
            # The conversation ends in many ways at once; the end itself must never fail over it.
            log.warning("call.illegal_state", before=self.current, after=state)
            return
        log.info("call.state", before=self.current, after=state)
        metrics.call_states.labels(state).inc()
        self.current = state

    def end(self) -> None:
        """Go to `ending` from wherever the call is, unless it is there or beyond."""
        if self.current not in AFTER_THE_END:
            if self.current == "received":
                self.enter("configuring")
            self.enter("ending")
