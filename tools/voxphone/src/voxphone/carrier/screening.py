"""Who picked up: the carrier listens to the callee before it connects the bot, by the rules of `voxkit.amd`."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from voxkit.amd import AmdSettings, Screening, Verdict
from voxkit.errors import BadRequest

from voxphone import pcm
from voxphone.callee import Callee as Actor
from voxphone.carrier.population import Callee
from voxphone.ear import Ear
from voxphone.persona import Persona, walk
from voxphone.steps import VoicemailGreeting

LEVEL_DBFS = -20.0
VOICE_HZ = 300.0
HELLO_S = 0.4
GREETING_S = 6.0
BEEP_S = 0.5
BEEP_HZ = 1000.0


def settings_of(amd: dict[str, Any] | None) -> AmdSettings | None:
    """What an order asks for; None: no screening. An object asks for it whatever its `enabled` says: that is the
    deployment's switch, and the campaign's wins.  Raises: BadRequest."""
    if amd is None:
        return None
    try:
        return AmdSettings.model_validate(amd)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in ("amd", *first["loc"]))
        raise BadRequest(f"{where}: {first['msg']}") from exc


def judge(settings: AmdSettings, sound: Iterator[bytes]) -> Verdict:
    """The verdict on what a callee says from the answer on. Costs milliseconds, not the time that it spans."""
    screening = Screening(settings, pcm.RATE_HZ)
    while (verdict := screening.feed(next(sound, pcm.SILENCE))) is None:
        pass
    return verdict


def ends_call(settings: AmdSettings, verdict: Verdict) -> bool:
    """Whether the carrier hangs up instead of connecting the bot."""
    if verdict.decision == "machine":
        return settings.action_on_machine == "teardown"
    return verdict.decision == "unknown" and settings.action_on_unknown == "teardown"


def is_machine(persona: Persona) -> bool:
    return any(isinstance(step, VoicemailGreeting) for step in walk(persona.steps))


def texts(callee: Callee, persona: Persona) -> list[str]:
    """What has to be synthesised for the screening, besides the persona's own texts."""
    return [callee.answers_with] if callee.answers_with and not callee.light and not is_machine(persona) else []


def sound_of(callee: Callee, persona: Persona, clips: Mapping[str, pcm.Samples]) -> Iterator[bytes]:
    """20 ms by 20 ms: what is heard of a callee from the moment of picking up, while no bot speaks."""
    if callee.light:
        yield from _light_sound(callee.light.sounds_like)
    elif is_machine(persona):
        actor = Actor(persona, clips, Ear())
        while True:
            yield actor.frame()
    elif callee.answers_with:
        hello = pcm.at_level(pcm.trim(clips[callee.answers_with]), persona.volume_dbfs)
        yield from _frames(hello)


def _light_sound(sounds_like: str) -> Iterator[bytes]:
    """A voice is a tone here: what a screening hears is how long it lasts and how loud it is."""
    if sounds_like == "nobody":
        return
    yield from _frames(pcm.tone(VOICE_HZ, GREETING_S if sounds_like == "machine" else HELLO_S, LEVEL_DBFS))
    if sounds_like == "machine":
        yield from _frames(pcm.tone(BEEP_HZ, BEEP_S, LEVEL_DBFS))


def _frames(samples: pcm.Samples) -> list[bytes]:
    return pcm.frames_of(samples.astype("<i2").tobytes())
