// Command echobot is the yardstick of the load benchmark: the barest bot on the
// same library, with eight workers, that sends back what it gets. It does what
// Rollcall must not: it confirms updates before they are handled, keeps nothing,
// and loses what is under way when it ends.
package main

import (
	"log"
	"os"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

func main() {
	bot, err := tgbotapi.NewBotAPIWithAPIEndpoint(os.Getenv("ROLLCALL_TOKEN"), os.Getenv("ROLLCALL_API_URL")+"/bot%s/%s")
	if err != nil {
		log.Fatal("getMe failed")
	}
	updates := bot.GetUpdatesChan(tgbotapi.UpdateConfig{Timeout: 50})
	for range 8 {
		go func() {
			for u := range updates {
				if u.Message != nil {
					_, _ = bot.Send(tgbotapi.NewMessage(u.Message.Chat.ID, u.Message.Text))
				}
			}
		}()
	}
	select {}
}
