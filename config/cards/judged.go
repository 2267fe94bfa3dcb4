package cards

import (
	"fmt"

	"simcard_exporter/config/inventory"
)

// judged counts the cells of a column.
type judged struct {
	cells int             // that hold digits
	wrong int             // of which cannot be an identifier of its kind
	lost  int             // of which have lost digits
	at    inventory.Place // of the first
	why   *Remark         // of the first
}

// bad counts a cell that cannot be an identifier of its kind.
func (j *judged) bad(at inventory.Place, why *Remark) {
	if j.wrong++; j.wrong == 1 {
		j.at, j.why = at, why
	}
	if why.Do == enterAnew {
		j.lost++
	}
}

// minJudged is how many cells a column must have to be judged as a whole.
const minJudged = 20

// checkColumn reports a column that is not what it seems to be: a third of its cells cannot
// be an identifier of its kind.
func (l *list) checkColumn(k kind) bool {
	j := &l.judged[k]
	if !l.isTable() || j.cells < minJudged || j.wrong*3 < j.cells {
		return false
	}
	heading, name := l.headings[k], kinds[k].name
	what := "the column " + heading + " does not hold " + name + "s"
	advice := "correct the numbers, or, if they are something else, the header or its line under columns"
	if l.mapping.meaning(heading).rank > certain {
		advice = fmt.Sprintf("if it is something else, name it under columns in the group, \"\" to leave it out, for example:\n    columns:\n      %s: %s", yamlText(heading), yamlText(propose(heading, make(map[string]bool))))
	}
	if j.lost*2 > j.wrong {
		what, advice = "the column "+heading+" has lost digits", enterAnew.English
	}
	l.Problem(j.at, "%s: %d of %d cannot be one, such as here: %s; %s", what, j.wrong, j.cells, j.why.Reason.English, advice)
	return true
}
