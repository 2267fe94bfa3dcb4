package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// uid is the uid of the dashboard of that name, "fleet" or "card".
func (l *language) uid(name string) string { return "simcard-" + name + l.suffix }

// url leads to the dashboard of that name.
func (l *language) url(name string) string {
	return "/d/" + l.uid(name) + "?var-datasource=${datasource}"
}

// link adds a link at the top of the dashboard.
func (b *board) link(title, tooltip, url string) {
	b.dashboard.Links = append(b.dashboard.Links, dashboard.DashboardLink{
		Type: dashboard.DashboardLinkTypeLink, Icon: "dashboard", Tags: []string{}, KeepTime: true,
		Title: b.say(title), Tooltip: b.say(tooltip), Url: cog.ToPtr(url),
	})
}

// link is a link from a cell.
type link struct {
	title, dashboard string
	set              string // the variable that it sets
	to               string // what the variable is set to, in Grafana's syntax
}

func (l link) url(in *language) string {
	return in.url(l.dashboard) + "&var-" + l.set + "=${" + l.to + "}&${__url_time_range}"
}

// The columns of labels that every card has, and of those that most have.
var (
	cityColumn          = column{label: "city", heading: "City"}
	shopColumn          = column{label: "shop", heading: "Shop"}
	serviceNumberColumn = column{label: "service_number", heading: "Service number"}

	imeiColumn = column{label: "imei", heading: "IMEI", cell: cell{width: 150,
		link: link{title: "Open this card", dashboard: "card", set: "id", to: "__data.fields.imei"}}}
	iccidColumn = column{label: "iccid", heading: "ICCID", cell: cell{width: 190,
		link: link{title: "Open this card", dashboard: "card", set: "id", to: "__data.fields.iccid"}}}
	groupColumn = column{label: "group", heading: "Group", cell: cell{
		link: link{title: "This group alone", dashboard: "fleet", set: "group", to: "__data.fields.group:percentencode"}}}
)
