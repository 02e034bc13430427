// Uses the inspector page of `imcb serve` as people do, in a real browser:
//
//	READY=ready.json CHROMIUM=chromium node --test test.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { after, before, beforeEach, test } from "node:test";
import {
  addFriend, barriers, closeBrowser, counted, flood, inspector, live, openBrowser, openFirst, openRow, post, receiver, reset, rows, setRules, until, withPage,
} from "./harness.mjs";

const source = (name) => readFileSync(new URL(`../page/${name}`, import.meta.url), "utf8");
const hostile = "<img src=x onerror=alert(1)>";
const refusal = "rules:\n  - name: no friends\n    match: {callback: beforeAddFriend}\n    refuse: {code: 5001, message: not today}\n";

// sendSome sends an IM message whose content is JSON within a string, its after
// callback, and a callback that nobody knows.
async function sendSome() {
  const message = { sendID: "alice", recvID: "bob", content: JSON.stringify({ content: "needle in a body" }) };
  await addFriend("carol");
  await post("callbackBeforeSendSingleMsgCommand", { callbackCommand: "callbackBeforeSendSingleMsgCommand", ...message, contentType: "wrong" });
  await post("callbackAfterSendSingleMsgCommand", { callbackCommand: "callbackAfterSendSingleMsgCommand", ...message });
  await post("callbackNobodyKnows", { a: 1 });
}

before(openBrowser);
after(closeBrowser);
beforeEach(reset);

test("the texts are complete in both languages", () => withPage({}, async (page) => {
  const texts = await page.evaluate(async () => (await import("/__imcb/app.js")).texts);
  const code = source("app.js") + source("index.html");
  const values = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, both] of Object.entries(texts)) {
    assert.equal(both.length, 2, key);
    assert.ok(both.every((text) => text.trim()), `${key} is empty`);
    assert.deepEqual(values(both[0]), values(both[1]), key);
    assert.ok(code.includes(`"${key}"`), `${key} is not used`);
  }
  for (const [, called, marked] of code.matchAll(/\bt\("(\w+)"|data-(?:text|label|placeholder)="(\w+)"/g)) {
    assert.ok(texts[called ?? marked], `there is no text ${called ?? marked}`);
  }
}));

test("the page builds its document without markup from strings", () => {
  assert.doesNotMatch(source("app.js"), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment|cssText|window\.(alert|confirm|prompt)/);
  assert.doesNotMatch(source("index.html"), /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:|\/\//);
  assert.doesNotMatch(source("app.css"), /url\(|@import/);
});

test("the API's description is OpenAPI", async () => {
  const document = await (await fetch(`${inspector}api/v1/openapi.json`)).json();
  assert.equal(document.openapi.split(".").slice(0, 2).join("."), "3.1");
  assert.deepEqual(await new Validator().validate(document), { valid: true });
});

test("a newcomer is told what to do", () => withPage({}, async (page) => {
  await page.locator("#empty").waitFor();
  assert.deepEqual(await barriers(page), []);
  const text = await page.locator("#empty").innerText();
  assert.ok(text.includes(`url: ${receiver}`), text);
  assert.ok(text.includes(`imcb send --all --url ${receiver}`), text);
  assert.ok(await page.locator("#grid").isHidden());
}));

test("requests appear live, newest first", () => withPage({}, async (page) => {
  await live(page);
  await sendSome();
  await counted(page, 4);
  const names = await rows(page).locator(".callback > :first-child").allInnerTexts();
  assert.deepEqual(names, ["callbackNobodyKnows", "afterSendSingleMsg", "beforeSendSingleMsg", "beforeAddFriend"]);
  assert.equal(await rows(page).first().locator(".tag.unknown").count(), 1);
  const row = rows(page).nth(3);
  assert.match(await row.locator(".time").innerText(), /^\d\d:\d\d:\d\d\.\d{3}$/);
  assert.equal(await row.locator(".from").innerText(), "carol");
  assert.equal(await row.locator(".phase").innerText(), "before");
  assert.equal(await row.locator(".outcome").innerText(), "proceed");
  assert.match(await row.locator(".latency").innerText(), /^\d+\.\d+ ms$/);
  assert.equal(await rows(page).nth(1).locator(".outcome").innerText(), "no effect");
  assert.match(await rows(page).nth(2).locator(".findings").innerText(), /^\d+ · error$/);
  await page.reload();
  await counted(page, 4);
}));

test("filters and search, of bodies too", () => withPage({}, async (page) => {
  await sendSome();
  await live(page);
  const names = () => rows(page).locator(".callback > :first-child").allInnerTexts();
  const left = (n) => counted(page, n);
  const by = async (select, value, wanted) => {
    await page.selectOption(select, value);
    assert.deepEqual(await names(), wanted);
    await page.selectOption(select, "");
  };
  await left(4);
  await by("#filter-callback", "beforeAddFriend", ["beforeAddFriend"]);
  await by("#filter-callback", "?", ["callbackNobodyKnows"]);
  await by("#filter-phase", "after", ["afterSendSingleMsg"]);
  await by("#filter-outcome", "proceed", ["beforeSendSingleMsg", "beforeAddFriend"]);
  await page.fill("#search", "CAROL");
  await left(1);
  assert.match(await page.locator("#count").innerText(), /^Requests: 1 of 4$/);
  await page.fill("#search", "needle in a");
  await left(2);
  await post("callbackAfterSendSingleMsgCommand", { sendID: "dave", content: "another needle in a body" });
  await left(3);
  await page.fill("#search", "no such thing");
  await page.locator("#no-match").waitFor();
  await page.click("#show-all");
  await left(5);
}));

test("a request beside its reply, its verdict in words, its findings in place", () => withPage({}, async (page) => {
  await sendSome();
  await live(page);
  await openFirst(page, "beforeSendSingleMsg");
  const [request, reply] = await page.locator(".sides > .side").all();
  assert.ok((await request.boundingBox()).x < (await reply.boundingBox()).x, "not side by side");
  assert.match(await request.innerText(), /"content":\s*JSON in a string\s*\{\s*"content":\s*"needle in a body"/);
  assert.match(await reply.innerText(), /"actionCode":\s*0/);
  const marked = request.locator(".line.hit", { hasText: '"contentType"' });
  assert.match(await marked.locator("xpath=following-sibling::*[1]").innerText(), /^error \/contentType /);
  await page.locator(".verdict .jump", { hasText: "/contentType" }).click();
  assert.match(await page.evaluate(() => document.activeElement.textContent), /contentType/);
  const verdict = await page.locator(".verdict").innerText();
  assert.match(verdict, /proceed.*OpenIM goes on/);
  assert.match(verdict, /3\.5 – main/);
  assert.match(verdict, /success \(errCode 0\)/);
  assert.match(await page.locator(".facts").innerText(), /No rule matched/);
}));

test("a finding of the reply stands in the reply; why no rule matched", () => withPage({}, async (page) => {
  await setRules("rules:\n  - name: wrong\n    match: {callback: beforeAddFriend}\n    fault: action-code-1\n");
  await addFriend("carol");
  await post("callbackNobodyKnows", {});
  await live(page);
  await openFirst(page, "carol");
  const reply = page.locator(".sides > .side").nth(1);
  const marked = reply.locator(".line.hit", { hasText: '"actionCode"' });
  assert.match(await marked.locator("xpath=following-sibling::*[1]").innerText(), /^error \/actionCode /);
  assert.match(await page.locator(".verdict > .finding").first().innerText(), /^error \/actionCode .* → /);
  assert.match(await page.locator(".facts").innerText(), /Rule wrong answered/);
  await openFirst(page, "NobodyKnows");
  await page.locator("summary.why").click();
  await page.locator(".rule").waitFor();
  const why = await page.locator(".rule").innerText();
  assert.match(why, /^wrong does not match/);
  assert.match(why, /Callback\s+.*beforeAddFriend.*\s+no/s);
}));

test("hostile strings in every field are shown as text", () => withPage({}, async (page) => {
  await setRules(`rules:\n  - name: "${hostile}"\n    match: {callback: beforeAddFriend}\n    refuse: {code: 5001, message: "${hostile}"}\n`);
  await addFriend(hostile, { reqMsg: hostile, ex: hostile, [hostile]: hostile, nested: JSON.stringify({ [hostile]: hostile }) });
  await post(encodeURIComponent(hostile), { sendID: `x"'${hostile}\u202e`, [hostile]: [hostile] }, { "X-Hostile": hostile, "User-Agent": hostile });
  await post(`callbackBeforeAddFriendCommand?a=${encodeURIComponent(hostile)}`, `not JSON ${hostile}`);
  await live(page);
  await counted(page, 3);
  for (let i = 0; i < 3; i++) {
    await openRow(page, i);
    for (const summary of await page.locator("#detail details > summary").all()) await summary.click();
    await until(page, (text) => document.querySelector(".sides").textContent.includes(text), hostile);
    assert.equal(await page.locator("img, iframe, object, [onerror], [style*=url]").count(), 0);
    assert.equal(await page.locator("script").count(), 1);
  }
  await page.click("#open-rules");
  await until(page, (text) => document.querySelector("#rules-text").value.includes(text), hostile);
}));

test("a rule that is edited changes the next answer; a broken edit does not", () => withPage({ expected: [/status of 422/] }, async (page) => {
  await live(page);
  assert.equal((await addFriend("carol")).errCode, 0);
  await page.click("#open-rules");
  await page.fill("#rules-text", refusal);
  await page.click("#rules-check");
  await page.locator("#rules-result", { hasText: "Correct. Rules: 1" }).waitFor();
  assert.equal((await addFriend("carol")).errCode, 0);
  await page.click("#rules-apply");
  await page.locator("#rules-result", { hasText: "In force. Rules: 1" }).waitFor();
  assert.equal((await addFriend("carol")).errCode, 5001);
  await page.fill("#rules-text", refusal.replace("refuse:", "refuze:"));
  await page.click("#rules-apply");
  await page.locator("#rules-result", { hasText: "the old rules stay" }).waitFor();
  assert.match(await page.locator("#rules-result li").first().innerText(), /^Line 4:/);
  assert.equal(await page.locator("#rules-lines .wrong").innerText(), "4");
  await page.locator("#rules-result li button").first().click();
  assert.ok(await page.evaluate(() => document.activeElement.value.slice(0, document.activeElement.selectionStart).split("\n").length === 4));
  assert.equal((await addFriend("carol")).errMsg, "not today");
  await page.keyboard.press("Escape");
  await rows(page).first().click();
  await page.locator(".verdict", { hasText: "errCode 5001 not today" }).waitFor();
  assert.match(await rows(page).first().locator(".outcome").innerText(), /^refuse 5001$/);
  await page.reload();
  await page.locator("#open-rules", { hasText: "Rules: 1" }).waitFor();
}));

test("the editor starts from an example that is correct", () => withPage({}, async (page) => {
  await live(page);
  await page.click("#open-rules");
  await page.click("#rules-example");
  await page.click("#rules-check");
  await page.locator("#rules-result", { hasText: /Correct\. Rules: [1-9]/ }).waitFor();
  await page.click("[data-close=rules]");
  await setRules(refusal);
  await page.click("#open-rules");
  await page.locator("#rules-elsewhere").waitFor();
  await page.click("#rules-load");
  await until(page, (text) => document.querySelector("#rules-text").value.trim() === text.trim(), refusal);
}));

test("pause holds new requests back, clear forgets them", () => withPage({}, async (page) => {
  await addFriend("carol");
  await live(page);
  await counted(page, 1);
  await page.click("#pause");
  await addFriend("dave");
  await addFriend("erin");
  await page.locator("#pause", { hasText: "2 new" }).waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.click("#pause");
  await counted(page, 3);
  await page.click("#clear");
  assert.equal(await page.locator("#forget-title").innerText(), "Forget all requests (3)?");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.text), "keep");
  await page.keyboard.press("Enter");
  assert.equal(await rows(page).count(), 3);
  await page.click("#clear");
  await page.click("#forget-all");
  await page.locator("#empty").waitFor();
  await page.reload();
  await page.locator("#empty").waitFor();
}));

test("copies and downloads", () => withPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
  await addFriend("carol");
  await live(page);
  await openFirst(page);
  const copied = async (name) => {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await page.getByRole("button", { name }).click();
    await page.locator("#toast", { hasText: "Copied" }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.match(await copied("Copy as curl"), /^curl .*carol/s);
  assert.match(await copied("Copy as suite case"), /^  - name: .*send: beforeAddFriend/s);
  const saved = async (selector) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(selector).first().click()]);
    return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
  };
  const [journal, lines] = await saved("#download");
  assert.equal(journal, "imcb-journal.jsonl");
  assert.equal(JSON.parse(lines).callback, "beforeAddFriend");
  const [name, body] = await saved(".side button:text-is('Download')");
  assert.match(name, /^request-\d+\.bin$/);
  assert.equal(JSON.parse(body).fromUserID, "carol");
}));

test("Chinese, kept over a reload", () => withPage({ locale: "zh-CN" }, async (page) => {
  await addFriend("carol");
  await live(page);
  assert.equal(await page.locator("#live").innerText(), "实时");
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  await openFirst(page);
  assert.match(await page.locator(".verdict").innerText(), /放行/);
  await page.click("#language");
  await page.locator(".verdict", { hasText: "What OpenIM does" }).waitFor();
  await page.reload();
  await page.locator("#live", { hasText: "Live" }).waitFor();
  assert.equal(await page.getAttribute("html", "lang"), "en");
}));

test("nothing but names and findings is English on the Chinese page", () => withPage({ locale: "zh-CN" }, async (page) => {
  await setRules("rules:\n  - {name: wrong, match: {callback: beforeAddFriend}, fault: action-code-1}\n");
  await sendSome();
  await live(page);
  await counted(page, 4);
  const english = () => page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const named = "[lang=en], noscript, code, pre, .source, textarea, #language, h1, #server, .facts, .row .callback, .row .from, option, .headers, .body, .jump, h2";
    const left = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.replace(/\b(OpenIM|HTTP|IM|errCode|curl|JSON|YAML|ms|MB|KB|B|main|services|patch|config|webhooks|yml|Server|imcb)\b/g, "");
      if (node.parentElement.checkVisibility() && !node.parentElement.closest(named) && /[A-Za-z]{2}/.test(text)) left.push(node.data.trim());
    }
    return left;
  });
  assert.deepEqual(await english(), []);
  for (let i = 0; i < 4; i++) {
    await openRow(page, i);
    await page.locator("summary.why").click();
    assert.deepEqual(await english(), []);
  }
  const options = await page.locator("#filter-outcome option").allInnerTexts();
  assert.deepEqual(options, ["全部结果", "放行", "拒绝", "失败", "崩溃", "不影响"]);
}));

test("the callbacks of an operation together, in order", () => withPage({}, async (page) => {
  await live(page);
  const of = (operation, command) => post(command, "{}", { operationID: operation });
  await of("one", "callbackBeforeAddFriendCommand");
  await of("two", "callbackBeforeSendSingleMsgCommand");
  await of("one", "callbackAfterAddFriendCommand");
  await of("two", "callbackAfterSendSingleMsgCommand");
  await counted(page, 4);
  const names = () => rows(page).locator(".callback > :first-child").allInnerTexts();
  await page.click("#operations");
  assert.deepEqual(await names(), ["beforeSendSingleMsg", "afterSendSingleMsg", "beforeAddFriend", "afterAddFriend"]);
  assert.deepEqual(await rows(page).evaluateAll((all) => all.map((row) => row.classList.contains("joined"))), [false, true, false, true]);
  await openRow(page, 2);
  await page.getByRole("button", { name: "Older" }).click();
  await page.locator("#detail h2", { hasText: "afterAddFriend" }).waitFor();
  await page.click("#operations");
  assert.deepEqual(await names(), ["afterSendSingleMsg", "afterAddFriend", "beforeSendSingleMsg", "beforeAddFriend"]);
}));

test("the opened row stays in view, however many come and however narrow it gets", () => withPage({ viewport: { width: 768, height: 700 } }, async (page) => {
  await live(page);
  await flood(40);
  await until(page, () => document.querySelector("#count").textContent.endsWith(" 40"));
  const seen = () => page.evaluate(() => {
    const row = document.querySelector("#canvas .row.open")?.getBoundingClientRect();
    const grid = document.querySelector("#grid").getBoundingClientRect();
    return Boolean(row) && row.top >= grid.top && row.bottom <= grid.bottom;
  });
  await openRow(page, 14);
  assert.ok(await seen(), "the detail pushed it away");
  await flood(60);
  await until(page, () => document.querySelector("#count").textContent.endsWith(" 100"));
  assert.ok(await seen(), "new requests pushed it away");
  await page.setViewportSize({ width: 1440, height: 400 });
  await until(page, () => document.querySelector("#canvas .row.open"));
  assert.ok(await seen(), "another size pushed it away");
}));

test("a finding's fix is copied whole, and stands above the versions", () => withPage({
  permissions: ["clipboard-read", "clipboard-write"],
  prepare: (page) => page.route("**/api/v1/requests/*", async (route) => {
    const answer = await route.fetch();
    const detail = await answer.json();
    detail.verdict.findings = [{ rule: "r", severity: "error", path: "/errCode", message: "wrong", fix: `{"long":"${"x".repeat(3000)}"}` }];
    await route.fulfill({ response: answer, json: detail });
  }),
}, async (page) => {
  await addFriend("carol");
  await live(page);
  await openFirst(page);
  const place = async (selector) => (await page.locator(selector).boundingBox()).y;
  assert.ok(await place(".verdict .finding .snippet") < await place(".verdict .words"));
  await page.getByRole("button", { name: "Copy the right reply" }).click();
  await page.locator("#toast", { hasText: "Copied" }).waitFor();
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).length, 3011);
}));

test("a request becomes the first rule", () => withPage({ expected: [/status of 404/] }, async (page) => {
  const [first, wanted] = ["rules:\n  - match: {callback: beforeAddFriend}\n    allow: true\n", "In force. Rules: 2"];
  for (const [text, said] of [["", "In force. Rules: 1"], ["rules: []\n", "In force. Rules: 1"], [first, wanted], [`# what\n${first}timeout: 3s\n`, wanted]]) {
    await reset();
    await setRules(text);
    await addFriend("carol");
    await page.reload();
    await live(page);
    await openFirst(page);
    await page.getByRole("button", { name: "Make this a rule" }).click();
    await page.locator("#rules[open]").waitFor();
    await page.click("#rules-apply");
    await page.locator("#rules-result", { hasText: said }).waitFor();
    assert.equal((await addFriend("carol")).errCode, 5001, text);
  }
}));

test("the receiver's root leads to the page", () => withPage({ path: "" }, async (page) => {
  await page.goto(new URL("/", inspector).href);
  await page.getByRole("link", { name: "See what arrived" }).click();
  await live(page);
}));

test("everything by keyboard", () => withPage({}, async (page) => {
  await sendSome();
  await live(page);
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  const active = () => page.locator("#canvas .row.active .callback > :first-child").innerText();
  await counted(page, 4);
  await press("/");
  assert.equal(await focused(), "search");
  const seen = [];
  for (let i = 0; i < 30 && seen.at(-1) !== "grid"; i++) {
    await press("Tab");
    seen.push(await focused());
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none", `${seen.at(-1)} has no visible focus`);
  }
  assert.deepEqual(seen, ["filter-callback", "filter-phase", "filter-outcome", "filter-severity", "operations", "pause", "download", "clear", "grid"]);
  await press("ArrowDown");
  assert.equal(await active(), "callbackNobodyKnows");
  await press("End");
  assert.equal(await active(), "beforeAddFriend");
  await press("ArrowUp");
  assert.equal(await active(), "beforeSendSingleMsg");
  const id = await page.getAttribute("#grid", "aria-activedescendant");
  assert.equal(await page.locator(`#${id}`).getAttribute("role"), "row");
  await press("Enter");
  await page.locator(".sides").waitFor();
  assert.equal(await focused(), "beforeSendSingleMsg");
  await press("Escape");
  await page.locator("#detail").waitFor({ state: "hidden" });
  assert.equal(await focused(), "grid");
  await page.focus("#open-rules");
  await press("Enter");
  await page.locator("#rules[open]").waitFor();
  assert.equal(await focused(), "rules-text");
  await press("Escape");
  assert.equal(await focused(), "open-rules");
}));

for (const colorScheme of ["light", "dark"]) {
  test(`legible, reachable and within 390, 768 and 1440 px, ${colorScheme}`, () => withPage({ colorScheme }, async (page) => {
    await sendSome();
    await setRules(refusal);
    await addFriend("carol".repeat(80));
    await live(page);
    await counted(page, 5);
    for (const width of [390, 768, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      const fits = async (where) => {
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} is too wide at ${width} px`);
        assert.deepEqual(await barriers(page), [], `${where} at ${width} px`);
      };
      await fits("the list");
      const cut = await page.evaluate(() => [...document.querySelectorAll(".bar *, .top *, #grid, #grid .outcome, #grid .findings, #grid .latency, #grid .time")]
        .filter((node) => node.checkVisibility() && !node.matches("code, select, option, input") && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1)
        .map((node) => node.className || node.id));
      assert.deepEqual(cut, [], `cut off at ${width} px`);
      await openRow(page);
      await fits("the detail");
      assert.equal((await page.locator("#detail").boundingBox()).width === width, width === 390, "full screen on phones only");
      await page.click(width === 390 ? ".back" : ".shut");
      await page.locator("#detail").waitFor({ state: "hidden" });
      await page.click("#open-rules");
      await fits("the editor");
      await page.click("[data-close=rules]");
    }
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(background === "rgb(255, 255, 255)", colorScheme === "light", background);
  }));
}

test("a phone's own Back closes the detail, an address opens it", () => withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
  await addFriend("carol");
  await live(page);
  await openRow(page);
  const address = page.url();
  assert.match(address, /#\d+$/);
  await page.goBack();
  await page.locator("#detail").waitFor({ state: "hidden" });
  await page.goto(`${inspector}?again${new URL(address).hash}`);
  await page.locator("#detail h2", { hasText: "beforeAddFriend" }).waitFor();
}));

// streams answers the page's first request for events with text, lets others
// pass and counts how often the page lists.
function streams(text) {
  const seen = { from: [], lists: 0 };
  seen.prepare = async (page) => {
    page.on("request", (request) => { seen.lists += request.url().includes("/requests?") ? 1 : 0; });
    await page.route("**/api/v1/events", (route) => {
      seen.from.push(route.request().headers()["last-event-id"]);
      return seen.from.length > 1 ? route.continue() : route.fulfill({ contentType: "text/event-stream", body: text });
    });
  };
  return seen;
}

test("the stream is taken up again where it broke", () => {
  const seen = streams("retry: 1000\n\n");
  return withPage({ prepare: seen.prepare }, async (page) => {
    await addFriend("carol");
    await counted(page, 1);
    await live(page);
    await addFriend("dave");
    await counted(page, 2);
    assert.equal(seen.from.length, 2);
    assert.equal(seen.lists, 1, "listed anew without need");
  });
});

test("a page that was too slow lists anew", () => {
  const seen = streams('event: lagged\nid: 5\ndata: {"oldest":1,"newest":5}\n\n');
  return withPage({ prepare: seen.prepare }, async (page) => {
    await addFriend("carol");
    await counted(page, 1);
    await live(page);
    await addFriend("dave");
    await counted(page, 2);
    assert.ok(seen.lists > 1);
  });
});

test("a token is asked for, kept and sent", () => withPage({
  expected: [/status of 401/],
  prepare: (page) => page.route("**/api/v1/**", (route) => (route.request().headers().authorization === "Bearer s3cret"
    ? route.continue() : route.fulfill({ status: 401, json: { error: "this needs the receiver's token" } }))),
}, async (page) => {
  await page.locator("#token[open]").waitFor();
  await page.fill("#token-text", "s3cret");
  await page.keyboard.press("Enter");
  await live(page);
  await page.reload();
  await live(page);
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${inspector}?again#token=s3cret`);
  await live(page);
  assert.equal(new URL(page.url()).hash, "");
}));

test("resends to the target of the command line, and only then", () => withPage({
  prepare: async (page) => {
    await page.route("**/api/v1/info", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), resendTo: "http://real.example/callback" } });
    });
    await page.route("**/resend", (route) => route.fulfill({ json: {
      to: "http://real.example/callback", request: { method: "POST", url: "" }, reply: { status: 200, body: '{"errCode":5002}', elapsed_ms: 3 },
      verdict: { outcome: "refuse", client: { errCode: 5002, errMsg: "resent" }, findings: [{ rule: "r", severity: "error", path: "/errCode", message: "wrong code" }] },
    } }));
  },
}, async (page) => {
  await addFriend("carol");
  await live(page);
  await openFirst(page);
  await page.getByRole("button", { name: "Resend to http://real.example/callback" }).click();
  await page.locator(".again", { hasText: "errCode 5002 resent" }).waitFor();
  assert.match(await page.locator(".again .body").innerText(), /"errCode": 5002\s+error \/errCode wrong code/);
}));

test("large and odd bodies do not freeze the page", () => withPage({}, async (page) => {
  const big = JSON.stringify({ list: Array.from({ length: 60_000 }, (_, i) => ({ index: i, text: "文字" })) });
  await post("callbackBeforeAddFriendCommand", big);
  await post("callbackBeforeAddFriendCommand", '{"seq":9007199254740993123,"a":1,"a":2,"empty":{},"none":[]}');
  await post("callbackBeforeAddFriendCommand", "[".repeat(50_000));
  await fetch(`${receiver}/callbackBeforeAddFriendCommand`, { method: "POST", body: new Uint8Array([255, 254, 0, 1]) });
  await live(page);
  await counted(page, 4);
  const show = async (index) => {
    await openRow(page, index);
    return page.locator(".sides > .side").first().innerText();
  };
  assert.match(await show(0), /4 B, not UTF-8:\s+ff fe 00 01/);
  assert.match(await show(1), /\[\[\[\[/);
  const exact = await show(2);
  assert.match(exact, /9007199254740993123/);
  assert.match(exact, /"a": 1,[^]*"a": 2,[^]*"empty": \{\},[^]*"none": \[\]/);
  assert.match(await show(3), /MB: only the beginning is shown/);
  assert.ok(await page.locator("#detail *").count() < 1000);
}));

test("10,000 requests scroll, and only those in view are in the document", () => withPage({}, async (page) => {
  await live(page);
  await flood(10_000);
  await until(page, () => document.querySelector("#count").textContent.endsWith(" 10,000"));
  const bounded = async () => assert.ok(await rows(page).count() < 60, `${await rows(page).count()} rows`);
  await bounded();
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await page.evaluate((p) => { const grid = document.querySelector("#grid"); grid.scrollTop = p * grid.scrollHeight; }, part);
    await until(page, (at) => Number(document.querySelector("#canvas .row").ariaRowIndex) > at, 10_000 * part - 60);
    await bounded();
  }
  await page.evaluate(() => { document.querySelector("#grid").scrollTop = 4000; });
  const topmost = () => {
    const { x, y } = document.querySelector("#grid").getBoundingClientRect();
    return document.elementFromPoint(x + 50, y + 60).closest("[data-id]")?.id;
  };
  const read = await (await until(page, topmost)).jsonValue();
  const index = Number(await page.locator(`#${read}`).getAttribute("aria-rowindex"));
  await addFriend("one more");
  await page.locator(`#${read}[aria-rowindex="${index + 1}"]`).waitFor();
  assert.equal(await page.evaluate(topmost), read, "what is read must not move");
  await page.fill("#search", "user9999");
  await counted(page, 1);
  await page.reload();
  await until(page, () => document.querySelector("#count").textContent.endsWith(" 10,000"));
  await page.focus("#grid");
  await page.keyboard.press("End");
  await until(page, () => document.querySelector("#canvas .row.active")?.ariaRowIndex === "10001");
}));
