#!/usr/bin/env bash
# make-secrets.sh [DIR]   what compose.yaml needs and nobody else may have: an authority of its own, certificates for Kafka,
# Elasticsearch and Varde, a password. Into DIR (docker/secrets otherwise); what is there stays. Needs openssl.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
into=${1:-$here/secrets}
umask 077
mkdir -p "$into"; cd "$into"

if [ ! -e ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1825 -subj '/CN=Varde compose authority' \
    -keyout ca-key.pem -out ca.pem 2>/dev/null
fi

# certificate NAME: for the service of that name in compose, and for this machine.
certificate() {
  [ -e "$1.pem" ] && return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1-key.pem" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -out "$1.pem" 2>/dev/null \
    -extfile <(printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' "$1")
  rm "$1.csr"
}
for name in kafka elasticsearch varde; do certificate "$name"; done
# Kafka reads key and certificate from one file.
cat kafka-key.pem kafka.pem > kafka-both.pem

if [ ! -e elastic-password ]; then openssl rand -hex 24 > elastic-password; fi
printf 'VARDE_ELASTIC_PASSWORD=%s\n' "$(cat elastic-password)" > env
# The containers run as users of their own and read these through the mount.
chmod 755 .; chmod 644 ./*.pem; chmod 600 ca-key.pem env elastic-password
echo "made in $into; start with: docker compose --env-file $into/env -f $here/compose.yaml up --build"
