//! Where the value of a single token goes.

use std::path::PathBuf;

use clap::Args;

/// Where the value goes. It is shown nowhere unless you ask for it.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SinkArgs {
    /// Write the value to this file of `NAME=value` lines, with mode 0600; other lines stay. `{stack}` stands for the stack
    #[arg(long, value_name = "FILE", help_heading = "Value", requires = "variable", alias = "sink-env-file")]
    pub(crate) env_file: Option<PathBuf>,

    /// The name of the variable in the file. `{stack}` stands for the stack, in capitals
    #[arg(long, value_name = "NAME", help_heading = "Value", requires = "env_file")]
    pub(crate) variable: Option<String>,

    /// Print the value to standard output, alone on its line or, with --json, in the document
    #[arg(long, help_heading = "Value", conflicts_with_all = ["env_file", "variable"])]
    pub(crate) reveal: bool,
}

/// Where the value of a preview token goes, besides that of its delivery token.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PreviewSinkArgs {
    /// The name of the variable for the preview token, in the same file
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "Value",
        requires = "env_file",
        conflicts_with = "reveal"
    )]
    pub(crate) preview_variable: Option<String>,
}
