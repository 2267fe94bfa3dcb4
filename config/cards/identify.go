package cards

import (
	"errors"
	"fmt"
)

// Identify returns the card with an identifier as somebody typed it, an IMEI or an ICCID,
// repaired like one that is listed. A warning, "" for none, is for a likely mistake.
func Identify(text string) (c Card, warning string, err error) {
	imei, iccid := repairIMEI(text), repairICCID(text)
	remark, longer := kindIMEI.problem(imei, "iccids"), kindICCID.problem(iccid, "imeis")
	switch {
	case remark == nil && hasCheckDigit(imei):
		return Card{IMEI: imei}, "", nil
	case remark == nil:
		return Card{IMEI: imei}, fmt.Sprintf(mistyped, imei, luhnDigit(imei)), nil
	case longer == nil:
		return Card{ICCID: iccid}, "", nil
	}
	if len(iccid) > 16 {
		remark = longer
	}
	return Card{}, "", errors.New("neither an IMEI nor an ICCID: " + remark.String())
}
