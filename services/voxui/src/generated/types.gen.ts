// Made by `npm run gen`; do not edit.
// @ts-nocheck

export type ClientOptions = {
    baseUrl: `${string}://${string}` | (string & {});
};

/**
 * About
 */
export type About = {
    /**
     * Image Tag
     */
    image_tag: string;
    /**
     * Version
     */
    version: string;
};

/**
 * ActiveHours
 *
 * Wall-clock times in the bot's zone; a start after the end runs over midnight, equal times are the whole day.
 */
export type ActiveHours = {
    /**
     * Days
     */
    days?: Array<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'>;
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * End Time
     */
    end_time?: string;
    /**
     * Start Time
     */
    start_time?: string;
};

/**
 * Activity
 *
 * `by`: the id of a user or of an API key, or `system`.
 */
export type Activity = {
    /**
     * Action
     */
    action: string;
    /**
     * At
     */
    at: string;
    /**
     * By
     */
    by: string;
    /**
     * By Name
     *
     * Whoever it was, as they were called then.
     */
    by_name?: string;
};

/**
 * AgentAssist
 */
export type AgentAssist = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Listen To
     */
    listen_to?: 'customer' | 'both';
    /**
     * Llm Model
     */
    llm_model?: string;
    /**
     * Llm Provider
     */
    llm_provider?: string;
    /**
     * Max Context Messages
     */
    max_context_messages?: number;
    /**
     * Publish Transcript
     */
    publish_transcript?: boolean;
    /**
     * Stt Model
     */
    stt_model?: string;
    /**
     * Stt Provider
     */
    stt_provider?: string;
    /**
     * Suggestion Cooldown Seconds
     */
    suggestion_cooldown_seconds?: number;
    /**
     * System Prompt
     */
    system_prompt?: string;
};

/**
 * AgentAssistUpdate
 */
export type AgentAssistUpdate = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Listen To
     */
    listen_to?: 'customer' | 'both';
    /**
     * Llm Model
     */
    llm_model?: string;
    /**
     * Llm Provider
     */
    llm_provider?: string;
    /**
     * Max Context Messages
     */
    max_context_messages?: number;
    /**
     * Publish Transcript
     */
    publish_transcript?: boolean;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
    /**
     * Stt Model
     */
    stt_model?: string;
    /**
     * Stt Provider
     */
    stt_provider?: string;
    /**
     * Suggestion Cooldown Seconds
     */
    suggestion_cooldown_seconds?: number;
    /**
     * System Prompt
     */
    system_prompt?: string;
};

/**
 * AgentDesk
 */
export type AgentDesk = {
    /**
     * Context Fields
     */
    context_fields?: Array<string>;
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Hold Audio Url
     */
    hold_audio_url?: string;
    /**
     * Hold Message
     */
    hold_message?: string;
    /**
     * Hold Message Seconds
     */
    hold_message_seconds?: number;
    /**
     * Max Wait Seconds
     */
    max_wait_seconds?: number;
    /**
     * No Agent Message
     */
    no_agent_message?: string;
};

/**
 * Alive
 */
export type Alive = {
    /**
     * Status
     */
    status?: 'ok';
};

/**
 * Amd
 *
 * Screening for answering machines; all times in milliseconds.
 */
export type Amd = {
    /**
     * Action On Machine
     */
    action_on_machine?: 'teardown' | 'continue';
    /**
     * Action On Unknown
     */
    action_on_unknown?: 'teardown' | 'continue';
    /**
     * After Greeting Silence Ms
     */
    after_greeting_silence_ms?: number;
    /**
     * Beep Detection Enabled
     */
    beep_detection_enabled?: boolean;
    /**
     * Beep Min Ms
     */
    beep_min_ms?: number;
    /**
     * Between Words Silence Ms
     */
    between_words_silence_ms?: number;
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Greeting Ms
     */
    greeting_ms?: number;
    /**
     * Initial Silence Ms
     */
    initial_silence_ms?: number;
    /**
     * Max Word Ms
     */
    max_word_ms?: number;
    /**
     * Max Words
     */
    max_words?: number;
    /**
     * Min Word Ms
     */
    min_word_ms?: number;
    /**
     * Silence Threshold
     */
    silence_threshold?: number;
    /**
     * Total Analysis Ms
     */
    total_analysis_ms?: number;
};

/**
 * AmdSwitch
 *
 * Screening for answering machines; null = the deployment's setting.
 */
export type AmdSwitch = {
    /**
     * Enabled
     */
    enabled?: boolean | null;
};

/**
 * AmdSwitchPatch
 *
 * Fields present are replaced, absent ones stay.
 */
export type AmdSwitchPatch = {
    /**
     * Enabled
     */
    enabled?: boolean | null;
};

/**
 * AmdVerdict
 *
 * What the screening for answering machines found. `ms`: after the answer.
 */
export type AmdVerdict = {
    /**
     * Cause
     */
    cause?: string;
    /**
     * Decision
     */
    decision: string;
    /**
     * Ms
     */
    ms?: number | null;
};

/**
 * ApiKey
 *
 * A key without its secret.
 */
export type ApiKey = {
    /**
     * Bot Ids
     */
    bot_ids: Array<string>;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Created By
     */
    created_by?: string | null;
    /**
     * Expires At
     */
    expires_at?: string | null;
    /**
     * Is Active
     */
    is_active: boolean;
    /**
     * Key Id
     */
    key_id: string;
    /**
     * Key Prefix
     */
    key_prefix: string;
    /**
     * Last Used At
     */
    last_used_at?: string | null;
    /**
     * Name
     */
    name: string;
    /**
     * Status
     */
    status: 'active' | 'inactive' | 'expired';
    /**
     * Updated At
     */
    updated_at: string;
};

/**
 * ApiKeyChanges
 *
 * Absent fields stay; `expires_at: null` means that it never expires.
 */
export type ApiKeyChanges = {
    /**
     * Bot Ids
     */
    bot_ids?: Array<string> | null;
    /**
     * Expires At
     */
    expires_at?: string | null;
    /**
     * Is Active
     */
    is_active?: boolean | null;
    /**
     * Name
     */
    name?: string | null;
};

/**
 * ApiKeys
 */
export type ApiKeys = {
    /**
     * Deepgram
     */
    deepgram?: string;
    /**
     * Elevenlabs
     */
    elevenlabs?: string;
    /**
     * Google
     */
    google?: string;
    /**
     * Google Vertex
     *
     * The whole JSON of a service account.
     */
    google_vertex?: string;
    /**
     * Openai
     */
    openai?: string;
    /**
     * Openai Compatible
     */
    openai_compatible?: string;
    /**
     * Sarvam
     */
    sarvam?: string;
    /**
     * Soniox
     */
    soniox?: string;
};

/**
 * ApiKeysUpdate
 */
export type ApiKeysUpdate = {
    /**
     * Deepgram
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    deepgram?: string | null;
    /**
     * Elevenlabs
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    elevenlabs?: string | null;
    /**
     * Google
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    google?: string | null;
    /**
     * Google Vertex
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    google_vertex?: string | null;
    /**
     * Openai
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    openai?: string | null;
    /**
     * Openai Compatible
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    openai_compatible?: string | null;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
    /**
     * Sarvam
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    sarvam?: string | null;
    /**
     * Soniox
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    soniox?: string | null;
};

/**
 * Attempt
 *
 * One dial of a contact. Times and outcome are null until they are known.
 */
export type Attempt = {
    amd?: AmdVerdict | null;
    /**
     * Answered At
     */
    answered_at?: string | null;
    /**
     * Attached At
     */
    attached_at?: string | null;
    /**
     * Attempt Id
     */
    attempt_id: string;
    /**
     * Attempt No
     *
     * Counts initial dials and retries of the run; a callback repeats the last one.
     */
    attempt_no: number;
    /**
     * Business Disposition
     */
    business_disposition?: string | null;
    /**
     * Callback Requested
     */
    callback_requested?: boolean;
    /**
     * Callback Scheduled At
     */
    callback_scheduled_at?: string | null;
    /**
     * Callback Sequence
     */
    callback_sequence?: number;
    /**
     * Campaign Call Id
     */
    campaign_call_id: string;
    /**
     * Campaign Id
     */
    campaign_id: string;
    /**
     * Carrier Id
     */
    carrier_id: string;
    /**
     * Dialled At
     */
    dialled_at: string;
    /**
     * Disconnected By
     */
    disconnected_by?: string | null;
    /**
     * Ended At
     */
    ended_at?: string | null;
    /**
     * Error
     */
    error?: string | null;
    /**
     * From Number
     */
    from_number: string;
    /**
     * Kind
     */
    kind: 'initial' | 'retry' | 'callback';
    /**
     * Late
     *
     * The result came when the contact had moved on; it changed only this.
     */
    late?: boolean;
    /**
     * Outcome
     */
    outcome?: 'bot' | 'customer' | 'voicemail' | 'RNR' | 'outside_hours' | 'timeout' | 'error' | 'no_answer' | 'rejected' | 'transfer_to_agent' | 'invalid_number' | 'amd_machine' | 'abandoned' | 'excluded' | 'not_placed' | null;
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Ring Seconds
     */
    ring_seconds?: number | null;
    /**
     * Ringing At
     */
    ringing_at?: string | null;
    /**
     * Room Name
     */
    room_name?: string | null;
    /**
     * Run Number
     */
    run_number: number;
    /**
     * Session Id
     */
    session_id: string;
    /**
     * Sip Reason
     */
    sip_reason?: string | null;
    /**
     * Sip Status
     */
    sip_status?: number | null;
    /**
     * System Disposition
     */
    system_disposition?: string | null;
    /**
     * Talk Seconds
     */
    talk_seconds?: number | null;
    /**
     * Trunk Id
     */
    trunk_id?: string | null;
};

/**
 * AuditEntry
 *
 * `changes`: field -> [old, new].
 */
export type AuditEntry = {
    /**
     * Action
     */
    action: string;
    /**
     * Actor Id
     */
    actor_id: string;
    /**
     * Actor Name
     */
    actor_name: string;
    /**
     * Actor Type
     */
    actor_type: 'user' | 'api_key' | 'service' | 'system';
    /**
     * At
     */
    at: string;
    /**
     * Audit Id
     */
    audit_id: string;
    /**
     * Changes
     */
    changes: {
        [key: string]: Array<unknown>;
    };
    /**
     * Entity Id
     */
    entity_id: string;
    /**
     * Entity Type
     */
    entity_type: string;
    /**
     * Ip
     */
    ip: string;
    /**
     * Request Id
     */
    request_id: string;
};

/**
 * AutoDisposition
 */
export type AutoDisposition = {
    /**
     * Calling Remarks
     */
    CALLING_REMARKS?: string | null;
    /**
     * Disposition
     */
    DISPOSITION: string;
    /**
     * Sub Disposition
     */
    SUB_DISPOSITION?: string | null;
};

/**
 * AutoDispositions
 */
export type AutoDispositions = {
    error?: FixedDisposition | null;
    no_customer_message?: FixedDisposition | null;
    rnr?: FixedDisposition | null;
    short_call?: FixedDisposition | null;
    timeout?: FixedDisposition | null;
    voicemail?: FixedDisposition | null;
};

/**
 * Bot
 */
export type Bot = {
    active_hours?: ActiveHours;
    agent_desk?: AgentDesk;
    /**
     * Apology Message
     */
    apology_message?: string;
    auto_dispositions?: AutoDispositions | null;
    /**
     * Bot Id
     */
    bot_id: string;
    builtin_tools?: BuiltinTools;
    /**
     * Callback Prompt Injection
     */
    callback_prompt_injection?: boolean;
    /**
     * Conversation Policy
     */
    conversation_policy?: {
        [key: string]: unknown;
    } | null;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Created By
     */
    created_by: string | null;
    crm_prefetch?: CrmPrefetch;
    /**
     * Custom Tools
     */
    custom_tools?: Array<CustomTool>;
    /**
     * Dynamic Prompt
     *
     * Template, the part of this call.
     */
    dynamic_prompt?: string;
    /**
     * Is Active
     *
     * An inactive bot answers no call.
     */
    is_active?: boolean;
    /**
     * Knowledge Enabled
     */
    knowledge_enabled?: boolean;
    /**
     * Knowledge Fallback Message
     */
    knowledge_fallback_message?: string;
    /**
     * Knowledge Kb Ids
     */
    knowledge_kb_ids?: Array<string>;
    /**
     * Knowledge Score Threshold
     */
    knowledge_score_threshold?: number;
    /**
     * Knowledge Strict
     */
    knowledge_strict?: boolean;
    /**
     * Knowledge Top K
     */
    knowledge_top_k?: number;
    /**
     * Knowledge Trigger Instructions
     */
    knowledge_trigger_instructions?: string;
    live_prompt_cache?: CacheSettings;
    llm?: VoxbridgeBotsStagesLlmStageOutput;
    /**
     * Locked
     *
     * A running campaign uses it.
     */
    locked: boolean;
    /**
     * Max Call Duration Seconds
     */
    max_call_duration_seconds?: number;
    /**
     * Min Words Interruption
     */
    min_words_interruption?: number;
    /**
     * Name
     */
    name: string;
    /**
     * Opening Message
     *
     * Template; `""`: the bot waits.
     */
    opening_message: string;
    /**
     * Post Call Analysis Prompt
     */
    post_call_analysis_prompt?: string | null;
    post_call_cache?: CacheSettings;
    post_call_llm?: VoxbridgeBotsStagesLlmOption | null;
    post_call_push?: PostCallPush;
    /**
     * Pre Transfer Message
     */
    pre_transfer_message?: string;
    /**
     * Qc Prompt
     */
    qc_prompt?: string | null;
    re_engagement?: ReEngagementSettings | null;
    /**
     * Recording Enabled
     */
    recording_enabled?: boolean;
    /**
     * Revision
     */
    revision: number;
    sip_header_config?: SipHeaderConfig;
    stt?: VoxbridgeBotsStagesSttStageOutput;
    /**
     * System Prompt
     *
     * Template, the part that is the same in every call.
     */
    system_prompt: string;
    /**
     * Timezone
     */
    timezone?: string;
    /**
     * Transfer Numbers
     */
    transfer_numbers?: {
        [key: string]: string;
    };
    /**
     * Transfer Targets
     */
    transfer_targets?: Array<TransferTarget>;
    tts?: VoxbridgeBotsStagesTtsStageOutput;
    turn?: TurnSettings;
    /**
     * Updated At
     */
    updated_at: string;
    /**
     * Updated By
     */
    updated_by: string | null;
    vad?: VadSettings;
    /**
     * Voicemail Message
     */
    voicemail_message?: string;
    /**
     * Warnings
     */
    warnings: Array<string>;
    /**
     * Widget Allowed Domains
     */
    widget_allowed_domains?: Array<string>;
    /**
     * Widget Api Key
     */
    widget_api_key: string;
    /**
     * Widget Enabled
     */
    widget_enabled?: boolean;
};

/**
 * BotCreate
 *
 * A new bot; without stages it uses the OpenAI-compatible service of the settings.
 */
export type BotCreate = {
    active_hours?: ActiveHours;
    agent_desk?: AgentDesk;
    /**
     * Apology Message
     */
    apology_message?: string;
    auto_dispositions?: AutoDispositions | null;
    /**
     * Bot Id
     *
     * Own id; absent: one is made.
     */
    bot_id?: string | null;
    builtin_tools?: BuiltinTools;
    /**
     * Callback Prompt Injection
     */
    callback_prompt_injection?: boolean;
    /**
     * Conversation Policy
     */
    conversation_policy?: {
        [key: string]: unknown;
    } | null;
    crm_prefetch?: CrmPrefetch;
    /**
     * Custom Tools
     */
    custom_tools?: Array<CustomTool>;
    /**
     * Dynamic Prompt
     *
     * Template, the part of this call.
     */
    dynamic_prompt?: string;
    /**
     * Is Active
     *
     * An inactive bot answers no call.
     */
    is_active?: boolean;
    /**
     * Knowledge Enabled
     */
    knowledge_enabled?: boolean;
    /**
     * Knowledge Fallback Message
     */
    knowledge_fallback_message?: string;
    /**
     * Knowledge Kb Ids
     */
    knowledge_kb_ids?: Array<string>;
    /**
     * Knowledge Score Threshold
     */
    knowledge_score_threshold?: number;
    /**
     * Knowledge Strict
     */
    knowledge_strict?: boolean;
    /**
     * Knowledge Top K
     */
    knowledge_top_k?: number;
    /**
     * Knowledge Trigger Instructions
     */
    knowledge_trigger_instructions?: string;
    live_prompt_cache?: CacheSettings;
    llm?: LlmStageInput;
    /**
     * Max Call Duration Seconds
     */
    max_call_duration_seconds?: number;
    /**
     * Min Words Interruption
     */
    min_words_interruption?: number;
    /**
     * Name
     */
    name: string;
    /**
     * Opening Message
     *
     * Template; `""`: the bot waits.
     */
    opening_message: string;
    /**
     * Post Call Analysis Prompt
     */
    post_call_analysis_prompt?: string | null;
    post_call_cache?: CacheSettings;
    post_call_llm?: LlmOptionInput | null;
    post_call_push?: PostCallPush;
    /**
     * Pre Transfer Message
     */
    pre_transfer_message?: string;
    /**
     * Qc Prompt
     */
    qc_prompt?: string | null;
    re_engagement?: ReEngagementSettings | null;
    /**
     * Recording Enabled
     */
    recording_enabled?: boolean;
    sip_header_config?: SipHeaderConfig;
    stt?: SttStageInput;
    /**
     * System Prompt
     *
     * Template, the part that is the same in every call.
     */
    system_prompt: string;
    /**
     * Timezone
     */
    timezone?: string;
    /**
     * Transfer Numbers
     */
    transfer_numbers?: {
        [key: string]: string;
    };
    /**
     * Transfer Targets
     */
    transfer_targets?: Array<TransferTarget>;
    tts?: TtsStageInput;
    turn?: TurnSettings;
    vad?: VadSettings;
    /**
     * Voicemail Message
     */
    voicemail_message?: string;
    /**
     * Widget Allowed Domains
     */
    widget_allowed_domains?: Array<string>;
    /**
     * Widget Enabled
     */
    widget_enabled?: boolean;
};

/**
 * BotSummary
 *
 * A row of the list.
 */
export type BotSummary = {
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Is Active
     */
    is_active: boolean;
    llm: StageBrief;
    /**
     * Locked
     */
    locked: boolean;
    /**
     * Name
     */
    name: string;
    stt: StageBrief;
    tts: StageBrief;
    /**
     * Updated At
     */
    updated_at: string;
};

/**
 * BotUpdate
 *
 * Each field present replaces the stored one whole; absent ones stay. `revision`: the one that was edited.
 */
export type BotUpdate = {
    active_hours?: ActiveHours;
    agent_desk?: AgentDesk;
    /**
     * Apology Message
     */
    apology_message?: string;
    auto_dispositions?: AutoDispositions | null;
    builtin_tools?: BuiltinTools;
    /**
     * Callback Prompt Injection
     */
    callback_prompt_injection?: boolean;
    /**
     * Conversation Policy
     */
    conversation_policy?: {
        [key: string]: unknown;
    } | null;
    crm_prefetch?: CrmPrefetch;
    /**
     * Custom Tools
     */
    custom_tools?: Array<CustomTool>;
    /**
     * Dynamic Prompt
     *
     * Template, the part of this call.
     */
    dynamic_prompt?: string;
    /**
     * Is Active
     *
     * An inactive bot answers no call.
     */
    is_active?: boolean;
    /**
     * Knowledge Enabled
     */
    knowledge_enabled?: boolean;
    /**
     * Knowledge Fallback Message
     */
    knowledge_fallback_message?: string;
    /**
     * Knowledge Kb Ids
     */
    knowledge_kb_ids?: Array<string>;
    /**
     * Knowledge Score Threshold
     */
    knowledge_score_threshold?: number;
    /**
     * Knowledge Strict
     */
    knowledge_strict?: boolean;
    /**
     * Knowledge Top K
     */
    knowledge_top_k?: number;
    /**
     * Knowledge Trigger Instructions
     */
    knowledge_trigger_instructions?: string;
    live_prompt_cache?: CacheSettings;
    llm?: LlmStageInput;
    /**
     * Max Call Duration Seconds
     */
    max_call_duration_seconds?: number;
    /**
     * Min Words Interruption
     */
    min_words_interruption?: number;
    /**
     * Name
     */
    name?: string;
    /**
     * Opening Message
     *
     * Template; `""`: the bot waits.
     */
    opening_message?: string;
    /**
     * Post Call Analysis Prompt
     */
    post_call_analysis_prompt?: string | null;
    post_call_cache?: CacheSettings;
    post_call_llm?: LlmOptionInput | null;
    post_call_push?: PostCallPush;
    /**
     * Pre Transfer Message
     */
    pre_transfer_message?: string;
    /**
     * Qc Prompt
     */
    qc_prompt?: string | null;
    re_engagement?: ReEngagementSettings | null;
    /**
     * Recording Enabled
     */
    recording_enabled?: boolean;
    /**
     * Revision
     */
    revision?: number | null;
    sip_header_config?: SipHeaderConfig;
    stt?: SttStageInput;
    /**
     * System Prompt
     *
     * Template, the part that is the same in every call.
     */
    system_prompt?: string;
    /**
     * Timezone
     */
    timezone?: string;
    /**
     * Transfer Numbers
     */
    transfer_numbers?: {
        [key: string]: string;
    };
    /**
     * Transfer Targets
     */
    transfer_targets?: Array<TransferTarget>;
    tts?: TtsStageInput;
    turn?: TurnSettings;
    vad?: VadSettings;
    /**
     * Voicemail Message
     */
    voicemail_message?: string;
    /**
     * Widget Allowed Domains
     */
    widget_allowed_domains?: Array<string>;
    /**
     * Widget Enabled
     */
    widget_enabled?: boolean;
};

/**
 * BrowserCall
 */
export type BrowserCall = {
    /**
     * Context Id
     */
    context_id: string;
    /**
     * Expires At
     */
    expires_at: string;
    /**
     * Ws Url
     */
    ws_url: string;
};

/**
 * BrowserCallRequest
 */
export type BrowserCallRequest = {
    /**
     * Variables
     *
     * Fields of the call's event, for templates.
     */
    variables?: {
        [key: string]: unknown;
    };
};

/**
 * BuiltinTool
 */
export type BuiltinTool = {
    /**
     * Description
     *
     * Empty: the worker's own words.
     */
    description?: string;
    /**
     * Enabled
     */
    enabled?: boolean;
};

/**
 * BuiltinTools
 */
export type BuiltinTools = {
    collect_digits?: BuiltinTool;
    detected_voicemail?: BuiltinTool;
    end_call?: EndCallTool;
    send_dtmf?: BuiltinTool;
    transfer_call?: TransferCallTool;
};

/**
 * CacheSettings
 *
 * Settings of a prompt cache; further keys belong to the provider.
 */
export type CacheSettings = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Version Override
     */
    version_override?: string;
    [key: string]: unknown;
};

/**
 * CallBucket
 */
export type CallBucket = {
    /**
     * Avg Duration Seconds
     */
    avg_duration_seconds: number | null;
    /**
     * Calls
     */
    calls: number;
    /**
     * Connected
     */
    connected: number;
    /**
     * Failed
     */
    failed: number;
    /**
     * Start
     */
    start: string;
};

/**
 * CallPage
 */
export type CallPage = {
    /**
     * Items
     */
    items: Array<CallSummary>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * CallRecord
 *
 * The whole record. Absent = unknown.
 */
export type CallRecord = {
    /**
     * Answered At
     */
    answered_at?: string | null;
    /**
     * Avg Response Ms
     */
    avg_response_ms?: number | null;
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Bot Name
     */
    bot_name: string;
    /**
     * Call Direction
     */
    call_direction: string;
    /**
     * Call Duration Seconds
     */
    call_duration_seconds?: number | null;
    /**
     * Call Id
     */
    call_id?: string | null;
    /**
     * Call Type
     */
    call_type: string;
    /**
     * Caller Id
     *
     * The customer's number.
     */
    caller_id: string;
    campaign?: CampaignRef | null;
    /**
     * Campaign Attempt
     */
    campaign_attempt?: number | null;
    /**
     * Campaign Call Id
     */
    campaign_call_id?: string | null;
    /**
     * Campaign Id
     */
    campaign_id?: string | null;
    /**
     * Campaign Run Number
     */
    campaign_run_number?: number | null;
    /**
     * Cdr
     */
    cdr?: {
        [key: string]: unknown;
    } | null;
    /**
     * Cdr Call Status
     */
    cdr_call_status?: unknown;
    /**
     * Cdr Talktime
     */
    cdr_talktime?: unknown;
    /**
     * Completed At
     */
    completed_at?: string | null;
    /**
     * Connected Event
     */
    connected_event?: {
        [key: string]: unknown;
    } | null;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Crm Data
     */
    crm_data?: {
        [key: string]: unknown;
    } | null;
    /**
     * Disconnected By
     */
    disconnected_by?: string | null;
    /**
     * Disposition
     */
    disposition?: string | null;
    /**
     * Ended At
     */
    ended_at?: string | null;
    /**
     * Error
     *
     * `no_result`: closed because no result came.
     */
    error?: string | null;
    /**
     * Events
     */
    events?: Array<{
        [key: string]: unknown;
    }> | null;
    /**
     * From Number
     *
     * Our number.
     */
    from_number: string;
    /**
     * Integration Log
     */
    integration_log?: Array<{
        [key: string]: unknown;
    }>;
    /**
     * Intents
     */
    intents?: Array<{
        [key: string]: unknown;
    }> | null;
    /**
     * Invalid Fields
     */
    invalid_fields?: {
        [key: string]: unknown;
    } | null;
    latency?: LatencySummary | null;
    /**
     * Latency Samples
     */
    latency_samples?: Array<{
        [key: string]: unknown;
    }> | null;
    llm_cache_summary?: LlmCacheSummary | null;
    /**
     * Metrics
     */
    metrics?: Array<{
        [key: string]: unknown;
    }> | null;
    /**
     * Other Fields
     */
    other_fields?: {
        [key: string]: unknown;
    } | null;
    /**
     * Pipeline Config
     */
    pipeline_config?: {
        [key: string]: unknown;
    } | null;
    /**
     * Post Call Analysis
     */
    post_call_analysis?: {
        [key: string]: unknown;
    } | null;
    /**
     * Qc Analysis
     */
    qc_analysis?: {
        [key: string]: unknown;
    } | null;
    /**
     * Qc Overall Score
     */
    qc_overall_score?: number | null;
    /**
     * Recording Key
     */
    recording_key?: string | null;
    /**
     * Recording Url
     */
    recording_url?: string | null;
    /**
     * Session Id
     */
    session_id: string;
    /**
     * Sip Context
     */
    sip_context?: {
        [key: string]: unknown;
    } | null;
    /**
     * Skeleton Missing
     *
     * The config was refused; made from the result alone.
     */
    skeleton_missing?: boolean | null;
    /**
     * Started At
     */
    started_at?: string | null;
    /**
     * Status
     */
    status: 'in_progress' | 'completed' | 'voicemail' | 'failed';
    /**
     * Stream Id
     */
    stream_id: string;
    /**
     * Sub Disposition
     */
    sub_disposition?: string | null;
    /**
     * Transcript
     */
    transcript?: Array<{
        [key: string]: unknown;
    }> | null;
    /**
     * Transfer At
     */
    transfer_at?: number | null;
    /**
     * Transfer Destination
     */
    transfer_destination?: string | null;
    /**
     * Transfer Failed Reason
     */
    transfer_failed_reason?: string | null;
    /**
     * Transfer Method
     */
    transfer_method?: string | null;
    /**
     * Transfer Reason
     */
    transfer_reason?: string | null;
    /**
     * Transfer Target
     */
    transfer_target?: string | null;
    /**
     * Transport
     */
    transport: string;
    /**
     * Truncated Fields
     */
    truncated_fields?: Array<string> | null;
    /**
     * Usage Metrics
     */
    usage_metrics?: {
        [key: string]: unknown;
    } | null;
    /**
     * Was Transferred
     */
    was_transferred?: boolean | null;
    worker?: WorkerRef | null;
    [key: string]: unknown;
};

/**
 * CallSummary
 *
 * A row of the list.
 */
export type CallSummary = {
    /**
     * Answered At
     */
    answered_at?: string | null;
    /**
     * Avg Response Ms
     */
    avg_response_ms?: number | null;
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Bot Name
     */
    bot_name: string;
    /**
     * Call Direction
     */
    call_direction: string;
    /**
     * Call Duration Seconds
     */
    call_duration_seconds?: number | null;
    /**
     * Call Id
     */
    call_id?: string | null;
    /**
     * Call Type
     */
    call_type: string;
    /**
     * Caller Id
     *
     * The customer's number.
     */
    caller_id: string;
    /**
     * Campaign Attempt
     */
    campaign_attempt?: number | null;
    /**
     * Campaign Call Id
     */
    campaign_call_id?: string | null;
    /**
     * Campaign Id
     */
    campaign_id?: string | null;
    /**
     * Campaign Run Number
     */
    campaign_run_number?: number | null;
    /**
     * Cdr Call Status
     */
    cdr_call_status?: unknown;
    /**
     * Cdr Talktime
     */
    cdr_talktime?: unknown;
    /**
     * Completed At
     */
    completed_at?: string | null;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Disconnected By
     */
    disconnected_by?: string | null;
    /**
     * Disposition
     */
    disposition?: string | null;
    /**
     * Ended At
     */
    ended_at?: string | null;
    /**
     * Error
     *
     * `no_result`: closed because no result came.
     */
    error?: string | null;
    /**
     * From Number
     *
     * Our number.
     */
    from_number: string;
    /**
     * Qc Overall Score
     */
    qc_overall_score?: number | null;
    /**
     * Recording Key
     */
    recording_key?: string | null;
    /**
     * Recording Url
     */
    recording_url?: string | null;
    /**
     * Session Id
     */
    session_id: string;
    /**
     * Skeleton Missing
     *
     * The config was refused; made from the result alone.
     */
    skeleton_missing?: boolean | null;
    /**
     * Started At
     */
    started_at?: string | null;
    /**
     * Status
     */
    status: 'in_progress' | 'completed' | 'voicemail' | 'failed';
    /**
     * Stream Id
     */
    stream_id: string;
    /**
     * Sub Disposition
     */
    sub_disposition?: string | null;
    /**
     * Transfer Target
     */
    transfer_target?: string | null;
    /**
     * Transport
     */
    transport: string;
    /**
     * Was Transferred
     */
    was_transferred?: boolean | null;
};

/**
 * CallbackDetection
 *
 * The campaign's gate of callbacks; the bot has another one.
 */
export type CallbackDetection = {
    /**
     * Enabled
     */
    enabled?: boolean;
};

/**
 * CallbackDetectionPatch
 *
 * Fields present are replaced, absent ones stay.
 */
export type CallbackDetectionPatch = {
    /**
     * Enabled
     */
    enabled?: boolean;
};

/**
 * CallsOverTime
 */
export type CallsOverTime = {
    /**
     * Buckets
     *
     * Every hour or day of the range, the empty ones included.
     */
    buckets: Array<CallBucket>;
    /**
     * Interval
     */
    interval: 'hour' | 'day';
    /**
     * Timezone
     */
    timezone: string;
};

/**
 * Campaign
 *
 * A campaign as people see it. It documents the reply and never judges what is stored.
 */
export type Campaign = {
    /**
     * Activity Log
     */
    activity_log: Array<Activity>;
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Bot Name
     *
     * null: the bot is gone.
     */
    bot_name: string | null;
    /**
     * Campaign Id
     */
    campaign_id: string;
    /**
     * Completed At
     */
    completed_at: string | null;
    /**
     * Completion Reason
     */
    completion_reason: 'all_contacts_done' | 'manual_stop' | 'window_closed' | 'bot_missing' | 'no_numbers' | null;
    config: CampaignConfig;
    /**
     * Config Url
     */
    config_url: string;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Created By
     */
    created_by: string;
    /**
     * Editable
     *
     * Its fields can be changed now: it is a draft or paused.
     */
    editable: boolean;
    /**
     * Identity Locked
     *
     * It has run: name, bot and list of contacts stay.
     */
    identity_locked: boolean;
    /**
     * Live
     *
     * Written by voxdialler while it works on the campaign, every 5 s at the latest. `state` is `dialler_away` when
     * there was no sign of it for 20 s while the campaign runs; the rest is what it wrote last.
     */
    live: {
        [key: string]: unknown;
    } | null;
    /**
     * Name
     */
    name: string;
    /**
     * Number Pool
     */
    number_pool: Array<string>;
    prepared_run: PreparedRun | null;
    /**
     * Restart History
     */
    restart_history: Array<PastRun>;
    /**
     * Revision
     */
    revision: number;
    /**
     * Run Number
     */
    run_number: number;
    run_window: RunWindow | null;
    /**
     * Started At
     */
    started_at: string | null;
    stats: CampaignStats;
    /**
     * Status
     */
    status: 'draft' | 'running' | 'paused' | 'completed' | 'failed';
    /**
     * Updated At
     */
    updated_at: string;
    upload: Upload;
    /**
     * Warnings
     */
    warnings: Array<string>;
};

/**
 * CampaignConfig
 *
 * How a campaign dials.
 */
export type CampaignConfig = {
    /**
     * Always On
     *
     * Never completes by itself.
     */
    always_on?: boolean;
    amd?: AmdSwitch;
    callback_detection?: CallbackDetection;
    /**
     * Campaign Mode
     */
    campaign_mode?: 'single_day' | 'multi_day';
    /**
     * Concurrency Limit
     *
     * Simultaneous conversations.
     */
    concurrency_limit?: number;
    /**
     * Pacing Mode
     */
    pacing_mode?: 'reserved' | 'predictive';
    redial_rules?: RedialRules;
    time_window?: TimeWindow;
};

/**
 * CampaignConfigPatch
 *
 * Fields present are replaced, absent ones stay.
 */
export type CampaignConfigPatch = {
    /**
     * Always On
     *
     * Never completes by itself.
     */
    always_on?: boolean;
    amd?: AmdSwitchPatch;
    callback_detection?: CallbackDetectionPatch;
    /**
     * Campaign Mode
     */
    campaign_mode?: 'single_day' | 'multi_day';
    /**
     * Concurrency Limit
     *
     * Simultaneous conversations.
     */
    concurrency_limit?: number;
    /**
     * Pacing Mode
     */
    pacing_mode?: 'reserved' | 'predictive';
    redial_rules?: RedialRulesPatch;
    time_window?: TimeWindowPatch;
};

/**
 * CampaignCreate
 *
 * A new draft. What `config` leaves out has its default; the window's time zone is the display zone.
 */
export type CampaignCreate = {
    /**
     * Bot Id
     */
    bot_id: string;
    config?: CampaignConfigPatch | null;
    /**
     * Config Url
     *
     * Where workers fetch the configuration; absent: here.
     */
    config_url?: string | null;
    /**
     * Name
     */
    name: string;
    /**
     * Number Pool
     *
     * Numbers of ours that calls come from.
     */
    number_pool: Array<string>;
};

/**
 * CampaignQuota
 */
export type CampaignQuota = {
    /**
     * Max
     *
     * Units at most; null = no cap.
     */
    max?: number | null;
    /**
     * Min
     *
     * Units kept for it.
     */
    min?: number;
};

/**
 * CampaignQuotaView
 */
export type CampaignQuotaView = {
    /**
     * Max
     *
     * Units at most; null = no cap.
     */
    max?: number | null;
    /**
     * Min
     *
     * Units kept for it.
     */
    min?: number;
    /**
     * Used
     */
    used?: number;
};

/**
 * CampaignRef
 */
export type CampaignRef = {
    /**
     * Campaign Id
     */
    campaign_id: string;
    /**
     * Name
     */
    name: string;
};

/**
 * CampaignStats
 *
 * Counted from the contacts and attempts of the run. Rates are 0 to 1, null where nothing is to be divided by.
 */
export type CampaignStats = {
    /**
     * Abandon Rate
     */
    abandon_rate?: number | null;
    /**
     * Abandoned
     */
    abandoned?: number;
    /**
     * Answered
     *
     * Contacts where somebody, or a machine, took a call that has ended.
     */
    answered?: number;
    /**
     * Answered Attempts
     */
    answered_attempts?: number;
    /**
     * Attempt Answer Rate
     */
    attempt_answer_rate?: number | null;
    /**
     * Attempted
     *
     * Contacts with an ended attempt.
     */
    attempted?: number;
    /**
     * Attempts
     *
     * Ended attempts.
     */
    attempts?: number;
    /**
     * Callback Pending
     */
    callback_pending?: number;
    /**
     * Completed
     */
    completed?: number;
    /**
     * Completion Rate
     */
    completion_rate?: number | null;
    /**
     * Connect Rate
     */
    connect_rate?: number | null;
    /**
     * Connected
     *
     * Contacts with a conversation.
     */
    connected?: number;
    /**
     * Counted At
     */
    counted_at?: string | null;
    /**
     * Excluded
     */
    excluded?: number;
    /**
     * Failed
     *
     * Contacts that are `exhausted`.
     */
    failed?: number;
    /**
     * In Flight
     */
    in_flight?: number;
    /**
     * Machine Detected Count
     */
    machine_detected_count?: number;
    /**
     * Manual Stopped
     */
    manual_stopped?: number;
    /**
     * Pending
     */
    pending?: number;
    /**
     * Processed
     */
    processed?: number;
    /**
     * Processed Share
     */
    processed_share?: number | null;
    /**
     * Retry Scheduled
     */
    retry_scheduled?: number;
    /**
     * Total Calls
     */
    total_calls?: number;
    /**
     * Window Closed
     */
    window_closed?: number;
};

/**
 * CampaignSummary
 *
 * A row of the list.
 */
export type CampaignSummary = {
    /**
     * Always On
     */
    always_on: boolean;
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Bot Name
     *
     * null: the bot is gone.
     */
    bot_name: string | null;
    /**
     * Campaign Id
     */
    campaign_id: string;
    /**
     * Campaign Mode
     */
    campaign_mode: 'single_day' | 'multi_day';
    /**
     * Completed At
     */
    completed_at: string | null;
    /**
     * Completion Reason
     */
    completion_reason: 'all_contacts_done' | 'manual_stop' | 'window_closed' | 'bot_missing' | 'no_numbers' | null;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Live
     *
     * Written by voxdialler while it works on the campaign, every 5 s at the latest. `state` is `dialler_away` when
     * there was no sign of it for 20 s while the campaign runs; the rest is what it wrote last.
     */
    live: {
        [key: string]: unknown;
    } | null;
    /**
     * Name
     */
    name: string;
    prepared_run: PreparedRun | null;
    /**
     * Run Number
     */
    run_number: number;
    /**
     * Started At
     */
    started_at: string | null;
    stats: CampaignStats;
    /**
     * Status
     */
    status: 'draft' | 'running' | 'paused' | 'completed' | 'failed';
};

/**
 * CampaignUpdate
 *
 * Fields present are replaced, absent ones stay; in `config` that holds for every field of every block.
 */
export type CampaignUpdate = {
    /**
     * Bot Id
     */
    bot_id?: string;
    config?: CampaignConfigPatch;
    /**
     * Config Url
     */
    config_url?: string;
    /**
     * Name
     */
    name?: string;
    /**
     * Number Pool
     */
    number_pool?: Array<string>;
};

/**
 * Carrier
 *
 * A carrier as people see it, secrets masked.
 */
export type Carrier = {
    /**
     * Allowed Addresses
     */
    allowed_addresses: Array<string>;
    /**
     * Auth Password
     */
    auth_password: string;
    /**
     * Auth Username
     */
    auth_username: string;
    breaker: CarrierBreaker | null;
    /**
     * Carrier Id
     */
    carrier_id: string;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Destination Country
     */
    destination_country: string;
    /**
     * Dids
     */
    dids: Array<Did>;
    /**
     * Inbound Allowed Addresses
     */
    inbound_allowed_addresses: Array<string>;
    /**
     * Inbound Auth Mode
     */
    inbound_auth_mode: string;
    /**
     * Inbound Auth Password
     */
    inbound_auth_password: string;
    /**
     * Inbound Auth Username
     */
    inbound_auth_username: string;
    /**
     * Lk Dispatch Rule Id
     */
    lk_dispatch_rule_id: string;
    /**
     * Lk Inbound Trunk Id
     */
    lk_inbound_trunk_id: string;
    /**
     * Lk Last Synced At
     */
    lk_last_synced_at: string | null;
    /**
     * Lk Outbound Trunk Id
     */
    lk_outbound_trunk_id: string;
    /**
     * Lk Sync Error
     */
    lk_sync_error: string;
    /**
     * Lk Sync Status
     */
    lk_sync_status: 'pending' | 'synced' | 'error';
    /**
     * Managed By
     *
     * `integration:exotel`: it is changed there and read-only here.
     */
    managed_by: string | null;
    /**
     * Name
     */
    name: string;
    /**
     * Originate
     */
    originate: 'livekit_sip' | 'websocket_carrier';
    /**
     * Outbound Auth Password
     */
    outbound_auth_password: string;
    /**
     * Outbound Auth Username
     */
    outbound_auth_username: string;
    /**
     * Outbound Burst
     */
    outbound_burst: number;
    /**
     * Outbound Channels
     */
    outbound_channels: number;
    /**
     * Outbound Cps
     */
    outbound_cps: number;
    rest: CarrierRest | null;
    /**
     * Sip Address
     */
    sip_address: string;
    /**
     * Transport
     */
    transport: string;
    /**
     * Updated At
     */
    updated_at: string;
};

/**
 * CarrierAccess
 *
 * `rest` of a carrier in clear: what opens its API. Never logged.
 */
export type CarrierAccess = {
    /**
     * Account Sid
     */
    account_sid?: string;
    /**
     * Adapter
     */
    adapter: 'voxphone' | 'exotel' | 'twilio' | 'plivo' | 'telnyx';
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Api Token
     */
    api_token?: string;
    /**
     * Base Url
     */
    base_url: string;
    /**
     * Flow Url
     */
    flow_url?: string;
};

/**
 * CarrierBreaker
 *
 * What voxdialler thinks of the carrier after its last failures; null: nothing was ever wrong.
 */
export type CarrierBreaker = {
    /**
     * Opened At
     */
    opened_at?: string | null;
    /**
     * Retry At
     */
    retry_at?: string | null;
    /**
     * State
     */
    state: 'closed' | 'open' | 'half_open';
    /**
     * Trips
     */
    trips?: number;
};

/**
 * CarrierCreate
 *
 * A new carrier with its numbers.
 */
export type CarrierCreate = {
    /**
     * Allowed Addresses
     *
     * IP addresses and networks.
     */
    allowed_addresses?: Array<string>;
    /**
     * Auth Password
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    auth_password?: string | null;
    /**
     * Auth Username
     */
    auth_username?: string;
    /**
     * Destination Country
     *
     * ISO 3166 alpha-2.
     */
    destination_country?: string;
    /**
     * Dids
     */
    dids?: Array<DidFields>;
    /**
     * Inbound Allowed Addresses
     *
     * IP addresses and networks.
     */
    inbound_allowed_addresses?: Array<string>;
    /**
     * Inbound Auth Mode
     */
    inbound_auth_mode?: 'credentials' | 'ip';
    /**
     * Inbound Auth Password
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    inbound_auth_password?: string | null;
    /**
     * Inbound Auth Username
     */
    inbound_auth_username?: string;
    /**
     * Name
     */
    name: string;
    /**
     * Originate
     */
    originate?: 'livekit_sip' | 'websocket_carrier';
    /**
     * Outbound Auth Password
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    outbound_auth_password?: string | null;
    /**
     * Outbound Auth Username
     */
    outbound_auth_username?: string;
    /**
     * Outbound Burst
     *
     * Calls that may be placed at once after a pause.
     */
    outbound_burst?: number;
    /**
     * Outbound Channels
     *
     * Calls of voxdialler at a time.
     */
    outbound_channels?: number;
    /**
     * Outbound Cps
     *
     * Calls placed a second by voxdialler.
     */
    outbound_cps?: number;
    /**
     * Required for `websocket_carrier`.
     */
    rest?: RestFields | null;
    /**
     * Sip Address
     *
     * `host[:port]`; required for `livekit_sip`.
     */
    sip_address?: string;
    /**
     * Transport
     */
    transport?: 'auto' | 'tcp' | 'udp' | 'tls';
};

/**
 * CarrierCredentials
 */
export type CarrierCredentials = {
    /**
     * Account Sid
     */
    account_sid?: string;
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Auth Token
     */
    auth_token?: string;
    /**
     * Base Url
     */
    base_url?: string;
};

/**
 * CarrierRest
 */
export type CarrierRest = {
    /**
     * Account Sid
     */
    account_sid?: string;
    /**
     * Adapter
     */
    adapter: 'voxphone' | 'exotel' | 'twilio' | 'plivo' | 'telnyx';
    /**
     * Api Key
     *
     * A mask.
     */
    api_key?: string;
    /**
     * Api Token
     *
     * A mask.
     */
    api_token?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Flow Url
     */
    flow_url?: string;
};

/**
 * CarrierUpdate
 *
 * Fields present are replaced whole, absent ones stay.
 */
export type CarrierUpdate = {
    /**
     * Allowed Addresses
     *
     * IP addresses and networks.
     */
    allowed_addresses?: Array<string>;
    /**
     * Auth Password
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    auth_password?: string | null;
    /**
     * Auth Username
     */
    auth_username?: string;
    /**
     * Destination Country
     *
     * ISO 3166 alpha-2.
     */
    destination_country?: string;
    /**
     * Dids
     */
    dids?: Array<DidFields>;
    /**
     * Inbound Allowed Addresses
     *
     * IP addresses and networks.
     */
    inbound_allowed_addresses?: Array<string>;
    /**
     * Inbound Auth Mode
     */
    inbound_auth_mode?: 'credentials' | 'ip';
    /**
     * Inbound Auth Password
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    inbound_auth_password?: string | null;
    /**
     * Inbound Auth Username
     */
    inbound_auth_username?: string;
    /**
     * Name
     */
    name?: string;
    /**
     * Originate
     */
    originate?: 'livekit_sip' | 'websocket_carrier';
    /**
     * Outbound Auth Password
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    outbound_auth_password?: string | null;
    /**
     * Outbound Auth Username
     */
    outbound_auth_username?: string;
    /**
     * Outbound Burst
     *
     * Calls that may be placed at once after a pause.
     */
    outbound_burst?: number;
    /**
     * Outbound Channels
     *
     * Calls of voxdialler at a time.
     */
    outbound_channels?: number;
    /**
     * Outbound Cps
     *
     * Calls placed a second by voxdialler.
     */
    outbound_cps?: number;
    /**
     * Required for `websocket_carrier`.
     */
    rest?: RestFields | null;
    /**
     * Sip Address
     *
     * `host[:port]`; required for `livekit_sip`.
     */
    sip_address?: string;
    /**
     * Transport
     */
    transport?: 'auto' | 'tcp' | 'udp' | 'tls';
};

/**
 * CdrReply
 */
export type CdrReply = {
    /**
     * Reason
     *
     * Why it was ignored.
     */
    reason?: string | null;
    /**
     * Status
     */
    status: 'ok' | 'ignored' | 'not_found';
    /**
     * Stream Id
     */
    stream_id?: string | null;
};

/**
 * Contact
 *
 * A contact of a campaign and how far it is.
 */
export type Contact = {
    /**
     * Attempt Count
     */
    attempt_count: number;
    /**
     * Callback
     */
    callback?: {
        [key: string]: unknown;
    } | null;
    /**
     * Campaign Call Id
     */
    campaign_call_id: string;
    /**
     * Connected Once
     */
    connected_once?: boolean;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Current Session Id
     */
    current_session_id?: string | null;
    /**
     * Exclude Requested
     */
    exclude_requested?: boolean;
    /**
     * Last Attempt At
     */
    last_attempt_at?: string | null;
    /**
     * Last Disposition
     */
    last_disposition?: string | null;
    /**
     * Last Outcome
     */
    last_outcome?: string | null;
    /**
     * Last Session Id
     */
    last_session_id?: string | null;
    /**
     * Next Retry At
     */
    next_retry_at?: string | null;
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Row No
     */
    row_no: number;
    /**
     * Run Number
     */
    run_number: number;
    /**
     * Source
     */
    source: 'csv' | 'api';
    /**
     * Status
     */
    status: 'pending' | 'retry_scheduled' | 'callback_scheduled' | 'leased' | 'dialling' | 'ringing' | 'amd_screening' | 'attaching' | 'in_progress' | '_processing' | 'completed' | 'exhausted' | 'abandoned' | 'amd_machine' | 'window_closed' | 'manual_stopped' | 'excluded';
    /**
     * Status Changed At
     */
    status_changed_at: string;
    /**
     * Updated At
     */
    updated_at: string;
    /**
     * Variables
     */
    variables: {
        [key: string]: string;
    };
};

/**
 * ContactsAdded
 *
 * Every contact counts once.
 */
export type ContactsAdded = {
    /**
     * Added
     */
    added: number;
    /**
     * Duplicates
     */
    duplicates: number;
    /**
     * Errors
     */
    errors: Array<NumberError>;
    /**
     * Invalid
     */
    invalid: number;
    /**
     * Requeued
     */
    requeued: number;
    /**
     * Suppressed
     *
     * On the do-not-call list or excluded: stored as `excluded`, never called.
     */
    suppressed: number;
};

/**
 * CreatedApiKey
 */
export type CreatedApiKey = {
    /**
     * Api Key
     *
     * The key itself; it is shown this once.
     */
    api_key: string;
    /**
     * Bot Ids
     */
    bot_ids: Array<string>;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Created By
     */
    created_by?: string | null;
    /**
     * Expires At
     */
    expires_at?: string | null;
    /**
     * Is Active
     */
    is_active: boolean;
    /**
     * Key Id
     */
    key_id: string;
    /**
     * Key Prefix
     */
    key_prefix: string;
    /**
     * Last Used At
     */
    last_used_at?: string | null;
    /**
     * Name
     */
    name: string;
    /**
     * Status
     */
    status: 'active' | 'inactive' | 'expired';
    /**
     * Updated At
     */
    updated_at: string;
};

/**
 * CrmPrefetch
 */
export type CrmPrefetch = {
    /**
     * Body
     */
    body?: string;
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Headers
     */
    headers?: {
        [key: string]: string | null;
    };
    /**
     * Method
     */
    method?: 'GET' | 'POST';
    /**
     * Params
     */
    params?: {
        [key: string]: string;
    };
    /**
     * Response Mapping
     */
    response_mapping?: {
        [key: string]: string;
    };
    /**
     * Timeout Seconds
     */
    timeout_seconds?: number;
    /**
     * Url
     */
    url?: string;
};

/**
 * CustomTool
 *
 * A function the language model may call: over HTTP, or only recorded as an intent.
 */
export type CustomTool = {
    /**
     * Body Template
     */
    body_template?: string | null;
    /**
     * Description
     *
     * When to call it, for the language model.
     */
    description?: string;
    guidance?: Guidance;
    /**
     * Has Api
     */
    has_api?: boolean;
    /**
     * Headers
     */
    headers?: {
        [key: string]: string | null;
    };
    /**
     * Hold Message Intent
     */
    hold_message_intent?: string;
    /**
     * Method
     */
    method?: 'GET' | 'POST';
    /**
     * Name
     */
    name: string;
    /**
     * Parameters
     */
    parameters?: Array<ToolParameter>;
    /**
     * Query Params
     */
    query_params?: {
        [key: string]: string;
    };
    /**
     * Timeout Seconds
     */
    timeout_seconds?: number;
    /**
     * Timing
     */
    timing?: 'immediate' | 'speak_then_run' | 'speak_and_run_parallel';
    /**
     * Url
     */
    url?: string;
};

/**
 * Dialler
 */
export type Dialler = {
    amd?: Amd;
};

/**
 * DiallerUpdate
 */
export type DiallerUpdate = {
    /**
     * Action On Machine
     */
    action_on_machine?: 'teardown' | 'continue';
    /**
     * Action On Unknown
     */
    action_on_unknown?: 'teardown' | 'continue';
    /**
     * After Greeting Silence Ms
     */
    after_greeting_silence_ms?: number;
    /**
     * Beep Detection Enabled
     */
    beep_detection_enabled?: boolean;
    /**
     * Beep Min Ms
     */
    beep_min_ms?: number;
    /**
     * Between Words Silence Ms
     */
    between_words_silence_ms?: number;
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Greeting Ms
     */
    greeting_ms?: number;
    /**
     * Initial Silence Ms
     */
    initial_silence_ms?: number;
    /**
     * Max Word Ms
     */
    max_word_ms?: number;
    /**
     * Max Words
     */
    max_words?: number;
    /**
     * Min Word Ms
     */
    min_word_ms?: number;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
    /**
     * Silence Threshold
     */
    silence_threshold?: number;
    /**
     * Total Analysis Ms
     */
    total_analysis_ms?: number;
};

/**
 * DialoutAccepted
 *
 * The callee is being rung. `call_id` stands in the call's record once somebody answers.
 */
export type DialoutAccepted = {
    /**
     * Call Id
     */
    call_id: string;
    /**
     * Room Name
     *
     * null over a carrier that connects its own media.
     */
    room_name: string | null;
    /**
     * Status
     */
    status?: 'accepted';
};

/**
 * DialoutRequest
 *
 * `variables` or `connected_event`: what the bot knows of the callee, at most 16 KiB of JSON. Names that begin with
 * `_` are ours; of them `_mock_crm`, `_skip_prefetch` and `_skip_post_push` may be sent.
 */
export type DialoutRequest = {
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Connected Event
     *
     * The same, taken as it is.
     */
    connected_event?: {
        [key: string]: unknown;
    } | null;
    /**
     * From Number
     *
     * One of our numbers; absent: the one that rested longest.
     */
    from_number?: string | null;
    /**
     * To Number
     */
    to_number: string;
    /**
     * Variables
     *
     * Values become text, objects and lists JSON text.
     */
    variables?: {
        [key: string]: unknown;
    } | null;
    /**
     * Wait Seconds
     *
     * How long to wait for a free worker, seconds.
     */
    wait_seconds?: number;
};

/**
 * Did
 */
export type Did = {
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Did Id
     */
    did_id: string;
    /**
     * Direction
     */
    direction: 'inbound' | 'outbound' | 'both';
    /**
     * Label
     */
    label: string;
    /**
     * Last Used At
     *
     * The last call that was placed from it.
     */
    last_used_at: string | null;
    /**
     * Number
     */
    number: string;
    /**
     * Phone Key
     *
     * Its digits.
     */
    phone_key: string;
};

/**
 * DidFields
 *
 * A number of ours. `bot_id`: who answers inbound calls; empty: nobody.
 */
export type DidFields = {
    /**
     * Bot Id
     */
    bot_id?: string;
    /**
     * Direction
     */
    direction?: 'inbound' | 'outbound' | 'both';
    /**
     * Label
     */
    label?: string;
    /**
     * Number
     */
    number: string;
};

/**
 * DidUpdate
 *
 * Fields present are replaced, absent ones stay.
 */
export type DidUpdate = {
    /**
     * Bot Id
     */
    bot_id?: string;
    /**
     * Direction
     */
    direction?: 'inbound' | 'outbound' | 'both';
    /**
     * Label
     */
    label?: string;
    /**
     * Number
     */
    number?: string;
};

/**
 * DisconnectReasonCount
 */
export type DisconnectReasonCount = {
    /**
     * Count
     */
    count: number;
    /**
     * Disconnected By
     */
    disconnected_by: string;
    /**
     * Share
     */
    share: number;
};

/**
 * DisconnectReasons
 */
export type DisconnectReasons = {
    /**
     * Items
     */
    items: Array<DisconnectReasonCount>;
};

/**
 * DisplaySettings
 *
 * What every signed-in person may know; the last two for admins only.
 */
export type DisplaySettings = {
    /**
     * Default Country
     */
    default_country?: string | null;
    /**
     * Display Timezone
     */
    display_timezone: string;
    /**
     * Provider Keys
     */
    provider_keys?: {
        [key: string]: boolean;
    } | null;
};

/**
 * DispositionCount
 */
export type DispositionCount = {
    /**
     * Count
     */
    count: number;
    /**
     * Disposition
     *
     * `none`: the calls have none.
     */
    disposition: string;
    /**
     * Share
     */
    share: number;
};

/**
 * Dispositions
 */
export type Dispositions = {
    /**
     * Items
     *
     * Most frequent first.
     */
    items: Array<DispositionCount>;
};

/**
 * Dnc
 */
export type Dnc = {
    /**
     * From Analysis
     */
    from_analysis?: boolean;
};

/**
 * DncAdd
 */
export type DncAdd = {
    /**
     * Expires At
     *
     * From then on the number may be called again; null: never.
     */
    expires_at?: string | null;
    /**
     * Phone Numbers
     *
     * As people write them; separators are dropped.
     */
    phone_numbers: Array<string>;
    /**
     * Reason
     */
    reason?: string;
};

/**
 * DncAdded
 *
 * Every number counts once; a number that is sent twice is `existing` the second time.
 */
export type DncAdded = {
    /**
     * Added
     */
    added: number;
    /**
     * Existing
     *
     * Stood on the list; its end is moved back where this one is later.
     */
    existing: number;
    /**
     * Invalid
     */
    invalid: number;
};

/**
 * DncEntry
 */
export type DncEntry = {
    /**
     * Added By
     */
    added_by: string;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Expires At
     */
    expires_at?: string | null;
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Reason
     */
    reason: string;
    /**
     * Session Id
     */
    session_id?: string | null;
    /**
     * Source
     */
    source: 'manual' | 'upload' | 'api' | 'call';
};

/**
 * DncUploadReport
 *
 * Every data row counts once: total_rows = added + existing + invalid + over_limit.
 */
export type DncUploadReport = {
    /**
     * Added
     */
    added: number;
    /**
     * Existing
     */
    existing: number;
    /**
     * Invalid
     */
    invalid: number;
    /**
     * Over Limit
     */
    over_limit: number;
    /**
     * Sample Errors
     */
    sample_errors: Array<RowError>;
    /**
     * Total Rows
     */
    total_rows: number;
};

/**
 * DrainBody
 *
 * Grant none of these seats from now on; calls that run end by themselves.
 */
export type DrainBody = {
    /**
     * Reason
     */
    reason?: string;
    /**
     * Selector
     *
     * `worker:{id}`, `host:{id}`, `tag:{image_tag}` or `pool`.
     */
    selector: string;
};

/**
 * DrainDone
 *
 * `seats`: how many the drain holds, or held until it was lifted.
 */
export type DrainDone = {
    /**
     * Seats
     */
    seats: number;
    /**
     * Selector
     */
    selector: string;
};

/**
 * DrainShown
 */
export type DrainShown = {
    /**
     * Busy
     */
    busy: number;
    /**
     * By
     */
    by: string;
    /**
     * Drained
     */
    drained: number;
    /**
     * Eta Ms
     */
    eta_ms?: number | null;
    /**
     * Free Of Calls
     */
    free_of_calls: number;
    /**
     * Oldest Call Ms
     */
    oldest_call_ms?: number | null;
    /**
     * Pool
     */
    pool: string;
    /**
     * Reason
     */
    reason: string;
    /**
     * Seats
     */
    seats: number;
    /**
     * Selector
     */
    selector: string;
    /**
     * Since Ms
     */
    since_ms: number;
};

/**
 * EndCallTool
 */
export type EndCallTool = {
    /**
     * Description
     */
    description?: string;
    /**
     * Enabled
     */
    enabled?: boolean;
};

/**
 * ErrorBody
 *
 * `error` is the stable code, `message` a sentence for people.
 */
export type ErrorBody = {
    /**
     * Detail
     *
     * The message again; the list of field errors for 422.
     */
    detail?: unknown;
    /**
     * Error
     */
    error: string;
    /**
     * Message
     */
    message: string;
    /**
     * Request Id
     */
    request_id?: string | null;
};

/**
 * Exclude
 */
export type Exclude = {
    /**
     * Phone Numbers
     */
    phone_numbers: Array<string>;
    /**
     * Reason
     */
    reason?: string;
};

/**
 * Excluded
 *
 * Every number counts once; all valid ones are on the list from now on, whether they have a contact or not.
 */
export type Excluded = {
    /**
     * Already Terminal
     */
    already_terminal: number;
    /**
     * Excluded
     *
     * Contacts that waited.
     */
    excluded: number;
    /**
     * In Flight
     *
     * Being called now; not called again.
     */
    in_flight: number;
    /**
     * Invalid
     */
    invalid: number;
    /**
     * Not Found
     *
     * No contact has this number; one that is added later is not called.
     */
    not_found: number;
};

/**
 * Exclusion
 */
export type Exclusion = {
    /**
     * At
     */
    at: string;
    /**
     * By
     */
    by: string;
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Reason
     */
    reason: string;
};

/**
 * Figures
 */
export type Figures = {
    /**
     * Avg Duration Seconds
     *
     * Of the connected calls.
     */
    avg_duration_seconds: number | null;
    /**
     * Avg Response Ms
     */
    avg_response_ms: number | null;
    /**
     * Connect Rate
     *
     * Of the calls that ended.
     */
    connect_rate: number | null;
    /**
     * Connected Calls
     *
     * Calls in which both sides spoke.
     */
    connected_calls: number;
    /**
     * Failed Calls
     */
    failed_calls: number;
    /**
     * P95 Response Ms
     *
     * Of the calls' average response times.
     */
    p95_response_ms: number | null;
    /**
     * Total Calls
     */
    total_calls: number;
    /**
     * Total Minutes
     */
    total_minutes: number;
    /**
     * Transferred Calls
     */
    transferred_calls: number;
    /**
     * Voicemail Calls
     */
    voicemail_calls: number;
};

/**
 * FixedDisposition
 */
export type FixedDisposition = {
    /**
     * Calling Remarks
     */
    CALLING_REMARKS?: string | null;
    /**
     * Disposition
     */
    DISPOSITION: string;
    /**
     * Sub Disposition
     */
    SUB_DISPOSITION?: string | null;
};

/**
 * FleetFigures
 */
export type FleetFigures = {
    /**
     * Active Calls
     */
    active_calls: number;
    /**
     * Available
     */
    available: number;
    /**
     * Total Capacity
     */
    total_capacity: number;
};

/**
 * FleetHost
 *
 * One worker host as its last probe or the registry told; numbers are 0 while it is unreachable.
 */
export type FleetHost = {
    /**
     * Draining
     *
     * Every worker of the host is draining.
     */
    draining?: boolean;
    /**
     * Status
     */
    status: 'healthy' | 'unreachable';
    /**
     * Total Available
     */
    total_available?: number;
    /**
     * Total Capacity
     */
    total_capacity?: number;
    /**
     * Url
     */
    url: string;
    /**
     * Worker Calls
     */
    worker_calls?: number;
    /**
     * Workers
     *
     * Worker processes that answered there.
     */
    workers?: number;
};

/**
 * FleetStatus
 */
export type FleetStatus = {
    /**
     * Active Calls
     */
    active_calls: number;
    /**
     * Available
     */
    available: number;
    /**
     * The registry's figures; those of several pools summed.
     */
    fleet?: FleetView | null;
    /**
     * Seats
     *
     * Every seat, while the registry answers.
     */
    seats?: Array<SeatView>;
    /**
     * Source
     *
     * Where the figures come from.
     */
    source: 'registry' | 'poll';
    /**
     * Total Capacity
     */
    total_capacity: number;
    /**
     * Workers
     */
    workers: Array<FleetHost>;
};

/**
 * FleetUpdate
 */
export type FleetUpdate = {
    /**
     * Core Fleet
     */
    core_fleet?: Array<string>;
    /**
     * Public Wss Base
     */
    public_wss_base?: string;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
};

/**
 * FleetView
 *
 * `GET /v1/fleet`. `free` = seats that a reserve could be given now.
 */
export type FleetView = {
    /**
     * Busy
     */
    busy: number;
    /**
     * Draining
     */
    draining: number;
    /**
     * Free
     */
    free: number;
    /**
     * Generation
     */
    generation: string;
    /**
     * Hosts
     */
    hosts?: Array<HostView>;
    /**
     * Idle
     */
    idle: number;
    /**
     * Longest Wait Ms
     */
    longest_wait_ms: number;
    /**
     * Lost
     */
    lost: number;
    /**
     * Now Ms
     */
    now_ms?: number;
    /**
     * Pool
     */
    pool: string;
    /**
     * Refusals
     *
     * Of the last full minute, by reason.
     */
    refusals: {
        [key: string]: number;
    };
    /**
     * Reserved
     */
    reserved: number;
    /**
     * Seats
     */
    seats: number;
    /**
     * Starting
     */
    starting: number;
    /**
     * Status
     */
    status: 'ok' | 'rebuilding';
    /**
     * Waiting
     */
    waiting: number;
    /**
     * Waiting By
     */
    waiting_by: {
        [key: string]: number;
    };
    /**
     * Wrapping
     */
    wrapping: number;
};

/**
 * GeneralUpdate
 */
export type GeneralUpdate = {
    /**
     * Default Country
     */
    default_country?: string;
    dnc?: StrictDnc;
    retention?: StrictRetention;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
};

/**
 * Guidance
 *
 * Hints for the language model about an outcome; no scripts.
 */
export type Guidance = {
    /**
     * Failure
     */
    failure?: string;
    /**
     * Missing Info
     */
    missing_info?: string;
    /**
     * Success
     */
    success?: string;
    /**
     * Timeout
     */
    timeout?: string;
};

/**
 * Health
 */
export type Health = {
    /**
     * Image Tag
     */
    image_tag: string;
    /**
     * Mongodb
     */
    mongodb: 'ok' | 'away';
    /**
     * Redis
     */
    redis: 'ok' | 'away';
    /**
     * Registry
     */
    registry: 'ok' | 'away' | 'off';
    /**
     * Status
     */
    status: 'ok' | 'degraded';
    /**
     * Version
     */
    version: string;
};

/**
 * HostView
 */
export type HostView = {
    /**
     * Busy
     */
    busy: number;
    /**
     * Draining
     */
    draining: number;
    /**
     * Free
     */
    free: number;
    /**
     * Host Id
     */
    host_id: string;
    /**
     * Lb Url
     */
    lb_url: string;
    /**
     * Seats
     */
    seats: number;
    /**
     * Tags
     */
    tags: {
        [key: string]: number;
    };
};

/**
 * Knowledge
 */
export type Knowledge = {
    /**
     * Backend
     */
    backend?: 'local' | 'qdrant';
    /**
     * Chunk Overlap Chars
     */
    chunk_overlap_chars?: number;
    /**
     * Chunk Size Chars
     */
    chunk_size_chars?: number;
    /**
     * Embedding Dimensions
     */
    embedding_dimensions?: number;
    /**
     * Embedding Model
     */
    embedding_model?: string;
    /**
     * Embedding Provider
     */
    embedding_provider?: 'none' | 'openai_compatible' | 'openai' | 'google';
    /**
     * Max Upload Mb
     */
    max_upload_mb?: number;
    /**
     * Qdrant Api Key
     */
    qdrant_api_key?: string;
    /**
     * Qdrant Collection
     */
    qdrant_collection?: string;
    /**
     * Qdrant Url
     */
    qdrant_url?: string;
};

/**
 * KnowledgeUpdate
 */
export type KnowledgeUpdate = {
    /**
     * Backend
     */
    backend?: 'local' | 'qdrant';
    /**
     * Chunk Overlap Chars
     */
    chunk_overlap_chars?: number;
    /**
     * Chunk Size Chars
     */
    chunk_size_chars?: number;
    /**
     * Embedding Dimensions
     */
    embedding_dimensions?: number;
    /**
     * Embedding Model
     */
    embedding_model?: string;
    /**
     * Embedding Provider
     */
    embedding_provider?: 'none' | 'openai_compatible' | 'openai' | 'google';
    /**
     * Max Upload Mb
     */
    max_upload_mb?: number;
    /**
     * Qdrant Api Key
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    qdrant_api_key?: string | null;
    /**
     * Qdrant Collection
     */
    qdrant_collection?: string;
    /**
     * Qdrant Url
     */
    qdrant_url?: string;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
};

/**
 * LatencyBucket
 */
export type LatencyBucket = {
    /**
     * Calls
     *
     * Calls with a measured response time.
     */
    calls: number;
    /**
     * P50 Ms
     */
    p50_ms: number | null;
    /**
     * P95 Ms
     */
    p95_ms: number | null;
    /**
     * Start
     */
    start: string;
};

/**
 * LatencyOverTime
 */
export type LatencyOverTime = {
    /**
     * Buckets
     */
    buckets: Array<LatencyBucket>;
    /**
     * Interval
     */
    interval: 'hour' | 'day';
    /**
     * Timezone
     */
    timezone: string;
};

/**
 * LatencySummary
 *
 * Averages over the turns of a call, milliseconds; null = the stage did not occur.
 */
export type LatencySummary = {
    /**
     * Llm Avg Ms
     */
    llm_avg_ms?: number | null;
    /**
     * Opening Ms
     */
    opening_ms?: number | null;
    /**
     * Rag Avg Ms
     */
    rag_avg_ms?: number | null;
    /**
     * Stt Avg Ms
     */
    stt_avg_ms?: number | null;
    /**
     * Tool Avg Ms
     */
    tool_avg_ms?: number | null;
    /**
     * Total Avg Response Ms
     */
    total_avg_response_ms?: number | null;
    /**
     * Total P50 Ms
     */
    total_p50_ms?: number | null;
    /**
     * Total P95 Ms
     */
    total_p95_ms?: number | null;
    /**
     * Tts Avg Ms
     */
    tts_avg_ms?: number | null;
    /**
     * Turn Avg Ms
     */
    turn_avg_ms?: number | null;
    /**
     * Turns
     */
    turns?: number;
};

/**
 * LlmCacheSummary
 *
 * Tokens only, never money.
 */
export type LlmCacheSummary = {
    /**
     * Cache Creation Input Tokens
     */
    cache_creation_input_tokens?: number;
    /**
     * Cache Read Input Tokens
     */
    cache_read_input_tokens?: number;
    /**
     * Completion Tokens
     */
    completion_tokens?: number;
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Fresh Prompt Tokens
     */
    fresh_prompt_tokens?: number;
    /**
     * Statuses
     */
    statuses?: Array<string>;
    /**
     * Worked
     */
    worked?: boolean;
};

/**
 * LlmOption
 */
export type LlmOptionInput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Max Tokens
     */
    max_tokens?: number;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'openai' | 'google' | 'google_vertex';
    /**
     * Temperature
     */
    temperature?: number;
};

/**
 * LlmStage
 */
export type LlmStageInput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<LlmOptionInput>;
    /**
     * Max Tokens
     */
    max_tokens?: number;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'openai' | 'google' | 'google_vertex';
    /**
     * Temperature
     */
    temperature?: number;
};

/**
 * LoggedIn
 */
export type LoggedIn = {
    /**
     * Access Token
     */
    access_token: string;
    /**
     * Expires In
     *
     * Seconds.
     */
    expires_in: number;
    /**
     * Token Type
     */
    token_type?: 'bearer';
    user: User;
};

/**
 * Login
 */
export type Login = {
    /**
     * Email
     */
    email: string;
    /**
     * Password
     */
    password: string;
};

/**
 * MinioUpdate
 */
export type MinioUpdate = {
    /**
     * Access Key
     */
    access_key?: string;
    /**
     * Bucket
     */
    bucket?: string;
    /**
     * Endpoint
     */
    endpoint?: string;
    /**
     * Region
     */
    region?: string;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
    /**
     * Secret Key
     *
     * The mask, text with a bullet or `""` keeps; null clears.
     */
    secret_key?: string | null;
    /**
     * Secure
     */
    secure?: boolean;
};

/**
 * MinioView
 */
export type MinioView = {
    /**
     * Access Key
     */
    access_key?: string;
    /**
     * Bucket
     */
    bucket?: string;
    /**
     * Endpoint
     */
    endpoint?: string;
    /**
     * Region
     */
    region?: string;
    /**
     * Secret Key
     */
    secret_key?: string;
    /**
     * Secure
     */
    secure?: boolean;
    /**
     * Source
     *
     * Where recordings are read from first.
     */
    source: 'settings' | 'environment';
};

/**
 * NewApiKey
 */
export type NewApiKey = {
    /**
     * Bot Ids
     *
     * The bots it opens; empty: all.
     */
    bot_ids?: Array<string>;
    /**
     * Expires At
     */
    expires_at?: string | null;
    /**
     * Name
     */
    name: string;
};

/**
 * NewContact
 */
export type NewContact = {
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Variables
     *
     * Stored as text; null leaves those of a contact that is queued again as they are.
     */
    variables?: {
        [key: string]: string | number | number | boolean | null;
    } | null;
};

/**
 * NewContacts
 */
export type NewContacts = {
    /**
     * Contacts
     */
    contacts: Array<NewContact>;
    /**
     * On Duplicate
     *
     * `requeue`: a contact that is done with, and not excluded, is called again.
     */
    on_duplicate?: 'skip' | 'requeue';
};

/**
 * NewPassword
 */
export type NewPassword = {
    /**
     * New Password
     */
    new_password: string;
};

/**
 * NewUser
 */
export type NewUser = {
    /**
     * Agent Languages
     */
    agent_languages?: Array<string>;
    /**
     * Agent Primary Language
     *
     * One of `agent_languages`, else its first.
     */
    agent_primary_language?: string | null;
    /**
     * Email
     */
    email: string;
    /**
     * Name
     */
    name: string;
    /**
     * Password
     */
    password: string;
    /**
     * Role
     */
    role: 'agent' | 'supervisor' | 'admin' | 'super_admin';
};

/**
 * NumberError
 *
 * `row`: its place in the list that was sent, from 1.
 */
export type NumberError = {
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Reason
     */
    reason: string;
    /**
     * Row
     */
    row: number;
};

/**
 * NumberOwner
 *
 * Whose a number of ours is.
 */
export type NumberOwner = {
    /**
     * Bot Id
     */
    bot_id: string;
    /**
     * Carrier Id
     */
    carrier_id: string;
    /**
     * Did Id
     */
    did_id: string;
};

/**
 * OpenaiCompatible
 */
export type OpenaiCompatible = {
    /**
     * Base Url
     */
    base_url?: string;
};

/**
 * OutboundTrunk
 *
 * How to call out from a number.
 */
export type OutboundTrunk = {
    /**
     * Carrier Id
     */
    carrier_id: string;
    /**
     * Number
     */
    number: string;
    rate_limit: RateLimit;
    /**
     * Trunk Id
     *
     * LiveKit's id of it; null: the carrier rings by itself.
     */
    trunk_id: string | null;
};

/**
 * OutboxJob
 *
 * A durable job; `key` is the `session_id` for jobs of a call.
 */
export type OutboxJob = {
    /**
     * Attempts
     */
    attempts: number;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Done At
     */
    done_at: string | null;
    /**
     * Id
     *
     * `{kind}:{key}`; the `{id}` of the retry route.
     */
    id: string;
    /**
     * Key
     */
    key: string;
    /**
     * Kind
     */
    kind: string;
    /**
     * Last Error
     */
    last_error: string | null;
    /**
     * Lease Expires At
     */
    lease_expires_at: string | null;
    /**
     * Next Attempt At
     */
    next_attempt_at: string;
    /**
     * Status
     */
    status: 'pending' | 'leased' | 'done' | 'dead';
};

/**
 * Overview
 */
export type Overview = {
    /**
     * Active Calls
     *
     * Calls that have begun and not ended, of these bots and campaigns.
     */
    active_calls: number;
    /**
     * Avg Duration Seconds
     *
     * Of the connected calls.
     */
    avg_duration_seconds: number | null;
    /**
     * Avg Response Ms
     */
    avg_response_ms: number | null;
    /**
     * Connect Rate
     *
     * Of the calls that ended.
     */
    connect_rate: number | null;
    /**
     * Connected Calls
     *
     * Calls in which both sides spoke.
     */
    connected_calls: number;
    /**
     * Failed Calls
     */
    failed_calls: number;
    /**
     * null: it gave no answer in time.
     */
    fleet: FleetFigures | null;
    /**
     * From
     */
    from: string;
    /**
     * P95 Response Ms
     *
     * Of the calls' average response times.
     */
    p95_response_ms: number | null;
    /**
     * The period before, as long as this one has lasted so far.
     */
    previous: Figures;
    /**
     * Running Campaigns
     */
    running_campaigns: number;
    /**
     * Timezone
     */
    timezone: string;
    /**
     * To
     */
    to: string;
    /**
     * Total Calls
     */
    total_calls: number;
    /**
     * Total Minutes
     */
    total_minutes: number;
    /**
     * Transferred Calls
     */
    transferred_calls: number;
    /**
     * Voicemail Calls
     */
    voicemail_calls: number;
};

/**
 * OwnChanges
 */
export type OwnChanges = {
    /**
     * Name
     */
    name: string;
};

/**
 * Page[ApiKey]
 */
export type PageApiKey = {
    /**
     * Items
     */
    items: Array<ApiKey>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[Attempt]
 */
export type PageAttempt = {
    /**
     * Items
     */
    items: Array<Attempt>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[AuditEntry]
 */
export type PageAuditEntry = {
    /**
     * Items
     */
    items: Array<AuditEntry>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[BotSummary]
 */
export type PageBotSummary = {
    /**
     * Items
     */
    items: Array<BotSummary>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[CampaignSummary]
 */
export type PageCampaignSummary = {
    /**
     * Items
     */
    items: Array<CampaignSummary>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[Carrier]
 */
export type PageCarrier = {
    /**
     * Items
     */
    items: Array<Carrier>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[Contact]
 */
export type PageContact = {
    /**
     * Items
     */
    items: Array<Contact>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[DncEntry]
 */
export type PageDncEntry = {
    /**
     * Items
     */
    items: Array<DncEntry>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[DrainShown]
 */
export type PageDrainShown = {
    /**
     * Items
     */
    items: Array<DrainShown>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[Exclusion]
 */
export type PageExclusion = {
    /**
     * Items
     */
    items: Array<Exclusion>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[OutboxJob]
 */
export type PageOutboxJob = {
    /**
     * Items
     */
    items: Array<OutboxJob>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * Page[User]
 */
export type PageUser = {
    /**
     * Items
     */
    items: Array<User>;
    /**
     * Limit
     */
    limit?: number;
    /**
     * Next
     */
    next?: string | null;
    /**
     * Page
     */
    page?: number;
    /**
     * Total
     */
    total?: number | null;
    /**
     * Total Capped
     */
    total_capped?: boolean;
};

/**
 * PasswordChange
 */
export type PasswordChange = {
    /**
     * Current Password
     */
    current_password: string;
    /**
     * New Password
     */
    new_password: string;
};

/**
 * PastRun
 */
export type PastRun = {
    /**
     * Completed At
     */
    completed_at: string | null;
    /**
     * Completion Reason
     */
    completion_reason: 'all_contacts_done' | 'manual_stop' | 'window_closed' | 'bot_missing' | 'no_numbers' | null;
    /**
     * Restarted At
     */
    restarted_at: string;
    /**
     * Restarted By
     */
    restarted_by: string;
    /**
     * Run Number
     */
    run_number: number;
    /**
     * Started At
     */
    started_at: string | null;
    stats: CampaignStats;
};

/**
 * PostCallPush
 */
export type PostCallPush = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Headers
     */
    headers?: {
        [key: string]: string | null;
    };
    /**
     * Key Mapper
     */
    key_mapper?: {
        [key: string]: string;
    };
    /**
     * Method
     */
    method?: 'POST' | 'PUT';
    /**
     * Signing Secret
     */
    signing_secret?: string | null;
    /**
     * Timeout Seconds
     */
    timeout_seconds?: number;
    /**
     * Url
     */
    url?: string;
};

/**
 * PreparedRun
 */
export type PreparedRun = {
    /**
     * From Status
     */
    from_status: 'draft' | 'running' | 'paused' | 'completed' | 'failed';
    /**
     * Scope
     */
    scope: 'all' | 'unfinished';
};

/**
 * PromptParts
 */
export type PromptParts = {
    /**
     * Cache Enabled
     */
    cache_enabled?: boolean;
    /**
     * Cached Content Expires At
     */
    cached_content_expires_at?: string | null;
    /**
     * Cached Content Name
     */
    cached_content_name?: string | null;
    /**
     * Dynamic Runtime Prompt
     */
    dynamic_runtime_prompt?: string;
    /**
     * Mode
     */
    mode?: 'legacy' | 'direct';
    /**
     * Prompt Cache Key
     */
    prompt_cache_key?: string;
    /**
     * Prompt Cache Retention
     */
    prompt_cache_retention?: string;
    /**
     * Static System Prompt
     */
    static_system_prompt?: string;
    /**
     * Static Version
     */
    static_version?: string;
};

/**
 * ProvidersUpdate
 */
export type ProvidersUpdate = {
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
};

/**
 * QuotaBody
 *
 * The whole limits of one client: what is left out is back at its default.
 */
export type QuotaBody = {
    /**
     * Campaigns
     */
    campaigns?: {
        [key: string]: unknown | CampaignQuota;
    };
    /**
     * Client
     */
    client: string;
    /**
     * Max
     *
     * Units at most; null = no cap.
     */
    max?: number | null;
    /**
     * Min
     *
     * Units kept for it.
     */
    min?: number;
    /**
     * Weight
     *
     * Share of the queue against other clients.
     */
    weight?: number;
};

/**
 * QuotaShown
 */
export type QuotaShown = {
    /**
     * Campaigns
     */
    campaigns?: {
        [key: string]: CampaignQuotaView;
    };
    /**
     * Client
     */
    client: string;
    /**
     * Max
     */
    max?: number | null;
    /**
     * Min
     */
    min?: number;
    /**
     * Pool
     */
    pool: string;
    /**
     * Used
     */
    used?: number;
    /**
     * Weight
     */
    weight?: number;
};

/**
 * QuotasShown
 *
 * Limits are per pool.
 */
export type QuotasShown = {
    /**
     * Items
     */
    items: Array<QuotaShown>;
    /**
     * Overcommitted
     *
     * In some pool more is kept than there are seats.
     */
    overcommitted: boolean;
};

/**
 * RateLimit
 */
export type RateLimit = {
    /**
     * Burst
     */
    burst: number;
    /**
     * Channels
     */
    channels: number;
    /**
     * Cps
     */
    cps: number;
};

/**
 * ReEngagement
 *
 * What the bot says to a silent customer before it gives up.
 */
export type ReEngagement = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Final Message
     */
    final_message?: string;
    /**
     * Max Attempts
     */
    max_attempts?: number | null;
    /**
     * Messages
     */
    messages: Array<string>;
    /**
     * Timeout Seconds
     */
    timeout_seconds?: number;
};

/**
 * ReEngagementSettings
 */
export type ReEngagementSettings = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Final Message
     */
    final_message?: string;
    /**
     * Max Attempts
     */
    max_attempts?: number | null;
    /**
     * Messages
     */
    messages: Array<string>;
    /**
     * Timeout Seconds
     */
    timeout_seconds?: number;
};

/**
 * RedialRules
 *
 * When a contact is dialled again. Callbacks do not count as attempts.
 */
export type RedialRules = {
    /**
     * Max Attempts
     */
    max_attempts?: number;
    /**
     * Retry Delay Minutes
     */
    retry_delay_minutes?: number;
    /**
     * Retry On Custom
     *
     * Dispositions, case ignored.
     */
    retry_on_custom?: Array<string>;
    /**
     * Retry On System
     */
    retry_on_system?: Array<'no_answer' | 'rejected' | 'RNR' | 'error' | 'timeout' | 'voicemail' | 'outside_hours' | 'abandoned' | 'amd_machine'>;
};

/**
 * RedialRulesPatch
 *
 * Fields present are replaced, absent ones stay.
 */
export type RedialRulesPatch = {
    /**
     * Max Attempts
     */
    max_attempts?: number;
    /**
     * Retry Delay Minutes
     */
    retry_delay_minutes?: number;
    /**
     * Retry On Custom
     *
     * Dispositions, case ignored.
     */
    retry_on_custom?: Array<string>;
    /**
     * Retry On System
     */
    retry_on_system?: Array<'no_answer' | 'rejected' | 'RNR' | 'error' | 'timeout' | 'voicemail' | 'outside_hours' | 'abandoned' | 'amd_machine'>;
};

/**
 * RestFields
 *
 * What opens the API of a carrier that rings callees itself.
 *
 * `flow_url`: a flow at Exotel that connects the callee to a worker; empty: Exotel opens the worker's socket itself.
 */
export type RestFields = {
    /**
     * Account Sid
     */
    account_sid?: string;
    /**
     * Adapter
     */
    adapter: 'voxphone' | 'exotel' | 'twilio' | 'plivo' | 'telnyx';
    /**
     * Api Key
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    api_key?: string | null;
    /**
     * Api Token
     *
     * Read as a mask. Its mask or "" written back keeps what is stored; null clears it.
     */
    api_token?: string | null;
    /**
     * Base Url
     *
     * Without the path of the account.
     */
    base_url?: string;
    /**
     * Flow Url
     */
    flow_url?: string;
};

/**
 * RestartRequest
 *
 * `all`: every contact again; `unfinished`: those that are not `completed`.
 */
export type RestartRequest = {
    /**
     * Scope
     */
    scope?: 'all' | 'unfinished';
};

/**
 * ResultReply
 */
export type ResultReply = {
    /**
     * Duplicate
     */
    duplicate: boolean;
    /**
     * Session Id
     */
    session_id: string;
    /**
     * Status
     */
    status?: 'ok';
};

/**
 * Retention
 */
export type Retention = {
    /**
     * Audit Days
     *
     * Days; 0 = for ever.
     */
    audit_days?: number;
    /**
     * Calls Days
     *
     * Days; 0 = for ever.
     */
    calls_days?: number;
    /**
     * Public Recording Days
     *
     * Days; 0 = for ever.
     */
    public_recording_days?: number;
    /**
     * Recordings Days
     *
     * Days; 0 = for ever.
     */
    recordings_days?: number;
};

/**
 * RowError
 *
 * `row` counts as a spreadsheet does: the header is row 1.
 */
export type RowError = {
    /**
     * Phone Number
     */
    phone_number: string;
    /**
     * Reason
     */
    reason: string;
    /**
     * Row
     */
    row: number;
};

/**
 * RunWindow
 *
 * The one window in which a `single_day` run dials.
 */
export type RunWindow = {
    /**
     * Closes At
     */
    closes_at: string;
    /**
     * Opens At
     */
    opens_at: string;
};

/**
 * RuntimeConfig
 *
 * Everything a worker needs for one call. Lives in memory only: it holds provider keys.
 *
 * `transfer_targets` stays a list of plain objects here: an invalid entry is dropped with an event, it never rejects
 * the call.
 */
export type RuntimeConfig = {
    /**
     * Agent Desk
     */
    agent_desk?: {
        [key: string]: unknown;
    } | null;
    /**
     * Apology Message
     */
    apology_message?: string;
    /**
     * Auto Dispositions
     */
    auto_dispositions?: {
        [key: string]: AutoDisposition;
    } | null;
    /**
     * Bot Id
     */
    bot_id?: string;
    /**
     * Bot Name
     */
    bot_name?: string;
    /**
     * Callback Detection Enabled
     */
    callback_detection_enabled?: boolean;
    carrier_credentials?: CarrierCredentials | null;
    /**
     * Conversation Policy
     */
    conversation_policy?: {
        [key: string]: unknown;
    } | null;
    /**
     * Knowledge Enabled
     */
    knowledge_enabled?: boolean;
    /**
     * Knowledge Fallback Message
     */
    knowledge_fallback_message?: string;
    /**
     * Knowledge Kb Ids
     */
    knowledge_kb_ids?: Array<string>;
    /**
     * Knowledge Score Threshold
     */
    knowledge_score_threshold?: number;
    /**
     * Knowledge Strict
     */
    knowledge_strict?: boolean;
    /**
     * Knowledge Top K
     */
    knowledge_top_k?: number;
    /**
     * Knowledge Trigger Instructions
     */
    knowledge_trigger_instructions?: string;
    llm: VoxkitContractsRuntimeConfigLlmStage;
    /**
     * Max Call Duration Seconds
     */
    max_call_duration_seconds?: number;
    /**
     * Min Words Interruption
     */
    min_words_interruption?: number;
    /**
     * Opening Message
     */
    opening_message: string;
    /**
     * Post Call Analysis Prompt
     */
    post_call_analysis_prompt?: string | null;
    /**
     * Post Call Cache
     */
    post_call_cache?: {
        [key: string]: unknown;
    } | null;
    /**
     * Post Call Cache Enabled
     */
    post_call_cache_enabled?: boolean;
    /**
     * Post Call Cache Version
     */
    post_call_cache_version?: string;
    post_call_llm?: VoxkitContractsRuntimeConfigLlmOption | null;
    /**
     * Pre Transfer Message
     */
    pre_transfer_message?: string;
    prompt_parts?: PromptParts | null;
    /**
     * Qc Prompt
     */
    qc_prompt?: string | null;
    re_engagement?: ReEngagement | null;
    /**
     * Recording Enabled
     */
    recording_enabled?: boolean;
    /**
     * Session Id
     */
    session_id: string;
    stt: VoxkitContractsRuntimeConfigSttStage;
    /**
     * System Prompt
     */
    system_prompt: string;
    /**
     * Timezone
     */
    timezone?: string;
    /**
     * Tools
     */
    tools?: Array<Tool>;
    /**
     * Transfer Numbers
     */
    transfer_numbers?: {
        [key: string]: string;
    };
    /**
     * Transfer Targets
     */
    transfer_targets?: Array<{
        [key: string]: unknown;
    }>;
    tts: VoxkitContractsRuntimeConfigTtsStage;
    turn?: Turn;
    vad?: Vad;
    variables?: Variables;
    /**
     * Voicemail Message
     */
    voicemail_message?: string;
    /**
     * Webhook Url
     */
    webhook_url: string;
};

/**
 * SeatView
 *
 * One seat as an operator sees it.
 */
export type SeatView = {
    /**
     * Age Ms
     *
     * Since the last heartbeat, milliseconds.
     */
    age_ms: number;
    /**
     * Bot Id
     */
    bot_id?: string | null;
    /**
     * Call Id
     */
    call_id?: string | null;
    /**
     * Campaign
     */
    campaign?: string | null;
    /**
     * Client
     */
    client?: string | null;
    /**
     * Draining
     */
    draining: boolean;
    /**
     * Epoch
     */
    epoch: number;
    /**
     * Host Id
     */
    host_id: string;
    /**
     * Image Tag
     */
    image_tag: string;
    /**
     * Outbox Pending
     */
    outbox_pending: number;
    /**
     * Phase
     */
    phase: 'starting' | 'idle' | 'reserved' | 'busy' | 'wrapping';
    /**
     * Reservation Id
     */
    reservation_id?: string | null;
    /**
     * Session Id
     */
    session_id?: string | null;
    /**
     * Since Ms
     */
    since_ms: number;
    /**
     * State
     */
    state: 'starting' | 'idle' | 'reserved' | 'busy' | 'wrapping' | 'draining' | 'lost';
    /**
     * Worker Id
     */
    worker_id: string;
};

/**
 * SettingsView
 *
 * Everything, secrets masked.
 */
export type SettingsView = {
    about: About;
    agent_assist?: AgentAssist;
    api_keys?: ApiKeys;
    /**
     * Core Fleet
     */
    core_fleet?: Array<string>;
    /**
     * Default Country
     */
    default_country?: string;
    dialler?: Dialler;
    /**
     * Display Timezone
     */
    display_timezone?: string;
    dnc?: Dnc;
    knowledge?: Knowledge;
    minio: MinioView;
    openai_compatible?: OpenaiCompatible;
    /**
     * Public Wss Base
     */
    public_wss_base?: string;
    retention?: Retention;
    /**
     * Revision
     */
    revision?: number;
    /**
     * Updated At
     */
    updated_at?: string | null;
    /**
     * Updated By
     */
    updated_by?: string | null;
};

/**
 * SipHeaderConfig
 */
export type SipHeaderConfig = {
    /**
     * Allow
     */
    allow?: Array<string>;
    /**
     * Enabled
     */
    enabled?: boolean;
};

/**
 * SocketUrls
 */
export type SocketUrls = {
    /**
     * Exotel Url
     */
    exotel_url: string;
    /**
     * Wss Url
     */
    wss_url: string;
};

/**
 * StageBrief
 */
export type StageBrief = {
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider?: string;
};

/**
 * SttOption
 */
export type SttOptionInput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'deepgram' | 'deepgram_flux' | 'soniox';
};

/**
 * SttStage
 */
export type SttStageInput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<SttOptionInput>;
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'deepgram' | 'deepgram_flux' | 'soniox';
};

/**
 * TimeWindow
 *
 * When a campaign may dial. `start > end` runs over midnight and belongs to the day it began; equal: all day.
 */
export type TimeWindow = {
    /**
     * Days
     */
    days?: Array<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'>;
    /**
     * End
     */
    end?: string;
    /**
     * Start
     */
    start?: string;
    /**
     * Timezone
     */
    timezone?: string;
    /**
     * Use Callee Timezone
     */
    use_callee_timezone?: boolean;
};

/**
 * TimeWindowPatch
 *
 * Fields present are replaced, absent ones stay.
 */
export type TimeWindowPatch = {
    /**
     * Days
     */
    days?: Array<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'>;
    /**
     * End
     */
    end?: string;
    /**
     * Start
     */
    start?: string;
    /**
     * Timezone
     */
    timezone?: string;
    /**
     * Use Callee Timezone
     */
    use_callee_timezone?: boolean;
};

/**
 * TimezoneUpdate
 */
export type TimezoneUpdate = {
    /**
     * Display Timezone
     */
    display_timezone?: string;
    /**
     * Revision
     *
     * The revision that was read; another one now answers 409.
     */
    revision?: number | null;
};

/**
 * Tool
 *
 * A tool in the `openai` function format; a reserved name switches a built-in on.
 */
export type Tool = {
    function: ToolFunction;
    runtime?: ToolRuntime | null;
    /**
     * Type
     */
    type?: 'function';
};

/**
 * ToolFunction
 */
export type ToolFunction = {
    /**
     * Description
     */
    description?: string;
    /**
     * Name
     */
    name: string;
    /**
     * Parameters
     */
    parameters?: {
        [key: string]: unknown;
    };
};

/**
 * ToolGuidance
 */
export type ToolGuidance = {
    /**
     * Failure
     */
    failure?: string;
    /**
     * Missing Info
     */
    missing_info?: string;
    /**
     * Success
     */
    success?: string;
    /**
     * Timeout
     */
    timeout?: string;
};

/**
 * ToolParameter
 */
export type ToolParameter = {
    /**
     * Description
     */
    description?: string;
    /**
     * Enum
     */
    enum?: Array<string | number | number | boolean> | null;
    /**
     * Name
     */
    name: string;
    /**
     * Required
     */
    required?: boolean;
    /**
     * Type
     */
    type?: 'string' | 'number' | 'integer' | 'boolean';
};

/**
 * ToolRuntime
 *
 * How a custom tool is run. Templates are filled by the worker.
 */
export type ToolRuntime = {
    /**
     * Body Template
     */
    body_template?: string | null;
    guidance?: ToolGuidance;
    /**
     * Has Api
     */
    has_api?: boolean;
    /**
     * Headers
     */
    headers?: {
        [key: string]: string;
    };
    /**
     * Hold Message Intent
     */
    hold_message_intent?: string;
    /**
     * Method
     */
    method?: 'GET' | 'POST';
    /**
     * Query Params
     */
    query_params?: {
        [key: string]: string;
    };
    /**
     * Timeout Seconds
     */
    timeout_seconds?: number;
    /**
     * Timing
     */
    timing?: 'immediate' | 'speak_then_run' | 'speak_and_run_parallel';
    /**
     * Url
     */
    url?: string;
};

/**
 * TransferCallTool
 */
export type TransferCallTool = {
    /**
     * Description
     */
    description?: string;
    /**
     * Enabled
     *
     * null: on when there is an enabled target.
     */
    enabled?: boolean | null;
};

/**
 * TransferTarget
 *
 * A place that a call can be handed to.
 */
export type TransferTarget = {
    /**
     * Enabled
     */
    enabled?: boolean;
    /**
     * Id
     */
    id: string;
    /**
     * Is Default
     */
    is_default?: boolean;
    /**
     * Label
     */
    label?: string;
    /**
     * Method
     */
    method: 'websocket_reverse_transfer' | 'livekit_sip_refer' | 'agent_desk';
    /**
     * Type
     */
    type: 'extension' | 'sip_uri' | 'tel_uri' | 'phone_number' | 'agent_queue';
    /**
     * Value
     */
    value: string;
};

/**
 * TtsOption
 */
export type TtsOptionInput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'elevenlabs' | 'sarvam';
    /**
     * Speed
     */
    speed?: number;
    /**
     * Voice
     *
     * `voice_id` is accepted as well.
     */
    voice?: string;
};

/**
 * TtsStage
 */
export type TtsStageInput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<TtsOptionInput>;
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'elevenlabs' | 'sarvam';
    /**
     * Speed
     */
    speed?: number;
    /**
     * Voice
     *
     * `voice_id` is accepted as well.
     */
    voice?: string;
};

/**
 * Turn
 *
 * How turns end and how the bot is interrupted.
 */
export type Turn = {
    /**
     * Allow Interruptions
     */
    allow_interruptions?: boolean;
    /**
     * Backchannel Phrases
     */
    backchannel_phrases?: Array<string> | null;
    /**
     * High Intent Phrases
     */
    high_intent_phrases?: Array<string> | null;
    /**
     * Mode
     */
    mode?: 'smart_turn' | 'vad' | 'stt';
    /**
     * Opening Guard
     */
    opening_guard?: boolean;
    /**
     * Opening Guard Max Seconds
     */
    opening_guard_max_seconds?: number;
    /**
     * Stop Secs
     */
    stop_secs?: number;
    /**
     * Transcript Wait Ms
     */
    transcript_wait_ms?: number;
    /**
     * Vad Stop Secs
     */
    vad_stop_secs?: number;
};

/**
 * TurnSettings
 */
export type TurnSettings = {
    /**
     * Allow Interruptions
     */
    allow_interruptions?: boolean;
    /**
     * Backchannel Phrases
     */
    backchannel_phrases?: Array<string> | null;
    /**
     * High Intent Phrases
     */
    high_intent_phrases?: Array<string> | null;
    /**
     * Mode
     */
    mode?: 'smart_turn' | 'vad' | 'stt';
    /**
     * Opening Guard
     */
    opening_guard?: boolean;
    /**
     * Opening Guard Max Seconds
     */
    opening_guard_max_seconds?: number;
    /**
     * Stop Secs
     */
    stop_secs?: number;
    /**
     * Transcript Wait Ms
     */
    transcript_wait_ms?: number;
    /**
     * Vad Stop Secs
     */
    vad_stop_secs?: number;
};

/**
 * UndrainBody
 *
 * Lift exactly this drain.
 */
export type UndrainBody = {
    /**
     * Selector
     */
    selector: string;
};

/**
 * Upload
 *
 * The last file of contacts; `counts`: its report.
 */
export type Upload = {
    /**
     * At
     */
    at?: string | null;
    /**
     * Counts
     */
    counts?: {
        [key: string]: unknown;
    } | null;
    /**
     * File Name
     */
    file_name?: string | null;
    /**
     * State
     */
    state?: 'none' | 'loading' | 'ready' | 'failed';
};

/**
 * UploadReport
 *
 * Every data row counts once: total_rows = inserted + suppressed + invalid + duplicates + over_limit.
 */
export type UploadReport = {
    /**
     * Columns
     */
    columns: Array<string>;
    /**
     * Delimiter
     */
    delimiter: string;
    /**
     * Duplicates
     */
    duplicates: number;
    /**
     * Encoding
     */
    encoding: string;
    /**
     * Ignored Columns
     */
    ignored_columns: Array<string>;
    /**
     * Inserted
     *
     * Contacts that will be called.
     */
    inserted: number;
    /**
     * Invalid
     */
    invalid: number;
    /**
     * Over Limit
     */
    over_limit: number;
    /**
     * Sample Errors
     */
    sample_errors: Array<RowError>;
    /**
     * Suppressed
     *
     * Stored as `excluded`: on the do-not-call list or excluded before.
     */
    suppressed: number;
    /**
     * Total Rows
     */
    total_rows: number;
};

/**
 * User
 *
 * A user without the password's hash.
 */
export type User = {
    /**
     * Agent Languages
     *
     * Spoken languages; they count for agents and supervisors.
     */
    agent_languages: Array<string>;
    /**
     * Agent Primary Language
     */
    agent_primary_language: string;
    /**
     * Created At
     */
    created_at: string;
    /**
     * Created By
     */
    created_by?: string | null;
    /**
     * Email
     */
    email: string;
    /**
     * Is Active
     */
    is_active: boolean;
    /**
     * Last Login At
     */
    last_login_at?: string | null;
    /**
     * Name
     */
    name: string;
    /**
     * Role
     */
    role: 'agent' | 'supervisor' | 'admin' | 'super_admin';
    /**
     * Updated At
     */
    updated_at: string;
    /**
     * User Id
     */
    user_id: string;
};

/**
 * UserChanges
 *
 * Absent fields stay.
 */
export type UserChanges = {
    /**
     * Agent Languages
     */
    agent_languages?: Array<string> | null;
    /**
     * Agent Primary Language
     */
    agent_primary_language?: string | null;
    /**
     * Email
     */
    email?: string | null;
    /**
     * Name
     */
    name?: string | null;
    /**
     * Role
     */
    role?: 'agent' | 'supervisor' | 'admin' | 'super_admin' | null;
};

/**
 * Vad
 *
 * Voice activity detection; seconds.
 */
export type Vad = {
    /**
     * Confidence
     */
    confidence?: number;
    /**
     * Min Volume
     */
    min_volume?: number;
    /**
     * Start Secs
     */
    start_secs?: number;
    /**
     * Stop Secs
     */
    stop_secs?: number;
};

/**
 * VadSettings
 */
export type VadSettings = {
    /**
     * Confidence
     */
    confidence?: number;
    /**
     * Min Volume
     */
    min_volume?: number;
    /**
     * Start Secs
     */
    start_secs?: number;
    /**
     * Stop Secs
     */
    stop_secs?: number;
};

/**
 * Variables
 */
export type Variables = {
    /**
     * Call
     */
    call?: {
        [key: string]: unknown;
    };
    /**
     * Crm
     */
    crm?: {
        [key: string]: unknown;
    };
    /**
     * System
     */
    system?: {
        [key: string]: unknown;
    };
};

/**
 * WorkerRef
 */
export type WorkerRef = {
    /**
     * Host Id
     */
    host_id?: string;
    /**
     * Image Tag
     */
    image_tag?: string;
    /**
     * Version
     */
    version?: string;
    /**
     * Worker Id
     */
    worker_id?: string;
};

/**
 * _StrictDnc
 */
export type StrictDnc = {
    /**
     * From Analysis
     */
    from_analysis?: boolean;
};

/**
 * _StrictRetention
 */
export type StrictRetention = {
    /**
     * Audit Days
     *
     * Days; 0 = for ever.
     */
    audit_days?: number;
    /**
     * Calls Days
     *
     * Days; 0 = for ever.
     */
    calls_days?: number;
    /**
     * Public Recording Days
     *
     * Days; 0 = for ever.
     */
    public_recording_days?: number;
    /**
     * Recordings Days
     *
     * Days; 0 = for ever.
     */
    recordings_days?: number;
};

/**
 * LlmOption
 */
export type VoxbridgeBotsStagesLlmOption = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Max Tokens
     */
    max_tokens?: number;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'openai' | 'google' | 'google_vertex';
    /**
     * Temperature
     */
    temperature?: number;
};

/**
 * LlmStage
 */
export type VoxbridgeBotsStagesLlmStageOutput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<VoxbridgeBotsStagesLlmOption>;
    /**
     * Max Tokens
     */
    max_tokens?: number;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'openai' | 'google' | 'google_vertex';
    /**
     * Temperature
     */
    temperature?: number;
};

/**
 * SttOption
 */
export type VoxbridgeBotsStagesSttOption = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'deepgram' | 'deepgram_flux' | 'soniox';
};

/**
 * SttStage
 */
export type VoxbridgeBotsStagesSttStageOutput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<VoxbridgeBotsStagesSttOption>;
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'deepgram' | 'deepgram_flux' | 'soniox';
};

/**
 * TtsOption
 */
export type VoxbridgeBotsStagesTtsOption = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'elevenlabs' | 'sarvam';
    /**
     * Speed
     */
    speed?: number;
    /**
     * Voice
     *
     * `voice_id` is accepted as well.
     */
    voice?: string;
};

/**
 * TtsStage
 */
export type VoxbridgeBotsStagesTtsStageOutput = {
    /**
     * Api Key
     *
     * Masked in replies; a mask written back keeps it.
     */
    api_key?: string | null;
    /**
     * Base Url
     *
     * Of an OpenAI-like service: ends in `/v1`.
     */
    base_url?: string;
    /**
     * Extra
     *
     * Passed on to the provider.
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<VoxbridgeBotsStagesTtsOption>;
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     *
     * Empty: the provider's default.
     */
    model?: string;
    /**
     * Provider
     */
    provider?: 'openai_compatible' | 'elevenlabs' | 'sarvam';
    /**
     * Speed
     */
    speed?: number;
    /**
     * Voice
     *
     * `voice_id` is accepted as well.
     */
    voice?: string;
};

/**
 * LlmOption
 */
export type VoxkitContractsRuntimeConfigLlmOption = {
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Base Url Trusted
     */
    base_url_trusted?: boolean;
    /**
     * Extra
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Max Tokens
     */
    max_tokens?: number;
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider: 'openai_compatible' | 'openai' | 'google' | 'google_vertex';
    /**
     * Temperature
     */
    temperature?: number;
};

/**
 * LlmStage
 */
export type VoxkitContractsRuntimeConfigLlmStage = {
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Base Url Trusted
     */
    base_url_trusted?: boolean;
    /**
     * Extra
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<VoxkitContractsRuntimeConfigLlmOption>;
    /**
     * Max Tokens
     */
    max_tokens?: number;
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider: 'openai_compatible' | 'openai' | 'google' | 'google_vertex';
    /**
     * Temperature
     */
    temperature?: number;
};

/**
 * SttOption
 */
export type VoxkitContractsRuntimeConfigSttOption = {
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Base Url Trusted
     */
    base_url_trusted?: boolean;
    /**
     * Extra
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider: 'openai_compatible' | 'deepgram' | 'deepgram_flux' | 'soniox';
};

/**
 * SttStage
 */
export type VoxkitContractsRuntimeConfigSttStage = {
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Base Url Trusted
     */
    base_url_trusted?: boolean;
    /**
     * Extra
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<VoxkitContractsRuntimeConfigSttOption>;
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider: 'openai_compatible' | 'deepgram' | 'deepgram_flux' | 'soniox';
};

/**
 * TtsOption
 */
export type VoxkitContractsRuntimeConfigTtsOption = {
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Base Url Trusted
     */
    base_url_trusted?: boolean;
    /**
     * Extra
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider: 'openai_compatible' | 'elevenlabs' | 'sarvam';
    /**
     * Speed
     */
    speed?: number;
    /**
     * Voice
     */
    voice?: string;
};

/**
 * TtsStage
 */
export type VoxkitContractsRuntimeConfigTtsStage = {
    /**
     * Api Key
     */
    api_key?: string;
    /**
     * Base Url
     */
    base_url?: string;
    /**
     * Base Url Trusted
     */
    base_url_trusted?: boolean;
    /**
     * Extra
     */
    extra?: {
        [key: string]: unknown;
    };
    /**
     * Fallbacks
     */
    fallbacks?: Array<VoxkitContractsRuntimeConfigTtsOption>;
    /**
     * Language
     */
    language?: string;
    /**
     * Model
     */
    model?: string;
    /**
     * Provider
     */
    provider: 'openai_compatible' | 'elevenlabs' | 'sarvam';
    /**
     * Speed
     */
    speed?: number;
    /**
     * Voice
     */
    voice?: string;
};

export type AnalyticsCallsPerHourData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Interval
         *
         * Of the display zone.
         */
        interval?: 'hour' | 'day';
        /**
         * From
         *
         * A date of the display zone, or a time in ISO 8601. Absent: today's.
         */
        from?: string;
        /**
         * To
         *
         * A date of the display zone, or a time in ISO 8601. A date is included, a time is not. Absent: now.
         */
        to?: string;
        /**
         * Bot Id
         */
        bot_id?: string;
        /**
         * Campaign Id
         */
        campaign_id?: string;
    };
    url: '/api/v1/analytics/calls-per-hour';
};

export type AnalyticsCallsPerHourErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AnalyticsCallsPerHourError = AnalyticsCallsPerHourErrors[keyof AnalyticsCallsPerHourErrors];

export type AnalyticsCallsPerHourResponses = {
    /**
     * Successful Response
     */
    200: CallsOverTime;
};

export type AnalyticsCallsPerHourResponse = AnalyticsCallsPerHourResponses[keyof AnalyticsCallsPerHourResponses];

export type AnalyticsDisconnectReasonsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * From
         *
         * A date of the display zone, or a time in ISO 8601. Absent: today's.
         */
        from?: string;
        /**
         * To
         *
         * A date of the display zone, or a time in ISO 8601. A date is included, a time is not. Absent: now.
         */
        to?: string;
        /**
         * Bot Id
         */
        bot_id?: string;
        /**
         * Campaign Id
         */
        campaign_id?: string;
    };
    url: '/api/v1/analytics/disconnect-reasons';
};

export type AnalyticsDisconnectReasonsErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AnalyticsDisconnectReasonsError = AnalyticsDisconnectReasonsErrors[keyof AnalyticsDisconnectReasonsErrors];

export type AnalyticsDisconnectReasonsResponses = {
    /**
     * Successful Response
     */
    200: DisconnectReasons;
};

export type AnalyticsDisconnectReasonsResponse = AnalyticsDisconnectReasonsResponses[keyof AnalyticsDisconnectReasonsResponses];

export type AnalyticsDispositionsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * From
         *
         * A date of the display zone, or a time in ISO 8601. Absent: today's.
         */
        from?: string;
        /**
         * To
         *
         * A date of the display zone, or a time in ISO 8601. A date is included, a time is not. Absent: now.
         */
        to?: string;
        /**
         * Bot Id
         */
        bot_id?: string;
        /**
         * Campaign Id
         */
        campaign_id?: string;
    };
    url: '/api/v1/analytics/dispositions';
};

export type AnalyticsDispositionsErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AnalyticsDispositionsError = AnalyticsDispositionsErrors[keyof AnalyticsDispositionsErrors];

export type AnalyticsDispositionsResponses = {
    /**
     * Successful Response
     */
    200: Dispositions;
};

export type AnalyticsDispositionsResponse = AnalyticsDispositionsResponses[keyof AnalyticsDispositionsResponses];

export type AnalyticsLatencyData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Interval
         *
         * Of the display zone.
         */
        interval?: 'hour' | 'day';
        /**
         * From
         *
         * A date of the display zone, or a time in ISO 8601. Absent: today's.
         */
        from?: string;
        /**
         * To
         *
         * A date of the display zone, or a time in ISO 8601. A date is included, a time is not. Absent: now.
         */
        to?: string;
        /**
         * Bot Id
         */
        bot_id?: string;
        /**
         * Campaign Id
         */
        campaign_id?: string;
    };
    url: '/api/v1/analytics/latency';
};

export type AnalyticsLatencyErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AnalyticsLatencyError = AnalyticsLatencyErrors[keyof AnalyticsLatencyErrors];

export type AnalyticsLatencyResponses = {
    /**
     * Successful Response
     */
    200: LatencyOverTime;
};

export type AnalyticsLatencyResponse = AnalyticsLatencyResponses[keyof AnalyticsLatencyResponses];

export type AnalyticsOverviewData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * From
         *
         * A date of the display zone, or a time in ISO 8601. Absent: today's.
         */
        from?: string;
        /**
         * To
         *
         * A date of the display zone, or a time in ISO 8601. A date is included, a time is not. Absent: now.
         */
        to?: string;
        /**
         * Bot Id
         */
        bot_id?: string;
        /**
         * Campaign Id
         */
        campaign_id?: string;
    };
    url: '/api/v1/analytics/overview';
};

export type AnalyticsOverviewErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AnalyticsOverviewError = AnalyticsOverviewErrors[keyof AnalyticsOverviewErrors];

export type AnalyticsOverviewResponses = {
    /**
     * Successful Response
     */
    200: Overview;
};

export type AnalyticsOverviewResponse = AnalyticsOverviewResponses[keyof AnalyticsOverviewResponses];

export type ApiKeysListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/api-keys';
};

export type ApiKeysListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ApiKeysListError = ApiKeysListErrors[keyof ApiKeysListErrors];

export type ApiKeysListResponses = {
    /**
     * Successful Response
     */
    200: PageApiKey;
};

export type ApiKeysListResponse = ApiKeysListResponses[keyof ApiKeysListResponses];

export type ApiKeysCreateData = {
    body: NewApiKey;
    path?: never;
    query?: never;
    url: '/api/v1/api-keys';
};

export type ApiKeysCreateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ApiKeysCreateError = ApiKeysCreateErrors[keyof ApiKeysCreateErrors];

export type ApiKeysCreateResponses = {
    /**
     * Successful Response
     */
    201: CreatedApiKey;
};

export type ApiKeysCreateResponse = ApiKeysCreateResponses[keyof ApiKeysCreateResponses];

export type ApiKeysDeleteData = {
    body?: never;
    path: {
        /**
         * Key Id
         */
        key_id: string;
    };
    query?: never;
    url: '/api/v1/api-keys/{key_id}';
};

export type ApiKeysDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ApiKeysDeleteError = ApiKeysDeleteErrors[keyof ApiKeysDeleteErrors];

export type ApiKeysDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type ApiKeysDeleteResponse = ApiKeysDeleteResponses[keyof ApiKeysDeleteResponses];

export type ApiKeysUpdateData = {
    body: ApiKeyChanges;
    path: {
        /**
         * Key Id
         */
        key_id: string;
    };
    query?: never;
    url: '/api/v1/api-keys/{key_id}';
};

export type ApiKeysUpdateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ApiKeysUpdateError = ApiKeysUpdateErrors[keyof ApiKeysUpdateErrors];

export type ApiKeysUpdateResponses = {
    /**
     * Successful Response
     */
    200: ApiKey;
};

export type ApiKeysUpdateResponse = ApiKeysUpdateResponses[keyof ApiKeysUpdateResponses];

export type AuditListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
        /**
         * Actor Id
         */
        actor_id?: string | null;
        /**
         * Action
         */
        action?: string | null;
        /**
         * Entity Type
         */
        entity_type?: string | null;
        /**
         * Entity Id
         */
        entity_id?: string | null;
        /**
         * Date From
         *
         * A date, or a time in ISO 8601.
         */
        date_from?: string;
        /**
         * Date To
         *
         * A date, or a time in ISO 8601.
         */
        date_to?: string;
    };
    url: '/api/v1/audit-log';
};

export type AuditListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuditListError = AuditListErrors[keyof AuditListErrors];

export type AuditListResponses = {
    /**
     * Successful Response
     */
    200: PageAuditEntry;
};

export type AuditListResponse = AuditListResponses[keyof AuditListResponses];

export type AuditExportCsvData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Actor Id
         */
        actor_id?: string | null;
        /**
         * Action
         */
        action?: string | null;
        /**
         * Entity Type
         */
        entity_type?: string | null;
        /**
         * Entity Id
         */
        entity_id?: string | null;
        /**
         * Date From
         *
         * A date, or a time in ISO 8601.
         */
        date_from?: string;
        /**
         * Date To
         *
         * A date, or a time in ISO 8601.
         */
        date_to?: string;
    };
    url: '/api/v1/audit-log/export.csv';
};

export type AuditExportCsvErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuditExportCsvError = AuditExportCsvErrors[keyof AuditExportCsvErrors];

export type AuditExportCsvResponses = {
    /**
     * CSV with a header line
     */
    200: string;
};

export type AuditExportCsvResponse = AuditExportCsvResponses[keyof AuditExportCsvResponses];

export type AuthLoginData = {
    body: Login;
    path?: never;
    query?: never;
    url: '/api/v1/auth/login';
};

export type AuthLoginErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuthLoginError = AuthLoginErrors[keyof AuthLoginErrors];

export type AuthLoginResponses = {
    /**
     * Successful Response
     */
    200: LoggedIn;
};

export type AuthLoginResponse = AuthLoginResponses[keyof AuthLoginResponses];

export type AuthMeData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/auth/me';
};

export type AuthMeErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuthMeError = AuthMeErrors[keyof AuthMeErrors];

export type AuthMeResponses = {
    /**
     * Successful Response
     */
    200: User;
};

export type AuthMeResponse = AuthMeResponses[keyof AuthMeResponses];

export type AuthUpdateMeData = {
    body: OwnChanges;
    path?: never;
    query?: never;
    url: '/api/v1/auth/me';
};

export type AuthUpdateMeErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuthUpdateMeError = AuthUpdateMeErrors[keyof AuthUpdateMeErrors];

export type AuthUpdateMeResponses = {
    /**
     * Successful Response
     */
    200: User;
};

export type AuthUpdateMeResponse = AuthUpdateMeResponses[keyof AuthUpdateMeResponses];

export type AuthChangePasswordData = {
    body: PasswordChange;
    path?: never;
    query?: never;
    url: '/api/v1/auth/me/password';
};

export type AuthChangePasswordErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuthChangePasswordError = AuthChangePasswordErrors[keyof AuthChangePasswordErrors];

export type AuthChangePasswordResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type AuthChangePasswordResponse = AuthChangePasswordResponses[keyof AuthChangePasswordResponses];

export type AuthRegisterData = {
    body: NewUser;
    path?: never;
    query?: never;
    url: '/api/v1/auth/register';
};

export type AuthRegisterErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AuthRegisterError = AuthRegisterErrors[keyof AuthRegisterErrors];

export type AuthRegisterResponses = {
    /**
     * Successful Response
     */
    201: User;
};

export type AuthRegisterResponse = AuthRegisterResponses[keyof AuthRegisterResponses];

export type BotsListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Q
         *
         * Part of the name.
         */
        q?: string;
        /**
         * Is Active
         */
        is_active?: boolean | null;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/bots';
};

export type BotsListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsListError = BotsListErrors[keyof BotsListErrors];

export type BotsListResponses = {
    /**
     * Successful Response
     */
    200: PageBotSummary;
};

export type BotsListResponse = BotsListResponses[keyof BotsListResponses];

export type BotsCreateData = {
    body: BotCreate;
    path?: never;
    query?: never;
    url: '/api/v1/bots';
};

export type BotsCreateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsCreateError = BotsCreateErrors[keyof BotsCreateErrors];

export type BotsCreateResponses = {
    /**
     * Successful Response
     */
    201: Bot;
};

export type BotsCreateResponse = BotsCreateResponses[keyof BotsCreateResponses];

export type BotsDeleteData = {
    body?: never;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: never;
    url: '/api/v1/bots/{bot_id}';
};

export type BotsDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsDeleteError = BotsDeleteErrors[keyof BotsDeleteErrors];

export type BotsDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type BotsDeleteResponse = BotsDeleteResponses[keyof BotsDeleteResponses];

export type BotsGetData = {
    body?: never;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: never;
    url: '/api/v1/bots/{bot_id}';
};

export type BotsGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsGetError = BotsGetErrors[keyof BotsGetErrors];

export type BotsGetResponses = {
    /**
     * Successful Response
     */
    200: Bot;
};

export type BotsGetResponse = BotsGetResponses[keyof BotsGetResponses];

export type BotsUpdateData = {
    body: BotUpdate;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: never;
    url: '/api/v1/bots/{bot_id}';
};

export type BotsUpdateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsUpdateError = BotsUpdateErrors[keyof BotsUpdateErrors];

export type BotsUpdateResponses = {
    /**
     * Successful Response
     */
    200: Bot;
};

export type BotsUpdateResponse = BotsUpdateResponses[keyof BotsUpdateResponses];

export type BotsBrowserCallData = {
    /**
     * Body
     */
    body?: BrowserCallRequest | null;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: never;
    url: '/api/v1/bots/{bot_id}/browser-call';
};

export type BotsBrowserCallErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsBrowserCallError = BotsBrowserCallErrors[keyof BotsBrowserCallErrors];

export type BotsBrowserCallResponses = {
    /**
     * Successful Response
     */
    201: BrowserCall;
};

export type BotsBrowserCallResponse = BotsBrowserCallResponses[keyof BotsBrowserCallResponses];

export type BotsCloneData = {
    body?: never;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: never;
    url: '/api/v1/bots/{bot_id}/clone';
};

export type BotsCloneErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsCloneError = BotsCloneErrors[keyof BotsCloneErrors];

export type BotsCloneResponses = {
    /**
     * Successful Response
     */
    201: Bot;
};

export type BotsCloneResponse = BotsCloneResponses[keyof BotsCloneResponses];

export type BotsWssUrlData = {
    body?: never;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: never;
    url: '/api/v1/bots/{bot_id}/wss-url';
};

export type BotsWssUrlErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type BotsWssUrlError = BotsWssUrlErrors[keyof BotsWssUrlErrors];

export type BotsWssUrlResponses = {
    /**
     * Successful Response
     */
    200: SocketUrls;
};

export type BotsWssUrlResponse = BotsWssUrlResponses[keyof BotsWssUrlResponses];

export type ResultsReceiveData = {
    /**
     * Fields of a call result: schema_version, result_id, session_id, stream_id, call_id, bot_id, caller_id, from_number, call_direction, transport, campaign_call_id, started_at, answered_at, ended_at, call_duration_seconds, disconnected_by, sip_status, sip_reason, transcript, events, intents, recording_key, recording_url, post_call_analysis, qc_analysis, was_transferred, transfer_destination, transfer_target, transfer_reason, transfer_method, transfer_at, transfer_failed_reason, latency, latency_samples, metrics, usage_metrics, llm_cache_summary, pipeline_config, connected_event, truncated_fields, worker.
     */
    body: {
        result_id?: string | null;
        session_id: string;
    };
    path?: never;
    query?: never;
    url: '/api/v1/call-results';
};

export type ResultsReceiveErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ResultsReceiveError = ResultsReceiveErrors[keyof ResultsReceiveErrors];

export type ResultsReceiveResponses = {
    /**
     * Successful Response
     */
    200: ResultReply;
};

export type ResultsReceiveResponse = ResultsReceiveResponses[keyof ResultsReceiveResponses];

export type CallsListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Bot Id
         *
         * One value, or several with commas.
         */
        bot_id?: string;
        /**
         * Campaign Id
         *
         * One value, or several with commas.
         */
        campaign_id?: string;
        /**
         * Campaign Call Id
         *
         * One value, or several with commas.
         */
        campaign_call_id?: string;
        /**
         * Status
         *
         * One value, or several with commas.
         */
        status?: string;
        /**
         * Disconnected By
         *
         * One value, or several with commas.
         */
        disconnected_by?: string;
        /**
         * Disposition
         *
         * One value, or several with commas.
         */
        disposition?: string;
        /**
         * Direction
         *
         * One value, or several with commas.
         */
        direction?: string;
        /**
         * Call Type
         *
         * One value, or several with commas.
         */
        call_type?: string;
        /**
         * Transport
         *
         * One value, or several with commas.
         */
        transport?: string;
        /**
         * Phone
         *
         * The last four or more digits of the customer's number.
         */
        phone?: string;
        /**
         * Number
         *
         * Our number, whole.
         */
        number?: string;
        /**
         * Session Id
         */
        session_id?: string;
        /**
         * Stream Id
         */
        stream_id?: string;
        /**
         * Call Id
         */
        call_id?: string;
        /**
         * Date From
         *
         * A date, or a time in ISO 8601.
         */
        date_from?: string;
        /**
         * Date To
         *
         * A date, or a time in ISO 8601.
         */
        date_to?: string;
        /**
         * Min Duration
         *
         * Seconds.
         */
        min_duration?: number | null;
        /**
         * Max Duration
         *
         * Seconds.
         */
        max_duration?: number | null;
        /**
         * Transferred
         */
        transferred?: boolean | null;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/calls';
};

export type CallsListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CallsListError = CallsListErrors[keyof CallsListErrors];

export type CallsListResponses = {
    /**
     * Successful Response
     */
    200: CallPage;
};

export type CallsListResponse = CallsListResponses[keyof CallsListResponses];

export type CallsExportCsvData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Sort
         */
        sort?: string;
        /**
         * Bot Id
         *
         * One value, or several with commas.
         */
        bot_id?: string;
        /**
         * Campaign Id
         *
         * One value, or several with commas.
         */
        campaign_id?: string;
        /**
         * Campaign Call Id
         *
         * One value, or several with commas.
         */
        campaign_call_id?: string;
        /**
         * Status
         *
         * One value, or several with commas.
         */
        status?: string;
        /**
         * Disconnected By
         *
         * One value, or several with commas.
         */
        disconnected_by?: string;
        /**
         * Disposition
         *
         * One value, or several with commas.
         */
        disposition?: string;
        /**
         * Direction
         *
         * One value, or several with commas.
         */
        direction?: string;
        /**
         * Call Type
         *
         * One value, or several with commas.
         */
        call_type?: string;
        /**
         * Transport
         *
         * One value, or several with commas.
         */
        transport?: string;
        /**
         * Phone
         *
         * The last four or more digits of the customer's number.
         */
        phone?: string;
        /**
         * Number
         *
         * Our number, whole.
         */
        number?: string;
        /**
         * Session Id
         */
        session_id?: string;
        /**
         * Stream Id
         */
        stream_id?: string;
        /**
         * Call Id
         */
        call_id?: string;
        /**
         * Date From
         *
         * A date, or a time in ISO 8601.
         */
        date_from?: string;
        /**
         * Date To
         *
         * A date, or a time in ISO 8601.
         */
        date_to?: string;
        /**
         * Min Duration
         *
         * Seconds.
         */
        min_duration?: number | null;
        /**
         * Max Duration
         *
         * Seconds.
         */
        max_duration?: number | null;
        /**
         * Transferred
         */
        transferred?: boolean | null;
    };
    url: '/api/v1/calls/export.csv';
};

export type CallsExportCsvErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CallsExportCsvError = CallsExportCsvErrors[keyof CallsExportCsvErrors];

export type CallsExportCsvResponses = {
    /**
     * CSV with a header line
     */
    200: string;
};

export type CallsExportCsvResponse = CallsExportCsvResponses[keyof CallsExportCsvResponses];

export type CallsDeleteData = {
    body?: never;
    path: {
        /**
         * Session Id
         */
        session_id: string;
    };
    query?: never;
    url: '/api/v1/calls/{session_id}';
};

export type CallsDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CallsDeleteError = CallsDeleteErrors[keyof CallsDeleteErrors];

export type CallsDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type CallsDeleteResponse = CallsDeleteResponses[keyof CallsDeleteResponses];

export type CallsGetData = {
    body?: never;
    path: {
        /**
         * Session Id
         */
        session_id: string;
    };
    query?: {
        /**
         * Make Recording Accessible
         *
         * `recording_url` becomes a route of this API.
         */
        make_recording_accessible?: boolean;
    };
    url: '/api/v1/calls/{session_id}';
};

export type CallsGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CallsGetError = CallsGetErrors[keyof CallsGetErrors];

export type CallsGetResponses = {
    /**
     * Successful Response
     */
    200: CallRecord;
};

export type CallsGetResponse = CallsGetResponses[keyof CallsGetResponses];

export type CallsExportJsonData = {
    body?: never;
    path: {
        /**
         * Session Id
         */
        session_id: string;
    };
    query?: never;
    url: '/api/v1/calls/{session_id}/export.json';
};

export type CallsExportJsonErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CallsExportJsonError = CallsExportJsonErrors[keyof CallsExportJsonErrors];

export type CallsExportJsonResponses = {
    /**
     * Successful Response
     */
    200: CallRecord;
};

export type CallsExportJsonResponse = CallsExportJsonResponses[keyof CallsExportJsonResponses];

export type CampaignsListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Status
         *
         * One value, or several with commas.
         */
        status?: string;
        /**
         * Bot Id
         */
        bot_id?: string;
        /**
         * Q
         *
         * Part of the name, or how the id begins.
         */
        q?: string;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/campaigns';
};

export type CampaignsListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsListError = CampaignsListErrors[keyof CampaignsListErrors];

export type CampaignsListResponses = {
    /**
     * Successful Response
     */
    200: PageCampaignSummary;
};

export type CampaignsListResponse = CampaignsListResponses[keyof CampaignsListResponses];

export type CampaignsCreateData = {
    body: CampaignCreate;
    path?: never;
    query?: never;
    url: '/api/v1/campaigns';
};

export type CampaignsCreateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsCreateError = CampaignsCreateErrors[keyof CampaignsCreateErrors];

export type CampaignsCreateResponses = {
    /**
     * Successful Response
     */
    201: Campaign;
};

export type CampaignsCreateResponse = CampaignsCreateResponses[keyof CampaignsCreateResponses];

export type CampaignsDeleteData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}';
};

export type CampaignsDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsDeleteError = CampaignsDeleteErrors[keyof CampaignsDeleteErrors];

export type CampaignsDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type CampaignsDeleteResponse = CampaignsDeleteResponses[keyof CampaignsDeleteResponses];

export type CampaignsGetData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}';
};

export type CampaignsGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsGetError = CampaignsGetErrors[keyof CampaignsGetErrors];

export type CampaignsGetResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsGetResponse = CampaignsGetResponses[keyof CampaignsGetResponses];

export type CampaignsUpdateData = {
    body: CampaignUpdate;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}';
};

export type CampaignsUpdateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsUpdateError = CampaignsUpdateErrors[keyof CampaignsUpdateErrors];

export type CampaignsUpdateResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsUpdateResponse = CampaignsUpdateResponses[keyof CampaignsUpdateResponses];

export type AttemptsReportCsvData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/attempt-report.csv';
};

export type AttemptsReportCsvErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AttemptsReportCsvError = AttemptsReportCsvErrors[keyof AttemptsReportCsvErrors];

export type AttemptsReportCsvResponses = {
    /**
     * CSV with a header line
     */
    200: string;
};

export type AttemptsReportCsvResponse = AttemptsReportCsvResponses[keyof AttemptsReportCsvResponses];

export type ContactsListData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: {
        /**
         * Status
         *
         * One value, or several with commas.
         */
        status?: string;
        /**
         * Callback
         */
        callback?: 'all' | 'requested' | 'pending' | 'completed' | 'cancelled';
        /**
         * Phone
         *
         * The whole number.
         */
        phone?: string;
        /**
         * Date From
         *
         * A date, or a time in ISO 8601.
         */
        date_from?: string;
        /**
         * Date To
         *
         * A date, or a time in ISO 8601.
         */
        date_to?: string;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/campaigns/{campaign_id}/calls';
};

export type ContactsListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsListError = ContactsListErrors[keyof ContactsListErrors];

export type ContactsListResponses = {
    /**
     * Successful Response
     */
    200: PageContact;
};

export type ContactsListResponse = ContactsListResponses[keyof ContactsListResponses];

export type AttemptsListData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
        /**
         * Campaign Call Id
         */
        campaign_call_id: string;
    };
    query?: {
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/campaigns/{campaign_id}/calls/{campaign_call_id}/attempts';
};

export type AttemptsListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type AttemptsListError = AttemptsListErrors[keyof AttemptsListErrors];

export type AttemptsListResponses = {
    /**
     * Successful Response
     */
    200: PageAttempt;
};

export type AttemptsListResponse = AttemptsListResponses[keyof AttemptsListResponses];

export type CampaignsCancelRestartData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/cancel-restart';
};

export type CampaignsCancelRestartErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsCancelRestartError = CampaignsCancelRestartErrors[keyof CampaignsCancelRestartErrors];

export type CampaignsCancelRestartResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsCancelRestartResponse = CampaignsCancelRestartResponses[keyof CampaignsCancelRestartResponses];

export type CampaignsCloneData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/clone';
};

export type CampaignsCloneErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsCloneError = CampaignsCloneErrors[keyof CampaignsCloneErrors];

export type CampaignsCloneResponses = {
    /**
     * Successful Response
     */
    201: Campaign;
};

export type CampaignsCloneResponse = CampaignsCloneResponses[keyof CampaignsCloneResponses];

export type ContactsAddData = {
    body: NewContacts;
    headers?: {
        /**
         * Idempotency-Key
         *
         * A repeat with the same key gets the first answer, for 24 hours.
         */
        'idempotency-key'?: string;
    };
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/contacts';
};

export type ContactsAddErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsAddError = ContactsAddErrors[keyof ContactsAddErrors];

export type ContactsAddResponses = {
    /**
     * Successful Response
     */
    200: ContactsAdded;
};

export type ContactsAddResponse = ContactsAddResponses[keyof ContactsAddResponses];

export type ContactsExcludedData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: {
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/campaigns/{campaign_id}/exclude';
};

export type ContactsExcludedErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsExcludedError = ContactsExcludedErrors[keyof ContactsExcludedErrors];

export type ContactsExcludedResponses = {
    /**
     * Successful Response
     */
    200: PageExclusion;
};

export type ContactsExcludedResponse = ContactsExcludedResponses[keyof ContactsExcludedResponses];

export type ContactsExcludeData = {
    body: Exclude;
    headers?: {
        /**
         * Idempotency-Key
         *
         * A repeat with the same key gets the first answer, for 24 hours.
         */
        'idempotency-key'?: string;
    };
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/exclude';
};

export type ContactsExcludeErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsExcludeError = ContactsExcludeErrors[keyof ContactsExcludeErrors];

export type ContactsExcludeResponses = {
    /**
     * Successful Response
     */
    200: Excluded;
};

export type ContactsExcludeResponse = ContactsExcludeResponses[keyof ContactsExcludeResponses];

export type ContactsIncludeData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
        /**
         * Phone Number
         */
        phone_number: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/exclude/{phone_number}';
};

export type ContactsIncludeErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsIncludeError = ContactsIncludeErrors[keyof ContactsIncludeErrors];

export type ContactsIncludeResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type ContactsIncludeResponse = ContactsIncludeResponses[keyof ContactsIncludeResponses];

export type CampaignsPauseData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/pause';
};

export type CampaignsPauseErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsPauseError = CampaignsPauseErrors[keyof CampaignsPauseErrors];

export type CampaignsPauseResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsPauseResponse = CampaignsPauseResponses[keyof CampaignsPauseResponses];

export type CampaignsRestartData = {
    /**
     * Body
     */
    body?: RestartRequest | null;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/restart';
};

export type CampaignsRestartErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsRestartError = CampaignsRestartErrors[keyof CampaignsRestartErrors];

export type CampaignsRestartResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsRestartResponse = CampaignsRestartResponses[keyof CampaignsRestartResponses];

export type CampaignsResumeData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/resume';
};

export type CampaignsResumeErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsResumeError = CampaignsResumeErrors[keyof CampaignsResumeErrors];

export type CampaignsResumeResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsResumeResponse = CampaignsResumeResponses[keyof CampaignsResumeResponses];

export type CampaignsStartData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/start';
};

export type CampaignsStartErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsStartError = CampaignsStartErrors[keyof CampaignsStartErrors];

export type CampaignsStartResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsStartResponse = CampaignsStartResponses[keyof CampaignsStartResponses];

export type CampaignsStopData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/stop';
};

export type CampaignsStopErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CampaignsStopError = CampaignsStopErrors[keyof CampaignsStopErrors];

export type CampaignsStopResponses = {
    /**
     * Successful Response
     */
    200: Campaign;
};

export type CampaignsStopResponse = CampaignsStopResponses[keyof CampaignsStopResponses];

export type ContactsUploadData = {
    body: {
        file: Blob | File;
    };
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/upload';
};

export type ContactsUploadErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsUploadError = ContactsUploadErrors[keyof ContactsUploadErrors];

export type ContactsUploadResponses = {
    /**
     * Successful Response
     */
    200: UploadReport;
};

export type ContactsUploadResponse = ContactsUploadResponses[keyof ContactsUploadResponses];

export type ContactsUploadReportData = {
    body?: never;
    path: {
        /**
         * Campaign Id
         */
        campaign_id: string;
    };
    query?: never;
    url: '/api/v1/campaigns/{campaign_id}/upload-report.csv';
};

export type ContactsUploadReportErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ContactsUploadReportError = ContactsUploadReportErrors[keyof ContactsUploadReportErrors];

export type ContactsUploadReportResponses = {
    /**
     * CSV with a header line
     */
    200: string;
};

export type ContactsUploadReportResponse = ContactsUploadReportResponses[keyof ContactsUploadReportResponses];

export type CarriersListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/carriers';
};

export type CarriersListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersListError = CarriersListErrors[keyof CarriersListErrors];

export type CarriersListResponses = {
    /**
     * Successful Response
     */
    200: PageCarrier;
};

export type CarriersListResponse = CarriersListResponses[keyof CarriersListResponses];

export type CarriersCreateData = {
    body: CarrierCreate;
    path?: never;
    query?: never;
    url: '/api/v1/carriers';
};

export type CarriersCreateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersCreateError = CarriersCreateErrors[keyof CarriersCreateErrors];

export type CarriersCreateResponses = {
    /**
     * Successful Response
     */
    201: Carrier;
};

export type CarriersCreateResponse = CarriersCreateResponses[keyof CarriersCreateResponses];

export type CarriersDeleteData = {
    body?: never;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}';
};

export type CarriersDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersDeleteError = CarriersDeleteErrors[keyof CarriersDeleteErrors];

export type CarriersDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type CarriersDeleteResponse = CarriersDeleteResponses[keyof CarriersDeleteResponses];

export type CarriersGetData = {
    body?: never;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}';
};

export type CarriersGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersGetError = CarriersGetErrors[keyof CarriersGetErrors];

export type CarriersGetResponses = {
    /**
     * Successful Response
     */
    200: Carrier;
};

export type CarriersGetResponse = CarriersGetResponses[keyof CarriersGetResponses];

export type CarriersUpdateData = {
    body: CarrierUpdate;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}';
};

export type CarriersUpdateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersUpdateError = CarriersUpdateErrors[keyof CarriersUpdateErrors];

export type CarriersUpdateResponses = {
    /**
     * Successful Response
     */
    200: Carrier;
};

export type CarriersUpdateResponse = CarriersUpdateResponses[keyof CarriersUpdateResponses];

export type CarriersAddDidData = {
    body: DidFields;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}/dids';
};

export type CarriersAddDidErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersAddDidError = CarriersAddDidErrors[keyof CarriersAddDidErrors];

export type CarriersAddDidResponses = {
    /**
     * Successful Response
     */
    201: Carrier;
};

export type CarriersAddDidResponse = CarriersAddDidResponses[keyof CarriersAddDidResponses];

export type CarriersDeleteDidData = {
    body?: never;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
        /**
         * Did Id
         */
        did_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}/dids/{did_id}';
};

export type CarriersDeleteDidErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersDeleteDidError = CarriersDeleteDidErrors[keyof CarriersDeleteDidErrors];

export type CarriersDeleteDidResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type CarriersDeleteDidResponse = CarriersDeleteDidResponses[keyof CarriersDeleteDidResponses];

export type CarriersUpdateDidData = {
    body: DidUpdate;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
        /**
         * Did Id
         */
        did_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}/dids/{did_id}';
};

export type CarriersUpdateDidErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersUpdateDidError = CarriersUpdateDidErrors[keyof CarriersUpdateDidErrors];

export type CarriersUpdateDidResponses = {
    /**
     * Successful Response
     */
    200: Carrier;
};

export type CarriersUpdateDidResponse = CarriersUpdateDidResponses[keyof CarriersUpdateDidResponses];

export type CarriersSyncData = {
    body?: never;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
    };
    query?: never;
    url: '/api/v1/carriers/{carrier_id}/sync';
};

export type CarriersSyncErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A service behind failed
     */
    502: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersSyncError = CarriersSyncErrors[keyof CarriersSyncErrors];

export type CarriersSyncResponses = {
    /**
     * Successful Response
     */
    200: Carrier;
};

export type CarriersSyncResponse = CarriersSyncResponses[keyof CarriersSyncResponses];

export type CdrReceiveData = {
    body: {
        [key: string]: unknown;
    };
    path?: never;
    query?: never;
    url: '/api/v1/cdr';
};

export type CdrReceiveErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CdrReceiveError = CdrReceiveErrors[keyof CdrReceiveErrors];

export type CdrReceiveResponses = {
    /**
     * Successful Response
     */
    200: CdrReply;
};

export type CdrReceiveResponse = CdrReceiveResponses[keyof CdrReceiveResponses];

export type ConfigBuildData = {
    body?: never;
    path: {
        /**
         * Bot Id
         */
        bot_id: string;
    };
    query?: {
        /**
         * Caller Id
         *
         * Number of the customer.
         */
        caller_id?: string;
        /**
         * Stream Id
         *
         * Id of the call at the carrier or the worker.
         */
        stream_id?: string;
        /**
         * Connected Event
         *
         * URL-encoded JSON object of at most 16 KiB.
         */
        connected_event?: string;
    };
    url: '/api/v1/config/{bot_id}';
};

export type ConfigBuildErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type ConfigBuildError = ConfigBuildErrors[keyof ConfigBuildErrors];

export type ConfigBuildResponses = {
    /**
     * Successful Response
     */
    200: RuntimeConfig;
};

export type ConfigBuildResponse = ConfigBuildResponses[keyof ConfigBuildResponses];

export type DncListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Q
         *
         * The first digits, country code included.
         */
        q?: string;
        /**
         * Source
         */
        source?: 'manual' | 'upload' | 'api' | 'call' | null;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/dnc';
};

export type DncListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type DncListError = DncListErrors[keyof DncListErrors];

export type DncListResponses = {
    /**
     * Successful Response
     */
    200: PageDncEntry;
};

export type DncListResponse = DncListResponses[keyof DncListResponses];

export type DncAddData = {
    body: DncAdd;
    path?: never;
    query?: never;
    url: '/api/v1/dnc';
};

export type DncAddErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type DncAddError = DncAddErrors[keyof DncAddErrors];

export type DncAddResponses = {
    /**
     * Successful Response
     */
    200: DncAdded;
};

export type DncAddResponse = DncAddResponses[keyof DncAddResponses];

export type DncExportCsvData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/dnc/export.csv';
};

export type DncExportCsvErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type DncExportCsvError = DncExportCsvErrors[keyof DncExportCsvErrors];

export type DncExportCsvResponses = {
    /**
     * CSV with a header line
     */
    200: string;
};

export type DncExportCsvResponse = DncExportCsvResponses[keyof DncExportCsvResponses];

export type DncUploadData = {
    body: {
        file: Blob | File;
    };
    path?: never;
    query?: never;
    url: '/api/v1/dnc/upload';
};

export type DncUploadErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type DncUploadError = DncUploadErrors[keyof DncUploadErrors];

export type DncUploadResponses = {
    /**
     * Successful Response
     */
    200: DncUploadReport;
};

export type DncUploadResponse = DncUploadResponses[keyof DncUploadResponses];

export type DncDeleteData = {
    body?: never;
    path: {
        /**
         * Phone Number
         */
        phone_number: string;
    };
    query?: never;
    url: '/api/v1/dnc/{phone_number}';
};

export type DncDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type DncDeleteError = DncDeleteErrors[keyof DncDeleteErrors];

export type DncDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type DncDeleteResponse = DncDeleteResponses[keyof DncDeleteResponses];

export type DncGetData = {
    body?: never;
    path: {
        /**
         * Phone Number
         */
        phone_number: string;
    };
    query?: never;
    url: '/api/v1/dnc/{phone_number}';
};

export type DncGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type DncGetError = DncGetErrors[keyof DncGetErrors];

export type DncGetResponses = {
    /**
     * Successful Response
     */
    200: DncEntry;
};

export type DncGetResponse = DncGetResponses[keyof DncGetResponses];

export type EventsStreamData = {
    body?: never;
    headers?: {
        /**
         * Last-Event-Id
         *
         * Go on after this event.
         */
        'last-event-id'?: string;
    };
    path?: never;
    query: {
        /**
         * Topics
         *
         * At most ten of `calls`, `campaigns`, `fleet`, `settings`, `campaign:{campaign_id}`.
         */
        topics: string;
    };
    url: '/api/v1/events/stream';
};

export type EventsStreamErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type EventsStreamError = EventsStreamErrors[keyof EventsStreamErrors];

export type EventsStreamResponses = {
    /**
     * `call.started`, `call.completed`, `campaign.updated`, `fleet.changed`, `settings.changed`; `reset`: something was missed, fetch again.
     */
    200: string;
};

export type EventsStreamResponse = EventsStreamResponses[keyof EventsStreamResponses];

export type FleetDrainData = {
    body: DrainBody;
    path?: never;
    query?: {
        /**
         * Pool
         *
         * One pool of `REGISTRY_POOLS`; absent: all of them.
         */
        pool?: string | null;
    };
    url: '/api/v1/fleet/drain';
};

export type FleetDrainErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type FleetDrainError = FleetDrainErrors[keyof FleetDrainErrors];

export type FleetDrainResponses = {
    /**
     * Successful Response
     */
    200: DrainDone;
};

export type FleetDrainResponse = FleetDrainResponses[keyof FleetDrainResponses];

export type FleetDrainsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Pool
         *
         * One pool of `REGISTRY_POOLS`; absent: all of them.
         */
        pool?: string | null;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/fleet/drains';
};

export type FleetDrainsErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type FleetDrainsError = FleetDrainsErrors[keyof FleetDrainsErrors];

export type FleetDrainsResponses = {
    /**
     * Successful Response
     */
    200: PageDrainShown;
};

export type FleetDrainsResponse = FleetDrainsResponses[keyof FleetDrainsResponses];

export type FleetQuotasData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Pool
         *
         * One pool of `REGISTRY_POOLS`; absent: all of them.
         */
        pool?: string | null;
    };
    url: '/api/v1/fleet/quotas';
};

export type FleetQuotasErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type FleetQuotasError = FleetQuotasErrors[keyof FleetQuotasErrors];

export type FleetQuotasResponses = {
    /**
     * Successful Response
     */
    200: QuotasShown;
};

export type FleetQuotasResponse = FleetQuotasResponses[keyof FleetQuotasResponses];

export type FleetPutQuotaData = {
    body: QuotaBody;
    path?: never;
    query?: {
        /**
         * Pool
         *
         * One pool of `REGISTRY_POOLS`; absent: all of them.
         */
        pool?: string | null;
    };
    url: '/api/v1/fleet/quotas';
};

export type FleetPutQuotaErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type FleetPutQuotaError = FleetPutQuotaErrors[keyof FleetPutQuotaErrors];

export type FleetPutQuotaResponses = {
    /**
     * Successful Response
     */
    200: QuotasShown;
};

export type FleetPutQuotaResponse = FleetPutQuotaResponses[keyof FleetPutQuotaResponses];

export type FleetStatusData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/fleet/status';
};

export type FleetStatusErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type FleetStatusError = FleetStatusErrors[keyof FleetStatusErrors];

export type FleetStatusResponses = {
    /**
     * Successful Response
     */
    200: FleetStatus;
};

export type FleetStatusResponse = FleetStatusResponses[keyof FleetStatusResponses];

export type FleetUndrainData = {
    body: UndrainBody;
    path?: never;
    query?: {
        /**
         * Pool
         *
         * One pool of `REGISTRY_POOLS`; absent: all of them.
         */
        pool?: string | null;
    };
    url: '/api/v1/fleet/undrain';
};

export type FleetUndrainErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type FleetUndrainError = FleetUndrainErrors[keyof FleetUndrainErrors];

export type FleetUndrainResponses = {
    /**
     * Successful Response
     */
    200: DrainDone;
};

export type FleetUndrainResponse = FleetUndrainResponses[keyof FleetUndrainResponses];

export type CarriersCredentialsData = {
    body?: never;
    path: {
        /**
         * Carrier Id
         */
        carrier_id: string;
    };
    query?: never;
    url: '/api/v1/internal/carriers/{carrier_id}/credentials';
};

export type CarriersCredentialsErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type CarriersCredentialsError = CarriersCredentialsErrors[keyof CarriersCredentialsErrors];

export type CarriersCredentialsResponses = {
    /**
     * Successful Response
     */
    200: CarrierAccess;
};

export type CarriersCredentialsResponse = CarriersCredentialsResponses[keyof CarriersCredentialsResponses];

export type OutboxListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Status
         *
         * Absent: all of them.
         */
        status?: 'pending' | 'leased' | 'done' | 'dead' | null;
        /**
         * Kind
         */
        kind?: string | null;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/outbox';
};

export type OutboxListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type OutboxListError = OutboxListErrors[keyof OutboxListErrors];

export type OutboxListResponses = {
    /**
     * Successful Response
     */
    200: PageOutboxJob;
};

export type OutboxListResponse = OutboxListResponses[keyof OutboxListResponses];

export type OutboxRetryData = {
    body?: never;
    path: {
        /**
         * Id
         */
        id: string;
    };
    query?: never;
    url: '/api/v1/outbox/{id}/retry';
};

export type OutboxRetryErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type OutboxRetryError = OutboxRetryErrors[keyof OutboxRetryErrors];

export type OutboxRetryResponses = {
    /**
     * Successful Response
     */
    200: OutboxJob;
};

export type OutboxRetryResponse = OutboxRetryResponses[keyof OutboxRetryResponses];

export type RecordingsPublicData = {
    body?: never;
    headers?: {
        /**
         * Range
         */
        range?: string | null;
        /**
         * If-Range
         */
        'if-range'?: string | null;
    };
    path: {
        /**
         * Token
         */
        token: string;
    };
    query?: never;
    url: '/api/v1/public/recordings/{token}';
};

export type RecordingsPublicErrors = {
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Range beyond the end
     */
    416: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type RecordingsPublicError = RecordingsPublicErrors[keyof RecordingsPublicErrors];

export type RecordingsPublicResponses = {
    /**
     * The whole recording
     */
    200: Blob | File;
    /**
     * The part of it that was asked for
     */
    206: Blob | File;
};

export type RecordingsPublicResponse = RecordingsPublicResponses[keyof RecordingsPublicResponses];

export type RecordingsPublicHeadData = {
    body?: never;
    headers?: {
        /**
         * Range
         */
        range?: string | null;
        /**
         * If-Range
         */
        'if-range'?: string | null;
    };
    path: {
        /**
         * Token
         */
        token: string;
    };
    query?: never;
    url: '/api/v1/public/recordings/{token}';
};

export type RecordingsPublicHeadErrors = {
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Range beyond the end
     */
    416: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type RecordingsPublicHeadError = RecordingsPublicHeadErrors[keyof RecordingsPublicHeadErrors];

export type RecordingsPublicHeadResponses = {
    /**
     * The whole recording
     */
    200: Blob | File;
    /**
     * The part of it that was asked for
     */
    206: Blob | File;
};

export type RecordingsPublicHeadResponse = RecordingsPublicHeadResponses[keyof RecordingsPublicHeadResponses];

export type RecordingsGetData = {
    body?: never;
    headers?: {
        /**
         * Range
         */
        range?: string | null;
        /**
         * If-Range
         */
        'if-range'?: string | null;
    };
    path: {
        /**
         * Session Id
         */
        session_id: string;
    };
    query?: never;
    url: '/api/v1/recordings/{session_id}';
};

export type RecordingsGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Range beyond the end
     */
    416: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type RecordingsGetError = RecordingsGetErrors[keyof RecordingsGetErrors];

export type RecordingsGetResponses = {
    /**
     * The whole recording
     */
    200: Blob | File;
    /**
     * The part of it that was asked for
     */
    206: Blob | File;
};

export type RecordingsGetResponse = RecordingsGetResponses[keyof RecordingsGetResponses];

export type RecordingsGetHeadData = {
    body?: never;
    headers?: {
        /**
         * Range
         */
        range?: string | null;
        /**
         * If-Range
         */
        'if-range'?: string | null;
    };
    path: {
        /**
         * Session Id
         */
        session_id: string;
    };
    query?: never;
    url: '/api/v1/recordings/{session_id}';
};

export type RecordingsGetHeadErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Range beyond the end
     */
    416: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type RecordingsGetHeadError = RecordingsGetHeadErrors[keyof RecordingsGetHeadErrors];

export type RecordingsGetHeadResponses = {
    /**
     * The whole recording
     */
    200: Blob | File;
    /**
     * The part of it that was asked for
     */
    206: Blob | File;
};

export type RecordingsGetHeadResponse = RecordingsGetHeadResponses[keyof RecordingsGetHeadResponses];

export type SettingsGetData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/settings';
};

export type SettingsGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsGetError = SettingsGetErrors[keyof SettingsGetErrors];

export type SettingsGetResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsGetResponse = SettingsGetResponses[keyof SettingsGetResponses];

export type SettingsUpdateAgentAssistData = {
    body: AgentAssistUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/agent-assist';
};

export type SettingsUpdateAgentAssistErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateAgentAssistError = SettingsUpdateAgentAssistErrors[keyof SettingsUpdateAgentAssistErrors];

export type SettingsUpdateAgentAssistResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateAgentAssistResponse = SettingsUpdateAgentAssistResponses[keyof SettingsUpdateAgentAssistResponses];

export type SettingsUpdateApiKeysData = {
    body: ApiKeysUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/api-keys';
};

export type SettingsUpdateApiKeysErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateApiKeysError = SettingsUpdateApiKeysErrors[keyof SettingsUpdateApiKeysErrors];

export type SettingsUpdateApiKeysResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateApiKeysResponse = SettingsUpdateApiKeysResponses[keyof SettingsUpdateApiKeysResponses];

export type SettingsUpdateDiallerData = {
    body: DiallerUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/dialler';
};

export type SettingsUpdateDiallerErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateDiallerError = SettingsUpdateDiallerErrors[keyof SettingsUpdateDiallerErrors];

export type SettingsUpdateDiallerResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateDiallerResponse = SettingsUpdateDiallerResponses[keyof SettingsUpdateDiallerResponses];

export type SettingsDisplayData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/settings/display';
};

export type SettingsDisplayErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsDisplayError = SettingsDisplayErrors[keyof SettingsDisplayErrors];

export type SettingsDisplayResponses = {
    /**
     * Successful Response
     */
    200: DisplaySettings;
};

export type SettingsDisplayResponse = SettingsDisplayResponses[keyof SettingsDisplayResponses];

export type SettingsUpdateFleetData = {
    body: FleetUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/fleet';
};

export type SettingsUpdateFleetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateFleetError = SettingsUpdateFleetErrors[keyof SettingsUpdateFleetErrors];

export type SettingsUpdateFleetResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateFleetResponse = SettingsUpdateFleetResponses[keyof SettingsUpdateFleetResponses];

export type SettingsUpdateGeneralData = {
    body: GeneralUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/general';
};

export type SettingsUpdateGeneralErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateGeneralError = SettingsUpdateGeneralErrors[keyof SettingsUpdateGeneralErrors];

export type SettingsUpdateGeneralResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateGeneralResponse = SettingsUpdateGeneralResponses[keyof SettingsUpdateGeneralResponses];

export type SettingsUpdateKnowledgeData = {
    body: KnowledgeUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/knowledge';
};

export type SettingsUpdateKnowledgeErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateKnowledgeError = SettingsUpdateKnowledgeErrors[keyof SettingsUpdateKnowledgeErrors];

export type SettingsUpdateKnowledgeResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateKnowledgeResponse = SettingsUpdateKnowledgeResponses[keyof SettingsUpdateKnowledgeResponses];

export type SettingsUpdateMinioData = {
    body: MinioUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/minio';
};

export type SettingsUpdateMinioErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateMinioError = SettingsUpdateMinioErrors[keyof SettingsUpdateMinioErrors];

export type SettingsUpdateMinioResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateMinioResponse = SettingsUpdateMinioResponses[keyof SettingsUpdateMinioResponses];

export type SettingsUpdateProvidersData = {
    body: ProvidersUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/providers';
};

export type SettingsUpdateProvidersErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateProvidersError = SettingsUpdateProvidersErrors[keyof SettingsUpdateProvidersErrors];

export type SettingsUpdateProvidersResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateProvidersResponse = SettingsUpdateProvidersResponses[keyof SettingsUpdateProvidersResponses];

export type SettingsUpdateTimezoneData = {
    body: TimezoneUpdate;
    path?: never;
    query?: never;
    url: '/api/v1/settings/timezone';
};

export type SettingsUpdateTimezoneErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SettingsUpdateTimezoneError = SettingsUpdateTimezoneErrors[keyof SettingsUpdateTimezoneErrors];

export type SettingsUpdateTimezoneResponses = {
    /**
     * Successful Response
     */
    200: SettingsView;
};

export type SettingsUpdateTimezoneResponse = SettingsUpdateTimezoneResponses[keyof SettingsUpdateTimezoneResponses];

export type SipDialoutData = {
    body: DialoutRequest;
    headers?: {
        /**
         * Idempotency-Key
         *
         * A repeat with the same key gets the first answer, for 24 hours.
         */
        'idempotency-key'?: string;
    };
    path?: never;
    query?: never;
    url: '/api/v1/sip/dialout';
};

export type SipDialoutErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Too many requests (`rate_limited`, with `Retry-After`)
     */
    429: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A service behind failed
     */
    502: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SipDialoutError = SipDialoutErrors[keyof SipDialoutErrors];

export type SipDialoutResponses = {
    /**
     * Successful Response
     */
    200: DialoutAccepted;
};

export type SipDialoutResponse = SipDialoutResponses[keyof SipDialoutResponses];

export type SipLookupData = {
    body?: never;
    path?: never;
    query: {
        /**
         * Number
         */
        number: string;
    };
    url: '/api/v1/sip/lookup';
};

export type SipLookupErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SipLookupError = SipLookupErrors[keyof SipLookupErrors];

export type SipLookupResponses = {
    /**
     * Successful Response
     */
    200: NumberOwner;
};

export type SipLookupResponse = SipLookupResponses[keyof SipLookupResponses];

export type SipOutboundTrunkData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * From Number
         */
        from_number?: string | null;
    };
    url: '/api/v1/sip/outbound-trunk';
};

export type SipOutboundTrunkErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type SipOutboundTrunkError = SipOutboundTrunkErrors[keyof SipOutboundTrunkErrors];

export type SipOutboundTrunkResponses = {
    /**
     * Successful Response
     */
    200: OutboundTrunk;
};

export type SipOutboundTrunkResponse = SipOutboundTrunkResponses[keyof SipOutboundTrunkResponses];

export type UsersListData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Role
         */
        role?: 'agent' | 'supervisor' | 'admin' | 'super_admin' | null;
        /**
         * Is Active
         */
        is_active?: boolean | null;
        /**
         * Q
         *
         * Part of the name or the email.
         */
        q?: string | null;
        /**
         * Page
         */
        page?: number;
        /**
         * Limit
         */
        limit?: number;
        /**
         * Sort
         *
         * A field, or `-field` for descending.
         */
        sort?: string;
        /**
         * Cursor
         *
         * `next` of the page before.
         */
        cursor?: string | null;
    };
    url: '/api/v1/users';
};

export type UsersListErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type UsersListError = UsersListErrors[keyof UsersListErrors];

export type UsersListResponses = {
    /**
     * Successful Response
     */
    200: PageUser;
};

export type UsersListResponse = UsersListResponses[keyof UsersListResponses];

export type UsersDeleteData = {
    body?: never;
    path: {
        /**
         * User Id
         */
        user_id: string;
    };
    query?: never;
    url: '/api/v1/users/{user_id}';
};

export type UsersDeleteErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type UsersDeleteError = UsersDeleteErrors[keyof UsersDeleteErrors];

export type UsersDeleteResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type UsersDeleteResponse = UsersDeleteResponses[keyof UsersDeleteResponses];

export type UsersGetData = {
    body?: never;
    path: {
        /**
         * User Id
         */
        user_id: string;
    };
    query?: never;
    url: '/api/v1/users/{user_id}';
};

export type UsersGetErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type UsersGetError = UsersGetErrors[keyof UsersGetErrors];

export type UsersGetResponses = {
    /**
     * Successful Response
     */
    200: User;
};

export type UsersGetResponse = UsersGetResponses[keyof UsersGetResponses];

export type UsersUpdateData = {
    body: UserChanges;
    path: {
        /**
         * User Id
         */
        user_id: string;
    };
    query?: never;
    url: '/api/v1/users/{user_id}';
};

export type UsersUpdateErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type UsersUpdateError = UsersUpdateErrors[keyof UsersUpdateErrors];

export type UsersUpdateResponses = {
    /**
     * Successful Response
     */
    200: User;
};

export type UsersUpdateResponse = UsersUpdateResponses[keyof UsersUpdateResponses];

export type UsersToggleActiveData = {
    body?: never;
    path: {
        /**
         * User Id
         */
        user_id: string;
    };
    query?: never;
    url: '/api/v1/users/{user_id}/deactivate';
};

export type UsersToggleActiveErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type UsersToggleActiveError = UsersToggleActiveErrors[keyof UsersToggleActiveErrors];

export type UsersToggleActiveResponses = {
    /**
     * Successful Response
     */
    200: User;
};

export type UsersToggleActiveResponse = UsersToggleActiveResponses[keyof UsersToggleActiveResponses];

export type UsersResetPasswordData = {
    body: NewPassword;
    path: {
        /**
         * User Id
         */
        user_id: string;
    };
    query?: never;
    url: '/api/v1/users/{user_id}/reset-password';
};

export type UsersResetPasswordErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not allowed
     */
    403: ErrorBody;
    /**
     * No such thing
     */
    404: ErrorBody;
    /**
     * The state does not allow it
     */
    409: ErrorBody;
    /**
     * Body too large (`too_large`)
     */
    413: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type UsersResetPasswordError = UsersResetPasswordErrors[keyof UsersResetPasswordErrors];

export type UsersResetPasswordResponses = {
    /**
     * Successful Response
     */
    204: void;
};

export type UsersResetPasswordResponse = UsersResetPasswordResponses[keyof UsersResetPasswordResponses];

export type HealthCheckData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/health';
};

export type HealthCheckErrors = {
    /**
     * Degraded
     */
    503: Health;
};

export type HealthCheckError = HealthCheckErrors[keyof HealthCheckErrors];

export type HealthCheckResponses = {
    /**
     * Successful Response
     */
    200: Health;
};

export type HealthCheckResponse = HealthCheckResponses[keyof HealthCheckResponses];

export type HealthLiveData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/health/live';
};

export type HealthLiveResponses = {
    /**
     * Successful Response
     */
    200: Alive;
};

export type HealthLiveResponse = HealthLiveResponses[keyof HealthLiveResponses];

export type MetricsReadData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/metrics';
};

export type MetricsReadErrors = {
    /**
     * No valid credentials
     */
    401: ErrorBody;
    /**
     * Not valid (`validation_failed`)
     */
    422: ErrorBody;
    /**
     * Unexpected (`internal_error`)
     */
    500: ErrorBody;
    /**
     * A part is away (`store_unavailable`)
     */
    503: ErrorBody;
};

export type MetricsReadError = MetricsReadErrors[keyof MetricsReadErrors];

export type MetricsReadResponses = {
    /**
     * Successful Response
     */
    200: unknown;
};
