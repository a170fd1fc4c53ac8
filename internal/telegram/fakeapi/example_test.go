package fakeapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"rollcall/internal/telegram/fakeapi"
)

func Example() {
	s := fakeapi.New(fakeapi.Options{})
	if err := s.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	s.AddUser(fakeapi.User{ID: 101, FirstName: "Ada"})
	sent, err := s.Send(101, 101, "/start")
	if err != nil {
		fmt.Println(err)
		return
	}

	// A bot of one line.
	go http.PostForm(s.URL()+"/bot"+s.Token()+"/sendMessage",
		url.Values{"chat_id": {"101"}, "parse_mode": {"HTML"}, "text": {"<b>Welcome</b>, Ada"}})

	m, err := s.WaitMessage(context.Background(), 101, func(m fakeapi.Message) bool { return m.Seq > sent.Seq })
	fmt.Println(m.Text, m.Entities[0].Type, err, s.Problems())
	// Output: Welcome, Ada bold <nil> []
}
