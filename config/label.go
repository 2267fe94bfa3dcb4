package config

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	nonAlnum  = regexp.MustCompile(`[^a-zA-Z0-9]+`)
)

// labels reads a group's labels and checks their names. A value only has to be
// present: in a file that is UTF-8, every string is a valid label value.
func (d *decoder) labels(n *yaml.Node) map[string]string {
	labels := make(map[string]string)
	for _, f := range d.fields(n) {
		if text := labelProblem(f.key); text != "" {
			d.problem(d.at(f.line), "labels: %s", text)
		}
		if isNull(f.value) {
			d.problem(d.at(f.line), `labels: %s has no value; write "" if it is to be empty`, quote(f.key))
			continue
		}
		var value string
		if d.text(f.value, &value) {
			labels[f.key] = value
		}
	}
	return labels
}

// labelProblem says why name cannot be the name of a label on simcard_info, and
// proposes a valid one where it can. It returns "" if there is no problem.
func labelProblem(name string) string {
	var text string
	switch {
	case reservedLabel(name):
		return quote(name) + " is taken: simcard_info sets it itself"
	case strings.HasPrefix(name, "__"):
		text = quote(name) + " begins with __, which Prometheus keeps for itself"
	case !labelName.MatchString(name):
		text = quote(name) + " is not a label name: letters a to z, digits and _ are allowed, and no digit in front"
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

// validLabel returns the nearest valid label name, "" if there is none that a
// message can show.
func validLabel(name string) string {
	valid := strings.Trim(nonAlnum.ReplaceAllString(name, "_"), "_")
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
