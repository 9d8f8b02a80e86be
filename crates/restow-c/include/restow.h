#ifndef RESTOW_H
#define RESTOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Restow: back up and restore media licenses.
 *
 * Results. A call that can fail returns a result code, RESTOW_OK for success. The numbers are those of Windows; a call
 * may return codes without a name in this file. Unless `error` is null, the call sets it to null or to the error.
 *
 * Ownership. The caller owns objects in output parameters and the result of restow_poll, and frees them with the
 * restow_..._free function of the type. Freeing null has no effect. A failed call sets its output parameters to null. A
 * const pointer that a function returns is a part of its argument and has the lifetime of the argument. The library
 * keeps no argument after the call, except a callback and its context.
 *
 * Text. Texts are UTF-8 with a zero at the end. A required argument that is null, and a text that is not UTF-8, return
 * RESTOW_E_INVALIDARG. Functions that read a part of null return null or 0. Names, titles and messages are for people
 * and safe to print: characters that control a terminal are replaced.
 *
 * Threads. Any thread may call any function, also with the same handle at the same time. A handle is freed last: no other
 * call may use the handle or its parts during the free or later. If a callback frees the restorer, the call that started
 * the run counts as returned, but restow_wait and restow_poll on other threads do not. Two handles of one folder are one
 * home. Calls with a home wait for the disk, and for a service where the function says so. restow_backup,
 * restow_restore, restow_cancel and all functions that read a part return at once.
 *
 * Runs. One backup or restore at a time uses a home, across all processes. A run has its own thread, which calls the
 * callback. The first callback may come before restow_backup or restow_restore returns. Each run reports RESTOW_STATUS_END
 * exactly once, and last. The callback and its context must stay valid until the callback returns from END, also if
 * the restorer is freed earlier. Wait for this with restow_wait, or let END free the context. When a program ends, its
 * runs end; a run that is not committed then changes nothing. Never unload the library. After a fork, the child makes no
 * call.
 *
 * During END the next run may start, from the callback or from another thread. It has its own thread, so its first events
 * may come before the callback returns from the END of the earlier run. Use a lock for data that both runs use.
 *
 * Encrypted backups are recognized, but cannot be read or written yet. A later version takes the passphrase from the
 * file in the environment variable RESTOW_PASSPHRASE_FILE, or from the file in settings.json of the home. Without a
 * passphrase, END has RESTOW_E_NOT_CONFIGURED. See docs/wmformat.md.
 *
 * A callback may call every function. In END it may start the next run; before END the start returns RESTOW_E_BUSY.
 * restow_wait returns at once in a callback. A callback may free the restorer and the home. The run waits for the
 * callback. A callback must return: no exception, no longjmp.
 */

// Success.
#define RESTOW_OK 0

// An argument is null and must not be, is not UTF-8, or has an invalid value.
#define RESTOW_E_INVALIDARG ((int32_t)0x80070057)

// The file or folder does not exist.
#define RESTOW_E_NO_FILE ((int32_t)0xC00D001C)

// The home cannot be opened, read or written.
#define RESTOW_E_HOME ((int32_t)0xC00D2712)

// The home was copied from another machine: restore a backup instead.
#define RESTOW_E_OTHER_MACHINE ((int32_t)0xC00D2719)

// The home has no license for this key ID, or this computer was granted none.
#define RESTOW_E_NO_LICENSE ((int32_t)0xC00D2759)

// No license gives this right, or all its uses are used up.
#define RESTOW_E_NO_RIGHTS ((int32_t)0xC00D2720)

// The license has expired.
#define RESTOW_E_EXPIRED ((int32_t)0xC00D27D8)

// The license is not valid yet.
#define RESTOW_E_NOT_YET_VALID ((int32_t)0xC00D27D9)

// The license was revoked, returned or cancelled.
#define RESTOW_E_UNUSABLE ((int32_t)0xC00D2748)

// The document is not a license that can be stored.
#define RESTOW_E_INVALID_LICENSE ((int32_t)0xC00D2718)

// No location is set.
#define RESTOW_E_NO_LOCATION ((int32_t)0xC00D2749)

// The location cannot be used. Code `backup-gone`: the backup of this computer is missing there.
#define RESTOW_E_LOCATION ((int32_t)0xC00D1137)

// The system does not let this program read or write there.
#define RESTOW_E_ACCESS_DENIED ((int32_t)0x80070005)

// The backup is encrypted and no file with its passphrase can be read. The help names the setting.
#define RESTOW_E_NOT_CONFIGURED ((int32_t)0xC00D2764)

// Another backup or restore is running.
#define RESTOW_E_BUSY ((int32_t)0xC00D2744)

// The location already has a backup of this computer, and `RESTOW_BACKUP_OVERWRITE` is not set.
#define RESTOW_E_BACKUP_EXISTS ((int32_t)0xC00D2742)

// There is no backup, or the backup is damaged.
#define RESTOW_E_BACKUP_CORRUPT ((int32_t)0xC00D2743)

// This computer must be registered with a service: ask the user, then restore with
// `RESTOW_RESTORE_INDIVIDUALIZE`.
#define RESTOW_E_NEEDS_INDIVIDUALIZATION ((int32_t)0xC00D2728)

// The licenses may not be restored to this computer, for example because the limit of computers is reached.
#define RESTOW_E_RESTORE_FRAUD ((int32_t)0xC00D2753)

// A service cannot be reached. Codes `private-address` and `service-private-address`: its user must add the
// service, because its address is private.
#define RESTOW_E_SERVICE_UNAVAILABLE ((int32_t)0xC00D2846)

// The answer of a service cannot be used.
#define RESTOW_E_BAD_ANSWER ((int32_t)0xC00D275E)

// Only some licenses were restored. Of a backup: licenses are damaged there and not on this computer, or the
// drive does not return what was written.
#define RESTOW_E_NOT_ALL_STORED ((int32_t)0xC00D275F)

// The operation was cancelled.
#define RESTOW_E_CANCELED ((int32_t)0xC00D2768)

// Reading and writing begins.
#define RESTOW_STATUS_BEGIN 21

// A service must be contacted, and the user has not consented to register this computer there:
// `restow_event_service`, `_origin`, `_fingerprint`. No data was sent.
#define RESTOW_STATUS_NEEDS_INDIVIDUALIZATION 25

// The run has ended: `restow_event_hresult`, `_summary`, and after a failure `_code`, `_message`, `_help`.
// `restow_event_license` has the licenses that were not restored. Exactly once, and last.
#define RESTOW_STATUS_END 27

// Contact with a service begins: `restow_event_service`.
#define RESTOW_STATUS_CONNECTING 28

// Contact with a service has ended, with or without success: `restow_event_service`.
#define RESTOW_STATUS_DISCONNECTING 29

// A service refused licenses and has a page with the reason: `restow_event_service`, `_url`. Show the page in
// a browser.
#define RESTOW_STATUS_ERROR_WITHURL 30

// A license may not be backed up: `restow_event_license`.
#define RESTOW_STATUS_RESTRICTED_LICENSE 31

// An LCP provider was not asked, because the user has not consented: `restow_event_origin`, and
// `restow_event_service` if the provider has a name. The licenses are restored. Once for each provider, before END.
// To ask: `restow_ask_provider`, then restore again.
#define RESTOW_STATUS_NEEDS_PROVIDER_CONSENT (-2)

// Progress of the run: `restow_event_progress`. At most ten events a second, never before BEGIN. `WMT_STATUS`
// of the Windows Media Format SDK has the positive numbers.
#define RESTOW_STATUS_PROGRESS (-1)

// For `restow_backup`: adds to an existing backup of this computer. Older generations stay.
#define RESTOW_BACKUP_OVERWRITE 1

// For `restow_backup`: begins a new backup at a location where the backup of this computer is missing. Without
// this flag the run ends with `RESTOW_E_LOCATION` and the code `backup-gone`, because a drive may not be
// connected. Set it after a question to the user.
#define RESTOW_BACKUP_NEW 16

// For `restow_restore`: the user consents to register this computer with every service needed. LCP providers need
// consent of their own: see `restow_ask_provider`.
#define RESTOW_RESTORE_INDIVIDUALIZE 2

// For `restow_restore`: adopts licenses of other holders.
#define RESTOW_RESTORE_ADOPT 4

// For `restow_use` and `restow_open_key`: contacts no service. The next contact reports the use.
#define RESTOW_USE_OFFLINE 8

// Reason for a failed call or a refused item.
typedef struct restow_error restow_error;

// Event of a run.
typedef struct restow_event restow_event;

// Installation of Restow: a folder with licenses and keys.
typedef struct restow_home restow_home;

// Result of an import or an acquisition.
typedef struct restow_import_result restow_import_result;

// License of a home or of an event. It is a part of the object that returned it.
typedef struct restow_license restow_license;

// List of the licenses of a home.
typedef struct restow_licenses restow_licenses;

// Provider of LCP licenses that a restore would ask for the status of licenses. It is a part of the plan.
typedef struct restow_provider restow_provider;

// Plan of a restore, as `restow_plan_restore` computes it.
typedef struct restow_restore_plan restow_restore_plan;

// Restorer that backs up and restores, one run at a time and any number of times.
typedef struct restow_restorer restow_restorer;

// Service that a restore would ask. It is a part of the plan.
typedef struct restow_service restow_service;

// List of texts.
typedef struct restow_texts restow_texts;

// Progress of a run.
typedef struct {
  // Number of licenses done.
  uint64_t done;
  // Number of licenses in total.
  uint64_t total;
} restow_progress;

// Counts at the end of a run.
typedef struct {
  // Licenses of the home in the backup.
  uint64_t backed_up;
  // Licenses that may not be backed up.
  uint64_t restricted;
  // Restored licenses.
  uint64_t restored;
  // Licenses that the home already had.
  uint64_t already_here;
  // Refused licenses.
  uint64_t refused;
  // Licenses that still need an answer of their service.
  uint64_t pending;
  // Licenses that are damaged in the backup.
  uint64_t damaged;
} restow_summary;

// Counts of a plan.
typedef struct {
  // Licenses that the home does not have.
  uint64_t to_restore;
  // Licenses that the home has.
  uint64_t already_here;
  // Licenses of other holders, which are restored only with `RESTOW_RESTORE_ADOPT`.
  uint64_t needs_adopt;
} restow_plan_counts;

// Callback for each event of a run, PROGRESS included. The run's own thread calls it, one call at a time. The
// event is valid during the call.
typedef void (*restow_callback)(const restow_event *event, void *context);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Returns the version of this library, such as `0.1.0`. Never null; do not free it.
const char *restow_version(void);

// Returns the result code of the call; `RESTOW_OK` for null.
int32_t restow_error_hresult(const restow_error *error);

// Returns the stable code for programs, such as `busy` or `used-up`; null for null.
const char *restow_error_code(const restow_error *error);

// Returns the message for people, in the language of `restow_set_language`; null for null.
const char *restow_error_message(const restow_error *error);

// Returns the next action for people, in the language of `restow_set_language`; null for null. The text may name a
// command of the program `restow`.
const char *restow_error_help(const restow_error *error);

// Frees an error that a call set.
void restow_error_free(restow_error *error);

// Sets the language of messages and help texts in this process: `en` (the default) or `de`. Existing errors and
// events keep their texts.
int32_t restow_set_language(const char *language, restow_error **error);

// Opens the home in `folder`. The first change creates a missing folder. Null selects the home that all programs of
// a user share: the folder in `RESTOW_HOME`, or the default folder of the platform.
int32_t restow_home_open(const char *folder, restow_home **home, restow_error **error);

// Cancels the waiting of other threads for services in `restow_acquire`, `restow_use` and `restow_open_key`
// with this handle. An acquisition fails with `RESTOW_E_CANCELED`. A use continues as with
// `RESTOW_USE_OFFLINE`. Later calls and the runs of restorers are not affected.
void restow_home_cancel(const restow_home *home);

// Frees a home. Its restorers stay valid.
void restow_home_free(restow_home *home);

// Imports the license documents of a file or folder. Documents are recognized by their content. The result
// code is `RESTOW_E_NO_FILE` if there is no such file or folder, and `RESTOW_OK` also when documents are
// refused. `result` may be null; it lists the refused documents. The call takes as long as reading the files.
int32_t restow_import(const restow_home *home, const char *path, restow_import_result **result, restow_error **error);

// Imports one license document of `length` bytes. The caller may free the bytes after the call. A refused
// document fails the call. `is_new` may be null; it is set to true if the home did not have this document or
// had an older version. A document that contains its key in clear is refused. The catalog learns nothing from
// this call, because the document has no path; see `restow_import`.
int32_t restow_import_document(const restow_home *home,
                               const uint8_t *document,
                               size_t length,
                               bool *is_new,
                               restow_error **error);

// Returns the number of imported or acquired licenses.
uint64_t restow_import_result_licenses(const restow_import_result *result);

// Returns the number of documents that the home already had.
uint64_t restow_import_result_already_here(const restow_import_result *result);

// Returns the number of refused documents or licenses.
uint64_t restow_import_result_refused(const restow_import_result *result);

// Returns the name of a refused item by index, from 0: the path of a file or the ID of a license. Null after
// the last, and after the first 1,000.
const char *restow_import_result_refused_name(const restow_import_result *result, size_t index);

// Returns the reason for the refusal with the same index, or null. The error is a part of `result`; do not
// free it. For licenses the code is one of `limit`, `daily_limit`, `not_yours`, `revoked`, `returned`,
// `cancelled`, `expired`.
const restow_error *restow_import_result_refused_error(const restow_import_result *result, size_t index);

// Returns the page of the service that explains a limit, for a browser, or null.
const char *restow_import_result_url(const restow_import_result *result);

// Frees the result of an import or an acquisition.
void restow_import_result_free(restow_import_result *result);

// Redeems an acquisition link.
//
// Following a link that the user saw is the consent to register this computer, named `computer_name`, with the
// service of the link. If the service has a private address, its user must first add it: `restow service add
// URL`. The call waits for the service, up to minutes; see `restow_home_cancel`. The result code is
// `RESTOW_OK` also when the service refuses licenses. `result` may be null; it lists the refused licenses.
int32_t restow_acquire(const restow_home *home,
                       const char *link,
                       const char *computer_name,
                       restow_import_result **result,
                       restow_error **error);

// Lists the licenses of the home, in the order of their import.
int32_t restow_licenses_list(const restow_home *home, restow_licenses **licenses, restow_error **error);

// Returns the number of licenses.
size_t restow_licenses_count(const restow_licenses *licenses);

// Returns a license by index, from 0; null after the last.
const restow_license *restow_licenses_get(const restow_licenses *licenses, size_t index);

// Frees a list of licenses.
void restow_licenses_free(restow_licenses *licenses);

// Returns the license ID.
const char *restow_license_id(const restow_license *license);

// Returns a title by index, from 0; null after the last. Titles of the files come first, then the title in the
// license. A license may have no title.
const char *restow_license_title(const restow_license *license, size_t index);

// Returns a key ID by index, from 0; null after the last. The form is a lower-case UUID, `hex:…` or `text:…`.
// In events, a restricted license has at most one key ID, and a license that was not restored has none.
const char *restow_license_key_id(const restow_license *license, size_t index);

// Returns the same key ID in base64, as Windows Media prints it.
const char *restow_license_kid(const restow_license *license, size_t index);

// Returns the state of a listed license: `usable`, `pending` (its service must still answer), `refused`,
// `revoked`, `invalid`, `expired` (or used up), `not_yet_valid`, `unknown` (its dates cannot be read) or
// `other_computer`. Null for a license of an event.
const char *restow_license_status(const restow_license *license);

// Returns a stable reason, or null. A listed or restricted license has the reason why it may not be backed up:
// `denied_by_issuer`, `unstated_device_bound`, `not_persistent`, `key_in_clear`. A license that was not
// restored has one of `limit`, `daily_limit`, `not_yours`, `revoked`, `returned`, `cancelled`, `expired`,
// `needs_adopt`, `needs_individualization`, `service_unavailable`, `damaged` and others.
const char *restow_license_reason(const restow_license *license);

// Returns the number of plays left of a listed license; -1 if plays are not counted, and for null.
int64_t restow_license_left(const restow_license *license);

// Looks up the titles for a key ID: titles of files in the catalog, or titles of the licenses for the key ID.
// `key_id` has any form that Restow or Windows Media prints.
int32_t restow_titles(const restow_home *home, const char *key_id, restow_texts **titles, restow_error **error);

// Returns the number of texts.
size_t restow_texts_count(const restow_texts *texts);

// Returns a text by index, from 0; null after the last.
const char *restow_texts_get(const restow_texts *texts, size_t index);

// Frees a list of texts.
void restow_texts_free(restow_texts *texts);

// Checks if the content of a key ID may be used now. Counts no use and contacts no service. `key_id` has any
// form that Restow or Windows Media prints. `action` is the Windows Media name of a right, such as `Play`.
// `left` may be null; it is set to the number of uses left, this use included, or -1 for no limit. The error
// has the reason why the use is denied.
int32_t restow_can(const restow_home *home,
                   const char *key_id,
                   const char *action,
                   int64_t *left,
                   restow_error **error);

// Counts one use durably if uses are counted: for a player that needs no key or keeps the key open.
//
// The service of the license is queried before the use, for the uses on other computers, and notified after
// the use. An unreachable service does not prevent the use: the total wait is at most five seconds, and
// `restow_home_cancel` ends the wait. `flags` is 0 or `RESTOW_USE_OFFLINE`.
int32_t restow_use(const restow_home *home,
                   const char *key_id,
                   const char *action,
                   uint32_t flags,
                   restow_error **error);

// Opens a content key for one use: counts the use as `restow_use`, then writes 16 bytes to `key`. If the call
// fails, no use is counted and `key` is unchanged. Overwrite the key after use, through a volatile pointer or
// with a function of the system, because compilers remove a plain `memset`.
int32_t restow_open_key(const restow_home *home,
                        const char *key_id,
                        const char *action,
                        uint32_t flags,
                        uint8_t *key,
                        restow_error **error);

// Returns the kind of the event, `RESTOW_STATUS_…`; 0 for null.
int32_t restow_event_status(const restow_event *event);

// Returns the result code of the event. At END, the result code of the run.
int32_t restow_event_hresult(const restow_event *event);

// Returns the name of the service, or of the provider in NEEDS_PROVIDER_CONSENT. Null if it has none.
const char *restow_event_service(const restow_event *event);

// Returns the address of the service that needs the registration of this computer, or of the provider that needs
// consent, or null. Show the user this address, the name and, of a service, the fingerprint before asking.
const char *restow_event_origin(const restow_event *event);

// Returns the fingerprint of that service, or null.
const char *restow_event_fingerprint(const restow_event *event);

// Returns the page to show in a browser, or null.
const char *restow_event_url(const restow_event *event);

// Returns a license of the event by index, from 0; null after the last. RESTRICTED_LICENSE has one license.
// END has the licenses that were not restored, at most 1,000. The license is a part of the event.
const restow_license *restow_event_license(const restow_event *event, size_t index);

// Returns a title of a restored license without a known file, by index, from 0; null after the last. END only.
// A restore writes licenses, not content.
const char *restow_event_without_file(const restow_event *event, size_t index);

// Returns the stable code of the failure, or null. END only.
const char *restow_event_code(const restow_event *event);

// Returns the message of the failure in the language of `restow_set_language`, or null. END only.
const char *restow_event_message(const restow_event *event);

// Returns the next action in the language of `restow_set_language`, or null. END only.
const char *restow_event_help(const restow_event *event);

// Returns the progress of the run. PROGRESS only.
restow_progress restow_event_progress(const restow_event *event);

// Returns the counts of the run. END only.
restow_summary restow_event_summary(const restow_event *event);

// Frees a polled event. Never free an event that a callback receives.
void restow_event_free(restow_event *event);

// Returns the counts of a plan.
restow_plan_counts restow_plan_count(const restow_restore_plan *plan);

// Returns a service by index, from 0; null after the last. A service for which this computer is not registered needs
// consent: show the service to the user, then call `restow_allow_service`.
const restow_service *restow_plan_service(const restow_restore_plan *plan, size_t index);

// Returns a provider by index, from 0; null after the last. A provider that the user has not allowed yet needs
// consent: show the provider to the user, then call `restow_ask_provider`. The licenses are restored in every case.
const restow_provider *restow_plan_provider(const restow_restore_plan *plan, size_t index);

// Frees a plan.
void restow_plan_free(restow_restore_plan *plan);

// Returns the name that the service gives itself.
const char *restow_service_name(const restow_service *service);

// Returns the scheme, host and port of the service.
const char *restow_service_origin(const restow_service *service);

// Returns the thumbprint of the root key, to be compared by the user: the value for `restow_allow_service`.
const char *restow_service_fingerprint(const restow_service *service);

// Returns the address of the privacy statement, or null.
const char *restow_service_privacy_url(const restow_service *service);

// Returns the number of licenses that the restore would request from the service.
uint64_t restow_service_licenses(const restow_service *service);

// Returns true if this computer is registered with the service. The restore then asks the service without further
// consent.
bool restow_service_registered(const restow_service *service);

// Returns the name of the provider from the certificate of its licenses, or null. Show the name as true only if
// `restow_provider_verified` is true.
const char *restow_provider_name(const restow_provider *provider);

// Returns the scheme, host and port of the provider: the value for `restow_ask_provider`.
const char *restow_provider_origin(const restow_provider *provider);

// Returns the number of licenses that the restore would ask the provider about.
uint64_t restow_provider_licenses(const restow_provider *provider);

// Returns true if a trusted root certifies the signer of all these licenses.
bool restow_provider_verified(const restow_provider *provider);

// Returns true if the user has allowed this provider before. The restore then asks the provider without further
// consent.
bool restow_provider_allowed(const restow_provider *provider);

// Returns true if consent is not enough because the address is private: the user must run
// `restow provider allow`.
bool restow_provider_manual_only(const restow_provider *provider);

// Creates a restorer for a home.
int32_t restow_restorer_new(const restow_home *home, restow_restorer **restorer, restow_error **error);

// Sets the folder of the backups. The folder must exist; backups are in `Restow/` in this folder. The call
// affects later runs only.
int32_t restow_set_location(const restow_restorer *restorer, const char *location, restow_error **error);

// Sets the name of this computer for backups, and for services where a restore registers this computer. The
// call affects later runs only.
int32_t restow_set_computer_name(const restow_restorer *restorer, const char *name, restow_error **error);

// Records the consent of the user to register this computer with the service with this fingerprint. The call affects
// later restores only.
int32_t restow_allow_service(const restow_restorer *restorer, const char *fingerprint, restow_error **error);

// Records the consent of the user to ask the LCP provider at this origin for the status of licenses. The call affects
// later restores only.
int32_t restow_ask_provider(const restow_restorer *restorer, const char *origin, restow_error **error);

// Computes the plan of a restore from the location. `flags` is 0 or `RESTOW_RESTORE_ADOPT`. The call contacts no
// service and no provider, and changes nothing. It reads the whole backup, and returns when it is done.
int32_t restow_plan_restore(const restow_restorer *restorer,
                            uint32_t flags,
                            restow_restore_plan **plan,
                            restow_error **error);

// Starts a backup and returns at once. `flags` is a sum of `RESTOW_BACKUP_OVERWRITE` and `RESTOW_BACKUP_NEW`, or
// 0.
//
// The events go to `callback` with `context`. Without a callback they wait for `restow_poll`: of PROGRESS
// events only the last, of all other events each one, up to the number of licenses. If the call fails, for
// example with `RESTOW_E_BUSY` or `RESTOW_E_NO_LOCATION`, there are no events. Every later failure is in END.
int32_t restow_backup(const restow_restorer *restorer,
                      uint32_t flags,
                      restow_callback callback,
                      void *context,
                      restow_error **error);

// Starts a restore and returns at once, with events as `restow_backup`. `flags` is a sum of
// `RESTOW_RESTORE_INDIVIDUALIZE` and `RESTOW_RESTORE_ADOPT`, or 0. Without `RESTOW_RESTORE_INDIVIDUALIZE` the
// consent covers the services of `restow_allow_service`. The restore asks the providers of `restow_ask_provider`, and
// those that the user allowed before.
int32_t restow_restore(const restow_restorer *restorer,
                       uint32_t flags,
                       restow_callback callback,
                       void *context,
                       restow_error **error);

// Asks the current run to stop, and returns at once. Before its commit the run ends with `RESTOW_E_CANCELED`
// and changes nothing. After its commit the run ends normally. Without a run the call has no effect.
void restow_cancel(const restow_restorer *restorer);

// Returns the next event of the last run without a callback; the caller owns it. Returns null after
// `milliseconds`, and at once if no further event can follow: after END, or without such a run. `UINT32_MAX`
// milliseconds means no timeout. The next run discards events that were not polled.
restow_event *restow_poll(const restow_restorer *restorer, uint32_t milliseconds);

// Waits until all runs of this restorer have ended and their callbacks have returned from END. Without a run,
// and inside a callback, the call returns at once.
void restow_wait(const restow_restorer *restorer);

// Frees a restorer. Its run continues to END. A callback of the run may make this call.
void restow_restorer_free(restow_restorer *restorer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* RESTOW_H */
