# `pravis serve` for those who stay off Functions: the program, its functions, a folder for the data, and nothing else.
#
#   docker build --build-arg PRAVIS_COMMIT="$(git rev-parse HEAD)" --tag pravis .
#   docker run --publish 7071:7071 --volume pravis:/data pravis
#
# The first start prints an admin key once. There is no HEALTHCHECK, since the image has no second program to ask with:
# let the platform probe GET /api/health/live (does it run) and /api/health/ready (can it work).

# The program is built for x86-64, whatever machine builds the image.
# hadolint ignore=DL3029
FROM --platform=linux/amd64 rust:1.95.0-slim-bookworm AS build
# Debian keeps one version of each, so a fixed one is soon gone.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cmake make musl-tools \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /pravis
COPY rust-toolchain.toml .
RUN rustup target add x86_64-unknown-linux-musl
COPY . .
# The history is not here, so the commit has to be told.
ARG PRAVIS_COMMIT=""
RUN cargo xtask package --out /out && mkdir /data

# hadolint ignore=DL3029
FROM --platform=linux/amd64 gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/package /app
COPY --from=build --chown=65532:65532 /data /data
ENV PRAVIS_ADDRESS=0.0.0.0:7071 \
    PRAVIS_DATA_DIR=/data
VOLUME /data
EXPOSE 7071
USER 65532:65532
ENTRYPOINT ["/app/pravis"]
CMD ["serve", "--root", "/app"]
