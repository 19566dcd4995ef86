# The image that releases publish: one static binary, no shell, no package manager, not root.
#
# The release builds the binaries; by hand: put one at dist/linux/amd64/ekslint and run `docker build .`
FROM gcr.io/distroless/static-debian13:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3

ARG TARGETPLATFORM=linux/amd64
COPY --chmod=0555 dist/${TARGETPLATFORM}/ekslint /usr/local/bin/ekslint

# By number: Kubernetes cannot tell from a name that it is not root. 65532 is distroless' nonroot.
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/ekslint"]
