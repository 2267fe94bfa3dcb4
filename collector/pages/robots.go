package pages

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
)

// robot is the form of a message that a chat robot takes. nil stands for a text of any
// length, for people and mails.
type robot struct {
	lineEnd string
	maxText int // bytes of the text; 0 if maxBody counts
	maxBody int // bytes of the whole message
	encode  func(title, text string, l level) any
	titled  bool // the title is shown apart from the text
}

// robots are the robots by their names. Their limits are those of the vendors, less a
// little: WeCom takes a text of 4096 bytes, DingTalk and Feishu a message of 20000.
var robots = map[string]*robot{
	"": nil,
	"wecom": {lineEnd: "\n", maxText: 4000, encode: func(_, text string, _ level) any {
		return map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": text}}
	}},
	"dingtalk": {lineEnd: "  \n  ", maxBody: 19000, encode: func(title, text string, _ level) any {
		return map[string]any{"msgtype": "markdown", "markdown": map[string]string{"title": title, "text": text}}
	}},
	"feishu": {lineEnd: "\n", maxBody: 19000, titled: true, encode: func(title, text string, l level) any {
		colour := map[level]string{good: "green", warning: "orange", bad: "red"}[l]
		return map[string]any{"msg_type": "interactive", "card": map[string]any{
			"header":   map[string]any{"template": colour, "title": map[string]string{"tag": "plain_text", "content": title}},
			"elements": []any{map[string]string{"tag": "markdown", "content": text}},
		}}
	}},
}

// keyword returns what every message must hold for the robot to let it in.
func (r *robot) keyword() string {
	if r == nil {
		return ""
	}
	return "【告警】"
}

func (r *robot) newline() string {
	if r == nil {
		return "\n"
	}
	return r.lineEnd
}

// begin returns the first lines of the text, the second of which says how old the data is.
func (r *robot) begin(title, age string) []string {
	if r != nil && r.titled {
		return []string{r.keyword() + age} // the text must have the keyword too
	}
	return []string{r.bold(title), age}
}

// heading returns the line above the cards of a part.
func (r *robot) heading(text string) string {
	if r == nil {
		return "\n\n" + text
	}
	return r.newline() + r.bold(text)
}

func (r *robot) bold(text string) string {
	if r == nil {
		return text
	}
	return "**" + text + "**"
}

func (r *robot) link(text, url string) string {
	if r == nil {
		return text + " " + url
	}
	return "[" + text + "](" + url + ")"
}

// A label must not end its line. What a robot would take for a link, a mention or a format
// becomes the sign in full width that looks alike.
var (
	blanks    = regexp.MustCompile(`[\p{C}\p{Z}]+`)
	fullWidth = strings.NewReplacer("[", "［", "]", "］", "<", "＜", ">", "＞", "&", "＆", "*", "＊", "`", "＇", `\`, "＼")
)

// plain returns a line that shows as it is.
func (r *robot) plain(line string) string {
	line = strings.TrimSpace(blanks.ReplaceAllString(line, " "))
	if r == nil {
		return line
	}
	return fullWidth.Replace(line)
}

// room returns how much text may go with a title, in the unit of size.
func (r *robot) room(title string) int {
	switch {
	case r == nil:
		return math.MaxInt
	case r.maxText > 0:
		return r.maxText
	default:
		return r.maxBody - len(r.message(title, "", good))
	}
}

// size returns how many bytes of the room a part of the text takes.
func (r *robot) size(text string) int {
	if r == nil || r.maxText > 0 {
		return len(text)
	}
	encoded, _ := json.Marshal(text) // every text can be encoded
	return len(encoded) - len(`""`)
}

func (r *robot) message(title, text string, l level) []byte {
	if r == nil {
		return []byte(text + "\n")
	}
	message, err := json.Marshal(r.encode(title, text, l))
	if err != nil {
		panic(err) // texts can always be encoded
	}
	return message
}

func (r *robot) contentType() string {
	if r == nil {
		return "text/plain; charset=utf-8"
	}
	return "application/json"
}
