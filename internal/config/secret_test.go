package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSecretNeverPrints(t *testing.T) {
	s := NewSecret(canary)
	if got := s.Reveal(); got != canary {
		t.Fatalf("Reveal() = %q, want %q", got, canary)
	}
	c, err := Load(write(t, "rollcall.yaml", "", 0o644), env(EnvToken, canary))
	if err != nil {
		t.Fatal(err)
	}
	type exported struct{ Token Secret }
	type hidden struct{ token Secret }
	values := map[string]any{
		"itself": s, "pointer": &s, "slice": []Secret{s}, "map": map[string]Secret{"a": s}, "key": map[Secret]int{s: 1},
		"exported field": exported{s}, "unexported field": hidden{s}, "pointer to field": &hidden{s},
		"configuration": c, "configuration's value": *c,
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			printed := make(map[string]string)
			for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%10s"} {
				printed[format] = fmt.Sprintf(format, v)
			}
			if b, err := json.Marshal(v); err == nil {
				printed["json"] = string(b)
			}
			if b, err := yaml.Marshal(v); err == nil {
				printed["yaml"] = string(b)
			}
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v, slog.Group("g", "v", v))
			printed["slog text"] = b.String()
			b.Reset()
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
			printed["slog json"] = b.String()
			hex := fmt.Sprintf("%x", "CANARY")
			for how, out := range printed {
				if strings.Contains(out, "CANARY") || strings.Contains(strings.ToLower(out), hex) {
					t.Errorf("%s prints the secret: %s", how, out)
				}
			}
		})
	}
	for how, got := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%s": fmt.Sprintf("%s", s), "String": s.String(), "error": fmt.Errorf("x %w", fmt.Errorf("%v", s)).Error()[2:],
	} {
		if got != mask {
			t.Errorf("%s: got %q, want %q", how, got, mask)
		}
	}
	if b, err := json.Marshal(s); err != nil || string(b) != `"`+mask+`"` {
		t.Errorf("json: got %s, %v", b, err)
	}
	if b, err := s.MarshalText(); err != nil || string(b) != mask {
		t.Errorf("text: got %s, %v", b, err)
	}
}

func TestSecretZero(t *testing.T) {
	var s Secret
	if !s.IsZero() || s.Reveal() != "" || s.String() != "" || !s.Equal(NewSecret("")) {
		t.Errorf("the zero secret is not empty: %v", s)
	}
	if s.Equal(NewSecret("a")) || !NewSecret("a").Equal(NewSecret("a")) {
		t.Error("Equal does not compare values")
	}
}

func TestRequireToken(t *testing.T) {
	good := write(t, "token", canary+"\n", 0o600)
	crlf := write(t, "token", canary+"\r\n", 0o400)
	open := write(t, "token", canary+"\n", 0o640)
	bad := write(t, "token", "CANARY without a colon\n", 0o600)
	two := write(t, "token", canary+"\n\n", 0o600)
	big := write(t, "token", canary+strings.Repeat("x", maxTokenBytes), 0o600)
	absent := filepath.Join(t.TempDir(), "absent")
	inFile := write(t, "rollcall.yaml", "token_file: "+good+"\n", 0o644)
	inFileOpen := write(t, "rollcall.yaml", "log: info\ntoken_file: "+open+"\n", 0o644)
	empty := write(t, "rollcall.yaml", "", 0o644)

	for name, tt := range map[string]struct {
		file   string
		getenv func(string) string
		want   string // part of the error; "" for none
		source string
	}{
		"none":                          {getenv: env(), want: "no bot token is set", source: "default"},
		"environment":                   {getenv: env(EnvToken, canary), source: EnvToken},
		"file by environment":           {getenv: env(EnvTokenFile, good), source: EnvTokenFile},
		"file by key":                   {file: inFile, getenv: env(), source: "file"},
		"variable goes before the file": {file: inFileOpen, getenv: env(EnvToken, canary, EnvTokenFile, absent), source: EnvToken},
		"file ends with CRLF":           {getenv: env(EnvTokenFile, crlf), source: EnvTokenFile},
		"others can read it":            {getenv: env(EnvTokenFile, open), want: "ROLLCALL_TOKEN_FILE: " + open + " can be read by others (mode 0640); run: chmod 600 " + open, source: EnvTokenFile},
		"others can read it, by key":    {file: inFileOpen, getenv: env(), want: inFileOpen + ":2: token_file: " + open + " can be read by others", source: "file"},
		"systemd's credential":          {getenv: env(EnvTokenFile, open, "CREDENTIALS_DIRECTORY", filepath.Dir(open)), source: EnvTokenFile},
		"beside systemd's credentials":  {getenv: env(EnvTokenFile, open, "CREDENTIALS_DIRECTORY", filepath.Join(filepath.Dir(open), "x")), want: "can be read by others", source: EnvTokenFile},
		"absent":                        {getenv: env(EnvTokenFile, absent), want: "cannot read " + absent, source: EnvTokenFile},
		"directory":                     {getenv: env(EnvTokenFile, t.TempDir()), want: "is not a regular file", source: EnvTokenFile},
		"bad shape":                     {getenv: env(EnvToken, "CANARY"), want: "ROLLCALL_TOKEN: does not hold a bot token", source: EnvToken},
		"bad shape with a newline":      {getenv: env(EnvToken, canary+"\n"), want: "ROLLCALL_TOKEN: does not hold", source: EnvToken},
		"bad shape in a file":           {getenv: env(EnvTokenFile, bad), want: "ROLLCALL_TOKEN_FILE: does not hold", source: EnvTokenFile},
		"two newlines":                  {getenv: env(EnvTokenFile, two), want: "does not hold", source: EnvTokenFile},
		"too long":                      {getenv: env(EnvTokenFile, big), want: "too long", source: EnvTokenFile},
		"token for a file's name":       {getenv: env(EnvTokenFile, canary), want: "must name a file", source: EnvTokenFile},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.file == "" {
				tt.file = empty
			}
			c, err := Load(tt.file, tt.getenv)
			if err != nil {
				t.Fatalf("Load: %v", err) // the token alone never fails it
			}
			settings := c.Effective()
			if got := settings[len(settings)-1].Source; got != tt.source {
				t.Errorf("got source %s, want %s", got, tt.source)
			}
			got, err := c.RequireToken()
			if tt.want == "" {
				if err != nil || got.Reveal() != canary {
					t.Errorf("got %q, error %v, want the token", got.Reveal(), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got error %v, want one with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("the error prints the token: %v", err)
			}
			if !got.IsZero() {
				t.Error("got a token with an error")
			}
		})
	}
}

func TestWithin(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, dir string
		want      bool
	}{
		{"/run/secrets/token", "/run/secrets", true},
		{"/run/secrets/a/b", "/run/secrets/", true},
		{"/run/secretsx/token", "/run/secrets", false},
		{"/run/secrets/../token", "/run/secrets", false},
		{"/run/secrets/token", "", false},
		{"token", wd, true},
	} {
		if got := within(tt.path, tt.dir); got != tt.want {
			t.Errorf("within(%q, %q) = %t, want %t", tt.path, tt.dir, got, tt.want)
		}
	}
}
