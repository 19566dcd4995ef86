//! One call while it is under way: what it was answered with, how often it failed, and whether AWS
//! throttled it. The SDK tells an interceptor and a classifier, which find the call by its task.

use super::failure::CallFailure;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

tokio::task_local! {
    /// The call that this task makes.
    static CALL: Call;
}

/// How much a call that may never be answered is worth.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    /// So many failures end it; as many as the SDK makes of a call, if there is no number. To be
    /// throttled is no failure: that is waited for.
    pub(super) failures: Option<u32>,
    /// So long it may take, while it is not throttled.
    pub(super) time: Option<Duration>,
}

/// A call.
#[derive(Clone, Debug, Default)]
pub(super) struct Call(Arc<CallState>);

#[derive(Debug, Default)]
struct CallState {
    patience: Patience,
    body: Mutex<Option<Vec<u8>>>,
    failures: AtomicU32,
    throttled: AtomicBool,
}

impl Call {
    pub(super) fn new(patience: Patience) -> Self {
        Self(Arc::new(CallState { patience, ..CallState::default() }))
    }

    /// Waits for what was sent.
    pub(super) async fn make<T>(
        &self,
        sent: impl Future<Output = Result<T, CallFailure>>,
    ) -> Result<T, CallFailure> {
        let mut sent = Box::pin(CALL.scope(self.clone(), sent));
        let answer = match self.0.patience.time {
            None => sent.await,
            Some(time) => match tokio::time::timeout(time, &mut sent).await {
                Ok(answer) => answer,
                Err(_) if self.is_throttled() => sent.await,
                Err(_) => Err(CallFailure::late()),
            },
        };
        answer.map_err(|failure| if self.is_throttled() { failure.throttled() } else { failure })
    }

    /// The body of its answer.
    pub(super) fn take_body(&self) -> Vec<u8> {
        self.0.body.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    fn is_throttled(&self) -> bool {
        self.0.throttled.load(Ordering::Relaxed)
    }

    /// Whether it is to be made again, after it failed in a way that may pass.
    fn again(&self, kind: ErrorKind) -> bool {
        if kind == ErrorKind::ThrottlingError {
            self.0.throttled.store(true, Ordering::Relaxed);
            return true;
        }
        let failures = self.0.failures.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.patience.failures.is_none_or(|most| failures < most)
    }
}

/// Keeps the body of every answer that is none of an error.
#[derive(Debug)]
pub(super) struct KeepBody;

#[dyn_dispatch_hint]
impl Intercept for KeepBody {
    fn name(&self) -> &'static str {
        "KeepBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if response.status().is_success() {
            let bytes = response.body().bytes().map(<[u8]>::to_vec);
            let keep = |call: &Call| *call.0.body.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
            // Calls of credentials providers have nowhere to put theirs.
            let _ = CALL.try_with(keep);
        }
        Ok(())
    }
}

/// Ends calls whose patience is over. It is asked after the SDK's own classifiers.
#[derive(Debug)]
pub(super) struct EndOfPatience;

impl ClassifyRetry for EndOfPatience {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, _: &InterceptorContext, previous: &RetryAction) -> RetryAction {
        let RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) = previous else {
            return RetryAction::NoActionIndicated;
        };
        match CALL.try_with(|call| call.again(*kind)) {
            Ok(false) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "EndOfPatience"
    }
}
