package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
)

// https is the configuration of TLS; nil without. HTTP/2 is not offered: a fault
// needs a connection of its own.
func (f *listenFlags) https() (config *tls.Config, fingerprint string, err error) {
	certificates, err := f.own.Load()
	if err == nil && f.selfSigned {
		if certificates, err = f.makeCertificate(); err != nil {
			return nil, "", shell.Machinef("--tls-self-signed: %w", err)
		}
		fingerprint = fmt.Sprintf("%x", sha256.Sum256(certificates[0].Certificate[0]))
	}
	if err != nil || certificates == nil {
		return nil, "", err
	}
	return &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, fingerprint, nil
}

// makeCertificate makes a certificate for the loopback, the allowed hosts and
// the addresses; its key stays in memory.
func (f *listenFlags) makeCertificate() ([]tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "imcb serve"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 30),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              append([]string{"localhost"}, f.hosts...),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.ParseIP(ownAddress())},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, err
}
