package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// edit has [Behaviour.Edit] replace the items of an answer.
func (g *regime) edit(identifiers []string, items []wireItem) []wireItem {
	if g.Edit == nil {
		return items
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = string(item.appendTo(nil))
	}
	texts = g.Edit(identifiers, texts)
	edited := make([]wireItem, len(texts))
	for i, text := range texts {
		edited[i] = wireItem{instead: text}
	}
	return edited
}

// askToWait sends [Behaviour.RetryAfter].
func (g *regime) askToWait(w http.ResponseWriter) {
	if g.RetryAfter > 0 {
		seconds := (g.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
}
