//! Runs every seed, and prefixes of every seed, through its target. A fuzzer tries truncation first.

use restow_fuzz::TARGETS;

#[test]
fn seeds_and_prefixes_pass() {
    for (name, run, seeds) in TARGETS {
        let seeds = seeds();
        assert!(!seeds.is_empty(), "{name}");
        for seed in &seeds {
            run(seed);
            (0..8).for_each(|eighth| run(&seed[..seed.len() * eighth / 8]));
        }
        run(&[]);
    }
}
