package pages

// language is one that the pages speak; an index of a text.
type language int

const (
	english language = iota
	chinese
	languages int = iota
)

// texts is all that the pages say, by key, in English and Chinese. Each has the same
// verbs in both languages, in the same order.
var texts = joinedTexts(commonTexts, overviewTexts, reportTexts, cardTexts, verdictTexts)

func joinedTexts(parts ...map[string][languages]string) map[string][languages]string {
	all := make(map[string][languages]string)
	for _, part := range parts {
		for key, text := range part {
			if _, known := all[key]; known {
				panic("two texts " + key)
			}
			all[key] = text
		}
	}
	return all
}

// commonTexts are those of all pages: navigation, lists, searches, columns, messages and amounts.
var commonTexts = map[string][languages]string{
	"lang":                {"en", "zh-CN"},
	"clause":              {"; ", "；"},
	"sentence":            {".", "。"},
	"title":               {"SIM cards", "SIM 卡"},
	"overview":            {"Overview", "概览"},
	"all cards":           {"All cards", "全部卡"},
	"metrics":             {"Metrics", "指标"},
	"report":              {"Report", "日报"},
	"configuration":       {"Configuration", "配置"},
	"search":              {"Search", "搜索"},
	"search hint":         {"Shop, city, contact, phone, ICCID or IMEI, or the last digits", "门店、城市、联系人、电话、ICCID、IMEI 或尾号"},
	"any state":           {"any state", "全部状态"},
	"any problem":         {"any problem", "全部问题"},
	"any group":           {"any group", "全部分组"},
	"filter":              {"Filter", "筛选"},
	"found":               {"%s cards", "共 %s 张卡"},
	"found one":           {"1 card", "共 1 张卡"},
	"found none":          {"No card found", "没有找到卡"},
	"found none hint":     {"Try fewer digits from the end of the number, fewer words, or remove a filter.", "可以少输几位尾号、少输几个词，或移除筛选条件。"},
	"and more":            {"The %s most urgent are shown, and there are %s more: narrow the search, or download all.", "仅显示最紧急的 %s 张，另有 %s 张未显示：请缩小范围，或下载全部。"},
	"in labels instead":   {"Search “%s” in shops, contacts and other texts instead", "改为在门店、联系人等文字中搜索“%s”"},
	"download":            {"Download:", "下载："},
	"no such card":        {"No card has the identifier %s", "没有编号为 %s 的卡"},
	"no such card hint":   {"It may have been taken off the card file, or belong to another shard.", "它可能已从台账中删除，或属于其他分片。"},
	"query too long":      {"The search text is too long.", "搜索内容过长。"},
	"bad query":           {"The address cannot be read.", "网址无法识别。"},
	"bad query hint":      {"In an address, % is written %25 and ; is written %3B.", "网址中的 % 要写成 %25，; 要写成 %3B。"},
	"no such state":       {"There is no such state.", "没有这个状态。"},
	"no such problem":     {"There is no such problem.", "没有这种问题。"},
	"busy":                {"Too many searches at once. Please try again in a few seconds.", "搜索太多，请几秒后再试。"},
	"times":               {"Times are in %s (UTC%s).", "时间均为 %s（UTC%s）。"},
	"now":                 {"just now", "刚刚"},
	"term":                {"%s (%s)", "%s（%s）"},
	"ago":                 {"%s ago", "%s前"},
	"in":                  {"in %s", "%s后"},
	"second":              {"%d second", "%d 秒"},
	"seconds":             {"%d seconds", "%d 秒"},
	"minute":              {"%d minute", "%d 分钟"},
	"minutes":             {"%d minutes", "%d 分钟"},
	"hour":                {"%d hour", "%d 小时"},
	"hours":               {"%d hours", "%d 小时"},
	"day":                 {"%d day", "%d 天"},
	"days":                {"%d days", "%d 天"},
	"list":                {", ", "、"},
	"language":            {"中文", "English"},
	"main navigation":     {"Main", "主导航"},
	"search in labels":    {"Search, not in numbers", "搜索（不含卡号）"},
	"state":               {"State", "状态"},
	"problem":             {"Problem", "问题"},
	"expires within":      {"within %s days", "%s 天内到期"},
	"expires between":     {"in %s to %s days", "%s～%s 天后到期"},
	"expires in month":    {"in %s", "%s 到期"},
	"no such expiry":      {"The time of expiry is not understood.", "无法识别到期时间。"},
	"no such expiry hint": {"Write expires=30d, expires=7d-14d or expires=2026-12.", "请写成 expires=30d、expires=7d-14d 或 expires=2026-12。"},
	"remove filter":       {"Remove this filter", "移除此条件"},
	"remove all":          {"Remove all", "全部移除"},
	"filters":             {"Filters", "筛选条件"},
	"only post":           {"This needs a POST request.", "这里只接受 POST 请求。"},
	"only get":            {"This needs a GET request.", "这里只接受 GET 请求。"},
	"other site":          {"This request comes from another site", "请求来自其他网站"},
	"other site hint":     {"Only the exporter's own pages may ask for this. Behind a proxy, set --web.external-url to the address that browsers use.", "只接受本程序页面发出的请求。经反向代理访问时，请把 --web.external-url 设为浏览器中的网址。"},
	"other host":          {"This exporter is at %s, and not at %q", "本程序的网址是 %s，不是 %q"},
	"other host hint":     {"A proxy must pass on the header Host.", "反向代理必须原样传递 Host 头。"},
	"no such page":        {"There is no such page", "没有这个页面"},
	"no such page hint":   {"The navigation above leads to all pages.", "请从上方导航进入。"},
	"identifiers":         {"Identifiers", "卡号 / 设备号"},
	"data left":           {"Data left", "剩余流量"},
	"column shop":         {"Shop", "门店"},
	"column city":         {"City", "城市"},
	"column region":       {"Region", "区域"},
	"column model":        {"Model", "型号"},
	"column contact":      {"Contact", "联系人"},
	"column phone":        {"Phone", "电话"},
	"column address":      {"Address", "地址"},
	"verdict":             {"In words", "说明"},
	"balance mb":          {"Data left (MB)", "剩余流量（MB）"},
	"expiry month":        {"Expires in month", "到期月份"},
	"iccid":               {"ICCID", "ICCID"},
	"imei":                {"IMEI", "IMEI"},
	"reported iccid":      {"ICCID, as the platform says", "平台 ICCID"},
	"reported imei":       {"IMEI, as the platform says", "平台 IMEI"},
	"years":               {"%d years", "%d 年"},
	"colon":               {": ", "："},
}
