// Made by `npm run gen`; do not edit.
// @ts-nocheck

import { type Client, formDataBodySerializer, type Options as Options2, type TDataShape } from './client';
import { client } from './client.gen';
import type { AnalyticsCallsPerHourData, AnalyticsCallsPerHourErrors, AnalyticsCallsPerHourResponses, AnalyticsDisconnectReasonsData, AnalyticsDisconnectReasonsErrors, AnalyticsDisconnectReasonsResponses, AnalyticsDispositionsData, AnalyticsDispositionsErrors, AnalyticsDispositionsResponses, AnalyticsLatencyData, AnalyticsLatencyErrors, AnalyticsLatencyResponses, AnalyticsOverviewData, AnalyticsOverviewErrors, AnalyticsOverviewResponses, ApiKeysCreateData, ApiKeysCreateErrors, ApiKeysCreateResponses, ApiKeysDeleteData, ApiKeysDeleteErrors, ApiKeysDeleteResponses, ApiKeysListData, ApiKeysListErrors, ApiKeysListResponses, ApiKeysUpdateData, ApiKeysUpdateErrors, ApiKeysUpdateResponses, AttemptsListData, AttemptsListErrors, AttemptsListResponses, AttemptsReportCsvData, AttemptsReportCsvErrors, AttemptsReportCsvResponses, AuditExportCsvData, AuditExportCsvErrors, AuditExportCsvResponses, AuditListData, AuditListErrors, AuditListResponses, AuthChangePasswordData, AuthChangePasswordErrors, AuthChangePasswordResponses, AuthLoginData, AuthLoginErrors, AuthLoginResponses, AuthMeData, AuthMeErrors, AuthMeResponses, AuthRegisterData, AuthRegisterErrors, AuthRegisterResponses, AuthUpdateMeData, AuthUpdateMeErrors, AuthUpdateMeResponses, BotsBrowserCallData, BotsBrowserCallErrors, BotsBrowserCallResponses, BotsCloneData, BotsCloneErrors, BotsCloneResponses, BotsCreateData, BotsCreateErrors, BotsCreateResponses, BotsDeleteData, BotsDeleteErrors, BotsDeleteResponses, BotsGetData, BotsGetErrors, BotsGetResponses, BotsListData, BotsListErrors, BotsListResponses, BotsUpdateData, BotsUpdateErrors, BotsUpdateResponses, BotsWssUrlData, BotsWssUrlErrors, BotsWssUrlResponses, CallsDeleteData, CallsDeleteErrors, CallsDeleteResponses, CallsExportCsvData, CallsExportCsvErrors, CallsExportCsvResponses, CallsExportJsonData, CallsExportJsonErrors, CallsExportJsonResponses, CallsGetData, CallsGetErrors, CallsGetResponses, CallsListData, CallsListErrors, CallsListResponses, CampaignsCancelRestartData, CampaignsCancelRestartErrors, CampaignsCancelRestartResponses, CampaignsCloneData, CampaignsCloneErrors, CampaignsCloneResponses, CampaignsCreateData, CampaignsCreateErrors, CampaignsCreateResponses, CampaignsDeleteData, CampaignsDeleteErrors, CampaignsDeleteResponses, CampaignsGetData, CampaignsGetErrors, CampaignsGetResponses, CampaignsListData, CampaignsListErrors, CampaignsListResponses, CampaignsPauseData, CampaignsPauseErrors, CampaignsPauseResponses, CampaignsRestartData, CampaignsRestartErrors, CampaignsRestartResponses, CampaignsResumeData, CampaignsResumeErrors, CampaignsResumeResponses, CampaignsStartData, CampaignsStartErrors, CampaignsStartResponses, CampaignsStopData, CampaignsStopErrors, CampaignsStopResponses, CampaignsUpdateData, CampaignsUpdateErrors, CampaignsUpdateResponses, CarriersAddDidData, CarriersAddDidErrors, CarriersAddDidResponses, CarriersCreateData, CarriersCreateErrors, CarriersCreateResponses, CarriersCredentialsData, CarriersCredentialsErrors, CarriersCredentialsResponses, CarriersDeleteData, CarriersDeleteDidData, CarriersDeleteDidErrors, CarriersDeleteDidResponses, CarriersDeleteErrors, CarriersDeleteResponses, CarriersGetData, CarriersGetErrors, CarriersGetResponses, CarriersListData, CarriersListErrors, CarriersListResponses, CarriersSyncData, CarriersSyncErrors, CarriersSyncResponses, CarriersUpdateData, CarriersUpdateDidData, CarriersUpdateDidErrors, CarriersUpdateDidResponses, CarriersUpdateErrors, CarriersUpdateResponses, CdrReceiveData, CdrReceiveErrors, CdrReceiveResponses, ConfigBuildData, ConfigBuildErrors, ConfigBuildResponses, ContactsAddData, ContactsAddErrors, ContactsAddResponses, ContactsExcludeData, ContactsExcludedData, ContactsExcludedErrors, ContactsExcludedResponses, ContactsExcludeErrors, ContactsExcludeResponses, ContactsIncludeData, ContactsIncludeErrors, ContactsIncludeResponses, ContactsListData, ContactsListErrors, ContactsListResponses, ContactsUploadData, ContactsUploadErrors, ContactsUploadReportData, ContactsUploadReportErrors, ContactsUploadReportResponses, ContactsUploadResponses, DncAddData, DncAddErrors, DncAddResponses, DncDeleteData, DncDeleteErrors, DncDeleteResponses, DncExportCsvData, DncExportCsvErrors, DncExportCsvResponses, DncGetData, DncGetErrors, DncGetResponses, DncListData, DncListErrors, DncListResponses, DncUploadData, DncUploadErrors, DncUploadResponses, EventsStreamData, EventsStreamErrors, EventsStreamResponse, EventsStreamResponses, FleetDrainData, FleetDrainErrors, FleetDrainResponses, FleetDrainsData, FleetDrainsErrors, FleetDrainsResponses, FleetPutQuotaData, FleetPutQuotaErrors, FleetPutQuotaResponses, FleetQuotasData, FleetQuotasErrors, FleetQuotasResponses, FleetStatusData, FleetStatusErrors, FleetStatusResponses, FleetUndrainData, FleetUndrainErrors, FleetUndrainResponses, HealthCheckData, HealthCheckErrors, HealthCheckResponses, HealthLiveData, HealthLiveResponses, MetricsReadData, MetricsReadErrors, MetricsReadResponses, OutboxListData, OutboxListErrors, OutboxListResponses, OutboxRetryData, OutboxRetryErrors, OutboxRetryResponses, RecordingsGetData, RecordingsGetErrors, RecordingsGetHeadData, RecordingsGetHeadErrors, RecordingsGetHeadResponses, RecordingsGetResponses, RecordingsPublicData, RecordingsPublicErrors, RecordingsPublicHeadData, RecordingsPublicHeadErrors, RecordingsPublicHeadResponses, RecordingsPublicResponses, ResultsReceiveData, ResultsReceiveErrors, ResultsReceiveResponses, SettingsDisplayData, SettingsDisplayErrors, SettingsDisplayResponses, SettingsGetData, SettingsGetErrors, SettingsGetResponses, SettingsUpdateAgentAssistData, SettingsUpdateAgentAssistErrors, SettingsUpdateAgentAssistResponses, SettingsUpdateApiKeysData, SettingsUpdateApiKeysErrors, SettingsUpdateApiKeysResponses, SettingsUpdateDiallerData, SettingsUpdateDiallerErrors, SettingsUpdateDiallerResponses, SettingsUpdateFleetData, SettingsUpdateFleetErrors, SettingsUpdateFleetResponses, SettingsUpdateGeneralData, SettingsUpdateGeneralErrors, SettingsUpdateGeneralResponses, SettingsUpdateKnowledgeData, SettingsUpdateKnowledgeErrors, SettingsUpdateKnowledgeResponses, SettingsUpdateMinioData, SettingsUpdateMinioErrors, SettingsUpdateMinioResponses, SettingsUpdateProvidersData, SettingsUpdateProvidersErrors, SettingsUpdateProvidersResponses, SettingsUpdateTimezoneData, SettingsUpdateTimezoneErrors, SettingsUpdateTimezoneResponses, SipDialoutData, SipDialoutErrors, SipDialoutResponses, SipLookupData, SipLookupErrors, SipLookupResponses, SipOutboundTrunkData, SipOutboundTrunkErrors, SipOutboundTrunkResponses, UsersDeleteData, UsersDeleteErrors, UsersDeleteResponses, UsersGetData, UsersGetErrors, UsersGetResponses, UsersListData, UsersListErrors, UsersListResponses, UsersResetPasswordData, UsersResetPasswordErrors, UsersResetPasswordResponses, UsersToggleActiveData, UsersToggleActiveErrors, UsersToggleActiveResponses, UsersUpdateData, UsersUpdateErrors, UsersUpdateResponses } from './types.gen';

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
 * Calls Per Hour
 *
 * Calls by the hour or day in which they began.
 */
export const analyticsCallsPerHour = <ThrowOnError extends boolean = true>(options?: Options<AnalyticsCallsPerHourData, ThrowOnError>) => (options?.client ?? client).get<AnalyticsCallsPerHourResponses, AnalyticsCallsPerHourErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/analytics/calls-per-hour',
    ...options
});

/**
 * Disconnect Reasons
 *
 * Who or what ended the calls.
 */
export const analyticsDisconnectReasons = <ThrowOnError extends boolean = true>(options?: Options<AnalyticsDisconnectReasonsData, ThrowOnError>) => (options?.client ?? client).get<AnalyticsDisconnectReasonsResponses, AnalyticsDisconnectReasonsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/analytics/disconnect-reasons',
    ...options
});

/**
 * Dispositions
 *
 * How the calls that ended were judged.
 */
export const analyticsDispositions = <ThrowOnError extends boolean = true>(options?: Options<AnalyticsDispositionsData, ThrowOnError>) => (options?.client ?? client).get<AnalyticsDispositionsResponses, AnalyticsDispositionsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/analytics/dispositions',
    ...options
});

/**
 * Latency
 *
 * Median and 95th percentile of the calls' average response times.
 */
export const analyticsLatency = <ThrowOnError extends boolean = true>(options?: Options<AnalyticsLatencyData, ThrowOnError>) => (options?.client ?? client).get<AnalyticsLatencyResponses, AnalyticsLatencyErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/analytics/latency',
    ...options
});

/**
 * Overview
 *
 * Figures of a range of at most 92 days, and of the period before. 422 `range_too_wide`.
 */
export const analyticsOverview = <ThrowOnError extends boolean = true>(options?: Options<AnalyticsOverviewData, ThrowOnError>) => (options?.client ?? client).get<AnalyticsOverviewResponses, AnalyticsOverviewErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/analytics/overview',
    ...options
});

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
 * Export Csv
 *
 * The entries that fit the filters of the list, newest first.
 */
export const auditExportCsv = <ThrowOnError extends boolean = true>(options?: Options<AuditExportCsvData, ThrowOnError>) => (options?.client ?? client).get<AuditExportCsvResponses, AuditExportCsvErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/audit-log/export.csv',
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
 * List Campaigns
 *
 * Newest first. `status`: `draft, running, paused, completed, failed`, several with commas.
 */
export const campaignsList = <ThrowOnError extends boolean = true>(options?: Options<CampaignsListData, ThrowOnError>) => (options?.client ?? client).get<CampaignsListResponses, CampaignsListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns',
    ...options
});

/**
 * Create
 *
 * 404 `bot_not_found`; 422 `number_unknown`: no carrier calls out with it.
 */
export const campaignsCreate = <ThrowOnError extends boolean = true>(options: Options<CampaignsCreateData, ThrowOnError>) => (options.client ?? client).post<CampaignsCreateResponses, CampaignsCreateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Delete
 *
 * A draft that never started, with its contacts. 409 `not_deletable`.
 */
export const campaignsDelete = <ThrowOnError extends boolean = true>(options: Options<CampaignsDeleteData, ThrowOnError>) => (options.client ?? client).delete<CampaignsDeleteResponses, CampaignsDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}',
    ...options
});

/**
 * Get
 */
export const campaignsGet = <ThrowOnError extends boolean = true>(options: Options<CampaignsGetData, ThrowOnError>) => (options.client ?? client).get<CampaignsGetResponses, CampaignsGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}',
    ...options
});

/**
 * Update
 *
 * Draft or paused. 409 `not_editable`, `identity_locked` (name and bot once it has run).
 */
export const campaignsUpdate = <ThrowOnError extends boolean = true>(options: Options<CampaignsUpdateData, ThrowOnError>) => (options.client ?? client).patch<CampaignsUpdateResponses, CampaignsUpdateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Attempt Report
 *
 * Every ended attempt of all runs, oldest first; times in the campaign's zone, a column for every variable.
 *
 * 422 `too_many_variables`.
 */
export const attemptsReportCsv = <ThrowOnError extends boolean = true>(options: Options<AttemptsReportCsvData, ThrowOnError>) => (options.client ?? client).get<AttemptsReportCsvResponses, AttemptsReportCsvErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/attempt-report.csv',
    ...options
});

/**
 * List Contacts
 *
 * In the order of the list; `sort` = `row_no` or `-last_attempt_at`. Dates are those of the last attempt; the
 * status `scheduled` means `retry_scheduled`. Goes on by `cursor`.
 */
export const contactsList = <ThrowOnError extends boolean = true>(options: Options<ContactsListData, ThrowOnError>) => (options.client ?? client).get<ContactsListResponses, ContactsListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/calls',
    ...options
});

/**
 * List Attempts
 *
 * The dials of one contact in all runs, newest first; those that were never placed are not among them.
 */
export const attemptsList = <ThrowOnError extends boolean = true>(options: Options<AttemptsListData, ThrowOnError>) => (options.client ?? client).get<AttemptsListResponses, AttemptsListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/calls/{campaign_call_id}/attempts',
    ...options
});

/**
 * Cancel Restart
 *
 * Back to the state before the restart. 409 `not_prepared`.
 */
export const campaignsCancelRestart = <ThrowOnError extends boolean = true>(options: Options<CampaignsCancelRestartData, ThrowOnError>) => (options.client ?? client).post<CampaignsCancelRestartResponses, CampaignsCancelRestartErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/cancel-restart',
    ...options
});

/**
 * Clone
 *
 * A draft with the same bot, numbers and configuration, without contacts.
 */
export const campaignsClone = <ThrowOnError extends boolean = true>(options: Options<CampaignsCloneData, ThrowOnError>) => (options.client ?? client).post<CampaignsCloneResponses, CampaignsCloneErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/clone',
    ...options
});

/**
 * Add Contacts
 *
 * Add contacts to a draft or to a campaign that runs. 409 `invalid_state`, `upload_in_progress`, `in_progress`;
 * 403 `bot_not_allowed`; 422 `idempotency_mismatch`.
 */
export const contactsAdd = <ThrowOnError extends boolean = true>(options: Options<ContactsAddData, ThrowOnError>) => (options.client ?? client).post<ContactsAddResponses, ContactsAddErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }, { scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/contacts',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List Excluded
 *
 * Newest first; `sort` = `-at` or `at`. Goes on by `cursor`.
 */
export const contactsExcluded = <ThrowOnError extends boolean = true>(options: Options<ContactsExcludedData, ThrowOnError>) => (options.client ?? client).get<ContactsExcludedResponses, ContactsExcludedErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/exclude',
    ...options
});

/**
 * Exclude
 *
 * This campaign calls none of them (again), also when they are added later. 403 `bot_not_allowed`;
 * 409 `in_progress`; 422 `idempotency_mismatch`.
 */
export const contactsExclude = <ThrowOnError extends boolean = true>(options: Options<ContactsExcludeData, ThrowOnError>) => (options.client ?? client).post<ContactsExcludeResponses, ContactsExcludeErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }, { scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/exclude',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Include
 *
 * A contact with this number that is added later is called; contacts that are `excluded` stay so.
 */
export const contactsInclude = <ThrowOnError extends boolean = true>(options: Options<ContactsIncludeData, ThrowOnError>) => (options.client ?? client).delete<ContactsIncludeResponses, ContactsIncludeErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/exclude/{phone_number}',
    ...options
});

/**
 * Pause
 *
 * No new dial; live calls go on. 409 `invalid_state`.
 */
export const campaignsPause = <ThrowOnError extends boolean = true>(options: Options<CampaignsPauseData, ThrowOnError>) => (options.client ?? client).post<CampaignsPauseResponses, CampaignsPauseErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/pause',
    ...options
});

/**
 * Restart
 *
 * Prepare another run; contacts stay as they are until it starts. 409 `invalid_state`.
 */
export const campaignsRestart = <ThrowOnError extends boolean = true>(options: Options<CampaignsRestartData, ThrowOnError>) => (options.client ?? client).post<CampaignsRestartResponses, CampaignsRestartErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/restart',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Resume
 *
 * The same as start, for a campaign that is paused.
 */
export const campaignsResume = <ThrowOnError extends boolean = true>(options: Options<CampaignsResumeData, ThrowOnError>) => (options.client ?? client).post<CampaignsResumeResponses, CampaignsResumeErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/resume',
    ...options
});

/**
 * Start
 *
 * 409 `invalid_state`; 409 `cannot_start` with `reasons`.
 */
export const campaignsStart = <ThrowOnError extends boolean = true>(options: Options<CampaignsStartData, ThrowOnError>) => (options.client ?? client).post<CampaignsStartResponses, CampaignsStartErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/start',
    ...options
});

/**
 * Stop
 *
 * The end: waiting contacts become `manual_stopped`, live calls go on. 409 `invalid_state`.
 */
export const campaignsStop = <ThrowOnError extends boolean = true>(options: Options<CampaignsStopData, ThrowOnError>) => (options.client ?? client).post<CampaignsStopResponses, CampaignsStopErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/stop',
    ...options
});

/**
 * Upload File
 *
 * Replace the contacts by those of a CSV file with a column `phone_number`; on any refusal they stay.
 *
 * 409 `identity_locked`, `invalid_state`, `upload_in_progress`; 422 `not_csv`, `missing_phone_number`,
 * `duplicate_header`, `too_many_columns`, `invalid_header`, `no_valid_rows` (with `sample_errors`).
 */
export const contactsUpload = <ThrowOnError extends boolean = true>(options: Options<ContactsUploadData, ThrowOnError>) => (options.client ?? client).post<ContactsUploadResponses, ContactsUploadErrors, ThrowOnError>({
    ...formDataBodySerializer,
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/upload',
    ...options,
    headers: {
        'Content-Type': null,
        ...options.headers
    }
});

/**
 * Upload Report
 *
 * The rows of the last upload that were not taken in, with the reason of each.
 */
export const contactsUploadReport = <ThrowOnError extends boolean = true>(options: Options<ContactsUploadReportData, ThrowOnError>) => (options.client ?? client).get<ContactsUploadReportResponses, ContactsUploadReportErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/campaigns/{campaign_id}/upload-report.csv',
    ...options
});

/**
 * List Carriers
 *
 * By name; `sort` = `name`, `-name`, `created_at`, `-created_at`.
 */
export const carriersList = <ThrowOnError extends boolean = true>(options?: Options<CarriersListData, ThrowOnError>) => (options?.client ?? client).get<CarriersListResponses, CarriersListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers',
    ...options
});

/**
 * Create
 *
 * 409 `name_taken`, `number_taken`; 404 `bot_not_found`. A carrier over LiveKit is saved as `pending`.
 */
export const carriersCreate = <ThrowOnError extends boolean = true>(options: Options<CarriersCreateData, ThrowOnError>) => (options.client ?? client).post<CarriersCreateResponses, CarriersCreateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Delete
 *
 * Its numbers go with it. 409 `in_use`, `managed_elsewhere`.
 */
export const carriersDelete = <ThrowOnError extends boolean = true>(options: Options<CarriersDeleteData, ThrowOnError>) => (options.client ?? client).delete<CarriersDeleteResponses, CarriersDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}',
    ...options
});

/**
 * Get
 */
export const carriersGet = <ThrowOnError extends boolean = true>(options: Options<CarriersGetData, ThrowOnError>) => (options.client ?? client).get<CarriersGetResponses, CarriersGetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}',
    ...options
});

/**
 * Update
 *
 * 409 `in_use`: a running or paused campaign needs what would change (name, rates and secrets may change at any
 * time); `name_taken`, `number_taken`, `managed_elsewhere`. 422 `secret_required`: its API moved, its secrets too.
 */
export const carriersUpdate = <ThrowOnError extends boolean = true>(options: Options<CarriersUpdateData, ThrowOnError>) => (options.client ?? client).put<CarriersUpdateResponses, CarriersUpdateErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Add Did
 *
 * 409 `number_taken`: each number belongs to one carrier.
 */
export const carriersAddDid = <ThrowOnError extends boolean = true>(options: Options<CarriersAddDidData, ThrowOnError>) => (options.client ?? client).post<CarriersAddDidResponses, CarriersAddDidErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}/dids',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Delete Did
 *
 * 409 `in_use`.
 */
export const carriersDeleteDid = <ThrowOnError extends boolean = true>(options: Options<CarriersDeleteDidData, ThrowOnError>) => (options.client ?? client).delete<CarriersDeleteDidResponses, CarriersDeleteDidErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}/dids/{did_id}',
    ...options
});

/**
 * Update Did
 *
 * 409 `in_use`: a running or paused campaign calls from it, and could not any more; `number_taken`.
 */
export const carriersUpdateDid = <ThrowOnError extends boolean = true>(options: Options<CarriersUpdateDidData, ThrowOnError>) => (options.client ?? client).put<CarriersUpdateDidResponses, CarriersUpdateDidErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}/dids/{did_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Sync
 *
 * A `websocket_carrier` needs none and is returned. 503 `livekit_not_configured`.
 */
export const carriersSync = <ThrowOnError extends boolean = true>(options: Options<CarriersSyncData, ThrowOnError>) => (options.client ?? client).post<CarriersSyncResponses, CarriersSyncErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/carriers/{carrier_id}/sync',
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
 * List Entries
 *
 * Newest first; `sort` = `-created_at` or `created_at`. Goes on by `cursor`. Entries that ended are left out.
 */
export const dncList = <ThrowOnError extends boolean = true>(options?: Options<DncListData, ThrowOnError>) => (options?.client ?? client).get<DncListResponses, DncListErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/dnc',
    ...options
});

/**
 * Add
 *
 * Nobody of them is called again; contacts that wait become `excluded` within seconds.
 */
export const dncAdd = <ThrowOnError extends boolean = true>(options: Options<DncAddData, ThrowOnError>) => (options.client ?? client).post<DncAddResponses, DncAddErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }, { scheme: 'bearer', type: 'http' }],
    url: '/api/v1/dnc',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Export Csv
 *
 * The whole list, newest first.
 */
export const dncExportCsv = <ThrowOnError extends boolean = true>(options?: Options<DncExportCsvData, ThrowOnError>) => (options?.client ?? client).get<DncExportCsvResponses, DncExportCsvErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/dnc/export.csv',
    ...options
});

/**
 * Upload
 *
 * Add the numbers of a CSV file with a column `phone_number`; nothing is replaced.
 *
 * 422 `not_csv`, `missing_phone_number`, `duplicate_header`, `too_many_columns`, `invalid_header`, `no_valid_rows`.
 */
export const dncUpload = <ThrowOnError extends boolean = true>(options: Options<DncUploadData, ThrowOnError>) => (options.client ?? client).post<DncUploadResponses, DncUploadErrors, ThrowOnError>({
    ...formDataBodySerializer,
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/dnc/upload',
    ...options,
    headers: {
        'Content-Type': null,
        ...options.headers
    }
});

/**
 * Delete
 *
 * The number may be called again; contacts that are `excluded` stay so.
 */
export const dncDelete = <ThrowOnError extends boolean = true>(options: Options<DncDeleteData, ThrowOnError>) => (options.client ?? client).delete<DncDeleteResponses, DncDeleteErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/dnc/{phone_number}',
    ...options
});

/**
 * Check
 *
 * 404 `not_listed`: the number may be called.
 */
export const dncGet = <ThrowOnError extends boolean = true>(options: Options<DncGetData, ThrowOnError>) => (options.client ?? client).get<DncGetResponses, DncGetErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }, { scheme: 'bearer', type: 'http' }],
    url: '/api/v1/dnc/{phone_number}',
    ...options
});

/**
 * Stream
 *
 * Server-sent events. A comment line every 15 s; it ends with the token. 429 `too_many_streams`.
 */
export const eventsStream = <ThrowOnError extends boolean = true>(options: Options<EventsStreamData, ThrowOnError, EventsStreamResponse>) => (options.client ?? client).sse.get<EventsStreamResponses, EventsStreamErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/api/v1/events/stream',
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
 * Credentials
 *
 * What opens the API of a `websocket_carrier`, in clear. 404: it has none.
 */
export const carriersCredentials = <ThrowOnError extends boolean = true>(options: Options<CarriersCredentialsData, ThrowOnError>) => (options.client ?? client).get<CarriersCredentialsResponses, CarriersCredentialsErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }],
    url: '/api/v1/internal/carriers/{carrier_id}/credentials',
    ...options
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
 * Dialout
 *
 * Ring somebody and let a bot talk to them. The answer comes when the call was handed to the carrier.
 *
 * 404 `bot_not_found`, `bot_inactive`; 409 `do_not_call`, `in_progress`; 422 `number_unknown`, `number_invalid`,
 * `reserved_variable`, `variables_and_connected_event`, `event_too_large`, `idempotency_mismatch`;
 * 429 `quota_exceeded`, `rate_limited`; 502 `carrier_refused`: nobody was rung; 502 `start_unknown`: somebody may
 * ring, and a repeat with the same Idempotency-Key tells the same; 503 `outside_active_hours`, `no_capacity`,
 * `no_fleet`, `no_healthy_fleet`, `registry_unavailable`, `livekit_not_configured`, `carrier_unavailable`.
 */
export const sipDialout = <ThrowOnError extends boolean = true>(options: Options<SipDialoutData, ThrowOnError>) => (options.client ?? client).post<SipDialoutResponses, SipDialoutErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }, { scheme: 'bearer', type: 'http' }],
    url: '/api/v1/sip/dialout',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lookup
 *
 * Which bot answers calls to a number. 404 `number_unknown`.
 */
export const sipLookup = <ThrowOnError extends boolean = true>(options: Options<SipLookupData, ThrowOnError>) => (options.client ?? client).get<SipLookupResponses, SipLookupErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }],
    url: '/api/v1/sip/lookup',
    ...options
});

/**
 * Outbound Trunk
 *
 * How to call out from a number; without one, from that which rested longest. 404 `number_unknown`.
 */
export const sipOutboundTrunk = <ThrowOnError extends boolean = true>(options?: Options<SipOutboundTrunkData, ThrowOnError>) => (options?.client ?? client).get<SipOutboundTrunkResponses, SipOutboundTrunkErrors, ThrowOnError>({
    security: [{ name: 'X-VoxCore-Secret', type: 'apiKey' }],
    url: '/api/v1/sip/outbound-trunk',
    ...options
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
