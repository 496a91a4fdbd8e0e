# Shared by start-elasticsearch and start-kafka; sourced, never run.

# Where unpacked engines are kept between runs (data directories are the caller's).
ENGINES_HOME=${ENGINES_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/varde-engines}

die() { echo "$0: $*" >&2; exit 1; }

# java_home MIN: the newest Java of at least that feature release, JAVA_HOME first.
java_home() {
  local min=$1 best="" best_version=0 home version
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.jdks/*; do
    [ -x "$home/bin/java" ] && [ -f "$home/release" ] || continue
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    [ "${version:-0}" -ge "$min" ] || continue
    [ "$home" = "${JAVA_HOME:-}" ] && { echo "$home"; return; }
    [ "$version" -gt "$best_version" ] && best=$home best_version=$version
  done
  [ -n "$best" ] && echo "$best" || die "no Java $min or newer found; set JAVA_HOME"
}

# once DIR COMMAND...: run COMMAND only if DIR/.ready is missing; safe against two starters at once.
once() {
  local dir=$1; shift
  mkdir -p "$dir"
  exec 9>"$dir/.lock"
  flock 9
  if [ ! -e "$dir/.ready" ]; then
    "$@" > "$dir/.log" 2>&1 || { cat "$dir/.log" >&2; die "could not prepare $dir"; }
    touch "$dir/.ready"
  fi
  exec 9>&-
}

# kafka_lib, elasticsearch_home: where the unpacked engine lies, loaded from Maven Central if need be.
kafka_lib() {
  local pom=$here/kafka/pom.xml lib
  lib=$ENGINES_HOME/kafka-$(sha256sum < "$pom" | cut -c1-12)
  once "$lib" mvn -q -B -f "$pom" initialize "-Dkafka.lib=$lib"
  echo "$lib"
}
elasticsearch_home() {
  local pom=$here/elasticsearch/pom.xml version parent
  version=$(sed -n 's:.*<elasticsearch.version>\(.*\)</elasticsearch.version>.*:\1:p' "$pom")
  parent=$ENGINES_HOME/elasticsearch-$(sha256sum < "$pom" | cut -c1-12)
  once "$parent" mvn -q -B -f "$pom" initialize "-Des.parent=$parent"
  echo "$parent/elasticsearch-$version"
}

# serve ADDRESS PID PROBE: once PROBE succeeds print what ADDRESS prints; pass TERM and INT on; exit as the engine does.
# ENGINE_PARENT: a process with which the engine goes: no test run leaves one behind.
serve() {
  local address=$1 pid=$2 probe=$3 waited=0 status=0
  if [ -n "${ENGINE_PARENT:-}" ]; then
    ( while kill -0 "$ENGINE_PARENT" 2>/dev/null && kill -0 "$pid" 2>/dev/null; do sleep 1; done; kill -TERM "$pid" 2>/dev/null ) > /dev/null 2>&1 &
  fi
  trap 'kill -TERM "$pid" 2>/dev/null' TERM INT
  until "$probe"; do
    kill -0 "$pid" 2>/dev/null || { wait "$pid" || true; die "it stopped before it was ready; see $LOG"; }
    [ $((waited += 1)) -lt 900 ] || { kill -TERM "$pid"; die "not ready in time; see $LOG"; }
    sleep 0.2
  done
  echo "ready $("$address")"
  while kill -0 "$pid" 2>/dev/null; do wait "$pid" && status=0 || status=$?; done
  [ "$status" -eq 143 ] && status=0
  exit "$status"
}
