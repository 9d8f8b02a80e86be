//! Every seed passes its target; and so does every seed cut off anywhere, which is what fuzzing tries first.

use restow_fuzz::TARGETS;

#[test]
fn every_seed_passes() {
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
