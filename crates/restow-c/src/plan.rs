//! Plan of a restore: counts, and the services and providers that the restore would contact.

use std::ffi::{CString, c_char};
use std::ptr::null;

use restow::lcp_provider::RequiredProvider;
use restow::restorer::{RequiredService, RestorePlan};

use crate::ffi::{c_text, c_text_sanitized, field_or, free_handle, text_pointer};

/// Plan of a restore, as `restow_plan_restore` computes it.
pub struct restow_restore_plan {
    counts: restow_plan_counts,
    services: Vec<restow_service>,
    providers: Vec<restow_provider>,
}

/// Counts of a plan.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct restow_plan_counts {
    /// Licenses that the home does not have.
    pub to_restore: u64,
    /// Licenses that the home has.
    pub already_here: u64,
    /// Licenses of other holders, which are restored only with `RESTOW_RESTORE_ADOPT`.
    pub needs_adopt: u64,
}

/// Service that a restore would ask. It is a part of the plan.
pub struct restow_service {
    name: CString,
    origin: CString,
    fingerprint: CString,
    privacy_url: Option<CString>,
    licenses: u64,
    registered: bool,
}

/// Provider of LCP licenses that a restore would ask for the status of licenses. It is a part of the plan.
pub struct restow_provider {
    name: Option<CString>,
    origin: CString,
    licenses: u64,
    verified: bool,
    allowed: bool,
    manual_only: bool,
}

impl restow_restore_plan {
    pub(crate) fn new(plan: &RestorePlan) -> Self {
        Self {
            counts: restow_plan_counts {
                to_restore: plan.to_restore,
                already_here: plan.already_here,
                needs_adopt: plan.needs_adopt.len() as u64,
            },
            services: plan.services.iter().map(restow_service::new).collect(),
            providers: plan.providers.iter().map(restow_provider::new).collect(),
        }
    }
}

impl restow_service {
    fn new(service: &RequiredService) -> Self {
        Self {
            name: c_text_sanitized(&service.name),
            origin: c_text_sanitized(&service.origin),
            fingerprint: c_text(&service.issuer),
            privacy_url: service.privacy_url.as_deref().map(c_text_sanitized),
            licenses: service.licenses,
            registered: service.registered,
        }
    }
}

impl restow_provider {
    fn new(provider: &RequiredProvider) -> Self {
        Self {
            name: provider.name.as_deref().map(c_text_sanitized),
            origin: c_text(&provider.origin),
            licenses: provider.licenses,
            verified: provider.is_verified,
            allowed: provider.allowed,
            manual_only: provider.manual_only,
        }
    }
}

/// Returns the counts of a plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_plan_count(plan: *const restow_restore_plan) -> restow_plan_counts {
    // SAFETY: as the caller promises.
    unsafe { field_or(plan, restow_plan_counts::default(), |plan| plan.counts) }
}

/// Returns a service by index, from 0; null after the last. A service for which this computer is not registered needs
/// consent: show the service to the user, then call `restow_allow_service`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_plan_service(plan: *const restow_restore_plan, index: usize) -> *const restow_service {
    // SAFETY: as the caller promises.
    unsafe { field_or(plan, null(), |plan| plan.services.get(index).map_or(null(), |service| service)) }
}

/// Returns a provider by index, from 0; null after the last. A provider that the user has not allowed yet needs
/// consent: show the provider to the user, then call `restow_ask_provider`. The licenses are restored in every case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_plan_provider(
    plan: *const restow_restore_plan,
    index: usize,
) -> *const restow_provider {
    // SAFETY: as the caller promises.
    unsafe { field_or(plan, null(), |plan| plan.providers.get(index).map_or(null(), |provider| provider)) }
}

/// Frees a plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_plan_free(plan: *mut restow_restore_plan) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(plan) }
}

/// Returns the name that the service gives itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_service_name(service: *const restow_service) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(service, null(), |service| service.name.as_ptr()) }
}

/// Returns the scheme, host and port of the service.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_service_origin(service: *const restow_service) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(service, null(), |service| service.origin.as_ptr()) }
}

/// Returns the thumbprint of the root key, to be compared by the user: the value for `restow_allow_service`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_service_fingerprint(service: *const restow_service) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(service, null(), |service| service.fingerprint.as_ptr()) }
}

/// Returns the address of the privacy statement, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_service_privacy_url(service: *const restow_service) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(service, null(), |service| text_pointer(service.privacy_url.as_ref())) }
}

/// Returns the number of licenses that the restore would request from the service.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_service_licenses(service: *const restow_service) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { field_or(service, 0, |service| service.licenses) }
}

/// Returns true if this computer is registered with the service. The restore then asks the service without further
/// consent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_service_registered(service: *const restow_service) -> bool {
    // SAFETY: as the caller promises.
    unsafe { field_or(service, false, |service| service.registered) }
}

/// Returns the name of the provider from the certificate of its licenses, or null. Show the name as true only if
/// `restow_provider_verified` is true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_provider_name(provider: *const restow_provider) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(provider, null(), |provider| text_pointer(provider.name.as_ref())) }
}

/// Returns the scheme, host and port of the provider: the value for `restow_ask_provider`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_provider_origin(provider: *const restow_provider) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(provider, null(), |provider| provider.origin.as_ptr()) }
}

/// Returns the number of licenses that the restore would ask the provider about.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_provider_licenses(provider: *const restow_provider) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { field_or(provider, 0, |provider| provider.licenses) }
}

/// Returns true if a trusted root certifies the signer of all these licenses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_provider_verified(provider: *const restow_provider) -> bool {
    // SAFETY: as the caller promises.
    unsafe { field_or(provider, false, |provider| provider.verified) }
}

/// Returns true if the user has allowed this provider before. The restore then asks the provider without further
/// consent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_provider_allowed(provider: *const restow_provider) -> bool {
    // SAFETY: as the caller promises.
    unsafe { field_or(provider, false, |provider| provider.allowed) }
}

/// Returns true if consent is not enough because the address is private: the user must run
/// `restow provider allow`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_provider_manual_only(provider: *const restow_provider) -> bool {
    // SAFETY: as the caller promises.
    unsafe { field_or(provider, false, |provider| provider.manual_only) }
}
