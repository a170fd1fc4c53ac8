// Package fakeapi is a Telegram Bot API server inside the process: it serves a
// bot over real HTTP, plays the people who talk to it, and tells a test what the
// bot did. The demo verb runs the bot against it behind a chat page.
//
// It exists because a mock of our own client would agree with whatever our
// client believes. This one is written against the Bot API's documentation and
// against the error texts of the open server (tdlib/telegram-bot-api and
// tdlib/td), checks what it is given, and can fail in each of the ways in which
// a network and a server fail: before a call is carried out, after it, and in
// the middle of its answer. What the real server silently ignores, such as an
// unknown parameter, is answered as there and noted in [Server.Problems].
//
// A test usually makes one with [Run], adds people with [Server.AddUser] and
// [Server.AddChat], lets them act ([Server.Send], [Server.Press]) and waits for
// what follows ([Server.WaitMessage], [Server.WaitIdle]). Waits are woken by
// what happens; nothing in here polls or sleeps.
//
// Left out: what goes to a webhook, inline queries, payments, topics, Markdown, URLs in place
// of files, and every method that Rollcall does not call. Entities that
// Telegram finds by itself are commands, @names and http(s) addresses only. The
// burst of a private chat is a guess: Telegram publishes none.
package fakeapi
