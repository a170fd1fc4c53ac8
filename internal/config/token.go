package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// tokenShape is what @BotFather hands out: the bot's id, a colon, the key.
var tokenShape = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

// tokenInText finds what looks like a token within a longer text, such as an
// address. The key of a real one has 35 characters.
var tokenInText = regexp.MustCompile(`[0-9]{6,}:[A-Za-z0-9_-]{20,}`)

// maxTokenBytes is far above the length of any token.
const maxTokenBytes = 1024

// containerSecrets is where container engines mount secrets, readable by every
// account of the one container.
const containerSecrets = "/run/secrets"

// RequireToken returns the bot token, or why there is none. ROLLCALL_TOKEN goes
// before ROLLCALL_TOKEN_FILE, which goes before the key token_file. A token
// file that group or world can read is refused, except where the service
// manager keeps it: in systemd's $CREDENTIALS_DIRECTORY and in a container's
// /run/secrets. No error prints the token or a part of it.
func (c *Config) RequireToken() (Secret, error) {
	switch {
	case c.tokenErr != nil:
		return Secret{}, c.tokenErr
	case c.token.IsZero():
		return Secret{}, fmt.Errorf("no bot token is set: put it into a file of mode 600 and name that by %s, or set %s", EnvTokenFile, EnvToken)
	}
	return c.token, nil
}

// loadToken reads the token and keeps what is wrong with it for RequireToken.
func (c *Config) loadToken(getenv func(string) string) {
	text := getenv(EnvToken)
	c.tokenSource = EnvToken
	if text == "" {
		if c.TokenFile == "" {
			c.tokenSource = ""
			return
		}
		c.tokenSource = c.source("token_file")
		var problem string
		if text, problem = readToken(c.TokenFile, getenv("CREDENTIALS_DIRECTORY")); problem != "" {
			c.tokenErr = c.Fault("token_file", problem)
			return
		}
	}
	if !tokenShape.MatchString(text) {
		const problem = "does not hold a bot token, which has the form 123456:AbC-dEf; @BotFather shows it"
		c.tokenErr = c.Fault("token_file", problem)
		if c.tokenSource == EnvToken {
			c.tokenErr = &KeyError{Key: EnvToken, Problem: problem}
		}
		return
	}
	c.token = NewSecret(text)
}

// readToken returns the content of a token file without the newline at its end,
// or what is wrong with the file. credentials is systemd's directory, or "".
func readToken(path, credentials string) (text, problem string) {
	if tokenShape.MatchString(path) {
		return "", "must name a file that holds the token, not be the token"
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fileProblem(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fileProblem(path, err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Sprintf("%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" && !within(path, credentials) && !within(path, containerSecrets) {
		return "", fmt.Sprintf("%s can be read by others (mode %04o); run: chmod 600 %s", path, mode, path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxTokenBytes+1))
	if err != nil {
		return "", fileProblem(path, err)
	}
	if len(b) > maxTokenBytes {
		return "", fmt.Sprintf("%s is too long for a token file", path)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), ""
}

// fileProblem says why a file cannot be read.
func fileProblem(path string, err error) string {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	return fmt.Sprintf("cannot read %s: %v", path, err)
}

// within reports whether the path lies under dir; nothing lies under "".
func within(path, dir string) bool {
	if dir == "" {
		return false
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
