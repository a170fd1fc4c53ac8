package telegram

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCallbackDataComesBack(t *testing.T) {
	keys := testKeys(t)
	for _, c := range []struct {
		name, data string
		want       callbackPress
	}{
		{"alone", CallbackData("find"), callbackPress{action: "find", args: []string{}}},
		{"with arguments", CallbackData("lang", "uk", "start"), callbackPress{action: "lang", args: []string{"uk", "start"}}},
		{"an empty argument", CallbackData("lang", ""), callbackPress{action: "lang", args: []string{""}}},
		{"bound", BoundCallbackData(keys, ada, "card", "1z"), callbackPress{action: "card", args: []string{"1z"}, bound: true}},
		{"bound, without arguments", BoundCallbackData(keys, ada, "card"), callbackPress{action: "card", args: []string{}, bound: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := parseCallback(keys, ada, c.data)
			if d := cmp.Diff(got, c.want, cmp.AllowUnexported(callbackPress{})); d != "" || !ok {
				t.Errorf("ok %t (-got +want):\n%s", ok, d)
			}
		})
	}
}

func TestForeignCallbackDataIsNotTaken(t *testing.T) {
	keys := testKeys(t)
	for _, c := range []struct{ name, data string }{
		{"empty", ""}, {"the version alone", "v1"}, {"no action", "v1:"}, {"no action, with arguments", "v1::x"},
		{"a former version", "v0:find"}, {"a later version", "v2:find"}, {"none", "find"}, {"another case", "V1:find"},
		{"another program's", `{"action":"find"}`}, {"longer than Telegram takes", "v1:find:" + strings.Repeat("x", 60)},
	} {
		if p, ok := parseCallback(keys, ada, c.data); ok {
			t.Errorf("%s: taken as %+v", c.name, p)
		}
	}
}

func TestBoundDataIsOneAccountsAndCannotBeChanged(t *testing.T) {
	keys := testKeys(t)
	data := BoundCallbackData(keys, ada, "card", "1z", "9")
	if p, ok := parseCallback(keys, bo, data); ok && p.bound {
		t.Error("another account may use it")
	}
	for i := range data {
		for bit := range 8 {
			forged := []byte(data)
			forged[i] ^= 1 << bit
			if p, ok := parseCallback(keys, ada, string(forged)); ok && p.bound {
				t.Errorf("bit %d of byte %d can be flipped", bit, i)
			}
		}
	}
	for name, forged := range map[string]string{
		"without its mark":           data[:strings.LastIndex(data, ":")],
		"an argument more":           strings.Replace(data, ":9:", ":9:9:", 1),
		"an argument less":           strings.Replace(data, ":9:", ":", 1),
		"arguments joined":           strings.Replace(data, "1z:9", "1z9", 1),
		"the mark twice":             data + data[strings.LastIndex(data, ":"):],
		"the mark of another action": "v1:show:1z:9" + data[strings.LastIndex(data, ":"):],
	} {
		if p, ok := parseCallback(keys, ada, forged); ok && p.bound {
			t.Errorf("%s: it is taken", name)
		}
	}
}

func TestBoundDataLeavesItsArgumentsAlone(t *testing.T) {
	args := make([]string, 1, 4)
	args[0] = "1z"
	BoundCallbackData(testKeys(t), ada, "card", args...)
	if full := args[:2]; full[1] != "" {
		t.Errorf("the caller's array holds %q now", full[1])
	}
}

func TestUnreadableCallbackDataPanics(t *testing.T) {
	for name, args := range map[string][]string{
		"a colon in the action":    {"a:b"},
		"a colon in an argument":   {"a", "b:c"},
		"longer than 64 bytes":     {"a", strings.Repeat("x", 60)},
		"longer than 64, in UTF-8": {"a", strings.Repeat("є", 31)},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			CallbackData(args[0], args[1:]...)
		}()
	}
	if data := CallbackData("a", strings.Repeat("x", 59)); len(data) != maxCallbackBytes {
		t.Errorf("%d bytes, want the whole limit", len(data))
	}
}

func FuzzParseCallback(f *testing.F) {
	keys := testKeys(f)
	f.Add("v1:find")
	f.Add("v1:card:1z:AAAAAAAAAAA")
	f.Add("v1::")
	f.Add(":::::")
	f.Add(BoundCallbackData(keys, ada, "card", "1z"))
	f.Fuzz(func(t *testing.T, data string) {
		p, ok := parseCallback(keys, ada, data)
		if !ok {
			return
		}
		if p.action == "" || strings.Contains(p.action, ":") {
			t.Errorf("the action is %q", p.action)
		}
		// What is taken is what would have been written.
		again := func() string {
			if p.bound {
				return BoundCallbackData(keys, ada, p.action, p.args...)
			}
			return CallbackData(p.action, p.args...)
		}()
		if again != data {
			t.Errorf("%q reads as %q", data, again)
		}
		if other, _ := parseCallback(keys, bo, data); other.bound && p.bound {
			t.Error("two accounts may use it")
		}
		if slices.Contains(p.args, ":") {
			t.Error("an argument holds a colon")
		}
	})
}
