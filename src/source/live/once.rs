//! What is read once, however many ask for it: by the account, the region, or the clusters of a VPC.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Answers by what was asked.
pub(super) struct Once<K, V>(Mutex<HashMap<K, Arc<OnceCell<V>>>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Once<K, V> {
    /// The answer. The first who asks reads it, and the others wait.
    pub(super) async fn get<F: Future<Output = V>>(&self, key: K, read: impl FnOnce() -> F) -> V {
        let cell = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key).or_default())
        };
        cell.get_or_init(read).await.clone()
    }
}
