/* Complete Windows program that backs up and restores licenses, in one file. Read it from top to bottom.
 *
 *   1. declarations missing in headers    4. one run: start, events, end
 *   2. texts: results, questions          5. questions to the user
 *   3. the status callback                6. the window
 *
 * Debian:  x86_64-w64-mingw32-gcc -municode -mwindows -o backup_sample.exe backup_sample.c
 *              -L dist/x86_64-pc-windows-gnu -lwmvcore -lole32 -luuid -lshell32 -lcomctl32 -lgdi32
 * MSVC:    cl /utf-8 /W4 backup_sample.c wmvcore.dll.lib ole32.lib uuid.lib shell32.lib comctl32.lib gdi32.lib user32.lib
 *
 *     backup_sample [/backup FOLDER | /restore FOLDER] [/log FILE]
 * starts at once and appends the text of the list to FILE.
 *
 * Only IRestowCatalog is an extension of Restow. Without it the program shows key IDs instead of titles. */
#ifndef UNICODE
#define UNICODE
#endif
#define _WIN32_WINNT 0x0A00
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <commctrl.h>
#include <nserror.h>
#include <shellapi.h>
#include <shobjidl.h>
#include <wmsdkidl.h>

#include <stdlib.h>
#include <wchar.h>

#ifdef _MSC_VER /* current style of the controls */
#pragma comment(linker, "\"/manifestdependency:type='win32' name='Microsoft.Windows.Common-Controls' version='6.0.0.0' \
processorArchitecture='*' publicKeyToken='6595b64144ccf1df' language='*'\"")
#endif

/* Replace: your privacy policy, with the services of your users' licenses. */
static const WCHAR PRIVACY_PAGE[] = L"https://www.example.com/privacy";

/* ---- 1. Declarations missing in headers ------------------------------------------------------------------------- */

#ifndef WM_BACKUP_OVERWRITE
#define WM_BACKUP_OVERWRITE ((DWORD)1)     /* an existing backup may be replaced */
#define WM_RESTORE_INDIVIDUALIZE ((DWORD)2) /* the user consented to register this computer */
#endif

#ifdef __MINGW32__
typedef struct IWMBackupRestoreProps IWMBackupRestoreProps;
struct IWMBackupRestoreProps {
    const struct {
        HRESULT(STDMETHODCALLTYPE *QueryInterface)(IWMBackupRestoreProps *, REFIID, void **);
        ULONG(STDMETHODCALLTYPE *AddRef)(IWMBackupRestoreProps *);
        ULONG(STDMETHODCALLTYPE *Release)(IWMBackupRestoreProps *);
        void *GetPropCount, *GetPropByIndex, *GetPropByName; /* not implemented in the SDK */
        HRESULT(STDMETHODCALLTYPE *SetProp)(IWMBackupRestoreProps *, LPCWSTR, WMT_ATTR_DATATYPE, const BYTE *, WORD);
        HRESULT(STDMETHODCALLTYPE *RemoveProp)(IWMBackupRestoreProps *, LPCWSTR);
        HRESULT(STDMETHODCALLTYPE *RemoveAllProps)(IWMBackupRestoreProps *);
    } *lpVtbl;
};
DEFINE_GUID(IID_IWMBackupRestoreProps, 0x3c8e0da6, 0x996f, 0x4ff3, 0xa1, 0xaf, 0x48, 0x38, 0xf9, 0x37, 0x7e, 0x2e);
#endif

/* Extension of Restow: titles of the files for a key ID. See docs/wmformat.md. */
typedef struct IRestowCatalog IRestowCatalog;
struct IRestowCatalog {
    const struct {
        HRESULT(STDMETHODCALLTYPE *QueryInterface)(IRestowCatalog *, REFIID, void **);
        ULONG(STDMETHODCALLTYPE *AddRef)(IRestowCatalog *);
        ULONG(STDMETHODCALLTYPE *Release)(IRestowCatalog *);
        HRESULT(STDMETHODCALLTYPE *GetTitleCount)(IRestowCatalog *, LPCWSTR keyId, DWORD *count);
        HRESULT(STDMETHODCALLTYPE *GetTitle)(IRestowCatalog *, LPCWSTR keyId, DWORD index, WCHAR *title, DWORD *length);
    } *lpVtbl;
};
DEFINE_GUID(IID_IRestowCatalog, 0xd2f1b1c6, 0x5e0b, 0x4e5c, 0x9c, 0x43, 0x6b, 0x7c, 0x0b, 0x7e, 0x3a, 0x51);

/* State of the program. Only the thread of the window uses it, except `events`. */
typedef enum { IDLE, BACKUP, RESTORE } Operation;
typedef struct Event Event;
enum { LONGEST_FOLDER = 32767 }; /* with the terminator: SetProp has a 16-bit length in bytes */

static struct {
    HWND window, list, state, privacy;
    HFONT font, underlined;
    HANDLE log;
    IWMLicenseBackup *backup; /* these four interfaces belong to one object */
    IWMLicenseRestore *restore;
    IWMBackupRestoreProps *properties;
    IRestowCatalog *catalog; /* NULL if the DLL is not Restow's */
    Operation running;
    DWORD flags; /* of the run */
    unsigned restricted; /* number of licenses that this run could not back up */
    BOOL needsConsent, closing;
    WCHAR folder[LONGEST_FOLDER];
    struct { SRWLOCK lock; Event *first, **last; } events; /* from the thread of the run, not shown yet */
} app;

/* ---- 2. Texts ---------------------------------------------------------------------------------------------------- */

/* Results of the methods and of END. A text names the event, then the next action. */
static const WCHAR *words(HRESULT hr) {
    switch (hr) {
    case S_OK: return app.running == RESTORE ? L"The licenses are restored." : L"The licenses are backed up.";
    case NS_E_DRM_STORE_NOTALLSTORED: return L"Some licenses were restored and some were not. Restore again later.";
    case NS_E_DRM_OPERATION_CANCELED: return L"Cancelled. Nothing was changed.";
    case NS_E_DRM_BACKUP_EXISTS: return L"There is a backup of this computer already.";
    case NS_E_DRM_BACKUP_CORRUPT: return L"There is no backup here that can be read. Try another folder.";
    case NS_E_DRM_BACKUPRESTORE_BUSY: return L"Another backup or restore is running. Wait for it to end.";
    case NS_E_DRM_NEEDS_INDIVIDUALIZATION: return L"This computer must be registered first. Nothing was sent.";
    case NS_E_DRM_RESTORE_FRAUD: return L"The license service does not allow it. The page in your browser says why.";
    case NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE: return L"The license service does not answer. Try again later.";
    case NS_E_DRM_ERROR_BAD_NET_RESP: return L"The license service gave an answer that makes no sense.";
    case NS_E_DRM_LICENSE_EXPIRED: return L"The licenses have expired.";
    case NS_E_DRM_LICENSE_UNUSABLE: return L"The licenses were revoked or given back. Ask where they came from.";
    case NS_E_DRM_INVALID_MACHINE: return L"The licenses here belong to another computer. Restore from a backup.";
    case NS_E_DRM_LICENSE_STORE_ERROR:
    case NS_E_DRM_LICENSE_STORE_SAVE_ERROR: return L"This computer's licenses cannot be read or written.";
    case NS_E_DRM_DATASTORE_CORRUPT: return L"This computer's licenses are damaged. Restore from a backup.";
    case NS_E_DRM_NOT_CONFIGURED: return L"The backup is encrypted, and its passphrase is not set up.";
    case NS_E_DRM_INVALID_PROPERTY: return L"No folder was chosen.";
    case NS_E_WMPBR_DRIVE_INVALID: return L"This folder cannot be used. Choose another.";
    case E_ACCESSDENIED: return L"Access to this folder is denied. Choose another.";
    case E_OUTOFMEMORY: return L"There is too little memory.";
    case E_NOINTERFACE:
    case E_NOTIMPL: return L"This system's wmvcore.dll cannot back up licenses.";
    default: return L"It did not work.";
    }
}

static const WCHAR OVERWRITE[] = L"This folder holds a backup of this computer.\n\nOverwrite it with today's licenses?";

/* Name the data, its receiver, and the effect of No. Never pass WM_RESTORE_INDIVIDUALIZE without a Yes. */
static const WCHAR CONSENT[] =
    L"Before these licenses can be restored, this computer must be registered with the license service of each shop or "
    L"library that issued them. It counts as one of the computers a license may be on.\n\n"
    L"These services are sent, over the Internet:\n"
    L"  •  a unique identifier of this computer, made for that service alone, and a name for it\n"
    L"  •  which of their licenses are in the backup, and how often they were used\n\n"
    L"They are not sent titles, file names, or licenses of others. Help shows the privacy policy, which says what they do "
    L"with your data.\n\n"
    L"If you say No, nothing is sent. Licenses that need no registration are restored all the same, and your other files "
    L"open as before.\n\nDo you agree?";

static const WCHAR RETRY[] = L"The license service does not answer. Often a second try helps.\n\nTry again?";

/* ---- 3. The status callback ------------------------------------------------------------------------------------- */

/* One call of OnStatus. The thread of the run makes the call, and the value is valid only during the call. Copy the
 * value, pass it to the thread of the window, and return at once. Never wait for the window: it may wait for the run. */
struct Event {
    Event *next;
    WMT_STATUS status;
    HRESULT result;
    BOOL titled; /* `text` has titles instead of a key ID */
    WCHAR text[];
};
enum { EVENTS = WM_APP, TITLES = 1024, A_SECOND = 1000 };

typedef struct {
    IWMStatusCallback base; /* first, so that a pointer to one is a pointer to the other */
    LONG references;
    HWND window;
    IRestowCatalog *catalog;
} Callback;

static HRESULT STDMETHODCALLTYPE callback_query(IWMStatusCallback *base, REFIID iid, void **object) {
    if (!object) return E_POINTER;
    *object = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IWMStatusCallback)) return E_NOINTERFACE;
    *object = base;
    IWMStatusCallback_AddRef(base);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE callback_add(IWMStatusCallback *base) {
    return (ULONG)InterlockedIncrement(&((Callback *)base)->references);
}

/* The thread of the run may release the last reference. */
static ULONG STDMETHODCALLTYPE callback_release(IWMStatusCallback *base) {
    Callback *callback = (Callback *)base;
    ULONG left = (ULONG)InterlockedDecrement(&callback->references);
    if (!left) {
        if (callback->catalog) callback->catalog->lpVtbl->Release(callback->catalog);
        free(callback);
    }
    return left;
}

/* Joins the titles of a key ID in one line; FALSE without a title. Several files may share a key ID. */
static BOOL find_titles(IRestowCatalog *catalog, const WCHAR *keyId, WCHAR *line, DWORD room) {
    DWORD count = 0, used = 0;
    if (!catalog || FAILED(catalog->lpVtbl->GetTitleCount(catalog, keyId, &count))) return FALSE;
    for (DWORD i = 0; i < count; i++) {
        DWORD separator = used ? 2 : 0, length = room - used; /* in characters, with the terminator */
        if (length <= separator) break;
        length -= separator;
        if (FAILED(catalog->lpVtbl->GetTitle(catalog, keyId, i, line + used + separator, &length))) break;
        if (separator) wmemcpy(line + used, L", ", separator);
        used += separator + length - 1;
    }
    line[used] = 0;
    return used > 0;
}

static HRESULT STDMETHODCALLTYPE callback_status(IWMStatusCallback *base, WMT_STATUS status, HRESULT result,
                                                 WMT_ATTR_DATATYPE type, BYTE *value, void *context) {
    Callback *callback = (Callback *)base;
    const WCHAR *text = type == WMT_TYPE_STRING && value ? (const WCHAR *)value : L"";
    size_t length = wcslen(text) + 1, room = length > TITLES ? length : TITLES;
    Event *event = calloc(1, sizeof *event + room * sizeof(WCHAR));
    (void)context; /* always NULL, because no method has a context parameter */
    if (!event) return S_OK;
    event->status = status, event->result = result;
    if (status == WMT_RESTRICTED_LICENSE) event->titled = find_titles(callback->catalog, text, event->text, TITLES);
    if (!event->titled) wmemcpy(event->text, text, length);
    /* A message queue holds 10,000 messages, but there may be more licenses. So use a list and one message. */
    AcquireSRWLockExclusive(&app.events.lock);
    BOOL first = !app.events.first;
    if (first) app.events.last = &app.events.first;
    *app.events.last = event;
    app.events.last = &event->next;
    ReleaseSRWLockExclusive(&app.events.lock);
    if (first) PostMessage(callback->window, EVENTS, 0, 0); /* if the queue is full, a timer reads the list */
    return S_OK;
}

/* Creates a callback with one reference, which the caller releases. The run adds its own reference. */
static IWMStatusCallback *new_callback(void) {
    static IWMStatusCallbackVtbl methods = {callback_query, callback_add, callback_release, callback_status};
    Callback *callback = calloc(1, sizeof *callback);
    if (!callback) return NULL;
    callback->base.lpVtbl = &methods;
    callback->references = 1;
    callback->window = app.window;
    callback->catalog = app.catalog;
    if (callback->catalog) callback->catalog->lpVtbl->AddRef(callback->catalog);
    return &callback->base;
}

/* ---- 4. One run: start, events, end ----------------------------------------------------------------------------- */

static BOOL ask(const WCHAR *title, const WCHAR *question, UINT style);
static void open_page(const WCHAR *url);
static void show_line(const WCHAR *event, const WCHAR *subject, const WCHAR *result);
static void show_running(Operation operation);

/* One object has all three interfaces. Restow's object has a fourth. */
static HRESULT create_restorer(void) {
    IWMStatusCallback *callback = new_callback(); /* for events outside of runs: the function requires it */
    HRESULT hr = WMCreateBackupRestorer((IUnknown *)callback, &app.backup);
    if (callback) IWMStatusCallback_Release(callback);
    if (FAILED(hr)) return hr;
    IWMLicenseBackup_QueryInterface(app.backup, &IID_IRestowCatalog, (void **)&app.catalog);
    hr = IWMLicenseBackup_QueryInterface(app.backup, &IID_IWMLicenseRestore, (void **)&app.restore);
    if (FAILED(hr)) return hr;
    return IWMLicenseBackup_QueryInterface(app.backup, &IID_IWMBackupRestoreProps, (void **)&app.properties);
}

static void release_restorer(void) {
    if (app.catalog) app.catalog->lpVtbl->Release(app.catalog);
    if (app.properties) app.properties->lpVtbl->Release(app.properties);
    if (app.restore) IWMLicenseRestore_Release(app.restore);
    if (app.backup) IWMLicenseBackup_Release(app.backup);
}

/* Starts a run in app.folder. The methods return at once. If a method fails, there are no events. */
static void start(Operation operation, DWORD flags) {
    IWMStatusCallback *callback = new_callback();
    HRESULT hr = callback ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = app.properties->lpVtbl->SetProp(app.properties, operation == BACKUP ? L"BackupPath" : L"RestorePath",
                                             WMT_TYPE_STRING, (const BYTE *)app.folder,
                                             (WORD)((wcslen(app.folder) + 1) * sizeof(WCHAR)));
    app.flags = flags, app.restricted = 0, app.needsConsent = FALSE;
    if (SUCCEEDED(hr) && operation == BACKUP) hr = IWMLicenseBackup_BackupLicenses(app.backup, flags, callback);
    if (SUCCEEDED(hr) && operation == RESTORE) hr = IWMLicenseRestore_RestoreLicenses(app.restore, flags, callback);
    if (callback) IWMStatusCallback_Release(callback);
    if (SUCCEEDED(hr)) show_running(operation), SetTimer(app.window, EVENTS, A_SECOND, NULL);
    else show_line(L"Not started", app.folder, words(hr));
}

/* The run continues to END. The result of END shows if the cancel was in time. */
static void cancel(void) {
    if (app.running == BACKUP) IWMLicenseBackup_CancelLicenseBackup(app.backup);
    if (app.running == RESTORE) IWMLicenseRestore_CancelLicenseRestore(app.restore);
    if (app.running != IDLE) SetWindowText(app.state, L"Cancelling…");
}

/* END arrived: exactly once, and last. The object can be used again. */
static void finish(HRESULT hr) {
    Operation done = app.running;
    WCHAR title[64], result[256];
    swprintf(title, 64, L"%ls %ls", done == BACKUP ? L"Backup" : L"Restore",
             SUCCEEDED(hr)                       ? L"finished"
             : hr == NS_E_DRM_OPERATION_CANCELED ? L"cancelled"
             : hr == NS_E_DRM_STORE_NOTALLSTORED ? L"finished in part"
                                                 : L"failed");
    /* The code is for technical support. */
    if (FAILED(hr)) swprintf(result, 256, L"%ls (0x%08lX)", words(hr), (unsigned long)hr);
    else if (app.restricted) swprintf(result, 256, L"%ls Left out: %u.", words(hr), app.restricted);
    else swprintf(result, 256, L"%ls", words(hr));
    show_line(title, app.folder, result);
    show_running(IDLE);
    SetWindowText(app.state, result);
    if (app.closing) DestroyWindow(app.window);
    else if (hr == NS_E_DRM_OPERATION_CANCELED) return;
    else if (hr == NS_E_DRM_BACKUP_EXISTS) {
        if (ask(L"Overwrite the backup?", OVERWRITE, MB_YESNO | MB_DEFBUTTON2)) start(done, WM_BACKUP_OVERWRITE);
    } else if (app.needsConsent && !(app.flags & WM_RESTORE_INDIVIDUALIZE)) {
        if (ask(L"Register this computer?", CONSENT, MB_YESNO | MB_DEFBUTTON2 | MB_HELP))
            start(done, WM_RESTORE_INDIVIDUALIZE);
    } else if (hr == NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE) {
        if (ask(L"Try again?", RETRY, MB_RETRYCANCEL)) start(done, app.flags);
    }
}

static void handle(const Event *event) {
    const WCHAR *wrong = FAILED(event->result) ? words(event->result) : L"";
    switch (event->status) {
    case WMT_BACKUPRESTORE_BEGIN:
        show_line(app.running == BACKUP ? L"Backup started" : L"Restore started", app.folder, wrong);
        break;
    case WMT_BACKUPRESTORE_CONNECTING: show_line(L"Connecting to the license service", L"", wrong); break;
    case WMT_BACKUPRESTORE_DISCONNECTING: show_line(L"Disconnecting", L"", wrong); break;
    case WMT_RESTRICTED_LICENSE: /* once per license. Show it, so that the user knows which licenses are not in the backup. */
        app.restricted++;
        if (event->titled) show_line(L"Cannot be backed up", event->text, L"Its license does not allow it.");
        else show_line(L"Some licenses cannot be backed up", event->text, L"They do not allow it.");
        break;
    case WMT_NEEDS_INDIVIDUALIZATION: /* the question is at END: the run continues with licenses that need no registration */
        app.needsConsent = TRUE;
        show_line(L"Registration needed", L"", wrong);
        break;
    case WMT_ERROR_WITHURL: /* the service refuses, and its page has the reason and a contact */
        show_line(L"Refused by the license service", event->text, wrong);
        open_page(event->text);
        break;
    default: break; /* finish() handles END; other events do not belong to a backup or restore */
    }
}

static Event *next_event(void) {
    AcquireSRWLockExclusive(&app.events.lock);
    Event *event = app.events.first;
    if (event) app.events.first = event->next;
    ReleaseSRWLockExclusive(&app.events.lock);
    return event;
}

/* Shows the new events, on the thread of the window. Works in parts, so that thousands of lines do not block keys. */
static void handle_events(void) {
    static BOOL inside; /* ShellExecute may dispatch messages, which call this function again */
    HRESULT ended = S_OK;
    BOOL has_ended = FALSE, more = TRUE;
    if (inside) return;
    inside = TRUE;
    SendMessage(app.list, WM_SETREDRAW, FALSE, 0);
    for (int i = 0; i < 100 && more; i++) {
        Event *event = next_event();
        has_ended = event && event->status == WMT_BACKUPRESTORE_END;
        if (has_ended) ended = event->result;
        else if (event) handle(event);
        more = event && !has_ended;
        free(event);
    }
    SendMessage(app.list, WM_SETREDRAW, TRUE, 0);
    ListView_EnsureVisible(app.list, ListView_GetItemCount(app.list) - 1, FALSE);
    inside = FALSE;
    /* Unlike a message, a timer has a lower priority than keys and painting. */
    if (has_ended) finish(ended);
    else if (app.running != IDLE) SetTimer(app.window, EVENTS, more ? USER_TIMER_MINIMUM : A_SECOND, NULL);
}

/* ---- 5. Questions to the user ----------------------------------------------------------------------------------- */

static void write_log(const WCHAR *event, const WCHAR *subject, const WCHAR *result) {
    WCHAR line[TITLES * 3];
    char utf8[TITLES * 9];
    DWORD written;
    if (!app.log) return;
    swprintf(line, TITLES * 3, L"%.400ls\t%.1400ls\t%.400ls\r\n", event, subject, result);
    int length = WideCharToMultiByte(CP_UTF8, 0, line, -1, utf8, sizeof utf8, NULL, NULL);
    if (length > 1) WriteFile(app.log, utf8, (DWORD)length - 1, &written, NULL);
}

static BOOL ask(const WCHAR *title, const WCHAR *question, UINT style) {
    int answer = MessageBox(app.window, question, title, style | MB_ICONQUESTION);
    BOOL yes = answer == IDYES || answer == IDRETRY;
    write_log(title, L"", yes ? L"Yes" : L"No");
    return yes;
}

/* Only web pages: an address from a service must not start a program. */
static void open_page(const WCHAR *url) {
    if (_wcsnicmp(url, L"https://", 8) && _wcsnicmp(url, L"http://", 7)) return;
    if ((INT_PTR)ShellExecute(app.window, L"open", url, NULL, NULL, SW_SHOWNORMAL) <= 32)
        show_line(L"No browser", url, L"Open this page yourself.");
}

static BOOL use_folder(const WCHAR *folder) {
    if (wcslen(folder) >= LONGEST_FOLDER) return FALSE;
    wcscpy(app.folder, folder);
    return TRUE;
}

static BOOL choose_folder(const WCHAR *title) {
    IFileOpenDialog *dialog = NULL;
    IShellItem *item = NULL;
    WCHAR *path = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_FileOpenDialog, NULL, CLSCTX_ALL, &IID_IFileOpenDialog, (void **)&dialog);
    if (SUCCEEDED(hr)) hr = IFileOpenDialog_SetOptions(dialog, FOS_PICKFOLDERS | FOS_FORCEFILESYSTEM);
    if (SUCCEEDED(hr)) hr = IFileOpenDialog_SetTitle(dialog, title);
    if (SUCCEEDED(hr)) hr = IFileOpenDialog_Show(dialog, app.window);
    if (SUCCEEDED(hr)) hr = IFileOpenDialog_GetResult(dialog, &item);
    if (SUCCEEDED(hr)) hr = IShellItem_GetDisplayName(item, SIGDN_FILESYSPATH, &path);
    BOOL chosen = SUCCEEDED(hr) && use_folder(path);
    CoTaskMemFree(path);
    if (item) IShellItem_Release(item);
    if (dialog) IFileOpenDialog_Release(dialog);
    return chosen;
}

/* ---- 6. The window ---------------------------------------------------------------------------------------------- */

enum { ID_BACKUP = 100, ID_RESTORE, ID_CANCEL, ID_EXIT, ID_PRIVACY };

/* Sizes for 96 dots per inch. */
static int px(int size) { return MulDiv(size, (int)GetDpiForWindow(app.window), 96); }

static void show_line(const WCHAR *event, const WCHAR *subject, const WCHAR *result) {
    LVITEM item = {.mask = LVIF_TEXT, .iItem = ListView_GetItemCount(app.list), .pszText = (WCHAR *)event};
    int row = ListView_InsertItem(app.list, &item);
    ListView_SetItemText(app.list, row, 1, (WCHAR *)subject);
    ListView_SetItemText(app.list, row, 2, (WCHAR *)result);
    write_log(event, subject, result);
}

/* Enables Cancel during a run, and the other buttons otherwise. */
static void show_running(Operation operation) {
    HMENU menu = GetMenu(app.window);
    UINT idle = operation == IDLE ? MF_ENABLED : MF_GRAYED, busy = operation == IDLE ? MF_GRAYED : MF_ENABLED;
    EnableMenuItem(menu, ID_BACKUP, idle);
    EnableMenuItem(menu, ID_RESTORE, idle);
    EnableMenuItem(menu, ID_CANCEL, busy);
    app.running = operation;
    if (operation == BACKUP) SetWindowText(app.state, L"Backing up…");
    if (operation == RESTORE) SetWindowText(app.state, L"Restoring…");
}

static void command(Operation operation) {
    if (!choose_folder(operation == BACKUP ? L"Back up licenses to" : L"Restore licenses from")) return;
    ListView_DeleteAllItems(app.list);
    start(operation, 0);
}

static void lay_out(void) {
    RECT inner;
    GetClientRect(app.window, &inner);
    int edge = px(8), line = px(24), link = px(110), width = inner.right - 2 * edge, bottom = inner.bottom - edge - line;
    int rest = width - px(200) - GetSystemMetricsForDpi(SM_CXVSCROLL, GetDpiForWindow(app.window)) - px(6);
    MoveWindow(app.list, edge, edge, width, bottom - 2 * edge, TRUE);
    MoveWindow(app.state, edge, bottom, width - link - edge, line, TRUE);
    MoveWindow(app.privacy, inner.right - edge - link, bottom, link, line, TRUE);
    ListView_SetColumnWidth(app.list, 0, px(200));
    ListView_SetColumnWidth(app.list, 1, rest * 3 / 8);
    ListView_SetColumnWidth(app.list, 2, rest - rest * 3 / 8);
}

/* The user's message font, in the size for this screen. */
static void set_fonts(void) {
    NONCLIENTMETRICS metrics = {.cbSize = sizeof metrics};
    SystemParametersInfoForDpi(SPI_GETNONCLIENTMETRICS, sizeof metrics, &metrics, 0, GetDpiForWindow(app.window));
    if (app.font) DeleteObject(app.font), DeleteObject(app.underlined);
    app.font = CreateFontIndirect(&metrics.lfMessageFont);
    metrics.lfMessageFont.lfUnderline = TRUE;
    app.underlined = CreateFontIndirect(&metrics.lfMessageFont);
    SendMessage(app.list, WM_SETFONT, (WPARAM)app.font, TRUE);
    SendMessage(app.state, WM_SETFONT, (WPARAM)app.font, TRUE);
    SendMessage(app.privacy, WM_SETFONT, (WPARAM)app.underlined, TRUE);
    /* An empty image of the row height sets the height of the rows. */
    HIMAGELIST old = ListView_SetImageList(app.list, ImageList_Create(1, px(20), ILC_COLOR, 1, 0), LVSIL_SMALL);
    if (old) ImageList_Destroy(old);
}

static HWND add_control(const WCHAR *class, const WCHAR *text, DWORD style, int id) {
    return CreateWindow(class, text, WS_CHILD | WS_VISIBLE | style, 0, 0, 0, 0, app.window, (HMENU)(INT_PTR)id,
                        GetModuleHandle(NULL), NULL);
}

static void create(HWND window) {
    static const WCHAR *const COLUMNS[] = {L"Event", L"Title or key ID", L"Result"};
    app.window = window;
    app.list = add_control(WC_LISTVIEW, L"Events", LVS_REPORT | LVS_SINGLESEL | WS_BORDER | WS_TABSTOP, 0);
    app.state = add_control(L"STATIC", L"Ready.", SS_NOPREFIX | SS_ENDELLIPSIS | SS_CENTERIMAGE, 0);
    /* A button that looks like a link: it has a tab stop and works with old controls. */
    app.privacy = add_control(L"BUTTON", L"&Privacy policy", BS_OWNERDRAW | WS_TABSTOP, ID_PRIVACY);
    ListView_SetExtendedListViewStyle(app.list, LVS_EX_FULLROWSELECT | LVS_EX_LABELTIP | LVS_EX_DOUBLEBUFFER);
    for (int i = 0; i < 3; i++) {
        LVCOLUMN column = {.mask = LVCF_TEXT, .pszText = (WCHAR *)COLUMNS[i]};
        ListView_InsertColumn(app.list, i, &column);
    }
    set_fonts();
    show_running(IDLE);
}

static void draw_link(const DRAWITEMSTRUCT *draw) {
    RECT at = draw->rcItem;
    WCHAR text[64];
    GetWindowText(draw->hwndItem, text, 64);
    FillRect(draw->hDC, &at, GetSysColorBrush(COLOR_BTNFACE));
    SetBkMode(draw->hDC, TRANSPARENT);
    SetTextColor(draw->hDC, GetSysColor(COLOR_BTNTEXT));
    DrawText(draw->hDC, text, -1, &at, DT_SINGLELINE | DT_VCENTER | DT_RIGHT | DT_HIDEPREFIX);
    if (draw->itemState & ODS_FOCUS) DrawFocusRect(draw->hDC, &at);
}

static LRESULT CALLBACK window_procedure(HWND window, UINT message, WPARAM wparam, LPARAM lparam) {
    switch (message) {
    case WM_CREATE: create(window); return 0;
    case EVENTS: handle_events(); return 0;
    case WM_TIMER:
        KillTimer(window, EVENTS);
        handle_events();
        return 0;
    case WM_SIZE:
        if (wparam != SIZE_MINIMIZED) lay_out();
        return 0;
    case WM_SETFOCUS: SetFocus(app.list); return 0;
    case WM_DRAWITEM: draw_link((const DRAWITEMSTRUCT *)lparam); return TRUE;
    case WM_SETCURSOR:
        if ((HWND)wparam != app.privacy) break;
        SetCursor(LoadCursor(NULL, IDC_HAND));
        return TRUE;
    case WM_GETMINMAXINFO:
        if (app.window) ((MINMAXINFO *)lparam)->ptMinTrackSize = (POINT){px(560), px(260)};
        return 0;
    case WM_DPICHANGED: { /* moved to a screen with another resolution */
        const RECT *to = (const RECT *)lparam;
        set_fonts();
        MoveWindow(window, to->left, to->top, to->right - to->left, to->bottom - to->top, TRUE);
        return 0;
    }
    case WM_COMMAND:
        switch (LOWORD(wparam)) {
        case ID_BACKUP: command(BACKUP); return 0;
        case ID_RESTORE: command(RESTORE); return 0;
        case ID_CANCEL: cancel(); return 0;
        case ID_EXIT: SendMessage(window, WM_CLOSE, 0, 0); return 0;
        case ID_PRIVACY: open_page(PRIVACY_PAGE); return 0;
        case IDOK: /* Enter */
            if (GetFocus() == app.privacy) open_page(PRIVACY_PAGE);
            return 0;
        }
        break;
    case WM_HELP: open_page(PRIVACY_PAGE); return TRUE; /* F1, and Help in the consent prompt */
    case WM_CLOSE: /* during a run: cancel, stay responsive, and exit after END */
        if (app.running == IDLE) break;
        app.closing = TRUE;
        cancel();
        return 0;
    case WM_DESTROY: PostQuitMessage(0); return 0;
    }
    return DefWindowProc(window, message, wparam, lparam);
}

static HMENU create_menu(void) {
    HMENU menu = CreateMenu(), licenses = CreatePopupMenu();
    AppendMenu(licenses, MF_STRING, ID_BACKUP, L"&Back up licenses…\tCtrl+B");
    AppendMenu(licenses, MF_STRING, ID_RESTORE, L"&Restore licenses…\tCtrl+R");
    AppendMenu(licenses, MF_SEPARATOR, 0, NULL);
    AppendMenu(licenses, MF_STRING, ID_CANCEL, L"&Cancel\tEsc");
    AppendMenu(licenses, MF_SEPARATOR, 0, NULL);
    AppendMenu(licenses, MF_STRING, ID_EXIT, L"E&xit\tAlt+F4");
    AppendMenu(menu, MF_POPUP, (UINT_PTR)licenses, L"&Licenses");
    return menu;
}

/* Action from the command line, if any. */
static Operation read_arguments(void) {
    Operation operation = IDLE;
    int count = 0;
    WCHAR **arguments = CommandLineToArgvW(GetCommandLine(), &count);
    for (int i = 1; arguments && i + 1 < count; i += 2) {
        if (!_wcsicmp(arguments[i], L"/backup") && use_folder(arguments[i + 1])) operation = BACKUP;
        if (!_wcsicmp(arguments[i], L"/restore") && use_folder(arguments[i + 1])) operation = RESTORE;
        if (!_wcsicmp(arguments[i], L"/log"))
            app.log = CreateFile(arguments[i + 1], FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
    }
    LocalFree(arguments);
    return operation;
}

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE previous, PWSTR line, int show) {
    (void)previous, (void)line; /* unused: the arguments are parsed from GetCommandLine */
    SetProcessDpiAwarenessContext(DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2);
    InitCommonControlsEx(&(INITCOMMONCONTROLSEX){sizeof(INITCOMMONCONTROLSEX), ICC_LISTVIEW_CLASSES | ICC_STANDARD_CLASSES});
    HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
    WNDCLASSEX class = {.cbSize = sizeof class, .lpfnWndProc = window_procedure, .hInstance = instance,
                        .hIcon = LoadIcon(NULL, IDI_APPLICATION), .hCursor = LoadCursor(NULL, IDC_ARROW),
                        .hbrBackground = GetSysColorBrush(COLOR_BTNFACE), .lpszClassName = L"BackupSample"};
    RegisterClassEx(&class);
    CreateWindow(class.lpszClassName, L"License backup", WS_OVERLAPPEDWINDOW | WS_CLIPCHILDREN, CW_USEDEFAULT, CW_USEDEFAULT,
                 CW_USEDEFAULT, CW_USEDEFAULT, NULL, create_menu(), instance, NULL);
    if (SUCCEEDED(hr)) hr = create_restorer();
    if (FAILED(hr)) {
        WCHAR text[256];
        swprintf(text, 256, L"%ls (0x%08lX)", words(hr), (unsigned long)hr);
        MessageBox(NULL, text, L"License backup", MB_ICONERROR);
        return 1;
    }
    SetWindowPos(app.window, NULL, 0, 0, px(880), px(400), SWP_NOMOVE | SWP_NOZORDER);
    ShowWindow(app.window, show);

    ACCEL keys[] = {{FVIRTKEY | FCONTROL, 'B', ID_BACKUP}, {FVIRTKEY | FCONTROL, 'R', ID_RESTORE},
                    {FVIRTKEY, VK_ESCAPE, ID_CANCEL}};
    HACCEL accelerators = CreateAcceleratorTable(keys, 3);
    Operation at_once = read_arguments();
    if (at_once != IDLE) start(at_once, 0);
    MSG message;
    while (GetMessage(&message, NULL, 0, 0) > 0) {
        if (TranslateAccelerator(app.window, accelerators, &message) || IsDialogMessage(app.window, &message)) continue;
        TranslateMessage(&message);
        DispatchMessage(&message);
    }
    release_restorer(); /* no run is active: the window waited for END */
    CoUninitialize();
    return 0;
}
