package chart_test

import (
	"fmt"
	"net/http"
	"time"

	"rollcall/internal/chart"
	"rollcall/internal/rollcall"
)

func ExampleSignatures() {
	png, err := chart.Signatures(chart.Spec{
		Title:    "An invented petition",
		Axis:     "signatures in all",
		GoalText: "Goal",
		Goal:     50,
		Days: []rollcall.DayCount{
			{Date: rollcall.Date{Year: 2026, Month: time.November, Day: 20}, Count: 12},
			{Date: rollcall.Date{Year: 2026, Month: time.November, Day: 22}, Count: 30},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(http.DetectContentType(png))
	// Output: image/png
}
