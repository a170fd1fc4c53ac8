package translog

import _ "embed"

// Page is index.html of a bundle: it checks the files that a reader drops on it
// in a browser, offline, in the order and with the codes of [Verify].
//
//go:embed index.html
var Page []byte
