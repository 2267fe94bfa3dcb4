package problem

import (
	"iter"
	"math/bits"

	"simcard_exporter/collector/platform"
)

// Problem is a kind of what is wrong with a card. A card can have several.
type Problem uint8

// The problems, the worst first.
const (
	Suspended Problem = iota
	Expired
	Gone // the platform does not know the card any more
	OutOfData
	Expiring
	DataLow
	Unknown // the platform never knew the card
	Moved   // it is in another device than the list says
	Refused // it is in quarantine

	problems int = iota
)

// Text is what pages say, in English and Chinese.
type Text [2]string

// table describes the problems. Those that make a card out of service come first.
var table = [problems]struct {
	name     string                   // value of the label problem
	state    State                    // that a card with it is in, if it has no worse one
	has      func(*Card) bool         // whether a card that is in use has it
	fact     func(*platform.Card) any // see Problem.Fact; nil if there is none
	caption  Text
	sentence Text // without capital and full stop; %s is the fact
}{
	Suspended: {
		"suspended", OutOfService, func(c *Card) bool { return c.known() && c.Item.Status != nil && *c.Item.Status == 0 }, nil,
		Text{"Suspended", "已停机"}, Text{"suspended: the terminal is offline", "已停机：终端无法联网"},
	},
	Expired: {
		"expired", OutOfService, func(c *Card) bool { return c.known() && c.Item.Expires != 0 && c.Item.Expires <= c.Now }, expiry,
		Text{"Expired", "已到期"}, Text{"expired %s", "已到期：%s"},
	},
	Gone: {
		"gone", OutOfService, func(c *Card) bool { return c.Served && c.Item == nil && c.WasKnown }, nil,
		Text{"Gone", "已从平台消失"}, Text{"gone: the platform knew this card, and does not know it any more", "已从平台消失：以前查得到，现在查不到"},
	},
	OutOfData: {
		"out_of_data", OutOfService, func(c *Card) bool { return c.known() && c.Item.Balance != nil && *c.Item.Balance == 0 }, balance,
		Text{"Out of data", "流量用尽"}, Text{"out of data: %s left this month", "流量用尽：本月剩余 %s"},
	},
	Expiring: {
		"expiring", Attention, func(c *Card) bool {
			return c.known() && c.Item.Expires > c.Now && c.Item.Expires <= c.Now+platform.Instant(c.ExpiringWithin)
		}, expiry,
		Text{"Expires soon", "即将到期"}, Text{"expires soon: %s", "即将到期：%s"},
	},
	DataLow: {
		"data_low", Attention, func(c *Card) bool {
			return c.known() && c.Item.Balance != nil && *c.Item.Balance > 0 && *c.Item.Balance < c.LowBalance
		}, balance,
		Text{"Low on data", "流量不足"}, Text{"low on data: %s left this month", "流量不足：本月剩余 %s"},
	},
	Unknown: {
		"unknown", Attention, func(c *Card) bool { return c.Served && c.Item == nil && !c.WasKnown }, nil,
		Text{"Unknown to the platform", "平台查无此卡"}, Text{"the platform does not know this number", "平台查无此卡号"},
	},
	Moved: {
		"moved", Attention, func(c *Card) bool { return c.known() && c.IMEI != "" && c.Expected != "" && c.IMEI != c.Expected }, device,
		Text{"Moved", "机卡分离"}, Text{"moved: the card is in terminal %s, and the list says another", "机卡分离：卡在终端 %s 中，与登记不符"},
	},
	Refused: {
		"refused", Attention, func(c *Card) bool { return c.Refused }, nil,
		Text{"Refused", "平台拒绝"}, Text{"in quarantine: the platform answers for others, but not for this card", "已隔离：平台能答复其他卡，唯独此卡不行"},
	},
}

// Bytes is an amount of data.
type Bytes float64

func expiry(item *platform.Card) any  { return item.Expires }
func balance(item *platform.Card) any { return Bytes(*item.Balance) }
func device(item *platform.Card) any  { return item.IMEI }

// All returns all problems, the worst first.
func All() []Problem { return all[:] }

var all = func() (all [problems]Problem) {
	for p := range all {
		all[p] = Problem(p)
	}
	return all
}()

// String returns the value of the label problem.
func (p Problem) String() string { return table[p].name }

// Caption names the problem.
func (p Problem) Caption() Text { return table[p].caption }

// Sentence says what is wrong, as a clause without capital and full stop. If there is a
// fact, it has one %s in each language.
func (p Problem) Sentence() Text { return table[p].sentence }

// State returns the state of a card that has this problem and no worse one.
func (p Problem) State() State { return table[p].state }

// Fact returns what there is to say about the problem of a card: a platform.Instant, Bytes,
// or the IMEI of the device that the card is in; nil if there is nothing to say.
func (p Problem) Fact(item *platform.Card) any {
	if fact := table[p].fact; fact != nil {
		return fact(item)
	}
	return nil
}

// Set is a set of problems: bit i is problem i.
type Set uint16

// SetOf returns the set of the problem with a name; an empty one if there is none.
func SetOf(name string) Set {
	for _, p := range All() {
		if p.String() == name {
			return 1 << p
		}
	}
	return 0
}

// Has reports whether p is in the set.
func (set Set) Has(p Problem) bool { return set>>p&1 != 0 }

// All yields the problems in the set, the worst first.
func (set Set) All() iter.Seq[Problem] {
	return func(yield func(Problem) bool) {
		for ; set != 0; set &= set - 1 {
			if !yield(Problem(bits.TrailingZeros16(uint16(set)))) {
				return
			}
		}
	}
}
