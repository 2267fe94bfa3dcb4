package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	labelName    = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	notLabelName = regexp.MustCompile(`[^a-zA-Z0-9]+`)
)

// checkLabels checks the names. The values need no more than to be there: a
// file that is UTF-8 has no way to write a string that is not.
func (g *Group) checkLabels(d *document) {
	for _, name := range slices.Sorted(maps.Keys(g.Labels)) {
		line, value := find(g.node.Node, "labels", name)
		at := d.at(line)
		if text := labelProblem(name); text != "" {
			d.problem(at, "labels: %s", text)
		}
		if isNull(value) {
			d.problem(at, `labels: %s has no value; write "" if it is to be empty`, quote(name))
		}
	}
}

// labelProblem says why name cannot be the name of a label on simcard_info, ""
// if it can, and proposes the one that was probably meant, if there is one.
func labelProblem(name string) string {
	var text string
	switch {
	case reservedLabel(name):
		return quote(name) + " is taken: simcard_info sets it itself"
	case strings.HasPrefix(name, "__"):
		text = quote(name) + " begins with __, which Prometheus keeps for itself"
	case !labelName.MatchString(name):
		text = quote(name) + " is no label name: letters a to z, digits and _ are allowed, and no digit in front"
	default:
		return ""
	}
	if valid := validLabel(name); valid != "" {
		return text + " (try " + valid + ")"
	}
	return text + " (choose one, such as shop)"
}

func reservedLabel(name string) bool {
	switch name {
	case "imei", "iccid", "service_number", "group":
		return true
	}
	return false
}

// validLabel is the nearest valid label name, "" if nothing is left of name.
func validLabel(name string) string {
	valid := strings.Trim(notLabelName.ReplaceAllString(name, "_"), "_")
	if valid == "" || len(valid) > maxQuoted {
		return ""
	}
	if valid[0] >= '0' && valid[0] <= '9' {
		valid = "_" + valid
	}
	if reservedLabel(valid) {
		return ""
	}
	return valid
}
