package inventory

import (
	"errors"
	"slices"
	"testing"
)

// TestReadCSV: rows that are not empty, each cell with its line.
func TestReadCSV(t *testing.T) {
	rows, err := ReadCSV([]byte("\ufeff, \n imei ,shop\r\n\n1,\"two\nlines\",\"\n3\"\n,\n4"))
	if err != nil {
		t.Fatal(err)
	}
	type cell struct {
		text string
		line int
	}
	var got [][]cell
	for _, row := range rows {
		cells := make([]cell, row.Width())
		for column := range cells {
			cells[column] = cell{row.Cell(column), row.Line(column)}
		}
		got = append(got, cells)
	}
	want := [][]cell{
		{{"imei", 2}, {"shop", 2}},
		{{"1", 4}, {"two\nlines", 4}, {"3", 5}},
		{{"4", 8}},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, column := range []int{-1, 2} {
		if text := rows[0].Cell(column); text != "" {
			t.Errorf("cell %d of two: %q", column, text)
		}
	}
}

// TestReadCSVEndsEarly: the rows in front of a mistake are returned with it.
func TestReadCSVEndsEarly(t *testing.T) {
	for name, test := range map[string]struct {
		data       string
		rows, line int
	}{
		"quote inside a cell": {data: "a\nb\nthe \"new\"\nc\n", rows: 2, line: 3},
		"quote left open":     {data: "a\n\"b\nc\n", rows: 1, line: 2},
		"not UTF-8":           {data: "a\n\xb1\xb1\n", rows: 0, line: 2},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := ReadCSV([]byte(test.data))
			var end *Error
			if !errors.As(err, &end) || len(rows) != test.rows || end.Line != test.line {
				t.Errorf("%d rows and %v, want %d and line %d", len(rows), err, test.rows, test.line)
			}
		})
	}
}
