//! The closed lists of words in Microsoft's OpenAPI file, for `/openapi.json`: on the wire they are text, so that no
//! client of ours stumbles over a new word. Named by `#[schema(value_type = …)]` beside this file.

use utoipa::ToSchema;

/// How long a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
pub enum TermUnit {
    /// A month.
    P1M,
    /// A year.
    P1Y,
    /// Two years.
    P2Y,
    /// Three years.
    P3Y,
    /// Four years.
    P4Y,
    /// Five years.
    P5Y,
}

/// What the beneficiary may do (fulfillment.md 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
pub enum AllowedCustomerOperation {
    /// Look.
    Read,
    /// Change plan or quantity.
    Update,
    /// Cancel.
    Delete,
}

/// `Csp` is in Microsoft's file and never sent here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
pub enum SandboxType {
    /// Always.
    None,
    /// Never.
    Csp,
}

/// `DryRun` is in Microsoft's file and never sent here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
pub enum SessionMode {
    /// Always.
    None,
    /// Never.
    DryRun,
}

/// The publisher's answer to a change; taken in any case (C47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
pub enum UpdateOperationStatus {
    /// Do it.
    Success,
    /// Do not.
    Failure,
}
