//! The port of a service, and answering on it. Called by each `server.rs`.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    pin::pin,
};

use axum::Router;
use axum_server::tls_rustls::RustlsConfig;
use tokio_util::sync::CancellationToken;

/// Takes the port, so that its number is known before anything starts.
pub fn bind(at: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(at)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Takes connections until it is told to stop, and ends when the last request has. `listener` is one of [`bind`].
pub async fn answer(
    listener: TcpListener,
    router: Router,
    tls: Option<RustlsConfig>,
    stop: CancellationToken,
) -> io::Result<()> {
    let Some(tls) = tls else {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        return axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    };
    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp_rustls(listener, tls)?
        .handle(handle.clone())
        .serve(router.into_make_service());
    let mut server = pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = stop.cancelled() => handle.graceful_shutdown(None),
    }
    server.await
}
