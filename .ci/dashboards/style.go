package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const (
	green  = "green"
	orange = "orange"
	red    = "red"
	blue   = "blue"
	purple = "purple"
	plain  = "text" // black or white
)

// from returns steps of colour: first, and from each limit on the next. No value
// has the first.
func from(first string, limits ...dashboard.Threshold) []dashboard.Threshold {
	return append([]dashboard.Threshold{{Color: first}}, limits...)
}

func at(value float64, color string) dashboard.Threshold {
	return dashboard.Threshold{Value: &value, Color: color}
}

// noneIsGood is for counts of what should not be: green for 0, color for more.
// The first step is for no value at all, which is not good news.
func noneIsGood(color string) []dashboard.Threshold { return from(plain, at(0, green), at(1, color)) }

func thresholds(steps []dashboard.Threshold) cog.Builder[dashboard.ThresholdsConfig] {
	if steps == nil {
		steps = from(plain)
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}

// named is a value, and the word and colour that stand for it.
type named struct {
	value, word, color string
}

func mappings(l *language, values []named) []dashboard.ValueMapping {
	if len(values) == 0 {
		return nil
	}
	options := make(map[string]dashboard.ValueMappingResult)
	for i, v := range values {
		options[v.value] = dashboard.ValueMappingResult{
			Text: cog.ToPtr(l.say(v.word)), Color: &v.color, Index: cog.ToPtr(int32(i)),
		}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}
