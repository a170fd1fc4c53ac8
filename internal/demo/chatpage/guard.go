package chatpage

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// hosts says which names are the page's own.
type hosts struct {
	name     string // of the address that it listens on; "" for every interface
	loopback bool
}

func ownHosts(listen string) hosts {
	name, _, err := net.SplitHostPort(listen)
	if err != nil {
		name = listen
	}
	name = strings.ToLower(name)
	ip, err := netip.ParseAddr(name)
	if err == nil && ip.IsUnspecified() {
		name = ""
	}
	return hosts{name: name, loopback: name == "localhost" || err == nil && ip.IsLoopback()}
}

// has reports whether a Host header names the page. A name that somebody else
// may have pointed here is refused; an IP address cannot be (DNS rebinding).
func (h hosts) has(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	if name == "localhost" || name == h.name && name != "" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && (ip.IsLoopback() || !h.loopback)
}

// asked reports whether the page itself, or a reader who typed or followed its
// address, makes the request. A program that is no browser sends none of the
// headers, and may ask.
func (h hosts) asked(r *http.Request) bool {
	if !h.has(r.Host) {
		return false
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host != r.Host {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}
