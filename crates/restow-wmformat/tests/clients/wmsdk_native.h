/* Declarations of the Windows Media Format SDK for the clients, for systems without its headers. Use -fshort-wchar.
 * The Windows build compares the IIDs and the order of methods with mingw-w64's wmsdkidl.h (see order_check.c). */
#ifndef WMSDK_NATIVE_H
#define WMSDK_NATIVE_H

#include <stdint.h>
#include <wchar.h>

#ifndef _WIN32 /* order_check.c takes these from the headers of Windows */
typedef int32_t HRESULT;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef uint16_t WORD;
typedef uint8_t BYTE;
typedef int32_t BOOL;
typedef wchar_t WCHAR;
typedef const WCHAR *LPCWSTR;
typedef int32_t WMT_STATUS;
typedef int32_t WMT_ATTR_DATATYPE;
typedef struct {
    uint32_t Data1;
    uint16_t Data2, Data3;
    uint8_t Data4[8];
} GUID;
typedef const GUID *REFIID;
#define WINAPI
#define STDMETHODCALLTYPE
#define S_OK ((HRESULT)0)
#define E_NOINTERFACE ((HRESULT)0x80004002)
#define E_POINTER ((HRESULT)0x80004003)
#endif

#define UNKNOWN(interface)                                                   \
    HRESULT(*QueryInterface)(interface *, REFIID, void **);                  \
    ULONG (*AddRef)(interface *);                                            \
    ULONG (*Release)(interface *);

typedef struct IUnknown IUnknown;
typedef struct { UNKNOWN(IUnknown) } IUnknownVtbl;
struct IUnknown { const IUnknownVtbl *lpVtbl; };

typedef struct IWMStatusCallback IWMStatusCallback;
typedef struct {
    UNKNOWN(IWMStatusCallback)
    HRESULT (*OnStatus)(IWMStatusCallback *, WMT_STATUS, HRESULT, WMT_ATTR_DATATYPE, BYTE *, void *);
} IWMStatusCallbackVtbl;
struct IWMStatusCallback { const IWMStatusCallbackVtbl *lpVtbl; };

typedef struct IWMLicenseBackup IWMLicenseBackup;
typedef struct {
    UNKNOWN(IWMLicenseBackup)
    HRESULT (*BackupLicenses)(IWMLicenseBackup *, DWORD, IWMStatusCallback *);
    HRESULT (*CancelLicenseBackup)(IWMLicenseBackup *);
} IWMLicenseBackupVtbl;
struct IWMLicenseBackup { const IWMLicenseBackupVtbl *lpVtbl; };

typedef struct IWMLicenseRestore IWMLicenseRestore;
typedef struct {
    UNKNOWN(IWMLicenseRestore)
    HRESULT (*RestoreLicenses)(IWMLicenseRestore *, DWORD, IWMStatusCallback *);
    HRESULT (*CancelLicenseRestore)(IWMLicenseRestore *);
} IWMLicenseRestoreVtbl;
struct IWMLicenseRestore { const IWMLicenseRestoreVtbl *lpVtbl; };

static const GUID IID_IUnknown = {0x00000000, 0x0000, 0x0000, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const GUID IID_IWMStatusCallback = {0x6d7cdc70, 0x9888, 0x11d3, {0x8e, 0xdc, 0x00, 0xc0, 0x4f, 0x61, 0x09, 0xcf}};
static const GUID IID_IWMLicenseBackup = {0x05e5ac9f, 0x3fb6, 0x4508, {0xbb, 0x43, 0xa4, 0x06, 0x7b, 0xa1, 0xeb, 0xe8}};
static const GUID IID_IWMLicenseRestore = {0xc70b6334, 0xa22e, 0x4efb, {0xa2, 0x45, 0x15, 0xe6, 0x5a, 0x00, 0x4a, 0x13}};

#ifndef _WIN32
HRESULT WMCreateBackupRestorer(IUnknown *, IWMLicenseBackup **);
HRESULT WMIsContentProtected(const WCHAR *, BOOL *);
#endif

#endif
