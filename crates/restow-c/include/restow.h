#ifndef RESTOW_H
#define RESTOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Restow: back up and restore media licenses.
 *
 * Results. A call that can fail returns a result code, RESTOW_OK when all went well; the numbers are Windows', and more than the named ones can come.
 * Unless `error` is null, it is set: to null, or to why the call failed.
 *
 * Ownership. What a function writes to a pointer's place, and what restow_poll returns, is the caller's until the restow_…_free of its type; freeing null
 * does nothing. A call that fails sets such a place to null. Const pointers a function returns are parts of what they were asked of, and live as long as
 * that. Nothing that is passed in is kept after the call, but a callback and its context.
 *
 * Text is UTF-8 with a terminator. Null where something is needed, and text that is not UTF-8, is answered with RESTOW_E_INVALIDARG; parts of null are
 * null, 0 or nothing. Names, titles and messages are for people and harmless to print: what would command a terminal is replaced.
 *
 * Threads. Every function may be called from any thread, with the same handle in several at once; only freeing must come last: nobody else may be inside
 * a call with the handle then, or use it or its parts afterwards. (Where a callback frees the restorer, the call that started the run counts as returned; one
 * of another thread in restow_wait or restow_poll does not.) Two handles of one folder are one home. Calls of a home wait for the disk, and where it is said,
 * for a service. restow_backup, restow_restore, restow_cancel and what reads a part return at once.
 *
 * Runs. One backup or restore at a time uses a home, in all processes. It works on a thread of its own, from which it calls the callback; the first
 * call may come before restow_backup or restow_restore returned. Each run tells RESTOW_STATUS_END exactly once, and last. Until the callback has returned from
 * that, callback and context must live, whether the restorer was freed or not; afterwards nothing of them is touched. Wait for that with restow_wait,
 * or leave the context to END. A program that ends, ends its runs: a backup or restore that was not committed then has changed nothing. Never unload
 * the library, and after a fork call nothing in the child.
 *
 * While END is told the next run may begin, started from there or by another thread, on a thread of its own: its first calls may come before the callback has
 * returned from that END. What runs share needs a lock then.
 *
 * Encrypted backups are recognized, but not read or written yet. Their passphrase will come from the file that the environment's RESTOW_PASSPHRASE_FILE names,
 * else from the one that settings.json in the home names; without it END is RESTOW_E_NOT_CONFIGURED. See docs/wmformat.md.
 *
 * A callback may call everything. From inside END the next run may be started; before END that is answered with RESTOW_E_BUSY. restow_wait returns at
 * once there. The restorer may be freed, and the home. What a callback does holds its run up. It must return: no exception, no longjmp.
 */

// Done.
#define RESTOW_OK 0

// An argument is null and must not be, is not UTF-8, or has a value it cannot have.
#define RESTOW_E_INVALIDARG ((int32_t)0x80070057)

// There is no such file or folder.
#define RESTOW_E_NO_FILE ((int32_t)0xC00D001C)

// The home cannot be opened, read or written.
#define RESTOW_E_HOME ((int32_t)0xC00D2712)

// The home was copied from another machine: restore a backup instead.
#define RESTOW_E_OTHER_MACHINE ((int32_t)0xC00D2719)

// There is no license for this key ID here, or none this computer was granted.
#define RESTOW_E_NO_LICENSE ((int32_t)0xC00D2759)

// No license gives this right, or all its uses are used up.
#define RESTOW_E_NO_RIGHTS ((int32_t)0xC00D2720)

// The license is not valid any more.
#define RESTOW_E_EXPIRED ((int32_t)0xC00D27D8)

// The license is not valid yet.
#define RESTOW_E_NOT_YET_VALID ((int32_t)0xC00D27D9)

// The license was revoked, returned or cancelled.
#define RESTOW_E_UNUSABLE ((int32_t)0xC00D2748)

// This is no license document that can be kept.
#define RESTOW_E_INVALID_LICENSE ((int32_t)0xC00D2718)

// No location was set.
#define RESTOW_E_NO_LOCATION ((int32_t)0xC00D2749)

// The location cannot be used.
#define RESTOW_E_LOCATION ((int32_t)0xC00D1137)

// The system does not let this program write or read there.
#define RESTOW_E_ACCESS_DENIED ((int32_t)0x80070005)

// The backup is encrypted, and no file with its passphrase can be read: the help says where one is named.
#define RESTOW_E_NOT_CONFIGURED ((int32_t)0xC00D2764)

// Another backup or restore is running.
#define RESTOW_E_BUSY ((int32_t)0xC00D2744)

// A backup of this computer is there already, and `RESTOW_BACKUP_OVERWRITE` was not given.
#define RESTOW_E_BACKUP_EXISTS ((int32_t)0xC00D2742)

// There is no backup, or it is damaged.
#define RESTOW_E_BACKUP_CORRUPT ((int32_t)0xC00D2743)

// This computer must be registered with a service: ask the user, then restore with `RESTOW_RESTORE_INDIVIDUALIZE`.
#define RESTOW_E_NEEDS_INDIVIDUALIZATION ((int32_t)0xC00D2728)

// These licenses may not come to this computer, as when as many computers have them as may.
#define RESTOW_E_RESTORE_FRAUD ((int32_t)0xC00D2753)

// A service cannot be reached now; or never, until its user added it, since its address is one of this computer or network (`private-address`,
// `service-private-address`).
#define RESTOW_E_SERVICE_UNAVAILABLE ((int32_t)0xC00D2846)

// A service gave an answer that cannot be used.
#define RESTOW_E_BAD_ANSWER ((int32_t)0xC00D275E)

// Some licenses came and some did not.
#define RESTOW_E_NOT_ALL_STORED ((int32_t)0xC00D275F)

// Cancelled.
#define RESTOW_E_CANCELED ((int32_t)0xC00D2768)

// Reading and writing begins.
#define RESTOW_STATUS_BEGIN 21

// A service must be asked, and the user did not consent to register this computer there: `restow_event_service`, `_origin`, `_fingerprint`. Nothing was
// sent.
#define RESTOW_STATUS_NEEDS_INDIVIDUALIZATION 25

// It is over: `restow_event_hresult`, `_summary`, and `_code`, `_message`, `_help` unless all went well; `restow_event_license` shows what did not come.
// Exactly once, and last.
#define RESTOW_STATUS_END 27

// A service is being contacted: `restow_event_service`.
#define RESTOW_STATUS_CONNECTING 28

// The contact is over, well or not: `restow_event_service`.
#define RESTOW_STATUS_DISCONNECTING 29

// A service refused and has a page that says more: `restow_event_service`, `_url`. Show it in a browser.
#define RESTOW_STATUS_ERROR_WITHURL 30

// A license may not be backed up: `restow_event_license`.
#define RESTOW_STATUS_RESTRICTED_LICENSE 31

// How far it is: `restow_event_progress`. At most ten a second, never before BEGIN. The other numbers are those of the Windows Media Format SDK's
// `WMT_STATUS`; it has none for this.
#define RESTOW_STATUS_PROGRESS (-1)

// For `restow_backup`: a backup of this computer that is there already is added to, and older states of it stay.
#define RESTOW_BACKUP_OVERWRITE 1

// For `restow_restore`: the user consented to registering this computer with every service needed, and to asking the providers of LCP licenses how those stand.
#define RESTOW_RESTORE_INDIVIDUALIZE 2

// For `restow_restore`: takes over licenses of other holders.
#define RESTOW_RESTORE_ADOPT 4

// For `restow_use` and `restow_open_key`: contacts no service. The use is reported at the next contact.
#define RESTOW_USE_OFFLINE 8

// What became of documents, or of a link.
typedef struct restow_added restow_added;

// Why a call failed, or why something was refused.
typedef struct restow_error restow_error;

// Something a run tells.
typedef struct restow_event restow_event;

// One installation: a folder with licenses and keys.
typedef struct restow_home restow_home;

// A license: one of the home's, or one an event is about. It is a part of what it was got from.
typedef struct restow_license restow_license;

// The licenses of a home.
typedef struct restow_licenses restow_licenses;

// Backs up and restores, one run at a time, as often as one likes.
typedef struct restow_restorer restow_restorer;

// Texts.
typedef struct restow_texts restow_texts;

// How far a run is.
typedef struct {
  // Licenses done.
  uint64_t done;
  // Licenses in all.
  uint64_t total;
} restow_progress;

// Counts at the end of a run.
typedef struct {
  // Licenses of the home that the backup holds.
  uint64_t backed_up;
  // Licenses that may not be backed up.
  uint64_t restricted;
  // Licenses that came.
  uint64_t restored;
  // Licenses that were here already.
  uint64_t already_here;
  // Licenses that were refused.
  uint64_t refused;
  // Licenses whose service must still be asked.
  uint64_t pending;
  // Licenses that are damaged in the backup.
  uint64_t damaged;
} restow_summary;

// What is called with each event of a run, PROGRESS included, from the run's own thread, so one call of a run at a time. The event is valid during the
// call.
typedef void (*restow_callback)(const restow_event *event, void *context);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of this library, such as `0.1.0`. Never null, never freed.
const char *restow_version(void);

// The result code, as the call returned it; `RESTOW_OK` for null.
int32_t restow_error_hresult(const restow_error *error);

// The stable code, for programs, such as `busy` or `used-up`; null for null.
const char *restow_error_code(const restow_error *error);

// What happened, in English, for people; null for null.
const char *restow_error_message(const restow_error *error);

// What to do next, in English, for people; null for null. It may name a command of the program `restow`.
const char *restow_error_help(const restow_error *error);

// Frees an error a call filled in.
void restow_error_free(restow_error *error);

// Opens the home in `folder`, which is made if it is missing. Null stands for the one a person's programs share: the folder `RESTOW_HOME` names, else the
// platform's place.
int32_t restow_home_open(const char *folder,
                         restow_home **home,
                         restow_error **error);

// Asks what this home's handle is waiting for in other threads, in `restow_acquire`, `restow_use` and `restow_open_key`, to give up on services: an
// acquisition fails with `RESTOW_E_CANCELED`, a use goes on as with `RESTOW_USE_OFFLINE`. Calls that begin later are not concerned, nor are runs of
// restorers.
void restow_home_cancel(const restow_home *home);

// Frees a home. Restorers made of it live on.
void restow_home_free(restow_home *home);

// Adds the license documents in a file or folder, recognized by what is in them: `RESTOW_E_NO_FILE` when there is none such. Takes as long as reading them. The result is `RESTOW_OK` also when
// documents were refused: `added`, which may be null, says which and why.
int32_t restow_import(const restow_home *home,
                      const char *path,
                      restow_added **added,
                      restow_error **error);

// Adds the license document in `length` bytes at `document`, which may be freed afterwards. A document that is refused fails the call. `is_new`, which may
// be null, is set to whether it was not here yet, or only an older one. A document that is a key itself is refused, and as it has no path the catalog learns
// nothing of it; from a file or folder, `restow_import` notes there which key IDs it is for.
int32_t restow_import_document(const restow_home *home,
                               const uint8_t *document,
                               size_t length,
                               bool *is_new,
                               restow_error **error);

// Redeems an acquisition link. The user saw it and follows it, which is the consent to register this computer, called `computer_name`, with the link's
// service. One at an address of this computer or network must be added by its user first: `restow service add URL`. Waits for the service, up to minutes:
// see `restow_home_cancel`. The result is `RESTOW_OK` also when it refused some or all licenses: `added`,
// which may be null, says which and why.
int32_t restow_acquire(const restow_home *home,
                       const char *link,
                       const char *computer_name,
                       restow_added **added,
                       restow_error **error);

// How many licenses came.
uint64_t restow_added_licenses(const restow_added *added);

// How many documents were here already.
uint64_t restow_added_already_here(const restow_added *added);

// How many documents or licenses were refused.
uint64_t restow_added_refused(const restow_added *added);

// What was refused, from 0: the path of a file, or the ID of a license. Null beyond the last, and beyond the first 1,000.
const char *restow_added_refused_name(const restow_added *added,
                                      size_t index);

// Why it was refused: a part of `added`, not to be freed. Null as the name is. For licenses the code is one of `limit`, `daily_limit`, `not_yours`, `revoked`,
// `returned`, `cancelled`, `expired`.
const restow_error *restow_added_refused_error(const restow_added *added,
                                               size_t index);

// The service's page that says more about a limit, for a browser, or null.
const char *restow_added_url(const restow_added *added);

// Frees what a call said became of it.
void restow_added_free(restow_added *added);

// Lists the home's licenses, in the order they came.
int32_t restow_licenses_list(const restow_home *home, restow_licenses **licenses, restow_error **error);

// How many licenses there are.
size_t restow_licenses_count(const restow_licenses *licenses);

// One of the licenses, from 0; null beyond the last.
const restow_license *restow_licenses_get(const restow_licenses *licenses, size_t index);

// Frees a list of licenses.
void restow_licenses_free(restow_licenses *licenses);

// The license's ID.
const char *restow_license_id(const restow_license *license);

// One of the license's titles, from 0: what its files are called, else what it is called itself. Null beyond the last; nobody may know one.
const char *restow_license_title(const restow_license *license,
                                 size_t index);

// One of the license's key IDs, from 0, as Restow prints it: lower-case UUIDs, others as `hex:…` or `text:…`. Null beyond the last. A restricted license of
// an event has at most one, one that did not come none.
const char *restow_license_key_id(const restow_license *license,
                                  size_t index);

// The same as Windows Media prints it, in base64.
const char *restow_license_kid(const restow_license *license, size_t index);

// Of a listed license: `usable`, `pending` (its service must still be asked), `refused`, `revoked`, `invalid`, `expired` (or used up), `not_yet_valid` or
// `other_computer`. Of one in an event: null.
const char *restow_license_status(const restow_license *license);

// A stable word. Of a listed or restricted license, why it may not be backed up: `denied_by_issuer`, `unstated_device_bound`, `not_persistent`,
// `key_in_clear`; null if it may. Of one that did not come, why: `limit`, `daily_limit`, `not_yours`, `revoked`, `returned`, `cancelled`, `expired`,
// `needs_adopt`, `needs_individualization`, `service_unavailable`, `damaged` and others.
const char *restow_license_reason(const restow_license *license);

// Of a listed license: how often it may still be played, -1 where that is not counted, and for null.
int64_t restow_license_left(const restow_license *license);

// Looks a key ID up in the catalog: what its files are called, else the licenses for it. `key_id` is in any form Restow or Windows Media prints.
int32_t restow_titles(const restow_home *home,
                      const char *key_id,
                      restow_texts **titles,
                      restow_error **error);

// How many texts there are.
size_t restow_texts_count(const restow_texts *texts);

// One of the texts, from 0; null beyond the last.
const char *restow_texts_get(const restow_texts *texts, size_t index);

// Frees texts.
void restow_texts_free(restow_texts *texts);

// Says whether the content of a key ID may be used so, here and now; counts nothing and contacts nobody. `key_id` is in any form Restow or Windows Media
// prints; `action` is a right under its Windows Media name, such as `Play`. `left`, which may be null, is set to how many uses are left, the next one
// included, -1 for any number. What forbids it is the error.
int32_t restow_can(const restow_home *home,
                   const char *key_id,
                   const char *action,
                   int64_t *left,
                   restow_error **error);

// Counts one use, durably, where uses are counted: for a player that needs no key, or keeps it open. The license's service is asked before, for what
// other computers have used, and told afterwards. One that is out of reach keeps nobody from the use: services are waited for at most five seconds in all,
// and `restow_home_cancel` ends that. `flags` is 0 or `RESTOW_USE_OFFLINE`.
int32_t restow_use(const restow_home *home,
                   const char *key_id,
                   const char *action,
                   uint32_t flags,
                   restow_error **error);

// Opens a content key for one use: as `restow_use`, and then the 16 bytes are written to `key`. Overwrite them when they were used, through a
// volatile pointer or with what the system has for that: compilers remove a plain `memset`. When the call fails nothing is counted and `key` is as it was.
int32_t restow_open_key(const restow_home *home,
                        const char *key_id,
                        const char *action,
                        uint32_t flags,
                        uint8_t *key,
                        restow_error **error);

// Which event it is: `RESTOW_STATUS_…`; 0 for null.
int32_t restow_event_status(const restow_event *event);

// The result code that goes with it: at END that of the whole run.
int32_t restow_event_hresult(const restow_event *event);

// The service's name, or null.
const char *restow_event_service(const restow_event *event);

// Where the service is that this computer must be registered with, or null. Show it to the user with the name and the fingerprint before asking.
const char *restow_event_origin(const restow_event *event);

// The fingerprint of that service, or null.
const char *restow_event_fingerprint(const restow_event *event);

// The page to show in a browser, or null.
const char *restow_event_url(const restow_event *event);

// Of RESTRICTED_LICENSE, at index 0, the license; of END those that did not come, from 0, at most 1,000. A part of the event; null beyond the last.
const restow_license *restow_event_license(const restow_event *event,
                                           size_t index);

// At END: the titles of restored licenses whose file the catalog does not know, from 0; null beyond the last. Licenses are restored, not content.
const char *restow_event_without_file(const restow_event *event,
                                      size_t index);

// At END: the stable code of what went wrong, or null.
const char *restow_event_code(const restow_event *event);

// At END: what went wrong, in English, or null.
const char *restow_event_message(const restow_event *event);

// At END: what to do next, in English, or null.
const char *restow_event_help(const restow_event *event);

// Of PROGRESS: how far the run is.
restow_progress restow_event_progress(const restow_event *event);

// At END: counts.
restow_summary restow_event_summary(const restow_event *event);

// Frees an event that was polled. One that a callback is given is not the caller's.
void restow_event_free(restow_event *event);

// Makes a restorer of a home.
int32_t restow_restorer_new(const restow_home *home, restow_restorer **restorer, restow_error **error);

// Sets where backups are written to and read from: a folder that exists. Everything goes into `Restow/` in it. It concerns runs that start later.
int32_t restow_set_location(const restow_restorer *restorer,
                            const char *location,
                            restow_error **error);

// Sets what this computer is called in backups, and at services a restore registers it with. It concerns runs that start later.
int32_t restow_set_computer_name(const restow_restorer *restorer,
                                 const char *name,
                                 restow_error **error);

// Starts a backup and returns at once. `flags` is 0 or `RESTOW_BACKUP_OVERWRITE`. Events go to `callback` with `context`; without a callback they wait for
// `restow_poll`: of progress only the last, of all else every one, which can be as many as there are licenses. When the call fails, as with `RESTOW_E_BUSY`
// or `RESTOW_E_NO_LOCATION`, nothing is told; all else that can go wrong comes with END.
int32_t restow_backup(const restow_restorer *restorer,
                      uint32_t flags,
                      restow_callback callback,
                      void *context,
                      restow_error **error);

// Starts a restore and returns at once: as `restow_backup`, but for `flags`, which adds up `RESTOW_RESTORE_INDIVIDUALIZE` and `RESTOW_RESTORE_ADOPT`.
int32_t restow_restore(const restow_restorer *restorer,
                       uint32_t flags,
                       restow_callback callback,
                       void *context,
                       restow_error **error);

// Asks the run that is going on to stop, and returns at once. Before its commit it ends with `RESTOW_E_CANCELED` and changes nothing; after it, it ends as it
// would have. Without a run nothing happens.
void restow_cancel(const restow_restorer *restorer);

// The next event of the last run without a callback, which is the caller's, or null: when none came within so many milliseconds, and at once when none can
// come, because END was polled or there was no such run. A run started anew forgets what was not polled. With
// `UINT32_MAX` milliseconds, null says that nothing more comes.
restow_event *restow_poll(const restow_restorer *restorer,
                          uint32_t milliseconds);

// Waits until all runs that this restorer started are over and their callbacks have returned from END. Without a run, and inside a callback, it returns at
// once.
void restow_wait(const restow_restorer *restorer);

// Frees a restorer; a run goes on to its END. It may be called from inside a callback of it, too.
void restow_restorer_free(restow_restorer *restorer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* RESTOW_H */
