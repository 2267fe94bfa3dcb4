package dashboards

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// allowed lists the words for fields that are plain strings in the schema, by
// the last two keys of a field's path. Grafana silently replaces an unknown word
// by a default. Only what the dashboards use is listed; take further words from
// Grafana's constants where there are any.
var allowed = map[string][]string{
	"panels.type":                    {"row", "text", "stat", "table", "timeseries", "state-timeline"},
	"defaults.unit":                  unitNames,
	"color.mode":                     words(dashboard.FieldColorModeIdThresholds, dashboard.FieldColorModeIdPaletteClassic),
	"thresholds.mode":                words(dashboard.ThresholdsModeAbsolute),
	"mappings.type":                  words(dashboard.MappingTypeValueToText),
	"links.type":                     words(dashboard.DashboardLinkTypeLink),
	"targets.format":                 words(prometheus.PromQueryFormatTimeSeries, prometheus.PromQueryFormatTable),
	"targets.editorMode":             words(prometheus.QueryEditorModeCode),
	"options.graphMode":              words(common.BigValueGraphModeNone),
	"options.colorMode":              words(common.BigValueColorModeValue),
	"options.textMode":               words(common.BigValueTextModeValue, common.BigValueTextModeAuto),
	"options.cellHeight":             words(common.TableCellHeightSm),
	"options.showValue":              words(common.VisibilityModeAuto),
	"options.alignValue":             words(common.TimelineValueAlignmentLeft),
	"legend.displayMode":             words(common.LegendDisplayModeList, common.LegendDisplayModeTable),
	"legend.placement":               words(common.LegendPlacementBottom),
	"tooltip.mode":                   words(common.TooltipDisplayModeSingle, common.TooltipDisplayModeMulti),
	"tooltip.sort":                   words(common.SortOrderNone, common.SortOrderDescending),
	"custom.drawStyle":               words(common.GraphDrawStyleLine),
	"custom.lineInterpolation":       words(common.LineInterpolationLinear),
	"custom.showPoints":              words(common.VisibilityModeAuto),
	"stacking.mode":                  words(common.StackingModeNone, common.StackingModeNormal),
	"thresholdsStyle.mode":           words(common.GraphThresholdsStyleModeOff, common.GraphThresholdsStyleModeDashed),
	"scaleDistribution.type":         words(common.ScaleDistributionLinear),
	"matcher.id":                     {"byName", "byRegexp"},
	"properties.id":                  {"color", "decimals", "links", "mappings", "noValue", "thresholds", "unit", "custom.cellOptions", "custom.minWidth"},
	"reduceOptions.calcs":            {"lastNotNull"},
	"legend.calcs":                   {"lastNotNull"},
	"steps.color":                    colors,
	"value.fixedColor":               colors,
	"options.percentChangeColorMode": words(common.PercentChangeColorModeStandard),
}

var (
	unitNames = []string{units.NoUnit, units.BytesIEC, units.Seconds, units.DatetimeISO, units.CountsPerMinute, units.RequestsPerMinute}
	colors    = []string{"green", "orange", "red", "blue", "purple", "text", "transparent"}
)

// words converts constants of Grafana's to strings.
func words[T ~string](constants ...T) []string {
	var all []string
	for _, c := range constants {
		all = append(all, string(c))
	}
	return all
}

// spelling checks the fields in allowed.
func spelling(d Dashboard) error {
	var errs []error
	var value any
	if err := json.Unmarshal(d.Raw, &value); err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	var step func(parent, key string, value any)
	step = func(parent, key string, value any) {
		switch v := value.(type) {
		case string:
			if list, known := allowed[parent+"."+key]; known && !slices.Contains(list, v) {
				errs = append(errs, fmt.Errorf("%q is not a word for %s.%s", v, parent, key))
			}
		case []any:
			for _, element := range v {
				step(parent, key, element)
			}
		case map[string]any:
			if v["id"] == "unit" {
				step("defaults", "unit", v["value"]) // an override of the unit
			}
			for name, element := range v {
				step(key, name, element)
			}
		}
	}
	step("", "", value)
	return errors.Join(errs...)
}
