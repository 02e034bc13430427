package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// sarifReport writes one SARIF 2.1.0 run. The results come before the tool:
// the tool lists the rules that occurred, and they are known at the end.
type sarifReport struct {
	form
	some  bool // results
	rules sarifRules
}

const (
	sarifHead = `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[`
	homepage  = "https://github.com/imcb-dev/imcb"
)

// sarifBody is how much of a reply a result shows: one reply can have many.
const sarifBody = 4 << 10

func newSARIF(f form) Reporter { return &sarifReport{form: f} }

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Request      *sarifRequest     `json:"webRequest,omitempty"`
	Response     *sarifResponse    `json:"webResponse,omitempty"`
	Properties   map[string]string `json:"properties,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifRequest struct {
	Method string `json:"method,omitempty"`
	Target string `json:"target,omitempty"`
}

type sarifResponse struct {
	Status int        `json:"statusCode,omitempty"`
	Body   *sarifText `json:"body,omitempty"`
	None   bool       `json:"noResponseReceived,omitempty"`
}

func (s *sarifReport) Begin(run Run) error {
	s.run, s.rules = run, sarifRules{known: run.Rules, at: make(map[string]int)}
	_, err := io.WriteString(s.w, sarifHead)
	return err
}

func (s *sarifReport) Report(r validate.Result) error {
	for _, f := range r.Findings {
		text, err := json.Marshal(s.result(r, f))
		if err != nil {
			return err
		}
		if err := s.write(text); err != nil {
			return err
		}
	}
	return nil
}

func (s *sarifReport) write(result []byte) error {
	separator := ",\n"
	if !s.some {
		separator = "\n"
	}
	s.some = true
	_, err := fmt.Fprintf(s.w, "%s%s", separator, result)
	return err
}

func (s *sarifReport) result(r validate.Result, f validate.Finding) sarifResult {
	result := sarifResult{
		RuleID: f.Rule, RuleIndex: s.rules.index(f), Level: sarifLevel(f.Severity),
		Message:   sarifText{Text: sarifMessage(s.run.named(r, f), f)},
		Locations: []sarifLocation{sarifPlace(r, f)}, Fingerprints: fingerprints(r, f),
		Properties: map[string]string{},
	}
	for name, value := range map[string]string{
		"callback": keyOf(r), "path": f.Place.Pointer, "got": f.Got, "want": f.Want.String(), "source": f.Source, "contract": string(f.Contract),
		"outcome": outcomeText(r), "effect": effectText(r),
	} {
		if value != "" {
			result.Properties[name] = clean(value, textBound)
		}
	}
	if f.Fix != "" {
		result.Properties["fix"] = clean(f.Fix, bodyBound)
	}
	for _, f := range coverFields(r) {
		result.Properties[f.name] = f.text
	}
	if x := r.Exchange; x.Answered() {
		result.Request = &sarifRequest{clean(x.Request.Method, labelBound), clean(x.Request.URL, textBound)}
		result.Response = sarifReply(x.Reply)
	}
	return result
}

func sarifReply(r validate.Reply) *sarifResponse {
	if r.Status == 0 {
		return &sarifResponse{None: true}
	}
	return &sarifResponse{Status: r.Status, Body: &sarifText{Text: clean(string(r.Body), sarifBody)}}
}

// sarifMessage is the finding as viewers list it, apart from its result.
// SARIF reads [text](target) as a link, so brackets are escaped where a link
// could stand. Braces stay single: what the specification asks for, viewers
// show doubled.
func sarifMessage(text string, f validate.Finding) string {
	if !f.Hint.IsZero() {
		text += ". Hint: " + hintText(f)
	}
	if strings.Contains(text, "](") {
		text = strings.NewReplacer("[", `\[`, "]", `\]`).Replace(text)
	}
	return text
}

func sarifLevel(s validate.Severity) string {
	switch s {
	case validate.Error, validate.Warning, validate.Note:
		return string(s)
	default:
		return "none"
	}
}

// sarifPlace is the case's line in its suite. A callback outside a suite has
// none, yet GitHub takes no result without a file. It gets a path of its own,
// "imcb/<key>", the same in every run: a path that exists would put the alert
// on a line that has nothing to do with it.
func sarifPlace(r validate.Result, f validate.Finding) sarifLocation {
	key, at := clean(keyOf(r), labelBound), findingPlace(r, f)
	place := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{URI: (&url.URL{Path: path.Join("imcb", key)}).EscapedPath(), Base: "%SRCROOT%"},
		Region:   sarifRegion{StartLine: max(at.Line, 1)},
	}}
	if at.File != "" {
		place.Physical.Artifact = sarifFile(slashed(at.File))
	}
	if key != "" {
		full := path.Join("imcb", groupOf(r), key)
		place.Logical = []sarifLogical{{Name: key, Full: full, Kind: "resource"}}
	}
	return place
}

func sarifFile(file string) sarifArtifact {
	if strings.HasPrefix(file, "/") {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: file}).String()}
	}
	// URL.String writes "./" before a first segment with a colon.
	return sarifArtifact{URI: (&url.URL{Path: path.Clean(file)}).String(), Base: "%SRCROOT%"}
}

// fingerprints are the same for the same finding in every run, wherever the
// case has moved in its file. The first name is the one that GitHub compares.
func fingerprints(r validate.Result, f validate.Finding) map[string]string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule, keyOf(r), r.Case, f.Place.Pointer}, "\x00")))
	text := hex.EncodeToString(sum[:16])
	return map[string]string{"primaryLocationLineHash": text + ":1", "imcbFinding/v1": text}
}

func (s *sarifReport) End(Summary) error {
	tool, err := json.Marshal(s.rules.driver(s.run.Version))
	if err != nil {
		return err
	}
	// The server version sets runs against several servers apart.
	id, err := json.Marshal("imcb/" + strings.Join(words.Names(s.run.Servers, validate.Server.String), ",") + "/")
	if err != nil {
		return err
	}
	servers, err := json.Marshal(s.run.servers())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.w, "\n],\n\"tool\":{\"driver\":%s},\n\"automationDetails\":{\"id\":%s},\n\"properties\":{\"servers\":%s},\n\"invocations\":[{\"executionSuccessful\":true}]}]}\n", tool, id, servers)
	return err
}
