//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// webhook receives Alertmanager's notifications and keeps their alerts.
type webhook struct {
	mu     sync.Mutex // protects alerts
	alerts []alert
}

type alert struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct{ Alerts []alert }
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alerts = append(h.alerts, message.Alerts...)
}

// has returns nil if an alert with that status and name has arrived. If label is
// not empty, the alert must also have this value as the label and in its
// summary.
func (h *webhook) has(status, name, label, value string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.alerts {
		labelled := label == "" || a.Labels[label] == value && strings.Contains(a.Annotations["summary"], value)
		if a.Status == status && a.Labels["alertname"] == name && labelled {
			return nil
		}
	}
	return fmt.Errorf("%d alerts, and none is %s %s with %s=%s", len(h.alerts), status, name, label, value)
}

// count returns how many alerts with that status and name have arrived.
func (h *webhook) count(status, name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, a := range h.alerts {
		if a.Status == status && a.Labels["alertname"] == name {
			n++
		}
	}
	return n
}

// String returns a line for each alert.
func (h *webhook) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, a := range h.alerts {
		fmt.Fprintln(&b, a.Status, a.Labels)
	}
	return b.String()
}
