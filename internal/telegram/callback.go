package telegram

import (
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// maxCallbackBytes is the Bot API's limit of callback_data.
const maxCallbackBytes = 64

// callbackVersion begins the data of every button. A later form gets another
// one, so that an old button is known as such.
const callbackVersion = "v1"

// CallbackData writes the data of a button: version, action and arguments,
// parted by colons. It panics where the result cannot be read back or is over
// 64 bytes, since both are faults of the program.
func CallbackData(action string, args ...string) string {
	data := strings.Join(append([]string{callbackVersion, action}, args...), ":")
	for _, s := range append([]string{action}, args...) {
		if strings.Contains(s, ":") {
			panic("telegram: a callback argument holds a colon")
		}
	}
	if len(data) > maxCallbackBytes {
		panic("telegram: callback data is longer than 64 bytes")
	}
	return data
}

// BoundCallbackData writes data that only the one account can use: it ends with
// a mark under the secret file. Buttons that name a person are so bound, and
// counting through their numbers gives nothing.
func BoundCallbackData(k *secret.Keys, user rollcall.UserID, action string, args ...string) string {
	data := CallbackData(action, args...)
	return CallbackData(action, append(slices.Clip(args), callbackMark(k, user, data))...)
}

func callbackMark(k *secret.Keys, user rollcall.UserID, data string) string {
	m := k.CallbackMAC(user, data)
	return base64.RawURLEncoding.EncodeToString(m[:])
}

// A callbackPress is what a button's data says.
type callbackPress struct {
	action string
	args   []string
	bound  bool // the data ends with the right mark for the presser; args is without it
}

// parseCallback reads a button's data. ok is false for data that this program
// did not write in this version.
func parseCallback(k *secret.Keys, user rollcall.UserID, data string) (p callbackPress, ok bool) {
	parts := strings.Split(data, ":")
	if len(data) > maxCallbackBytes || len(parts) < 2 || parts[0] != callbackVersion || parts[1] == "" {
		return callbackPress{}, false
	}
	p = callbackPress{action: parts[1], args: parts[2:]}
	if n := len(p.args); n > 0 {
		mark := p.args[n-1]
		want := callbackMark(k, user, strings.TrimSuffix(data, ":"+mark))
		if subtle.ConstantTimeCompare([]byte(mark), []byte(want)) == 1 {
			p.args, p.bound = p.args[:n-1], true
		}
	}
	return p, true
}
