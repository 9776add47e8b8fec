//! `inspect NETWORK` or `inspect FILE.json`; `inspect --help` lists the flags.
#![forbid(unsafe_code)]
use anyhow::{Context, Result};
use ferrotape_experiments::{exit, interrupt, output::OutDir};
use ferrotape_inspect::{
    Inspection, network,
    options::{Options, Subject},
    write,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let options = Options::get();
    exit::with(interrupt::main(|| run(&options)))
}

/// Looks, and writes what was seen; whether the user stopped it.
fn run(options: &Options) -> Result<bool> {
    let (inspection, recorded) = match &options.subject {
        Subject::Network(name) => {
            let Some(inspection) = network::look(name, &options.network, options.quiet)? else {
                return Ok(true);
            };
            let json = inspection.to_json();
            (inspection, Some(json))
        }
        Subject::File(path) => (Inspection::read(path)?, None),
    };
    // All of it is made before the first file is written.
    let text = write::text(&inspection);
    let files = [
        ("listing.txt", Some(text.clone())),
        ("xray.html", Some(write::page(&inspection))),
        ("tape.dot", Some(write::dot(&inspection))),
        ("trace.json", Some(write::trace(&inspection))),
        ("tape.json", recorded),
    ];
    let out = OutDir::create(options.out())?;
    let mut written = Vec::new();
    for (name, content) in files {
        if let Some(content) = content {
            out.write_bytes(name, content.as_bytes())?;
            written.push(name);
        }
    }
    if !options.quiet {
        // A reader that has seen enough (`| head`) is no failure.
        let mut stdout = io::stdout().lock();
        let printed = stdout
            .write_all(text.as_bytes())
            .and_then(|()| writeln!(stdout, "\nin {}: {}", out.path().display(), written.join(", ")));
        if let Err(e) = printed
            && e.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(e).context("cannot print");
        }
    }
    Ok(false)
}
