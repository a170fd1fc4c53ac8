package render_test

import (
	"fmt"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

func ExamplePhrases_Card() {
	person := rollcall.Person{PublicID: "EX-0017", FullName: "Maria <Example>", BirthYear: 1990}
	claims := []rollcall.Claim{{Status: rollcall.ConfirmedHeld, Source: "Sample Bureau", Date: rollcall.Date{Year: 2026, Month: time.May, Day: 3}}}
	fmt.Println(render.For(rollcall.English).Card(person, claims, nil))
	// Output:
	// <b>Maria &lt;Example&gt;</b>
	// Year of birth: 1990
	// Entry: <code>EX-0017</code>
	//
	// According to Sample Bureau, dated 3 May 2026: held; the source says it has confirmed this
	//
	// This bot has not checked these statements.
	// <b>Nobody may ask you for money</b>, neither for news nor for an exchange.
}

func ExampleSplit() {
	for _, piece := range render.Split("<b>one two\nthree</b>", 8) {
		fmt.Printf("%q\n", piece)
	}
	// Output:
	// "<b>one two\n</b>"
	// "<b>three</b>"
}
