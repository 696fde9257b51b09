//! Values from memory: an HTTP/1.1 server at its barest that serialises the same values anew for each GET and sends them.
//! What a list from the database is compared with. Called by `partner`.

use std::{io, net::Ipv4Addr, sync::Arc};

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const CHUNK: usize = 4 * 1_024;
/// A GET has a few hundred bytes; whoever sends more than this is no client of ours.
const REQUEST_AT_MOST: usize = 64 * 1_024;

/// A server that listens until it is dropped.
#[derive(Debug)]
pub struct Memory {
    url: String,
    _accepting: JoinSet<()>,
}

impl Memory {
    /// Serves `values` on a free port of this machine.
    pub async fn open<T: Serialize + Send + Sync + 'static>(values: T) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/values", listener.local_addr()?);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::new(values)));
        Ok(Self { url, _accepting: accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Takes connections; they end with this task.
async fn accept<T: Serialize + Send + Sync + 'static>(listener: TcpListener, values: Arc<T>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, Arc::clone(&values)))),
                // Out of file descriptors, most likely: one is free when a connection ends.
                Err(_) => drop(connections.join_next().await),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection, until the other side hangs up.
async fn serve<T: Serialize>(mut stream: TcpStream, values: Arc<T>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut unread = Vec::with_capacity(CHUNK);
    loop {
        let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") else {
            unread.reserve(CHUNK);
            if unread.len() > REQUEST_AT_MOST || stream.read_buf(&mut unread).await? == 0 {
                return Ok(());
            }
            continue;
        };
        unread.drain(..end + 4);
        let body = serde_json::to_vec(&*values).map_err(io::Error::other)?;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web;

    #[tokio::test]
    async fn the_values_are_sent_again_and_again() {
        let memory = Memory::open(vec![1, 2, 3]).await.unwrap();
        let http = web::client().unwrap();
        for _ in 0..3 {
            let answer = http.get(memory.url()).send().await.unwrap();
            assert_eq!(answer.json::<Vec<u8>>().await.unwrap(), [1, 2, 3]);
        }
    }
}
