//! A foreign publisher's app as a webhook finds it: it keeps what arrives, byte by byte, and answers as a test says, in
//! HTTP or not. What an HTTP server would never do (reset, write garbage, call back before it answers) is done here;
//! what one does is done by wiremock. Called by the tests of webhooks.

mod stage;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};

pub use stage::{Stage, active, delivery, delivery_is, move_on};

use super::wait;

/// A webhook that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Method and target, as they stand in the first line.
    pub asked: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Hook {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body in JSON")
    }

    /// A member of the body that is text.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        let body = self.json();
        let text = body.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {pointer}: {body}")).to_owned()
    }

    /// The operation it tells of.
    #[track_caller]
    pub fn id(&self) -> String {
        self.text_at("/id")
    }

    #[track_caller]
    pub fn action(&self) -> String {
        self.text_at("/action")
    }

    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The token in Authorization.
    #[track_caller]
    pub fn bearer(&self) -> &str {
        let header = self.header("authorization");
        header.strip_prefix("Bearer ").unwrap_or_else(|| panic!("no bearer: {self:?}"))
    }
}

/// What an app answers.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status without a body.
    Status(u16),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// Nothing: the connection is reset.
    Reset,
    /// Nothing, for as long as the caller waits.
    Never,
}

/// The bytes of an answer.
pub fn raw(text: &str) -> Reply {
    Reply::Raw(text.as_bytes().to_vec())
}

type Replying = Pin<Box<dyn Future<Output = Reply> + Send>>;
type Handler = Arc<dyn Fn(Hook) -> Replying + Send + Sync>;

/// An app on a port of its own; it answers 200 to all until told otherwise, and ends when the last of it is dropped.
#[derive(Clone)]
pub struct ForeignApp {
    address: SocketAddr,
    shared: Arc<Shared>,
    _server: Arc<JoinSet<()>>,
}

struct Shared {
    hooks: Mutex<Vec<Hook>>,
    handler: Mutex<Handler>,
}

/// Lets answers through that an app holds back.
#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// Lets the next answers through.
    pub fn let_through(&self, answers: usize) {
        self.0.add_permits(answers);
    }

    /// Lets everything through from now on.
    pub fn open(&self) {
        self.0.close();
    }

    /// Waits until it is let through.
    pub async fn pass(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}

impl ForeignApp {
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address")).await
    }

    /// An app at an address, which may be that of one that stopped.
    pub async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { hooks: Mutex::default(), handler: Mutex::new(ok()) });
        let mut server = JoinSet::new();
        server.spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared, _server: Arc::new(server) }
    }

    /// An address at which nobody listens.
    pub async fn nobody() -> SocketAddr {
        Self::start().await.stop().await
    }

    /// Where its webhooks go.
    pub fn url(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// It is gone: who calls it now is refused. No clone of it may be left.
    pub async fn stop(self) -> SocketAddr {
        let mut server = Arc::into_inner(self._server).expect("the only one");
        server.shutdown().await;
        self.address
    }

    /// Answers by a function from now on.
    pub fn handle<R>(&self, handler: impl Fn(Hook) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Reply> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |hook| Box::pin(handler(hook)));
        *self.shared.handler.lock().expect("a lock") = handler;
    }

    /// Answers all the same from now on.
    pub fn always(&self, reply: Reply) {
        self.handle(move |_| std::future::ready(reply.clone()));
    }

    /// Gives these answers one after the other, and then 200.
    pub fn in_turn(&self, replies: impl IntoIterator<Item = Reply>) {
        let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        self.handle(move |_| {
            let next = replies.lock().expect("a lock").pop_front();
            std::future::ready(next.unwrap_or(Reply::Status(200)))
        });
    }

    /// Holds its answers, 200 all of them, until the gate lets them through.
    pub fn hold(&self) -> Gate {
        self.hold_back(Reply::Status(200))
    }

    /// Holds its answers, all the same, until the gate lets them through.
    pub fn hold_back(&self, reply: Reply) -> Gate {
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let held = gate.clone();
        self.handle(move |_| {
            let (held, reply) = (held.clone(), reply.clone());
            async move {
                held.pass().await;
                reply
            }
        });
        gate
    }

    /// What arrived so far, in order.
    pub fn hooks(&self) -> Vec<Hook> {
        self.shared.hooks.lock().expect("a lock").clone()
    }

    /// What arrived of one operation.
    pub fn hooks_of(&self, operation: &str) -> Vec<Hook> {
        self.hooks().into_iter().filter(|hook| hook.id() == operation).collect()
    }

    /// Waits until so many have arrived, and answers the last of them.
    pub async fn hook(&self, number: usize) -> Hook {
        let what = format!("webhook {number}");
        wait::until(&what, async || self.hooks().get(number - 1).cloned()).await
    }

    /// Waits for the first webhook of an operation.
    pub async fn hook_of(&self, operation: &str) -> Hook {
        let what = format!("a webhook of operation {operation}");
        wait::until(&what, async || self.hooks_of(operation).first().cloned()).await
    }
}

fn ok() -> Handler {
    Arc::new(|_| Box::pin(std::future::ready(Reply::Status(200))))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut callers = JoinSet::new();
    loop {
        let (caller, _) = listener.accept().await.expect("a caller");
        let shared = Arc::clone(&shared);
        callers.spawn(async move {
            // A caller that goes away in the middle is none of the app's business.
            let _ = talk(BufReader::new(caller), &shared).await;
        });
    }
}

/// One connection, with as many requests as the caller sends.
async fn talk(mut caller: BufReader<TcpStream>, shared: &Shared) -> io::Result<()> {
    while let Some(hook) = read(&mut caller).await? {
        shared.hooks.lock().expect("a lock").push(hook.clone());
        let handler = Arc::clone(&shared.handler.lock().expect("a lock"));
        let reply = handler(hook).await;
        let stream = caller.get_mut();
        match reply {
            Reply::Status(status) => {
                let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await?;
            }
            Reply::Raw(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Reply::Reset => return stream.set_zero_linger(),
            Reply::Never => std::future::pending().await,
        }
    }
    Ok(())
}

/// A request with a content-length; `None` at the end of the connection.
async fn read(caller: &mut BufReader<TcpStream>) -> io::Result<Option<Hook>> {
    let mut asked = String::new();
    if caller.read_line(&mut asked).await? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        caller.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.expect("a content-length")];
    caller.read_exact(&mut body).await?;
    let asked = asked.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Ok(Some(Hook { asked, headers, body }))
}
