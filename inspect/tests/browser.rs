//! The page in a browser, as a reader uses it: mouse, keyboard, the widths of a desk and of a phone.
mod support;

use ferrotape_inspect::write;
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// The browser, if there is one.
fn chromium() -> Option<PathBuf> {
    let paths: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().flat_map(|name| paths.iter().map(move |dir| dir.join(name))).find(|path| path.is_file())
}

/// The page after its scripts have run in a window of this width; headless windows are no narrower than 500 pixels, so that
/// the page is put into a frame.
fn dom(chromium: &Path, dir: &Path, page: &str, width: u32) -> String {
    let (inner, outer) = (dir.join("page.html"), dir.join("frame.html"));
    fs::write(&inner, page).unwrap();
    let frame = format!(
        "<!doctype html><body style=\"margin:0\"><iframe src=\"page.html\" style=\"width:{width}px;height:900px;border:0\"></iframe>\
         <pre id=out></pre><script>onload = () => {{ out.textContent = document.querySelector('iframe').contentDocument.getElementById('told').textContent; }}</script>"
    );
    fs::write(&outer, frame).unwrap();
    let profile = dir.join("profile");
    let done = Command::new(chromium)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--allow-file-access-from-files",
            "--virtual-time-budget=8000",
            "--enable-logging=stderr",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--window-size={width},900"))
        .arg(format!("file://{}", outer.display()))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{log}");
    let errors: Vec<&str> =
        log.lines().filter(|line| line.contains("CONSOLE") && line.contains("Uncaught")).collect();
    assert!(errors.is_empty(), "{errors:?}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn a_reader_finds_the_way() {
    let Some(chromium) = chromium() else {
        let text = "\n*** SKIPPED: the page is not looked at, as there is no chromium; on Debian: apt-get install chromium ***\n";
        std::io::stderr().write_all(text.as_bytes()).unwrap();
        return;
    };
    let (of, _) = support::network("cnn_3", 2, 3);
    let driver = include_str!("driver.js");
    let page = write::page(&of).replace("</html>", &format!("<script>{driver}</script></html>"));
    for width in [1280, 390] {
        let dir = tempfile::tempdir().unwrap();
        let dom = dom(&chromium, dir.path(), &page, width);
        let told = dom.split("<pre id=\"out\">").nth(1).and_then(|rest| rest.split("</pre>").next());
        let told = told.unwrap_or_else(|| panic!("{width}: the driver said nothing:\n{dom}"));
        let lines: Vec<&str> = told.lines().collect();
        assert!(
            lines.len() > 30 && lines.iter().all(|line| line.starts_with("ok ")),
            "{width} pixels:\n{told}"
        );
    }
}
