# The compiler runs on the machine's own platform, whatever the image is for.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
# Modules are a layer of their own: they stay cached until go.mod changes.
COPY go.mod go.sum ./
# Where modules come from, if Go's default cannot be reached. In China:
# --build-arg GOPROXY=https://goproxy.cn,direct
ARG GOPROXY
RUN go mod download
COPY . .
ARG VERSION=devel
ARG REVISION=unknown
ARG BRANCH=unknown
ARG BUILD_DATE=unknown
ARG TARGETOS TARGETARCH TARGETVARIANT
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} GOARM=${TARGETVARIANT#v} \
    go build -trimpath -o /simcard_exporter -ldflags "-s -w \
      -X github.com/prometheus/common/version.Version=${VERSION} \
      -X github.com/prometheus/common/version.Revision=${REVISION} \
      -X github.com/prometheus/common/version.Branch=${BRANCH} \
      -X github.com/prometheus/common/version.BuildUser=docker \
      -X github.com/prometheus/common/version.BuildDate=${BUILD_DATE}" .

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /simcard_exporter /simcard_exporter
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 10460
# An address of its own for health, without password and TLS. The exporter and the check
# below read it: change it with -e, for instance if two share the host's network.
ENV SIMCARD_EXPORTER_HEALTH_LISTEN_ADDRESS=127.0.0.1:10461
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["/simcard_exporter", "--web.health-check"]
# Where simcard.yml is looked for, whatever flags are added.
WORKDIR /etc/simcard_exporter
ENTRYPOINT ["/simcard_exporter"]
