/* A player's menu over librestow: back up, restore, play.
 *
 *   player HOME LOCATION        then b, r, p KEYID or q, one a line
 */
#include <stdio.h>
#include <string.h>

#include "restow.h"

static int failed(int32_t result, restow_error **error) {
    if (result) printf("%s. %s\n", restow_error_message(*error), restow_error_help(*error));
    restow_error_free(*error);
    return result != 0;
}

/* Tells what a run tells, from its own thread. */
static void tell(const restow_event *event, void *context) {
    (void)context;
    restow_summary sum = restow_event_summary(event);
    switch (restow_event_status(event)) {
    case 31:
        if (restow_event_title_count(event)) printf("%s: %s\n", restow_event_title(event, 0), restow_event_reason(event));
        else printf("Some licenses cannot be backed up: %s\n", restow_event_key_id(event));
        break;
    case 25: printf("%s must register this computer first\n", restow_event_service(event)); break;
    case 30: printf("See %s\n", restow_event_url(event)); break;
    case 27:
        if (restow_event_message(event)) printf("%s. %s\n", restow_event_message(event), restow_event_help(event));
        printf("Backed up: %d. Restored: %d. Here already: %d.\n", (int)sum.backed_up, (int)sum.restored, (int)sum.already_here);
        break;
    }
}

/* Waits for the end of a run by polling; a program with a window would give a callback instead. */
static void follow(restow_restorer *restorer) {
    for (int ended = 0; !ended;) {
        restow_event *event = restow_poll(restorer, 1000);
        if (event) tell(event, NULL);
        ended = restow_event_status(event) == 27;
        restow_event_free(event);
    }
}

static void play(restow_home *home, const char *key_id) {
    restow_error *error = NULL;
    uint8_t key[16];
    if (failed(restow_open_key(home, key_id, "Play", key, &error), &error)) return;
    memset(key, 0, sizeof key);
    printf("playing\n");
}

int main(int count, char **arguments) {
    restow_home *home = NULL;
    restow_restorer *restorer = NULL;
    restow_error *error = NULL;
    char line[256];
    if (count != 3) return printf("player HOME LOCATION\n"), 2;
    if (failed(restow_home_open(arguments[1], &home, &error), &error)) return 1;
    if (failed(restow_restorer_new(home, &restorer, &error), &error)) return 1;
    if (failed(restow_set_location(restorer, arguments[2], &error), &error)) return 1;
    while (fgets(line, sizeof line, stdin) && line[0] != 'q') {
        line[strcspn(line, "\r\n")] = 0;
        if (line[0] == 'b' && !failed(restow_backup(restorer, RESTOW_BACKUP_OVERWRITE, NULL, NULL, &error), &error)) follow(restorer);
        if (line[0] == 'r' && !failed(restow_restore(restorer, 0, NULL, NULL, &error), &error)) follow(restorer);
        if (line[0] == 'p' && line[1] == ' ') play(home, line + 2);
    }
    restow_restorer_free(restorer);
    restow_home_free(home);
    return 0;
}
