"""Guards the adapters: an SDK imported at boot, a provider that cannot be built, an address a user must not reach."""

import importlib
import json
import subprocess
import sys
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from voxcore.pipeline.providers import registry
from voxcore.pipeline.providers.base import Means
from voxcore.pipeline.providers.http import CheckingResolver, check_literal, session_for
from voxcore.pipeline.turns.state import SpeechState
from voxkit.contracts import runtime_config
from voxkit.contracts.runtime_config import LlmOption, SttOption, TtsOption
from voxkit.netguard import Allowlist, BlockedAddress

pytestmark = [pytest.mark.unit]

OPTIONS = {"stt": SttOption, "llm": LlmOption, "tts": TtsOption}
ALL = [(stage, name) for stage, providers in registry.PROVIDERS.items() for name in providers]
SDKS = (
    "deepgram",
    "google.genai",
    "sarvamai",
    "elevenlabs",
    "soniox",
    "pipecat.services.google",
    "pipecat.services.deepgram",
)


def service_account() -> str:
    """A service account as the cloud gives it, with a key made here."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "p",
            "private_key": pem,
            "client_email": "vox@p.iam.example.com",
            "token_uri": "https://oauth2.example.com/token",
        }
    )


def option(stage: str, name: str, **fields: Any) -> Any:
    if name == "openai_compatible":
        fields.setdefault("base_url", "http://models.test/v1")
    if name == "google_vertex":
        fields = {"api_key": service_account(), "extra": {"project_id": "p"}, **fields}
    if stage == "llm":
        fields.setdefault("model", "some-model")
    return OPTIONS[stage](provider=name, **{"api_key": "k", **fields})


def test_every_provider_of_the_configuration_has_an_adapter():
    for stage, literal in (("stt", "SttProvider"), ("llm", "LlmProvider"), ("tts", "TtsProvider")):
        assert set(registry.PROVIDERS[stage]) == set(get_args(getattr(runtime_config, literal)))


@pytest.mark.parametrize(("stage", "name"), ALL)
def test_every_adapter_builds_its_service_with_all_its_extra(stage, name):
    chosen = registry.complete(stage, option(stage, name))
    service = getattr(importlib.import_module(registry.MODULES[name]), stage)(
        chosen, Means(http=None, rate=8000, speech=SpeechState())
    )
    assert service is not None
    assert chosen.model


@pytest.mark.parametrize(
    ("stage", "name", "extra"),
    [
        ("stt", "deepgram", {"endpointing": 300, "keyterm": ["Vox"], "interim_results": False}),
        ("stt", "deepgram_flux", {"eot_threshold": 0.8, "min_confidence": 0.4, "should_interrupt": False}),
        ("stt", "soniox", {"language_hints": ["hi"], "context": "parcels", "vad_force_turn_endpoint": True}),
        ("llm", "openai", {"top_p": 0.9, "presence_penalty": 0.1, "top_k": 5}),
        ("llm", "google", {"top_p": 0.9, "top_k": 20}),
        ("tts", "elevenlabs", {"stability": 0.4, "similarity_boost": 0.8, "style": 0.1}),
        ("tts", "sarvam", {"pitch": 0.1, "pace": 1.1, "loudness": 1.2}),
    ],
)
def test_the_documented_extra_is_accepted(stage, name, extra):
    chosen = registry.complete(stage, option(stage, name, extra=extra))
    assert chosen.extra == extra
    assert getattr(importlib.import_module(registry.MODULES[name]), stage)(
        chosen, Means(http=None, rate=8000, speech=SpeechState())
    )


def test_no_sdk_is_imported_before_a_bot_asks_for_it():
    code = (
        "import sys, threading; from voxcore.pipeline.warm import preload; preload(['openai_compatible']);"
        f"print([name for name in {SDKS} if name in sys.modules], threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[] 1"


def test_preloading_something_unknown_says_what_there_is():
    from voxcore.pipeline.warm import preload

    with pytest.raises(ValueError, match=r"no adapter acme; known: deepgram, .*openai_compatible"):
        preload(["acme"])


def test_models_of_vad_and_turn_taking_are_loaded_once_a_process():
    from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
    from voxcore.pipeline import onnx_cache
    from voxcore.pipeline.vad import InlineSilero
    from voxkit.contracts.runtime_config import Vad

    onnx_cache.install()
    onnx_cache.install()
    first = [InlineSilero(Vad())._model.session, LocalSmartTurnAnalyzerV3()._session]
    second = [InlineSilero(Vad())._model.session, LocalSmartTurnAnalyzerV3()._session]
    assert [a is b for a, b in zip(first, second, strict=True)] == [True, True]
    assert len(onnx_cache.cached()) == 2


def test_only_a_large_model_gives_its_working_memory_back():
    from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
    from voxcore.pipeline import onnx_cache
    from voxcore.pipeline.vad import InlineSilero
    from voxkit.contracts.runtime_config import Vad

    onnx_cache.install()
    kept = [
        session.get_session_options().enable_cpu_mem_arena
        for session in (InlineSilero(Vad())._model.session, LocalSmartTurnAnalyzerV3()._session)
    ]
    assert kept == [True, False]


def test_unknown_extra_is_dropped_and_defaults_are_filled_in():
    chosen = registry.complete("stt", option("stt", "deepgram", extra={"punctuate": True, "colour": "red"}))
    assert (chosen.model, chosen.extra) == ("nova-3", {"punctuate": True})


@pytest.mark.parametrize(
    ("stage", "fields", "message"),
    [
        ("stt", {"provider": "openai_compatible"}, "needs a base_url"),
        ("llm", {"provider": "openai"}, "needs a model"),
    ],
)
def test_an_option_that_cannot_work_says_why(stage, fields, message):
    with pytest.raises(registry.Unusable, match=message):
        registry.complete(stage, OPTIONS[stage](**fields))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/v1", "http://[::1]/v1", "https://169.254.1.1/v1", "http://10.0.0.8/v1"]
)
async def test_a_special_address_in_a_users_url_is_refused(url, services):
    with pytest.raises(BlockedAddress):
        await session_for(url, False, services)


async def test_a_name_that_leads_to_a_special_address_is_refused_when_it_is_used(services):
    session = await session_for("http://localhost:9/v1", False, services)
    with pytest.raises(BlockedAddress):
        await session.get("http://localhost:9/v1/models")


async def test_an_allowed_host_may_be_private():
    check_literal("http://127.0.0.1:8060/v1", Allowlist.parse("127.0.0.1:8060"))
    resolver = CheckingResolver(Allowlist.parse("localhost:8060"))
    assert {entry["host"] for entry in await resolver.resolve("localhost", 8060)} <= {"127.0.0.1", "::1"}
    with pytest.raises(BlockedAddress):
        await resolver.resolve("localhost", 8061)


async def test_an_untrusted_url_of_another_providers_sdk_is_checked_too(services):
    with pytest.raises(BlockedAddress):
        await registry.build(
            "stt",
            option("stt", "deepgram", base_url="ws://127.0.0.1:9"),
            services,
            rate=8000,
            speech=SpeechState(),
        )


async def test_trusted_and_checked_sessions_are_made_once(services):
    trusted = await session_for("http://127.0.0.1:1/v1", True, services)
    assert await session_for("", True, services) is trusted
    assert await session_for("http://models.test/v1", False, services) is not trusted
