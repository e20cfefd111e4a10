#!/usr/bin/env bash
# Finds the peers that the tests talk to, Flask with its extensions, Chromium,
# Redis and PostgreSQL, clients of HTTP/2, systemd's program that passes sockets,
# and strace, which watches a server; installs with apt-get what is missing, builds
# h2spec, which checks servers of HTTP/2, and prints which versions they are. It
# fails if one of them cannot be had: a test without its peer would say nothing.
set -euo pipefail

updated=no
install() {
	if [ "$updated" = no ]; then
		apt-get update -qq
		updated=yes
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# newest_flask prints the interpreter that the tests will choose.
newest_flask() {
	for python in ${DECANT_PYTHON:-python3 /usr/bin/python3}; do
		if version=$("$python" -c "$print_flask" 2>/dev/null); then
			echo "$version $python"
		fi
	done | sort -V | tail -n 1 | cut -d " " -f 2
}

print_flask='
import importlib.metadata
import flask
print(importlib.metadata.version("flask"))
'

print_versions='
import importlib.metadata as metadata, platform, sys
print(" ", "Python", platform.python_version(), sys.executable)
for name in ("Flask", "Werkzeug", "itsdangerous"):
    print(" ", name, metadata.version(name))
'

print_extensions='
import importlib.metadata as metadata
for name in ("Flask", "Flask-Login", "Flask-WTF", "WTForms", "Flask-Session", "redis"):
    print("   ", name, metadata.version(name))
'

if [ -z "$(newest_flask)" ]; then
	install python3 python3-flask
fi
if ! /usr/bin/python3 -c "import flask_login, flask_wtf, flask_session, redis, email_validator" 2>/dev/null; then
	install python3-flask python3-flask-login python3-flaskext.wtf python3-wtforms python3-email-validator python3-flask-session python3-redis
fi
if ! command -v chromium >/dev/null; then
	install chromium
fi
if ! command -v redis-server >/dev/null; then
	install redis-server
fi
if ! command -v postgres >/dev/null && ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
	install postgresql
fi
if ! command -v strace >/dev/null; then
	install strace
fi
if ! command -v curl >/dev/null; then
	install curl
fi
if ! command -v h2load >/dev/null; then
	install nghttp2-client
fi
if ! command -v systemd-socket-activate >/dev/null; then
	install systemd
fi

python=$(newest_flask)
if [ -z "$python" ]; then
	echo "no Python here can import Flask; install python3-flask" >&2
	exit 1
fi
version=$(chromium --version 2>/dev/null) || {
	echo "chromium does not start" >&2
	exit 1
}
redis=$(redis-server --version) || {
	echo "redis-server does not start" >&2
	exit 1
}
echo "Peers:"
"$python" -c "$print_versions"
echo "  Beside it, with the extensions:"
/usr/bin/python3 -c "$print_extensions"
echo "  $version"
echo "  $redis"
echo "  $(ls -d /usr/lib/postgresql/* | sed 's|.*/|PostgreSQL |')"
echo "  $(strace --version | head -n 1)"
echo "  $(curl --version | head -n 1)"
echo "  $(h2load --version)"
echo "  $(systemd-socket-activate --version | head -n 1)"
cd "$(dirname "$0")"
go build -o /dev/null github.com/summerwind/h2spec/cmd/h2spec
echo "  $(go list -m github.com/summerwind/h2spec)"
