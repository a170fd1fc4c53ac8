package main

import "testing"

// The ids of the demo's people, as they stand in the page's address.
const (
	mary  = "#/7200000001/"
	olena = "#/7200000002/"
	pavel = "#/7200000003/"
	iryna = "#/7200000004/" // the editor
	sam   = "#/7200000005/" // the owner
)

func TestDemoFind(t *testing.T) {
	browser(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", desk)
	p.press("Start")
	p.wait("the greeting", said("This bot is run by"))
	p.shot("start")
	p.write("Vyhadkovych Marko 1984")
	p.shot("find")
}
