package rollcall

// MaxAnnouncement is the longest text of an announcement, in runes. It leaves room
// in one message for the words around it.
const MaxAnnouncement = 3000

// AnnouncementProgress counts the messages of an announcement by how they stand.
type AnnouncementProgress struct {
	Waiting int // to be sent, or being sent
	Sent    int
	Failed  int // refused for good, as by an account that has blocked the bot
	Unknown int // the answer was lost; they are not sent again
	Stopped int // not sent, since an owner stopped it
}

// Total is how many accounts it is for.
func (p AnnouncementProgress) Total() int {
	return p.Waiting + p.Sent + p.Failed + p.Unknown + p.Stopped
}
