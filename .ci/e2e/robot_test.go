//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// robotShapes are the messages that the examples send, and the robots take.
var robotShapes = map[string]string{
	"wecom":    `{"msgtype": "markdown", "markdown": {"content": "$text"}}`,
	"dingtalk": `{"msgtype": "markdown", "markdown": {"title": "$title", "text": "$text"}, "at": {"atMobiles": "$numbers"}}`,
	"feishu": `{"msg_type": "interactive", "card": {
		"header": {"template": "$colour", "title": {"tag": "plain_text", "content": "$title"}},
		"elements": [{"tag": "markdown", "content": "$text"}]}}`,
	"wechat": `{"touser": "@all", "agentid": "1000002", "msgtype": "markdown", "safe": "0",
		"markdown": {"content": "$text"}, "text": {"content": ""}}`,
}

var robotNames = []string{"wecom", "dingtalk", "feishu", "wechat"}

// robot stands in for the chat robot of that name. It checks each message as the
// real one does, and responds with status 200, taken or not.
type robot struct {
	name     string
	refusing bool

	mu       sync.Mutex // protects messages
	messages []robotMessage
}

// robotMessage is what a robot was sent.
type robotMessage struct {
	robot       string
	at          time.Time
	title, text string
	numbers     string // that DingTalk is to call
	size        int    // bytes of the request's body
	refusal     *robotError
}

// robotError is how a robot refuses a message.
type robotError struct {
	Code    int
	Message string
}

func (e *robotError) Error() string { return fmt.Sprintf("%d %s", e.Code, e.Message) }

// robotErrors are the codes for a message that the robot cannot read, that is too
// long, and that comes too soon.
var robotErrors = map[string]struct{ shape, size, rate int }{
	"wecom":    {shape: 40008, size: 40058, rate: 45009},
	"dingtalk": {shape: 40035, size: 460101, rate: 130101},
	"feishu":   {shape: 9499, size: 9499, rate: 11232},
	"wechat":   {shape: 40008, size: 40058, rate: 45009},
}

func (r *robot) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path == "/gettoken" {
		fmt.Fprint(w, `{"errcode":0,"errmsg":"ok","access_token":"token","expires_in":7200}`)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := robotMessage{robot: r.name, at: time.Now(), size: len(body)}
	err = r.decode(body, &m)
	m.refusal = r.check(m, err)
	r.messages = append(r.messages, m)

	answer := robotError{Message: "ok"}
	if m.refusal != nil {
		answer = *m.refusal
	}
	if r.name == "feishu" {
		fmt.Fprintf(w, `{"code":%d,"msg":%q,"data":{}}`, answer.Code, answer.Message)
	} else {
		fmt.Fprintf(w, `{"errcode":%d,"errmsg":%q}`, answer.Code, answer.Message)
	}
}

// since returns the messages after the first n.
func (r *robot) since(n int) []robotMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages[n:])
}

// check returns why the robot refuses a message, or nil. err is that of decoding
// it.
func (r *robot) check(m robotMessage, err error) *robotError {
	minute, second := 0, 0
	for _, earlier := range r.messages {
		if m.at.Sub(earlier.at) < time.Minute {
			minute++
		}
		if m.at.Sub(earlier.at) < time.Second {
			second++
		}
	}
	codes := robotErrors[r.name]
	switch {
	case r.refusing:
		return &robotError{310000, "keywords not in content"}
	case err != nil:
		return &robotError{codes.shape, err.Error()}
	case r.name == "wecom" && len(m.text) > 4096, r.name == "wechat" && len(m.text) > 2048, m.size > 20000:
		return &robotError{codes.size, "too long"}
	case r.name == "feishu" && (minute >= 100 || second >= 5), r.name != "feishu" && minute >= 20:
		return &robotError{codes.rate, "too fast"}
	case !strings.Contains(m.text, "告警"):
		return &robotError{310000, "keywords not in content"}
	}
	return nil
}

// decode reads the title and the text of a message. For a robot without titles the title
// is the first line.
func (r *robot) decode(body []byte, m *robotMessage) error {
	var shape, message any
	if err := json.Unmarshal([]byte(robotShapes[r.name]), &shape); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return err
	}
	if object, ok := message.(map[string]any); ok && r.name == "dingtalk" && object["at"] == nil {
		object["at"] = map[string]any{"atMobiles": []any{}} // may be left out, as in the report
	}
	found := map[string]string{}
	if !match(shape, message, found) {
		return errors.New("not a message of this robot")
	}
	m.text, m.title, m.numbers = found["$text"], found["$title"], found["$numbers"]
	if m.title == "" {
		m.title, _, _ = strings.Cut(m.text, "\n")
	}
	return nil
}

// match reports whether a decoded JSON value has the same keys and values as a
// shape. A string that begins with $ matches any string that is not empty, which
// is added to found.
func match(shape, value any, found map[string]string) bool {
	switch shape := shape.(type) {
	case map[string]any:
		object, ok := value.(map[string]any)
		for key := range shape {
			ok = ok && match(shape[key], object[key], found)
		}
		return ok && len(object) == len(shape)
	case []any:
		list, ok := value.([]any)
		ok = ok && len(list) == len(shape)
		for i := range shape {
			ok = ok && match(shape[i], list[i], found)
		}
		return ok
	case string:
		text, ok := value.(string)
		if shape == "$numbers" { // to call, as strings; perhaps none
			list, ok := value.([]any)
			for _, number := range list {
				_, isText := number.(string)
				ok = ok && isText
			}
			found[shape] = strings.Trim(fmt.Sprint(list), "[]")
			return ok
		}
		if strings.HasPrefix(shape, "$") {
			found[shape] = text
			return ok && text != ""
		}
		return ok && text == shape
	}
	return false
}
