# Builds the one program, then puts it on a small Debian with the C libraries it links and a redis-server for `atom up`.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends \
        libhiredis-dev libpq-dev libcurl4-openssl-dev libsqlite3-dev libcrypt-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /atom
COPY Package.* ./
RUN swift package resolve
COPY Sources Sources
COPY jobs jobs
COPY Tests Tests
RUN swift build -c release --product atom --static-swift-stdlib -Xlinker -s \
    && install -D "$(swift build -c release --show-bin-path)/atom" /out/atom

FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends \
        libhiredis0.14 libpq5 libcurl4 libsqlite3-0 libcrypt1 zlib1g libstdc++6 ca-certificates tzdata curl redis-server \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home atom
COPY --from=build /out/atom /usr/local/bin/atom
COPY examples /usr/share/atom/examples
USER atom
WORKDIR /data
VOLUME /data
ENV ATOM_HOME=/data ATOM_HOST=0.0.0.0
EXPOSE 8080 8081
# For `up` and `api`; docker-compose.yml asks worker and relay in their own way.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD curl -fsS -o /dev/null "http://127.0.0.1:${ATOM_PORT:-8080}/api/health/ready"
STOPSIGNAL SIGTERM
ENTRYPOINT ["atom"]
CMD ["up"]
