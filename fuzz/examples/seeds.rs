//! Writes the initial corpus: `seeds CORPUS [SAMPLES]`. The code of the product builds all seeds. For some
//! targets, files from a folder of samples are added.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use restow_fuzz::{TARGETS, common::with_mode};

/// Size limit of a sample in bytes. Larger samples only slow the fuzzer down.
const MAX_SAMPLE: u64 = 64 << 10;

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let corpus = arguments.next().expect("usage: seeds CORPUS [SAMPLES]");
    let samples = arguments.next();
    for (name, _, seeds) in TARGETS {
        let mut all = seeds();
        if let Some(samples) = &samples {
            all.extend(samples_for(name, samples)?);
        }
        let folder = corpus.join(name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in all.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
        println!("{name}: {} seeds", all.len());
    }
    Ok(())
}

fn samples_for(name: &str, samples: &Path) -> io::Result<Vec<Vec<u8>>> {
    let (folders, mode): (&[&str], Option<u8>) = match name {
        "probe" => (&["asf_clear", "asf_drm_derived", "asf_malformed"], None),
        "package" => (&["lcp_audiobook", "lcp_pdf", "lcp_webpub_divina", "epub_clear"], Some(0)),
        "wrmheader" => (&["playready_pro"], Some(1)),
        "lcp" => (&["lcp_licence"], None),
        "status_document" => (&["lcp_status"], Some(0)),
        "lcp_certificate" => (&["lcp_cert", "lcp_licence"], Some(1)),
        "license" | "import" => (&["lcp_licence", "clearkey_json"], None),
        _ => (&[], None),
    };
    let mut found = Vec::new();
    for folder in folders.iter().map(|folder| samples.join(folder)).filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() && entry.metadata()?.len() <= MAX_SAMPLE {
                let content = fs::read(entry.path())?;
                found.push(mode.map_or(content.clone(), |mode| with_mode(mode, &content)));
            }
        }
    }
    Ok(found)
}
