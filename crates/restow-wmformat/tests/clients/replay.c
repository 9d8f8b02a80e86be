/* Client of the Windows Media Format SDK that reads commands from standard input, one per line. The output repeats each
 * command before its results and so forms a transcript. `wait` prints the calls of OnStatus since the run began.
 *
 *   create | create-without-callback | create-nowhere      WMCreateBackupRestorer
 *   set NAME TYPE VALUE | set-raw NAME HEX                 SetProp: text with a terminator; raw bytes
 *   set-null NAME | remove NAME | remove-all               SetProp without a value; RemoveProp; RemoveAllProps
 *   count | by-index | by-name                             the getters
 *   backup FLAGS | restore FLAGS                           start a run
 *   backup-without-callback | restore-without-callback
 *   hold, begun, go                                        the next run waits in BEGIN until `go`; `begun` waits for this BEGIN
 *   again-from-end FLAGS                                   the next run's END starts a backup with these flags
 *   drop-from-end                                          the next run's END drops the last reference to the object
 *   cancel-backup | cancel-restore
 *   wait                                                   until END was told and the callback is let go
 *   limit SECONDS                                          how long anything is waited for; 300, unless said: then it fails with words
 *   drop                                                   drop all references to the object
 *   identity                                               the rules of QueryInterface
 *   titles KEYID                                           IRestowCatalog
 *   protected PATH | protected-null                        WMIsContentProtected
 *   reader                                                 WMCreateReader, on Windows
 */
#include "restow_wmsdk.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOLD 4096

struct told {
    int status, type;
    uint32_t result;
    char value[2048];
    int on_main, context;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct told told[TOLD];
static int told_count, ended, held, references = 1;
static int again_flags = -1, drop_from_end, limit = 300;
static pthread_t main_thread;

static IWMLicenseBackup *backup;
static IWMLicenseRestore *restore;
static IWMBackupRestoreProps *props;
static IRestowCatalog *catalog;

static void fail(const char *what) {
    printf("FAILED: %s\n", what);
    exit(1);
}

static struct timespec deadline(void) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += limit;
    return at;
}

/* Waits with the lock until the state changes. */
static void until_changed(const struct timespec *deadline, const char *what) {
    if (!pthread_cond_timedwait(&changed, &lock, deadline)) return;
    printf("FAILED: after %d s %s; %d times told, %d references, last:", limit, what, told_count, references);
    if (told_count) printf(" %d 0x%08X", told[told_count - 1].status, (unsigned)told[told_count - 1].result);
    printf("\n");
    fflush(stdout);
    _Exit(1);
}

/* UTF-8 to UTF-16 and back. */
static void wide(const char *text, WCHAR *out, size_t room) {
    size_t n = 0;
    const unsigned char *at = (const unsigned char *)text;
    while (*at && n + 2 < room) {
        uint32_t c = *at++;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        if (more) c &= 0x3fu >> more;
        while (more-- && *at) c = c << 6 | (*at++ & 0x3f);
        if (c >= 0x10000) {
            out[n++] = (WCHAR)(0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        out[n++] = (WCHAR)c;
    }
    out[n] = 0;
}

static void narrow(const WCHAR *text, char *out, size_t room) {
    size_t n = 0;
    while (*text && n + 5 < room) {
        uint32_t c = (uint16_t)*text++;
        if (c >= 0xd800 && c < 0xdc00) c = 0x10000 + ((c - 0xd800) << 10) + ((uint16_t)*text++ - 0xdc00);
        if (c < 0x80) out[n++] = (char)c;
        else {
            int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
            out[n++] = (char)((0xf00 >> more & 0xff) | c >> (6 * more));
            while (more--) out[n++] = (char)(0x80 | (c >> (6 * more) & 0x3f));
        }
    }
    out[n] = 0;
}

static size_t length(const WCHAR *text) {
    size_t n = 0;
    while (text[n]) n++;
    return n;
}

static void drop(void) {
    if (catalog) catalog->lpVtbl->Release(catalog);
    if (restore) restore->lpVtbl->Release(restore);
    if (props) props->lpVtbl->Release(props);
    if (backup) backup->lpVtbl->Release(backup);
    catalog = NULL, restore = NULL, props = NULL, backup = NULL;
}

/* The callback. */
static HRESULT STDMETHODCALLTYPE callback_query(IWMStatusCallback *self, REFIID iid, void **out) {
    if (memcmp(iid, &IID_IUnknown, sizeof(GUID)) && memcmp(iid, &IID_IWMStatusCallback, sizeof(GUID))) {
        *out = NULL;
        return E_NOINTERFACE;
    }
    *out = self;
    self->lpVtbl->AddRef(self);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE callback_add(IWMStatusCallback *self) {
    (void)self;
    pthread_mutex_lock(&lock);
    ULONG count = (ULONG)++references;
    pthread_mutex_unlock(&lock);
    return count;
}

static ULONG STDMETHODCALLTYPE callback_release(IWMStatusCallback *self) {
    (void)self;
    pthread_mutex_lock(&lock);
    ULONG count = (ULONG)--references;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return count;
}

static HRESULT STDMETHODCALLTYPE on_status(IWMStatusCallback *self, WMT_STATUS status, HRESULT result,
                                           WMT_ATTR_DATATYPE type, BYTE *value, void *context) {
    pthread_mutex_lock(&lock);
    if (told_count < TOLD) {
        struct told *now = &told[told_count++];
        now->status = (int)status, now->type = (int)type, now->result = (uint32_t)result;
        now->on_main = pthread_equal(pthread_self(), main_thread);
        now->context = context != NULL;
        strcpy(now->value, "-");
        if (value && type == 1) narrow((const WCHAR *)value, now->value, sizeof now->value);
        else if (value) strcpy(now->value, "???");
    }
    pthread_cond_broadcast(&changed);
    struct timespec at = deadline();
    while (status == 21 && held) until_changed(&at, "nobody said go");
    int again = status == 27 ? again_flags : -1;
    if (status == 27) again_flags = -1;
    if (status == 27 && again < 0) ended = 1;
    int dropping = status == 27 && drop_from_end;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (again >= 0) {
        HRESULT hr = backup->lpVtbl->BackupLicenses(backup, (DWORD)again, self);
        if (hr) {
            pthread_mutex_lock(&lock);
            ended = 1;
            if (told_count < TOLD) told[told_count++] = (struct told){.status = -1, .result = (uint32_t)hr, .value = "refused"};
            pthread_cond_broadcast(&changed);
            pthread_mutex_unlock(&lock);
        }
    }
    if (dropping) drop();
    return S_OK;
}

static const IWMStatusCallbackVtbl callback_methods = {callback_query, callback_add, callback_release, on_status};
static IWMStatusCallback callback = {(void *)&callback_methods};

static void answer(HRESULT hr) { printf("0x%08X\n", (unsigned)hr); }

/* Calls the callback. */
static void set(int *what, int value) {
    pthread_mutex_lock(&lock);
    *what = value;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void begin(void) {
    pthread_mutex_lock(&lock);
    told_count = 0, ended = 0;
    pthread_mutex_unlock(&lock);
}

static void wait_for_end(void) {
    pthread_mutex_lock(&lock);
    struct timespec at = deadline();
    while (!ended || references > 1) until_changed(&at, ended ? "the callback is still held" : "END was not told");
    for (int i = 0; i < told_count; i++) {
        const char *type = told[i].type == 1 ? "STRING" : told[i].type == 0 ? "DWORD" : "?";
        printf("%d 0x%08X %s %s %s%s\n", told[i].status, told[i].result, type, told[i].value,
               told[i].on_main ? "main" : "worker", told[i].context ? " context" : "");
    }
    drop_from_end = 0;
    pthread_mutex_unlock(&lock);
}

static int same(void *object, const GUID *from, const GUID *to, IUnknown *unknown) {
    void *first = NULL, *second = NULL, *third = NULL;
    IUnknown *start = object;
    if (start->lpVtbl->QueryInterface(start, from, &first)) return 0;
    if (((IUnknown *)first)->lpVtbl->QueryInterface(first, to, &second)) return 0;
    if (((IUnknown *)second)->lpVtbl->QueryInterface(second, &IID_IUnknown, &third)) return 0;
    int is = third == unknown;
    ((IUnknown *)first)->lpVtbl->Release(first);
    ((IUnknown *)second)->lpVtbl->Release(second);
    ((IUnknown *)third)->lpVtbl->Release(third);
    return is;
}

static void identity(void) {
    const GUID *all[] = {&IID_IUnknown, &IID_IWMLicenseBackup, &IID_IWMLicenseRestore, &IID_IWMBackupRestoreProps_,
                         &IID_IRestowCatalog_};
    IUnknown *object = (IUnknown *)backup, *unknown = NULL;
    if (object->lpVtbl->QueryInterface(object, &IID_IUnknown, (void **)&unknown)) fail("no IUnknown");
    int n = sizeof all / sizeof *all;
    for (int from = 0; from < n; from++)
        for (int to = 0; to < n; to++)
            if (!same(object, all[from], all[to], unknown)) fail("QueryInterface is not symmetric, or identity is not one");
    void *out = &n;
    answer(object->lpVtbl->QueryInterface(object, &IID_IWMStatusCallback, &out));
    printf("%s\n", out ? "not cleared" : "cleared");
    answer(object->lpVtbl->QueryInterface(object, &IID_IUnknown, NULL));
    ULONG before = object->lpVtbl->AddRef(object);
    printf("%s\n", object->lpVtbl->Release(object) == before - 1 ? "counted" : "miscounted");
    unknown->lpVtbl->Release(unknown);
}

static void create(void *given) {
    HRESULT hr = WMCreateBackupRestorer(given, &backup);
    answer(hr);
    if (hr) return;
    IUnknown *object = (IUnknown *)backup;
    if (object->lpVtbl->QueryInterface(object, &IID_IWMBackupRestoreProps_, (void **)&props)) fail("no properties");
    if (object->lpVtbl->QueryInterface(object, &IID_IWMLicenseRestore, (void **)&restore)) fail("no restore");
    if (object->lpVtbl->QueryInterface(object, &IID_IRestowCatalog_, (void **)&catalog)) fail("no catalog");
}

static void titles(const char *key_id) {
    WCHAR name[256], title[256];
    DWORD count = 99, len;
    wide(key_id, name, 256);
    answer(catalog->lpVtbl->GetTitleCount(catalog, name, &count));
    printf("%u\n", (unsigned)count);
    for (DWORD i = 0; i < count; i++) {
        len = 0;
        HRESULT hr = catalog->lpVtbl->GetTitle(catalog, name, i, NULL, &len);
        if (hr || len > 256) fail("a title without a length");
        DWORD room = len - 1;
        if ((uint32_t)catalog->lpVtbl->GetTitle(catalog, name, i, title, &room) != 0xc00d275c || room != len) fail("no room");
        hr = catalog->lpVtbl->GetTitle(catalog, name, i, title, &len);
        char text[1024];
        narrow(title, text, sizeof text);
        printf("%s\n", hr ? "failed" : text);
    }
    len = 7;
    answer(catalog->lpVtbl->GetTitle(catalog, name, count, title, &len));
    answer(catalog->lpVtbl->GetTitleCount(catalog, name, NULL));
}

static int is(const char *line, const char *command, const char **rest) {
    size_t n = strlen(command);
    if (strncmp(line, command, n) || (line[n] && line[n] != ' ')) return 0;
    *rest = line[n] ? line + n + 1 : line + n;
    return 1;
}

static void run(char *line) {
    const char *rest;
    static WCHAR name[256], value[40000];
    if (is(line, "create", &rest)) create(&callback);
    else if (is(line, "create-without-callback", &rest)) create(NULL);
    else if (is(line, "create-nowhere", &rest)) answer(WMCreateBackupRestorer((IUnknown *)&callback, NULL));
    else if (is(line, "set", &rest)) {
        char property[256] = "", type[16] = "";
        int used = 0;
        sscanf(rest, "%255s %15s %n", property, type, &used);
        wide(property, name, 256);
        wide(rest + used, value, 40000);
        answer(props->lpVtbl->SetProp(props, name, strcmp(type, "STRING") ? 0 : 1, (const BYTE *)value,
                                      (WORD)(2 * (length(value) + 1))));
    } else if (is(line, "set-raw", &rest)) {
        char property[256] = "", hex[1024] = "";
        BYTE bytes[512];
        WORD n = 0;
        sscanf(rest, "%255s %1023s", property, hex);
        for (; hex[2 * n]; n++) {
            unsigned byte;
            sscanf(hex + 2 * n, "%2x", &byte);
            bytes[n] = (BYTE)byte;
        }
        wide(property, name, 256);
        answer(props->lpVtbl->SetProp(props, name, 1, bytes, n));
    } else if (is(line, "set-null", &rest)) {
        wide(rest, name, 256);
        answer(props->lpVtbl->SetProp(props, *rest ? name : NULL, 1, *rest ? NULL : (const BYTE *)name, 2));
    } else if (is(line, "remove", &rest)) {
        wide(rest, name, 256);
        answer(props->lpVtbl->RemoveProp(props, *rest ? name : NULL));
    } else if (is(line, "remove-all", &rest)) answer(props->lpVtbl->RemoveAllProps(props));
    else if (is(line, "count", &rest)) {
        WORD count = 0;
        answer(props->lpVtbl->GetPropCount(props, &count));
    } else if (is(line, "by-index", &rest)) {
        WORD len = 4, bytes = 0;
        WMT_ATTR_DATATYPE type;
        answer(props->lpVtbl->GetPropByIndex(props, 0, name, &len, &type, NULL, &bytes));
    } else if (is(line, "by-name", &rest)) {
        WORD bytes = 0;
        WMT_ATTR_DATATYPE type;
        wide("asdf", name, 256);
        answer(props->lpVtbl->GetPropByName(props, name, &type, NULL, &bytes));
    } else if (is(line, "backup", &rest)) {
        begin();
        answer(backup->lpVtbl->BackupLicenses(backup, (DWORD)atoi(rest), &callback));
    } else if (is(line, "backup-meanwhile", &rest)) answer(backup->lpVtbl->BackupLicenses(backup, 1, &callback));
    else if (is(line, "restore", &rest)) {
        begin();
        answer(restore->lpVtbl->RestoreLicenses(restore, (DWORD)atoi(rest), &callback));
    } else if (is(line, "restore-meanwhile", &rest)) answer(restore->lpVtbl->RestoreLicenses(restore, 0, &callback));
    else if (is(line, "backup-without-callback", &rest)) answer(backup->lpVtbl->BackupLicenses(backup, 1, NULL));
    else if (is(line, "restore-without-callback", &rest)) answer(restore->lpVtbl->RestoreLicenses(restore, 0, NULL));
    else if (is(line, "hold", &rest)) set(&held, 1);
    else if (is(line, "begun", &rest)) {
        pthread_mutex_lock(&lock);
        struct timespec at = deadline();
        while (!told_count || told[told_count - 1].status != 21) until_changed(&at, "BEGIN was not told");
        pthread_mutex_unlock(&lock);
    } else if (is(line, "go", &rest)) set(&held, 0);
    else if (is(line, "again-from-end", &rest)) set(&again_flags, atoi(rest));
    else if (is(line, "drop-from-end", &rest)) set(&drop_from_end, 1);
    else if (is(line, "cancel-backup", &rest)) answer(backup->lpVtbl->CancelLicenseBackup(backup));
    else if (is(line, "cancel-restore", &rest)) answer(restore->lpVtbl->CancelLicenseRestore(restore));
    else if (is(line, "wait", &rest)) wait_for_end();
    else if (is(line, "limit", &rest)) limit = atoi(rest);
    else if (is(line, "drop", &rest)) drop();
    else if (is(line, "told", &rest)) {
        pthread_mutex_lock(&lock);
        printf("%d\n", told_count);
        pthread_mutex_unlock(&lock);
    } else if (is(line, "identity", &rest)) identity();
    else if (is(line, "titles", &rest)) titles(rest);
    else if (is(line, "protected", &rest)) {
        BOOL answered = 7;
        wide(rest, value, 40000);
        HRESULT hr = WMIsContentProtected(value, &answered);
        printf("0x%08X %d\n", (unsigned)hr, (int)answered);
    } else if (is(line, "protected-null", &rest)) {
        BOOL answered = 7;
        answer(WMIsContentProtected(NULL, &answered));
        wide("x", value, 40000);
        answer(WMIsContentProtected(value, NULL));
    }
#ifdef _WIN32
    else if (is(line, "reader", &rest)) {
        IWMReader *reader = NULL;
        HRESULT hr = WMCreateReader(NULL, 0, &reader);
        printf("%s\n", hr == S_OK && reader ? "a reader" : "no reader");
        if (reader) IWMReader_Release(reader);
    }
#endif
    else fail("no such command");
}

int main(void) {
    static char line[65536];
    main_thread = pthread_self();
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        printf("> %s\n", line);
        fflush(stdout);
        run(line);
        fflush(stdout);
    }
    drop();
    if (references != 1) fail("the callback is still held");
    return 0;
}
