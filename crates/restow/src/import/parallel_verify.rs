//! What the signatures of many LCP licenses are worth, looked at on all cores: those of providers with keys of P-521 cost more
//! than all else of an import.

use std::thread;

use restow_lcp::{Roots, Verifier};

use super::Found;
use crate::license::{Kind, License, SignatureCheck};

/// More threads than this are not worth their while.
const MOST: usize = 8;

/// So many licenses are judged without a thread of their own.
const FEW: usize = 16;

/// Verifiers, one for each thread.
pub(super) struct Judges {
    one: Verifier,
    others: Vec<Verifier>,
}

/// What the signature of an LCP license is worth; of another kind, nothing is said.
pub(super) fn judge(verifier: &Verifier, license: &License) -> Option<SignatureCheck> {
    (license.identity.kind == Kind::Lcp).then(|| verifier.verify(&license.document).check)
}

impl Judges {
    pub(super) fn new(roots: &Roots) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST);
        let others = (1..threads).map(|_| Verifier::new(roots.clone())).collect();
        Self { one: Verifier::new(roots.clone()), others }
    }

    /// For one thing.
    pub(super) const fn one(&self) -> &Verifier {
        &self.one
    }

    /// As [`judge`], of each.
    pub(super) fn judge(&mut self, found: &[Found]) -> Vec<Option<SignatureCheck>> {
        let threads = self.others.len().saturating_add(1);
        let (own, theirs) =
            found.split_at(if found.len() <= FEW { found.len() } else { found.len().div_ceil(threads) });
        let part = theirs.len().div_ceil(self.others.len().max(1)).max(1);
        let all = |verifier: &Verifier, part: &[Found]| -> Vec<Option<SignatureCheck>> {
            part.iter().map(|found| judge(verifier, &found.license)).collect()
        };
        thread::scope(|scope| {
            let parts = theirs.chunks(part).zip(&mut self.others);
            let parts: Vec<_> = parts.map(|(part, verifier)| scope.spawn(move || all(verifier, part))).collect();
            let mut checks = all(&self.one, own);
            for part in parts {
                checks.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            checks
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::parse;

    #[test]
    fn each_is_judged_in_its_place_by_any_number_of_threads() {
        let license = |n: usize| {
            let document = format!(
                r#"{{"id":"{n}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
                "encryption":{{"profile":"p","content_key":{{"algorithm":0,"encrypted_value":0}},
                "user_key":{{"algorithm":0,"text_hint":0,"key_check":0}}}},
                "signature":{{"algorithm":"x","certificate":"{}","value":"x"}}}}"#,
                if n.is_multiple_of(3) { "?" } else { "AAAA" }
            );
            Found { path: n.to_string().into(), license: parse(document.as_bytes()).unwrap(), identifier: None }
        };
        let found: Vec<_> = (0..100).map(license).collect();
        for others in 0..5 {
            for count in [0, 1, FEW, FEW + 1, 50, 99, 100] {
                let verifier = || Verifier::new(Roots::default());
                let mut judges = Judges { one: verifier(), others: (0..others).map(|_| verifier()).collect() };
                let found = &found[..count];
                let alone: Vec<_> = found.iter().map(|found| judge(judges.one(), &found.license)).collect();
                assert_eq!(judges.judge(found), alone, "{others} {count}");
            }
        }
    }
}
