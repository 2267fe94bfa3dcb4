package web

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// checkAddresses returns an error if an address to listen on is none, or is there twice.
func (f *Flags) checkAddresses() error {
	addresses := *f.toolkit.WebListenAddresses
	if *f.toolkit.WebSystemdSocket {
		addresses = nil
	}
	for i, address := range addresses {
		if err := checkAddress(address); err != nil {
			return fmt.Errorf("--web.listen-address: %w", err)
		}
		if taken(addresses[:i], address) {
			return fmt.Errorf("--web.listen-address: %s is there twice", address)
		}
	}
	if f.healthAddress == "" {
		return nil
	}
	switch _, err := net.ResolveTCPAddr("tcp", f.healthAddress); {
	case err != nil:
		return fmt.Errorf("--web.health-listen-address: %w", err)
	case taken(addresses, f.healthAddress):
		return fmt.Errorf("--web.health-listen-address: %s is a --web.listen-address", f.healthAddress)
	}
	return nil
}

// taken reports whether an address is one of others. Those with port 0 never are.
func taken(others []string, address string) bool {
	return slices.Contains(others, address) && !strings.HasSuffix(address, ":0")
}

// checkAddress returns an error if exporter-toolkit could not listen on an address.
func checkAddress(address string) error {
	if address == "" {
		return errors.New("it is empty, and the exporter would listen on any port")
	}
	if !strings.HasPrefix(address, "vsock://") {
		_, err := net.ResolveTCPAddr("tcp", address)
		return err
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		return err
	}
	_, err = strconv.ParseUint(port, 10, 32)
	return err
}
