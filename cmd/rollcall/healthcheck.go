package main

import (
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
	host, port, err := net.SplitHostPort(cfg.HTTP)
	if err != nil {
		return err
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	client := &http.Client{Timeout: 8 * time.Second}
	res, err := client.Get("http://" + net.JoinHostPort(host, port) + "/readyz")
	if err != nil {
		return errors.New("the bot does not answer")
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1000))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	fmt.Fprintln(a.stdout, strings.TrimSpace(string(body)))
	return nil
}
