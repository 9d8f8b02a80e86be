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
        printf("%s was not asked.\n", restow_event_service(event));
        break;
    case RESTOW_STATUS_NEEDS_PROVIDER_CONSENT:
        printf("%s was not asked about its licenses.\n", restow_event_origin(event));
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

static bool ask(const char *question) {
    char line[256];
    printf("%s (y/n)\n", question);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && line[0] == 'y';
}

/* Shows each service and each provider that the restore would contact, and asks for consent. */
static bool ask_consent(player *player) {
    restow_error *error;
    restow_restore_plan *plan;
    if (failed(restow_plan_restore(player->restorer, 0, &plan, &error), &error)) return false;
    const restow_service *service;
    for (size_t i = 0; (service = restow_plan_service(plan, i)); i++) {
        if (restow_service_registered(service)) continue;
        printf("%s at %s\n", restow_service_name(service), restow_service_origin(service));
        printf("with the fingerprint %s\n", restow_service_fingerprint(service));
        if (!ask("May this computer be registered there?")) continue;
        if (failed(restow_allow_service(player->restorer, restow_service_fingerprint(service), &error), &error)) break;
    }
    const restow_provider *provider;
    for (size_t i = 0; (provider = restow_plan_provider(plan, i)); i++) {
        if (restow_provider_allowed(provider) || restow_provider_manual_only(provider)) continue;
        printf("%s\n", restow_provider_origin(provider));
        if (!ask("May it be asked about its licenses?")) continue;
        if (failed(restow_ask_provider(player->restorer, restow_provider_origin(provider), &error), &error)) break;
    }
    restow_plan_free(plan);
    return true;
}

static void restore(player *player) {
    restow_error *error;
    restow_event *event;
    if (!ask_consent(player)) return;
    if (failed(restow_restore(player->restorer, 0, NULL, NULL, &error), &error)) return;
    while ((event = restow_poll(player->restorer, UINT32_MAX))) { /* null after END */
        print_event(event, player);
        restow_event_free(event);
    }
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
        case 'r': restore(&player); break;
        }
        fflush(stdout);
    }
    restow_restorer_free(player.restorer);
    restow_home_free(player.home);
    return 0;
}
