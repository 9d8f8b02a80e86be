/* Menu of a player with librestow: player HOME LOCATION, then one command per line.
 *
 *   a LINK   acquire licenses         l   list them
 *   p KEYID  play                     b   back up
 *   u KEYID  count a use, no key      c   start a backup and cancel it
 *   t KEYID  titles                   r   restore
 *
 * Backups use a callback and restores use polling; a program may use either.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "restow.h"

typedef struct {
    restow_home *home;
    restow_restorer *restorer;
    bool cancel;
} player;

/* Prints and frees the error of a failed call. */
static bool failed(int32_t result, restow_error **error) {
    if (result != RESTOW_OK) printf("%s. %s\n", restow_error_message(*error), restow_error_help(*error));
    restow_error_free(*error);
    return result != RESTOW_OK;
}

static const char *display_name(const restow_license *license) {
    const char *title = restow_license_title(license, 0), *key_id = restow_license_key_id(license, 0);
    return title ? title : key_id ? key_id : restow_license_id(license);
}

static void acquire(player *player, const char *link) {
    restow_error *error;
    restow_import_result *result;
    if (failed(restow_acquire(player->home, link, "living room", &result, &error), &error)) return;
    printf("Licenses that came: %" PRIu64 ".\n", restow_import_result_licenses(result));
    for (size_t i = 0; restow_import_result_refused_name(result, i); i++)
        printf("%s: %s\n", restow_import_result_refused_name(result, i), restow_error_message(restow_import_result_refused_error(result, i)));
    if (restow_import_result_url(result)) printf("See %s\n", restow_import_result_url(result));
    restow_import_result_free(result);
}

static void list(player *player) {
    restow_error *error;
    restow_licenses *licenses;
    const restow_license *license;
    if (failed(restow_licenses_list(player->home, &licenses, &error), &error)) return;
    for (size_t i = 0; (license = restow_licenses_get(licenses, i)); i++) {
        printf("%s: %s", display_name(license), restow_license_status(license));
        if (restow_license_left(license) >= 0) printf(", %" PRId64 " plays left", restow_license_left(license));
        printf(restow_license_reason(license) ? ", cannot be backed up\n" : "\n");
    }
    restow_licenses_free(licenses);
}

static void titles(player *player, const char *key_id) {
    restow_error *error;
    restow_texts *texts;
    if (failed(restow_titles(player->home, key_id, &texts, &error), &error)) return;
    for (size_t i = 0; i < restow_texts_count(texts); i++) printf("%s\n", restow_texts_get(texts, i));
    restow_texts_free(texts);
}

/* Wipes through a volatile pointer, because compilers remove a memset of memory that is not read later. */
static void wipe(volatile uint8_t *bytes, size_t count) {
    while (count--) *bytes++ = 0;
}

static void play(player *player, const char *key_id) {
    restow_error *error;
    uint8_t key[16];
    if (failed(restow_open_key(player->home, key_id, "Play", 0, key, &error), &error)) return;
    printf("Playing.\n"); /* Here the content would be decrypted. */
    wipe(key, sizeof key);
}

static void use(player *player, const char *key_id) {
    restow_error *error;
    int64_t left;
    if (failed(restow_can(player->home, key_id, "Play", &left, &error), &error)) return;
    if (failed(restow_use(player->home, key_id, "Play", 0, &error), &error)) return;
    if (left < 0) printf("Counted nothing.\n");
    else printf("Counted one, %" PRId64 " left.\n", left - 1);
}

/* Prints an event. As a callback, this function runs on the thread of the run. */
static void print_event(const restow_event *event, void *context) {
    player *player = context;
    restow_summary sum = restow_event_summary(event);
    const restow_license *license = restow_event_license(event, 0);
    switch (restow_event_status(event)) {
    case RESTOW_STATUS_BEGIN:
        if (player->cancel) restow_cancel(player->restorer);
        break;
    case RESTOW_STATUS_RESTRICTED_LICENSE:
        printf("%s cannot be backed up: %s\n", display_name(license), restow_license_reason(license));
        break;
    case RESTOW_STATUS_NEEDS_INDIVIDUALIZATION:
        printf("%s at %s\n", restow_event_service(event), restow_event_origin(event));
        printf("with the fingerprint %s\n", restow_event_fingerprint(event));
        break;
    case RESTOW_STATUS_ERROR_WITHURL:
        printf("%s refused. See %s\n", restow_event_service(event), restow_event_url(event));
        break;
    case RESTOW_STATUS_END:
        for (size_t i = 0; (license = restow_event_license(event, i)); i++)
            printf("%s did not come: %s\n", display_name(license), restow_license_reason(license));
        if (restow_event_hresult(event) == RESTOW_E_CANCELED) printf("Cancelled.\n");
        else if (restow_event_message(event)) printf("%s.\n", restow_event_message(event));
        printf("Backed up: %d. Restored: %d. Here already: %d.\n", (int)sum.backed_up, (int)sum.restored, (int)sum.already_here);
        break;
    }
}

static void backup(player *player, bool cancel) {
    restow_error *error;
    player->cancel = cancel;
    if (failed(restow_backup(player->restorer, RESTOW_BACKUP_OVERWRITE, print_event, player, &error), &error)) return;
    restow_wait(player->restorer); /* A program with a window would continue. */
}

/* Restores. Returns true if this computer must first be registered with a service. */
static bool restore(player *player, uint32_t flags) {
    restow_error *error;
    bool needs_consent = false;
    restow_event *event;
    if (failed(restow_restore(player->restorer, flags, NULL, NULL, &error), &error)) return false;
    while ((event = restow_poll(player->restorer, UINT32_MAX))) { /* null after END */
        print_event(event, player);
        needs_consent |= restow_event_status(event) == RESTOW_STATUS_NEEDS_INDIVIDUALIZATION;
        restow_event_free(event);
    }
    return needs_consent;
}

static bool ask(const char *question) {
    char line[256];
    printf("%s (y/n)\n", question);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && line[0] == 'y';
}

int main(int count, char **arguments) {
    restow_error *error;
    player player = {NULL, NULL, false};
    char line[1024];
    if (count != 3) return printf("player HOME LOCATION, with Restow %s\n", restow_version()), 2;
    if (failed(restow_home_open(arguments[1], &player.home, &error), &error)) return 1;
    if (failed(restow_restorer_new(player.home, &player.restorer, &error), &error)) return 1;
    if (failed(restow_set_location(player.restorer, arguments[2], &error), &error)) return 1;
    if (failed(restow_set_computer_name(player.restorer, "living room", &error), &error)) return 1;
    while (fgets(line, sizeof line, stdin)) {
        const char *argument = line[0] && line[1] == ' ' ? line + 2 : "";
        line[strcspn(line, "\r\n")] = 0;
        switch (line[0]) {
        case 'a': acquire(&player, argument); break;
        case 'l': list(&player); break;
        case 't': titles(&player, argument); break;
        case 'p': play(&player, argument); break;
        case 'u': use(&player, argument); break;
        case 'b': backup(&player, false); break;
        case 'c': backup(&player, true); break;
        case 'r':
            if (restore(&player, 0) && ask("May this computer be registered there?"))
                restore(&player, RESTOW_RESTORE_INDIVIDUALIZE);
            break;
        }
        fflush(stdout);
    }
    restow_restorer_free(player.restorer);
    restow_home_free(player.home);
    return 0;
}
