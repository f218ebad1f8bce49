// Made by `npm run gen`; do not edit.
// @ts-nocheck

import type { Client, Options as Options2, TDataShape } from './client';
import { client } from './client.gen';
import type { ApiKeysCreateData, ApiKeysCreateErrors, ApiKeysCreateResponses, ApiKeysDeleteData, ApiKeysDeleteErrors, ApiKeysDeleteResponses, ApiKeysListData, ApiKeysListErrors, ApiKeysListResponses, ApiKeysUpdateData, ApiKeysUpdateErrors, ApiKeysUpdateResponses, AuditListData, AuditListErrors, AuditListResponses, AuthChangePasswordData, AuthChangePasswordErrors, AuthChangePasswordResponses, AuthLoginData, AuthLoginErrors, AuthLoginResponses, AuthMeData, AuthMeErrors, AuthMeResponses, AuthRegisterData, AuthRegisterErrors, AuthRegisterResponses, AuthUpdateMeData, AuthUpdateMeErrors, AuthUpdateMeResponses, BotsBrowserCallData, BotsBrowserCallErrors, BotsBrowserCallResponses, BotsCloneData, BotsCloneErrors, BotsCloneResponses, BotsCreateData, BotsCreateErrors, BotsCreateResponses, BotsDeleteData, BotsDeleteErrors, BotsDeleteResponses, BotsGetData, BotsGetErrors, BotsGetResponses, BotsListData, BotsListErrors, BotsListResponses, BotsUpdateData, BotsUpdateErrors, BotsUpdateResponses, BotsWssUrlData, BotsWssUrlErrors, BotsWssUrlResponses, CallsDeleteData, CallsDeleteErrors, CallsDeleteResponses, CallsExportCsvData, CallsExportCsvErrors, CallsExportCsvResponses, CallsExportJsonData, CallsExportJsonErrors, CallsExportJsonResponses, CallsGetData, CallsGetErrors, CallsGetResponses, CallsListData, CallsListErrors, CallsListResponses, CdrReceiveData, CdrReceiveErrors, CdrReceiveResponses, ConfigBuildData, ConfigBuildErrors, ConfigBuildResponses, FleetDrainData, FleetDrainErrors, FleetDrainResponses, FleetDrainsData, FleetDrainsErrors, FleetDrainsResponses, FleetPutQuotaData, FleetPutQuotaErrors, FleetPutQuotaResponses, FleetQuotasData, FleetQuotasErrors, FleetQuotasResponses, FleetStatusData, FleetStatusErrors, FleetStatusResponses, FleetUndrainData, FleetUndrainErrors, FleetUndrainResponses, HealthCheckData, HealthCheckErrors, HealthCheckResponses, HealthLiveData, HealthLiveResponses, MetricsReadData, MetricsReadErrors, MetricsReadResponses, OutboxListData, OutboxListErrors, OutboxListResponses, OutboxRetryData, OutboxRetryErrors, OutboxRetryResponses, RecordingsGetData, RecordingsGetErrors, RecordingsGetHeadData, RecordingsGetHeadErrors, RecordingsGetHeadResponses, RecordingsGetResponses, RecordingsPublicData, RecordingsPublicErrors, RecordingsPublicHeadData, RecordingsPublicHeadErrors, RecordingsPublicHeadResponses, RecordingsPublicResponses, ResultsReceiveData, ResultsReceiveErrors, ResultsReceiveResponses, SettingsDisplayData, SettingsDisplayErrors, SettingsDisplayResponses, SettingsGetData, SettingsGetErrors, SettingsGetResponses, SettingsUpdateAgentAssistData, SettingsUpdateAgentAssistErrors, SettingsUpdateAgentAssistResponses, SettingsUpdateApiKeysData, SettingsUpdateApiKeysErrors, SettingsUpdateApiKeysResponses, SettingsUpdateDiallerData, SettingsUpdateDiallerErrors, SettingsUpdateDiallerResponses, SettingsUpdateFleetData, SettingsUpdateFleetErrors, SettingsUpdateFleetResponses, SettingsUpdateGeneralData, SettingsUpdateGeneralErrors, SettingsUpdateGeneralResponses, SettingsUpdateKnowledgeData, SettingsUpdateKnowledgeErrors, SettingsUpdateKnowledgeResponses, SettingsUpdateMinioData, SettingsUpdateMinioErrors, SettingsUpdateMinioResponses, SettingsUpdateProvidersData, SettingsUpdateProvidersErrors, SettingsUpdateProvidersResponses, SettingsUpdateTimezoneData, SettingsUpdateTimezoneErrors, SettingsUpdateTimezoneResponses, UsersDeleteData, UsersDeleteErrors, UsersDeleteResponses, UsersGetData, UsersGetErrors, UsersGetResponses, UsersListData, UsersListErrors, UsersListResponses, UsersResetPasswordData, UsersResetPasswordErrors, UsersResetPasswordResponses, UsersToggleActiveData, UsersToggleActiveErrors, UsersToggleActiveResponses, UsersUpdateData, UsersUpdateErrors, UsersUpdateResponses } from './types.gen';

export type Options<TData extends TDataShape = TDataShape, ThrowOnError extends boolean = boolean, TResponse = unknown> = Options2<TData, ThrowOnError, TResponse> & {
    /**
     * You can provide a client instance returned by `createClient()` instead of
     * individual options. This might be also useful if you want to implement a
     * custom client.
     */
    client?: Client;
    /**
     * You can pass arbitrary values through the `meta` object. This can be
     * used to access values that aren't defined as part of the SDK function.
     */
    meta?: Record<string, unknown>;
};

/**
 * List Keys
 */
export const apiKeysList = <ThrowOnError extends boolean = true>(options?: Options<ApiKeysListData, ThrowOnError>) => (options?.client ?? client).get<ApiKeysListResponses, ApiKeysListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/api-keys',
    ...options
});

/**
 * Create Key
 */
export const apiKeysCreate = <ThrowOnError extends boolean = true>(options: Options<ApiKeysCreateData, ThrowOnError>) => (options.client ?? client).post<ApiKeysCreateResponses, ApiKeysCreateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/api-keys',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Delete Key
 */
export const apiKeysDelete = <ThrowOnError extends boolean = true>(options: Options<ApiKeysDeleteData, ThrowOnError>) => (options.client ?? client).delete<ApiKeysDeleteResponses, ApiKeysDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/api-keys/{key_id}',
    ...options
});

/**
 * Change Key
 */
export const apiKeysUpdate = <ThrowOnError extends boolean = true>(options: Options<ApiKeysUpdateData, ThrowOnError>) => (options.client ?? client).patch<ApiKeysUpdateResponses, ApiKeysUpdateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/api-keys/{key_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List Entries
 *
 * What was changed, newest first.
 */
export const auditList = <ThrowOnError extends boolean = true>(options?: Options<AuditListData, ThrowOnError>) => (options?.client ?? client).get<AuditListResponses, AuditListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/audit-log',
    ...options
});

/**
 * Log In
 */
export const authLogin = <ThrowOnError extends boolean = true>(options: Options<AuthLoginData, ThrowOnError>) => (options.client ?? client).post<AuthLoginResponses, AuthLoginErrors, ThrowOnError>({
    url: '/api/v1/auth/login',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Me
 */
export const authMe = <ThrowOnError extends boolean = true>(options?: Options<AuthMeData, ThrowOnError>) => (options?.client ?? client).get<AuthMeResponses, AuthMeErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/auth/me',
    ...options
});

/**
 * Update Me
 */
export const authUpdateMe = <ThrowOnError extends boolean = true>(options: Options<AuthUpdateMeData, ThrowOnError>) => (options.client ?? client).put<AuthUpdateMeResponses, AuthUpdateMeErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/auth/me',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Change Password
 */
export const authChangePassword = <ThrowOnError extends boolean = true>(options: Options<AuthChangePasswordData, ThrowOnError>) => (options.client ?? client).put<AuthChangePasswordResponses, AuthChangePasswordErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/auth/me/password',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Register
 */
export const authRegister = <ThrowOnError extends boolean = true>(options: Options<AuthRegisterData, ThrowOnError>) => (options.client ?? client).post<AuthRegisterResponses, AuthRegisterErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/auth/register',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List Bots
 */
export const botsList = <ThrowOnError extends boolean = true>(options?: Options<BotsListData, ThrowOnError>) => (options?.client ?? client).get<BotsListResponses, BotsListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots',
    ...options
});

/**
 * Create
 */
export const botsCreate = <ThrowOnError extends boolean = true>(options: Options<BotsCreateData, ThrowOnError>) => (options.client ?? client).post<BotsCreateResponses, BotsCreateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Delete
 *
 * Calls of the bot stay. 409 `bot_locked` or `bot_in_use`.
 */
export const botsDelete = <ThrowOnError extends boolean = true>(options: Options<BotsDeleteData, ThrowOnError>) => (options.client ?? client).delete<BotsDeleteResponses, BotsDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots/{bot_id}',
    ...options
});

/**
 * Get
 */
export const botsGet = <ThrowOnError extends boolean = true>(options: Options<BotsGetData, ThrowOnError>) => (options.client ?? client).get<BotsGetResponses, BotsGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots/{bot_id}',
    ...options
});

/**
 * Update
 *
 * Each field present replaces the stored one whole. 409 `bot_locked` (with `campaigns`) or `revision_conflict`.
 */
export const botsUpdate = <ThrowOnError extends boolean = true>(options: Options<BotsUpdateData, ThrowOnError>) => (options.client ?? client).put<BotsUpdateResponses, BotsUpdateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots/{bot_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Browser Call
 *
 * A test call with the browser's microphone: the client sends `context_id` as `_context` of its first frame.
 *
 * 503 `no_capacity`, `registry_unavailable`, `no_fleet`, `no_healthy_fleet`; 429 `quota_exceeded`.
 */
export const botsBrowserCall = <ThrowOnError extends boolean = true>(options: Options<BotsBrowserCallData, ThrowOnError>) => (options.client ?? client).post<BotsBrowserCallResponses, BotsBrowserCallErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots/{bot_id}/browser-call',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Clone
 *
 * A copy with a new id and a new widget key; calls, campaigns, numbers and caches are not copied.
 */
export const botsClone = <ThrowOnError extends boolean = true>(options: Options<BotsCloneData, ThrowOnError>) => (options.client ?? client).post<BotsCloneResponses, BotsCloneErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots/{bot_id}/clone',
    ...options
});

/**
 * Wss Url
 *
 * Where a carrier connects its media socket. 503 `no_fleet`.
 */
export const botsWssUrl = <ThrowOnError extends boolean = true>(options: Options<BotsWssUrlData, ThrowOnError>) => (options.client ?? client).get<BotsWssUrlResponses, BotsWssUrlErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/bots/{bot_id}/wss-url',
    ...options
});

/**
 * Receive
 *
 * The result of a call. 200 also for a repeat; 422 and 413 are final for the sender, everything else is not.
 */
export const resultsReceive = <ThrowOnError extends boolean = true>(options: Options<ResultsReceiveData, ThrowOnError>) => (options.client ?? client).post<ResultsReceiveResponses, ResultsReceiveErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }],
    url: '/api/v1/call-results',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List Calls
 *
 * Newest first; `sort` = `-created_at`, `created_at` or `-call_duration_seconds`. Goes on by `cursor`.
 */
export const callsList = <ThrowOnError extends boolean = true>(options?: Options<CallsListData, ThrowOnError>) => (options?.client ?? client).get<CallsListResponses, CallsListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/calls',
    ...options
});

/**
 * Export Csv
 *
 * The filters of the list over at most 92 days; 422 `range_too_wide`.
 */
export const callsExportCsv = <ThrowOnError extends boolean = true>(options?: Options<CallsExportCsvData, ThrowOnError>) => (options?.client ?? client).get<CallsExportCsvResponses, CallsExportCsvErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/calls/export.csv',
    ...options
});

/**
 * Delete
 *
 * The public link dies at once, the recording follows. 409 `in_progress`.
 */
export const callsDelete = <ThrowOnError extends boolean = true>(options: Options<CallsDeleteData, ThrowOnError>) => (options.client ?? client).delete<CallsDeleteResponses, CallsDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/calls/{session_id}',
    ...options
});

/**
 * Get
 */
export const callsGet = <ThrowOnError extends boolean = true>(options: Options<CallsGetData, ThrowOnError>) => (options.client ?? client).get<CallsGetResponses, CallsGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/calls/{session_id}',
    ...options
});

/**
 * Export Json
 *
 * The record as a file, without tokens and keys.
 */
export const callsExportJson = <ThrowOnError extends boolean = true>(options: Options<CallsExportJsonData, ThrowOnError>) => (options.client ?? client).get<CallsExportJsonResponses, CallsExportJsonErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/calls/{session_id}/export.json',
    ...options
});

/**
 * Receive
 *
 * A carrier's record of a call. Adds its own fields only, never status or analysis.
 */
export const cdrReceive = <ThrowOnError extends boolean = true>(options: Options<CdrReceiveData, ThrowOnError>) => (options.client ?? client).post<CdrReceiveResponses, CdrReceiveErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }],
    url: '/api/v1/cdr',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Build
 *
 * Everything a worker needs for one call.
 *
 * 503 `outside_active_hours` (its `detail` begins so), `provider_key_missing`, `config_too_large`.
 */
export const configBuild = <ThrowOnError extends boolean = true>(options: Options<ConfigBuildData, ThrowOnError>) => (options.client ?? client).get<ConfigBuildResponses, ConfigBuildErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }],
    url: '/api/v1/config/{bot_id}',
    ...options
});

/**
 * Drain
 *
 * Grant none of these seats from now on. 503 `registry_unavailable`.
 */
export const fleetDrain = <ThrowOnError extends boolean = true>(options: Options<FleetDrainData, ThrowOnError>) => (options.client ?? client).post<FleetDrainResponses, FleetDrainErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/fleet/drain',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Drains
 *
 * Every drain, how far it is, and when its last call may end. 503 `registry_unavailable`.
 */
export const fleetDrains = <ThrowOnError extends boolean = true>(options?: Options<FleetDrainsData, ThrowOnError>) => (options?.client ?? client).get<FleetDrainsResponses, FleetDrainsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/fleet/drains',
    ...options
});

/**
 * Quotas
 *
 * The limits of each client and what it uses. 503 `registry_unavailable`.
 */
export const fleetQuotas = <ThrowOnError extends boolean = true>(options?: Options<FleetQuotasData, ThrowOnError>) => (options?.client ?? client).get<FleetQuotasResponses, FleetQuotasErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/fleet/quotas',
    ...options
});

/**
 * Put Quota
 *
 * Replace the whole limits of one client. Calls that run are never cut. 503 `registry_unavailable`.
 */
export const fleetPutQuota = <ThrowOnError extends boolean = true>(options: Options<FleetPutQuotaData, ThrowOnError>) => (options.client ?? client).put<FleetPutQuotaResponses, FleetPutQuotaErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/fleet/quotas',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Status
 *
 * From the registry while it answers (`source`), else from the hosts themselves.
 */
export const fleetStatus = <ThrowOnError extends boolean = true>(options?: Options<FleetStatusData, ThrowOnError>) => (options?.client ?? client).get<FleetStatusResponses, FleetStatusErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/fleet/status',
    ...options
});

/**
 * Undrain
 *
 * Lift exactly this drain. 503 `registry_unavailable`.
 */
export const fleetUndrain = <ThrowOnError extends boolean = true>(options: Options<FleetUndrainData, ThrowOnError>) => (options.client ?? client).post<FleetUndrainResponses, FleetUndrainErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/fleet/undrain',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List Jobs
 *
 * Jobs, newest attempt first.
 */
export const outboxList = <ThrowOnError extends boolean = true>(options?: Options<OutboxListData, ThrowOnError>) => (options?.client ?? client).get<OutboxListResponses, OutboxListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/outbox',
    ...options
});

/**
 * Retry
 *
 * Start a dead job again, with its tries at zero. 409 `not_dead`.
 */
export const outboxRetry = <ThrowOnError extends boolean = true>(options: Options<OutboxRetryData, ThrowOnError>) => (options.client ?? client).post<OutboxRetryResponses, OutboxRetryErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/outbox/{id}/retry',
    ...options
});

/**
 *  Public
 *
 * The recording that a token stands for; needs no log-in. 404 `recording_not_found`, whatever the reason.
 */
export const recordingsPublic = <ThrowOnError extends boolean = true>(options: Options<RecordingsPublicData, ThrowOnError>) => (options.client ?? client).get<RecordingsPublicResponses, RecordingsPublicErrors, ThrowOnError>({ url: '/api/v1/public/recordings/{token}', ...options });

/**
 *  Public
 *
 * The recording that a token stands for; needs no log-in. 404 `recording_not_found`, whatever the reason.
 */
export const recordingsPublicHead = <ThrowOnError extends boolean = true>(options: Options<RecordingsPublicHeadData, ThrowOnError>) => (options.client ?? client).head<RecordingsPublicHeadResponses, RecordingsPublicHeadErrors, ThrowOnError>({ url: '/api/v1/public/recordings/{token}', ...options });

/**
 *  Admin
 *
 * The recording of a call. 404 `recording_not_found`.
 */
export const recordingsGet = <ThrowOnError extends boolean = true>(options: Options<RecordingsGetData, ThrowOnError>) => (options.client ?? client).get<RecordingsGetResponses, RecordingsGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/recordings/{session_id}',
    ...options
});

/**
 *  Admin
 *
 * The recording of a call. 404 `recording_not_found`.
 */
export const recordingsGetHead = <ThrowOnError extends boolean = true>(options: Options<RecordingsGetHeadData, ThrowOnError>) => (options.client ?? client).head<RecordingsGetHeadResponses, RecordingsGetHeadErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/recordings/{session_id}',
    ...options
});

/**
 * Get All
 */
export const settingsGet = <ThrowOnError extends boolean = true>(options?: Options<SettingsGetData, ThrowOnError>) => (options?.client ?? client).get<SettingsGetResponses, SettingsGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings',
    ...options
});

/**
 * Put Agent Assist
 */
export const settingsUpdateAgentAssist = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateAgentAssistData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateAgentAssistResponses, SettingsUpdateAgentAssistErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/agent-assist',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put Api Keys
 */
export const settingsUpdateApiKeys = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateApiKeysData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateApiKeysResponses, SettingsUpdateApiKeysErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/api-keys',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put Dialler
 */
export const settingsUpdateDialler = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateDiallerData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateDiallerResponses, SettingsUpdateDiallerErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/dialler',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Get Display
 */
export const settingsDisplay = <ThrowOnError extends boolean = true>(options?: Options<SettingsDisplayData, ThrowOnError>) => (options?.client ?? client).get<SettingsDisplayResponses, SettingsDisplayErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/display',
    ...options
});

/**
 * Put Fleet
 */
export const settingsUpdateFleet = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateFleetData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateFleetResponses, SettingsUpdateFleetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/fleet',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put General
 */
export const settingsUpdateGeneral = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateGeneralData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateGeneralResponses, SettingsUpdateGeneralErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/general',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put Knowledge
 */
export const settingsUpdateKnowledge = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateKnowledgeData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateKnowledgeResponses, SettingsUpdateKnowledgeErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/knowledge',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put Minio
 */
export const settingsUpdateMinio = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateMinioData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateMinioResponses, SettingsUpdateMinioErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/minio',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put Providers
 */
export const settingsUpdateProviders = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateProvidersData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateProvidersResponses, SettingsUpdateProvidersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/providers',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Put Timezone
 */
export const settingsUpdateTimezone = <ThrowOnError extends boolean = true>(options: Options<SettingsUpdateTimezoneData, ThrowOnError>) => (options.client ?? client).put<SettingsUpdateTimezoneResponses, SettingsUpdateTimezoneErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/settings/timezone',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List Users
 */
export const usersList = <ThrowOnError extends boolean = true>(options?: Options<UsersListData, ThrowOnError>) => (options?.client ?? client).get<UsersListResponses, UsersListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/users',
    ...options
});

/**
 * Delete User
 */
export const usersDelete = <ThrowOnError extends boolean = true>(options: Options<UsersDeleteData, ThrowOnError>) => (options.client ?? client).delete<UsersDeleteResponses, UsersDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/users/{user_id}',
    ...options
});

/**
 * Get User
 */
export const usersGet = <ThrowOnError extends boolean = true>(options: Options<UsersGetData, ThrowOnError>) => (options.client ?? client).get<UsersGetResponses, UsersGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/users/{user_id}',
    ...options
});

/**
 * Update User
 */
export const usersUpdate = <ThrowOnError extends boolean = true>(options: Options<UsersUpdateData, ThrowOnError>) => (options.client ?? client).put<UsersUpdateResponses, UsersUpdateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/users/{user_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Toggle Active
 *
 * Switches a user off, or on again.
 */
export const usersToggleActive = <ThrowOnError extends boolean = true>(options: Options<UsersToggleActiveData, ThrowOnError>) => (options.client ?? client).post<UsersToggleActiveResponses, UsersToggleActiveErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/users/{user_id}/deactivate',
    ...options
});

/**
 * Reset Password
 */
export const usersResetPassword = <ThrowOnError extends boolean = true>(options: Options<UsersResetPasswordData, ThrowOnError>) => (options.client ?? client).post<UsersResetPasswordResponses, UsersResetPasswordErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/users/{user_id}/reset-password',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Health
 */
export const healthCheck = <ThrowOnError extends boolean = true>(options?: Options<HealthCheckData, ThrowOnError>) => (options?.client ?? client).get<HealthCheckResponses, HealthCheckErrors, ThrowOnError>({ url: '/health', ...options });

/**
 * Live
 *
 * The process runs; no store is asked.
 */
export const healthLive = <ThrowOnError extends boolean = true>(options?: Options<HealthLiveData, ThrowOnError>) => (options?.client ?? client).get<HealthLiveResponses, unknown, ThrowOnError>({ url: '/health/live', ...options });

/**
 * Metrics
 */
export const metricsRead = <ThrowOnError extends boolean = true>(options?: Options<MetricsReadData, ThrowOnError>) => (options?.client ?? client).get<MetricsReadResponses, MetricsReadErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/metrics',
    ...options
});
