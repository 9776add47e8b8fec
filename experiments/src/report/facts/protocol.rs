//! How a result was made, held against how another was: only like is compared with like.
use crate::results::Meta;

/// Whether the images were made here.
pub fn is_synthetic(meta: &Meta) -> bool {
    data_name(meta) == "synthetic"
}

/// The short name of the data set: `cifar10`, `fashion-mnist`, `synthetic`.
pub fn data_name(meta: &Meta) -> &str {
    let word = || meta.data_set.split([' ', ',', '(']).next().unwrap_or_default();
    meta.flags.get("data").map_or_else(word, String::as_str)
}

/// `fashion-mnist`, `fashion_mnist` and `FashionMNIST` are the same.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A way of making results.
#[derive(Debug, Clone, Copy, Default)]
pub struct Protocol {
    /// Data set; empty for any that is not synthetic.
    pub data: &'static str,
    /// Edition, which sets networks, input, bias and rate; 0 for any.
    pub edition: u32,
    /// Flags and their values.
    pub flags: &'static [(&'static str, &'static str)],
    /// Runs that are averaged; 0 for any number.
    pub runs: usize,
}

impl Protocol {
    /// What sets `meta` apart from this; nothing where numbers may be compared.
    pub fn differences(&self, meta: &Meta) -> Vec<String> {
        let mut found = Vec::new();
        let data = data_name(meta);
        if is_synthetic(meta) && self.data != "synthetic" {
            found.push("synthetic data".into());
        } else if !self.data.is_empty() && letters(data) != letters(self.data) {
            found.push(format!("data {data} instead of {}", self.data));
        }
        if self.edition != 0 && meta.edition != self.edition {
            found.push(format!(
                "edition {} instead of {} (other input or networks)",
                meta.edition, self.edition
            ));
        }
        if let Some(limit) = meta.flags.get("train_limit").filter(|limit| *limit != "all") {
            found.push(format!("trained on {limit} images only"));
        }
        for (flag, expected) in self.flags {
            match meta.flags.get(*flag) {
                Some(value) if value == expected => {}
                Some(value) => {
                    found.push(format!("{} {value} instead of {expected}", flag.replace('_', " ")))
                }
                None => found.push(format!("{} not recorded", flag.replace('_', " "))),
            }
        }
        if self.runs != 0 && meta.runs != self.runs {
            found.push(format!("{} instead of {} runs", meta.runs, self.runs));
        }
        if meta.interrupted {
            found.push("interrupted".into());
        }
        if let Some(step) = meta.diverged_at {
            found.push(format!("diverged at step {step}"));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_like_is_compared_with_like() {
        let protocol = Protocol { data: "cifar10", edition: 2023, flags: &[("epochs", "15")], runs: 10 };
        let flags = |data: &str, epochs: &str| {
            [("data", data), ("epochs", epochs), ("train_limit", "all")]
                .map(|(k, v)| (k.into(), v.into()))
                .into()
        };
        let same = Meta { edition: 2023, runs: 10, flags: flags("cifar10", "15"), ..Meta::default() };
        assert!(protocol.differences(&same).is_empty());
        let other = Meta { edition: 2025, runs: 1, flags: flags("synthetic", "3"), ..Meta::default() };
        let found = protocol.differences(&other).join("; ");
        for word in ["synthetic", "2025 instead of 2023", "epochs 3 instead of 15", "1 instead of 10 runs"] {
            assert!(found.contains(word), "{found}");
        }
    }
}
