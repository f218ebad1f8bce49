"""`pipeline_config` of a result: what the call ran with. No prompts, no keys."""

from typing import Any

from voxkit.contracts.runtime_config import LlmOption, RuntimeConfig, Stage, SttOption, TtsOption
from voxkit.secrets import masked_tree

FLAGS = ("recording_enabled", "callback_detection_enabled", "knowledge_enabled", "knowledge_strict")


def pipeline_snapshot(config: RuntimeConfig) -> dict[str, Any]:
    """Providers, models, voices, languages, limits, flags, names of tools and targets; secret-looking keys masked."""
    post_call = config.post_call_llm
    return masked_tree(
        {
            "bot_name": config.bot_name,
            "stt": _stage(config.stt),
            "llm": _stage(config.llm),
            "tts": _stage(config.tts),
            "post_call_llm": _stage(post_call) if post_call else None,
            "vad": config.vad.model_dump(),
            "turn": config.turn.model_dump(),
            "timezone": config.timezone,
            "limits": {
                "max_call_duration_seconds": config.max_call_duration_seconds,
                "min_words_interruption": config.min_words_interruption,
                "re_engagement_timeout_seconds": config.re_engagement and config.re_engagement.timeout_seconds,
            },
            "flags": {name: getattr(config, name) for name in FLAGS}
            | {
                "re_engagement": bool(config.re_engagement and config.re_engagement.enabled),
                "post_call_analysis": config.post_call_analysis_prompt is not None,
                "qc": config.qc_prompt is not None,
                "agent_desk": bool((config.agent_desk or {}).get("enabled")),
                "prompt_mode": config.prompt_parts.mode if config.prompt_parts else "legacy",
            },
            "tools": [tool.function.name for tool in config.tools],
            "transfer_targets": [str(target.get("id") or "") for target in config.transfer_targets],
            "transfer_numbers": list(config.transfer_numbers),
        }
    )


def _stage(stage: Stage) -> dict[str, Any]:
    described: dict[str, Any] = {"provider": getattr(stage, "provider", ""), "model": stage.model, "extra": stage.extra}
    if isinstance(stage, SttOption | TtsOption):
        described["language"] = stage.language
    if isinstance(stage, TtsOption):
        described |= {"voice": stage.voice, "speed": stage.speed}
    if isinstance(stage, LlmOption):
        described |= {"temperature": stage.temperature, "max_tokens": stage.max_tokens}
    if fallbacks := getattr(stage, "fallbacks", None):
        described["fallbacks"] = [_stage(option) for option in fallbacks]
    return described
