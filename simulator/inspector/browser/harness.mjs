// What the browser test stands on: the receiver's addresses, a browser, and
// pages that collect whatever goes wrong in them.
import assert from "node:assert/strict";
import { existsSync, readFileSync, watch } from "node:fs";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { chromium } from "playwright-core";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// ready waits for the file in which `imcb serve` says where it listens.
async function ready(file, patience = 20_000) {
  const complete = () => existsSync(file) && readFileSync(file, "utf8").endsWith("\n");
  if (complete()) return JSON.parse(readFileSync(file, "utf8"));
  const signal = AbortSignal.timeout(patience);
  await new Promise((resolve, reject) => {
    const watcher = watch(dirname(file), () => complete() && resolve(watcher.close()));
    signal.addEventListener("abort", () => reject(new Error(`imcb serve did not write ${file}`, watcher.close())));
    if (complete()) resolve(watcher.close());
  });
  return JSON.parse(readFileSync(file, "utf8"));
}

const addresses = await ready(process.env.READY);
const api = `${addresses.inspector}api/v1/`;
export const receiver = addresses.url;
export const inspector = addresses.inspector;

let browser;
export async function openBrowser() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
}
export const closeBrowser = () => browser?.close();

// reset forgets all requests and rules.
export async function reset() {
  const answer = await fetch(`${api}reset?what=all`, { method: "POST" });
  assert.equal(answer.status, 204);
}

// setRules puts rules in force without the page.
export async function setRules(text) {
  const answer = await fetch(`${api}rules`, { method: "PUT", headers: { "Content-Type": "application/yaml" }, body: text });
  assert.equal(answer.status, 200, await answer.text());
}

// post sends a callback and returns the reply's JSON, or null.
export async function post(command, body, headers = {}) {
  const answer = await fetch(`${receiver}/${command}`, {
    method: "POST", headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return answer.json().catch(() => null);
}

export const addFriend = (fromUserID, more = {}) => post("callbackBeforeAddFriendCommand",
  { callbackCommand: "callbackBeforeAddFriendCommand", fromUserID, toUserID: "8127540396", reqMsg: "hi", ex: "", ...more });

// flood sends n callbacks of users user0, user1 …, faster than fetch could.
export async function flood(n) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const send = (i) => new Promise((resolve, reject) => {
    const call = request(`${receiver}/callbackBeforeAddFriendCommand`, { method: "POST", agent }, (answer) => answer.resume().on("end", resolve));
    call.on("error", reject).end(`{"fromUserID":"user${i}"}`);
  });
  let next = 0;
  const worker = async () => { while (next < n) await send(next++); };
  await Promise.all(Array.from({ length: 16 }, worker));
  agent.destroy();
}

// withPage opens the inspector, runs use, and then asserts that the page met no
// error, no violation of its policy, no dialog and no other origin. expected
// are messages of the console that belong to the test.
export async function withPage(options, use) {
  const { expected = [], path = "", prepare, ...context } = options;
  const session = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US", ...context });
  session.setDefaultTimeout(10_000);
  const problems = [];
  const page = await session.newPage();
  page.on("pageerror", (error) => problems.push(`exception: ${error.stack}`));
  page.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (sent) => {
    const url = sent.url().replace(/^blob:/, "");
    if (!url.startsWith(new URL(inspector).origin + "/")) problems.push(`request to ${url}`);
  });
  page.on("console", (message) => {
    if (!expected.some((pattern) => pattern.test(message.text()))) problems.push(`console: ${message.text()}`);
  });
  await page.exposeFunction("reportViolation", (text) => problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await prepare?.(page, session);
  try {
    await page.goto(inspector + path);
    await use(page, session);
    assert.deepEqual(problems, []);
  } finally {
    await session.close();
  }
}

// live waits until the page follows the receiver.
export const live = (page) => page.locator("#live.on").waitFor();

export const rows = (page) => page.locator("#canvas .row");

// openRow opens a row and waits until its request is shown.
export async function openRow(page, index = 0) {
  const row = rows(page).nth(index);
  const id = await row.getAttribute("data-id");
  await row.click();
  await page.locator(`#detail[data-shown="${id}"]`).waitFor();
}

// openFirst opens the newest row that the search leaves.
export async function openFirst(page, search = "") {
  await page.fill("#search", search);
  await openRow(page);
}

// counted waits until the list has so many rows.
export const counted = (page, n) => page.waitForFunction((count) => document.querySelectorAll("#canvas .row").length === count, n);

// until polls in the page until the condition holds.
export const until = (page, condition, argument) => page.waitForFunction(condition, argument);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// barriers are what keeps people from using the page as it is now, contrast
// below WCAG's AA among it, as axe-core finds them.
export async function barriers(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));
}
