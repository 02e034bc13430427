package cmd_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trusting is a client that trusts a certificate by its SHA-256 only.
func trusting(t *testing.T, fingerprint string) *http.Client {
	t.Helper()
	config := &tls.Config{
		InsecureSkipVerify: true,
		VerifyConnection: func(c tls.ConnectionState) error {
			if got := fmt.Sprintf("%x", sha256.Sum256(c.PeerCertificates[0].Raw)); got != fingerprint {
				return errors.New("another certificate: " + got)
			}
			return c.PeerCertificates[0].VerifyHostname("127.0.0.1")
		},
	}
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	return &http.Client{Transport: transport, Timeout: soon}
}

func TestServeTLSSelfSigned(t *testing.T) {
	s := serveHere(t, "--tls-self-signed", "--fault", "beforeAddFriend=reset", "--fault", "beforeImportFriends=truncated", "--fault", "beforeReplyFriendResp=garbage")
	require.True(t, strings.HasPrefix(s.base, "https://127.0.0.1:"), s.base)
	fingerprint := s.stderr.await(t, `certificate made for this run, SHA-256 ([0-9a-f]{64});`)
	client := trusting(t, fingerprint)
	to := func(command string) (*http.Response, error) {
		return client.Post(s.base+"/"+command, "application/json", strings.NewReader("{}"))
	}

	resp, err := to("callbackAfterAddFriendCommand")
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	require.NoError(t, err)
	assert.Equal(t, plainAllow, string(body))
	assert.Equal(t, 1, resp.ProtoMajor, "a fault needs a connection of its own")

	_, err = to("callbackBeforeAddFriendCommand")
	assert.ErrorContains(t, err, "connection reset")
	_, err = to("callbackBeforeReplyFriendResp")
	assert.ErrorContains(t, err, "malformed HTTP")
	resp, err = to("callbackBeforeImportFriendsCommand")
	require.NoError(t, err)
	body, err = io.ReadAll(resp.Body)
	resp.Body.Close()
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NotEmpty(t, body)

	_, err = trusting(t, strings.Repeat("0", 64)).Get(s.base)
	assert.ErrorContains(t, err, "another certificate")
	_, err = http.Get(s.base)
	assert.ErrorContains(t, err, "certificate", "who knows nothing of it does not trust it")
	assert.Contains(t, wire(t, "http"+strings.TrimPrefix(s.base, "https"), "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), "HTTP request to an HTTPS server")
	assert.Zero(t, s.end(t))
}

// makePair writes a certificate and its key, and returns their files.
func makePair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	require.NoError(t, err)
	folder := t.TempDir()
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), 0o600))
	return cert, key
}

func TestServeWithACertificate(t *testing.T) {
	cert, key := makePair(t)
	s := serveHere(t, "--cert", cert, "--key", key)
	assert.NotContains(t, s.stderr.String(), "certificate made for this run")
	code, stdout, stderr := runMain(t, "", "send", "beforeAddFriend", "--url", s.base, "--cacert", cert)
	assert.Zero(t, code, stdout+stderr)
	assert.Zero(t, s.end(t))

	otherCert, otherKey := makePair(t)
	junk := inFolder(t, "junk.pem", "junk")
	for _, pair := range [][2]string{{cert, otherKey}, {otherCert, key}, {key, cert}, {junk, key}, {cert, junk}} {
		code, _, stderr := runMain(t, "", "serve", "--listen", "127.0.0.1:0", "--cert", pair[0], "--key", pair[1])
		assert.Equal(t, 2, code)
		assert.Regexp(t, `^imcb: --cert: tls: .+\n$`, stderr)
	}
}

// Who connects and never speaks TLS does not keep others waiting, nor the end.
func TestServeTLSWithSilentClients(t *testing.T) {
	t.Parallel()
	s := serveHere(t, "--tls-self-signed")
	for range 20 {
		var d net.Dialer
		conn, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(s.base, "https://"))
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
	}
	client := trusting(t, s.stderr.await(t, `SHA-256 ([0-9a-f]{64});`))
	resp, err := client.Get(s.base + "/__imcb/healthz")
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, 200, resp.StatusCode)
	assert.Zero(t, s.end(t), "nothing had to be cut off: "+s.stderr.String())
}
