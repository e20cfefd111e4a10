# Each target says in its comment what it is for. Only interop needs more than
# Go: it installs what it talks to.

STATICCHECK_VERSION := v0.8.2
FUZZTIME ?= 60s

# The go tool does not look into folders that begin with "_", so each example
# is named here.
EXAMPLES := ./_examples/login ./_examples/moving ./_examples/pinboard

# The modules beside the root, as far as they are there.
MODULES := $(patsubst %/go.mod,%,$(wildcard toml/go.mod tests/flask/go.mod tests/bench/go.mod))

GOBIN := $(or $(shell go env GOBIN),$(shell go env GOPATH)/bin)
STATICCHECK := $(GOBIN)/staticcheck

.PHONY: all test race examples interop bench fuzz lint

# What to run before a commit.
all: lint test

# The tests of the framework and its examples. Go alone is needed.
test: examples
	go test ./...

# Each example must compile, please vet, and pass its tests where it has some.
examples:
	go vet $(EXAMPLES)
	go test $(EXAMPLES)

# The same tests in random order under the race detector.
race: examples
	go test -race -shuffle=on ./...

# Decant against Flask, itsdangerous, Chromium and Redis, and the package toml
# with its library. Installs the peers with apt-get where they are missing,
# which takes root.
interop:
	cd toml && go test -count=1 ./...
	./tests/flask/peers.sh
	cd tests/flask && go test -count=1 ./...
	cd tests/flask && go test -race -count=1 -run TestLoad .

# All benchmarks, with allocations.
bench:
	go test -run '^$$' -bench . -benchmem ./...
	if [ -f tests/bench/go.mod ]; then cd tests/bench && go test -run '^$$' -bench . -benchmem ./...; fi

# Each fuzz target for FUZZTIME; the go tool takes one target at a time.
fuzz:
	@set -e; for package in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$package); \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "$$target in $$package"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

# Formatting, vet and staticcheck of the root, the examples and the modules.
lint: $(STATICCHECK)
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
		echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; \
	fi
	go vet ./... $(EXAMPLES)
	$(STATICCHECK) ./... $(EXAMPLES)
	@set -e; for module in $(MODULES); do \
		echo "vet and staticcheck of $$module"; \
		(cd $$module && go vet ./... && $(STATICCHECK) ./...); \
	done

$(STATICCHECK):
	go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
