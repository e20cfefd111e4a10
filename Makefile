# Each target says in its comment what it is for. Only interop needs more than
# Go: it installs the peers that it talks to.

STATICCHECK_VERSION := v0.8.2
FUZZTIME ?= 60s

# The go tool does not look into folders that begin with "_", so each example
# of the root module is named here.
EXAMPLES := $(addprefix ./_examples/,chat factory jsonapi login moving pinboard uploads)

# The modules beside the root.
MODULES := $(patsubst %/go.mod,%,$(wildcard */go.mod */*/go.mod))

# Those of them whose tests need more than Go, or measure.
PEERED := tests/flask tests/bench

# The systems besides this one that the root module must compile for.
SYSTEMS := windows darwin

GOBIN := $(or $(shell go env GOBIN),$(shell go env GOPATH)/bin)
STATICCHECK := $(GOBIN)/staticcheck

.PHONY: all test race examples interop interop-long bench microbench fuzz lint docs

# The target to run before a commit.
all: lint test

# The tests of the framework, its examples, and the modules that applications
# install. Go alone is needed.
test: examples
	go test ./...
	@set -e; for module in $(filter-out $(PEERED),$(MODULES)); do \
		echo "tests of $$module"; \
		(cd $$module && go test ./...); \
	done

# Each example must compile, pass vet, and pass its tests.
examples:
	go vet $(EXAMPLES)
	go test $(EXAMPLES)

# The same tests in random order under the race detector.
race: examples
	go test -race -shuffle=on -timeout 20m ./...

# Decant against Flask and its extensions, itsdangerous, Chromium, Redis,
# PostgreSQL and h2spec, and twenty stops of a server under load. Installs the peers with apt-get where they are missing, which takes root.
interop:
	./tests/flask/peers.sh
	cd tests/flask && go test -count=1 -timeout 20m ./...
	cd tests/flask && go test -race -count=1 -timeout 20m -run TestLoad .
	DECANT_STOP_ROUNDS=20 go test -count=1 -timeout 20m -run TestStopLosesNothing -v ./tests

# Ten times as many random requests to Flask and to its twin in Go, other ones each
# time.
interop-long:
	./tests/flask/peers.sh
	cd tests/flask && DECANT_INTEROP_SEED=clock DECANT_INTEROP_REQUESTS=200000 go test -count=1 -timeout 2h -run TestAnswersAreFlasks -v .

# Decant beside other frameworks, and how its costs grow, in half an hour: writes
# tests/bench/RESULTS.md. QUICK=1 takes two minutes, and ONLY='^hello$' chooses
# workloads, whose results are then printed only.
bench:
	cd tests/bench && go test -run '^$$' -bench '^BenchmarkSuite$$' -benchtime 1x -timeout 0 . -args \
		$(if $(ONLY),-only '$(value ONLY)',-results RESULTS.md) $(if $(QUICK),-quick)

# All other benchmarks, with allocations.
microbench:
	go test -run '^$$' -bench . -benchmem ./...
	cd tests/bench && go test -run '^$$' -bench . -skip '^BenchmarkSuite$$' -benchmem ./...
	cd tests/linear && go test -run '^$$' -bench . -benchmem ./...

# Each fuzz target for FUZZTIME; the go tool takes one target at a time.
fuzz:
	@set -e; for package in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$package); \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "$$target in $$package"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

# The documentation as a site, in the folder site. "go run ./_examples/docs"
# serves it instead.
docs:
	go run ./_examples/docs -o site

# Formatting, vet and staticcheck of the root, the examples and the modules, and
# vet of the root for the other systems.
lint: $(STATICCHECK)
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
		echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; \
	fi
	go vet ./... $(EXAMPLES)
	@set -e; for system in $(SYSTEMS); do \
		echo "vet for $$system"; \
		GOOS=$$system go vet ./... $(EXAMPLES); \
	done
	$(STATICCHECK) ./... $(EXAMPLES)
	@set -e; for module in $(MODULES); do \
		echo "vet and staticcheck of $$module"; \
		(cd $$module && go vet ./... && $(STATICCHECK) ./...); \
	done

$(STATICCHECK):
	go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
