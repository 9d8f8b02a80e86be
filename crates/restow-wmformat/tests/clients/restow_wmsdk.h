/* Interfaces that neither the headers of mingw-w64 nor wmsdk_native.h declare. */
#ifndef RESTOW_WMSDK_H
#define RESTOW_WMSDK_H

#ifdef _WIN32
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <wmsdkidl.h>
#define UNKNOWN(interface)                                                   \
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(interface *, REFIID, void **); \
    ULONG(STDMETHODCALLTYPE *AddRef)(interface *);                           \
    ULONG(STDMETHODCALLTYPE *Release)(interface *);
#else
#include "wmsdk_native.h"
#endif

typedef struct IWMBackupRestoreProps IWMBackupRestoreProps;
typedef struct {
    UNKNOWN(IWMBackupRestoreProps)
    HRESULT(STDMETHODCALLTYPE *GetPropCount)(IWMBackupRestoreProps *, WORD *);
    HRESULT(STDMETHODCALLTYPE *GetPropByIndex)
    (IWMBackupRestoreProps *, WORD, WCHAR *, WORD *, WMT_ATTR_DATATYPE *, BYTE *, WORD *);
    HRESULT(STDMETHODCALLTYPE *GetPropByName)(IWMBackupRestoreProps *, LPCWSTR, WMT_ATTR_DATATYPE *, BYTE *, WORD *);
    HRESULT(STDMETHODCALLTYPE *SetProp)(IWMBackupRestoreProps *, LPCWSTR, WMT_ATTR_DATATYPE, const BYTE *, WORD);
    HRESULT(STDMETHODCALLTYPE *RemoveProp)(IWMBackupRestoreProps *, LPCWSTR);
    HRESULT(STDMETHODCALLTYPE *RemoveAllProps)(IWMBackupRestoreProps *);
} IWMBackupRestorePropsVtbl;
struct IWMBackupRestoreProps { const IWMBackupRestorePropsVtbl *lpVtbl; };

typedef struct IRestowCatalog IRestowCatalog;
typedef struct {
    UNKNOWN(IRestowCatalog)
    HRESULT(STDMETHODCALLTYPE *GetTitleCount)(IRestowCatalog *, LPCWSTR, DWORD *);
    HRESULT(STDMETHODCALLTYPE *GetTitle)(IRestowCatalog *, LPCWSTR, DWORD, WCHAR *, DWORD *);
} IRestowCatalogVtbl;
struct IRestowCatalog { const IRestowCatalogVtbl *lpVtbl; };

static const GUID IID_IWMBackupRestoreProps_ = {0x3c8e0da6, 0x996f, 0x4ff3, {0xa1, 0xaf, 0x48, 0x38, 0xf9, 0x37, 0x7e, 0x2e}};
static const GUID IID_IRestowCatalog_ = {0xd2f1b1c6, 0x5e0b, 0x4e5c, {0x9c, 0x43, 0x6b, 0x7c, 0x0b, 0x7e, 0x3a, 0x51}};

#endif
