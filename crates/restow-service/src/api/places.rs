//! Places of large requests and the memory for work on them.
//!
//! A large request holds a [`Place`] from its first large body or piece of work until its answer is sent. Its data is
//! in a temporary file while it is on the network, so slow callers use no memory. A [`MemoryPermit`] covers only the
//! work between body and answer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::Refusal;
use crate::settings::{MIN_MEMORY_MIB, Settings};
use crate::storage::Standing;

/// Maximum number of large requests of one computer at the same time.
const MAX_PER_COMPUTER: u32 = 2;
/// Maximum number of large requests of all computers of one holder at the same time.
const MAX_PER_HOLDER: u32 = 8;
/// Maximum number of large requests of the operator at the same time.
const MAX_OF_OPERATOR: usize = 4;
/// Memory for a request of at most [`MEDIUM_LICENSES`] licenses, in MiB.
const MEDIUM_MEMORY_MIB: u32 = 8;
/// Memory for any request, in MiB: its documents, and the encoded answer.
const LARGE_MEMORY_MIB: u32 = 48;
/// Memory for everything besides large requests, in MiB.
const BASE_MEMORY_MIB: u32 = MIN_MEMORY_MIB - LARGE_MEMORY_MIB;
/// Maximum number of licenses and counters in a request of medium size.
pub(super) const MEDIUM_LICENSES: usize = 1_000;

/// Caller that needs a place.
#[derive(Clone, Debug)]
pub(super) enum LargeCaller {
    /// Computer with a verified signature.
    Computer { id: String, standing: Standing },
    /// Computer that registers.
    NewComputer,
    /// Operator with the API key.
    Operator,
}

/// Size of the work on a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WorkSize {
    /// At most [`MEDIUM_LICENSES`] licenses.
    Medium,
    /// Any other work.
    Large,
}

/// Party whose large requests are counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Party {
    Computer(String),
    Holder(String),
    Address(IpAddr),
}

/// Places and memory of a service.
pub(crate) struct Places {
    customers: Arc<Semaphore>,
    others: Arc<Semaphore>,
    operator: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    /// Part of the memory that callers without licenses can use.
    memory_of_others: Arc<Semaphore>,
    memory_of_operator: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<Party, u32>>>,
    max_per_address: u32,
    max_wait: Duration,
}

/// Place of a large request, until its answer is sent.
pub(super) struct Place {
    caller: LargeCaller,
    _counted: CountGuard,
    _permit: OwnedSemaphorePermit,
}

/// Permit for memory, shared by all work on one request. Small requests have none.
#[derive(Clone, Default)]
pub(super) struct MemoryPermit(Option<Arc<Vec<OwnedSemaphorePermit>>>);

impl MemoryPermit {
    pub(super) const fn is_large(&self) -> bool {
        self.0.is_some()
    }
}

impl Places {
    pub(crate) fn new(settings: &Settings) -> Self {
        let semaphore = |permits: u32| Arc::new(Semaphore::new(usize::try_from(permits).unwrap_or(usize::MAX)));
        Self {
            customers: semaphore(settings.large_requests),
            others: semaphore(settings.large_requests.div_ceil(4)),
            operator: Arc::new(Semaphore::new(MAX_OF_OPERATOR)),
            memory: semaphore(settings.memory_mib.saturating_sub(BASE_MEMORY_MIB)),
            memory_of_others: semaphore(LARGE_MEMORY_MIB),
            memory_of_operator: semaphore(LARGE_MEMORY_MIB),
            open: Arc::default(),
            max_per_address: settings.large_requests_per_address,
            max_wait: Duration::from_secs(u64::from(settings.read_seconds)),
        }
    }

    /// Waits for a place. Refuses as busy after a time limit, and at once if this caller has too many places.
    pub(super) async fn enter(&self, caller: LargeCaller, address: Option<IpAddr>) -> Result<Place, Refusal> {
        let mut limits = Vec::new();
        let places = match &caller {
            LargeCaller::Operator => &self.operator,
            LargeCaller::NewComputer => &self.others,
            LargeCaller::Computer { id, standing } => {
                limits.push((Party::Computer(id.clone()), MAX_PER_COMPUTER));
                match standing {
                    Standing::Customer { holder } => {
                        limits.push((Party::Holder(holder.clone()), MAX_PER_HOLDER));
                        &self.customers
                    }
                    Standing::Registered => &self.others,
                }
            }
        };
        if let Some(address) = address.filter(|_| !matches!(caller, LargeCaller::Operator)) {
            limits.push((Party::Address(address), self.max_per_address));
        }
        // The guard also lowers the counts if the caller disconnects while it waits.
        let counted = self.count(limits)?;
        let permit = timeout(self.max_wait, Arc::clone(places).acquire_owned()).await;
        let permit = permit.map_err(|_| Refusal::busy())?.map_err(|_| Refusal::busy())?;
        Ok(Place { caller, _counted: counted, _permit: permit })
    }

    /// Counts a large request for each party, or for none if one has reached its limit.
    fn count(&self, limits: Vec<(Party, u32)>) -> Result<CountGuard, Refusal> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if limits.iter().any(|(party, limit)| open.get(party).is_some_and(|count| count >= limit)) {
            return Err(Refusal::busy());
        }
        let parties: Vec<Party> = limits.into_iter().map(|(party, _)| party).collect();
        for party in &parties {
            *open.entry(party.clone()).or_default() += 1;
        }
        Ok(CountGuard { parties, open: Arc::clone(&self.open) })
    }

    /// Waits for the memory of the work on a request. Refuses as busy after a time limit.
    pub(super) async fn memory(&self, place: &Place, size: WorkSize) -> Result<MemoryPermit, Refusal> {
        let mib = match size {
            WorkSize::Medium => MEDIUM_MEMORY_MIB,
            WorkSize::Large => LARGE_MEMORY_MIB,
        };
        let is_customer = matches!(place.caller, LargeCaller::Computer { standing: Standing::Customer { .. }, .. });
        let memory: &[&Arc<Semaphore>] = match &place.caller {
            LargeCaller::Operator => &[&self.memory_of_operator],
            _ if is_customer => &[&self.memory],
            _ => &[&self.memory_of_others, &self.memory],
        };
        let acquire = async {
            let mut permits = Vec::new();
            for semaphore in memory {
                permits.push(Arc::clone(semaphore).acquire_many_owned(mib).await.map_err(|_| Refusal::busy())?);
            }
            Ok(MemoryPermit(Some(Arc::new(permits))))
        };
        timeout(self.max_wait, acquire).await.map_err(|_| Refusal::busy())?
    }
}

/// Lowers the counts of parties when dropped.
struct CountGuard {
    parties: Vec<Party>,
    open: Arc<Mutex<HashMap<Party, u32>>>,
}

impl Drop for CountGuard {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for party in &self.parties {
            let count = open.get(party).copied().unwrap_or_default().saturating_sub(1);
            if count == 0 {
                open.remove(party);
            } else {
                open.insert(party.clone(), count);
            }
        }
    }
}
