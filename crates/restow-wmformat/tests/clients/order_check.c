/* Compares wmsdk_native.h with mingw-w64's wmsdkidl.h: the order of methods when it is compiled, the IIDs when it runs. */
#define INITGUID
#include <windows.h>
#include <wmsdkidl.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define IUnknown Native_IUnknown
#define IUnknownVtbl Native_IUnknownVtbl
#define IWMStatusCallback Native_IWMStatusCallback
#define IWMStatusCallbackVtbl Native_IWMStatusCallbackVtbl
#define IWMLicenseBackup Native_IWMLicenseBackup
#define IWMLicenseBackupVtbl Native_IWMLicenseBackupVtbl
#define IWMLicenseRestore Native_IWMLicenseRestore
#define IWMLicenseRestoreVtbl Native_IWMLicenseRestoreVtbl
#define IID_IUnknown Native_IID_IUnknown
#define IID_IWMStatusCallback Native_IID_IWMStatusCallback
#define IID_IWMLicenseBackup Native_IID_IWMLicenseBackup
#define IID_IWMLicenseRestore Native_IID_IWMLicenseRestore
#include "wmsdk_native.h"
#undef IUnknown
#undef IUnknownVtbl
#undef IWMStatusCallback
#undef IWMStatusCallbackVtbl
#undef IWMLicenseBackup
#undef IWMLicenseBackupVtbl
#undef IWMLicenseRestore
#undef IWMLicenseRestoreVtbl
#undef IID_IUnknown
#undef IID_IWMStatusCallback
#undef IID_IWMLicenseBackup
#undef IID_IWMLicenseRestore

#define SAME(table, method) \
    _Static_assert(offsetof(Native_##table, method) == offsetof(table, method), #table "::" #method)
SAME(IUnknownVtbl, QueryInterface);
SAME(IUnknownVtbl, AddRef);
SAME(IUnknownVtbl, Release);
SAME(IWMStatusCallbackVtbl, Release);
SAME(IWMStatusCallbackVtbl, OnStatus);
SAME(IWMLicenseBackupVtbl, BackupLicenses);
SAME(IWMLicenseBackupVtbl, CancelLicenseBackup);
SAME(IWMLicenseRestoreVtbl, RestoreLicenses);
SAME(IWMLicenseRestoreVtbl, CancelLicenseRestore);
_Static_assert(WMT_BACKUPRESTORE_BEGIN == 21 && WMT_NEEDS_INDIVIDUALIZATION == 25 && WMT_BACKUPRESTORE_END == 27, "");
_Static_assert(WMT_BACKUPRESTORE_CONNECTING == 28 && WMT_BACKUPRESTORE_DISCONNECTING == 29, "");
_Static_assert(WMT_ERROR_WITHURL == 30 && WMT_RESTRICTED_LICENSE == 31, "");
_Static_assert(WMT_TYPE_DWORD == 0 && WMT_TYPE_STRING == 1, "");

int main(void) {
    int same = !memcmp(&IID_IUnknown, &Native_IID_IUnknown, sizeof(GUID)) &&
               !memcmp(&IID_IWMStatusCallback, &Native_IID_IWMStatusCallback, sizeof(GUID)) &&
               !memcmp(&IID_IWMLicenseBackup, &Native_IID_IWMLicenseBackup, sizeof(GUID)) &&
               !memcmp(&IID_IWMLicenseRestore, &Native_IID_IWMLicenseRestore, sizeof(GUID));
    printf(same ? "same\n" : "different\n");
    return !same;
}
