// The inspector page of `imcb serve`: it lists what arrives, shows why each
// request was answered as it was, and edits the rules.
//
// What requests and replies hold is hostile. It reaches the page as text nodes
// and attribute values only, never as markup, style or address.

// texts are all words of the page: English, then Chinese.
export const texts = {
  otherLanguage: ["中文", "English"], title: ["imcb inspector", "imcb 检查器"],
  openIM: ["OpenIM {server}", "OpenIM {server}"],
  looksLike: ["OpenIM {server}, but this looks like {other}: --server {other}", "OpenIM {server}，但看起来是 {other}：--server {other}"],
  copy: ["Copy", "复制"],
  copyURL: ["Copy the receiver's URL", "复制接收端地址"], copied: ["Copied", "已复制"],
  notCopied: ["The browser did not allow copying", "浏览器不允许复制"], live: ["Live", "实时"],
  connecting: ["Connecting…", "正在连接…"], offline: ["Connection lost, trying again…", "连接已断开，正在重试…"],
  rules: ["Rules", "规则"], rulesCount: ["Rules: {n}", "规则：{n}"],
  rulesLabel: ["Edit the rules of the answers", "编辑应答规则"], filters: ["Filters", "筛选"],
  searchLabel: ["Search names, users, addresses and bodies", "搜索名称、用户、地址和正文"],
  searchHere: ["Search, bodies too  ( / )", "搜索，包括正文  ( / )"], requests: ["Requests", "请求"],
  gridLabel: ["Requests, newest first. Arrow keys move, Enter opens, Escape closes.", "请求，最新的在前。方向键移动，回车打开，Esc 关闭。"],
  time: ["Time", "时间"], callback: ["Callback", "回调"], phase: ["Phase", "阶段"], from: ["From", "发起者"],
  outcome: ["Outcome", "结果"], severity: ["Severity", "严重程度"], findings: ["Findings", "问题"],
  latency: ["Latency", "耗时"], anyCallback: ["All callbacks", "全部回调"], anyPhase: ["All phases", "全部阶段"],
  anyOutcome: ["All outcomes", "全部结果"], anySeverity: ["All severities", "全部严重程度"],
  atLeastNote: ["Any finding", "有任何问题"], atLeastWarning: ["Warnings and errors", "警告和错误"],
  atLeastError: ["Errors", "错误"], before: ["before", "操作前"], after: ["after", "操作后"],
  proceed: ["proceed", "放行"], refuse: ["refuse", "拒绝"], fail: ["fail", "失败"], crash: ["crash", "崩溃"],
  ignored: ["no effect", "不影响"], error: ["error", "错误"], warning: ["warning", "警告"], note: ["note", "提示"],
  unknown: ["unknown", "未知"], unknownCallback: ["(unknown callback)", "（未知回调）"],
  countAll: ["Requests: {n}", "请求：{n}"], countShown: ["Requests: {shown} of {n}", "请求：{shown} / {n}"],
  findingsOf: ["{reply} of the reply, {request} of the request", "应答 {reply} 个，请求 {request} 个"],
  arrived: ["New requests: {n}", "新请求：{n}"], pause: ["Pause", "暂停"],
  resume: ["Paused: {n} new", "已暂停：新增 {n}"], download: ["Download", "下载"],
  downloadLabel: ["Download the journal of all kept requests", "下载全部保留请求的日志"], clear: ["Clear", "清空"],
  clearLabel: ["Forget all requests", "清除全部请求"],
  forgetTitle: ["Forget all requests ({n})?", "清除全部请求（{n}）？"],
  forgetWhat: ["They can't be brought back here. A journal file on disk keeps its lines.", "此处无法恢复。磁盘上的日志文件不受影响。"],
  forget: ["Forget them", "清除"], keep: ["Keep them", "保留"],
  noMatch: ["No request matches the filters", "没有符合筛选条件的请求"],
  clearFilters: ["Clear the filters", "清除筛选条件"], emptyTitle: ["Waiting for the first callback", "等待第一个回调"],
  emptyWhat: ["OpenIM's callbacks appear here the moment they arrive. Two ways to get one:", "OpenIM 的回调一到达就会显示在这里。有两种方式："],
  emptyOpenIM: ["With an OpenIM Server: put this into its config/webhooks.yml, enable the callbacks that you want, and restart it.", "有 OpenIM Server：把下面的内容写入 config/webhooks.yml，启用需要的回调，然后重启。"],
  emptySend: ["Without one: send every callback from a second terminal.", "没有 OpenIM：在另一个终端发送全部回调。"],
  close: ["Close", "关闭"], back: ["‹ Back", "‹ 返回"], newer: ["Newer", "较新一条"], older: ["Older", "较旧一条"],
  loading: ["Loading…", "正在加载…"], gone: ["This request is no longer kept.", "该请求已不再保留。"],
  actions: ["Actions", "操作"], copyCurl: ["Copy as curl", "复制为 curl"],
  copyCase: ["Copy as suite case", "复制为测试用例"], makeRule: ["Make this a rule", "设为规则"],
  copyFix: ["Copy the right reply", "复制正确的应答"], operations: ["By operation", "按操作分组"],
  operationsLabel: ["Put the callbacks of one operation together, in order", "同一操作的回调放在一起，按顺序排列"],
  asNow: ["As the rules are now", "按当前规则"], timeout: ["timeout", "超时"], refused: ["connection refused", "连接被拒绝"], reset: ["connection reset", "连接被重置"],
  truncated: ["cut off", "不完整"], "no-host": ["unknown host", "主机不存在"], canceled: ["canceled", "已取消"], malformed: ["not HTTP", "不是 HTTP"],
  both: ["documents and server", "文档与服务端"], documents: ["documents", "文档"], server: ["server", "服务端"], toPlace: ["Show it in the body", "在正文中显示"],
  byVersion: ["By OpenIM version", "各 OpenIM 版本"], resend: ["Resend to {to}", "重新发送到 {to}"],
  resent: ["Sent again to {to}", "已重新发送到 {to}"], verdict: ["What OpenIM does", "OpenIM 的行为"],
  noVerdict: ["OpenIM sends no such callback, so nothing can be said about the reply.", "OpenIM 没有这个回调，因此无法判断应答。"],
  undecided: ["This reply alone does not decide: it sends OpenIM elsewhere.", "仅凭此应答无法判断：它把 OpenIM 引向别处。"],
  clientSees: ["The IM client sees", "IM 客户端看到"], success: ["success (errCode 0)", "成功（errCode 0）"],
  applied: ["Applied from the reply", "应答中生效的字段"],
  ignoredFields: ["Read, but without effect", "读取但无效的字段"], wiped: ["Erased by the reply", "被应答清除的字段"],
  versions: ["OpenIM", "OpenIM 版本"], effect: ["Effect", "效果"],
  field: ["Field", "字段"], value: ["Before → after", "修改前 → 修改后"], request: ["Request", "请求"],
  reply: ["Reply", "应答"], headers: ["Headers: {n}", "HTTP 头：{n}"],
  operationID: ["Main as one process may send an after or push callback with the id of another request: compare the bodies", "单进程的 main 发出的 after 与推送回调可能带有其他请求的 ID：请比较正文"],
  body: ["Body", "正文"],
  noBody: ["No body", "无正文"], noReply: ["No whole reply: {failure}", "应答不完整：{failure}"],
  differsIn: ["Not as OpenIM sends it:", "与 OpenIM 发送的不同："],
  notes: ["Notes: {n}", "提示：{n}"],
  got: ["got {got}", "实际为 {got}"], want: ["want {want}", "应为 {want}"],
  jsonInString: ["JSON in a string", "字符串中的 JSON"], showMore: ["show {n} more characters", "再显示 {n} 个字符"],
  bigBody: ["{size}: only the beginning is shown.", "{size}：仅显示开头。"], showAll: ["Show all", "显示全部"],
  binary: ["{size}, not UTF-8:", "{size}，不是 UTF-8："],
  why: ["Why this answer: rule by rule", "为何如此应答：逐条规则"],
  byRule: ["Rule {rule} answered", "由规则 {rule} 应答"], byForward: ["The real receiver answered", "由真实接收端应答"],
  byDefault: ["No rule matched: the built-in answer", "没有匹配的规则：使用内置应答"],
  noRules: ["There are no rules.", "没有规则。"], matched: ["matches", "匹配"],
  notMatched: ["does not match", "不匹配"], criterion: ["Criterion", "条件"], wanted: ["Wanted", "期望"],
  found: ["Found", "实际"], yes: ["yes", "是"], no: ["no", "否"], met: ["Met", "符合"],
  rulesFrom: ["Source: {source}", "来源：{source}"], rulesText: ["Rules in YAML", "YAML 规则"],
  fromFlags: ["the command line", "命令行"], fromEdit: ["edited on this page", "在此页面编辑"],
  rulesElsewhere: ["The rules were changed elsewhere.", "规则已在别处修改。"], loadThem: ["Load them", "加载"],
  fileNotTaken: ["The file's last edit was not taken: {error}", "文件的最近修改未生效：{error}"],
  fromExample: ["Start from the example", "从示例开始"],
  rulesReset: ["Back to the command line's", "恢复为命令行的规则"], check: ["Check", "检查"], apply: ["Apply", "应用"],
  checked: ["Correct. Rules: {n}", "正确。规则：{n}"], taken: ["In force. Rules: {n}", "已生效。规则：{n}"],
  notTaken: ["Not taken; the old rules stay in force.", "未生效；仍使用旧规则。"],
  atLine: ["Line {line}:", "第 {line} 行："], tokenTitle: ["This server needs a token", "此服务器需要令牌"],
  tokenWhat: ["`imcb serve` printed it when it started.", "`imcb serve` 启动时已打印。"], token: ["Token", "令牌"],
  enter: ["Enter", "进入"], failed: ["That did not work: {error}", "操作失败：{error}"],
};

const prettyLimit = 200 << 10; // bytes of a body that are laid out and marked
const plainLimit = 2 << 20; // bytes that "show all" shows; more is a download
const lineLimit = 4000;
const stringLimit = 2000;
const silence = 45_000; // ms without a sign of life after which the stream is dead

const state = {
  info: null,
  token: "",
  language: 0,
  all: [], // summaries, oldest first
  known: new Set(), // their ids
  shown: [], // those of all that match the filters, last in the list first
  places: new Map(), // where in shown an id stands
  grouped: false, // one operation's requests together
  held: [], // those that came while paused
  paused: false,
  stale: false, // something was missed: list anew
  last: 0, // the newest id seen
  filter: { callback: "", phase: "", outcome: "", severity: "", text: "" },
  found: new Set(), // ids in whose bodies the server found filter.text
  searched: 0, // the newest id that the server has searched
  active: 0, // id of the list's current row
  open: 0, // id of the request in the detail
};

const $ = (id) => document.getElementById(id);

// ---- texts and elements

function t(key, values = {}) {
  return texts[key][state.language].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// closed are the values of the API's closed sets that have a word here.
const closed = new Set(["before", "after", "proceed", "refuse", "fail", "crash", "ignored", "error", "warning", "note",
  "timeout", "refused", "reset", "truncated", "no-host", "canceled", "malformed", "documents", "server", "both", "callback", "phase"]);

// named is the word for a value of a closed set, or the value itself.
const named = (value) => (closed.has(value) ? t(value) : value);

// el makes an element. Attributes that start with "on" are listeners.
function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== ""));
  return node;
}

const button = (text, onclick, attributes) => el("button", { type: "button", ...attributes, onclick }, text);

// stored reads a value of the browser's storage, after writing the one given.
// Where storage is off, nothing is kept.
function stored(storage, key, value) {
  try {
    if (value) window[storage].setItem(`imcb.${key}`, value);
    return window[storage].getItem(`imcb.${key}`);
  } catch {
    return value;
  }
}

function chooseLanguage() {
  state.language = (stored("localStorage", "language") ?? navigator.language).startsWith("zh") ? 1 : 0;
}

function switchLanguage() {
  state.language = 1 - state.language;
  stored("localStorage", "language", ["en", "zh"][state.language]);
  translate();
}

// translate puts the chosen language into the page.
function translate() {
  document.documentElement.lang = ["en", "zh-CN"][state.language];
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute(node.matches("button") ? "title" : "aria-label", t(node.dataset.label));
  }
  $("language").textContent = t("otherLanguage");
  $("language").lang = ["zh-CN", "en"][state.language];
  list.rows.clear();
  list.canvas.replaceChildren();
  showLive();
  showInfo();
  fillSelects();
  refresh();
  if (state.open) showDetail(state.open);
}

const two = (n, digits = 2) => String(n).padStart(digits, "0");

// clock is the local time with milliseconds, after the day if that is wanted.
function clock(text, withDay) {
  const d = new Date(text);
  if (Number.isNaN(d.getTime())) return text ?? "";
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${two(d.getMilliseconds(), 3)}`;
  const day = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return withDay ? `${day} ${time}` : time;
}

function latency(ms) {
  if (!(ms >= 0)) return "";
  return ms < 1000 ? `${ms.toFixed(ms < 1 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}

const number = (n) => n.toLocaleString(["en", "zh-CN"][state.language]);

let toastTimer = 0;
function toast(text) {
  $("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").textContent = ""; }, 6000);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    toast(t(copyOldWay(text) ? "copied" : "notCopied"));
  }
}

// copyOldWay works where the page has no clipboard: plain http on a network.
function copyOldWay(text) {
  const area = el("textarea", { class: "unseen" });
  const focus = document.activeElement;
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focus?.focus();
  return done;
}

// ---- the API

// call asks the API and returns the response; other than 2xx throws, with the
// status and the answer's JSON in the error.
async function call(path, options = {}) {
  const headers = { ...options.headers };
  if (state.token) headers.Authorization = `Bearer ${state.token}`;
  const response = await fetch(`api/v1/${path}`, { ...options, headers, cache: "no-store" });
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) askToken();
  throw Object.assign(new Error(answer.error ?? `HTTP ${response.status}`), { status: response.status, answer });
}

const get = async (path) => (await call(path)).json();

// attempt runs an action and shows its failure.
async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(t("failed", { error: error.message }));
  }
}

// save downloads a route: with fetch, as a link can't carry the token.
const save = (path, name) => attempt(async () => {
  const blob = await (await call(path)).blob();
  const link = el("a", { download: name });
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

// takeToken moves the token from the address to the session's storage.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")).get("token");
  state.token = stored("sessionStorage", "token", given) ?? "";
  if (given) history.replaceState(null, "", location.pathname);
}

function askToken() {
  if (!$("token").open) $("token").showModal();
}

function giveToken(event) {
  event.preventDefault();
  state.token = $("token-text").value.trim();
  stored("sessionStorage", "token", state.token);
  $("token-text").value = "";
  $("token").close();
  wake();
}

// ---- the live stream

let live = "connecting";
let wake = () => {};

function showLive(now = live) {
  live = now;
  $("live").classList.toggle("on", now === "live");
  if ($("live").textContent !== t(now)) $("live").textContent = t(now);
}

// follow keeps a stream open as long as the page lives.
async function follow() {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      await stream(() => { wait = 500; });
    } catch { /* the server is away, or wants a token */ }
    showLive("offline");
    await new Promise((done) => { wake = done; setTimeout(done, wait); });
  }
}

// stream reads events until the stream ends, fails or falls silent.
async function stream(opened) {
  await sync();
  const dead = new AbortController();
  let timer = setTimeout(() => dead.abort(), silence);
  const response = await call("events", { headers: { "Last-Event-ID": String(state.last) }, signal: dead.signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const feed = eventParser(receive);
  opened();
  showLive("live");
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => dead.abort(), silence);
      feed(part.value);
    }
  } finally {
    clearTimeout(timer);
  }
}

// sync lists anew when the server is another one than before.
async function sync() {
  const info = await get("info");
  const fresh = info.started !== state.info?.started;
  state.info = info;
  showInfo();
  if (fresh) state.last = waiting.length = 0;
  if (fresh || state.stale) await listAnew();
  if (fresh) get("rules").then(showRules, () => { $("open-rules").hidden = true; });
}

async function listAnew() {
  const answer = await get(`requests?limit=${Math.min(state.info.keep || 10_000, 10_000)}`);
  state.stale = false;
  state.all = answer.requests.toReversed();
  state.known = new Set(state.all.map((entry) => entry.id));
  state.held = [];
  state.last = Math.max(state.last, state.all.at(-1)?.id ?? 0);
  searchBodies();
  fillSelects();
  refresh();
}

// eventParser cuts a stream of Server-Sent Events into events.
function eventParser(take) {
  let rest = "";
  let event = { name: "", data: [] };
  const line = (text) => {
    if (text === "") {
      if (event.data.length) take(event.name, event.data.join("\n"));
      event = { name: "", data: [] };
    } else if (text.startsWith("event:")) event.name = text.slice(6).trim();
    else if (text.startsWith("data:")) event.data.push(text.slice(5).trim());
  };
  return (part) => {
    const lines = (rest + part).split(/\r\n|\n/);
    rest = lines.pop();
    lines.forEach(line);
  };
}

// receive takes an event of the stream.
function receive(name, data) {
  const value = JSON.parse(data);
  if (name === "request") queue(value);
  else if (name === "removed") remove(value);
  else if (name === "rules") rulesChanged();
  else if (name === "lagged") lagged();
}

function lagged() {
  state.stale = true;
  if (!state.paused) attempt(listAnew);
}

// Events come one by one and reach the list in bundles, and not while a row is
// being pressed: it would move away from under the pointer.
let waiting = [];
let flushTimer = 0;
let pressed = false;

function queue(entry) {
  waiting.push(entry);
  state.last = Math.max(state.last, entry.id);
  flushTimer ||= setTimeout(flush, 80);
}

function flush() {
  flushTimer = pressed ? setTimeout(flush, 80) : 0;
  if (pressed) return;
  const entries = waiting;
  waiting = [];
  if (state.paused) hold(entries);
  else take(entries);
}

function hold(entries) {
  state.held = state.held.concat(entries).slice(-(state.info.keep || 10_000));
  showPause();
}

// take adds entries to the list.
function take(entries) {
  const news = entries.filter((entry) => !state.known.has(entry.id));
  if (!news.length) return;
  const before = position();
  for (const entry of news) {
    insert(state.all, entry);
    state.known.add(entry.id);
  }
  trim();
  if (news.some((entry) => !callbackNames.has(entry.callback))) fillSelects();
  refresh(before);
  if (state.filter.text) searchSoon();
  announce(news.length);
  if (!state.info.looksLike && news.some((entry) => entry.differs)) askInfoSoon();
}

// askInfoSoon asks for the server's guess of who sends the requests.
let infoTimer = 0;
function askInfoSoon() {
  infoTimer ||= setTimeout(async () => {
    infoTimer = 0;
    state.info = await get("info").catch(() => state.info);
    showInfo();
  }, 1000);
}

// insert keeps the order of ids; nearly always the entry is the newest.
function insert(entries, entry) {
  let at = entries.length;
  while (at > 0 && entries[at - 1].id > entry.id) at--;
  entries.splice(at, 0, entry);
}

function trim() {
  const over = state.all.length - (state.info.keep || 10_000);
  if (over > 0) for (const entry of state.all.splice(0, over)) state.known.delete(entry.id);
}

function remove({ ids, all }) {
  const gone = new Set(ids);
  const stays = all ? () => false : (entry) => !gone.has(entry.id);
  for (const name of ["all", "held"]) state[name] = state[name].filter(stays);
  waiting = waiting.filter(stays);
  state.known = new Set(state.all.map((entry) => entry.id));
  fillSelects();
  refresh();
  showPause();
}

// announce tells a screen reader how many came, at most every five seconds.
let unsaid = 0;
let sayTimer = 0;
function announce(n) {
  unsaid += n;
  sayTimer ||= setTimeout(() => {
    $("announce").textContent = t("arrived", { n: number(unsaid) });
    unsaid = sayTimer = 0;
  }, 5000);
}

// ---- filters

const severities = ["note", "warning", "error"];
let callbackNames = new Set();

function matches(entry) {
  const f = state.filter;
  return (!f.callback || (entry.callback || "?") === f.callback)
    && (!f.phase || entry.phase === f.phase)
    && (!f.outcome || entry.outcome === f.outcome)
    && (!f.severity || severities.indexOf(entry.worst) >= severities.indexOf(f.severity))
    && (!f.text || state.found.has(entry.id) || summaryText(entry).includes(f.text));
}

function summaryText(entry) {
  entry.words ??= [entry.id, entry.callback, entry.command, entry.from, entry.remote, entry.rule, entry.note,
    entry.method, entry.status, entry.failure, entry.errCode].join(" ").toLowerCase();
  return entry.words;
}

// refresh applies the filters and draws the list.
function refresh(before = position()) {
  const plain = Object.values(state.filter).every((value) => !value);
  state.shown = plain ? state.all : state.all.filter(matches);
  if (state.grouped) state.shown = byOperation(state.shown);
  state.places = new Map(state.shown.map((entry, i) => [entry.id, i]));
  const values = { n: number(state.all.length), shown: number(state.shown.length) };
  $("count").textContent = t(plain ? "countAll" : "countShown", values);
  $("empty").hidden = state.all.length > 0 || !state.info;
  $("no-match").hidden = !state.all.length || state.shown.length > 0;
  $("grid").hidden = state.shown.length === 0;
  restore(before);
  draw();
}

// byOperation puts the requests of an operation together, the oldest at the top;
// the operations stay in the order of their newest request.
function byOperation(entries) {
  const groups = new Map();
  for (const entry of entries.toReversed()) {
    const key = entry.operation || entry.id;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(entry);
  }
  return [...groups.values()].reverse().flat();
}

function toggleOperations() {
  state.grouped = !state.grouped;
  $("operations").setAttribute("aria-pressed", state.grouped);
  refresh(null);
}

function fillSelects() {
  callbackNames = new Set(state.all.map((entry) => entry.callback));
  const names = [...callbackNames].filter(Boolean).sort();
  const unknown = callbackNames.has("") ? [["?", t("unknownCallback")]] : [];
  choices("callback", [["", t("anyCallback")], ...names.map((name) => [name, name]), ...unknown]);
  choices("phase", wordChoices("anyPhase", "before", "after"));
  choices("outcome", wordChoices("anyOutcome", "proceed", "refuse", "fail", "crash", "ignored"));
  choices("severity", [["", t("anySeverity")], ["note", t("atLeastNote")], ["warning", t("atLeastWarning")], ["error", t("atLeastError")]]);
}

const wordChoices = (any, ...words) => [["", t(any)], ...words.map((word) => [word, t(word)])];

// choices fills a select and keeps what was chosen, also when it is not there now.
function choices(name, pairs) {
  const select = $(`filter-${name}`);
  const chosen = state.filter[name];
  if (!pairs.some(([value]) => value === chosen)) pairs.push([chosen, chosen]);
  select.replaceChildren(...pairs.map(([value, text]) => el("option", { value }, text)));
  select.value = chosen;
  select.classList.toggle("set", chosen !== "");
}

function setFilter(name, value) {
  state.filter[name] = value;
  $("grid").scrollTop = 0;
  if (name !== "text") $(`filter-${name}`).classList.toggle("set", value !== "");
  refresh();
  $("announce").textContent = $("count").textContent;
}

function setSearch() {
  state.found = new Set();
  state.searched = 0;
  setFilter("text", $("search").value.trim().toLowerCase());
  searchSoon();
}

function clearFilters() {
  for (const name of Object.keys(state.filter)) state.filter[name] = "";
  $("search").value = "";
  fillSelects();
  setSearch();
  $("search").focus();
}

let searchTimer = 0;
function searchSoon() {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(searchBodies, 200);
}

// searchBodies asks the server which bodies hold the text: only it has them.
async function searchBodies() {
  const text = state.filter.text;
  if (!text) return;
  const upTo = state.last;
  const query = new URLSearchParams({ q: text, after: state.searched, limit: 10_000 });
  const answer = await attempt(() => get(`requests?${query}`));
  if (!answer || text !== state.filter.text) return;
  for (const { id } of answer.requests) state.found.add(id);
  state.searched = upTo;
  refresh();
}

// ---- the list: only the rows in view are in the document

const list = { grid: $("grid"), canvas: $("canvas"), rows: new Map(), height: 32, seen: false };
const entryAt = (index) => state.shown[state.shown.length - 1 - index];

// indexOf finds an id's place in the list, from the newest; -1 when not shown.
const indexOf = (id) => (state.places.has(id) ? state.shown.length - 1 - state.places.get(id) : -1);

// inView reports whether the row of an index is seen as a whole.
function inView(index) {
  const { grid, height } = list;
  return index >= 0 && index * height >= grid.scrollTop && (index + 1) * height <= grid.scrollTop + grid.clientHeight - headHeight();
}

const headHeight = () => (list.grid.firstElementChild.offsetHeight > 1 ? list.grid.firstElementChild.offsetHeight : 0);

// position remembers the open row where it is seen, else the row at the top,
// unless the newest is in view.
function position() {
  const opened = indexOf(state.open);
  if (inView(opened)) return { id: state.open, offset: list.grid.scrollTop - opened * list.height };
  const first = Math.floor(list.grid.scrollTop / list.height);
  if (first === 0 || first >= state.shown.length) return null;
  return { id: entryAt(first).id, offset: list.grid.scrollTop - first * list.height };
}

function restore(before) {
  list.canvas.style.height = `${state.shown.length * list.height}px`;
  const index = before ? indexOf(before.id) : -1;
  if (index >= 0) list.grid.scrollTop = index * list.height + before.offset;
}

function draw() {
  const { grid, canvas, height } = list;
  const total = state.shown.length;
  const first = Math.max(0, Math.floor(grid.scrollTop / height) - 10);
  const last = Math.min(total, Math.ceil((grid.scrollTop + grid.clientHeight) / height) + 10);
  grid.setAttribute("aria-rowcount", total + 1);
  canvas.style.height = `${total * height}px`;
  const rows = new Map();
  for (let i = first; i < last; i++) rows.set(entryAt(i).id, placedRow(i));
  for (const [id, row] of list.rows) if (!rows.has(id)) row.remove();
  let next = canvas.firstChild;
  for (const row of rows.values()) {
    if (row === next) next = next.nextSibling;
    else canvas.insertBefore(row, next);
  }
  list.rows = rows;
  list.seen = inView(indexOf(state.open));
  showActive();
}

function placedRow(index) {
  const entry = entryAt(index);
  const row = list.rows.get(entry.id) ?? makeRow(entry);
  row.style.transform = `translateY(${index * list.height}px)`;
  row.setAttribute("aria-rowindex", index + 2);
  row.classList.toggle("joined", state.grouped && Boolean(entry.operation) && entryAt(index - 1)?.operation === entry.operation);
  row.classList.toggle("open", entry.id === state.open);
  row.setAttribute("aria-selected", entry.id === state.open);
  return row;
}

function makeRow(e) {
  const total = e.findings + e.differs;
  const gridcell = (name, text, title = text) => el("span", { role: "gridcell", class: name, title }, text);
  const name = e.callback || e.command || t("unknownCallback");
  const callback = el("span", { role: "gridcell", class: "callback", title: name }, el("span", null, name));
  if (!e.callback) callback.append(el("span", { class: "tag unknown" }, t("unknown")));
  return el("div", { role: "row", class: "row", id: `row-${e.id}`, "data-id": e.id },
    gridcell("time", clock(e.time), clock(e.time, true)),
    callback,
    gridcell("phase", named(e.phase)),
    gridcell("from", e.from),
    gridcell(`outcome ${e.outcome}`, outcomeBadge(e), outcomeText(e)),
    gridcell(`findings ${e.worst}`, total ? `${total} · ${named(e.worst)}` : "", total ? t("findingsOf", { reply: e.findings, request: e.differs }) : ""),
    gridcell("latency", latency(e.elapsed_ms)));
}

function outcomeText(e) {
  const text = e.outcome ? named(e.outcome) : named(e.failure) || `HTTP ${e.status}`;
  const more = e.failure && e.outcome ? named(e.failure) : e.errCode || "";
  return `${text} ${more}`.trim();
}

const outcomeBadge = (e) => el("span", { class: `badge ${e.outcome || "ignored"}` }, outcomeText(e));

function showActive() {
  for (const [id, row] of list.rows) row.classList.toggle("active", id === state.active);
  if (list.rows.has(state.active)) list.grid.setAttribute("aria-activedescendant", `row-${state.active}`);
  else list.grid.removeAttribute("aria-activedescendant");
}

// activate makes a row the current one and brings it into view.
function activate(index) {
  const { grid, height } = list;
  index = Math.max(0, Math.min(index, state.shown.length - 1));
  const head = headHeight();
  const top = index * height;
  state.active = entryAt(index).id;
  if (top < grid.scrollTop) grid.scrollTop = top;
  else if (top + height > grid.scrollTop + grid.clientHeight - head) grid.scrollTop = top + height - grid.clientHeight + head;
  draw();
}

function gridKey(event) {
  if (!state.shown.length || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Math.max(1, Math.floor(list.grid.clientHeight / list.height) - 2);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  const now = indexOf(state.active);
  if (event.key in steps) activate(now < 0 && event.key !== "End" ? 0 : now + steps[event.key]);
  else if (event.key === "Enter" || event.key === " ") open(now < 0 ? entryAt(0).id : state.active);
  else return;
  event.preventDefault();
}

// measure learns how high rows are: it depends on width and font.
function measure() {
  const before = position();
  const { seen } = list;
  const probe = el("div", { class: "row" });
  list.canvas.append(probe);
  list.height = probe.offsetHeight || list.height;
  probe.remove();
  restore(before);
  if (seen && !inView(indexOf(state.open))) activate(indexOf(state.open));
  else draw();
}

// ---- one request

// open shows a request; the browser's Back closes it.
function open(id) {
  const address = `#${id}`;
  if (state.open) history.replaceState({ opened: true }, "", address);
  else history.pushState({ opened: true }, "", address);
  activate(indexOf(id));
  showDetail(id, true);
}

function closeDetail() {
  if (!state.open) return;
  if (history.state?.opened) history.back();
  else {
    history.replaceState(null, "", location.pathname);
    followAddress();
  }
}

function followAddress() {
  const id = Number(/^#(\d+)$/.exec(location.hash)?.[1] ?? 0);
  if (id) return showDetail(id, true);
  state.open = 0;
  $("detail").hidden = true;
  $("detail").replaceChildren();
  measure();
  list.grid.focus();
}

async function showDetail(id, focus) {
  const pane = $("detail");
  state.open = state.active = id;
  delete pane.dataset.shown;
  if (pane.hidden) pane.replaceChildren(detailHead({ id, callback: t("loading") }));
  pane.hidden = false;
  measure();
  if (indexOf(id) >= 0) activate(indexOf(id));
  const d = await get(`requests/${id}`).catch((error) => ({ id, error }));
  if (state.open !== id) return;
  if (d.error) return showFailure(pane, d);
  const places = new Map();
  const both = sides(d, places);
  pane.replaceChildren(detailHead(d), actions(d), verdict(d, places), both, why(d));
  pane.dataset.shown = id;
  if (!focus) return;
  pane.scrollTop = 0;
  pane.querySelector("h2").focus();
}

function showFailure(pane, { id, error }) {
  const gone = error.status === 404;
  pane.replaceChildren(detailHead({ id }), el("section", null, el("p", null, gone ? t("gone") : error.message)));
  if (gone) remove({ ids: [id] });
}

function detailHead(d) {
  const go = (by) => {
    const next = indexOf(d.id) < 0 ? undefined : entryAt(indexOf(d.id) + by);
    if (next) open(next.id);
  };
  const step = (arrow, key, by) => button(arrow, () => go(by), { class: "quiet", title: t(key), "aria-label": t(key) });
  return el("header", null,
    button(t("back"), closeDetail, { class: "back" }),
    el("h2", { tabindex: -1 }, d.callback || d.command || t("unknownCallback")),
    step("↑", "newer", -1), step("↓", "older", 1),
    button(t("close"), closeDetail, { class: "quiet shut" }));
}

function facts(d) {
  const command = d.command && d.command !== d.callback ? d.command : "";
  const by = d.forwarded ? t("byForward") : d.rule ? t("byRule", { rule: d.rule }) : t("byDefault");
  const all = [`#${d.id}`, clock(d.time, true), command, named(d.phase), d.from, d.remote, latency(d.elapsed_ms), size(d.bytes), by];
  return el("p", { class: "facts" },
    d.callback ? null : el("span", { class: "tag unknown" }, t("unknown")),
    all.filter(Boolean).map((text) => el("span", null, text)));
}

function actions(d) {
  const to = state.info?.resendTo;
  const again = el("div", { class: "again" });
  const resend = async (event) => {
    event.target.disabled = true;
    const answer = await attempt(async () => (await call(`requests/${d.id}/resend`, { method: "POST" })).json());
    event.target.disabled = false;
    if (answer) again.replaceChildren(resent(answer));
  };
  return el("section", { class: "about-it", "aria-label": t("actions") },
    facts(d),
    el("div", { class: "tools" },
      d.curl ? button(t("copyCurl"), () => copy(d.curl)) : null,
      d.suiteCase ? button(t("copyCase"), () => copy(d.suiteCase)) : null,
      d.callback && d.phase === "before" ? button(t("makeRule"), () => makeRule(d)) : null,
      to ? button(t("resend", { to }), resend) : null),
    again);
}

function resent(answer) {
  return el("div", { class: "side", role: "status" },
    el("h3", null, t("resent", { to: answer.to })),
    answer.verdict ? [verdictSaid(answer.verdict, answer.words), findingCards(answer.verdict.findings), effects(answer.verdict)] : null,
    reply(answer, answer.verdict?.findings ?? []));
}

// ---- the verdict

// findingCards are findings as a whole, the notes folded.
function findingCards(findings, places) {
  const cards = (all) => all.map((f) => findingView(f, places?.get(f)));
  const notes = cards(findings.filter((f) => f.severity === "note"));
  return [cards(findings.filter((f) => f.severity !== "note")),
    notes.length ? el("details", { class: "side" }, el("summary", null, t("notes", { n: notes.length })), notes) : null];
}

function verdict(d, places) {
  const said = d.verdict ? [verdictSaid(d.verdict, d.words), findingCards(d.verdict.findings, places), effects(d.verdict)] : [d.callback && d.note ? null : el("p", null, t(d.callback ? "undecided" : "noVerdict"))];
  return el("section", { class: "verdict" },
    el("h3", null, t("verdict")),
    d.note ? el("p", { class: "notice", lang: "en" }, d.note) : null,
    said,
    d.differs?.length ? [el("h3", null, t("differsIn")), findingCards(d.differs, places)] : null,
    d.verdict && d.words?.length ? [el("h3", null, t("byVersion")), wordsTable(d.words)] : null);
}

function verdictSaid(v, words) {
  const ours = words?.find((w) => w.server === state.info?.server);
  return el("p", { class: "said" },
    badge(v.outcome),
    ours ? [" ", el("span", { lang: "en" }, ours.text)] : null);
}

function effects(v) {
  const c = v.client ?? {};
  const client = c.errCode ? ["errCode ", el("b", null, c.errCode), " ", c.errMsg, c.errDlt && c.errDlt !== c.errMsg ? ` (${c.errDlt})` : ""] : t("success");
  const row = (key, value) => [el("dt", null, t(key)), el("dd", null, value)];
  const fields = (key, paths) => (paths?.length ? row(key, paths.flatMap((path, i) => [i ? " " : null, code(path)])) : []);
  return [
    el("dl", { class: "pairs" }, row("clientSees", client), fields("applied", v.applied), fields("ignoredFields", v.ignored), fields("wiped", v.wiped)),
    v.changes?.length ? changes(v.changes) : null,
  ];
}

function cut(value, limit = stringLimit) {
  const text = String(value ?? "");
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

const code = (value, limit) => el("code", null, cut(value, limit));

const changes = (all) => table(["field", "value"],
  all.map((c) => el("tr", null, cell(code(c.path)), cell([code(c.before || "–"), " → ", code(c.after)]))));

const table = (heads, rows) => el("table", null,
  el("thead", null, el("tr", null, heads.map((key) => el("th", { scope: "col" }, t(key))))), el("tbody", null, rows));

const cell = (content, attributes) => el("td", attributes, content);

// wordsTable says it per version; neighbours that say the same share a row.
function wordsTable(words) {
  const groups = [];
  for (const w of words) {
    const last = groups.at(-1);
    const text = w.text.replace(` ${w.server} `, " ");
    if (last && last.outcome === w.outcome && last.text === text) last.servers.push(w.server);
    else groups.push({ outcome: w.outcome, text, servers: [w.server] });
  }
  return el("div", { class: "words" }, table(["versions", "outcome", "effect"], groups.map((g) => el("tr", { class: g.servers.includes(state.info?.server) ? "ours" : "" },
    cell(g.servers.length > 1 ? `${g.servers[0]} – ${g.servers.at(-1)}` : g.servers[0], { class: "narrow" }),
    cell(g.outcome ? badge(g.outcome) : "–", { class: "narrow" }),
    cell(g.text, { lang: "en" })))));
}

const badge = (outcome) => el("span", { class: `badge ${outcome}` }, named(outcome));

// ---- request and reply

// sides notes in places where findings stand in the bodies.
function sides(d, places) {
  return el("section", { class: "sides" },
    el("div", { class: "side" },
      el("h3", null, t("request")),
      el("code", { class: "line" }, `${d.request.method} ${cut(d.request.url)}`),
      headers(d.request.headers),
      message(d.request, d.differs ?? [], `requests/${d.id}/body`, `request-${d.id}.bin`, places)),
    reply(d, d.verdict?.findings ?? [], places));
}

function reply(d, findings, places) {
  const r = d.reply ?? {};
  const status = r.status ? `HTTP ${r.status}` : "";
  return el("div", { class: "side" },
    el("h3", null, t("reply")),
    el("code", { class: "line" }, [status, latency(r.elapsed_ms)].filter(Boolean).join("  ")),
    r.error || d.failure ? el("p", { class: "notice error" }, t("noReply", { failure: [named(r.error || d.failure), r.detail].filter(Boolean).join(": ") })) : null,
    headers(r.headers),
    message(r, findings, d.id ? `requests/${d.id}/reply` : "", `reply-${d.id}.bin`, places));
}

function headers(all = []) {
  if (!all?.length) return null;
  const row = ([name, value]) => el("tr", { title: name === "Operationid" ? t("operationID") : null }, cell(cut(name, 200)), cell(cut(value)));
  return el("details", null, el("summary", null, t("headers", { n: all.length })),
    el("table", { class: "headers" }, el("tbody", null, all.slice(0, 200).map(row))));
}

// message is a body, with the findings that have a place in it, in short.
function message(m, findings, path, name, places = new Map()) {
  const body = m.bodyBase64 ? binaryBody(m.bodyBase64) : m.body ? textBody(m.body, findings, places) : el("p", { class: "dim" }, t("noBody"));
  return [
    body.node ?? body,
    path && (m.body || m.bodyBase64) ? el("div", null, button(t("download"), () => save(path, name), { class: "quiet" })) : null,
  ];
}

// jump shows where in the body a finding stands.
function jump(f, node) {
  const go = () => {
    node.scrollIntoView({ block: "center" });
    node.focus();
  };
  return button(cut(f.path, 120), go, { class: "quiet jump", title: t("toPlace") });
}

const findingShort = (f) => el("div", { class: `finding ${f.severity}`, tabindex: -1 },
  el("span", { class: `severity ${f.severity}` }, named(f.severity)), " ", el("code", null, f.path), " ", el("span", { lang: "en" }, cut(f.message)));

// findingView is a finding as a whole; place is where it stands in a body.
function findingView(f, place) {
  const values = [f.got && t("got", { got: cut(f.got, 300) }), f.want && t("want", { want: cut(f.want, 300) })];
  return el("div", { class: `finding ${f.severity}` },
    el("span", { class: `severity ${f.severity}` }, named(f.severity)), " ",
    f.path ? [place ? jump(f, place) : el("code", null, f.path), " "] : null,
    el("span", { lang: "en" }, cut(f.message)),
    f.hint ? el("span", { class: "hint", lang: "en" }, " → ", cut(f.hint)) : null,
    el("span", { class: "source", title: f.source }, " ", [...values, `[${f.rule}]`, f.contract && named(f.contract)].filter(Boolean).join(" · ")),
    f.fix ? el("div", { class: "snippet" }, el("pre", null, cut(f.fix)), button(t("copyFix"), () => copy(f.fix), { class: "quiet" })) : null);
}

function binaryBody(base64) {
  const bytes = Math.floor((base64.length * 3) / 4) - (/=*$/.exec(base64.slice(-2))[0].length);
  const start = [...atob(base64.slice(0, 1024))].map((c) => two(c.charCodeAt(0).toString(16)));
  const rows = Array.from({ length: Math.ceil(start.length / 16) }, (_, i) => start.slice(i * 16, i * 16 + 16).join(" "));
  return box(el("p", { class: "dim" }, t("binary", { size: size(bytes) })), el("pre", null, rows.join("\n")));
}

const box = (...children) => el("div", { class: "body", role: "group", tabindex: 0, "aria-label": t("body") }, children);

// textBody lays JSON out with its findings; anything else is shown as it came.
function textBody(text, findings, places) {
  const lines = text.length <= prettyLimit ? layOutOrNull(text) : null;
  if (!lines || lines.length > lineLimit) return plainBody(text);
  const { on, before } = placeFindings(lines, findings);
  const cards = (all = []) => all.map((f) => {
    places.set(f, findingShort(f));
    return places.get(f);
  });
  return { node: box(lines.map((line) => [cards(before.get(line)), lineView(line, on.get(line)), cards(on.get(line))])) };
}

// plainBody shows a body that is no JSON or too long to be laid out.
function plainBody(text) {
  const content = box(el("pre", null, text.slice(0, prettyLimit)));
  if (text.length <= prettyLimit) return { node: content };
  const note = el("p", { class: "dim" }, t("bigBody", { size: size(text.length) }), " ");
  const showAll = () => {
    content.replaceChildren(...chunks(indented(text)));
    note.remove();
  };
  if (text.length <= plainLimit) note.append(button(t("showAll"), showAll, { class: "quiet" }));
  return { node: el("div", { class: "side" }, note, content) };
}

function indented(text) {
  const lines = layOutOrNull(text)?.map((line) => "  ".repeat(Math.min(line.depth, 40)) + line.parts.map(([, part]) => part).join(""));
  return lines ?? text.split("\n");
}

// chunks cuts many lines into pieces; a browser lays out only those in view.
function* chunks(lines) {
  for (let i = 0; i < lines.length; i += 500) {
    const piece = lines.slice(i, i + 500);
    const pre = el("pre", { class: "chunk" }, piece.join("\n"));
    pre.style.containIntrinsicBlockSize = `auto ${piece.length * 1.5}em`;
    yield pre;
  }
}

// placeFindings maps lines to the findings that stand on them. What is missing
// stands before the end of the nearest thing around it.
function placeFindings(lines, findings) {
  const first = new Map();
  const last = new Map();
  for (const line of lines) {
    const pointer = line.pointer.toLowerCase();
    if (!first.has(pointer)) first.set(pointer, line);
    last.set(pointer, line);
  }
  const placed = { on: new Map(), before: new Map() };
  for (const f of findings.filter((finding) => finding.path)) {
    let pointer = f.path.toLowerCase();
    const exact = first.has(pointer);
    while (pointer && !first.has(pointer)) pointer = pointer.slice(0, pointer.lastIndexOf("/"));
    const [where, line] = exact ? [placed.on, first.get(pointer)] : [placed.before, last.get(pointer)];
    if (line) where.set(line, [...(where.get(line) ?? []), f]);
  }
  return placed;
}

function lineView(line, findings) {
  const node = el("div", { class: `line ${line.nested ? "nested" : ""} ${findings ? `hit ${findings[0].severity}` : ""}` });
  node.style.paddingInlineStart = `${Math.min(line.depth, 40) * 2 + 3.5}ch`;
  for (const [kind, text] of line.parts) node.append(...part(kind, text));
  return node;
}

function part(kind, text) {
  if (text.length <= stringLimit) return [el("span", { class: kind }, text)];
  const span = el("span", { class: kind }, text.slice(0, stringLimit));
  const more = button(t("showMore", { n: number(text.length - stringLimit) }), () => {
    span.textContent = text;
    more.remove();
  }, { class: "quiet" });
  return [span, more];
}

// ---- JSON

const jsonToken = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const escapePointer = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");

function layOutOrNull(text) {
  try {
    return layOut(text, "", 0, 0);
  } catch {
    return null;
  }
}

// layOut cuts JSON text into indented lines of coloured parts, each with the
// pointer of its value. It works on the text, as parsing would round large
// numbers and drop doubled keys. Text that is not JSON throws.
function layOut(text, pointer, depth, level) {
  JSON.parse(text);
  // around are the boxes that are open, at is the pointer of the value under
  // way; fresh: the next token begins an item.
  const out = { lines: [], around: [], at: pointer, fresh: false, depth, level };
  beginLine(out, pointer);
  for (const [token] of text.matchAll(jsonToken)) addToken(out, token);
  return out.lines;
}

const beginLine = (out, pointer) => out.lines.push({ depth: out.depth + out.around.length, pointer, nested: out.level > 0, parts: [] });
const addPart = (out, kind, token) => out.lines.at(-1).parts.push([kind, token]);

function addToken(out, token) {
  if (token === "}" || token === "]") return closeBox(out, token);
  const isKey = out.fresh && beginItem(out, token);
  out.fresh = token === "{" || token === "[" || token === ",";
  if (isKey) addPart(out, "key", token);
  else if (token[0] === '"') addString(out, token);
  else if (/^[\w-]/.test(token)) addPart(out, /^[tfn]/.test(token) ? "word" : "number", token);
  else addPart(out, "mark", token === ":" ? ": " : token);
  if (token === "{" || token === "[") out.around.push({ pointer: out.at, isList: token === "[", count: 0 });
}

// beginItem begins the line of a list's or object's next item, and reports
// whether the token is the item's key.
function beginItem(out, token) {
  const box = out.around.at(-1);
  out.at = `${box.pointer}/${box.isList ? box.count++ : escapePointer(JSON.parse(token))}`;
  beginLine(out, out.at);
  return !box.isList;
}

function closeBox(out, token) {
  const box = out.around.pop();
  if (!out.fresh) beginLine(out, box.pointer);
  out.fresh = false;
  addPart(out, "mark", token);
}

// addString adds a string; one that holds JSON, as content does, laid out.
function addString(out, token) {
  const line = out.lines.at(-1);
  const inner = out.level < 3 && /^"\s*(\{|\[)/.test(token) ? JSON.parse(token) : "";
  let nested = null;
  try { nested = inner && layOut(inner, out.at, line.depth, out.level + 1); } catch { /* it only looks like JSON */ }
  if (!nested) return addPart(out, "string", token);
  line.parts.push(["tag", t("jsonInString")], ...nested[0].parts);
  out.lines.push(...nested.slice(1));
}

// ---- why this answer

function why(d) {
  const content = el("div");
  const load = async (event) => {
    if (!event.target.open) return;
    const answer = await attempt(() => get(`requests/${d.id}/explain`));
    if (answer) content.replaceChildren(...explanation(answer));
  };
  return el("section", null, el("details", { ontoggle: load }, el("summary", { class: "why" }, t("why")), content));
}

function explanation({ rules, note }) {
  const told = note === "as the rules are now" ? t("asNow") : note;
  const views = (rules ?? []).map((rule) => el("div", { class: "rule" },
    el("p", null, code(rule.name), " ", el("span", { class: rule.matched ? "yes" : "no" }, t(rule.matched ? "matched" : "notMatched"))),
    table(["criterion", "wanted", "found", "met"], (rule.criteria ?? []).map(criterion))));
  return [el("p", { class: "dim" }, told), ...(views.length ? views : [el("p", null, t("noRules"))])];
}

const criterion = (c) => el("tr", null, cell(closed.has(c.what) ? t(c.what) : code(c.what)), cell(code(c.want, 300)), cell(code(c.got, 300)),
  cell(t(c.ok ? "yes" : "no"), { class: c.ok ? "yes" : "no" }));

// ---- the rule editor

const editor = { area: $("rules-text"), loaded: "", example: "", count: 0, problem: "", wrong: new Set() };

async function openRules() {
  const now = await attempt(() => get("rules"));
  if (!now) return;
  const draft = editor.area.value !== editor.loaded;
  if (!draft) loadRules(now);
  else $("rules-elsewhere").hidden = now.text === editor.loaded;
  showRules(now);
  $("rules").showModal();
  showLines();
  editor.area.focus();
}

// sentBy is the condition of a rule for the user who acts.
function sentBy(d) {
  let body = null;
  try { body = JSON.parse(d.request.body); } catch { /* any user */ }
  const field = d.from && Object.keys(body ?? {}).find((key) => body[key] === d.from && /^\w+$/.test(key));
  return field ? `, where: {${field}: ${JSON.stringify(d.from)}}` : "";
}

// makeRule puts a rule that refuses such requests before the others, in the
// editor; where the receiver has no rules it is copied.
async function makeRule(d) {
  const { errCode, errMsg } = d.verdict?.outcome === "refuse" ? d.verdict.client : { errCode: 5001, errMsg: "refused by imcb" };
  const said = JSON.stringify(errMsg || "refused by imcb").replaceAll("${", "$${");
  const rule = `- match: {callback: ${d.callback}${sentBy(d)}}\n  refuse: {errCode: ${errCode}, errMsg: ${said}}\n`;
  if ($("open-rules").hidden) return copy(rule);
  await openRules();
  const { area } = editor;
  const start = /^rules:[ \t]*(\[\])?[ \t]*(#.*)?\n?/m.exec(area.value);
  const at = start ? start.index + start[0].length : area.value.length;
  const indent = /^( *)- /.exec(area.value.slice(at).replace(/^(?: *#.*\n|\s*\n)*/, ""))?.[1] ?? "  ";
  const head = start ? start[0].replace("[]", "").trimEnd() : `${area.value && !area.value.endsWith("\n") ? "\n" : ""}rules:`;
  area.setRangeText(`${head}\n${rule.replace(/^(?=.)/gm, indent)}`, start ? start.index : at, at, "select");
  showResult();
}

function loadRules(now) {
  editor.loaded = editor.area.value = now.text;
  editor.loaded = editor.area.value; // a textarea has its own line ends
  $("rules-elsewhere").hidden = true;
  showResult();
}

function showRules(now) {
  $("open-rules").hidden = false;
  editor.count = now.rules;
  editor.problem = now.error;
  editor.example = now.example ?? "";
  const source = { flags: t("fromFlags"), edited: t("fromEdit") }[now.source] ?? now.source;
  $("rules-source").textContent = t("rulesFrom", { source });
  $("rules-example").hidden = !editor.example;
  $("rules-file-error").hidden = !now.error;
  $("rules-file-error").textContent = t("fileNotTaken", { error: now.error });
  showRulesButton();
}

// rulesChanged is told by the stream: by this page, another one or the file.
async function rulesChanged() {
  const now = await attempt(() => get("rules"));
  if (!now) return;
  if (!$("rules").open) return showRules(now);
  if (editor.area.value === editor.loaded && now.text !== editor.loaded) loadRules(now);
  else $("rules-elsewhere").hidden = now.text === editor.loaded || now.text === editor.area.value;
  showRules(now);
}

function showRulesButton() {
  $("open-rules").textContent = t("rulesCount", { n: editor.count }) + (editor.problem ? " !" : "");
  $("open-rules").classList.toggle("alert", Boolean(editor.problem));
}

// submitRules sends the text to be checked, or to be checked and taken.
async function submitRules(path, method, done) {
  try {
    const sent = editor.area.value;
    const response = await call(path, { method, headers: { "Content-Type": "application/yaml" }, body: sent });
    const now = await response.json();
    showResult([], t(done, { n: now.rules }));
    if (method !== "PUT") return;
    editor.loaded = sent;
    $("rules-elsewhere").hidden = true;
    showRules(now);
  } catch (error) {
    const errors = error.answer?.errors ?? [{ message: error.message }];
    showResult(errors, method === "PUT" ? t("notTaken") : "");
  }
}

function showResult(errors = [], said = "") {
  editor.wrong = new Set(errors.map((e) => e.line));
  const items = errors.slice(0, 50).map((e) => el("li", { class: "finding error" },
    e.line ? button(t("atLine", { line: e.line }), () => goToLine(e.line, e.column), { class: "quiet" }) : null, " ",
    el("span", { lang: "en" }, e.message),
    e.excerpt ? el("pre", null, e.excerpt) : null));
  $("rules-result").replaceChildren(el("p", { class: errors.length ? "no" : "yes" }, said), el("ul", null, items));
  showLines();
}

function showLines() {
  const count = editor.area.value.split("\n").length;
  if ($("rules-lines").childElementCount !== count || editor.wrong.size || $("rules-lines").querySelector(".wrong")) {
    const mark = (_, i) => el("div", { class: editor.wrong.has(i + 1) ? "wrong" : "" }, String(i + 1));
    $("rules-lines").replaceChildren(...Array.from({ length: Math.min(count, 20_000) }, mark));
  }
  $("rules-lines").scrollTop = editor.area.scrollTop;
}

function goToLine(line, column = 1) {
  const before = editor.area.value.split("\n").slice(0, line - 1);
  const at = before.reduce((sum, text) => sum + text.length + 1, 0) + Math.max(0, column - 1);
  editor.area.focus();
  editor.area.setSelectionRange(at, at);
  editor.area.scrollTop = (line - 4) * (editor.area.scrollHeight / editor.area.value.split("\n").length);
}

// startFromExample leaves the old text to the editor's own undo.
function startFromExample() {
  editor.area.focus();
  editor.area.select();
  if (!document.execCommand("insertText", false, editor.example)) editor.area.value = editor.example;
  showResult();
}

const resetRules = () => attempt(async () => {
  await call("reset?what=rules", { method: "POST" });
  const now = await get("rules");
  loadRules(now);
  showRules(now);
});

// ---- the frame

function showInfo() {
  const info = state.info;
  document.title = t("title");
  showRulesButton();
  showPause();
  if (!info) return;
  $("server").textContent = t(info.looksLike ? "looksLike" : "openIM", { server: info.title, other: info.looksLike });
  $("url").textContent = $("url").title = info.url;
  $("empty-url").textContent = info.url;
  $("empty-send").textContent = `imcb send --all --url ${info.url}`;
}

function showPause() {
  $("pause").textContent = state.paused ? t("resume", { n: number(state.held.length) }) : t("pause");
  $("pause").setAttribute("aria-pressed", state.paused);
}

function togglePause() {
  state.paused = !state.paused;
  const held = state.held;
  if (!state.paused) {
    state.held = [];
    if (state.stale) attempt(listAnew);
    else take(held);
  }
  showPause();
}

function askForget() {
  $("forget-title").textContent = t("forgetTitle", { n: number(state.all.length + state.held.length) });
  $("forget").showModal();
}

const forget = () => attempt(async () => {
  await call("requests", { method: "DELETE" });
  remove({ all: true });
  $("forget").close();
});

function documentKey(event) {
  const typing = event.target.matches("input, textarea, select");
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    if (!$("search").offsetParent) $("filters").open = true;
    $("search").focus();
  } else if (event.key === "Escape" && event.target !== $("search")) closeDetail();
}

function listen() {
  const on = (id, type, listener) => $(id).addEventListener(type, listener);
  document.addEventListener("keydown", documentKey);
  window.addEventListener("popstate", followAddress);
  window.addEventListener("online", () => wake());
  for (const name of ["callback", "phase", "outcome", "severity"]) on(`filter-${name}`, "change", (event) => setFilter(name, event.target.value));
  for (const node of document.querySelectorAll("[data-copy]")) node.addEventListener("click", () => copy($(node.dataset.copy).textContent));
  for (const node of document.querySelectorAll("[data-close]")) node.addEventListener("click", () => $(node.dataset.close).close());
  on("search", "input", setSearch);
  on("show-all", "click", clearFilters);
  on("language", "click", switchLanguage);
  on("operations", "click", toggleOperations);
  on("pause", "click", togglePause);
  on("download", "click", () => save("journal", "imcb-journal.jsonl"));
  on("clear", "click", askForget);
  on("forget-all", "click", forget);
  on("token-form", "submit", giveToken);
  listenToRules(on);
  listenToList();
}

function listenToRules(on) {
  on("open-rules", "click", openRules);
  on("rules-text", "input", () => { editor.wrong = new Set(); showLines(); });
  on("rules-text", "scroll", () => { $("rules-lines").scrollTop = editor.area.scrollTop; });
  on("rules-check", "click", () => submitRules("rules/check", "POST", "checked"));
  on("rules-apply", "click", () => submitRules("rules", "PUT", "taken"));
  on("rules-example", "click", startFromExample);
  on("rules-reset", "click", resetRules);
  on("rules-load", "click", () => attempt(async () => loadRules(await get("rules"))));
}

function listenToList() {
  const { grid, canvas } = list;
  grid.addEventListener("scroll", draw, { passive: true });
  grid.addEventListener("keydown", gridKey);
  grid.addEventListener("pointerdown", () => { pressed = true; });
  for (const type of ["pointerup", "pointercancel"]) window.addEventListener(type, () => { pressed = false; });
  canvas.addEventListener("click", (event) => {
    const row = event.target.closest("[data-id]");
    if (row && getSelection().isCollapsed) open(Number(row.dataset.id));
  });
  new ResizeObserver(measure).observe(grid);
  const wide = matchMedia("(min-width: 44.01rem)");
  const unfold = () => { $("filters").open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
}

function start() {
  chooseLanguage();
  takeToken();
  listen();
  translate();
  if (location.hash) followAddress();
  follow();
}

start();
