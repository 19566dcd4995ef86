//! `ekslint report` and `ekslint frameworks`: what becomes of controls, in every output.

mod outputs;
