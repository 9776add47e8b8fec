//! Which part of a network an instruction comes from.
use crate::Tape;
use std::sync::Arc;

impl Tape<'_> {
    /// Runs `record`, whose instructions and their gradients say that they come from the module `name`: listings show it, and
    /// refusals of shapes. A module within a module is named after both: `encoder / 2 (Linear)`.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::recording(&params);
    /// let x = tape.feed([4]);
    /// let y = tape.within("encoder", || tape.within("0 (Tanh)", || x.tanh()));
    /// assert!(tape.to_string().ends_with("encoder / 0 (Tanh)\n"));
    /// # let _ = y;
    /// ```
    pub fn within<T>(&self, name: &str, record: impl FnOnce() -> T) -> T {
        let outer = self.module();
        let path = match &outer {
            Some(outer) => format!("{outer} / {name}"),
            None => name.to_owned(),
        };
        self.module.replace(Some(path.into()));
        let result = record();
        self.module.replace(outer);
        result
    }

    /// The module that appends now.
    pub(super) fn module(&self) -> Option<Arc<str>> {
        self.module.borrow().clone()
    }
}
