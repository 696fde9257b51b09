# Both services from one build. `docker build --target broker .` or `--target publisher .`
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p marketplace-broker -p isv-publisher-sim

FROM debian:bookworm-slim AS base
RUN useradd --uid 10001 --create-home --home-dir /var/lib/rehearsal --shell /usr/sbin/nologin rehearsal
USER rehearsal
WORKDIR /var/lib/rehearsal

FROM base AS broker
COPY --from=build /src/target/release/marketplace-broker /usr/local/bin/
ENV BROKER_LISTEN=0.0.0.0 BROKER_DATA_DIR=/var/lib/rehearsal/broker
RUN mkdir -m 700 /var/lib/rehearsal/broker
EXPOSE 8700
HEALTHCHECK --interval=5s --timeout=4s --retries=12 CMD ["marketplace-broker", "health", "--url", "http://127.0.0.1:8700"]
ENTRYPOINT ["marketplace-broker"]

FROM base AS publisher
COPY --from=build /src/target/release/isv-publisher-sim /usr/local/bin/
ENV SIM_LISTEN=0.0.0.0 SIM_DATA_DIR=/var/lib/rehearsal/publisher
# The broker's data dir is mounted read-only beside it for the control token; both are made here, so that a fresh
# volume belongs to the user the services run as.
RUN mkdir -m 700 /var/lib/rehearsal/publisher /var/lib/rehearsal/broker
EXPOSE 8701
HEALTHCHECK --interval=5s --timeout=4s --retries=12 CMD ["isv-publisher-sim", "health", "--url", "http://127.0.0.1:8701"]
ENTRYPOINT ["isv-publisher-sim"]
