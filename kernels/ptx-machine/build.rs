//! The shared library presents itself to the dynamic linker as the CUDA driver, though its file has another name: a
//! file `libcuda.so` on cargo's library path would shadow a real driver. Who wants the machine loads it by its path,
//! and whoever asks for `libcuda.so` afterwards is given it.
fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libcuda.so");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
