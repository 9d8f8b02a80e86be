/* Unloads the library during a run: the code of the run's thread must stay in memory.
 * Backs up to the folder on standard input. */
#include "restow_wmsdk.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int begun, unloaded, references = 1, let_go;

static HRESULT STDMETHODCALLTYPE query(IWMStatusCallback *self, REFIID iid, void **out) {
    (void)self, (void)iid;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE add_ref(IWMStatusCallback *self) {
    (void)self;
    pthread_mutex_lock(&lock);
    int now = ++references;
    pthread_mutex_unlock(&lock);
    return (ULONG)now;
}

/* After the last call of this program the thread of the run still executes code of the library. */
static ULONG STDMETHODCALLTYPE release(IWMStatusCallback *self) {
    (void)self;
    pthread_mutex_lock(&lock);
    int now = --references;
    if (now == 1) let_go = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return (ULONG)now;
}

static HRESULT STDMETHODCALLTYPE on_status(IWMStatusCallback *self, WMT_STATUS status, HRESULT hr, WMT_ATTR_DATATYPE type, BYTE *value, void *context) {
    (void)self, (void)type, (void)value, (void)context;
    pthread_mutex_lock(&lock);
    printf("%d 0x%08X\n", (int)status, (unsigned)hr);
    fflush(stdout);
    begun = 1;
    pthread_cond_broadcast(&changed);
    while (!unloaded) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return S_OK;
}

int main(void) {
    static IWMStatusCallbackVtbl vtable = {query, add_ref, release, on_status};
    IWMStatusCallback callback = {&vtable};
    HRESULT(WINAPI * create)(IUnknown *, IWMLicenseBackup **);
    char path[4096];
    WCHAR wide[4096], name[] = L"BackupPath";
    size_t n = 0;
    if (!fgets(path, sizeof path, stdin)) return 2;
    for (; path[n] && path[n] != '\n' && path[n] != '\r'; n++) wide[n] = (WCHAR)(unsigned char)path[n];
    wide[n] = 0;

    HMODULE library = LoadLibraryA("wmvcore.dll");
    FARPROC address = library ? GetProcAddress(library, "WMCreateBackupRestorer") : NULL;
    if (!address) return printf("the library cannot be loaded\n"), 1;
    memcpy(&create, &address, sizeof create);
    IWMLicenseBackup *backup = NULL;
    IWMBackupRestoreProps *props = NULL;
    if (create(NULL, &backup)) return printf("no restorer\n"), 1;
    backup->lpVtbl->QueryInterface(backup, &IID_IWMBackupRestoreProps_, (void **)&props);
    props->lpVtbl->SetProp(props, name, 1, (const BYTE *)wide, (WORD)(2 * (n + 1)));
    if (backup->lpVtbl->BackupLicenses(backup, 1, &callback)) return printf("no run\n"), 1;

    pthread_mutex_lock(&lock);
    while (!begun) pthread_cond_wait(&changed, &lock);
    props->lpVtbl->Release(props);
    backup->lpVtbl->Release(backup);
    FreeLibrary(library);
    printf("unloaded\n");
    unloaded = 1;
    pthread_cond_broadcast(&changed);
    while (!let_go) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    printf("let go\n%s loaded\n", GetModuleHandleA("wmvcore.dll") ? "still" : "no longer");
    return 0;
}
