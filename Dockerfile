# The image that cicd/pre-push.sh uses where it says RUN_IN=container: Jaypore CI with git, ssh and the docker command.
#
#   docker build -t arjoonn/jci .
#
# Any user may run it. Arguments: PACKAGES, Debian packages for configs that need more, such as "g++" for one in C++;
# PACKAGE=prebuilt takes the .deb that lies in dist/ instead of building one; BASE, another Debian 12.
ARG BASE=debian:12-slim

FROM ${BASE} AS package
ARG PACKAGE=built
COPY . /source
RUN cd /source && if [ "$PACKAGE" = built ]; then rm -rf dist && apt-get update && ./dev package; else ls dist/*.deb; fi

# Debian's docker.io without the engine.
FROM ${BASE} AS docker
RUN apt-get update && cd /tmp && apt-get download docker.io && dpkg -x docker.io_*.deb /docker

FROM ${BASE}
ARG PACKAGES=""
COPY --from=docker /docker/usr/bin/docker /usr/local/bin/docker
COPY --from=package /source/dist/*.deb /tmp/
RUN apt-get update \
 && apt-get install -y --no-install-recommends /tmp/*.deb ca-certificates git openssh-client ${PACKAGES} \
 && apt-get clean \
 && rm -rf /tmp/*.deb /var/lib/apt/lists/* /var/log/* \
 && git config --system --add safe.directory '*'
CMD ["jci", "--help"]
