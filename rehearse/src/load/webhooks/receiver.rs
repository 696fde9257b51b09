//! A publisher's webhook at its barest: takes HTTP/1.1 posts, notes when each arrived and its id, answers 200, at once
//! or late. It costs so little that what is measured through it is the sender. Called by `webhooks`.

use std::{
    collections::HashSet,
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, timeout_at},
};
use url::Url;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const BAD: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const CHUNK: usize = 8 * 1_024;
/// A webhook has two kilobytes; whoever sends more than this is no marketplace.
const REQUEST_AT_MOST: usize = 256 * 1_024;

/// A webhook that listens until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    url: Url,
    seen: Arc<Mutex<Seen>>,
    _accepting: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Seen {
    arrivals: Vec<(Instant, Option<String>)>,
    last: Option<Request>,
}

/// A post as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// All headers but those that belong to the connection.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What arrived since the last count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Posts.
    pub posts: usize,
    /// Different ids among them.
    pub ids: usize,
    /// Posts whose id could not be read.
    pub unreadable: usize,
    /// From the first arrival to the last.
    pub took: Duration,
}

impl Receiver {
    /// Listens on a free port of this machine; `delay` passes before each answer.
    pub async fn open(delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/webhook", listener.local_addr()?);
        let url = url.parse().map_err(io::Error::other)?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, delay, Arc::clone(&seen)));
        Ok(Self { url, seen, _accepting: accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Counts what arrived, and forgets it.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let arrivals = std::mem::take(&mut locked(&self.seen).arrivals);
        let ids: HashSet<&str> = arrivals.iter().filter_map(|(_, id)| id.as_deref()).collect();
        let instants = || arrivals.iter().map(|(at, _)| *at);
        let took = match (instants().min(), instants().max()) {
            (Some(first), Some(last)) => last.duration_since(first),
            _ => Duration::ZERO,
        };
        Tally {
            posts: arrivals.len(),
            ids: ids.len(),
            unreadable: arrivals.iter().filter(|(_, id)| id.is_none()).count(),
            took,
        }
    }

    /// The post that arrived last.
    #[must_use]
    pub fn last(&self) -> Option<Request> {
        locked(&self.seen).last.clone()
    }
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes connections; they end with this task.
async fn accept(listener: TcpListener, delay: Duration, seen: Arc<Mutex<Seen>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, delay, Arc::clone(&seen)))),
                // Out of file descriptors, most likely: one is free when a connection ends.
                Err(_) => drop(connections.join_next().await),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection, until the other side hangs up, talks nonsense, or the line breaks.
async fn serve(mut stream: TcpStream, delay: Duration, seen: Arc<Mutex<Seen>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut unread = Vec::with_capacity(CHUNK);
    loop {
        let request = match take(&mut unread) {
            Taken::Request(request) => request,
            Taken::Nonsense => return stream.write_all(BAD).await,
            Taken::Part => {
                unread.reserve(CHUNK);
                if stream.read_buf(&mut unread).await? == 0 {
                    return Ok(());
                }
                continue;
            }
        };
        note(request, &seen);
        if !delay.is_zero() && hung_up(&mut stream, &mut unread, delay).await? {
            return Ok(());
        }
        stream.write_all(OK).await?;
    }
}

fn note(request: Request, seen: &Mutex<Seen>) {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    let at = Instant::now();
    let id = serde_json::from_slice::<Id>(&request.body).ok().map(|body| body.id);
    let mut seen = locked(seen);
    seen.arrivals.push((at, id));
    seen.last = Some(request);
}

/// Lets `delay` pass, unless the other side hangs up before.
async fn hung_up(
    stream: &mut TcpStream,
    unread: &mut Vec<u8>,
    delay: Duration,
) -> io::Result<bool> {
    let end = Instant::now() + delay;
    loop {
        unread.reserve(CHUNK);
        let Ok(read) = timeout_at(end, stream.read_buf(unread)).await else {
            return Ok(false);
        };
        if read? == 0 || unread.len() > REQUEST_AT_MOST {
            return Ok(true);
        }
    }
}

/// What stands at the beginning of what was read.
#[derive(Debug)]
enum Taken {
    Request(Request),
    Part,
    Nonsense,
}

/// Takes a whole request off the front of what was read.
fn take(unread: &mut Vec<u8>) -> Taken {
    let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if unread.len() > REQUEST_AT_MOST { Taken::Nonsense } else { Taken::Part };
    };
    let Some(head) = unread.get(..end).and_then(read_head) else {
        return Taken::Nonsense;
    };
    let (mut headers, length) = head;
    if length > REQUEST_AT_MOST {
        return Taken::Nonsense;
    }
    let body = end + 4..end + 4 + length;
    let Some(body) = unread.get(body).map(<[u8]>::to_vec) else {
        return Taken::Part;
    };
    unread.drain(..end + 4 + length);
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    Taken::Request(Request { headers, body })
}

/// Headers and the body's length; none if this is no post with a length.
fn read_head(head: &[u8]) -> Option<(HeaderMap, usize)> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let first = lines.next()?;
    if !first.starts_with("POST ") || !first.ends_with(" HTTP/1.1") {
        return None;
    }
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let mut value = HeaderValue::from_str(value.trim()).ok()?;
        // A webhook carries a token.
        value.set_sensitive(true);
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
    Some((headers, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web;

    #[tokio::test]
    async fn posts_are_counted_by_id_and_the_last_is_kept() {
        let receiver = Receiver::open(Duration::ZERO).await.unwrap();
        let http = web::client().unwrap();
        for body in [r#"{"id":"a","more":[1]}"#, r#"{"id":"b"}"#, r#"{"id":"a"}"#, "no JSON"] {
            let post = http.post(receiver.url().clone()).header("x-kind", "kind").body(body);
            assert_eq!(post.send().await.unwrap().status(), 200);
        }
        let tally = receiver.tally();
        assert_eq!((tally.posts, tally.ids, tally.unreadable), (4, 2, 1));
        assert!(!tally.took.is_zero());
        let last = receiver.last().unwrap();
        assert_eq!(
            (&*last.body, &last.headers["x-kind"]),
            (&b"no JSON"[..], &"kind".parse().unwrap())
        );
        assert!(!last.headers.contains_key(HOST) && !last.headers.contains_key(CONTENT_LENGTH));
        assert_eq!((receiver.tally().posts, receiver.tally().took), (0, Duration::ZERO));
    }

    #[tokio::test]
    async fn a_slow_one_notes_the_arrival_at_once_and_answers_late() {
        let receiver = Receiver::open(Duration::from_millis(50)).await.unwrap();
        let begun = Instant::now();
        let post = web::client().unwrap().post(receiver.url().clone()).body(r#"{"id":"a"}"#);
        assert_eq!(post.send().await.unwrap().status(), 200);
        assert!(begun.elapsed() >= Duration::from_millis(50));
        let arrived = locked(&receiver.seen).arrivals[0].0;
        assert!(arrived.duration_since(begun) < begun.elapsed());
    }

    #[test]
    fn requests_are_taken_one_by_one_however_they_were_cut() {
        let whole = b"POST /w HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST /w HTTP/1.1\r\ncontent-length: 0\r\n\r\n";
        let mut unread = Vec::new();
        let mut bodies = Vec::new();
        for byte in whole {
            unread.push(*byte);
            match take(&mut unread) {
                Taken::Request(request) => bodies.push(request.body),
                Taken::Part => {}
                Taken::Nonsense => panic!("nonsense at {}", unread.len()),
            }
        }
        assert_eq!(bodies, [b"abc".to_vec(), Vec::new()]);
        assert!(unread.is_empty());
    }

    #[test]
    fn what_is_no_post_with_a_length_is_refused() {
        for head in [
            "GET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n",
            "POST / HTTP/1.1\r\nno colon\r\n\r\n",
            "\u{feff}\r\n\r\n",
        ] {
            let mut unread = head.as_bytes().to_vec();
            assert!(matches!(take(&mut unread), Taken::Nonsense), "{head}");
        }
    }
}
