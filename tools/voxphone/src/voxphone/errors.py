"""What can go wrong before or beside a simulated call. Each message names the cause and the way out."""


class PhoneError(Exception):
    """A problem for the person at the terminal; the text is enough, no trace is needed."""


class PersonaError(PhoneError):
    """A persona file cannot be used. `problems` holds one line for each fault, with line number and field."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.source = source
        self.problems = problems
        listed = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source}: {len(problems)} problem(s) in the persona\n{listed}")


class UnknownPersona(PhoneError):
    """Neither a built-in name nor a file."""


class TargetError(PhoneError):
    """The address of the bot cannot be dialled (scheme, host or bot id)."""


class VoiceUnavailable(PhoneError):
    """The speech server does not answer, or answers with an error."""
