# One static binary on an image without a shell, run by an account without
# rights. The root can be read-only; only /data is written, and it holds the
# database and the secret file:
#
#   docker build --build-arg VERSION=1.0.0 -t rollcall .
#   docker run -d --name rollcall --restart unless-stopped --stop-timeout 15 \
#     --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     --memory 256m -v rollcall-data:/data \
#     -v "$PWD/rollcall.yaml:/etc/rollcall.yaml:ro" -e ROLLCALL_CONFIG=/etc/rollcall.yaml \
#     -e ROLLCALL_TOKEN rollcall
#
# -e ROLLCALL_TOKEN without a value takes it from the caller's environment and
# keeps it out of the shell's history. A secret that is mounted under
# /run/secrets works too: -e ROLLCALL_TOKEN_FILE=/run/secrets/token.
#
# Other verbs run in the same container, beside the bot:
#
#   docker exec rollcall /rollcall digest list

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# The binary embeds the time zones and links no C library.
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath \
      -ldflags "-s -w -X main.version=${VERSION}" -o /out/rollcall ./cmd/rollcall \
 && mkdir -m 0700 /out/data

# Brings the certificates of the public authorities and the account nonroot.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/rollcall /rollcall
COPY --from=build --chown=65532:65532 /out/data /data
USER nonroot
WORKDIR /data
VOLUME /data
ENV ROLLCALL_DB=/data/rollcall.db \
    ROLLCALL_HTTP=127.0.0.1:8081 \
    GOMEMLIMIT=200MiB
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/rollcall", "healthcheck"]
ENTRYPOINT ["/rollcall"]
CMD ["serve"]
