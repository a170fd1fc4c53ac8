package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthcheckCmd struct{ common }

func (healthcheckCmd) Help() string {
	return `Asks the address of ROLLCALL_HTTP. It is what a container's health check calls, since the image
has no shell.

Example: ROLLCALL_HTTP=127.0.0.1:8081 rollcall healthcheck`
}

func (c *healthcheckCmd) Run(a *app) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	if cfg.HTTP == "" {
		return errors.New("no address is set: ROLLCALL_HTTP, or http in the configuration")
	}
	said, ready, err := askReady(a.ctx, cfg.HTTP)
	if err != nil {
		return err
	}
	if !ready {
		return fmt.Errorf("not ready: %s", said)
	}
	fmt.Fprintln(a.stdout, said)
	return nil
}

// askReady asks a running bot that serves health on the address whether it is
// ready, and returns what it said. It fails where nobody answers, or another
// program does.
func askReady(ctx context.Context, addr string) (said string, ready bool, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", false, err
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return "", false, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", false, errors.New("the bot does not answer")
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusServiceUnavailable {
		return "", false, errors.New("what answers is not the bot")
	}
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1000))
	return strings.TrimSpace(string(body)), res.StatusCode == http.StatusOK, nil
}
