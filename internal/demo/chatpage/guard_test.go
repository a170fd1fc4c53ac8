package chatpage

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rollcall/internal/telegram/fakeapi"
)

// ask asks a page that listens at an address, and returns the status.
func ask(t *testing.T, listen, method, path, host string, header ...string) int {
	t.Helper()
	api := fakeapi.New(fakeapi.Options{})
	t.Cleanup(api.Close)
	p := New(Options{API: api, People: cast, Group: groupChat, Channel: channelChat, Listen: listen})
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "<") {
		t.Error("the refusal holds what a browser may take for markup")
	}
	return w.Code
}

// A name that somebody may have pointed at this machine is not the page's own
// (DNS rebinding).
func TestHosts(t *testing.T) {
	const loopback, any4, any6, lan, named = "127.0.0.1:8080", "0.0.0.0:8080", "[::]:8080", "192.0.2.7:8080", "Demo.example:8080"
	for _, c := range []struct {
		name, listen, host string
		want               bool
	}{
		{"its address", loopback, "127.0.0.1:8080", true},
		{"its address, port forwarded", loopback, "127.0.0.1:9090", true},
		{"no port", loopback, "127.0.0.1", true},
		{"localhost", loopback, "localhost:8080", true},
		{"localhost without a port", loopback, "localhost", true},
		{"localhost in capitals", loopback, "LOCALHOST:8080", true},
		{"IPv6 loopback", loopback, "[::1]:8080", true},
		{"IPv6 loopback without a port", loopback, "[::1]", true},
		{"another loopback address", loopback, "127.0.0.2:8080", true},
		{"a foreign name", loopback, "evil.example:8080", false},
		{"a foreign name that begins well", loopback, "127.0.0.1.evil.example:8080", false},
		{"a foreign name below localhost", loopback, "localhost.evil.example", false},
		{"an address of the network", loopback, "192.168.1.2:8080", false},
		{"an IPv6 address of the network", loopback, "[fd00::2]:8080", false},
		{"the unspecified address", loopback, "0.0.0.0:8080", false},
		{"no host", loopback, "", false},
		{"a port alone", loopback, ":8080", false},

		{"every interface: loopback", any4, "127.0.0.1:8080", true},
		{"every interface: localhost", any4, "localhost:8080", true},
		{"every interface: an address", any4, "192.168.1.2:8080", true},
		{"every interface: an IPv6 address", any4, "[fd00::2]:8080", true},
		{"every interface: a foreign name", any4, "evil.example:8080", false},
		{"every interface: no host", any4, "", false},
		{"every interface, IPv6: an address", any6, "192.168.1.2:8080", true},
		{"every interface, IPv6: a foreign name", any6, "evil.example", false},
		{"every interface, unnamed: an address", ":8080", "192.168.1.2:8080", true},
		{"every interface, unnamed: a foreign name", ":8080", "evil.example", false},

		{"one address: itself", lan, "192.0.2.7:8080", true},
		{"one address: another, as behind a router", lan, "203.0.113.9:8080", true},
		{"one address: a foreign name", lan, "evil.example:8080", false},
		{"a name: itself", named, "demo.example:8080", true},
		{"a name: a foreign one", named, "evil.example:8080", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := http.StatusForbidden
			if c.want {
				want = http.StatusOK
			}
			if got := ask(t, c.listen, http.MethodGet, "/", c.host); got != want {
				t.Errorf("at %s, asked as %q: got %d, want %d", c.listen, c.host, got, want)
			}
		})
	}
}

// Another site's page can make a browser ask, and is refused; a reader who
// follows a link is not.
func TestWhoAsks(t *testing.T) {
	const own = "127.0.0.1:8080"
	navigates := []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	from := func(site string, more ...string) []string { return append([]string{"Sec-Fetch-Site", site}, more...) }
	for _, c := range []struct {
		name, method string
		header       []string
		want         bool
	}{
		{"a program", "POST", nil, true},
		{"its own origin", "POST", []string{"Origin", "http://127.0.0.1:8080"}, true},
		{"another site", "POST", []string{"Origin", "https://evil.example"}, false},
		{"another site reads", "GET", []string{"Origin", "https://evil.example"}, false},
		{"no origin to speak of", "POST", []string{"Origin", "null"}, false},
		{"another port", "POST", []string{"Origin", "http://127.0.0.1:9090"}, false},
		{"no port", "POST", []string{"Origin", "http://127.0.0.1"}, false},
		{"another name of this machine", "POST", []string{"Origin", "http://localhost:8080"}, false},
		{"own address as a user name", "POST", []string{"Origin", "http://127.0.0.1:8080@evil.example"}, false},
		{"no address at all", "POST", []string{"Origin", "http://[::1"}, false},

		{"fetched by itself", "POST", from("same-origin"), true},
		{"typed by the reader", "GET", from("none", navigates...), true},
		{"fetched by another site", "GET", from("cross-site"), false},
		{"fetched by another site, with cors", "GET", from("cross-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"), false},
		{"fetched by a neighbour", "GET", from("same-site"), false},
		{"a link followed", "GET", from("cross-site", navigates...), true},
		{"a neighbour's link followed", "GET", from("same-site", navigates...), true},
		{"framed", "GET", from("cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), false},
		{"used as a script", "GET", from("cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"), false},
		{"a form sent by another site", "POST", from("cross-site", navigates...), false},
		{"another site's origin, though a navigation", "GET", append(from("cross-site", navigates...), "Origin", "https://evil.example"), false},
		{"a value that is not known yet", "POST", from("elsewhere"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			// What comes through is answered by the page, not by the guard.
			path, want := "/", http.StatusOK
			if c.method == http.MethodPost {
				path, want = "/say", http.StatusUnsupportedMediaType
			}
			if !c.want {
				want = http.StatusForbidden
			}
			if got := ask(t, own, c.method, path, own, c.header...); got != want {
				t.Errorf("got %d, want %d", got, want)
			}
		})
	}
}

// The guard stands before everything that the page answers.
func TestGuardIsEverywhere(t *testing.T) {
	for _, c := range []struct{ name, method, path string }{
		{"page", "GET", "/"},
		{"asset", "GET", "/app.js"},
		{"stream", "GET", "/events"},
		{"file", "GET", "/files/x"},
		{"say", "POST", "/say"},
		{"press", "POST", "/press"},
		{"upload", "POST", "/upload"},
		{"sample", "POST", "/samples/x"},
		{"digest", "POST", "/digest"},
		{"fault", "POST", "/fault"},
		{"nothing", "GET", "/nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ask(t, "127.0.0.1:8080", c.method, c.path, "evil.example:8080"); got != http.StatusForbidden {
				t.Errorf("another host: got %d, want %d", got, http.StatusForbidden)
			}
			if got := ask(t, "127.0.0.1:8080", c.method, c.path, "127.0.0.1:8080", "Sec-Fetch-Site", "cross-site"); got != http.StatusForbidden {
				t.Errorf("another site: got %d, want %d", got, http.StatusForbidden)
			}
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	for _, c := range []struct{ name, method, path string }{
		{"page", "GET", "/"},
		{"module", "GET", "/app.js"},
		{"no file", "GET", "/files/x"},
		{"nothing", "GET", "/nothing"},
		{"a refusal", "POST", "/say"},
		{"a wrong method", "GET", "/say"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			a := l.do(c.method, c.path, nil)
			for name, want := range map[string]string{
				"X-Content-Type-Options":       "nosniff",
				"Referrer-Policy":              "no-referrer",
				"Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("another site may read the answer")
			}
			policy := map[string]string{}
			for part := range strings.SplitSeq(a.header.Get("Content-Security-Policy"), "; ") {
				name, value, _ := strings.Cut(part, " ")
				policy[name] = value
			}
			for name, want := range map[string]string{
				"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
			} {
				if policy[name] != want {
					t.Errorf("policy: %s is %q, want %q", name, policy[name], want)
				}
				delete(policy, name)
			}
			for name, value := range policy {
				if value != "'self'" {
					t.Errorf("policy: %s is %q, want 'self' at the most", name, value)
				}
			}
		})
	}
}
