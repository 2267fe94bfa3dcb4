package collector

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// siblingClient is a client of another platform, which takes up to 50 ICCIDs as the
// path of a GET and answers with lines of CSV. It shows what another vendor takes: an
// implementation of platform.Client, and one line in main.
type siblingClient struct{ handler http.Handler }

func (siblingClient) MaxBatch() int { return 50 }

func (c siblingClient) Query(ctx context.Context, iccids []string, _ bool) (answer platform.Answer, err error) {
	response := httptest.NewRecorder()
	c.handler.ServeHTTP(response, httptest.NewRequestWithContext(ctx, http.MethodGet, "/"+strings.Join(iccids, ";"), nil))
	if response.Code != http.StatusOK {
		return answer, &platform.Error{Reason: platform.Rejected, Said: response.Body.String(), Err: fmt.Errorf("status %d", response.Code)}
	}
	lines, err := csv.NewReader(response.Body).ReadAll()
	if err != nil {
		return answer, &platform.Error{Reason: platform.Decode, Err: err}
	}
	for _, line := range lines { // ICCID, status, bytes left
		status, balance := 0, 0.
		if status, err = strconv.Atoi(line[1]); err != nil {
			return answer, &platform.Error{Reason: platform.Decode, Err: err}
		}
		if balance, err = strconv.ParseFloat(line[2], 64); err != nil {
			return answer, &platform.Error{Reason: platform.Decode, Err: err}
		}
		answer.Cards = append(answer.Cards, platform.Card{ICCID: line[0], Status: &status, Balance: &balance})
	}
	return answer, nil
}

// TestSibling: a platform with another wire format and larger batches needs nothing
// but a client: its cards are batched, served, bisected and explained.
func TestSibling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(120)
		bad := cards[119].ICCID
		var sizes []int
		vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			iccids := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), ";")
			sizes = append(sizes, len(iccids))
			if slices.Contains(iccids, bad) {
				http.Error(w, "no such card", http.StatusNotFound)
				return
			}
			for _, iccid := range iccids {
				fmt.Fprintf(w, "%s,1,4096\n", iccid)
			}
		})
		env := newTestEnv(t, simulator.New(nil), nil, func(s *Settings) { s.Concurrency = 1 })
		env.Load(siblingClient{vendor}, env.settings, []Group{testGroup("g", byICCID, cards)}, AnotherPlatform)
		got := env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1, `simcard_group_batches{group="g"}`: 3})
		expectCount(t, got, "simcard_balance_bytes", 119)
		expectCount(t, got, "refused", 1)
		if slices.Sort(sizes); !slices.Equal(sizes[len(sizes)-3:], []int{20, 50, 50}) {
			t.Errorf("requests for %v cards", sizes)
		}
		page, _ := env.Pages(testEstimate).Card(cards[49].ICCID)
		if page.BatchCards != 50 || len(page.Attempts) == 0 || page.Attempts[len(page.Attempts)-1].Answered != 50 {
			t.Errorf("the page of the last card of a batch: %+v", page.Attempts)
		}
		advance(firstCooldown)
		bad = ""
		expectCount(t, env.scrape(t), "simcard_balance_bytes", 120)
	})
}
