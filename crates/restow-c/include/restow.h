#ifndef RESTOW_H
#define RESTOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Restow: back up and restore media licenses.
 *
 * A call that can fail returns a Windows result code, 0 when all went well, and fills `error` unless that is null: free what it filled in with
 * restow_error_free. What a function gives is the caller's until the function that frees it; freeing null does nothing. Text inside an object lives as
 * long as the object. Text is UTF-8 with a terminator. Handles may be used from any thread, but not while another frees them. A callback is called
 * from the run's own thread, one call at a time; from its end another run may be started.
 */

// How far a run is; the SDK has no number for it.
#define RESTOW_PROGRESS -1

// A backup of this computer that is there already may be added to.
#define RESTOW_BACKUP_OVERWRITE 1

// The user consented to registering this computer with every service needed.
#define RESTOW_RESTORE_INDIVIDUALIZE 2

// Takes over licenses of other holders.
#define RESTOW_RESTORE_ADOPT 4

// Why a call failed. Free it with `restow_error_free`.
typedef struct restow_error restow_error;

// Something a run tells: a number of the Windows Media Format SDK's `WMT_STATUS`, or `RESTOW_PROGRESS`.
typedef struct restow_event restow_event;

// One installation: a folder with licenses and keys. Free it with `restow_home_free`; restorers made from it live on.
typedef struct restow_home restow_home;

// Backs up and restores, one run at a time, as often as one likes. Free it with `restow_restorer_free`; a run goes on then.
typedef struct restow_restorer restow_restorer;

// Texts. Free them with `restow_texts_free`.
typedef struct restow_texts restow_texts;

// How far a run is.
typedef struct restow_progress {
  // Licenses done.
  uint64_t done;
  // Licenses in all.
  uint64_t total;
} restow_progress;

// Counts at the end of a run.
typedef struct restow_summary {
  // Licenses the backup holds.
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

// What became of documents or of a link.
typedef struct restow_added {
  // Licenses that came.
  uint64_t added;
  // Licenses that were here already.
  uint64_t already_here;
  // Documents or licenses that were refused.
  uint64_t refused;
} restow_added;

// Whether something is allowed.
typedef struct restow_allowed {
  // Whether a use is counted.
  bool counted;
  // Whether the number of uses left is limited; then `left` says to how many, the next one included.
  bool limited;
  // Uses left.
  uint64_t left;
} restow_allowed;

// What is called with each event, from the run's own thread. The event is valid during the call.
typedef void (*RestowCallback)(const struct restow_event *event, void *context);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The Windows result code.
//
// # Safety
// `error` is an error, or null: then 0.
int32_t restow_error_hresult(const struct restow_error *error);

// The stable code, such as `busy`.
//
// # Safety
// `error` is an error, or null: then null.
const char *restow_error_code(const struct restow_error *error);

// What happened, in English.
//
// # Safety
// `error` is an error, or null: then null.
const char *restow_error_message(const struct restow_error *error);

// What to do next, in English.
//
// # Safety
// `error` is an error, or null: then null.
const char *restow_error_help(const struct restow_error *error);

// Frees an error.
//
// # Safety
// `error` is null or an error that was not freed.
void restow_error_free(struct restow_error *error);

// The number of the status: 21 begin, 25 needs individualization, 27 end, 28 connecting, 29 disconnecting, 30 error with URL,
// 31 restricted license, or `RESTOW_PROGRESS`.
//
// # Safety
// `event` is null or an event.
int32_t restow_event_status(const struct restow_event *event);

// The Windows result code that goes with it.
//
// # Safety
// `event` is null or an event.
int32_t restow_event_hresult(const struct restow_event *event);

// The service's name, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_service(const struct restow_event *event);

// The page to show in a browser, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_url(const struct restow_event *event);

// The ID of a restricted license, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_license_id(const struct restow_event *event);

// Its (first) key ID, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_key_id(const struct restow_event *event);

// The same as Windows Media prints it, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_kid(const struct restow_event *event);

// How many titles a restricted license has.
//
// # Safety
// `event` is null or an event.
uintptr_t restow_event_title_count(const struct restow_event *event);

// Why it may not be backed up, in English, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_reason(const struct restow_event *event);

// At the end: what went wrong, in English, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_message(const struct restow_event *event);

// At the end: what to do next, in English, or null.
//
// # Safety
// `event` is null or an event.
const char *restow_event_help(const struct restow_event *event);

// How far the run is.
//
// # Safety
// `event` is null or an event.
struct restow_progress restow_event_progress(const struct restow_event *event);

// At the end: counts.
//
// # Safety
// `event` is null or an event.
struct restow_summary restow_event_summary(const struct restow_event *event);

// One of the titles of a restricted license, from 0; null beyond the last.
//
// # Safety
// `event` is null or an event.
const char *restow_event_title(const struct restow_event *event, uintptr_t index);

// Frees an event that was polled. Those a callback is given are not the caller's.
//
// # Safety
// `event` is null or a polled event that was not freed.
void restow_event_free(struct restow_event *event);

// Opens the home in `folder`, which is made if it is missing; null stands for the one a person's programs share.
//
// # Safety
// `folder` is null or text; `home` has room for a pointer; `error` is null or has room for one.
int32_t restow_home_open(const char *folder,
                         struct restow_home **home,
                         struct restow_error **error);

// Frees a home.
//
// # Safety
// `home` is null or a home that was not freed.
void restow_home_free(struct restow_home *home);

// Adds the license documents in a file or folder, recognized by what is in them.
//
// # Safety
// `home` is a home, `path` text; `added` is null or has room; `error` is null or has room for a pointer.
int32_t restow_import(const struct restow_home *home,
                      const char *path,
                      struct restow_added *added,
                      struct restow_error **error);

// Redeems an acquisition link. The user saw it and follows it, which is the consent to register this computer, called `computer_name`, with the link's service.
//
// # Safety
// `home` is a home, `link` and `computer_name` are texts; `added` is null or has room; `error` is null or has room for a pointer.
int32_t restow_acquire(const struct restow_home *home,
                       const char *link,
                       const char *computer_name,
                       struct restow_added *added,
                       struct restow_error **error);

// Says whether the content of a key ID may be used so, here and now, and counts nothing. `key_id` is in any form Restow or Windows Media prints;
// `action` is a right such as `Play`.
//
// # Safety
// `home` is a home, `key_id` and `action` are texts; `allowed` is null or has room; `error` is null or has room for a pointer.
int32_t restow_can(const struct restow_home *home,
                   const char *key_id,
                   const char *action,
                   struct restow_allowed *allowed,
                   struct restow_error **error);

// Opens a content key for one use: a counted use is taken durably before the 16 bytes are written to `key`. Overwrite them when they were used.
//
// # Safety
// `home` is a home, `key_id` and `action` are texts; `key` has room for 16 bytes; `error` is null or has room for a pointer.
int32_t restow_open_key(const struct restow_home *home,
                        const char *key_id,
                        const char *action,
                        uint8_t *key,
                        struct restow_error **error);

// What the files of a key ID are called, else the licenses for it.
//
// # Safety
// `home` is a home, `key_id` text; `titles` has room for a pointer; `error` is null or has room for one.
int32_t restow_titles(const struct restow_home *home,
                      const char *key_id,
                      struct restow_texts **titles,
                      struct restow_error **error);

// How many texts there are.
//
// # Safety
// `texts` is null (then 0) or texts.
uintptr_t restow_texts_count(const struct restow_texts *texts);

// One of the texts, from 0; null beyond the last.
//
// # Safety
// `texts` is null (then null) or texts.
const char *restow_texts_get(const struct restow_texts *texts, uintptr_t index);

// Frees texts.
//
// # Safety
// `texts` is null or texts that were not freed.
void restow_texts_free(struct restow_texts *texts);

// Makes a restorer of a home.
//
// # Safety
// `home` is a home; `made` has room for a pointer; `error` is null or has room for one.
int32_t restow_restorer_new(const struct restow_home *home,
                            struct restow_restorer **made,
                            struct restow_error **error);

// Sets where backups are written to and read from: a folder that exists.
//
// # Safety
// `restorer` is a restorer, `location` text; `error` is null or has room for a pointer.
int32_t restow_set_location(const struct restow_restorer *restorer,
                            const char *location,
                            struct restow_error **error);

// Starts a backup and returns at once. `flags` is 0 or `RESTOW_BACKUP_OVERWRITE`. Without a callback events wait to be polled.
//
// # Safety
// `restorer` is a restorer; `callback` may be called from another thread with `context` until the end was told; `error` is null or has room for a
// pointer.
int32_t restow_backup(const struct restow_restorer *restorer,
                      uint32_t flags,
                      RestowCallback callback,
                      void *context,
                      struct restow_error **error);

// Starts a restore and returns at once. `flags` adds up `RESTOW_RESTORE_INDIVIDUALIZE` and `RESTOW_RESTORE_ADOPT`. Without a callback events wait to be polled.
//
// # Safety
// As `restow_backup`.
int32_t restow_restore(const struct restow_restorer *restorer,
                       uint32_t flags,
                       RestowCallback callback,
                       void *context,
                       struct restow_error **error);

// Asks the run that is going on to stop; how it ended comes with its end. Without a run nothing happens.
//
// # Safety
// `restorer` is null or a restorer.
void restow_cancel(const struct restow_restorer *restorer);

// The next event of a run without a callback: the caller's, or null when none came within so many milliseconds.
//
// # Safety
// `restorer` is null (then null) or a restorer that is not freed meanwhile.
struct restow_event *restow_poll(const struct restow_restorer *restorer,
                                 uint32_t milliseconds);

// Frees a restorer.
//
// # Safety
// `restorer` is null or a restorer that was not freed and that no other thread uses.
void restow_restorer_free(struct restow_restorer *restorer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* RESTOW_H */
