# Shortcuts. What CI runs is .ci/run; `make ci` runs the same, and the targets
# below that name a step of it run that step alone.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 30s

.PHONY: build test race lint fuzz bench ci clean

build: ## the static binary, in ./rollcall
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o rollcall ./cmd/rollcall

test: ## the command that the README gives
	bash .ci/run readme

race: ## all tests with the race detector, in random order
	bash .ci/run race

lint: ## gofmt, go vet, staticcheck
	bash .ci/run gofmt vet staticcheck

fuzz: ## every fuzz target for FUZZTIME
	FUZZTIME=$(FUZZTIME) bash .ci/run fuzz

bench: ## all benchmarks, without tests
	go test -run '^$$' -bench . -benchmem ./...

ci: ## what CI runs
	bash .ci/run

clean:
	rm -f rollcall
