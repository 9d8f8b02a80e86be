#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| restow_fuzz::status_document::run(data));
