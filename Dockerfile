# The main command in a container: rules and offline modules, no torch, nothing fetched at run time.
#
#   docker build -t vprog .
#   docker run --rm -v "$PWD:/work:ro" -v vprog:/home/vprog/kept vprog solve clip.mp4 "How many shots are there?"
#
# The first stage makes wheels of vprog and of all that it needs, the second installs those alone.
FROM python:3.11-slim-bookworm AS wheels
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY vprog ./vprog
COPY modules ./modules
RUN python -m pip wheel --no-cache-dir --wheel-dir /wheels ".[offline,meaning]"

FROM python:3.11-slim-bookworm
# No version to pin: there is one wheel of each, and no index.
# hadolint ignore=DL3013
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --no-index --find-links /wheels "vprog[offline,meaning]" \
    && useradd --create-home --uid 1000 vprog \
    && mkdir /home/vprog/kept && chown vprog:vprog /home/vprog/kept
USER 1000
# Traces and cache lie in one volume; without one they go with the container.
ENV VPROG_TRACE_DIR=/home/vprog/kept/traces \
    VPROG_CACHE_DIR=/home/vprog/kept/cache \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
ENTRYPOINT ["vprog"]
CMD ["--help"]
