package exposition

import (
	"cmp"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
)

// WriteProtobuf is [Snapshot.Write] in protobuf: messages of type MetricFamily, each behind
// its length. So each series is encoded twice, for the length first. Through a registry, each
// takes a kilobyte until the last of its family is gathered.
func (s *Snapshot) WriteProtobuf(w io.Writer, selected func(family string) bool) error {
	p := &protobufWriter{w: w, buffer: make([]byte, 0, flushAt+4096)}
	for _, table := range tables {
		table.writeProtobuf(p, s, selected)
	}
	p.flush()
	return p.err
}

// The numbers of the fields in client_model's metrics.proto.
const (
	familyName, familyHelp, familyType, familyMetric, familyUnit protowire.Number = 1, 2, 3, 4, 5

	metricLabel, metricGauge, metricCounter protowire.Number = 1, 2, 3
	labelName, labelValue                   protowire.Number = 1, 2
	gaugeOrCounterValue                     protowire.Number = 1
)

// protobufWriter writes families as protobuf. After an error it writes nothing more.
type protobufWriter struct {
	w                     io.Writer
	buffer, metric, label []byte // metric and label are the last ones
	err                   error
}

func (t table[R]) writeProtobuf(p *protobufWriter, s *Snapshot, selected func(family string) bool) {
	var rows []R
	for i := range t.families {
		if !selected(t.families[i].name) {
			continue
		}
		if rows == nil {
			rows = t.rows(s)
		}
		writeProtobufFamily(p, &t.families[i], rows, t.labelNames(s), t.values)
	}
}

// writeProtobufFamily writes a family, if it has series, with a series for each row that has
// a value.
func writeProtobufFamily[R any](p *protobufWriter, f *family[R], rows []R, names []string, valuesOf func(row *R, values []string)) {
	values := make([]string, len(names))
	order := make([]int, len(names)) // of the labels
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	each := func(do func()) {
		for i := 0; i < len(rows) && p.err == nil; i++ {
			value, present := f.value(&rows[i])
			if !present {
				continue
			}
			valuesOf(&rows[i], values)
			if slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
				continue
			}
			p.encodeMetric(names, values, order, f.counter, value)
			do()
		}
	}
	size := 0
	each(func() { size += protowire.SizeTag(familyMetric) + protowire.SizeBytes(len(p.metric)) })
	if size == 0 {
		return
	}
	metricType := dto.MetricType_GAUGE
	if f.counter {
		metricType = dto.MetricType_COUNTER
	}
	head := appendText(appendText(nil, familyName, f.name), familyHelp, f.help)
	head = protowire.AppendVarint(protowire.AppendTag(head, familyType, protowire.VarintType), uint64(metricType))
	var tail []byte
	if f.unit != "" {
		tail = appendText(nil, familyUnit, f.unit)
	}
	p.buffer = protowire.AppendVarint(p.buffer, uint64(len(head)+size+len(tail)))
	p.buffer = append(p.buffer, head...)
	each(func() {
		p.buffer = appendMessage(p.buffer, familyMetric, p.metric)
		if len(p.buffer) >= flushAt {
			p.flush()
		}
	})
	p.buffer = append(p.buffer, tail...)
}

// encodeMetric sets p.metric.
func (p *protobufWriter) encodeMetric(names, values []string, order []int, counter bool, value float64) {
	p.metric = p.metric[:0]
	for _, i := range order {
		p.label = appendText(appendText(p.label[:0], labelName, names[i]), labelValue, values[i])
		p.metric = appendMessage(p.metric, metricLabel, p.label)
	}
	p.label = protowire.AppendTag(p.label[:0], gaugeOrCounterValue, protowire.Fixed64Type)
	p.label = protowire.AppendFixed64(p.label, math.Float64bits(value))
	field := metricGauge
	if counter {
		field = metricCounter
	}
	p.metric = appendMessage(p.metric, field, p.label)
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}

func (p *protobufWriter) flush() {
	if p.err == nil && len(p.buffer) > 0 {
		_, p.err = p.w.Write(p.buffer)
	}
	p.buffer = p.buffer[:0]
}
