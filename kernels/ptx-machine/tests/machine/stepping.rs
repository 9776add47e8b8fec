//! One warp, step by step.
use ptx_machine::{Launch, Memory, Module, trace};

use crate::support::{FIRST_LINE, block, text};

#[test]
fn steps_of_a_warp() {
    let body =
        "mov.u32 %a, %tid.x;\nsetp.lt.u32 %k, %a, 34;\n@%k add.u32 %b, %a, 1;\nmov.f32 %f0, 0f3FC00000;";
    let module = Module::parse("test.ptx", &text("", body)).unwrap();
    let mut steps = Vec::new();
    let grid = Launch { grid: [3, 1, 1], ..block(64) };
    let kernel = module.kernel("k").unwrap();
    trace(&kernel, &grid, &[], &Memory::new(64), (2, 1), &mut |step| steps.push(step)).unwrap();
    let told: Vec<_> = steps.iter().map(|s| (s.line - FIRST_LINE, s.instruction.as_str(), s.lanes)).collect();
    let all = u32::MAX;
    assert_eq!(
        told,
        [
            (0, "mov.u32", all),
            (1, "setp.lt.u32", all),
            (2, "add.u32", 3),
            (3, "mov.f32", all),
            (4, "ret", all)
        ]
    );
    let written: Vec<_> = steps.iter().flat_map(|step| &step.writes).collect();
    let expected = [("%a", "0x20"), ("%k", "1"), ("%b", "0x21"), ("%f0", "1.5")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(written, expected.iter().collect::<Vec<_>>());
}
