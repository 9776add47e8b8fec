//! The flags of `inspect`.
use clap::{CommandFactory, Parser, error::ErrorKind};
use ferrotape_experiments::options::{DataArgs, DeviceArgs};
use ferrotape_nn::models::{Activation, Network, TABLE_A};
use std::{
    num::{NonZeroU64, NonZeroUsize},
    path::{Path, PathBuf},
    str::FromStr,
};

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A network of the homework, by name.
    Network(&'static str),
    /// A recorded tape file.
    File(PathBuf),
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(network) = Network::find(TABLE_A, text) {
            return Ok(Self::Network(network.name));
        }
        let path = Path::new(text);
        if path.extension().is_some_and(|extension| extension == "json") {
            return Ok(Self::File(path.to_owned()));
        }
        let known: Vec<&str> = TABLE_A.iter().map(|network| network.name).collect();
        Err(format!("expected {} or a recorded tape file (.json)", known.join(", ")))
    }
}

/// Shows what a training step is made of: the listing of its tape, what the planner makes of it, how long each
/// instruction takes, and what it computes; as text, and as a page to click through.
///
/// Writes listing.txt, xray.html, tape.dot, trace.json and tape.json, of which all the others can be made again, and prints
/// the listing.
#[derive(Parser, Clone, Debug)]
#[command(name = "inspect", version)]
pub struct Options {
    /// A network (mlp_1, mlp_2, cnn_3, cnn_4, cnn_5), or a recorded tape file: tape.json of an earlier call, or what
    /// `Inspection::to_json` made of a tape of your own
    #[arg(value_name = "NETWORK|FILE.json")]
    pub subject: Subject,

    /// How to run the network
    #[command(flatten)]
    pub network: NetworkArgs,

    /// Directory of the results [default: out/inspect/NETWORK, or that of the file]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Do not print the listing
    #[arg(long)]
    pub quiet: bool,
}

/// How a network is run.
#[derive(clap::Args, Clone, Debug)]
pub struct NetworkArgs {
    /// The forward pass of an evaluation instead of a training step
    #[arg(long)]
    pub evaluation: bool,

    /// Steps whose values are looked at
    #[arg(long, default_value = "5", value_name = "N")]
    pub steps: NonZeroUsize,

    /// Steps from one that is looked at to the next
    #[arg(long, default_value = "1", value_name = "N")]
    pub every: NonZeroU64,

    /// Images a step
    #[arg(long, default_value = "8", value_name = "N")]
    pub batch: NonZeroUsize,

    /// Activation: relu, leaky_relu, sigmoid or tanh
    #[arg(long, default_value = "relu")]
    pub activation: Activation,

    /// Learning rate of Adam
    #[arg(long, default_value = "0.001", value_parser = rate)]
    pub lr: f64,

    /// Runs that each instruction is timed in; 0 times nothing
    #[arg(long, default_value = "50", value_name = "N")]
    pub replays: usize,

    /// Seed of the weights and the order of the images
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Which data
    #[command(flatten)]
    pub data: DataArgs,

    /// Which machine
    #[command(flatten)]
    pub device: DeviceArgs,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(lr) if lr.is_finite() && lr > 0.0 => Ok(lr),
        _ => Err("expected a positive number".into()),
    }
}

impl Options {
    /// The flags of this process. A flag that says how to run a network does not go with a file, which is not run.
    ///
    /// Ends the process with status 2 where they are wrong.
    pub fn get() -> Self {
        let matches = Self::command().get_matches();
        let options = <Self as clap::FromArgMatches>::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
        if let Subject::File(_) = options.subject {
            let given = |id: &&str| matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine);
            let own = ["subject", "out", "quiet"];
            let ids: Vec<&str> = matches.ids().map(|id| id.as_str()).filter(|id| !own.contains(id)).collect();
            // Groups of flags have names too; they hold no value of their own.
            let flag = Self::command();
            let is_flag = |id: &&str| flag.get_arguments().any(|arg| arg.get_id() == *id);
            if let Some(id) = ids.iter().filter(|id| is_flag(id)).find(|id| given(id)) {
                let text = format!("--{} says how to run a network; a file is not run", id.replace('_', "-"));
                Self::command().error(ErrorKind::ArgumentConflict, text).exit();
            }
        }
        options
    }

    /// Where results go.
    pub fn out(&self) -> PathBuf {
        match (&self.out, &self.subject) {
            (Some(out), _) => out.clone(),
            (None, Subject::Network(name)) => Path::new("out/inspect").join(name),
            (None, Subject::File(path)) => path.parent().unwrap_or(Path::new("")).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        assert_eq!("cnn_3".parse(), Ok(Subject::Network("cnn_3")));
        assert_eq!("a/b.json".parse(), Ok(Subject::File("a/b.json".into())));
        let refused = "cnn_6".parse::<Subject>().unwrap_err();
        assert!(refused.starts_with("expected mlp_1, mlp_2, cnn_3"), "{refused}");
    }

    #[test]
    fn the_flags_are_consistent() {
        Options::command().debug_assert();
    }
}
