//! Signature checks of many LCP licenses on several threads.
//!
//! A signature by a key of P-521 costs more time than the rest of an import or a listing.

use std::thread;

use restow_lcp::{Roots, Verifier};

use crate::license::SignatureCheck;

/// Maximum number of threads; more bring no gain.
const MAX_THREADS: usize = 8;

/// Number of documents up to which one thread is faster.
const MAX_SEQUENTIAL: usize = 16;

/// Verifiers, one for each thread.
pub(crate) struct VerifierPool {
    primary: Verifier,
    others: Vec<Verifier>,
}

impl VerifierPool {
    /// Creates a verifier for each processor.
    pub(crate) fn new(roots: &Roots) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        let others = (1..threads).map(|_| Verifier::new(roots.clone())).collect();
        Self { primary: Verifier::new(roots.clone()), others }
    }

    /// Returns the verifier for single documents.
    pub(crate) const fn primary(&self) -> &Verifier {
        &self.primary
    }

    /// Checks the document of each item, in the order of the items. An item without a document gets `None`.
    pub(crate) fn check<T: Sync>(
        &mut self,
        items: &[T],
        document: impl for<'a> Fn(&'a T) -> Option<&'a [u8]> + Sync,
    ) -> Vec<Option<SignatureCheck>> {
        let check_part = |verifier: &Verifier, part: &[T]| -> Vec<Option<SignatureCheck>> {
            part.iter().map(|item| document(item).map(|document| verifier.verify(document).check)).collect()
        };
        let threads = self.others.len().saturating_add(1);
        let own_len = if items.len() <= MAX_SEQUENTIAL { items.len() } else { items.len().div_ceil(threads) };
        let (own, rest) = items.split_at(own_len);
        thread::scope(|scope| {
            let parts = rest.chunks(own_len.max(1)).zip(&mut self.others);
            let check_part = &check_part;
            let running: Vec<_> =
                parts.map(|(part, verifier)| scope.spawn(move || check_part(verifier, part))).collect();
            let mut checks = check_part(&self.primary, own);
            for part in running {
                checks.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            checks
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the document, except for the item with the ID 7.
    fn signed(document: &String) -> Option<&[u8]> {
        (!document.contains("\"7\"")).then_some(document.as_bytes())
    }

    #[test]
    fn any_thread_count_keeps_the_order() {
        let document = |n: usize| {
            let certificate = if n.is_multiple_of(3) { "?" } else { "AAAA" };
            format!(r#"{{"id":"{n}","signature":{{"algorithm":"x","certificate":"{certificate}","value":"x"}}}}"#)
        };
        let documents: Vec<String> = (0..100).map(document).collect();
        for others in 0..5 {
            for count in [0, 1, MAX_SEQUENTIAL, MAX_SEQUENTIAL + 1, 50, 99, 100] {
                let verifier = || Verifier::new(Roots::default());
                let mut pool = VerifierPool { primary: verifier(), others: (0..others).map(|_| verifier()).collect() };
                let items = &documents[..count];
                let expected: Vec<_> =
                    items.iter().map(|item| signed(item).map(|item| pool.primary().verify(item).check)).collect();
                assert_eq!(pool.check(items, signed), expected, "{others} {count}");
            }
        }
    }
}
