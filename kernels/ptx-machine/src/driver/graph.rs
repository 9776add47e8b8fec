//! Graphs: what was captured, to be run again. Everything in a node is frozen but the memory it works on.
use super::{
    code::{Code, INVALID_VALUE},
    node::submit_all,
    report::{code_of, put, refuse},
    state::with,
    table::Handle,
};
use std::sync::Arc;

/// Flags that change nothing here: free on launch, upload, priorities.
const KNOWN_FLAGS: u64 = 1 | 2 | 8;

#[unsafe(no_mangle)]
extern "C" fn cuGraphInstantiateWithFlags(
    executable: Option<&mut Handle>,
    graph: Handle,
    flags: u64,
) -> Code {
    code_of(with(|context| {
        if flags & !KNOWN_FLAGS != 0 {
            return refuse(INVALID_VALUE, format!("cuGraphInstantiate: flags {flags:#x}"));
        }
        let nodes = Arc::clone(context.graphs.get(graph)?);
        put(executable, context.executables.insert(nodes))
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuGraphUpload(executable: Handle, stream: Handle) -> Code {
    code_of(with(|context| {
        context.stream(stream)?;
        context.executables.get(executable).map(|_| ())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuGraphLaunch(executable: Handle, stream: Handle) -> Code {
    code_of((|| {
        let nodes = with(|context| {
            let nodes = context.executables.get(executable)?;
            if !nodes.iter().all(|node| node.may_be_captured(context)) {
                return refuse(
                    INVALID_VALUE,
                    "cuGraphLaunch: it copies from or to memory of the host that was freed",
                );
            }
            Ok(Arc::clone(nodes))
        })?;
        submit_all("cuGraphLaunch", stream, &nodes)
    })())
}

#[unsafe(no_mangle)]
extern "C" fn cuGraphExecDestroy(executable: Handle) -> Code {
    code_of(with(|context| context.executables.remove(executable).map(drop)))
}

#[unsafe(no_mangle)]
extern "C" fn cuGraphDestroy(graph: Handle) -> Code {
    code_of(with(|context| context.graphs.remove(graph).map(drop)))
}
