package dashboards

import "testing"

func TestPanelMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "same panel id", file: "card.json",
			old:  `"id": 3,`,
			new:  `"id": 2,`,
			want: `id 2 is 0 or that of "Status"`,
		},
		{
			name: "no description", file: "card.json",
			old:  `"description": "simcard_status: `,
			new:  `"title": "Status", "descriptions": "`,
			want: `panel "Status": description is missing`,
		},
		{
			name: "no unit", file: "card.json",
			old:  `"unit": "bytes"`,
			new:  `"displayName": "bytes"`,
			want: `panel "Data left": unit is missing`,
		},
		{
			name: "nothing said when empty", file: "card.json",
			old:  `"noValue": "not known"`,
			new:  `"noValue": ""`,
			want: `panel "Status": what to say`,
		},
		{
			name: "fixed data source", file: "fleet.json",
			old:  `"uid": "${datasource}"`,
			new:  `"uid": "abc"`,
			want: `data source is "abc"`,
		},
		{
			name: "refId twice", file: "fleet.json",
			old:  `"refId": "B"`,
			new:  `"refId": "A"`,
			want: `refId "A" is empty or there twice`,
		},
		{
			name: "no expression", file: "fleet.json",
			old:  `"expr": "sum(max by`,
			new:  `"expr": "", "legendFormat": "sum(max by`,
			want: "expression of query A is missing",
		},
	})
}

func TestColumnMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "renamed column that is not", file: "fleet.json",
			old:  `"Value #B": "in service"`,
			new:  `"Value #Z": "in service"`,
			want: `column "Value #Z" is renamed`,
		},
		{
			name: "column without a name", file: "fleet.json",
			old:  `"Value #B": "in service"`,
			new:  `"Value #C": "in service"`,
			want: `column "Value #B" has no name`,
		},
		{
			name: "override for nothing", file: "fleet.json",
			old:  `"options": "suspended"`,
			new:  `"options": "suspend"`,
			want: `override is for "suspend"`,
		},
		{
			name: "sorted by nothing", file: "fleet.json",
			old:  `"displayName": "problem"`,
			new:  `"displayName": "trouble"`,
			want: `sorted by "trouble"`,
		},
	})
}
