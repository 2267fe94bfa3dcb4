package dashboards

import "testing"

func TestVariableMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "undefined variable in a query", file: "fleet.json",
			old:  `group=~\"$group\"`,
			new:  `group=~\"$grupe\"`,
			want: "variable grupe is used and not defined",
		},
		{
			name: "undefined variable in a title", file: "fleet.json",
			old:  "${days:text}",
			new:  "${tage:text}",
			want: "variable tage is used and not defined",
		},
		{
			name: "variable that nothing uses", file: "card.json",
			old:  `"name": "datasource"`,
			new:  `"name": "unused"`,
			want: "variable unused is defined and not used",
		},
		{
			name: "variable twice", file: "fleet.json",
			old:  `"name": "city"`,
			new:  `"name": "shop"`,
			want: "variable shop is defined twice",
		},
		{
			name: "variable without a label", file: "fleet.json",
			old:  `"label": "Job"`,
			new:  `"label": ""`,
			want: "variable job has no label",
		},
		{
			name: "variable of another kind of query", file: "fleet.json",
			old:  `"query": "label_values(simcard_up, job)"`,
			new:  `"query": "query_result(simcard_up)"`,
			want: "is not label_values",
		},
	})
}

func TestLinkMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "dead link", file: "fleet.json",
			old:  "/d/simcard-card?",
			new:  "/d/simcard-kard?",
			want: `link to dashboard "simcard-kard"`,
		},
		{
			name: "link with an unknown variable", file: "fleet.json",
			old:  "&var-imei=",
			new:  "&var-emei=",
			want: `sets its variable "emei"`,
		},
		{
			name: "link with an unknown column", file: "fleet.json",
			old:  "${__data.fields.imei}",
			new:  "${__data.fields.shop}",
			want: `link takes column "shop"`,
		},
	})
}
